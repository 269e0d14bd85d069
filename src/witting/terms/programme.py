"""A programme: what one organisation asks people to lend, for what, for how long. One TOML file, unknown keys refused.

What stands at its default isn't written out, so a programme keeps its digest, and with it everybody's consent, when a later witting
knows more fields; so the meaning of a default never changes.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

import msgspec

from witting.terms.events import KeysLevel, PathDetail, Stream

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
    contract: str = ""  # of a processor (GDPR Art. 28(3))
    safeguard: str = ""  # outside the European Economic Area: what keeps the data safe there


class Purpose(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One purpose, asked for on its own."""

    id: str
    title: str
    why: str
    streams: tuple[Stream, ...]
    is_optional: bool = True
    pointer_path: PathDetail = "reduced"  # "raw" = this purpose needs every point of the pointer's way
    at_desk: bool = False  # used on each participant's own machine, of what is recorded for other purposes; nothing is sent for it
    for_groups: bool = False  # read at the hub only to make figures about groups; nobody builds a dataset of it


class App(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An app that may be lent; `id` is the window class in lower case. A browser lends only its listed sites."""

    id: str
    title: str
    sites: tuple[str, ...] = ()  # origins, `https://host[:port]`; only for browsers
    query_keys: tuple[str, ...] = ()  # of an address's query only these keys are kept, none by default


class KindKept(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One kind of recording that is kept for less long than the others."""

    stream: Stream
    days: Annotated[int, msgspec.Meta(ge=1)]


class Retention(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How long each kind is kept, in days; it is erased then without being asked."""

    spool_days: int
    hub_days: int
    dataset_days: int
    log_years: int
    kinds: tuple[KindKept, ...] = ()  # kinds that the hub keeps for fewer days than `hub_days`

    def hub_days_of(self, streams: Iterable[Stream]) -> int:
        """How many days the hub keeps a recording with these kinds: as long as the one that is kept shortest."""
        held = set(streams)
        return min([self.hub_days, *(kind.days for kind in self.kinds if kind.stream in held)])


class Representative(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who speaks for the people asked, and can be reached by them."""

    name: str
    role: Literal["works_council", "union", "staff_council", "safety", "other"]
    contact: str


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where data lies or is worked on."""

    name: str
    country: str  # ISO 3166-1 alpha-2
    what: Literal["server", "training", "backup", "office"]


class Incentive(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What people get for taking part; they keep it when they leave."""

    title: str
    value: Annotated[float, msgspec.Meta(ge=0)]  # in the programme's currency
    per: Literal["month", "once"] = "month"


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What recording may cost a person's machine; beyond it recording stops. A participant can only tighten it."""

    battery_percent: Annotated[int, msgspec.Meta(ge=0, le=100)] = 20  # at or below this share nothing is recorded on battery
    cpu_percent: Annotated[int, msgspec.Meta(ge=1, le=100)] = 25  # of one core, over a minute
    disk_mb_per_day: Annotated[int, msgspec.Meta(ge=1)] = 1000  # sealed bytes written in a day


class Insight(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What figures about groups may cost the people in them, for the whole programme; it can be tightened, not loosened."""

    group_minimum: Annotated[int, msgspec.Meta(ge=10, le=1000)] = 10  # no figure is made of fewer people
    epsilon: Annotated[float, msgspec.Meta(ge=0.1, le=4)] = 3.0  # all releases together tell no more of one person (differential privacy)
    releases: Annotated[int, msgspec.Meta(ge=1, le=12)] = 4  # into so many equal parts it is divided; then there are no more
    every_days: Annotated[int, msgspec.Meta(ge=28, le=366)] = 90  # from one release to the next, at least


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
    reads_pictures: bool = False  # words in pictures are read on the person's machine, so that more than what trees vouch for is shown
    redaction_words: tuple[str, ...] = ()  # further words that are always masked, e.g. a code name
    redaction_patterns: tuple[str, ...] = ()  # further patterns (RE2) of what is always masked, e.g. customer numbers
    keys_level: KeysLevel = "text"  # the most that is asked of typing; each participant chooses up to it
    limits: Limits | msgspec.UnsetType = msgspec.UNSET  # left out = the usual ones; left out of the digest too

    insight: Insight | msgspec.UnsetType = msgspec.UNSET  # left out = the usual; left out of the digest too
    packs: tuple[str, ...] = ()  # law packs besides those of the jurisdiction
    owner: str = ""  # who owns the controller; another owner asks anew
    representatives: tuple[Representative, ...] = ()
    places: tuple[Place, ...] = ()
    incentives: tuple[Incentive, ...] = ()
    incentive_cap: Annotated[float, msgspec.Meta(ge=0)] = 0.0  # the most that anybody gets in a month; more isn't free choice
    currency: str = "EUR"  # ISO 4217
    own_devices: bool = False  # whether people are asked to record on devices of their own
    staff_count: Annotated[int, msgspec.Meta(ge=0)] = 0  # of the controller; 0 = not said
    posted_at: str = ""  # where the notice hangs for everybody to see
    policy_url: str = ""  # the public privacy policy
    prepared_on: date | None = None  # when the programme was written down
    changed_on: date | None = None  # when it was last changed

    @property
    def desk_purposes(self) -> frozenset[str]:
        """The purposes served on each participant's own machine only."""
        return frozenset(purpose.id for purpose in self.purposes if purpose.at_desk)

    @property
    def group_purposes(self) -> frozenset[str]:
        """The purposes for which recordings are read to make figures about groups, and for nothing else."""
        return frozenset(purpose.id for purpose in self.purposes if purpose.for_groups)

    @property
    def insight_in_force(self) -> Insight:
        """What figures about groups may cost, the usual where the programme says nothing; never of fewer people than its own minimum."""
        found = Insight() if isinstance(self.insight, msgspec.UnsetType) else self.insight
        return msgspec.structs.replace(found, group_minimum=max(found.group_minimum, self.group_minimum))

    @property
    def processors(self) -> tuple[Recipient, ...]:
        """The recipients that work on the controller's behalf."""
        return tuple(recipient for recipient in self.recipients if recipient.role == "processor")

    @property
    def limits_in_force(self) -> Limits:
        """The programme's limits, the usual ones where it sets none."""
        return Limits() if isinstance(self.limits, msgspec.UnsetType) else self.limits
