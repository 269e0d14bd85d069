"""The loader gives sealed pictures at random: the right ones, in an order that a seed decides, from wherever it stopped."""

from pathlib import Path

import numpy as np
import pytest
import torch

from witting.lab.dataset import open_dataset
from witting.lab.dataset.rows import picture_of
from witting.lab.importing import ImportedSession, Source, import_dataset
from witting.lab.loading import Batch, Loader, WindowSource
from witting.ledger.seals import KeyStore
from witting.terms.errors import SealError, UsageError
from witting.testing.sample_session import sample_header, sample_records

SOURCE = Source("sample", "made up for a test", "CC0")
SESSIONS = ("a" * 32, "b" * 32)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dataset of two sessions with pictures, two episodes each."""
    folder = tmp_path_factory.mktemp("loading") / "v1"
    sessions = [ImportedSession(one, one, list(sample_records(sample_header(one), frames=24))) for one in SESSIONS]
    import_dataset(SOURCE, sessions, out_dir=folder)
    return folder


def places(batches: list[Batch]) -> list[tuple[str, int]]:
    """Return what batches hold, in order."""
    return [place for batch in batches for place in batch.places]


def test_windows_hold_the_pictures_before_the_step(dataset: Path) -> None:
    """Each frame of a window is the picture of its step, the history those before in the same episode; actions and words are the step's."""
    opened = open_dataset(dataset)
    steps = {(one.episode_id, step.step_index): (one, step) for one in opened.episodes() for step in one.steps}
    source = WindowSource(opened, history=2)
    assert len(source) == sum(step.observation.frame_ns >= 0 for _, step in steps.values())
    for number in range(0, len(source), 9):
        (window,) = source.windows([number])
        episode, step = steps[window.episode_id, window.step_index]
        assert (window.instruction, window.action, window.timestamp_ns) == (episode.instruction, step.action, step.action.timestamp_ns)
        seen = [one.step_index for one in episode.steps if one.step_index <= step.step_index and one.observation.frame_ns >= 0]
        wanted = ([seen[0]] * 2 + seen)[-3:]
        for frame, index in zip(window.frames, wanted, strict=True):
            picture = opened.picture(window.episode_id, index)
            assert picture is not None
            assert np.array_equal(frame, picture)


def test_order_is_the_seeds_and_each_step_comes_once(dataset: Path) -> None:
    """One seed, one order, another in the next epoch; every window once an epoch, however many threads read ahead."""
    first, again, other = (Loader(open_dataset(dataset), batch_size=32, seed=seed) for seed in (7, 7, 8))
    again.threads, again.ahead = 1, 1
    one, two, three = (places(list(loader.batches())) for loader in (first, again, other))
    assert one == two != three
    assert sorted(one) == sorted(three)
    assert len(set(one)) == len(one) == len(first.source)
    assert places(list(first.batches())) != one


@pytest.mark.parametrize("stop", [1, 3])
def test_goes_on_where_it_stopped(dataset: Path, stop: int) -> None:
    """A loader made anew goes on after the last batch that was given out, as if nothing had happened."""
    whole = Loader(open_dataset(dataset), batch_size=24, seed=3)
    told = list(whole.batches())
    cut = Loader(open_dataset(dataset), batch_size=24, seed=3)
    batches = cut.batches()
    state = [next(batches) for _ in range(stop)][-1].state
    batches.close()
    anew = Loader(open_dataset(dataset), batch_size=24, seed=3)
    anew.resume(state)
    assert places(list(anew.batches())) == places(told[stop:])
    assert anew.state == told[-1].state
    assert anew.state.epoch == 1
    with pytest.raises(UsageError, match="another dataset version or seed"):
        Loader(open_dataset(dataset), seed=4).resume(state)


def test_batches_are_tensors(dataset: Path) -> None:
    """Frames of one size come as one tensor of bytes."""
    batch = next(iter(Loader(open_dataset(dataset), batch_size=3, history=1).batches()))
    assert isinstance(batch.frames, torch.Tensor)
    assert (batch.frames.dtype, tuple(batch.frames.shape)) == (torch.uint8, (3, 2, 800, 1280, 3))


def test_only_the_sessions_asked_for(dataset: Path) -> None:
    """A part of a split is loaded alone; an episode's windows stand together."""
    source = WindowSource(open_dataset(dataset), sessions=SESSIONS[:1])
    names = {window.episode_id for window in source.windows(range(len(source)))}
    assert {name[:32] for name in names} == {SESSIONS[0]}
    numbers = source.episode(len(source) - 1)
    assert len({window.episode_id for window in source.windows(numbers)}) == 1
    assert numbers.stop == len(source)


def test_without_its_key_a_session_cannot_be_loaded(dataset: Path, tmp_path: Path) -> None:
    """Once a session's key is destroyed its pictures are out of reach for the loader too."""
    import shutil

    shutil.copytree(dataset, tmp_path / "v1")
    KeyStore(tmp_path / "v1" / "keys").destroy(SESSIONS[0])
    with pytest.raises(SealError):
        Loader(open_dataset(tmp_path / "v1"))


def test_nothing_unsealed_is_written(dataset: Path) -> None:
    """Loading leaves the folder as it was, byte for byte."""
    before = {path: path.read_bytes() for path in dataset.rglob("*") if path.is_file()}
    list(Loader(open_dataset(dataset), batch_size=32).batches())
    assert {path: path.read_bytes() for path in dataset.rglob("*") if path.is_file()} == before


def test_pictures_of_a_session_share_their_tiles(dataset: Path) -> None:
    """Most pictures hold only the tiles that the whole one they rest on lacks; each sixteenth at the latest is whole again."""
    opened = open_dataset(dataset)
    steps, _ = opened.tables()
    key = opened.key(SESSIONS[0])
    pictures = [picture_of(row, key) for row in steps[0].to_pylist()]
    known = [one for one in pictures if one is not None]
    whole = [one for one in known if one.base < 0]
    assert len(known) > 40
    assert len(known) / 18 <= len(whole) <= len(known) / 8
    assert sum(len(one.tiles) for one in known) < 0.3 * len(known) * len(whole[0].tiles)
    assert all(pictures[one.base] is not None and pictures[one.base].base < 0 for one in known if one.base >= 0)  # type: ignore[union-attr]
