"""Programmes that make no sense, changes that oblige nobody, and sums that stay empty: the rarer answers of the consent room."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from witting.consent.changes import changes
from witting.consent.deadlines import event_day, event_named
from witting.consent.duties import check_programme
from witting.consent.gate import decide_purpose
from witting.consent.levels import path_in_force
from witting.consent.notice import make_notice
from witting.consent.packs.loading import packs_of
from witting.consent.papers import paper_files
from witting.consent.printing import make_pdf
from witting.consent.sense import nonsense
from witting.terms.consent import ConsentReceipt, Grant
from witting.terms.errors import ProgrammeError, UsageError
from witting.terms.programme import App, Incentive, KindKept, Place, Programme, Purpose, Recipient

WHEN = datetime(2026, 4, 1, 9, tzinfo=UTC)


def fields(programme: Programme) -> set[str]:
    """Return the fields that make no sense."""
    return {found.field for found in nonsense(programme)}


WRONG: dict[str, Callable[[Programme], Programme]] = {
    "purposes[0].is_optional": lambda it: replace(it, purposes=(replace(it.purposes[0], at_desk=True, is_optional=False),)),
    "retention.kinds[0].days": lambda it: replace(it, retention=replace(it.retention, kinds=(KindKept("screen", 91),))),
    "retention.kinds": lambda it: replace(it, retention=replace(it.retention, kinds=(KindKept("screen", 9), KindKept("screen", 8)))),
    "incentive_cap": lambda it: replace(it, incentive_cap=50.01),
    "incentives": lambda it: replace(it, incentive_cap=5.0, incentives=(Incentive("Voucher", 3.0), Incentive("Lunch", 2.01))),
    "currency": lambda it: replace(it, currency="euro"),
    "packs[0]": lambda it: replace(it, packs=("atlantis",)),
    "packs": lambda it: replace(it, packs=("gdpr", "gdpr")),
    "changed_on": lambda it: replace(it, prepared_on=date(2026, 2, 2), changed_on=date(2026, 2, 1)),
}


@pytest.mark.parametrize("field", WRONG)
def test_what_makes_no_sense_is_named_and_nothing_else(field: str, programme: Programme) -> None:
    """Help that is no choice, kinds kept longer or twice, gifts beyond the cap, no currency, no such pack, days in the wrong order."""
    assert fields(programme) == set()
    assert fields(WRONG[field](programme)) == {field}


def test_what_is_just_allowed_is_allowed(programme: Programme) -> None:
    """At the cap, as long as the rest, changed on the day it was written: no complaint."""
    kept = replace(programme.retention, kinds=(KindKept("screen", 90),))
    written = {"prepared_on": date(2026, 2, 1), "changed_on": date(2026, 2, 1)}
    gifts = {"incentive_cap": 5.0, "incentives": (Incentive("Voucher", 5.0),)}
    assert fields(replace(programme, retention=kept, **written, **gifts)) == set()


def told(old: Programme, new: Programme) -> list[tuple[str, str]]:
    """Return each change's field and whom it asks."""
    return [(change.field, change.asks) for change in changes(old, new)]


def test_another_order_asks_nobody(programme: Programme) -> None:
    """Kinds, apps, sites and recipients in another order are told, and nobody is asked again."""
    train = programme.purposes[0]
    two = replace(
        programme, apps=(App(id="chromium", title="Chromium", sites=("https://a.example.org", "https://b.example.org")), programme.apps[1])
    )
    both = (
        Recipient(name="Lab", role="internal", country="DE", why="trains"),
        Recipient(name="Host", role="processor", country="IE", why="keeps"),
    )
    changed = [
        (
            programme,
            replace(programme, purposes=(replace(train, streams=train.streams[::-1]), programme.purposes[1])),
            "purposes.train.streams",
        ),
        (programme, replace(programme, apps=programme.apps[::-1]), "apps"),
        (two, replace(two, apps=(replace(two.apps[0], sites=two.apps[0].sites[::-1]), two.apps[1])), "apps.chromium.sites"),
        (replace(programme, recipients=both), replace(programme, recipients=both[::-1]), "recipients"),
        (programme, replace(programme, apps=(replace(programme.apps[0], title="Browser"), programme.apps[1])), "apps.chromium.title"),
    ]
    for old, new, field in changed:
        assert (field, "nobody") in told(old, new)
        assert {asks for found, asks in told(old, new) if found == field} == {"nobody"}


@pytest.mark.promise("P5")
def test_a_finer_way_of_the_pointer_asks_again_and_a_coarser_one_doesn_t(programme: Programme) -> None:
    """Whoever lends the pointer is asked before its every point is kept."""
    whole = replace(programme, purposes=(replace(programme.purposes[0], pointer_path="raw"), programme.purposes[1]))
    assert ("purposes.train.pointer_path", "who lends it") in told(programme, whole)
    assert ("purposes.train.pointer_path", "nobody") in told(whole, programme)


def test_the_finest_way_that_is_granted_counts(programme: Programme, receipt: ConsentReceipt) -> None:
    """The pointer's every point is kept only if a granted purpose of this recording asks for it."""
    whole = replace(programme, purposes=(replace(programme.purposes[0], pointer_path="raw"), programme.purposes[1]))
    assert path_in_force(receipt, whole, purposes=["train"]) == "raw"
    assert path_in_force(receipt, whole, purposes=["help"]) == "reduced"
    assert path_in_force(receipt, programme, purposes=["train"]) == "reduced"
    assert path_in_force(replace(receipt, grants=()), whole, purposes=["train"]) == "reduced"


def test_a_purpose_is_lent_when_anything_of_it_is(programme: Programme, receipt: ConsentReceipt) -> None:
    """One kind of one app is enough; nothing, another purpose or an unknown one isn't; what concerns all is told as it is."""
    alone = replace(receipt, grants=(Grant("train", "keys", "mousepad"),))
    assert decide_purpose([alone], programme, purpose="train", at=WHEN).is_allowed
    assert decide_purpose([replace(receipt, grants=())], programme, purpose="train", at=WHEN).reason == "purpose_not_granted"
    assert decide_purpose([alone], programme, purpose="help", at=WHEN).reason == "purpose_not_granted"
    assert decide_purpose([alone], programme, purpose="unheard", at=WHEN).reason == "purpose_not_granted"
    assert decide_purpose([replace(alone, status="withdrawn")], programme, purpose="train", at=WHEN).reason == "withdrawn"


def test_events_and_days_are_taken_by_name() -> None:
    """An event that law packs know, a day of the calendar; anything else is named with what would do."""
    assert event_named("withdrawn") == "withdrawn"
    assert event_day("2026-11-24") == datetime(2026, 11, 24, tzinfo=UTC)
    with pytest.raises(UsageError, match="no event 'moonrise'") as refused:
        event_named("moonrise")
    assert "withdrawn" in refused.value.hint
    for text in ("24.11.2026", "2026-02-30", ""):
        with pytest.raises(UsageError, match="is no day"):
            event_day(text)


def test_a_pack_that_isn_t_there_is_refused(programme: Programme) -> None:
    """Naming an unknown law pack stops the programme, with the names of those there are."""
    with pytest.raises(ProgrammeError, match="atlantis") as refused:
        packs_of(replace(programme, packs=("atlantis",)))
    assert "gdpr" in refused.value.hint


def test_places_and_recipients_abroad_need_a_word(programme: Programme) -> None:
    """A recipient outside Europe needs a safeguard; a place outside it needs somebody who gets data there."""
    abroad = replace(
        programme,
        recipients=(Recipient(name="Lab", role="internal", country="US", why="trains"),),
        places=(Place(name="Rack", country="JP", what="server"),),
    )
    problems = {problem.field for problem in check_programme(abroad)}
    assert {"recipients[0].why", "places[0].country"} <= problems


@pytest.fixture
def whole(programme: Programme) -> Programme:
    """Return the programme with what its works council asks for."""
    return replace(programme, agreement_id="WA-1", dpia_id="D-1", posted_at="https://intranet.example.org/x", staff_count=50)


def test_papers_say_so_when_nobody_works_on_behalf_and_when_nobody_speaks(whole: Programme) -> None:
    """Without processors the record says none; with one it names the contract or its absence; voice is told in the release."""
    plain = paper_files(replace(whole, representatives=()))
    assert any(b"None." in text for text in plain.values())
    host = Recipient(name="Host", role="processor", country="DE", why="keeps")
    hired = paper_files(replace(whole, recipients=(host,)))
    assert any(b"Host: contract" in text for text in hired.values())
    voiced = replace(
        whole, packs=("us-il",), purposes=(Purpose(id="train", title="Train", why="It learns.", streams=("pointer", "voice")),)
    )
    assert any(b"Voice notes are turned into text" in text for text in paper_files(voiced).values())


def test_the_notice_says_what_only_some_programmes_do(whole: Programme) -> None:
    """Whole ways of the pointer, words read in pictures and kept parts of addresses are told where they are asked for, and only there."""
    some = replace(
        whole,
        reads_pictures=True,
        purposes=(Purpose(id="train", title="Train agents", why="It learns.", streams=("pointer", "screen", "pages"), pointer_path="raw"),),
        apps=(App(id="chromium", title="Chromium", sites=("https://a.example.org",), query_keys=("view",)),),
    )
    said = ("whole way of your pointer", "reads the words in a picture", "what stands after ? in their addresses view")
    text, without = make_notice(some).markdown, make_notice(whole).markdown
    assert [part for part in said if part not in text] == []
    assert [part for part in said if part in without] == []


def test_without_the_printer_the_pdf_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """No weasyprint: one line that says so, and that HTML needs none."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(UsageError, match="no PDF") as refused:
        make_pdf("<p>x</p>")
    assert "pip install" in refused.value.hint
