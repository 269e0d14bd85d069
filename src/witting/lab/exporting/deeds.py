"""Actions as the code that other agents act by (pyautogui's calls, as OpenCUA writes them), and as its parts.

Points are shares of the picture with four digits, which on a screen of up to 5,000 pixels round to the very pixel. Invariant: typed text
is a Python string literal, so that no character of it is ever read as a command.
"""

from typing import Any, NamedTuple

from witting.lab.exporting.pages import Shot

_KEYS = {
    "Return": "enter", "KP_Enter": "enter", "BackSpace": "backspace", "Tab": "tab", "Escape": "esc", "Delete": "delete", "Home": "home",
    "End": "end", "Left": "left", "Right": "right", "Up": "up", "Down": "down", "Prior": "pageup", "Page_Up": "pageup",
    "Next": "pagedown", "Page_Down": "pagedown", "Insert": "insert", "super": "win", "space": "space", "ISO_Left_Tab": "tab",
}  # fmt: skip
KEYSYMS = {"enter": "Return", **{name: keysym for keysym, name in reversed(_KEYS.items()) if keysym not in {"KP_Enter", "ISO_Left_Tab"}}}
_CLICKS = {
    "click": "click", "double_click": "doubleClick", "triple_click": "tripleClick", "right_click": "rightClick",
    "middle_click": "middleClick", "hover": "moveTo",
}  # fmt: skip
_SECOND_NS = 1_000_000_000


class Call(NamedTuple):
    """One call: its name after `pyautogui.` or `computer.`, and its arguments by name."""

    name: str
    arguments: dict[str, Any]

    @property
    def code(self) -> str:
        """The call as Python."""
        room = "computer" if self.name in {"terminate", "wait"} else "pyautogui"
        if self.name in {"scroll", "hscroll", "sleep"}:
            return f"{room}.{self.name}({self.arguments['amount']!r})"
        return f"{room}.{self.name}({', '.join(f'{name}={value!r}' for name, value in self.arguments.items())})"


def calls_of(shot: Shot) -> list[Call]:
    """Return the calls that do a step; none for what only happened, or where nobody knows on what screen a point lies."""
    action = shot.step.action
    if action.kind == "type":
        return [Call("write", {"message": action.text})]
    if action.kind == "key":
        return _keys(action.key)
    if action.kind == "wait":
        return [Call("wait", {})]
    if action.kind == "stop":
        return [Call("terminate", {"status": "failure" if shot.episode.outcome == "gave_up" else "success"})]
    return [] if shot.area.is_empty else _pointing(shot)


def _pointing(shot: Shot) -> list[Call]:
    action = shot.step.action
    place = _place(shot, action.x, y=action.y)
    if action.kind in _CLICKS:
        return [Call(_CLICKS[action.kind], place)]
    if action.kind == "long_press":
        held = Call("sleep", {"amount": round((action.end_ns - action.timestamp_ns) / _SECOND_NS, 3)})
        return [Call("mouseDown", place), held, Call("mouseUp", place)]
    if action.kind == "drag":
        button = {"button2": "middle", "button3": "right"}.get(action.key, "left")
        return [Call("moveTo", place), Call("dragTo", {**_place(shot, action.to_x, y=action.to_y), "button": button})]
    if action.kind == "scroll":
        turns = [Call("scroll", {"amount": -action.dy})] if action.dy else []
        return [Call("moveTo", place), *turns, *([Call("hscroll", {"amount": action.dx})] if action.dx else [])]
    return []


def _place(shot: Shot, x: int, *, y: int) -> dict[str, float]:
    across, down = shot.share(x, y)
    return {"x": round(across, 4), "y": round(down, 4)}


def _keys(chord: str) -> list[Call]:
    if chord.startswith("button"):
        return []
    names = [_KEYS.get(name, name.lower()) for name in (chord.split("+") if len(chord) > 1 else [chord])]
    return [Call("press" if len(names) == 1 else "hotkey", {"keys": names})]


def code_of(calls: list[Call]) -> str:
    """Return the calls as lines of Python."""
    return "\n".join(call.code for call in calls)
