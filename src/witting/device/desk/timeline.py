"""The timeline of a session in reading order: one row for what a person would call one thing, with the text exactly as it would leave.

Knows no HTTP and no files. Invariant: every text that leaves stands in some row, or in the tree that a row names by its number.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from witting.device.desk.words import GAPS, STREAMS
from witting.terms.events import (
    Cadence,
    Clipboard,
    ClipboardKind,
    Frame,
    Gap,
    HeldButtons,
    HeldKeys,
    Hover,
    InputSettings,
    Key,
    KeyRun,
    PageForm,
    PageNavigation,
    PageScroll,
    PointerButton,
    PointerMove,
    PointerPath,
    PointerWheel,
    TaskMark,
    TextInput,
    VoiceAudio,
    VoiceNote,
    WindowFocus,
    WindowLayout,
)
from witting.terms.findings import Finding
from witting.terms.session import Record, SessionEnd, SessionHeader
from witting.terms.tree import UiTree

RowKind = Literal[
    "begin", "task", "window", "page", "picture", "said", "move", "click", "wheel", "text", "key", "clipboard", "voice", "sound", "gap",
    "end",
]  # fmt: skip
_SECOND = 1_000_000_000
_PLACEHOLDER = re.compile(r"⟨([A-Z]+)(?:_(\d+))?⟩")
_BUTTONS = {1: "left", 2: "middle", 3: "right"}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text: plain, or a placeholder that stands for something removed."""

    text: str
    is_placeholder: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that happened, as it would leave."""

    kind: RowKind
    label: str  # what it is, in words
    time: str  # since the beginning, minutes and seconds
    from_ns: int  # CLOCK_MONOTONIC
    to_ns: int
    parts: tuple[Part, ...] = ()  # its text as it would leave
    number: int = -1  # of the picture or tree it names
    findings: tuple[Finding, ...] = ()  # what was removed in it

    @property
    def is_removable(self) -> bool:
        """Whether taking it out makes sense."""
        return self.kind not in {"begin", "end", "gap", "sound"}


def split_text(text: str) -> tuple[Part, ...]:
    """Return text cut at its placeholders."""
    parts: list[Part] = []
    at = 0
    for found in _PLACEHOLDER.finditer(text):
        if found.start() > at:
            parts.append(Part(text[at : found.start()]))
        parts.append(Part(" ".join(part for part in (found[1].lower(), found[2]) if part), is_placeholder=True))
        at = found.end()
    if at < len(text):
        parts.append(Part(text[at:]))
    return tuple(parts)


def clock(elapsed_ns: int) -> str:
    """Return a time since the beginning as minutes and seconds with tenths, `2:07.4`."""
    tenths = max(0, elapsed_ns) * 10 // _SECOND
    return f"{tenths // 600}:{tenths % 600 // 10:02d}.{tenths % 10}"


def timeline(records: Sequence[Record], started_ns: int) -> Iterator[Row]:
    """Yield the rows of a session in the order of its records; runs of pointer moves make one row, press and release one click."""
    composer = _Composer(started_ns)
    for record in records:
        yield from composer.take(record)
    yield from composer.rest()


class _Composer:
    """Turns records into rows, holding back what may still grow."""

    def __init__(self, started_ns: int) -> None:
        self._started_ns = started_ns
        self._moves: list[PointerMove] = []
        self._pressed: PointerButton | None = None
        self._pictures = 0
        self._trees = 0

    def take(self, record: Record) -> Iterator[Row]:
        """Yield the rows that are complete now that `record` came."""
        if isinstance(record, PointerMove):
            self._moves.append(record)
        elif isinstance(record, PointerButton):
            yield from self._button(record)
        elif (words := _WORDS.get(type(record))) is not None:
            yield from self.rest()
            kind, *said = words(record)
            yield self._row(record, kind, label=said[0], text="".join(said[1:]))

    def rest(self) -> Iterator[Row]:
        """Yield what was held back."""
        if self._moves:
            first, last = self._moves[0], self._moves[-1]
            label = f"Pointer moved, {_many(len(self._moves), 'point')}, to {last.x}, {last.y}"
            self._moves = []
            yield self._span("move", label, from_ns=first.timestamp_ns, to_ns=last.timestamp_ns)
        if self._pressed is not None:
            pressed, self._pressed = self._pressed, None
            yield self._click(pressed, pressed)

    def _button(self, record: PointerButton) -> Iterator[Row]:
        """Pair a release with its press; moves in between belong to the pair."""
        if record.pressed or self._pressed is None or self._pressed.button != record.button:
            yield from self.rest()
        if record.pressed:
            self._pressed = record
            return
        pressed, self._pressed = self._pressed or record, None
        self._moves = []
        yield self._click(pressed, record)

    def _click(self, down: PointerButton, up: PointerButton) -> Row:
        button = f"{_BUTTONS.get(down.button, f'number {down.button}')} button"
        if (down.x, down.y) == (up.x, up.y):
            return self._span("click", f"Clicked at {down.x}, {down.y}, {button}", from_ns=down.timestamp_ns, to_ns=up.timestamp_ns)
        return self._span(
            "click", f"Dragged from {down.x}, {down.y} to {up.x}, {up.y}, {button}", from_ns=down.timestamp_ns, to_ns=up.timestamp_ns
        )

    def _span(self, kind: RowKind, label: str, *, from_ns: int, to_ns: int) -> Row:
        return Row(kind, label, clock(from_ns - self._started_ns), from_ns, to_ns)

    def _row(self, record: Record, kind: RowKind, *, label: str, text: str = "") -> Row:
        """Return the row of a record that makes one by itself; pictures and trees are numbered."""
        number = -1
        if isinstance(record, Frame):
            number, self._pictures = self._pictures, self._pictures + 1
        if isinstance(record, UiTree):
            number, self._trees = self._trees, self._trees + 1
        from_ns, to_ns = _span_of(record)
        findings = getattr(record, "findings", ())
        return Row(kind, label, clock(from_ns - self._started_ns), from_ns, to_ns, split_text(text), number, findings)


_Words = tuple[RowKind, str] | tuple[RowKind, str, str]  # kind, label, and text as it would leave


def _span_of(record: Record) -> tuple[int, int]:
    """Return from when to when a record was, CLOCK_MONOTONIC."""
    match record:
        case SessionHeader():
            return record.started_ns, record.started_ns
        case Gap():
            return record.from_ns, record.to_ns
        case TextInput() | KeyRun() | Cadence() | Hover() | VoiceNote() | VoiceAudio():
            return record.timestamp_ns, record.end_ns
    timestamp_ns: int = getattr(record, "timestamp_ns", 0)
    return timestamp_ns, timestamp_ns


def _tree(tree: UiTree) -> _Words:
    count = sum(1 for node in tree.nodes if node.name or node.value)
    return "said", f"What {tree.url or tree.app} said, {_many(count, 'piece')} of text"


def _gap(gap: Gap) -> _Words:
    if gap.reason == "sound_kept_here":
        return "sound", f"Sound of a note, {(gap.to_ns - gap.from_ns) / _SECOND:.1f} seconds: stays on this machine"
    items = _many(gap.count, "item") if gap.count else "something"
    return "gap", f"Left out: {items} of {STREAMS[gap.stream]}, because {GAPS[gap.reason]}"


def _wheel(wheel: PointerWheel) -> _Words:
    ways = [word for word in (_way(wheel.dy, "down", back="up"), _way(wheel.dx, "right", back="left")) if word]
    return "wheel", f"Scrolled {' and '.join(ways)} at {wheel.x}, {wheel.y}"


def _key_run(run: KeyRun) -> _Words:
    classes = (("letter", run.letters), ("digit", run.digits), ("space", run.spaces), ("other sign", run.punctuation))
    said = [_many(count, noun) for noun, count in (*classes, ("editing key", run.editing)) if count]
    return "key", f"Typed within {(run.end_ns - run.timestamp_ns) // _SECOND} seconds: {', '.join(said)}; which ones isn't recorded"


def _layout(layout: WindowLayout) -> _Words:
    lent = [window for window in layout.windows if window.app]
    covers = len(layout.windows) - len(lent)
    also = f", covered in {_many(covers, 'place')} by something you don't lend" if covers else ""
    titles = " · ".join(f"{window.app}: {window.title}" if window.title else window.app for window in lent)
    return "window", f"Windows in view: {len(lent)}{also}", titles


def _way_of(path: PointerPath) -> _Words:
    return "move", f"Pointer went {path.bend} there, in {'a second or more' if path.took_ms else 'less than a second'}"


_PAGE_WORDS = {"open": "Page opened", "tab": "Another tab came to the front"}
_KINDS: dict[ClipboardKind, str] = {"text": "text", "image": "a picture", "files": "files", "other": "something"}


def _devices(settings: InputSettings) -> str:
    natural = {device.kind for device in settings.pointers if device.natural_scroll == "on"}
    return ", ".join(f"{kind} (natural scrolling)" if kind in natural else kind for kind in settings.devices) or "not known"


def _size(at_most: int) -> str:
    return f", at most {at_most} bytes" if at_most else ""


_WORDS: dict[type, Callable[[Any], _Words]] = {
    SessionHeader: lambda _: ("begin", "Recording began"),
    SessionEnd: lambda end: ("end", f"Recording ended: {end.reason.replace('_', ' ')}"),
    Frame: lambda frame: ("picture", f"Picture, {frame.masked_share:.0%} of it masked"),
    UiTree: _tree,
    Gap: _gap,
    PointerWheel: _wheel,
    PointerPath: _way_of,
    TextInput: lambda typed: ("text", "Typed, perhaps not exactly this" if typed.is_uncertain else "Typed", typed.text),
    Key: lambda key: ("key", "Pressed" if key.pressed else "Released", f"{key.key} (held)" if key.is_repeat else key.key),
    KeyRun: _key_run,
    Hover: lambda rest: ("move", f"Pointer rested {(rest.end_ns - rest.timestamp_ns) / _SECOND:.1f} seconds at {rest.x}, {rest.y}"),
    HeldButtons: lambda held: ("click", f"Buttons held: {', '.join(map(str, held.buttons)) or 'none'}"),
    HeldKeys: lambda held: ("key", "Keys held", " ".join(held.keys) or "none"),
    InputSettings: lambda found: ("begin", f"Pointer and keyboard are set: {_devices(found)}"),
    Cadence: lambda cadence: ("key", f"Pace of typing: {sum(cadence.counts)} intervals counted in steps of {cadence.step_ms} ms"),
    WindowFocus: lambda window: ("window", f"{window.app} came to the front", window.title),
    WindowLayout: _layout,
    PageNavigation: lambda page: ("page", _PAGE_WORDS[page.what], f"{page.title} · {page.url}"),
    PageScroll: lambda scroll: ("page", "Scrolled", f"to {scroll.x}, {scroll.y} · {scroll.url}"),
    Clipboard: lambda copied: ("clipboard", f"Copied {_KINDS[copied.kind]}{_size(copied.size_at_most)}; what it was isn't recorded"),
    VoiceNote: lambda note: ("voice", "Said", note.text),
    VoiceAudio: lambda audio: ("voice", f"Sound of a note, {(audio.end_ns - audio.timestamp_ns) / _SECOND:.1f} seconds of your voice"),
    PageForm: lambda form: ("page", "Sent a form", form.url),
    TaskMark: lambda task: ("task", {"begin": "Task", "done": "Task done", "gave_up": "Task given up"}[task.state], task.instruction),
}


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _way(detents: int, forward: str, *, back: str) -> str:
    return "" if not detents else f"{forward if detents > 0 else back} {abs(detents)}"
