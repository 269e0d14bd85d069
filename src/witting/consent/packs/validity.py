"""Until when law packs may be rested on: a law that nobody looked at for long may have changed, and a pack may say itself when it ends.

Pure. Invariant: under several packs the one that ends first counts.
"""

from datetime import date

from witting.consent.deadlines import add_months
from witting.consent.packs.loading import packs_of
from witting.consent.packs.rows import Pack
from witting.terms.errors import ProgrammeError
from witting.terms.programme import Programme

TRUSTED_MONTHS = 24  # after this a row that nobody held against its source again carries nothing; a year before, every check warns


def ends_on(pack: Pack) -> date:
    """Return the first day on which a pack doesn't count any more."""
    unchecked = add_months(min(row.verified_on for row in pack.rows), TRUSTED_MONTHS)
    return min(unchecked, pack.expires_on or unchecked)


def valid_until(programme: Programme) -> date:
    """Return the first day on which one of a programme's packs doesn't count; one that isn't there never did."""
    try:
        return min(map(ends_on, packs_of(programme)))
    except ProgrammeError:
        return date.min
