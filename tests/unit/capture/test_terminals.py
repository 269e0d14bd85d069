"""What a terminal's state means for what is typed into it."""

import os
import pty
import subprocess
import time
from pathlib import Path

import pytest

from witting.device.capture.terminals import judge, terminal_verdict


@pytest.mark.promise("P7")
@pytest.mark.parametrize("program", ["bash", "sh", "python3", "cat", "git", "unknown-tool"])
def test_whole_lines_read_with_echo_off_are_a_secret(program):
    """That is what `read -s`, getpass and readpassphrase do."""
    assert judge(is_echo=False, is_line=True, is_edited=False, program=program) == "secure"


@pytest.mark.promise("P7")
@pytest.mark.parametrize("program", ["sudo", "su", "ssh", "passwd", "gpg"])
@pytest.mark.parametrize("is_echo", [True, False])
def test_programs_that_ask_for_secrets_are_secret_from_their_start(program, is_echo):
    """They switch echo off a moment after they began, and ssh hands keys on to a machine where nobody here can look."""
    assert judge(is_echo=is_echo, is_line=True, is_edited=False, program=program) == "secure"
    assert judge(is_echo=False, is_line=False, is_edited=True, program=program) == "secure"


def test_a_shell_that_edits_lines_is_plain_only_at_its_prompt():
    """With echo on it runs a command; single keys read by `read -sn1` are no line editing."""
    assert judge(is_echo=False, is_line=False, is_edited=True, program="bash") == "plain"
    assert judge(is_echo=True, is_line=True, is_edited=False, program="bash") == "unknown"
    assert judge(is_echo=False, is_line=False, is_edited=False, program="bash") == "unknown"


@pytest.mark.parametrize(("program", "verdict"), [("cat", "plain"), ("dash", "plain"), ("", "unknown")])
def test_what_the_terminal_itself_shows_is_plain(program, verdict):
    """With echo on and whole lines, everybody can see what is typed."""
    assert judge(is_echo=True, is_line=True, is_edited=False, program=program) == verdict


def test_a_program_that_draws_itself_is_plain_only_if_it_is_known():
    """Nobody knows whether an unknown program shows what is typed."""
    assert judge(is_echo=False, is_line=False, is_edited=True, program="vim") == "plain"
    assert judge(is_echo=False, is_line=False, is_edited=True, program="some-game") == "unknown"


def test_the_verdict_follows_a_real_shell():
    """A child of this process on a terminal of its own: plain while it echoes, secret while it reads a password."""
    pid, line = pty.fork()
    if pid == 0:
        os.execvp("cat", ["cat"])  # noqa: S606 - the child is the terminal's program
    try:
        until(lambda: terminal_verdict(os.getpid()) == "plain")
        subprocess.run(["stty", "-echo", "-F", str(Path(f"/proc/{pid}/fd/0").readlink())], check=True)
        until(lambda: terminal_verdict(os.getpid()) == "secure")
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(line)
    assert terminal_verdict(os.getpid()) == "unknown"


def until(is_so) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)
