"""Which record is lent for which purpose: exactly where it names its app, no wider where it doesn't."""

from datetime import UTC, datetime

import pytest
from hub_ground import Ground
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from witting.consent.gate import permits
from witting.hub.lending import Lending, origin
from witting.terms.consent import GateQuestion, Grant
from witting.terms.events import (
    KEYS_LEVELS,
    Frame,
    Gap,
    Key,
    KeyRun,
    PageForm,
    PlacedWindow,
    PointerWheel,
    TaskMark,
    TextInput,
    WindowFocus,
    WindowLayout,
)
from witting.terms.geometry import Rect
from witting.terms.programme import Programme
from witting.testing.sample_session import SITE

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
MOVE, KEY, FRAME = PointerWheel(1, 1, 1, 0, 1), Key(1, "Return"), Frame(1, "click", 64, 64, bytes(16), 0.0)
_GRANTS = [
    Grant(purpose, stream, app)
    for purpose in ("train", "evaluate_help")
    for stream in ("pointer", "keys", "windows", "screen")
    for app in ("chromium", "mousepad")
    if (purpose, stream) not in {("evaluate_help", "windows"), ("evaluate_help", "screen")}
]


def _lending(ground: Ground, grants: list[Grant]) -> Lending:
    """Return the walk for somebody with these grants."""
    return Lending([[ground.lender(grants=grants).receipt]], ground.programme, purposes=("train", "evaluate_help"), at=AT)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.sampled_from(_GRANTS), min_size=1), st.sampled_from(["chromium", "mousepad", ""]), st.sampled_from([MOVE, KEY, FRAME]))
def test_surely_is_never_wider_than_the_gate(ground: Ground, grants: set[Grant], front: str, record: PointerWheel | Key | Frame) -> None:
    """What a reader gets for a purpose, the gate allows for that purpose in the app in front, or in every app it may have come from."""
    lending = _lending(ground, sorted(grants))
    if front:
        lending.ask(WindowFocus(0, front, "x"))
    lent = lending.ask(record)
    stream = {MOVE: "pointer", KEY: "keys", FRAME: "screen"}[record]
    lending_apps = {grant.app for grant in grants if grant.stream == stream}
    places = [front] if front in lending_apps and stream != "screen" else sorted(lending_apps)
    for purpose in ("train", "evaluate_help"):
        allowed = [app for app in places if Grant(purpose, stream, app) in grants]
        assert (purpose in lent.surely) is (bool(places) and allowed == places)
    assert lent.surely <= lent.possibly
    assert bool(lent.possibly) is bool(lending_apps)


def test_a_window_gap_makes_the_front_unknown(ground: Ground) -> None:
    """After a hole in the windows, pointer events aren't taken to be in the window before it."""
    lending = _lending(
        ground,
        [Grant("train", "windows", "chromium"), Grant("train", "pointer", "chromium"), Grant("evaluate_help", "pointer", "mousepad")],
    )
    lending.ask(WindowFocus(0, "chromium", "x"))
    assert lending.ask(MOVE).surely == {"train"}
    lending.ask(Gap("app_not_lent", "screen", 1, 2))
    assert lending.ask(MOVE).surely == {"train"}
    lending.ask(Gap("app_not_lent", "windows", 1, 2))
    assert lending.ask(MOVE).surely == set()


def test_records_of_no_stream_go_with_every_purpose(ground: Ground) -> None:
    """Tasks and gaps tell nothing of an app and are part of the session whatever it is read for."""
    lending = _lending(ground, [Grant("train", "pointer", "chromium")])
    assert lending.ask(TaskMark(1, "begin", "x")).surely == {"train", "evaluate_help"}
    assert lending.purposes_in_force() == {"train"}


def test_without_any_receipt_nothing_is_lent(ground: Ground) -> None:
    """No choices, or an empty choice, permit nothing."""
    for choices in ([], [[]]):
        lending = Lending(choices, ground.programme, purposes=("train",), at=AT)
        assert lending.ask(MOVE).possibly == frozenset()
        assert lending.purposes_in_force() == frozenset()


@pytest.mark.promise("P5")
def test_every_yes_is_asked_again(ground: Ground) -> None:
    """What was allowed must still be allowed when it counts; the reason is the gate's."""
    receipt = ground.lender().receipt
    lending = Lending([[receipt]], ground.programme, purposes=("train",), at=AT)
    lending.ask(MOVE)
    assert lending.holds_for([[receipt]], ground.programme, at=AT)
    assert not lending.holds_for([[receipt]], ground.programme, at=AT.replace(year=2028))
    assert lending.refusal == "expired"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example.org/x?y#z", "https://a.example.org"),
        ("https://a.example.org:443/x", "https://a.example.org"),
        ("http://127.0.0.1:8000/x", "http://127.0.0.1:8000"),
        ("https://name:word@a.example.org/", "https://name:word@a.example.org"),
        ("ftp://a.example.org/", ""),
        ("https://a.example.org:port/", ""),
        ("http://[bad", ""),
        ("about:blank", ""),
        ("", ""),
    ],
)
def test_an_origin_is_what_a_programme_lists(url: str, expected: str) -> None:
    """Default ports fall away, paths and queries too; what has no web origin has none, and credentials never equal a listed site."""
    assert origin(url) == expected


def test_a_page_is_asked_for_by_its_site(ground: Ground) -> None:
    """A page of a listed site counts as the browser's, whatever window is in front."""
    lending = _lending(ground, [Grant("train", "pages", "chromium"), Grant("train", "windows", "mousepad")])
    lending.ask(WindowFocus(0, "mousepad", "x"))
    assert lending.ask(PageForm(1, f"{SITE}/x")).surely == {"train"}
    assert lending.ask(PageForm(1, "https://other.example.org")).possibly == set()


def test_the_gate_itself_is_what_answers(ground: Ground) -> None:
    """For every stream and app of the programme, possibly-for-windows equals the gate's own answer."""
    receipt = ground.lender(grants=[Grant("train", "windows", "mousepad")]).receipt
    programme: Programme = ground.programme
    for app in ("chromium", "mousepad", "other"):
        question = GateQuestion(purpose="train", stream="windows", app=app, site=SITE if app == "chromium" else "", at=AT)
        lending = Lending([[receipt]], programme, purposes=("train",), at=AT)
        assert bool(lending.ask(WindowFocus(0, app, "x")).possibly) is permits([receipt], programme, question=question)


def test_a_layout_is_lent_for_what_each_of_its_windows_is_lent_for(ground: Ground) -> None:
    """One window that isn't lent keeps the whole layout back; covered places name no app and ask nothing."""
    place = Rect(0, 0, 9, 9)
    lent, other, cover = (PlacedWindow(number, app, "", place) for number, app in ((1, "chromium"), (2, "mousepad"), (0, "")))
    lending = _lending(ground, [Grant("train", "windows", "chromium"), Grant("evaluate_help", "pointer", "mousepad")])
    assert lending.ask(WindowLayout(0, (lent, cover))).surely == {"train"}
    assert lending.ask(WindowLayout(0, (lent, other, cover))).possibly == set()
    assert lending.ask(WindowLayout(0, ())).surely == {"train"}


@pytest.mark.promise("P22")
@pytest.mark.parametrize("level", KEYS_LEVELS)
def test_more_of_typing_than_was_lent_is_not_taken(ground: Ground, level: str) -> None:
    """The hub holds a device to the level of the receipt: text only with text, counts only from rhythm on, keys by name with any."""
    receipt = replace(ground.lender(grants=[Grant("train", "keys", "mousepad")]).receipt, keys_level=level)
    lending = Lending([[receipt]], ground.programme, purposes=("train",), at=AT)
    assert lending.ask(KEY).possibly == {"train"}
    assert lending.ask(KeyRun(0, 5, letters=1)).possibly == ({"train"} if level in {"rhythm", "text"} else set())
    assert lending.ask(TextInput(0, 1, "x")).possibly == ({"train"} if level == "text" else set())
    capped = Lending([[receipt]], replace(ground.programme, keys_level="shortcuts"), purposes=("train",), at=AT)
    assert capped.ask(TextInput(0, 1, "x")).possibly == set()
