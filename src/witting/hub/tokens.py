"""The tokens of steward, lab and auditor: one random secret in a 0600 file each, made with the hub.

For one machine; where there are many people, an identity provider takes this place. Invariant: comparing takes the same time whatever is
wrong, and a missing file lets nobody in.
"""

import hmac
import os
import secrets
from pathlib import Path
from typing import Literal

Role = Literal["anonymous", "participant", "steward", "lab", "auditor"]
TOKEN_ROLES: tuple[Role, ...] = ("steward", "lab", "auditor")
ROLES: tuple[Role, ...] = ("anonymous", "participant", *TOKEN_ROLES)


def make_tokens(folder: Path) -> dict[Role, Path]:
    """Make a token for each role that has one and return their files."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = {role: folder / role for role in TOKEN_ROLES}
    for file in files.values():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(secrets.token_urlsafe(32) + "\n")
    return files


def role_of_token(folder: Path, token: str) -> Role:
    """Return whose token it is; anonymous when it is nobody's."""
    found: Role = "anonymous"
    for role in TOKEN_ROLES:
        known = token_of(folder, role)
        if known and hmac.compare_digest(known.encode(), token.encode()):
            found = role
    return found


def token_of(folder: Path, role: Role) -> str:
    """Return the token of a role; empty when it has none."""
    file = folder / role
    return file.read_text("ascii").strip() if file.is_file() else ""
