"""The organisation's side of the story: a hub, a programme from one file, its notice, invitations."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from witting.demo.running import Process, run_verb
from witting.demo.stage import Stage


@dataclass(frozen=True)
class Organisation:
    """A running hub with one programme."""

    data_dir: Path
    url: str
    programme_id: str
    verifier_key: str  # of the log
    log: Path


@contextlib.contextmanager
def run_hub(stage: Stage) -> Iterator[tuple[Path, str, str]]:
    """Make a hub and serve it; yields its folder, address and the log's verifier key."""
    data, log = stage.out / "hub", stage.out / "logs" / "hub.log"
    made = run_verb(["hub", "init", "--data", str(data), "--port", "0"], log=log)
    with Process(["hub", "serve", "--data", str(data), "--json"], log=log) as hub:
        url = hub.first_line()["url"]
        stage.say(f"the hub listens on {url}, SQLite and local objects")
        yield data, url, made["verifier_key"]


def write_programme(stage: Stage, site: str) -> Path:
    """Write the programme file for this run: the packaged example with the loopback site, and with every point of the pointer's way.

    The demo compares what was injected with what was recorded point by point; what is reduced can't be compared so.
    """
    text = files("witting.consent").joinpath("example.toml").read_text(encoding="utf-8")
    path = stage.out / "programme.toml"
    text = text.replace("https://forms.example.org", site).replace('id = "train"\n', 'id = "train"\npointer_path = "raw"\n')
    path.write_text(text, encoding="utf-8")
    return path


def start_programme(stage: Stage, hub: tuple[Path, str, str], *, site: str) -> Organisation:
    """Check the programme, see it refused while a field is missing, then put it into force."""
    data, url, verifier = hub
    log = stage.out / "logs" / "steward.log"
    path = write_programme(stage, site)
    incomplete = stage.out / "scratch" / "incomplete.toml"
    incomplete.parent.mkdir(parents=True, exist_ok=True)
    incomplete.write_text(re.sub(r"(?m)^dpo_contact = .*$", 'dpo_contact = ""', path.read_text()))
    refused = run_verb(["hub", "programme-add", str(incomplete), "--data", str(data)], log=log, may_fail=True)
    stage.check(
        "a programme that leaves out a required field is refused",
        holds=refused.get("exit_code") == 2,  # noqa: PLR2004 - usage
        evidence=str(refused.get("error", "it was taken")).splitlines()[0].removeprefix("witting: error: "),
        test="tests/unit/consent/test_notice.py",
    )
    checked = run_verb(["programme", "check", str(path)], log=log)
    run_verb(["hub", "programme-add", str(path), "--data", str(data)], log=log)
    notice = run_verb(["programme", "notice", str(path)], log=log)
    (stage.out / "notice.html").write_text(notice["html"], encoding="utf-8")
    grade = float(notice["reading_grade"])
    stage.say(f"programme {checked['programme_id']} is complete; its notice reads at school grade {grade}")
    stage.figure("reading grade of the notice (Flesch-Kincaid)", grade, unit="school grade", sense="lower", bar=8)
    return Organisation(data, url, checked["programme_id"], verifier, log)


def invite(organisation: Organisation, count: int) -> list[str]:
    """Return fresh invitation links."""
    links = run_verb(
        ["programme", "invite", organisation.programme_id, "--data", str(organisation.data_dir), "--count", str(count)],
        log=organisation.log,
    )
    return [str(link) for link in links["links"]]
