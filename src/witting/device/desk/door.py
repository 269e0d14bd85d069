"""Who may use the desk: the person who was given its address, in a browser on this machine, on the desk's own pages.

The address carries a token that a browser trades for a cookie; each form carries a token of its own path; the Host must be this machine's
(DNS rebinding) and nothing may come from another site. Knows nothing of what the pages do. Invariant: a request that isn't known to be
allowed gets 403 and reaches no handler, whatever route it asks for.
"""

import hashlib
import hmac
import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # no-referrer would make browsers hide the origin of our own forms
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
TOKEN_FIELD = "_form"  # noqa: S105 - the name of a form field
_SAFE = frozenset({"GET", "HEAD"})


class Door:
    """The secrets of one running desk; gone when it stops."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(24)  # in the address
        self._secret = secrets.token_bytes(32)
        mark = hashlib.sha256(self.token.encode()).hexdigest()[:8]  # desks on other ports share a browser's jar
        self._cookie_name = f"witting-desk-{mark}"

    def form_token(self, path: str) -> str:
        """Return what a form that posts to `path` must carry."""
        return hmac.new(self._secret, b"form\0" + path.encode(), hashlib.sha256).hexdigest()

    async def check(self, request: Request[Any, Any, Any]) -> Response[Any] | None:
        """Return None to let a request in, or the answer that keeps it out."""
        if not _is_here(request):
            return _refused("this page is for this machine's own browser")
        if request.method in _SAFE and "token" in request.query_params:
            return self._welcome(request)
        if not self._knows(request.cookies.get(self._cookie_name, "")):
            return _refused("open the address that `witting desk` printed")
        if request.method not in _SAFE and not await self._is_our_form(request):
            return _refused("this form isn't from these pages; go back, reload and try again")
        return None

    def _welcome(self, request: Request[Any, Any, Any]) -> Response[Any]:
        """Trade the address's token for a cookie, and drop it from the address."""
        if not hmac.compare_digest(request.query_params.get("token", "").encode(), self.token.encode()):
            return _refused("open the address that `witting desk` printed")
        rest = urlencode([(key, value) for key, value in request.query_params.multi_items() if key != "token"])
        cookie = Cookie(key=self._cookie_name, value=self._cookie_value(), httponly=True, samesite="strict", path="/")
        return Redirect(request.url.path + (f"?{rest}" if rest else ""), status_code=303, cookies=[cookie])

    def _cookie_value(self) -> str:
        return hmac.new(self._secret, b"cookie", hashlib.sha256).hexdigest()

    def _knows(self, cookie: str) -> bool:
        return hmac.compare_digest(cookie.encode(), self._cookie_value().encode())

    async def _is_our_form(self, request: Request[Any, Any, Any]) -> bool:
        form = await request.form()
        return hmac.compare_digest(str(form.get(TOKEN_FIELD, "")).encode(), self.form_token(request.url.path).encode())


def _is_here(request: Request[Any, Any, Any]) -> bool:
    """Whether host and, where the browser says them, origin and site are the desk's own."""
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "none")
    if urlsplit(f"//{host}").hostname not in HOSTS or site not in {"none", "same-origin"}:
        return False
    return origin is None or origin == f"http://{host}"


def _refused(message: str) -> Response[str]:
    return Response(f"witting: {message}\n", status_code=403, media_type="text/plain", headers=HEADERS)
