"""What people get back: routines run on fresh inputs and sabotaged pages, hands that stop when touched, what a group learns about itself.

Runs and touches on a real X server and in a real browser. Each part can be asked for alone: `bench_assist.py takeover automation groups`;
`--quick` takes fewer people.
"""

import argparse
from collections.abc import Callable
from functools import partial
from statistics import quantiles

import automation
import takeover
from figures import write
from group_figures import SIZES, TRIALS, measure

_TOUCHES, _FRESH, _SABOTAGED = 200, 20, 20
_BAR_MS, _BAR_FRESH, _BAR_STOPPED = 100.0, 95.0, 100.0


def figure(name: str, value: float, *, unit: str, bar: float | None, runs: int, sense: str = "lower") -> dict[str, object]:
    """Return one figure."""
    return {"name": name, "value": round(value, 2), "unit": unit, "sense": sense, "bar": bar, "peer": None, "runs": runs}


def taken_over() -> list[dict[str, object]]:
    """Return how soon hands stop."""
    waits, after = takeover.measure(_TOUCHES)
    cuts = quantiles(waits, n=100, method="inclusive")
    return [
        figure("touch until noticed, p50", cuts[49], unit="ms", bar=None, runs=len(waits)),
        figure("touch until noticed, p99", cuts[98], unit="ms", bar=_BAR_MS, runs=len(waits)),
        figure("events sent after it was noticed", after, unit="events", bar=0, runs=len(waits)),
    ]


def automated() -> list[dict[str, object]]:
    """Return how often runs do what they should, and stop where they should."""
    right, stopped, saved = automation.measure(_FRESH, _SABOTAGED)
    return [
        figure("routine done right on fresh inputs", 100 * right / _FRESH, unit="%", bar=_BAR_FRESH, runs=_FRESH, sense="higher"),
        figure(
            "stopped by itself on sabotaged pages", 100 * stopped / _SABOTAGED, unit="%", bar=_BAR_STOPPED, runs=_SABOTAGED, sense="higher"
        ),
        figure("saved on sabotaged pages", saved, unit="orders", bar=0, runs=_SABOTAGED),
    ]


def about_groups(*, is_quick: bool) -> list[dict[str, object]]:
    """Return what a group learns about itself, and what attacks on that learn."""
    rows = measure(SIZES[:3] if is_quick else SIZES, trials=TRIALS // 5 if is_quick else TRIALS)
    bars = {"false": 0}
    return [
        {"name": f"{row['people']} people: {name}", "value": value, "bar": bars.get(name)}
        for row in rows
        for name, value in row.items()
        if name != "people"
    ]


PARTS: dict[str, Callable[[], list[dict[str, object]]]] = {"takeover": taken_over, "automation": automated}


def main() -> None:
    """Measure the parts asked for, print and keep them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, "groups", []], default=[])
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    parts = {**PARTS, "groups": partial(about_groups, is_quick=given.quick)}
    write("assist", [one for part in given.parts or parts for one in parts[part]()])


if __name__ == "__main__":
    main()
