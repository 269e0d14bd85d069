"""Whether pictures can be read on this machine, and the reader of this process. Loads nothing before it is asked."""

import importlib.util
import os
from pathlib import Path

from witting.device.reading.found import Reader
from witting.terms.errors import MissingExtraError

LANGUAGE = "eng"  # needed
MORE_LANGUAGES = ("deu", "fra", "spa")  # used where their models are
NEEDED = ("cv2", "tesserocr", "zxingcpp")
HINT = "pip install 'witting[pixels]'; apt install tesseract-ocr-eng"
_FOLDERS = ("/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tessdata", "/usr/local/share/tessdata")


def check_engines() -> Path:
    """Return the folder of tesseract's model, after a look whether everything that reads pictures is here.

    Raises:
        MissingExtraError: something isn't; the message names it.
    """
    for name in NEEDED:
        if importlib.util.find_spec(name) is None:
            message = f"pictures can't be read: {name} isn't installed"
            raise MissingExtraError(message, hint=HINT)
    return models_folder()


def models_folder() -> Path:
    """Return the folder with tesseract's English model.

    Raises:
        MissingExtraError: there is none.
    """
    own = os.environ.get("TESSDATA_PREFIX", "")
    for folder in (own, *_FOLDERS):
        if folder and (Path(folder) / f"{LANGUAGE}.traineddata").is_file():
            return Path(folder)
    raise MissingExtraError("pictures can't be read: tesseract's English model isn't here", hint=HINT)


def languages(folder: Path) -> tuple[str, ...]:
    """Return the languages that are read: English, and of those whose words privacy knows the ones whose models are in a folder."""
    return (LANGUAGE, *(name for name in MORE_LANGUAGES if (folder / f"{name}.traineddata").is_file()))


def load_reader() -> Reader:
    """Return a reader in this process that takes the time it needs.

    Raises:
        MissingExtraError: an engine isn't here.
    """
    check_engines()
    from witting.device.reading.local import LocalReader

    return LocalReader()
