"""Invitations: links that open a programme's notice and may be used once to give consent.

The hub keeps the hash of each token and whether it was used; neither by whom nor when. Invariant: an invitation that is refused or never
opened leaves nothing behind but that hash, and what a link shows is the same whether it was used or not.
"""

import hashlib
import secrets
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, insert, select, update

from witting.hub import schema
from witting.hub.config import HubConfig
from witting.hub.consents import programme_in_force
from witting.hub.database import writing
from witting.hub.hub import Hub, open_hub_at
from witting.hub.journal import Deed
from witting.ledger.log.entries import Field
from witting.terms.errors import UsageError

_TOKEN_BYTES = 18
_MOST = 10_000


def create(data_dir: Path, programme_id: str, *, count: int) -> list[str]:
    """Return `count` fresh links into a programme of the hub kept in `data_dir`; they are shown here and nowhere again.

    Raises:
        UsageError: the hub runs no such programme, or the count can't be.
    """
    with closing(open_hub_at(data_dir)) as hub:
        return invite(hub, programme_id, count=count)


def invite(hub: Hub, programme_id: str, *, count: int) -> list[str]:
    """Return `count` fresh links into a programme.

    Raises:
        UsageError: the hub runs no such programme, or the count can't be.
    """
    if not 1 <= count <= _MOST:
        message = f"{count} invitations can't be made"
        raise UsageError(message, hint=f"ask for 1 to {_MOST} at a time")
    tokens = [secrets.token_urlsafe(_TOKEN_BYTES) for _ in range(count)]
    with writing(hub.engine) as connection:
        programme_in_force(connection, programme_id)
        rows = [{"token_hash": _hash(token), "programme_id": programme_id, "is_used": False} for token in tokens]
        connection.execute(insert(schema.invitation), rows)
        fields: dict[str, Field] = {"programme_id": programme_id, "count": count}
        hub.journal.record(connection, Deed(kind="invitations_made", done_at=hub.stamp(), fields=fields))
    return [link(hub.config, token) for token in tokens]


def link(config: HubConfig, token: str) -> str:
    """Return the link that carries a token."""
    return f"{config.base_url()}/join/{token}"


def programme_invited_to(connection: Connection, token: str) -> str:
    """Return the id of the programme that a token invites to.

    Raises:
        UsageError: the hub made no such invitation.
    """
    found = connection.execute(select(schema.invitation.c.programme_id).where(schema.invitation.c.token_hash == _hash(token))).scalar()
    if found is None:
        raise UsageError("this invitation isn't one of this hub's", hint="check the link for missing characters, or ask for a new one")
    return str(found)


def use_invitation(connection: Connection, token: str) -> bool:
    """Mark an invitation as used; False when it was before."""
    table = schema.invitation
    done = connection.execute(update(table).where(table.c.token_hash == _hash(token), table.c.is_used.is_(False)).values(is_used=True))
    return done.rowcount == 1


def _hash(token: str) -> str:
    return hashlib.sha256(b"witting-invitation\0" + token.encode()).hexdigest()
