"""What the device keeps of an enrolment: links taken apart strictly, broken files as no consent, files elsewhere named for leaving."""

from pathlib import Path

import pytest

from witting.device.enrolment import Enrolment, parse_link
from witting.device.leaving import leave
from witting.device.setup import UNIT_NAME, install_unit, missing_folders
from witting.device.standing import CONSENT_FILE, read_state
from witting.terms.errors import IntegrityError, NoConsentError, UsageError
from witting.testing.participant import Participant


@pytest.mark.parametrize(
    ("link", "parts"),
    [
        ("https://hub.example.org/join/abc-1", ("https://hub.example.org", "abc-1")),
        (" http://127.0.0.1:8420/join/abc/ ", ("http://127.0.0.1:8420", "abc")),
        ("https://example.org/witting/join/abc", ("https://example.org/witting", "abc")),
        ("https://hub.example.org/v1/offer/abc", ("https://hub.example.org", "abc")),
    ],
)
def test_a_link_names_hub_and_invitation(link: str, parts: tuple[str, str]) -> None:
    """Whatever stands before the join path is the hub, what stands after is the invitation."""
    found = parse_link(link)
    assert (found.hub_url, found.invite) == parts


@pytest.mark.parametrize(
    "link", ["", "abc", "https://hub.example.org", "https://hub.example.org/join/", "file:///join/abc", "ftp://h/join/a", "//h/join/a"]
)
def test_what_is_no_link_is_refused(link: str) -> None:
    """Nothing is asked of any hub for text that isn't an invitation."""
    with pytest.raises(UsageError, match="invitation link"):
        parse_link(link)


@pytest.mark.promise("P1")
@pytest.mark.parametrize("data", [b"", b"{}", b'{"status": "yes"}', b"\xff\xfe", b'{"status": ["given"]}', b"given"])
def test_a_broken_consent_file_is_no_consent(person: Participant, data: bytes) -> None:
    """A consent file that can't be read as one means no, and no receipt is in force."""
    enrolment = person.join()
    (person.data_dir / CONSENT_FILE).write_bytes(data)
    assert read_state(person.data_dir) is None
    assert enrolment.status == "invalidated"
    with pytest.raises(NoConsentError):
        _ = enrolment.receipt


def test_a_broken_enrolment_is_said_not_guessed(person: Participant) -> None:
    """An enrolment file that can't be read raises, and names what to do; doing it erases everything and says that the hub wasn't told."""
    enrolment = person.join()
    person.record(enrolment)
    (person.data_dir / "enrolment.json").write_bytes(b"{")
    with pytest.raises(IntegrityError) as caught:
        Enrolment(person.data_dir)
    assert "witting leave" in caught.value.hint
    with pytest.raises(IntegrityError, match="everything here is erased"):
        leave(person.data_dir)
    assert not person.data_dir.exists()


def test_the_unit_cannot_reach_the_network_and_is_named_for_leaving(person: Participant, tmp_path: Path) -> None:
    """The systemd unit starts the recorder of this data directory with unix sockets only, and leaving knows the file and its folders."""
    enrolment = person.join()
    unit = install_unit(enrolment, config_home=tmp_path / "config")
    text = unit.read_text("utf-8")
    assert f"--data {person.data_dir}" in text
    assert "RestrictAddressFamilies=AF_UNIX" in text
    assert Enrolment(person.data_dir).installed[-1] == unit
    assert unit.parents[2] in enrolment.installed
    assert unit.name == UNIT_NAME


def test_folders_to_be_made_are_named_outermost_first(tmp_path: Path) -> None:
    """Only what isn't there is named, so that what a person had stays."""
    assert missing_folders(tmp_path / "a" / "b") == [tmp_path / "a", tmp_path / "a" / "b"]
    assert missing_folders(tmp_path) == []
