"""What the command line says when something went wrong: one line of what happened, one of what to do, and the exit code.

Knows no verb. Invariant: nothing captured is printed; of an error that isn't ours or click's, only its type and where it came up, or the
path that couldn't be used.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from witting.cli.verbs import VERBS, extra_of
from witting.terms.errors import MissingExtraError, WittingError

_LINE = "witting: error: "


def explain(error: Exception, arguments: Sequence[str]) -> int:
    """Say on standard error what happened and what to do; return the exit code."""
    if isinstance(error, click.Abort):
        print("witting: stopped", file=sys.stderr)
        return 1
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        print(error.format_message(), file=sys.stderr)
        return error.exit_code
    if os.environ.get("WITTING_TRACEBACK") == "1" and not isinstance(error, click.ClickException):
        traceback.print_exception(error)
    message, hint, code = _words(error, arguments)
    print(f"{_LINE}{message}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    return code


def _words(error: Exception, arguments: Sequence[str]) -> tuple[str, str, int]:
    """Return what happened, what to do about it, and the exit code."""
    if isinstance(error, WittingError):
        return str(error), error.hint, error.exit_code
    if isinstance(error, click.ClickException):
        return _of_click(error)
    if isinstance(error, ModuleNotFoundError) and (error.name or "witting").split(".")[0] != "witting":
        verb = next((word for word in arguments if word in VERBS), "")
        message = f"`witting {verb}` needs {error.name}, which isn't installed"
        return message, f"pip install 'witting[{extra_of(verb)}]'", MissingExtraError.exit_code
    if isinstance(error, OSError) and error.filename is not None:
        message = f"{os.fsdecode(error.filename)} can't be used: {error.strerror or type(error).__name__}"
        return message, "check that it is there, what kind it is, and that you may use it; nothing was sent", 1
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    hint = "nothing was sent; set WITTING_TRACEBACK=1 to see the traceback (it may hold what you recorded)"
    return f"unexpected {type(error).__name__} at {place}", hint, 1


def _of_click(error: click.ClickException) -> tuple[str, str, int]:
    """Return what click says of a wrong call, in our form."""
    text = " ".join(error.format_message().split()).removesuffix(".")
    message = text[:1].lower() + text[1:]
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx is not None else "witting"
    return message, f"`{command} --help` shows how it is called", error.exit_code
