"""The comparison of ground truth and recording says what is missing, late or misplaced."""

import msgspec

from witting.demo.truth import compare
from witting.terms.events import Frame, PointerButton, PointerMove, TextInput
from witting.terms.session import Record, SessionEnd
from witting.testing.hands import InjectedEvent

MS = 1_000_000


def _truth() -> list[InjectedEvent]:
    moves = [InjectedEvent(i * 10 * MS, "move", i, i) for i in range(1, 21)]
    return [*moves, InjectedEvent(300 * MS, "button_down", 20, 20, button=1), InjectedEvent(350 * MS, "button_up", 20, 20, button=1)]


def _records(late_ms: int = 1) -> list[Record]:
    moves: list[Record] = [PointerMove(i * 10 * MS + late_ms * MS, i, i) for i in range(1, 21)]
    press = PointerButton(300 * MS + late_ms * MS, 20, 20, 1, pressed=True)
    release = PointerButton(350 * MS + late_ms * MS, 20, 20, 1, pressed=False)
    frame = Frame(312 * MS, "click", 64, 64, b"\0" * 16, 0.0)
    end = SessionEnd(timestamp_ns=400 * MS, reason="stopped", produced={"pointer": 22}, kept={"pointer": 22}, gapped={})
    return [*moves, press, frame, release, end]


def test_a_perfect_recording_loses_nothing() -> None:
    """Equal counts and places give no loss, no misplaced click, and the delay as time error."""
    found = compare(_truth(), _records())
    assert (found.injected, found.lost, found.misplaced, found.is_reconciled) == (22, 0, 0, True)
    assert found.time_errors_ms == [1.0] * 22
    assert found.click_to_frame_ms == [11.0]


def test_a_lost_event_is_counted() -> None:
    """What the recorder's own books don't know is lost, and books that don't add up are said so."""
    records = _records()
    end = records[-1]
    assert isinstance(end, SessionEnd)
    records[-1] = msgspec.structs.replace(end, produced={"pointer": 21}, kept={"pointer": 20})
    found = compare(_truth(), records)
    assert found.lost == 1
    assert not found.is_reconciled


def test_a_misplaced_click_is_counted() -> None:
    """A button recorded where nobody pressed is misplaced, like the zero position that other recorders keep."""
    records = [msgspec.structs.replace(r, x=0, y=0) if isinstance(r, PointerButton) else r for r in _records()]
    assert compare(_truth(), records).misplaced == 2


def test_what_happened_in_a_break_is_not_expected() -> None:
    """Events injected while recording was paused are neither expected nor lost."""
    found = compare(_truth(), _records(), breaks=[(95 * MS, 205 * MS)])
    assert found.injected == 22 - 11
    assert found.lost == 0


def test_plain_text_must_be_exact() -> None:
    """A harmless sentence counts as recorded only if every character is there."""
    exact: list[Record] = [*_records()[:-1], TextInput(1, 2, "The order is ready.")]
    assert compare(_truth(), exact, plain="The order is ready.").is_plain_text_exact
    assert not compare(_truth(), exact, plain="The order is ready!").is_plain_text_exact


def test_a_recording_without_an_end_is_not_reconciled() -> None:
    """A session that broke off can't claim that its books add up."""
    assert not compare(_truth(), _records()[:-1]).is_reconciled
