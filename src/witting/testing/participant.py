"""A synthetic participant's device with a hub in memory: joins, puts sample sessions into the spool, looks, sends, leaves.

For tests and for trying the desk; nothing here records. Invariant: every step goes through the calls a real device makes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import httpx
import msgspec

from witting.consent.programme import read_programme
from witting.device.enrolment import Enrolment, offered_grants, start_join
from witting.device.review import preview, summarise
from witting.device.sending import note_review
from witting.device.spool import Spool
from witting.terms.clock import rfc3339
from witting.terms.events import VoiceAudio
from witting.terms.programme import Programme
from witting.terms.session import Record, SessionEnd
from witting.testing.memory_hub import MemoryHub
from witting.testing.sample_session import SITE, sample_header, sample_records

LINK = "https://hub.example.org/join/inv-1"
SESSION = "5e" * 16


@dataclass
class Participant:
    """A device's data directory and the hub it talks to."""

    data_dir: Path
    hub: MemoryHub = field(default_factory=lambda: MemoryHub(sample_programme()))
    down: set[str] = field(default_factory=set)  # "METHOD /path" beginnings that fail as a dead network does
    passes: int = 10**6  # how many more requests get through

    def __post_init__(self) -> None:
        """Put the dead network between device and hub."""
        self.hub.before = self._fail

    def join(self) -> Enrolment:
        """Open the invitation and opt in to everything offered."""
        enrolment = start_join(LINK, self.data_dir, hub=self.hub.client())
        enrolment.give_consent(offered_grants(enrolment.programme), hub=self.hub.client())
        return enrolment

    def record(self, enrolment: Enrolment, session_id: str = SESSION, *, frames: int = 3, sounds: Sequence[VoiceAudio] = ()) -> Spool:
        """Put a sample session into the spool, made under the receipt in force; `sounds` of voice notes stand at its end."""
        header = msgspec.structs.replace(
            sample_header(session_id, receipt_id=enrolment.receipt.receipt_id),
            programme_id=enrolment.programme.id,
            programme_digest=enrolment.offer.programme_digest,
            purposes=(enrolment.programme.purposes[0].id,),
            recorded_at=rfc3339(enrolment.clock.now().replace(minute=0, second=0, microsecond=0)),
        )
        spool = enrolment.open_spool()
        writer = spool.open_session(header)
        for record in list(sample_records(header, frames=frames))[1:]:
            if isinstance(record, SessionEnd):
                for sound in sounds:
                    writer.append(sound)
                made, kept = ({**counts, "voice": counts.get("voice", 0) + len(sounds)} for counts in (record.produced, record.kept))
                writer.close(msgspec.structs.replace(record, produced=made, kept=kept))
            else:
                writer.append(record)
        return spool

    def see(self, enrolment: Enrolment, session_id: str = SESSION) -> list[Record]:
        """Be shown what would leave, as page and command line do, and return it."""
        spool = enrolment.open_spool()
        shown = list(preview(spool, session_id, marks=spool.marks(session_id)))
        note_review(enrolment, spool, session_id=session_id, content_digest=summarise(shown).content_digest)
        return shown

    def _fail(self, method: str, path: str) -> None:
        """Fail a request if it is to."""
        self.passes -= 1
        if self.passes < 0 or any(f"{method} {path}".startswith(start) for start in self.down):
            raise httpx.ConnectError("no route")


def sample_programme() -> Programme:
    """Return the example programme that `witting programme new` writes, its browser site being the sample session's."""
    example = files("witting.consent").joinpath("example.toml").read_text("utf-8")
    return read_programme(example.replace("https://forms.example.org", SITE))
