"""What recording costs and how true it is: events lost, time error, click to picture, CPU, wake-ups, memory, bytes; a peer beside us.

Input is real (XTEST), the office has six real applications, the recorder runs in its own process as a person would start it, with every
stream lent. CPU seconds, wake-ups and counts hold on a busy machine too; figures in milliseconds don't.
Usage: bench_capture.py [MINUTES of office work, default 10] [--quick] [--flood] [--no-peer].
"""

import argparse
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import psutil

from bench_pause import pauses
from clicks import Changes, older_than_change, pictures_of
from figures import write
from losses import UNEXPLAINED, losses, matched
from meter import Cost, Meter, by_command
from office import APPS, Office, missing_programs
from peers import OpenAdapt, openadapt_python
from witting.terms.events import Gap
from witting.terms.geometry import Rect
from witting.terms.session import Record, SessionEnd
from witting.testing.desktop import App, DesktopSession
from witting.testing.hands import Hands, InjectedEvent
from witting.testing.lender import Lender, RunningRecorder, lent_programme

FLOODS, QUICK_FLOODS = ((1000, 60), (2000, 30)), ((1000, 10), (2000, 5))  # events a second, seconds
CLICKS, QUICK_CLICKS = 120, 30
WINDOWS, PEER_WINDOWS, QUICK_WINDOWS = 5, 3, 2  # the office work is cut into so many; figures are their medians
QUICK_MINUTES = 1.0
IDLE_S = 20
MARK = "WITTING_DESKTOP"  # in the environment of every process of the desktop
FRAMES_PER_S = 0.5  # ours at most, clicks aside; given to the peer too
MS = 1e6
CPU_BARS, WAKEUP_BARS, RSS_BAR, DISK_BAR = (0.5, 5.0), (2, 50), 150, 30


def figure(name: str, value: float, unit: str, **more: object) -> dict[str, object]:
    """Return one figure; lower is better unless said otherwise."""
    return {"name": name, "value": value, "unit": unit, "sense": "lower", "bar": None, "peer": None, "runs": 1, **more}


def zigzag(area: Rect, count: int) -> list[tuple[int, int]]:
    """Return places inside an area, none twice in a row."""
    return [(area.x + 50 + (i * 7) % (area.width - 100), area.y + 80 + (i * 3) % (area.height - 160)) for i in range(count)]


def size_of(folder: Path) -> int:
    """Return the bytes of the sealed sessions."""
    return sum(path.stat().st_size for path in (folder / "spool").glob("*.session"))


def errors_ms(log: Sequence[InjectedEvent], records: Sequence[Record]) -> np.ndarray:
    """Return by how much recorded pointer events are later than they were injected."""
    done, pairs = matched(log, records)
    return np.abs(np.array([seen_ns - done[number][1] for number, seen_ns in pairs] or [np.nan])) / MS


def flood(desktop: DesktopSession, folder: Path, *, is_quick: bool) -> list[dict[str, object]]:
    """Send bursts of motion over a lent window with everything on, then click and type; count what the record lacks."""
    lender = Lender(folder / "lent-flood", lent_programme({"mousepad": ()}))
    app: App = desktop.start_mousepad(folder / "flood.txt")
    app.activate()
    floods, clicks = (QUICK_FLOODS, QUICK_CLICKS) if is_quick else (FLOODS, CLICKS)
    found = []
    with Changes(desktop.display) as changes, lender.start(desktop.env) as recorder, Hands(desktop.display, seed=11) as hands:
        for rate_hz, seconds in floods:
            before = len(hands.log)
            hands.trace(zigzag(app.area(), rate_hz * seconds), rate_hz=rate_hz)
            found.append((rate_hz, seconds, len(hands.log) - before, hands.log[-1].timestamp_ns - hands.log[before].timestamp_ns))
        for spot in range(clicks):
            area = app.area()
            hands.click(area.x + 40 + (spot * 97) % (area.width - 80), area.y + 80 + (spot * 53) % (area.height - 160))
            hands.type_text("The order is ready. " if spot % 4 == 0 else "now ")
            hands.pause(0.2, 0.5)
        time.sleep(1.0)
        recorder.stop()
        records = lender.records()
    events, missing = losses(hands.log, records)
    ended = next((record.reason for record in records if isinstance(record, SessionEnd)), "without a word")
    print(f"session ended: {ended}; missing:", ", ".join(f"{reason} {count}" for reason, count in missing.items()) or "nothing")
    holes = Counter((gap.stream, gap.reason) for gap in records if isinstance(gap, Gap))
    print("holes:", ", ".join(f"{stream} {reason} {count}" for (stream, reason), count in sorted(holes.items())) or "none")
    errors, pictures = errors_ms(hands.log, records), pictures_of(hands.log, records)
    delays = np.array([max(0, taken - press) for press, taken in pictures.items()] or [np.nan]) / MS
    older = older_than_change(pictures, changes.times_ns)
    app.process.terminate()
    for rate_hz, seconds, count, took in found:
        print(f"asked for {rate_hz}/s for {seconds} s, really injected {count / (took / 1e9):,.0f}/s, {count:,} events")
    return [
        figure("events injected", events, "events", sense="higher", bar=sum(rate * seconds for rate, seconds in floods)),
        figure("events lost or misplaced", missing.total(), "events", bar=0),
        figure("of these in no hole that says why", missing[UNEXPLAINED], "events", bar=0),
        figure("time error p50", float(np.percentile(errors, 50)), "ms", bar=1, runs=len(errors)),
        figure("time error p99", float(np.percentile(errors, 99)), "ms", bar=5, runs=len(errors)),
        figure("click to picture p50", float(np.percentile(delays, 50)), "ms", runs=len(delays)),
        figure("click to picture p99", float(np.percentile(delays, 99)), "ms", bar=100, runs=len(delays)),
        figure("clicks with a picture", 100 * len(pictures) / clicks, "%", sense="higher", runs=clicks),
        figure("clicks whose picture predates their change", 100 * older / clicks, "%", sense="higher", bar=99, runs=clicks),
    ]


def office_figures(
    idle: Sequence[Cost], busy: Sequence[Cost], hour: Sequence[float], peer: tuple[Cost, float] | None
) -> list[dict[str, object]]:
    """Return the figures of the office work, beside the peer's where it was there."""

    def of(pick: str, costs: Sequence[Cost]) -> float:
        return statistics.median(getattr(cost, pick) for cost in costs)

    def beside(value: float) -> dict[str, object] | None:
        return {"name": "openadapt-capture, same frame rate", "value": round(value, 2)}

    found = [
        figure("CPU idle", of("cpu", idle), "% of a core", bar=CPU_BARS[0], runs=len(idle)),
        figure("wake-ups idle", of("wakeups", idle), "per s", bar=WAKEUP_BARS[0], runs=len(idle)),
        figure("CPU at work", of("cpu", busy), "% of a core", bar=CPU_BARS[1], runs=len(busy), peer=peer and beside(peer[0].cpu)),
        figure("wake-ups at work", of("wakeups", busy), "per s", bar=WAKEUP_BARS[1], runs=len(busy)),
        figure(
            "memory of all its processes",
            of("rss_mb", busy),
            unit="MiB resident",
            bar=RSS_BAR,
            runs=len(busy),
            peer=peer and beside(peer[0].rss_mb),
        ),
        figure("disk at work", statistics.median(hour), "MB per hour", bar=DISK_BAR, runs=len(hour), peer=peer and beside(peer[1])),
    ]
    if peer is not None:
        theirs = Cost(peer[0].cpu, 0.0, peer[0].rss_mb)
        pairs = {
            "CPU": (of("cpu", busy), theirs.cpu),
            "memory": (of("rss_mb", busy), theirs.rss_mb),
            "bytes": (statistics.median(hour), peer[1]),
        }
        found += [figure(f"{name}, ours over openadapt-capture's", a / b, "ratio", bar=0.2) for name, (a, b) in pairs.items()]
    return found


def office(desktop: DesktopSession, folder: Path, *, minutes: float, python: Path | None, is_quick: bool) -> list[dict[str, object]]:
    """Measure the recorder, then the peer, over the same work."""
    windows = QUICK_WINDOWS if is_quick else WINDOWS
    window_s = minutes * 60 / windows
    with Office(desktop, folder / "office", socket=folder / "lent-office" / "run" / "browser.sock") as work:
        lent = {app: () for app in APPS if app != "chromium"} | {"chromium": (work.server.origin,)}
        lender = Lender(folder / "lent-office", lent_programme(lent))
        with lender.start(desktop.env) as recorder:
            work.notes.activate()
            time.sleep(14.0)  # the caret of a GTK app blinks for ten seconds, which isn't idle
            idle = [measured(lambda: processes_of(recorder, desktop), lambda: time.sleep(IDLE_S)) for _ in range(1 if is_quick else 3)]
            busy, hour = [], []
            for _ in range(windows):
                before, began = size_of(lender.folder), time.monotonic()
                busy.append(measured(lambda: processes_of(recorder, desktop), lambda: work.work(window_s)))
                hour.append((size_of(lender.folder) - before) / (time.monotonic() - began) * 3600 / 1e6)
            recorder.stop()
        print("work done:", ", ".join(f"{name} {count}" for name, count in sorted(work.done.items())))
        for cost, megabytes in zip(busy, hour, strict=True):
            print(f"  {cost.cpu:.2f} % of a core, {cost.wakeups:.0f} wake-ups/s, {cost.rss_mb:.0f} MiB, {megabytes:.1f} MB/h")
        peer_windows = 1 if is_quick else PEER_WINDOWS
        peer = measure_peer(python, desktop, work, seconds=window_s, windows=peer_windows) if python is not None else None
    return office_figures(idle, busy, hour, peer)


def processes_of(recorder: RunningRecorder, desktop: DesktopSession) -> list[int]:
    """Return the recorder's process and the messenger of this desktop's browser."""
    hosts = (psutil.Process(pid) for pid in by_command("native_host"))
    return [recorder.process.pid, *(host.pid for host in hosts if host.environ().get(MARK) == desktop.env[MARK])]


def measured(processes: Callable[[], list[int]], do: Callable[[], None]) -> Cost:
    """Return what the processes used while something was done."""
    meter = Meter(processes)
    do()
    return meter.read()


def measure_peer(python: Path, desktop: DesktopSession, work: Office, *, seconds: float, windows: int) -> tuple[Cost, float]:
    """Return what the peer costs, the median of its windows, and its bytes per hour."""
    began = time.monotonic()
    with OpenAdapt(python, desktop.env, frames_per_s=FRAMES_PER_S) as peer:
        costs = [measured(lambda: [peer.process.pid], lambda: work.work(seconds)) for _ in range(windows)]
        took = time.monotonic() - began
        size = peer.stop()
    print(f"peer: {size / 1e6:.1f} MB in {took:.0f} s, {time.monotonic() - began - took:.0f} s to write it all down after stop")
    for cost in costs:
        print(f"  {cost.cpu:.2f} % of a core, {cost.wakeups:.0f} wake-ups/s, {cost.rss_mb:.0f} MiB")
    middle = Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))
    return middle, size / took * 3600 / 1e6


def main() -> None:
    """Measure on a fresh desktop session."""
    parser = argparse.ArgumentParser(description="What recording costs and how true it is.")
    parser.add_argument("minutes", nargs="?", type=float, help="of office work")
    parser.add_argument("--quick", action="store_true", help="a minute of work, short floods, one window of the peer")
    parser.add_argument("--flood", action="store_true", help="only the floods and the clicks")
    parser.add_argument("--no-peer", action="store_true", help="leave openadapt-capture out")
    told = parser.parse_args()
    minutes = told.minutes or (QUICK_MINUTES if told.quick else 10.0)
    python = None if told.no_peer or told.flood else openadapt_python()
    with tempfile.TemporaryDirectory() as scratch, DesktopSession() as desktop:
        folder = Path(scratch)
        found = flood(desktop, folder, is_quick=told.quick)
        if told.flood:
            write("capture-flood", found)
            return
        app = desktop.start_mousepad(folder / "note.txt")
        app.activate()
        found += pauses(desktop, app, folder / "lent-pauses")
        app.process.terminate()
        missing = missing_programs()
        if missing:
            print(f"office work left out: {', '.join(missing)} not installed (see deploy/debian-packages-more.txt)")
        else:
            found += office(desktop, folder, minutes=minutes, python=python, is_quick=told.quick)
        found.append(figure("other work on the machine: load at the end", os.getloadavg()[0], "processes"))
        write("capture", found)


if __name__ == "__main__":
    main()
