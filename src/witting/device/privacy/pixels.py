"""Pictures start masked, and only what passed is shown.

A pixel is shown inside a lent region, under a tree that didn't change around the grab, where a node's text passed, a control without text
stands, or a whole tile is one colour. A masked node wins over any shown one.

Doesn't read text in pictures. Invariant: every other pixel is the flat fill; without a stable tree all of them are. Masks are fill, never
blur or mosaic (both can be undone), and each masked box is padded.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import xxhash
import zstandard
from numpy.typing import NDArray

from witting.device.privacy.placeholders import has_placeholder
from witting.device.privacy.roles import CONTAINER_ROLES, CONTROL_ROLES, PICTURE_ROLES, PICTURE_TAGS, TEXT_ROLES
from witting.terms.events import Frame, Tile
from witting.terms.findings import Finding
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


class FramePipeline:
    """Masks the frames of one session and names their tiles; remembers which tiles it has handed out."""

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=LEVEL)
        self._issued: set[bytes] = set()

    def redact(self, raw: RawFrame, trees_before: Sequence[UiTree], trees_after: Sequence[UiTree]) -> tuple[Frame, list[Tile]]:
        """Return the masked frame and the tiles that are new in this session.

        Raises:
            ValueError: the pixels aren't RGB uint8 (height, width, 3).
        """
        if raw.pixels.ndim != _CHANNELS or raw.pixels.shape[2] != _CHANNELS or raw.pixels.dtype != np.uint8:
            raise ValueError("pixels must be uint8 (height, width, 3)")
        shown, findings = shown_mask(raw, trees_before, trees_after)
        masked = np.where(shown[:, :, None], raw.pixels, np.uint8(FILL))
        names, tiles = self._tiles(masked)
        height, width = shown.shape
        share = 1.0 - float(np.count_nonzero(shown)) / max(1, shown.size)
        return Frame(raw.timestamp_ns, raw.reason, width, height, names, round(share, 6), findings), tiles

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


def shown_mask(raw: RawFrame, before: Sequence[UiTree], after: Sequence[UiTree]) -> tuple[Mask, tuple[Finding, ...]]:
    """Return which pixels may be shown, bool (height, width), and why others aren't."""
    shown: Mask = np.zeros(raw.pixels.shape[:2], np.bool_)
    stable, changed = stable_trees(before, after)
    if not stable:
        return shown, (Finding("pixels", 0, 0, 1.0, "tree_changed" if changed else "no_tree"),)
    nodes = list(chain.from_iterable(tree.nodes for tree in stable))
    for tree in stable:
        _set(shown, [_extent(tree)], value=True)
    shown &= uniform_tiles(raw.pixels)
    _set(shown, (node.box for node in nodes if is_shown(node)), value=True)
    masked = [node for node in nodes if is_masked(node)]
    unsure = [node for tree in changed for node in tree.nodes]
    _set(shown, (_padded(node.box) for node in chain(masked, unsure)), value=False)
    lent: Mask = np.zeros_like(shown)
    _set(lent, raw.lent_regions, value=True)
    return shown & lent, _reasons(masked, changed)


def stable_trees(before: Sequence[UiTree], after: Sequence[UiTree]) -> tuple[list[UiTree], list[UiTree]]:
    """Return the trees that stood unchanged around the grab, and those of either side that didn't."""
    first = {(tree.source, tree.app, tree.url, tree.digest) for tree in before}
    second = {(tree.source, tree.app, tree.url, tree.digest) for tree in after}
    both = first & second
    stable = {key: tree for tree in before if (key := (tree.source, tree.app, tree.url, tree.digest)) in both}
    changed = [tree for tree in chain(before, after) if (tree.source, tree.app, tree.url, tree.digest) not in both]
    return list(stable.values()), changed


def is_masked(node: UiNode) -> bool:
    """Whether a node's box must not be seen: something was found in its text, it is secure or opaque, or it is a picture."""
    if "secure" in node.states or "opaque" in node.states or node.role in PICTURE_ROLES or node.tag in PICTURE_TAGS:
        return True
    if has_placeholder(node.value):
        return True
    return has_placeholder(node.name) and node.role not in CONTAINER_ROLES


def is_shown(node: UiNode) -> bool:
    """Whether a node's box may be seen: its own text passed, or it is a control without text and no larger than one."""
    if is_masked(node) or node.box.is_empty:
        return False
    if node.role in CONTROL_ROLES:
        return node.box.width <= _MAX_CONTROL.width and node.box.height <= _MAX_CONTROL.height
    return node.role in TEXT_ROLES and bool(node.name.strip() or node.value.strip())


def uniform_tiles(pixels: Pixels) -> Mask:
    """Return, bool (height, width), the whole 64 px tiles that are exactly one colour; cut-off edge tiles count by their part."""
    height, width = pixels.shape[:2]
    rows, columns = -(-height // TILE_PX), -(-width // TILE_PX)
    padded = np.pad(pixels, ((0, rows * TILE_PX - height), (0, columns * TILE_PX - width), (0, 0)), mode="edge")
    grid = padded.reshape(rows, TILE_PX, columns, TILE_PX, _CHANNELS)
    is_flat = (grid == grid[:, :1, :, :1]).all(axis=(1, 3, 4))
    spread = np.repeat(np.repeat(is_flat, TILE_PX, axis=0), TILE_PX, axis=1)
    flat: Mask = spread[:height, :width]
    return flat


def _set(mask: Mask, boxes: Iterable[Rect], *, value: bool) -> None:
    """Set the pixels of boxes in place; parts outside the picture are left off."""
    for box in boxes:
        mask[max(0, box.y) : max(0, box.y + box.height), max(0, box.x) : max(0, box.x + box.width)] = value


def _padded(box: Rect) -> Rect:
    """Return a box grown on all sides; an empty one stays empty."""
    if box.is_empty:
        return Rect(0, 0, 0, 0)
    return Rect(box.x - PADDING_PX, box.y - PADDING_PX, box.width + 2 * PADDING_PX, box.height + 2 * PADDING_PX)


def _extent(tree: UiTree) -> Rect:
    """Return the smallest box around a tree's nodes."""
    boxes = [node.box for node in tree.nodes if not node.box.is_empty]
    if not boxes:
        return Rect(0, 0, 0, 0)
    left, top = min(b.x for b in boxes), min(b.y for b in boxes)
    return Rect(left, top, max(b.x + b.width for b in boxes) - left, max(b.y + b.height for b in boxes) - top)


def _reasons(masked: Sequence[UiNode], changed: Sequence[UiTree]) -> tuple[Finding, ...]:
    """Return one finding per masked node that has a box, by kind, and one if a tree changed."""
    findings = [
        Finding("secure_field" if "secure" in node.states else "pixels", 0, 0, 1.0, "node") for node in masked if not node.box.is_empty
    ]
    if changed:
        findings.append(Finding("pixels", 0, 0, 1.0, "tree_changed"))
    return tuple(findings)
