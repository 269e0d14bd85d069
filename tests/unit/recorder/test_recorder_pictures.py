"""When a picture is taken, and what it needs before it goes on."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from witting.device.capture.screen import Grab
from witting.device.capture.stacking import StackedWindow
from witting.device.recorder.fronts import Fronts
from witting.device.recorder.pictures import OTHERS_NS, PATIENCE_NS, Outlets, Pictures
from witting.device.recorder.sources import Snap
from witting.device.recorder.trees import SeenTree, Trees
from witting.device.recorder.writer import ShownPane
from witting.terms.geometry import Monitor, Rect
from witting.terms.raw import RawNode, RawTree, RawWindow

MS = 1_000_000
LENT = (Rect(0, 0, 8, 8),)


class Stage:
    """A screen, an app and outlets in memory."""

    def __init__(self) -> None:
        self.now = 1000 * MS
        self.asked = self.grabbed = self.flight = 0
        self.kept: list = []
        self.dropped: list = []
        self.reason = None
        self.behind: list[StackedWindow] = []
        self.regions_of: dict[int, tuple[Rect, ...]] = {}
        self.screen = SimpleNamespace(is_damaged=False, ignore_damage=self._ignore)
        self.topology = SimpleNamespace(monitors=(Monitor("m", Rect(0, 0, 8, 8)),))
        self.fronts = Fronts(lambda app: app == "chromium")
        self.fronts.show_window(RawWindow(0, "mousepad", "", 1, Rect(0, 0, 8, 8)))
        self.trees = Trees()
        outlets = Outlets(
            keep=self.kept.append,
            drop=lambda reason, at_ns: self.dropped.append((reason, at_ns)),
            refusal=lambda _: self.reason,
            is_browser=lambda app: app == "chromium",
            in_flight=lambda: self.flight,
        )
        self.pictures = Pictures(self, self.fronts, trees=self.trees, outlets=outlets, interval_ns=2000 * MS)

    def _ignore(self) -> None:
        self.screen.is_damaged = False

    def ask_tree(self, front, *, is_browser: bool) -> tuple[str, int]:
        """Give the next question's number."""
        del front
        self.asked += 1
        return "page" if is_browser else "atspi", self.asked

    def snap(self) -> Snap:
        """Give a picture that differs from the last."""
        self.grabbed += 1
        self.screen.is_damaged = False
        return Snap(Grab(self.now, self.now + MS, np.full((8, 8, 4), self.grabbed, np.uint8)), None)

    def regions(self, snap: Snap, pages: dict[int, Rect | None]) -> dict[int, tuple[Rect, ...]]:
        """Say where windows show."""
        del snap
        return {window_id: self.regions_of.get(window_id, LENT) for window_id in pages}

    def lent_windows(self, is_lent) -> list:
        """Give the windows behind that are lent."""
        return [window for window in self.behind if is_lent(window.client_id, window.app)]

    def tree(
        self, *, number: int = 0, is_before_press: bool = False, at_ns: int | None = None, origin=None, placed: bool = True
    ) -> SeenTree:
        """Give a tree of what is in front that answers a question."""
        source = "page" if self.fronts.now.app == "chromium" else "atspi"
        raw = RawTree(self.now if at_ns is None else at_ns, source, self.fronts.now.app, "", (RawNode(0, -1, "text", "Total"),))
        return SeenTree(raw, (source, number) if number else None, self.fronts.now.place, origin, placed, is_before_press)

    def see(self, tree: SeenTree) -> None:
        """A tree arrives."""
        self.trees.see(tree)
        self.pictures.see(tree)

    def damage(self) -> None:
        """Something changes on the screen, and its picture is due."""
        self.screen.is_damaged = True
        self.pictures.tick(self.now)
        self.now += 2000 * MS
        self.pictures.tick(self.now)


@pytest.fixture
def stage() -> Stage:
    """Give a stage with a lent editor in front."""
    return Stage()


def test_on_damage_the_tree_is_asked_for_before_and_after_the_grab(stage):
    """A picture of damage has a tree from just before it and one from just after it."""
    stage.damage()
    assert (stage.asked, stage.grabbed) == (1, 0)
    stage.see(before := stage.tree(number=1))
    assert (stage.asked, stage.grabbed, stage.kept) == (2, 1, [])
    stage.see(after := stage.tree(number=2))
    (picture,) = stage.kept
    assert (picture.panes, picture.reason) == ((ShownPane(LENT, before.raw, after.raw),), "start")


def test_at_most_one_picture_in_two_seconds_on_damage(stage):
    """However much changes, pictures of damage come no faster than agreed."""
    for _ in range(100):
        stage.screen.is_damaged = True
        stage.pictures.tick(stage.now)
        stage.see(stage.tree(number=stage.asked))
        stage.see(stage.tree(number=stage.asked))
        stage.now += 100 * MS
    assert 4 <= len(stage.kept) <= 6


def test_a_screen_on_which_nothing_changed_gives_no_second_picture(stage, monkeypatch):
    """Damage that leaves the same pixels isn't kept again."""
    monkeypatch.setattr(stage, "snap", lambda: Snap(Grab(stage.now, stage.now, np.zeros((8, 8, 4), np.uint8)), None))
    for _ in range(2):
        stage.damage()
        stage.see(stage.tree(number=stage.asked))
        stage.see(stage.tree(number=stage.asked))
    assert len(stage.kept) == 1
    assert stage.asked == 2  # nobody was asked about what looks as before


def test_a_click_is_pictured_at_once_with_the_tree_seen_last(stage):
    """At a press the grab doesn't wait for any tree."""
    stage.trees.see(before := stage.tree())
    stage.pictures.press(stage.now)
    assert stage.grabbed == 1
    stage.see(stage.tree(number=1))
    assert (stage.kept[0].panes[0].before, stage.kept[0].reason) == (before.raw, "click")


@pytest.mark.promise("P8")
def test_without_a_tree_in_time_the_picture_goes_on_with_nothing_to_show(stage):
    """After 300 ms a picture is handed on without trees and without a lent region, and is counted."""
    stage.trees.see(stage.tree())
    stage.pictures.press(stage.now)
    stage.pictures.tick(stage.now + MS + PATIENCE_NS)
    (picture,) = stage.kept
    assert (picture.panes, stage.pictures.unverified) == ((), 1)


def test_an_app_that_says_it_has_no_tree_is_not_waited_for(stage):
    """An answer without a tree ends the wait."""
    stage.trees.see(stage.tree())
    stage.pictures.press(stage.now)
    stage.pictures.miss(("atspi", 1))
    assert [picture.panes for picture in stage.kept] == [()]


@pytest.mark.promise("P6")
def test_a_picture_of_what_isn_t_lent_isn_t_even_taken(stage):
    """While an unlisted app is in front nothing is grabbed; it is counted."""
    stage.reason = "app_not_lent"
    stage.pictures.press(stage.now)
    stage.damage()
    assert stage.grabbed == 0
    assert [reason for reason, _ in stage.dropped] == ["app_not_lent"] * 2


@pytest.mark.promise("P6")
def test_a_picture_during_which_another_window_came_is_dropped(stage):
    """If what was in front changed while the screen was read, nobody knows what it shows."""
    stage.trees.see(stage.tree())
    stage.pictures.press(stage.now)
    stage.fronts.show_window(RawWindow(stage.now + MS // 2, "xterm", "", 2, Rect(0, 0, 8, 8)))
    stage.pictures.tick(stage.now + MS + PATIENCE_NS)
    assert (stage.kept, [reason for reason, _ in stage.dropped]) == ([], ["site_not_lent"])


def test_the_tree_a_page_sends_as_the_button_goes_down_vouches_for_a_quick_grab_only(stage):
    """Within 10 ms of the press the page's answer can't be on the screen; later it may be, and a probe is waited for."""
    stage.trees.see(stage.tree())
    stage.pictures.press(stage.now)
    stage.see(stage.tree(is_before_press=True, at_ns=stage.now - 1))
    assert stage.kept[0].panes[0].after is not None
    late = Stage()
    late.trees.see(late.tree())
    late.now += 15 * MS
    late.pictures.press(late.now - 15 * MS)
    late.see(late.tree(is_before_press=True, at_ns=late.now - 15 * MS))
    assert late.kept == []


def test_a_page_whose_place_moved_or_was_never_measured_shows_nothing(stage):
    """Boxes that may lie elsewhere than the pixels are no ground to show any."""
    stage.trees.see(stage.tree(origin=(0, 90)))
    stage.pictures.press(stage.now)
    stage.see(stage.tree(number=1, origin=(0, 120)))
    stage.trees.see(stage.tree(placed=False))
    stage.pictures.press(stage.now)
    stage.see(stage.tree(number=2))
    assert [picture.panes for picture in stage.kept] == [()] * 2


def test_pictures_that_pile_up_are_dropped_by_name(stage):
    """Faster clicks than can be masked cost pictures, never events."""
    stage.flight = 4
    stage.pictures.press(stage.now)
    assert stage.dropped == [("over_budget", stage.now)]


def test_a_pause_drops_what_isn_t_finished(stage):
    """A picture that waits for its tree when recording pauses isn't kept."""
    stage.trees.see(stage.tree())
    stage.pictures.press(stage.now)
    stage.pictures.stop("paused")
    stage.see(stage.tree(number=1))
    assert (stage.kept, [reason for reason, _ in stage.dropped]) == ([], ["paused"])


def behind(number: int = 2) -> StackedWindow:
    """Return a lent window behind the one in front."""
    return StackedWindow(number, number, "mousepad", Rect(8, 0, 8, 8), Rect(8, 0, 8, 8), is_popup=False)


def tree_of(stage: Stage, window_id: int, number: int) -> SeenTree:
    """Return a tree of a window of the editor that answers a question."""
    return replace(stage.tree(number=number), place=(window_id, "mousepad", ""))


@pytest.mark.promise("P6")
def test_windows_behind_are_shown_with_trees_of_their_own(stage):
    """Each lent window in view is asked for itself, before and after; one that doesn't answer soon stays masked."""
    stage.behind = [behind(2), behind(3)]
    stage.regions_of = {2: (Rect(8, 0, 4, 8),), 3: (Rect(12, 0, 4, 8),)}
    stage.damage()
    assert stage.asked == 3
    for window_id, number in ((1, 1), (2, 2), (3, 3)):
        stage.see(tree_of(stage, window_id, number))
    assert (stage.grabbed, stage.asked) == (1, 6)
    stage.see(tree_of(stage, 1, 4))
    stage.see(tree_of(stage, 2, 5))
    assert stage.kept == []
    stage.pictures.tick(stage.now + MS + OTHERS_NS)
    assert [pane.region for pane in stage.kept[0].panes] == [LENT, (Rect(8, 0, 4, 8),)]
    assert stage.pictures.unverified == 0


@pytest.mark.promise("P6")
def test_the_answer_of_one_window_counts_for_no_other(stage):
    """A tree of another window under the same number isn't taken."""
    stage.damage()
    stage.see(tree_of(stage, 2, 1))
    assert stage.grabbed == 0


def test_at_a_click_a_window_behind_counts_only_with_a_fresh_tree(stage):
    """What was seen of it five seconds ago is no ground to show it."""
    stage.behind = [behind()]
    stage.trees.see(stage.tree())
    stage.trees.see(tree_of(stage, 2, 9))
    stage.pictures.press(stage.now)
    assert stage.asked == 2
    stage.now += 6000 * MS
    stage.pictures.press(stage.now)
    assert stage.asked == 3


def test_of_a_window_behind_a_fresh_tree_from_before_will_do(stage):
    """On changes a window behind that told its tree within five seconds is asked only after the grab, one that didn't before it too."""
    stage.behind = [behind()]
    stage.trees.see(tree_of(stage, 2, 9))
    stage.damage()
    assert stage.asked == 1
    stage.see(tree_of(stage, 1, 1))
    assert (stage.grabbed, stage.asked) == (1, 3)
    stage.see(tree_of(stage, 1, 2))
    stage.see(tree_of(stage, 2, 3))
    assert [len(picture.panes) for picture in stage.kept] == [2]
    stage.now += 6000 * MS
    stage.damage()
    assert stage.asked == 5


@pytest.mark.promise("P6")
def test_a_window_behind_without_a_tree_is_left_alone_for_a_while_and_stays_masked(stage):
    """Twice in a row without an answer, and it isn't asked for ten pictures; nothing of it shows meanwhile, and then it is asked again."""
    stage.behind = [behind()]
    asked = []
    for _ in range(13):
        before = stage.asked
        stage.now += 500 * MS
        stage.damage()
        asked.append(stage.asked - before)
        if asked[-1] == 2:
            stage.pictures.miss(("atspi", stage.asked))
        stage.see(tree_of(stage, 1, before + 1))
        stage.see(tree_of(stage, 1, stage.asked))
    assert asked == [2, 2, *[1] * 9, 2, 2]
    assert {len(picture.panes) for picture in stage.kept} == {1}


def test_each_monitor_that_shows_something_lent_has_its_own_picture(stage):
    """A window across two of three monitors makes two pictures; a masked one makes one."""
    stage.topology.monitors = tuple(Monitor(name, Rect(x, 0, 3, 8)) for name, x in (("a", 0), ("b", 3), ("c", 6)))
    stage.regions_of = {1: (Rect(1, 0, 4, 8),)}
    stage.damage()
    stage.see(stage.tree(number=1))
    stage.see(stage.tree(number=2))
    assert [(picture.monitor, picture.area) for picture in stage.kept] == [(0, Rect(0, 0, 3, 8)), (1, Rect(3, 0, 3, 8))]
    stage.pictures.press(stage.now)
    stage.pictures.miss(("atspi", 3))
    assert [(picture.monitor, picture.panes) for picture in stage.kept[2:]] == [(0, ())]


def test_a_click_has_a_picture_of_what_came_of_it(stage):
    """300 ms after the press, once the screen is quiet, what came of the click is pictured with trees from before and after."""
    stage.trees.see(stage.tree())
    stage.pictures.press(stage.now)
    stage.see(stage.tree(number=1))
    stage.screen.is_damaged = True
    for after_ms in (50, 230, 310):
        stage.pictures.tick(stage.now + after_ms * MS)
    stage.see(stage.tree(number=2))
    stage.see(stage.tree(number=3))
    assert [picture.reason for picture in stage.kept] == ["click", "after_click"]


def test_a_native_app_is_asked_for_its_tree_no_more_often_than_every_two_seconds(stage):
    """However short the interval between pictures, an app that has to walk its widgets isn't bothered more."""
    stage.pictures._schedule._interval_ns = 500 * MS
    began = stage.now
    while stage.now < began + 10_000 * MS:
        stage.screen.is_damaged = True
        stage.pictures.tick(stage.now)
        stage.see(stage.tree(number=stage.asked))
        stage.see(stage.tree(number=stage.asked))
        stage.now += 50 * MS
    assert 4 <= len(stage.kept) <= 6


def test_at_a_click_the_picture_from_when_the_pointer_came_to_rest_counts_if_nothing_changed_since(stage):
    """It is what the person saw, however fast the app answers; after a change there has to be another."""
    stage.trees.see(stage.tree())
    stage.screen.is_damaged = True
    stage.pictures.rest(stage.now)
    assert stage.grabbed == 1
    press_ns = stage.now + 900 * MS
    stage.pictures.press(press_ns)
    stage.see(stage.tree(number=1))
    assert (stage.grabbed, stage.kept[0].grab.began_ns) == (1, press_ns - 1)
    stage.screen.is_damaged = True
    stage.pictures.press(press_ns + MS)
    assert stage.grabbed == 2


def test_a_resting_pointer_over_a_still_screen_or_another_app_takes_no_picture(stage):
    """There is nothing new to have ready, or nothing that may be had."""
    stage.pictures.rest(stage.now)
    stage.screen.is_damaged, stage.reason = True, "app_not_lent"
    stage.pictures.rest(stage.now)
    assert stage.grabbed == 0
