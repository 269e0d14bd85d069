"""The window in front on Windows (user32 by ctypes) and macOS (pyobjc), behind the same port as X11's. Not verified there.

Asked for, not told: neither system tells other programs of it without hooks. Doesn't know pages. Invariant: a window whose program can't be
found out has the app "", which is never lent.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath, PureWindowsPath
from typing import Any

from witting.terms.errors import CaptureError
from witting.terms.geometry import Rect
from witting.terms.raw import RawWindow

_QUERY = 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION
_PATH_LIMIT = 1024


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """What a system says of the window in front."""

    app: str
    title: str
    window_id: int
    process_id: int
    area: Rect


NOBODY = Found("", "", 0, 0, Rect(0, 0, 0, 0))
Lookup = Callable[[], Found]


class PortableWindows:
    """The window in front, by a system's own lookup."""

    def __init__(self, lookup: Lookup | None = None) -> None:
        self._lookup = lookup or lookup_here()
        self.front = RawWindow(0, "", "", 0, Rect(0, 0, 0, 0))
        self.process_id = 0

    def read_front(self, timestamp_ns: int) -> RawWindow:
        """Ask which window is in front; returns it with the time given."""
        found = self._lookup()
        self.process_id = found.process_id
        self.front = RawWindow(timestamp_ns, found.app, found.title, found.window_id, found.area)
        return self.front


def lookup_here() -> Lookup:
    """Return the lookup of this system.

    Raises:
        CaptureError: there is none.
    """
    if sys.platform == "win32":
        return look_up_windows
    if sys.platform == "darwin":
        return look_up_macos
    message = f"there is no portable lookup of windows on {sys.platform}"
    raise CaptureError(message, hint="on Linux the recorder has its own")


def look_up_windows(user32: Any = None, kernel32: Any = None) -> Found:
    """Return the window in front of a Windows desktop; the libraries are given by tests."""
    import ctypes

    user32 = user32 or ctypes.windll.user32  # type: ignore[attr-defined,unused-ignore]
    kernel32 = kernel32 or ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    window = int(user32.GetForegroundWindow() or 0)
    if not window:
        return NOBODY
    title = ctypes.create_unicode_buffer(_PATH_LIMIT)
    user32.GetWindowTextW(window, title, _PATH_LIMIT)
    process = ctypes.c_ulong()
    user32.GetWindowThreadProcessId(window, ctypes.byref(process))
    box = (ctypes.c_long * 4)()
    user32.GetWindowRect(window, ctypes.byref(box))
    left, top, right, bottom = box
    return Found(_program(kernel32, process.value), title.value, window, process.value, Rect(left, top, right - left, bottom - top))


def _program(kernel32: Any, process: int) -> str:
    import ctypes

    handle = kernel32.OpenProcess(_QUERY, False, process)
    if not handle:
        return ""
    path, size = ctypes.create_unicode_buffer(_PATH_LIMIT), ctypes.c_ulong(_PATH_LIMIT)
    found = kernel32.QueryFullProcessImageNameW(handle, 0, path, ctypes.byref(size))
    kernel32.CloseHandle(handle)
    return PureWindowsPath(path.value).stem.lower() if found else ""


def look_up_macos(workspace: Any = None, window_list: Callable[[], list[dict[str, Any]]] | None = None) -> Found:
    """Return the window in front of a macOS desktop; both sources are given by tests."""
    workspace = workspace or _workspace()
    window_list = window_list or _window_list
    app = workspace.frontmostApplication()
    if app is None:
        return NOBODY
    process = int(app.processIdentifier())
    bundle = app.bundleURL()
    name = PurePath(str(bundle.path())).stem.lower() if bundle is not None else ""
    for window in window_list():
        if window.get("kCGWindowOwnerPID") == process and window.get("kCGWindowLayer") == 0:
            box = window.get("kCGWindowBounds") or {}
            area = Rect(*(int(box.get(side, 0)) for side in ("X", "Y", "Width", "Height")))
            return Found(name, str(window.get("kCGWindowName") or ""), int(window.get("kCGWindowNumber", 0)), process, area)
    return Found(name, "", 0, process, Rect(0, 0, 0, 0))


def _workspace() -> Any:
    try:
        from AppKit import NSWorkspace
    except ImportError:
        raise CaptureError("pyobjc can't be loaded", hint="pip install pyobjc-framework-Cocoa pyobjc-framework-Quartz") from None
    return NSWorkspace.sharedWorkspace()


def _window_list() -> list[dict[str, Any]]:
    from Quartz import CGWindowListCopyWindowInfo, kCGNullWindowID, kCGWindowListOptionOnScreenOnly

    return list(CGWindowListCopyWindowInfo(kCGWindowListOptionOnScreenOnly, kCGNullWindowID))
