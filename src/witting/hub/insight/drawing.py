"""Figures as pictures: ways as ribbons, counts as bars with their intervals, spots as heat on a drawn screen. SVG by matplotlib.

Knows nothing but figures. Invariant: a picture shows what the table beside it says, holds no script, and loads nothing from anywhere.
"""

import io
from collections.abc import Callable, Sequence
from textwrap import fill, shorten
from typing import Any

from witting.hub.insight.naming import COLUMNS, ROWS
from witting.terms.insight import FigureKind, GroupFigure, GroupRow

_MOST = 14  # rows in a picture; the table has them all
_INK, _SOFT, _BAR, _PAPER = "#1f2328", "#5a6270", "#2f7f79", "#ffffff"
_STYLE = {"svg.fonttype": "none", "svg.hashsalt": "witting", "font.family": "DejaVu Sans", "font.size": 10.0, "text.color": _INK}


def draw(figures: Sequence[GroupFigure]) -> dict[str, str]:
    """Return the SVG of each figure that has something to draw, by its kind."""
    return {figure.kind: _svg(figure) for figure in figures if figure.rows and figure.kind in _DRAWN}


def _svg(figure: GroupFigure) -> str:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        canvas = Figure(figsize=(8.4, _height(figure)), facecolor=_PAPER, layout="constrained")
        _DRAWN[figure.kind](canvas, figure.rows[:_MOST] if figure.kind != "spots" else figure.rows)
        out = io.StringIO()
        canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return out.getvalue()


def _height(figure: GroupFigure) -> float:
    if figure.kind == "spots":
        return 2.3 * ((len({row.what[0] for row in figure.rows}) + 1) // 2) + 0.4
    return 0.9 + 0.55 * min(len(figure.rows), _MOST)


def _bars(canvas: Any, rows: Sequence[GroupRow]) -> None:
    """Draw a bar for each row, with a line from the least to the most it may be."""
    axes = canvas.add_subplot()
    places = range(len(rows))
    axes.barh(places, [row.people for row in rows], color=_BAR, height=0.55)
    for place, row in zip(places, rows, strict=True):
        axes.plot([row.low, row.high], [place, place], color=_INK, linewidth=1.6, marker="|", markersize=9)
        axes.text(row.high, place, f"  about {row.people}", va="center", ha="left", color=_SOFT, fontsize=9)
    axes.set_yticks(list(places), [_name(row) for row in rows])
    axes.set_ylim(len(rows) - 0.45, -0.55)
    axes.set_xlim(0, max(row.high for row in rows) * 1.2)
    axes.set_xlabel("people (the line: between how many, in 95 of 100 cases)", color=_SOFT)
    axes.tick_params(colors=_INK, length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _ribbons(canvas: Any, rows: Sequence[GroupRow]) -> None:
    """Draw where people come from on the left, where they go on the right, and between them ribbons as wide as they are many."""
    axes = canvas.add_subplot()
    axes.set_axis_off()
    left, right = (_stack(rows, side) for side in (0, 1))
    tall = max(sum(row.people for row in rows), 1) * 1.0
    gap = 0.06 * tall
    for stacked, x, align in ((left, 0.0, "right"), (right, 1.0, "left")):
        for number, (name, (begin, end)) in enumerate(stacked.items()):
            axes.fill_betweenx([-begin - number * gap, -end - number * gap], x - 0.012, x + 0.012, color=_INK, linewidth=0)
            at = -(begin + end) / 2 - number * gap
            axes.text(x + (0.03 if x else -0.03), at, fill(_short(name), 30), ha=align, va="center")
    used = {**{(0, name): begin for name, (begin, _) in left.items()}, **{(1, name): begin for name, (begin, _) in right.items()}}
    for number, row in enumerate(rows):
        ends = []
        for side, stack in ((0, left), (1, right)):
            top = used[side, row.what[side]]
            used[side, row.what[side]] += row.people
            ends.append(-top - list(stack).index(row.what[side]) * gap)
        _ribbon(axes, ends[0], to=ends[1], people=row.people, shade=number)
    axes.set_xlim(-0.75, 1.75)


def _ribbon(axes: Any, from_: float, *, to: float, people: int, shade: int) -> None:
    steps = [step / 40 for step in range(41)]
    way = [from_ + (to - from_) * (3 * step**2 - 2 * step**3) for step in steps]
    axes.fill_between(steps, way, [y - people for y in way], color=_BAR, alpha=0.75 if shade % 2 else 0.5, linewidth=0)
    axes.text(0.5, way[20] - people / 2, f"about {people}", ha="center", va="center", fontsize=9)


def _stack(rows: Sequence[GroupRow], side: int) -> dict[str, tuple[int, int]]:
    """Return where on its side each place begins and ends."""
    stack: dict[str, tuple[int, int]] = {}
    total: dict[str, int] = {}
    for row in rows:
        total[row.what[side]] = total.get(row.what[side], 0) + row.people
    begin = 0
    for name, people in total.items():
        stack[name] = (begin, begin + people)
        begin += people
    return stack


def _heat(canvas: Any, rows: Sequence[GroupRow]) -> None:
    """Draw for each app a screen of twelve fields, the darker the more people got stuck there; what isn't shown is left white."""
    apps = list(dict.fromkeys(row.what[0] for row in rows))
    most = max(row.high for row in rows)
    for number, app in enumerate(apps):
        axes = canvas.add_subplot((len(apps) + 1) // 2, 2, number + 1)
        axes.set_title(fill(_short(app), 34), fontsize=10)
        axes.set_xlim(0, len(COLUMNS))
        axes.set_ylim(len(ROWS), 0)
        axes.set_xticks([])
        axes.set_yticks([])
        for row in (one for one in rows if one.what[0] == app):
            down, across = ROWS.index(row.what[1]), COLUMNS.index(row.what[2])
            depth = 0.25 + 0.6 * row.people / most
            axes.fill_between([across, across + 1], down, down + 1, color="#b4541a", alpha=depth, linewidth=0)
            axes.text(across + 0.5, down + 0.5, f"about\n{row.people}", ha="center", va="center", fontsize=9)
        for line in range(1, len(COLUMNS)):
            axes.axvline(line, color="#c9c7c0", linewidth=0.6)
        for line in range(1, len(ROWS)):
            axes.axhline(line, color="#c9c7c0", linewidth=0.6)


def _name(row: GroupRow) -> str:
    return fill(shorten(" · ".join(_short(part) for part in row.what), 84, placeholder="…"), 44)


def _short(text: str) -> str:
    return text if len(text) <= 58 else f"{text[:28]}…{text[-28:]}"  # noqa: PLR2004 - what two lines hold


_DRAWN: dict[FigureKind, Callable[[Any, Sequence[GroupRow]], None]] = {
    "paths": _ribbons, "places": _bars, "tasks": _bars, "ways": _bars, "troubles": _bars, "spots": _heat, "routines": _bars,
}  # fmt: skip
