"""The redactor: each raw thing becomes a redacted one, a gap, or an error; never something in between."""

from collections.abc import Callable

import numpy as np
import pytest

from witting.device.privacy import Adds, RedactionError, Redactor
from witting.device.privacy import detectors as detector_list
from witting.terms.events import (
    Cadence,
    Clipboard,
    Gap,
    Key,
    KeyRun,
    PageForm,
    PageNavigation,
    PageScroll,
    PointerButton,
    PointerMove,
    PointerWheel,
    TaskMark,
    TextInput,
    WindowFocus,
    WindowLayout,
)
from witting.terms.geometry import Rect
from witting.terms.raw import (
    RawButton,
    RawCadence,
    RawClipboard,
    RawFrame,
    RawKey,
    RawKeyRun,
    RawLayout,
    RawMove,
    RawNode,
    RawPage,
    RawPageScroll,
    RawPlaced,
    RawTask,
    RawTree,
    RawWheel,
    RawWindow,
)

AREA = Rect(0, 0, 100, 100)
FAILURES = [
    ValueError("x"),
    KeyError("x"),
    TypeError("x"),
    ZeroDivisionError("x"),
    RecursionError("x"),
    MemoryError("x"),
    AttributeError("x"),
]


def test_pointer_events_keep_their_place(strict: Redactor) -> None:
    """Moves, buttons and wheel carry their numbers over unchanged, the button's place included."""
    assert strict.event(RawMove(1, 2, 3)) == PointerMove(1, 2, 3)
    assert strict.event(RawButton(1, 2, 3, 1, pressed=True)) == PointerButton(1, 2, 3, 1, pressed=True)
    assert strict.event(RawWheel(1, 2, 3, 0, -1)) == PointerWheel(1, 2, 3, 0, -1)


@pytest.mark.promise("P7")
def test_titles_and_instructions_are_redacted(strict: Redactor) -> None:
    """A window title, a page title and a task lose their names and addresses."""
    window = strict.event(RawWindow(1, "mousepad", "anna.muster@example.org - Mousepad", 7, AREA))
    url = "https://shop.example.org/orders/Kunigunde?card=4111111111111111#top"
    page = strict.event(RawPage(2, url, "Order 4711 for Kunigunde", 3, False, "navigation"))
    task = strict.event(RawTask(3, "begin", "Call +49 30 901820"))
    assert isinstance(window, WindowFocus)
    assert window.title == "⟨EMAIL_1⟩ - Mousepad"
    assert window.findings[0].kind == "email"
    assert isinstance(page, PageNavigation)
    assert page.url == "https://shop.example.org/orders/⟨NAME_1⟩"
    assert page.title == "Order ⟨NUMBER_1⟩ for ⟨NAME_1⟩"
    assert {"url_secret", "name", "number"} <= {f.kind for f in page.findings}
    assert isinstance(task, TaskMark)
    assert task.instruction == "Call ⟨PHONE_1⟩"


@pytest.mark.promise("P7")
def test_a_layout_tells_lent_titles_redacted_and_nothing_of_the_rest(strict: Redactor) -> None:
    """In a stack of windows a lent title is redacted like any other, and of one that isn't lent only the place is left."""
    lent = RawPlaced(3, "mousepad", "Kunigunde - Mousepad", AREA)
    other = RawPlaced(0, "bank", "Balance of Kunigunde", Rect(5, 5, 20, 20))
    layout = strict.event(RawLayout(7, (lent, other), workspace=2))
    assert isinstance(layout, WindowLayout)
    assert (layout.timestamp_ns, layout.workspace) == (7, 2)
    assert [(window.window, window.app, window.title) for window in layout.windows] == [(3, "mousepad", "⟨NAME_1⟩ - Mousepad"), (0, "", "")]
    assert [window.area for window in layout.windows] == [AREA, Rect(5, 5, 20, 20)]
    assert [finding.kind for window in layout.windows for finding in window.findings] == ["name"]


@pytest.mark.parametrize(("size", "kept"), [(0, 0), (1, 64), (64, 64), (65, 128), (1000, 1024), (1024, 1024), (1025, 2048)])
def test_a_copy_tells_its_size_only_roughly(strict: Redactor, size: int, kept: int) -> None:
    """Of what was copied the kind is kept and a size rounded up to a power of two, so that no password's length shows."""
    assert strict.event(RawClipboard(3, "text", size)) == Clipboard(3, "text", kept)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("http://127.0.0.1:43211/miniwob/click-test.html", "http://127.0.0.1:43211/miniwob/click-test.html"),
        ("https://bob:pw@example.org/a", "https://example.org/a"),
        ("https://example.org/?q=anna", "https://example.org/"),
        ("https://example.org/u/Kunigunde%20Schmidt", "https://example.org/u/⟨NAME_1⟩ ⟨NAME_2⟩"),
        ("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x"),
        ("file:///home/anna/x.txt", "file:"),
        ("data:text/html,anna", "data:"),
        ("about:blank", "about:blank"),
        ("anna-private:whatever", "unknown:"),
        ("", ""),
    ],
)
def test_addresses_keep_scheme_host_and_harmless_path(raw: str, kept: str) -> None:
    """Query, fragment, credentials and every other scheme's content are dropped; path words pass like any text."""
    event = Redactor("balanced", seed=b"k").event(RawPage(1, raw, "", 1, False, "form"))
    assert event == PageForm(1, kept)


def test_of_a_query_only_listed_keys_are_kept_and_redacted_like_any_text() -> None:
    """What a programme names after ? is kept for its sites alone, with personal parts covered; everything else goes."""
    redactor = Redactor("strict", query_keys={"https://a.example.org": ("page", "q")})
    raw = "https://a.example.org/list?page=2&token=abc&q=Kunigunde%20Schmidt#part"
    page = redactor.event(RawPage(1, raw, "", 3, is_private=False, what="tab"))
    assert isinstance(page, PageNavigation)
    assert (page.url, page.what, page.tab) == ("https://a.example.org/list?page=2&q=⟨NAME_1⟩ ⟨NAME_2⟩", "tab", 3)
    scroll = redactor.event(RawPageScroll(2, raw, 0, 90, is_part=True, tab=3, is_private=False))
    assert scroll == PageScroll(2, page.url, 0, 90, "part", 3)
    other = redactor.event(RawPage(3, "https://a.example.org.evil.example/list?page=2", "", 3, is_private=False, what="navigation"))
    assert isinstance(other, PageNavigation)
    assert (other.url, other.what) == ("https://a.example.org.evil.example/list", "open")
    assert isinstance(redactor.event(RawPageScroll(4, raw, 0, 0, is_part=False, tab=3, is_private=True)), Gap)


def test_private_windows_are_gaps(strict: Redactor) -> None:
    """A private window leaves a marked hole with nothing of it."""
    assert strict.event(RawWindow(1, "chromium", "Kunigunde", 7, AREA, is_private=True)) == Gap("private_window", "windows", 1, 1)
    assert strict.event(RawPage(1, "https://example.org", "x", 1, True, "navigation")) == Gap("private_window", "pages", 1, 1)
    with pytest.raises(RedactionError):
        strict.tree(RawTree(1, "page", "chromium", "https://example.org", (), is_private=True))


def test_a_left_page_is_no_event(strict: Redactor) -> None:
    """Leaving a page is for the recorder to act on and isn't written."""
    assert strict.event(RawPage(1, "https://example.org", "x", 1, False, "left")) is None


@pytest.mark.promise("P7")
def test_secure_typing_is_a_gap(strict: Redactor) -> None:
    """What is typed into a secure field is a hole that doesn't say how much was typed."""
    assert strict.typed("hunter2", 5, end_ns=9, is_secure=True) == Gap("secure_field", "keys", 5, 9, 1)


def test_typing_uses_the_focused_field(strict: Redactor) -> None:
    """Without a label of its own, typed text is judged as content of the field that had the focus in the last tree."""
    field = RawNode(1, 0, "textbox", "Card number", states=("focused", "editable"), box=AREA)
    strict.tree(RawTree(1, "page", "chromium", "", (RawNode(0, -1, "document"), field)))
    typed = strict.typed("save page", 2, end_ns=3, is_secure=False)
    assert isinstance(typed, TextInput)
    assert typed.text == "⟨CARD_1⟩"
    other = RawNode(1, 0, "textbox", "E-Mail", states=("focused", "editable"), box=AREA)
    strict.focus(RawTree(4, "page", "chromium", "", (RawNode(0, -1, "document"), other)))
    assert strict.typed("open page", 5, end_ns=6, is_secure=False).text == "⟨EMAIL_1⟩"  # type: ignore[union-attr]
    assert strict.typed("save page", 2, end_ns=3, is_secure=False, context="").text != ""  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("keysym", "text", "modifiers", "key"),
    [
        ("c", "\x03", {"ctrl"}, "ctrl+c"),
        ("z", "\x1a", {"ctrl", "shift"}, "ctrl+shift+z"),
        ("Tab", "\t", {"alt"}, "alt+Tab"),
        ("Return", "\r", set(), "Return"),
        ("BackSpace", "\x08", set(), "BackSpace"),
        ("Left", "", {"shift"}, "shift+Left"),
        ("F5", "", set(), "F5"),
        ("a", "a", set(), None),
        ("A", "A", {"shift"}, None),
        ("at", "@", {"ctrl", "alt"}, None),
        ("space", " ", set(), None),
        ("dead_acute", "", set(), None),
        ("Shift_L", "", set(), None),
        ("XF86Launch1", "", set(), None),
    ],
)
def test_only_editing_keys_and_chords_are_kept(strict: Redactor, keysym: str, text: str, modifiers: set[str], key: str | None) -> None:
    """No key that makes text becomes an event; AltGr combinations make text."""
    kept = strict.key(RawKey(1, keysym, text, pressed=True, modifiers=frozenset(modifiers)))
    assert kept == (Key(0, key) if key else None)


def test_programme_words_are_always_masked() -> None:
    """A programme's own word, such as a code name, is masked in any case, as a whole word or phrase."""
    redactor = Redactor("balanced", adds=Adds(("Blue Heron", "orchid")), seed=b"k")
    assert redactor.text("the blue heron plan, Orchid and orchids").text == "the ⟨SPECIAL_1⟩ plan, ⟨SPECIAL_2⟩ and orchids"


def test_findings_point_into_the_raw_text(strict: Redactor) -> None:
    """Offsets are those of the text that came in, also where invisible characters hid a value."""
    raw = "to: an\u200bna@example.org."
    finding = strict.text(raw).findings[0]
    assert (finding.kind, raw[finding.start : finding.end]) == ("email", "an\u200bna@example.org")


def test_long_texts_are_masked_whole(strict: Redactor) -> None:
    """A text too long to judge in time isn't judged: all of it is one placeholder."""
    redacted = strict.text("save " * 10_000)
    assert redacted.text == "⟨WORD_1⟩"
    assert redacted.findings[0].detector == "too_long"


def test_verdicts_are_cached(strict: Redactor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same text isn't judged twice, and the cache holds a keyed digest, not the text."""
    first = strict.text("Kunigunde calls")
    monkeypatch.setattr(strict._texts, "_detectors", (_raiser(ValueError("x")),))
    assert strict.text("Kunigunde calls") is first
    assert not any(b"unigunde" in key for key in strict._texts._verdicts)


def test_the_cache_of_verdicts_does_not_grow_without_end(strict: Redactor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day of typing keeps the latest verdicts only, and a text whose verdict went is judged as before."""
    from witting.device.privacy import texts

    monkeypatch.setattr(texts, "_CACHE_SIZE", 8)
    first = strict.text("call +49 30 901820")
    for number in range(40):
        strict.text(f"page {number}")
        assert len(strict._texts._verdicts) <= 8
    again = strict.text("call +49 30 901820")
    assert again == first
    assert again is not first


def _raiser(error: BaseException) -> Callable[[object], list[object]]:
    """Return a detector that fails."""

    def fail(_: object) -> list[object]:
        raise error

    return fail


@pytest.mark.promise("P8")
@pytest.mark.parametrize("error", FAILURES, ids=lambda e: type(e).__name__)
def test_a_failing_detector_drops_the_item(strict: Redactor, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Whatever a detector trips over, there is no result, and the error says the stage and type and no content."""
    monkeypatch.setattr(strict._texts, "_detectors", (*strict._texts._detectors, _raiser(error)))
    attempts: list[tuple[str, Callable[[], object]]] = [
        ("text", lambda: strict.text("Kunigunde")),
        ("text", lambda: strict.typed("Kunigunde", 1, end_ns=2, is_secure=False)),
        ("event", lambda: strict.event(RawWindow(1, "x", "Kunigunde", 1, AREA))),
        ("tree", lambda: strict.tree(RawTree(1, "page", "x", "", (RawNode(0, -1, "text", "Kunigunde"),)))),
    ]
    for stage, attempt in attempts:
        with pytest.raises(RedactionError) as caught:
            attempt()
        assert str(caught.value) == f"redaction stopped in {stage} ({type(error).__name__})"
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None  # an error's own words may quote the text
        assert "Kunigunde" not in str(caught.value) + caught.value.hint


@pytest.mark.promise("P8")
def test_unreadable_input_drops_the_item(strict: Redactor) -> None:
    """Pixels of a wrong shape, an address that can't be parsed, a lone surrogate: an error or a mask, never the content."""
    with pytest.raises(RedactionError):
        strict.frame(RawFrame(1, "start", np.zeros((4, 4), np.uint8)), [], trees_after=[])
    with pytest.raises(RedactionError):
        strict.event(RawPage(1, "https://[broken/Kunigunde", "", 1, False, "navigation"))
    with pytest.raises(RedactionError):
        strict.event(object())  # type: ignore[arg-type]
    assert "unigunde" not in strict.text("\ud800Kunigunde").text


def test_the_list_of_detectors_is_whole() -> None:
    """Both postures run every rule; the programme adds, the strict posture adds, nothing takes away."""
    lengths = {posture: len(Redactor(posture, adds=Adds(("x",)), seed=b"k")._texts._detectors) for posture in ("strict", "balanced")}  # type: ignore[arg-type]
    assert lengths["balanced"] == len(detector_list.RULES) + 6
    assert lengths["strict"] == lengths["balanced"] + 2


def test_counts_of_keys_are_kept_as_they_were_made(strict: Redactor) -> None:
    """Runs and intervals come as coarse counts already; not one of them is changed on the way."""
    run = strict.event(RawKeyRun(1, 2, 3, 4, 5, 6, 7))
    assert run == KeyRun(1, 2, 3, 4, 5, 6, 7)
    assert strict.event(RawCadence(1, 2, 50, (0, 3, 1))) == Cadence(1, 2, 50, (0, 3, 1))
