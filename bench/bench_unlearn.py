"""Forgetting in a policy: what it costs by slice, that it equals never having learnt, and what a membership attack still finds.

Usage: bench_unlearn.py [--data DIR]. The attack is LiRA (Carlini et al. 2022) at the level of sessions: shadow policies on random
halves of the sessions give, for each session, how sure a policy is of its steps with it and without it; a policy is then asked by
likelihood ratio. Evidence beside the proof, which is the equality of weights.
"""

import math
import os
import random
import statistics
import sys
import tempfile
from pathlib import Path

from figures import write
from witting.lab.dataset import LentDataset, open_dataset, open_lent
from witting.lab.importing import import_dataset, importer
from witting.lab.learn import TrainingConfig, train
from witting.lab.learn.examples import Example, examples_of, usable
from witting.lab.learn.export_encoder import export_encoder
from witting.lab.learn.recipe import slice_of
from witting.lab.unlearn import forget_sessions, leaving_of
from witting.policy.decode import INPUTS, OUTPUTS, fill_empty, log_softmax
from witting.policy.encoder import MiniLmVectors
from witting.policy.onnx_policy import OnnxPolicy
from witting.terms.work import Episode

REPO = Path(__file__).resolve().parent.parent
SHADOWS, RETRAINED, SESSIONS, SLICES = 16, 8, 32, 4
TASKS = ("click-option", "enter-text")  # small ones; any will do
_WORDS = MiniLmVectors(export_encoder())  # what was looked up once is kept
CONFIG = TrainingConfig(size="small", least_updates=100, most_updates=100, rewrites=0, words=_WORDS)
Scores = dict[str, float]


def main() -> None:
    """Measure cost, equality and leakage."""
    told = sys.argv[sys.argv.index("--data") + 1] if "--data" in sys.argv else ""
    data = Path(told or Path(os.environ.get("WITTING_DATA", REPO.parent / "shared" / "data")) / "miniwob-demos")
    if not data.is_dir():
        print(f"bench unlearn: left out, {data} isn't there")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few = folder / "demos"
        few.mkdir()
        for task in TASKS:
            if (data / f"{task}.tar").exists():
                (few / f"{task}.tar").symlink_to((data / f"{task}.tar").resolve())
        form = importer("miniwob-demos")
        import_dataset(form.source, form.read(few if any(few.iterdir()) else data), out_dir=folder / "dataset")
        lent = open_lent(folder / "dataset", None)
        episodes = _some(usable(open_dataset(folder / "dataset").episodes(), frozenset()))
        write("unlearn", [*_cost(lent, folder), *_leakage(episodes, folder)])


def _some(episodes: list[Episode]) -> list[Episode]:
    """Return the episodes of so many sessions."""
    chosen = sorted({episode.session_id for episode in episodes})[:SESSIONS]
    return [episode for episode in episodes if episode.session_id in chosen]


def _cost(lent: LentDataset, folder: Path) -> list[dict[str, object]]:
    """Forget a session of each slice and compare with training from scratch."""
    card = train(lent, folder / "sliced", config=TrainingConfig(size="small", slices=SLICES, most_updates=340))
    figures: list[dict[str, object]] = [{"name": "training, four slices", "value": card.cpu_seconds, "unit": "CPU s", "sense": "lower"}]
    equal = 0
    for place in range(SLICES):
        leaving = next(session for session in card.sessions if slice_of(session, SLICES) == place)
        done = forget_sessions(leaving_of(folder / "sliced", [leaving]), lent, out_dir=folder / f"without-{place}", compare=True)
        equal += done.proof is not None and done.proof.holds
        figures.append(
            {
                "name": f"forgetting a session of slice {place + 1}: {100 * done.share:.0f} % of the batches", "value": done.seconds,
                "unit": "CPU s", "sense": "lower", "peer": {"name": "whole training", "value": card.cpu_seconds},
            }
        )  # fmt: skip
    return [
        *figures,
        {"name": "weights equal to training from scratch", "value": equal, "unit": f"of {SLICES}", "sense": "higher", "bar": SLICES},
    ]


def _leakage(episodes: list[Episode], folder: Path) -> list[dict[str, object]]:
    """Attack policies that learnt from sessions, that forgot them, and that never saw them."""
    draw = random.Random(1)
    sessions = sorted({episode.session_id for episode in episodes})
    halves = [frozenset(draw.sample(sessions, len(sessions) // 2)) for _ in range(SHADOWS)]
    shown = [(episode.session_id, example) for episode in episodes for example in examples_of(episode, _WORDS)]
    sure = [_sureness(episodes, half, folder / f"shadow-{number}", shown=shown) for number, half in enumerate(halves)]
    members, outsiders, forgotten = [], [], []
    for number, half in enumerate(halves):
        others = [(halves[at], sure[at]) for at in range(SHADOWS) if at != number]
        ratio = {session: _ratio(sure[number][session], session, shadows=others) for session in sessions}
        members += [ratio[session] for session in half]
        outsiders += [ratio[session] for session in sessions if session not in half]
        if number < RETRAINED:
            leaving = frozenset(draw.sample(sorted(half), len(half) // 4))
            after = _sureness(episodes, half - leaving, folder / f"forgot-{number}", shown=shown)
            forgotten += [_ratio(after[session], session, shadows=others) for session in leaving]
    never = outsiders[::2]
    return [
        row
        for name, found, against in (
            ("learnt", members, outsiders), ("forgotten", forgotten, outsiders), ("never learnt", never, outsiders[1::2])
        )
        for row in (
            {"name": f"LiRA AUC, {name}", "value": round(_auc(found, against), 3), "unit": "", "sense": "lower", "runs": len(found)},
            {
                "name": f"LiRA true positives at 1 % false ones, {name}", "value": round(100 * _tpr(found, against), 1), "unit": "%",
                "sense": "lower", "runs": len(found),
            },
        )
    ]  # fmt: skip


def _sureness(episodes: list[Episode], half: frozenset[str], out: Path, *, shown: list[tuple[str, Example]]) -> Scores:
    """Train on the sessions in `half`; return by session the log odds of its steps, learnt or not."""
    train([episode for episode in episodes if episode.session_id in half], out, config=CONFIG)
    policy = OnnxPolicy.load(out, words=_WORDS)
    found: dict[str, list[float]] = {}
    for session, example in shown:
        arrays = fill_empty(policy.vocabulary.arrays(example.features))
        scores = policy.session.run(list(OUTPUTS), {name: arrays[name][None] for name in INPUTS})[0][0]
        share = min(1 - 1e-6, max(1e-6, math.exp(float(log_softmax(scores)[example.element]))))
        found.setdefault(session, []).append(math.log(share / (1 - share)))
    print(f"played: {out.name}", flush=True)
    return {session: statistics.fmean(values) for session, values in found.items()}


def _ratio(value: float, session: str, *, shadows: list[tuple[frozenset[str], Scores]]) -> float:
    """Return the log likelihood ratio that a policy learnt from a session."""
    learnt = [scores[session] for half, scores in shadows if session in half]
    not_learnt = [scores[session] for half, scores in shadows if session not in half]
    return _log_normal(value, learnt) - _log_normal(value, not_learnt)


def _log_normal(value: float, values: list[float]) -> float:
    if len(values) < 2:
        return 0.0
    spread = max(0.05, statistics.stdev(values))
    return -math.log(spread) - (value - statistics.fmean(values)) ** 2 / (2 * spread * spread)


def _auc(found: list[float], against: list[float]) -> float:
    """Return the chance that one of `found` is above one of `against`."""
    wins = sum((a > b) + 0.5 * (a == b) for a in found for b in against)
    return wins / max(1, len(found) * len(against))


def _tpr(found: list[float], against: list[float]) -> float:
    """Return the share of `found` above all but one in a hundred of `against`."""
    ordered = sorted(against, reverse=True)
    limit = ordered[len(ordered) // 100]
    return sum(value > limit for value in found) / max(1, len(found))


if __name__ == "__main__":
    main()
