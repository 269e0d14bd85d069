"""What was in front at a time: the window, and for a browser the page in it.

A page belongs to the window that was in front when the page had the keyboard, or when it was the browser's only one; that binding keeps a
lent page in one browser window from lending another. Doesn't ask the gate. Invariant: a browser's window without a page bound to it has the
site "", which is never lent.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from witting.device.recorder.lending import origin_of
from witting.terms.raw import RawPage, RawWindow

_REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class Front:
    """What is in front from `from_ns` on."""

    from_ns: int
    window_id: int = 0
    app: str = ""
    site: str = ""  # origin of the page, "" when there is none
    is_private: bool = False

    @property
    def place(self) -> tuple[int, str, str]:
        """What makes two fronts the same place to type into."""
        return self.window_id, self.app, self.site


@dataclass(slots=True)
class _Tab:
    url: str = ""
    title: str = ""
    window_id: int = 0  # 0 = not seen with the keyboard yet
    is_private: bool = False


class Fronts:
    """The front by time; `is_browser` says of which apps a page is needed."""

    def __init__(self, is_browser: Callable[[str], bool]) -> None:
        self._is_browser = is_browser
        self._history: deque[Front] = deque([Front(0)], maxlen=_REMEMBERED)
        self._tabs: dict[int, _Tab] = {}

    @property
    def now(self) -> Front:
        """What is in front as far as is known."""
        return self._history[-1]

    def at(self, timestamp_ns: int) -> Front:
        """Return what was in front then."""
        return next((front for front in reversed(self._history) if front.from_ns <= timestamp_ns), Front(0))

    def show_window(self, window: RawWindow) -> None:
        """A window came to the front."""
        front = Front(window.timestamp_ns, window.window_id, window.app, is_private=window.is_private)
        self._push(self._with_page(front))

    def show_page(self, page: RawPage) -> None:
        """A tab shows another page, or is no longer seen."""
        tab = self._tabs.setdefault(page.tab, _Tab())
        if page.what == "left":
            tab.url, tab.title = "", ""
        else:
            tab.url, tab.title, tab.is_private = page.url, page.title, page.is_private
        self._refresh(page.timestamp_ns)

    def bind(self, tab_id: int, timestamp_ns: int) -> None:
        """A tab's page is in the window in front, if that is a browser's: it has the keyboard, or there is no other window."""
        if self._is_browser(self.now.app):
            self._tabs.setdefault(tab_id, _Tab()).window_id = self.now.window_id
            self._refresh(timestamp_ns)

    def front_of(self, window_id: int, app: str, *, at_ns: int = 0) -> Front:
        """Return what a window would be in front, whether or not it is; of browsers with the page that is bound to it."""
        return self._with_page(Front(at_ns, window_id, app))

    def shown_title(self, window_id: int, app: str, *, title: str) -> str:
        """Return the title a window may be told under: a browser's own names pages that may not be lent, its page's doesn't."""
        if not self._is_browser(app):
            return title
        tab = self._tab_in(window_id)
        return tab.title if tab else ""

    def is_in_front(self, tab_id: int) -> bool:
        """Whether a tab's page is the one in front."""
        tab = self._tabs.get(tab_id)
        return tab is not None and bool(tab.url) and tab.window_id == self.now.window_id and tab.window_id != 0

    def of_tab(self, tab_id: int, app: str) -> Front | None:
        """Return what the window of a tab would be in front; None when its window isn't known."""
        tab = self._tabs.get(tab_id)
        return self.front_of(tab.window_id, app) if tab is not None and tab.window_id and tab.url else None

    def forget_pages(self, timestamp_ns: int) -> None:
        """No browser speaks any more: no page is known."""
        self._tabs.clear()
        self._refresh(timestamp_ns)

    def _refresh(self, timestamp_ns: int) -> None:
        changed = self._with_page(replace(self.now, from_ns=max(timestamp_ns, self.now.from_ns), site="", is_private=False))
        if (changed.site, changed.is_private) != (self.now.site, self.now.is_private):
            self._push(changed)

    def _with_page(self, front: Front) -> Front:
        tab = self._tab_in(front.window_id) if self._is_browser(front.app) else None
        return front if tab is None else replace(front, site=origin_of(tab.url), is_private=tab.is_private)

    def _tab_in(self, window_id: int) -> _Tab | None:
        return next((tab for tab in self._tabs.values() if tab.url and window_id and tab.window_id == window_id), None)

    def _push(self, front: Front) -> None:
        self._history.append(front)
