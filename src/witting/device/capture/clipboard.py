"""The clipboard of an X11 session: that something was put on it, of what kind, and how large; never what it is.

XFIXES tells when the CLIPBOARD selection gets another owner. Its targets (ICCCM 2.6) tell the kind. For the size the owner is asked to
put the content on a window of ours, and only the length of that property is read (GetProperty with a length of 0), then the window
goes: the content never enters this process. Nobody is asked anything before the caller has said that the app in front is lent. Doesn't know
consent. Invariant: no request of this module returns bytes of the content; what a password manager marks as secret isn't even measured.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import xcffib
import xcffib.res
import xcffib.xfixes
import xcffib.xproto as xp

from witting.device.capture.x11 import XDisplay
from witting.terms.clock import Clock, SystemClock
from witting.terms.events import ClipboardKind
from witting.terms.raw import RawClipboard

PATIENCE_NS = 500_000_000  # an owner that doesn't answer within this has told nothing
_CLIPBOARD = "CLIPBOARD"
_SECRET_HINTS = ("x-kde-passwordManagerHint",)
_FILES = ("x-special/gnome-copied-files", "application/x-kde-cutselection", "text/uri-list")
_TEXTS = ("UTF8_STRING", "text/plain;charset=utf-8", "text/plain", "STRING", "TEXT", "COMPOUND_TEXT")
_TARGET_LIMIT = 256
_NO_VALUE = 0  # GetProperty's length: type and size come, the value doesn't
_PID_BIT = 2  # XRes: LocalClientPID


@dataclass(frozen=True, slots=True)
class Change:
    """The clipboard has another owner since `timestamp_ns`."""

    timestamp_ns: int
    process_id: int  # of the owner, 0 = unknown
    time: int  # the server's stamp, for asking
    number: int


@dataclass(frozen=True, slots=True)
class Withheld:
    """Nothing is told of a change: its owner marked it as secret, or didn't say what it is."""

    timestamp_ns: int
    reason: Literal["marked_secret", "redaction_failed"]


@dataclass(slots=True)
class _Question:
    """What was asked about one change, on a window of its own."""

    change: Change
    window: int
    deadline_ns: int
    kind: ClipboardKind = "other"
    is_measuring: bool = False


Heard = Change | RawClipboard | Withheld


class ClipboardSource:
    """Watches the clipboard of a display, on a connection of its own.

    Raises:
        CaptureError: the display has no XFIXES.
    """

    def __init__(self, display: str, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._display = XDisplay(display, clock=self._clock)
        self._fixes = self._display.extension(xcffib.xfixes.key, "XFIXES")
        self._display.ask(lambda: self._fixes.QueryVersion(5, 0))
        self._selection = self._display.atom(_CLIPBOARD)
        self._place = self._display.atom("WITTING_CLIPBOARD")
        self._names: dict[int, str] = {}
        self._questions: list[_Question] = []
        self._changes = 0
        mask = xcffib.xfixes.SelectionEventMask.SetSelectionOwner
        self._fixes.SelectSelectionInput(self._display.root, self._selection, mask)
        self._display.connection.flush()

    def fileno(self) -> int:
        """Return the socket, for select."""
        return self._display.fileno()

    def close(self) -> None:
        """Stop watching."""
        self._display.close()

    def read(self) -> list[Heard]:
        """Return what happened: changes to `ask` about or let be, and answers to what was asked before."""
        return [*(heard for event in self._display.events() for heard in self._handle(event)), *self._give_up()]

    def ask(self, change: Change) -> None:
        """Find out kind and size of a change; the answer comes from `read`."""
        window = int(self._display.connection.generate_id())
        place = (-1, -1, 1, 1, 0)
        self._display.connection.core.CreateWindow(
            0, window, self._display.root, *place, xp.WindowClass.InputOnly, 0, xp.CW.EventMask, [xp.EventMask.PropertyChange]
        )
        self._questions.append(_Question(change, window, self._clock.monotonic_ns() + PATIENCE_NS))
        self._convert(self._questions[-1], self._display.atom("TARGETS"))

    @property
    def next_deadline_ns(self) -> int | None:
        """When `read` has something to say though no event came."""
        return min((question.deadline_ns for question in self._questions), default=None)

    def _handle(self, event: Any) -> Iterator[Heard]:
        if isinstance(event, xcffib.xfixes.SelectionNotifyEvent):
            if event.owner:
                yield self._change(event)
        elif isinstance(event, xp.SelectionNotifyEvent):
            question = next((one for one in self._questions if one.window == event.requestor), None)
            if question is not None:
                yield from self._answer(question, is_refused=event.property == 0)

    def _change(self, event: Any) -> Change:
        self._changes += 1
        at_ns = self._display.server_clock.lift_ns(event.selection_timestamp)
        return Change(at_ns, self._process_of(event.owner), event.selection_timestamp, self._changes)

    def _answer(self, question: _Question, *, is_refused: bool) -> Iterator[Heard]:
        if question.is_measuring:
            yield self._end(question, 0 if is_refused else self._size_of(question.window))
            return
        targets = set() if is_refused else self._targets(question.window)
        if not targets or targets & set(_SECRET_HINTS):
            self._forget(question)
            yield Withheld(question.change.timestamp_ns, "marked_secret" if targets else "redaction_failed")
            return
        question.kind, wanted = kind_of(targets)
        if not wanted:
            yield self._end(question, 0)
            return
        question.is_measuring = True
        self._convert(question, self._display.atom(wanted))

    def _convert(self, question: _Question, target: int) -> None:
        core = self._display.connection.core
        core.ConvertSelection(question.window, self._selection, target, self._place, question.change.time)
        self._display.connection.flush()

    def _targets(self, window: int) -> set[str]:
        """Return the names of what the owner can turn the content into."""
        core = self._display.connection.core
        reply = self._display.ask(lambda: core.GetProperty(True, window, self._place, xp.Atom.ATOM, 0, _TARGET_LIMIT))
        return set() if reply is None else {self._name(atom) for atom in reply.value.to_atoms()}

    def _size_of(self, window: int) -> int:
        """Return how many bytes lie in the property, without them; of a transfer in pieces (INCR) the size its header gives."""
        core = self._display.connection.core
        any_type = xp.GetPropertyType.Any
        reply = self._display.ask(lambda: core.GetProperty(False, window, self._place, any_type, 0, _NO_VALUE))
        if reply is None:
            return 0
        if self._name(reply.type) != "INCR":
            return int(reply.bytes_after)
        incr = self._display.atom("INCR")
        header = self._display.ask(lambda: core.GetProperty(False, window, self._place, incr, 0, 1))
        numbers = header.value.to_atoms() if header is not None else ()
        return int(numbers[0]) if numbers else 0

    def _end(self, question: _Question, size_bytes: int) -> RawClipboard:
        self._forget(question)
        return RawClipboard(question.change.timestamp_ns, question.kind, size_bytes, question.change.process_id)

    def _forget(self, question: _Question) -> None:
        """Destroy the question's window: with it goes what the owner put there, and a transfer in pieces ends."""
        self._questions.remove(question)
        self._display.connection.core.DestroyWindow(question.window)
        self._display.connection.flush()

    def _give_up(self) -> Iterator[Heard]:
        now_ns = self._clock.monotonic_ns()
        for question in [question for question in self._questions if question.deadline_ns <= now_ns]:
            if question.is_measuring:
                yield self._end(question, 0)
            else:
                self._forget(question)
                yield Withheld(question.change.timestamp_ns, "redaction_failed")

    def _name(self, atom: int) -> str:
        if atom not in self._names:
            reply = self._display.ask(partial(self._display.connection.core.GetAtomName, atom)) if atom else None
            self._names[atom] = "" if reply is None else str(reply.name.to_string())
        return self._names[atom]

    def _process_of(self, window: int) -> int:
        """Return the process that made a window, 0 when the server doesn't know."""
        requests = self._display.connection(xcffib.res.key)
        wanted = xcffib.res.ClientIdSpec.synthetic(window, _PID_BIT)
        reply = self._display.ask(lambda: requests.QueryClientIds(1, [wanted]))
        numbers = [int(found.value[0]) for found in reply.ids if found.length] if reply is not None else []
        return numbers[0] if numbers else 0


def kind_of(targets: set[str]) -> tuple[ClipboardKind, str]:
    """Return the kind of content with these targets, and the target to measure it by ("" = there is none)."""
    if targets & set(_FILES):
        return "files", "text/uri-list" if "text/uri-list" in targets else ""
    for target in _TEXTS:
        if target in targets:
            return "text", target
    images = sorted((target for target in targets if target.startswith("image/")), key=lambda target: (target != "image/png", target))
    return ("image", images[0]) if images else ("other", "")
