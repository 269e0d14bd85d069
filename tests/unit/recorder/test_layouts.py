"""How windows lie: said when it changes, of lent windows only, and of others no more than what they cover."""

import pytest
from recorder_ground import Ground

from witting.device.capture.stacking import StackedWindow
from witting.device.recorder.layouts import Layouts, Numbers
from witting.terms.geometry import Rect
from witting.terms.raw import RawLayout, RawPage, RawPlaced, RawWindow

MS = 1_000_000
SITE = "https://forms.example.org"


def managed(number: int, app: str, area: Rect, *, is_popup: bool = False) -> StackedWindow:
    """Return a window in a frame of 4 pixels."""
    frame = Rect(area.x - 4, area.y - 4, area.width + 8, area.height + 8)
    return StackedWindow(number + 1000, number, app, frame, area, is_popup)


class Stage:
    """A stack of windows in memory."""

    def __init__(self) -> None:
        self.ground = Ground()
        self.stack: tuple[StackedWindow, ...] = ()
        self.workspace = 0
        self.titles = {1: "plan.txt", 2: "Secret salaries", 3: "Chromium: other tab"}
        self.looks = 0
        self.layouts = Layouts(self, self.ground.fronts, refusal=self.ground.pipeline.refusal, numbers=Numbers())

    def stack_now(self):
        """Give the windows."""
        self.looks += 1
        return self.stack

    def title_of(self, window_id: int) -> str:
        """Give a title."""
        return self.titles[window_id]

    def change(self, *stack: StackedWindow) -> RawLayout | None:
        """Change how windows lie and wait."""
        self.stack = stack
        self.ground.clock.advance(seconds=1)
        now_ns = self.ground.clock.monotonic_ns()
        self.layouts.touch(now_ns)
        assert self.layouts.read_due(now_ns + 249 * MS) is None
        return self.layouts.read_due(now_ns + 250 * MS)


@pytest.fixture
def stage() -> Stage:
    """Give a stage where mousepad and one site of chromium are lent."""
    return Stage()


@pytest.mark.promise("P6")
def test_of_an_unlisted_window_only_what_it_covers_is_told(stage):
    """Of a terminal over a lent editor the record has the covered part and neither app, title nor the rest of its place."""
    layout = stage.change(managed(1, "mousepad", Rect(100, 100, 400, 300)), managed(2, "xterm", Rect(300, 50, 600, 600)))
    editor, cover = layout.windows
    assert (editor.app, editor.title, editor.area) == ("mousepad", "plan.txt", Rect(100, 100, 400, 300))
    assert (cover.number, cover.app, cover.title, cover.area) == (0, "", "", Rect(296, 100, 204, 300))


@pytest.mark.promise("P6")
def test_a_window_that_covers_nothing_lent_is_not_told_of(stage):
    """A terminal beside or below a lent window leaves no trace."""
    layout = stage.change(managed(2, "xterm", Rect(0, 0, 90, 90)), managed(1, "mousepad", Rect(100, 100, 400, 300)))
    assert [window.app for window in layout.windows] == ["mousepad"]


def test_the_same_layout_is_said_once_and_a_change_is_said_again(stage):
    """Events that change nothing cost no record; a move, another order and another workspace do."""
    editor, other = managed(1, "mousepad", Rect(0, 0, 50, 50)), managed(4, "mousepad", Rect(20, 20, 50, 50))
    stage.titles[4] = "list.txt"
    first = stage.change(editor, other)
    assert first is not None
    assert stage.change(editor, other) is None
    swapped = stage.change(other, editor)
    assert [window.number for window in swapped.windows] == [window.number for window in first.windows][::-1]
    stage.workspace = 2
    assert stage.change(other, editor).workspace == 2
    assert stage.change().windows == ()
    assert stage.change() is None


def test_nothing_is_looked_at_while_nothing_changes(stage):
    """Without an event there is no time at which to look."""
    stage.change(managed(1, "mousepad", Rect(0, 0, 50, 50)))
    assert stage.layouts.next_due_ns is None
    assert stage.layouts.read_due(10**15) is None
    assert stage.looks == 1


@pytest.mark.promise("P6")
def test_a_browser_window_is_told_of_only_under_the_title_of_its_lent_page(stage):
    """A browser whose page isn't lent, or isn't known, only covers; one with a lent page has that page's title."""
    browser = managed(3, "chromium", Rect(0, 0, 50, 50))
    assert stage.change(browser) is None
    fronts = stage.ground.fronts
    fronts.show_window(RawWindow(1, "chromium", "Chromium: other tab", 3, Rect(0, 0, 50, 50)))
    fronts.show_page(RawPage(2, f"{SITE}/claims", "Claims", 7, is_private=False, what="navigation"))
    fronts.bind(7, 3)
    assert [window.title for window in stage.change(browser).windows] == ["Claims"]
    fronts.show_page(RawPage(4, f"{SITE}/claims", "Claims", 7, is_private=True, what="navigation"))
    assert stage.change(browser).windows == ()


def test_menus_of_a_lent_app_cover_it(stage):
    """A pop-up has no place in the record but what it covers."""
    layout = stage.change(
        managed(1, "mousepad", Rect(0, 0, 50, 50)), StackedWindow(9, 9, "mousepad", Rect(10, 10, 20, 20), Rect(0, 0, 0, 0), is_popup=True)
    )
    assert [(window.number == 0, window.area) for window in layout.windows] == [(False, Rect(0, 0, 50, 50)), (True, Rect(10, 10, 20, 20))]


def test_numbers_are_stable_within_a_session_and_random_between_sessions():
    """One window keeps its number; another session, or another app under the same id, gets another."""
    one, other = Numbers(), Numbers()
    assert one.of(5, "mousepad") == one.of(5, "mousepad") != 0
    assert len({one.of(number, "mousepad") for number in range(1, 200)}) == 199
    assert one.of(5, "mousepad") != one.of(5, "xterm")
    assert one.of(5, "mousepad") != other.of(5, "mousepad")  # one chance in two thousand million
    assert one.of(0, "") == 0


def test_a_layout_is_kept_as_one_item_of_windows(stage):
    """It counts as one in the books and is handed on as it is."""
    layout = RawLayout(5, (RawPlaced(7, "mousepad", "plan.txt", Rect(0, 0, 1, 1)),), 0)
    stage.ground.pipeline.hold(layout, 5)
    assert stage.ground.finish() == [layout]
    assert stage.ground.pipeline.tally.produced == {"windows": 1}
