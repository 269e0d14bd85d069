"""Desktop frames of our own, rendered with what a desktop shows: six programs' looks, 7 to 20 px, dark and light, with planted values.

Values are drawn from faker with a seed, so nobody is real. Each frame says which values it holds and where its harmless lines are.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib as mpl
import numpy as np
from faker import Faker
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

LOOKS = ("mail", "chat", "sheet", "form", "terminal", "files")
SIZES = (7, 8, 9, 10, 11, 12, 13, 14, 16, 18, 20)
WIDTH, HEIGHT = 900, 560
_FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"
_THEMES = {False: ("#ffffff", "#f0f0f0", "#1a1a1a", "#555555"), True: ("#1e1f22", "#2b2d30", "#e8e8e8", "#9a9da3")}
_HARMLESS = (
    "Open the file", "Save all changes", "Last updated yesterday", "Search for a message", "New folder", "Meeting notes for the team",
    "Please review the report", "Total amount", "Order status", "Move to archive", "Print preview", "Help and settings",
    "The delivery was late again", "Thank you for your help", "Budget for the next quarter", "Select a date", "Reply to all",
)  # fmt: skip


@dataclass
class MadeFrame:
    """One frame."""

    look: str
    size: int
    is_dark: bool
    pixels: NDArray[np.uint8]
    planted: list[str] = field(default_factory=list)
    harmless: list[tuple[int, int, int, int]] = field(default_factory=list)  # left, top, right, bottom


class _Page:
    """A canvas that notes what is drawn on it."""

    def __init__(self, look: str, size: int, *, is_dark: bool, chance: random.Random) -> None:
        self.look, self.size, self.is_dark, self.chance = look, size, is_dark, chance
        self.back, self.panel, self.ink, self.faint = _THEMES[is_dark]
        self.image = Image.new("RGB", (WIDTH, HEIGHT), self.back)
        self.draw = ImageDraw.Draw(self.image)
        name = "DejaVuSansMono" if look == "terminal" else "DejaVuSans"
        self.font = ImageFont.truetype(str(_FONTS / f"{name}.ttf"), size)
        self.bold = ImageFont.truetype(str(_FONTS / f"{name}-Bold.ttf"), size)
        self.planted: list[str] = []
        self.harmless: list[tuple[int, int, int, int]] = []
        faker = Faker(["en_US", "en_GB", "de_DE", "fr_FR", "es_ES"])
        faker.seed_instance(chance.randrange(10**9))
        self.faker = faker

    def value(self) -> str:
        """Return a planted value of some kind."""
        fake, chance = self.faker, self.chance
        letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
        return chance.choice([
            fake.name, fake.name, fake.email, fake.phone_number, fake.iban, fake.credit_card_number,
            lambda: "ghp_" + "".join(chance.choices(letters, k=36)), fake.street_address, fake.user_name,
        ])()  # fmt: skip

    def text(self, x: int, y: int, said: str, *, planted: bool = False, bold: bool = False, faint: bool = False) -> int:
        """Draw a text and return where it ends."""
        font = self.bold if bold else self.font
        self.draw.text((x, y), said, fill=self.faint if faint else self.ink, font=font)
        box = self.draw.textbbox((x, y), said, font=font)
        if planted:
            self.planted.append(said)
        else:
            self.harmless.append((int(box[0]), int(box[1]), int(box[2]), int(box[3])))
        return int(box[2])

    def line(self, x: int, y: int) -> None:
        """Draw a line of text: harmless, a value, or a value behind its label."""
        kind = self.chance.random()
        if kind < 0.45:
            self.text(x, y, self.chance.choice(_HARMLESS))
        elif kind < 0.7:
            self.text(x, y, self.value(), planted=True, bold=self.chance.random() < 0.3)
        else:
            end = self.text(x, y, self.chance.choice(("Name:", "Contact", "Sent by", "Account", "Delivered to", "Token:")))
            self.text(end + self.size, y, self.value(), planted=True)


def _draw(page: _Page) -> None:
    """Draw one program's look."""
    step, margin = round(page.size * 1.9), 14
    columns = {"mail": (14, 210), "chat": (60,), "sheet": (10, 260, 520), "form": (40, 300), "terminal": (8,), "files": (40, 420)}[
        page.look
    ]
    page.draw.rectangle((0, 0, WIDTH, step + 8), fill=page.panel)
    page.text(margin, 6, page.chance.choice(_HARMLESS), bold=True)
    for row, y in enumerate(range(step + 20, HEIGHT - step, step)):
        if page.look == "sheet":
            page.draw.line((0, y - 3, WIDTH, y - 3), fill=page.panel)
        if page.look == "chat" and row % 3 == 0:
            page.draw.ellipse((14, y, 44, y + 30), fill="#4a6fa5")
        if page.look == "form" and row % 2:
            page.draw.rectangle((294, y - 4, 780, y + page.size + 6), outline=page.faint)
        if page.look == "files":
            page.draw.rectangle((16, y, 16 + page.size, y + page.size), fill="#d9a441")
        for x in columns:
            if page.chance.random() < 0.8:
                page.line(x, y)


def frames(count: int, seed: int = 5) -> Iterator[MadeFrame]:
    """Yield `count` frames, all looks, sizes and both themes in turn."""
    for number in range(count):
        chance = random.Random(seed * 100_003 + number)
        look, size = LOOKS[number % len(LOOKS)], SIZES[(number // len(LOOKS)) % len(SIZES)]
        is_dark = bool((number // (len(LOOKS) * len(SIZES))) % 2) ^ bool(number % 2)
        page = _Page(look, size, is_dark=is_dark, chance=chance)
        _draw(page)
        yield MadeFrame(look, size, is_dark, np.asarray(page.image), page.planted, page.harmless)
