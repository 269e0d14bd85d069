"""Sealed streams: records appended to one file as XChaCha20-Poly1305 secretstream frames (libsodium).

Layout: magic (16 bytes), secretstream header (24 bytes), then frames of length (u32 little endian, authenticated with the frame) and
ciphertext. The last frame of a stream that was closed carries the FINAL tag and no data.

After a crash every whole record reads back, and the reader says how many bytes of a half-written one follow. A changed, missing, moved
or foreign frame raises. Without FINAL a cut at a frame's edge can't be told from a crash, so `ending` says which it was and
`must_be_closed` refuses. A stream isn't continued after a crash: open a new one.
"""

import os
from collections.abc import Iterator
from types import TracebackType
from typing import IO, Literal, Self

from nacl.bindings import (
    crypto_secretstream_xchacha20poly1305_ABYTES,
    crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    crypto_secretstream_xchacha20poly1305_init_pull,
    crypto_secretstream_xchacha20poly1305_init_push,
    crypto_secretstream_xchacha20poly1305_pull,
    crypto_secretstream_xchacha20poly1305_push,
    crypto_secretstream_xchacha20poly1305_state,
    crypto_secretstream_xchacha20poly1305_TAG_FINAL,
    crypto_secretstream_xchacha20poly1305_TAG_MESSAGE,
)
from nacl.exceptions import CryptoError

from witting.terms.errors import SealError

Ending = Literal["unread", "closed", "open", "torn"]

_MAGIC = b"witting-seal-1\n\0"
_HEADER_BYTES: int = crypto_secretstream_xchacha20poly1305_HEADERBYTES
_OVERHEAD_BYTES: int = crypto_secretstream_xchacha20poly1305_ABYTES
_FINAL: int = crypto_secretstream_xchacha20poly1305_TAG_FINAL
_MESSAGE: int = crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_LENGTH_BYTES = 4
MAX_RECORD_BYTES = 64 * 2**20


class SealedWriter:
    """Appends records to a binary file; nothing but ciphertext is ever handed to the file."""

    def __init__(self, file: IO[bytes], key: bytes) -> None:
        self._file = file
        self._state = crypto_secretstream_xchacha20poly1305_state()
        self._is_closed = False
        file.write(_MAGIC + crypto_secretstream_xchacha20poly1305_init_push(self._state, key))

    def append(self, record: bytes) -> None:
        """Append one record; on disk after `sync`.

        Raises:
            ValueError: the stream is closed or the record is over 64 MiB.
        """
        if self._is_closed or len(record) > MAX_RECORD_BYTES:
            message = f"a record of {len(record)} bytes can't be appended to this stream"
            raise ValueError(message)
        self._push(record, _MESSAGE)

    def sync(self) -> None:
        """Bring what was appended to the disk; that is what survives a power cut."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """End the stream with the FINAL tag and bring it to the disk; the file stays open."""
        if not self._is_closed:
            self._is_closed = True
            self._push(b"", _FINAL)
            self.sync()

    def _push(self, data: bytes, tag: int) -> None:
        length = (len(data) + _OVERHEAD_BYTES).to_bytes(_LENGTH_BYTES, "little")
        self._file.write(length + crypto_secretstream_xchacha20poly1305_push(self._state, data, length, tag))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close after success; after an error leave the stream without FINAL, as the crash it is."""
        if kind is None:
            self.close()


class SealedReader:
    """Yields the records of a sealed stream in order; `ending` and `torn_bytes` are known after the last."""

    def __init__(self, file: IO[bytes], key: bytes, *, must_be_closed: bool = False) -> None:
        self._file = file
        self._key = key
        self._must_be_closed = must_be_closed
        self.ending: Ending = "unread"  # closed: FINAL seen; open: ends at a record's edge; torn: within one
        self.torn_bytes = 0  # bytes of the half-written record at the end

    def __iter__(self) -> Iterator[bytes]:
        """Yield each whole record.

        Raises:
            SealError: another key, or a frame that was changed, removed, moved or added; or no FINAL where it is asked for.
        """
        state = crypto_secretstream_xchacha20poly1305_state()
        if self._start(state):
            yield from self._records(state)
        if self._must_be_closed and self.ending != "closed":
            raise SealError("a sealed stream ends before its end", hint="what was read before the cut is sound; fetch it again")

    def _start(self, state: crypto_secretstream_xchacha20poly1305_state) -> bool:
        """Read magic and header; False when the file ends within them."""
        start = self._file.read(len(_MAGIC) + _HEADER_BYTES)
        if not start.startswith(_MAGIC[: len(start)]):
            raise SealError("a file is no sealed stream of this version", hint="nothing of it was used")
        if len(start) < len(_MAGIC) + _HEADER_BYTES:
            self._tear(start)
            return False
        crypto_secretstream_xchacha20poly1305_init_pull(state, start[len(_MAGIC) :], self._key)
        return True

    def _records(self, state: crypto_secretstream_xchacha20poly1305_state) -> Iterator[bytes]:
        number = 0
        while frame := self._frame():
            try:
                record, tag = crypto_secretstream_xchacha20poly1305_pull(state, frame[_LENGTH_BYTES:], frame[:_LENGTH_BYTES])
            except CryptoError:
                message = f"frame {number} of a sealed stream was changed, is out of place, or belongs to another key"
                raise SealError(message, hint="the records before it are sound; nothing after it was used") from None
            if tag == _FINAL:
                self._finish()
                return
            number += 1
            yield record

    def _frame(self) -> bytes:
        """Return the next whole frame, or nothing at the end of the file."""
        prefix = self._file.read(_LENGTH_BYTES)
        if not prefix:
            self.ending = "open"
            return b""
        length = int.from_bytes(prefix, "little")
        is_sound = len(prefix) < _LENGTH_BYTES or _OVERHEAD_BYTES <= length <= MAX_RECORD_BYTES + _OVERHEAD_BYTES
        body = self._file.read(length) if is_sound else self._file.read()
        if not is_sound and any(prefix + body):
            raise SealError("a sealed stream has a frame of impossible length", hint="the records before it are sound")
        if not is_sound or len(prefix) < _LENGTH_BYTES or len(body) < length:  # zeros: a file system's unwritten tail
            self._tear(prefix + body)
            return b""
        return prefix + body

    def _tear(self, rest: bytes) -> None:
        self.ending = "torn" if rest else "open"
        self.torn_bytes = len(rest)

    def _finish(self) -> None:
        if self._file.read(1):
            raise SealError("bytes follow the end of a sealed stream", hint="the records before the end are sound")
        self.ending = "closed"
