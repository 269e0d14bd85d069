"""From raw items to what the writer gets: each waits a moment until word of focus and front has come, then is judged in its turn.

Doesn't talk to X11, pages or disks. Invariant: an item is handed on only if what was in front at its own time was lent, and a key only if
it went into a plain field; everything else ends in the tally, and nothing is skipped.
"""

import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from witting.device.capture.terminals import TERMINALS
from witting.device.recorder.cadence import CadenceCounts
from witting.device.recorder.focus import FocusHistory, Verdict
from witting.device.recorder.fronts import Front, Fronts
from witting.device.recorder.hands import Held, Rests
from witting.device.recorder.input_method import has_input_method, settle
from witting.device.recorder.lending import Lending, origin_of
from witting.device.recorder.rhythm import KeyCounts
from witting.device.recorder.tally import Tally
from witting.device.recorder.typist import Counted, Hidden, Typed, Typist, TypistOutput, is_chord, is_modifier
from witting.device.recorder.writer import STREAM_OF, Job, KeptTree, Picture
from witting.terms.errors import CaptureError
from witting.terms.events import Gap, GapReason, InputSettings, Stream, Topology
from witting.terms.raw import (
    RawButton,
    RawClipboard,
    RawKey,
    RawLayout,
    RawMove,
    RawPage,
    RawPageScroll,
    RawTask,
    RawTree,
    RawVoice,
    RawWheel,
    RawWindow,
)

HOLD_NS = 150_000_000
HELD_LIMIT = 20_000  # items; at 2,000 a second ten seconds
_PATIENCE_NS = 350_000_000  # longer for keys while an answer about the focus is still out
_RAISE_NS = 100_000_000  # a window manager raises a clicked window within this

_JUDGED: dict[type, Stream] = {RawLayout: "windows", KeptTree: "ui_tree", Picture: "screen"}  # they were judged as they were made

RawPointer = RawMove | RawButton | RawWheel
Item = (
    RawPointer
    | RawKey
    | RawWindow
    | RawLayout
    | RawPage
    | RawPageScroll
    | RawTask
    | RawClipboard
    | RawVoice
    | KeptTree
    | Picture
    | Topology
    | InputSettings
)


class TreeInFront(Protocol):
    """Where the last tree of what is in front is to be had."""

    def __call__(self, *, is_placed: bool) -> RawTree | None:
        """Return it; `is_placed` = only if its boxes are where the pixels are."""
        ...


class Sink(Protocol):
    """Where kept items go."""

    def put(self, job: Job) -> None:
        """Take a job."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class _Held:
    """An item that waits."""

    item: Item
    due_ns: int
    owner_id: int  # the app's window under the pointer
    owner_app: str
    is_elsewhere: bool  # keys: the keyboard was seized, or belonged to another window


class Pipeline:
    """One session's items, in order."""

    def __init__(self, lending: Lending, fronts: Fronts, *, focus: FocusHistory, sink: Sink) -> None:
        self._lending = lending
        self._fronts = fronts
        self._focus = focus
        self._sink = sink
        self._held: deque[_Held] = deque()
        self._typist = Typist(lending.keys_level)
        self._counts = KeyCounts()
        self._cadence = CadenceCounts()
        self._rests = Rests()
        self._held_now = Held()
        self._has_input_method = has_input_method(os.environ)
        self.tree_in_front: TreeInFront = lambda **_: None  # set by who sees trees
        self._pressed: dict[int, GapReason | None] = {}  # by button: why its press wasn't kept
        self._is_waited_for = False  # whether the first item held is past its time and waits for word of the focus
        self.pictures = 0  # pictures taken in, whether or not they are judged yet
        self.tally = Tally()

    def hold(self, item: Item, now_ns: int, *, owner: tuple[int, str] = (0, ""), is_elsewhere: bool = False) -> None:
        """Take an item; `owner` is the window under the pointer and its app."""
        if len(self._held) >= HELD_LIMIT:
            raise CaptureError("too much waits to be judged; recording was stopped", hint="nothing was lost in silence", code="held_full")
        self.pictures += isinstance(item, Picture)
        self._held.append(_Held(item, now_ns + HOLD_NS, owner[0], owner[1], is_elsewhere))

    def release(self, now_ns: int) -> None:
        """Judge the items whose time has come, and end a run of typing that has been idle."""
        while self._held and self._held[0].due_ns <= now_ns and not self._is_worth_waiting(self._held[0], now_ns):
            self._judge(self._held.popleft())
        idle_ns = self._typist.idle_deadline_ns
        if idle_ns is not None and idle_ns <= now_ns:
            self._give(self._typist.flush())
        self._keep_all("keys", self._counts.end_overdue(now_ns))
        self._tell_held(now_ns)

    def release_all(self) -> None:
        """Judge everything now, with what is known, and end the run of typing."""
        while self._held:
            self._judge(self._held.popleft())
        self._give(self._typist.leave())
        self._give_up("too_little")

    def forget(self) -> None:
        """Drop everything that waits, and the run of typing; a run of keys counts once."""
        has_keys = self._typist.idle_deadline_ns is not None
        at_ns = 0
        while self._held:
            item = self._held.popleft().item
            at_ns = _time_of_item(item)
            if isinstance(item, RawKey):
                has_keys = has_keys or (item.pressed and not is_modifier(item))
            elif isinstance(item, Topology):
                self._sink.put(item)
            elif not isinstance(item, RawTask) and not (isinstance(item, RawPage) and item.what == "left"):
                self.drop(STREAM_OF[type(item)], "participant_removed", timestamp_ns=at_ns)
        self._typist = Typist(self._lending.keys_level)
        self._pressed.clear()
        self._give_up("participant_removed")
        if has_keys:
            self.drop("keys", "participant_removed", timestamp_ns=at_ns)
        self.end_holes()

    def _give_up(self, reason: GapReason) -> None:
        """Throw away what was counted and isn't enough to be told, and what is held: nobody sees now when it is let go."""
        self._held_now.let_go()
        self._rests.forget()
        given_up: tuple[tuple[Stream, int | None], ...] = (("keys", self._counts.give_up()), ("cadence", self._cadence.give_up()))
        for stream, began_ns in given_up:
            if began_ns is not None:
                self.drop(stream, reason, timestamp_ns=began_ns)

    def end_holes(self) -> None:
        """Write down every open hole."""
        for gap in self.tally.end_all():
            self._sink.put(gap)

    def drop(self, stream: Stream, reason: GapReason, *, timestamp_ns: int) -> None:
        """Count an item that isn't kept."""
        self.tally.produce(stream)
        self._put_gaps(self.tally.drop(stream, reason, timestamp_ns=timestamp_ns))

    @property
    def next_due_ns(self) -> int | None:
        """When `release` has something to do."""
        due_ns = self._held[0].due_ns if self._held else None
        if due_ns is not None and self._is_waited_for:
            due_ns += _PATIENCE_NS  # or whenever word of the focus comes
        times = (due_ns, self._typist.idle_deadline_ns, self._counts.next_due_ns, self._held_now.next_due_ns)
        return min((at_ns for at_ns in times if at_ns is not None), default=None)

    def refusal(self, stream: Stream, front: Front) -> GapReason | None:
        """Return why an item of a stream may not be kept while this is in front."""
        return "private_window" if front.is_private else self._lending.refusal(stream, front.app, site=front.site)

    def _is_worth_waiting(self, held: _Held, now_ns: int) -> bool:
        """Whether a key's fate hangs on an answer that a busy machine may still give."""
        item = held.item
        self._is_waited_for = (
            isinstance(item, RawKey)
            and item.pressed
            and now_ns < held.due_ns + _PATIENCE_NS
            and self._focus.is_disturbed
            and self._focus_of(item)[0] == "unknown"
        )
        return self._is_waited_for

    def _focus_of(self, key: RawKey) -> tuple[Verdict, str]:
        """Return where a key went; terminals don't tell of each change, so there it has to be surer."""
        return self._focus.verdict_at(key.timestamp_ns, is_strict=self._fronts.at(key.timestamp_ns).app in TERMINALS)

    # ---- judging ----

    def _judge(self, held: _Held) -> None:
        match held.item:
            case RawKey():
                self._key(held.item, is_elsewhere=held.is_elsewhere)
            case RawMove() | RawButton() | RawWheel():
                self._pointer(held.item, held)
            case RawWindow():
                self._window(held.item)
            case Topology() | InputSettings():
                self._sink.put(held.item)
            case RawPage() | RawPageScroll():
                self._page(held.item)
            case RawLayout() | KeptTree() | Picture():
                self._keep(_JUDGED[type(held.item)], held.item)
            case RawClipboard():
                self._settle("clipboard", self.refusal("clipboard", self._fronts.at(held.item.timestamp_ns)), job=held.item)
            case RawVoice():
                self._voice(held.item)
            case RawTask():
                self._give(self._typist.leave())
                self.end_holes()
                self._sink.put(held.item)

    def _pointer(self, item: RawPointer, held: _Held) -> None:
        if isinstance(item, RawButton) and item.pressed:
            self._give(self._typist.leave())
        front = self._fronts.at(item.timestamp_ns)
        if isinstance(item, RawButton) and item.pressed and held.owner_id != front.window_id:
            front = self._brought_to_front(item, held.owner_id) or front
        reason = self.refusal("pointer", front)
        if reason is None and held.owner_id != front.window_id:
            reason = self._lending.refusal("pointer", held.owner_app)
        if isinstance(item, RawButton):
            reason = self._with_press(item, reason)
        self._settle("pointer", reason, job=item)
        if reason is None:
            self._rest(item, front)
        else:
            self._rests.forget()
        if isinstance(item, RawButton):
            self._held_now.button(item.button, item.timestamp_ns, is_down=item.pressed and reason is None)

    def _rest(self, item: RawPointer, front: Front) -> None:
        """Keep the rest that a kept event of the pointer ends, with what lay under it where trees are lent too."""
        tree = self.tree_in_front(is_placed=True) if self.refusal("ui_tree", front) is None else None
        rest = self._rests.see(item, front.place, tree=tree)
        if rest is not None:
            self._keep("pointer", rest)

    def _tell_held(self, now_ns: int) -> None:
        """Say what is held, as far as that is lent of what is in front now."""
        for told in self._held_now.tell(now_ns):
            stream: Stream = STREAM_OF[type(told)]
            if self.refusal(stream, self._fronts.now) is None:
                self._keep(stream, told)

    def _brought_to_front(self, press: RawButton, owner_id: int) -> Front | None:
        """Return the front that a press on a window made, if it brought that window to the front: the press belongs to it already."""
        later = self._fronts.at(press.timestamp_ns + _RAISE_NS)
        return later if owner_id and later.window_id == owner_id else None

    def _with_press(self, item: RawButton, reason: GapReason | None) -> GapReason | None:
        """Have a release share the fate of its press, so that no half of a click is kept."""
        if item.pressed:
            self._pressed[item.button] = reason
            return reason
        return self._pressed.pop(item.button, reason)

    def _key(self, item: RawKey, *, is_elsewhere: bool) -> None:
        front = self._fronts.at(item.timestamp_ns)
        if not item.pressed:
            self._held_now.key(item.keysym, item.timestamp_ns, is_down=False)
            return
        if is_modifier(item):
            is_plain = not is_elsewhere and self._focus_of(item)[0] == "plain"
            self._held_now.key(item.keysym, item.timestamp_ns, is_down=is_plain and self.refusal("keys", front) is None)
            return
        self._pace(item, front, is_elsewhere=is_elsewhere)
        reason = self.refusal("keys", front)
        if reason is not None:
            self._give(self._typist.leave())
            self._hide(reason, item.timestamp_ns, is_new=not self.tally.has_hole("keys", reason))
            return
        verdict, field = self._focus_of(item)
        verdict = "unknown" if is_elsewhere and verdict == "plain" else verdict
        outputs = self._typist.press(item, verdict, field=field)
        self._give(outputs)
        if not item.text and any(output is item for output in outputs):
            self._held_now.key(item.keysym, item.timestamp_ns, is_down=True)

    def _pace(self, item: RawKey, front: Front, *, is_elsewhere: bool) -> None:
        """Count how far a key that made text is from the one before, where that is lent; anything else is an interruption."""
        is_text = bool(item.text) and not is_chord(item) and not item.is_repeat and not is_elsewhere
        if not is_text or self._focus_of(item)[0] != "plain" or self.refusal("cadence", front) is not None:
            self._cadence.interrupt()
            return
        self._keep_all("cadence", self._cadence.key(item.timestamp_ns))

    def _window(self, item: RawWindow) -> None:
        self._give(self._typist.leave())
        front = self._fronts.at(item.timestamp_ns)
        title = self._fronts.shown_title(item.window_id, item.app, title=item.title)
        self._settle("windows", self.refusal("windows", front), job=replace(item, title=title, is_private=front.is_private))

    def _page(self, item: RawPage | RawPageScroll) -> None:
        if isinstance(item, RawPage):
            self._give(self._typist.leave())
            if item.what == "left":
                return
        self._settle("pages", self._refusal_of_page(item), job=item)

    def _refusal_of_page(self, item: RawPage | RawPageScroll) -> GapReason | None:
        if item.is_private:
            return "private_window"
        if not self._fronts.is_in_front(item.tab):
            return "site_not_lent"
        return self._lending.refusal("pages", self._fronts.now.app, site=origin_of(item.url))

    def _voice(self, item: RawVoice) -> None:
        """A note is the participant's own statement, as a task is: lent if any app lends voice notes, whatever is in front."""
        reason = self._lending.refusal_of_all("voice")
        if reason is None and item.audio:
            self.tally.produce("voice")  # the sound is a record of its own
        self._settle("voice", reason, job=item)

    # ---- handing on ----

    def _settle(self, stream: Stream, reason: GapReason | None, *, job: Job) -> None:
        if reason is None:
            self._keep(stream, job)
        else:
            self.drop(stream, reason, timestamp_ns=_time_of(job))

    def _keep(self, stream: Stream, job: Job) -> None:
        self.tally.produce(stream)
        self._put_gaps(self.tally.end_hole(stream))
        self._sink.put(job)

    def _keep_all(self, stream: Stream, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self._keep(stream, job)

    def _give(self, outputs: Sequence[TypistOutput]) -> None:
        for output in outputs:
            if isinstance(output, Hidden):
                self._hide(output.reason, output.timestamp_ns, is_new=output.is_new)
            elif isinstance(output, Typed) and self._has_input_method:
                self._keep("keys", settle(output, self.tree_in_front(is_placed=False)))
            elif isinstance(output, Counted):
                self._keep_all("keys", self._counts.count(output.key_class, output.timestamp_ns))
            else:
                self._keep("keys", output)

    def _hide(self, reason: GapReason, timestamp_ns: int, *, is_new: bool) -> None:
        """Count a run of keys that isn't kept once, however many there were."""
        if is_new:
            self.tally.produce("keys")
            self._put_gaps(self.tally.end_hole("keys"))
        self._put_gaps(self.tally.drop("keys", reason, timestamp_ns=timestamp_ns, count=int(is_new)))

    def _put_gaps(self, gaps: Sequence[Gap]) -> None:
        for gap in gaps:
            self._sink.put(gap)


def _time_of_item(item: Item) -> int:
    match item:
        case Picture():
            return item.grab.began_ns
        case KeptTree():
            return item.raw.timestamp_ns
    return item.timestamp_ns


def _time_of(job: Job) -> int:
    return job.from_ns if isinstance(job, Typed | Gap) else getattr(job, "timestamp_ns", 0)
