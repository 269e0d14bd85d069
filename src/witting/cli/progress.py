"""How far long work has come, on standard error, where a person is watching."""

import sys
import time

_EVERY_S = 0.5


class Ticker:
    """Tells how many of how many are done, at most twice a second; silent where nobody watches."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._told = time.monotonic()
        self._is_watched = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        """Tell how far it is."""
        now = time.monotonic()
        if self._is_watched and (done == total or now - self._told >= _EVERY_S):
            self._told = now
            print(f"\r{done:,} of {total:,} {self._what}", end="\n" if done == total else "", file=sys.stderr, flush=True)
