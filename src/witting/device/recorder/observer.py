"""What the sources say, put where it belongs: fronts, focus, trees, pictures, pipeline.

One method per kind of word. Doesn't wait, doesn't know the loop, control or files. Invariant: whatever changes what is in front is noted
before anything that depends on it.
"""

from dataclasses import replace
from typing import Any

from witting.device.capture.atspi import NativeTree
from witting.device.capture.clipboard import Change, Withheld
from witting.device.capture.page_messages import NoPage, PageFocus, PageMessage, PageTree
from witting.device.capture.stacking import is_stacking
from witting.device.capture.terminals import TERMINALS, terminal_verdict
from witting.device.capture.windows import is_release
from witting.device.recorder.focus import FocusHistory
from witting.device.recorder.fronts import Front, Fronts
from witting.device.recorder.layouts import Layouts, Numbers
from witting.device.recorder.lending import Lending
from witting.device.recorder.pictures import Pictures
from witting.device.recorder.pipeline import Pipeline
from witting.device.recorder.sources import Sources, press_time_ns
from witting.device.recorder.trees import SeenTree, Trees, is_of, seen_native, seen_page
from witting.device.recorder.typist import MOVES_FOCUS, is_chord
from witting.device.recorder.writer import KeptTree
from witting.terms.clock import Clock
from witting.terms.events import Stream, Topology
from witting.terms.geometry import Monitor
from witting.terms.raw import RawButton, RawFocus, RawKey, RawLayout, RawPage, RawPageScroll, RawTree, RawWindow

_ASK_AFTER_NS = (40_000_000, 90_000_000, 250_000_000)  # an app needs a moment to move its focus
_HIDES_FOR_NS = 8_000_000_000  # so long after a command a terminal that shows nothing of what is typed is looked at again unasked
TERMINAL_SETTLE_NS = 240_000_000  # within this a command has begun to run, and switched echo off if it asks for a secret
_RUNS = frozenset({"Return", "KP_Enter", "Linefeed"})
_PRESSES_REMEMBERED = 16
_BY_INPUT: tuple[Stream, ...] = ("pointer", "keys")
_REST_NS = 8_000_000  # without input for so long, what the pointer passed has drawn itself


class Observer:
    """One session's ears."""

    def __init__(self, sources: Sources, lending: Lending, *, fronts: Fronts, focus: FocusHistory, clock: Clock) -> None:
        self._sources = sources
        self._lending = lending
        self._fronts = fronts
        self._focus = focus
        self._clock = clock
        self._presses: list[int] = []
        self._asks: list[int] = []
        self._tabs_with_keyboard: set[int] = set()  # a page's tree shows a focused field also while the address bar has the keys
        self._numbers = Numbers()
        self._window_changes = 0
        self._monitors: tuple[Monitor, ...] = ()  # as told last
        self.trees = Trees()
        self._disturbed_ns = 0
        self._freed_ns = -1  # when the keyboard was last given back by a program that had seized it
        self._rest_ns: int | None = None  # when the pointer counts as resting
        self.layouts: Layouts
        self.pipeline: Pipeline
        self.pictures: Pictures

    def join(self, pipeline: Pipeline, pictures: Pictures) -> None:
        """Say where items and pictures go."""
        self.pipeline, self.pictures = pipeline, pictures
        pipeline.tree_in_front = self._tree_in_front
        self.layouts = Layouts(self._sources, self._fronts, refusal=pipeline.refusal, numbers=self._numbers)

    def _tree_in_front(self, *, is_placed: bool) -> RawTree | None:
        seen = self.trees.latest(self._fronts.now)
        return None if seen is None or (is_placed and not seen.is_placed) else seen.raw

    def look_around(self) -> None:
        """Find out what is in front as recording begins or goes on; what was known before a pause holds no more."""
        now_ns = self._clock.monotonic_ns()
        self.forget_pages()
        self._focus.forget(now_ns)
        self.trees.forget()
        self._asks = [now_ns, *self._later()]
        self._tell_monitors()
        self.on_window(self._sources.windows.read_front(now_ns))
        self.layouts.forget()
        self.layouts.touch(now_ns)

    # ---- X11 ----

    def on_display(self, event: Any, *, is_recording: bool) -> bool:
        """Take an event of the display; True when the sign was clicked."""
        if is_stacking(event) or is_release(event):
            self.on_input(is_all=True)  # what was under the pointer, and who had the keyboard, is known only until then
        has_moved = self._sources.stack.handle(event)
        if self._sources.topology.handle(event):
            self._sources.indicator.follow(self._sources.topology.monitors)
            if is_recording:
                self._tell_monitors()
        if self._sources.input_settings.handle(event) and is_recording and {"pointer", "keys"} & set(self._lending.streams):
            self.pipeline.hold(self._sources.input_settings.settings, self._clock.monotonic_ns())
        if self._sources.screen is not None:
            self._sources.screen.handle(event)
        was_seized = self._sources.windows.is_keyboard_seized
        window = self._sources.windows.handle(event)
        if was_seized and not self._sources.windows.is_keyboard_seized:
            self._freed_ns = self._clock.monotonic_ns()
        if window is not None:
            self.on_window(window)
        if has_moved or window is not None or self._sources.windows.changes != self._window_changes:
            self._window_changes = self._sources.windows.changes
            self.layouts.touch(self._clock.monotonic_ns())
        press_ns = press_time_ns(self._sources.display, event) if is_recording else None
        if press_ns is not None:
            self._on_press(press_ns)
        return self._sources.indicator.handle(event)

    def on_window(self, window: RawWindow) -> None:
        """A window came to the front."""
        before = self._fronts.now.place
        self._fronts.show_window(window)
        self._note_front(before, window.timestamp_ns)
        if self._sources.input is not None:
            self._sources.input.be_prompt(self._is_terminal)
        self._hold(window)

    def read_layout(self, now_ns: int) -> None:
        """Keep how the windows lie, if that changed a moment ago."""
        layout = self.layouts.read_due(now_ns)
        if layout is not None:
            self._hold(layout)

    def rest_due(self, now_ns: int) -> None:
        """Have a picture ready once the pointer rests."""
        if self._rest_ns is not None and self._rest_ns <= now_ns:
            self._rest_ns = None
            self.pictures.rest(now_ns)

    @property
    def next_rest_ns(self) -> int | None:
        """When `rest_due` has something to do."""
        return self._rest_ns

    def _tell_monitors(self) -> None:
        """Say which monitors there are from now on, if they are others than said last."""
        monitors = self._sources.topology.monitors
        if monitors != self._monitors and self._sources.input is not None:
            self._monitors = monitors
            now_ns = self._clock.monotonic_ns()
            self.pipeline.hold(Topology(now_ns, monitors), now_ns)
            self.layouts.touch(now_ns)

    def on_input(self, *, is_all: bool = False) -> None:
        """Read what was done by pointer and keys; `is_all` when what depends on it is about to change."""
        source = self._sources.input
        if source is None:
            return
        items = source.read_now() if is_all else source.read()
        has_keys = any(isinstance(item, RawKey) and item.pressed for item in items)
        is_elsewhere = has_keys and self._sources.is_keyboard_elsewhere()
        now_ns = self._clock.monotonic_ns()
        if source.may_have_lost:
            self._tell_loss(now_ns)
        if any(not isinstance(item, RawKey) for item in items):
            self._rest_ns = now_ns + _REST_NS
        for item in items:
            if isinstance(item, RawKey):
                if item.pressed and (item.keysym in self._moving_keys or is_chord(item)):
                    self._disturb(item.timestamp_ns)
                self.pipeline.hold(item, now_ns, is_elsewhere=is_elsewhere or item.timestamp_ns <= self._freed_ns)
            else:
                if isinstance(item, RawButton):
                    self._disturb(item.timestamp_ns)
                self.pipeline.hold(item, now_ns, owner=self._sources.owner_at(item.x, item.y))
        if has_keys and self._is_terminal:
            self._look_at_terminal()

    def _tell_loss(self, now_ns: int) -> None:
        """The X server may have lost events: say so, rather than let them be missing in silence."""
        for stream in _BY_INPUT:
            if stream in self._lending.streams:
                self.pipeline.drop(stream, "lost", timestamp_ns=now_ns)

    @property
    def _is_terminal(self) -> bool:
        return self._fronts.now.app in TERMINALS

    @property
    def _moving_keys(self) -> frozenset[str]:
        """The keys that may move the focus, or in a terminal start a program that asks for something."""
        return _RUNS if self._is_terminal else MOVES_FOCUS

    def _look_at_terminal(self) -> None:
        """See whether the terminal in front shows what is typed; just after a command nobody knows yet what it will ask."""
        front = self._fronts.now
        if not self._is_lent(front):
            return
        verdict = terminal_verdict(self._sources.windows.process_id)
        now_ns = self._clock.monotonic_ns()
        if verdict == "secure" or now_ns >= self._disturbed_ns + TERMINAL_SETTLE_NS:
            self._focus.confirm(now_ns, is_secure=verdict == "secure", is_field=verdict == "plain", is_exact=False)
        since_ns = now_ns - self._disturbed_ns
        if verdict != "plain" and not self._asks and since_ns < _HIDES_FOR_NS:
            self._asks = [now_ns + max(since_ns // 4, _ASK_AFTER_NS[-1])]  # less and less often: a secret's prompt may stay for minutes

    def _on_press(self, press_ns: int) -> None:
        self._presses = [*self._presses[1 - _PRESSES_REMEMBERED :], press_ns]
        self.pictures.press(press_ns)

    # ---- pages ----

    def on_page(self, message: PageMessage, *, is_recording: bool) -> None:
        """Take what a page said; while paused only where it is matters."""
        before = self._fronts.now.place
        match message:
            case RawPage():
                self._fronts.show_page(message)
                if message.what != "left" and self._sources.is_only_window:
                    self._fronts.bind(message.tab, message.timestamp_ns)
                self._note_front(before, message.timestamp_ns)
                self.layouts.touch(self._clock.monotonic_ns())
                if is_recording:
                    self._hold(message)
            case RawPageScroll() if is_recording:
                self._hold(message)
            case PageFocus():
                self._on_page_focus(message)
            case PageTree() if is_recording:
                self._on_page_tree(message)
            case NoPage():
                self.pictures.miss(("page", message.probe))

    def _on_page_focus(self, message: PageFocus) -> None:
        focus, before = message.raw, self._fronts.now.place
        (self._tabs_with_keyboard.add if message.is_in_page else self._tabs_with_keyboard.discard)(message.tab)
        if message.is_in_page:
            self._fronts.bind(message.tab, focus.timestamp_ns)
            self._note_front(before, focus.timestamp_ns)
        if self._fronts.is_in_front(message.tab):
            self._focus.note(focus.timestamp_ns, focus.field, is_secure=focus.is_secure)

    def _on_page_tree(self, message: PageTree) -> None:
        if self._fronts.is_in_front(message.tab):
            tree = seen_page(message, self._fronts.now, presses=self._presses)
            self._see(replace(tree, is_settled=tree.is_settled and message.tab in self._tabs_with_keyboard))
        elif (behind := self._fronts.of_tab(message.tab, message.raw.app)) is not None and self._is_lent(behind):
            self._see_behind(seen_page(message, behind, presses=self._presses))
        else:
            self.pipeline.drop("ui_tree", "site_not_lent", timestamp_ns=message.raw.timestamp_ns)

    def forget_pages(self) -> None:
        """What pages said before holds no more: a browser went, or recording was paused, and they may be others now."""
        before, now_ns = self._fronts.now.place, self._clock.monotonic_ns()
        self._tabs_with_keyboard.clear()
        self._fronts.forget_pages(now_ns)
        self._note_front(before, now_ns)

    # ---- native apps ----

    def on_native(self, message: NativeTree | RawFocus) -> None:
        """Take what the accessibility bus said."""
        front = self._fronts.now
        if isinstance(message, RawFocus):
            if self._lending.is_browser(front.app) or self._is_terminal:
                return
            if self._sources.atspi is not None and self._sources.atspi.owns(self._sources.windows.process_id, message):
                self._focus.note(message.timestamp_ns, message.field, is_secure=message.is_secure, is_exact=False)
            return
        asked = self._sources.asked(message.request)
        tree = None if asked is None else seen_native(message, asked)
        if tree is None or asked is None:
            self.pictures.miss(("atspi", message.request))
        elif asked.window_id == front.window_id:
            self._see(tree)
        else:
            self._see_behind(tree)

    # ---- the clipboard ----

    def on_clipboard(self) -> None:
        """Take what the clipboard's source heard; an owner is asked only if the app in front is lent and is the owner."""
        source = self._sources.clipboard
        for heard in source.read() if source is not None else ():
            match heard:
                case Change():
                    reason = self.pipeline.refusal("clipboard", self._fronts.at(heard.timestamp_ns))
                    is_of_front = heard.process_id != 0 and heard.process_id == self._sources.windows.process_id
                    if reason is None and not is_of_front:
                        reason = "app_not_lent"
                    if reason is None and source is not None:
                        source.ask(heard)
                    elif reason is not None:
                        self.pipeline.drop("clipboard", reason, timestamp_ns=heard.timestamp_ns)
                case Withheld():
                    self.pipeline.drop("clipboard", heard.reason, timestamp_ns=heard.timestamp_ns)
                case _:
                    self.pipeline.hold(heard, self._clock.monotonic_ns())

    # ---- asking ----

    def ask_due(self, now_ns: int) -> None:
        """Ask where the focus is, a moment after something may have moved it."""
        due = [at_ns for at_ns in self._asks if at_ns <= now_ns]
        self._asks = [at_ns for at_ns in self._asks if at_ns > now_ns]
        if due and self._is_terminal:
            self._look_at_terminal()
        elif due and self._focus.is_disturbed and self._is_lent(self._fronts.now):
            self._sources.ask_tree(self._fronts.now, is_browser=self._lending.is_browser(self._fronts.now.app))

    @property
    def next_ask_ns(self) -> int | None:
        """When `ask_due` has something to do."""
        return min(self._asks, default=None)

    # ---- what follows ----

    def _see(self, tree: SeenTree) -> None:
        front = self._fronts.now
        if not is_of(tree, front):
            self.pipeline.drop("ui_tree", "site_not_lent", timestamp_ns=tree.raw.timestamp_ns)
            return
        is_early = tree.raw.source == "atspi" and tree.raw.timestamp_ns < self._disturbed_ns + _ASK_AFTER_NS[0]
        if tree.is_settled and not self._is_terminal and (tree.focus[0] or not is_early):  # the app may not have felt the click yet
            is_secure, is_field = tree.focus
            is_exact = tree.raw.source == "page"
            self._focus.confirm(tree.raw.timestamp_ns, is_secure=is_secure, is_field=is_field, is_exact=is_exact)
        self.trees.see(tree)
        self.pictures.see(tree)
        reason = self.pipeline.refusal("ui_tree", front)
        if reason is not None:
            self.pipeline.drop("ui_tree", reason, timestamp_ns=tree.raw.timestamp_ns)
        elif self.trees.is_news(tree.raw):
            self._hold(KeptTree(tree.raw))

    def _see_behind(self, tree: SeenTree) -> None:
        """Take a tree of a window that isn't in front: it helps to picture it, and isn't kept itself."""
        self.trees.see(tree)
        self.pictures.see(tree)

    def _note_front(self, before: tuple[int, str, str], at_ns: int) -> None:
        """If another place is in front now, nothing known of the focus holds; a browser's window counts from when its page is known."""
        front = self._fronts.now
        if front.place == before:
            return
        self._focus.forget(at_ns)
        self._asks = [self._clock.monotonic_ns(), *self._later()]
        if front.site and front.place[:2] == before[:2]:
            self._hold(replace(self._sources.windows.front, timestamp_ns=front.from_ns))

    def _disturb(self, at_ns: int) -> None:
        self._disturbed_ns = max(self._disturbed_ns, at_ns)
        if self._is_terminal:  # a look that was taken before this key was read saw the terminal as it was before it
            self._focus.retract(at_ns)
        self._focus.disturb(at_ns)
        self._asks = self._later()

    def _later(self) -> list[int]:
        now_ns = self._clock.monotonic_ns()
        return [now_ns + after_ns for after_ns in _ASK_AFTER_NS]

    def _is_lent(self, front: Front) -> bool:
        return not front.is_private and self._lending.lends_anything(front.app, front.site)

    def _hold(self, item: RawWindow | RawLayout | RawPage | RawPageScroll | KeptTree) -> None:
        if self._sources.input is not None:
            if isinstance(item, RawWindow):
                item = replace(item, number=self._numbers.of(item.window_id, item.app))
            self.pipeline.hold(item, self._clock.monotonic_ns())
