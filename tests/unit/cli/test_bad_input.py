"""Every verb given what it can't use: one clear line, one hint, the exit code of the style, and nothing made or changed."""

import json
import socket
from pathlib import Path

import msgspec
import pytest

from witting.cli.verbs import VERBS
from witting.device.enrolment import ENROLMENT_FILE
from witting.testing.participant import SESSION, Participant

ABSENT = {  # verb that needs a programme on this device → exit code and words without one
    "notice": (10, "this device is in no programme"),
    "notice --check": (10, "this device is in no programme"),
    "receipts": (10, "this device is in no programme"),
    "record": (10, "this device is in no programme"),
    "record --detach": (10, "this device is in no programme"),
    "pause": (2, "no recorder runs"),
    "resume": (2, "no recorder runs"),
    "stop": (2, "no recorder runs"),
    "voice begin": (2, "no recorder runs"),
    "forget": (10, "this device is in no programme"),
    "quiet": (10, "this device is in no programme"),
    "quiet 18:00-08:00": (10, "this device is in no programme"),
    "episodes": (10, "this device is in no programme"),
    "routines": (10, "this device is in no programme"),
    "routines forget": (10, "this device is in no programme"),
    "review": (10, "this device is in no programme"),
    "drop 5e5e": (10, "this device is in no programme"),
    "upload 5e5e": (10, "this device is in no programme"),
    "upload --all": (10, "this device is in no programme"),
    "withdraw 5e5e": (10, "this device is in no programme"),
    "withdraw --all": (10, "this device is in no programme"),
    "leave": (10, "this device is in no programme"),
    "verify": (10, "nothing of a programme is here to verify"),
}
UNKNOWN = {  # verb on a device with one session → exit code and words for a session that isn't there
    "review beef": (2, "no sessions on this device begin with 'beef'"),
    "routines show beef": (2, "no routine begins with 'beef'"),
    "routines name beef mine": (2, "no routine begins with 'beef'"),
    "routines forbid beef": (2, "no routine begins with 'beef'"),
    "routines leave-out beef 1": (2, "no routine begins with 'beef'"),
    "routines export beef": (2, "no routine begins with 'beef'"),
    "routines run beef --json": (2, "no routine begins with 'beef'"),
    "routines run beef --dry-run --json": (2, "no routine begins with 'beef'"),
    "drop beef": (2, "no sessions on this device begin with 'beef'"),
    "upload beef": (2, "no sessions on this device begin with 'beef'"),
    "upload beef --dry-run": (2, "no sessions on this device begin with 'beef'"),
    "withdraw beef": (2, "no sessions begin with 'beef'"),
    "withdraw --stream thoughts": (2, "no such kind of recording"),
    "withdraw --purpose sell": (2, "name purposes, or kinds, that you lend"),
    "withdraw beef --stream keys": (2, "several ways of taking back were named at once"),
    "withdraw --again --all": (2, "several ways of taking back were named at once"),
    f"withdraw {SESSION} --from 0:01": (2, "several ways of taking back were named at once"),
    "withdraw --from 0:01 --to 0:02": (2, "times are of one session"),
    f"withdraw {SESSION} --from soon --to later": (2, "a time isn't written as minutes and seconds"),
    f"withdraw {SESSION} --from 0:00 --to 0:01": (2, "that recording wasn't sent"),
    "upload": (2, "no session was named"),
    "upload --all": (2, "no session was named"),
}
HUB_DOWN = {  # verb that must reach the hub → what it is given
    "notice --check": (15, "the hub can't be reached"),
    f"withdraw {SESSION}": (15, "the hub can't be reached"),
    "withdraw --all": (15, "the hub can't be reached"),
    "leave": (15, "the hub can't be reached"),
}
WRONG = {  # any verb with something wrong; FILE is a text file, NONE nothing, FOLDER a folder without anything of ours
    "join NONE": (2, "that is no invitation link"),
    "join ftp://hub.example.org/join/x": (2, "that is no invitation link"),
    "join": (2, "missing argument 'LINK'"),
    "status --data FILE": (2, "is a file"),
    "desk --port 99999": (2, "99999 is not in the range"),
    "desk --port http": (2, "'http' is not a valid integer"),
    "leave --receipt FOLDER": (2, "is a directory"),
    "drop": (2, "missing argument 'SESSION'"),
    "forget 5d": (2, "no span of time"),
    "quiet 18-8": (2, "no hours"),
    "quiet 18:00-08:00 --none": (2, "hours were given, and --none"),
    "doctor --data FILE": (2, "is a file"),
    "programme new FILE": (2, "exists already"),
    "programme new NONE/programme.toml": (2, "can't be written"),
    "programme check NONE": (2, "there is no programme file"),
    "programme check FOLDER": (2, "can't be read"),
    "programme check FILE": (2, "isn't TOML"),
    "programme notice NONE": (2, "there is no programme file"),
    "programme diff NONE FILE": (2, "there is no programme file"),
    "programme deadlines NONE breach": (2, "there is no programme file"),
    "programme packs nothing": (2, "unexpected extra argument"),
    "programme papers NONE --out out": (2, "there is no programme file"),
    "programme invite office-help --data FOLDER": (2, "holds no hub"),
    "programme invite office-help --count 0": (2, "0 is not in the range"),
    "hub init --data FILE": (2, "is a file"),
    "hub init --port -1": (2, "-1 is not in the range"),
    "hub serve --data FOLDER": (2, "holds no hub"),
    "hub serve --port 70000": (2, "70000 is not in the range"),
    "hub prune --data NONE": (2, "holds no hub"),
    "hub backup NONE --data FOLDER": (2, "holds no hub"),
    "hub restore NONE --data there --erasures FILE": (2, "holds no backup"),
    "hub restore FOLDER --data there": (2, "missing option '--erasures'"),
    "hub recalls --data NONE": (2, "holds no hub"),
    "hub told beef --data NONE": (2, "holds no hub"),
    "hub told": (2, "missing argument 'EXPORT_ID'"),
    "hub programme-add NONE --data FOLDER": (2, "holds no hub"),
    "dataset build office-help NONE --purpose train --hub FOLDER": (2, "holds no hub"),
    "dataset build office-help NONE --hub FOLDER": (2, "missing option '--purpose'"),
    "dataset build office-help NONE --purpose train --version 0": (2, "0 is not in the range"),
    "dataset show FOLDER": (2, "holds no dataset"),
    "dataset show NONE": (2, "holds no dataset"),
    "dataset check FOLDER": (2, "holds no dataset"),
    "dataset card FOLDER": (2, "holds no dataset"),
    "dataset splits FOLDER": (2, "holds no dataset"),
    "dataset diff FOLDER NONE": (2, "holds no dataset"),
    "dataset release FOLDER NONE --without x --hub FOLDER": (2, "holds no hub"),
    "dataset release FOLDER NONE": (2, "holds no hub"),
    "insight release office-help --hub FOLDER": (2, "holds no hub"),
    "insight release": (2, "missing argument 'PROGRAMME_ID'"),
    "insight show office-help --hub NONE": (2, "holds no hub"),
    "insight show office-help --number 0": (2, "0 is not in the range"),
    "follow FOLDER --hub NONE": (2, "holds no hub"),
    "follow NONE": (2, "does not exist"),
    "follow FOLDER --watch 0": (2, "is not in the range"),
    "import nothing-known FOLDER": (2, "no import of the name"),
    "import miniwob-demos NONE": (2, "does not exist"),
    "import miniwob-demos FOLDER datasets/none": (2, "nothing in it could be imported"),
    "export FOLDER NONE --for nothing-known": (2, "there is no export for"),
    "export FOLDER NONE --for opencua": (2, "holds no dataset"),
    "train NONE out": (2, "does not exist"),
    "train FOLDER NONE": (2, "holds no dataset"),
    "train FOLDER NONE --seed x": (2, "'x' is not a valid integer"),
    "train FOLDER NONE --size huge": (2, "'huge' is not one of"),
    "train FOLDER NONE --slices 0": (2, "0 is not in the range"),
    "train FOLDER NONE --threads 0": (2, "0 is not in the range"),
    "unlearn FOLDER NONE --session s1": (2, "has no model card"),
    "unlearn NONE --session s1": (2, "does not exist"),
    "unlearn FOLDER NONE": (2, "missing option '--session'"),
    "evaluate random minivob --tasks click-link --out FOLDER": (2, "there is no suite"),
    "evaluate miniwob": (2, "at least one agent and a suite"),
    "evaluate NONE miniwob --out FOLDER": (2, "there is no agent"),
    "evaluate mine=NONE miniwob --out FOLDER": (2, "there is no agent"),
    "evaluate random no-such-task --out FOLDER": (2, "no MiniWoB task of the name 'no-such-task'"),
    "evaluate random miniwob --signed-by xyz": (2, "isn't 64 hexadecimal digits"),
    "evaluate random miniwob --signed-by 00ff": (2, "isn't 64 hexadecimal digits"),
    "evaluate random miniwob --episodes 0": (2, "0 is not in the range"),
    "compare FOLDER NONE": (2, "can't be read"),
    "compare FOLDER": (2, "missing argument 'RUN'"),
    "audit log --data FOLDER": (2, "holds no hub"),
    "audit verify --data FOLDER": (2, "holds no hub"),
    "audit verify --data FOLDER --checkpoint NONE": (2, "does not exist"),
    "audit prove 0 --data FOLDER": (2, "holds no hub"),
    "audit reidentify": (2, "nothing to recognise people by"),
    "audit reidentify --keystrokes MISSING": (2, "does not exist"),
    "audit prove first": (2, "'first' is not a valid integer"),
    "audit log --data FOLDER --export NONE": (2, "holds no hub"),
    "audit file words --data FOLDER --programme p": (2, "holds no hub"),
    "audit file words": (2, "missing option '--programme'"),
    "verify NONE": (2, "does not exist"),
    "verify FILE": (2, "no key of the log was given"),
    "witness key --data FOLDER": (2, "no space or plus"),
    "witness key --data NONE --name council --trust nonsense": (14, "isn't an Ed25519 one"),
    "witness serve --data FOLDER": (2, "holds no witness"),
    "witness serve --port 70000": (2, "70000 is not in the range"),
    "audit scan FOLDER": (2, "missing option '--values'"),
    "audit scan FOLDER --values FILE": (2, "can't be used"),
    "audit scan NONE --values VALUES": (2, "none"),
    "redact --jsonl NONE out": (2, "does not exist"),
    "redact --jsonl FILE FOLDER": (2, "is a directory"),
    "redact FILE NONE": (2, "say what SOURCE holds"),
    "redact --image FILE NONE": (2, "the image can't be read"),
    "redact --image --tree NONE FILE out": (2, "does not exist"),
    "redact --jsonl FILE NONE --posture none": (2, "'none' is not one of"),
    "demo --out FILE": (2, "is a file"),
    "demo --out HOME": (2, "holds what no demo wrote"),
    "demo --episodes 1": (2, "1 is not in the range"),
}


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return what the words of the tables stand for; the person's own folder and the current one are empty."""
    for name in ("folder", "here", "home"):
        (tmp_path / name).mkdir()
    (tmp_path / "file.txt").write_text("no TOML, no JSON\n")
    (tmp_path / "home" / "letter.txt").write_text("mine")
    (tmp_path / "values.json").write_text(json.dumps({"mail": ["somebody@example.org"]}))
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("WITTING_HOME", str(tmp_path / "own"))
    names = {"FOLDER": "folder", "FILE": "file.txt", "NONE": "none", "VALUES": "values.json", "HOME": "home"}
    return {word: str(tmp_path / name) for word, name in names.items()}


def _arguments(call: str, places: dict[str, str]) -> list[str]:
    """Return the call's words, with places put in for theirs."""
    words = []
    for word in call.split():
        for name, place in places.items():
            word = word.replace(name, place) if name in word.split("/")[0].split("=") or word == name else word  # noqa: PLW2901
        words.append(word)
    return words


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _check(run, code: int, words: str) -> None:
    """Check that a run ended with the code, one line that holds the words, and one hint."""
    lines = run.err.splitlines()
    assert (run.code, run.out, len(lines)) == (code, "", 2), run.err
    assert lines[0].startswith("witting: error: ")
    assert words in lines[0]
    assert lines[1].startswith("hint: ")
    assert len(lines[1]) > len("hint: ")


@pytest.mark.parametrize("call", ABSENT)
def test_without_a_programme(call: str, places: dict[str, str], witting, tmp_path: Path) -> None:
    """On a device in no programme a verb says so, and makes nothing there."""
    _check(witting(*call.split()), *ABSENT[call])
    assert not (tmp_path / "own").exists()


def test_status_without_a_programme_is_an_answer(places: dict[str, str], witting, tmp_path: Path) -> None:
    """Asking where one stands is no error, whatever the answer."""
    run = witting("status")
    assert (run.code, run.err) == (0, "")
    assert "in no programme" in run.out
    assert json.loads(witting("status", "--json").out) == {"stage": "none"}
    assert not (tmp_path / "own").exists()


@pytest.mark.parametrize("call", WRONG)
def test_something_that_cannot_be(call: str, places: dict[str, str], witting, tmp_path: Path) -> None:
    """Files, folders, numbers and names that can't be used are named, and every file stays as it was."""
    before = _files(tmp_path)
    _check(witting(*_arguments(call, places)), *WRONG[call])
    assert _files(tmp_path) == before


def test_every_verb_is_given_something_wrong() -> None:
    """The tables leave no verb and no sub-verb out."""
    from test_main import LEAVES

    calls = [*ABSENT, *UNKNOWN, *HUB_DOWN, *WRONG]
    assert [name for name in LEAVES if not any(f"{call} ".startswith(f"{name} ") for call in calls)] == ["status"][:0]
    assert {name.split()[0] for name in LEAVES} == set(VERBS)


@pytest.fixture
def device(places: dict[str, str], tmp_path: Path) -> Participant:
    """Return a device that joined and recorded one session, whose hub is down now."""
    person = Participant(tmp_path / "own")
    person.record(person.join(), frames=2)
    file = person.data_dir / ENROLMENT_FILE
    kept = msgspec.json.decode(file.read_bytes())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        kept["hub_url"] = f"http://127.0.0.1:{free.getsockname()[1]}"
    file.write_bytes(msgspec.json.encode(kept))
    return person


@pytest.mark.parametrize("call", UNKNOWN)
def test_a_session_that_is_not_here(call: str, device: Participant, witting) -> None:
    """A session that isn't here is said not to be, and the one that is stays."""
    _check(witting(*call.split()), *UNKNOWN[call])
    assert (device.data_dir / "spool" / f"{SESSION}.session").exists()


@pytest.mark.parametrize("call", HUB_DOWN)
def test_the_hub_is_down(call: str, device: Participant, witting) -> None:
    """A hub that doesn't answer is exit code 15, and the hint says that trying again goes on from there."""
    run = witting(*call.split())
    assert run.code == 15
    assert run.err.splitlines()[0].startswith("witting: error: the hub can't be reached")
    assert "again" in run.err.splitlines()[1]


def test_joining_while_the_hub_is_down(device: Participant, places: dict[str, str], witting, tmp_path: Path) -> None:
    """An invitation that can't be fetched leaves nothing."""
    link = json.loads((device.data_dir / ENROLMENT_FILE).read_bytes())["hub_url"] + "/join/abc"
    run = witting("join", link, "--data", tmp_path / "new", "--no-browser")
    assert (run.code, run.out) == (15, "")
    assert not (tmp_path / "new").exists()


def test_uploading_while_the_hub_is_down_keeps_everything(device: Participant, witting) -> None:
    """What was reviewed stays here, unsent, and can be sent later."""
    assert witting("review").code == 0
    run = witting("upload", SESSION)
    assert (run.code, len(run.err.splitlines())) == (15, 2)
    assert json.loads(witting("episodes", "--json").out)["sessions"][0]["is_sent"] is False


def test_uploading_what_was_not_reviewed(device: Participant, witting) -> None:
    """A session that nobody looked at isn't sent."""
    _check(witting("upload", SESSION), 2, "review")


def test_a_damaged_enrolment_is_exit_14(device: Participant, witting) -> None:
    """Papers that can't be read are an error of integrity for every verb that needs them, and nothing of them is printed."""
    (device.data_dir / ENROLMENT_FILE).write_bytes(b'{"secret": "Ottoline"')
    for call in ("notice", "receipts", "episodes", "review", f"drop {SESSION}", "upload --all", f"withdraw {SESSION}", "status", "record"):
        run = witting(*call.split())
        assert (run.code, run.out) == (14, ""), call
        assert "enrolment.json can't be read" in run.err
        assert "Ottoline" not in run.err


def test_a_damaged_session_is_exit_14_and_can_be_dropped(device: Participant, witting) -> None:
    """A session whose bytes were changed isn't shown or sent, is listed as damaged, and can be deleted."""
    file = device.data_dir / "spool" / f"{SESSION}.session"
    file.write_bytes(b"x" * 100)
    for call in (f"review {SESSION}", f"upload {SESSION} --dry-run", "verify"):
        run = witting(*call.split())
        assert run.code == 14, call
        assert len(run.err.splitlines()) == 2
    assert json.loads(witting("episodes", "--json").out) == {"sessions": [], "damaged": [SESSION]}
    assert "damaged; all that can be done" in witting("episodes").out
    assert witting("drop", SESSION[:6]).code == 0
    assert not file.exists()


def test_a_wrong_passphrase_is_exit_13(device: Participant, witting, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A key store that doesn't open is said to be locked."""
    from witting.ledger.seals import KeyStore

    KeyStore(tmp_path / "locked", passphrase="right")
    (device.data_dir / "keys" / "device.json").write_bytes((tmp_path / "locked" / "device.json").read_bytes())
    monkeypatch.setenv("WITTING_PASSPHRASE", "wrong")
    _check(witting("episodes"), 13, "doesn't open")
    monkeypatch.delenv("WITTING_PASSPHRASE")
    assert witting("episodes").code == 13


def test_the_changed_notice_is_exit_11(device: Participant, witting, monkeypatch: pytest.MonkeyPatch) -> None:
    """`notice --check` with a newer programme in force ends with 11 and says what to do."""
    device.hub.programme = msgspec.structs.replace(device.hub.programme, version=2)
    monkeypatch.setattr("witting.device.send.HubClient", lambda _: device.hub.client())
    _check(witting("notice", "--check"), 11, "version 2 is in force, you read version 1")
