"""One session → what was seen in it, as tallies of public or redacted names; what two of them say together is a sum.

Knows steps and records; not whose they are. Invariant: a tally holds names and counts, no time of day, no place in the session and nobody's
id; lengths of time are in five steps.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from witting.actions import steps
from witting.hub.insight.lasting import LONGEST_STEP_NS, lasted_ns
from witting.hub.insight.naming import (
    COLUMNS,
    EDITABLE,
    NEXT_FIELD,
    ROWS,
    SECOND_NS,
    app_place,
    bucket,
    command_of_entry,
    command_of_keys,
    label,
    page_place,
    public_list,
)
from witting.hub.insight.repeats import repeats
from witting.hub.insight.troubles import find_troubles
from witting.terms.events import TaskMark
from witting.terms.geometry import Rect
from witting.terms.programme import Programme
from witting.terms.session import Record
from witting.terms.tree import UiNode
from witting.terms.work import Step

Key = tuple[str, ...]
"""The kind of figure, then the parts of what was seen."""
Tally = Counter[Key]
APART_NS = 5 * LONGEST_STEP_NS  # what lies further apart isn't one way
_ENTRIES = frozenset({"menuitem", "menu item", "check menu item", "radio menu item"})


def tally(records: Sequence[Record], programme: Programme) -> Tally:
    """Return what was seen in a session."""
    made = [step for step in steps(records) if app_place(programme, step.action.app, url=step.action.url)]
    found: Tally = Counter()
    for kind, keys in (
        ("paths", _paths(made, programme)),
        ("listed", _listed(made, programme)),
        ("tasks", _tasks(made, records)),
        ("ways", _ways(made)),
    ):
        found.update((kind, *key) for key in keys)
    for stay in _stays(made, programme):
        found["places", page_place(programme, stay[0].action.app, url=stay[0].action.url), bucket(lasted_ns(stay))] += (
            1 + lasted_ns(stay) // SECOND_NS
        )
    for trouble in find_troubles(records, made, programme=programme):
        found["troubles", trouble.place, trouble.kind] += 1
        if trouble.point is not None:
            found.update(("spots", trouble.app, *cell) for cell in _cell(trouble.point, trouble.screen))
    for routine, weight in repeats(made).items():
        found["routines", *routine] += weight
    return found


def _paths(made: Sequence[Step], programme: Programme) -> Iterator[Key]:
    """Yield each way from one place to another."""
    for before, after in pairwise(made):
        one, other = (page_place(programme, step.action.app, url=step.action.url) for step in (before, after))
        if one != other and after.action.timestamp_ns - before.action.end_ns <= APART_NS:
            yield one, other


def _listed(made: Sequence[Step], programme: Programme) -> Iterator[Key]:
    """Yield each way of the fixed list."""
    known = set(public_list(programme))
    for before, after in pairwise(made):
        way = (app_place(programme, before.action.app, url=before.action.url), app_place(programme, after.action.app, url=after.action.url))
        if way in known and after.action.timestamp_ns - before.action.end_ns <= APART_NS:
            yield way


def _stays(made: Sequence[Step], programme: Programme) -> Iterator[list[Step]]:
    """Yield the steps of each stay at a place."""
    stay: list[Step] = []
    for step in made:
        place = page_place(programme, step.action.app, url=step.action.url)
        if stay and place != page_place(programme, stay[0].action.app, url=stay[0].action.url):
            yield stay
            stay = []
        stay.append(step)
    if stay:
        yield stay


def _tasks(made: Sequence[Step], records: Sequence[Record]) -> Iterator[Key]:
    """Yield each task that was stated and ended as done, with how long its steps took."""
    begun: TaskMark | None = None
    for mark in sorted((record for record in records if isinstance(record, TaskMark)), key=lambda one: one.timestamp_ns):
        if begun is not None and mark.state == "done":
            inside = [step for step in made if begun.timestamp_ns <= step.action.timestamp_ns <= mark.timestamp_ns]
            if inside and label(begun.instruction):
                yield label(begun.instruction), bucket(lasted_ns(inside))
        begun = mark if mark.state == "begin" else None


def _ways(made: Sequence[Step]) -> Iterator[Key]:
    """Yield each command by its way, and each change of field by its way."""
    for step, following in pairwise([*made, None]):
        if step is None:
            continue
        action, node = step.action, target_of(step)
        if action.kind == "key" and (command := command_of_keys(action.key)):
            yield action.app, command, "keys"
        elif action.kind == "key" and action.key.removeprefix("shift+") == "Tab":
            yield action.app, NEXT_FIELD, "keys"
        elif action.kind == "click" and node is not None and node.role in _ENTRIES and (command := command_of_entry(node.name)):
            yield action.app, command, "pointer"
        elif action.kind == "click" and node is not None and node.role in EDITABLE and _is_typing(following):
            yield action.app, NEXT_FIELD, "pointer"


def _is_typing(step: Step | None) -> bool:
    return step is not None and step.action.kind == "type"


def target_of(step: Step) -> UiNode | None:
    """Return the node that a step was aimed at, where it is known."""
    tree, target = step.observation.tree, step.action.target
    return tree.nodes[target] if tree is not None and 0 <= target < len(tree.nodes) else None


def _cell(point: tuple[int, int], screen: Rect) -> Iterator[Key]:
    """Yield the twelfth of the screen that a point lies in; nothing where the screen isn't known."""
    if not screen.is_empty and screen.contains(*point):
        row = (point[1] - screen.y) * len(ROWS) // screen.height
        column = (point[0] - screen.x) * len(COLUMNS) // screen.width
        yield ROWS[row], COLUMNS[column]
