"""Figures about groups and a programme's own patterns: what makes no sense is named, what changed asks again, what is asked for is told."""

import re
from importlib.resources import files
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.consent.changes import changes
from witting.consent.notice import make_notice
from witting.consent.patterns import LONGEST_PATTERN, MOST_PATTERNS, PatternRefusedError, compile_pattern
from witting.consent.programme import read_programme
from witting.consent.sense import GROUP_STREAMS, nonsense
from witting.terms.events import STREAMS
from witting.terms.programme import Insight, Programme, Purpose

replace = msgspec.structs.replace
EXAMPLE = files("witting.consent").joinpath("example.toml").read_text("utf-8")
PLAIN = read_programme(EXAMPLE)
GROUPS = Purpose(
    id="groups", title="See what is common", why="So that steps that hold everybody up go.", streams=("pointer",), for_groups=True
)


def asking(**changed: Any) -> Programme:
    """Return a programme whose only purpose is figures about groups, changed."""
    return replace(PLAIN, purposes=(replace(GROUPS, **changed),), insight=msgspec.UNSET)


def wrong(programme: Programme) -> set[str]:
    """Return the fields that make no sense, beyond those of the example itself."""
    return {one.field for one in nonsense(programme)} - {one.field for one in nonsense(asking())}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({}, None),
        ({"at_desk": True}, "purposes[0].at_desk"),
        ({"is_optional": False}, "purposes[0].is_optional"),
        ({"pointer_path": "raw"}, "purposes[0].pointer_path"),
        *(
            ({"streams": tuple({"pointer": 0, stream: 0})}, None if stream in GROUP_STREAMS else "purposes[0].streams")
            for stream in STREAMS
        ),
    ],
    ids=str,
)
def test_figures_about_groups_ask_for_little(changed: dict[str, Any], field: str | None) -> None:
    """They are made at the hub, may be left, need no single point, and no pictures, voice or pace."""
    assert wrong(asking(**changed)) == (set() if field is None else {field})


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "is blank"),
        ("  ", "is blank"),
        ("a" * (LONGEST_PATTERN + 1), f"is longer than {LONGEST_PATTERN}"),
        ("(", "is no RE2 expression"),
        (r"(a)\1", "is no RE2 expression"),  # a back reference
        ("(?=a)b", "is no RE2 expression"),  # a look ahead
        ("(a{1000}){1000}", "is"),
        ("a*", "matches nothing at all"),
        ("|x", "matches nothing at all"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_named(written: str, said: str) -> None:
    """Blank, too long, no RE2, endless, matching nothing: said of the very pattern, in a programme by its place."""
    with pytest.raises(PatternRefusedError, match=re.escape(said)):
        compile_pattern(written)
    (found,) = [one for one in nonsense(replace(PLAIN, redaction_patterns=("K-\\d{6}", written))) if "patterns" in one.field]
    assert found.field == "redaction_patterns[1]"


def test_too_many_patterns_are_refused_together() -> None:
    """As many as are allowed pass; one more is one complaint, not a hundred."""
    written = tuple(f"K{number}" for number in range(MOST_PATTERNS + 1))
    assert [one for one in nonsense(replace(PLAIN, redaction_patterns=written[1:])) if "patterns" in one.field] == []
    (found,) = [one for one in nonsense(replace(PLAIN, redaction_patterns=written)) if "patterns" in one.field]
    assert found.field == "redaction_patterns"


@given(st.text(max_size=40))
def test_whatever_is_written_as_a_pattern_compiles_or_is_refused(written: str) -> None:
    """No text brings the compiler down, and what compiles finds at least one character."""
    try:
        pattern = compile_pattern(written)
    except PatternRefusedError:
        return
    assert pattern.search("") is None


def told(old: Programme, new: Programme) -> dict[str, str]:
    """Return whom each changed field obliges to ask."""
    return {change.field: change.asks for change in changes(old, new)}


@pytest.mark.parametrize(
    ("field", "less", "more"), [("group_minimum", 12, 9), ("epsilon", 0.5, 1.5), ("releases", 3, 6), ("every_days", 60, 20)]
)
def test_figures_that_tell_more_are_asked_for_again(field: str, less: float, more: float) -> None:
    """More budget, more releases, fewer people, fewer days: everyone is asked; the other way round nobody."""
    kind, wide = (replace(asking(), insight=replace(PLAIN.insight_in_force, **{field: value})) for value in (less, more))
    assert told(kind, wide) == {f"insight.{field}": "everyone"}
    assert told(wide, kind) == {f"insight.{field}": "nobody"}


def test_what_is_written_another_way_asks_nobody() -> None:
    """Writing down what holds anyway changes nothing for anyone, and is told."""
    assert told(asking(), replace(asking(), insight=asking().insight_in_force)) == {"insight": "nobody"}


@pytest.mark.parametrize(
    ("before", "after", "field", "asks"),
    [
        ({"for_groups": False}, {"for_groups": True}, "for_groups", "who lends it"),
        ({"for_groups": True}, {"for_groups": False}, "for_groups", "who lends it"),
        ({"for_groups": False, "at_desk": False}, {"for_groups": False, "at_desk": True}, "at_desk", "nobody"),
        ({"for_groups": False, "at_desk": True}, {"for_groups": False, "at_desk": False}, "at_desk", "who lends it"),
    ],
)
def test_a_purpose_that_serves_others_is_asked_for_again(before: dict[str, bool], after: dict[str, bool], field: str, asks: str) -> None:
    """From one's own machine to the hub, and to or from figures about groups: who lends it is asked; the kinder way nobody."""
    found = told(asking(**before), asking(**after))
    assert {name: who for name, who in found.items() if name.endswith(field)} == {f"purposes.groups.{field}": asks}


def test_the_notice_tells_of_groups_only_where_they_are_asked_for() -> None:
    """Who lends for figures reads how many people a figure has at least, how many there are, and what it can tell of one."""
    with_groups = replace(
        PLAIN, purposes=(*(one for one in PLAIN.purposes if not one.for_groups), GROUPS), insight=Insight(group_minimum=11)
    )
    text = make_notice(with_groups).markdown
    assert "### Figures about groups" in text
    assert "fewer than 11 people" in text
    assert "(for figures about groups only)" in text
    without = replace(PLAIN, purposes=tuple(one for one in PLAIN.purposes if not one.for_groups), insight=msgspec.UNSET)
    assert "igures about groups" not in make_notice(without).markdown
