"""What things are called in figures: places, commands, kinds of trouble, lengths of time. Public words, or redacted ones cut short.

Pure. Invariant: a name made here holds no number, no query and no placeholder's number, so that two people's same page has one name.
"""

import re
from urllib.parse import urlsplit

from witting.terms.programme import Programme

SECOND_NS = 1_000_000_000
BUCKETS: tuple[tuple[int, str], ...] = (
    (10, "under 10 seconds"), (30, "10 to 30 seconds"), (120, "30 seconds to 2 minutes"), (600, "2 to 10 minutes"),
)  # fmt: skip
LONGEST = "over 10 minutes"
COMMANDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "save": ("ctrl+s", ("save", "speichern")),
    "open": ("ctrl+o", ("open", "open…", "öffnen", "öffnen…")),
    "new": ("ctrl+n", ("new", "neu")),
    "print": ("ctrl+p", ("print", "print…", "drucken", "drucken…")),
    "find": ("ctrl+f", ("find", "find…", "suchen", "suchen…")),
    "copy": ("ctrl+c", ("copy", "kopieren")),
    "cut": ("ctrl+x", ("cut", "ausschneiden")),
    "paste": ("ctrl+v", ("paste", "einfügen")),
    "undo": ("ctrl+z", ("undo", "rückgängig")),
    "select all": ("ctrl+a", ("select all", "alles auswählen")),
}
"""By command: its keys, and what its entry in a menu is called. A fixed public list; nothing is added from what people do."""
NEXT_FIELD = "next field"
TROUBLES = {
    "undo burst": "several things undone in a row",
    "back and forth": "back and forth between two places",
    "long hover": "a long hover before a click",
    "repeated submit": "one form submitted again and again",
    "error": "an error message",
}
EDITABLE = frozenset({"textbox", "entry", "text entry", "combobox", "combo box", "searchbox", "spin button"})
ROWS, COLUMNS = ("top", "middle", "bottom"), ("far left", "left", "right", "far right")
_CHARACTERS = 60
_SEGMENTS = 4
_PLACEHOLDER = re.compile(r"⟨([A-Z]+)[^⟩]*⟩")
_NUMBER = re.compile(r"\d+")
_OPAQUE = re.compile(r"[0-9a-fA-F-]{8,}|.*\d.*")


def app_place(programme: Programme, app: str, *, url: str) -> str:
    """Return the listed app, or the listed site of it; empty for anything else."""
    listed = next((one for one in programme.apps if one.id == app), None)
    if listed is None:
        return ""
    if not listed.sites:
        return app
    return next((site for site in listed.sites if url == site or url.startswith(f"{site}/")), "")


def page_place(programme: Programme, app: str, *, url: str) -> str:
    """Return the same with the page's path; what in it looks like a number or an id is left open."""
    place = app_place(programme, app, url=url)
    if not place or place == app:
        return place
    parts = [part for part in urlsplit(url).path.split("/") if part][:_SEGMENTS]
    return "/".join([place, *("…" if _OPAQUE.fullmatch(part) or "⟨" in part or "%E2%9F%A8" in part.upper() else part for part in parts)])


def label(text: str) -> str:
    """Return redacted words as figures name them: one line, cut short, without numbers, placeholders by kind alone."""
    plain = "".join(one if one.isprintable() else " " for one in text)
    named = _PLACEHOLDER.sub(lambda found: f"⟨{found[1]}⟩", plain)
    return " ".join(_NUMBER.sub("…", named).split()).lower()[:_CHARACTERS]


def bucket(duration_ns: int) -> str:
    """Return how long something took, in one of five steps."""
    return next((name for seconds, name in BUCKETS if duration_ns < seconds * SECOND_NS), LONGEST)


def command_of_keys(key: str) -> str:
    """Return the command of a chord; empty when it is none of the list."""
    return next((command for command, (keys, _) in COMMANDS.items() if keys == key.lower()), "")


def command_of_entry(name: str) -> str:
    """Return the command of a menu's entry by its name; empty when it is none of the list."""
    said = name.split("\t", maxsplit=1)[0].strip().lower().replace("...", "…")
    return next((command for command, (_, names) in COMMANDS.items() if said in names), "")


def public_list(programme: Programme) -> tuple[tuple[str, str], ...]:
    """Return the fixed list of ways: from each listed app or site to each other."""
    places = [place for app in programme.apps for place in (app.sites or (app.id,))]
    return tuple((one, other) for one in places for other in places if one != other)
