"""Recognising people by features: several classifiers, several ways to use them, and the strongest of them is what is told.

Knows no keys and no pointers. Everybody who is to be recognised was seen in training (a closed set), which favours the attack. Invariant:
the seed decides everything, and the strongest attack is chosen on what is to be recognised, which favours it too.
"""

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from witting.terms.errors import MissingExtraError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TREES = 150
_Z = 1.96


class Seen(NamedTuple):
    """Something seen of somebody: its features, who it was, and what it was seen in."""

    features: "NDArray[np.float64]"  # of equal length in one attack, NaN where there is nothing
    person: str
    group: str  # what is seen in one group is judged together


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """How well people were recognised by the strongest of the attacks."""

    what: str  # "raw", "reduced", or a part alone
    attack: str  # the strongest
    people: int
    tries: int
    share: float  # recognised, mean over people
    low: float  # 95 % interval
    high: float
    chance: float

    @property
    def times_chance(self) -> float:
        """How many times as often as by chance."""
        return self.share / self.chance


class Round(NamedTuple):
    """What the attack learns from, and what it has to recognise; each group of `unknown` is one try."""

    known: Sequence[Seen]
    unknown: Sequence[Seen]


def recognise(what: str, rounds: Sequence[Round], *, seed: int) -> Finding:
    """Return what the strongest classifier makes of all rounds together."""
    people = sorted({seen.person for one in rounds for seen in one.known})
    found: list[tuple[float, str, int]] = []
    for name in _CLASSIFIERS:
        tries: dict[str, list[bool]] = {person: [] for person in people}
        for number, one in enumerate(rounds):
            for person, is_right in _judge(name, one, seed=seed + number):
                tries[person].append(is_right)
        found.append((_mean(tries), name, sum(len(one) for one in tries.values())))
    share, name, count = max(found, key=lambda one: one[0])
    low, high = _interval(share, count)
    return Finding(what=what, attack=name, people=len(people), tries=count, share=share, low=low, high=high, chance=1 / max(1, len(people)))


def strongest(findings: Sequence[Finding]) -> Finding:
    """Return the attack that recognised most; the first of equal ones."""
    return max(findings, key=lambda finding: finding.share)


def _mean(tries: dict[str, list[bool]]) -> float:
    """Return the mean over people, so that somebody seen often doesn't count more."""
    shares = [sum(one) / len(one) for one in tries.values() if one]
    return sum(shares) / len(shares) if shares else 0.0


def _interval(share: float, tries: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share, as if the tries were independent of each other."""
    if not tries:
        return 0.0, 1.0
    spread = _Z * _Z / tries
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * math.sqrt(share * (1 - share) / tries + spread / tries / 4)
    return max(0.0, middle - half), min(1.0, middle + half)


def _judge(name: str, one: Round, *, seed: int) -> list[tuple[str, bool]]:
    """Return for each group of a round who it was and whether that was found."""
    known, unknown = _filled(one)
    names = sorted({seen.person for seen in one.known})
    labels = np.array([names.index(seen.person) for seen in one.known])
    model = _CLASSIFIERS[name](seed, len(known))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", _sklearn().exceptions.ConvergenceWarning)  # it is stopped early on purpose
        model.fit(known, labels)
    chances = np.log(np.maximum(model.predict_proba(unknown), 1e-4))
    sums: dict[tuple[str, str], Any] = {}
    for seen, chance in zip(one.unknown, chances, strict=True):
        key = (seen.person, seen.group)
        sums[key] = sums.get(key, 0) + chance
    return [(person, names[int(model.classes_[int(np.argmax(total))])] == person) for (person, _), total in sums.items()]


def _filled(one: Round) -> tuple["NDArray[np.float64]", "NDArray[np.float64]"]:
    """Return the features with the known medians where there is nothing, and without those that never differ."""
    known, unknown = np.array([seen.features for seen in one.known]), np.array([seen.features for seen in one.unknown])
    is_there = ~np.isnan(known).all(axis=0)
    known, unknown = known[:, is_there], unknown[:, is_there]
    medians = np.nanmedian(known, axis=0)
    known, unknown = np.where(np.isnan(known), medians, known), np.where(np.isnan(unknown), medians, unknown)
    differs = known.std(axis=0) > 0
    if not differs.any():
        return np.zeros((len(known), 1)), np.zeros((len(unknown), 1))
    return known[:, differs], unknown[:, differs]


def _forest(seed: int, _: int) -> Any:
    return _sklearn().ensemble.RandomForestClassifier(_TREES, random_state=seed, class_weight="balanced", min_samples_leaf=2)


def _extra_trees(seed: int, _: int) -> Any:
    return _sklearn().ensemble.ExtraTreesClassifier(_TREES, random_state=seed, class_weight="balanced", min_samples_leaf=2)


def _logistic(seed: int, count: int) -> Any:
    kit = _sklearn()
    line = kit.linear_model.LogisticRegression(C=0.1, max_iter=60, random_state=seed, class_weight="balanced", tol=1e-2)
    return kit.pipeline.make_pipeline(_bell(seed, count), line)


def _nearest(seed: int, count: int) -> Any:
    kit = _sklearn()
    near = kit.neighbors.KNeighborsClassifier(min(7, count), metric="manhattan", weights="distance")
    return kit.pipeline.make_pipeline(_bell(seed, count), near)


def _discriminant(seed: int, count: int) -> Any:
    kit = _sklearn()
    return kit.pipeline.make_pipeline(
        _bell(seed, count), kit.discriminant_analysis.LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    )


def _bell(seed: int, count: int) -> Any:
    """Return what gives each feature the shape of a bell."""
    return _sklearn().preprocessing.QuantileTransformer(n_quantiles=min(50, count), output_distribution="normal", random_state=seed)


_CLASSIFIERS = {
    "random forest": _forest,
    "extra trees": _extra_trees,
    "logistic regression": _logistic,
    "linear discriminant": _discriminant,
    "nearest neighbours": _nearest,
}


def _sklearn() -> Any:
    try:
        import sklearn.discriminant_analysis
        import sklearn.ensemble
        import sklearn.exceptions
        import sklearn.linear_model
        import sklearn.neighbors
        import sklearn.pipeline
        import sklearn.preprocessing
    except ModuleNotFoundError:
        raise MissingExtraError("the attack needs scikit-learn", hint="pip install 'witting[audit]'") from None
    return sklearn
