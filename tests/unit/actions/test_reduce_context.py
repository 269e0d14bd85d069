"""Where actions took place, what they caused, when somebody waited or was done."""

import pytest
from telling import MS, click, key, mark, node, tree, window

from witting.actions import reduce, reduction
from witting.terms.events import Clipboard, KeyRun, PageForm, PageNavigation, PageScroll, Topology
from witting.terms.session import Record

A, B = "https://a.example.org/", "https://b.example.org/"


def page(at: int, url: str = A) -> PageNavigation:
    """A page opens."""
    return PageNavigation(at * MS, url, "title")


def test_action_knows_its_app_and_page() -> None:
    """Each action says which app and page were in front when it began, not after."""
    actions = reduce(
        [window(0, "chromium"), page(1), *click(5000), page(5100, B), *click(9000), window(9500, "mousepad"), key(9900, "Return")]
    )
    assert [(action.kind, action.app, action.url) for action in actions] == [
        ("switch_app", "chromium", ""),
        ("click", "chromium", A),
        ("click", "chromium", B),
        ("switch_app", "mousepad", ""),
        ("key", "mousepad", ""),
    ]


def test_app_keeps_its_page_while_another_is_in_front() -> None:
    """Coming back to a browser is coming back to its page."""
    actions = reduce([window(0, "chromium"), page(1), window(10, "mousepad"), window(20, "chromium"), *click(30)])
    assert (actions[-1].app, actions[-1].url) == ("chromium", A)


def test_page_opened_by_a_click_is_the_clicks_consequence() -> None:
    """A page and a form that follow a click within two seconds are its children, not actions."""
    (_, action) = reduce([window(0, "chromium"), *click(5000), PageForm(5100 * MS, A), page(7080, B)])
    assert (action.kind, action.children) == ("click", (1, 2, 3, 4))


def test_page_that_nobody_caused_is_a_navigation() -> None:
    """A page that opens later than two seconds after anything was done is an action of its own; a redirect belongs to it."""
    actions = reduce([*click(0), page(2081, A), page(2500, B)])
    assert [(action.kind, action.url, action.children) for action in actions] == [("click", "", (0, 1)), ("navigate", A, (2, 3))]


def test_nothing_is_caused_across_a_tasks_edge() -> None:
    """A page that opens when the next task was already stated isn't the last click's doing, nor that of the word that it was done."""
    actions = reduce([*click(0), mark(100, "done"), page(150), mark(200), page(250)])
    assert [(action.kind, len(action.children)) for action in actions] == [("click", 2), ("stop", 1), ("navigate", 1), ("navigate", 1)]


def test_switching_apps_is_an_action_whatever_caused_it() -> None:
    """Another app in front is a switch even right after a click; a new title of the same one isn't."""
    actions = reduce([window(0, "chromium"), *click(100), window(110, "mousepad"), window(150, "mousepad")])
    assert [(action.kind, action.app) for action in actions] == [
        ("switch_app", "chromium"),
        ("click", "chromium"),
        ("switch_app", "mousepad"),
    ]
    assert actions[2].children == (3, 4)


def test_what_is_left_over_has_its_reason() -> None:
    """A title that changed by itself, monitors and marks are ignored for a reason given."""
    result = reduction([window(0, "chromium"), Topology(1, ()), window(3000, "chromium"), mark(7000), mark(8000, "gave_up")])
    assert [reason for _, reason in result.ignored] == ["monitors", "same_app", "task_mark", "task_mark"]


def test_form_and_tab_that_nothing_recorded_caused_are_actions() -> None:
    """A form that went off and a tab that came to the front by themselves are actions; after a click they are its consequences."""
    tab = PageNavigation(6000 * MS, B, "title", what="tab")
    form, other = reduce([PageForm(1000 * MS, A), tab])
    assert [(one.kind, one.url) for one in (form, other)] == [("submit_form", A), ("switch_tab", B)]
    (action,) = reduce([*click(5500), PageForm(5700 * MS, A), tab])
    assert (action.kind, action.children) == ("click", (0, 1, 2, 3))


def test_kinds_of_events_made_later_break_nothing() -> None:
    """What happened but isn't a deed parts neither clicks nor typing, and is ignored for a reason."""
    events = [PageScroll(50 * MS, A, 0, 10), KeyRun(60 * MS, 70 * MS, letters=3), Clipboard(80 * MS, "text", 64)]
    result = reduction([*click(0), *events, *click(200)])
    assert [action.kind for action in result.actions] == ["double_click"]
    assert [reason for _, reason in result.ignored] == ["page_scroll", "key_counts", "clipboard"]


def test_done_is_a_stop() -> None:
    """The participant's word that a task is done is the action stop; giving up isn't."""
    (action,) = reduce([mark(0), mark(100, "done"), mark(200), mark(300, "gave_up")])
    assert (action.kind, action.children) == ("stop", (1,))


WAITED: list[Record] = [*click(0), tree(500, node(0, -1, "text")), tree(1200, node(0, -1, "image")), *click(2200)]


def test_waiting_for_the_page_is_an_action() -> None:
    """Two seconds without a deed while the interface went on changing are a wait."""
    _, wait, _ = reduce(WAITED)
    assert (wait.kind, wait.timestamp_ns, wait.end_ns, wait.children) == ("wait", 80 * MS + 1, 1200 * MS, (3,))


@pytest.mark.parametrize(
    "records",
    [
        [*click(0), *click(9000)],  # thinking, nothing changed
        [*click(0), tree(500, node(0, -1, "text")), *click(9000)],  # changed at once
        [*click(0), tree(500, node(0, -1, "text")), tree(1500, node(0, -1, "text")), *click(9000)],  # the same again
        [*click(0), tree(1200, node(0, -1, "image")), *click(2000)],  # not two seconds
        [*click(0), tree(1200, node(0, -1, "image")), mark(2000), *click(9000)],  # another task
        [tree(1200, node(0, -1, "image")), *click(9000)],  # nothing before
        [*click(0), tree(1200, node(0, -1, "image")), mark(9000, "done")],  # done is not waiting
    ],
)
def test_thinking_is_not_waiting(records: list[Record]) -> None:
    """A pause in which nothing changed, or that no deed precedes or follows, isn't a wait."""
    assert "wait" not in [action.kind for action in reduce(records)]
