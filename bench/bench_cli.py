"""How long the command line takes to start, against a bare `python -c pass` of the same environment, in turns with it.

Two environments: this one, where witting is installed editable beside everything else (`.pth` files cost at each start), and a fresh one
that holds only the wheel and click, as a person's does. Ratios travel between machines, milliseconds don't.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import click

import figures

REPO = Path(__file__).resolve().parents[1]
RUNS = 21
BAR = 2.5  # of `witting --help`, x bare Python
CALLS = {"witting --help": ["--help"], "witting --version": ["--version"], "witting status --help": ["status", "--help"]}


def main() -> None:
    """Measure both environments."""
    rows = _measure("editable", Path(sys.prefix) / "bin")
    with tempfile.TemporaryDirectory() as folder:
        rows += _measure("wheel", _install_wheel(Path(folder)))
    figures.write("cli", rows)


def _measure(name: str, binaries: Path) -> list[dict[str, object]]:
    """Return the figures of one environment; medians of runs that take turns, after one that warms the disk's cache."""
    commands = {call: [str(binaries / "witting"), *arguments] for call, arguments in CALLS.items()}
    commands["python -c pass"] = [str(binaries / "python"), "-c", "pass"]
    seconds: dict[str, list[float]] = {call: [] for call in commands}
    for turn in range(RUNS + 1):
        for call, command in commands.items():
            took = _time(command)
            if turn:
                seconds[call].append(took)
    medians = {call: statistics.median(times) for call, times in seconds.items()}
    bare_ms = round(medians["python -c pass"] * 1000, 1)
    return [
        {
            "name": f"{call}, {name} install ({medians[call] * 1000:.0f} ms)",
            "value": medians[call] / medians["python -c pass"],
            "unit": "x bare Python",
            "sense": "lower",
            "bar": BAR if call == "witting --help" else None,
            "peer": {"name": "python -c pass, ms", "value": bare_ms},
            "runs": RUNS,
        }
        for call in CALLS
    ]


def _time(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def _install_wheel(folder: Path) -> Path:
    """Return the `bin` of an environment that holds the wheel and click, made without a network."""
    from hatchling.builders.wheel import WheelBuilder

    (wheel,) = WheelBuilder(str(REPO)).build(directory=str(folder / "wheel"), versions=["standard"])
    place = folder / "venv"
    venv.create(place, symlinks=True)
    python = place / "bin/python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", "--compile"]
    subprocess.run([*pip, "--disable-pip-version-check", wheel], check=True)
    site = subprocess.run([python, "-c", "import site; print(site.getsitepackages()[0])"], check=True, capture_output=True, text=True)
    shutil.copytree(Path(click.__file__).parent, Path(site.stdout.strip()) / "click")
    subprocess.run([python, "-m", "compileall", "-q", site.stdout.strip()], check=True)
    return place / "bin"


if __name__ == "__main__":
    main()
