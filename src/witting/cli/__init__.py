"""The command line: one file per verb, loaded when it is called; `witting --help` loads not even click.

The one boundary that catches everything on this side: an error prints what happened and what to do, never captured content, and ends
with the exit code of its class. A verb whose extra isn't installed says which.
"""

import os
import sys

__all__ = ["main"]

_WIDE = 80  # columns; click writes into two less, and never into more
_HELP_WORDS = (["--help"], ["-h"])


def main() -> None:
    """Run the command line and end the process with the exit code of what happened."""
    code: object = 0
    try:
        code = _run()
    except KeyboardInterrupt:
        print("witting: stopped", file=sys.stderr)
        code = 1
    except BrokenPipeError:  # whoever read what was printed has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 1
    except Exception as error:  # noqa: BLE001 - boundary 1 of 2: the message of an unknown error may hold content, so it isn't shown
        from witting.cli.failing import explain

        code = explain(error, sys.argv[1:])
    if isinstance(code, int) and code:  # what `ctx.exit` was given; verbs themselves return None
        sys.exit(code)


def _run() -> object:
    """Print the help, or have click run the verb; returns the exit code."""
    if sys.argv[1:] in _HELP_WORDS and _is_wide():
        from witting.cli.verbs import help_text

        print(help_text(_WIDE - 2), flush=True)
        return 0
    from witting.cli.tree import witting

    return witting(prog_name="witting", standalone_mode=False)


def _is_wide() -> bool:
    """Whether help is written into full width, which needs no look at what else decides it."""
    if "COLUMNS" in os.environ:
        return False
    try:
        return os.get_terminal_size(1).columns >= _WIDE
    except OSError:  # no terminal: then click takes the full width too
        return True
