"""A reader in this process: finds strips, reads those it hasn't read just before, looks for faces and codes, within a time.

Remembers what the last pictures said by the exact pixels and the engine's version, and nothing older. Doesn't redact. Invariant: what
wasn't read in time is counted, and an area where nobody looked is named.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np
import xxhash

from witting.device.reading.engine import MARGIN_PX, Engine
from witting.device.reading.found import Gray, Line, Mask, Reading, Word, moved
from witting.device.reading.objects import LEAST_PX, ObjectFinder
from witting.device.reading.strips import Strip, find_strips
from witting.terms.geometry import Rect

_PICTURES_REMEMBERED = 4
T = TypeVar("T")
_Objects = tuple[tuple[Rect, ...], tuple[Rect, ...]]


class LocalReader:
    """Reads in this process; `limit_ns` of processor time a picture, 0 = as long as it takes.

    Raises:
        MissingExtraError: an engine isn't there.
    """

    def __init__(self, limit_ns: int = 0) -> None:
        self.limit_ns = limit_ns
        self._engine = Engine()
        self._objects = ObjectFinder()
        self._lines = _Recent[tuple[Word, ...]]()
        self._areas = _Recent[_Objects]()

    def read(self, gray: Gray, wanted: Mask, *, areas: tuple[Rect, ...]) -> Reading:
        """Return what the picture says where it is wanted; see `Reader`."""
        begun = time.process_time_ns()

        def is_late() -> bool:
            return bool(self.limit_ns) and time.process_time_ns() - begun >= self.limit_ns

        faces, codes, unlooked = self._look(gray, areas, is_late=is_late)
        lines, unread = self._read(gray, find_strips(gray, wanted), is_late=is_late)
        self._lines.turn()
        self._areas.turn()
        return Reading(
            lines=tuple(lines),
            faces=tuple(faces),
            codes=tuple(codes),
            unlooked=tuple(unlooked),
            unread=unread,
            spent_ns=time.process_time_ns() - begun,
        )

    def _read(self, gray: Gray, strips: list[Strip], *, is_late: Callable[[], bool]) -> tuple[list[Line], int]:
        lines: list[Line] = []
        unread = 0
        for strip in strips:
            key = self._name(gray, strip.box, margin=MARGIN_PX)
            words = self._lines.get(key)
            if words is None:
                if is_late():
                    unread += 1
                    continue
                words = tuple(_moved(word, strip.box, sign=-1) for word in self._engine.read(gray, strip.box))
                self._lines.keep(key, words)
            lines.append(Line(strip.box, tuple(_moved(word, strip.box, sign=1) for word in words), strip.ink))
        return lines, unread

    def _look(self, gray: Gray, areas: tuple[Rect, ...], *, is_late: Callable[[], bool]) -> tuple[list[Rect], list[Rect], list[Rect]]:
        faces: list[Rect] = []
        codes: list[Rect] = []
        unlooked: list[Rect] = []
        for area in areas:
            if area.width < LEAST_PX or area.height < LEAST_PX:
                continue
            key = self._name(gray, area)
            found = self._areas.get(key)
            if found is None:
                if is_late():
                    unlooked.append(area)
                    continue
                part = np.ascontiguousarray(gray[area.y : area.y + area.height, area.x : area.x + area.width])
                found = tuple(self._objects.faces(part)), tuple(self._objects.codes(part))
                self._areas.keep(key, found)
            faces += [moved(place, area.x, dy=area.y) for place in found[0]]
            codes += [moved(place, area.x, dy=area.y) for place in found[1]]
        return faces, codes, unlooked

    def _name(self, gray: Gray, box: Rect, *, margin: int = 0) -> bytes:
        """Name exact pixels, and who reads them."""
        part = gray[max(0, box.y - margin) : box.y + box.height + margin, max(0, box.x - margin) : box.x + box.width + margin]
        state = xxhash.xxh3_128(f"{self._engine.version} {box.width}x{box.height} {part.shape}".encode())
        state.update(np.ascontiguousarray(part).tobytes())
        return state.digest()


class _Recent(Generic[T]):
    """What was said of the last pictures, by name; what none of them asked for is forgotten."""

    def __init__(self) -> None:
        self._turns: deque[dict[bytes, T]] = deque([{}], maxlen=_PICTURES_REMEMBERED)

    def get(self, name: bytes) -> T | None:
        """Return what was said, and remember it for longer."""
        found = next((turn[name] for turn in reversed(self._turns) if name in turn), None)
        if found is not None:
            self._turns[-1][name] = found
        return found

    def keep(self, name: bytes, said: T) -> None:
        """Remember what was said."""
        self._turns[-1][name] = said

    def turn(self) -> None:
        """A picture is done."""
        self._turns.append({})


def _moved(word: Word, box: Rect, *, sign: int) -> Word:
    return Word(word.text, moved(word.box, sign * box.x, dy=sign * box.y), word.confidence)
