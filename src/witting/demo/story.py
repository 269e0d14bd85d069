"""The story, station by station. Read this file and you know what `make demo` does."""

import multiprocessing
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from witting.audit.hub_copy import read_hub
from witting.audit.report import failed
from witting.demo import checking, learning, leaving
from witting.demo.organisation import Organisation, invite, run_hub, start_programme
from witting.demo.participants import DELETER, LEAVER, REFUSER, Participant, invited, join, open_pages, review
from witting.demo.report import write_report
from witting.demo.stage import CheckFailedError, Picture, Stage, Table
from witting.demo.work import Job, Outcome, work
from witting.device.enrolment import Enrolment
from witting.device.outbox import Outbox
from witting.terms.errors import UsageError
from witting.testing.miniwob_server import MiniwobServer

_PEOPLE = 6
_MARK = ".made-by-witting-demo"  # in a folder that may be made anew
_PERSON_SEED = 2600  # people of the demo; any number gives other people


@dataclass(frozen=True)
class Size:
    """How much is done."""

    episodes: int = 25  # per person
    live_episodes: int = 50  # per task and agent
    tasks: tuple[str, ...] = learning.TASKS
    fast_events: int = 4000  # moves at 1,000 a second, per person
    workers: int = 2  # people who work at the same time
    first_seed: int = 41


def tell(out: Path, console: Console, *, size: Size | None = None) -> Path:
    """Tell the whole story below `out` and return the report's path.

    Raises:
        CheckFailedError: a check doesn't hold; the report is written all the same and names it.
        UsageError: `out` holds what no demo wrote; it was left as it is.
    """
    size = size or Size()
    _make_anew(out)
    stage = Stage(out, console)
    with run_hub(stage) as hub, MiniwobServer() as server, open_pages() as browser:
        with stage.station(1, "The steward writes a programme"):
            organisation = start_programme(stage, hub, site=server.origin)
        with stage.station(2, "Six people are invited; five opt in, one says no"):
            people = _ask(stage, organisation, browser=browser)
        with stage.station(3, "They work, with real input in real applications, and are recorded"):
            outcomes = _work(stage, people, port=server.port, size=size)
        with stage.station(4, "Each reviews, one masks, one deletes; then they send"):
            sent = _review(stage, people, browser=browser)
        with stage.station(5, "The lab builds a dataset, trains a policy, and runs it live"):
            dataset = learning.build(stage, organisation)
            learned = learning.learn(stage, organisation, dataset_dir=dataset, episodes=size.live_episodes, tasks=size.tasks)
        with stage.station(6, "What was planted is searched for, in every byte"):
            checking.check_leaks(stage, organisation, participants=people, sent=sent)
            checking.measure_over_masking(stage, stage.out / "notice.html")
        with stage.station(7, "One person leaves"):
            receipt = leaving.leave(stage, browser, participant=people[LEAVER - 1])
            leaving.unlearn(stage, organisation, learned=learned, receipt=receipt)
        with stage.station(8, "The auditor verifies the log"):
            checking.check_log(stage, organisation, participants=people)
    return _finish(stage, outcomes, learned=learned, organisation=organisation)


def _make_anew(out: Path) -> None:
    """Make the folder; what an earlier demo left in it goes, anybody else's files stay."""
    names = {path.name for path in out.iterdir()} if out.exists() else set()
    if names and _MARK not in names and not names >= {"hub", "logs"}:
        message = f"{out} holds what no demo wrote; it was left as it is"
        raise UsageError(message, hint="name a new or empty folder: --out FOLDER")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / _MARK).touch()


def _ask(stage: Stage, organisation: Organisation, *, browser: Any) -> list[Participant]:
    people = invited(stage, invite(organisation, _PEOPLE), seed=_PERSON_SEED)
    for person in people[: REFUSER - 1]:
        join(stage, browser, participant=person)
    before = len(read_hub(organisation.data_dir).entries)
    join(stage, browser, participant=people[REFUSER - 1])
    after = len(read_hub(organisation.data_dir).entries)
    receipts = [Enrolment(person.data_dir).receipt for person in people[: REFUSER - 1]]
    grants = ", ".join(str(len(receipt.grants)) for receipt in receipts)
    stage.check(
        "everybody who opted in has a receipt signed by the controller",
        holds=len(receipts) == REFUSER - 1,
        evidence=f"{len(receipts)} receipts, with {grants} grants of purpose by stream by app; each verified with its log proof",
        test="tests/unit/consent/test_receipts.py",
    )
    checking.check_refuser(stage, people[REFUSER - 1], log_size=after, log_size_before=before)
    return people


def _work(stage: Stage, people: Sequence[Participant], *, port: int, size: Size) -> list[Outcome]:
    jobs = [
        Job(
            number=person.number, person_seed=person.person.seed, data_dir=person.data_dir, server_port=port, tasks=size.tasks,
            episodes=size.episodes, first_seed=size.first_seed + 1000 * person.number, pictures_dir=stage.out / "pictures" / "work",
            log=stage.out / "logs" / f"record-{person.number}.log", fast_events=size.fast_events,
            has_second_session=person.number == DELETER,
        )
        for person in people[: REFUSER - 1]
    ]  # fmt: skip
    outcomes = []
    columns = (TextColumn("  people at work"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(*columns, console=stage.console, transient=True) as bar,
        ProcessPoolExecutor(size.workers, mp_context=multiprocessing.get_context("spawn")) as pool,
    ):
        shown = bar.add_task("", total=len(jobs))
        for done in as_completed([pool.submit(work, job) for job in jobs]):
            outcomes.append(done.result())
            bar.advance(shown)
    outcomes.sort(key=lambda outcome: outcome.number)
    for person, outcome in zip(people, outcomes, strict=False):
        person.sessions = list(outcome.sessions)
    played, solved = sum(o.played for o in outcomes), sum(o.solved for o in outcomes)
    stage.say(f"{played} MiniWoB episodes of {len(size.tasks)} tasks, {solved} solved; forms, notes, breaks, a terminal, a notification")
    checking.check_truth(stage, outcomes)
    _show_work(stage)
    return outcomes


def _show_work(stage: Stage) -> None:
    folder = stage.out / "pictures" / "work"
    texts = (
        ("1-episode.png", "Recording", "The desktop as the person sees it. The sign in the corner is up whenever recording is on."),
        ("1-unlisted-app.png", "An app that isn't lent", "A terminal came to the front: the sign says that this window is not recorded."),
        ("1-paused.png", "Paused", "One click on the sign, or `witting pause`; there is no limit."),
    )  # fmt: skip
    for name, title, caption in texts:
        stage.pictures.append(Picture(title, folder / name, caption, "tests/e2e/test_recorder.py"))


def _review(stage: Stage, people: Sequence[Participant], *, browser: Any) -> int:
    sent_bytes, sessions = 0, 0
    for person in people[: REFUSER - 1]:
        sessions += review(stage, browser, participant=person)
        for sent in Outbox(person.data_dir).all_sent():
            sent_bytes += sum(item.size_bytes for item in sent.parcel.objects)
    stage.check(
        "what was sent is what was reviewed, and the hub holds it once",
        holds=sessions == REFUSER - 1,
        evidence=f"{sessions} sessions, {sent_bytes / 1e6:.1f} MB sealed; the digest shown on the page is the digest of the parcel",
        test="tests/flow/test_review_and_send.py",
    )
    return sent_bytes


def _finish(stage: Stage, outcomes: Sequence[Outcome], *, learned: learning.Learned, organisation: Organisation) -> Path:
    removed: dict[str, int] = {}
    for outcome in outcomes:
        for kind, count in outcome.kinds.items():
            removed[kind] = removed.get(kind, 0) + count
    rows = tuple((kind.replace("_", " "), f"{count:,}") for kind, count in sorted(removed.items(), key=lambda item: -item[1]))
    stage.tables.append(
        Table("What the redactor found and covered", ("kind", "findings"), rows, "Counts over all recorded items; the values are nowhere.")
    )
    stage.figure("whole story", sum(stage.seconds.values()), unit="s", sense="lower")
    summary = (
        f"Five of six invited people lent how they work in Chromium and Mousepad: {sum(o.played for o in outcomes)} tasks, recorded, "
        "redacted on their own machines, reviewed and sent. An agent learnt from them and was run live. "
        "Then one of them left, out of the hub, the dataset and the model."
    )
    how = f"witting hub serve --data {organisation.data_dir}\nwitting desk --data {stage.out / 'people' / '1'}"
    path = write_report(stage, summary=summary, learning_text=learned.text, plots=list(learned.plots), how_to_open=how)
    shutil.rmtree(stage.scratch, ignore_errors=True)
    broken = failed(stage.checks)
    stage.console.rule()
    stage.console.print(f"  report: {path}")
    stage.console.print(f"  look around: {how.splitlines()[0]}  ·  {how.splitlines()[1]}")
    if broken:
        names = "; ".join(f"{check.name} ({check.evidence})" for check in broken)
        message = f"{len(broken)} of {len(stage.checks)} checks don't hold: {names}"
        raise CheckFailedError(message, hint=f"the report says what was found: {path}")
    stage.console.print(f"  [green]all {len(stage.checks)} checks hold[/green] after {sum(stage.seconds.values()):.0f} s")
    return path


def stop_leftovers() -> None:
    """End what the story started and an interruption left running."""
    for child in psutil.Process().children(recursive=True):
        child.terminate()
