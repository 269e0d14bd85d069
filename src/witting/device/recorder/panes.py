"""The lent windows in view as parts of one picture: each with its own trees and its own region.

Doesn't decide when, nor mask. Invariant: a pane speaks for one window and its page; what one window's trees say counts for no other
window's pixels.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from witting.device.capture.regions import Region, area_px, overlap
from witting.device.recorder.fronts import Front, Fronts
from witting.device.recorder.sources import Sources, Ticket
from witting.device.recorder.trees import SeenTree, Trees, is_of
from witting.device.recorder.writer import ShownPane
from witting.terms.events import GapReason
from witting.terms.geometry import Monitor, Rect

_BEHIND_AT_MOST = 8  # further windows stay masked
_MISSES, _MUTE_LOOKS = 2, 10  # a window behind that had no tree so often in a row isn't asked so many pictures long
_FRESH_NS = 5_000_000_000  # a tree of a window behind counts as one from before if it is no older


@dataclass(slots=True, repr=False, eq=False)
class Pane:
    """One lent window in a picture."""

    front: Front  # what it would be if it were in front
    before: SeenTree | None = None
    after: SeenTree | None = None
    ticket: Ticket | None = None  # of the question that is still out
    region: Region = field(default=())

    def is_answer(self, tree: SeenTree) -> bool:
        """Whether a tree answers this pane's question."""
        return self.ticket is not None and tree.ticket == self.ticket and tree.place == self.front.place

    @property
    def is_usable(self) -> bool:
        """Whether what is known from before lets any of its pixels be shown."""
        return self.before is not None and self.before.is_placed and is_of(self.before, self.front)

    @property
    def is_sure(self) -> bool:
        """Whether both trees are there, of this window's page, in the same place."""
        if self.before is None or self.after is None or not self.is_usable or not is_of(self.after, self.front):
            return False
        return self.after.page_origin == self.before.page_origin

    @property
    def shown(self) -> ShownPane | None:
        """What is handed on of it; None without both trees."""
        return None if self.before is None or self.after is None else ShownPane(self.region, self.before.raw, self.after.raw)

    @property
    def page(self) -> Rect | None:
        """Where within the window its page may show; None = everywhere."""
        return self.before.page_area if self.before is not None else None


class PaneSource:
    """Finds the panes of a picture and asks for their trees."""

    def __init__(
        self,
        sources: Sources,
        fronts: Fronts,
        *,
        trees: Trees,
        refusal: Callable[[Front], GapReason | None],
        is_browser: Callable[[str], bool],
    ) -> None:
        self._sources, self._fronts, self._trees = sources, fronts, trees
        self._refusal = refusal
        self._is_browser = is_browser
        self._misses: dict[int, int] = {}  # by window, in a row
        self._mute: dict[int, int] = {}  # by window: how many looks long it isn't asked

    def asked(self, front: Front, now_ns: int) -> list[Pane]:
        """Return the panes in view, the one in front first, asked for their trees; of windows behind a fresh one will do."""
        self._mute = {window: looks - 1 for window, looks in self._mute.items() if looks > 1 and window != front.window_id}
        behind = (Pane(behind, self._fresh(behind, now_ns)) for behind in self._behind(front) if behind.window_id not in self._mute)
        panes = [Pane(front), *behind]
        self.ask([pane for pane in panes if pane.before is None])
        return panes

    def note_miss(self, pane: Pane) -> None:
        """A window's app has no tree of it, once more: behind others it isn't asked for a while, and stays masked."""
        window = pane.front.window_id
        self._misses[window] = self._misses.get(window, 0) + 1
        if self._misses[window] >= _MISSES:
            self._misses.pop(window)
            self._mute[window] = _MUTE_LOOKS

    def with_latest(self, front: Front, at_ns: int) -> list[Pane]:
        """Return the panes in view with the trees seen last, of windows behind only with fresh ones."""
        behind = (Pane(behind, self._fresh(behind, at_ns)) for behind in self._behind(front))
        return [Pane(front, self._trees.latest(front)), *(pane for pane in behind if pane.before is not None)]

    def _fresh(self, behind: Front, at_ns: int) -> SeenTree | None:
        tree = self._trees.latest(behind)
        if tree is not None:
            self._misses.pop(behind.window_id, None)
        return tree if tree is not None and at_ns - tree.raw.timestamp_ns <= _FRESH_NS else None

    def ask(self, panes: Sequence[Pane]) -> None:
        """Ask for the trees of panes; pages answer one question together."""
        probe: Ticket | None = None
        for pane in panes:
            if self._is_browser(pane.front.app):
                probe = pane.ticket = probe or self._sources.ask_tree(pane.front, is_browser=True)
            else:
                pane.ticket = self._sources.ask_tree(pane.front, is_browser=False)

    def is_still(self, pane: Pane) -> bool:
        """Whether a pane's window shows what it showed, and that is still lent."""
        window_id, app, _ = pane.front.place
        now = self._fronts.front_of(window_id, app)
        return now.place == pane.front.place and self._refusal(now) is None

    def _behind(self, front: Front) -> list[Front]:
        def is_lent(window_id: int, app: str) -> bool:
            return window_id != front.window_id and self._refusal(self._fronts.front_of(window_id, app)) is None

        windows = self._sources.lent_windows(is_lent)[-_BEHIND_AT_MOST:]
        return [self._fronts.front_of(window.client_id, window.app) for window in windows]


def is_whole(panes: Sequence[Pane]) -> bool:
    """Whether no pane's question is out."""
    return all(pane.ticket is None for pane in panes)


def monitors_of(monitors: Sequence[Monitor], sure: Sequence[Pane], *, size: tuple[int, int]) -> Iterator[tuple[int, Rect]]:
    """Yield number and area of the monitors that show anything of the panes; of a picture that shows nothing, the first one."""
    screen = Rect(0, 0, *size)
    places = [(number, monitor.area.intersect(screen)) for number, monitor in enumerate(monitors)]
    found = [
        (number, area) for number, area in places if not area.is_empty and any(area_px(overlap(pane.region, (area,))) for pane in sure)
    ]
    yield from found or [place for place in places if not place[1].is_empty][:1] or [(-1, screen)]
