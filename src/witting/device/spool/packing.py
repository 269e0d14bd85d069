"""Sealed segments that are packed: each one continues the compression of those before it, so that what repeats costs next to nothing.

The tile names of a picture are mostly those of the picture before; alone they'd be larger than the new tiles. One zstd stream runs through
all segments of a file, flushed at the end of each: whatever whole segments a crash left can be unpacked. Files from before packing are
read as they are: their first bytes are a length, never zstd's mark. Invariant: what `append` took comes out of the reader, in order.
"""

from collections.abc import Iterator
from typing import IO

import zstandard

from witting.ledger.seals import Ending, SealedReader, SealedWriter
from witting.terms.errors import SealError

_LEVEL = 3
_MARK = b"\x28\xb5\x2f\xfd"  # zstd's frame magic, RFC 8878; as a length it would be 4 GB


class PackedWriter(SealedWriter):
    """Appends packed segments to a sealed file."""

    def __init__(self, file: IO[bytes], key: bytes) -> None:
        super().__init__(file, key)
        self._packer = zstandard.ZstdCompressor(level=_LEVEL).compressobj()

    def append(self, record: bytes) -> None:
        """Append one segment; on disk after `sync`."""
        super().append(self._packer.compress(record) + self._packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))


class PackedReader:
    """Yields the segments of a sealed file, unpacked; `ending` and `torn_bytes` are known after the last."""

    def __init__(self, file: IO[bytes], key: bytes) -> None:
        self._reader = SealedReader(file, key)

    @property
    def ending(self) -> Ending:
        """How the file ended."""
        return self._reader.ending

    def __iter__(self) -> Iterator[bytes]:
        """Yield each whole segment.

        Raises:
            SealError: another key, a frame that was changed, or one that can't be unpacked.
        """
        unpacker: zstandard.ZstdDecompressionObj | None = None
        for number, segment in enumerate(self._reader):
            if number == 0 and segment.startswith(_MARK):
                unpacker = zstandard.ZstdDecompressor().decompressobj()
            try:
                yield segment if unpacker is None or not segment else unpacker.decompress(segment)
            except zstandard.ZstdError:
                raise SealError("a segment can't be unpacked", hint="what stands before it is still readable") from None


def packed(*segments: bytes) -> list[bytes]:
    """Return segments as one file would hold them, without the seal: for measuring."""
    packer = zstandard.ZstdCompressor(level=_LEVEL).compressobj()
    return [packer.compress(segment) + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK) for segment in segments]
