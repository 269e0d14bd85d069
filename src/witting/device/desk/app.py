"""The desk as one application: its routes behind one door, and what every answer carries.

Invariant: no route is reached without passing the door, and no answer may be stored or framed.
"""

from typing import Any

from litestar import Litestar, Request
from litestar.datastructures import MutableScopeHeaders
from litestar.di import Provide
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR
from litestar.types import Message, Scope

from witting.device.desk import (
    routes_asking,
    routes_deeds,
    routes_enquiries,
    routes_groups,
    routes_joining,
    routes_leaving,
    routes_now,
    routes_own,
    routes_routines,
    routes_sessions,
    routes_used,
)
from witting.device.desk.config import DeskConfig
from witting.device.desk.desk import Desk
from witting.device.desk.door import HEADERS, Door
from witting.device.desk.pages import Pages
from witting.terms.errors import WittingError

_MAX_FORM_BYTES = 1_000_000


def create_desk(config: DeskConfig, *, door: Door | None = None) -> Litestar:
    """Return the application of a participant's desk; without `door` nobody knows the token, so nobody gets in."""
    keeper = door or Door()
    pages = Pages(Desk(config), keeper)

    async def provide_pages() -> Pages:
        return pages

    return Litestar(
        route_handlers=[
            *routes_now.HANDLERS,
            *routes_own.HANDLERS,
            *routes_joining.HANDLERS,
            *routes_asking.HANDLERS,
            *routes_sessions.HANDLERS,
            *routes_deeds.HANDLERS,
            *routes_routines.HANDLERS,
            *routes_leaving.HANDLERS,
            *routes_used.HANDLERS,
            *routes_enquiries.HANDLERS,
            *routes_groups.HANDLERS,
        ],
        dependencies={"pages": Provide(provide_pages), "fields": Provide(_fields), "grants": Provide(_grants)},
        before_request=keeper.check,
        exception_handlers={WittingError: pages.explain, HTTP_500_INTERNAL_SERVER_ERROR: pages.excuse},
        before_send=[_guard],
        request_max_body_size=_MAX_FORM_BYTES,
        openapi_config=None,
        logging_config=None,
    )


async def _guard(message: Message, scope: Scope) -> None:
    """Put the headers that every answer carries on this one, whoever made it: a page, an error of ours, or the router's 404."""
    del scope
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in HEADERS.items():
            headers[name] = value


async def _fields(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return a form's fields, the last of each name."""
    return {name: str(value) for name, value in (await request.form()).multi_items()}


async def _grants(request: Request[Any, Any, Any]) -> list[str]:
    """Return the ticked boxes."""
    return [str(value) for value in (await request.form()).getall("grant", [])]
