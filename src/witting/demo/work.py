"""One person's working day with the recorder on, in a process of its own; and the comparison of what was injected with what was recorded.

The ground truth lives in this process's memory only: it holds every key that was typed. What comes back are counts and times.
"""

import contextlib
import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psutil

from witting.demo import acts
from witting.demo.running import Process
from witting.demo.truth import Comparison, compare
from witting.device import control
from witting.device.enrolment import Enrolment
from witting.terms.errors import WittingError
from witting.terms.session import Record
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands, InjectedEvent
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.people import make_person
from witting.testing.x11 import wait_for

_SIGN_PX = 60  # the sign is lower, and nearer to the edge, than this


@dataclass(frozen=True)
class Job:
    """What one person is to do."""

    number: int  # 1 to 5
    person_seed: int
    data_dir: Path  # the participant's data directory, enrolled
    server_port: int  # of the page server, shared by all
    tasks: tuple[str, ...]
    episodes: int
    first_seed: int
    pictures_dir: Path
    log: Path
    pace: float = 2.0
    fast_events: int = 4000  # moves at 1,000 a second
    has_second_session: bool = False  # a short one, recorded to be deleted


@dataclass
class Watch:
    """What was seen of indicator and recorder while the person worked."""

    looks: int = 0
    indicator_seen: int = 0
    cpu_seconds: float = 0.0
    rss_mb: float = 0.0
    wall_seconds: float = 0.0
    idle_cpu: float = 0.0  # share of a core while nothing happened


@dataclass
class Outcome:
    """What came of a working day: counts and times, no content."""

    number: int
    sessions: tuple[str, ...]  # the working day, then the short one if there is one
    played: int
    solved: int
    watch: Watch
    comparison: Comparison
    spool_bytes: int
    exit_code: int
    kinds: dict[str, int] = field(default_factory=dict)  # findings by kind


class _Control:
    """The recorder of one data directory, spoken to over its socket."""

    def __init__(self, socket_path: Path) -> None:
        self.path = socket_path

    def task(self, state: Literal["begin", "done", "gave_up"], instruction: str = "") -> None:
        """State a task, or that it ended."""
        control.state_task(self.path, state, instruction=instruction)

    def pause(self) -> None:
        """Pause."""
        control.pause(self.path)

    def resume(self) -> None:
        """Go on."""
        control.resume(self.path)

    def is_recording(self) -> bool | None:
        """Whether it records now; None while it doesn't answer."""
        with contextlib.suppress(WittingError):
            return control.status(self.path).state == "recording"
        return None


def work(job: Job) -> Outcome:
    """Live through one day: start the recorder, do everything of `acts`, stop, and compare."""
    scratch = Path(tempfile.mkdtemp(prefix="witting-day-"))
    try:
        return _work(job, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _work(job: Job, scratch: Path) -> Outcome:
    person = make_person(job.person_seed)
    note = scratch / "note.txt"
    note.write_text("Notes\n")
    run = job.data_dir / "run"
    with DesktopSession(scratch / "desktop") as desktop:
        notes = desktop.start_mousepad(note)
        recorder = Process(["record", "--data", str(job.data_dir)], log=job.log, env=desktop.env)
        with recorder, MiniwobServerAt(job.server_port) as server:
            link = _Control(run / "control.sock")
            wait_for("the recorder", link.is_recording)
            browser = desktop.start_chromium(server.page("contact"), native_host_socket=run / "browser.sock", allow=[server.origin])
            wait_for("the extension", lambda: control.status(link.path).is_browser_connected)
            session_id = control.status(link.path).session_id
            watch = Watch()
            with Hands(desktop.display, seed=job.person_seed, pace=job.pace) as hands:
                day = acts.Day(
                    person=person, desktop=desktop, browser=browser, notes=notes, hands=hands, recorder=link, server=server,
                    chance=random.Random(job.person_seed),
                    on_act=lambda name: _look(watch, link, desktop=desktop, picture=_picture_of(job, name)),
                )  # fmt: skip
                _live(day, job, watch=watch, pid=recorder.process.pid)
                truth = list(hands.log)
            control.stop(link.path)
            exit_code = recorder.process.wait(20)
        sessions = (session_id, *([_second_session(job, desktop)] if job.has_second_session else []))
    return _outcome(job, sessions, day=day, watch=watch, truth=truth, exit_code=exit_code)


def _live(day: acts.Day, job: Job, *, watch: Watch, pid: int) -> None:
    process = psutil.Process(pid)
    idle_from, cpu_from = time.monotonic(), _cpu(process)
    time.sleep(2.0)
    watch.idle_cpu = (_cpu(process) - cpu_from) / (time.monotonic() - idle_from)
    started, cpu_from = time.monotonic(), _cpu(process)
    half = job.episodes // 2
    acts.play_tasks(day, job.tasks, episodes=half, first_seed=job.first_seed)
    acts.sign_in(day)
    acts.write_to_us(day)
    acts.write_a_note(day)
    acts.use_a_terminal(day)
    acts.get_a_notification(day)
    acts.take_a_break(day)
    acts.circle_something(day, events=job.fast_events)
    acts.play_tasks(day, job.tasks, episodes=job.episodes - half, first_seed=job.first_seed + half)
    watch.wall_seconds = time.monotonic() - started
    watch.cpu_seconds = _cpu(process) - cpu_from
    watch.rss_mb = process.memory_info().rss / 2**20


def _second_session(job: Job, desktop: DesktopSession) -> str:
    """Record a few seconds more; this person will delete them."""
    path = job.data_dir / "run" / "control.sock"
    with Process(["record", "--data", str(job.data_dir)], log=job.log, env=desktop.env) as recorder:
        wait_for("the recorder", _Control(path).is_recording)
        session_id = control.status(path).session_id
        with Hands(desktop.display, seed=job.person_seed + 1) as hands:
            hands.move_to(400, 300)
            hands.move_to(700, 500)
        control.stop(path)
        recorder.process.wait(20)
    return session_id


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def is_sign_up(desktop: DesktopSession) -> bool:
    """Whether the recording sign stands in the upper right corner of the screen."""
    half = desktop.screen.width // 2
    return any(area.x > half and area.y < _SIGN_PX and area.height < _SIGN_PX for area in desktop.screen.unmanaged())


def _picture_of(job: Job, act: str) -> Path:
    return job.pictures_dir / f"{job.number}-{act.replace(' ', '-')}.png"


def _look(watch: Watch, link: _Control, *, desktop: DesktopSession, picture: Path) -> None:
    """Look whether the sign is on the screen, as a person would; keep one picture of each kind of act."""
    if link.is_recording() is not None:
        watch.looks += 1
        watch.indicator_seen += is_sign_up(desktop)
    if not picture.exists():
        picture.parent.mkdir(parents=True, exist_ok=True)
        desktop.screenshot(picture)


def _outcome(
    job: Job, sessions: tuple[str, ...], *, day: acts.Day, watch: Watch, truth: Sequence[InjectedEvent], exit_code: int
) -> Outcome:
    spool = Enrolment(job.data_dir).open_spool()
    records: list[Record] = list(spool.read(sessions[0]))
    kinds: dict[str, int] = {}
    for record in records:
        for finding in getattr(record, "findings", ()):
            kinds[finding.kind] = kinds.get(finding.kind, 0) + 1
    size = sum(path.stat().st_size for path in (job.data_dir / "spool").rglob("*") if path.is_file())
    return Outcome(
        job.number,
        sessions,
        day.played,
        day.solved,
        watch,
        compare(truth, records, breaks=day.breaks, plain=acts.PLAIN),
        size,
        exit_code,
        kinds,
    )


class MiniwobServerAt(MiniwobServer):
    """The page server that another process runs, under the same names."""

    def __init__(self, port: int) -> None:
        self._known_port = port

    @property
    def port(self) -> int:
        """The port of the other process's server."""
        return self._known_port

    def stop(self) -> None:
        """Leave the other process's server alone."""
