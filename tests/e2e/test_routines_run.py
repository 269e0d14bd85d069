"""A routine from the hands that did it to the hands that do it: recorded, found, and run in the real browser and editor.

The synthetic person enters orders with variations; the routine found in the recordings then runs on inputs it never saw, and stops by
itself on pages that went wrong.
"""

import json
import os
import random
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from witting.cli.routines import routines
from witting.consent.programme import read_programme
from witting.device.acting.live import LiveDesk
from witting.device.acting.run import Outcome, Question, Run
from witting.device.acting.view import TakenOverError
from witting.device.assist.deeds import place_of
from witting.device.assist.finding import Routines
from witting.device.assist.script import Input, Script, ScriptStep, Target, script_of, to_yaml
from witting.device.enrolment import Enrolment
from witting.device.launch import command, prepare
from witting.device.recorder import load_config
from witting.testing.browser import Browser
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import RunningRecorder
from witting.testing.memory_hub import MemoryHub
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.participant import Participant
from witting.testing.x11 import wait_for

pytestmark = pytest.mark.e2e

FIELDS = ("article", "amount", "remark")
STEPS = 6


class Watcher:
    """A person who says yes or no, and remembers what they were asked and told."""

    def __init__(self, *, says: bool = True, before: Callable[[int], None] | None = None) -> None:
        self.says = says
        self.asked: list[Question] = []
        self.heard: list[str] = []
        self._before = before

    def hears(self, number: int, of: int, *, sentence: str) -> None:
        """Note what is told."""
        self.heard.append(f"{number}/{of} {sentence}")
        if self._before is not None:
            self._before(number)

    def may_go_on(self, question: Question) -> bool:
        """Answer, taking over never lasts."""
        self.asked.append(question)
        return self.says and question.kind != "taken_over"


@pytest.fixture(scope="module")
def enrolment(tmp_path_factory: pytest.TempPathFactory, site: MiniwobServer) -> Enrolment:
    """Give somebody who lends the site, the browser and the editor for everything, help included."""
    programme = (
        (Path(__file__).parents[2] / "src/witting/consent/example.toml")
        .read_text("utf-8")
        .replace("https://forms.example.org", site.origin)
    )
    return Participant(tmp_path_factory.mktemp("person") / "data", hub=MemoryHub(read_programme(programme))).join()


@pytest.fixture(scope="module")
def browser(desktop: DesktopSession, enrolment: Enrolment, site: MiniwobServer) -> Iterator[Browser]:
    """Give a browser whose host looks for the recorder, or whoever helps, in the person's own data directory."""
    socket = enrolment.data_dir / "run" / "browser.sock"
    browser = desktop.start_chromium(native_host_socket=socket, allow=[site.origin])
    yield browser
    browser.close()


@pytest.fixture
def environment(desktop: DesktopSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in the desktop session."""
    for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "HOME"):
        if name in desktop.env:
            monkeypatch.setenv(name, desktop.env[name])


def script(site: MiniwobServer) -> Script:
    """Return the routine as it is found, for tests that need no recording."""
    place = place_of(site.page("orders"))
    on = {name: Target(role="textbox", name=name.title(), hint=name) for name in FIELDS}
    fills = [ScriptStep(do="fill", app="chromium", place=place, on=on[name], text=f"{{{name}}}") for name in FIELDS]
    clicks = [
        ScriptStep(do="click", app="chromium", place=place, on=Target(role=role, name=name), asks=name == "Save order")
        for role, name in (("checkbox", "Express"), ("button", "Add line"), ("button", "Save order"))
    ]
    return Script(schema=1, title="Orders", routine="0" * 12, inputs=tuple(Input(name=name) for name in FIELDS), steps=(*fills, *clicks))


def play(
    enrolment: Enrolment, desktop: DesktopSession, what: Script, *, person: Watcher, patience_s: float = 5.0, **inputs: str
) -> Outcome:
    """Run a script at the desktop."""
    given = inputs or {"article": "blue paint", "amount": "4", "remark": "none"}
    with LiveDesk(enrolment, desktop.display) as desk:
        return Run(what, given, desk=desk, person=person, patience_s=patience_s).play()


def middle(browser: Browser, selector: str) -> tuple[float, float]:
    """Return the middle of an element on the screen."""
    box = browser.box_of(selector)
    return box.x + box.width / 2, box.y + box.height / 2


def enter_order(hands: Hands, browser: Browser, rng: random.Random, *, number: int) -> None:
    """Enter an order as a person does: fields in some order, now and then something else between."""
    texts = {
        "article": rng.choice(("green paint", "white paint", "brushes", "paper")),
        "amount": str(rng.randrange(2, 90)),
        "remark": f"row {number}",
    }
    for name in rng.sample(FIELDS, len(FIELDS)):
        if rng.random() < 0.3:
            hands.click(*middle(browser, "#help"))
        hands.click(*middle(browser, f"#{name}"))
        hands.type_text(texts[name])
    for name in ("express", "add", "save"):
        hands.click(*middle(browser, f"#{name}"))
        hands.pause(0.3, 0.6)


def orders(browser: Browser) -> list[dict[str, Any]]:
    """Return what the page has saved."""
    return list(browser.evaluate("window.saved"))


@pytest.mark.usefixtures("environment")
def test_a_routine_runs_and_what_can_t_be_taken_back_is_asked(
    enrolment: Enrolment, desktop: DesktopSession, browser: Browser, site: MiniwobServer
) -> None:
    """Every step is done in the real browser, text with marks and letters of other scripts included; saving is asked once."""
    browser.goto(site.page("orders"))
    person = Watcher()
    outcome = play(enrolment, desktop, script(site), person=person, article="Größe 4: blåbær (€)", amount="12", remark='say "hi" & go')
    assert (outcome.end, outcome.done, outcome.why) == ("done", STEPS, "")
    assert orders(browser) == [{"article": "Größe 4: blåbær (€)", "amount": "12", "remark": 'say "hi" & go', "express": True, "lines": 1}]
    assert [question.kind for question in person.asked] == ["irreversible"]
    assert len(person.heard) == STEPS


@pytest.mark.usefixtures("environment")
def test_a_no_ends_it_before_the_deed(enrolment: Enrolment, desktop: DesktopSession, browser: Browser, site: MiniwobServer) -> None:
    """Whoever says no to saving has nothing saved."""
    browser.goto(site.page("orders"))
    outcome = play(enrolment, desktop, script(site), person=Watcher(says=False))
    assert (outcome.end, outcome.done) == ("declined", STEPS - 1)
    assert orders(browser) == []


TWISTS = {  # what is wrong with the page: how many steps are done at most, and what is said
    "gone": (1, "no textbox of that name"),
    "label": (1, "no textbox of that name"),
    "refuses": (1, "doesn't hold"),
    "secret": (2, "you said no"),
    "off": (4, "can't be used"),
    "slow": (4, "nothing changed"),
    "deaf": (4, "nothing changed"),
    "runs": (4, "stand still"),
    "dialog": (5, "no button of that name"),
    "renamed": (5, "no button of that name"),
    "twice": (5, "2 things"),
}


USUAL = {"renamed", "secret"}


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("twist", [one if one in USUAL else pytest.param(one, marks=pytest.mark.slow) for one in sorted(TWISTS)])
def test_it_stops_by_itself_where_a_page_went_wrong(
    twist: str, enrolment: Enrolment, desktop: DesktopSession, browser: Browser, site: MiniwobServer
) -> None:
    """A page that isn't as it was ends the run, says why, and nothing is saved."""
    browser.goto(f"{site.page('orders')}?twist={twist}")
    most, why = TWISTS[twist]
    outcome = play(enrolment, desktop, script(site), person=Watcher(says=twist != "secret"), patience_s=1.5)
    assert outcome.end in {"stopped", "declined"}
    assert outcome.done == most
    assert why in outcome.why
    assert orders(browser) == []


@pytest.mark.usefixtures("environment")
def test_a_page_whose_things_moved_is_still_understood(
    enrolment: Enrolment, desktop: DesktopSession, browser: Browser, site: MiniwobServer
) -> None:
    """Places don't matter, names do."""
    browser.goto(f"{site.page('orders')}?twist=moved")
    assert play(enrolment, desktop, script(site), person=Watcher()).end == "done"
    assert len(orders(browser)) == 1


@pytest.mark.usefixtures("environment")
def test_another_window_over_it_or_in_front_stops_it(
    enrolment: Enrolment, desktop: DesktopSession, browser: Browser, site: MiniwobServer
) -> None:
    """An app that isn't lent comes to the front and stays there: nothing is typed into it."""
    browser.goto(site.page("orders"))
    terminal = desktop.start_xterm()
    terminal.activate()

    def hinder(number: int) -> None:
        if number == 3:
            terminal.activate()

    try:
        outcome = play(enrolment, desktop, script(site), person=Watcher(before=hinder))
        assert (outcome.end, outcome.done) in {
            ("done", STEPS),
            ("stopped", 2),
        }  # it asks for its window back, or says that another lies over it
    finally:
        terminal.process.terminate()
        terminal.process.wait()


@pytest.mark.usefixtures("environment")
def test_a_touch_of_the_mouse_or_a_key_stops_it_at_once(
    enrolment: Enrolment, desktop: DesktopSession, browser: Browser, site: MiniwobServer
) -> None:
    """Real input at a random moment: within 100 ms nothing more is sent, whatever the run was doing."""
    rng = random.Random(4)
    for number in range(3):
        browser.goto(site.page("orders"))
        with Hands(desktop.display, seed=number, pace=4) as hands, LiveDesk(enrolment, desktop.display) as desk:

            def touch(after_s: float = rng.uniform(0.3, 3.0), hands: Hands = hands, how: int = number % 3) -> None:
                time.sleep(after_s)
                if how == 0:
                    hands.move_to(hands.x + 3, hands.y + 3)
                elif how == 1:
                    hands.press("shift")
                else:
                    hands.scroll("down")

            thread = threading.Thread(target=touch)
            thread.start()
            outcome = Run(script(site), {"article": "a b c " * 12, "amount": "9 " * 20, "remark": "x"}, desk=desk, person=Watcher()).play()
            thread.join()
            assert outcome.end == "taken_over"
            sent = desk.fingers.sent
            with pytest.raises(TakenOverError):
                desk.press("a")
            assert desk.fingers.sent == sent
        assert orders(browser) == []


@pytest.mark.usefixtures("environment")
def test_what_was_done_five_times_is_found_and_done_a_sixth(
    enrolment: Enrolment, desktop: DesktopSession, browser: Browser, site: MiniwobServer
) -> None:
    """Recorded by the real recorder with other things between, found, and run on an input that was never typed."""
    browser.goto(site.page("orders"))
    config, log = prepare(enrolment.data_dir, display=desktop.display), enrolment.data_dir / "run" / "recorder.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command(config), env={**os.environ, **desktop.env}, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    rng = random.Random(1)
    with RunningRecorder(process, load_config(config).control_path, log=log) as recorder, Hands(desktop.display, seed=1, pace=2) as hands:
        recorder.wait_until_recording()
        hands.click(*middle(browser, "h1"))
        wait_for("the page to be recorded", lambda: recorder.status().app == "chromium")
        for number in range(5):
            enter_order(hands, browser, rng, number=number)
        recorder.stop()
    (found,) = [one for one in Routines(enrolment).find() if one.times >= 4]
    made = script_of(found)
    assert [step.do for step in made.steps].count("fill") == len(FIELDS)
    names = {one.name: f"fresh {one.name}" for one in made.inputs}
    browser.goto(site.page("orders"))
    person = Watcher()
    outcome = play(enrolment, desktop, made, person=person, **names)
    assert outcome.end == "done", outcome
    (saved,) = orders(browser)
    assert saved["article"] == names["article"]
    assert [question.kind for question in person.asked] == ["irreversible"]


@pytest.mark.usefixtures("environment")
def test_a_dry_run_draws_and_does_nothing(enrolment: Enrolment, browser: Browser, site: MiniwobServer, tmp_path: Path) -> None:
    """`--dry-run` says of every step where it would act, draws it, and leaves the page as it was; a run by the verb does it all."""
    browser.goto(site.page("orders"))
    file, picture = tmp_path / "orders.yaml", tmp_path / "plan.svg"
    file.write_text(to_yaml(script(site)), encoding="utf-8")
    words = ["--data", str(enrolment.data_dir), "run", str(file), *(f"--input={name}=seven" for name in FIELDS)]
    told = CliRunner().invoke(routines, [*words, "--dry-run", "--picture", str(picture), "--json"])
    assert told.exit_code == 0, told.output
    steps = json.loads(told.stdout)["steps"]
    assert [step["note"] for step in steps] == ["", "", "", "", "", "asks first"]
    assert all(step["box"] for step in steps)
    assert picture.read_text(encoding="utf-8").count("<circle") == STEPS
    assert browser.evaluate("document.getElementById('article').value") == ""
    ran = CliRunner().invoke(routines, words, input="y\n")
    assert ran.exit_code == 0, ran.output
    assert "done: 6 of 6 steps" in ran.output
    assert orders(browser)[0]["article"] == "seven"
