"""A dry run: where each step would act in what is in front now, as a list and as a drawing. Nothing is done.

Pure. Invariant: the drawing shows places, roles and the script's own words; nothing else that stands on the screen is in it.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from witting.device.acting.checks import is_secure, ready
from witting.device.acting.view import View
from witting.device.assist.nearby import is_control
from witting.device.assist.script import Script
from witting.device.assist.telling import tell_script_step
from witting.terms.geometry import Rect

_MARGIN, _LINE, _LEAST_WIDTH = 20, 20, 720
_SHADE, _MARK, _ASKS = "#d5d9e0", "#1b5ea8", "#b35900"


class Planned(NamedTuple):
    """What a step would do now."""

    number: int
    sentence: str
    box: Rect | None  # where it would act, None where there is nothing yet
    note: str  # why not, or what would be asked; "" = it would just be done
    asks: bool


def plan(script: Script, view: View, *, inputs: Mapping[str, str], asked: Sequence[int] = ()) -> list[Planned]:
    """Return what each step would do in what is in front now; `asked` are the numbers of steps that ask besides the script's own."""
    return [_planned(number, script, view=view, inputs=inputs, asked=asked) for number in range(1, len(script.steps) + 1)]


def _planned(number: int, script: Script, *, view: View, inputs: Mapping[str, str], asked: Sequence[int]) -> Planned:
    step = script.steps[number - 1]
    found = ready(step, view, inputs=inputs)
    asks = step.asks or number in asked
    box = view.nodes[found.index].box if found.is_found and step.on is not None else None
    note = found.why
    if found.is_found and step.on is not None and is_secure(view, found.index):
        note = "you type this one yourself"
    elif found.is_found:
        note = "asks first" if asks else ""
    return Planned(number, tell_script_step(step), box, note, asks)


def draw(planned: Sequence[Planned], view: View) -> str:
    """Return an SVG of the window in front: its controls as grey boxes, each step's place with its number."""
    boxes = [node.box for node in view.nodes if is_control(node.role) and not node.box.is_empty]
    places = [one.box for one in planned if one.box is not None]
    left, top, right, bottom = _around([*boxes, *places])
    shapes = [_rect(box, f'fill="none" stroke="{_SHADE}" stroke-width="2"') for box in boxes]
    for one in planned:
        if one.box is not None:
            colour = _ASKS if one.asks else _MARK
            shapes.append(_rect(one.box, f'fill="{colour}" fill-opacity="0.15" stroke="{colour}" stroke-width="3"'))
            shapes.append(f'<circle cx="{one.box.x}" cy="{one.box.y}" r="12" fill="{colour}"/>')
            shapes.append(
                f'<text x="{one.box.x}" y="{one.box.y + 5}" fill="white" font-size="14" text-anchor="middle" '
                f'font-family="sans-serif">{one.number}</text>'
            )
    for row, one in enumerate(planned):
        words = f"{one.number}. {one.sentence}" + (f" ({one.note})" if one.note else "")
        shapes.append(
            f'<text x="{left + _MARGIN}" y="{bottom + (row + 1) * _LINE}" font-size="14" font-family="sans-serif">{escape(words)}</text>'
        )
    right, bottom = max(right, left + _LEAST_WIDTH), bottom + _LINE * (len(planned) + 1)
    size = f'width="{right - left}" height="{bottom - top}" viewBox="{left} {top} {right - left} {bottom - top}"'
    background = f'<rect x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" fill="white"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">{background}{"".join(shapes)}</svg>\n'


def _around(boxes: Sequence[Rect]) -> tuple[int, int, int, int]:
    if not boxes:
        return 0, 0, 2 * _MARGIN, 2 * _MARGIN
    return (
        min(box.x for box in boxes) - _MARGIN,
        min(box.y for box in boxes) - _MARGIN,
        max(box.x + box.width for box in boxes) + _MARGIN,
        max(box.y + box.height for box in boxes) + _MARGIN,
    )


def _rect(box: Rect, style: str) -> str:
    return f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="3" {style}/>'
