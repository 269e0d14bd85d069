"""Pictures start masked, and only what passed is shown.

A pixel is shown inside a lent region, under a node that stood still around the grab (`steady`), where its text passed, a control without
text stands, or a whole tile is one colour; with a reader also where what was read in the pixels passed. A masked or changed node wins over
any shown one, and so does a face, a code and what is personal in a line that was read.

Doesn't read text in pictures itself. Invariant: every other pixel is the flat fill; without a tree of both sides all of them are. Masks are
fill, never blur or mosaic (both can be undone), and each masked box is padded.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple, cast, get_args

import numpy as np
import xxhash
import zstandard
from numpy.typing import NDArray

from witting.device.privacy.readings import UNREAD, Judged, judge, read_over, reasons
from witting.device.privacy.roles import CONTROL_ROLES, TEXT_ROLES
from witting.device.privacy.steady import Steady, is_masked, steady
from witting.device.privacy.texts import TextPipeline
from witting.device.reading.found import Reader, Reading
from witting.terms.events import Frame, Tile
from witting.terms.findings import Finding, FindingKind
from witting.terms.geometry import Rect
from witting.terms.raw import RawFrame
from witting.terms.tree import UiNode, UiTree

TILE_PX = 64
FILL = 0xA0
PADDING_PX = 2
LEVEL = 9
_CHANNELS = 3
_MAX_CONTROL = Rect(0, 0, 480, 80)

Mask = NDArray[np.bool_]
Pixels = NDArray[np.uint8]


class Pane(NamedTuple):
    """One lent window in a picture: where it can be seen, and what it said before and after the grab. Panes don't overlap."""

    region: tuple[Rect, ...]
    before: Sequence[UiTree]
    after: Sequence[UiTree]


class _PaneMask(NamedTuple):
    """What may be seen of one window."""

    shown: Mask  # by its trees
    passed: Mask  # of it, what isn't only a plain background
    readable: Mask  # where reading the pixels may show more: nothing masked or changed is there, and every secure field has a place
    areas: tuple[Rect, ...]  # the nodes shown, which could hold a face or a code
    findings: tuple[Finding, ...]  # why the rest is masked


class Unveiled(NamedTuple):
    """What may be seen of a picture."""

    shown: Mask
    findings: tuple[Finding, ...]  # why the rest is masked
    said: Reading  # what was read; nothing without a reader
    judged: Judged  # what of it may be seen


class FramePipeline:
    """Masks the frames of one session and names their tiles; remembers which tiles it has handed out."""

    def __init__(self, reader: Reader | None = None, *, texts: TextPipeline | None = None) -> None:
        self._reader, self._texts = reader, texts
        self._compressor = zstandard.ZstdCompressor(level=LEVEL)
        self._issued: set[bytes] = set()

    def forget(self, tiles: Collection[str]) -> None:
        """Hand out every tile anew but these, which the session still has."""
        self._issued = {bytes.fromhex(digest) for digest in tiles}

    def redact(
        self, raw: RawFrame, trees_before: Sequence[UiTree], trees_after: Sequence[UiTree], *, others: Sequence[Pane] = ()
    ) -> tuple[Frame, list[Tile]]:
        """Return the masked frame and the tiles that are new in this session; `others` are the lent windows behind the one in front.

        Raises:
            ValueError: the pixels aren't RGB uint8 (height, width, 3).
        """
        if raw.pixels.ndim != _CHANNELS or raw.pixels.shape[2] != _CHANNELS or raw.pixels.dtype != np.uint8:
            raise ValueError("pixels must be uint8 (height, width, 3)")
        panes = [Pane(raw.lent_regions, trees_before, trees_after), *others]
        shown, findings, _, _ = unveil(raw, panes, reader=self._reader, texts=self._texts)
        masked = fill(raw.pixels, shown)
        names, tiles = self._tiles(masked)
        height, width = shown.shape
        share = 1.0 - float(np.count_nonzero(shown)) / max(1, shown.size)
        frame = Frame(raw.timestamp_ns, raw.reason, width, height, names, round(share, 6), findings, raw.monitor, raw.area)
        return frame, tiles

    def _tiles(self, pixels: Pixels) -> tuple[bytes, list[Tile]]:
        """Return the tile names row by row, and the tiles not issued before."""
        names: list[bytes] = []
        fresh: list[Tile] = []
        for tile in cut_tiles(pixels):
            data = tile.tobytes()
            name = xxhash.xxh3_128_digest(data)
            names.append(name)
            if name not in self._issued:
                self._issued.add(name)
                fresh.append(Tile(name.hex(), self._compressor.compress(data)))
        return b"".join(names), fresh


def cut_tiles(pixels: Pixels) -> Pixels:
    """Return tiles (rows x columns, 64, 64, 3) in reading order; edge tiles are filled up with zeros."""
    height, width = pixels.shape[:2]
    rows, columns = -(-height // TILE_PX), -(-width // TILE_PX)
    if (height % TILE_PX, width % TILE_PX) != (0, 0):
        padded = np.zeros((rows * TILE_PX, columns * TILE_PX, _CHANNELS), np.uint8)
        padded[:height, :width] = pixels
        pixels = padded
    grid = pixels.reshape(rows, TILE_PX, columns, TILE_PX, _CHANNELS).swapaxes(1, 2)
    return np.ascontiguousarray(grid).reshape(rows * columns, TILE_PX, TILE_PX, _CHANNELS)


def fill(pixels: Pixels, shown: Mask) -> Pixels:
    """Return a picture with everything filled that isn't shown."""
    return np.where(shown[:, :, None], pixels, np.uint8(FILL))


def unveil(
    raw: RawFrame, panes: Sequence[Pane], *, reader: Reader | None = None, texts: TextPipeline | None = None, areas: Sequence[Rect] = ()
) -> Unveiled:
    """Return which pixels may be shown of all panes, with what was read where there is a reader and what judges it.

    Faces and codes are looked for where nodes are shown, and in further `areas`.
    """
    masks = [_pane_mask(raw, pane) for pane in panes]
    shown: Mask = np.logical_or.reduce([mask.shown for mask in masks])
    readable: Mask = np.logical_or.reduce([mask.readable for mask in masks])
    findings = tuple(finding for mask in masks for finding in mask.findings)
    if reader is None or texts is None or not readable.any():
        return Unveiled(shown, findings, Reading(), Judged())
    passed: Mask = np.logical_or.reduce([mask.passed for mask in masks])
    said = read_over(raw, readable & ~passed, reader=reader, areas=[*areas, *(box for mask in masks for box in mask.areas)])
    judged = judge(said, texts)
    refused = _boxes(raw, (box for box, _ in judged.refused))
    forbidden = _boxes(raw, map(_padded, (*judged.conflicts, *said.faces, *said.codes, *said.unlooked)))
    beside = _boxes(raw, (_cell_beside(raw, box) for box, why in judged.refused if why not in UNREAD)) & ~passed
    shown = ((shown & ~beside) | (_boxes(raw, judged.passed) & ~refused & readable)) & ~forbidden
    return Unveiled(shown, (*findings, *_read_reasons(said, judged)), said, judged)


def _cell_beside(raw: RawFrame, box: Rect) -> Rect:
    """Return the plain part to the right of a masked box, up to what is drawn next: so a mask's width doesn't tell a length."""
    top, right = max(0, box.y - raw.area.y), max(0, box.x + box.width - raw.area.x)
    band = raw.pixels[top : max(0, box.y + box.height - raw.area.y), right + PADDING_PX :]
    if not band.shape[0] or band.shape[1] < PADDING_PX:
        return Rect(0, 0, 0, 0)
    drawn = np.flatnonzero((band[:, 1:] != band[:, :-1]).any(axis=(0, 2)))
    width = int(drawn[0]) if drawn.size else band.shape[1]
    return Rect(box.x + box.width, box.y, width, box.height)


def shown_mask(raw: RawFrame, before: Sequence[UiTree], after: Sequence[UiTree]) -> tuple[Mask, tuple[Finding, ...]]:
    """Return which pixels of the window in front its trees let be shown, bool (height, width), and why others aren't."""
    pane = _pane_mask(raw, Pane(raw.lent_regions, before, after))
    return pane.shown, pane.findings


def _pane_mask(raw: RawFrame, pane: Pane) -> _PaneMask:
    """Return which pixels of one window may be shown: a window's trees say nothing of another window's pixels."""
    seen = steady(raw.timestamp_ns, pane.before, after=pane.after)
    if not seen.nodes:
        nothing: Mask = np.zeros(raw.pixels.shape[:2], np.bool_)
        return _PaneMask(nothing, nothing, nothing, (), (Finding("pixels", 0, 0, 1.0, "tree_changed" if seen.changed else "no_tree"),))
    masked = [node for node in seen.nodes if is_masked(node)]
    forbidden = _boxes(raw, (_padded(node.box) for node in (*masked, *seen.changed)))
    region = _boxes(raw, pane.region)
    background = uniform_tiles(raw.pixels, forbidden | ~region) & _boxes(raw, [_extent(seen.nodes)])
    areas = tuple(node.box for node in seen.nodes if is_shown(node))
    passed: Mask = _boxes(raw, areas) & ~forbidden & region
    shown: Mask = (background & ~forbidden & region) | passed
    is_placed = all(not node.box.is_empty for node in seen.nodes if "secure" in node.states)
    readable: Mask = region & ~forbidden if is_placed else np.zeros_like(region)
    return _PaneMask(shown, passed, readable, areas, _reasons(masked, seen))


def is_shown(node: UiNode) -> bool:
    """Whether a node's box may be seen: its own text passed, or it is a control without text and no larger than one."""
    if is_masked(node) or node.box.is_empty:
        return False
    if node.role in CONTROL_ROLES:
        return node.box.width <= _MAX_CONTROL.width and node.box.height <= _MAX_CONTROL.height
    return node.role in TEXT_ROLES and bool(node.name.strip() or node.value.strip())


def uniform_tiles(pixels: Pixels, forbidden: Mask) -> Mask:
    """Return, bool (height, width), the whole 64 px tiles that are exactly one colour and touch no forbidden pixel.

    Cut-off edge tiles count by their part. A tile that a masked box touches, or a window that isn't lent, is never background: whether it
    is one colour would tell of the pixels that aren't shown.
    """
    height, width = forbidden.shape
    is_flat = np.zeros((-(-height // TILE_PX), -(-width // TILE_PX)), np.bool_)
    for row, column in np.ndindex(is_flat.shape):
        part = np.s_[row * TILE_PX : (row + 1) * TILE_PX, column * TILE_PX : (column + 1) * TILE_PX]
        is_flat[row, column] = not forbidden[part].any() and _is_one_colour(pixels[part])
    spread: Mask = np.repeat(np.repeat(is_flat, TILE_PX, axis=0), TILE_PX, axis=1)[:height, :width]
    return spread


def _is_one_colour(tile: Pixels) -> bool:
    """Whether every pixel equals the first; a sparse look comes first, because most tiles with content fail it."""
    first = tile[0, 0]
    return bool((tile[::9, ::9] == first).all()) and bool((tile == first).all())


def _boxes(raw: RawFrame, boxes: Iterable[Rect]) -> Mask:
    """Return, bool (height, width), the frame's pixels inside any of the boxes of the screen; parts outside the frame are left off."""
    mask: Mask = np.zeros(raw.pixels.shape[:2], np.bool_)
    for box in boxes:
        left, top = box.x - raw.area.x, box.y - raw.area.y
        mask[max(0, top) : max(0, top + box.height), max(0, left) : max(0, left + box.width)] = True
    return mask


def _padded(box: Rect) -> Rect:
    """Return a box grown on all sides; an empty one stays empty."""
    if box.is_empty:
        return Rect(0, 0, 0, 0)
    return Rect(box.x - PADDING_PX, box.y - PADDING_PX, box.width + 2 * PADDING_PX, box.height + 2 * PADDING_PX)


def _extent(nodes: Iterable[UiNode]) -> Rect:
    """Return the smallest box around nodes."""
    boxes = [node.box for node in nodes if not node.box.is_empty]
    if not boxes:
        return Rect(0, 0, 0, 0)
    left, top = min(b.x for b in boxes), min(b.y for b in boxes)
    return Rect(left, top, max(b.x + b.width for b in boxes) - left, max(b.y + b.height for b in boxes) - top)


def _read_reasons(said: Reading, judged: Judged) -> tuple[Finding, ...]:
    """Return why pixels stay masked after reading, one finding each, with counts as in `_reasons`."""
    counts = {"face": len(said.faces), "code": len(said.codes), "not_looked": len(said.unlooked), "not_read": said.unread or said.failed}
    own = [Finding("pixels", 0, int(count), 1.0, detector) for detector, count in counts.items() if count]
    kinds: set[str] = set(get_args(FindingKind))
    for why, count in sorted(reasons(judged).items()):
        kind = cast("FindingKind", why if why in kinds else "pixels")
        own.append(Finding(kind, 0, count, 1.0, "read" if why in kinds else why))
    return tuple(own)


def _reasons(masked: Sequence[UiNode], seen: Steady) -> tuple[Finding, ...]:
    """Return why pixels are masked, one finding each; its length is the number of boxes (there is no text for an offset)."""
    counts: Counter[tuple[FindingKind, str]] = Counter()
    for node in masked:
        if not node.box.is_empty:
            counts["secure_field" if "secure" in node.states else "pixels", "node"] += 1
    counts["pixels", "tree_changed"] = len(seen.changed)
    return tuple(Finding(kind, 0, count, 1.0, detector) for (kind, detector), count in counts.items() if count)
