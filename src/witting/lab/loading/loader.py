"""Batches of windows: read ahead by threads, in an order that seed and epoch decide, taken up again where it stopped.

Invariant: the same dataset, seed and state give the same batches in the same order, however many threads read ahead.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec
import numpy as np
import torch

from witting.lab.dataset import Dataset
from witting.lab.loading.windows import Window, WindowSource
from witting.terms.errors import UsageError
from witting.terms.work import Action


class LoaderState(msgspec.Struct, frozen=True, kw_only=True):
    """Where a loader stands; what comes next follows from it alone."""

    root: str  # of the dataset
    seed: int
    epoch: int = 0
    position: int = 0  # batches of this epoch given out


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Windows side by side."""

    frames: torch.Tensor | tuple[torch.Tensor, ...]  # uint8 (batch, history + 1, height, width, 3); a tuple where sizes differ
    actions: tuple[Action, ...]
    instructions: tuple[str, ...]
    places: tuple[tuple[str, int], ...]  # episode id and step index
    state: LoaderState  # to go on after this batch


class Loader:
    """Gives a dataset's windows in batches, without end; `batches` of one epoch at a time."""

    def __init__(
        self, dataset: Dataset, *, batch_size: int = 16, history: int = 0, seed: int = 0, sessions: Sequence[str] | None = None
    ) -> None:
        self.source = WindowSource(dataset, history=history, sessions=sessions)
        self.batch_size = batch_size
        self.ahead = 4  # batches read before they are asked for
        self.threads = 2
        self.state = LoaderState(root=dataset.manifest.root, seed=seed)

    def resume(self, state: LoaderState) -> None:
        """Go on from a state.

        Raises:
            UsageError: it is of another dataset version or seed.
        """
        if (state.root, state.seed) != (self.state.root, self.state.seed):
            raise UsageError("that state is of another dataset version or seed", hint="a version that people left has another order")
        self.state = state

    def order(self, epoch: int) -> list[int]:
        """Return the numbers of all windows in the order of an epoch."""
        chance = np.random.Generator(np.random.PCG64([self.state.seed, epoch]))
        return [int(number) for number in chance.permutation(len(self.source))]

    def batches(self) -> Iterator[Batch]:
        """Yield what is left of the epoch; afterwards the loader stands at the beginning of the next."""
        order, epoch = self.order(self.state.epoch), self.state.epoch
        chunks = [order[start : start + self.batch_size] for start in range(0, len(order), self.batch_size)]
        with ThreadPoolExecutor(self.threads) as pool:
            waiting: deque[Future[list[Window]]] = deque()
            ahead = iter(chunks[self.state.position :])
            for _ in chunks[self.state.position :]:
                while len(waiting) < self.ahead and (coming := next(ahead, None)) is not None:
                    waiting.append(pool.submit(self.source.windows, coming))
                windows = waiting.popleft().result()
                position = self.state.position + 1
                is_over = position == len(chunks)
                self.state = msgspec.structs.replace(self.state, epoch=epoch + is_over, position=0 if is_over else position)
                yield _batch(windows, self.state)


def _batch(windows: Sequence[Window], state: LoaderState) -> Batch:
    frames = tuple(torch.from_numpy(np.stack(window.frames)) for window in windows)
    return Batch(
        frames=torch.stack(frames) if len({one.shape for one in frames}) == 1 else frames,
        actions=tuple(window.action for window in windows),
        instructions=tuple(window.instruction for window in windows),
        places=tuple((window.episode_id, window.step_index) for window in windows),
        state=state,
    )
