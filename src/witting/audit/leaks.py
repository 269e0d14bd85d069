"""The search for leaks: counts where known values stand in any byte below some folders, and never shows one.

Looks into file names, file contents, and what is packed in them (zlib, gzip, zip, zstd), a few levels deep. What it can't see: values in
pictures, in encrypted bytes, in compressions it doesn't unpack (snappy, lz4, dictionary codes of columns). Invariant: a hit names kind,
place and encoding; a file that can't be read stops the search, for silence about it would look like a pass.
"""

import os
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import msgspec
import numpy as np
import zstandard

from witting.audit.needles import needles_of
from witting.terms.errors import UsageError

CHUNK_BYTES = 8 << 20
MOST_UNPACKED_BYTES = 256 << 20  # of one packed piece; more is cut and still searched
DEEPEST = 4  # packed within packed
_PREFIX = 4
_PACKED = {b"\x1f\x8b\x08": 31, b"\x78\x01": 15, b"\x78\x5e": 15, b"\x78\x9c": 15, b"\x78\xda": 15}  # magic → zlib's wbits
_ZSTD, _ZIP = b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
_ZIP_HEADER_BYTES = 30


class Hit(msgspec.Struct, frozen=True, order=True):
    """Where values of one kind stand, in one file and encoding."""

    path: str
    kind: str
    encoding: str  # such as "utf-8" or "zstd > base64"; "name > utf-8" where the path itself holds it
    count: int


class Survey(msgspec.Struct, frozen=True):
    """What was searched, and what was found."""

    hits: tuple[Hit, ...]
    files: int
    size_bytes: int
    values: int  # how many values were looked for
    by_kind: dict[str, int]  # hits by kind of value, zero included


class Scanner:
    """Looks for many values at once: two tables rule out almost every place by its first four bytes, the rest is compared."""

    def __init__(self, secrets: Mapping[str, Iterable[str]]) -> None:
        # first four bytes → length → needle in lower case → its exact bytes where case counts, and (kind, encoding)
        self._by_prefix: dict[bytes, dict[int, dict[bytes, list[tuple[bytes, tuple[str, str]]]]]] = {}
        self._first, self._second = np.zeros(1 << 16, dtype=bool), np.zeros(1 << 16, dtype=bool)
        self._longest = _PREFIX
        for needle in (needle for kind, values in secrets.items() for value in sorted(set(values)) for needle in needles_of(kind, value)):
            folded = needle.exact.lower()
            cased = needle.exact if needle.is_cased else b""
            of_length = self._by_prefix.setdefault(folded[:_PREFIX], {}).setdefault(len(folded), {})
            of_length.setdefault(folded, []).append((cased, (needle.kind, needle.encoding)))
            self._first[folded[0] << 8 | folded[1]] = self._second[folded[2] << 8 | folded[3]] = True
            self._longest = max(self._longest, len(folded))

    def count(self, data: bytes) -> Counter[tuple[str, str]]:
        """Return how often each (kind, encoding) stands in `data`."""
        found: Counter[tuple[str, str]] = Counter()
        for start in range(0, len(data), CHUNK_BYTES):
            chunk = data[start : start + CHUNK_BYTES + self._longest - 1]  # a needle across the border begins in this chunk
            folded = chunk.lower()
            for place in self._candidates(folded[: CHUNK_BYTES + _PREFIX - 1]):
                for length, needles in self._by_prefix.get(folded[place : place + _PREFIX], {}).items():
                    for cased, key in needles.get(folded[place : place + length], ()):
                        found[key] += chunk.startswith(cased, place)
        return +found

    def _candidates(self, folded: bytes) -> list[int]:
        """Return the places where some needle's first four bytes may stand."""
        values = np.frombuffer(folded, dtype=np.uint8).astype(np.uint16)
        if len(values) < _PREFIX:
            return []
        pairs = values[:-1] << 8 | values[1:]
        places: list[int] = np.flatnonzero(self._first[pairs[:-2]] & self._second[pairs[2:]]).tolist()
        return places


def survey(paths: Sequence[Path], secrets: Mapping[str, Iterable[str]]) -> Survey:
    """Search all regular files at and below `paths` for the values in `secrets` (kind → values).

    Raises:
        UsageError: a path isn't there or can't be read: then nothing can be said.
        ValueError: a value is too short to be told from chance.
    """
    known = {kind: sorted(set(values)) for kind, values in secrets.items()}
    scanner = Scanner(known)
    hits, files, size = [], 0, 0
    for path in _entries(paths):
        pieces = [("name", _name(path))]
        data = _read(path)
        if data is not None:
            files, size = files + 1, size + len(data)
            pieces.extend(_pieces(data))
        hits += [Hit(str(path), kind, encoding, count) for (kind, encoding), count in _count(scanner, pieces).items()]
    by_kind = Counter(dict.fromkeys(known, 0))
    for hit in hits:
        by_kind[hit.kind] += hit.count
    return Survey(tuple(sorted(hits)), files, size, sum(map(len, known.values())), dict(by_kind))


def scan(paths: Sequence[Path], secrets: Mapping[str, Iterable[str]]) -> list[Hit]:
    """Return only the hits of `survey`."""
    return list(survey(paths, secrets).hits)


def _count(scanner: Scanner, pieces: Iterable[tuple[str, bytes]]) -> Counter[tuple[str, str]]:
    """Return how often each kind stands in the pieces, by way and encoding."""
    found: Counter[tuple[str, str]] = Counter()
    for route, piece in pieces:
        for (kind, encoding), count in scanner.count(piece).items():
            found[kind, f"{route} > {encoding}" if route else encoding] += count
    return found


def _entries(paths: Sequence[Path]) -> Iterator[Path]:
    """Find everything at and below the paths; links aren't followed."""
    for path in paths:
        if not os.path.lexists(path):
            message = f"{path} isn't there, so nothing can be said about it"
            raise UsageError(message, hint="name a file or folder that exists")
        yield path
        for folder, folders, names in os.walk(path, onerror=_refuse) if path.is_dir() else ():
            yield from (Path(folder, name) for name in sorted([*folders, *names]))


def _name(path: Path) -> bytes:
    """Return the path, and what it points to when it is a link."""
    target = b"\0" + os.fsencode(path.readlink()) if path.is_symlink() else b""
    return os.fsencode(path) + target


def _read(path: Path) -> bytes | None:
    """Return a file's bytes; None for what is no regular file, and for one that has gone in the meantime."""
    if path.is_symlink() or not path.is_file():
        return None
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        _refuse(error)


def _refuse(error: OSError) -> NoReturn:
    """Stop the search at what can't be read."""
    message = f"{error.filename} can't be read ({type(error).__name__}), so nothing can be said about it"
    raise UsageError(message, hint="search as a user who may read everything there") from None


def _pieces(data: bytes, route: str = "", *, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield the bytes themselves, then everything packed in them, each with the way to it."""
    yield route, data
    if depth == DEEPEST:
        return
    for name, piece in _unpacked(data):
        yield from _pieces(piece, f"{route} > {name}" if route else name, depth=depth + 1)


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Find packed pieces by how they begin, wherever they stand, and unpack as much of each as can be."""
    for magic, wbits in _PACKED.items():
        for place in _places(data, magic):
            yield "gzip" if wbits > zlib.MAX_WBITS else "zlib", _inflate(data, place, wbits=wbits)
    for place in _places(data, _ZIP):
        names = int.from_bytes(data[place + 26 : place + 28], "little") + int.from_bytes(data[place + 28 : place + 30], "little")
        yield "zip", _inflate(data, place + _ZIP_HEADER_BYTES + names, wbits=-zlib.MAX_WBITS)
    for place in _places(data, _ZSTD):
        yield "zstd", _unpack_zstd(data, place)


def _places(data: bytes, magic: bytes) -> Iterator[int]:
    """Find every place where `magic` stands."""
    place = data.find(magic)
    while place >= 0:
        yield place
        place = data.find(magic, place + 1)


def _inflate(data: bytes, place: int, *, wbits: int) -> bytes:
    """Return what a deflate stream at `place` holds, as far as it is sound."""
    unpacker, out, at = zlib.decompressobj(wbits), bytearray(), place
    try:
        while at < len(data) and not unpacker.eof and len(out) < MOST_UNPACKED_BYTES:
            out += unpacker.decompress(data[at : at + (1 << 16)])
            at += 1 << 16
    except zlib.error:
        pass
    return bytes(out)


def _unpack_zstd(data: bytes, place: int) -> bytes:
    """Return what a zstd frame at `place` holds, as far as it is sound."""
    reader, out = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(memoryview(data)[place:]), bytearray()
    try:
        while len(out) < MOST_UNPACKED_BYTES and (piece := reader.read(1 << 16)):
            out += piece
    except zstandard.ZstdError:
        pass
    return bytes(out)
