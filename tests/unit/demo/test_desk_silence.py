"""A desk page that doesn't answer: the story says what was seen, opens it again once, and does nothing twice."""

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from playwright.sync_api import TimeoutError as PageTimeoutError
from rich.console import Console

from witting.demo import participants, silence
from witting.demo.participants import DELETER, Participant, review
from witting.demo.silence import DeskSilentError, log_state, process_state, silent_error
from witting.demo.stage import Stage
from witting.device.enrolment import Enrolment
from witting.testing.participant import Participant as Device
from witting.testing.people import make_person

DAY, SHORT = "a" * 32, "b" * 32


class FakeElement:
    """Whatever was looked for on the page."""

    def __init__(self, page: "FakePage", what: str) -> None:
        self.page, self.what, self.first = page, what, self

    def click(self) -> None:
        """Click it."""
        self.page.do(self.what)

    def inner_text(self, *, timeout: int) -> str:
        """Return its text."""
        assert timeout
        return self.page.texts[self.what]


class FakePage:
    """A page on which deeds are noted and some keep silent."""

    def __init__(self, silent: tuple[str, ...] = (), url: str = "http://127.0.0.1:9/sessions/abc?token=SECRET&told=x") -> None:
        self.done: list[str] = []
        self.url, self.silent, self.texts = url, list(silent), {"h1": "Recordings", "main p": "Nothing."}

    def do(self, what: str) -> None:
        """Note a deed; when it is one that keeps silent, time out after it was done."""
        self.done.append(what)
        if what in self.silent:
            self.silent.remove(what)
            message = "Page.wait_for_url: Timeout 30000ms exceeded.\nCall log:\n  - something at http://127.0.0.1/?token=SECRET"
            raise PageTimeoutError(message)

    def goto(self, url: str) -> None:
        """Open an address."""
        self.do(f"open {url.removeprefix('http://desk')}")

    def wait_for_url(self, pattern: str) -> None:
        """Wait for an address."""
        self.do(f"wait {pattern}")

    def get_by_role(self, _: str, *, name: str) -> FakeElement:
        """Look for a control."""
        return FakeElement(self, name)

    def locator(self, selector: str) -> FakeElement:
        """Look for an element."""
        return FakeElement(self, selector)


class FakeProcess:
    """A desk whose process is this one, or has ended."""

    def __init__(self, exit_code: int | None = None) -> None:
        self.process, self.pid, self.exit_code = self, os.getpid(), exit_code

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        return self.exit_code

    def first_line(self) -> dict[str, str]:
        """Return where it serves."""
        return {"url": "http://desk/?token=SECRET"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Return a story that tells into memory."""
    (tmp_path / "logs").mkdir()
    return Stage(tmp_path, Console(file=io.StringIO(), width=1000))


@pytest.fixture
def deleter(tmp_path: Path) -> Participant:
    """Return the person who deletes a session, with both sessions on their machine."""
    device = Device(tmp_path / "data")
    enrolment = device.join()
    for session_id in (DAY, SHORT):
        device.record(enrolment, session_id, frames=2)
    return Participant(DELETER, make_person(1), device.data_dir, "link", [DAY, SHORT])


@pytest.fixture
def visits(monkeypatch: pytest.MonkeyPatch, deleter: Participant) -> list[FakePage]:
    """Return the pages that the visits of a review will open, in order; deleting and sending have their effect on the machine."""
    pages: list[FakePage] = []

    @contextlib.contextmanager
    def page(_: Any) -> Iterator[FakePage]:
        found = pages.pop(0)
        real = found.do

        def do(what: str) -> None:
            if what == "Delete this session":
                spool = Enrolment(deleter.data_dir).open_spool()
                spool.forget(SHORT)
                spool.prune()
            real(what)

        found.do = do  # type: ignore[method-assign]
        yield found

    monkeypatch.setattr(participants, "_page", page)
    monkeypatch.setattr(participants, "Process", lambda *_, **__: FakeProcess())
    monkeypatch.setattr(silence, "_answer", lambda _: "asked again it answers 403")
    return pages


def _told(stage: Stage) -> str:
    assert isinstance(stage.console.file, io.StringIO)
    return stage.console.file.getvalue()


def test_a_review_without_trouble_says_nothing(stage: Stage, deleter: Participant, visits: list[FakePage]) -> None:
    """One session is deleted, the other sent, and nothing is told."""
    page = FakePage()
    visits.append(page)
    assert review(stage, None, participant=deleter) == 1
    assert deleter.sessions == [DAY]
    assert page.done.count("Delete this session") == 1
    assert f"open /sessions/{DAY}/send" in page.done
    assert _told(stage) == ""


@pytest.mark.parametrize("silent", ["wait **/sessions?told=deleted", "wait **told=sent"])
def test_what_was_deleted_before_a_page_kept_silent_is_not_deleted_again(
    silent: str, stage: Stage, deleter: Participant, visits: list[FakePage]
) -> None:
    """A review that is cut short after the deletion goes on where it was: nothing else is deleted, and the working day is sent."""
    first, second = FakePage((silent,)), FakePage()
    visits += [first, second]
    assert review(stage, None, participant=deleter) == 1
    assert "Delete this session" in first.done
    assert "Delete this session" not in second.done
    assert f"open /sessions/{DAY}/send" in second.done
    assert deleter.sessions == [DAY]
    assert "was opened again: a desk page didn't answer: Page.wait_for_url: Timeout 30000ms exceeded" in _told(stage)


def test_a_desk_that_stays_silent_fails_the_story(stage: Stage, deleter: Participant, visits: list[FakePage]) -> None:
    """The second silence isn't forgiven, and the error says all that was seen but the token."""
    (stage.out / "logs" / f"desk-{DELETER}.log").write_text("witting: error: unexpected ValueError at store.py:7: Miss Marple\n")
    visits += [FakePage(("wait **told=sent",)), FakePage(("wait **told=sent",))]
    with pytest.raises(DeskSilentError) as caught:
        review(stage, None, participant=deleter)
    said = str(caught.value)
    for part in ("Timeout 30000ms", "/sessions/abc under 'Recordings'", "alive", "answers 403", "1 lines in its log", "ValueError"):
        assert part in said
    assert "SECRET" not in said + _told(stage) + caught.value.hint
    assert "Marple" not in said + _told(stage)


def test_a_page_that_says_what_went_wrong_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The words of an error page are ours, so they are told."""
    monkeypatch.setattr(silence, "_answer", lambda _: "asked again it answers 403")
    page = FakePage()
    page.texts = {"h1": "That didn't work", "main p": "This session is still being recorded."}
    error = silent_error(PageTimeoutError("Locator.click: Timeout"), page=page, desk=FakeProcess(2), log=tmp_path / "none.log")  # type: ignore[arg-type]
    assert "That didn't work" in str(error)
    assert "This session is still being recorded." in str(error)
    assert "the desk ended with 2" in str(error)
    assert "0 lines in its log" in str(error)


def test_a_page_without_heading_is_said_to_have_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that shows nothing, or its own error page, is told as that."""

    class Blank(FakePage):
        """A page without a heading."""

        def locator(self, selector: str) -> FakeElement:
            """Find nothing."""
            raise PageTimeoutError(selector)

    page = Blank(url="chrome-error://chromewebdata/")
    error = silent_error(PageTimeoutError("x"), page=page, desk=FakeProcess(), log=tmp_path / "none.log")  # type: ignore[arg-type]
    assert "shows no heading" in str(error)
    assert "the browser has left the desk" in str(error)


def test_process_and_log_are_told_by_kind_only(tmp_path: Path) -> None:
    """Of a process its state, of a log how many lines and which kinds of errors."""
    assert process_state(os.getpid(), None).startswith("the desk is alive (")
    assert process_state(2**22 + 1, None) == "the desk is gone"
    assert process_state(1, 0) == "the desk ended with 0"
    log = tmp_path / "desk.log"
    log.write_text("Traceback (most recent call last):\n  secret words\nFileNotFoundError: /home/ottoline\n" * 3)
    assert log_state(log) == "9 lines in its log, lately Traceback, FileNotFoundError"


def test_whether_the_desk_answers_is_asked_of_the_desk() -> None:
    """A server that refuses without token answers; one that is gone doesn't."""
    import http.server
    import threading

    class Door(http.server.BaseHTTPRequestHandler):
        """A desk that answers."""

        def do_GET(self) -> None:
            """Refuse."""
            self.send_error(403)

        def log_message(self, *_: object) -> None:
            """Keep silent."""

    with http.server.HTTPServer(("127.0.0.1", 0), Door) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        page = FakePage(url=f"http://127.0.0.1:{server.server_port}/sessions?token=SECRET")
        assert silence._answer(page) == "asked again it answers 403"
    assert silence._answer(page).startswith("asked again it doesn't answer (")
