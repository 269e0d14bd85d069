"""What is on its way to the hub waits here until it has arrived, readable by nobody else, and is gone when it has or when it should be."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.outbox import Outbox
from witting.ledger.keys import SigningKey
from witting.terms.errors import IntegrityError, UsageError
from witting.terms.geometry import Rect
from witting.terms.session import Signed

IDS = st.text("abcdef0123456789", min_size=1, max_size=12)
KEY = SigningKey.from_seed(b"o" * 32)


def ask(number: int) -> Signed:
    """Return something signed that stands for an ask."""
    return KEY.sign("upload", Rect(number, 0, 0, 0))


@given(st.lists(st.tuples(IDS, st.sampled_from(["keep", "drop"])), max_size=15))
def test_what_waits_is_what_was_kept_last_and_not_dropped(tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[str, str]]) -> None:
    """Whatever is kept, replaced and dropped: each session waits with its newest parcel, and nothing else lies there."""
    folder = tmp_path_factory.mktemp("outbox")
    expected: dict[str, int] = {}
    for number, (session_id, deed) in enumerate(deeds):
        outbox = Outbox(folder)  # as after a restart
        if deed == "keep":
            outbox.keep(session_id, ask(number), objects={f"d{number}": f"sealed {number}".encode()})
            expected[session_id] = number
        else:
            outbox.drop(session_id)
            expected.pop(session_id, None)
    outbox = Outbox(folder)
    assert {path.name for path in (folder / "outbox").iterdir()} == set(expected)
    for session_id, number in expected.items():
        assert outbox.is_waiting(session_id)
        assert outbox.intent(session_id) == ask(number)
        assert outbox.read_object(session_id, f"d{number}") == f"sealed {number}".encode()
        assert [path.name for path in (folder / "outbox" / session_id / "objects").iterdir()] == [f"d{number}"]
    assert outbox.all_sent() == ()


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    """Folders and files are this user's alone."""
    Outbox(tmp_path).keep("a1", ask(1), objects={"d": b"sealed"})
    modes = {oct(path.stat().st_mode & 0o077) for path in (tmp_path / "outbox", *(tmp_path / "outbox").rglob("*"))}
    assert modes == {"0o0"}


def test_an_object_that_is_no_part_of_it_is_not_made_up(tmp_path: Path) -> None:
    """A hub that asks for something else gets an error, before and after a parcel is there."""
    outbox = Outbox(tmp_path)
    with pytest.raises(UsageError, match="isn't part of the parcel"):
        outbox.read_object("a1", "d")
    outbox.keep("a1", ask(1), objects={"d": b"sealed"})
    with pytest.raises(UsageError, match="isn't part of the parcel"):
        outbox.read_object("a1", "e")


@pytest.mark.parametrize("session_id", ["", "..", "../a", "a/b", "a.b", "a b", "/etc"])
def test_an_id_that_is_a_path_is_refused(tmp_path: Path, session_id: str) -> None:
    """No name leads out of the outbox, to write, to read or to remove."""
    outbox = Outbox(tmp_path / "data")
    (tmp_path / "a").mkdir()
    deeds = (
        lambda: outbox.keep(session_id, ask(1), objects={}),
        lambda: outbox.drop(session_id),
        lambda: outbox.intent(session_id),
        lambda: outbox.read_object(session_id, "d"),
        lambda: outbox.sent(session_id),
        lambda: outbox.is_waiting(session_id),
    )
    for deed in deeds:
        with pytest.raises(UsageError, match="letters and digits"):
            deed()
    assert (tmp_path / "a").is_dir()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"kind": 1}', b"\xff"])
def test_a_damaged_file_is_told_and_not_taken(tmp_path: Path, data: bytes) -> None:
    """A parcel or an answer that can't be read is an error with what to do, and no traceback."""
    outbox = Outbox(tmp_path)
    outbox.keep("a1", ask(1), objects={})
    for name, read in (("intent.json", outbox.intent), ("sent.json", outbox.sent)):
        (tmp_path / "outbox" / "a1" / name).write_bytes(data)
        with pytest.raises(IntegrityError, match="can't be read") as caught:
            read("a1")
        assert "send the session again" in caught.value.hint
    assert outbox.intent("a2") is None
    assert outbox.sent("a2") is None
