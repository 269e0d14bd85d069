"""The states of consent and every step between them, as one table that device and hub both ask.

States are those of ISO/IEC TS 27560 and DPV ConsentStatus. Pure. Invariant: only *given* and *reconfirmed* permit anything, and no state
leads into either of them but by a person's own yes.
"""

from datetime import datetime

from witting.consent.gate import IN_FORCE, moment
from witting.terms.consent import ConsentReceipt, ConsentStatus
from witting.terms.errors import NoConsentError

STEPS: dict[ConsentStatus, frozenset[ConsentStatus]] = {
    "requested": frozenset({"requested", "given", "reconfirmed", "refused", "withdrawn", "invalidated", "terminated"}),
    "given": frozenset({"given", "requested", "reconfirmed", "withdrawn", "expired", "invalidated", "terminated"}),
    "reconfirmed": frozenset({"given", "requested", "reconfirmed", "withdrawn", "expired", "invalidated", "terminated"}),
    "expired": frozenset({"given", "requested", "reconfirmed", "withdrawn", "invalidated", "terminated"}),
    "invalidated": frozenset({"given", "requested", "withdrawn", "terminated"}),
    "refused": frozenset({"requested", "withdrawn", "terminated"}),
    "withdrawn": frozenset({"requested", "withdrawn"}),
    "terminated": frozenset({"withdrawn"}),
}
"""Where each state may lead. Asked again and chosen anew stay what they are; what ended begins again only by being asked."""
YES: frozenset[ConsentStatus] = IN_FORCE
"""The states that a person's yes makes."""


def may_become(before: ConsentStatus, after: ConsentStatus) -> bool:
    """Whether one state may lead to the other."""
    return after in STEPS[before]


def become(before: ConsentStatus, after: ConsentStatus) -> ConsentStatus:
    """Return the state after a step.

    Raises:
        NoConsentError: no such step is possible; nothing was changed.
    """
    if not may_become(before, after):
        message = f"consent that is {before} can't become {after}; nothing was changed"
        raise NoConsentError(message, hint="open the link of an invitation to be asked again")
    return after


def leading_to(after: ConsentStatus) -> frozenset[ConsentStatus]:
    """Return the states from which one can be reached in one step."""
    return frozenset(before for before, afters in STEPS.items() if after in afters)


def state_at(status: ConsentStatus, receipt: ConsentReceipt | None, *, at: datetime) -> ConsentStatus:
    """Return the state at an aware time: a yes whose time is over has expired; without a receipt and an end to read, it is none."""
    if status not in IN_FORCE:
        return status
    if receipt is None or (ends := moment(receipt.expires_at)) is None:
        return become(status, "invalidated")
    return become(status, "expired") if at >= ends else status
