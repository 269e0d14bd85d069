"""Where a participant stands, as `consent.json` says it: the file that the recorder watches. Every change is a step of the table of states.

Knows neither receipts nor hub. Invariant: a file that can't be read is no consent, and a step that the table doesn't know changes nothing.
"""

from pathlib import Path

import msgspec

from witting.consent.states import become
from witting.device.spool.disk import write_private
from witting.terms.consent import ConsentStatus

CONSENT_FILE = "consent.json"
WITHDRAWN_FILE = "withdrawn"


class ConsentState(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in consent.json; the recorder runs only while `status` is "given" or "reconfirmed"."""

    status: ConsentStatus
    programme_id: str = ""
    programme_digest: str = ""
    receipt_id: str = ""
    changed_at: str = ""  # RFC 3339 UTC


def read_state(data_dir: Path) -> ConsentState | None:
    """Return what consent.json says; None when there is none or it can't be read: no consent."""
    try:
        return msgspec.json.decode((data_dir / CONSENT_FILE).read_bytes(), type=ConsentState)
    except (OSError, msgspec.MsgspecError):
        return None


def write_state(data_dir: Path, state: ConsentState) -> None:
    """Replace consent.json; on disk when this returns. Where there is none yet, only a request may begin.

    Raises:
        NoConsentError: no such step is possible from where the participant stands.
    """
    before = read_state(data_dir)
    if before is not None:
        become(before.status, state.status)
    elif state.status != "requested":
        become("invalidated", state.status)
    write_private(data_dir / CONSENT_FILE, msgspec.json.encode(state))
