"""Faces and codes in pictures: found where they are, in sizes that a desktop shows, and masked over whatever a tree says."""

from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from witting.device.privacy import Redactor
from witting.device.privacy.one_picture import redact_picture
from witting.device.privacy.pixels import FILL
from witting.device.reading.local import LocalReader
from witting.device.reading.objects import ObjectFinder
from witting.terms.geometry import Rect
from witting.terms.raw import RawFrame, RawNode, RawTree

pytestmark = pytest.mark.promise("P7")
FACE = Rect(180, 80, 180, 200)  # in the portrait below
WHOLE = Rect(0, 0, 640, 480)


@pytest.fixture(scope="module")
def finder() -> ObjectFinder:
    """Return a finder."""
    return ObjectFinder()


@pytest.fixture(scope="module")
def reader() -> LocalReader:
    """Return a reader with all engines."""
    return LocalReader()


@pytest.fixture(scope="module")
def portrait() -> Image.Image:
    """Return a portrait in the public domain that matplotlib ships as sample data (an official photograph of Grace Hopper)."""
    mpl = pytest.importorskip("matplotlib", reason="matplotlib, which ships a portrait in the public domain, isn't installed")
    path = Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    if not path.is_file():
        pytest.skip("matplotlib came without its sample portrait")
    with Image.open(path) as image:
        return image.convert("RGB")


def grays(image: Image.Image) -> NDArray[np.uint8]:
    """Return a picture in gray."""
    return np.asarray(image.convert("L"))


def covers(boxes: list[Rect], x: int, y: int) -> bool:
    """Whether any box has a point."""
    return any(box.contains(x, y) for box in boxes)


@pytest.mark.parametrize("width", [512, 256, 128, 90])
def test_a_face_is_found_in_the_sizes_of_a_call_and_of_an_avatar(finder: ObjectFinder, portrait: Image.Image, width: int) -> None:
    """From a large picture down to an avatar: the place lies on the face's middle."""
    scale = width / portrait.width
    small = portrait.resize((width, round(portrait.height * scale)))
    found = finder.faces(grays(small))
    assert covers(found, round((FACE.x + FACE.width / 2) * scale), round((FACE.y + FACE.height / 2) * scale))


def screen_with(image: Image.Image, x: int, y: int) -> NDArray[np.uint8]:
    """Return a screen with a picture on it."""
    page = Image.new("RGB", (WHOLE.width, WHOLE.height), "white")
    page.paste(image, (x, y))
    return np.asarray(page)


def kept(pixels: NDArray[np.uint8], reader: LocalReader, *nodes: RawNode) -> NDArray[np.bool_]:
    """Return which pixels are kept where the trees show these nodes."""
    redactor = Redactor("balanced", seed=b"k", reader=reader)
    document = RawNode(0, -1, "document", "", box=WHOLE)
    trees = [redactor.tree(RawTree(at, "page", "chromium", "https://forms.example.org/", (document, *nodes))) for at in (5, 15)]
    from witting.actions.pictures import assemble

    frame, tiles = redactor.frame(RawFrame(10, "damage", pixels, (WHOLE,)), trees[:1], trees_after=trees[1:])
    return np.asarray((assemble(frame, {tile.digest: tile for tile in tiles}) != FILL).any(axis=2))


def test_a_face_on_a_node_that_passed_is_masked(reader: LocalReader, portrait: Image.Image) -> None:
    """A card whose text is harmless has a portrait in it that no tree tells of: the face is masked, the card's edge isn't."""
    small = portrait.resize((128, 150))
    shown = kept(screen_with(small, 100, 100), reader, RawNode(0, 0, "text", "Settings", box=Rect(40, 60, 400, 300)))
    scale = 128 / portrait.width
    left, top = 100 + round(FACE.x * scale), 100 + round(FACE.y * scale)
    middle = np.s_[top + 10 : top + round(FACE.height * scale) - 10, left + 10 : left + round(FACE.width * scale) - 10]
    assert not shown[middle].any()
    assert shown[62:70, 50:400].all()


def test_a_face_that_no_tree_knows_is_masked(reader: LocalReader, portrait: Image.Image) -> None:
    """Without any tree nothing of a portrait is shown, and it is told as a face."""
    out, regions = redact_picture(screen_with(portrait.resize((256, 300)), 100, 100), None, reader=reader)
    assert (out[110:390, 110:340] == FILL).mean() > 0.97
    assert "face" in {region.kind for region in regions}


FORMATS = ("QRCode", "DataMatrix", "Aztec", "PDF417", "Code128", "EAN13")


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", FORMATS)
def test_codes_are_masked_over_a_node_that_passed(reader: LocalReader, name: str, is_dark: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    """Square and bar codes, dark on light and light on dark, on a harmless card: not a row or column of them is kept."""
    says = {"EAN13": "4006381333931", "Code128": "sunflower"}.get(name, "WIFI:S:garden;P:sunflower;;")
    drawn = np.asarray(zxingcpp.create_barcode(says, getattr(zxingcpp.BarcodeFormat, name)).to_image(scale=2))
    code = Image.fromarray(255 - drawn if is_dark else drawn).convert("RGB")
    pixels = screen_with(code, 120, 140)
    shown = kept(pixels, reader, RawNode(0, 0, "text", "Settings", box=Rect(60, 60, 560, 400)))
    inside = shown[140 : 140 + code.height, 120 : 120 + code.width]
    assert inside.mean() < 0.02  # the quiet zone's outermost edge may be seen


def test_what_a_code_says_is_in_no_region(reader: LocalReader) -> None:
    """A region of a code tells its place and kind only."""
    code = Image.fromarray(np.asarray(zxingcpp.create_barcode("sunflower", zxingcpp.BarcodeFormat.QRCode).to_image(scale=4)))
    _, regions = redact_picture(screen_with(code.convert("RGB"), 120, 140), None, reader=reader)
    assert "code" in {region.kind for region in regions}
    assert "sunflower" not in repr(regions)
