"""What recording must never hold, looked for in random sessions: windows that aren't lent, and keys that go into secret fields.

Arrangements, visits and sequences are those of tests/e2e (`arrangements`, `wanderings`, `secret_typing`), in sessions of their own of at
most CHUNK, each with a seed of its own that is printed: `--only gtk --seed N --runs M` does one again.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from figures import write

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "e2e"))

import arrangements
import secret_typing
import wanderings

from witting.testing.desktop import DesktopSession

CHUNK = 50
SHARES: dict[secret_typing.Where, float] = {"gtk": 0.34, "page": 0.34, "shell": 0.32}
NAMES = {"gtk": "GTK form", "page": "login page in Chromium", "shell": "xterm: read -s, getpass, su, sudo, ssh"}


def chunks(count: int, seed: int) -> Iterator[tuple[int, int]]:
    """Yield how many runs go with which seed."""
    for number, begin in enumerate(range(0, count, CHUNK)):
        yield min(CHUNK, count - begin), seed + number


def figure(name: str, value: float, unit: str, *, bar: float, runs: int) -> dict[str, object]:
    """Return one figure; lower is better."""
    return {"name": name, "value": value, "unit": unit, "sense": "lower", "bar": bar, "peer": None, "runs": runs}


def windows(what: str, count: int, *, seed: int) -> list[dict[str, object]]:
    """Arrange windows at random over lent ones, or go from page to page in one browser, and search the recordings."""
    found = []
    make = {"windows": arrangements.run, "visits": wanderings.run}[what]
    for runs, chunk_seed in chunks(count, seed):
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder, DesktopSession() as desktop:
            found.append(make(desktop, Path(folder), count=runs, seed=chunk_seed))
        print(f"{what}: seed {chunk_seed}, {runs} times, {time.monotonic() - began:.0f} s: {found[-1]}", flush=True)
    typed = sum(outcome.keys_typed for outcome in found)
    shown, pictures = sum(outcome.shown for outcome in found), sum(outcome.pictures for outcome in found)
    name = {"windows": "windows not lent", "visits": "pages not lent and private windows"}[what]
    return [
        figure(f"{name}: pixels in {pictures} pictures ({shown} show something)", sum(o.leaked_px for o in found), "px", bar=0, runs=count),
        figure(f"{name}: titles, addresses", sum(o.leaked_words for o in found), "count", bar=0, runs=count),
        figure(f"{name}: keys, of {typed}", sum(o.leaked_keys for o in found), "count", bar=0, runs=count),
        figure(f"{name}: sessions whose counts don't add up", sum(not o.is_complete for o in found), "count", bar=0, runs=len(found)),
    ]


def secrets(where: secret_typing.Where, count: int, *, seed: int) -> secret_typing.Outcome:
    """Type into plain and secret fields, and follow each key to its verdict."""
    total = secret_typing.Outcome()
    for runs, chunk_seed in chunks(count, seed):
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder, DesktopSession() as desktop:
            outcome = secret_typing.run(where, desktop, Path(folder), count=runs, seed=chunk_seed)
        print(f"{where}: seed {chunk_seed}, {runs} sequences, {time.monotonic() - began:.0f} s: {outcome.told()}", flush=True)
        total = total.plus(outcome)
    return total


def main() -> int:
    """Run what is asked for, print the table, keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--runs", type=int, default=500, help="arrangements, and sequences in all three programs together; a fifth as many visits of pages"
    )
    parser.add_argument("--seed", type=int, default=4711)
    parser.add_argument("--only", choices=("windows", "visits", *SHARES), help="that alone, with all the runs")
    given = parser.parse_args()
    rows = []
    for what, share in {"windows": 1.0, "visits": 0.2}.items():
        if given.only in (None, what):
            rows += windows(what, given.runs if given.only else max(1, round(given.runs * share)), seed=given.seed)
    total = secret_typing.Outcome()
    for where, share in SHARES.items():
        if given.only in (None, where):
            runs = given.runs if given.only else max(1, round(given.runs * share))
            outcome = secrets(where, runs, seed=given.seed)
            total = total.plus(outcome)
            rows.append(figure(f"{NAMES[where]}: keys of secrets given on, of {outcome.secret}", outcome.leaked, "keys", bar=0, runs=runs))
            rows.append(figure(f"{NAMES[where]}: plain keys lost, of {outcome.plain}", 100 * outcome.dropped, "%", bar=1, runs=runs))
    if given.only is None:
        rows.append(figure(f"all three: keys of secrets given on, of {total.secret}", total.leaked, "keys", bar=0, runs=given.runs))
        rows.append(figure(f"all three: plain keys lost, of {total.plain}", 100 * total.dropped, "%", bar=1, runs=given.runs))
    write("fuzz" if given.only is None else f"fuzz-{given.only}", rows)
    return int(any(float(str(row["value"])) > float(str(row["bar"])) for row in rows))


if __name__ == "__main__":
    sys.exit(main())
