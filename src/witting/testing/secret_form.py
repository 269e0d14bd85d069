"""A small GTK 3 form with plain fields, a password field and a box that shows the password; run by Debian's Python with python3-gi.

For tests of what is recorded of typing. `--places FILE` gets the places of the fields as JSON once they are on the screen. Doesn't know:
recording.
"""

import argparse
import json
from pathlib import Path
from typing import Any

_FIELDS = ("plain", "secret", "show", "second")


def _place(gtk_window: Any, widget: Any) -> list[int]:
    """Return where a widget is on the screen: x, y, width, height."""
    _, left, top = gtk_window.get_window().get_origin()
    x, y = widget.translate_coordinates(gtk_window, 0, 0)
    return [left + x, top + y, widget.get_allocated_width(), widget.get_allocated_height()]


def main() -> None:
    """Show the form until it is closed."""
    import gi

    gi.require_version("Gtk", "3.0")
    from gi.repository import GLib

    GLib.set_prgname("secretform")
    from gi.repository import Gdk, Gtk

    Gdk.set_program_class("secretform")

    parser = argparse.ArgumentParser()
    parser.add_argument("--places", type=Path, required=True)
    given = parser.parse_args()
    window = Gtk.Window(title="Sign in")
    window.set_default_size(420, 260)
    box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=10, margin=12)
    widgets = {"plain": Gtk.Entry(), "secret": Gtk.Entry(visibility=False), "show": Gtk.CheckButton(label="Show"), "second": Gtk.Entry()}
    widgets["secret"].set_input_purpose(Gtk.InputPurpose.PASSWORD)
    widgets["show"].connect("toggled", lambda button: widgets["secret"].set_visibility(button.get_active()))
    for name in _FIELDS:
        box.pack_start(widgets[name], expand=False, fill=False, padding=0)
    window.add(box)
    window.connect("destroy", Gtk.main_quit)
    window.show_all()

    def tell() -> bool:
        given.places.write_text(json.dumps({name: _place(window, widgets[name]) for name in _FIELDS}))
        return True

    GLib.timeout_add(200, tell)
    Gtk.main()


if __name__ == "__main__":
    main()
