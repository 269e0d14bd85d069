"""From raw items to what the writer gets."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorder_ground import SITE, Ground

from witting.device.recorder.pipeline import HOLD_NS
from witting.device.recorder.typist import Typed
from witting.terms.events import Gap
from witting.terms.raw import RawButton, RawKey, RawMove, RawPage, RawTask, RawWindow

MS = 1_000_000
T0 = 20_000 * MS


def key(text: str, at_ns: int) -> RawKey:
    """Return a key press."""
    return RawKey(at_ns, text, text if len(text) == 1 else "", pressed=True)


def hold(ground: Ground, *items: object, owner: tuple[int, str] = (1, "mousepad")) -> None:
    """Hand items in, all read at the time of the last."""
    for item in items:
        ground.pipeline.hold(item, T0, owner=owner)


def lent_editor(**more) -> Ground:
    """Return a ground with a lent editor in front whose text field is known to have the keyboard."""
    ground = Ground(**more)
    ground.front("mousepad", T0 - 100 * MS)
    ground.focus.note(T0 - 50 * MS, "text", is_secure=False)
    return ground


def test_items_wait_for_word_of_the_focus_before_they_are_judged():
    """Nothing is handed on before its time, and nothing waits longer."""
    ground = lent_editor()
    hold(ground, RawMove(T0, 1, 2))
    ground.pipeline.release(T0 + HOLD_NS - 1)
    assert ground.jobs == []
    assert ground.pipeline.next_due_ns == T0 + HOLD_NS
    ground.pipeline.release(T0 + HOLD_NS)
    assert ground.jobs == [RawMove(T0, 1, 2)]


def test_typing_in_a_known_field_becomes_one_run():
    """Keys of a lent app's plain field come out joined."""
    ground = lent_editor()
    hold(ground, *(key(letter, T0 + i) for i, letter in enumerate("hello")))
    assert ground.finish() == [Typed("hello", T0, T0 + 4)]


@pytest.mark.promise("P8")
def test_keys_are_dropped_when_no_word_of_the_focus_came():
    """After a click that nobody answered, what is typed is a hole with one count."""
    ground = lent_editor()
    ground.focus.disturb(T0)
    hold(ground, *(key(letter, T0 + 1 + i) for i, letter in enumerate("hello")))
    assert [(gap.reason, gap.count) for gap in ground.finish()] == [("focus_unknown", 1)]


def test_a_key_waits_longer_while_an_answer_about_the_focus_is_out():
    """On a busy machine a slow answer doesn't cost what was typed; half a second is the end of patience."""
    ground = lent_editor()
    ground.focus.disturb(T0 - MS)
    hold(ground, key("a", T0), RawMove(T0 + 1, 1, 1))
    ground.pipeline.release(T0 + 400 * MS)
    assert ground.jobs == []
    ground.focus.confirm(T0 + 390 * MS, is_secure=False, is_field=True)
    ground.pipeline.release(T0 + 401 * MS)
    assert ground.jobs == [RawMove(T0 + 1, 1, 1)]
    assert ground.finish()[1:] == [Typed("a", T0, T0)]
    slow = lent_editor()
    slow.focus.disturb(T0 - MS)
    hold(slow, key("a", T0))
    slow.pipeline.release(T0 + 500 * MS)
    slow.pipeline.end_holes()
    assert [gap.reason for gap in slow.jobs] == ["focus_unknown"]


@pytest.mark.promise("P6")
def test_of_an_unlisted_app_only_a_hole_is_told():
    """Neither keys nor title nor pointer of an app that isn't lent are handed on."""
    ground = lent_editor()
    terminal = ground.front("xterm", T0)
    hold(
        ground,
        terminal,
        key("x", T0 + 1),
        key("y", T0 + 2),
        RawMove(T0 + 3, 5, 5),
        RawButton(T0 + 4, 5, 5, 1, pressed=True),
        owner=(1, "xterm"),
    )
    assert all(isinstance(job, Gap) for job in ground.finish())
    assert {(gap.stream, gap.reason, gap.count) for gap in ground.jobs} == {
        ("windows", "app_not_lent", 1), ("keys", "app_not_lent", 1), ("pointer", "app_not_lent", 2),
    }  # fmt: skip


@pytest.mark.promise("P6")
@given(st.lists(st.tuples(st.sampled_from(["mousepad", "xterm", "", "chromium"]), st.integers(0, 3)), max_size=30))
def test_no_order_of_windows_lets_anything_of_an_unlisted_app_through(visits):
    """Fuzz of window events: whatever came while an unlisted app was in front is in no job, and everything is counted."""
    ground = Ground()
    now, mine = T0, 0
    for number, (app, moves) in enumerate(visits):
        now += 10
        window = ground.front(app, now, number=number + 1)
        hold(ground, window)
        for _ in range(moves):
            now += 10
            hold(ground, RawMove(now, number, 0), key("q", now), owner=(number + 1, app))
            mine += app == "mousepad"
    jobs = ground.finish()
    lent = {number for number, (app, _) in enumerate(visits) if app == "mousepad"}
    assert all(job.x in lent for job in jobs if isinstance(job, RawMove))
    assert all(job.app == "mousepad" for job in jobs if isinstance(job, RawWindow))
    assert sum(isinstance(job, RawMove) for job in jobs) == mine
    counted = Counter(gap.stream for gap in jobs if isinstance(gap, Gap) for _ in range(gap.count))
    assert ground.pipeline.tally.gapped == counted


def test_the_pointer_over_a_window_that_isn_t_lent_isn_t_kept():
    """A click on a notification over the lent window is a hole, and so is its release."""
    ground = lent_editor()
    hold(ground, RawButton(T0, 1, 1, 1, pressed=True), owner=(0, ""))
    hold(ground, RawButton(T0 + 1, 1, 1, 1, pressed=False), owner=(1, "mousepad"))
    assert [(gap.reason, gap.count) for gap in ground.finish()] == [("app_not_lent", 2)]


def test_the_click_that_brings_a_lent_window_to_the_front_is_its_first():
    """A press on a lent window that another app's window covers until then is kept; one that brings an unlisted app up isn't."""
    ground = lent_editor()
    ground.front("xterm", T0 - 10 * MS, number=2)
    ground.front("mousepad", T0 + 8 * MS)
    ground.front("xterm", T0 + 508 * MS, number=2)
    click = [RawButton(T0, 1, 1, 1, pressed=True), RawButton(T0 + 40 * MS, 1, 1, 1, pressed=False)]
    hold(ground, *click)
    hold(ground, RawButton(T0 + 500 * MS, 9, 9, 1, pressed=True), owner=(2, "xterm"))
    kept = [job for job in ground.finish() if isinstance(job, RawButton)]
    assert kept == click


def test_a_release_outside_shares_the_fate_of_its_press():
    """A drag that ends over another window isn't cut in half."""
    ground = lent_editor()
    press, release = RawButton(T0, 1, 1, 1, pressed=True), RawButton(T0 + 1, 900, 1, 1, pressed=False)
    hold(ground, press)
    hold(ground, release, owner=(9, "xterm"))
    assert ground.finish() == [press, release]


def test_keys_while_the_keyboard_is_seized_aren_t_the_front_app_s():
    """What is typed into a screen locker isn't taken for text of the app behind it."""
    ground = lent_editor()
    ground.pipeline.hold(key("p", T0), T0, is_elsewhere=True)
    assert [gap.reason for gap in ground.finish()] == ["focus_unknown"]


def test_a_click_ends_a_run_of_typing_and_comes_after_it():
    """Order in the record is order in time."""
    ground = lent_editor()
    click = RawButton(T0 + 2, 1, 1, 1, pressed=True)
    hold(ground, key("a", T0), key("b", T0 + 1), click, key("c", T0 + 3))
    assert ground.finish() == [Typed("ab", T0, T0 + 1), click, Typed("c", T0 + 3, T0 + 3)]


def test_a_browser_s_window_bears_its_page_s_title_not_the_window_manager_s():
    """The X title of a browser may name a page that isn't lent; the page's own title is taken."""
    ground = Ground()
    window = ground.front("chromium", T0)
    ground.fronts.show_page(RawPage(T0, f"{SITE}/form", "Form", 7, False, "navigation"))
    ground.fronts.bind(7, T0)
    hold(ground, window)
    (kept,) = ground.finish()
    assert kept.title == "Form"


@pytest.mark.parametrize(("tab", "private", "reason"), [(7, False, None), (8, False, "site_not_lent"), (7, True, "private_window")])
def test_a_page_counts_only_in_the_window_in_front_and_never_when_private(tab, private, reason):
    """Word from a tab that isn't in front, or from a private one, is a hole."""
    ground = Ground()
    ground.front("chromium", T0)
    page = RawPage(T0 + 1, f"{SITE}/form", "Form", tab, private, "navigation")
    ground.fronts.show_page(RawPage(T0, f"{SITE}/", "Start", 7, False, "navigation"))
    ground.fronts.bind(7, T0)
    hold(ground, page)
    jobs = ground.finish()
    assert jobs == [page] if reason is None else [gap.reason for gap in jobs] == [reason]


def test_a_stream_that_isn_t_lent_is_a_hole_of_its_own():
    """Lending the pointer alone keeps typing out."""
    ground = lent_editor(streams=("pointer",))
    move = RawMove(T0, 1, 1)
    hold(ground, move, key("a", T0 + 1))
    jobs = ground.finish()
    assert jobs[0] == move
    assert [(gap.stream, gap.reason) for gap in jobs[1:]] == [("keys", "stream_not_lent")]


def test_a_person_s_own_statement_of_a_task_is_kept_as_said():
    """A task mark needs no window in front."""
    ground = Ground()
    task = RawTask(T0, "begin", "Write a note")
    hold(ground, task)
    assert ground.finish() == [task]
