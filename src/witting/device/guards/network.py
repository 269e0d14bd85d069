"""Whether this network is metered, so that sending costs the person money: NetworkManager's word.

Only sending asks. Invariant: what nobody says counts as not metered, because a machine without NetworkManager would never send otherwise.
"""

from jeepney import DBusAddress, MessageType, Properties
from jeepney.io.blocking import open_dbus_connection

_MANAGER = DBusAddress("/org/freedesktop/NetworkManager", "org.freedesktop.NetworkManager", "org.freedesktop.NetworkManager")
_METERED = frozenset({1, 3})  # NM_METERED_YES, NM_METERED_GUESS_YES
_PATIENCE_S = 1.0


def is_metered() -> bool:
    """Whether NetworkManager says, or guesses, that this network is metered."""
    try:
        with open_dbus_connection("SYSTEM") as bus:
            reply = bus.send_and_get_reply(Properties(_MANAGER).get("Metered"), timeout=_PATIENCE_S)
    except (OSError, KeyError, TimeoutError, RuntimeError, ValueError, EOFError):
        return False
    return reply.header.message_type == MessageType.method_return and reply.body[0][1] in _METERED
