"""What was read in a picture. Holds words as they stand on the screen, so it lives in memory and in the reader's pipe only.

Knows no engine and no policy. Invariant: `repr` shows no content.
"""

from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from witting.terms.geometry import Rect

Gray = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def moved(box: Rect, dx: int, *, dy: int) -> Rect:
    """Return a box that stands elsewhere."""
    return Rect(box.x + dx, box.y + dy, box.width, box.height)


class Word(msgspec.Struct, frozen=True, array_like=True):
    """One word of a line."""

    text: str  # as the engine read it
    box: Rect  # in pixels of the picture
    confidence: int  # the engine's, 0 to 100

    def __repr__(self) -> str:
        """Show no content."""
        return "Word(…)"


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One strip of the picture that looked like writing, and what was read in it."""

    box: Rect  # in pixels of the picture
    words: tuple[Word, ...]  # in reading order; none where nothing could be read
    ink: tuple[Rect, ...]  # what is drawn in it, left to right, parted where there is a gap; what is cut off is left out

    def __repr__(self) -> str:
        """Show no content."""
        return "Line(…)"


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was found in one picture; of places, pixels of that picture."""

    lines: tuple[Line, ...] = ()
    faces: tuple[Rect, ...] = ()
    codes: tuple[Rect, ...] = ()
    unlooked: tuple[Rect, ...] = ()  # areas in which nobody looked for faces and codes
    unread: int = 0  # strips that weren't read for lack of time
    failed: bool = False  # the reader broke or took too long: nothing of this picture was read
    spent_ns: int = 0  # processor time

    def moved(self, dx: int, dy: int) -> "Reading":
        """Return the same reading with its places moved."""
        lines = tuple(
            Line(
                moved(line.box, dx, dy=dy),
                tuple(Word(word.text, moved(word.box, dx, dy=dy), word.confidence) for word in line.words),
                tuple(moved(ink, dx, dy=dy) for ink in line.ink),
            )
            for line in self.lines
        )
        places = {name: tuple(moved(box, dx, dy=dy) for box in getattr(self, name)) for name in ("faces", "codes", "unlooked")}
        return msgspec.structs.replace(self, lines=lines, **places)

    def __repr__(self) -> str:
        """Show counts only."""
        return f"Reading({len(self.lines)} lines, {self.unread} unread)"


class Reader(Protocol):
    """Reads pictures."""

    def read(self, gray: Gray, wanted: Mask, *, areas: tuple[Rect, ...]) -> Reading:
        """Return the lines where `wanted` is true, and the faces and codes in `areas`; never raises for what a picture holds."""
        ...
