"""A programme: what one organisation asks people to lend, for what, for how long. One TOML file, unknown keys refused.

What stands at its default isn't written out, so a programme keeps its digest, and with it everybody's consent, when a later witting
knows more fields; so the meaning of a default never changes.
"""

from datetime import date
from typing import Annotated, Literal

import msgspec

from witting.terms.events import KeysLevel, Stream

BasisMode = Literal["consent", "legitimate_interest+objection", "collective_agreement+consent"]


class Controller(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who decides on purposes and means (GDPR Art. 4(7))."""

    name: str
    address: str
    contact: str


class Recipient(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who gets to see data."""

    name: str
    role: Literal["processor", "recipient", "internal"]
    country: str  # ISO 3166-1 alpha-2
    why: str


class Purpose(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One purpose, asked for on its own."""

    id: str
    title: str
    why: str
    streams: tuple[Stream, ...]
    is_optional: bool = True


class App(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An app that may be lent; `id` is the window class in lower case. A browser lends only its listed sites."""

    id: str
    title: str
    sites: tuple[str, ...] = ()  # origins, `https://host[:port]`; only for browsers
    query_keys: tuple[str, ...] = ()  # of an address's query only these keys are kept, none by default


class Retention(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How long each kind is kept, in days; it is erased then without being asked."""

    spool_days: int
    hub_days: int
    dataset_days: int
    log_years: int


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What recording may cost a person's machine; beyond it recording stops. A participant can only tighten it."""

    battery_percent: Annotated[int, msgspec.Meta(ge=0, le=100)] = 20  # at or below this share nothing is recorded on battery
    cpu_percent: Annotated[int, msgspec.Meta(ge=1, le=100)] = 25  # of one core, over a minute
    disk_mb_per_day: Annotated[int, msgspec.Meta(ge=1)] = 1000  # sealed bytes written in a day


class Programme(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Everything a notice must say, in one file."""

    schema: Literal[1]
    id: str
    version: int
    title: str
    starts_on: date
    ends_on: date
    jurisdiction: str  # ISO 3166-1 alpha-2, or US-NY style
    language: str  # BCP 47
    basis_mode: BasisMode
    controller: Controller
    participant_contact: str
    dpo_contact: str
    authority: str  # supervisory authority to complain to
    purposes: tuple[Purpose, ...]
    apps: tuple[App, ...]
    recipients: tuple[Recipient, ...]
    retention: Retention
    posture: Literal["strict", "balanced"] = "strict"
    group_minimum: int = 5
    reaffirm_months: int = 6
    agreement_id: str = ""
    dpia_id: str = ""
    picture_seconds: float = 2.0  # between pictures while something changes, 0.5 to 60; a participant may choose longer
    redaction_words: tuple[str, ...] = ()  # further words that are always masked, e.g. a code name
    keys_level: KeysLevel = "text"  # the most that is asked of typing; each participant chooses up to it
    limits: Limits | msgspec.UnsetType = msgspec.UNSET  # left out = the usual ones; left out of the digest too

    @property
    def limits_in_force(self) -> Limits:
        """The programme's limits, the usual ones where it sets none."""
        return Limits() if isinstance(self.limits, msgspec.UnsetType) else self.limits
