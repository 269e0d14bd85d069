"""What a step becomes as code: the call that does it, at the point it was done, and never more than that."""

import ast
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.lab.exporting.deeds import calls_of, code_of
from witting.lab.exporting.pages import Shot
from witting.terms.geometry import Rect
from witting.terms.work import Action, ActionKind

AREA = Rect(100, 50, 1000, 500)


def code(area: Rect = AREA, *, outcome: str = "", **deed: Any) -> str:
    """Return the code of a deed on a screen."""
    action = Action(**{"timestamp_ns": 0, "end_ns": 0, "x": 350, "y": 175, **deed})
    episode: Any = SimpleNamespace(outcome=outcome)
    step: Any = SimpleNamespace(action=action)
    return code_of(calls_of(Shot(episode, step, None, area)))


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        ({"kind": "click"}, "pyautogui.click(x=0.25, y=0.25)"),
        ({"kind": "double_click"}, "pyautogui.doubleClick(x=0.25, y=0.25)"),
        ({"kind": "triple_click"}, "pyautogui.tripleClick(x=0.25, y=0.25)"),
        ({"kind": "right_click"}, "pyautogui.rightClick(x=0.25, y=0.25)"),
        ({"kind": "middle_click"}, "pyautogui.middleClick(x=0.25, y=0.25)"),
        ({"kind": "hover"}, "pyautogui.moveTo(x=0.25, y=0.25)"),
        ({"kind": "click", "x": 0, "y": 600}, "pyautogui.click(x=-0.1, y=1.1)"),  # outside stays outside
        (
            {"kind": "long_press", "end_ns": 1_234_567_890},
            "pyautogui.mouseDown(x=0.25, y=0.25)\npyautogui.sleep(1.235)\npyautogui.mouseUp(x=0.25, y=0.25)",
        ),
        (
            {"kind": "drag", "to_x": 600, "to_y": 300},
            "pyautogui.moveTo(x=0.25, y=0.25)\npyautogui.dragTo(x=0.5, y=0.5, button='left')",
        ),
        (
            {"kind": "drag", "to_x": 600, "to_y": 300, "key": "button3"},
            "pyautogui.moveTo(x=0.25, y=0.25)\npyautogui.dragTo(x=0.5, y=0.5, button='right')",
        ),
        ({"kind": "scroll", "dy": 3}, "pyautogui.moveTo(x=0.25, y=0.25)\npyautogui.scroll(-3)"),
        ({"kind": "scroll", "dx": -2, "dy": 1}, "pyautogui.moveTo(x=0.25, y=0.25)\npyautogui.scroll(-1)\npyautogui.hscroll(-2)"),
        ({"kind": "key", "key": "Return"}, "pyautogui.press(keys=['enter'])"),
        ({"kind": "key", "key": "ctrl+shift+T"}, "pyautogui.hotkey(keys=['ctrl', 'shift', 't'])"),
        ({"kind": "key", "key": "super+Prior"}, "pyautogui.hotkey(keys=['win', 'pageup'])"),
        ({"kind": "key", "key": "+"}, "pyautogui.press(keys=['+'])"),
        ({"kind": "key", "key": "button8"}, ""),
        ({"kind": "wait"}, "computer.wait()"),
        ({"kind": "stop"}, "computer.terminate(status='success')"),
        ({"kind": "type", "text": "it's"}, 'pyautogui.write(message="it\'s")'),
    ],
)
def test_each_deed_has_its_call(deed: dict[str, Any], expected: str) -> None:
    """Clicks, presses, drags, turns and keys as pyautogui writes them, points as shares of the picture."""
    assert code(**deed) == expected


def test_who_gave_up_didnt_succeed() -> None:
    """The end of an episode says how it ended."""
    assert code(kind="stop", outcome="gave_up") == "computer.terminate(status='failure')"


@pytest.mark.parametrize("kind", sorted(get_args(ActionKind)))
def test_what_has_no_picture_has_no_point(kind: str) -> None:
    """Where nobody knows on what screen a point lies nothing is clicked; any code there is can be parsed."""
    text = code(Rect(0, 0, 0, 0), kind=kind, key="Tab", text="x")
    assert "x=" not in text.replace("max=", "")
    ast.parse(text)
    ast.parse(code(kind=kind, key="Tab", text="x", dy=1))


@given(st.text(max_size=60))
def test_typed_text_is_one_literal(text: str) -> None:
    """Whatever was typed, the code is one call whose one argument is that very text."""
    (line,) = ast.parse(code(kind="type", text=text)).body
    assert isinstance(line, ast.Expr)
    assert isinstance(line.value, ast.Call)
    assert ast.unparse(line.value.func) == "pyautogui.write"
    assert [ast.literal_eval(keyword.value) for keyword in line.value.keywords] == [text]


@given(st.integers(0, 4999), st.integers(0, 4999), st.integers(1, 5000), st.integers(1, 5000))
def test_a_point_comes_back_to_its_pixel(x: int, y: int, width: int, height: int) -> None:
    """On any screen of up to 5,000 pixels the four digits are enough to find the very pixel."""
    area = Rect(0, 0, width, height)
    (call,) = ast.parse(code(area, kind="click", x=x % width, y=y % height)).body
    found = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.value.keywords}  # type: ignore[attr-defined]
    assert (round(found["x"] * width), round(found["y"] * height)) == (x % width, y % height)
