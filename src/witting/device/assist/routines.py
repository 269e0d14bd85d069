"""Patterns → routines: what comes back in a person's own recordings, as a list of steps they can read, with what varies as slots.

A pure function of deeds. Knows no files and no screens. Invariant: a slot holds no value; a step's fixed text is one that was the same each
time and that redaction left whole. A text that redaction covered is a secret slot: asked each time, never stored.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from keyword import iskeyword
from statistics import median
from typing import NamedTuple

import msgspec

from witting.device.assist.deeds import PLACEHOLDER, Deed, Symbol
from witting.device.assist.mining import MiningConfig, Occurrence, Pattern, mine

_SECOND_NS = 1_000_000_000
_OFTEN = 0.5  # of all times: a step done less often isn't told


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """What varies from one time to the next."""

    name: str  # in lower case letters, digits and _, unique within the routine
    label: str  # what the field or thing is called
    kind: str  # "text" is typed, "choice" is which thing is clicked
    is_secret: bool = False  # redaction covered it: asked each time, never stored


class RoutineStep(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do."""

    symbol: Symbol
    label: str  # what the thing is called
    hint: str = ""  # the author's hint, "" where there is none or it varies
    near: str = ""  # the words before it, "" where they vary or redaction covered them
    text: str = ""  # to fill in, the same each time
    slot: str = ""  # the slot that says what to fill in or which thing to take
    share: float = 1.0  # of all times in which the step was done
    is_anywhere: bool = False  # its place among its neighbours varies


class Routine(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person does again and again."""

    routine_id: str  # 12 hex digits, the same as long as the steps are
    title: str
    steps: tuple[RoutineStep, ...]
    slots: tuple[Slot, ...]
    times: int  # how often it was found
    sessions: int  # in how many recordings
    seconds: float  # the median of how long it takes

    @property
    def is_secret(self) -> bool:
        """Whether it holds something that redaction covered."""
        return any(slot.is_secret for slot in self.slots)


class _Done(NamedTuple):
    """One step over all its times."""

    symbol: Symbol
    deeds: list[Deed | None]  # one for each occurrence, None where it was left out


def find_routines(sessions: Sequence[Sequence[Deed]], config: MiningConfig | None = None) -> list[Routine]:
    """Return the routines of several sessions' deeds, the one that takes most time in all first."""
    found = [_routine(pattern, sessions) for pattern in mine(sessions, config)]
    return sorted(found, key=lambda routine: (-routine.times * routine.seconds, routine.routine_id))


def _routine(pattern: Pattern, sessions: Sequence[Sequence[Deed]]) -> Routine:
    done = [
        _Done(symbol, [_deed(occurrence, index, sessions=sessions) for occurrence in pattern.occurrences])
        for index, symbol in enumerate(pattern.steps)
    ]
    kept = [step for step in done if sum(deed is not None for deed in step.deeds) >= _OFTEN * len(pattern.occurrences)]
    slots = _Slots()
    steps = tuple(_step(step, slots, is_anywhere=_is_anywhere(step, kept)) for step in kept)
    lengths = [_length(occurrence, sessions[occurrence.sequence]) for occurrence in pattern.occurrences]
    return Routine(
        routine_id=hashlib.sha256(msgspec.json.encode(sorted(pattern.steps))).hexdigest()[:12],
        title=title_of(steps),
        steps=steps,
        slots=tuple(slots.slots),
        times=len(pattern.occurrences),
        sessions=len({occurrence.sequence for occurrence in pattern.occurrences}),
        seconds=round(median(lengths), 1),
    )


def title_of(steps: Sequence[RoutineStep]) -> str:
    """Return a routine's name as long as its person gave it none: what it ends with, and where."""
    last = next((step for step in reversed(steps) if step.symbol.what in {"click", "double_click", "submit", "press"} and step.label), None)
    place = Counter(step.symbol.place or step.symbol.app for step in steps).most_common(1)[0][0]
    return f"{last.label} in {place}" if last is not None else f"{len(steps)} steps in {place}"


def _deed(occurrence: Occurrence, index: int, *, sessions: Sequence[Sequence[Deed]]) -> Deed | None:
    place = occurrence.places[index]
    return sessions[occurrence.sequence][place] if place >= 0 else None


def _length(occurrence: Occurrence, session: Sequence[Deed]) -> float:
    return (session[occurrence.end].ended_ns - session[occurrence.begin].began_ns) / _SECOND_NS


def _step(step: _Done, slots: "_Slots", *, is_anywhere: bool) -> RoutineStep:
    deeds = [deed for deed in step.deeds if deed is not None]
    hints, nears = {deed.hint for deed in deeds}, {deed.near for deed in deeds}
    is_choice = step.symbol.what != "fill" and (step.symbol.name == "*" or len({deed.label for deed in deeds}) > 1)
    text, slot = "", ""
    if step.symbol.what == "fill":
        texts = {deed.text for deed in deeds}
        text = next(iter(texts)) if len(texts) == 1 and not any(map(has_placeholder, texts)) else ""
        slot = "" if text else slots.of(step, [deed.text if deed else None for deed in step.deeds], kind="text")
    elif is_choice:
        slot = slots.of(step, [deed.label if deed else None for deed in step.deeds], kind="choice")
    return RoutineStep(
        symbol=step.symbol,
        label="" if is_choice else _usual(deed.label for deed in deeds),
        hint=hints.pop() if len(hints) == 1 else "",
        near="" if len(nears) > 1 or any(map(has_placeholder, nears)) else nears.pop(),
        text=text,
        slot=slot,
        share=round(len(deeds) / len(step.deeds), 2),
        is_anywhere=is_anywhere,
    )


def has_placeholder(text: str) -> bool:
    """Whether redaction covered something of a text."""
    return PLACEHOLDER.search(text) is not None


def _usual(labels: Iterator[str]) -> str:
    return Counter(labels).most_common(1)[0][0]


def _is_anywhere(step: _Done, steps: Sequence[_Done]) -> bool:
    """Whether a step came before and after one of its neighbours."""
    number = next(index for index, other in enumerate(steps) if other is step)
    around = [steps[index] for index in (number - 1, number + 1) if 0 <= index < len(steps)]
    for other in around:
        orders = {mine.began_ns < theirs.began_ns for mine, theirs in zip(step.deeds, other.deeds, strict=True) if mine and theirs}
        if len(orders) > 1:
            return True
    return False


class _Slots:
    """The slots of a routine; two steps that always had the same value share one."""

    def __init__(self) -> None:
        self.slots: list[Slot] = []
        self._values: list[tuple[str | None, ...]] = []

    def of(self, step: _Done, values: Sequence[str | None], *, kind: str) -> str:
        """Return the name of the slot that has had these values, one for each time."""
        said = tuple(values)
        known = {value for value in said if value is not None}
        is_secret = any(has_placeholder(value) for value in known)
        for slot, before in zip(self.slots, self._values, strict=True):
            both = [(mine, theirs) for mine, theirs in zip(said, before, strict=True) if mine is not None and theirs is not None]
            if len(known) > 1 and both and len(both) > 1 and all(mine == theirs for mine, theirs in both) and slot.is_secret == is_secret:
                return slot.name
        labels = [deed.label for deed in step.deeds if deed is not None]
        label = _usual(iter(labels)) if kind == "text" else step.symbol.role
        self.slots.append(Slot(name=self._free(label or step.symbol.role or "value"), label=label, kind=kind, is_secret=is_secret))
        self._values.append(said)
        return self.slots[-1].name

    def _free(self, label: str) -> str:
        stem = re.sub(r"\W+", "_", label.lower()).strip("_")[:30]
        if not stem.isidentifier() or iskeyword(stem):
            stem = f"value_{stem}".rstrip("_")
        taken = {slot.name for slot in self.slots}
        return next(name for number in range(1, len(taken) + 2) if (name := stem if number == 1 else f"{stem}_{number}") not in taken)
