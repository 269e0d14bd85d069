"""What a synthetic person does on a working day of the demo: MiniWoB episodes, a form, a note, and everything that must not be recorded.

Each act is real input into real applications. Knows the desktop session and the recorder's control socket, nothing of what is recorded.
"""

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from witting.testing.browser import Browser
from witting.testing.desktop import App, DesktopError, DesktopSession
from witting.testing.hands import Hands
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.people import Person
from witting.testing.solver import play_episode

OVERHEARD = "Quarterly salaries: see sheet Zephyrine"  # typed into a terminal that nobody lent
WHISPERED = "pausedwhisper Quillonne"  # typed while paused
PLAIN = "The order is ready for delivery on Monday."  # harmless: must be recorded character for character
POPPED = "Dr. Ottoline Vantongeren: your scan results are in"  # shown by a notification over a lent window


class Recorder(Protocol):
    """How the acts speak to the recorder."""

    def task(self, state: Literal["begin", "done", "gave_up"], instruction: str = "") -> None:
        """State a task, or that it ended."""
        ...

    def pause(self) -> None:
        """Pause."""
        ...

    def resume(self) -> None:
        """Go on."""
        ...


@dataclass
class Day:
    """One person's working day."""

    person: Person
    desktop: DesktopSession
    browser: Browser
    notes: App
    hands: Hands
    recorder: Recorder
    server: MiniwobServer
    chance: random.Random
    on_act: Callable[[str], None]  # called after each act, to look at the indicator and tell progress
    solved: int = field(default=0)
    played: int = field(default=0)
    breaks: list[tuple[int, int]] = field(default_factory=list)  # CLOCK_MONOTONIC nanoseconds: from before a pause to after going on

    def front(self, app: str) -> None:
        """Bring a window to the front."""
        window = self.desktop.screen.find(app)
        if window is not None:
            self.desktop.screen.activate(window)
        self.hands.pause(0.15, 0.25)


def play_tasks(day: Day, tasks: Sequence[str], *, episodes: int, first_seed: int) -> None:
    """Play episodes of the tasks in turn, stating each task as the page states it."""
    day.front("chromium")
    for number in range(episodes):
        task = tasks[number % len(tasks)]
        day.played += 1
        if _solves(day, task, seed=first_seed + number):
            day.solved += 1
            day.recorder.task("done")
        else:
            day.recorder.task("gave_up")
        day.on_act("episode")


def _solves(day: Day, task: str, *, seed: int) -> bool:
    """Play one episode, stating its task; a person who doesn't find something on the page gives up."""
    try:
        played = play_episode(
            day.browser,
            day.hands,
            task=task,
            seed=seed,
            origin=day.server.origin,
            on_instruction=lambda text: day.recorder.task("begin", text),
        )
    except DesktopError:
        return False
    return played.reward == 1.0


def sign_in(day: Day) -> None:
    """Fill a password field, look at it with the show-password button, and sign in."""
    day.browser.goto(day.server.page("login"))
    _fill(day, "#user", text=day.person.email)
    _fill(day, "#secret", text=day.person.password)
    _press(day, "#eye")
    day.hands.pause(0.5, 0.7)
    _press(day, "#go")
    day.on_act("password")


def write_to_us(day: Day) -> None:
    """Fill a contact form with name, e-mail, phone, and a message that holds a card number and an API token."""
    day.browser.goto(day.server.page("contact"))
    _fill(day, "#name", text=day.person.name)
    _fill(day, "#mail", text=day.person.email)
    _fill(day, "#phone", text=day.person.phone)
    _fill(day, "#message", text=f"Please charge {day.person.card} and use {day.person.token} for the import.")
    _press(day, "#send")
    day.hands.pause(0.8, 1.0)
    day.on_act("form")


def write_a_note(day: Day) -> None:
    """Write a note in Mousepad and save it."""
    day.notes.activate()
    day.hands.pause(0.3, 0.4)
    area = day.notes.area()
    day.recorder.task("begin", "Write a note about the order and save it")
    day.hands.click(area.x + area.width // 2, area.y + area.height // 2)
    day.hands.type_text(PLAIN + "\n")
    day.hands.type_text(f"Call {day.person.name} at {day.person.phone}, {day.person.street}.\n")
    day.hands.press("ctrl+s")
    day.hands.pause(0.6, 0.8)
    day.recorder.task("done")
    day.on_act("note")


def use_a_terminal(day: Day) -> None:
    """Bring an app to the front that isn't on the list, and type into it."""
    terminal = day.desktop.start_xterm()
    day.hands.pause(0.3, 0.4)
    area = terminal.area()
    day.hands.click(area.x + area.width // 2, area.y + area.height // 2)
    day.hands.type_text(OVERHEARD)
    day.hands.pause(0.3, 0.4)
    day.on_act("unlisted app")
    terminal.process.terminate()
    terminal.process.wait()
    day.hands.pause(0.2, 0.3)
    day.front("chromium")


def get_a_notification(day: Day) -> None:
    """A notification that no window manager manages pops over the browser while the page is clicked."""
    window = day.desktop.screen.find("chromium")
    area = window.area if window else day.notes.area()
    popup = day.desktop.show_popup(POPPED, x=area.x + 80, y=area.y + 220, seconds=1.5)
    day.hands.click(area.x + area.width - 200, area.y + area.height - 120)
    day.hands.pause(0.4, 0.5)
    day.on_act("notification")
    popup.wait(timeout=10)


def take_a_break(day: Day) -> None:
    """Pause, type something private into the lent browser, and go on."""
    day.browser.goto(day.server.page("contact"))
    begun = time.monotonic_ns()
    day.recorder.pause()
    day.hands.pause(0.2, 0.3)
    _fill(day, "#message", text=WHISPERED)
    day.on_act("paused")
    day.browser.goto(day.server.page("shop"))
    day.hands.pause(0.2, 0.3)
    day.recorder.resume()
    day.breaks.append((begun, time.monotonic_ns()))
    day.on_act("resumed")


def circle_something(day: Day, *, events: int) -> None:
    """Circle something on the page with a fast mouse: 1,000 reports a second."""
    window = day.desktop.screen.find("chromium")
    area = window.area if window else day.notes.area()
    centre = (area.x + area.width // 2, area.y + area.height // 2)
    points = [
        (round(centre[0] + 180 * math.cos(step / 60)), round(centre[1] + (120 + step % 7) * math.sin(step / 60))) for step in range(events)
    ]
    day.hands.move_to(*points[0])
    day.hands.trace(points, rate_hz=1000)
    day.on_act("circles")


def _fill(day: Day, selector: str, *, text: str) -> None:
    _press(day, selector)
    day.hands.pause(0.15, 0.25)  # people look whether the caret is there
    day.hands.type_text(text)


def _press(day: Day, selector: str) -> None:
    box = day.browser.box_of(selector)
    day.hands.click(box.x + box.width * day.chance.uniform(0.35, 0.65), box.y + box.height * day.chance.uniform(0.4, 0.6))
