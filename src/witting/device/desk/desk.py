"""What the pages work on: the enrolment, the spool, the shelf of what is shown, the recorder and the hub, opened when they are asked for.

Knows no HTTP. Invariant: nothing is sent but by the methods that a person's own button calls.
"""

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from witting.consent.states import YES
from witting.device import control
from witting.device.desk.config import DeskConfig
from witting.device.desk.shown import Shelf, Shown
from witting.device.enrolment import ENROLMENT_FILE, Enrolment, open_keystore
from witting.device.leaving import RECEIPT_FILE, is_leaving
from witting.device.outbox import Outbox
from witting.device.review import Summary
from witting.device.send import HubClient
from witting.device.spool import SessionInfo
from witting.ledger.seals import KeyStore
from witting.terms.errors import IntegrityError, UsageError
from witting.terms.review import Mark

Stage = Literal["none", "asked", "in", "again", "said_no", "leaving", "left"]


@dataclass(frozen=True, slots=True)
class Line:
    """A session as a list shows it."""

    info: SessionInfo
    summary: Summary  # empty while it is being recorded
    marks: tuple[Mark, ...]


class Desk:
    """One participant's desk."""

    def __init__(self, config: DeskConfig) -> None:
        self.config = config
        self.shelf = Shelf()
        self.acts = threading.Lock()  # deeds that change something come one after the other
        self._keystore: KeyStore | None = None

    @property
    def stage(self) -> Stage:
        """Return where the participant stands: in none, asked, in one, asked again, said no to that, leaving, left with a receipt."""
        folder = self.config.data_dir
        if is_leaving(folder):
            return "leaving"
        if (folder / ENROLMENT_FILE).exists():
            return _stage_of(self.enrolment())
        return "left" if (folder / RECEIPT_FILE).exists() else "none"

    def enrolment(self) -> Enrolment:
        """Return the enrolment as it stands; raises NoConsentError when there is none."""
        return Enrolment(self.config.data_dir, keystore=self._keys(), clock=self.config.clock)

    def look_over(self) -> tuple[list[Line], list[str]]:
        """Return the sessions on this device with their numbers, oldest first, and the ids of those that can't be read to their end."""
        spool = self.enrolment().open_spool()
        lines, damaged = [], list(spool.damaged())
        for info in spool.sessions():
            try:
                summary = Summary() if info.is_recording else self.shelf.summary(spool, info.session_id)
                lines.append(Line(info, summary, spool.marks(info.session_id)))
            except IntegrityError:
                damaged.append(info.session_id)
            except (UsageError, FileNotFoundError):  # deleted meanwhile
                continue
        return lines, sorted(damaged)

    def show(self, session_id: str) -> Shown:
        """Return a session as it would leave.

        Raises:
            UsageError: there is no such session, or it is still being recorded.
        """
        spool = self.enrolment().open_spool()
        if spool.info(session_id).is_recording:
            raise UsageError("this session is still being recorded", hint="stop it on the first page, then look at it")
        return self.shelf.show(spool, session_id)

    def delete(self, session_id: str) -> int:
        """Delete a session from this machine: its key first, then its bytes; returns how many bytes went.

        Raises:
            UsageError: it was sent, or is still being recorded; nothing was deleted.
        """
        with self.acts:
            spool = self.enrolment().open_spool()
            if self.outbox().sent(session_id) is not None:
                hint = f"take it back instead: that erases it here and at the hub (`witting withdraw {session_id[:8]}`)"
                raise UsageError("this session was sent", hint=hint)
            if any(info.session_id == session_id and info.is_recording for info in spool.sessions()):
                raise UsageError("this session is still being recorded", hint="stop it first (`witting stop`), then delete it")
            spool.forget(session_id)
            freed = spool.prune()
            self.outbox().drop(session_id)
            self.shelf.forget(session_id)
        return freed

    def outbox(self) -> Outbox:
        """Return what is on its way and what arrived."""
        return Outbox(self.config.data_dir)

    def recorder(self) -> control.RecorderStatus | None:
        """Return what the recorder does, None when none runs."""
        with contextlib.suppress(UsageError):
            return control.status(self.config.control_socket)
        return None

    @contextmanager
    def hub(self, url: str) -> Iterator[HubClient]:
        """Reach the hub for as long as one deed takes."""
        with self.config.open_hub(url) as client:
            yield client

    @contextmanager
    def acting(self) -> Iterator[tuple[Enrolment, HubClient]]:
        """Do one deed that needs the hub, after any other that changes something."""
        with self.acts:
            enrolment = self.enrolment()
            with self.hub(enrolment.hub_url) as hub:
                yield enrolment, hub

    def close_keys(self) -> None:
        """Let go of the key store, before or after it is destroyed."""
        self._keystore = None

    def _keys(self) -> KeyStore | None:
        """Return the open key store; None as long as there is none on the disk, for reading a notice makes no key."""
        if self._keystore is None and (self.config.data_dir / "keys" / "device.json").exists():
            self._keystore = open_keystore(self.config.data_dir)
        return self._keystore


def _stage_of(enrolment: Enrolment) -> Stage:
    """Return where somebody stands whose machine is in a programme, or asked into one."""
    status = enrolment.status
    if status in YES:
        return "in"
    if not enrolment.signed_receipts:
        return "asked"
    return "said_no" if status == "refused" else "again"
