"""What recording costs and how true it is: events lost, time error, click to picture, CPU, memory, bytes; and what else was tried.

Input is real (XTEST), the app is mousepad, the recorder runs in its own process as a person would start it.
"""

import select
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil

from figures import write
from witting.device.capture.input_x11 import InputSource
from witting.device.capture.x11 import XDisplay
from witting.terms.events import Frame, PointerButton, PointerMove, TextInput
from witting.terms.geometry import Rect
from witting.terms.session import Record
from witting.testing.desktop import App, DesktopSession
from witting.testing.hands import Hands, InjectedEvent
from witting.testing.lender import Lender, RunningRecorder, lent_programme

FLOOD = 20_000
IDLE_S = 20
WORK_S = 40
TEXT = "The order is ready for delivery. "
BATCH_S = 0.012
RAW_MOTION = 1 << 17
MS = 1e6


def figure(name: str, value: float, unit: str, **more: object) -> dict[str, object]:
    """Return one figure; lower is better unless said otherwise."""
    return {"name": name, "value": value, "unit": unit, "sense": "lower", "bar": None, "peer": None, "runs": 1, **more}


def zigzag(area: Rect, count: int) -> list[tuple[int, int]]:
    """Return places inside an area, none twice in a row."""
    return [(area.x + 50 + (i * 7) % (area.width - 100), area.y + 80 + (i * 3) % (area.height - 160)) for i in range(count)]


class Meter:
    """CPU seconds, wake-ups and memory of a process over a while."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._from = self._read()

    def _read(self) -> tuple[float, float, int]:
        times = self._process.cpu_times()
        return time.monotonic(), times.user + times.system, self._process.num_ctx_switches().voluntary

    def read(self) -> tuple[float, float, float]:
        """Return percent of a core, wake-ups per second, and resident megabytes."""
        now, cpu, switches = self._read()
        began, cpu_before, switches_before = self._from
        return (
            100 * (cpu - cpu_before) / (now - began),
            (switches - switches_before) / (now - began),
            self._process.memory_info().rss / 2**20,
        )


def work(hands: Hands, app: App, seconds: float) -> None:
    """Work like a person: move, click, type, look."""
    area, end = app.area(), time.monotonic() + seconds
    spot = 0
    while time.monotonic() < end:
        spot += 1
        hands.click(area.x + 40 + (spot * 97) % (area.width - 80), area.y + 80 + (spot * 53) % (area.height - 160))
        hands.type_text(TEXT)
        hands.pause(0.8, 1.6)


def size_of(folder: Path) -> int:
    """Return the bytes of the sealed sessions."""
    return sum(path.stat().st_size for path in (folder / "spool").glob("*.session"))


def lost(log: Sequence[InjectedEvent], records: Sequence[Record]) -> tuple[int, int]:
    """Return how many injected events there were, and how many of them the record lacks or has elsewhere."""
    moves = [(event.x, event.y) for event in log if event.kind == "move"]
    buttons = [(event.x, event.y, event.kind == "button_down") for event in log if event.kind.startswith("button")]
    typed = sum(event.kind == "key_down" and event.keysym < 0xFF00 for event in log)
    seen_moves = [(record.x, record.y) for record in records if isinstance(record, PointerMove)]
    seen_buttons = [(record.x, record.y, record.pressed) for record in records if isinstance(record, PointerButton)]
    seen_typed = sum(len(record.text) for record in records if isinstance(record, TextInput))
    missing = len(moves) - matched(moves, seen_moves) + len(buttons) - matched(buttons, seen_buttons) + max(0, typed - seen_typed)
    return len(moves) + len(buttons) + typed, missing


def matched(done: Sequence[object], seen: Sequence[object]) -> int:
    """Return how many of `done` are found in `seen`, in order."""
    place = found = 0
    for item in seen:
        if place < len(done) and item == done[place]:
            place += 1
            found += 1
        elif item in done[place : place + 50]:
            place += done[place : place + 50].index(item) + 1
            found += 1
    return found


def errors_ms(log: Sequence[InjectedEvent], records: Sequence[Record]) -> np.ndarray:
    """Return by how much recorded pointer events are later than they were injected."""
    done = [event.timestamp_ns for event in log if event.kind == "move" or event.kind.startswith("button")]
    seen = sorted(record.timestamp_ns for record in records if isinstance(record, PointerMove | PointerButton))
    return np.abs(np.array(seen) - np.array(sorted(done))) / MS if len(seen) == len(done) else np.array([np.nan])


def pictures_ms(log: Sequence[InjectedEvent], records: Sequence[Record]) -> np.ndarray:
    """Return how long after each press its picture began."""
    presses = np.array([event.timestamp_ns for event in log if event.kind == "button_down"])
    taken = [record.timestamp_ns for record in records if isinstance(record, Frame) and record.reason == "click"]
    return np.array([at - presses[presses <= at].max() for at in taken]) / MS


def record(desktop: DesktopSession, app: App, folder: Path) -> list[dict[str, object]]:
    """Measure the recorder idle, at work and under a flood."""
    lender = Lender(folder, lent_programme({"mousepad": ()}))
    with lender.start(desktop.env) as recorder, Hands(desktop.display, seed=11) as hands:
        idle, busy, hour = at_rest_and_work(recorder, hands, app, folder)
        hands.trace(zigzag(app.area(), FLOOD), rate_hz=1000)
        time.sleep(1.0)
        recorder.stop()
        records = lender.records()
        events, missing = lost(hands.log, records)
        errors, clicks = errors_ms(hands.log, records), pictures_ms(hands.log, records)
    return [
        figure("events injected", events, unit="events", sense="higher", bar=20_000),
        figure("events lost or misplaced", missing, unit="events", bar=0),
        figure("time error p50", float(np.percentile(errors, 50)), unit="ms"),
        figure("time error p99", float(np.percentile(errors, 99)), unit="ms"),
        figure("click to picture p50", float(np.percentile(clicks, 50)), unit="ms", runs=len(clicks)),
        figure("click to picture p99", float(np.percentile(clicks, 99)), unit="ms", runs=len(clicks)),
        figure("CPU idle", idle[0], unit="% of a core"),
        figure("wake-ups idle", idle[1], unit="per s"),
        figure("CPU at work", busy[0], unit="% of a core"),
        figure("memory at work", busy[2], unit="MB resident"),
        figure("disk at work", hour / 1e6, unit="MB per hour"),
    ]


def at_rest_and_work(
    recorder: RunningRecorder, hands: Hands, app: App, folder: Path
) -> tuple[tuple[float, float, float], tuple[float, float, float], float]:
    """Return the meters idle and at work, and bytes per hour at work."""
    time.sleep(14.0)  # mousepad's caret blinks for ten seconds, which isn't idle
    meter = Meter(recorder.process.pid)
    time.sleep(IDLE_S)
    idle = meter.read()
    before, began = size_of(folder), time.monotonic()
    meter = Meter(recorder.process.pid)
    work(hands, app, WORK_S)
    busy = meter.read()
    time.sleep(1.0)
    return idle, busy, (size_of(folder) - before) / (time.monotonic() - began) * 3600


def baselines(desktop: DesktopSession) -> list[dict[str, object]]:
    """Measure the ways to read input that lost: RECORD alone, and raw events with one QueryPointer per batch.

    Over the bare desktop: where no app wants to know of the pointer, nothing makes the server send what RECORD holds back.
    """
    points = zigzag(Rect(0, 80, 310, 600), 2000)
    alone = arrival_ms(desktop.display, points, with_bell=False)
    ours = arrival_ms(desktop.display, points, with_bell=True)
    exact = exact_by_query(desktop.display, points)
    peer = {"name": "RECORD alone", "value": round(float(np.percentile(alone, 50)), 1)}
    return [
        figure("input arrives p50", float(np.percentile(ours, 50)), unit="ms", peer=peer),
        figure(
            "input arrives p99",
            float(np.percentile(ours, 99)),
            unit="ms",
            peer={**peer, "value": round(float(np.percentile(alone, 99)), 1)},
        ),
        figure(
            "moves at their exact place",
            1.0,
            unit="share",
            sense="higher",
            peer={"name": "raw events, QueryPointer per batch", "value": round(exact, 3)},
        ),
    ]


def arrival_ms(display: str, points: Sequence[tuple[int, int]], *, with_bell: bool) -> np.ndarray:
    """Return how long after its injection each move was read; without the bell RECORD's own flushes are waited for."""
    source, stamps = InputSource(display), []
    if not with_bell:
        source._bell.select_raw(0)  # noqa: SLF001 - the baseline: nobody asks for raw events
    with Hands(display, seed=3) as hands:
        thread = threading.Thread(target=hands.trace, args=(points,), kwargs={"rate_hz": 500})
        thread.start()
        deadline = time.monotonic() + len(points) / 500 + 3
        waited_for = source if with_bell else source._data  # noqa: SLF001 - the baseline listens to RECORD's own socket
        while len(stamps) < len(hands.log) or (thread.is_alive() and time.monotonic() < deadline):
            if select.select([waited_for], [], [], 0.2)[0]:
                time.sleep(BATCH_S if with_bell else 0)
                found = source.read() if with_bell else list(source._drain())  # noqa: SLF001 - the same
                stamps += [time.monotonic_ns()] * len(found)
            elif not thread.is_alive():
                break
        thread.join()
        done = [event.timestamp_ns for event in hands.log][: len(stamps)]
    source.close()
    return (np.array(stamps[: len(done)]) - np.array(done)) / MS


def exact_by_query(display: str, points: Sequence[tuple[int, int]]) -> float:
    """Return the share of moves whose place is right when the pointer is asked once for each batch of raw events."""
    watch = XDisplay(display)
    watch.select_raw(RAW_MOTION)
    places: list[tuple[int, int]] = []
    with Hands(display, seed=3) as hands:
        thread = threading.Thread(target=hands.trace, args=(points,), kwargs={"rate_hz": 500})
        thread.start()
        while thread.is_alive() or len(places) < len(points):
            time.sleep(BATCH_S)
            count = sum(1 for _ in watch.events())
            here = watch.ask(lambda: watch.connection.core.QueryPointer(watch.root))
            places += [(here.root_x, here.root_y)] * count
            if not thread.is_alive() and not count:
                break
        thread.join()
        truth = [(event.x, event.y) for event in hands.log]
    watch.close()
    return float(np.mean([place == real for place, real in zip(places, truth, strict=False)]))


def main() -> None:
    """Measure on a fresh desktop session."""
    with tempfile.TemporaryDirectory() as scratch, DesktopSession() as desktop:
        app = desktop.start_mousepad(Path(scratch) / "note.txt")
        app.activate()
        write("capture", [*record(desktop, app, frames=Path(scratch) / "lent"), *baselines(desktop)])


if __name__ == "__main__":
    main()
