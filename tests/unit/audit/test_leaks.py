"""The search for leaks finds what was planted, in every way it can be written, and never shows it."""

import base64
import gzip
import html
import io
import json
import os
import time
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from witting.audit.leaks import CHUNK_BYTES, DEEPEST, Hit, Scanner, _pieces, scan, survey
from witting.audit.needles import ENCODINGS, needles_of
from witting.terms.errors import UsageError

SECRET = "Zanzibar Müller-4711/+?"
SECRETS = {"name": [SECRET]}


def _zip(data: bytes) -> bytes:
    """Return a zip archive with the data in one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.txt", data)
    return buffer.getvalue()


WRITTEN: dict[str, tuple[Callable[[str], bytes], str]] = {
    "utf-8": (str.encode, "utf-8"),
    "capitals": (lambda text: text.encode().upper(), "utf-8"),
    "utf-16-le": (lambda text: text.encode("utf-16-le"), "utf-16-le"),
    "utf-16-be": (lambda text: text.encode("utf-16-be"), "utf-16-be"),
    "base64": (lambda text: base64.b64encode(text.encode()), "base64"),
    "base64 shifted by 1": (lambda text: base64.b64encode(b"x" + text.encode() + b"yy"), "base64"),
    "base64 shifted by 2": (lambda text: base64.b64encode(b"xx" + text.encode() + b"y"), "base64"),
    "base64 for addresses": (lambda text: base64.urlsafe_b64encode(b"\xfe" + text.encode() + b"\xff"), "base64"),
    "hex": (lambda text: text.encode().hex().encode(), "hex"),
    "hex in capitals": (lambda text: text.encode().hex().upper().encode(), "hex"),
    "address": (lambda text: urllib.parse.quote(text, safe="").encode(), "url"),
    "address with slashes": (lambda text: urllib.parse.quote(text).encode(), "url"),
    "form": (lambda text: urllib.parse.quote_plus(text).encode(), "url"),
    "address, every byte": (lambda text: "".join(f"%{byte:02X}" for byte in text.encode()).encode(), "url"),
    "json": (lambda text: json.dumps(text).encode(), "json"),
    "html": (lambda text: html.escape(f"{text}<&").encode(), "utf-8"),
    "html, every character": (lambda text: "".join(f"&#{ord(c)};" for c in text).encode(), "html"),
    "reversed": (lambda text: text[::-1].encode(), "reversed"),
    "gzip": (lambda text: gzip.compress(text.encode()), "gzip > utf-8"),
    "zlib": (lambda text: zlib.compress(text.encode()), "zlib > utf-8"),
    "zlib, fast": (lambda text: zlib.compress(text.encode(), 1), "zlib > utf-8"),
    "zlib, best": (lambda text: zlib.compress(text.encode(), 9), "zlib > utf-8"),
    "zip": (lambda text: _zip(text.encode()), "zip > utf-8"),
    "zstd": (lambda text: zstandard.compress(text.encode()), "zstd > utf-8"),
    "zstd without size": (lambda text: zstandard.ZstdCompressor(write_content_size=False).compress(text.encode()), "zstd > utf-8"),
    "zstd in gzip": (lambda text: gzip.compress(zstandard.compress(text.encode())), "gzip > zstd > utf-8"),
    "base64 in zstd": (lambda text: zstandard.compress(base64.b64encode(text.encode()) * 3), "zstd > base64"),
}


@pytest.mark.promise("P7")
@pytest.mark.parametrize("way", WRITTEN)
def test_a_planted_value_is_found(tmp_path: Path, way: str) -> None:
    """A value planted in the middle of other bytes is found in every encoding, at its file, under its kind."""
    write, encoding = WRITTEN[way]
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file.bin").write_bytes(os.urandom(1000) + b"before" + write(SECRET) + b"after" + bytes(1000))
    (tmp_path / "clean.bin").write_bytes(os.urandom(5000))
    hits = scan([tmp_path], SECRETS)
    assert Hit(str(tmp_path / "deep" / "file.bin"), "name", encoding, 3 if way == "base64 in zstd" else 1) in hits
    assert {hit.path for hit in hits} == {str(tmp_path / "deep" / "file.bin")}


def test_every_encoding_is_planted_above() -> None:
    """No encoding that the search claims to know goes without a planted value."""
    planted = {encoding.split(" > ")[-1] for _, encoding in WRITTEN.values()}
    assert planted == set(ENCODINGS)
    assert {needle.encoding for needle in needles_of("name", SECRET)} == set(ENCODINGS)


@pytest.mark.promise("P29")
def test_a_hit_shows_no_value(tmp_path: Path) -> None:
    """What is found is told by kind, file, encoding and number, never by the value."""
    (tmp_path / "a").write_text(SECRET)
    found = survey([tmp_path], SECRETS)
    assert found.hits
    assert "Zanzibar" not in f"{found} {found.hits}"
    with pytest.raises(ValueError, match="would be found by chance") as caught:
        scan([tmp_path], {"pin": ["4711"]})
    assert "4711" not in str(caught.value)


def test_counts_are_by_kind(tmp_path: Path) -> None:
    """Values are counted under their kind, a kind that isn't found with zero, files and bytes in all."""
    (tmp_path / "a").write_text("one@example.org two@example.org one@example.org")
    found = survey([tmp_path], {"email": ["one@example.org", "two@example.org", "one@example.org"], "card": ["4111 1111 1111 1111"]})
    assert found.by_kind == {"email": 3, "card": 0}
    assert (found.files, found.size_bytes, found.values) == (1, 47, 3)


def test_names_are_searched_too(tmp_path: Path) -> None:
    """Names of files and folders, even empty ones, and what links point to, are searched; links aren't followed."""
    (tmp_path / "jane@example.org").mkdir()
    (tmp_path / "link").symlink_to("/nowhere/jane@example.org")
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "file").write_text("jane@example.org")
    (tmp_path / "there").symlink_to(outside)
    hits = scan([tmp_path], {"email": ["jane@example.org"]})
    assert {(Path(hit.path).name, hit.encoding) for hit in hits} == {("jane@example.org", "name > utf-8"), ("link", "name > utf-8")}


def test_one_file_can_be_searched(tmp_path: Path) -> None:
    """A path may be a file; what is no regular file is passed over."""
    (tmp_path / "a").write_text("jane@example.org")
    os.mkfifo(tmp_path / "pipe")
    assert len(scan([tmp_path / "a"], {"email": ["jane@example.org"]})) == 1
    assert scan([tmp_path / "pipe"], {"email": ["jane@example.org"]}) == []


def test_what_cannot_be_read_stops_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that isn't there, or a file that can't be read, is an error: silence would look like a pass."""
    with pytest.raises(UsageError, match="isn't there"):
        scan([tmp_path / "nowhere"], SECRETS)
    (tmp_path / "a").write_text("x")

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "no", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(UsageError, match=r"a can't be read \(PermissionError\)"):
        scan([tmp_path], SECRETS)


def test_a_file_that_goes_meanwhile_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was unlinked between listing and reading isn't an error."""
    (tmp_path / "a").write_text("x")

    def vanish(path: Path) -> bytes:
        raise FileNotFoundError(2, "gone", str(path))

    monkeypatch.setattr(Path, "read_bytes", vanish)
    assert survey([tmp_path], SECRETS).files == 0


def test_a_value_across_a_border_is_found_once(tmp_path: Path) -> None:
    """A value that lies across two chunks of a large file is found, once; so is one at the very end."""
    for start in (CHUNK_BYTES - 10, CHUNK_BYTES - 1, CHUNK_BYTES, 2 * CHUNK_BYTES - len(SECRET.encode())):
        data = bytearray(2 * CHUNK_BYTES)
        data[start : start + len(SECRET.encode())] = SECRET.encode()
        assert Scanner(SECRETS).count(bytes(data)) == {("name", "utf-8"): 1}
    assert Scanner(SECRETS).count(b"abc") == {}


def test_broken_packing_is_searched_as_far_as_it_goes(tmp_path: Path) -> None:
    """A packed piece that was cut still shows what it held before the cut; noise that only looks packed does no harm."""
    text = (SECRET + "-").encode() * 2000 + os.urandom(100_000)
    for pack in (gzip.compress, zlib.compress, zstandard.compress, _zip):
        (tmp_path / "cut").write_bytes(pack(text)[:-500])
        assert scan([tmp_path / "cut"], SECRETS)
    for magic in (b"\x1f\x8b\x08", b"\x78\x9c", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"):
        (tmp_path / "noise").write_bytes((magic + os.urandom(7)) * 50)
        assert scan([tmp_path / "noise"], SECRETS) == []


def test_packing_within_packing_ends() -> None:
    """Bytes that are packed again and again are searched a few levels deep, and the search ends."""
    data = bytes(range(256)) * 50
    for _ in range(2 * DEEPEST):
        data = gzip.compress(data)
    assert max(route.count("gzip") for route, _ in _pieces(data)) == DEEPEST


@given(
    value=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=5, max_size=30),
    before=st.binary(max_size=20),
    after=st.binary(max_size=20),
)
def test_any_value_leaves_a_needle(value: str, before: bytes, after: bytes) -> None:
    """Whatever the value and whatever stands around it, it is found as text, as hex and in base64 at any alignment."""
    scanner = Scanner({"any": [value]})
    text = before + value.encode() + after
    assert scanner.count(text)
    assert scanner.count(text.hex().encode())
    assert scanner.count(base64.b64encode(text))
    assert scanner.count(base64.urlsafe_b64encode(text))


@given(st.binary(max_size=3000))
def test_noise_is_clean(data: bytes) -> None:
    """Bytes that don't hold the value aren't taken for it."""
    assert not Scanner(SECRETS).count(data)


def test_the_search_is_fast() -> None:
    """Hundreds of values in tens of megabytes take seconds; the rate is printed."""
    secrets = {"email": [f"person{number}@mail{number % 7}.example.org" for number in range(200)]}
    data = os.urandom(16 << 20) + b"someone wrote person@example.org here, again and again. " * 100_000
    scanner = Scanner(secrets)
    started = time.process_time()
    assert not scanner.count(data)
    seconds = time.process_time() - started
    print(f"leak search: {len(data) / seconds / 1e6:.0f} MB/s for 200 values")
    assert seconds < 60
