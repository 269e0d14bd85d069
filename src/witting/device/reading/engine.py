"""Tesseract, asked for one strip at a time: a strip is enlarged to the size that it reads best, dark on light.

Finds no strips and keeps nothing. The engine's version is part of every name under which a reading is remembered.
"""

import cv2
import numpy as np

from witting.device.reading.found import Gray, Word
from witting.device.reading.load import HINT, languages, models_folder
from witting.terms.errors import MissingExtraError
from witting.terms.geometry import Rect

MARGIN_PX = 4  # around a strip
_BEST_PX = 36  # height at which it reads well
_BLOCK_PX = 30  # a strip as tall may be two lines
_MOST_TIMES = 4.0


class Engine:
    """One loaded engine.

    Raises:
        MissingExtraError: tesserocr or its model isn't there.
    """

    def __init__(self) -> None:
        folder = models_folder()
        try:
            import tesserocr
        except ImportError:
            raise MissingExtraError("tesserocr isn't installed", hint=HINT) from None
        self._modes = tesserocr.PSM
        self._word_level = tesserocr.RIL.WORD
        self._words = tesserocr.iterate_level
        names = languages(folder)
        self._api = tesserocr.PyTessBaseAPI(path=str(folder), lang="+".join(names), psm=tesserocr.PSM.SINGLE_LINE)
        models = " ".join(f"{name}:{(folder / f'{name}.traineddata').stat().st_size}" for name in names)
        self.version = f"{tesserocr.tesseract_version().split()[1]} {models}"

    def read(self, gray: Gray, box: Rect) -> tuple[Word, ...]:
        """Return the words of a strip, in reading order, with places in the picture."""
        top, left = max(0, box.y - MARGIN_PX), max(0, box.x - MARGIN_PX)
        crop = gray[top : box.y + box.height + MARGIN_PX, left : box.x + box.width + MARGIN_PX]
        times = min(_MOST_TIMES, max(1.0, _BEST_PX / box.height))
        page = prepared(crop, times)
        self._api.SetPageSegMode(self._modes.SINGLE_BLOCK if box.height >= _BLOCK_PX else self._modes.SINGLE_LINE)
        self._api.SetImageBytes(page.tobytes(), page.shape[1], page.shape[0], 1, page.shape[1])
        self._api.Recognize()
        found = []
        for item in self._words(self._api.GetIterator(), self._word_level):
            place = item.BoundingBox(self._word_level)
            text = item.GetUTF8Text(self._word_level).strip() if place is not None else ""
            if text:
                x, y, right, bottom = (round((at - MARGIN_PX) / times) for at in place)
                found.append(Word(text, Rect(left + x, top + y, right - x, bottom - y), round(item.Confidence(self._word_level))))
        self._api.Clear()
        return tuple(found)


def prepared(crop: Gray, times: float) -> Gray:
    """Return a strip enlarged, dark on light over the whole range, with a margin."""
    if times != 1.0:
        crop = cv2.resize(crop, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    low, high = int(crop.min()), int(crop.max())
    if high > low:
        crop = cv2.convertScaleAbs(crop, alpha=255 / (high - low), beta=-255 * low / (high - low))
    if float(np.median(crop)) < 128:  # noqa: PLR2004 - the middle
        crop = 255 - crop
    page: Gray = cv2.copyMakeBorder(crop, MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX, cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(page)
