"""What a release can say at all: nobody's name, no judgement, no time fine enough; held on the types themselves."""

import re
from typing import Any, get_args

import msgspec
import pytest
from sqlalchemy import Table

from witting.hub.insight.figures import COLUMNS
from witting.hub.schema import group_release
from witting.terms import insight as terms
from witting.terms.insight import FIGURE_KINDS, TITLES, FigureKind, GroupFigure, GroupRelease, GroupRow, GroupStanding

JUDGING = re.compile(
    r"perform|productiv|score|rating|rank|speed|effic|mood|emotion|stress|idle|absen|inactive|break|attend|error_rate|worker|employee"
    r"|participant|person|user|name|pseudonym|session|receipt|mail|key_id",
    re.IGNORECASE,
)
SHOWN = (GroupRelease, GroupFigure, GroupRow, GroupStanding)


@pytest.mark.promise("P19")
@pytest.mark.parametrize("shown", SHOWN)
def test_no_field_names_a_person_or_judges(shown: type[msgspec.Struct]) -> None:
    """No field of what is released speaks of a person, performance, mood or idle time."""
    assert [name for name in shown.__struct_fields__ if JUDGING.search(name)] == []


@pytest.mark.promise("P19")
def test_the_schema_is_this_and_no_more() -> None:
    """Fields and kinds are listed here by hand, so that another one has to be argued for in this test."""
    assert set(GroupRow.__struct_fields__) == {"what", "people", "low", "high", "then"}
    assert set(GroupFigure.__struct_fields__) == {"kind", "columns", "rows"}
    assert set(get_args(FigureKind)) == {"paths", "places", "tasks", "ways", "troubles", "spots", "routines", "listed"}
    assert set(FIGURE_KINDS) == set(TITLES) == set(COLUMNS) == set(get_args(FigureKind))
    assert [column for columns in COLUMNS.values() for column in columns if JUDGING.search(column)] == []


@pytest.mark.promise("P19")
def test_the_table_of_releases_holds_nobody() -> None:
    """The hub's table has no column for a person or session either."""
    table: Table = group_release
    assert [column.name for column in table.columns if JUDGING.search(column.name)] == []


@pytest.mark.promise("P19")
@pytest.mark.parametrize("extra", ["participant", "idle_seconds", "score"])
def test_what_a_hub_adds_is_not_taken_by_a_device(extra: str) -> None:
    """A field that a hub puts beside is dropped where a release is read: there is no place for it."""
    row: dict[str, Any] = {"what": ["a"], "people": 12, "low": 10, "high": 20, "then": "", extra: "x"}
    assert not hasattr(msgspec.convert(row, GroupRow), extra)


def test_the_finest_time_is_a_day() -> None:
    """Times in a release are days; lengths of time are five words."""
    assert GroupRelease.__annotations__["released_on"] in {str, "str"}
    assert "timestamp" not in (terms.__doc__ or "")
    assert not [name for shown in SHOWN for name in shown.__struct_fields__ if name.endswith(("_ns", "_at", "_seconds"))]
