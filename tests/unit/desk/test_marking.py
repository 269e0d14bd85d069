"""What marks do: nothing under a mask or in a dropped range comes out, holes are told, counts reconcile, pictures stay whole."""

from collections import Counter

import msgspec
import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from witting.actions.pictures import TILE_PX
from witting.device.marking import MASK_RGB, apply_marks, mask_tree
from witting.device.spool import stream_of
from witting.terms.codec import encode_record, tree_digest
from witting.terms.events import Frame, Gap, PointerMove, TaskMark, TextInput, Tile, VoiceAudio, VoiceNote
from witting.terms.geometry import Rect
from witting.terms.review import DropRange, DropSession, MaskRegion, SendSound
from witting.terms.session import SessionEnd
from witting.terms.tree import UiTree
from witting.testing.sample_session import sample_header, sample_records

SECOND = 1_000_000_000
RECORDS = list(sample_records(sample_header("5e" * 16), frames=5))
ALWAYS = {"from_ns": 0, "to_ns": 2**62}
TIMES = st.integers(min_value=0, max_value=14 * SECOND)
DROPS = st.builds(lambda name, a, b: DropRange(mark_id=str(name), from_ns=min(a, b), to_ns=max(a, b)), st.integers(0, 9999), TIMES, TIMES)
AREAS = st.builds(Rect, st.integers(-50, 1300), st.integers(-50, 850), st.integers(1, 500), st.integers(1, 500))
MASKS = st.builds(
    lambda name, area, a, b: MaskRegion(mark_id=str(name), area=area, from_ns=min(a, b), to_ns=max(a, b)),
    st.integers(10_000, 19_999),
    AREAS,
    TIMES,
    TIMES,
)
MARKS = st.lists(DROPS | MASKS, max_size=4, unique_by=lambda mark: mark.mark_id)


def _pixels(frame: Frame, tiles: dict[str, Tile]) -> np.ndarray:
    """Return the pixels of a frame from its tiles."""
    columns, rows = -(-frame.width_px // TILE_PX), -(-frame.height_px // TILE_PX)
    names = [frame.tiles[at : at + 16].hex() for at in range(0, len(frame.tiles), 16)]
    stack = np.stack([np.frombuffer(zstandard.decompress(tiles[name].data), np.uint8).reshape(TILE_PX, TILE_PX, 3) for name in names])
    grid = stack.reshape(rows, columns, TILE_PX, TILE_PX, 3).swapaxes(1, 2)
    return grid.reshape(rows * TILE_PX, columns * TILE_PX, 3)[: frame.height_px, : frame.width_px]


def test_without_marks_everything_comes_out() -> None:
    """A session without marks leaves as it is, but for tiles standing where they are first needed."""
    out = list(apply_marks(RECORDS, []))
    assert Counter(map(encode_record, out)) == Counter(map(encode_record, RECORDS))
    assert [record for record in out if not isinstance(record, Tile)] == [record for record in RECORDS if not isinstance(record, Tile)]


@pytest.mark.promise("P9")
@settings(max_examples=60, deadline=None)
@given(MARKS)
def test_nothing_from_a_dropped_range_comes_out(marks: list[DropRange | MaskRegion]) -> None:
    """Whatever the marks, no record of a dropped range comes out, whether event, tree, picture or typed text that reaches into it."""
    out = list(apply_marks(RECORDS, marks))
    drops = [mark for mark in marks if isinstance(mark, DropRange)]
    for record in out:
        if stream_of(record) is not None or isinstance(record, TaskMark):
            end = record.end_ns if isinstance(record, TextInput) else record.timestamp_ns
            assert not any(drop.from_ns <= end and record.timestamp_ns <= drop.to_ns for drop in drops)


@settings(max_examples=60, deadline=None)
@given(MARKS)
def test_counts_reconcile_whatever_was_marked(marks: list[DropRange | MaskRegion]) -> None:
    """In what comes out, each stream's kept and gapped counts are those of the records; produced is their sum with what was reduced."""
    *out, end = apply_marks(RECORDS, marks)
    assert isinstance(end, SessionEnd)
    for stream, produced in end.produced.items():
        kept = sum(stream_of(record) == stream for record in out)
        gapped = sum(record.count for record in out if isinstance(record, Gap) and record.stream == stream)
        assert (end.kept[stream], end.gapped.get(stream, 0)) == (kept, gapped)
        assert kept + gapped + end.reduced.get(stream, 0) == produced


@settings(max_examples=25, deadline=None)
@given(MARKS)
def test_every_picture_comes_out_with_its_tiles_before_it_and_no_tile_without(marks: list[DropRange | MaskRegion]) -> None:
    """Each tile a picture names came out before it, once; a tile that no picture names doesn't come out; masked pixels are the fill."""
    tiles: dict[str, Tile] = {}
    named: set[str] = set()
    for record in apply_marks(RECORDS, marks):
        if isinstance(record, Tile):
            assert record.digest not in tiles
            tiles[record.digest] = record
        if isinstance(record, Frame):
            names = {record.tiles[at : at + 16].hex() for at in range(0, len(record.tiles), 16)}
            assert names <= tiles.keys()
            named |= names
            pixels = _pixels(record, tiles)
            for mark in marks:
                if isinstance(mark, MaskRegion) and mark.from_ns <= record.timestamp_ns <= mark.to_ns:
                    part = mark.area.intersect(Rect(0, 0, 1280, 800))
                    assert (pixels[part.y : part.y + part.height, part.x : part.x + part.width] == MASK_RGB).all()
    assert named == tiles.keys()


def test_a_mask_changes_no_pixel_outside() -> None:
    """Pixels beside the masked region are the ones of the picture before."""
    area = Rect(100, 130, 90, 70)
    plain, masked = (
        [record for record in apply_marks(RECORDS, marks) if isinstance(record, Tile | Frame)] for marks in ([], [_mask(area)])
    )
    before, after = (_pixels(_first_frame(records), _by_name(records)) for records in (plain, masked))
    outside = np.ones(before.shape[:2], bool)
    outside[area.y : area.y + area.height, area.x : area.x + area.width] = False
    assert (before[outside] == after[outside]).all()
    assert not (before == after).all()


def _mask(area: Rect) -> MaskRegion:
    """Return a mask of `area` for the whole session."""
    return MaskRegion(mark_id="m", area=area, **ALWAYS)


def _first_frame(records: list[Tile | Frame]) -> Frame:
    """Return the first picture."""
    return next(record for record in records if isinstance(record, Frame))


def _by_name(records: list[Tile | Frame]) -> dict[str, Tile]:
    """Return the tiles by digest."""
    return {record.digest: record for record in records if isinstance(record, Tile)}


def test_a_masked_picture_says_so() -> None:
    """A picture under a mask names it among its findings, and its masked share grows."""
    before, after = (_first_frame([*apply_marks(RECORDS, marks)]) for marks in ([], [_mask(Rect(0, 0, 128, 100))]))
    assert after.masked_share == pytest.approx(before.masked_share + 12_800 / (1280 * 800))
    assert [finding.detector for finding in after.findings] == [*[finding.detector for finding in before.findings], "participant"]


def test_a_mask_hides_what_the_tree_says_there() -> None:
    """A node that reaches into a masked region says nothing more, nor does one without a box whose parent does; others stay."""
    tree = next(record for record in RECORDS if isinstance(record, UiTree))
    hidden = mask_tree(tree, [_mask(Rect(300, 630, 10, 10))])
    changed = {node.ref for node, was in zip(hidden.nodes, tree.nodes, strict=True) if node != was}
    assert changed == {0, 5}
    assert not any(hidden.nodes[ref].name or hidden.nodes[ref].value or hidden.nodes[ref].key for ref in changed)
    assert "opaque" in hidden.nodes[5].states
    assert hidden.digest == tree_digest(hidden.nodes) != tree.digest
    orphan = msgspec.structs.replace(tree.nodes[5], ref=6, parent=5, box=Rect(0, 0, 0, 0), name="inside")
    nested = msgspec.structs.replace(tree, nodes=(*tree.nodes, orphan))
    assert mask_tree(nested, [_mask(Rect(300, 630, 10, 10))]).nodes[6].name == ""


def test_text_typed_under_a_mask_is_taken_out() -> None:
    """Text that went into a masked field is a gap now; text typed elsewhere or at another time stays."""
    out = list(apply_marks(RECORDS, [_mask(Rect(90, 370, 5, 5))]))
    assert not any(isinstance(record, TextInput) for record in out)
    assert sum(isinstance(record, Gap) and record.reason == "participant_removed" for record in out) == 5
    elsewhere = list(apply_marks(RECORDS, [_mask(Rect(90, 630, 5, 5))]))
    assert sum(isinstance(record, TextInput) for record in elsewhere) == 5


@pytest.mark.promise("P8")
def test_text_typed_while_the_focus_is_unknown_counts_as_under_the_mask() -> None:
    """Where nothing tells which field text went into, a mask of that time takes the text out."""
    blind = [record for record in RECORDS if not isinstance(record, UiTree)]
    out = list(apply_marks(blind, [_mask(Rect(90, 630, 5, 5))]))
    assert not any(isinstance(record, TextInput) for record in out)


def test_a_dropped_session_yields_nothing() -> None:
    """A session marked as dropped has nothing that could leave."""
    assert list(apply_marks(RECORDS, [DropSession(mark_id="m")])) == []


def test_a_dropped_task_leaves_a_hole_that_says_so() -> None:
    """Even when only the statement of a task is taken out, a gap tells that something was."""
    task = next(record for record in RECORDS if isinstance(record, TaskMark))
    only_task = [record for record in RECORDS if isinstance(record, PointerMove | TaskMark | SessionEnd)]
    out = list(apply_marks(only_task, [DropRange(mark_id="m", from_ns=task.timestamp_ns, to_ns=task.timestamp_ns)]))
    assert [record.reason for record in out if isinstance(record, Gap)] == ["participant_removed"]
    assert task not in out


def test_a_picture_cut_off_from_its_tiles_by_a_crash_is_a_lost_one() -> None:
    """A frame without all of its tiles doesn't leave; a gap stands in its place."""
    last = max(index for index, record in enumerate(RECORDS) if isinstance(record, Tile))
    out = list(apply_marks([*RECORDS[:last], *RECORDS[last + 1 :]], []))
    assert [record.reason for record in out if isinstance(record, Gap) and record.stream == "screen"].count("lost") == 1
    assert sum(isinstance(record, Frame) for record in out) == 4


@pytest.mark.promise("P9")
def test_the_sound_of_a_note_leaves_only_when_chosen() -> None:
    """Without its own mark the sound of a voice note is a hole that the counts tell of; with it, it leaves and its note too."""
    records = [
        sample_header("s" * 32),
        VoiceNote(10, 20, "save it"),
        VoiceAudio(10, 20, 16_000, b"sound"),
        SessionEnd(30, "stopped", {"voice": 2}, {"voice": 2}, {}),
    ]
    left = list(apply_marks(records, ()))
    assert not any(isinstance(record, VoiceAudio) for record in left)
    assert Gap("sound_kept_here", "voice", 10, 20, 1) in left
    assert left[-1] == SessionEnd(30, "stopped", {"voice": 2}, {"voice": 1}, {"voice": 1})
    assert list(apply_marks(records, [SendSound(mark_id="m", timestamp_ns=10)])) == records
    assert not any(isinstance(r, VoiceAudio) for r in apply_marks(records, [SendSound(mark_id="m", timestamp_ns=11)]))
