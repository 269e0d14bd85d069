"""What reading pictures costs on a real desktop at work, and what stays masked for lack of time.

The office script (`office`) with every stream lent, a picture every two seconds at most: once without reading, once with it, the reader's
own process told apart from the recorder's. CPU seconds hold on a busy machine too.

    python bench/pixels_office.py [MINUTES each, default 3]
"""

import sys
import tempfile
from pathlib import Path

import msgspec
import psutil

from bench_privacy import figure
from meter import Meter
from office import APPS, Office, missing_programs
from witting.terms.events import Frame
from witting.testing.desktop import DesktopSession
from witting.testing.lender import Lender, RunningRecorder, lent_programme

MINUTES = 3.0
_READER = "witting.device.reading"


def office_figures(minutes: float = MINUTES) -> list[dict[str, object]]:
    """Return the figures of the screen path in the office script; none where a program is missing."""
    if missing := missing_programs():
        print("the office script is left out, not installed:", ", ".join(missing))
        return []
    with tempfile.TemporaryDirectory() as name, DesktopSession() as desktop:
        folder = Path(name)
        with Office(desktop, folder / "office", socket=folder / "lent" / "run" / "browser.sock") as work:
            plain = _cost(work, folder / "lent", desktop=desktop, seconds=minutes * 60, is_read=False)
            read = _cost(work, folder / "lent", desktop=desktop, seconds=minutes * 60, is_read=True)
    runs = int(read["frames"])
    more = read["all"] - plain["all"]
    return [
        figure("screen path in the office script: CPU of the reader", read["reader"], "% of a core", "lower", bar=10, runs=runs),
        figure("recorder and reader in the office script, beyond the same without reading", more, "% of a core", "lower", runs=runs),
        figure("regions masked for lack of time, per picture", read["unread"] / max(1, runs), "", "lower", runs=runs),
    ]


def _readers(recorder: RunningRecorder) -> list[int]:
    """Return the process that reads pictures for a recorder."""
    found = psutil.Process(recorder.process.pid).children(recursive=True)
    return [child.pid for child in found if _READER in child.cmdline()]


def _cost(work: Office, folder: Path, *, desktop: DesktopSession, seconds: float, is_read: bool) -> dict[str, float]:
    """Work under a recorder; return its CPU with its reader's (% of a core), the reader's, pictures kept, places left unread."""
    lent = {app: () for app in APPS if app != "chromium"} | {"chromium": (work.server.origin,)}
    lender = Lender(folder, msgspec.structs.replace(lent_programme(lent), reads_pictures=is_read))
    with lender.start(desktop.env) as recorder:
        work.work(10)
        whole, reader = Meter(lambda: [recorder.process.pid]), Meter(lambda: _readers(recorder))
        work.work(seconds)
        used, reading, unread = whole.read(), reader.read(), recorder.status().unread_places
        recorder.stop()
    kept = sum(isinstance(record, Frame) for record in lender.records())
    return {"all": used.cpu, "reader": reading.cpu, "unread": float(unread), "frames": float(kept)}


if __name__ == "__main__":
    for found in office_figures(*map(float, sys.argv[1:2])):
        print(found)
