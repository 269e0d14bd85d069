"""One picture by itself: what is no picture or no tree of it is refused, and every region says why it is masked."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from witting.device.privacy import one_picture
from witting.device.privacy.one_picture import png_of, read_picture, read_tree, redact_picture
from witting.device.reading.found import Gray, Mask, Reading
from witting.terms.errors import UsageError
from witting.terms.geometry import Rect
from witting.terms.raw import RawNode

BUTTON = {"role": "button", "name": "Save", "box": [1, 2, 30, 10]}


class Said:
    """A reader that says what it was made to say."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def read(self, gray: Gray, wanted: Mask, *, areas: tuple[Rect, ...]) -> Reading:
        """Return what was prepared, whatever the picture holds."""
        assert gray.shape == wanted.shape
        assert all(area.x + area.width <= gray.shape[1] and area.y + area.height <= gray.shape[0] for area in areas)
        return self.reading


def noise(width: int = 128, height: int = 128) -> np.ndarray:
    """Return a picture with no plain part."""
    return np.random.default_rng(4).integers(0, 255, (height, width, 3), dtype=np.uint8)


BAD_TREES = {
    "no JSON": b"nodes",
    "no nodes": b'{"width": 128}',
    "a node without a box": b'{"nodes": [{"role": "button"}]}',
    "a box of three": b'{"nodes": [{"role": "button", "box": [1, 2, 3]}]}',
    "a box of words": b'{"nodes": [{"role": "button", "box": ["1", 2, 3, 4]}]}',
    "an unknown state": b'{"nodes": [{"role": "button", "box": [1, 2, 3, 4], "states": ["shiny"]}]}',
    "other bytes": b"\xff\xfe\x00",
    "nothing": b"",
}


@pytest.mark.parametrize("data", BAD_TREES.values(), ids=BAD_TREES)
def test_a_file_that_is_no_tree_is_refused(tmp_path: Path, data: bytes) -> None:
    """What a tree looks like is said, and never what stood in the file."""
    path = tmp_path / "tree.json"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=r"^the tree can't be read \(\w+\)$") as caught:
        read_tree(path, width=128, height=128)
    assert '"nodes"' in caught.value.hint


@pytest.mark.parametrize(
    "tree",
    [
        {"width": 127, "nodes": [BUTTON]},
        {"height": 129, "nodes": [BUTTON]},
        {"nodes": [{**BUTTON, "box": [100, 2, 29, 10]}]},
        {"nodes": [{**BUTTON, "box": [1, 120, 30, 9]}]},
    ],
    ids=["wider", "higher", "beyond the right edge", "beyond the bottom"],
)
def test_the_tree_of_another_picture_is_refused(tmp_path: Path, tree: dict[str, object]) -> None:
    """A tree that doesn't fit the picture would show the wrong places, so it isn't used."""
    path = tmp_path / "tree.json"
    path.write_text(json.dumps(tree))
    with pytest.raises(UsageError, match="another picture than this one of 128 by 128"):
        read_tree(path, width=128, height=128)


def test_a_tree_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More nodes than any screen has are refused; as many as are allowed are taken, numbered from one under the whole."""
    monkeypatch.setattr(one_picture, "_MOST_NODES", 3)
    path = tmp_path / "tree.json"
    path.write_text(json.dumps({"nodes": [BUTTON] * 4}))
    with pytest.raises(UsageError, match="the tree has 4 nodes"):
        read_tree(path, width=128, height=128)
    path.write_text(json.dumps({"width": 128, "height": 128, "nodes": [BUTTON] * 3}))
    nodes = read_tree(path, width=128, height=128)
    assert [(node.ref, node.parent, node.name, node.box) for node in nodes] == [(n, 0, "Save", Rect(1, 2, 30, 10)) for n in (1, 2, 3)]


def _cut(path: Path) -> None:
    Image.fromarray(noise()).save(path, "PNG")
    path.write_bytes(path.read_bytes()[:2000])


def _text(path: Path) -> None:
    path.write_text("no picture")


@pytest.mark.parametrize("make", [_cut, _text, lambda _: None], ids=["cut off", "a text", "not there"])
def test_a_file_that_is_no_picture_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """A file that is cut off, another file and none are told alike, with the kinds that are taken."""
    path = tmp_path / "picture.png"
    make(path)
    with pytest.raises(UsageError, match=r"^the image can't be read \(\w+\)$") as caught:
        read_picture(path)
    assert "PNG" in caught.value.hint


def test_a_picture_too_large_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size is in its first bytes; the pixels of one that is too large are never drawn, be it by our limit or by the library's."""
    path = tmp_path / "large.png"
    Image.new("RGB", (40, 30)).save(path)
    monkeypatch.setattr(one_picture, "MOST_PIXELS", 1199)
    monkeypatch.setattr(Image.Image, "convert", lambda *_: pytest.fail("it was drawn"))
    with pytest.raises(UsageError, match="the image has 40 by 30 pixels"):
        read_picture(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)
    with pytest.raises(UsageError, match="the image is too large"):
        read_picture(path)


@given(st.integers(1, 20), st.integers(1, 20), st.randoms(use_true_random=False))
def test_a_picture_comes_back_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, width: int, height: int, draw) -> None:
    """Writing as PNG and reading again changes no pixel, whatever the size."""
    pixels = np.frombuffer(draw.randbytes(width * height * 3), np.uint8).reshape(height, width, 3)
    path = tmp_path_factory.mktemp("png") / "x.png"
    path.write_bytes(png_of(pixels))
    assert np.array_equal(read_picture(path), pixels)


def test_every_region_says_why_it_is_masked() -> None:
    """Faces, codes and places where nobody looked are told as what they are, cut off at the picture's edge."""
    said = Said(Reading(faces=(Rect(100, 100, 60, 60),), codes=(Rect(0, 0, 20, 20),), unlooked=(Rect(64, 0, 10, 10),)))
    _, regions = redact_picture(noise(), None, reader=said)
    looked = {(region.kind, region.box) for region in regions if region.why == "looked"}
    assert looked == {("face", Rect(100, 100, 28, 28)), ("code", Rect(0, 0, 20, 20)), ("pixels", Rect(64, 0, 10, 10))}


@pytest.mark.promise("P7")
@pytest.mark.parametrize(
    ("node", "kind"),
    [
        ({"role": "textbox", "name": "Password", "states": ("secure",)}, "secure_field"),
        ({"role": "image", "name": "Portrait"}, "picture"),
        ({"role": "button", "name": "anna.muster@example.org"}, "email"),
        ({"role": "textbox", "name": "Field", "value": "DE89 3704 0044 0532 0130 00", "states": ("editable",)}, "iban"),
    ],
)
def test_a_masked_node_is_told_by_what_it_holds(node: dict[str, object], kind: str) -> None:
    """A secure field, a picture and what was found in a text each have their kind; the pixels of all are covered."""
    given_ = noise()
    box = Rect(16, 16, 40, 20)
    shown, regions = redact_picture(given_, (RawNode(1, 0, box=box, **{"name": "", **node}),), reader=Said(Reading()))  # type: ignore[arg-type]
    assert (kind, box, "node") in {(region.kind, region.box, region.why) for region in regions}
    assert not np.array_equal(shown[16:36, 16:56], given_[16:36, 16:56])
