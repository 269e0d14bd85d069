"""Who may use which route: the role a request shows, and Cedar's answer to it. Denied by default.

A participant shows a signature, never a password; the others show a token. Invariant: a route without a row in `policies/routes.toml`
answers nobody, and no handler runs before Cedar said yes.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import cedarpy
import msgspec
from anyio import to_thread
from litestar.connection import ASGIConnection, Request
from litestar.handlers import BaseRouteHandler

from witting.hub.door.sign_in import COOKIE, is_own_form, role_of_cookie
from witting.hub.door.uploads import ENDED, ENDED_HINT, knows_upload
from witting.hub.hub import Hub
from witting.hub.tokens import Role, role_of_token
from witting.ledger.keys import open_signed
from witting.terms.errors import NoConsentError, UsageError, WittingError
from witting.terms.session import Signed

UPLOAD_ID = "upload id"


class RouteRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of `policies/routes.toml`."""

    action: str  # names the route in the policies
    method: str  # HTTP method
    path: str  # with `{parameters}`
    roles: tuple[Role, ...]  # who may
    shown_by: str = ""  # how a participant shows who they are


class NotAllowedError(WittingError):
    """The role shown may not do this; nothing was done."""

    exit_code = 2


@cache
def route_rows() -> dict[str, RouteRow]:
    """Return the table of routes by action."""
    table = tomllib.loads(files("witting.hub.policies").joinpath("routes.toml").read_text(encoding="utf-8"))
    return {row.action: row for row in msgspec.convert(table["route"], list[RouteRow])}


def may(role: Role, action: str) -> bool:
    """Return what the policies say."""
    request = {"principal": f'Role::"{role}"', "action": f'Action::"{action}"', "resource": 'Hub::"this"', "context": {}}
    return bool(cedarpy.is_authorized(request, _policies(), []).allowed)


async def check_access(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let a request through to its handler only if the policies allow it to the role it shows.

    Raises:
        NotAllowedError: they don't.
        NoConsentError: it names an upload that isn't open.
        UsageError: it holds no signed statement where one is needed.
        SignatureError: it brings a statement that isn't signed by the key it names.
    """
    if _host(connection.headers.get("host", "")) not in connection.app.state.hosts:
        raise NotAllowedError("the hub doesn't answer under this name", hint="use the address in your invitation")
    row = route_rows().get(str(handler.opt.get("action", "")))
    role = "anonymous" if row is None else await _role(connection, row)
    if row is not None and row.shown_by == UPLOAD_ID and role == "anonymous":
        raise NoConsentError(ENDED, hint=ENDED_HINT)
    if row is None or not may(role, row.action):
        raise NotAllowedError("this isn't allowed to whoever asked", hint="the table of routes and roles is in the hub's documentation")


async def _role(connection: ASGIConnection[Any, Any, Any, Any], row: RouteRow) -> Role:
    """Return the role that a request shows; anonymous when it shows none."""
    hub: Hub = connection.app.state.hub
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token:
        return role_of_token(hub.config.tokens_dir, token)
    if row.shown_by == UPLOAD_ID:
        upload_id = str(connection.path_params.get("upload_id", ""))
        return "participant" if await to_thread.run_sync(knows_upload, hub, upload_id) else "anonymous"
    if row.shown_by and isinstance(connection, Request):
        open_signed(read_signed(await connection.body()), row.shown_by, statement_type=msgspec.Raw)
        return "participant"
    return "anonymous" if row.shown_by else _signed_in(connection)


def _signed_in(connection: ASGIConnection[Any, Any, Any, Any]) -> Role:
    """Return the role that a browser signed in as; anonymous for a form that isn't from the hub's own pages."""
    hub: Hub = connection.app.state.hub
    headers = connection.headers
    if not is_own_form(str(connection.scope.get("method", "")), origin=headers.get("origin", ""), host=headers.get("host", "")):
        return "anonymous"
    return role_of_cookie(hub.config.tokens_dir, connection.cookies.get(COOKIE, ""), now=hub.now())


def _host(header: str) -> str:
    """Return the name in a Host header, without its port."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def read_signed(body: bytes) -> Signed:
    """Return the signed statement in a request's body.

    Raises:
        UsageError: it isn't one.
    """
    try:
        return msgspec.json.decode(body, type=Signed)
    except msgspec.MsgspecError:
        raise UsageError(
            "the request holds no signed statement", hint="nothing was stored; check that device and hub fit together"
        ) from None


@cache
def _policies() -> cedarpy.PolicySet:
    return cedarpy.PolicySet.from_str(files("witting.hub.policies").joinpath("hub.cedar").read_text(encoding="utf-8"))
