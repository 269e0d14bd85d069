"""Applies a participant's review marks to the records of a session: what comes out is what may leave.

A pure function; knows no files, keys or hubs. Dropped ranges become Gaps with counts, so that the counts of the end still reconcile. A
masked region is painted over in pictures, and blanked in what UI trees say there and in what was typed there. The sound of a voice note
stays here unless it was chosen. Tiles that no remaining picture shows don't come out. Invariant: a picture comes out with all its tiles or
not at all.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
import xxhash
import zstandard

from witting.actions.pictures import TILE_PX, pixels_of
from witting.device.spool import stream_of
from witting.terms.codec import tree_digest
from witting.terms.events import Cadence, Frame, Gap, Hover, KeyRun, Stream, TaskMark, TextInput, Tile, VoiceAudio, VoiceNote
from witting.terms.findings import Finding
from witting.terms.geometry import Rect
from witting.terms.review import DropRange, DropSession, Mark, MaskRegion, SendSound
from witting.terms.session import Record, SessionEnd, SessionHeader
from witting.terms.tree import UiNode, UiTree

MASK_RGB = (0xA0, 0xA0, 0xA0)  # as the privacy room fills: one mask looks like the other
_DIGEST_BYTES = 16
_MASKED = Finding("pixels", 0, 0, 1.0, "participant")


def apply_marks(records: Sequence[Record], marks: Sequence[Mark]) -> Iterator[Record]:
    """Yield the records of a session as the marks leave them; nothing at all for a dropped session."""
    if any(isinstance(mark, DropSession) for mark in marks):
        return
    cut = _cut(records, [mark for mark in marks if isinstance(mark, DropRange)])
    masks = [mark for mark in marks if isinstance(mark, MaskRegion)]
    pictures = _Pictures({record.digest: record for record in records if isinstance(record, Tile)}, masks)
    chosen = {mark.timestamp_ns for mark in marks if isinstance(mark, SendSound)}
    removed: Counter[Stream] = Counter()
    focus: UiTree | None = None
    for record in cut:
        if isinstance(record, Frame):
            yield from pictures.show(record)
        elif isinstance(record, UiTree):
            focus = record
            yield mask_tree(record, masks)
        elif isinstance(record, TextInput) and _is_typed_under(record, focus, masks=masks):
            removed["keys"] += 1
            yield Gap("participant_removed", "keys", record.timestamp_ns, record.end_ns)
        elif isinstance(record, VoiceAudio) and record.timestamp_ns not in chosen:
            removed["voice"] += 1
            yield Gap("sound_kept_here", "voice", record.timestamp_ns, record.end_ns)
        elif isinstance(record, SessionEnd):
            yield _moved(_moved(record, removed), pictures.lost)
        elif not isinstance(record, Tile):
            yield record


def _span(record: Record) -> tuple[int, int] | None:
    """When a record happened, from and to; None for what has no time of its own or must stay."""
    if isinstance(record, TextInput | KeyRun | Cadence | Hover | VoiceNote | VoiceAudio):
        return record.timestamp_ns, record.end_ns
    if isinstance(record, TaskMark) or stream_of(record) is not None:
        timestamp_ns: int = record.timestamp_ns  # type: ignore[union-attr] # every record of a stream has one
        return timestamp_ns, timestamp_ns
    return None


def _cut(records: Sequence[Record], drops: Sequence[DropRange]) -> Iterator[Record]:
    """Yield what no drop covers, and in place of the first thing that one covers the Gaps that tell what went."""
    owner = [_owner(record, drops) for record in records]
    went: dict[str, Counter[Stream]] = {}
    total: Counter[Stream] = Counter()
    for record, drop in zip(records, owner, strict=True):
        if drop is not None:
            counts = went.setdefault(drop.mark_id, Counter())
            if stream := stream_of(record):
                counts[stream] += 1
                total[stream] += 1
    for record, drop in zip(records, owner, strict=True):
        if drop is None:
            yield _moved(record, total) if isinstance(record, SessionEnd) else record
        elif drop.mark_id in went:
            yield from _gaps(drop, went.pop(drop.mark_id), records=records)


def _owner(record: Record, drops: Sequence[DropRange]) -> DropRange | None:
    """Return the first drop whose range meets the record."""
    span = _span(record)
    if span is None:
        return None
    return next((drop for drop in drops if drop.from_ns <= span[1] and span[0] <= drop.to_ns), None)


def _gaps(drop: DropRange, counts: Counter[Stream], *, records: Sequence[Record]) -> Iterator[Gap]:
    """Yield a Gap per stream that lost something, within the session's own time; one with count 0 when only a task went."""
    first = min((record.started_ns for record in records if isinstance(record, SessionHeader)), default=drop.from_ns)
    last = max((span[1] for record in records if (span := _span(record))), default=drop.to_ns)
    from_ns, to_ns = max(drop.from_ns, first), min(drop.to_ns, last)
    for stream, count in counts.items() or {"keys": 0}.items():
        yield Gap("participant_removed", stream, from_ns, to_ns, count)  # type: ignore[arg-type] # "keys" is a Stream


def _moved(end: SessionEnd, counts: Counter[Stream]) -> SessionEnd:
    """Move counts from kept to gapped; what was produced stays."""
    kept = {stream: count - counts.get(stream, 0) for stream, count in end.kept.items()}  # type: ignore[call-overload] # streams are strings
    gapped = dict(end.gapped)
    for stream, count in counts.items():
        gapped[stream] = gapped.get(stream, 0) + count
    return msgspec.structs.replace(end, kept=kept, gapped=gapped)


def _hit(mask: MaskRegion, from_ns: int, *, to_ns: int) -> bool:
    return mask.from_ns <= to_ns and from_ns <= mask.to_ns


def _is_typed_under(text: TextInput, tree: UiTree | None, *, masks: Sequence[MaskRegion]) -> bool:
    """Whether text went, or may have gone, into a masked region: where the focus isn't known, it may have."""
    areas = [mask.area for mask in masks if _hit(mask, text.timestamp_ns, to_ns=text.end_ns)]
    focused = [node.box for node in tree.nodes if "focused" in node.states and not node.box.is_empty] if tree else []
    if not areas or not focused:
        return bool(areas)
    return any(not box.intersect(area).is_empty for box in focused for area in areas)


def mask_tree(tree: UiTree, masks: Sequence[MaskRegion]) -> UiTree:
    """Return the tree with nothing said by nodes that reach into a masked region; a node without a box follows its parent."""
    areas = [mask.area for mask in masks if _hit(mask, tree.timestamp_ns, to_ns=tree.timestamp_ns)]
    if not areas:
        return tree
    nodes: list[UiNode] = []
    is_under: list[bool] = []
    for node in tree.nodes:
        by_parent = 0 <= node.parent < len(is_under) and is_under[node.parent]
        is_under.append(by_parent if node.box.is_empty else any(not node.box.intersect(area).is_empty for area in areas))
        nodes.append(_blanked(node) if is_under[-1] else node)
    kept = tuple(nodes)
    return msgspec.structs.replace(tree, nodes=kept, digest=tree_digest(kept), findings=(*tree.findings, _MASKED))


def _blanked(node: UiNode) -> UiNode:
    states = node.states if "opaque" in node.states else (*node.states, "opaque")
    return msgspec.structs.replace(node, name="", value="", key="", states=states)


class _Pictures:
    """Yields each picture behind those of its tiles that didn't come out before."""

    def __init__(self, tiles: dict[str, Tile], masks: Sequence[MaskRegion]) -> None:
        self._tiles = tiles
        self._masks = masks
        self._shown: set[str] = set()
        self._painted: dict[tuple[str, tuple[Rect, ...]], Tile] = {}
        self.lost: Counter[Stream] = Counter()  # pictures whose tiles were cut off by a crash

    def show(self, frame: Frame) -> Iterator[Tile | Frame | Gap]:
        """Yield the new tiles and the frame, painted over where a mask lies; a Gap where tiles are missing."""
        digests = [frame.tiles[at : at + _DIGEST_BYTES].hex() for at in range(0, len(frame.tiles), _DIGEST_BYTES)]
        if any(digest not in self._tiles for digest in digests):
            self.lost["screen"] += 1
            yield Gap("lost", "screen", frame.timestamp_ns, frame.timestamp_ns)
            return
        areas = [_within(frame, mask.area) for mask in self._masks if _hit(mask, frame.timestamp_ns, to_ns=frame.timestamp_ns)]
        tiles = [self._paint(self._tiles[digest], index, frame=frame, areas=areas) for index, digest in enumerate(digests)]
        for tile in tiles:
            if tile.digest not in self._shown:
                self._shown.add(tile.digest)
                yield tile
        yield _masked_frame(frame, tiles, areas=areas) if areas else frame

    def _paint(self, tile: Tile, index: int, *, frame: Frame, areas: Sequence[Rect]) -> Tile:
        """Return the tile with the masks' parts of it painted over."""
        columns = -(-frame.width_px // TILE_PX)
        place = Rect(index % columns * TILE_PX, index // columns * TILE_PX, TILE_PX, TILE_PX)
        parts = tuple(part for area in areas if not (part := place.intersect(area)).is_empty)
        inner = tuple(Rect(part.x - place.x, part.y - place.y, part.width, part.height) for part in parts)
        if not inner:
            return tile
        if (tile.digest, inner) not in self._painted:
            self._painted[tile.digest, inner] = paint_tile(tile, inner)
        return self._painted[tile.digest, inner]


def _within(frame: Frame, area: Rect) -> Rect:
    """Return an area of the screen in pixels of a frame, which may show another monitor than the first."""
    return Rect(area.x - frame.area.x, area.y - frame.area.y, area.width, area.height)


def paint_tile(tile: Tile, areas: Sequence[Rect]) -> Tile:
    """Return a tile whose pixels in `areas` (tile coordinates) are the mask's colour: another tile, under another name."""
    pixels = pixels_of(tile, tile.digest).copy()
    for area in areas:
        pixels[area.y : area.y + area.height, area.x : area.x + area.width] = MASK_RGB
    data = pixels.tobytes()
    return Tile(xxhash.xxh3_128_hexdigest(data), zstandard.compress(data, 9))


def _masked_frame(frame: Frame, tiles: Sequence[Tile], *, areas: Sequence[Rect]) -> Frame:
    screen = Rect(0, 0, frame.width_px, frame.height_px)
    covered = sum((part := area.intersect(screen)).width * part.height for area in areas)
    share = min(1.0, frame.masked_share + covered / (frame.width_px * frame.height_px))  # an upper bound: masks may overlap
    names = b"".join(bytes.fromhex(tile.digest) for tile in tiles)
    return msgspec.structs.replace(frame, tiles=names, masked_share=share, findings=(*frame.findings, _MASKED))
