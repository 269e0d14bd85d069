"""An episode as a picture that moves: what the agent was shown step by step, drawn from the tree, and what it did.

Knows trees and actions, no browser. An SVG that any browser plays, without scripts; names are escaped, so that no page can put markup into
it. Invariant: the same episode gives the same picture.
"""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from witting.policy.candidates import role_of
from witting.terms.geometry import Rect
from witting.terms.tree import UiNode, UiTree
from witting.terms.work import PolicyAction

_SECONDS = 1.2  # a moment
_SCALE = 2
_LINE_PX, _MOST_LETTERS = 14, 90
_FILLS = {"button": "#dde7f5", "link": "#e6f0ff", "textbox": "#ffffff", "combobox": "#ffffff", "tab": "#eef2e2", "image": "#e8e8e8"}


class Watched(NamedTuple):
    """One moment of an episode."""

    instruction: str
    tree: UiTree
    action: PolicyAction


def replay_svg(watched: Sequence[Watched], verdict: str) -> str:
    """Return an episode as SVG; `verdict` says how it ended."""
    width, height = _size(watched)
    whole = max(1, len(watched)) * _SECONDS
    frames = [
        _frame(moment, number, of=len(watched), at=number * _SECONDS / whole, until=(number + 1) * _SECONDS / whole, whole=whole)
        for number, moment in enumerate(watched)
    ]
    said = watched[0].instruction if watched else "nothing was shown"
    lines = [_text(4, 12, said=said), _text(4, height * _SCALE + 44, said=verdict)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * _SCALE}" height="{height * _SCALE + 50}" '
        f'font-family="sans-serif" font-size="11"><title>{_escaped(said)}</title><rect width="100%" height="100%" fill="#fafafa"/>'
        + "".join([*lines, *frames])
        + "</svg>\n"
    )


def _size(watched: Sequence[Watched]) -> tuple[int, int]:
    boxes = [node.box for moment in watched for node in moment.tree.nodes if _is_seen(node)]
    return max([160, *(box.x + box.width for box in boxes)]), min(600, max([100, *(box.y + box.height for box in boxes)]))


def _is_seen(node: UiNode) -> bool:
    return not node.box.is_empty and bool(role_of(node)) and node.box.x >= 0


def _frame(moment: Watched, number: int, *, of: int, at: float, until: float, whole: float) -> str:
    """Return a moment that shows itself in its turn, again and again."""
    nodes = [_node(node) for node in moment.tree.nodes if _is_seen(node)]
    target = moment.tree.nodes[moment.action.target] if 0 <= moment.action.target < len(moment.tree.nodes) else None
    mark = _rect(target.box, 'fill="none" stroke="#c0392b" stroke-width="2.5"') if target is not None else ""
    turn = (
        f'<animate attributeName="visibility" dur="{whole:.1f}s" repeatCount="indefinite" calcMode="discrete" '
        f'keyTimes="0;{at:.4f};{until:.4f}" values="hidden;visible;hidden"/>'
    )
    if of == 1:
        turn = ""
    shown = "visible" if number == 0 else "hidden"
    does = _text(4, 28, said=f"{number + 1} of {of}: {_deed(moment.action)}")
    return f'<g visibility="{shown}">{turn}{does}<g transform="translate(0 32)">{"".join(nodes)}{mark}</g></g>'


def _deed(action: PolicyAction) -> str:
    said = {"type": f'types "{action.text}"', "key": f"presses {action.key}", "stop": "stops"}.get(action.kind, "clicks")
    return f"{said} ({100 * action.confidence:.0f} % sure)"


def _node(node: UiNode) -> str:
    role = role_of(node)
    edge = 'stroke="#999" stroke-width="0.8"' if role != "text" else ""
    box = _rect(node.box, f'fill="{_FILLS.get(role, "none")}" {edge}') if role != "text" else ""
    mark = "☑ " if "checked" in node.states else "☐ " if role == "checkbox" else "◉ " if role == "radio" else ""
    said = mark + (node.value or node.name or (node.key if role == "image" else ""))
    at = node.box
    return box + (_text(at.x * _SCALE + 2, at.y * _SCALE + min(at.height * _SCALE, _LINE_PX) - 2, said=said) if said else "")


def _rect(box: Rect, style: str) -> str:
    x, y, width, height = (value * _SCALE for value in (box.x, box.y, box.width, box.height))
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" {style}/>'


def _text(x: int, y: int, *, said: str) -> str:
    short = said if len(said) <= _MOST_LETTERS else said[: _MOST_LETTERS - 1] + "…"
    return f'<text x="{x}" y="{y}">{_escaped(short)}</text>'


def _escaped(said: str) -> str:
    """Return a text as XML takes it: without control characters, markup made harmless."""
    return escape("".join(letter for letter in said if letter.isprintable()))
