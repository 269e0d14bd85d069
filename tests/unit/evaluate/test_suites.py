"""Suites name tasks that there are; everything else is refused with what there is."""

import pytest

from witting.lab.evaluate.miniwob import page_of
from witting.lab.evaluate.suites import SUITES, tasks_of
from witting.terms.errors import UsageError


@pytest.mark.parametrize("name", sorted(SUITES))
def test_every_task_of_a_suite_is_a_page_of_the_benchmark(name: str) -> None:
    """Each task has its page in the installed package, and stands in a suite once."""
    assert all(page_of(task).is_file() for task in SUITES[name])
    assert len(set(SUITES[name])) == len(SUITES[name])


def test_the_suite_is_as_large_as_it_says() -> None:
    """At least forty tasks that fit the action space; the quick one is a part of it."""
    assert len(SUITES["miniwob"]) >= 40
    assert set(SUITES["miniwob-quick"]) < set(SUITES["miniwob"])


@pytest.mark.parametrize(
    ("suite", "only", "tasks"),
    [
        ("miniwob-quick", "", SUITES["miniwob-quick"]),
        ("miniwob", "click-link", ("click-link",)),
        ("miniwob", "click-link, click-tab,,click-link", ("click-link", "click-tab")),
        ("a-task-nobody-heard-of", "", ("a-task-nobody-heard-of",)),
        ("a,b", "", ("a", "b")),
    ],
)
def test_tasks_are_picked(suite: str, only: str, tasks: tuple[str, ...]) -> None:
    """A suite, some of it, or any tasks by name, each once and in the order given."""
    assert tasks_of(suite, only) == tasks


@pytest.mark.parametrize(("suite", "only"), [("", ""), (",", ""), ("minivob", "click-link"), ("miniwob", " , ")])
def test_what_names_nothing_is_refused(suite: str, only: str) -> None:
    """A mistyped suite isn't taken for a task when tasks are picked from it, and nothing isn't everything."""
    with pytest.raises(UsageError) as caught:
        tasks_of(suite, only)
    assert "miniwob" in caught.value.hint
