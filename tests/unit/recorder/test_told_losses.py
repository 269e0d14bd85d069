"""A server that may have lost events is a hole with a name, in what is lent and nowhere else."""

from types import SimpleNamespace

import pytest
from recorder_ground import Ground

from witting.device.recorder.observer import Observer
from witting.terms.events import Gap
from witting.terms.raw import RawMove


class _Source:
    """Input that says once that some may be missing."""

    def __init__(self, items: list[RawMove]) -> None:
        self._items = items
        self.may_have_lost = False

    def read(self) -> list[RawMove]:
        """Return what came, and say of the first time that the socket was full."""
        self.may_have_lost, items = bool(self._items), self._items
        self._items = []
        return items

    read_now = read


@pytest.mark.parametrize(("streams", "holes"), [
    (("pointer", "keys", "windows"), {"pointer", "keys"}),
    (("pointer",), {"pointer"}),
    (("windows",), set()),
])  # fmt: skip
def test_a_loss_in_the_server_is_a_hole_that_counts(streams: tuple[str, ...], holes: set[str]) -> None:
    """Each stream that input feeds gets one hole, `lost`, and produced is kept plus gapped still."""
    ground = Ground(streams=streams)
    window = ground.front("mousepad", ground.clock.monotonic_ns())
    source = _Source([RawMove(ground.clock.monotonic_ns(), 5, 5)])
    sources = SimpleNamespace(input=source, owner_at=lambda *_: (window.window_id, "mousepad"))
    observer = Observer(sources, ground.lending, fronts=ground.fronts, focus=ground.focus, clock=ground.clock)
    observer.pipeline = ground.pipeline
    observer.on_input()
    observer.on_input(is_all=True)
    gaps = [job for job in ground.finish() if isinstance(job, Gap) and job.reason == "lost"]
    assert {gap.stream for gap in gaps} == holes
    assert all(gap.count == 1 for gap in gaps)
    tally = ground.pipeline.tally
    kept = sum(isinstance(job, RawMove) for job in ground.jobs)
    assert tally.produced["pointer"] == kept + tally.gapped["pointer"]
