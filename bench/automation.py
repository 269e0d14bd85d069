"""Runs of one six-step routine in a real browser: on inputs it never saw, and on pages on which something went wrong."""

import random
import tempfile
from pathlib import Path
from typing import Any

from witting.consent.programme import read_programme
from witting.device.acting.live import LiveDesk
from witting.device.acting.run import Question, Run
from witting.device.assist.deeds import place_of
from witting.device.assist.script import Input, Script, ScriptStep, Target
from witting.device.enrolment import Enrolment
from witting.testing.browser import Browser
from witting.testing.desktop import DesktopSession
from witting.testing.memory_hub import MemoryHub
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.participant import Participant

TWISTS = ("gone", "label", "refuses", "off", "slow", "deaf", "runs", "dialog", "renamed", "twice")
_FIELDS = ("article", "amount", "remark")
_LETTERS = "abcdefghijklmnopqrstuvwxyz ABCDEFG 0123456789 .,:;-()&%äöüéñ€"
_EXAMPLE = Path(__file__).resolve().parents[1] / "src" / "witting" / "consent" / "example.toml"


class Yes:
    """A person who agrees to whatever is asked, but not to go on after taking over."""

    def hears(self, number: int, of: int, *, sentence: str) -> None:
        """Be told."""

    def may_go_on(self, question: Question) -> bool:
        """Agree."""
        return question.kind != "taken_over"


def routine(origin_page: str) -> Script:
    """Return the routine: three fields, a tick, a line, and saving, which can't be taken back."""
    place = place_of(origin_page)
    fills = [
        ScriptStep(do="fill", app="chromium", place=place, on=Target(role="textbox", name=name.title()), text=f"{{{name}}}")
        for name in _FIELDS
    ]
    clicks = [
        ScriptStep(do="click", app="chromium", place=place, on=Target(role=role, name=name), asks=name == "Save order")
        for role, name in (("checkbox", "Express"), ("button", "Add line"), ("button", "Save order"))
    ]
    return Script(schema=1, title="Orders", routine="0" * 12, inputs=tuple(Input(name=name) for name in _FIELDS), steps=(*fills, *clicks))


def measure(fresh: int, sabotaged: int) -> tuple[int, int, int]:
    """Return how many fresh runs were done right, how many sabotaged ones stopped, and how often something was saved in those."""
    rng = random.Random(0)
    right = stopped = saved = 0
    with tempfile.TemporaryDirectory() as folder, MiniwobServer() as site, DesktopSession() as desktop:
        programme = read_programme(_EXAMPLE.read_text("utf-8").replace("https://forms.example.org", site.origin))
        enrolment = Participant(Path(folder) / "data", hub=MemoryHub(programme)).join()
        socket = enrolment.data_dir / "run" / "browser.sock"
        browser = desktop.start_chromium(native_host_socket=socket, allow=[site.origin])
        script = routine(site.page("orders"))
        for _ in range(fresh):
            inputs = {name: "".join(rng.choices(_LETTERS, k=rng.randrange(1, 24))).strip() or "x" for name in _FIELDS}
            browser.goto(site.page("orders"))
            right += _is_right(_run(enrolment, desktop, script=script, inputs=inputs) == "done", browser, inputs)
        for number in range(sabotaged):
            browser.goto(f"{site.page('orders')}?twist={TWISTS[number % len(TWISTS)]}")
            inputs = dict.fromkeys(_FIELDS, f"value {number}")
            stopped += _run(enrolment, desktop, script=script, inputs=inputs, patience_s=2.0) == "stopped"
            saved += len(browser.evaluate("window.saved"))
        browser.close()
    return right, stopped, saved


def _run(enrolment: Enrolment, desktop: DesktopSession, *, script: Script, inputs: dict[str, str], patience_s: float = 5.0) -> str:
    with LiveDesk(enrolment, desktop.display) as desk:
        return Run(script, inputs, desk=desk, person=Yes(), patience_s=patience_s).play().end


def _is_right(is_done: bool, browser: Browser, inputs: dict[str, str]) -> bool:  # noqa: FBT001 - it is what it says
    saved: list[dict[str, Any]] = browser.evaluate("window.saved")
    wanted = {**{name: " ".join(text.split()) for name, text in inputs.items()}, "express": True, "lines": 1}
    found = [{**one, **{name: " ".join(str(one[name]).split()) for name in inputs}} for one in saved]
    return is_done and found == [wanted]
