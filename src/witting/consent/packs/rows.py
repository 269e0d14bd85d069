"""The rows of a law pack: each says what one place of one law asks, in fields that a program can check.

Pure types. Knows no programme. Invariant: an unknown key, kind, unit, event or use is refused when a pack is read. Nothing here is legal
advice: `confidence` says what was read, and only a person can say that a pack is right for an organisation.
"""

from datetime import date
from typing import Annotated, Literal

import msgspec

Status = Literal["in_force", "adopted", "bill", "failed", "guidance"]
Confidence = Literal["law_read", "several_sources", "one_source"]
Unit = Literal["hours", "calendar_days", "business_days", "weeks", "months", "years"]
When = Literal[
    "always", "legitimate_interest", "collective_agreement", "own_devices", "staff_at_least_25", "voice", "cadence", "processors",
    "transfers",
]  # fmt: skip
Event = Literal[
    "request_received", "objection_received", "opt_out_received", "withdrawn", "refused", "breach_known", "consultation_asked",
    "prepared", "changed", "hired", "last_interaction", "assessed", "noticed", "policy_updated", "policy_ended", "processing_ended",
]  # fmt: skip
EVENTS: tuple[Event, ...] = Event.__args__  # type: ignore[attr-defined]
Act = Literal[
    "answer_request", "confirm_request", "stop_use", "erase", "tell_authority", "await_authority", "give_copy", "assess_again",
    "notify_again", "update_policy", "tell_people", "tell_recipients",
]  # fmt: skip
Use = Literal[
    "emotion_inference", "performance_scoring", "idle_scoring", "typing_biometrics", "continuous_pictures", "audiovisual_at_home", "sale",
    "shared_accounts", "solely_automated_decisions", "face_templates", "union_activity", "forced_own_device", "detriment",
    "switching_basis",
]  # fmt: skip
Point = Literal[
    "who", "officer", "purposes", "basis", "recipients", "transfers", "retention", "rights", "withdrawal", "complaint", "need", "decisions",
    "again", "monitoring_kinds", "biometrics", "own_devices", "policy_dates", "representatives", "categories", "no_retaliation", "training",
    "objection", "sentence",
]  # fmt: skip
POINTS: tuple[Point, ...] = Point.__args__  # type: ignore[attr-defined]
Count = Annotated[int, msgspec.Meta(ge=1)]


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """What every row says."""

    id: str  # unique over all packs
    citation: str
    says: str  # what is asked, in plain words
    source_url: str
    verified_on: date  # when it was last held against what `confidence` names
    confidence: Confidence
    status: Status | None = None  # None = that of the pack
    effective_from: date | None = None
    when: When = "always"
    fields: tuple[str, ...] = ()  # what the programme must say, dotted; `recipients.name` = of each
    points: tuple[Point, ...] = ()  # what the notice must say
    is_required: bool = True  # False = should be looked at; the notice can be made
    kept_by: str = ""  # what in witting keeps it, for a row that no field of a programme can show


class NoticeField(Row, frozen=True, tag="notice_field"):
    """Something the notice says."""


class NoticeText(Row, frozen=True, tag="notice_text"):
    """A sentence that the notice holds word for word."""

    verbatim: str


class Acknowledgement(Row, frozen=True, tag="acknowledgement"):
    """The notice is acknowledged, in writing or electronically."""


class Posting(Row, frozen=True, tag="posting"):
    """The notice hangs where everybody sees it."""


class Cadence(Row, frozen=True, tag="cadence"):
    """Something is done again at least every so many months."""

    act: Act
    months: Count


class Deadline(Row, frozen=True, tag="deadline"):
    """Something is done within a time that an event starts."""

    act: Act
    start_event: Event
    value: Count
    unit: Unit
    calendar: str  # whose holidays count, `US-CA` style; `programme` = of the programme's own jurisdiction
    extension: Annotated[int, msgspec.Meta(ge=0)] = 0  # how much longer in the same unit, once the reason was told in time


class RetentionMax(Row, frozen=True, tag="retention_max"):
    """Recordings are kept no longer than this."""

    value: Count
    unit: Unit


class KeepAtLeast(Row, frozen=True, tag="keep_at_least"):
    """A paper of the organisation (never a recording) is kept at least this long."""

    paper: Literal["request_records", "assessment", "policy", "agreement"]
    start_event: Event
    value: Count
    unit: Unit


class Release(Row, frozen=True, tag="release"):
    """A written release is signed first."""


class Assessment(Row, frozen=True, tag="assessment"):
    """The risks are assessed first."""


class Consultation(Row, frozen=True, tag="consultation"):
    """People's representatives, or an authority, are asked first."""


class Prohibition(Row, frozen=True, tag="prohibition"):
    """What may never be done."""

    uses: Annotated[tuple[Use, ...], msgspec.Meta(min_length=1)]


class Threshold(Row, frozen=True, tag="threshold"):
    """From how many people on it holds, or how few never make a group."""

    of: Literal["staff", "group"]
    value: Count


class Quiet(Row, frozen=True, tag="quiet"):
    """After a no, people aren't asked again for so many months."""

    months: Count


AnyRow = (
    NoticeField | NoticeText | Acknowledgement | Posting | Cadence | Deadline | RetentionMax | KeepAtLeast | Release | Assessment
    | Consultation | Prohibition | Threshold | Quiet
)  # fmt: skip


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One law, or one authority's guidance, as rows."""

    id: str
    title: str
    jurisdictions: tuple[str, ...]  # where it holds unasked: `*`, `EU` (the EEA), `DE`, `US-NY`
    status: Status
    effective_from: date
    gathered_on: date  # when the rows were written down
    rows: Annotated[tuple[AnyRow, ...], msgspec.Meta(min_length=1)]
    expires_on: date | None = None  # the first day on which the law doesn't hold any more, where it says so itself
