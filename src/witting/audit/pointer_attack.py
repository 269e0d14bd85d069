"""Who moved? People are recognised by how they point, first as it was, then by what witting writes of it.

What is written is made by the product's own reduction, event by event. The last third of each person's sessions is unknown, the rest is
known; windows of twenty ways are judged one by one. Knows no files. Invariant: the attack is trained anew on each kind of data.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from witting.audit.behaviour_data import Mover, Point
from witting.audit.recognising import Finding, Round, Seen, recognise
from witting.device.privacy.behaviour import ButtonReducer, PathReducer, Written
from witting.terms.errors import UsageError
from witting.terms.events import PointerButton, PointerPath, PointerWheel

WINDOW = 20  # ways that are judged together
_LEAST_SESSIONS = 2
_PAUSE_S = 1.0
_LEAST_POINTS = 4
_DRAG_PX = 6
_SECOND = 1e9

Features = NDArray[np.float64]


def recognise_movers(people: Sequence[Mover], *, seed: int) -> list[Finding]:
    """Return how well people are recognised by twenty ways of their pointers: raw, by the places of clicks alone, and reduced.

    Raises:
        UsageError: somebody has too few sessions, or too little in them.
    """
    return [
        recognise(what, [_round(people, make)], seed=seed)
        for what, make in (("raw", _raw), ("click places alone", _clicks), ("reduced", as_recorded))
    ]


def _round(people: Sequence[Mover], make: "object") -> Round:
    known: list[Seen] = []
    unknown: list[Seen] = []
    for person in people:
        last = max(1, round(len(person.sessions) / 3))
        if len(person.sessions) < _LEAST_SESSIONS:
            raise UsageError("somebody has one session only", hint="two or more are needed: to know them by, and to recognise them in")
        for number, session in enumerate(person.sessions):
            rows = make(session)  # type: ignore[operator] # a function of a session
            is_unknown = number >= len(person.sessions) - last
            for at, window in enumerate(_windows(rows)):
                (unknown if is_unknown else known).append(Seen(window, person.name, f"{number} {at}"))
    for part in (known, unknown):
        if {seen.person for seen in part} != {person.name for person in people}:
            message = f"somebody has fewer than {WINDOW} ways"
            raise UsageError(message, hint="leave them out, or take longer recordings")
    return Round(known, unknown)


def _windows(rows: Features) -> Iterator[Features]:
    """Yield the features of each twenty ways."""
    medians = np.array([np.median(known) if len(known := column[~np.isnan(column)]) else np.nan for column in rows.T])
    for at in range(0, len(rows) - WINDOW + 1, WINDOW):
        window = np.where(np.isnan(rows[at : at + WINDOW]), medians, rows[at : at + WINDOW])
        yield np.concatenate([window.mean(0), window.std(0), *np.quantile(window, (0.1, 0.5, 0.9), axis=0)])


def _clicks(session: Sequence[Point]) -> Features:
    """Return where buttons went down, and nothing else."""
    return np.array([(point.x, point.y) for point in session if point.what == "down"], float).reshape(-1, 2)


def _raw(session: Sequence[Point]) -> Features:
    """Return each stroke's way, speed, acceleration, jerk, curvature, pauses and ends: until a button goes down or a second passes."""
    strokes: list[list[Point]] = [[]]
    for point in session:
        if strokes[-1] and point.timestamp_ns - strokes[-1][-1].timestamp_ns > _PAUSE_S * _SECOND:
            strokes.append([])
        strokes[-1].append(point)
        if point.what == "down":
            strokes.append([])
    rows = [_stroke(stroke) for stroke in strokes if len(stroke) >= _LEAST_POINTS]
    return np.array(rows, float) if rows else np.zeros((0, 1))


def _stroke(stroke: Sequence[Point]) -> list[float]:
    at, x, y = (np.array(part, float) for part in zip(*((p.timestamp_ns / _SECOND, p.x, p.y) for p in stroke), strict=True))
    step_s = np.maximum(np.diff(at), 1e-3)
    dx, dy = np.diff(x), np.diff(y)
    step_px = np.hypot(dx, dy)
    speed = step_px / step_s
    gain = np.diff(speed) / step_s[1:]
    jerk = np.diff(gain) / step_s[2:]
    turn = np.abs((np.diff(np.arctan2(dy, dx)) + np.pi) % (2 * np.pi) - np.pi)
    length, straight = step_px.sum(), float(np.hypot(x[-1] - x[0], y[-1] - y[0]))
    found = [len(at), at[-1] - at[0], length, straight, straight / (length + 1e-6), np.arctan2(y[-1] - y[0], x[-1] - x[0])]
    found += [speed.mean(), speed.std(), speed.max(), np.median(speed), gain.mean(), gain.std(), np.abs(gain).max()]
    found += [np.abs(jerk).mean() if len(jerk) else 0.0, turn.mean(), turn.sum(), (turn / (step_px[1:] + 1)).mean()]
    found += [np.median(step_s), step_s.std(), step_s.max(), np.median(step_px), step_px.max(), x[0], y[0], x[-1], y[-1]]
    found += [sum(p.what == "wheel" for p in stroke), sum(p.what == "up" for p in stroke), _pause_before_press(stroke)]
    return [float(value) for value in found]


def _pause_before_press(stroke: Sequence[Point]) -> float:
    return (stroke[-1].timestamp_ns - stroke[-2].timestamp_ns) / _SECOND if stroke[-1].what == "down" else np.nan


def as_recorded(session: Sequence[Point]) -> Features:
    """Return a row for each click or scroll of a recording: all that is written of it and of the way to it, and when."""
    rows: list[list[float]] = []
    last_ns: int | None = None
    pressed: PointerButton | None = None
    way: PointerPath | None = None
    for record in reduced(session):
        if isinstance(record, PointerPath):
            way = record
        elif isinstance(record, PointerButton) and not record.pressed:
            if rows and pressed is not None and pressed.button == record.button:
                drag_px = np.hypot(record.x - pressed.x, record.y - pressed.y)
                rows[-1][-3:] = [(record.timestamp_ns - pressed.timestamp_ns) / _SECOND, drag_px, float(drag_px >= _DRAG_PX)]
            way = None
        elif isinstance(record, PointerWheel) and rows and rows[-1][2] == 0 and record.timestamp_ns == last_ns:
            rows[-1][3] += record.dy
        else:
            pressed = record if isinstance(record, PointerButton) else None
            since_s = np.nan if last_ns is None else (record.timestamp_ns - last_ns) / _SECOND
            last_ns = record.timestamp_ns
            waited_s = np.nan if way is None else (record.timestamp_ns - way.timestamp_ns) / _SECOND
            told = [np.nan, np.nan] if way is None else [float(way.took_ms), float(way.bend == "winding")]
            turns = float(record.dy) if isinstance(record, PointerWheel) else np.nan
            button = 0.0 if pressed is None else float(pressed.button)
            rows.append([record.x, record.y, button, turns, *told, float(way is None), since_s, waited_s, np.nan, np.nan, np.nan])
            way = None
    return np.array(rows, float) if rows else np.zeros((0, 12))


def reduced(session: Sequence[Point]) -> Iterator[PointerPath | PointerButton | PointerWheel]:
    """Yield what the recorder writes of a session, by the reduction that it uses."""
    written = Written()
    way, buttons = PathReducer(), ButtonReducer(written)
    for at_ns, what, x, y, button in session:
        if what == "move":
            way.move(at_ns, x, y=y)
            continue
        yield from way.end(at_ns)
        if what == "wheel":
            told: PointerButton | PointerWheel | None = buttons.wheel(at_ns, x, y=y, turns=(0, button))
        else:
            told = (buttons.press if what == "down" else buttons.release)(at_ns, x, y=y, button=button)
        if told is not None:
            written.note(told.timestamp_ns)
            yield told
    yield from way.end()
