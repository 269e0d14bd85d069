"""What was reviewed and is on its way to the hub, and the answers to what arrived.

A parcel lies here sealed to the hub, so this device itself can't read it; it stays until the hub has it all, so that sending can break off
anywhere and go on. Knows nothing of the network. Invariant: nothing lies here that wasn't shown to the participant under its digest.
"""

import contextlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from witting.device.spool.disk import write_private
from witting.ledger.keys import open_signed
from witting.terms.errors import IntegrityError, UsageError
from witting.terms.hub import ParcelAnswer, UploadIntent
from witting.terms.session import Parcel, Signed

_T = TypeVar("_T")


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel that arrived, with the hub's answer."""

    parcel: Parcel
    answer: ParcelAnswer
    sent_at: str  # RFC 3339 UTC


class Outbox:
    """The parcels below `data_dir`/outbox, one folder per session."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "outbox"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, session_id: str, intent: Signed, *, objects: Mapping[str, bytes]) -> None:
        """Keep a parcel until it has arrived; an older one of the session is dropped first."""
        self.drop(session_id)
        folder = self._of(session_id)
        for made in (folder, folder / "objects"):  # parents would be made as the umask likes
            made.mkdir(mode=0o700)
        for digest, data in objects.items():
            write_private(folder / "objects" / digest, data)
        write_private(folder / "intent.json", msgspec.json.encode(intent))

    def intent(self, session_id: str) -> Signed | None:
        """Return the signed ask of a parcel that waits here, None when none does."""
        with contextlib.suppress(FileNotFoundError):
            return _decode((self._of(session_id) / "intent.json").read_bytes(), Signed)
        return None

    def read_object(self, session_id: str, digest: str) -> bytes:
        """Return a sealed object of a waiting parcel."""
        try:
            return (self._of(session_id) / "objects" / digest).read_bytes()
        except FileNotFoundError:
            raise UsageError("the hub asks for an object that isn't part of the parcel", hint="nothing more was sent; try again") from None

    def settle(self, session_id: str, sent: Sent) -> None:
        """Keep the hub's answer and drop the parcel's bytes."""
        write_private(self._of(session_id) / "sent.json", msgspec.json.encode(sent))
        shutil.rmtree(self._of(session_id) / "objects", ignore_errors=True)
        (self._of(session_id) / "intent.json").unlink(missing_ok=True)

    def sent(self, session_id: str) -> Sent | None:
        """Return what arrived of a session, None when nothing did."""
        with contextlib.suppress(FileNotFoundError):
            return _decode((self._of(session_id) / "sent.json").read_bytes(), Sent)
        return None

    def all_sent(self) -> tuple[Sent, ...]:
        """Return everything that arrived, by session id."""
        found = (self.sent(folder.name) for folder in sorted(self._folder.iterdir()))
        return tuple(sent for sent in found if sent is not None)

    def is_waiting(self, session_id: str) -> bool:
        """Whether a parcel of the session hasn't arrived yet."""
        return (self._of(session_id) / "intent.json").exists()

    def drop(self, session_id: str) -> None:
        """Remove whatever lies here of a session."""
        shutil.rmtree(self._of(session_id), ignore_errors=True)

    def _of(self, session_id: str) -> Path:
        if not session_id.isalnum():
            raise UsageError("a session's id is letters and digits only", hint="`witting episodes` lists what is here")
        return self._folder / session_id


def parcel_of(intent: Signed) -> Parcel:
    """Return the parcel that a signed ask is about."""
    upload = open_signed(intent, "upload", statement_type=UploadIntent)
    return open_signed(upload.parcel, "parcel", statement_type=Parcel, key=intent.key)


def _decode(data: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError:
        raise IntegrityError("a file of the outbox can't be read", hint="review and send the session again") from None
