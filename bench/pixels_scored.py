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
from pathlib import Path

import cv2
import numpy as np
import tesserocr
from numpy.typing import NDArray

from bench_privacy import figure
from frames_made import MadeFrame, frames
from redaction_split import DATA
from witting.device.privacy.one_picture import read_picture, redact_picture
from witting.device.reading.load import load_reader, models_folder
from witting.device.reading.strips import find_strips

FRAMES = 330
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


def screenleak(posture: str) -> list[dict[str, object]]:
    """Return the figures of screenleak's sample."""
    folder = DATA / "screenleak" / "image"
    reader = load_reader()
    covered = spans = harmless = masked = images = 0
    for line in (folder / "annotations.jsonl").read_text(encoding="utf-8").splitlines():
        note = json.loads(line)
        pixels = read_picture(folder / "images" / Path(note["image_path"]).name)
        done, _ = redact_picture(pixels, None, reader=reader, posture=posture)  # type: ignore[arg-type] # one of the two postures
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


def made_frames(posture: str, count: int) -> list[dict[str, object]]:
    """Return the figures of our own frames."""
    reader = load_reader()
    api = tesserocr.PyTessBaseAPI(path=str(models_folder()), lang="eng", psm=tesserocr.PSM.SPARSE_TEXT)
    readable: Counter[str] = Counter()
    before = planted = seen = drawn = 0
    spent = 0.0
    for number, made in enumerate(frames(count)):
        begun = time.process_time()
        done, _ = redact_picture(made.pixels, None, reader=reader, posture=posture)  # type: ignore[arg-type] # one of the two postures
        spent += time.process_time() - begun
        again, common = read_again(done, api), common_words(made)
        first = read_again(made.pixels, api) if number % 10 == 0 else ""
        for value in made.planted:
            parts = [part for part in parts_of(value) if part not in common]
            planted += 1
            before += bool(first) and any(part in first for part in parts)
            if any(part in again for part in parts):
                readable[f"{made.size} px"] += 1
                print("readable", posture, made.look, made.size, "dark" if made.is_dark else "light", number)
        shown, edges = (done == made.pixels).all(axis=2), edges_of(made.pixels)
        part_seen, part_drawn = shown_share(edges, shown, made.harmless)
        seen, drawn = seen + part_seen, drawn + part_drawn
    print({"readable by size": dict(readable), "readable before, every tenth frame": before})
    return [
        figure(f"made frames: planted values readable, {posture}", readable.total(), f"of {planted}", "lower", bar=0, runs=count),
        figure(f"made frames: harmless text masked, {posture}", 100 * (1 - seen / max(1, drawn)), "%", "lower", runs=count),
        figure(f"CPU to read a new frame of 900x560, {posture}", 1000 * spent / count, "ms", "lower", runs=count),
    ]


def pixel_figures(count: int = FRAMES) -> list[dict[str, object]]:
    """Return all figures of pictures."""
    found = []
    for posture in ("strict", "balanced"):
        found += screenleak(posture)
        found += made_frames(posture, count)
    return found
