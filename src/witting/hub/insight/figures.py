"""Blurred counts → figures in words: what each row is called, between which numbers it lies, and what could be done about it.

Pure. Invariant: every row comes from a count that passed both gates; a list says of its fixed ways yes or nothing.
"""

from collections.abc import Mapping

from witting.hub.insight.budget import Plan
from witting.hub.insight.naming import COMMANDS, NEXT_FIELD, TROUBLES, public_list
from witting.hub.insight.tallies import Key
from witting.terms.insight import FigureKind, GroupFigure, GroupRow
from witting.terms.programme import Programme

COLUMNS: dict[FigureKind, tuple[str, ...]] = {
    "paths": ("from", "to"),
    "places": ("place", "a stay there lasts"),
    "tasks": ("task", "it takes"),
    "ways": ("app", "what for", "way"),
    "troubles": ("where", "what goes wrong"),
    "spots": ("app", "height", "side"),
    "routines": ("steps, over and over",),
    "listed": ("from", "to"),
}
ARROW = " → "
_WAYS = {"keys": "by keys", "pointer": "by menu or pointer"}
_MEND = {
    "undo burst": "See which deed is undone there; a preview or a question before it saves people the way back.",
    "back and forth": "Show in one place what people fetch from the other, or open both side by side.",
    "long hover": "Say on the button itself what it does; nobody should have to wait for its hint.",
    "repeated submit": "Let the form say at once what is wrong with it, and where, and that it was sent.",
    "error": "Say in the message what to do; see whether the form can keep that error from happening.",
}


def figures(blurred: Mapping[Key, int], plan: Plan, *, programme: Programme) -> tuple[GroupFigure, ...]:
    """Return the figures of a release, kinds without a row included, so that everybody sees what was looked for."""
    if plan.detail == "list":
        rows = [_listed(way, blurred, plan=plan, programme=programme) for way in public_list(programme)]
        return (GroupFigure(kind="listed", columns=COLUMNS["listed"], rows=tuple(rows)),)
    made = []
    for kind, columns in COLUMNS.items():
        mine = sorted((key for key in blurred if key[0] == kind), key=lambda key: (-blurred[key], key))
        rows = [_row(key, blurred[key], plan=plan, programme=programme) for key in mine]
        made += [GroupFigure(kind=kind, columns=columns, rows=tuple(rows))] if kind != "listed" else []
    return tuple(made)


def _row(key: Key, people: int, *, plan: Plan, programme: Programme) -> GroupRow:
    low, high = max(people - plan.off_by, plan.minimum), people + plan.off_by
    return GroupRow(what=_words(key, programme), people=people, low=low, high=high, then=_then(key))


def _listed(way: tuple[str, str], blurred: Mapping[Key, int], *, plan: Plan, programme: Programme) -> GroupRow:
    is_common = ("listed", *way) in blurred
    then = "Show both side by side, or carry over what is copied between them." if is_common else ""
    return GroupRow(what=tuple(_title(place, programme) for place in way), people=0, low=plan.minimum * is_common, high=0, then=then)


def _words(key: Key, programme: Programme) -> tuple[str, ...]:
    kind, *parts = key
    if kind == "routines":
        return (ARROW.join(parts),)
    words = [_title(parts[0], programme), *(_title(part, programme) if kind == "paths" else part for part in parts[1:])]
    if kind == "troubles":
        words[1] = TROUBLES.get(parts[1], parts[1])
    if kind == "ways":
        words[2] = _WAYS.get(parts[2], parts[2])
    return tuple(words)


def _title(place: str, programme: Programme) -> str:
    """Return what the programme calls an app; a page as it is, without the scheme."""
    return next((app.title for app in programme.apps if app.id == place), place.removeprefix("https://").removeprefix("http://"))


def _then(key: Key) -> str:
    """Return what could be done about a row."""
    kind, *parts = key
    if kind == "troubles":
        return _MEND.get(parts[1], "")
    if kind == "ways":
        return _then_way(*parts[1:])
    return {
        "paths": "A link straight from the one to the other, or an automation of the way, saves the search.",
        "places": "Where long stays are common, look at the form first: what is asked there twice, or could be filled in?",
        "tasks": "Where it takes long for many, look at its routines below: one may be worth automating.",
        "spots": "Look at what lies there: a name, a place or a hint that says more.",
        "routines": "Worth automating: `witting routines` finds it on each one's own machine, and each decides alone whether to run it.",
    }.get(kind, "")


def _then_way(command: str, way: str) -> str:
    if way == "keys":
        return "It is known; tell it to whoever is new."
    if command == NEXT_FIELD:
        return "Tab leads to the next field: say so beside the form, and see that its fields stand in the order they are filled in."
    return f"A tip: {COMMANDS[command][0].title()} does the same."
