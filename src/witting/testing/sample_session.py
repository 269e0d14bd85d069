"""A redacted session of a synthetic person, made from nothing, for tests of whatever comes after the privacy room.

Knows no capture and no screen: pictures are drawn. Invariant: the same arguments give the same records; every value in them is invented.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
import xxhash
import zstandard
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from witting.terms.codec import tree_digest
from witting.terms.events import (
    STREAMS,
    Clipboard,
    Frame,
    Gap,
    Key,
    PageForm,
    PageNavigation,
    PageScroll,
    PointerButton,
    PointerPath,
    PointerWheel,
    TaskMark,
    TextInput,
    Tile,
    Topology,
    VoiceNote,
    WindowFocus,
)
from witting.terms.findings import Finding
from witting.terms.geometry import Monitor, Rect
from witting.terms.session import Record, SessionEnd, SessionHeader
from witting.terms.tree import UiNode, UiTree

TILE_PX = 64
SITE = "https://desk.example.org"
MASK_RGB = (0xA0, 0xA0, 0xA0)
_SECOND = 1_000_000_000
_Pixels = NDArray[np.uint8]


def sample_header(session_id: str, *, receipt_id: str = "receipt-1", purpose: str = "train-agents") -> SessionHeader:
    """Return a header under an invented receipt."""
    return SessionHeader(
        session_id=session_id,
        programme_id="sample-programme",
        programme_digest="0" * 64,
        receipt_id=receipt_id,
        purposes=(purpose,),
        streams=STREAMS,
        recorded_at="2026-11-24T06:00:00Z",
        started_ns=_SECOND,
        recorder_version="sample",
        width_px=1280,
        height_px=800,
    )


def sample_records(header: SessionHeader, *, frames: int = 3) -> Iterator[Record]:
    """Yield a whole session: one task on a contact page, `frames` pictures two seconds apart, several kinds of gap, the end."""
    yield header
    yield Topology(_SECOND, (Monitor("screen", Rect(0, 0, header.width_px, header.height_px)),))
    seen: set[str] = set()
    kept: dict[str, int] = dict.fromkeys(STREAMS, 0)
    for number in range(frames):
        for record in _turn(number, header, frames=frames):
            if isinstance(record, Tile):
                if record.digest in seen:
                    continue
                seen.add(record.digest)
            for stream, types in _KINDS.items():
                kept[stream] += isinstance(record, types)
            yield record
    end_ns = _SECOND * (2 + 2 * frames)
    gapped = {"keys": 11 * frames, "windows": frames, "screen": frames}
    reduced = {"pointer": 7 * frames}
    produced: dict[str, int] = {stream: kept[stream] + gapped.get(stream, 0) + reduced.get(stream, 0) for stream in STREAMS}
    yield SessionEnd(timestamp_ns=end_ns, reason="stopped", produced=produced, kept=kept, gapped=gapped, reduced=reduced)


_KINDS: dict[str, tuple[type, ...]] = {
    "pointer": (PointerPath, PointerButton, PointerWheel),
    "keys": (Key, TextInput),
    "windows": (WindowFocus,),
    "pages": (PageNavigation, PageForm, PageScroll),
    "ui_tree": (UiTree,),
    "screen": (Frame,),
    "clipboard": (Clipboard,),
    "voice": (VoiceNote,),
}


def _turn(number: int, header: SessionHeader, *, frames: int) -> Iterator[Record]:
    """Yield two seconds of work: look, point, type, send."""
    start = _SECOND * (1 + 2 * number)

    def at(tenths: int) -> int:
        return start + tenths * _SECOND // 10

    if number == 0:
        yield WindowFocus(at(0), "chromium", "Contacts")
        yield PageNavigation(at(0), f"{SITE}/contacts", "Contacts", tab=1)
        yield PageScroll(at(0) + 1, f"{SITE}/contacts", 0, 240, tab=1)
    if number % 4 == 0:
        yield TaskMark(at(1), "begin", "Add the new contact and press Save")
    yield sample_tree(at(1), number)
    yield from _picture(at(1), number, header=header)
    yield PointerPath(at(0) + _SECOND // 4, 0, "direct")
    yield PointerButton(at(4), 440, 384, 1, pressed=True)
    yield PointerButton(at(4) + 80_000_000, 440, 384, 1, pressed=False)
    yield TextInput(at(5), at(9), "Please call ⟨NAME_1⟩ or write to ⟨EMAIL_1⟩", _TYPED)
    yield Clipboard(at(9) + 1, "text", 64)
    yield VoiceNote(at(9) + 2, at(9) + 3, "the note is for ⟨NAME_1⟩", (Finding("name", 16, 22, 0.97, "words"),))
    yield Key(at(10), "ctrl+s")
    yield Gap("secure_field", "keys", at(11), at(13), 11)
    yield PageForm(at(14), f"{SITE}/contacts")
    yield Gap("app_not_lent", "windows", at(15), at(17))
    yield Gap("app_not_lent", "screen", at(15), at(17))
    yield PointerWheel(at(18), 440, 384, 0, 1)
    if (number + 1) % 4 == 0 or number == frames - 1:
        yield TaskMark(at(19), "done")


_TYPED = (Finding("name", 12, 24, 0.97, "words"), Finding("email", 37, 60, 1.0, "rules"))


def sample_tree(timestamp_ns: int, number: int = 0) -> UiTree:
    """Return the tree of the contact page, a name and an address in it redacted."""
    nodes = (
        UiNode(0, -1, "document", "Contacts", box=Rect(0, 80, 1280, 720), tag="body"),
        UiNode(1, 0, "heading", "Contacts", box=Rect(80, 120, 300, 40), tag="h1"),
        UiNode(2, 0, "textbox", "Note", "Please call ⟨NAME_1⟩", ("focused", "editable"), Rect(80, 360, 720, 48), "input", "note"),
        UiNode(3, 0, "textbox", "Password", "", ("secure",), Rect(80, 440, 720, 48), "input", "password"),
        UiNode(4, 0, "button", "Save", box=Rect(80, 520, 120, 48), tag="button"),
        UiNode(5, 0, "text", f"Row {number + 1}: ⟨NAME_2⟩", box=Rect(80, 620, 400, 32)),
    )
    findings = (Finding("name", 12, 24, 0.97, "words"), Finding("unlisted_word", 7, 15, 1.0, "words"))
    return UiTree(timestamp_ns, tree_digest(nodes), "page", "chromium", f"{SITE}/contacts", nodes, findings)


def _picture(timestamp_ns: int, number: int, *, header: SessionHeader) -> Iterator[Tile | Frame]:
    pixels = sample_pixels(number, header.width_px, height=header.height_px)
    names = []
    for tile in _tiles(pixels):
        names.append(bytes.fromhex(tile.digest))
        yield tile
    findings = (Finding("pixels", 0, 0, 1.0, "regions"),)
    yield Frame(timestamp_ns, "damage" if number else "start", header.width_px, header.height_px, b"".join(names), 0.12, findings)


def _tiles(pixels: _Pixels) -> Iterator[Tile]:
    height, width = pixels.shape[:2]
    padded = np.pad(pixels, ((0, -height % TILE_PX), (0, -width % TILE_PX), (0, 0)))
    for top in range(0, height, TILE_PX):
        for left in range(0, width, TILE_PX):
            raw = padded[top : top + TILE_PX, left : left + TILE_PX].tobytes()
            yield Tile(xxhash.xxh3_128_hexdigest(raw), zstandard.compress(raw, 3))


@cache
def sample_pixels(number: int, width: int = 1280, *, height: int = 800) -> _Pixels:
    """Return the drawn screen of turn `number`, shape (height, width, 3), names already under a mask."""
    image = Image.new("RGB", (width, height), (246, 245, 242))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width, 80), fill=(52, 58, 74))
    draw.text((80, 26), "desk.example.org", font=_font(22), fill=(240, 240, 240))
    draw.text((80, 120), "Contacts", font=_font(34), fill=(30, 32, 40))
    for top, label in ((360, "Note"), (440, "Password")):
        draw.text((80, top - 28), label, font=_font(18), fill=(70, 72, 80))
        draw.rounded_rectangle((80, top, 800, top + 48), 6, outline=(150, 152, 160), fill=(255, 255, 255))
    draw.rounded_rectangle((80, 520, 200, 568), 6, fill=(44, 98, 84))
    draw.text((112, 530), "Save", font=_font(22), fill=(255, 255, 255))
    draw.text((80, 620), f"Row {number + 1}:", font=_font(20), fill=(30, 32, 40))
    draw.rectangle((160, 616, 480, 652), fill=MASK_RGB)
    draw.rectangle((900, 80, width, height), fill=MASK_RGB)
    return np.asarray(image, dtype=np.uint8)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
