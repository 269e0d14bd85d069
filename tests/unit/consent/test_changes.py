"""What changed between two versions is told in plain words, with whom it obliges to ask again; nothing that changed is passed over."""

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.consent.changes import _ASKS_EVERYONE, _TELLS, changes
from witting.consent.programme import programme_digest
from witting.terms.programme import (
    App,
    Controller,
    Incentive,
    KindKept,
    Limits,
    Place,
    Programme,
    Purpose,
    Recipient,
    Representative,
    Retention,
)

replace = msgspec.structs.replace
SITE = "https://b.example.org"
FAR_LAB = Recipient("Far Lab", "recipient", "US", "looks")
Change = Callable[[Programme], Programme]


def _head(**changed: Any) -> Change:
    return lambda programme: replace(programme, **changed)


def _purpose(**changed: Any) -> Change:
    return lambda programme: replace(programme, purposes=(replace(programme.purposes[0], **changed), *programme.purposes[1:]))


def _keep(**changed: Any) -> Change:
    return lambda programme: replace(programme, retention=replace(programme.retention, **changed))


def _recipient(**changed: Any) -> Change:
    return lambda programme: replace(programme, recipients=(replace(programme.recipients[0], **changed),))


ASKING: list[tuple[Change, str, str]] = [
    (lambda p: replace(p, purposes=(*p.purposes, Purpose("sort", "Sort mail", "It helps.", ("windows",)))), "everyone", "A new purpose"),
    (_purpose(streams=("pointer", "keys", "ui_tree", "screen")), "who lends it", "one more kind: screen"),
    (_purpose(why="So that agents learn something else."), "who lends it", "is said anew"),
    (_purpose(is_optional=False), "everyone", "needed to take part now"),
    (lambda p: replace(p, apps=(*p.apps, App("gimp", "Gimp"))), "everyone", "A new app: “Gimp”"),
    (lambda p: replace(p, apps=(replace(p.apps[0], sites=(*p.apps[0].sites, SITE)), p.apps[1])), "who lends it", "one more site"),
    (lambda p: replace(p, recipients=(*p.recipients, FAR_LAB)), "everyone", "“Far Lab” (US) gets data too"),
    (_recipient(country="US"), "everyone", "Country of “Example Lab” changed from “DE” to “US”"),
    (_keep(hub_days=91), "everyone", "91 days, before 90"),
    (_keep(spool_days=8), "everyone", "8 days, before 7"),
    (lambda p: replace(p, controller=replace(p.controller, name="Another Org")), "everyone", "Who is in charge changed"),
    (_head(owner="a fund"), "everyone", "The owner changed from nothing to “a fund”"),
    (_head(basis_mode="legitimate_interest+objection"), "everyone", "The legal basis changed"),
    (_head(picture_seconds=1.0), "everyone", "The seconds between pictures changed from 2.0 to 1.0"),
    (_head(ends_on=date(2027, 6, 1)), "everyone", "The last day changed"),
    (_head(places=(Place("Attic", "US", "backup"),)), "everyone", "There is a new country: US"),
    (_head(own_devices=True), "everyone", "from no to yes"),
    (_head(reads_pictures=True), "everyone", "Whether words in pictures are read changed from no to yes"),
]  # fmt: skip
QUIET: list[tuple[Change, str]] = [
    (_head(participant_contact="else@example.org"), "The contact for participants changed"),
    (_head(title="Another name"), "The title changed"),
    (_purpose(streams=("pointer", "keys")), "asks for one kind less: ui_tree"),
    (lambda p: replace(p, purposes=p.purposes[:1]), "One purpose less"),
    (lambda p: replace(p, apps=p.apps[:1]), "One app less"),
    (lambda p: replace(p, recipients=()), "gets no data any more"),
    (_keep(hub_days=30), "30 days, before 90"),
    (_keep(kinds=(KindKept("keys", 10),)), "Keys is kept 10 days on the server, before 90"),
    (_head(ends_on=date(2026, 6, 1)), "The last day changed"),
    (_head(group_minimum=9), "The smallest group changed"),
    (_head(picture_seconds=9.0), "The seconds between pictures"),
    (_recipient(contract="DPA-1"), "Contract of “Example Lab” changed from nothing to “DPA-1”"),
    (lambda p: replace(p, controller=replace(p.controller, address="2 Sample Street")), "The address of who is in charge"),
    (lambda p: replace(p, purposes=p.purposes[::-1]), "another order"),
]  # fmt: skip


@pytest.mark.promise("P5")
@pytest.mark.promise("P28")
@pytest.mark.parametrize(("change", "whom", "said"), ASKING)
def test_what_obliges_to_ask_again_says_whom(programme: Programme, change: Change, whom: str, said: str) -> None:
    """More data, more people, more time, other hands: each is told in one sentence, with who must be asked before it counts for them."""
    found = changes(programme, change(programme))
    assert [each.asks for each in found] == [whom]
    assert said in found[0].message


@pytest.mark.parametrize(("change", "said"), QUIET)
def test_what_asks_for_less_obliges_to_ask_nobody(programme: Programme, change: Change, said: str) -> None:
    """Less data, fewer people, less time, and corrections of addresses are told; they oblige to ask nobody again."""
    found = changes(programme, change(programme))
    assert {each.asks for each in found} == {"nobody"}
    assert any(said in each.message for each in found)


def test_what_is_kept_longer_than_the_kinds_own_days_asks(programme: Programme) -> None:
    """Letting a kind be kept longer than before asks those who lend it."""
    old = _keep(kinds=(KindKept("keys", 10),))(programme)
    assert [(each.field, each.asks) for each in changes(old, programme)] == [("retention.kinds", "who lends it")]


def test_equal_programmes_show_nothing(programme: Programme) -> None:
    """Two equal programmes show no change, nor do two that differ only in their version number."""
    assert changes(programme, programme) == changes(programme, replace(programme, version=9)) == []


def test_every_field_of_a_programme_is_compared() -> None:
    """A field that is added to programmes must be told when it changes."""
    nested = {"controller", "purposes", "apps", "recipients", "places", "retention", "insight"}
    assert set(Programme.__struct_fields__) - {"schema", "version"} == set(_ASKS_EVERYONE) | set(_TELLS) | nested


some_purposes = st.lists(
    st.builds(
        Purpose, st.sampled_from("abc"), st.sampled_from("xy"), st.sampled_from("xy"),
        st.lists(st.sampled_from(("pointer", "keys", "screen")), min_size=1, unique=True).map(tuple), st.booleans(),
    ),
    unique_by=lambda one: one.id, max_size=3,
).map(tuple)  # fmt: skip
some_apps = st.lists(
    st.builds(App, st.sampled_from("abc"), st.sampled_from("xy"), st.lists(st.sampled_from("st"), unique=True).map(tuple)),
    unique_by=lambda one: one.id, max_size=3,
).map(tuple)  # fmt: skip
some_recipients = st.lists(
    st.builds(
        Recipient, st.sampled_from("pq"), st.sampled_from(("processor", "internal")), st.sampled_from(("DE", "US")), st.sampled_from("xy")
    ),
    unique_by=lambda one: one.name, max_size=2,
).map(tuple)  # fmt: skip
some_retention = st.builds(
    Retention, st.integers(1, 3), st.integers(5, 7), st.integers(5, 7), st.integers(1, 2),
    st.lists(st.builds(KindKept, st.sampled_from(("keys", "screen")), st.integers(1, 5)), unique_by=lambda one: one.stream).map(tuple),
)  # fmt: skip
HEADS: dict[str, st.SearchStrategy[Any]] = {
    "purposes": some_purposes, "apps": some_apps, "recipients": some_recipients, "retention": some_retention,
    "controller": st.builds(Controller, st.sampled_from("ab"), st.sampled_from("ab"), st.sampled_from("ab")),
    "limits": st.builds(Limits, battery_percent=st.integers(0, 2)),
    "places": st.lists(st.builds(Place, st.sampled_from("ab"), st.sampled_from(("DE", "US")), st.just("server")), max_size=2).map(tuple),
    "representatives": st.lists(st.builds(Representative, st.sampled_from("ab"), st.just("union"), st.sampled_from("ab"))).map(tuple),
    "incentives": st.lists(st.builds(Incentive, st.sampled_from("ab"), st.sampled_from((1.0, 2.0)))).map(tuple),
    "owner": st.sampled_from("ab"), "keys_level": st.sampled_from(("text", "rhythm")), "picture_seconds": st.sampled_from((1.0, 2.0, 3.0)),
}  # fmt: skip


@pytest.mark.promise("P5")
@given(data=st.data())
def test_no_change_is_silent(programme: Programme, data: st.DataObject) -> None:
    """Over random pairs of programmes: whenever their digests differ by more than the version, at least one change is told."""
    names = st.sets(st.sampled_from(sorted(HEADS)), max_size=4)
    old, new = (replace(programme, **{name: data.draw(HEADS[name]) for name in sorted(data.draw(names))}) for _ in range(2))
    if programme_digest(old) != programme_digest(new):
        assert changes(old, new)
    else:
        assert changes(old, new) == []
