"""What changed between two versions of a programme, in plain words, and whom each change obliges to ask again.

Pure. The gate is stricter than this: it stops everything when anything in the file changes. This says what people have to be asked about
anew by what they agreed to. Invariant, held by a property test: two programmes with different digests never show no change.
"""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from witting.terms.programme import App, Programme, Purpose, Recipient

Whom = Literal["everyone", "who lends it", "nobody"]
_ASKS_EVERYONE = {
    "owner": "the owner",
    "basis_mode": "the legal basis",
    "jurisdiction": "the jurisdiction",
    "agreement_id": "the agreement",
    "posture": "how much is masked",
    "picture_seconds": "the seconds between pictures",
    "reads_pictures": "whether words in pictures are read",
    "keys_level": "how much is asked of typing",
    "own_devices": "whether own devices are used",
    "reaffirm_months": "the months until people are asked again",
    "ends_on": "the last day",
    "group_minimum": "the smallest group",
    "limits": "what recording may cost a machine",
    "redaction_words": "the words that are always masked",
    "redaction_patterns": "the patterns of what is always masked",
    "language": "the language of the notice",
    "incentives": "what people get",
    "incentive_cap": "the cap on what people get",
    "id": "the programme itself",
}
_TELLS = {
    "title": "the title",
    "participant_contact": "the contact for participants",
    "dpo_contact": "the contact of the data protection officer",
    "authority": "the authority to complain to",
    "representatives": "the representatives",
    "dpia_id": "the impact assessment",
    "starts_on": "the first day",
    "packs": "the law packs",
    "currency": "the currency",
    "staff_count": "the number of staff",
    "posted_at": "where the notice hangs",
    "policy_url": "the privacy policy",
    "prepared_on": "the day it was written",
    "changed_on": "the day it was changed",
}
_LESS_IS_KINDER = {"ends_on", "reaffirm_months", "incentive_cap", "reads_pictures"}
_MORE_IS_KINDER = {"picture_seconds", "group_minimum"}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference between two versions."""

    field: str  # dotted
    message: str  # one plain sentence
    asks: Whom  # who must be asked again before it counts for them


def changes(old: Programme, new: Programme) -> list[Change]:
    """Return all differences, those that oblige to ask first; none when the programmes are equal but for their version number."""
    found = [*_heads(old, new), *_controller(old, new), *_purposes(old, new), *_apps(old, new), *_recipients(old, new)]
    found += [*_places(old, new), *_retention(old, new), *_insight(old, new)]
    order = ("everyone", "who lends it", "nobody")
    return sorted(found, key=lambda change: order.index(change.asks))


def _heads(old: Programme, new: Programme) -> Iterator[Change]:
    """Compare the fields that hold one value."""
    for field, name in (_ASKS_EVERYONE | _TELLS).items():
        before, after = getattr(old, field), getattr(new, field)
        if before == after:
            continue
        is_kinder = (field in _LESS_IS_KINDER and after < before) or (field in _MORE_IS_KINDER and after > before)
        asks: Whom = "everyone" if field in _ASKS_EVERYONE and not is_kinder else "nobody"
        yield Change(field=field, message=f"{_capital(name)} changed from {_shown(before)} to {_shown(after)}.", asks=asks)


def _controller(old: Programme, new: Programme) -> Iterator[Change]:
    """Compare who is in charge: another name is somebody else."""
    for field in ("name", "address", "contact"):
        before, after = getattr(old.controller, field), getattr(new.controller, field)
        if before != after:
            what = "Who is in charge" if field == "name" else f"The {field} of who is in charge"
            message = f"{what} changed from {_shown(before)} to {_shown(after)}."
            yield Change(field=f"controller.{field}", message=message, asks="everyone" if field == "name" else "nobody")


def _purposes(old: Programme, new: Programme) -> Iterator[Change]:
    """Compare the purposes by id."""
    before, after = {one.id: one for one in old.purposes}, {one.id: one for one in new.purposes}
    yield from _gone_and_new(before, after, field="purposes", noun="purpose")
    for name in before.keys() & after.keys():
        yield from _purpose(before[name], after[name])
    if [*before] != [*after] and sorted(before) == sorted(after):
        yield Change(field="purposes", message="The purposes stand in another order.", asks="nobody")


def _purpose(old: Purpose, new: Purpose) -> Iterator[Change]:
    """Compare one purpose."""
    place = f"purposes.{new.id}"
    for stream in sorted(set(new.streams) - set(old.streams)):
        yield Change(field=f"{place}.streams", message=f"{_shown(new.title)} asks for one more kind: {stream}.", asks="who lends it")
    for stream in sorted(set(old.streams) - set(new.streams)):
        yield Change(field=f"{place}.streams", message=f"{_shown(new.title)} asks for one kind less: {stream}.", asks="nobody")
    if old.streams != new.streams and set(old.streams) == set(new.streams):
        yield Change(field=f"{place}.streams", message=f"The kinds of {_shown(new.title)} stand in another order.", asks="nobody")
    if old.pointer_path != new.pointer_path:
        asks: Whom = "who lends it" if new.pointer_path == "raw" else "nobody"
        way = "every point of the pointer's way" if new.pointer_path == "raw" else "the pointer's way only coarsely"
        yield Change(field=f"{place}.pointer_path", message=f"{_shown(new.title)} asks for {way}.", asks=asks)
    if old.at_desk != new.at_desk:
        where = "on each person's own machine only" if new.at_desk else "at the hub too"
        yield Change(
            field=f"{place}.at_desk", message=f"{_shown(new.title)} is served {where}.", asks="nobody" if new.at_desk else "who lends it"
        )
    if old.for_groups != new.for_groups:
        what = "only figures about groups" if new.for_groups else "more than figures about groups"
        message = f"{_shown(new.title)} is for {what} now."
        yield Change(field=f"{place}.for_groups", message=message, asks="who lends it")
    if (old.title, old.why) != (new.title, new.why):
        message = f"What {_shown(old.title)} is for is said anew: {_shown(new.title)}, {_shown(new.why)}."
        yield Change(field=place, message=message, asks="who lends it")
    if old.is_optional != new.is_optional:
        message = f"{_shown(new.title)} is {'left to choose now' if new.is_optional else 'needed to take part now'}."
        yield Change(field=f"{place}.is_optional", message=message, asks="nobody" if new.is_optional else "everyone")


def _apps(old: Programme, new: Programme) -> Iterator[Change]:
    """Compare the apps and sites."""
    before, after = {one.id: one for one in old.apps}, {one.id: one for one in new.apps}
    yield from _gone_and_new(before, after, field="apps", noun="app")
    for name in before.keys() & after.keys():
        yield from _app(before[name], after[name])
    if [*before] != [*after] and sorted(before) == sorted(after):
        yield Change(field="apps", message="The apps stand in another order.", asks="nobody")


def _app(old: App, new: App) -> Iterator[Change]:
    """Compare one app."""
    place = f"apps.{new.id}"
    for field, what in (("sites", "site"), ("query_keys", "part of addresses")):
        had, has = getattr(old, field), getattr(new, field)
        yield from (
            Change(field=f"{place}.{field}", message=f"{_shown(new.title)}: one more {what}, {one}.", asks="who lends it")
            for one in has
            if one not in had
        )
        yield from (
            Change(field=f"{place}.{field}", message=f"{_shown(new.title)}: one {what} less, {one}.", asks="nobody")
            for one in had
            if one not in has
        )
        if had != has and set(had) == set(has):
            yield Change(field=f"{place}.{field}", message=f"The {what}s of {_shown(new.title)} are listed anew.", asks="nobody")
    if old.title != new.title:
        yield Change(field=f"{place}.title", message=f"{_shown(old.title)} is called {_shown(new.title)} now.", asks="nobody")


def _recipients(old: Programme, new: Programme) -> Iterator[Change]:
    """Compare who gets data."""
    before, after = {one.name: one for one in old.recipients}, {one.name: one for one in new.recipients}
    for name in after.keys() - before.keys():
        who = after[name]
        yield Change(field="recipients", message=f"{_shown(name)} ({who.country}) gets data too: {_shown(who.why)}.", asks="everyone")
    for name in before.keys() - after.keys():
        yield Change(field="recipients", message=f"{_shown(name)} gets no data any more.", asks="nobody")
    for name in before.keys() & after.keys():
        yield from _recipient(before[name], after[name])
    if old.recipients != new.recipients and sorted(map(repr, old.recipients)) == sorted(map(repr, new.recipients)):
        yield Change(field="recipients", message="The recipients stand in another order.", asks="nobody")


def _recipient(old: Recipient, new: Recipient) -> Iterator[Change]:
    """Compare one recipient."""
    for field in ("role", "country", "why", "safeguard", "contract"):
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            asks: Whom = "nobody" if field == "contract" else "everyone"
            message = f"{_capital(field)} of {_shown(new.name)} changed from {_shown(before)} to {_shown(after)}."
            yield Change(field=f"recipients.{new.name}.{field}", message=message, asks=asks)


def _places(old: Programme, new: Programme) -> Iterator[Change]:
    """Compare where data lies: another country asks again."""
    if old.places != new.places:
        countries = {place.country for place in new.places} - {place.country for place in old.places}
        more = f" There is a new country: {', '.join(sorted(countries))}." if countries else ""
        yield Change(field="places", message=f"The places where data lies changed.{more}", asks="everyone" if countries else "nobody")


def _retention(old: Programme, new: Programme) -> Iterator[Change]:
    """Compare how long things are kept: longer asks again, shorter doesn't."""
    names = {"spool_days": "on your machine", "hub_days": "on the server", "dataset_days": "in a set for training", "log_years": "the log"}
    for field, where in names.items():
        before, after = getattr(old.retention, field), getattr(new.retention, field)
        if before != after:
            unit = "years" if field == "log_years" else "days"
            message = f"Kept {where}: {after} {unit}, before {before}."
            yield Change(field=f"retention.{field}", message=message, asks="everyone" if after > before else "nobody")
    if old.retention.kinds != new.retention.kinds:
        yield from _kinds(old, new)


def _kinds(old: Programme, new: Programme) -> Iterator[Change]:
    """Compare the kinds that are kept for less long."""
    for stream in sorted({kind.stream for kind in (*old.retention.kinds, *new.retention.kinds)}):
        before, after = old.retention.hub_days_of([stream]), new.retention.hub_days_of([stream])
        asks: Whom = "who lends it" if after > before else "nobody"
        yield Change(field="retention.kinds", message=f"{_capital(stream)} is kept {after} days on the server, before {before}.", asks=asks)


def _insight(old: Programme, new: Programme) -> Iterator[Change]:
    """Compare what figures about groups may cost: more of it asks again."""
    names = {
        "group_minimum": "the fewest people in a figure",
        "epsilon": "the budget",
        "releases": "the number of releases",
        "every_days": "the days between releases",
    }
    for field, name in names.items():
        before, after = getattr(old.insight_in_force, field), getattr(new.insight_in_force, field)
        if before != after:
            is_kinder = (after > before) == (field in {"group_minimum", "every_days"})
            message = f"Figures about groups: {name} changed from {before:g} to {after:g}."
            yield Change(field=f"insight.{field}", message=message, asks="nobody" if is_kinder else "everyone")
    if old.insight != new.insight and old.insight_in_force == new.insight_in_force:
        yield Change(field="insight", message="What figures about groups may cost is written another way.", asks="nobody")


def _gone_and_new(before: dict[str, Any], after: dict[str, Any], *, field: str, noun: str) -> Iterator[Change]:
    """Say what is new, which only those lend who say yes to it, and what is gone."""
    for name in [name for name in after if name not in before]:
        yield Change(field=field, message=f"A new {noun}: {_shown(after[name].title)}. It is off until a person says yes.", asks="everyone")
    for name in [name for name in before if name not in after]:
        yield Change(field=field, message=f"One {noun} less: {_shown(before[name].title)}.", asks="nobody")


def _shown(value: object) -> str:
    """Return a value as a sentence shows it."""
    if isinstance(value, str):
        return f"“{' '.join(value.split()).rstrip('.')}”" if value else "nothing"
    if isinstance(value, tuple):
        return ", ".join(str(getattr(one, "title", "") or getattr(one, "name", "") or one) for one in value) or "nothing"
    if value is None or isinstance(value, msgspec.UnsetType):
        return "nothing"
    if isinstance(value, msgspec.Struct):
        return ", ".join(f"{name} {part}" for name, part in msgspec.structs.asdict(value).items())
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _capital(text: str) -> str:
    """Return a text with a capital letter first."""
    return text[:1].upper() + text[1:].replace("_", " ")
