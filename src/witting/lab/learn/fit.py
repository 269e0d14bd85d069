"""The training loop: the same examples and seed give the same weights, bit for bit.

Knows arrays and losses. One thread, a fixed number of updates, an order drawn from the seed; time decides nothing.
"""

import itertools
import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from witting.lab.learn.model import ElementScorer
from witting.policy.decode import INPUTS, Arrays, PolicyConfig

BATCH = 32
AXES = {
    "token_ids": "t",
    "hint_ids": "e",
    "tokens": "t",
    "elements": "e",
    "pairs": "et",
    "spans": "s",
    "span_edges": "s",
    "span_labels": "es",
}  # input -> its axes after the batch: tokens, elements (candidates), spans
_RATE, _DECAY, _WARM_UP = 1.5e-3, 0.05, 40


@dataclass(frozen=True, slots=True)
class Lesson:
    """An example in the network's numbers."""

    arrays: Arrays
    element: int  # -1 for a stop
    kind: int  # index in KINDS, -1 for a stop
    key: int  # index in the config's keys, -1 for none
    spans: tuple[int, ...]


def pad(lessons: Sequence[Arrays]) -> tuple[tuple[Tensor, ...], tuple[Tensor, Tensor, Tensor]]:
    """Return the inputs of several moments as one batch, in the order of `INPUTS`, with masks of tokens, candidates and spans."""
    counts = [(len(one["token_ids"]), len(one["elements"]), len(one["spans"])) for one in lessons]
    sizes = {"t": max(c[0] for c in counts), "e": max(c[1] for c in counts), "s": max(c[2] for c in counts)}
    batch = []
    for name in INPUTS:
        first = lessons[0][name]
        shape = (len(lessons), *(sizes[axis] for axis in AXES[name]), *first.shape[len(AXES[name]) :])
        table = np.zeros(shape, first.dtype)
        for row, one in enumerate(lessons):
            place: tuple[int | slice, ...] = (row, *(slice(0, size) for size in one[name].shape))
            table[place] = one[name]
        batch.append(torch.from_numpy(table))
    masks = [torch.zeros(len(lessons), sizes[axis]) for axis in "tes"]
    for row, count in enumerate(counts):
        for mask, size in zip(masks, count, strict=True):
            mask[row, :size] = 1.0
    return tuple(batch), (masks[0], masks[1], masks[2])


def loss_of(network: ElementScorer, lessons: Sequence[Lesson]) -> Tensor:
    """Return the mean loss: which candidate, which kind of action on it, which key, which span."""
    batch, (token_mask, element_mask, span_mask) = pad([lesson.arrays for lesson in lessons])
    scores, kinds, keys, spans = network(batch, (token_mask, element_mask))
    targets = torch.tensor([lesson.element % scores.shape[1] for lesson in lessons])  # a stop stands last
    total = nn.functional.cross_entropy(scores, targets)
    acted = [row for row, lesson in enumerate(lessons) if lesson.kind >= 0]
    if acted:
        chosen_kinds = nn.functional.cross_entropy(kinds[acted, targets[acted]], torch.tensor([lessons[row].kind for row in acted]))
        total = total + chosen_kinds * len(acted) / len(lessons)
    pressed = [row for row, lesson in enumerate(lessons) if lesson.key >= 0]
    if pressed:
        total = total + nn.functional.cross_entropy(keys[pressed], torch.tensor([lessons[row].key for row in pressed])) * len(
            pressed
        ) / len(lessons)
    typed = [row for row, lesson in enumerate(lessons) if lesson.spans]
    if typed:
        chosen = spans[typed, targets[typed]] + (1 - span_mask[typed]) * -1e4
        right = torch.zeros_like(chosen)
        for place, row in enumerate(typed):
            right[place, list(lessons[row].spans)] = 1.0
        shares = torch.log_softmax(chosen, -1)
        total = total - torch.logsumexp(shares + (1 - right) * -1e4, -1).sum() / len(lessons)
    return total


def fit(
    lessons: Sequence[Lesson], config: PolicyConfig, *, seed: int, updates: int, progress: Callable[[float], None] | None = None
) -> ElementScorer:
    """Return the network trained on `lessons` for `updates` batches."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            batches = _batches(lessons, random.Random(seed))  # noqa: S311 - not for secrets
            return _fitted(ElementScorer(config), itertools.islice(batches, updates), updates=updates, progress=progress)
    finally:
        torch.set_num_threads(threads)


def _fitted(
    network: ElementScorer, batches: Iterable[list[Lesson]], *, updates: int, progress: Callable[[float], None] | None
) -> ElementScorer:
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    network.train()
    for update, lessons in enumerate(batches):
        share = update / updates
        rate = _RATE * min(1.0, (update + 1) / _WARM_UP) * max(0.02, 0.5 * (1 + math.cos(math.pi * share)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss = loss_of(network, lessons)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        if progress is not None:
            progress((update + 1) / updates)
    network.eval()
    return network


def _batches(lessons: Sequence[Lesson], draw: random.Random) -> Iterator[list[Lesson]]:
    """Yield batches without end; lessons of like size stand together so that little is padded."""
    while True:
        order = list(range(len(lessons)))
        draw.shuffle(order)
        groups = []
        for start in range(0, len(order), BATCH * 6):
            chunk = sorted(order[start : start + BATCH * 6], key=lambda index: len(lessons[index].arrays["elements"]))
            groups += [chunk[at : at + BATCH] for at in range(0, len(chunk), BATCH)]
        draw.shuffle(groups)
        for group in groups:
            yield [lessons[index] for index in group]


def accuracy_of(network: ElementScorer, lessons: Sequence[Lesson]) -> float:
    """Return the share of lessons whose candidate and kind of action come out first."""
    right = 0
    with torch.no_grad():
        for start in range(0, len(lessons), BATCH):
            some = lessons[start : start + BATCH]
            batch, (token_mask, element_mask, _) = pad([lesson.arrays for lesson in some])
            scores, kinds, _, _ = network(batch, (token_mask, element_mask))
            for row, lesson in enumerate(some):
                is_kind = lesson.kind < 0 or int(kinds[row, lesson.element].argmax()) == lesson.kind
                right += int(scores[row].argmax()) == lesson.element % scores.shape[1] and is_kind
    return right / max(1, len(lessons))
