"""What the sign on the screen says and how it looks: words, colours, pixels. Nothing here speaks to a display.

Invariant: recording, recording but not this window, paused, helping and off differ in colour, in shape and in words, so that one of
the three is enough to tell them apart.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

HEIGHT_PX = 30
RADIUS_PX = 8
_LEAST_PX, _MOST_PX = 96, 340
_ICON_PX, _BUTTON_PX, _SIDE_PX = 18, 28, 12
_FONT_PX = 14
_LABEL_LIMIT = 24  # characters of an app's name
_SMOOTH = 4  # shapes are drawn so many times larger and made smaller
Colour = tuple[int, int, int]
_RED, _SLATE, _YELLOW, _GREY = (0xC6, 0x1A, 0x2B), (0x3A, 0x3F, 0x4B), (0xF6, 0xC4, 0x2C), (0x6B, 0x70, 0x7B)
_BLUE = (0x1B, 0x5E, 0xA8)
_WHITE, _BLACK = (255, 255, 255), (0x1C, 0x1C, 0x1C)


@dataclass(frozen=True, slots=True)
class Sign:
    """What the indicator says."""

    status: Literal["recording", "paused", "off", "helping"]
    app: str = ""  # the app recorded now, "" = the window in front isn't lent
    why: str = ""  # what holds it back or ended it, in a few words
    can_click: bool = True  # whether a click does something
    is_listening: bool = False  # the microphone is open for a voice note

    @property
    def text(self) -> str:
        """The words on it."""
        if self.status == "paused":
            return f"Paused · {self.why or 'click to go on'}"
        if self.status == "off":
            return f"Off · {self.why}" if self.why else "Off"
        if self.status == "helping":
            return f"Helping · {self.why}" if self.why else "Helping"
        if self.is_listening:
            return "Recording · microphone is on"
        return f"Recording {self.app[:_LABEL_LIMIT]}" if self.app else "This window isn't recorded"

    @property
    def colour(self) -> Colour:
        """Its background."""
        if self.status == "paused":
            return _YELLOW
        if self.status in {"off", "helping"}:
            return _GREY if self.status == "off" else _BLUE
        return _RED if self.app or self.is_listening else _SLATE

    @property
    def ink(self) -> Colour:
        """The colour of its words."""
        return _BLACK if self.status == "paused" else _WHITE


def _has_button(sign: Sign) -> bool:
    return sign.can_click and sign.status not in {"off", "helping"}


@lru_cache(maxsize=1)
def _font() -> object:
    from PIL import ImageFont

    return ImageFont.load_default(_FONT_PX)


def width_of(sign: Sign) -> int:
    """Return how wide the sign has to be, in pixels."""
    words = int(_font().getlength(sign.text))  # type: ignore[attr-defined] # a FreeType font, imported where it is needed
    return min(_MOST_PX, max(_LEAST_PX, 2 * _SIDE_PX + _ICON_PX + words + (_BUTTON_PX if _has_button(sign) else 0)))


@lru_cache(maxsize=64)
def picture(sign: Sign) -> bytes:
    """Return the sign's pixels, 32 bits each, `width_of` by HEIGHT_PX: blue, green, red, unused."""
    from PIL import Image, ImageDraw

    width = width_of(sign)
    large = Image.new("RGB", (width * _SMOOTH, HEIGHT_PX * _SMOOTH), sign.colour)
    _draw_shapes(ImageDraw.Draw(large), sign, width=width)
    image = large.resize((width, HEIGHT_PX), Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(image)
    draw.text((_SIDE_PX + _ICON_PX, HEIGHT_PX / 2), sign.text, fill=sign.ink, font=_font(), anchor="lm")  # type: ignore[arg-type]
    return image.convert("RGBX").tobytes("raw", "BGRX")


def _draw_shapes(draw: object, sign: Sign, *, width: int) -> None:
    """Draw the mark of the state on the left and what a click does on the right."""
    middle = HEIGHT_PX / 2
    left = float(_SIDE_PX)
    if sign.status == "paused":
        _bars(draw, left + 1, ink=sign.ink)
    elif sign.status == "off":
        _shape(draw, "rectangle", box=(left, middle - 5, left + 10, middle + 5), fill=sign.ink)
    elif sign.status == "helping":
        corners = [(left, middle - 6), (left, middle + 6), (left + 11, middle)]
        draw.polygon([(x * _SMOOTH, y * _SMOOTH) for x, y in corners], fill=sign.ink)  # type: ignore[attr-defined]
    elif sign.app:
        _shape(draw, "ellipse", box=(left, middle - 5, left + 10, middle + 5), fill=sign.ink)
    else:
        _shape(draw, "ellipse", box=(left, middle - 5, left + 10, middle + 5), outline=sign.ink, width=2 * _SMOOTH)
    if not _has_button(sign):
        return
    edge = float(width - _BUTTON_PX - 2)
    line = tuple((3 * one + other) // 4 for one, other in zip(sign.colour, sign.ink, strict=True))
    _shape(draw, "rectangle", box=(edge, 7, edge + 1, HEIGHT_PX - 7), fill=line)
    right = edge + 11
    if sign.status == "paused":
        corners = [(right, middle - 6), (right, middle + 6), (right + 10, middle)]
        draw.polygon([(x * _SMOOTH, y * _SMOOTH) for x, y in corners], fill=sign.ink)  # type: ignore[attr-defined]
    else:
        _bars(draw, right, ink=sign.ink)


def _bars(draw: object, left: float, *, ink: Colour) -> None:
    middle = HEIGHT_PX / 2
    for x in (left, left + 6):
        _shape(draw, "rectangle", box=(x, middle - 5.5, x + 3, middle + 5.5), fill=ink)


def _shape(draw: object, kind: str, *, box: tuple[float, float, float, float], **how: object) -> None:
    getattr(draw, kind)([edge * _SMOOTH for edge in box], **how)


def rounded(width: int) -> list[tuple[int, int, int, int]]:
    """Return the strips (x, y, width, height) that make up a sign with round corners."""
    strips = [(0, RADIUS_PX, width, HEIGHT_PX - 2 * RADIUS_PX)]
    for row in range(RADIUS_PX):
        rise = RADIUS_PX - row - 0.5
        inset = round(RADIUS_PX - (RADIUS_PX**2 - rise**2) ** 0.5)
        strips += [(inset, row, width - 2 * inset, 1), (inset, HEIGHT_PX - 1 - row, width - 2 * inset, 1)]
    return strips
