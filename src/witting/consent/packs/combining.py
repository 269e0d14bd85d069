"""Several packs at once: of every limit the strictest, of everything that must be said or mustn't be done the union.

Pure. Invariant, held by a property test over random subsets: what comes out is never looser than any pack that went in.
"""

from collections.abc import Iterable

import msgspec

from witting.consent.packs.rows import (
    Act,
    AnyRow,
    Cadence,
    Deadline,
    KeepAtLeast,
    NoticeText,
    Pack,
    Point,
    Prohibition,
    Quiet,
    RetentionMax,
    Threshold,
    Unit,
    Use,
)

DAYS: dict[Unit, int] = {"hours": 0, "calendar_days": 1, "business_days": 1, "weeks": 7, "months": 28, "years": 365}
# what a unit is at least; a year of keeping is 365 days, so that a leap year never makes it longer


class Duties(msgspec.Struct, frozen=True, kw_only=True):
    """What several packs ask together."""

    packs: tuple[str, ...]
    fields: frozenset[str]  # what the programme must say
    points: frozenset[Point]  # what the notice must say
    sentences: tuple[str, ...]  # word for word
    forbidden: frozenset[Use]
    deadlines: tuple[Deadline, ...]  # all of them: which one ends first depends on the day it starts
    every_months: dict[Act, int]  # what is done again, at least so often
    most_days: int | None  # recordings are kept no longer
    papers: tuple[KeepAtLeast, ...]
    quiet_months: int  # after a no, nobody is asked again for so long
    least_group: int  # fewer people never make a group


def combine(packs: Iterable[Pack]) -> Duties:
    """Return what the packs ask together; bills and failed bills count too, for whoever names such a pack wants it kept."""
    given = sorted(packs, key=lambda pack: pack.id)
    rows: list[AnyRow] = [row for pack in given for row in pack.rows]
    cadences = [row for row in rows if isinstance(row, Cadence)]
    limits = [row.value * DAYS[row.unit] for row in rows if isinstance(row, RetentionMax)]
    return Duties(
        packs=tuple(pack.id for pack in given),
        fields=frozenset(field for row in rows if row.is_required for field in row.fields),
        points=frozenset(point for row in rows for point in row.points),
        sentences=tuple(sorted({row.verbatim for row in rows if isinstance(row, NoticeText)})),
        forbidden=frozenset(use for row in rows if isinstance(row, Prohibition) for use in row.uses),
        deadlines=tuple(row for row in rows if isinstance(row, Deadline)),
        every_months={act: min(row.months for row in cadences if row.act == act) for act in sorted({row.act for row in cadences})},
        most_days=min(limits, default=None),
        papers=tuple(row for row in rows if isinstance(row, KeepAtLeast)),
        quiet_months=max((row.months for row in rows if isinstance(row, Quiet)), default=0),
        least_group=max((row.value for row in rows if isinstance(row, Threshold) and row.of == "group"), default=1),
    )
