"""Faces and machine-readable codes in a part of a picture: places only, never whose face or what a code says.

OpenCV's frontal face cascade and zxing. What a code says isn't read out of the library's answer. Invariant: a place is inside the part.
"""

from pathlib import Path

import cv2
import numpy as np

from witting.device.reading.found import Gray
from witting.terms.errors import MissingExtraError
from witting.terms.geometry import Rect

LEAST_PX = 24  # neither a face nor a code is told in less
_STEP, _NEIGHBOURS = 1.1, 6
_QUIET_SHARE = 0.15  # of a code's size, around it
_BAR_SHARE = 0.5  # a barcode's place is a line through it: so much of its length is masked above and below


class ObjectFinder:
    """Finds faces and codes.

    Raises:
        MissingExtraError: OpenCV's cascade or zxing isn't there.
    """

    def __init__(self) -> None:
        try:
            import zxingcpp
        except ImportError:
            raise MissingExtraError("zxing-cpp isn't installed", hint="pip install 'witting[pixels]'") from None
        self._codes = zxingcpp.read_barcodes
        cascade = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"
        if not cascade.is_file() or not hasattr(cv2, "CascadeClassifier"):
            raise MissingExtraError("OpenCV has no face cascade", hint="pip install 'opencv-python-headless<5'")
        self._cascade = cv2.CascadeClassifier(str(cascade))

    def faces(self, part: Gray) -> list[Rect]:
        """Return where faces are."""
        found = self._cascade.detectMultiScale(part, _STEP, _NEIGHBOURS, minSize=(LEAST_PX, LEAST_PX))
        return [Rect(int(x), int(y), int(width), int(height)) for x, y, width, height in found]

    def codes(self, part: Gray) -> list[Rect]:
        """Return where QR codes, barcodes and their like are, light on dark and those that can't be read to the end too."""
        whole = Rect(0, 0, part.shape[1], part.shape[0])
        found = [code for way in (part, 255 - part) for code in self._codes(np.ascontiguousarray(way), return_errors=True)]
        places = dict.fromkeys(_around(code.position).intersect(whole) for code in found)  # most are found both ways
        return [place for place in places if not place.is_empty]


def _around(position: object) -> Rect:
    """Return the box of a code with its quiet zone; of a barcode, which is found by a line through it, as tall as it is likely to be."""
    corners = [getattr(position, name) for name in ("top_left", "top_right", "bottom_right", "bottom_left")]
    columns, rows = [corner.x for corner in corners], [corner.y for corner in corners]
    width, height = max(columns) - min(columns), max(rows) - min(rows)
    quiet = int(max(width, height) * _QUIET_SHARE) + 2
    tall = int(width * _BAR_SHARE) if height * 4 < width else quiet
    wide = int(height * _BAR_SHARE) if width * 4 < height else quiet
    return Rect(min(columns) - wide, min(rows) - tall, width + 2 * wide, height + 2 * tall)
