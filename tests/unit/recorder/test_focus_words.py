"""In which order the loop takes word of the focus and what moved it, and how often a terminal that shows nothing is looked at."""

import itertools
from types import SimpleNamespace

import pytest

from witting.device.capture.page_messages import NoPage, PageFocus
from witting.device.recorder import observer as watched
from witting.device.recorder.focus import FocusHistory
from witting.device.recorder.fronts import Fronts
from witting.device.recorder.loop import Loop
from witting.device.recorder.observer import Observer
from witting.terms.geometry import Rect
from witting.terms.raw import RawFocus, RawWindow
from witting.testing.clock import FakeClock

MS = 1_000_000
WORD = PageFocus(RawFocus(5, "page", "field", is_secure=True), tab=1, is_in_page=True)
NATIVE = RawFocus(5, "atspi", "field", is_secure=True)


class _Order:
    """What a loop did, in order; a click on the sign may wait in the display's queue."""

    def __init__(self, *, pages=(), native=(), is_pausing=False) -> None:
        self.done: list[str] = []
        self.loop = loop = Loop.__new__(Loop)
        self.is_pausing = is_pausing
        loop._is_open = True
        loop._on_display = self._display
        loop._sources = SimpleNamespace(
            browser=SimpleNamespace(read=lambda: iter(pages)), atspi=SimpleNamespace(read=lambda: list(native), fileno=lambda: 5)
        )
        loop._selector = SimpleNamespace(get_map=lambda: {5: None})
        loop._browsers = SimpleNamespace(was_one_lost=lambda: False)
        loop._observer = SimpleNamespace(
            on_input=lambda *, is_all: self.done.append("all input" if is_all else "input"),
            on_page=lambda _, *, is_recording: self.done.append("page" if is_recording else "page, closed"),
            on_native=lambda _: self.done.append("native"),
        )

    def _display(self) -> None:
        self.done.append("display")
        self.loop._is_open = self.loop._is_open and not self.is_pausing


@pytest.mark.parametrize(("messages", "done"), [
    ([WORD], ["display", "all input", "page"]),
    ([NoPage(1)], ["page"]),
    ([NoPage(1), WORD, NoPage(2)], ["page", "display", "all input", "page", "page"]),
])  # fmt: skip
def test_the_key_that_moved_the_focus_is_read_before_word_of_it(messages, done):
    """A page's word may be quicker than the reading of keys; then the keys before a Tab would seem to have gone where it led."""
    order = _Order(pages=messages)
    order.loop._on_pages()
    assert order.done == done


def test_the_same_goes_for_native_apps():
    """Word from the accessibility bus waits for the keys too."""
    order = _Order(native=[NATIVE, object()])
    order.loop._on_native()
    assert order.done == ["display", "all input", "native", "native"]


def test_a_pause_that_waits_comes_before_either():
    """With a click on the sign in the queue no key is read any more, and nothing more is taken from an app."""
    order = _Order(native=[NATIVE, NATIVE], pages=[WORD], is_pausing=True)
    order.loop._on_native()
    assert order.done == ["display"]
    order.loop._on_pages()
    assert order.done == ["display", "page, closed"]


def _secret_key_before_tab(*, is_tab_known: bool) -> str:
    """Return what becomes of a key typed into a plain field, then Tab, then word of a password field."""
    focus = FocusHistory()
    focus.disturb(0)
    focus.note(5 * MS, "name", is_secure=False)
    if is_tab_known:
        focus.disturb(1040 * MS)
    focus.note(1050 * MS, "password", is_secure=True)
    return focus.verdict_at(1000 * MS)[0]


def test_why_the_order_matters():
    """A plain key is lost if the Tab isn't known, and kept if it is."""
    assert _secret_key_before_tab(is_tab_known=False) == "secure"
    assert _secret_key_before_tab(is_tab_known=True) == "plain"


def _looks(monkeypatch, verdicts) -> tuple[list[int], FocusHistory]:
    """Return when (ms after Return) a terminal is looked at without anybody typing; `verdicts` says what is seen at each time."""
    clock, focus, fronts = FakeClock(), FocusHistory(), Fronts(lambda _: False)
    fronts.show_window(RawWindow(clock.monotonic_ns(), "xterm", "", 7, Rect(0, 0, 9, 9)))
    lending = SimpleNamespace(lends_anything=lambda *_: True, is_browser=lambda _: False)
    observer = Observer(SimpleNamespace(windows=SimpleNamespace(process_id=1)), lending, fronts=fronts, focus=focus, clock=clock)
    begin, looks = clock.monotonic_ns(), []

    def seen(_):
        looks.append((clock.monotonic_ns() - begin) // MS)
        return verdicts(looks[-1])

    monkeypatch.setattr(watched, "terminal_verdict", seen)
    observer._disturb(begin)
    while observer.next_ask_ns is not None and len(looks) < 100:
        clock.advance(seconds=(observer.next_ask_ns - clock.monotonic_ns()) / 1e9)
        observer.ask_due(clock.monotonic_ns())
    return looks, focus


def test_a_terminal_that_shows_what_is_typed_is_looked_at_three_times(monkeypatch):
    """After that only when keys come."""
    looks, focus = _looks(monkeypatch, lambda _: "plain")
    assert looks == [40, 90, 250]
    assert not focus.is_disturbed


def test_a_prompt_for_a_secret_is_looked_at_less_and_less_often_and_not_for_ever(monkeypatch):
    """So the first letter after it isn't lost, and a connection to another machine that stays open for hours costs nothing."""
    looks, _ = _looks(monkeypatch, lambda _: "secure")
    gaps = [later - sooner for sooner, later in itertools.pairwise(looks[2:])]
    assert gaps == sorted(gaps)
    assert gaps[0] == 250
    assert 8000 <= looks[-1] < 11_000
    assert len(looks) < 25


@pytest.mark.parametrize("ends_ms", [300, 1000, 2000, 5000])
def test_the_end_of_a_prompt_is_noticed_soon(monkeypatch, ends_ms):
    """A quarter of the time that the prompt stood, at most, and then it isn't looked at any more."""
    looks, focus = _looks(monkeypatch, lambda ms: "secure" if ms < ends_ms else "plain")
    assert ends_ms <= looks[-1] <= ends_ms * 1.25 + 260
    assert focus.latest.verdict == "plain"
