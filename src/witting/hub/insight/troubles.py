"""Where work got stuck: undo bursts, back and forth, long hovers before a click, repeated submits, error messages.

Pure. It tells of apps and pages that make trouble, not of people who have it. Invariant: each trouble is found by what happened on the
screen alone; no speed, no pause and no error of typing counts.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from witting.hub.insight.naming import SECOND_NS, app_place, command_of_keys, page_place
from witting.terms.events import Hover, PageForm, PageNavigation
from witting.terms.geometry import Rect
from witting.terms.programme import Programme
from witting.terms.session import Record
from witting.terms.tree import UiTree
from witting.terms.work import POINTED, Step

BURST, BURST_NS = 3, 10 * SECOND_NS
TURNS, TURNS_NS = 3, 60 * SECOND_NS
HOVER_NS, NEAR_PX, AFTER_NS = 3 * SECOND_NS, 24, 2 * SECOND_NS
AGAIN_NS = 60 * SECOND_NS
_OVERLAYS = frozenset({"alert", "alertdialog", "dialog"})
_WRONG = re.compile(
    r"\b(error|failed|invalid|not found|denied|fehler\w*|fehlgeschlagen|ungültig\w*|nicht gefunden|verweigert)\b", re.IGNORECASE
)


class Trouble(NamedTuple):
    """One time that work got stuck."""

    kind: str  # of naming.TROUBLES
    place: str  # the page or app
    app: str
    point: tuple[int, int] | None  # where on the screen; None = nowhere in particular
    screen: Rect  # the monitors together


def find_troubles(records: Sequence[Record], made: Sequence[Step], *, programme: Programme) -> Iterator[Trouble]:
    """Yield the troubles of a session; `made` are its steps in listed apps."""
    yield from _undo_bursts(made, programme)
    yield from _back_and_forth(made, programme)
    yield from _long_hovers(records, made, programme=programme)
    yield from _repeated_submits(records, made, programme=programme)
    yield from _errors(records, made, programme=programme)


def _undo_bursts(made: Sequence[Step], programme: Programme) -> Iterator[Trouble]:
    run: list[Step] = []
    for step in made:
        is_undo = step.action.kind == "key" and command_of_keys(step.action.key) == "undo"
        goes_on = is_undo and (not run or step.action.timestamp_ns - run[0].action.timestamp_ns <= BURST_NS)
        run = [*run, step] if goes_on else [step] if is_undo else []
        if len(run) == BURST:
            yield _trouble("undo burst", step, programme=programme, point=None)


def _back_and_forth(made: Sequence[Step], programme: Programme) -> Iterator[Trouble]:
    turns: list[tuple[int, str]] = []
    for step in made:
        place = page_place(programme, step.action.app, url=step.action.url)
        if turns and turns[-1][1] == place:
            continue
        is_return = len(turns) < 2 or turns[-2][1] == place  # noqa: PLR2004 - where one was before the last turn
        turns = [*turns, (step.action.timestamp_ns, place)] if is_return else [turns[-1], (step.action.timestamp_ns, place)]
        if len(turns) > TURNS and turns[-1][0] - turns[-1 - TURNS][0] <= TURNS_NS:
            one, other = sorted({turns[-1][1], turns[-2][1]})
            yield Trouble("back and forth", f"{one} and {other}", step.action.app, None, step.observation.screen)
            turns = [turns[-1]]


def _long_hovers(records: Sequence[Record], made: Sequence[Step], *, programme: Programme) -> Iterator[Trouble]:
    clicks = [step for step in made if step.action.kind in POINTED and step.action.kind not in {"hover", "scroll"}]
    for hover in (record for record in records if isinstance(record, Hover) and record.end_ns - record.timestamp_ns >= HOVER_NS):
        for step in clicks:
            action = step.action
            is_after = hover.timestamp_ns < action.timestamp_ns <= hover.end_ns + AFTER_NS
            if is_after and abs(action.x - hover.x) <= NEAR_PX and abs(action.y - hover.y) <= NEAR_PX:
                yield _trouble("long hover", step, programme=programme, point=(action.x, action.y))
                break


def _repeated_submits(records: Sequence[Record], made: Sequence[Step], *, programme: Programme) -> Iterator[Trouble]:
    last: PageForm | None = None
    for record in records:
        if isinstance(record, PageNavigation) and last is not None and record.url != last.url:
            last = None  # it led somewhere
        if not isinstance(record, PageForm):
            continue
        if last is not None and record.url == last.url and record.timestamp_ns - last.timestamp_ns <= AGAIN_NS:
            step = _last_before(made, record.timestamp_ns)
            if step is not None:
                yield _trouble("repeated submit", step, programme=programme, point=_point(step))
        last = record


def _errors(records: Sequence[Record], made: Sequence[Step], *, programme: Programme) -> Iterator[Trouble]:
    shown: dict[str, set[str]] = {}
    for tree in (record for record in records if isinstance(record, UiTree)):
        messages = _messages(tree)
        fresh = messages - shown.get(tree.app, set())
        shown[tree.app] = messages
        step = _last_before(made, tree.timestamp_ns) if fresh else None
        if step is not None and app_place(programme, tree.app, url=tree.url):
            place = page_place(programme, tree.app, url=tree.url)
            yield Trouble("error", place, tree.app, _point(step) if step.action.app == tree.app else None, step.observation.screen)


def _messages(tree: UiTree) -> set[str]:
    """Return what a tree's messages say, of those that speak of an error."""
    over = {node.ref for node in tree.nodes if node.role in _OVERLAYS or node.tag == "dialog"}
    said: set[str] = set()
    for node in tree.nodes:
        if node.parent in over:
            over.add(node.ref)
        if node.ref in over and _WRONG.search(node.name):
            said.add(node.name)
    return said


def _last_before(made: Sequence[Step], timestamp_ns: int) -> Step | None:
    found = None
    for step in made:
        if step.action.timestamp_ns > timestamp_ns:
            break
        found = step
    return found


def _point(step: Step) -> tuple[int, int] | None:
    return (step.action.x, step.action.y) if step.action.kind in POINTED else None


def _trouble(kind: str, step: Step, *, programme: Programme, point: tuple[int, int] | None) -> Trouble:
    action = step.action
    return Trouble(kind, page_place(programme, action.app, url=action.url), action.app, point, step.observation.screen)
