"""Nobody stands on both sides of a split, nobody moves when others leave, and what slipped through is found."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelf import IDS, records_of

from witting.actions import episodes
from witting.lab.dataset.splits import SPLITS, leaks, mark_repeats, split_of, splits
from witting.terms.tree import UiTree
from witting.terms.work import DatasetManifest, DatasetSession, Episode

people = st.lists(st.text("0123456789abcdef", min_size=4, max_size=8), min_size=1, max_size=60, unique=True)


def manifest(sittings: list[tuple[str, str]]) -> DatasetManifest:
    """Return a manifest of these sessions (id, participant)."""
    rows = tuple(
        DatasetSession(session_id=one, participant=who, receipt_id="", parcel_id="", episodes=1, steps=1, digest="00")
        for one, who in sittings
    )
    return DatasetManifest(dataset_id="p@1", programme_id="p", version=1, built_at="", purpose="x", sessions=rows, root="")


@given(people, st.integers(0, 5))
def test_all_sittings_of_a_person_go_together(names: list[str], seed: int) -> None:
    """However often someone sat down, all of it is on one side; every session is on exactly one."""
    told = [(f"{who}-{number}", who) for who in names for number in range(3)]
    parts = splits(manifest(told), seed=seed)
    assert sorted(one for ids in parts.values() for one in ids) == sorted(one for one, _ in told)
    for who in names:
        assert len({name for name, ids in parts.items() if any(one.startswith(f"{who}-") for one in ids)}) == 1


@given(people, st.integers(0, 5))
def test_nobody_moves_when_others_leave(names: list[str], seed: int) -> None:
    """A split made again without someone leaves everybody else where they were."""
    told = [(who, who) for who in names]
    before, after = splits(manifest(told), seed=seed), splits(manifest(told[1:]), seed=seed)
    assert all(set(after[name]) == set(before[name]) - {names[0]} for name in SPLITS)


def test_shares_are_about_as_said() -> None:
    """Of many people about a fifth is for the test and a tenth for validation."""
    found = [split_of(f"person-{number}") for number in range(4000)]
    assert abs(found.count("test") / 4000 - 0.2) < 0.03
    assert abs(found.count("validation") / 4000 - 0.1) < 0.03


def of(participant: str, *, session: str = IDS[0], other: bool = False) -> list[Episode]:
    """Return the sample session's episodes as somebody's; `other` shows other pages."""
    found = episodes(records_of(session), participant=participant, session_id=session)
    if not other:
        return found
    return [
        msgspec.structs.replace(
            one, steps=tuple(msgspec.structs.replace(step, observation=_turned(step.observation)) for step in one.steps)
        )
        for one in found
    ]


def _turned(observation):
    tree = observation.tree
    assert tree is None or isinstance(tree, UiTree)
    nodes = tuple(msgspec.structs.replace(node, name=f"{node.name} {node.ref * 7}") for node in tree.nodes) if tree else ()
    return msgspec.structs.replace(observation, tree=msgspec.structs.replace(tree, nodes=nodes) if tree else None)


TRAIN = next(name for name in map(str, range(99)) if split_of(name) == "train")
TEST = next(name for name in map(str, range(99)) if split_of(name) == "test")


def test_a_step_that_stands_in_both_parts_is_found() -> None:
    """The same work by two people, one held out, is told, step by step and by name."""
    report = leaks([*of(TRAIN), *of(TEST, session=IDS[0])])
    assert report.steps > 0
    assert report.leaked == report.steps
    assert report.examples[0].likeness == 1.0
    assert report.examples[0].held.startswith(IDS[0])


def test_other_work_is_no_leak() -> None:
    """Pages that say other things are no duplicates, though laid out alike."""
    report = leaks([*of(TRAIN), *of(TEST, other=True)])
    assert report.steps > 0
    assert report.leaked == 0


@given(st.integers(0, 5))
def test_one_part_alone_leaks_nothing(seed: int) -> None:
    """Without a held-out part, or without a training part, there is nothing to leak."""
    report = leaks(of(TRAIN), seed=seed)
    assert report.leaked == 0


def test_repeats_of_one_person_are_marked_and_kept() -> None:
    """The second recording of the very same attempt is flagged; another person's same attempt isn't, and nothing is dropped."""
    first, twice, someone = of(TRAIN), of(TRAIN), of(TEST)
    marked = mark_repeats([*first, *twice, *someone])
    assert len(marked) == len(first) * 3
    assert [("repeated" in one.flags) for one in marked] == [False] * len(first) + [True] * len(first) + [False] * len(first)


def test_marking_twice_marks_once() -> None:
    """The flag isn't doubled."""
    marked = mark_repeats([*of(TRAIN), *of(TRAIN)])
    again = mark_repeats(marked)
    assert [one.flags for one in again] == [one.flags for one in marked]


@pytest.mark.parametrize("flags", [(), ("noisy",)])
def test_flags_made_before_stay(flags: tuple[str, ...]) -> None:
    """Marking repeats keeps what was flagged."""
    found = [msgspec.structs.replace(one, flags=flags) for one in [*of(TRAIN), *of(TRAIN)]]
    assert all(set(flags) <= set(one.flags) for one in mark_repeats(found))
