"""Pictures redacted and read again: screenleak's sample, and frames of our own with planted values.

A planted value is readable if tesseract, on the redacted frame enlarged threefold and read as a whole page (not by our strips), finds one
of its parts of four characters or more (letters and digits only; for numbers, six). A labelled region of screenleak is covered if at most
a tenth of its edges is shown. Harmless text is what was drawn as harmless (ours), or every strip outside the labelled regions (screenleak);
it is masked by the share of its edges.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import tesserocr
import xxhash
from numpy.typing import NDArray

from bench_privacy import figure
from frames_made import MadeFrame, frames
from pixels_office import office_figures
from redaction_split import DATA
from witting.device.privacy.detectors import Posture
from witting.device.privacy.one_picture import read_picture, redact_picture
from witting.device.reading.found import Reader, Reading
from witting.device.reading.load import load_reader, models_folder
from witting.device.reading.strips import find_strips
from witting.terms.geometry import Rect

FRAMES = 330
POSTURES: tuple[Posture, ...] = ("strict", "balanced")
_COMMON = 4
Mask = NDArray[np.bool_]


def edges_of(pixels: NDArray[np.uint8]) -> Mask:
    """Return where something is drawn."""
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.morphologyEx(gray, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 16)


def shown_share(edges: Mask, shown: Mask, boxes: Sequence[tuple[int, int, int, int]]) -> tuple[int, int]:
    """Return how many edge pixels in boxes (left, top, right, bottom) are shown, and how many there are."""
    inside = np.zeros_like(edges)
    for left, top, right, bottom in boxes:
        inside[max(0, top) : bottom, max(0, left) : right] = True
    return int(np.count_nonzero(edges & inside & shown)), int(np.count_nonzero(edges & inside))


def screenleak(posture: Posture) -> list[dict[str, object]]:
    """Return the figures of screenleak's sample."""
    folder = DATA / "screenleak" / "image"
    reader = load_reader()
    covered = spans = harmless = masked = images = 0
    for line in (folder / "annotations.jsonl").read_text(encoding="utf-8").splitlines():
        note = json.loads(line)
        pixels = read_picture(folder / "images" / Path(note["image_path"]).name)
        done, _ = redact_picture(pixels, None, reader=reader, posture=posture)
        shown, edges = (done == pixels).all(axis=2), edges_of(pixels)
        images += 1
        places = [(x, y, x + width, y + height) for x, y, width, height in (span["bbox"] for span in note["spans"])]
        for place in places:
            seen, drawn = shown_share(edges, shown, [place])
            spans += 1
            covered += seen * 10 <= drawn
        gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        strips = [strip.box for strip in find_strips(gray, np.ones(gray.shape, np.bool_))]
        for left, top, right, bottom in places:
            edges[top:bottom, left:right] = False
        seen, drawn = shown_share(edges, shown, [(box.x, box.y, box.x + box.width, box.y + box.height) for box in strips])
        harmless += drawn
        masked += drawn - seen
    return [
        figure(f"screenleak sample, {images} images: regions covered, {posture}", 100 * covered / spans, "%", "higher", bar=97, runs=spans),
        figure(f"screenleak sample: harmless text masked, {posture}", 100 * masked / max(1, harmless), "%", "lower", bar=45, runs=images),
    ]


def parts_of(value: str) -> list[str]:
    """Return a value's telling parts, letters and digits only, in lower case."""
    words = [re.sub(r"[^\w]|_", "", word).lower() for word in re.split(r"[\s@.,/-]+", value)]
    return [word for word in words if len(word) >= (6 if word.isdigit() else _COMMON)]


def read_again(pixels: NDArray[np.uint8], api: tesserocr.PyTessBaseAPI) -> str:
    """Return all that can be read in a picture, letters and digits only."""
    big = cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    api.SetImageBytes(big.tobytes(), big.shape[1], big.shape[0], 1, big.shape[1])
    return " ".join(re.sub(r"[^\w]|_", "", word).lower() for word in str(api.GetUTF8Text()).split())


def common_words(made: MadeFrame) -> set[str]:
    """Return what the frame's look says by itself: parts that also stand in harmless lines or on labels don't tell."""
    from frames_made import _HARMLESS

    said = " ".join((*_HARMLESS, "Name Contact Sent by Account Delivered to Token", made.look))
    return {word.lower() for word in said.split()}


class _ReadOnce:
    """A reader that remembers the last picture, so that both postures judge one reading."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._last = reader, (b"", Reading())

    def read(self, gray: NDArray[np.uint8], wanted: Mask, *, areas: tuple[Rect, ...]) -> Reading:
        """Return what the picture says."""
        name = xxhash.xxh3_128_digest(gray.tobytes() + wanted.tobytes())
        if name != self._last[0]:
            self._last = (name, self._reader.read(gray, wanted, areas=areas))
        return self._last[1]


@dataclass
class _Tally:
    """What became of the made frames in one posture."""

    readable: Counter[int] = field(default_factory=Counter)  # values, by size of the letters
    planted: int = 0
    seen: int = 0  # drawn pixels of harmless text
    drawn: int = 0


def made_frames(count: int, *, step: int = 1) -> list[dict[str, object]]:
    """Return the figures of our own frames, every `step`th of them, in both postures."""
    reader = _ReadOnce(load_reader())
    api = tesserocr.PyTessBaseAPI(path=str(models_folder()), lang="eng", psm=tesserocr.PSM.SPARSE_TEXT)
    tallies = {posture: _Tally() for posture in POSTURES}
    before = looked = 0
    spent = 0.0
    for number, made in enumerate(frames(count)):
        if number % step:
            continue
        again: dict[bytes, str] = {}
        looked += 1
        if number % 10 == 0:
            first = read_again(made.pixels, api)
            before += sum(any(part in first for part in parts_of(value)) for value in made.planted)
            print({"frame": number, **{posture: (tally.readable.total(), tally.planted) for posture, tally in tallies.items()}}, flush=True)
        for posture, tally in tallies.items():
            begun = time.process_time()
            done, _ = redact_picture(made.pixels, None, reader=reader, posture=posture)
            spent += time.process_time() - begun if posture == "strict" else 0
            name = xxhash.xxh3_128_digest(done.tobytes())
            if name not in again:
                again[name] = read_again(done, api)
            _note(tally, made, done=done, again=again[name])
    print(
        {"readable by size": {posture: dict(tally.readable) for posture, tally in tallies.items()}, "readable before, every tenth": before}
    )
    found = [figure("CPU to read a new frame of 900x560, strict", 1000 * spent / looked, "ms", "lower", runs=looked)]
    for posture, tally in tallies.items():
        value = tally.readable.total()
        found += [
            figure(f"made frames: planted values readable, {posture}", value, f"of {tally.planted}", "lower", bar=0, runs=looked),
            figure(
                f"made frames: harmless text masked, {posture}", 100 * (1 - tally.seen / max(1, tally.drawn)), "%", "lower", runs=looked
            ),
        ]
    return found


def _note(tally: _Tally, made: MadeFrame, *, done: NDArray[np.uint8], again: str) -> None:
    """Count what can be read in a redacted frame, and what of its harmless text is left."""
    common = common_words(made)
    for value in made.planted:
        tally.planted += 1
        if any(part in again for part in parts_of(value) if part not in common):
            tally.readable[made.size] += 1
            print(
                "readable", made.look, made.size, "dark" if made.is_dark else "light", [part for part in parts_of(value) if part in again]
            )
    shown = (done == made.pixels).all(axis=2)
    seen, drawn = shown_share(edges_of(made.pixels), shown, made.harmless)
    tally.seen, tally.drawn = tally.seen + seen, tally.drawn + drawn


def pixel_figures(count: int = FRAMES) -> list[dict[str, object]]:
    """Return all figures of pictures."""
    return [*(found for posture in POSTURES for found in screenleak(posture)), *made_frames(count), *office_figures()]
