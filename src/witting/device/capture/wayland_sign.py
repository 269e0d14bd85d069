"""The sign of a Wayland session, as a program of its own: a layer-shell surface on the overlay layer of every monitor.

Run by Debian's python3 with its GTK (python3-gi, gir1.2-gtk-3.0, gir1.2-gtklayershell-0.1), so it imports nothing of witting. Reads from
standard input, one JSON line and its RGB bytes each time, what to show and in which corner; writes `shown` when it is on the screen and
`click` for each click. Ends when standard input does. Invariant: if the compositor has no layer shell it says so and ends.
"""

import json
import sys
from typing import Any

_MARGIN_PX = 6


def main() -> int:
    """Show the sign until standard input ends; return the exit status."""
    import gi

    gi.require_version("Gtk", "3.0")
    gi.require_version("GtkLayerShell", "0.1")
    from gi.repository import Gdk, GLib, Gtk, GtkLayerShell

    if not GtkLayerShell.is_supported():
        _say("unsupported")
        return 1
    screen = Gdk.Display.get_default()
    panes = [_make(Gtk, GtkLayerShell, monitor=screen.get_monitor(number)) for number in range(screen.get_n_monitors())]
    reader = sys.stdin.buffer

    def on_input(_: object, __: object) -> bool:
        line = reader.readline()
        if not line:
            Gtk.main_quit()
            return False
        told = json.loads(line)
        pixels = reader.read(told["width"] * told["height"] * 3)
        for window, image in panes:
            _show(window, image, told=told, pixbuf=_pixbuf(told, pixels), shell=GtkLayerShell)
        GLib.timeout_add(50, _say, "shown")
        return True

    GLib.io_add_watch(sys.stdin.fileno(), GLib.IO_IN | GLib.IO_HUP, on_input)
    Gtk.main()
    return 0


def _pixbuf(told: dict[str, Any], pixels: bytes) -> Any:
    from gi.repository import GdkPixbuf, GLib

    width, height = told["width"], told["height"]
    return GdkPixbuf.Pixbuf.new_from_bytes(GLib.Bytes.new(pixels), GdkPixbuf.Colorspace.RGB, False, 8, width, height, width * 3)


def _make(gtk: Any, shell: Any, *, monitor: Any) -> tuple[Any, Any]:
    window, image = gtk.Window(), gtk.Image()
    shell.init_for_window(window)
    shell.set_monitor(window, monitor)
    shell.set_layer(window, shell.Layer.OVERLAY)
    shell.set_namespace(window, "witting-sign")
    box = gtk.EventBox()
    box.add(image)
    box.connect("button-release-event", lambda *_: _say("click"))
    window.add(box)
    return window, image


def _show(window: Any, image: Any, *, told: dict[str, Any], pixbuf: Any, shell: Any) -> None:
    image.set_from_pixbuf(pixbuf)
    vertical, horizontal = told["corner"].split("-")
    for edge, name in ((shell.Edge.TOP, "top"), (shell.Edge.BOTTOM, "bottom"), (shell.Edge.LEFT, "left"), (shell.Edge.RIGHT, "right")):
        shell.set_anchor(window, edge, name in {vertical, horizontal})
        shell.set_margin(window, edge, _MARGIN_PX)
    window.resize(told["width"], told["height"])
    window.show_all()


def _say(what: str) -> bool:
    sys.stdout.write(what + "\n")
    sys.stdout.flush()
    return False


if __name__ == "__main__":
    sys.exit(main())
