"""What every export is made of: the steps of a dataset with their pictures as PNG, and the points placed on those pictures.

Knows no other tool's format. Invariant: a point is told as a share of the picture that it is told beside, never of another; outside it
stays outside.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from witting.lab.dataset import Dataset
from witting.terms.geometry import Rect
from witting.terms.work import Episode, Step

IMAGES = "images"


class Shot(NamedTuple):
    """A step with what was to be seen before it."""

    episode: Episode
    step: Step
    pixels: NDArray[np.uint8] | None  # (height, width, 3), None where there is no picture
    area: Rect  # where on the screen the picture lies; the screen's own place where there is none; empty = not known

    @property
    def name(self) -> str:
        """The name of its picture."""
        return f"{self.episode.episode_id}_{self.step.step_index}.png"

    def share(self, x: int, y: int) -> tuple[float, float]:
        """Return a point as shares of the picture's width and height."""
        return (x - self.area.x) / self.area.width, (y - self.area.y) / self.area.height


def shots(dataset: Dataset, episode: Episode, *, with_pixels: bool = True) -> Iterator[Shot]:
    """Yield the steps of an episode with their pictures."""
    for step in episode.steps:
        pixels, area = dataset.shot(episode.episode_id, step.step_index) if with_pixels else (None, Rect(0, 0, 0, 0))
        yield Shot(episode, step, pixels, step.observation.screen if area.is_empty else area)


def png_of(pixels: NDArray[np.uint8]) -> bytes:
    """Return a picture as PNG, pixel for pixel."""
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=6)
    return stream.getvalue()


def write_picture(folder: Path, shot: Shot) -> str:
    """Write a step's picture below a folder and return its path there; empty when there is none."""
    if shot.pixels is None:
        return ""
    (folder / IMAGES).mkdir(exist_ok=True)
    (folder / IMAGES / shot.name).write_bytes(png_of(shot.pixels))
    return f"{IMAGES}/{shot.name}"
