"""The clipboard on a real X server: kind and rough size of what a lent app copies, and nothing else."""

import sys
import time

import pytest
from recorded import adds_up, bytes_below, holes, middle

from witting.device.capture.clipboard import Change, ClipboardSource, Withheld
from witting.terms.consent import Grant
from witting.terms.events import Clipboard
from witting.terms.raw import RawClipboard
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.x11 import wait_for

pytestmark = pytest.mark.e2e
OWNER = [sys.executable, "-m", "witting.testing.clipboard_owner"]


def hear(source: ClipboardSource, kind: type, seconds: float = 5.0):
    """Return the first thing of a kind that the source hears; asks about every change."""
    found = []

    def heard():
        for item in source.read():
            if isinstance(item, kind):
                found.append(item)
            elif isinstance(item, Change):
                source.ask(item)
        return found

    return wait_for(f"a {kind.__name__}", heard, seconds=seconds)[0]


@pytest.fixture
def source(desktop: DesktopSession):
    """Give a clipboard source that is closed afterwards."""
    opened = ClipboardSource(desktop.display)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--targets", "UTF8_STRING", "--size", "1000"], ("text", 1000)),
        (["--targets", "UTF8_STRING,text/uri-list,x-special/gnome-copied-files", "--size", "90"], ("files", 90)),
        (["--targets", "image/png,text/html", "--size", "300000"], ("image", 300_000)),
        (["--targets", "UTF8_STRING", "--size", "9000000", "--in-pieces"], ("text", 9_000_000)),
        (["--targets", "application/x-own"], ("other", 0)),
    ],
)
def test_kind_and_size_are_known_without_the_content(desktop, source, monkeypatch, arguments, told):
    """Kind and size come from the targets, the length of the property and the header of a transfer in pieces; no reply holds content."""
    replies = []
    ask = source._display.ask

    def noting(request):
        reply = ask(request)
        replies.append(bytes(reply.value.buf()) if hasattr(reply, "value") and hasattr(reply.value, "buf") else b"")
        return reply

    monkeypatch.setattr(source._display, "ask", noting)
    owner = desktop.launch([*OWNER, *arguments], log="owner")
    found = hear(source, RawClipboard)
    assert (found.kind, found.size_bytes, found.process_id) == (*told, owner.pid)
    assert all(b"s3cret" not in reply for reply in replies)
    owner.kill()


@pytest.mark.promise("P7")
def test_what_a_password_manager_marks_is_neither_told_nor_measured(desktop, source):
    """With the password managers' hint among the targets nothing but the targets is asked for, and the change is withheld."""
    log = desktop.folder / "logs" / "secret-owner.log"
    owner = desktop.launch([*OWNER, "--targets", "UTF8_STRING,x-kde-passwordManagerHint"], log="secret-owner")
    assert hear(source, Withheld).reason == "marked_secret"
    assert set(log.read_text().split()) == {"TARGETS"}
    owner.kill()


@pytest.mark.promise("P8")
def test_an_owner_that_never_answers_is_withheld(desktop, source):
    """Without an answer it can't be known whether the content is secret, so nothing is told of it."""
    owner = desktop.launch([*OWNER, "--mute"], log="mute-owner")
    assert hear(source, Withheld).reason == "redaction_failed"
    assert source.next_deadline_ns is None
    owner.kill()


def test_what_the_lent_editor_copies_is_recorded_and_nothing_that_others_copy(desktop, tmp_path):
    """A copy in the lent editor is one event of its kind and rounded size; copies by programs that aren't in front are holes."""
    editor = desktop.start_mousepad(tmp_path / "copied.txt")
    lender = Lender(tmp_path / "lent", lent_programme({"mousepad": ()}))
    with lender.start(desktop.env) as recorder, Hands(desktop.display, seed=3, pace=3.0) as hands:
        hands.click(*middle(editor.area()))
        hands.type_text("thistledown " * 7)
        hands.press("ctrl+a")
        hands.press("ctrl+c")
        wait_for("the copy", lambda: recorder.status().kept.get("clipboard") == 1)
        other = desktop.launch([*OWNER, "--size", "5"], log="other-owner")
        wait_for("the hole", lambda: recorder.status().gapped.get("clipboard") == 1)
        time.sleep(0.2)
        recorder.stop()
    other.kill()
    editor.process.terminate()
    records = lender.records()
    assert [(copied.kind, copied.size_at_most) for copied in records if isinstance(copied, Clipboard)] == [("text", 128)]
    assert [gap.count for gap in holes(records, "app_not_lent") if gap.stream == "clipboard"] == [1]
    assert set((desktop.folder / "logs" / "other-owner.log").read_text().split()) == set()
    assert adds_up(records)
    assert b"thistledown" not in bytes_below(lender.folder)


@pytest.mark.promise("P1")
def test_without_its_own_choice_the_clipboard_is_not_watched(desktop, tmp_path):
    """Whoever lends the editor's windows but not its clipboard has no event and no count of it."""
    editor = desktop.start_mousepad(tmp_path / "uncopied.txt")
    lender = Lender(tmp_path / "lent", lent_programme({"mousepad": ()}), grants=[Grant("train", "windows", "mousepad")])
    with lender.start(desktop.env) as recorder:
        owner = desktop.launch([*OWNER, "--size", "5"], log="unwatched-owner")
        time.sleep(0.5)
        status = recorder.status()
        recorder.stop()
    owner.kill()
    editor.process.terminate()
    assert "clipboard" not in status.produced
    assert not any(isinstance(record, Clipboard) for record in lender.records())
