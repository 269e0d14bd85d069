"""Screen geometry: whole pixels, origin at the top left of the screen, y down."""

import msgspec


class Rect(msgspec.Struct, frozen=True, array_like=True):
    """A rectangle in screen pixels; `width` and `height` are exclusive extents."""

    x: int
    y: int
    width: int
    height: int

    @property
    def is_empty(self) -> bool:
        """Whether it covers no pixel."""
        return self.width <= 0 or self.height <= 0

    def contains(self, x: int, y: int) -> bool:
        """Whether the pixel (x, y) lies inside."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height

    def intersect(self, other: "Rect") -> "Rect":
        """Return the shared part; empty when there is none."""
        left, top = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.width, other.x + other.width)
        bottom = min(self.y + self.height, other.y + other.height)
        return Rect(left, top, max(0, right - left), max(0, bottom - top))


class Monitor(msgspec.Struct, frozen=True):
    """One monitor of the topology in force."""

    name: str
    area: Rect
    scale: float = 1.0
