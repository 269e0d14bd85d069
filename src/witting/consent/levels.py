"""How much of typing may be recorded (off, shortcuts, rhythm or text, each holding what the one before it holds), and of the pointer's way.

Pure; asks nobody. Invariant: the level in force is never above what the programme asks, what was signed, or what the receipt says.
"""

from collections.abc import Iterable

from witting.terms.consent import ConsentReceipt, Grant
from witting.terms.events import KEYS_CHOICES, KEYS_LEVELS, KeysChoice, KeysLevel, PathDetail
from witting.terms.programme import Programme

KEYS_WORDS: dict[KeysChoice, str] = {
    "off": "Nothing of what you type.",
    "shortcuts": "Only shortcuts such as ctrl+c, and keys such as Return, Tab and Delete.",
    "rhythm": "Shortcuts, and every few seconds how many letters, digits and other signs you typed. Never which ones.",
    "text": "Shortcuts, and what a field held in the end. Personal parts are covered on your machine.",
}


def least_level(first: KeysLevel, second: KeysLevel) -> KeysLevel:
    """Return the level that holds less."""
    return min(first, second, key=KEYS_LEVELS.index)


def levels_asked(programme: Programme) -> tuple[KeysLevel, ...]:
    """Return the levels a participant may choose from; none when no purpose asks for typing."""
    is_asked = any("keys" in purpose.streams for purpose in programme.purposes)
    return KEYS_LEVELS[: KEYS_LEVELS.index(programme.keys_level) + 1] if is_asked else ()


def keys_in_force(receipt: ConsentReceipt, programme: Programme, *, purposes: Iterable[str]) -> KeysChoice:
    """Return how much of typing may be recorded for all of these purposes under a receipt; "off" when any of them doesn't lend typing."""
    wanted = set(purposes)
    lending = {grant.purpose for grant in receipt.grants if grant.stream == "keys"}
    return least_level(receipt.keys_level, programme.keys_level) if wanted and wanted <= lending else "off"


def path_in_force(receipt: ConsentReceipt, programme: Programme, *, purposes: Iterable[str]) -> PathDetail:
    """Return how the pointer's way is told for these purposes: the finest that any of them asks for and is lent the pointer for."""
    lending = {grant.purpose for grant in receipt.grants if grant.stream == "pointer"} & set(purposes)
    return "raw" if any(purpose.id in lending and purpose.pointer_path == "raw" for purpose in programme.purposes) else "reduced"


def chosen_level(grants: Iterable[Grant], level: KeysLevel) -> KeysChoice:
    """Return a choice as it is shown: "off" where typing isn't granted."""
    return level if any(grant.stream == "keys" for grant in grants) else "off"


def holds(choice: KeysChoice, wanted: KeysChoice) -> bool:
    """Whether a choice holds all that another one holds."""
    return KEYS_CHOICES.index(choice) >= KEYS_CHOICES.index(wanted)
