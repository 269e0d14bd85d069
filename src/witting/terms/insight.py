"""What a release of figures about groups says: to everybody the same. Counts of people behind a way, a place or a trouble; nobody's own.

The types are the whole of what can be told. Invariant, held by a test: no field here names a person or a session, or has room for how
well, how fast or in which mood anybody works, or when they didn't; days are the finest time.
"""

from typing import Literal

import msgspec

from witting.terms.hub import LogProof

FigureKind = Literal["paths", "places", "tasks", "ways", "troubles", "spots", "routines", "listed"]
"""paths: from one place to the next; places: how long a stay there lasts; tasks: how long a stated task takes; ways: a command by keys or
by menu, a field by Tab or pointer; troubles: where what goes wrong; spots: where on the screen that is; routines: steps done again and
again; listed: whether a way of a fixed public list is common, yes or not shown."""
FIGURE_KINDS: tuple[FigureKind, ...] = ("paths", "places", "tasks", "ways", "troubles", "spots", "routines", "listed")
TITLES: dict[FigureKind, tuple[str, str]] = {
    "paths": ("Common ways", "From which page or app people go to which."),
    "places": ("How long a stay lasts", "In five steps; a pause counts for no more than a minute."),
    "tasks": ("How long tasks take", "Tasks that people stated, in five steps."),
    "ways": ("Keys or menus", "How people give a command or go to the next field."),
    "troubles": ("Where people get stuck", "Apps and pages that make trouble."),
    "spots": ("Where on the screen that is", "Each screen in twelve fields; the darker, the more people."),
    "routines": ("Worth automating", "Steps done over and over that take most time. A round may begin at any of its steps."),
    "listed": ("Ways between apps", "A fixed list; nothing else was looked at."),
}
"""What each kind is called on pages, and one sentence about it."""
Detail = Literal["figures", "list"]


class GroupRow(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that enough people share."""

    what: tuple[str, ...]  # its parts, as `GroupFigure.columns` names them
    people: int  # about so many, blurred; 0 in a list, which says yes and no more
    low: int  # with the blur: at least so many, in 95 of 100 cases
    high: int  # and at most so many
    then: str  # what could be done about it


class GroupFigure(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of figure with everything that may be shown of it."""

    kind: FigureKind
    columns: tuple[str, ...]  # what the parts of its rows are
    rows: tuple[GroupRow, ...]  # most people first


class GroupRelease(msgspec.Struct, frozen=True, kw_only=True):
    """A release: made once, never changed, the same for everybody."""

    programme_id: str
    number: int  # counted from 1
    released_on: str  # YYYY-MM-DD
    detail: Detail  # all figures, or only the fixed list
    smallest: int  # what fewer people share is never shown
    off_by: int  # in 95 of 100 cases a count is off by no more
    epsilon: float  # of one person all releases up to this one tell no more (differential privacy)
    epsilon_in_all: float  # the programme's whole budget
    delta: float  # but with this chance
    releases_in_all: int  # into so many the budget is divided
    figures: tuple[GroupFigure, ...]


class GroupStanding(msgspec.Struct, frozen=True, kw_only=True):
    """What the next release can be, said by public numbers alone."""

    detail: Literal["figures", "list", "nothing"]
    why: str  # one plain sentence
    next_on: str  # YYYY-MM-DD from which it may be made; empty when there will be none
    smallest: int  # of how many people what is shown has to be
    releases_left: int


class ReleaseShown(msgspec.Struct, frozen=True, kw_only=True):
    """A release as anybody gets it: with its pictures, and the entry of the log that it and its charge stand in."""

    release: bytes  # JSON of GroupRelease, as the log's entry names it by digest
    pictures: dict[str, str]  # SVG by kind of figure
    proof: LogProof  # with its opening


class InsightShown(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about groups of one programme."""

    programme_id: str
    standing: GroupStanding
    releases: tuple[ReleaseShown, ...]  # newest first
