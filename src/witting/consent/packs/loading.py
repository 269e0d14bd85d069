"""Reads the packs that lie beside this file, and says which of them a programme is under.

Invariant: a programme is always under the packs of its jurisdiction; naming packs adds to them and never takes one away.
"""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import msgspec

from witting.consent.packs.rows import Pack
from witting.terms.errors import ProgrammeError
from witting.terms.programme import Programme

EEA = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip


@cache
def load_packs() -> dict[str, Pack]:
    """Return every pack by its id, the general ones first.

    Raises:
        ProgrammeError: a pack has an unknown key, kind, unit or value; the message names the file.
    """
    found = sorted((path for path in files("witting.consent.packs").iterdir() if path.name.endswith(".toml")), key=lambda path: path.name)
    packs = [read_pack(path.read_text("utf-8"), name=path.name) for path in found]
    return {pack.id: pack for pack in sorted(packs, key=lambda pack: ("*" not in pack.jurisdictions, pack.id))}


def read_pack(text: str, *, name: str) -> Pack:
    """Return the pack in TOML text; `name` stands for the file in errors.

    Raises:
        ProgrammeError: it isn't TOML, or has an unknown key, kind, unit or value.
    """
    try:
        return msgspec.convert(tomllib.loads(text), Pack)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        message = f"the law pack {name} can't be read: {error}"
        raise ProgrammeError(message, hint="mend that row; a pack is never read in part") from None


def packs_of(programme: Programme) -> tuple[Pack, ...]:
    """Return the packs a programme is under: those of its jurisdiction and those it names.

    Raises:
        ProgrammeError: it names a pack that isn't there.
    """
    known = load_packs()
    unknown = sorted(set(programme.packs) - set(known))
    if unknown:
        message = f"`packs` names {unknown[0]!r}, and there is no such law pack"
        raise ProgrammeError(message, hint=f"the packs are {', '.join(known)}")
    return tuple(pack for pack in known.values() if pack.id in programme.packs or holds_in(pack.jurisdictions, programme.jurisdiction))


def holds_in(jurisdictions: Iterable[str], place: str) -> bool:
    """Whether a pack for these jurisdictions holds in a place."""
    own = {"*", place, place.split("-", maxsplit=1)[0]} | ({"EU"} if place.split("-", maxsplit=1)[0] in EEA else set())
    return not own.isdisjoint(jurisdictions)
