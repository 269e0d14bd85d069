"""The participant's verbs in processes of their own against a real hub: join in a browser, review, send, take back, leave, or say no."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import sync_playwright

from witting.device.desk.format import removed_of
from witting.device.enrolment import Enrolment
from witting.device.review import preview, summarise
from witting.testing.browser import CHROMIUM
from witting.testing.participant import SESSION
from witting.testing.sample_session import SITE, sample_header, sample_records

pytestmark = pytest.mark.e2e
WITTING = [sys.executable, "-m", "witting"]


def _env(home: Path) -> dict[str, str]:
    """Return an environment whose home is `home` and that has no keyring."""
    return {
        **os.environ,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }


def _run(home: Path, *arguments: str) -> tuple[int, list[Any], str]:
    """Run a verb; return its exit status, the JSON it printed line by line, and what it said beside that."""
    done = subprocess.run([*WITTING, *arguments], env=_env(home), capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")], done.stderr


class _Process(AbstractContextManager["_Process"]):
    """A verb that goes on until it is ended; its first line is JSON."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.process = subprocess.Popen([*WITTING, *arguments], env=_env(home), stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.first = json.loads(self.process.stdout.readline())

    def line(self) -> Any:
        """Return the next line it prints."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def end(self) -> int:
        """End it as Ctrl-C would if it hasn't ended, and return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(2)
        return self.process.wait(20)

    def __exit__(self, *_: object) -> None:
        self.end()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[str]]]:
    """Serve a hub with the example programme; return its folder and three invitations."""
    folder = tmp_path_factory.mktemp("organisation")
    example = files("witting.consent").joinpath("example.toml").read_text("utf-8").replace("https://forms.example.org", SITE)
    (folder / "programme.toml").write_text(example, encoding="utf-8")
    hub = str(folder / "hub")
    for arguments in (
        ["hub", "init", "--data", hub, "--port", "0"],
        ["hub", "programme-add", "--data", hub, str(folder / "programme.toml")],
    ):
        assert _run(folder, *arguments)[0] == 0
    with _Process(folder, "hub", "serve", "--data", hub, "--port", "0", "--json"):
        done, invited, said = _run(folder, "programme", "invite", "office-help", "--data", hub, "--count", "3", "--json")
        assert done == 0, said
        yield folder, invited[0]["links"]


def _visit(url: str, *, ticks: str, button: str, then: str) -> None:
    """Open a notice, tick the boxes whose value contains `ticks`, press a button, and wait for what the page says then."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = browser.new_page()
        page.goto(url)
        for box in page.locator("input[name=grant]").all():
            if ticks in (box.get_attribute("value") or ""):
                box.check()
        if ticks:
            page.locator("input[name=keys_level][value=text]").check()
        page.get_by_role("button", name=button).click()
        page.get_by_text(then).first.wait_for()
        browser.close()


def _record(data: Path) -> None:
    """Put a sample session, made under the receipt in force, into the spool."""
    enrolment = Enrolment(data)
    header = msgspec.structs.replace(
        sample_header(SESSION, receipt_id=enrolment.receipt.receipt_id),
        programme_id=enrolment.programme.id,
        programme_digest=enrolment.offer.programme_digest,
        purposes=("train",),
        recorded_at=enrolment.receipt.given_at[:13] + ":00:00Z",
    )
    _, *records, end = sample_records(header, frames=3)
    writer = enrolment.open_spool().open_session(header)
    for record in records:
        writer.append(record)
    writer.close(end)  # type: ignore[arg-type] # the last record is the end


@pytest.mark.timeout(300)
def test_from_invitation_to_deletion_receipt_by_verbs(organisation: tuple[Path, list[str]], tmp_path: Path) -> None:
    """Joined in a browser, a session is reviewed, sent once, taken back; leaving erases all and leaves the receipt where it was wanted."""
    _, links = organisation
    home, data = tmp_path / "home", tmp_path / "data"
    home.mkdir()
    with _Process(home, "join", links[0], "--data", str(data), "--no-browser", "--json") as joining:
        _visit(joining.first["url"], ticks="train|", button="Opt in to what I ticked", then="You opted in")
        welcome = joining.line()
        assert (welcome["status"], joining.end()) == ("given", 0)
    unit = home / ".config" / "systemd" / "user" / "witting-recorder.service"
    assert str(unit) in welcome["installed"]
    assert "RestrictAddressFamilies=AF_UNIX" in unit.read_text()

    def verb(*arguments: str) -> tuple[int, list[Any]]:
        status, answer, _ = _run(home, arguments[0], "--data", str(data), "--json", *arguments[1:])
        return status, answer

    assert verb("join", links[1])[0] == 2
    _record(data)
    assert verb("status")[1][0] | {"sessions": 1, "unsent": 1, "status": "given", "recorder": "off"} == verb("status")[1][0]
    assert verb("receipts")[1][0]["receipts"][0]["status"] == "given"
    assert verb("episodes")[1][0]["sessions"][0]["session_id"] == SESSION
    assert verb("upload", SESSION[:8])[0] == 2
    status, (reviewed,) = verb("review", SESSION[:8])
    shown = preview(Enrolment(data).open_spool(), SESSION, marks=())
    assert (status, reviewed["findings"]) == (0, {what: count for count, what in removed_of(summarise(list(shown)))["findings"]})
    assert reviewed["findings"]["names of people"] > 0
    status, (dry,) = verb("upload", "--dry-run", SESSION)
    assert (dry["content_digest"], dry["is_sent"]) == (reviewed["content_digest"], False)
    status, (sent,) = verb("upload", "--all")
    assert (status, sent["content_digest"], sent["is_sent"]) == (0, reviewed["content_digest"], True)
    assert verb("upload", SESSION)[1][0]["log_index"] == sent["log_index"]
    assert verb("drop", SESSION)[0] == 2
    status, (taken,) = verb("withdraw", SESSION[:8])
    assert (status, taken["receipt"]["sessions"], taken["receipt"]["keys_destroyed"]) == (0, [SESSION], 1)
    assert verb("verify")[0] == 0
    status, (left,) = verb("leave", "--receipt", str(tmp_path / "receipt.json"))
    assert status == 0
    assert left["receipt"]["participant"] == taken["receipt"]["participant"]
    assert (tmp_path / "receipt.json").exists()
    assert not data.exists()
    assert list(home.iterdir()) == []


@pytest.mark.promise("P20")
@pytest.mark.promise("P30")
def test_saying_no_ends_the_verb_and_leaves_no_trace(organisation: tuple[Path, list[str]], tmp_path: Path) -> None:
    """After No, thanks the process ends by itself, and neither data directory nor home nor hub holds anything of it."""
    folder, links = organisation
    home, data = tmp_path / "home", tmp_path / "data"
    home.mkdir()
    before = {path: path.read_bytes() for path in (folder / "hub").rglob("*") if path.is_file() and path.suffix != ".log"}
    with _Process(home, "join", links[2], "--data", str(data), "--no-browser", "--json") as joining:
        _visit(joining.first["url"], ticks="nothing", button="No, thanks", then="nobody was told")
        assert joining.process.wait(20) == 0
        assert joining.line() == {"status": "refused"}
    assert not data.exists()
    assert [path for path in home.rglob("*") if path.is_file()] == []
    after = {path: path.read_bytes() for path in (folder / "hub").rglob("*") if path.is_file() and path.suffix != ".log"}
    assert before == after


def test_a_hub_that_is_away_is_said_in_one_line_with_its_exit_code(tmp_path: Path) -> None:
    """Joining a hub that doesn't answer ends with 15 and one line each for what happened and what to do; nothing is kept."""
    status, _, said = _run(tmp_path, "join", "http://127.0.0.1:9/join/abc", "--data", str(tmp_path / "data"), "--no-browser")
    assert status == 15
    assert [line.split(":")[0] for line in said.splitlines()] == ["witting", "hint"]
    assert not (tmp_path / "data").exists()
    for verb, expected in (("status", 0), ("receipts", 10), ("episodes", 10), ("leave", 10), ("notice", 10)):
        assert _run(tmp_path, verb, "--data", str(tmp_path / "data"))[0] == expected
    assert not (tmp_path / "data").exists()
