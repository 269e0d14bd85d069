"""The notice says all that it must, in plain words, and can't be made while something is missing."""

import hashlib
import re
from collections.abc import Callable
from datetime import date
from importlib.resources import files

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.consent.duties import check_programme
from witting.consent.kinds import KEYS_RESIDUE, KINDS, POINTER_RESIDUE
from witting.consent.notice import make_notice
from witting.consent.programme import read_programme
from witting.consent.reading import reading_grade
from witting.terms.errors import ProgrammeError
from witting.terms.events import Stream
from witting.terms.fields import load_fields
from witting.terms.programme import App, BasisMode, Controller, Limits, Programme, Purpose, Recipient, Representative

replace = msgspec.structs.replace
_EXAMPLE = read_programme(files("witting.consent").joinpath("example.toml").read_text("utf-8"))
Change = Callable[[Programme], Programme]


@pytest.fixture(scope="session")
def complete(programme: Programme) -> Programme:
    """A programme with nothing missing."""
    return replace(programme, agreement_id="WA-1", dpia_id="DPIA-1")


def _purpose(**changes: object) -> Change:
    """Return the change that replaces fields of the first purpose."""
    return lambda programme: replace(programme, purposes=(replace(programme.purposes[0], **changes), *programme.purposes[1:]))


def _recipient(**changes: object) -> Change:
    """Return the change that replaces fields of the recipient."""
    return lambda programme: replace(programme, recipients=(replace(programme.recipients[0], **changes),))


def _head(**changes: object) -> Change:
    """Return the change that replaces fields of the programme itself."""
    return lambda programme: replace(programme, **changes)


MISSING: list[tuple[Change, str, str]] = [
    (_head(title=" "), "title", "Art. 12(1)"),
    (_head(controller=Controller("", "1 Street", "a@example.org")), "controller.name", "13(1)(a)"),
    (_head(controller=Controller("Org", "TBD", "a@example.org")), "controller.address", "27560"),
    (_head(controller=Controller("Org", "1 Street", "todo")), "controller.contact", "13(1)(a)"),
    (_head(dpo_contact=""), "dpo_contact", "13(1)(b)"),
    (_purpose(title=""), "purposes[0].title", "13(1)(c)"),
    (_purpose(why="..."), "purposes[0].why", "13(1)(c)"),
    (_head(apps=(App("mousepad", ""),)), "apps[0].title", "12(1)"),
    (_head(basis_mode="legitimate_interest+objection", dpia_id=""), "dpia_id", "13(1)(d)"),
    (_recipient(name=""), "recipients[0].name", "13(1)(e)"),
    (_recipient(why="xxx"), "recipients[0].why", "13(1)(e)"),
    (_recipient(country="US"), "recipients[0].why", "13(1)(f)"),
    (_head(participant_contact=""), "participant_contact", "13(2)(b)"),
    (_head(authority="n/a"), "authority", "13(2)(d)"),
    (_head(agreement_id=""), "agreement_id", "BetrVG"),
    (_head(agreement_id="", jurisdiction="FR", basis_mode="collective_agreement+consent"), "agreement_id", "Art. 88"),
    (_head(language="fr"), "language", "12(1)"),
]


@pytest.mark.promise("P4")
@pytest.mark.parametrize(("change", "field", "citation"), MISSING)
def test_no_notice_while_something_is_missing(complete: Programme, change: Change, field: str, citation: str) -> None:
    """Each thing that people must be told stops the notice when it isn't there, and is named with the law it rests on."""
    lacking = change(complete)
    problems = [problem for problem in check_programme(lacking) if problem.is_missing]
    assert [problem.field for problem in problems] == [field]
    assert citation in problems[0].citation
    with pytest.raises(ProgrammeError, match=re.escape(f"`{field}`")) as caught:
        make_notice(lacking)
    assert "witting programme check" in caught.value.hint


def test_all_problems_are_told_at_once(complete: Programme) -> None:
    """A steward gets every problem in one go, the missing ones first, and the notice's error counts them."""
    lacking = replace(complete, dpia_id="", dpo_contact="", authority="", recipients=())
    assert [problem.field for problem in check_programme(lacking)] == ["dpo_contact", "authority", "recipients", "dpia_id"]
    with pytest.raises(ProgrammeError, match=r"`dpo_contact` is missing .* \(and 1 more\)"):
        make_notice(lacking)


def test_an_agreement_is_asked_for_only_where_there_must_be_one(complete: Programme) -> None:
    """Elsewhere, and resting on consent alone, a programme needs no agreement."""
    assert check_programme(replace(complete, agreement_id="", jurisdiction="IE")) == []


DOUBTFUL: list[tuple[Change, str]] = [
    (_head(dpia_id=""), "dpia_id"),
    (_head(recipients=()), "recipients"),
    (_head(dpo_contact="the officer"), "dpo_contact"),
    (lambda programme: replace(programme, purposes=tuple(replace(each, is_optional=False) for each in programme.purposes)), "purposes"),
]


@pytest.mark.parametrize(("change", "field"), DOUBTFUL)
def test_doubts_are_told_and_stop_nothing(complete: Programme, change: Change, field: str) -> None:
    """What should be looked at is listed, and the notice can still be made."""
    doubtful = change(complete)
    assert [(problem.field, problem.is_missing) for problem in check_programme(doubtful)] == [(field, False)]
    assert make_notice(doubtful).markdown


@pytest.mark.promise("P4")
def test_the_notice_says_everything(complete: Programme) -> None:
    """Everything of the programme that concerns a person stands in the notice."""
    text = make_notice(complete).markdown.replace("\\", "")
    named = [complete.title, complete.controller.name, complete.controller.address, complete.controller.contact, complete.authority]
    named += [complete.participant_contact, complete.dpo_contact, complete.agreement_id, complete.dpia_id]
    named += [part.rstrip(".") for purpose in complete.purposes for part in (purpose.title, purpose.why)]
    named += [part for app in complete.apps for part in (app.title, *app.sites)]
    named += [part for recipient in complete.recipients for part in (recipient.name, recipient.why)]
    named += [f"{getattr(complete.retention, key)} days" for key in ("spool_days", "hub_days", "dataset_days")]
    named += [str(complete.starts_on), str(complete.ends_on), f"{complete.reaffirm_months} months"]
    assert [part for part in named if part not in text] == []
    articles = [f"13(1)({letter})" for letter in "abcef"] + [f"13(2)({letter})" for letter in "abcdef"]
    assert [article for article in articles if article not in text] == []


@pytest.mark.promise("P4")
@pytest.mark.promise("P26")
def test_ten_lines_come_first(complete: Programme) -> None:
    """The first ten lines say who, what, for what, who sees it, how long, what can't be undone, how to leave, and that a no is free."""
    text = make_notice(complete).markdown
    short = text[text.index("## In ten lines") : text.index("## What you can choose")]
    lines = [line for line in short.splitlines() if re.match(r"\d+\.", line)]
    heads = ["Who asks", "What is recorded", "What for", "Who sees it", "What is left out", "You look first", "How long"]
    heads += ["What can't be undone", "Leaving", "Saying no"]
    assert [re.findall(r"\*\*(.*?)\.\*\*", line)[0] for line in lines] == heads
    assert "One click, at any time" in lines[8]
    assert "If you say nothing, that is a no." in lines[9]


@pytest.mark.promise("P2")
def test_leaving_is_told_before_joining(complete: Programme) -> None:
    """Before anybody chooses, they read that they can withdraw at any time (GDPR Art. 7(3))."""
    text = make_notice(complete).markdown
    assert text.index("**Leaving.**") < text.index("## What you can choose")


@pytest.mark.promise("P4")
def test_every_recorded_field_of_a_lent_kind_is_told(complete: Programme) -> None:
    """Each declared field of the kinds that are asked for stands in the notice, and no table of a kind that isn't."""
    text = make_notice(complete).markdown
    asked = {stream for purpose in complete.purposes for stream in purpose.streams}
    for field in load_fields():
        if field.stream == "all" or field.stream in asked:
            assert f"| {field.meaning} | {field.why} |" in text
    assert [KINDS[stream] for stream in KINDS if f"### {KINDS[stream]}\n" in text] == [KINDS[s] for s in KINDS if s in asked]


def test_plain_language(complete: Programme) -> None:
    """The ten lines and the whole prose can be read after eight school years."""
    text = make_notice(complete).markdown
    short = text[text.index("## In ten lines") : text.index("## What you can choose")]
    print(f"reading grade: ten lines {reading_grade(short):.1f}, all {reading_grade(text):.1f}")
    assert reading_grade(short) <= 8
    assert reading_grade(text) <= 8


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("The cat sat on the mat.", -1.45),
        ("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", 11.3),
        ("| a table | is not read |\n# nor a heading\n**nor a lead-in** nobody@example.org", 0.0),
    ],
)
def test_reading_grade_is_kincaids(text: str, grade: float) -> None:
    """The measure gives the published grades of two known sentences, and nothing for what isn't prose."""
    assert reading_grade(text) == pytest.approx(grade, abs=0.05)


def test_digest_names_the_text(complete: Programme) -> None:
    """The digest is the sha256 of the markdown; the same programme gives the same notice, any other another."""
    notice = make_notice(complete)
    assert notice.digest == hashlib.sha256(notice.markdown.encode()).hexdigest()
    assert make_notice(complete) == notice
    assert make_notice(replace(complete, ends_on=date(2026, 12, 30))).digest != notice.digest


@pytest.mark.parametrize(
    ("mode", "said"),
    [("consent", "6(1)(a)"), ("legitimate_interest+objection", "object with one click"), ("collective_agreement+consent", "Art. 88")],
)
def test_the_basis_is_told(complete: Programme, mode: BasisMode, said: str) -> None:
    """The notice says on what legal basis people are asked."""
    assert said in make_notice(replace(complete, basis_mode=mode)).markdown


def test_a_recipient_abroad_is_told(complete: Programme) -> None:
    """A recipient outside the European Economic Area stands there by name, with its safeguard."""
    there = Recipient("Far Lab", "processor", "US", "trains agents under standard contractual clauses")
    text = make_notice(replace(complete, recipients=(*complete.recipients, there))).markdown
    assert "Far Lab lies outside the European Economic Area" in text
    assert "standard contractual clauses" in text
    assert "Example Lab and Far Lab." in text


def test_elsewhere_no_safeguard_is_claimed(complete: Programme) -> None:
    """A programme outside Europe names the countries, and says nothing of an area or a safeguard that isn't there."""
    there = replace(
        complete, jurisdiction="US-NY", posted_at="the hall", recipients=(Recipient("Far Lab", "internal", "CA", "trains agents"),)
    )
    text = make_notice(there).markdown
    assert "these countries and no other: CA, US." in text
    assert "European Economic Area" not in text
    assert "keeps it safe" not in text


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[here](javascript:alert(1))",
        "a | b | c",
        "# big",
        "`code`",
        "![x](https://example.org/x.png)",
        "&lt;b&gt;",
    ],
)
def test_a_programmes_text_is_shown_as_text(complete: Programme, hostile: str) -> None:
    """Marks in a programme's text reach the page as they were written: no element, no link, no extra cell."""
    purpose = Purpose("train", hostile, hostile, ("pointer",))
    safe, found = make_notice(complete), make_notice(replace(complete, purposes=(purpose, complete.purposes[1])))
    for tag in ("script", "a ", "img", "code", "b>"):
        assert f"<{tag}" not in found.html
    assert found.html.count("<td>") < safe.html.count("<td>")  # fewer kinds, no more cells
    assert found.html.count("<h1>") == 1


@given(text=st.text(min_size=1, max_size=60).filter(lambda text: re.search(r"\w\w", text)))
def test_no_text_breaks_the_table(text: str) -> None:
    """Whatever a purpose is called, its row keeps three cells."""
    purpose = Purpose("train", text, "w", ("pointer",))
    programme = replace(_EXAMPLE, purposes=(purpose,))
    if any(problem.is_missing for problem in check_programme(programme)):
        return
    table = make_notice(programme).html.split("<tbody>")[2].split("</tbody>")[0]  # after the example's
    assert table.count("<tr>") == 1
    assert table.count("<td>") == 3


def test_it_says_what_can_still_point_to_a_person(programme: Programme) -> None:
    """Covered isn't anonymous: the notice says, in its own section, that ways of moving and typing can show who somebody is."""
    complete = msgspec.structs.replace(programme, agreement_id="WA-1", dpia_id="DPIA-1")
    section = make_notice(complete).markdown.split("### What can still point to you")[1].split("##")[0]
    assert "how you move and type is your own" in section
    assert "it can show who you are" in section


def _cost_of(programme: Programme, **limits: int) -> str:
    said = msgspec.structs.replace(programme, agreement_id="WA-1", dpia_id="DPIA-1", **({"limits": Limits(**limits)} if limits else {}))
    return make_notice(said).markdown.split("What it may cost your machine" if said.language == "en" else "kosten darf")[1].split("##")[0]


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({}, ("20 percent or less", "more than 25 percent", "1000 MB")),  # the usual ones
        ({"battery_percent": 35, "cpu_percent": 7, "disk_mb_per_day": 120}, ("35 percent or less", "more than 7 percent", "120 MB")),
        ({"cpu_percent": 3}, ("20 percent or less", "more than 3 percent", "1000 MB")),
    ],
)
@pytest.mark.promise("P23")
def test_it_says_what_recording_may_cost(programme: Programme, limits: dict[str, int], told: tuple[str, ...]) -> None:
    """The limits in force stand in the notice as numbers, set by the programme or not."""
    section = _cost_of(programme, **limits)
    assert [words for words in told if words not in section] == []


@given(st.integers(0, 100), st.integers(1, 100), st.integers(1, 10_000))
def test_other_limits_make_another_notice(battery: int, cpu: int, disk: int) -> None:
    """In German too every number is told, so that no limit can be loosened in silence."""
    german = msgspec.structs.replace(read_programme(files("witting.consent").joinpath("example.toml").read_text("utf-8")), language="de")
    section = _cost_of(german, battery_percent=battery, cpu_percent=cpu, disk_mb_per_day=disk)
    assert re.findall(r"\d+", section) == [str(battery), str(cpu), str(disk)]


def test_what_points_to_a_person_is_told_of_what_is_asked_for(complete: Programme) -> None:
    """Where no pointer is asked for nothing is said of pointers, and keys are told of all the same; and the other way round."""

    def text(*streams: Stream) -> str:
        return make_notice(replace(complete, purposes=tuple(replace(one, streams=streams) for one in complete.purposes))).markdown

    assert POINTER_RESIDUE in text("pointer")
    assert KEYS_RESIDUE not in text("pointer")
    assert POINTER_RESIDUE not in text("keys")
    assert KEYS_RESIDUE in text("keys")
    assert "What can still point to you" in text("ui_tree")


def test_who_speaks_for_people_is_told_where_there_is_somebody(complete: Programme) -> None:
    """A programme without representatives has no line about them; one with two names both, with how to reach them."""
    two = (
        Representative("Example Council", "works_council", "council@example.org"),
        Representative("Example Union", "union", "u@example.org"),
    )
    told = make_notice(replace(complete, representatives=two)).markdown
    assert "Example Council: council@example.org. Example Union: u@example.org." in told
    assert "Who speaks for you" not in make_notice(replace(complete, representatives=(), jurisdiction="IE")).markdown
