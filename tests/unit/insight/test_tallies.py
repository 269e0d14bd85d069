"""What a session tells of ways, troubles and routines, in public or redacted names; what it doesn't tell at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from insight_words import ORDERS, PROGRAMME, S, click, header, tree

from witting.hub.insight.naming import bucket, label, page_place, public_list
from witting.hub.insight.tallies import Key, tally
from witting.terms.events import Hover, PageForm, PageNavigation, TaskMark, TextInput, WindowFocus
from witting.terms.events import Key as KeyEvent
from witting.terms.session import Record
from witting.testing.group_people import LISTED, PLANTED, group
from witting.testing.sample_session import SITE

BROWSER = [WindowFocus(S, "chromium", ""), PageNavigation(S + 1, ORDERS, "")]
EDITOR = [WindowFocus(S, "mousepad", "")]


def told(*records: Record) -> set[Key]:
    """Return what a session of these records tells."""
    return set(tally([header(), *records], PROGRAMME))


def press(second: float, key: str) -> list[Record]:
    """Return a chord pressed and let go."""
    return [KeyEvent(int(second * S), key), KeyEvent(int(second * S) + S // 20, key, pressed=False)]


@pytest.mark.parametrize("times", [2, 3])
def test_three_undos_in_ten_seconds_are_a_burst(times: int) -> None:
    """Two things undone are no trouble, three in a row are, where they were undone."""
    found = told(*EDITOR, *(record for turn in range(times) for record in press(2 + turn, "ctrl+z")))
    assert (("troubles", "mousepad", "undo burst") in found) is (times == 3)


@pytest.mark.parametrize(("lasted", "is_long"), [(1, False), (4, True)])
def test_a_long_hover_before_a_click_is_a_trouble_at_its_place(lasted: int, is_long: bool) -> None:  # noqa: FBT001 # a table's column
    """The pointer that rests three seconds where it clicks then has waited for a hint; a short rest is the way to a click."""
    found = told(*BROWSER, tree(1.5), Hover(2 * S, (2 + lasted) * S, 900, 700), *click(2 + lasted + 0.5, 905, 702))
    assert (("troubles", ORDERS, "long hover") in found) is is_long
    assert (("spots", "chromium", "bottom", "right") in found) is is_long


@pytest.mark.parametrize(("between", "is_again"), [([], True), ([PageNavigation(4 * S, f"{SITE}/thanks", "")], False)])
def test_a_form_submitted_again_that_led_nowhere_is_a_trouble(between: list[Record], is_again: bool) -> None:  # noqa: FBT001 # a table's column
    """Twice the same form without another page between them is one; where the first led on, the second is another order."""
    found = told(*BROWSER, tree(1.5), *click(2), PageForm(3 * S, ORDERS), *between, *click(5), PageForm(6 * S, ORDERS))
    assert any(key[0] == "troubles" and key[2] == "repeated submit" for key in found) is is_again


@pytest.mark.parametrize(
    ("role", "said", "is_error"),
    [
        ("alertdialog", "Error: no such order", True),
        ("alert", "Ungültige Nummer", True),
        ("dialog", "Saved", False),
        ("text", "Error", False),
    ],
)
def test_a_message_that_speaks_of_an_error_is_one(role: str, said: str, is_error: bool) -> None:  # noqa: FBT001 # a table's column
    """Only what comes up over the page and says that something is wrong counts, in English and German; once for as long as it stands."""
    found = told(*BROWSER, tree(1.5), *click(2), tree(3, (role, said)), tree(4, (role, said)))
    assert (("troubles", ORDERS, "error") in found) is is_error


def test_back_and_forth_between_two_places_is_a_trouble() -> None:
    """There and back and there again within a minute; one look aside is none."""
    turns: list[Record] = []
    for turn in range(4):
        turns += [WindowFocus((3 + 2 * turn) * S, ("mousepad", "chromium")[turn % 2], ""), *click(3.5 + 2 * turn)]
    assert any(key[0] == "troubles" and key[2] == "back and forth" for key in told(*BROWSER, *click(2), *turns))
    assert not any(key[0] == "troubles" for key in told(*BROWSER, *click(2), *turns[:6]))


@pytest.mark.parametrize(
    ("name", "command"), [("Save", "save"), ("Speichern\tCtrl+S", "save"), ("Find...", "find"), ("Save everything", "")]
)
def test_a_command_by_menu_and_by_keys_are_two_ways_of_one_thing(name: str, command: str) -> None:
    """Menu entries count by a fixed list of names; what isn't in it isn't a command."""
    by_menu = told(*EDITOR, tree(1.5, ("menuitem", name), app="mousepad", url=""), *click(2, 100, 70))
    assert (("ways", "mousepad", command, "pointer") in by_menu) is bool(command)
    assert ("ways", "mousepad", "save", "keys") in told(*EDITOR, *press(2, "ctrl+s"))


def test_fields_are_reached_by_tab_or_pointer() -> None:
    """A click into a field counts when something is typed then; Tab counts by itself."""
    field = tree(1.5, ("textbox", "Name"))
    assert ("ways", "chromium", "next field", "pointer") in told(*BROWSER, field, *click(2, 100, 70), TextInput(3 * S, 4 * S, "⟨NAME_1⟩"))
    assert not {key for key in told(*BROWSER, field, *click(2, 100, 70)) if key[0] == "ways"}
    assert ("ways", "chromium", "next field", "keys") in told(*BROWSER, *press(2, "Tab"))


def test_a_task_counts_when_it_was_done() -> None:
    """A task given up is nobody's business; one that was done counts by its redacted words and five lengths of time."""
    begin, work = TaskMark(2 * S, "begin", "Call ⟨NAME_7⟩ about order 4711"), [*click(3), *click(20)]
    assert ("tasks", "call ⟨name⟩ about order …", "10 to 30 seconds") in told(*BROWSER, begin, *work, TaskMark(25 * S, "done"))
    assert not {key for key in told(*BROWSER, begin, *work, TaskMark(25 * S, "gave_up")) if key[0] == "tasks"}


@pytest.mark.promise("P19")
def test_what_is_not_listed_and_when_nobody_worked_is_in_no_tally() -> None:
    """Another app, another site, and a pause of an hour leave nothing; a stay over the pause is no longer for it than a minute."""
    assert told(WindowFocus(S, "game", ""), *click(2), *click(3)) == set()
    assert told(WindowFocus(S, "chromium", ""), PageNavigation(S + 1, "https://elsewhere.example.org/x", ""), *click(2)) == set()
    assert ("places", ORDERS, "30 seconds to 2 minutes") in told(*BROWSER, *click(2), *click(3600))


@pytest.mark.promise("P19")
def test_no_tally_holds_what_was_typed_or_a_number() -> None:
    """Over twenty synthetic sessions: no typed word, no digit but those of our own words, no id."""
    words = " ".join(" ".join(key) for worker in group(20) for key in tally(worker.session(), PROGRAMME))
    for length in ("10 seconds", "10 to 30 seconds", "30 seconds to 2 minutes", "2 to 10 minutes", "10 minutes"):
        words = words.replace(length, "")
    assert "⟨WORD" not in words
    assert not any(character.isdigit() for character in words)


def test_what_is_planted_is_found_in_each_who_has_it() -> None:
    """Of forty people's habits, each that is planted in a person is in that person's tally."""
    for worker in group(40):
        found = set(tally(worker.session(), PROGRAMME))
        assert {key for key in (PLANTED | LISTED) if key in worker.does and key[0] in {"ways", "troubles", "routines", "tasks"}} <= found


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (f"{SITE}/orders/4711?x=1#y", f"{SITE}/orders/…"),
        (f"{SITE}/people/⟨NAME_1⟩/mail", f"{SITE}/people/…/mail"),
        (f"{SITE}/a/b/c/d/e/f", f"{SITE}/a/b/c/d"),
        (f"{SITE}.evil.example/orders", ""),
        (SITE, SITE),
    ],
)
def test_a_page_is_named_without_what_singles_somebody_out(url: str, place: str) -> None:
    """Numbers, ids, placeholders, queries and deep paths are left open; a site that only begins alike is none."""
    assert page_place(PROGRAMME, "chromium", url=url) == place


@given(st.text(max_size=300))
def test_labels_are_short_single_lines_without_digits(text: str) -> None:
    """Whatever a page calls a thing: at most sixty characters, printable, one line, no ASCII digit."""
    named = label(text)
    assert len(named) <= 60
    assert named.isprintable()
    assert not set(named) & set("0123456789")


@pytest.mark.parametrize(("seconds", "name"), [(0, "under 10"), (10, "10 to 30"), (119, "30 seconds"), (120, "2 to 10"), (9999, "over 10")])
def test_lengths_of_time_are_five_words(seconds: int, name: str) -> None:
    """Nothing finer than the bucket is told."""
    assert bucket(seconds * S).startswith(name)


def test_the_public_list_comes_from_the_programme_alone() -> None:
    """Each listed app or site to each other; nobody adds to it."""
    assert public_list(PROGRAMME) == ((SITE, "mousepad"), ("mousepad", SITE))
