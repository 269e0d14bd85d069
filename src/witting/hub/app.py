"""The hub as one application: its routes, who may use them, how it says no, and what every answer carries.

Invariant: every route goes through `check_access`; a route without a row in the table of policies isn't served at all.
"""

from urllib.parse import urlsplit

from litestar import Litestar
from litestar.datastructures import MutableScopeHeaders, State
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import Message, Scope

from witting.hub.backup import replay
from witting.hub.config import HubConfig
from witting.hub.door.access import check_access, route_rows
from witting.hub.door.routes import HANDLERS, MAX_STATEMENT_BYTES
from witting.hub.hub import open_hub
from witting.hub.pages.routes import PAGES
from witting.hub.problems import explain, explain_http, explain_unexpected
from witting.hub.vault.erasure import resume_erasures
from witting.hub.vault.storing import sweep
from witting.hub.witnessing import Watch
from witting.terms.clock import Clock
from witting.terms.errors import WittingError

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # no-referrer would make browsers hide the origin of our own forms
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


def create_app(config: HubConfig, *, clock: Clock | None = None) -> Litestar:
    """Return the application of a hub; what a crash cut short is finished before it answers.

    Raises:
        StoreLockedError: the hub's keys or database can't be opened.
        RuntimeError: a route has no row in the table of policies.
    """
    hub = open_hub(config, clock=clock)
    resume_erasures(hub)
    replay(hub)
    sweep(hub, is_alone=True)
    handlers = [*HANDLERS, *PAGES]
    _check_table(handlers)
    watch = Watch(hub)
    return Litestar(
        route_handlers=handlers,
        guards=[check_access],
        state=State({"hub": hub, "watch": watch, "hosts": _hosts(config)}),
        exception_handlers={WittingError: explain, HTTPException: explain_http, Exception: explain_unexpected},
        before_send=[_add_headers],
        request_max_body_size=max(config.max_object_bytes, MAX_STATEMENT_BYTES),
        on_startup=[watch.start],
        on_shutdown=[watch.stop, hub.close],
        openapi_config=None,
        logging_config=None,
    )


def _check_table(handlers: list[HTTPRouteHandler]) -> None:
    rows = route_rows()
    without = [str(handler) for handler in handlers if handler.opt.get("action") not in rows]
    if without:
        message = f"routes without a row in policies/routes.toml: {', '.join(without)}"
        raise RuntimeError(message)


def _hosts(config: HubConfig) -> frozenset[str]:
    """Return the names under which the hub answers, so that another site's name can't be pointed at it."""
    return frozenset({"127.0.0.1", "localhost", "::1", config.host, urlsplit(config.public_url).hostname or config.host})


async def _add_headers(message: Message, _scope: Scope) -> None:
    """Put our headers on every answer, those of unknown paths included."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in HEADERS.items():
            headers[name] = value
