"""Names and contents of tiles and bundles of entries (C2SP tlog-tiles). Pure; knows nothing of where they are kept.

A tile holds 256 hashes, a bundle 256 entries each behind its length in two bytes; the last of each level may be partial. Invariant: a
name has one form, and a bundle is read whole or refused.
"""

import re
from collections.abc import Iterator, Sequence

from witting.terms.errors import LogError

TILE_WIDTH = 256
_LEVEL = re.compile(r"entries|0|[1-5]")
_NAME = re.compile(r"((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?")
_THOUSAND = 1000
_HINT = "don't trust this log copy; fetch it again"
_LENGTH_BYTES = 2


def tile_name(level: str, index: int, *, width: int = TILE_WIDTH) -> str:
    """Return a tile's path, `tile/0/x001/234.p/17`; level `entries` names a bundle of entries."""
    parts = [f"{index % _THOUSAND:03}"]
    while index >= _THOUSAND:
        index //= _THOUSAND
        parts.append(f"x{index % _THOUSAND:03}")
    return f"tile/{level}/{'/'.join(reversed(parts))}" + (f".p/{width}" if width < TILE_WIDTH else "")


def parse_tile(level: str, name: str) -> tuple[int, int] | None:
    """Return index and width of the tile that a path names behind its level; None when it names none."""
    found = _NAME.fullmatch(name)
    if found is None or not name.isascii() or not _LEVEL.fullmatch(level):
        return None
    index = int(found[1].replace("x", "").replace("/", ""))
    width = int(found[2] or TILE_WIDTH)
    is_one_form = tile_name(level, index, width=width).removeprefix(f"tile/{level}/") == name
    return (index, width) if is_one_form else None


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """Return a bundle of entries."""
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def split_entries(bundle: bytes, *, width: int) -> list[bytes]:
    """Return the entries of a bundle.

    Raises:
        LogError: it was cut, or holds another number of entries.
    """
    entries = list(_split(bundle))
    if len(entries) != width:
        message = f"a bundle holds {len(entries)} entries instead of {width}"
        raise LogError(message, hint=_HINT)
    return entries


def _split(bundle: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(bundle):
        end = place + _LENGTH_BYTES + int.from_bytes(bundle[place : place + _LENGTH_BYTES], "big")
        if end > len(bundle):
            raise LogError("a bundle of entries was cut", hint=_HINT)
        yield bundle[place + _LENGTH_BYTES : end]
        place = end
