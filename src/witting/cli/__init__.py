"""The command line: one file per verb, loaded when it is called, so that `witting --help` stays fast.

The one boundary that catches everything on this side: an error prints what happened and what to do, never captured content, and ends
with the exit code of its class. A verb whose extra isn't installed says which.
"""

import importlib
import os
import sys
import traceback

import click

from witting import __version__
from witting.terms.errors import MissingExtraError, WittingError

__all__ = ["main"]

_EXIT_CODES = (
    "Exit status: 0 done · 1 unexpected · 2 usage · 10 no consent in force · 11 notice changed · 12 leak found, nothing sent · "
    "13 store locked · 14 integrity · 15 hub unreachable (kept for later)"
)

# verb → (module of witting.cli, attribute, one line, section)
_VERBS: dict[str, tuple[str, str, str, str]] = {
    "join": ("join", "join", "read the notice of an invitation, choose, get a receipt", "participant"),
    "status": ("status", "status", "what is recorded now, under which consent", "participant"),
    "notice": ("notice", "notice", "the notice in force", "participant"),
    "receipts": ("receipts", "receipts", "your consent receipts", "participant"),
    "desk": ("desk", "desk", "open your pages: review, mask, delete, send, withdraw", "participant"),
    "record": ("record", "record", 'start recording, e.g. record "book a train"', "participant"),
    "pause": ("record", "pause", "stop recording for now; no limit", "participant"),
    "resume": ("record", "resume", "go on recording", "participant"),
    "stop": ("record", "stop", "end the session", "participant"),
    "episodes": ("review", "episodes", "what is on this device", "participant"),
    "review": ("review", "review", "what would leave, with what was removed and why", "participant"),
    "drop": ("review", "drop", "delete a session from this device", "participant"),
    "upload": ("upload", "upload", "send what you reviewed; --dry-run prints what would leave", "participant"),
    "withdraw": ("withdraw", "withdraw", "take sessions, or everything, back; prints a deletion receipt", "participant"),
    "leave": ("leave", "leave", "withdraw everything and remove witting's data here", "participant"),
    "verify": ("verify", "verify", "check receipts and log proofs, offline", "participant"),
    "doctor": ("record", "doctor", "what works on this machine and how to mend the rest", "participant"),
    "programme": ("programme", "programme", "write, check and show programmes; invite", "steward"),
    "hub": ("hub", "hub", "set up and serve the hub", "steward"),
    "dataset": ("dataset", "dataset", "build, show, compare and check datasets", "researcher"),
    "train": ("train", "train", "train a policy on a dataset", "researcher"),
    "evaluate": ("evaluate", "evaluate", "run agents live and count successes", "researcher"),
    "compare": ("evaluate", "compare", "compare two evaluations", "researcher"),
    "audit": ("audit", "audit", "verify the log, scan for leaks, prove entries", "auditor"),
    "demo": ("demo", "demo", "the whole way once, on this machine, with synthetic people", "everyone"),
}


class _Verbs(click.Group):
    """Loads a verb's module when the verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _VERBS:
            return None
        module, attribute, _, _ = _VERBS[cmd_name]
        command = getattr(importlib.import_module(f"witting.cli.{module}"), attribute)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        for section in dict.fromkeys(row[3] for row in _VERBS.values()):
            with formatter.section(f"For {'the ' if section != 'everyone' else ''}{section}"):
                formatter.write_dl([(verb, row[2]) for verb, row in _VERBS.items() if row[3] == section])


_EXTRA_OF = {
    "hub": "hub",
    "dataset": "lab",
    "train": "lab",
    "evaluate": "lab",
    "compare": "lab",
    "audit": "audit",
    "programme": "hub",
    "demo": "dev",
}


@click.group(cls=_Verbs, epilog=_EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="witting")
def _witting() -> None:
    """Lend your know-how to agents, knowing and willing, and take it back when you like."""


def _explain_missing(error: ModuleNotFoundError) -> None:
    """Say which extra the called verb needs, and end with the exit code of a usage error."""
    verb = next((word for word in sys.argv[1:] if word in _VERBS), "")
    if (error.name or "").startswith("witting"):
        raise error
    print(f"witting: error: `witting {verb}` needs {error.name}, which isn't installed", file=sys.stderr)
    print(f"hint: pip install 'witting[{_EXTRA_OF.get(verb, 'device')}]'", file=sys.stderr)
    sys.exit(MissingExtraError.exit_code)


def main() -> None:
    """Run the command line and end the process with the exit code of what happened."""
    try:
        _witting(standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.Abort:
        print("witting: stopped", file=sys.stderr)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except WittingError as error:
        print(f"witting: error: {error}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        _explain_missing(error)
    except Exception as error:  # noqa: BLE001 - boundary 1 of 2: the message of an unknown error may hold content, so it isn't shown
        if os.environ.get("WITTING_TRACEBACK") == "1":
            traceback.print_exc()
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "?"  # noqa: PTH119 - no need of pathlib here
        print(f"witting: error: unexpected {type(error).__name__} at {place}", file=sys.stderr)
        print("hint: nothing was sent; set WITTING_TRACEBACK=1 to see the traceback (it may hold what you recorded)", file=sys.stderr)
        sys.exit(1)
