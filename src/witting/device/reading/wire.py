"""How a picture goes to the reader's process and what it says comes back. Pipes only; nothing of it has a name in any folder.

Invariant: a question or an answer is read whole or not at all.
"""

import struct
from typing import BinaryIO, NamedTuple

import msgspec
import numpy as np

from witting.device.reading.found import Gray, Mask, Reading
from witting.terms.geometry import Rect

LENGTHS = struct.Struct("<II")
LENGTH = struct.Struct("<I")
ANSWER_LIMIT = 8_000_000


class _Head(msgspec.Struct, frozen=True, array_like=True):
    """What is asked of the pixels behind it."""

    height: int
    width: int
    limit_ns: int  # of processor time
    areas: tuple[Rect, ...]  # where faces and codes are looked for


class Question(NamedTuple):
    """A picture to read."""

    gray: Gray
    wanted: Mask
    areas: tuple[Rect, ...]
    limit_ns: int


def question_bytes(gray: Gray, wanted: Mask, *, areas: tuple[Rect, ...], limit_ns: int) -> bytes:
    """Return a question as it goes through the pipe."""
    head = msgspec.msgpack.encode(_Head(gray.shape[0], gray.shape[1], limit_ns, areas))
    pixels = np.ascontiguousarray(gray).tobytes() + np.packbits(wanted).tobytes()
    return LENGTHS.pack(len(head), len(pixels)) + head + pixels


def read_question(source: BinaryIO) -> Question | None:
    """Return the next question, None at the end of the input or where it is cut off."""
    lengths = source.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    head_size, size = LENGTHS.unpack(lengths)
    head_bytes, pixels = source.read(head_size), source.read(size)
    if len(head_bytes) < head_size or len(pixels) < size:
        return None
    head = msgspec.msgpack.decode(head_bytes, type=_Head)
    count = head.height * head.width
    flat = np.frombuffer(pixels, np.uint8)
    gray = flat[:count].reshape(head.height, head.width)
    wanted = np.unpackbits(flat[count:], count=count).astype(np.bool_).reshape(head.height, head.width)
    return Question(gray, wanted, head.areas, head.limit_ns)


def write_answer(target: BinaryIO, reading: Reading) -> None:
    """Write an answer."""
    answer = msgspec.msgpack.encode(reading)
    target.write(LENGTH.pack(len(answer)) + answer)
    target.flush()


def answer_of(received: bytes | bytearray) -> Reading | None:
    """Return the answer once it is there whole, None before.

    Raises:
        ValueError: it is no answer.
    """
    if len(received) < LENGTH.size:
        return None
    size = LENGTH.unpack_from(received)[0]
    if size > ANSWER_LIMIT:
        raise ValueError("the answer is too long")
    if len(received) < LENGTH.size + size:
        return None
    return msgspec.msgpack.decode(bytes(received[LENGTH.size : LENGTH.size + size]), type=Reading)
