"""The list of what was erased, in a file beside the database: what a restored backup has to be told before it answers anybody.

A line an erasure, on the disk before the transaction commits. It names pseudonyms and opaque ids only. Invariant: lines are only ever
added; a withdrawal that was taken is in the list.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from witting.hub.config import HubConfig
from witting.terms.errors import IntegrityError
from witting.terms.session import Signed

ERASURES_FILE = "erasures.jsonl"


class Erased(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One erasure: a participant's signed withdrawal, or sessions whose time was up."""

    at: str  # RFC 3339 UTC
    withdrawal: Signed | None = None  # as the participant signed it
    sessions: tuple[str, ...] = ()  # erased because they had been kept long enough


def erasures_path(config: HubConfig) -> Path:
    """Return where a hub keeps its list."""
    return config.data_dir / ERASURES_FILE


def note_erased(config: HubConfig, erased: Erased) -> None:
    """Add a line; on the disk when this returns."""
    descriptor = os.open(erasures_path(config), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, msgspec.json.encode(erased) + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_erased(path: Path) -> Sequence[Erased]:
    """Return the list in a file, oldest first; a last line that was cut by a crash is left out, for its transaction never committed.

    Raises:
        IntegrityError: another line can't be read, or there is no such file.
    """
    try:
        *lines, _cut = path.read_bytes().split(b"\n")
        return [msgspec.json.decode(line, type=Erased) for line in lines]
    except (OSError, msgspec.MsgspecError):
        message = f"the list of erasures {path.name} can't be read"
        raise IntegrityError(message, hint="without it a backup could bring back what people erased; nothing was restored") from None
