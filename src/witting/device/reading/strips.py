"""Where a picture looks like writing: strips of ink, line by line, and the words' places within each.

Reads nothing. Edges are found by their step in brightness, whatever the colours; long straight rules (frames, underlines) are taken away
first. Invariant: a strip holds only pixels that were wanted, and everything drawn in it belongs to one of its inks.
"""

from typing import NamedTuple

import cv2
import numpy as np

from witting.device.reading.found import Gray, Mask
from witting.terms.geometry import Rect

_STEP = 16  # of 255: a smaller step in brightness is no edge
_RULE_PX = 48  # a straight run of edge as long may be a rule
_THICK_PX = 7  # its edges' thickness at most
_ALONE_SHARE = 0.15  # of its length: what touches it on a side where nothing is written
_JOIN_PX = 13  # gaps narrower than this, less the edge's own width, don't part a line
_LEAST_PX, _TALLEST_PX = 4, 120
_MOST_STRIPS = 800
_GAP_SHARE = 0.1  # of a strip's height: a gap that is wider parts inks
_NEAR = np.ones((3, 9), np.uint8)  # what isn't wanted and as near as this may be the rest of a word


class Strip(NamedTuple):
    """A strip of writing."""

    box: Rect
    ink: tuple[Rect, ...]  # left to right; a stretch that goes on where nothing is wanted is left out


def find_strips(gray: Gray, wanted: Mask) -> list[Strip]:
    """Return the strips of a picture (height, width), top to bottom."""
    edges = cv2.morphologyEx(gray, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > _STEP
    drawn = (edges & wanted).astype(np.uint8)
    cut = cv2.dilate((edges & ~wanted).astype(np.uint8), _NEAR)
    writing = drawn & ~_rules(drawn) & ~_rules(drawn.T).T
    joined = cv2.morphologyEx(writing, cv2.MORPH_CLOSE, np.ones((1, _JOIN_PX), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    strips = []
    for left, top, width, height, _ in stats.tolist()[1:]:
        if height < _LEAST_PX or height > _TALLEST_PX or width < _LEAST_PX:
            continue
        part = np.s_[top : top + height, left : left + width]
        strips.append(Strip(Rect(left, top, width, height), _inks(drawn[part], cut[part] & drawn[part], at=(left, top))))
    strips.sort(key=lambda strip: (strip.box.y, strip.box.x))
    return strips[:_MOST_STRIPS]


def _rules(drawn: Gray) -> Gray:
    """Return the level runs of edge that are too long and stand too much alone for letters."""
    rules = np.zeros_like(drawn)
    runs = cv2.morphologyEx(np.ascontiguousarray(drawn), cv2.MORPH_OPEN, np.ones((1, _RULE_PX), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    for left, top, width, height, _ in stats.tolist()[1:]:
        columns = np.s_[left : left + width]
        sides = drawn[max(0, top - 1) : top, columns], drawn[top + height : top + height + 1, columns]
        if height <= _THICK_PX and all(np.count_nonzero(side) <= _ALONE_SHARE * width for side in sides):
            rules[top : top + height, columns] = runs[top : top + height, columns]
    return rules


def _inks(own: Gray, cut: Gray, *, at: tuple[int, int]) -> tuple[Rect, ...]:
    """Return what is drawn, parted where there is a gap, without stretches that are cut off."""
    columns = np.flatnonzero(own.any(axis=0))
    if not columns.size:
        return ()
    gaps = np.flatnonzero(np.diff(columns) > 1 + max(1, round(own.shape[0] * _GAP_SHARE)))
    firsts = columns[np.concatenate(([0], gaps + 1))].tolist()
    lasts = columns[np.concatenate((gaps, [columns.size - 1]))].tolist()
    inks = []
    for first, last in zip(firsts, lasts, strict=True):
        if not np.count_nonzero(cut[:, first : last + 1]):
            rows = np.flatnonzero(own[:, first : last + 1].any(axis=1)).tolist()
            inks.append(Rect(at[0] + first, at[1] + rows[0], last + 1 - first, rows[-1] + 1 - rows[0]))
    return tuple(inks)
