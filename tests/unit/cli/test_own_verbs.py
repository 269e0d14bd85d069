"""The participant's verbs on a device that has joined, hub and recorder in memory: what they print, as people and as programs read it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest

from witting.device.control import RecorderStatus
from witting.device.enrolment import Enrolment, offered_grants
from witting.device.leaving import refuse
from witting.device.standing import read_state
from witting.testing.participant import LINK, SESSION, Participant

OTHER = "0f" * 16


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Participant:
    """Return a device without anything, whose verbs reach a hub in memory."""
    made = Participant(tmp_path / "own")
    for place in ("send", "leaving", "enrolment"):
        monkeypatch.setattr(f"witting.device.{place}.HubClient", lambda _: made.hub.client())
    monkeypatch.setenv("WITTING_HOME", str(made.data_dir))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return made


@pytest.fixture
def joined(person: Participant) -> Participant:
    """Return it after joining, with one session."""
    person.record(person.join(), frames=2)
    return person


@pytest.fixture
def told(witting) -> Any:
    """Run a verb with --json and return what it says, after checking that nothing went wrong; `told.text` returns it as people read it."""

    def run(*words: object) -> Any:
        done = witting(*words, "--json")
        assert (done.code, done.err) == (0, "")
        return json.loads(done.out)

    run.text = lambda *words: witting(*words).out
    return run


def test_status_says_where_one_stands(joined: Participant, witting, told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recorder, consent, how much of typing is lent, hub, quiet hours, sessions and keys, in seven lines or as JSON."""
    answer = told("status")
    assert (answer["stage"], answer["status"], answer["recorder"], answer["sessions"], answer["unsent"]) == ("in", "given", "off", 1, 1)
    text = witting("status").out
    assert [line.split()[0] for line in text.splitlines()] == ["recording", "quiet", "consent", "typing", "hub", "here", "keys"]
    assert "1 sessions" in text
    assert "1 not sent" in text
    held = RecorderStatus(state="paused", why="locked", because="the screen is locked", holds=("locked",))
    monkeypatch.setattr("witting.device.control.status", lambda _: held)
    assert (told("status")["recorder"], told("status")["holds"]) == ("paused", ["locked"])
    assert witting("status").out.startswith("recording   paused: the screen is locked\n")


def test_status_while_asked_and_after_leaving(person: Participant, witting, told) -> None:
    """Before a choice nothing is counted; after leaving it says so."""
    from witting.device.enrolment import start_join

    start_join(LINK, person.data_dir, hub=person.hub.client())
    answer = told("status")
    assert (answer["stage"], answer["sessions"], answer["keys"]) == ("asked", 0, "")
    refuse(person.data_dir)
    person.join()
    witting("leave")
    assert witting("status").out == "you have left\n"


def test_notice_is_what_was_shown(joined: Participant, witting, told) -> None:
    """The notice is printed word for word; asked whether it changed, the hub says no."""
    offer = Enrolment(joined.data_dir).offer
    assert witting("notice").out == offer.notice_markdown + "\n"
    answer = told("notice", "--check")
    assert (answer["digest"], answer["markdown"]) == (offer.notice_digest, offer.notice_markdown)


def test_receipts_are_checked_as_they_are_shown(joined: Participant, witting, told) -> None:
    """Each receipt with its grants, and that signature and proof hold; a changed proof ends with 14."""
    answer = told("receipts")
    assert len(answer["receipts"]) == 1
    grants = answer["receipts"][0]["grants"]
    text = witting("receipts").out
    assert text.count("  lends ") == len(grants) > 0
    assert "signature and proof hold" in text
    file = joined.data_dir / "enrolment.json"
    kept = msgspec.json.decode(file.read_bytes())
    kept["proofs"][0]["index"] = 7
    file.write_bytes(msgspec.json.encode(kept))
    run = witting("receipts")
    assert (run.code, run.out) == (14, "")


def test_a_session_from_list_to_hub_and_back(joined: Participant, witting, told) -> None:
    """Listed, shown, weighed, sent once though asked twice, taken back: each verb says what it did."""
    (line,) = told("episodes")["sessions"]
    assert (line["session_id"], line["is_sent"], line["pictures"]) == (SESSION, False, 2)
    assert witting("episodes").out.startswith(SESSION[:8])
    shown = told("review", SESSION[:6])
    assert shown["records"] > 0
    text = witting("review").out
    assert f"to send exactly this: witting upload {SESSION[:8]}" in text
    assert "covered on your machine:" in text
    weighed = told("upload", SESSION, "--dry-run")
    assert (weighed["is_sent"], weighed["content_digest"]) == (False, shown["content_digest"])
    assert "nothing was sent" in witting("upload", SESSION, "--dry-run").out
    assert joined.hub.parcels == {}
    sent = told("upload", "--all")
    assert (sent["is_sent"], sent["content_digest"], sent["records"]) == (True, shown["content_digest"], shown["records"])
    assert "proven" in witting("upload", SESSION).out
    assert len(joined.hub.parcels) == 1
    refused = witting("drop", SESSION)
    assert (refused.code, "witting withdraw" in refused.err) == (2, True)
    receipt = told("withdraw", SESSION[:5])["receipt"]
    assert receipt["sessions"] == [SESSION]
    assert joined.hub.parcels == {}
    assert witting("episodes").out == "nothing is recorded here\n"
    assert "erased 1 sessions" in witting("receipts").out
    assert witting("review").code == 2


def test_drop_deletes_and_names_must_be_clear(joined: Participant, witting, told) -> None:
    """One session goes, the other stays; the beginning of an id has to fit one alone."""
    joined.record(Enrolment(joined.data_dir), OTHER)
    both = witting("drop", "")
    assert (both.code, "2 sessions on this device" in both.err) == (2, True)
    gone = told("drop", OTHER[:4])
    assert gone["session_id"] == OTHER
    assert gone["bytes"] > 0
    assert "key destroyed" in witting("drop", SESSION).out
    assert list((joined.data_dir / "spool").iterdir()) == []


def test_a_session_being_recorded_is_listed_and_stays(person: Participant, witting, told) -> None:
    """What is growing now is in the list without numbers, and can't be dropped under the recorder."""
    from witting.terms.clock import rfc3339
    from witting.testing.sample_session import sample_header

    enrolment = person.join()
    header = sample_header(SESSION, receipt_id=enrolment.receipt.receipt_id)
    writer = enrolment.open_spool().open_session(msgspec.structs.replace(header, recorded_at=rfc3339(enrolment.clock.now())))
    assert told("episodes")["sessions"][0]["records"] == 0
    run = witting("drop", SESSION)
    assert (run.code, "still being recorded" in run.err) == (2, True)
    writer.flush()
    assert enrolment.keystore.has(SESSION)


def test_verify_holds_and_breaks(joined: Participant, witting, told) -> None:
    """Papers and sessions hold; a session without its end is named as that; with a changed byte verify ends with 14."""
    answer = told("verify")
    assert answer["holds"] is True
    assert next(check["evidence"] for check in answer["checks"] if "sealed" in check["name"]).startswith("1 sessions, ")
    file = joined.data_dir / "spool" / f"{SESSION}.session"
    data = file.read_bytes()
    file.write_bytes(data[:-20])
    assert "1 without its end, as a crash leaves it" in witting("verify").out
    file.write_bytes(data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :])
    run = witting("verify")
    assert run.code == 14
    assert "BROKEN  Your sealed sessions are whole" in run.out


@pytest.mark.parametrize("words", [("leave",), ("withdraw", "--all")])
def test_leaving_prints_the_deletion_receipt(words: tuple[str, ...], joined: Participant, witting, tmp_path: Path) -> None:
    """Everything goes, the receipt says what, and it can be kept elsewhere so that nothing is left here."""
    run = witting(*words)
    assert run.code == 0
    assert run.out.startswith("Deletion receipt ")
    assert "log entry" in run.out
    again = witting("leave", "--receipt", tmp_path / "receipt.json", "--json")
    assert json.loads(again.out)["receipt"]["deletion_id"] in run.out
    assert (tmp_path / "receipt.json").stat().st_size > 100
    assert not joined.data_dir.exists()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stand in for the server: notes what is served, says that it is ready, and lets a visitor act until it is told to stop."""
    seen: dict[str, Any] = {"visit": lambda: None, "opened": []}

    def serve(config: Any, *, on_ready: Callable[[str], None], until: Callable[[], bool] | None = None) -> None:
        seen["config"] = config
        on_ready("http://127.0.0.1:9/?token=abc")
        seen["ended"] = [until() if until else False]
        seen["visit"]()
        seen["ended"] += [until(), until()] if until else []

    monkeypatch.setattr("witting.device.desk.serve.serve", serve)
    monkeypatch.setattr("webbrowser.open", seen["opened"].append)
    return seen


def test_desk_says_where_it_is_and_opens_it(joined: Participant, served: dict[str, Any], witting, told) -> None:
    """The address is printed, and opened unless the person says no."""
    assert told("desk", "--no-browser", "--port", 4711) == {"url": "http://127.0.0.1:9/?token=abc"}
    assert (served["config"].data_dir, served["config"].port, served["opened"]) == (joined.data_dir, 4711, [])
    assert "your pages: http://127.0.0.1:9/?token=abc" in witting("desk").out
    assert served["opened"] == ["http://127.0.0.1:9/?token=abc"]


def test_joining_and_saying_no_leaves_nothing(person: Participant, served: dict[str, Any], witting) -> None:
    """After a refusal the verb ends by itself, says that nobody was told, and no file is left."""
    served["visit"] = lambda: refuse(person.data_dir)
    run = witting("join", LINK)
    assert (run.code, run.err) == (0, "")
    assert "the notice is at\nhttp://127.0.0.1:9/?token=abc" in run.out
    assert "you said no; nothing is left here" in run.out
    assert served["ended"] == [False, True, True]
    assert served["opened"] == ["http://127.0.0.1:9/?token=abc"]
    assert read_state(person.data_dir) is None


@pytest.mark.parametrize("is_installing", [True, False], ids=["install", "no install"])
def test_joining_and_opting_in_says_what_comes_next(
    is_installing: object, person: Participant, served: dict[str, Any], witting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After opting in the pages stay, the person is told once, and only what they allowed is put in place and noted."""

    def opt_in() -> None:
        enrolment = Enrolment(person.data_dir)
        enrolment.give_consent(offered_grants(enrolment.programme), hub=person.hub.client())

    served["visit"] = opt_in
    monkeypatch.setattr("witting.device.setup.install_unit", lambda _: Path("witting.service"))
    run = witting("join", LINK, "--no-browser", "--json", *([] if is_installing else ["--no-install"]))
    first, welcome = map(json.loads, run.out.splitlines())
    assert (run.code, run.err, first["programme"]) == (0, "", "office-help")
    assert served["ended"] == [False, False, False]
    assert welcome["status"] == "given"
    assert bool(welcome["installed"]) is bool(is_installing)
    assert bool(Enrolment(person.data_dir).installed) is bool(is_installing)


def test_nothing_is_installed_where_recording_does_not_run(joined: Participant, monkeypatch: pytest.MonkeyPatch) -> None:
    """On another system than Linux no native host and no unit is written."""
    from witting.cli.join import _install

    monkeypatch.setattr(sys, "platform", "darwin")
    assert _install(Enrolment(joined.data_dir)) == []


def test_going_on_while_something_else_holds_says_what(joined: Participant, witting, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who goes on while the screen counts as locked is told why nothing is recorded yet."""
    held = RecorderStatus(state="paused", because="the screen is locked; it goes on when you unlock it")
    monkeypatch.setattr("witting.device.control.resume", lambda _: held)
    assert witting("resume").out == "still paused: the screen is locked; it goes on when you unlock it\n"


def test_quiet_hours_are_set_said_and_unset(joined: Participant, witting, told) -> None:
    """One verb for all three; hours outlast it."""
    assert witting("quiet").out == "there are no quiet hours\n"
    assert told("quiet", "18:00-08:00", "12:00-13:00") == {"quiet": ["18:00-08:00", "12:00-13:00"]}
    assert witting("quiet").out == "quiet hours: 18:00-08:00, 12:00-13:00\n"
    assert told("status")["quiet"] == ["18:00-08:00", "12:00-13:00"]
    assert told("quiet", "--none") == {"quiet": []}


def test_forgetting_says_how_much_went(joined: Participant, witting, told, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recorder that runs is asked, and what it took out is told."""
    counts = iter([{"pointer": 2}, {"pointer": 2, "keys": 3}] * 2)
    monkeypatch.setattr("witting.device.control.is_running", lambda _: True)
    monkeypatch.setattr("witting.device.control.status", lambda _: RecorderStatus(state="recording", forgotten=next(counts)))
    monkeypatch.setattr("witting.device.control.forget", lambda *_: RecorderStatus(state="recording", forgotten=next(counts)))
    assert told("forget", "90s") == {"seconds": 90, "items": 3}
    assert witting("forget").out == "forgotten: the last 5m, 3 items; nothing of them is left here\n"


@pytest.mark.parametrize(("verb", "words"), [("pause", "paused"), ("resume", "recording again"), ("stop", "stopped")])
def test_the_recorder_is_told(verb: str, words: str, joined: Participant, told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pause, resume and stop go to the recorder of this data directory, and its answer is passed on."""
    asked = []

    def answer(path: Path) -> RecorderStatus:
        asked.append(path)
        return RecorderStatus(state="recording" if verb == "resume" else "paused", session_id=SESSION)

    monkeypatch.setattr(f"witting.device.control.{verb}", answer)
    assert words in told.text(verb)
    assert told(verb)["session_id"] == SESSION
    assert set(asked) == {joined.data_dir / "run" / "control.sock"}


def test_recording_takes_this_process_s_place(joined: Participant, witting, told, monkeypatch: pytest.MonkeyPatch) -> None:
    """`record` writes what the recorder is told, says that it records, and becomes the recorder; detached, it says which session."""
    became: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda _, command: became.append(command))
    run = witting("record", "Book a train", "--purpose", "train")
    assert run.out == "recording; Ctrl-C or `witting stop` ends it\n"
    assert became[0][1:4] == ["-m", "witting.device.recorder", "--config"]
    config = json.loads(Path(became[0][4]).read_bytes())
    assert (config["task"], config["purposes"]) == ("Book a train", ["train"])
    monkeypatch.setattr("witting.device.launch.start_detached", lambda *_, **__: RecorderStatus(state="recording", session_id=SESSION))
    assert told("record", "--detach")["session_id"] == SESSION
    assert f"session {SESSION[:8]}" in witting("record", "--detach").out


def test_recording_twice_is_refused(joined: Participant, witting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a recorder runs, another isn't started."""
    monkeypatch.setattr("witting.device.control.is_running", lambda _: True)
    run = witting("record")
    assert (run.code, "a recorder runs already" in run.err) == (2, True)


def test_doctor_says_what_works_and_how_to_mend_the_rest(joined: Participant, witting, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that can't be recorded is told and no failure; what recording needs at all and isn't there is exit 1, with its name."""
    from witting.device.doctor import Finding

    disk, voice = Finding("disk", "needed", "works", "9 GB free"), Finding("voice", "stream", "impossible", "no microphone", "plug one in")
    monkeypatch.setattr("witting.device.doctor.examine", lambda _: [disk, voice])
    run = witting("doctor")
    assert run.code == 0
    assert run.out.splitlines() == [
        "Needed", "  works        disk: 9 GB free", "What can be recorded",
        "  impossible   voice: no microphone", "               hint: plug one in",
    ]  # fmt: skip
    display = Finding("display", "needed", "impossible", "none", "log in to a desktop")
    monkeypatch.setattr("witting.device.doctor.examine", lambda _: [disk, display])
    run = witting("doctor", "--json")
    assert [check["verdict"] for check in json.loads(run.out)["checks"]] == ["works", "impossible"]
    assert run.code == 1
    assert run.err.startswith("witting: error: nothing can be recorded here: display\n")


def test_recording_starts_with_the_desktop_only_if_asked_to(
    joined: Participant, told, witting, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The link that systemd's own `enable` makes comes and goes by one option, and leaving takes everything away."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    link = tmp_path / "config" / "systemd" / "user" / "graphical-session.target.wants" / "witting-recorder.service"
    assert told("record", "--at-login") == {"at_login": True}
    assert link.resolve().read_text().startswith("[Unit]")
    assert told("record", "--not-at-login") == {"at_login": False}
    assert not link.is_symlink()
    told("record", "--at-login")
    witting("leave")
    assert not (tmp_path / "config").exists()


def test_the_own_folder_is_the_system_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, witting) -> None:
    """Without --data and WITTING_HOME the data lies where the person's system keeps data."""
    monkeypatch.delenv("WITTING_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    seen = []
    monkeypatch.setattr("witting.device.doctor.examine", lambda data: seen.append(data) or [])
    assert witting("doctor").code == 0
    assert seen == [tmp_path / "share" / "witting"]


def test_a_verb_that_is_no_command_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that names something else than a command gives no verb."""
    from witting.cli.tree import witting as tree
    from witting.cli.verbs import VERBS

    monkeypatch.setitem(VERBS, "odd", ("options", "show", "no command", "everyone"))
    assert tree.get_command(click.Context(tree), "odd") is None
