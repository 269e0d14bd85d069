"""Work of other rooms is carried through a crash: what is done isn't done again, what is left is, in order."""

from collections.abc import Mapping
from typing import Any

import pytest
from hub_ground import Ground


def test_work_is_written_down_before_it_is_done(ground: Ground) -> None:
    """What was begun is unfinished until it is done, of its own kind only, oldest first, with what it is about."""
    first = ground.vault.begin_work("make anew", subject={"dataset": "p@1"}, steps=("read", "write"))
    second = ground.vault.begin_work("make anew", subject=["p@2"], steps=("read",))
    ground.vault.begin_work("something else", subject=None, steps=("read",))
    assert [(one.job_id, one.subject) for one in ground.vault.unfinished_work("make anew")] == [
        (first, {"dataset": "p@1"}),
        (second, ["p@2"]),
    ]
    said = ground.vault.do_work(first, steps={"read": lambda _: 3, "write": lambda before: before["read"] + 1})
    assert said == {"read": 3, "write": 4}
    assert [one.job_id for one in ground.vault.unfinished_work("make anew")] == [second]


@pytest.mark.parametrize("cut_at", ["one", "two", "three"])
def test_work_that_was_cut_goes_on_where_it_was(ground: Ground, cut_at: str) -> None:
    """A step that fails leaves those before it done; the next try begins with it, and knows what they said."""
    names = ("one", "two", "three")
    job = ground.vault.begin_work("make anew", subject=None, steps=names)
    done: list[str] = []
    is_broken = [True]

    def step(name: str) -> Any:
        def run(before: Mapping[str, Any]) -> str:
            if name == cut_at and is_broken[0]:
                raise OSError(28, "No space left on device")
            assert list(before) == list(names[: names.index(name)])
            done.append(name)
            return f"{name} said"

        return run

    steps = {name: step(name) for name in names}
    with pytest.raises(OSError, match="No space"):
        ground.vault.do_work(job, steps=steps)
    assert done == list(names[: names.index(cut_at)])
    assert [one.job_id for one in ground.vault.unfinished_work("make anew")] == [job]
    is_broken[0] = False
    assert ground.vault.do_work(job, steps=steps) == {name: f"{name} said" for name in names}
    assert done == list(names)
    assert ground.vault.unfinished_work("make anew") == []
    assert ground.vault.do_work(job, steps=steps) == {name: f"{name} said" for name in names}
    assert done == list(names)  # done is done
