"""What the input source alone costs: CPU for 1,000 events, beside pynput, at a mouse's rate and at a trackpad's burst.

Input is real (XTEST), each listener is a process of its own that only counts, and the two take turns.
Usage: bench_input.py [RUNS, default 5].
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from figures import write
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands

RATES = ((125, 16), (1000, 8))  # events a second, seconds
KINDS = ("ours", "pynput")
BAR = 0.5
_SETTLE_S = 0.5


def cpu_s(process: psutil.Process) -> float:
    """Return the CPU seconds that a process has used."""
    tasks = Path(f"/proc/{process.pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def measure(kind: str, display: str, *, rate_hz: int, seconds: int, seed: int) -> tuple[float, int, int]:
    """Return CPU milliseconds for 1,000 events, events sent, and events heard."""
    command = [sys.executable, str(Path(__file__).with_name("input_listener.py")), kind, display]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as listener,
        Hands(display, seed=seed) as hands,
    ):
        assert listener.stdin is not None
        assert listener.stdout is not None
        listener.stdout.readline()
        time.sleep(_SETTLE_S)
        process = psutil.Process(listener.pid)
        before = cpu_s(process)
        hands.trace([(100 + i * 7 % 800, 100 + i * 3 % 500) for i in range(rate_hz * seconds)], rate_hz=rate_hz)
        time.sleep(_SETTLE_S)
        used = cpu_s(process) - before
        sent = len(hands.log)
        listener.stdin.close()
        heard = int(listener.stdout.readline())
    return used * 1e6 / sent, sent, heard


def main() -> None:
    """Measure both in turns and write the figures."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    figures: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder, DesktopSession(Path(folder)) as desktop:
        for rate_hz, seconds in RATES:
            used: dict[str, list[float]] = {kind: [] for kind in KINDS}
            missing = 0
            for run in range(runs):
                for kind in KINDS if run % 2 == 0 else KINDS[::-1]:
                    cost, sent, heard = measure(kind, desktop.display, rate_hz=rate_hz, seconds=seconds, seed=run)
                    used[kind].append(cost)
                    missing += max(0, sent - heard) if kind == "ours" else 0
            mine, other = (statistics.median(used[kind]) for kind in KINDS)
            spread = " ".join(f"{cost:.1f}" for cost in used["ours"])
            print(f"{rate_hz}/s, ms of CPU for 1,000 events, ours: {spread}; pynput: {' '.join(f'{cost:.1f}' for cost in used['pynput'])}")
            same = {"unit": "ms", "sense": "lower", "peer": {"name": "pynput", "value": round(other, 2)}, "runs": runs}
            figures += [
                {"name": f"CPU for 1,000 events at {rate_hz}/s", "value": round(mine, 2), "bar": None, **same},
                {"name": f"the same as a share of pynput's, {rate_hz}/s", "value": round(mine / other, 3), **same, "unit": "x", "bar": BAR},
                {"name": f"events missed at {rate_hz}/s", "value": missing, "unit": "events", "sense": "lower", "bar": 0, "runs": runs},
            ]
    write("input", figures)


if __name__ == "__main__":
    main()
