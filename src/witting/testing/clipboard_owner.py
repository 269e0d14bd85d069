"""`python -m witting.testing.clipboard_owner`: a program that owns the clipboard and logs which of its contents anybody asked for.

For tests: it answers like an app (at once, in pieces or never) and offers the targets it is told to. Doesn't know recording.
"""

import argparse
import sys
import time
from typing import Any

import xcffib
import xcffib.xproto as xp


class Owner:
    """One owner of the clipboard."""

    def __init__(self, targets: list[str], size: int, *, in_pieces: bool) -> None:
        self._x: Any = xcffib.connect()
        root = self._x.get_setup().roots[0].root
        self._size, self._in_pieces = size, in_pieces
        self._targets = {self._atom(name): name for name in targets}
        self.window = self._x.generate_id()
        self._x.core.CreateWindow(
            0, self.window, root, 500, 300, 200, 100, 0, xp.WindowClass.CopyFromParent, 0, xp.CW.EventMask, [xp.EventMask.PropertyChange]
        )

    def take(self) -> None:
        """Become the owner of the clipboard, with the server's time."""
        place = self._atom("NOW")
        self._x.core.ChangeProperty(xp.PropMode.Append, self.window, place, xp.Atom.INTEGER, 32, 0, [])
        self._x.flush()
        event = self._x.wait_for_event()
        while not isinstance(event, xp.PropertyNotifyEvent):
            event = self._x.wait_for_event()
        self._x.core.SetSelectionOwner(self.window, self._atom("CLIPBOARD"), event.time)
        self._x.flush()

    def serve(self) -> None:
        """Answer requests until killed; print each target asked for."""
        while True:
            event = self._x.wait_for_event()
            if isinstance(event, xp.SelectionRequestEvent):
                self._answer(event)

    def _answer(self, event: Any) -> None:
        name = "TARGETS" if event.target == self._atom("TARGETS") else self._targets.get(event.target, "")
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
        if name == "TARGETS":
            offered = [self._atom("TARGETS"), *self._targets]
            self._x.core.ChangeProperty(xp.PropMode.Replace, event.requestor, event.property, xp.Atom.ATOM, 32, len(offered), offered)
        elif name and self._in_pieces:
            incr = self._atom("INCR")
            self._x.core.ChangeProperty(xp.PropMode.Replace, event.requestor, event.property, incr, 32, 1, [self._size])
        elif name:
            data = b"s3cret! " * (self._size // 8) + b"x" * (self._size % 8)
            self._x.core.ChangeProperty(xp.PropMode.Replace, event.requestor, event.property, event.target, 8, len(data), data)
        place = event.property if name else 0
        answer = xp.SelectionNotifyEvent.synthetic(event.time, event.requestor, event.selection, event.target, place)
        self._x.core.SendEvent(False, event.requestor, 0, answer.pack())
        self._x.flush()

    def _atom(self, name: str) -> int:
        return int(self._x.core.InternAtom(False, len(name), name).reply().atom)


def main() -> None:
    """Own the clipboard as told."""
    parser = argparse.ArgumentParser(description="Own the clipboard, for tests.")
    parser.add_argument("--targets", default="UTF8_STRING")
    parser.add_argument("--size", type=int, default=10)
    parser.add_argument("--in-pieces", action="store_true")
    parser.add_argument("--mute", action="store_true", help="never answer")
    told = parser.parse_args()
    owner = Owner(told.targets.split(","), told.size, in_pieces=told.in_pieces)
    owner.take()
    if told.mute:
        time.sleep(3600)
    owner.serve()


if __name__ == "__main__":
    main()
