"""What the participant's verbs share: where the data lies, and how an answer is printed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from witting.device.leaving import KeptReceipt
    from witting.device.spool import Spool


_T = TypeVar("_T")


def _own_folder() -> Path:
    """Return the person's own data directory, as their system has it."""
    import platformdirs

    return platformdirs.user_data_path("witting")


data_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=_own_folder,
    envvar="WITTING_HOME",
    show_default="your data directory",
    help="Where your data lies.",
)
json_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def show(answer: object, text: str, *, as_json: bool) -> None:
    """Print an answer as JSON on one line, or as text."""
    import json

    print(json.dumps(answer) if as_json else text, flush=True)


@contextmanager
def progress_bar(*, is_shown: bool = True) -> Iterator[Callable[[str, float], None]]:
    """Yield what to call with a stage and its share done; a bar with the time left is drawn where a person looks on."""
    import sys

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not is_shown or not sys.stderr.isatty()) as bar:
        stages: dict[str, Any] = {}

        def say(stage: str, share: float) -> None:
            if stage not in stages:
                stages[stage] = bar.add_task(stage, total=1.0)
            bar.update(stages[stage], completed=share)

        yield say


@contextmanager
def counted(things: Iterator[_T], *, what: str, is_shown: bool = True) -> Iterator[Iterator[_T]]:
    """Yield `things` to go through; how many there were so far is shown where a person looks on."""
    import sys

    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed} {task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not is_shown or not sys.stderr.isatty()) as bar:
        yield iter(bar.track(things, description=what, total=None))


def find_session(spool: "Spool", name: str) -> str:
    """Return the id of the session whose id begins with `name`.

    Raises:
        UsageError: none does, or several do.
    """
    from witting.terms.errors import UsageError

    known = [*(info.session_id for info in spool.sessions()), *spool.damaged()]
    found = [session_id for session_id in known if session_id.startswith(name)]
    if len(found) == 1:
        return found[0]
    message = f"{len(found) or 'no'} sessions on this device begin with {name[:32]!r}"
    raise UsageError(message, hint="`witting episodes` lists what is here")


def show_deletion(kept: "KeptReceipt", *, as_json: bool) -> None:
    """Print a deletion receipt after checking its signature and log proof."""
    import msgspec

    receipt = kept.open()
    lines = [
        f"Deletion receipt {receipt.deletion_id}, {receipt.erased_at}",
        f"  recordings at the hub  {len(receipt.sessions)}",
        f"  sealed objects         {receipt.objects}",
        f"  keys destroyed         {receipt.keys_destroyed}",
        f"  bytes erased           {receipt.bytes_erased}",
        f"  datasets touched       {', '.join(receipt.datasets_touched) or 'none'}",
        f"  agents touched         {', '.join(receipt.models_touched) or 'none'}",
        f"  log entry              {receipt.log_index}, proven",
    ]
    show({"receipt": msgspec.to_builtins(receipt), "signed": msgspec.to_builtins(kept)}, "\n".join(lines), as_json=as_json)
