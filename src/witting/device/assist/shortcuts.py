"""Where a person takes the long way and a few keys do the same: told once, politely, and never again when they don't want it.

A pure function of deeds. Knows the keys that almost every application shares, no application of its own. Invariant: a tip names a thing
that was clicked often and keys that were pressed seldom; nothing is told of things on web pages, where the page decides what keys do.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from witting.device.assist.deeds import Deed

LEAST_CLICKS = 5
SELDOM = 0.2  # of the clicks: whoever presses the keys more often than that knows them
_THINGS = frozenset({"button", "push button", "toggle button", "menuitem", "menu item"})


class Tip(NamedTuple):
    """Keys that save a way."""

    app: str
    label: str  # what is clicked
    keys: str  # what does the same
    clicks: int
    presses: int

    @property
    def name(self) -> str:
        """What the tip is dismissed by."""
        return f"{self.app} {self.keys}"


def find_tips(sessions: Iterable[Sequence[Deed]], dismissed: Iterable[str] = ()) -> list[Tip]:
    """Return the tips that a person's deeds ask for, most clicks first; dismissed ones aren't told again."""
    clicks: Counter[tuple[str, str, str]] = Counter()
    presses: Counter[tuple[str, str]] = Counter()
    for session in sessions:
        for deed in session:
            what, app, place, role, name = deed.symbol
            if what == "press":
                presses[app, name] += 1
            elif what == "click" and role in _THINGS and not place and (keys := _keys().get(name.casefold())):
                clicks[app, name, keys] += 1
    told = [Tip(app, label, keys, count, presses[app, keys]) for (app, label, keys), count in clicks.items()]
    left = set(dismissed)
    kept = [tip for tip in told if tip.clicks >= LEAST_CLICKS and tip.presses < SELDOM * tip.clicks and tip.name not in left]
    return sorted(kept, key=lambda tip: (-tip.clicks, tip.name))


@cache
def _keys() -> dict[str, str]:
    table: dict[str, list[str]] = tomllib.loads(files("witting.device.assist").joinpath("shortcuts.toml").read_text(encoding="utf-8"))
    return {label: keys for keys, labels in table.items() for label in labels}
