"""The two gates, in one measurement of OpenDP: counts of people, blurred; names that too few share, gone.

First what fewer than the minimum share is dropped and the minimum less one taken off every other count. One person more or less changes
that by no more than one, as it changes the counts themselves, so the exact minimum costs nothing beyond what OpenDP's threshold accounts
for. Then OpenDP adds discrete Gaussian noise (no floating point to be read from) and drops what stays below the threshold.
Invariant: no count leaves here without both; what it costs is asked of OpenDP itself and never more than planned.
"""

from collections.abc import Mapping
from importlib import import_module
from math import sqrt
from typing import Any

from witting.hub.insight.budget import NANO, Plan
from witting.hub.insight.tallies import Key
from witting.terms.errors import IntegrityError

_BETWEEN = "\x1f"


def blurred(counts: Mapping[Key, int], plan: Plan) -> dict[Key, int]:
    """Return the counts that may be shown, blurred.

    Raises:
        IntegrityError: OpenDP says that it would cost more than planned; nothing was measured.
    """
    measure = _measurement(plan)
    above = {_BETWEEN.join(key): count - plan.minimum + 1 for key, count in counts.items() if count >= plan.minimum}
    shown: dict[str, int] = measure(above)
    return {tuple(name.split(_BETWEEN)): int(count) + plan.minimum - 1 for name, count in shown.items()}


def _measurement(plan: Plan) -> Any:
    """Return the measurement of a plan after asking OpenDP what it costs."""
    dp: Any = import_module("opendp.prelude")  # untyped

    dp.enable_features("contrib")
    measure = dp.m.make_gaussian_threshold(
        dp.map_domain(dp.atom_domain(T=str), dp.atom_domain(T="i64")),
        dp.l02inf_distance(dp.absolute_distance(T="f64")),
        scale=plan.scale,
        threshold=plan.threshold,
    )
    rho, delta = measure.map((plan.at_most, sqrt(plan.at_most), 1.0))
    if rho * NANO > plan.rho_nano + 1 or delta > plan.delta:
        raise IntegrityError("a release would cost more than its part of the budget", hint="nothing was measured; report this")
    return measure
