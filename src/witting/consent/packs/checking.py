"""What a programme lacks under each law pack it is under, row by row, each with its citation.

Pure. Invariant: a row that says a programme must name something is never passed over because the programme is silent about whether the row
holds; what isn't said counts as what asks for more.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import msgspec

from witting.consent.packs.combining import DAYS
from witting.consent.packs.loading import packs_of
from witting.consent.packs.rows import AnyRow, Cadence, Pack, Prohibition, RetentionMax, Status, Threshold, Use, When
from witting.consent.packs.validity import ends_on
from witting.terms.events import Stream
from witting.terms.programme import Programme

UNWRITTEN = re.compile(r"\W*|\W*(tbd|todo|tba|tbc|xxx+|n/?a|none|unknown|fixme|placeholder|lorem ipsum.*)\W*", re.IGNORECASE)
_SALE = re.compile(r"\b(sell\w*|sold|sale|resale|lease\w*|licens(e|ing) (it|them|the data)|for profit)\b", re.IGNORECASE)
_FRESH = timedelta(days=366)
_FEW_PICTURES_S = 2.0
_MANY = 25


class Problem(msgspec.Struct, frozen=True):
    """One thing that the notice must say and can't yet (missing), or that should be looked at (doubtful)."""

    field: str  # dotted
    message: str
    citation: str
    is_missing: bool = True  # False = doubtful: the notice can be made
    pack: str = ""  # the law pack that asks for it, empty = what witting itself asks


class PackReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one pack finds in one programme."""

    pack: str
    title: str
    status: Status
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]  # how far the pack itself can be trusted


def check_packs(programme: Programme, *, on: date | None = None) -> list[PackReport]:
    """Return a report for each pack the programme is under; with `on`, packs that nobody looked at for a year are named.

    Raises:
        ProgrammeError: the programme names a pack that isn't there.
    """
    return [
        PackReport(
            pack=pack.id, title=pack.title, status=pack.status, problems=tuple(_problems(pack, programme)), notes=tuple(_notes(pack, on))
        )
        for pack in packs_of(programme)
    ]


def holds(when: When, programme: Programme) -> bool:
    """Whether a row's condition is met; what the programme doesn't say counts as met."""
    return _CONDITIONS[when](programme)


def _asks(stream: Stream) -> Callable[[Programme], bool]:
    """Return the condition that some purpose asks for a stream."""
    return lambda programme: any(stream in purpose.streams for purpose in programme.purposes)


_CONDITIONS: dict[When, Callable[[Programme], bool]] = {
    "always": lambda _: True,
    "legitimate_interest": lambda programme: programme.basis_mode == "legitimate_interest+objection",
    "collective_agreement": lambda programme: programme.basis_mode == "collective_agreement+consent",
    "own_devices": lambda programme: programme.own_devices,
    "staff_at_least_25": lambda programme: programme.staff_count == 0 or programme.staff_count >= _MANY,
    "voice": _asks("voice"),
    "cadence": _asks("cadence"),
    "processors": lambda programme: bool(programme.processors),
    "transfers": lambda programme: bool(programme.recipients),
}
_FORBIDDEN: dict[Use, tuple[str, Callable[[Programme], bool]]] = {
    "typing_biometrics": ("purposes", _asks("cadence")),
    "audiovisual_at_home": ("purposes", _asks("voice")),
    "continuous_pictures": (
        "picture_seconds",
        lambda programme: _asks("screen")(programme) and programme.picture_seconds < _FEW_PICTURES_S,
    ),
    "forced_own_device": ("purposes", lambda programme: any(not purpose.is_optional for purpose in programme.purposes)),
    "sale": ("purposes", lambda programme: any(_SALE.search(text) for text in _stated_uses(programme))),
}


def _problems(pack: Pack, programme: Programme) -> Iterator[Problem]:
    """Find what one pack's rows miss."""
    for row in pack.rows:
        if holds(row.when, programme):
            for field, message in [*_unsaid(row, programme), *_beyond(row, programme)]:
                yield Problem(field, message, row.citation, is_missing=row.is_required, pack=pack.id)


def _unsaid(row: AnyRow, programme: Programme) -> Iterator[tuple[str, str]]:
    """Find the fields of a row that aren't there, or only stand in for something."""
    for path in row.fields:
        for field, value in _values(programme, path):
            if value is None or value == () or (isinstance(value, str) and not value.strip()):
                yield field, "is missing" if row.is_required else f"is missing: {_inline(row.says)}"
            elif isinstance(value, str) and UNWRITTEN.fullmatch(value):
                yield field, "is still to be written"


def _values(programme: Programme, path: str) -> Iterator[tuple[str, object]]:
    """Yield what stands at a dotted path; of a list every member's, numbered as they stand in the file."""
    head, _, rest = path.partition(".")
    value = getattr(programme, head)
    if not rest:
        yield head, value
    elif isinstance(value, tuple):
        listed = programme.recipients if head == "processors" else value
        name = "recipients" if head == "processors" else head
        yield from ((f"{name}[{index}].{rest}", getattr(one, rest)) for index, one in enumerate(listed) if one in value)
    else:
        yield path, getattr(value, rest)


def _beyond(row: AnyRow, programme: Programme) -> Iterator[tuple[str, str]]:
    """Find numbers and uses that go beyond what a row allows."""
    if isinstance(row, RetentionMax):
        most = row.value * DAYS[row.unit]
        for field in ("hub_days", "dataset_days"):
            if getattr(programme.retention, field) > most:
                yield f"retention.{field}", f"is more than {most}"
    elif isinstance(row, Cadence) and row.act == "notify_again" and programme.reaffirm_months > row.months:
        yield "reaffirm_months", f"is more than {row.months}"
    elif isinstance(row, Threshold) and row.of == "group" and programme.group_minimum < row.value:
        yield "group_minimum", f"is below {row.value}"
    elif isinstance(row, Prohibition):
        for use in row.uses:
            field, is_done = _FORBIDDEN.get(use, ("", lambda _: False))
            if is_done(programme):
                yield field, f"needs a second look: {_inline(row.says)}"


def _stated_uses(programme: Programme) -> Iterator[str]:
    """Yield what the programme says is done with recordings."""
    for purpose in programme.purposes:
        yield from (purpose.title, purpose.why)
    yield from (recipient.why for recipient in programme.recipients)


def _notes(pack: Pack, on: date | None) -> Iterator[str]:
    """Say how far a pack can be trusted."""
    count = sum(row.confidence != "law_read" for row in pack.rows)
    if count:
        yield f"{count} of {len(pack.rows)} rows rest on what others write about the law, not on its text; let a lawyer read them"
    if on is not None and any(on - row.verified_on > _FRESH for row in pack.rows):
        yield f"nobody held it against its sources for more than a year; do that, or recording under it stops on {ends_on(pack)}"
    if pack.status in {"bill", "failed", "guidance"}:
        yield f"it is no law: its status is {pack.status}"


def _inline(sentence: str) -> str:
    """Return a sentence as it goes on after a colon."""
    return sentence[:1].lower() + sentence[1:].rstrip(".")
