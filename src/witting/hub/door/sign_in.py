"""Signing in to the pages of those who run a programme: a token, typed in once, becomes a cookie of one browser for some hours.

The cookie is a keyed digest under the token, so that a new token ends every cookie, and nothing is kept here. Invariant: a cookie counts
only for reading, or for a form of the hub's own pages.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from litestar.datastructures import Cookie

from witting.hub.tokens import TOKEN_ROLES, Role, role_of_token, token_of

COOKIE = "witting-hub"
_HOURS = 8
_SAFE = frozenset({"GET", "HEAD"})


def cookie_for(tokens_dir: Path, token: str, *, now: datetime, is_secure: bool) -> Cookie | None:
    """Return the cookie that a token is traded for; None when it is nobody's."""
    role = role_of_token(tokens_dir, token)
    if role == "anonymous":
        return None
    until = int((now + timedelta(hours=_HOURS)).timestamp())
    value = f"{role}.{until}.{_seal(token.strip(), role, until=until)}"
    return Cookie(key=COOKIE, value=value, httponly=True, samesite="strict", path="/", secure=is_secure)


def role_of_cookie(tokens_dir: Path, cookie: str, *, now: datetime) -> Role:
    """Return the role that a cookie shows; anonymous when it is old, foreign, or its token was replaced."""
    name, _, rest = cookie.partition(".")
    until, _, seal = rest.partition(".")
    role: Role | None = next((known for known in TOKEN_ROLES if known == name), None)
    if role is None or not until.isdecimal() or not until.isascii() or len(until) > len("9999999999"):
        return "anonymous"
    token = token_of(tokens_dir, role)
    if not token or not hmac.compare_digest(seal.encode(), _seal(token, role, until=int(until)).encode()):
        return "anonymous"
    return role if now <= datetime.fromtimestamp(int(until), UTC) else "anonymous"


def is_own_form(method: str, *, origin: str, host: str) -> bool:
    """Whether a request only reads, or is a form sent from the hub's own pages."""
    return method in _SAFE or (bool(host) and urlsplit(origin).netloc == host)


def _seal(token: str, role: Role, *, until: int) -> str:
    return hmac.new(token.encode(), f"witting-sign-in\0{role}\0{until}".encode(), hashlib.sha256).hexdigest()
