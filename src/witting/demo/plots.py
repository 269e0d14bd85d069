"""The two plots of the report: success per task with intervals, and the learning curve."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = ("#0f5f6b", "#d08a1d", "#8b949a", "#6a4c93")


@dataclass(frozen=True)
class Bar:
    """A success share with its interval, 0 to 1."""

    share: float
    low: float
    high: float


def plot_success(path: Path, *, tasks: Sequence[str], agents: dict[str, list[Bar]]) -> None:
    """Draw one group of bars per task, one bar per agent, Wilson 95 % intervals as whiskers."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(9.6, 4.4), dpi=150, layout="constrained")
    width = 0.8 / len(agents)
    for number, (agent, bars) in enumerate(agents.items()):
        places = [index + (number - (len(agents) - 1) / 2) * width for index in range(len(tasks))]
        below = [100 * (bar.share - bar.low) for bar in bars]
        above = [100 * (bar.high - bar.share) for bar in bars]
        axes.bar(
            places,
            [100 * bar.share for bar in bars],
            width * 0.92,
            label=agent,
            color=_COLOURS[number],
            yerr=(below, above),
            ecolor="#444",
            capsize=2,
        )
    axes.set_xticks(range(len(tasks)), [task.replace("-", " ") for task in tasks], rotation=12, ha="right")
    axes.set_ylabel("episodes solved, %")
    axes.set_ylim(0, 104)
    _plain(axes)
    axes.legend(frameon=False, ncols=len(agents), loc="lower left", bbox_to_anchor=(0, 1.0))
    figure.savefig(path)
    plt.close(figure)


def plot_curve(path: Path, *, points: Sequence[tuple[int, Bar]], controls: dict[str, float]) -> None:
    """Draw success on all tasks against the number of episodes learnt from; controls without data are level lines."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(9.6, 3.8), dpi=150, layout="constrained")
    counts = [count for count, _ in points]
    below = [100 * (bar.share - bar.low) for _, bar in points]
    above = [100 * (bar.high - bar.share) for _, bar in points]
    axes.errorbar(
        counts, [100 * bar.share for _, bar in points], yerr=(below, above), marker="o", capsize=3, color=_COLOURS[0], label="trained agent"
    )
    for number, (name, share) in enumerate(controls.items()):
        axes.axhline(100 * share, color=_COLOURS[number + 1], linestyle="--", linewidth=1.2, label=name)
    axes.set_xlabel("episodes learnt from")
    axes.set_ylabel("episodes solved, %")
    axes.set_ylim(0, 104)
    axes.set_xlim(left=0)
    _plain(axes)
    axes.legend(frameon=False, ncols=3, loc="lower left", bbox_to_anchor=(0, 1.0))
    figure.savefig(path)
    plt.close(figure)


def _plain(axes: "Axes") -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#ddd", linewidth=0.6)
    axes.set_axisbelow(True)
