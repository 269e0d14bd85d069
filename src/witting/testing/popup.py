"""A notification such as desktops show: an override-redirect window with a line of text, over whatever is there.

Run as `python -m witting.testing.popup --text TEXT --x X --y Y --seconds S`. No window manager knows it and it has no class, so a
recorder must treat it as an app that isn't lent.
"""

import argparse
import select
import time
from typing import Any

import xcffib
import xcffib.xproto as xp

_WIDTH, _HEIGHT = 360, 56
_PAPER, _INK = 0xFFF7D6, 0x202020


class Popup:
    """The window and what is written on it."""

    def __init__(self, text: str, *, x: int, y: int) -> None:
        self._x: Any = xcffib.connect()
        screen = self._x.get_setup().roots[0]
        self._text = text.encode("latin-1", "replace")[:250]
        self._window, self._font, self._ink = (self._x.generate_id() for _ in range(3))
        mask = xp.CW.BackPixel | xp.CW.OverrideRedirect | xp.CW.EventMask
        place = (x, y, _WIDTH, _HEIGHT, 1, 1)
        self._x.core.CreateWindow(24, self._window, screen.root, *place, screen.root_visual, mask, [_PAPER, 1, xp.EventMask.Exposure])
        self._x.core.OpenFont(self._font, 5, "fixed")
        self._x.core.CreateGC(self._ink, self._window, xp.GC.Foreground | xp.GC.Background | xp.GC.Font, [_INK, _PAPER, self._font])
        self._x.core.MapWindow(self._window)
        self._x.flush()

    def show(self, seconds: float) -> None:
        """Stay on the screen for a while, and redraw whenever asked."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            select.select([self._x.get_file_descriptor()], [], [], left)
            while (event := self._x.poll_for_event()) is not None:
                if isinstance(event, xp.ExposeEvent):
                    self._x.core.ImageText8(len(self._text), self._window, self._ink, 12, 32, self._text)
            self._x.flush()
        self._x.disconnect()


def main() -> None:
    """Show what the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", required=True)
    parser.add_argument("--x", type=int, default=40)
    parser.add_argument("--y", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    Popup(given.text, x=given.x, y=given.y).show(given.seconds)


if __name__ == "__main__":
    main()
