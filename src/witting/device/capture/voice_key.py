"""The participant's own key for voice notes: held down means listening.

A passive grab on a connection of its own, so the key reaches no app while it is the voice key. Auto-repeat is reported without releases
(XKB's detectable auto-repeat), so holding is one press and one release. Doesn't know the microphone.
"""

import xcffib
import xcffib.xkb
import xcffib.xproto as xp

from witting.device.capture.keymap import name_of
from witting.device.capture.x11 import XDisplay
from witting.terms.errors import CaptureError, UsageError

_CORE_KEYBOARD = 0x100  # XkbUseCoreKbd
_DETECTABLE = xcffib.xkb.PerClientFlag.DetectableAutoRepeat


class VoiceKey:
    """A key of a display, by its keysym's name.

    Raises:
        UsageError: the keyboard has no such key.
        CaptureError: another program holds it.
    """

    def __init__(self, display: str, key: str) -> None:
        self._display = XDisplay(display)
        self._keycode = _keycode_of(self._display, key)
        self.is_down = False
        xkb = self._display.extension(xcffib.xkb.key, "XKEYBOARD")
        self._display.ask(lambda: xkb.UseExtension(1, 0))
        self._display.ask(lambda: xkb.PerClientFlags(_CORE_KEYBOARD, _DETECTABLE, _DETECTABLE, 0, 0, 0))
        mode = xp.GrabMode.Async
        try:
            self._display.connection.core.GrabKey(
                False, self._display.root, xp.ModMask.Any, self._keycode, mode, mode, is_checked=True
            ).check()
        except xcffib.XcffibException:
            self._display.close()
            message = f"another program holds the key {key}"
            raise CaptureError(message, hint="choose another key for voice notes") from None

    def fileno(self) -> int:
        """Return the socket, for select."""
        return self._display.fileno()

    def read(self) -> list[bool]:
        """Return what happened since the last call: True for each press that began, False for each release."""
        happened = []
        for event in self._display.events():
            is_down = isinstance(event, xp.KeyPressEvent)
            if (is_down or isinstance(event, xp.KeyReleaseEvent)) and event.detail == self._keycode and is_down != self.is_down:
                self.is_down = is_down
                happened.append(is_down)
        return happened

    def close(self) -> None:
        """Give the key back."""
        self._display.close()


def _keycode_of(display: XDisplay, key: str) -> int:
    core = display.connection.core
    setup = display.connection.get_setup()
    first, count = setup.min_keycode, setup.max_keycode - setup.min_keycode + 1
    reply = display.ask(lambda: core.GetKeyboardMapping(first, count))
    keysyms = list(reply.keysyms) if reply is not None else []
    per = reply.keysyms_per_keycode if reply is not None else 1
    found = next((first + at // per for at, keysym in enumerate(keysyms) if keysym and name_of(keysym).lower() == key.lower()), 0)
    if not found:
        display.close()
        message = f"this keyboard has no key {key}"
        raise UsageError(message, hint="name it as X11 does, for instance F9, Pause or Menu")
    return found
