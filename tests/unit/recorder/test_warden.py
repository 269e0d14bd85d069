"""The warden opens sources only while nothing holds, says on the sign what is, and ends a session whose sign is gone."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.capture.sign import Sign
from witting.device.guards import GAP_OF, SHORT, WORDS, HoldReason
from witting.device.guards.reasons import ONLY_A_PERSON_LIFTS
from witting.device.guards.rules import OwnRules, load_rules
from witting.device.recorder import warden as module
from witting.device.recorder.fronts import Front
from witting.device.recorder.warden import Acts, Warden
from witting.terms.errors import UsageError, WittingError
from witting.terms.events import Gap, GapReason
from witting.testing.clock import FakeClock

STREAMS = ("pointer", "keys")


class SaidGuards:
    """Guards that say what a test makes them say; `at_start` they say before the warden is ready."""

    at_start: tuple[HoldReason, ...] = ()

    def __init__(self, *_: object, on_change: Any, **__: object) -> None:
        self.say = on_change
        self.session = None
        self.rules = OwnRules()
        self.forgiven = 0
        self.processor = SimpleNamespace(forgive=self._forgive)
        self.next_due_ns = 9_000_000_000
        self.is_closed = False
        for reason in self.at_start:
            on_change(reason, True)
        on_change("quiet_hours", False)

    def _forgive(self) -> None:
        self.forgiven += 1

    def tick(self) -> None:
        """Say nothing."""

    def reload(self) -> None:
        """Take the rules of a test."""
        self.rules = OwnRules(corner="bottom-left")

    def handle(self, event: object) -> None:
        """Take nothing."""

    def close(self) -> None:
        """Note that the buses were left."""
        self.is_closed = True


class Tray:
    """Notes what it shows; a test presses its buttons."""

    def __init__(self, _: object, press: Any) -> None:
        self.press = press
        self.shown: list[Sign] = []
        self.is_closed = False

    def show(self, sign: Sign) -> None:
        """Note it."""
        self.shown.append(sign)

    def close(self) -> None:
        """Note it."""
        self.is_closed = True


class Indicator:
    """A sign on a screen that can be lost."""

    def __init__(self) -> None:
        self.shown: list[Sign] = []
        self.corner = "top-right"
        self.wants_look = self.is_gone = self.is_hidden = False
        self.looks = self.compositor_looks = 0
        self.next_due_ns: int | None = None

    def show(self, sign: Sign) -> None:
        """Note it."""
        self.shown.append(sign)

    def look(self, stack: object) -> None:
        """Count it."""
        assert stack == "stack"
        self.looks += 1

    def is_lost(self) -> bool:
        """Whether nobody can see it."""
        return self.is_hidden or self.is_gone

    def check_compositor(self) -> None:
        """Count it."""
        self.compositor_looks += 1

    def put(self, corner: Any) -> None:
        """Move it."""
        self.corner = corner


class World:
    """A warden with all it speaks to; sources start open, as the loop has them."""

    def __init__(self, data_dir: Path, *, at_start: tuple[HoldReason, ...] = (), lent: tuple[str, ...] = ("notes",)) -> None:
        self.clock, self.indicator = FakeClock(), Indicator()
        self.done: list[str] = []
        self.gaps: list[Gap] = []
        self.ended: list[WittingError | str] = []
        lending = SimpleNamespace(
            streams=STREAMS,
            programme=SimpleNamespace(apps=[SimpleNamespace(id="notes", title="Notebook")], limits_in_force=None),
            lends_anything=lambda app, _: app in lent,
            refusal_of_all=lambda _: None if "voice" in lent else "not_granted",
        )
        sources: Any = SimpleNamespace(display=None, indicator=self.indicator, stack=SimpleNamespace(current=lambda: "stack"))
        acts = Acts(close=self._close, open=self._open, keep=self.gaps.append, end=self.ended.append, forget=self._forget)
        SaidGuards.at_start = at_start
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "Guards", SaidGuards)
            patch.setattr(module, "Tray", Tray)
            self.warden = Warden(data_dir, lending, sources=sources, acts=acts, clock=self.clock)  # type: ignore[arg-type]
        self.guards: Any = self.warden.guards
        self.tray: Any = self.warden.tray

    def _close(self, reason: GapReason) -> None:
        self.done.append(f"close {reason}")

    def _open(self) -> None:
        self.done.append("open")

    def _forget(self, seconds: int) -> None:
        self.done.append(f"forget {seconds}")

    @property
    def sign(self) -> Sign:
        """What is shown now, on the screen and in the tray alike."""
        assert self.indicator.shown[-1] == self.tray.shown[-1]
        return self.indicator.shown[-1]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A recording that nothing holds."""
    return World(tmp_path)


DEEDS = st.lists(st.tuples(st.sampled_from(sorted(WORDS)), st.booleans(), st.integers(1, 10)), max_size=25)


@pytest.mark.promise("P1")
@given(DEEDS)
def test_sources_are_open_only_while_nothing_holds(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[HoldReason, bool, int]]
) -> None:
    """Whatever guards say in whatever order: closed at the first hold, opened after the last, and every moment between is in a hole."""
    world, holding, held_ns = World(tmp_path_factory.getbasetemp()), dict[str, None](), 0
    for reason, is_holding, seconds in deeds:
        world.clock.advance(seconds=seconds)
        held_ns += seconds * 1_000_000_000 if holding else 0
        world.guards.say(reason, is_holding)
        if is_holding:
            holding.setdefault(reason)
        else:
            holding.pop(reason, None)
        assert world.warden.holds == tuple(holding)
        assert world.warden.is_holding is bool(holding)
        closes = sum(deed.startswith("close") for deed in world.done)
        assert closes - world.done.count("open") == bool(holding)
        assert world.sign.status == ("paused" if holding else "recording")
        assert world.warden.because == (WORDS[world.warden.leading] if world.warden.leading else "")
    world.warden.end("stopped")
    told = {stream: sum(gap.to_ns - gap.from_ns for gap in world.gaps if gap.stream == stream) for stream in STREAMS}
    assert told == dict.fromkeys(STREAMS, held_ns)
    assert {gap.reason for gap in world.gaps} <= {GAP_OF[reason] for reason, _, _ in deeds}


@pytest.mark.parametrize("reason", sorted(WORDS))
def test_the_sign_says_why_and_whether_a_click_helps(world: World, reason: HoldReason) -> None:
    """Each reason has its short words on the sign; only what a person can lift is clicked away."""
    world.guards.say(reason, True)
    assert (world.sign.status, world.sign.why) == ("paused", "" if reason == "person" else SHORT[reason])
    assert world.sign.can_click is (reason in ONLY_A_PERSON_LIFTS)
    assert world.done == [f"close {GAP_OF[reason]}"]
    world.warden.toggle()
    assert world.warden.is_holding is (reason not in ONLY_A_PERSON_LIFTS)
    assert world.guards.forgiven == 1


def test_a_click_on_the_sign_or_the_tray_pauses_and_goes_on(world: World) -> None:
    """Both are the same switch; the tray's other buttons forget five minutes and stop."""
    world.warden.toggle()
    assert world.warden.leading == "person"
    world.tray.press("toggle")
    assert world.warden.leading is None
    world.tray.press("forget")
    world.tray.press("stop")
    assert world.done == ["close paused", "open", "forget 300"]
    assert world.ended == ["stopped"]


def test_what_holds_at_the_start_holds_before_anything_is_read(tmp_path: Path) -> None:
    """A guard that speaks while the session is made has nothing to close; recording opens when it lets go."""
    world = World(tmp_path, at_start=("locked", "quiet_hours"))
    assert (world.warden.holds, world.done) == (("locked", "quiet_hours"), [])
    assert world.sign.why == SHORT["locked"]
    for reason in ("locked", "quiet_hours"):
        world.guards.say(reason, False)
    assert world.done == ["open"]


@pytest.mark.parametrize(
    ("front", "app"),
    [
        (Front(0, app="notes"), "Notebook"),
        (Front(0, app="bank"), ""),
        (Front(0, app="notes", is_private=True), ""),
    ],
    ids=["lent", "not lent", "private"],
)
def test_the_sign_names_the_app_only_while_it_is_recorded(world: World, front: Front, app: str) -> None:
    """A window that isn't lent, or a private one, isn't named, neither on the sign nor to whoever asks."""
    world.warden.see(front)
    assert world.sign == Sign("recording", app)
    assert bool(world.warden.app) is bool(app)


def test_a_voice_note_is_said_on_the_sign_and_refused_while_paused(world: World, tmp_path: Path) -> None:
    """The sign says that the microphone is open; paused, or without voice lent, no note may begin."""
    world.warden.listen(True)
    assert world.sign.is_listening
    world.warden.listen(False)
    assert not world.sign.is_listening
    with pytest.raises(UsageError, match="don't lend voice"):
        world.warden.refuse_note()
    other = World(tmp_path, lent=("notes", "voice"))
    other.warden.refuse_note()
    other.warden.hold("person")
    with pytest.raises(UsageError, match="paused"):
        other.warden.refuse_note()


def test_a_covered_sign_holds_and_a_sign_that_is_gone_ends(world: World) -> None:
    """Covered, nothing is recorded until it is seen again; taken off the screen, the session ends with its reason."""
    world.indicator.is_hidden = True
    world.warden.after_events()
    assert world.warden.leading == "sign_hidden"
    world.indicator.is_hidden = False
    world.warden.after_events()
    assert world.done == ["close sign_hidden", "open"]
    world.indicator.is_gone = True
    world.warden.after_events()
    (error,) = world.ended
    assert isinstance(error, WittingError)
    assert getattr(error, "code", "") == "sign_gone"


def test_the_corner_is_kept_where_the_sign_was_dragged(world: World, tmp_path: Path) -> None:
    """Dragging writes the participant's rules; rules that changed elsewhere move the sign."""
    world.indicator.corner = "bottom-right"
    world.indicator.wants_look = True
    world.warden.after_events()
    assert (load_rules(tmp_path).corner, world.indicator.looks) == ("bottom-right", 1)
    world.warden.reload()
    assert world.indicator.corner == "bottom-left"


def test_the_warden_wakes_for_what_is_due_first(world: World) -> None:
    """Guards, the compositor every ten seconds and the sign: the earliest counts, and each is done when it is due."""
    begun = world.clock.monotonic_ns()
    assert world.warden.next_due_ns == 9_000_000_000
    world.indicator.next_due_ns = begun + 1
    assert world.warden.next_due_ns == begun + 1
    world.indicator.wants_look = True
    world.warden.tick(begun)
    assert world.indicator.looks == 0
    world.warden.tick(begun + 1)
    assert world.indicator.looks == 1
    world.warden.tick(begun + 10_000_000_000)
    world.warden.tick(begun + 10_000_000_001)
    assert world.indicator.compositor_looks == 1


def test_what_is_over_stays_over(world: World) -> None:
    """After the end nothing is held, lifted or shown any more; buses and tray are left."""
    world.warden.end("the consent ended")
    assert world.sign == Sign("off", why="the consent ended")
    shown = len(world.indicator.shown)
    for is_holding in (True, False):
        world.guards.say("locked", is_holding)
    world.warden.listen(True)
    assert (len(world.indicator.shown), world.done, world.gaps) == (shown, [], [])
    world.warden.close()
    assert world.guards.is_closed
    assert world.tray.is_closed
