"""What could be seen when a desk page didn't answer in time, so that the failure says where to look: browser, desk process, or page.

Knows paths, headings, process states and kinds of errors. Invariant: no token, no query and nothing recorded comes into what is said.
"""

import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from witting.demo.running import Process
from witting.demo.stage import CheckFailedError

_GLANCE_MS = 2_000
_ANSWER_S = 3.0
_KIND = re.compile(r"\b(?:[A-Z]\w*(?:Error|Exception|Warning|Interrupt)|Traceback)\b")
_TELLING = ("That didn't work", "The hub can't be reached")  # headings of pages that say what went wrong, in words of ours


class DeskSilentError(CheckFailedError):
    """A page of the desk didn't come up in time; the message says what was seen instead."""


def silent_error(error: Exception, *, page: Any, desk: Process, log: Path) -> DeskSilentError:
    """Return the error that says what was waited for, what the browser shows and how the desk's process is."""
    waited = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
    seen = (waited, _shown(page), process_state(desk.process.pid, desk.process.poll()), _answer(page), log_state(log))
    return DeskSilentError("a desk page didn't answer: " + "; ".join(seen), hint=f"its log is {log}")


def process_state(pid: int, exit_code: int | None) -> str:
    """Say whether a process lives, what it does and what it has used."""
    if exit_code is not None:
        return f"the desk ended with {exit_code}"
    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        return f"the desk is alive ({process.status()}, {process.num_threads()} threads, {times.user + times.system:.1f} CPU s)"
    except psutil.Error:
        return "the desk is gone"


def log_state(log: Path) -> str:
    """Say how long a log is and which kinds of errors its last lines name, never their words."""
    lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
    kinds = [kind for line in lines[-20:] for kind in _KIND.findall(line)]
    return f"{len(lines)} lines in its log" + (f", lately {', '.join(dict.fromkeys(kinds))}" if kinds else "")


def _shown(page: Any) -> str:
    """Say on which path the browser is and what the page's heading is."""
    from playwright.sync_api import Error

    path = urlsplit(page.url).path or page.url.split(":", 1)[0]
    try:
        heading = page.locator("h1").first.inner_text(timeout=_GLANCE_MS)
        words = page.locator("main p").first.inner_text(timeout=_GLANCE_MS) if heading in _TELLING else ""
    except Error:
        return f"the browser is at {path} and shows no heading"
    return f"the browser is at {path} under {heading!r}" + (f": {words}" if words else "")


def _answer(page: Any) -> str:
    """Say whether the desk answers somebody else meanwhile; without its token it answers 403."""
    where = urlsplit(page.url)
    if where.scheme != "http" or where.hostname != "127.0.0.1":
        return "the browser has left the desk"
    try:
        with urllib.request.urlopen(f"http://{where.netloc}/state", timeout=_ANSWER_S) as answer:
            return f"asked again it answers {answer.status}"
    except urllib.error.HTTPError as refused:
        return f"asked again it answers {refused.code}"
    except OSError as error:
        return f"asked again it doesn't answer ({type(error).__name__})"
