"""What a pause leaves behind, and how fast a session forgets: pause to answer, pause to the last stored event, forgetting by session size.

The recorder runs as a person would start it, under a stream of real input; forgetting is timed on the spool alone.
"""

import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from figures import write
from witting.device import control
from witting.device.spool import Spool
from witting.ledger.seals import KeyStore
from witting.terms.events import Gap, PointerMove
from witting.testing.desktop import App, DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.sample_session import sample_header

PAUSES = 20
MB = (5, 50)
MS, SECOND = 1e6, 1_000_000_000


def figure(name: str, value: float, unit: str, **more: object) -> dict[str, object]:
    """Return one figure; lower is better."""
    return {"name": name, "value": value, "unit": unit, "sense": "lower", "bar": None, "peer": None, "runs": 1, **more}


def pauses(desktop: DesktopSession, app: App, folder: Path) -> list[dict[str, object]]:
    """Pause again and again while the pointer moves at 250 events a second."""
    lender, area = Lender(folder, lent_programme({"mousepad": ()})), app.area()
    asked: list[int] = []
    answered: list[int] = []
    with lender.start(desktop.env) as recorder, Hands(desktop.display, seed=3) as hands:
        points = [(area.x + 50 + (i * 7) % (area.width - 100), area.y + 80 + (i * 3) % (area.height - 160)) for i in range(PAUSES * 250)]
        mover = threading.Thread(target=hands.trace, args=(points,), kwargs={"rate_hz": 250})
        mover.start()
        for _ in range(PAUSES):
            time.sleep(0.5)
            asked.append(time.monotonic_ns())
            control.pause(recorder.control_path)
            answered.append(time.monotonic_ns())
            time.sleep(0.3)
            control.resume(recorder.control_path)
        mover.join()
        recorder.stop()
    times = np.array([getattr(record, "timestamp_ns", 0) for record in lender.records() if not isinstance(record, Gap)])
    last = [(times[times < later].max() - at) / MS for at, later in zip(asked, [at + SECOND // 4 for at in answered], strict=True)]
    took = (np.array(answered) - np.array(asked)) / MS
    return [
        figure("pause to its answer p50", float(np.median(took)), "ms", runs=PAUSES),
        figure("pause to its answer, longest", float(took.max()), "ms", runs=PAUSES, bar=100),
        figure("pause to the last stored event, longest", float(max(last)), "ms", runs=PAUSES, bar=100),
    ]


def forgetting(folder: Path) -> list[dict[str, object]]:
    """Forget the last half of sessions of several sizes."""
    rows = []
    for size in MB:
        spool = Spool(folder / str(size), KeyStore(folder / str(size) / "keys"))
        writer = spool.open_session(sample_header("5e" * 16))
        count = size * 1_000_000 // 30
        for number in range(count):
            writer.append(PointerMove(SECOND + number, number % 1000, 5))
        writer.flush()
        began = time.perf_counter()
        writer.forget(SECOND + count // 2)
        rows.append(figure(f"forget half of a session of {size} MB", time.perf_counter() - began, "s"))
    return rows


def main() -> None:
    """Measure on a fresh desktop session."""
    with tempfile.TemporaryDirectory() as scratch, DesktopSession() as desktop:
        app = desktop.start_mousepad(Path(scratch) / "note.txt")
        app.activate()
        write("pause", [*pauses(desktop, app, Path(scratch) / "lent"), *forgetting(Path(scratch) / "spools")])


if __name__ == "__main__":
    main()
