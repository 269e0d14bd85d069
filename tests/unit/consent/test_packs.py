"""Law packs are rows of data that are read strictly, name their source, and together are never looser than any of them."""

import re
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.consent.deadlines import deadlines_of, first_due
from witting.consent.duties import check_packs, check_programme
from witting.consent.notice import make_notice
from witting.consent.packs.checking import _values
from witting.consent.packs.combining import Duties, combine
from witting.consent.packs.loading import load_packs, packs_of, read_pack
from witting.consent.packs.rows import EVENTS, Deadline, Pack
from witting.consent.programme import read_programme
from witting.terms.errors import ProgrammeError
from witting.terms.events import STREAMS
from witting.terms.programme import Programme

replace = msgspec.structs.replace
PACKS = load_packs()
ROWS = [row for pack in PACKS.values() for row in pack.rows]
WANTED = {"gdpr", "eu-ai-act", "us-ny", "us-ct", "us-de", "us-me", "us-il", "us-ca", "de-betrvg", "fr-cnil", "gb-ico", "ca-on"}
EXAMPLE = files("witting.consent").joinpath("example.toml").read_text("utf-8")
some_packs = st.sets(st.sampled_from(sorted(PACKS)), min_size=1).map(lambda names: [PACKS[name] for name in sorted(names)])


def test_every_pack_is_there() -> None:
    """Twelve laws and authorities have a pack, and no two rows share a name."""
    assert set(PACKS) >= WANTED
    assert len({row.id for row in ROWS}) == len(ROWS)
    print(f"packs: {len(PACKS)}, rows: {len(ROWS)}, with a deadline: {sum(isinstance(row, Deadline) for row in ROWS)}")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_names_what_it_rests_on(row: object) -> None:
    """Each row has a citation, a source that can be opened, a day it was looked at, and fields that a programme really has."""
    assert row.citation.strip()
    assert re.fullmatch(r"https://\S+", row.source_url)
    assert date(2026, 1, 1) <= row.verified_on
    assert row.says.endswith(".")
    for path in row.fields:
        list(_values(read_programme(EXAMPLE), path))


@pytest.mark.parametrize("row", [row for row in ROWS if row.kept_by], ids=lambda row: row.id)
def test_what_is_said_to_keep_a_row_exists(row: object) -> None:
    """A row that witting itself keeps names a test that is there."""
    from pathlib import Path

    named = re.findall(r"tests/[\w/]+\.py", row.kept_by)
    repo = Path(__file__).resolve().parents[3]
    assert [name for name in named if not (repo / name).is_file()] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('kind = "deadline"', 'kind = "dedline"'),
        ('unit = "months"', 'unit = "moons"'),
        ('start_event = "request_received"', 'start_event = "whenever"'),
        ("value = 1\n", "value = 0\n"),
        ('calendar = "programme"\n', ""),
        ('status = "in_force"', 'status = "probably"'),
        ('id = "gdpr-12-1"', 'id = "gdpr-12-1"\nsurprise = 1'),
        ("verified_on = 2026-11-24", 'verified_on = "lately"'),
        ('uses = ["solely_automated_decisions"]', "uses = []"),
        ('title = "GDPR"', 'title = "GDPR'),
    ],
)
def test_a_pack_is_read_whole_or_not_at_all(old: str, new: str) -> None:
    """An unknown key, kind, unit, event or status, a deadline without a calendar: the pack is refused by its name."""
    text = files("witting.consent.packs").joinpath("gdpr.toml").read_text("utf-8")
    assert old in text
    with pytest.raises(ProgrammeError, match=re.escape("the law pack gdpr.toml can't be read")):
        read_pack(text.replace(old, new, 1), name="gdpr.toml")


@pytest.mark.parametrize(
    ("place", "named", "expected"),
    [
        ("DE", (), {"gdpr", "eu-ai-act", "de-betrvg"}),
        ("FR", (), {"gdpr", "eu-ai-act", "fr-cnil"}),
        ("US-NY", (), {"gdpr", "eu-ai-act", "us-ny"}),
        ("US-CA", ("us-il",), {"gdpr", "eu-ai-act", "us-ca", "us-il"}),
        ("CA-ON", (), {"gdpr", "eu-ai-act", "ca-on"}),
        ("JP", (), {"gdpr", "eu-ai-act"}),
        ("DE", ("us-ca-ab1221",), {"gdpr", "eu-ai-act", "de-betrvg", "us-ca-ab1221"}),
    ],
)
def test_the_jurisdiction_names_the_packs(programme: Programme, place: str, named: tuple[str, ...], expected: set[str]) -> None:
    """A programme is under the packs of its place without saying so; those it names are added and none is taken away."""
    assert {pack.id for pack in packs_of(replace(programme, jurisdiction=place, packs=named))} == expected


def test_a_pack_that_is_not_there_is_refused() -> None:
    """A programme that names an unknown law pack can't be loaded."""
    with pytest.raises(ProgrammeError, match=r"`packs\[0\]` names 'us-tx'"):
        read_programme(EXAMPLE.replace("packs = []", 'packs = ["us-tx"]'))


def _is_at_least_as_strict(one: Duties, other: Duties) -> bool:
    """Whether everything that `other` asks is asked by `one`."""
    limits = one.most_days is not None and one.most_days <= other.most_days if other.most_days is not None else True
    cadences = all(one.every_months.get(act, 99_999) <= months for act, months in other.every_months.items())
    unions = one.fields >= other.fields and one.points >= other.points and one.forbidden >= other.forbidden
    kept = set(one.sentences) >= set(other.sentences) and set(one.papers) >= set(other.papers)
    return limits and cadences and unions and kept and one.quiet_months >= other.quiet_months and one.least_group >= other.least_group


@given(packs=some_packs)
def test_packs_together_are_never_looser_than_one(packs: list[Pack]) -> None:
    """Over random subsets: the union of what must be said and mustn't be done, the least of every limit, whatever the order."""
    together = combine(packs)
    assert together == combine(reversed(packs))
    for pack in packs:
        assert _is_at_least_as_strict(together, combine([pack]))


@given(packs=some_packs, event=st.sampled_from(EVENTS), at=st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)))  # noqa: DTZ001 - made aware below
def test_together_no_deadline_ends_later(packs: list[Pack], event: str, at: datetime) -> None:
    """Over random subsets, events and days: for every act the deadline of all packs ends no later than that of any pack alone."""
    start = at.replace(tzinfo=UTC)
    together = combine(packs).deadlines
    for pack in packs:
        for alone in deadlines_of([row for row in pack.rows if isinstance(row, Deadline)], event, started_at=start, place="US-CA"):
            first = first_due(together, alone.act, event=event, started_at=start, place="US-CA")
            assert first is not None
            assert first.due_at <= alone.due_at


@given(packs=some_packs, more=some_packs)
def test_a_programme_under_more_packs_lacks_no_less(packs: list[Pack], more: list[Pack]) -> None:
    """Naming further packs never makes a missing field of a programme go away."""
    bare = replace(read_programme(EXAMPLE), posted_at="", policy_url="", prepared_on=None, dpia_id="", agreement_id="")
    few, many = (replace(bare, packs=tuple(pack.id for pack in chosen)) for chosen in (packs, [*packs, *more]))
    assert {p.field for p in check_programme(few) if p.is_missing} <= {p.field for p in check_programme(many) if p.is_missing}


LACKING = [
    ("US-NY", {"posted_at": ""}, "posted_at", "52-c"),
    ("US-CT", {"posted_at": ""}, "posted_at", "31-48d"),
    ("US-IL", {}, "policy_url", "740 ILCS 14/15(a)"),
    ("US-CA", {}, "policy_url", "1798.130"),
    ("US-CA", {"dpia_id": "", "policy_url": "https://example.org/privacy"}, "dpia_id", "7150"),
    ("CA-ON", {"prepared_on": None}, "prepared_on", "41.1.1"),
    ("FR", {"dpia_id": ""}, "dpia_id", "CNIL"),
    ("FR", {"picture_seconds": 1.0}, "picture_seconds", "CNIL"),
    ("GB", {"dpia_id": ""}, "dpia_id", "ICO"),
    ("DE", {"agreement_id": ""}, "agreement_id", "BetrVG"),
    ("US-IL", {"policy_url": "https://example.org/privacy", "retention": ("hub_days", 1096)}, "retention.hub_days", "740 ILCS 14/15(a)"),
]


@pytest.mark.promise("P4")
@pytest.mark.parametrize(("place", "changed", "field", "citation"), LACKING)
def test_each_pack_stops_the_notice(place: str, changed: dict[str, object], field: str, citation: str) -> None:
    """What a law of the place asks and the programme doesn't say stops the notice, and is named with its citation and its pack."""
    programme = replace(read_programme(EXAMPLE), jurisdiction=place, basis_mode="consent")
    if "retention" in changed:
        name, days = changed["retention"]
        changed = {**changed, "retention": replace(programme.retention, **{name: days})}
    missing = [problem for problem in check_programme(replace(programme, **changed)) if problem.is_missing]
    assert [problem.field for problem in missing] == [field]
    assert citation in missing[0].citation
    assert missing[0].pack in PACKS
    with pytest.raises(ProgrammeError, match=re.escape(field)):
        make_notice(replace(programme, **changed))


def test_own_devices_are_never_needed_to_take_part() -> None:
    """Where people may decline on their own device (Maine), a purpose needed to take part is refused; optional ones pass."""
    programme = replace(read_programme(EXAMPLE), jurisdiction="US-ME", own_devices=True)
    assert [problem.field for problem in check_programme(programme) if problem.is_missing] == []
    needed = replace(programme, purposes=(replace(programme.purposes[0], is_optional=False), programme.purposes[1]))
    assert [problem.field for problem in check_programme(needed) if problem.is_missing] == ["purposes"]


def test_selling_is_refused_where_the_law_forbids_it() -> None:
    """A purpose that says recordings are sold stops the notice in California."""
    programme = replace(read_programme(EXAMPLE), jurisdiction="US-CA", policy_url="https://example.org/privacy")
    selling = replace(programme, purposes=(replace(programme.purposes[0], why="We sell what you do to others."),))
    assert [problem.field for problem in check_programme(selling) if problem.is_missing] == ["purposes"]


def test_small_employers_are_let_off_only_when_they_say_so() -> None:
    """Ontario's rule holds from 25 people; a programme that doesn't say how many there are is taken to have them."""
    programme = replace(read_programme(EXAMPLE), jurisdiction="CA-ON", prepared_on=None)
    for staff, is_asked in ((0, True), (25, True), (24, False)):
        found = [problem.field for problem in check_programme(replace(programme, staff_count=staff)) if problem.is_missing]
        assert found == (["prepared_on"] if is_asked else [])


def test_the_pace_of_typing_is_doubted() -> None:
    """A programme that asks for the pace of typing is told to look twice, with the article."""
    programme = read_programme(EXAMPLE)
    asking = replace(programme, purposes=(replace(programme.purposes[0], streams=STREAMS), programme.purposes[1]))
    (problem,) = check_programme(asking)
    assert (problem.is_missing, problem.pack) == (False, "eu-ai-act")
    assert "Art. 5(1)(f)" in problem.citation


def test_a_pack_that_grew_old_says_so() -> None:
    """A pack that nobody held against its sources for more than a year is named in the check."""
    programme = read_programme(EXAMPLE)
    fresh, old = (check_packs(programme, on=date(2026, 11, 24) + timedelta(days=days)) for days in (360, 370))
    assert not any("more than a year" in note for report in fresh for note in report.notes)
    assert all(any("more than a year" in note for note in report.notes) for report in old)


def test_what_no_lawyer_read_says_so() -> None:
    """The check says of each pack how many of its rows rest on what others write about the law."""
    for report in check_packs(read_programme(EXAMPLE)):
        assert any("let a lawyer read them" in note for note in report.notes)


@pytest.mark.parametrize(
    ("place", "least", "most", "field"),
    [
        ("US-ME", {"reaffirm_months": 12}, {"reaffirm_months": 13}, "reaffirm_months"),
        ("DE", {"group_minimum": 5}, {"group_minimum": 4}, "group_minimum"),
    ],
)
def test_a_number_beyond_what_a_law_allows_is_doubted(place: str, least: dict[str, int], most: dict[str, int], field: str) -> None:
    """Asking again too late and groups too small are told with the law; the number that is just allowed isn't."""
    programme = replace(read_programme(EXAMPLE), jurisdiction=place)

    def doubts(changed: dict[str, int]) -> list[str]:
        return [problem.field for problem in check_programme(replace(programme, **changed)) if problem.field == field]

    assert (doubts(least), doubts(most)) == ([], [field])
