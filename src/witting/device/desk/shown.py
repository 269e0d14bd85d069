"""A session as the review pages show it: what would leave, its pictures, its timeline in reading order, kept in memory for a few sessions.

Built from `preview` alone, so that a page can't show anything else than what leaves. Knows no HTTP. Invariant: `summary.content_digest` is
the digest of exactly the records the pages are made from.
"""

import io
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from witting.actions.pictures import assemble
from witting.device.desk.timeline import Row, timeline
from witting.device.review import Summary, preview, summarise
from witting.device.spool import SessionInfo, Spool
from witting.terms.errors import UsageError
from witting.terms.events import Frame, Tile
from witting.terms.review import Mark, Reviewed
from witting.terms.session import Record
from witting.terms.tree import UiTree

_SESSIONS = 3  # kept in memory
_THUMBS = 600
THUMB_WIDTH_PX = 320


@dataclass(frozen=True, slots=True)
class Shown:
    """One session as it would leave."""

    info: SessionInfo
    marks: tuple[Mark, ...]
    summary: Summary
    pictures: tuple[Frame, ...]
    tiles: dict[str, Tile]
    trees: tuple[UiTree, ...]
    rows: tuple[Row, ...]  # the timeline

    def picture(self, number: int) -> Frame:
        """Return a picture by its number from 0.

        Raises:
            UsageError: there are fewer.
        """
        if not 0 <= number < len(self.pictures):
            raise UsageError("there is no such picture in this session", hint="go back to the session's page")
        return self.pictures[number]

    def while_shown(self, number: int) -> tuple[int, int]:
        """Return from when to when a picture stands for the screen: until the next one, since the one before."""
        self.picture(number)
        before = self.pictures[number - 1].timestamp_ns + 1 if number else 0
        after = self.pictures[number + 1].timestamp_ns - 1 if number + 1 < len(self.pictures) else self.summary.ended_ns + 1
        return before, after


class Shelf:
    """Builds and remembers what is shown; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shown: OrderedDict[tuple[str, int, tuple[Mark, ...]], Shown] = OrderedDict()
        self._summaries: dict[tuple[str, int, tuple[Mark, ...]], Summary] = {}
        self._thumbs: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()

    def show(self, spool: Spool, session_id: str) -> Shown:
        """Return a session as it would leave under its present marks."""
        info, marks, key = self._key(spool, session_id)
        with self._lock:
            if key not in self._shown:
                self._shown[key] = _build(info, marks, records=list(preview(spool, session_id, marks=marks)))
                self._summaries[key] = self._shown[key].summary
            self._shown.move_to_end(key)
            while len(self._shown) > _SESSIONS:
                self._shown.popitem(last=False)
            return self._shown[key]

    def summary(self, spool: Spool, session_id: str) -> Summary:
        """Return only the numbers of a session; remembered for all sessions."""
        *_, key = self._key(spool, session_id)
        return self._summaries[key] if key in self._summaries else self.show(spool, session_id).summary

    def thumbnail(self, shown: Shown, number: int) -> bytes:
        """Return a picture made small, as PNG."""
        frame = shown.picture(number)
        key = (shown.info.session_id, frame.tiles)
        with self._lock:
            if key in self._thumbs:
                self._thumbs.move_to_end(key)
                return self._thumbs[key]
        small = _png(shown, frame, width_px=THUMB_WIDTH_PX)
        with self._lock:
            self._thumbs[key] = small
            while len(self._thumbs) > _THUMBS:
                self._thumbs.popitem(last=False)
        return small

    def full(self, shown: Shown, number: int) -> bytes:
        """Return a picture in full size, as PNG."""
        return _png(shown, shown.picture(number), width_px=0)

    def forget(self, session_id: str) -> None:
        """Drop everything remembered of a session."""
        with self._lock:
            for store in (self._shown, self._summaries, self._thumbs):
                for key in [key for key in store if key[0] == session_id]:
                    del store[key]  # type: ignore[arg-type]

    def clear(self) -> None:
        """Drop everything remembered."""
        with self._lock:
            self._shown.clear()
            self._summaries.clear()
            self._thumbs.clear()

    def _key(self, spool: Spool, session_id: str) -> tuple[SessionInfo, tuple[Mark, ...], tuple[str, int, tuple[Mark, ...]]]:
        info = spool.info(session_id)
        marks = spool.marks(session_id)
        effective = tuple(mark for mark in marks if not isinstance(mark, Reviewed))
        return info, marks, (session_id, info.size_bytes, effective)


def _build(info: SessionInfo, marks: Sequence[Mark], *, records: Sequence[Record]) -> Shown:
    summary = summarise(records)
    return Shown(
        info=info,
        marks=tuple(mark for mark in marks if not isinstance(mark, Reviewed)),
        summary=summary,
        pictures=tuple(record for record in records if isinstance(record, Frame)),
        tiles={record.digest: record for record in records if isinstance(record, Tile)},
        trees=tuple(record for record in records if isinstance(record, UiTree)),
        rows=tuple(timeline(records, summary.started_ns)),
    )


def _png(shown: Shown, frame: Frame, *, width_px: int) -> bytes:
    """Return a frame as PNG, `width_px` wide or, for 0, as it is."""
    from PIL import Image

    image = Image.fromarray(assemble(frame, shown.tiles))
    if width_px:
        image.thumbnail((width_px, width_px), reducing_gap=1.5)
    data = io.BytesIO()
    image.save(data, "PNG", compress_level=1)
    return data.getvalue()
