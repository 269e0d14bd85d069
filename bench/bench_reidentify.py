"""Who typed, who moved, who worked: recognised by what was recorded and by what witting writes of it, beside chance.

    python bench/bench_reidentify.py

Data: aalto-keystrokes-96 (64 people, sentences as set), balabit-mouse (6 people), and people of our own making: typists with paces of their
own, and workers with habits of their own in the order of windows, which no reduction touches. Utility: what the learner is given, actions
of the same real pointer sessions with and without the reduction.
"""

import os
import random
from pathlib import Path

import numpy as np

from figures import write
from witting.actions import reduce
from witting.audit.behaviour_data import Mover, Press, Typist, read_keystrokes, read_pointers
from witting.audit.pointer_attack import recognise_movers, reduced
from witting.audit.recognising import Finding, Round, Seen, recognise
from witting.audit.typing_attack import recognise_typists
from witting.terms.events import PointerButton, PointerMove, PointerPath, PointerWheel
from witting.terms.work import Action

DATA = Path(os.environ.get("WITTING_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
BARS = {"typing": 5, "pointer": 3}  # times chance, reduced
APPS = 8


def made_typists(count: int = 12, sentences: int = 10) -> list[Typist]:
    """Return people of our own making, each with a pace and touch."""
    draw = random.Random(11)
    people = []
    for number in range(count):
        pace, touch = draw.uniform(90, 320), draw.uniform(60, 160)
        told = []
        for _ in range(sentences):
            codes = [draw.choice([32, *range(65, 91)]) for _ in range(40)]
            held = [max(1.0, draw.gauss(touch, 12)) for _ in codes]
            since = [max(1.0, draw.gauss(pace, pace / 4)) for _ in codes]
            told.append(tuple(Press(code, one, gap, gap - one) for code, one, gap in zip(codes, held, since, strict=True)))
        people.append(Typist(f"made {number}", tuple(told)))
    return people


def window_sequences(count: int = 20) -> Finding:
    """Return how well made-up people with habits are recognised by which window follows which, twenty in a row."""
    draw = np.random.default_rng(13)
    known, unknown = [], []
    for number in range(count):
        habit = draw.dirichlet(np.full(APPS, 0.7), APPS)
        for part in range(12):
            app, counts = 0, np.zeros((APPS, APPS))
            for _ in range(20):
                after = int(draw.choice(APPS, p=habit[app]))
                counts[app, after] += 1
                app = after
            (known if part < 8 else unknown).append(Seen(counts.ravel(), f"made {number}", str(part)))
    return recognise("window sequences (not reduced)", [Round(known, unknown)], seed=0)


def rows(name: str, findings: list[Finding], bar: int | None = None) -> list[dict[str, object]]:
    """Return the figures of an attack."""
    found: list[dict[str, object]] = []
    for one in findings:
        label = f"{name}, {one.people} people: {one.what} [{100 * one.low:.0f}, {100 * one.high:.0f}]"
        is_ours = one.what == "reduced" and bar is not None
        beside = {"name": f"chance, %; {one.attack}", "value": f"{100 * one.chance:.1f}"}
        found.append({
            "name": label, "value": 100 * one.share, "unit": "%", "sense": "lower", "peer": beside, "runs": one.tries,
            "bar": 100 * bar * one.chance if is_ours and bar else None,
        })  # fmt: skip
    return found


def utility(people: list[Mover]) -> dict[str, object]:
    """Return the share of actions (kind and place) of real pointer sessions that are the same after the reduction."""
    same = total = 0
    for person in people:
        for session in person.sessions:
            whole = [_action(one) for one in reduce([_record(point) for point in session])]
            left = {_action(one) for one in reduce(list(reduced(session)))}
            total += len(whole)
            same += sum(one in left for one in whole)
    return {"name": "actions the same after reduction", "value": 100 * same / total, "unit": "%", "sense": "higher", "runs": total}


def _record(point: tuple[int, str, int, int, int]) -> PointerMove | PointerButton | PointerWheel | PointerPath:
    at_ns, what, x, y, button = point
    if what == "move":
        return PointerMove(at_ns, x, y)
    return PointerWheel(at_ns, x, y, 0, button) if what == "wheel" else PointerButton(at_ns, x, y, button, pressed=what == "down")


def _action(action: Action) -> tuple[object, ...]:
    return action.kind, action.x, action.y, action.to_x, action.to_y


def main() -> None:
    """Measure and write."""
    movers = read_pointers(DATA / "balabit-mouse")
    typists = read_keystrokes(DATA / "aalto-keystrokes-96" / "keystrokes.csv.gz")
    figures = rows("typing", recognise_typists(typists, seed=0), BARS["typing"])
    figures += rows("pointer", recognise_movers(movers, seed=0), BARS["pointer"])
    figures += rows("made-up typing", recognise_typists(made_typists(), seed=0), BARS["typing"])
    figures += rows("made-up work", [window_sequences()])
    write("reidentify", [*figures, utility(movers)])


if __name__ == "__main__":
    main()
