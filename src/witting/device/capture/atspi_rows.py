"""The rows of `Cache.GetItems` straight from their bytes, and other short answers that come by the hundred.

A row that is byte for byte as it was the last time isn't decoded again: of a tree with thousands of nodes a click changes a few. Pure but
for that memory, which lasts no longer than recording does. Invariant: what comes out is what `read_items` makes of the decoded answer.
"""

import struct
from collections.abc import Iterator

from witting.device.capture.atspi_nodes import Item, Ref, read_items, takes_text
from witting.device.capture.atspi_wire import SIGNATURE, Packet
from witting.terms.geometry import Rect

_SIGNATURE = "a((so)(so)(so)iiassusau)"
_U32 = struct.Struct("=I")
_I32 = struct.Struct("=i")
_BOX = struct.Struct("=4i")
_TEXT_INTERFACE = b"org.a11y.atspi.Text\0"
_APPS_REMEMBERED = 16
NOWHERE = Rect(0, 0, 0, 0)

_Row = tuple[bytes, Item]


class Rows:
    """Reads one bus's trees, and remembers the last of each app."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[list[_Row], dict[Ref, int]]] = {}

    def read(self, packet: Packet, name: str) -> dict[Ref, Item]:
        """Return the items of an app's answer by reference; none when it isn't one."""
        if packet.text(SIGNATURE) != _SIGNATURE:
            values = packet.values()
            return read_items(values[0]) if values else {}
        before, places = self._last.pop(name, ([], {}))
        try:
            rows = list(_rows(packet.raw, packet.body_at, before=before, places=places))
        except (struct.error, UnicodeDecodeError):
            return {}
        if len(self._last) >= _APPS_REMEMBERED:
            self._last.pop(next(iter(self._last)))
        self._last[name] = rows, {item.ref: place for place, (_, item) in enumerate(rows)}
        return {item.ref: item for _, item in rows}


def read_box(packet: Packet | None) -> Rect:
    """Return the box of a `GetExtents` answer, an empty one when it is none."""
    if packet is None or packet.text(SIGNATURE) != "(iiii)":
        return NOWHERE
    x, y, width, height = _BOX.unpack_from(packet.raw, packet.body_at)
    return Rect(x, y, max(0, width), max(0, height))


def read_text(packet: Packet | None) -> str:
    """Return the text of a `GetText` answer, "" when it is none."""
    return "" if packet is None or packet.text(SIGNATURE) != "s" else _string(packet.raw, packet.body_at)[0]


def _rows(raw: bytes, at: int, *, before: list[_Row], places: dict[Ref, int]) -> Iterator[_Row]:
    """Yield the rows of an array that begins at `at`; `before` are the rows of last time, `places` where each reference is in them."""
    end = at + 8 + int(_U32.unpack_from(raw, at)[0])
    at, place = at + 8, 0
    while at < end:
        row = before[place] if place < len(before) else None
        if row is None or not raw.startswith(row[0], at):
            item, stop = _row(raw, at)
            row = raw[at:stop], item
            place = places.get(item.ref, place - 1)
        yield row
        at = (at + len(row[0]) + 7) & ~7
        place += 1


def _row(raw: bytes, at: int) -> tuple[Item, int]:
    """Return the item whose row begins at `at`, and where the row ends."""
    ref, at = _ref(raw, at)
    _, at = _ref(raw, at)  # the application
    parent, at = _ref(raw, at)
    at = (at + 3) & ~3
    index = int(_I32.unpack_from(raw, at)[0])
    at += 8  # the index, and how many children it has
    size = int(_U32.unpack_from(raw, at)[0])
    at, is_text = at + 4 + size, _TEXT_INTERFACE in raw[at + 4 : at + 4 + size]
    name, at = _string(raw, at)
    at = (at + 3) & ~3
    role = int(_U32.unpack_from(raw, at)[0])
    _, at = _string(raw, at + 4)  # the description
    at = (at + 3) & ~3
    size = int(_U32.unpack_from(raw, at)[0])
    words = struct.unpack_from(f"={size // 4}I", raw, at + 4)
    states = sum(word << 32 * place for place, word in enumerate(words))
    return Item(ref, parent, index, name, role, states, is_text and takes_text(role)), at + 4 + size


def _ref(raw: bytes, at: int) -> tuple[Ref, int]:
    bus, at = _string(raw, (at + 7) & ~7)
    path, at = _string(raw, at)
    return (bus, path), at


def _string(raw: bytes, at: int) -> tuple[str, int]:
    """Return a text, and what lies behind it."""
    at = (at + 3) & ~3
    end = at + 4 + int(_U32.unpack_from(raw, at)[0])
    return str(raw[at + 4 : end], "utf-8"), end + 1
