"""What the recorder says to browsers' extensions, and whether one of them went.

Doesn't know what pages say. Invariant: while sources are shut extensions are told that it is paused before anything else is told, and when
a session ends that nothing is recorded.
"""

from witting.device.capture.browser import BrowserSource, Word
from witting.device.recorder.lending import Lending


class Browsers:
    """One session's extensions."""

    def __init__(self, source: BrowserSource, lending: Lending) -> None:
        self._source = source
        self._lending = lending
        self._told: tuple[bool, str, str] | None = None
        self._losses = 0

    def hold(self) -> None:
        """Have every page be silent now; why is told in a moment."""
        self._told = None
        self._source.tell(Word(recording=True, paused=True))

    def show(self, app: str, *, is_open: bool, because: str) -> None:
        """Have extensions say what the sign says: the lent app in front, or why nothing is recorded."""
        if self._told != (is_open, app, because):
            self._told = (is_open, app, because)
            lent = self._lending
            self._source.tell(Word(True, not is_open, lent.sites, lent.query_keys, app, because))

    def end(self, *, is_withdrawn: bool) -> None:
        """Say that nothing is recorded any more; after a withdrawal every site is given back."""
        self._source.tell(Word(withdrawn=is_withdrawn))

    def was_one_lost(self) -> bool:
        """Whether a browser's host went since this was asked last."""
        before, self._losses = self._losses, self._source.losses
        return before != self._losses
