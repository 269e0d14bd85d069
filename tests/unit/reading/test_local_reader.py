"""The reader of this process: it reads what is there, forgets what is gone, counts what it had no time for."""

from io import BytesIO

import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from witting.device.reading import load
from witting.device.reading.engine import Engine
from witting.device.reading.found import Line, Reading, Word
from witting.device.reading.local import LocalReader
from witting.device.reading.wire import LENGTHS, answer_of, question_bytes, read_question, write_answer
from witting.terms.errors import MissingExtraError
from witting.terms.geometry import Rect

Gray = NDArray[np.uint8]


@pytest.fixture(scope="module")
def reader() -> LocalReader:
    """Return a reader with all engines; loading them takes a moment."""
    return LocalReader()


def page(*lines: tuple[int, int, str], size: int = 14, colours: tuple[int, int] = (250, 20)) -> Gray:
    """Return a page of 420 by 160 with texts at (x, y)."""
    image = Image.new("L", (420, 160), colours[0])
    draw = ImageDraw.Draw(image)
    for x, y, text in lines:
        draw.text((x, y), text, fill=colours[1], font=ImageFont.truetype("DejaVuSans.ttf", size))
    return np.asarray(image)


def said(reading: Reading) -> list[str]:
    """Return the words read."""
    return [word.text for line in reading.lines for word in line.words]


def wanted(gray: Gray) -> NDArray[np.bool_]:
    """Want all of it."""
    return np.ones(gray.shape, np.bool_)


@pytest.mark.parametrize("colours", [(250, 20), (30, 220), (120, 250), (90, 10)])
@pytest.mark.parametrize("size", [9, 12, 16, 28])
def test_words_are_read_with_their_places(reader: LocalReader, size: int, colours: tuple[int, int]) -> None:
    """In sizes and colours of a desktop the words come out, each about where it stands."""
    gray = page((20, 30, "Open the file"), (20, 90, "Close"), size=size, colours=colours)
    reading = reader.read(gray, wanted(gray), areas=())
    assert said(reading) == ["Open", "the", "file", "Close"]
    last = reading.lines[-1].words[-1]
    assert abs(last.box.x - 20) <= 6
    assert 85 <= last.box.y <= 90 + size


def test_where_nothing_is_wanted_nothing_is_read(reader: LocalReader) -> None:
    """The unwanted half says nothing."""
    gray = page((20, 30, "Visible"), (20, 110, "Elsewhere"))
    mask = wanted(gray)
    mask[80:] = False
    assert said(reader.read(gray, mask, areas=())) == ["Visible"]


def test_the_same_pixels_are_read_once_wherever_they_stand(reader: LocalReader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that moved is the same line; its words move with it."""
    first = reader.read(page((20, 30, "Budget review")), wanted(page()), areas=())
    monkeypatch.setattr(reader, "_engine", Deaf(reader._engine.version))
    second = reader.read(page((21, 91, "Budget review")), wanted(page()), areas=())
    assert said(first) == said(second) == ["Budget", "review"]
    assert second.lines[0].words[0].box.y - first.lines[0].words[0].box.y == 61
    assert said(reader.read(page((20, 30, "Budget revue")), wanted(page()), areas=())) == []


class Deaf:
    """An engine that reads nothing."""

    def __init__(self, version: str) -> None:
        self.version = version

    def read(self, *_: object, **__: object) -> tuple[Word, ...]:
        """Return nothing."""
        return ()


def test_what_went_off_the_screen_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading is remembered for the next few pictures only, and not at all by an engine of another version."""
    reader = LocalReader()
    gray, other = page((20, 30, "Remember this")), page((20, 30, "Something else"))
    reader.read(gray, wanted(gray), areas=())
    for _ in range(4):
        reader.read(other, wanted(other), areas=())
    monkeypatch.setattr(reader, "_engine", Deaf(reader._engine.version))
    assert said(reader.read(gray, wanted(gray), areas=())) == []
    monkeypatch.setattr(reader, "_engine", Deaf("another"))
    assert said(reader.read(other, wanted(other), areas=())) == []


@pytest.mark.promise("P8")
def test_what_there_is_no_time_for_is_counted() -> None:
    """With no time at all nothing is read, every strip is counted, and every area is named as not looked at."""
    reader = LocalReader(limit_ns=1)
    gray = page((20, 30, "One"), (20, 100, "Two"))
    reading = reader.read(gray, wanted(gray), areas=(Rect(0, 0, 60, 60), Rect(0, 0, 5, 5)))
    assert reading.lines == ()
    assert reading.unread == 2
    assert reading.unlooked == (Rect(0, 0, 60, 60),)


@pytest.mark.parametrize("kind", ["QRCode", "DataMatrix", "Aztec", "Code128"])
def test_codes_are_found_wherever_they_stand(reader: LocalReader, kind: str) -> None:
    """Square and bar codes are found; the place covers all that is drawn of them."""
    code = zxingcpp.create_barcode("https://example.org/t/4711", getattr(zxingcpp.BarcodeFormat, kind))
    drawn = np.asarray(code.to_image(scale=3))
    gray = np.full((drawn.shape[0] + 80, drawn.shape[1] + 140), 255, np.uint8)
    gray[40 : 40 + drawn.shape[0], 90 : 90 + drawn.shape[1]] = drawn
    (place,) = reader.read(gray, np.zeros(gray.shape, np.bool_), areas=(Rect(10, 5, gray.shape[1] - 10, gray.shape[0] - 5),)).codes
    rows, columns = np.flatnonzero((gray < 128).any(axis=1)), np.flatnonzero((gray < 128).any(axis=0))
    assert place.x <= columns[0]
    assert place.x + place.width > columns[-1]
    assert place.y <= rows[0]
    assert place.y + place.height > rows[-1]


def test_a_question_and_its_answer_go_through_the_pipe_whole() -> None:
    """What is asked comes out as it went in; a cut off question is none, and an answer that isn't there yet isn't either."""
    gray = page((20, 30, "Save"))
    mask = gray < 128
    asked = question_bytes(gray, mask, areas=(Rect(1, 2, 3, 4),), limit_ns=5)
    got = read_question(BytesIO(asked))
    assert got is not None
    assert np.array_equal(got.gray, gray)
    assert np.array_equal(got.wanted, mask)
    assert (got.areas, got.limit_ns) == ((Rect(1, 2, 3, 4),), 5)
    assert [read_question(BytesIO(asked[:size])) for size in (0, 3, LENGTHS.size + 2, len(asked) - 1)] == [None] * 4
    reading = Reading(lines=(Line(Rect(0, 0, 9, 9), (Word("Save", Rect(1, 1, 5, 5), 90),), (Rect(1, 1, 5, 5),)),), unread=3)
    out = BytesIO()
    write_answer(out, reading)
    assert answer_of(out.getvalue()) == reading
    assert [answer_of(out.getvalue()[:size]) for size in (0, 2, 9)] == [None] * 3
    with pytest.raises(ValueError, match="too long"):
        answer_of(b"\xff\xff\xff\xff")


def test_a_reading_moves_as_a_whole_and_shows_no_content() -> None:
    """Moving moves every place; what is printed of a reading holds no word."""
    box = Rect(1, 2, 3, 4)
    reading = Reading(lines=(Line(box, (Word("Thistledown", box, 9),), (box,)),), faces=(box,), codes=(box,), unlooked=(box,))
    there = reading.moved(10, 20)
    assert {there.lines[0].box, there.lines[0].words[0].box, there.lines[0].ink[0], *there.faces, *there.codes, *there.unlooked} == {
        Rect(11, 22, 3, 4)
    }
    assert "Thistledown" not in f"{reading} {reading.lines} {reading.lines[0].words}"


@pytest.mark.parametrize("missing", ["cv2", "tesserocr", "zxingcpp", "model"])
def test_a_missing_engine_is_named_with_what_to_install(missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """Without one of its parts there is no reader, and the error says which and how to get it."""
    if missing == "model":
        monkeypatch.setattr(load, "_FOLDERS", (str(tmp_path),))
        monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    else:
        monkeypatch.setattr(load.importlib.util, "find_spec", lambda name: None if name == missing else object())
    with pytest.raises(MissingExtraError, match=missing) as caught:
        load.load_reader()
    assert "witting[pixels]" in caught.value.hint


def test_the_languages_whose_models_are_there_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """English always; German, French and Spanish where their models are, nothing else; the name of a reading changes with them."""
    assert load.languages(tmp_path) == ("eng",)
    for name in ("spa", "deu", "osd", "jpn"):
        (tmp_path / f"{name}.traineddata").write_bytes(b"")
    assert load.languages(tmp_path) == ("eng", "deu", "spa")
    monkeypatch.setattr("witting.device.reading.engine.languages", lambda _: ("eng",))
    alone = Engine().version
    assert alone.split()[1].startswith("eng:")
    assert len(alone.split()) == 2


def test_accents_are_read_with_the_models_of_their_languages() -> None:
    """A German line keeps its dots where the German model is installed (tesseract-ocr-deu)."""
    if "deu" not in load.languages(load.models_folder()):
        pytest.skip("tesseract's German model isn't installed")
    gray = page((20, 30, "Übersicht für die Geschäftsführung"))
    assert said(LocalReader().read(gray, wanted(gray), areas=())) == ["Übersicht", "für", "die", "Geschäftsführung"]
