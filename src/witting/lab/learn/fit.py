"""The training loop: the same examples and seed give the same weights, bit for bit, whether it was cut short and taken up again or not.

Knows arrays and losses. One thread unless told otherwise, a fixed number of updates, an order drawn from the seed; time decides nothing.
"""

import itertools
import math
import pickle
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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
_KEPT_EVERY = 200  # updates


@dataclass(frozen=True, slots=True)
class Lesson:
    """An example in the network's numbers."""

    arrays: Arrays
    element: int  # -1 for a stop
    kind: int  # index in KINDS, -1 for a stop
    key: int  # index in the config's keys, -1 for none
    spans: tuple[int, ...]
    weight: float = 1.0  # how much it counts beside others


@dataclass(frozen=True, slots=True)
class Course:
    """How a network is trained on some lessons."""

    seed: int
    updates: int
    threads: int = 1
    start: Mapping[str, Tensor] | None = None  # the weights to begin with; None = drawn from the seed
    kept: Path | None = None  # where the state is kept now and then, to go on from after an interruption
    name: str = ""  # of all that decides the outcome; a kept state of another name isn't taken up


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
    """Return the mean loss, by weight: which candidate, which kind of action on it, which key, which span."""
    batch, (token_mask, element_mask, span_mask) = pad([lesson.arrays for lesson in lessons])
    scores, kinds, keys, spans = network(batch, (token_mask, element_mask))
    weights = torch.tensor([lesson.weight for lesson in lessons])
    targets = torch.tensor([lesson.element % scores.shape[1] for lesson in lessons])  # a stop stands last
    total = (nn.functional.cross_entropy(scores, targets, reduction="none") * weights).sum()
    acted = [row for row, lesson in enumerate(lessons) if lesson.kind >= 0]
    if acted:
        chosen_kinds = torch.tensor([lessons[row].kind for row in acted])
        total = total + (nn.functional.cross_entropy(kinds[acted, targets[acted]], chosen_kinds, reduction="none") * weights[acted]).sum()
    pressed = [row for row, lesson in enumerate(lessons) if lesson.key >= 0]
    if pressed:
        chosen_keys = torch.tensor([lessons[row].key for row in pressed])
        total = total + (nn.functional.cross_entropy(keys[pressed], chosen_keys, reduction="none") * weights[pressed]).sum()
    typed = [row for row, lesson in enumerate(lessons) if lesson.spans]
    if typed:
        chosen = spans[typed, targets[typed]] + (1 - span_mask[typed]) * -1e4
        right = torch.zeros_like(chosen)
        for place, row in enumerate(typed):
            right[place, list(lessons[row].spans)] = 1.0
        shares = torch.log_softmax(chosen, -1)
        total = total - (torch.logsumexp(shares + (1 - right) * -1e4, -1) * weights[typed]).sum()
    return total / len(lessons)


def fit(
    lessons: Sequence[Lesson], config: PolicyConfig, *, course: Course, progress: Callable[[float], None] | None = None
) -> ElementScorer:
    """Return the network trained on `lessons` as `course` says; a state kept by an interrupted run of the same name is taken up."""
    threads = torch.get_num_threads()
    torch.set_num_threads(course.threads)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(course.seed)
            network = ElementScorer(config)
            if course.start is not None:
                network.load_state_dict(dict(course.start))
            batches = _batches(lessons, random.Random(course.seed))  # noqa: S311 - not for secrets
            return _fitted(network, batches, course=course, progress=progress)
    finally:
        torch.set_num_threads(threads)


def _fitted(
    network: ElementScorer, batches: Iterator[list[Lesson]], *, course: Course, progress: Callable[[float], None] | None
) -> ElementScorer:
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    network.train()
    first = _taken_up(course, network, optimiser=optimiser)
    for update, lessons in enumerate(itertools.islice(batches, first, course.updates), start=first):
        share = update / course.updates
        rate = _RATE * min(1.0, (update + 1) / _WARM_UP) * max(0.02, 0.5 * (1 + math.cos(math.pi * share)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss = loss_of(network, lessons)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        if course.kept is not None and (update + 1) % _KEPT_EVERY == 0:
            _keep(course.kept, course.name, update=update + 1, parts=(network, optimiser))
        if progress is not None:
            progress((update + 1) / course.updates)
    network.eval()
    return network


def _keep(path: Path, name: str, *, update: int, parts: tuple[ElementScorer, torch.optim.Optimizer]) -> None:
    """Write the state after `update` updates; whoever reads it finds the old one whole or the new one whole."""
    network, optimiser = parts
    state = {
        "name": name, "update": update, "network": network.state_dict(), "optimiser": optimiser.state_dict(), "draw": torch.get_rng_state(),
    }  # fmt: skip
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def _taken_up(course: Course, network: ElementScorer, *, optimiser: torch.optim.Optimizer) -> int:
    """Load the state that an interrupted run of the same name kept; return how many updates it had done, 0 when there is none."""
    if course.kept is None or not course.kept.is_file():
        return 0
    try:
        state = torch.load(course.kept, weights_only=True)
    except (OSError, RuntimeError, pickle.UnpicklingError, EOFError):
        return 0  # torn by the interruption: from the beginning, then
    if not isinstance(state, dict) or state.get("name") != course.name or state["update"] > course.updates:
        return 0
    network.load_state_dict(state["network"])
    optimiser.load_state_dict(state["optimiser"])
    torch.set_rng_state(state["draw"])
    return int(state["update"])


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
