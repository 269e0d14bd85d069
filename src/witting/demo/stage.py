"""What the stations of the story share: where things lie, what was checked and measured, and what is told on the console."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from witting.audit.report import Figure, ReportCheck
from witting.terms.errors import WittingError


class CheckFailedError(WittingError):
    """A check of the demo doesn't hold; the message names it."""


@dataclass(frozen=True)
class Picture:
    """One picture of the report."""

    title: str  # what it shows, a few words
    path: Path  # PNG
    caption: str  # what to look at
    test: str = ""  # the test that guards what is claimed


@dataclass(frozen=True)
class Table:
    """One table of the report."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass
class Stage:
    """The story so far."""

    out: Path  # everything the demo writes lies below
    console: Console
    checks: list[ReportCheck] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)  # by station

    @property
    def scratch(self) -> Path:
        """Where what isn't witting's lies: browser profiles, X sockets; outside the data directory that is scanned."""
        return self.out / "scratch"

    def say(self, text: str) -> None:
        """Tell a line of the story."""
        self.console.print(f"  {text}", highlight=False)

    def check(self, name: str, *, holds: bool, evidence: str, test: str = "") -> None:
        """Note a check and tell how it went; the story goes on, so that the report shows everything that failed."""
        self.checks.append(ReportCheck(name=name, holds=holds, evidence=evidence, test=test))
        mark = "[green]✓[/green]" if holds else "[bold red]✗[/bold red]"
        self.console.print(f"  {mark} {name}: {evidence}", highlight=False)

    def figure(self, name: str, value: float, *, unit: str, sense: str, bar: float | None = None) -> None:
        """Note a figure; `sense` says whether lower or higher is better."""
        self.figures.append(Figure(name=name, value=value, unit=unit, sense=sense, bar=bar))

    @contextmanager
    def station(self, number: int, title: str) -> Iterator[None]:
        """Tell a station's title and how long it took."""
        self.console.rule(f"[bold]{number}. {title}", align="left")
        started = time.monotonic()
        yield
        self.seconds[title] = time.monotonic() - started
        self.console.print(f"  [dim]{self.seconds[title]:.0f} s[/dim]")
