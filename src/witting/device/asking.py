"""Being asked again: what a person agreed to before, what is asked now, and whether the hub asks for something else meanwhile.

Knows no pages. Invariant: what was agreed to is kept until the next yes, however often the question changes in between.
"""

from datetime import date
from pathlib import Path

import msgspec

from witting.consent.asking import quiet_until
from witting.consent.changes import Change, changes
from witting.device.enrolment import AGREED_FILE, Enrolment, start_join
from witting.device.send import HubClient
from witting.device.standing import read_state
from witting.terms.clock import parse_rfc3339
from witting.terms.hub import ProgrammeOffer


def look_again(enrolment: Enrolment, *, hub: HubClient) -> bool:
    """Fetch what the invitation opens now; where that isn't what was agreed to, recording stops and the person is asked anew.

    Raises:
        HubUnreachableError: the hub can't be reached; nothing was changed.
        IntegrityError: what it offers isn't what its digests say; nothing was changed.
    """
    if hub.offer(enrolment.invite).programme_digest == enrolment.offer.programme_digest:
        return False
    start_join(f"{enrolment.hub_url}/join/{enrolment.invite}", enrolment.data_dir, hub=hub, clock=enrolment.clock)
    return True


def agreed_before(data_dir: Path) -> ProgrammeOffer | None:
    """Return the offer of the last yes where another is asked about now; None where there is none, or it can't be read."""
    try:
        return msgspec.json.decode((data_dir / AGREED_FILE).read_bytes(), type=ProgrammeOffer)
    except (OSError, msgspec.MsgspecError):
        return None


def changed_since_yes(enrolment: Enrolment) -> list[Change]:
    """Return what is asked otherwise than what was agreed to, those changes first that oblige to ask; none where nothing changed."""
    before = agreed_before(enrolment.data_dir)
    return changes(before.programme, enrolment.programme) if before is not None else []


def asked_no_sooner_than(enrolment: Enrolment) -> date | None:
    """Return until when nobody may remind somebody who said no to being asked again; None where they didn't."""
    state = read_state(enrolment.data_dir)
    if state is None or state.status != "refused":
        return None
    return quiet_until(enrolment.programme, refused_at=parse_rfc3339(state.changed_at))
