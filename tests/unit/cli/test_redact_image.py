"""`witting redact --image`: one picture in, one out, and every masked pixel told with why, never with what it said."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

FILL = 0xA0
SECRET = "anna.muster@example.org"


def drawn(*lines: tuple[int, int, str], size: tuple[int, int] = (480, 256), fill: str = "white") -> Image.Image:
    """Return a page with texts at (x, y)."""
    image = Image.new("RGB", size, fill)
    draw = ImageDraw.Draw(image)
    for x, y, text in lines:
        draw.text((x, y), text, fill="black", font=ImageFont.truetype("DejaVuSans.ttf", 15))
    return image


def regions(answer: dict[str, Any], kind: str) -> list[list[int]]:
    """Return the boxes of one kind."""
    return [region["box"] for region in answer["masked"] if region["kind"] == kind]


@pytest.fixture
def redacted(witting, tmp_path: Path):
    """Return a function that redacts a picture: the run, the answer, the pixels."""

    def redact(image: Image.Image, *options: object) -> tuple[Any, dict[str, Any], np.ndarray]:
        source, target = tmp_path / "in.png", tmp_path / "out.png"
        image.save(source)
        run = witting("redact", "--image", source, target, *options)
        if not target.exists():
            return run, {}, np.empty(0)
        with Image.open(target) as done:
            return run, json.loads(run.out), np.asarray(done)

    return redact


@pytest.mark.parametrize("posture", ["strict", "balanced"])
def test_what_is_personal_is_masked_and_what_is_harmless_stays(redacted, posture: str) -> None:
    """The mail address is filled flat, the harmless line is left as it was, and the answer says what and where."""
    image = drawn((20, 20, "Save the file"), (20, 100, SECRET))
    run, answer, out = redacted(image, "--posture", posture)
    before = np.asarray(image)
    assert (run.code, run.err) == (0, "")
    assert np.array_equal(out[22:36, 22:110], before[22:36, 22:110])
    assert (out[98:120, 20:210] == FILL).all()
    (box,) = regions(answer, "email")
    assert box[0] <= 20
    assert box[0] + box[2] >= 200
    assert SECRET not in run.out
    assert "anna" not in run.out


def test_every_masked_pixel_lies_in_a_region_told(redacted) -> None:
    """What differs from the picture lies in the regions, whatever is in it: text, noise, a code."""
    image = drawn((20, 20, "Save the file"), (20, 60, SECRET), (20, 180, "Qxwv plmk"))
    noise = np.random.default_rng(1).integers(0, 255, (70, 90, 3), dtype=np.uint8)
    image.paste(Image.fromarray(noise), (380, 20))
    image.paste(Image.fromarray(np.asarray(zxingcpp.create_barcode("4711", zxingcpp.BarcodeFormat.QRCode).to_image(scale=3))), (250, 120))
    _, answer, out = redacted(image)
    told = np.zeros(out.shape[:2], bool)
    for region in answer["masked"]:
        x, y, width, height = region["box"]
        assert x >= 0
        assert y >= 0
        told[y : y + height, x : x + width] = True
    differs = (out != np.asarray(image)).any(axis=2)
    assert differs.any()
    assert not (differs & ~told).any()
    assert regions(answer, "code")


def test_a_tree_shows_its_nodes_and_masks_its_secrets(redacted, tmp_path: Path) -> None:
    """With a tree an icon button and an unknown script are shown where a node passes; secure fields, pictures and names aren't."""
    image = drawn((20, 20, "Save"), (20, 100, "letmein"), (20, 180, "Settings"))
    nodes = [
        {"role": "button", "name": "Save", "box": [15, 15, 60, 30]},
        {"role": "textbox", "name": "Password", "states": ["secure", "editable"], "box": [15, 95, 200, 30]},
        {"role": "image", "name": "Settings", "box": [15, 175, 120, 30], "anything": "else"},
    ]
    tree = tmp_path / "tree.json"
    tree.write_text(json.dumps({"width": 480, "height": 256, "nodes": nodes}))
    run, answer, out = redacted(image, "--tree", tree, "--json")
    before = np.asarray(image)
    assert run.out.count("\n") == 1
    assert np.array_equal(out[15:45, 15:75], before[15:45, 15:75])
    assert (out[95:125, 15:215] == FILL).all()
    assert (out[175:205, 15:135] == FILL).all()
    assert regions(answer, "secure_field") == [[15, 95, 200, 30]]
    assert regions(answer, "picture") == [[15, 175, 120, 30]]


def test_what_a_file_tells_besides_its_pixels_is_left_behind(witting, tmp_path: Path) -> None:
    """Comments and the like of the source aren't in the target; what is transparent is white."""
    note = PngImagePlugin.PngInfo()
    note.add_text("Author", SECRET)
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    Image.new("RGBA", (128, 128), (9, 9, 9, 0)).save(source, pnginfo=note)
    assert witting("redact", "--image", source, target).code == 0
    assert SECRET.encode() not in target.read_bytes()
    with Image.open(target) as image:
        assert image.info == {}
        assert (np.asarray(image) == 255).all()


def bad_files(folder: Path) -> dict[str, tuple[bytes, str]]:
    """Return files that can't be used, with what the error says."""
    image = folder / "whole.png"
    Image.fromarray(np.random.default_rng(2).integers(0, 255, (90, 90, 3), dtype=np.uint8)).save(image)
    whole = image.read_bytes()
    header = whole[:16] + (60_000).to_bytes(4, "big") * 2 + whole[24:]
    return {
        "text": (b"Kunigunde wrote this", "can't be read"),
        "empty": (b"", "can't be read"),
        "cut": (whole[: len(whole) // 2], "can't be read"),
        "header only": (whole[:20], "can't be read"),
        "vector": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "can't be read"),
        "huge": (header, "can't be read|too large|pixels"),
    }


@pytest.mark.parametrize("case", ["text", "empty", "cut", "header only", "vector", "huge"])
def test_a_file_that_is_no_usable_picture_is_refused_in_plain_words(witting, tmp_path: Path, case: str) -> None:
    """No picture, cut off, far too large: usage error, a hint, nothing of the file in the words, and no target."""
    content, says = bad_files(tmp_path)[case]
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    source.write_bytes(content)
    run = witting("redact", "--image", source, target)
    assert run.code == 2
    assert any(part in run.err for part in says.split("|"))
    assert "hint: " in run.err
    assert "Kunigunde" not in run.err
    assert not target.exists()


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        ("no json", "the tree can't be read"),
        ('{"nodes": [{"role": "button"}]}', "the tree can't be read"),
        ('{"nodes": [{"role": "text", "name": "a", "box": [0, 0, 900, 20]}]}', "of another picture"),
        ('{"width": 900, "height": 256, "nodes": []}', "of another picture"),
        ('{"nodes": [{"role": "text", "states": ["Kunigunde"], "box": [0, 0, 9, 9]}]}', "the tree can't be read"),
    ],
)
def test_a_tree_that_doesnt_fit_is_refused(redacted, tmp_path: Path, tree: str, says: str) -> None:
    """No JSON, nodes without a place, a tree of another size: nothing is written, and the tree isn't quoted."""
    path = tmp_path / "tree.json"
    path.write_text(tree)
    run, _, out = redacted(drawn((20, 20, "Save")), "--tree", path)
    assert run.code == 2
    assert says in run.err
    assert "Kunigunde" not in run.err
    assert out.size == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("{in}", "{out}"), "what SOURCE holds"),
        (("--jsonl", "--tree", "{in}", "{in}", "{out}"), "goes with --image"),
        (("--image", "-", "{out}"), "from a file"),
        (("--image", "{in}", "-"), "from a file"),
        (("--image", "{in}", "{in}"), "the same file"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(witting, tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    """Neither kind, a tree with texts, a picture through a pipe, onto itself: each says what is wrong."""
    source = tmp_path / "in.png"
    drawn().save(source)
    run = witting("redact", *(part.format(**{"in": source, "out": tmp_path / "out.png"}) for part in arguments))
    assert run.code == 2
    assert says in run.err


def test_without_an_engine_nothing_is_written(redacted, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture can't be judged without a reader: an error says what to install."""
    from witting.device.reading import load

    monkeypatch.setattr(load.importlib.util, "find_spec", lambda _: None)
    run, _, out = redacted(drawn((20, 20, "Save")))
    assert run.code != 0
    assert "witting[pixels]" in run.err
    assert out.size == 0
