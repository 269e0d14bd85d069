# ruff: noqa: RUF001 - letters of other scripts are what is tested
"""The pixel rows of the adversarial table: pictures drawn as a desktop draws them, read by the real engine, judged with real trees.

Each row draws a secret where it could slip through, and checks that no pixel of it is in the frame that would be kept; the same redactor
and trees as a recording's, from raw nodes to tiles.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from witting.actions.pictures import assemble
from witting.device.privacy import Redactor
from witting.device.privacy.pixels import FILL
from witting.device.reading.load import load_reader
from witting.terms.geometry import Rect
from witting.terms.raw import RawFrame, RawNode, RawTree

pytestmark = [pytest.mark.promise("P7"), pytest.mark.promise("P8")]
WIDTH, HEIGHT = 512, 320
WHOLE = Rect(0, 0, WIDTH, HEIGHT)
SECRET, MAIL = "Zwetschgenmus", "anna.muster@example.org"
Texts = Sequence[tuple[int, int, str]]
Kept = Callable[..., tuple[NDArray[np.uint8], NDArray[np.uint8]]]


@pytest.fixture(scope="module")
def reader():
    """Return the real reader; loading it takes a moment."""
    return load_reader()


def drawn(texts: Texts, *, size: int = 15, colours: tuple[str, str] = ("white", "black")) -> Image.Image:
    """Return a window with texts at (x, y)."""
    image = Image.new("RGB", (WIDTH, HEIGHT), colours[0])
    for x, y, text in texts:
        ImageDraw.Draw(image).text((x, y), text, fill=colours[1], font=ImageFont.truetype("DejaVuSans.ttf", size))
    return image


def node(role: str, name: str, box: Rect, *states: str, value: str = "") -> RawNode:
    """Return a node of a window."""
    return RawNode(0, 0, role, name, value=value, states=states, box=box)  # type: ignore[arg-type]


@pytest.fixture
def kept(reader) -> Kept:
    """Return a function that gives the picture as drawn and as it would be kept."""

    def keep(
        image: Image.Image, before: Sequence[RawNode] = (), after: Sequence[RawNode] | None = None, *, lent: tuple[Rect, ...] = (WHOLE,)
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        redactor = Redactor("balanced", seed=b"k", reader=reader)
        document = RawNode(0, -1, "document", "", box=WHOLE)
        nodes = [(document, *before), (document, *(before if after is None else after))]
        trees = [
            redactor.tree(RawTree(at, "page", "chromium", "https://forms.example.org/", part))
            for at, part in zip((5, 15), nodes, strict=True)
        ]
        pixels = np.asarray(image)
        frame, tiles = redactor.frame(RawFrame(10, "damage", pixels, lent), trees[:1], trees_after=trees[1:])
        return pixels, assemble(frame, {tile.digest: tile for tile in tiles})

    return keep


def leaks(pixels: NDArray[np.uint8], out: NDArray[np.uint8], box: Rect) -> bool:
    """Whether any drawn pixel of a box is in what is kept: one that isn't the colour behind it."""
    part = np.s_[box.y : box.y + box.height, box.x : box.x + box.width]
    is_drawn = (pixels[part] != pixels[0, 0]).any(axis=2)
    is_kept = (pixels[part] == out[part]).all(axis=2) & (out[part] != FILL).any(axis=2)
    return bool((is_drawn & is_kept).any())


def is_seen(pixels: NDArray[np.uint8], out: NDArray[np.uint8], box: Rect) -> bool:
    """Whether all of a box is as it was drawn."""
    part = np.s_[box.y : box.y + box.height, box.x : box.x + box.width]
    return bool((pixels[part] == out[part]).all())


LINE = Rect(18, 98, 300, 30)
SAVE = (20, 20, "Save the file")
SAVE_BOX = Rect(20, 22, 60, 14)


def test_a_page_that_scrolled_between_tree_and_picture(kept: Kept) -> None:
    """The trees say that the name stood above and below; the pixels have it in between: nothing of the page is shown."""
    above, below = node("text", MAIL, Rect(20, 60, 300, 24)), node("text", MAIL, Rect(20, 140, 300, 24))
    pixels, out = kept(drawn([(20, 100, MAIL), SAVE]), [above], [below])
    assert not leaks(pixels, out, WHOLE)


def test_an_animation_over_a_harmless_node(kept: Kept) -> None:
    """A node said one word before and another after: what stood there in between isn't shown, even if it reads harmless."""
    place = Rect(20, 98, 200, 26)
    pixels, out = kept(drawn([(20, 100, "Settings"), SAVE]), [node("text", "Options", place)], [node("text", "Choices", place)])
    assert not leaks(pixels, out, place)
    assert is_seen(pixels, out, SAVE_BOX)


def test_a_modal_over_masked_text(kept: Kept) -> None:
    """A dialog half over a name: the dialog's button is shown, the rest of the name beside it isn't."""
    image = drawn([(20, 100, f"{SECRET} {SECRET}")])
    draw = ImageDraw.Draw(image)
    draw.rectangle((150, 80, 400, 200), fill="#eeeeee", outline="#888888")
    draw.text((180, 140), "Cancel", fill="black", font=ImageFont.truetype("DejaVuSans.ttf", 15))
    pixels, out = kept(image, [node("text", f"Dear Mr {SECRET}", Rect(20, 98, 260, 24)), node("button", "Cancel", Rect(175, 138, 70, 22))])
    assert not leaks(pixels, out, Rect(18, 98, 130, 26))
    assert is_seen(pixels, out, Rect(178, 142, 60, 16))


def test_a_window_on_top_that_isnt_lent(kept: Kept) -> None:
    """Harmless words of a window that isn't lent stay masked; a word of ours that it cuts off isn't shown in part."""
    lent = (Rect(0, 0, WIDTH, 90), Rect(0, 90, 60, 230))
    pixels, out = kept(drawn([SAVE, (100, 150, "Settings"), (20, 200, "Reservation")]), lent=lent)
    assert is_seen(pixels, out, SAVE_BOX)
    assert not leaks(pixels, out, Rect(0, 92, WIDTH, 220))


def test_text_inside_an_image(kept: Kept) -> None:
    """A scanned letter as an image element: harmless or not, none of it is shown."""
    pixels, out = kept(drawn([SAVE, (30, 100, "Invoice"), (30, 130, MAIL)]), [node("image", "scan", Rect(10, 80, 400, 120))])
    assert not leaks(pixels, out, Rect(10, 80, 400, 120))
    assert is_seen(pixels, out, SAVE_BOX)


@pytest.mark.parametrize("colours", [("white", "black"), ("#1e1f22", "#e8e8e8")], ids=["light", "dark"])
@pytest.mark.parametrize("size", [7, 8, 24])
def test_a_font_of_seven_pixels(kept: Kept, size: int, colours: tuple[str, str]) -> None:
    """Small or large, dark or light: a mail address that only the pixels have isn't shown."""
    pixels, out = kept(drawn([(20, 100, MAIL), (20, 160, "Zwetschgenmus Kunigunde")], size=size, colours=colours))
    assert not leaks(pixels, out, Rect(10, 96, 490, 100))


@pytest.mark.parametrize("text", ["אנה מוסטר", "آنا موستر", "שלום anna.muster", "☺☎✉ Zwetschgenmus", "Анна Мустер", "ΑΝΝΑ"])
def test_right_to_left_and_signs(kept: Kept, text: str) -> None:
    """Scripts and signs that the engine doesn't know are masked, whatever it takes them for."""
    pixels, out = kept(drawn([SAVE, (20, 100, text)], size=18))
    assert not leaks(pixels, out, LINE)


def where_it_could_show() -> Iterator[tuple[str, list[tuple[int, int, str]], list[RawNode]]]:
    """Yield the places where what is typed into a masked field could come out again, as drawn and as the tree has them."""
    field = node("textbox", "Password", Rect(18, 98, 300, 30), "secure", "editable")
    yield "the field, shown in clear", [(20, 100, SECRET)], [field]
    yield "the field's dots and caret", [(20, 100, "••••••••|")], [field]
    yield "a suggestion below it", [(20, 100, "••••"), (20, 140, SECRET)], [field]
    yield "a tooltip that no tree knows", [(20, 100, "••••"), (200, 140, f"{SECRET}")], [field]
    yield "the title bar", [(20, 100, "••••"), (150, 280, f"{SECRET} - Editor")], [field]
    yield "a taskbar's button", [(20, 100, "••••"), (20, 290, f"Login: {SECRET}")], [field]
    yield "a notification", [(20, 100, "••••"), (250, 200, f"Saved as {SECRET}")], [field]


@pytest.mark.parametrize(("texts", "nodes"), [pytest.param(texts, nodes, id=name) for name, texts, nodes in where_it_could_show()])
def test_what_is_typed_into_a_masked_field_comes_out_nowhere(kept: Kept, texts: Texts, nodes: list[RawNode]) -> None:
    """Its dots, its caret, and the same word anywhere else in the pixels stay masked; a harmless line is read all the same."""
    pixels, out = kept(drawn([SAVE, *texts]), nodes)
    assert is_seen(pixels, out, SAVE_BOX)
    for x, y, text in texts:
        width = 9 * len(text)
        secret = text.find(SECRET)
        if secret >= 0:
            begin = x + int(ImageFont.truetype("DejaVuSans.ttf", 15).getlength(text[:secret]))
            assert not leaks(pixels, out, Rect(begin, y, 120, 24)), text
        else:
            assert not leaks(pixels, out, Rect(x, y, width, 24)), text


def test_the_frame_after_a_masked_field(kept: Kept) -> None:
    """The field is gone from the second tree, its pixels are still on the screen: nothing is shown."""
    field = node("textbox", "Password", Rect(18, 98, 300, 30), "secure", "editable")
    pixels, out = kept(drawn([(20, 100, "correct horse"), SAVE]), [field], [])
    assert not leaks(pixels, out, WHOLE)
