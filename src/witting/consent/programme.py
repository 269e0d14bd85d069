"""Programme files: one TOML file says what is asked of whom, for what and for how long.

Knows nothing of receipts or the hub. Invariant: a programme that was loaded has no unknown key, no missing one, and makes sense on its
own; whether it tells people all it must is the question of `check_programme`.
"""

import difflib
import hashlib
import re
import tomllib
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import rfc8785

from witting.consent.duties import Problem, check_programme
from witting.consent.sense import nonsense
from witting.terms.errors import ProgrammeError
from witting.terms.events import STREAMS
from witting.terms.programme import (
    App,
    Controller,
    Incentive,
    Insight,
    KindKept,
    Limits,
    Place,
    Programme,
    Purpose,
    Recipient,
    Representative,
    Retention,
)

__all__ = ["Problem", "check_programme", "load_programme", "programme_digest", "read_programme", "write_template"]

_TABLES = (Programme, Controller, Recipient, Purpose, App, Retention, KindKept, Limits, Insight, Representative, Place, Incentive)
MOST_BYTES = 100_000  # of a programme file; the reader of TOML takes quadratic time for some that are larger
_EXAMPLE_HINT = "`witting programme new` writes a complete example"


def load_programme(path: Path) -> Programme:
    """Return the programme in a TOML file.

    Raises:
        ProgrammeError: the file can't be read, or a key is unknown, missing, of the wrong type or makes no sense; the message names it.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            message = f"the programme file {path} is larger than {MOST_BYTES:,} bytes"
            raise ProgrammeError(message, hint="a programme is a few pages of text; nothing of it was read")
        text = path.read_text("utf-8")
    except FileNotFoundError:
        message = f"there is no programme file {path}"
        raise ProgrammeError(message, hint=_EXAMPLE_HINT) from None
    except (OSError, UnicodeDecodeError) as error:
        message = f"the programme file {path} can't be read ({type(error).__name__})"
        raise ProgrammeError(message, hint="a programme is a text file in UTF-8 that you may read") from None
    return read_programme(text, name=path.name)


def read_programme(text: str, *, name: str = "programme") -> Programme:
    """Return the programme in TOML text; `name` stands for the file in errors.

    Raises:
        ProgrammeError: a key is unknown, missing, of the wrong type or makes no sense; the message names it.
    """
    try:
        programme = msgspec.convert(tomllib.loads(text), Programme)
    except RecursionError:
        message = f"{name} is nested too deep to be a programme"
        raise ProgrammeError(message, hint=_EXAMPLE_HINT) from None
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(text, str(error), name=name) from None
    except msgspec.ValidationError as error:
        raise _not_a_programme(str(error), name) from None
    problems = nonsense(programme)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        message = f"{name}: `{problems[0].field}` {problems[0].message}{more}"
        raise ProgrammeError(message, hint=problems[0].hint)
    return programme


def programme_digest(programme: Programme) -> str:
    """Return the sha256 (hex) of the programme's RFC 8785 bytes: any change of what the file says changes it.

    What equals its default counts as left out, so older receipts stay in force when programmes learn new fields.
    """
    return hashlib.sha256(rfc8785.dumps(stated(programme))).hexdigest()


def stated(value: Any) -> Any:
    """Return a programme, or a part of one, as plain data without what equals its default (the library's own option goes by identity)."""
    if isinstance(value, tuple):
        return [stated(each) for each in value]
    if not isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    fields = ((field, getattr(value, field.name)) for field in msgspec.structs.fields(value))
    return {field.encode_name: stated(found) for field, found in fields if field.required or found != field.default}


def write_template(path: Path) -> None:
    """Write a complete example of a synthetic organisation to `path`.

    Raises:
        ProgrammeError: something lies there already, or the place can't be written.
    """
    example = files("witting.consent").joinpath("example.toml").read_bytes()
    try:
        with path.open("xb") as file:
            file.write(example)
    except FileExistsError:
        message = f"{path} exists already; it was left as it is"
        raise ProgrammeError(message, hint="choose another name") from None
    except OSError as error:
        message = f"{path} can't be written ({type(error).__name__})"
        raise ProgrammeError(message, hint="choose a folder that exists and that you may write to") from None


def _not_toml(text: str, said: str, *, name: str) -> ProgrammeError:
    """Return the error for text that isn't TOML: the line, and its key when it holds an impossible date."""
    line = re.search(r"at line (\d+)", said)
    if line is None:
        return ProgrammeError(f"{name} isn't TOML: {said}", hint=_EXAMPLE_HINT)
    key = text.splitlines()[int(line[1]) - 1].split("=")[0].strip()
    if "Invalid date" in said and re.fullmatch(r"[\w.-]+", key):
        return ProgrammeError(f"{name}: `{key}` in line {line[1]} isn't a day of the calendar", hint="write it as YYYY-MM-DD")
    return ProgrammeError(f"{name} isn't TOML: {said}", hint="mend that line; strings stand in double quotes")


def _not_a_programme(said: str, name: str) -> ProgrammeError:
    """Return the error for TOML that isn't a programme, from what the decoder said."""
    place = re.search(r" - at `\$\.?(.*)`$", said)
    path = place[1] if place else ""
    what = said[: place.start()] if place else said
    at = partial(_join, path)
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", what):
        return ProgrammeError(f"{name}: unknown key `{at(unknown[1])}`", hint=_meant(unknown[1]))
    if missing := re.fullmatch(r"Object missing required field `(.*)`", what):
        return ProgrammeError(f"{name}: `{at(missing[1])}` is missing", hint=f"add it; {_EXAMPLE_HINT}")
    if path.startswith("purposes") and ".streams[" in path:
        return ProgrammeError(f"{name}: `{path}` is no kind of recording", hint=f"the kinds are {', '.join(STREAMS)}")
    return ProgrammeError(f"{name}: `{path}`: {what[:1].lower()}{what[1:]}", hint=_EXAMPLE_HINT)


def _join(path: str, key: str) -> str:
    """Return the dotted name of `key` below `path`."""
    return f"{path}.{key}" if path else key


def _meant(key: str) -> str:
    """Return what to do about an unknown key: the nearest known one, if any is near."""
    known = {field for kind in _TABLES for field in kind.__struct_fields__}
    near = difflib.get_close_matches(key, sorted(known), n=1)
    return f"did you mean `{near[0]}`? else remove it" if near else f"remove it; {_EXAMPLE_HINT}"
