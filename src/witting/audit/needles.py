"""The ways a value can be written: what a search for leaks looks for. Pure.

Invariant: a value of at least five characters, placed anywhere in a text that is then written in one of `ENCODINGS`, leaves one of its
needles.
"""

import base64
import html
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import msgspec

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "base64", "hex", "url", "json", "html", "reversed")
LEAST_CHARACTERS = 5  # a shorter value would be found by chance


class Needle(msgspec.Struct, frozen=True):
    """One way in which one value may stand in bytes."""

    kind: str  # kind of the value, never the value
    encoding: str  # one of ENCODINGS
    exact: bytes  # the bytes; matched without regard to case unless `is_cased`
    is_cased: bool


def needles_of(kind: str, value: str) -> list[Needle]:
    """Return every way in which `value` may stand in bytes, each once.

    Raises:
        ValueError: the value is too short to be told from chance; it isn't shown.
    """
    if len(value) < LEAST_CHARACTERS:
        message = f"a value of kind {kind!r} has fewer than {LEAST_CHARACTERS} characters and would be found by chance"
        raise ValueError(message)
    found = {needle.exact: needle for needle in reversed(list(_needles(kind, value)))}  # of equal bytes, the plainest encoding wins
    return list(reversed(found.values()))


def _needles(kind: str, value: str) -> Iterator[Needle]:
    """Write the value in each encoding, plainest first."""
    data = value.encode()
    yield Needle(kind, "utf-8", data, is_cased=False)
    yield Needle(kind, "utf-16-le", value.encode("utf-16-le"), is_cased=False)
    yield Needle(kind, "utf-16-be", value.encode("utf-16-be"), is_cased=False)
    for written in (quote(value, safe=""), quote(value), quote_plus(value), "".join(f"%{byte:02x}" for byte in data)):
        yield Needle(kind, "url", written.encode(), is_cased=False)
    for written in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], json.dumps(value)[1:-1].replace("/", "\\/")):
        yield Needle(kind, "json", written.encode(), is_cased=False)
    for written in (html.escape(value), "".join(f"&#{ord(character)};" for character in value)):
        yield Needle(kind, "html", written.encode(), is_cased=False)
    yield Needle(kind, "hex", data.hex().encode(), is_cased=False)
    yield Needle(kind, "reversed", value[::-1].encode(), is_cased=False)
    for aligned in (_base64_core(data, shift) for shift in range(3)):
        yield Needle(kind, "base64", aligned, is_cased=True)
        yield Needle(kind, "base64", aligned.translate(bytes.maketrans(b"+/", b"-_")), is_cased=True)


def _base64_core(data: bytes, shift: int) -> bytes:
    """Return the base64 characters that depend on `data` alone when `shift` bytes of something else stand before it in its group."""
    written = base64.b64encode(bytes(shift) + data)
    start = -(-shift * 8 // 6)  # characters that hold a bit of what stands before
    whole = (shift + len(data)) * 8 // 6  # characters made of known bits only
    return written[start:whole]
