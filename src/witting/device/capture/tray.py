"""The sign once more, in the desktop's tray: a StatusNotifierItem with a menu, on the session bus, drawn and served by ourselves.

Follows org.kde.StatusNotifierItem and com.canonical.dbusmenu. Knows what to show and what was chosen, not what that means. Invariant:
where no tray is there (`is_shown` false) nothing is missing but the tray: the sign on the screen is what counts.
"""

import os
from collections.abc import Callable
from typing import Any

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, message_bus, new_error, new_method_return, new_signal

from witting.device.capture.sign import Sign
from witting.device.guards.bus import Bus

WATCHER = "org.kde.StatusNotifierWatcher"
_WATCHER = DBusAddress("/StatusNotifierWatcher", WATCHER, WATCHER)
ITEM_PATH, MENU_PATH = "/StatusNotifierItem", "/MenuBar"
_ITEM, _MENU = "org.kde.StatusNotifierItem", "com.canonical.dbusmenu"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_UNKNOWN = "org.freedesktop.DBus.Error.UnknownMethod"
_NO_PROPERTY = "org.freedesktop.DBus.Error.UnknownProperty"
_ICON_PX = (22, 44)
_TOGGLE, _FORGET, _STOP = 2, 3, 5  # menu entries' numbers
_CHOICES = {_TOGGLE: "toggle", _FORGET: "forget", _STOP: "stop"}
_VARIANT_LAYOUT = "(ia{sv}av)"

Variant = tuple[str, Any]


class Tray:
    """A tray item; `on_choice` is told "toggle", "forget" or "stop"."""

    def __init__(self, session: Bus, on_choice: Callable[[str], None]) -> None:
        self._bus = session
        self._on_choice = on_choice
        self._sign = Sign("recording")
        self._revision = 1
        self.is_shown = False  # a tray took the item
        self._name = f"org.kde.StatusNotifierItem-{os.getpid()}-1"
        if session.is_there:
            session.serve(ITEM_PATH, self._answer_item)
            session.serve(MENU_PATH, self._answer_menu)
            session.call(message_bus, "RequestName", "su", (self._name, 0))
            rule = MatchRule(type="signal", interface="org.freedesktop.DBus", member="NameOwnerChanged", path="/org/freedesktop/DBus")
            rule.add_arg_condition(0, WATCHER)
            session.hear(rule, self._on_watcher)
            self._register()

    def show(self, sign: Sign) -> None:
        """Change what the item says."""
        if sign == self._sign:
            return
        self._sign = sign
        self._revision += 1
        for member in ("NewTitle", "NewIcon", "NewToolTip"):
            self._bus.send(new_signal(DBusAddress(ITEM_PATH, interface=_ITEM), member))
        self._bus.send(new_signal(DBusAddress(MENU_PATH, interface=_MENU), "LayoutUpdated", "ui", (self._revision, 0)))

    def close(self) -> None:
        """Take the item away; the bus is closed by its owner."""
        self._bus.call(message_bus, "ReleaseName", "s", (self._name,))
        self.is_shown = False

    # ---- the watcher ----

    def _register(self) -> None:
        def taken(body: tuple[Any, ...] | None) -> None:
            self.is_shown = body is not None

        self._bus.call(_WATCHER, "RegisterStatusNotifierItem", "s", (self._name,), on_answer=taken)

    def _on_watcher(self, message: Message) -> None:
        self.is_shown = False
        if message.body[2]:  # it has an owner now
            self._register()

    # ---- the item ----

    def _answer_item(self, message: Message) -> Message:
        member = message.header.fields.get(HeaderFields.member)
        if message.header.fields.get(HeaderFields.interface) == _PROPERTIES:
            return _answer_properties(message, self.properties())
        if member in {"Activate", "SecondaryActivate"}:
            self._on_choice("toggle")
        elif member not in {"ContextMenu", "Scroll"}:
            return new_error(message, _UNKNOWN)
        return new_method_return(message)

    def properties(self) -> dict[str, Variant]:
        """Return the item's properties, each with its D-Bus type."""
        icons = [(size, size, icon(self._sign, size)) for size in _ICON_PX]
        return {
            "Category": ("s", "ApplicationStatus"),
            "Id": ("s", "witting"),
            "Title": ("s", f"witting: {self._sign.text}"),
            "Status": ("s", "Active"),
            "WindowId": ("i", 0),
            "IconName": ("s", ""),
            "IconPixmap": ("a(iiay)", icons),
            "OverlayIconName": ("s", ""),
            "AttentionIconName": ("s", ""),
            "ToolTip": ("(sa(iiay)ss)", ("", [], "witting", self._sign.text)),
            "ItemIsMenu": ("b", False),
            "Menu": ("o", MENU_PATH),
        }

    # ---- the menu ----

    def _answer_menu(self, message: Message) -> Message:
        member = str(message.header.fields.get(HeaderFields.member))
        if message.header.fields.get(HeaderFields.interface) == _PROPERTIES:
            values: dict[str, Variant] = {
                "Version": ("u", 3), "Status": ("s", "normal"), "TextDirection": ("s", "ltr"), "IconThemePath": ("as", []),
            }  # fmt: skip
            return _answer_properties(message, values)
        answers: dict[str, Callable[[Message], Message]] = {
            "GetLayout": lambda m: new_method_return(m, f"u{_VARIANT_LAYOUT}", (self._revision, self.layout())),
            "GetGroupProperties": self._group,
            "GetProperty": self._one,
            "Event": self._event,
            "EventGroup": self._events,
            "AboutToShow": lambda m: new_method_return(m, "b", (False,)),
            "AboutToShowGroup": lambda m: new_method_return(m, "aiai", ([], [])),
        }
        return answers.get(member, lambda m: new_error(m, _UNKNOWN))(message)

    def entries(self) -> dict[int, dict[str, Variant]]:
        """Return the menu's entries by number."""
        toggle = "Go on" if self._sign.status == "paused" else "Pause"
        return {
            1: {"label": ("s", self._sign.text), "enabled": ("b", False)},
            _TOGGLE: {"label": ("s", toggle)},
            _FORGET: {"label": ("s", "Forget the last 5 minutes")},
            4: {"type": ("s", "separator")},
            _STOP: {"label": ("s", "Stop recording")},
        }

    def layout(self) -> tuple[int, dict[str, Variant], list[Variant]]:
        """Return the whole menu."""
        rows: list[Variant] = [(_VARIANT_LAYOUT, (number, values, [])) for number, values in self.entries().items()]
        return 0, {"children-display": ("s", "submenu")}, rows

    def _group(self, message: Message) -> Message:
        wanted = message.body[0]
        rows = [(number, values) for number, values in self.entries().items() if not wanted or number in wanted]
        return new_method_return(message, "a(ia{sv})", (rows,))

    def _one(self, message: Message) -> Message:
        number, name = message.body
        found = self.entries().get(number, {}).get(name)
        return new_error(message, _NO_PROPERTY) if found is None else new_method_return(message, "v", (found,))

    def _event(self, message: Message) -> Message:
        self._choose(message.body[0], message.body[1])
        return new_method_return(message)

    def _events(self, message: Message) -> Message:
        for number, kind, _, _ in message.body[0]:
            self._choose(number, kind)
        return new_method_return(message, "ai", ([],))

    def _choose(self, number: int, kind: str) -> None:
        if kind == "clicked" and number in _CHOICES:
            self._on_choice(_CHOICES[number])


def icon(sign: Sign, size: int) -> bytes:
    """Return a square icon, `size` by `size` pixels of alpha, red, green, blue: a disc of the sign's colour with the state's mark."""
    from PIL import Image, ImageDraw

    large = size * 4
    image = Image.new("RGBA", (large, large), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    edge, middle = large * 0.06, large / 2
    draw.ellipse((edge, edge, large - edge, large - edge), fill=sign.colour)
    part = large * 0.17
    if sign.status == "paused":
        for side in (-1, 1):
            left = middle + side * part * 0.75 - part * 0.35
            draw.rectangle((left, middle - part, left + part * 0.7, middle + part), fill=sign.ink)
    elif sign.status == "off":
        draw.rectangle((middle - part, middle - part, middle + part, middle + part), fill=sign.ink)
    elif sign.app:
        draw.ellipse((middle - part, middle - part, middle + part, middle + part), fill=sign.ink)
    else:
        draw.ellipse((middle - part, middle - part, middle + part, middle + part), outline=sign.ink, width=large // 18)
    red, green, blue, alpha = image.resize((size, size), Image.Resampling.LANCZOS).split()
    return Image.merge("RGBA", (alpha, red, green, blue)).tobytes()


def _answer_properties(message: Message, values: dict[str, Variant]) -> Message:
    member = message.header.fields.get(HeaderFields.member)
    if member == "GetAll":
        return new_method_return(message, "a{sv}", (values,))
    if member == "Get" and message.body[1] in values:
        return new_method_return(message, "v", (values[message.body[1]],))
    return new_error(message, _NO_PROPERTY)
