"""What people get back. Usage: bench_assist.py [--quick]. So far: what a group learns about itself, and what attacks on that learn."""

import sys

from figures import write
from group_figures import SIZES, TRIALS, measure


def main() -> None:
    """Print and keep the figures."""
    is_quick = "--quick" in sys.argv
    rows = measure(SIZES[:3] if is_quick else SIZES, trials=TRIALS // 5 if is_quick else TRIALS)
    write("assist", [figure for row in rows for figure in _figures(row)])


def _figures(row: dict[str, object]) -> list[dict[str, object]]:
    """Return a row as single figures."""
    people = row["people"]
    bars = {"false": 0}
    return [{"name": f"{people} people: {name}", "value": value, "bar": bars.get(name)} for name, value in row.items() if name != "people"]


if __name__ == "__main__":
    main()
