"""Opaque names: random, so that nothing about a person can be read from one or computed to it."""

import secrets

_BYTES = 16


def new_pseudonym() -> str:
    """Return a fresh name for a participant within one programme, 32 hex digits."""
    return secrets.token_hex(_BYTES)


def new_session_id() -> str:
    """Return a fresh name for a session, 32 hex digits; it says nothing of whose session it is."""
    return secrets.token_hex(_BYTES)
