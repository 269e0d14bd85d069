"""Compares what was injected with what was recorded: events lost, time error, click-to-frame time. Counts and times only."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from witting.terms.events import Frame, Gap, PointerButton, PointerMove, TextInput
from witting.terms.session import Record, SessionEnd
from witting.testing.hands import InjectedEvent

_POINTER_KINDS = {"move", "button_down", "button_up"}
_NEAR_NS = 60_000_000
_WHEEL_FROM = 4


@dataclass
class Comparison:
    """What became of what was injected."""

    injected: int = 0  # pointer events while not paused
    lost: int = 0  # of them, not seen by the recorder
    keys: int = 0  # key events injected, in all
    kept: int = 0  # items of all streams
    gapped: int = 0
    is_reconciled: bool = False  # produced = kept + gapped + reduced for every stream
    is_plain_text_exact: bool = False  # a harmless sentence was recorded character for character
    is_plain_text_told: bool = False  # or a hole says that keys were left out because it wasn't sure where they went
    time_errors_ms: list[float] = field(default_factory=list)
    click_to_frame_ms: list[float] = field(default_factory=list)
    misplaced: int = 0  # recorded buttons with a position that nobody pressed


def compare(
    truth: Sequence[InjectedEvent], records: Sequence[Record], *, breaks: Sequence[tuple[int, int]] = (), plain: str = ""
) -> Comparison:
    """Return how a recording differs from its ground truth.

    Pointer events are counted one by one. Single keys are never counted in a recording, since counts tell the length of a password; that
    no key is lost shows in `plain`, typed once, being recorded exactly.
    """
    found = Comparison()
    end = next((record for record in reversed(records) if isinstance(record, SessionEnd)), None)
    awake = [event for event in truth if not any(start <= event.timestamp_ns <= end_ns for start, end_ns in breaks)]
    pointer = [event for event in awake if event.kind in _POINTER_KINDS]
    found.injected = len(pointer)
    found.keys = sum(event.kind not in _POINTER_KINDS for event in truth)
    if end is not None:
        found.lost = max(0, len(pointer) - end.produced.get("pointer", 0))
        found.kept = sum(end.kept.values())
        found.gapped = sum(end.gapped.values())
        found.is_reconciled = all(
            count == sum(part.get(stream, 0) for part in (end.kept, end.gapped, end.reduced)) for stream, count in end.produced.items()
        )
    found.is_plain_text_exact = any(isinstance(record, TextInput) and record.text == plain for record in records)
    found.is_plain_text_told = any(
        isinstance(record, Gap) and (record.stream, record.reason) == ("keys", "focus_unknown") for record in records
    )
    found.time_errors_ms = _time_errors(pointer, records)
    found.click_to_frame_ms = _click_to_frame(records)
    pressed = {(event.x, event.y) for event in pointer if event.kind != "move"}
    found.misplaced = sum(isinstance(record, PointerButton) and (record.x, record.y) not in pressed for record in records)
    return found


def _time_errors(pointer: Sequence[InjectedEvent], records: Sequence[Record]) -> list[float]:
    """Match each recorded pointer event with the injected one of its kind and place, nearest in time and in order."""
    waiting: dict[tuple[str, int, int], list[int]] = {}
    for event in pointer:
        waiting.setdefault((event.kind, event.x, event.y), []).append(event.timestamp_ns)
    errors = []
    for record in records:
        if isinstance(record, PointerMove):
            key = ("move", record.x, record.y)
        elif isinstance(record, PointerButton):
            key = ("button_down" if record.pressed else "button_up", record.x, record.y)
        else:
            continue
        times = waiting.get(key, [])
        if times:
            nearest = min(times, key=lambda at: abs(at - record.timestamp_ns))
            if abs(nearest - record.timestamp_ns) < _NEAR_NS:
                errors.append(abs(nearest - record.timestamp_ns) / 1e6)
                times.remove(nearest)
    return errors


def _click_to_frame(records: Sequence[Record]) -> list[float]:
    """Return, for each press that was kept, how long until the picture taken for it, in milliseconds."""
    frames = [record.timestamp_ns for record in records if isinstance(record, Frame) and record.reason == "click"]
    delays = []
    for record in records:
        if isinstance(record, PointerButton) and record.pressed and record.button < _WHEEL_FROM:
            later = [at for at in frames if at >= record.timestamp_ns - _NEAR_NS]
            if later:
                delays.append((min(later) - record.timestamp_ns) / 1e6)
    return delays
