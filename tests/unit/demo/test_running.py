"""The demo's way of running verbs: each answer and each end is told, and nothing stays open."""

import gc
import sys
import warnings
from pathlib import Path

import pytest

from witting.demo import running
from witting.demo.running import Process, run_verb
from witting.demo.stage import CheckFailedError


def _verb(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let every verb be a piece of Python."""
    monkeypatch.setattr(running, "WITTING", (sys.executable, "-c", code))


def test_a_verb_s_answer_is_read_and_its_words_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it printed is returned, what it said beside that goes to the log."""
    _verb(monkeypatch, "import sys; print('{\"a\": 1}'); print('by the way', file=sys.stderr)")
    assert run_verb(["status"], log=tmp_path / "logs" / "x.log") == {"a": 1}
    assert "by the way" in (tmp_path / "logs" / "x.log").read_text()
    _verb(monkeypatch, "pass")
    assert run_verb(["pause"], log=tmp_path / "x.log") == {}


def test_a_verb_that_fails_is_a_failed_check_or_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code and error are told; where failing is part of the story they are returned."""
    _verb(monkeypatch, "import sys; print('no consent', file=sys.stderr); sys.exit(10)")
    with pytest.raises(CheckFailedError, match="ended with 10: no consent"):
        run_verb(["record", "x"], log=tmp_path / "x.log")
    assert run_verb(["record"], log=tmp_path / "x.log", may_fail=True) == {"exit_code": 10, "error": "no consent"}


@pytest.mark.parametrize("is_over", [True, False], ids=["ended by itself", "ended by us"])
def test_a_process_leaves_nothing_open(is_over: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it ended by itself or was told to, its pipe and its log are closed afterwards."""
    _verb(monkeypatch, f'import time; print(\'{{"url": "u"}}\', flush=True); time.sleep({0 if is_over else 60})')
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Process(["desk"], log=tmp_path / "x.log") as process:
            assert process.first_line() == {"url": "u"}
            if is_over:
                assert process.process.wait(20) == 0
        assert process.process.stdout is not None
        assert process.process.stdout.closed
        assert process._log.closed
        assert process.stop() == (0 if is_over else -15)
        del process
        gc.collect()


def test_a_process_that_ends_before_it_is_ready_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for its first line doesn't hang."""
    _verb(monkeypatch, "import sys; sys.exit(13)")
    with Process(["desk", "--json"], log=tmp_path / "x.log") as process, pytest.raises(CheckFailedError, match="ended with 13 before"):
        process.first_line()


def test_a_process_that_does_not_end_is_killed_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that hangs while shutting down fails the story by name instead of staying."""
    monkeypatch.setattr(running, "_STOP_S", 0.3)
    _verb(monkeypatch, "import signal, time; signal.signal(15, signal.SIG_IGN); print('{}', flush=True); time.sleep(60)")
    process = Process(["desk", "--json"], log=tmp_path / "x.log")
    process.first_line()
    with pytest.raises(CheckFailedError, match="`witting desk --json` didn't end within 0 s"):
        process.stop()
    assert process.process.poll() == -9
    assert process._log.closed
