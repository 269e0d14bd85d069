"""Hands that know what they did beside the actions made of their recording: nothing missing, nothing added, each text exact."""

import random
import time
from collections import Counter
from typing import Any

import pytest

from witting.actions import reduce
from witting.terms.geometry import Rect
from witting.terms.work import Action
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme

pytestmark = pytest.mark.e2e

MOUSEPAD = lent_programme({"mousepad": ()})
SENTENCES = (
    "The order is ready.", "Please send the list today.", "We meet at the station.", "This is the second part of it.", "The water is cold",
    "Open the window, close the door.", "All of the work is done.", "Read it again before you answer",
)  # fmt: skip
KINDS = ("click", "double_click", "triple_click", "middle_click", "long_press", "drag", "scroll", "type", "key")
OURS = {*KINDS, "right_click", "hover"}


class Worker:
    """Does one random deed after another in a window and notes each."""

    def __init__(self, hands: Hands, area: Rect, *, seed: int) -> None:
        self.hands = hands
        self.area = area
        self.chance = random.Random(seed)
        self.deeds: list[tuple[Any, ...]] = []

    def place(self) -> tuple[int, int]:
        """Return a place in the window's text."""
        return self.area.x + self.chance.randint(30, self.area.width - 60), self.area.y + self.chance.randint(90, self.area.height - 60)

    def do(self, kind: str) -> None:
        """Do one thing."""
        x, y = self.place()
        told: tuple[Any, ...] = (kind, x, y)
        if kind in {"click", "double_click", "triple_click"}:
            self.hands.click(x, y, count=("", "click", "double_click", "triple_click").index(kind))
        elif kind == "middle_click":
            self.hands.click(x, y, button=2)
        elif kind == "long_press":
            self.hands.move_to(x, y)
            self.hands._button(1, is_down=True)
            time.sleep(1.15)
            self.hands._button(1, is_down=False)
        elif kind == "drag":
            to_x, to_y = self.place()
            self.hands.drag((x, y), (to_x, to_y))
            told = (kind, x, y, to_x, to_y)
        elif kind == "scroll":
            turns, direction = self.chance.randint(1, 5), self.chance.choice(("up", "down"))
            self.hands.move_to(x, y)
            self.hands.scroll(direction, turns)
            told = (kind, x, y, turns if direction == "down" else -turns)
        elif kind == "type":
            text = self.chance.choice(SENTENCES)
            slip = self.chance.randint(0, len(text))
            self.hands.type_text(text[:slip] + "zz")
            self.hands.press("BackSpace")
            self.hands.press("BackSpace")
            self.hands.type_text(text[slip:])
            told = (kind, text)
        else:
            chord = self.chance.choice(("ctrl+a", "ctrl+c", "ctrl+Home", "Return"))
            self.hands.press(chord)
            told = (kind, chord)
        self.deeds.append(told)
        time.sleep(0.55)  # so that two clicks at one place are two


def as_deed(action: Action) -> tuple[Any, ...]:
    """Return an action in a deed's words."""
    if action.kind == "type":
        return action.kind, action.text
    if action.kind == "key":
        return action.kind, action.key
    more = {"drag": (action.to_x, action.to_y), "scroll": (action.dy,)}.get(action.kind, ())
    return action.kind, action.x, action.y, *more


def test_actions_are_what_was_done(desktop: DesktopSession, tmp_path) -> None:
    """Eighty random deeds in a real editor, slips of the pen corrected: action F1 at least 0.99 with exact places, every text exact."""
    editor = desktop.start_mousepad(tmp_path / "plan.txt")
    editor.activate()
    lender = Lender(tmp_path / "lent", MOUSEPAD)
    with Hands(desktop.display, seed=11, pace=2.0) as hands, lender.start(desktop.env) as recorder:
        worker = Worker(hands, editor.area(), seed=11)
        worker.do("click")
        order = [KINDS[number % len(KINDS)] for number in range(80)]
        worker.chance.shuffle(order)
        for before, kind in zip(["", *order], order, strict=False):
            worker.do("click" if kind == before == "type" else kind)
        time.sleep(0.5)
        assert recorder.stop() == 0
    done, made = Counter(worker.deeds), Counter(as_deed(one) for one in reduce(lender.records()) if one.kind in OURS)
    hit = sum((done & made).values())
    f1 = 2 * hit / (sum(done.values()) + sum(made.values()))
    texts = Counter(deed for deed in worker.deeds if deed[0] == "type")
    exact = sum((texts & made).values()) / sum(texts.values())
    print(f"deeds {sum(done.values())}, actions {sum(made.values())}, F1 {f1:.4f}, texts exact {exact:.3f}; {done - made} | {made - done}")
    assert f1 >= 0.99
    assert exact >= 0.99
