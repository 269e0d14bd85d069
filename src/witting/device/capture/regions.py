"""Regions of the screen as tuples of rectangles that don't overlap.

Pure geometry. Invariant: what `subtract` and `overlap` return holds no pixel that their definitions leave out, and no pixel twice
when the input held none twice.
"""

from collections.abc import Iterable

from witting.terms.geometry import Rect

Region = tuple[Rect, ...]


def subtract(region: Iterable[Rect], hole: Rect) -> Region:
    """Return the part of `region` outside `hole`."""
    return tuple(piece for rect in region for piece in _without(rect, hole))


def overlap(one: Iterable[Rect], other: Iterable[Rect]) -> Region:
    """Return the part that lies in both."""
    others = tuple(other)
    shared = (a.intersect(b) for a in one for b in others)
    return tuple(rect for rect in shared if not rect.is_empty)


def area_px(region: Iterable[Rect]) -> int:
    """Return how many pixels a region covers."""
    return sum(rect.width * rect.height for rect in region)


def _without(rect: Rect, hole: Rect) -> Iterable[Rect]:
    """Yield up to four pieces: above, below, left and right of the hole."""
    cut = rect.intersect(hole)
    if cut.is_empty:
        yield rect
        return
    right, bottom = rect.x + rect.width, rect.y + rect.height
    cut_right, cut_bottom = cut.x + cut.width, cut.y + cut.height
    pieces = (
        Rect(rect.x, rect.y, rect.width, cut.y - rect.y),
        Rect(rect.x, cut_bottom, rect.width, bottom - cut_bottom),
        Rect(rect.x, cut.y, cut.x - rect.x, cut.height),
        Rect(cut_right, cut.y, right - cut_right, cut.height),
    )
    yield from (piece for piece in pieces if not piece.is_empty)
