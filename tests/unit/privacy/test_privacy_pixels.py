"""Pictures: masked unless shown for a reason, and nothing of a masked text is in the tiles."""

import msgspec
import numpy as np
import pytest
import xxhash
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from witting.device.privacy import Redactor
from witting.device.privacy.pixels import FILL, TILE_PX, FramePipeline, Pane, _cell_beside, cut_tiles, is_shown, shown_mask, uniform_tiles
from witting.device.privacy.steady import is_masked
from witting.terms.codec import tree_digest
from witting.terms.events import Frame, Tile
from witting.terms.geometry import Rect
from witting.terms.raw import RawFrame, RawNode, RawTree
from witting.terms.tree import UiNode, UiTree

WIDTH, HEIGHT = 300, 200
SCREEN = Rect(0, 0, WIDTH, HEIGHT)
Pixels = NDArray[np.uint8]


def noise(width: int = WIDTH, height: int = HEIGHT) -> Pixels:
    """Return a picture without two equal neighbours, none of them of the fill's colour."""
    return np.random.default_rng(1).integers(0, FILL - 1, (height, width, 3), dtype=np.uint8)


def frame_of(pixels: Pixels, *lent: Rect) -> RawFrame:
    """Return a grab at time 10 with these regions lent; all of it when none is named."""
    return RawFrame(10, "damage", pixels, lent or (SCREEN,))


def tree_at(time: int, *nodes: UiNode, app: str = "chromium") -> UiTree:
    """Return a page tree read at `time`, with a document around the nodes."""
    every = (UiNode(0, -1, "document", box=SCREEN), *nodes)
    return UiTree(time, tree_digest(every), "page", app, "", every)


def around(*nodes: UiNode) -> tuple[list[UiTree], list[UiTree]]:
    """Return the same tree before and after the grab."""
    return [tree_at(5, *nodes)], [tree_at(15, *nodes)]


def assembled(frame: Frame, tiles: list[Tile]) -> Pixels:
    """Return the picture of a frame and all its tiles; the checks of names are part of it."""
    by_name = {tile.digest: tile.data for tile in tiles}
    rows, columns = -(-frame.height_px // TILE_PX), -(-frame.width_px // TILE_PX)
    canvas = np.zeros((rows * TILE_PX, columns * TILE_PX, 3), np.uint8)
    for index in range(rows * columns):
        name = frame.tiles[index * 16 : index * 16 + 16].hex()
        data = zstandard.ZstdDecompressor().decompress(by_name[name])
        assert xxhash.xxh3_128_hexdigest(data) == name
        row, column = divmod(index, columns)
        canvas[row * 64 : row * 64 + 64, column * 64 : column * 64 + 64] = np.frombuffer(data, np.uint8).reshape(64, 64, 3)
    return canvas[: frame.height_px, : frame.width_px]


def shown(pixels: Pixels, before: list[UiTree], after: list[UiTree], *lent: Rect) -> NDArray[np.bool_]:
    """Return which pixels of the assembled frame aren't the fill."""
    frame, tiles = FramePipeline().redact(frame_of(pixels, *lent), before, after)
    return (assembled(frame, tiles) != FILL).any(axis=2)


TEXT = UiNode(1, 0, "text", "Open file", box=Rect(10, 20, 80, 16))
NAME = UiNode(2, 0, "text", "⟨NAME_1⟩", box=Rect(60, 25, 80, 16))


@pytest.mark.promise("P8")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], []),
        ([tree_at(5, TEXT)], []),
        ([], [tree_at(15, TEXT)]),
        ([tree_at(5, TEXT)], [tree_at(15, NAME)]),
        ([tree_at(5, TEXT)], [tree_at(15, TEXT, app="other")]),
        ([tree_at(5, TEXT)], [tree_at(9, TEXT)]),
        ([tree_at(11, TEXT)], [tree_at(15, TEXT)]),
    ],
)
def test_without_a_stable_tree_all_is_masked(before: list[UiTree], after: list[UiTree]) -> None:
    """No tree, one side only, a changed tree, another app's, or one that is older than the pixels: every pixel is fill."""
    frame, tiles = FramePipeline().redact(frame_of(np.full((HEIGHT, WIDTH, 3), 255, np.uint8)), before, after)
    assert (assembled(frame, tiles) == FILL).all()
    assert frame.masked_share == 1.0
    assert frame.findings[0].kind == "pixels"


def test_a_passed_text_is_shown_and_nothing_else() -> None:
    """The box of a text without findings shows its true pixels; the noise around it doesn't."""
    pixels = noise()
    frame, tiles = FramePipeline().redact(frame_of(pixels), *around(TEXT))
    picture = assembled(frame, tiles)
    assert (picture[20:36, 10:90] == pixels[20:36, 10:90]).all()
    picture[20:36, 10:90] = FILL
    assert (picture == FILL).all()
    assert frame.masked_share == pytest.approx(1 - 80 * 16 / (WIDTH * HEIGHT), abs=1e-6)


def test_masked_beats_shown_with_padding() -> None:
    """Where a masked node overlaps a shown one it wins, two pixels beyond its box."""
    visible = shown(noise(), *around(TEXT, NAME))
    assert not visible[23:43, 58:142].any()
    assert visible[20:23, 10:90].all()
    assert visible[20:36, 10:58].all()


def test_only_lent_regions_are_shown() -> None:
    """A passed text outside the lent region, or under a foreign window that cuts into it, isn't shown."""
    visible = shown(noise(), *around(TEXT), Rect(0, 0, 40, HEIGHT))
    assert visible[20:36, 10:40].all()
    assert not visible[:, 40:].any()
    frame, tiles = FramePipeline().redact(RawFrame(10, "damage", noise(), ()), *around(TEXT))
    assert (assembled(frame, tiles) == FILL).all()


@pytest.mark.promise("P7")
def test_each_windows_tree_speaks_for_its_own_pixels_only() -> None:
    """Of two windows side by side each shows what passed in it; what one says of a place in the other shows nothing there."""
    left, right = Rect(0, 0, 150, HEIGHT), Rect(150, 0, 150, HEIGHT)
    reaching = UiNode(1, 0, "text", "Open file", box=Rect(100, 20, 100, 16))
    own = UiNode(1, 0, "text", "Save", box=Rect(200, 60, 40, 16))
    others = [Pane((right,), *around(own))]
    frame, tiles = FramePipeline().redact(frame_of(noise(), left), *around(reaching), others=others)
    visible = (assembled(frame, tiles) != FILL).any(axis=2)
    assert visible[20:36, 100:150].all()
    assert visible[60:76, 200:240].all()
    assert visible.sum() == 16 * 50 + 16 * 40


@pytest.mark.promise("P8")
def test_a_window_behind_without_a_tree_is_masked_and_counted() -> None:
    """The one in front is shown as ever, the other isn't, and the frame says why."""
    left, right = Rect(0, 0, 150, HEIGHT), Rect(150, 0, 150, HEIGHT)
    frame, tiles = FramePipeline().redact(frame_of(noise(), left), *around(TEXT), others=[Pane((right,), [], [])])
    visible = (assembled(frame, tiles) != FILL).any(axis=2)
    assert visible[20:36, 10:90].all()
    assert visible.sum() == 16 * 80
    assert "no_tree" in {finding.detector for finding in frame.findings}


def test_flat_background_is_shown() -> None:
    """Whole tiles of one colour inside the tree are shown; a single other pixel keeps its tile masked."""
    pixels = np.full((HEIGHT, WIDTH, 3), 250, np.uint8)
    pixels[70, 70] = (250, 250, 249)
    visible = shown(pixels, *around(TEXT))
    assert visible[:64].all()
    assert not visible[64:128, 64:128].any()
    assert visible[64:128, :64].all()


@pytest.mark.promise("P7")
@pytest.mark.parametrize(
    "node",
    [
        UiNode(2, 0, "textbox", "E-Mail", value="⟨EMAIL_1⟩", box=Rect(20, 80, 200, 40)),
        UiNode(2, 0, "text", "⟨NAME_1⟩ ⟨NAME_2⟩", box=Rect(20, 80, 200, 40)),
        UiNode(2, 0, "textbox", "Password", states=("secure",), box=Rect(20, 80, 200, 40)),
        UiNode(2, 0, "image", "Logo", box=Rect(20, 80, 200, 40)),
        UiNode(2, 0, "button", "Photo", tag="img", box=Rect(20, 80, 200, 40)),
        UiNode(2, 0, "group", states=("opaque",), box=Rect(20, 80, 200, 40)),
    ],
    ids=lambda node: node.role,
)
def test_masked_text_leaves_no_pixel(node: UiNode) -> None:
    """Two pictures that differ only in the text below a masked node have the same tiles: there is nothing to recover."""
    frames = []
    for secret in ("kunigunde@example.org", "x"):
        image = Image.new("RGB", (WIDTH, HEIGHT), (255, 255, 255))
        draw = ImageDraw.Draw(image)
        draw.text((12, 22), "Open file", fill=(0, 0, 0))
        draw.text((24, 92), secret, fill=(0, 0, 0))
        frame, tiles = FramePipeline().redact(frame_of(np.asarray(image)), *around(TEXT, node))
        picture = assembled(frame, tiles)
        assert (picture[78:122, 18:222] == FILL).all()
        assert (picture[20:36, 10:90] == np.asarray(image)[20:36, 10:90]).all()
        frames.append(frame)
    assert frames[0].tiles == frames[1].tiles


def test_a_text_less_control_is_shown_up_to_its_size() -> None:
    """A checkbox without a name is shown; a `button` as large as a window isn't."""
    box = UiNode(1, 0, "checkbox", box=Rect(10, 10, 16, 16), states=("checked",))
    assert is_shown(box)
    assert not is_shown(UiNode(1, 0, "button", box=SCREEN.__class__(0, 0, 900, 500)))
    assert shown(noise(), *around(box))[10:26, 10:26].all()


def test_containers_show_and_mask_by_their_children_only() -> None:
    """A window whose title holds a name doesn't mask all of itself, and a harmless title doesn't show what lies inside."""
    assert not is_masked(UiNode(0, -1, "frame", "⟨NAME_1⟩ - Editor", box=SCREEN))
    assert not is_shown(UiNode(0, -1, "document", "Editor", box=SCREEN))
    assert is_masked(UiNode(0, -1, "link", "⟨NAME_1⟩", box=SCREEN))


def test_a_second_changed_tree_masks_its_nodes() -> None:
    """While one tree is stable and another isn't, the unstable one's boxes are masked wherever they lie."""
    before, after = [tree_at(5, TEXT)], [tree_at(15, TEXT)]
    moving = UiTree(5, "0" * 32, "atspi", "mousepad", "", (UiNode(0, -1, "text", "Open", box=Rect(50, 0, 20, 100)),))
    visible = shown(noise(), [*before, moving], after)
    assert visible[20:36, 10:48].all()
    assert not visible[:, 48:72].any()


def test_tiles_are_issued_once() -> None:
    """A session's tile is handed out once; the next frame names it again."""
    pipeline = FramePipeline()
    first, tiles = pipeline.redact(frame_of(noise()), *around(TEXT))
    again, more = pipeline.redact(frame_of(noise()), *around(TEXT))
    assert tiles
    assert more == []
    assert first.tiles == again.tiles


def test_a_picture_of_whole_tiles_is_cut_as_it_is() -> None:
    """Where the size is a multiple of the tile's, the tiles hold every pixel once and nothing else."""
    pixels = noise(128, 192)
    tiles = cut_tiles(pixels)
    rows = [np.concatenate(tiles[at : at + 2], axis=1) for at in (0, 2, 4)]
    assert (np.concatenate(rows) == pixels).all()


@pytest.mark.promise("P8")
def test_a_page_that_has_no_place_shows_nothing() -> None:
    """When no node says where it stands, not even flat background is shown."""
    nowhere = UiTree(5, "0" * 32, "page", "chromium", "", (UiNode(0, -1, "document"), UiNode(1, 0, "text", "Open")))
    frame, tiles = FramePipeline().redact(
        frame_of(np.full((HEIGHT, WIDTH, 3), 250, np.uint8)), [nowhere], [msgspec.structs.replace(nowhere, timestamp_ns=15)]
    )
    assert (assembled(frame, tiles) == FILL).all()


def test_a_masked_node_without_a_place_masks_nothing_and_is_not_counted() -> None:
    """A hidden password field takes no pixel away from a page, and the reasons count only boxes that are on it."""
    hidden = UiNode(2, 0, "textbox", "Password", states=("secure",))
    plain, _ = FramePipeline().redact(frame_of(noise()), *around(TEXT))
    frame, _ = FramePipeline().redact(frame_of(noise()), *around(TEXT, hidden))
    assert (frame.tiles, frame.findings) == (plain.tiles, ())
    seen, _ = FramePipeline().redact(frame_of(noise()), *around(TEXT, hidden, NAME))
    assert [(finding.kind, finding.end) for finding in seen.findings] == [("pixels", 1)]


def test_tiles_that_were_taken_out_are_handed_out_again() -> None:
    """After the last minutes were forgotten only what the session still has is taken as handed out."""
    pipeline = FramePipeline()
    _, tiles = pipeline.redact(frame_of(noise()), *around(TEXT))
    pipeline.forget({tiles[0].digest})
    _, again = pipeline.redact(frame_of(noise()), *around(TEXT))
    assert {tile.digest for tile in again} == {tile.digest for tile in tiles[1:]}


def test_edge_tiles_are_filled_with_zeros() -> None:
    """The last row and column are padded, in reading order."""
    tiles = cut_tiles(np.full((70, 130, 3), 7, np.uint8))
    assert tiles.shape == (6, 64, 64, 3)
    assert (tiles[2][:, 2:] == 0).all()
    assert (tiles[2][:, :2] == 7).all()
    assert (tiles[3][6:] == 0).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-50, 400), st.integers(-50, 300), st.integers(-10, 400), st.integers(-10, 400)), max_size=6))
def test_any_boxes_are_survived(boxes: list[tuple[int, int, int, int]]) -> None:
    """Boxes outside the screen, empty or negative neither fail nor show a pixel outside their own part."""
    nodes = [UiNode(i + 1, 0, "text", "Open", box=Rect(*box)) for i, box in enumerate(boxes)]
    mask, _ = shown_mask(frame_of(noise()), *around(*nodes))
    expected = np.zeros((HEIGHT, WIDTH), bool)
    for x, y, width, height in boxes:
        if width > 0 and height > 0:
            expected[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)] = True
    assert (mask == expected).all()


def test_uniform_tiles_are_exact() -> None:
    """A difference of one in one channel of one pixel counts, in cut-off tiles too; a touched tile is no background."""
    pixels = np.zeros((70, 70, 3), np.uint8)
    nowhere = np.zeros((70, 70), bool)
    assert uniform_tiles(pixels, nowhere).all()
    touched = nowhere.copy()
    touched[3, 3] = True
    assert not uniform_tiles(pixels, touched)[:64, :64].any()
    assert uniform_tiles(pixels, touched)[64:].all()
    pixels[69, 69, 2] = 1
    assert not uniform_tiles(pixels, nowhere)[64:, 64:].any()
    assert uniform_tiles(pixels, nowhere)[:64].all()


@pytest.mark.promise("P7")
def test_a_whole_session_shows_no_planted_name() -> None:
    """From raw tree to tiles: what the text pipeline finds is what the picture hides."""
    redactor = Redactor("strict", seed=b"k")
    nodes = (
        RawNode(0, -1, "document", "Page", box=SCREEN),
        RawNode(1, 0, "text", "Save", box=Rect(10, 10, 60, 20)),
        RawNode(2, 0, "text", "Kunigunde Schmidt", box=Rect(10, 60, 150, 20)),
    )
    before, after = (redactor.tree(RawTree(time, "page", "chromium", "https://example.org/", nodes)) for time in (5, 15))
    frame, tiles = redactor.frame(frame_of(noise()), [before], trees_after=[after])
    picture = assembled(frame, tiles)
    assert (picture[58:82, 8:162] == FILL).all()
    assert (picture[10:30, 10:70] != FILL).any()


@pytest.mark.parametrize(
    ("box", "beside"),
    [
        (Rect(110, 60, 20, 10), Rect(130, 60, 32, 10)),  # up to what is drawn next
        (Rect(110, 80, 20, 10), Rect(130, 80, 68, 10)),  # nothing is drawn any more
        (Rect(180, 60, 20, 10), Rect(0, 0, 0, 0)),  # at the edge
        (Rect(110, 20, 20, 10), Rect(0, 0, 0, 0)),  # above the picture
    ],
    ids=["before a line", "an empty row", "the edge", "elsewhere"],
)
def test_the_plain_part_beside_a_mask_ends_at_what_is_drawn(box: Rect, beside: Rect) -> None:
    """So far a mask may be made longer, that its width doesn't tell a length; in places of the screen, wherever the picture lies on it."""
    pixels = np.zeros((50, 100, 3), np.uint8)
    pixels[10:20, 65] = 255
    assert _cell_beside(RawFrame(0, "damage", pixels, (), area=Rect(100, 50, 100, 50)), box) == beside
