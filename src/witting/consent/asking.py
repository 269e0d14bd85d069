"""When people may be asked again after a no: never sooner than every law pack of the programme allows, and never within a month.

Pure. Knows nothing of pages. Invariant: a pack more never makes the time shorter.
"""

from datetime import date, datetime

from witting.consent.deadlines import add_months
from witting.consent.packs.combining import combine
from witting.consent.packs.loading import packs_of
from witting.terms.programme import Programme

LEAST_MONTHS = 1  # of quiet after a no, whatever the law says


def quiet_until(programme: Programme, *, refused_at: datetime) -> date:
    """Return the first day on which somebody who said no then may be asked again without wishing it."""
    return add_months(refused_at.date(), max(LEAST_MONTHS, combine(packs_of(programme)).quiet_months))
