"""The tree of verbs as click sees it: a verb's module is loaded when the verb is called, and every help lists the exit statuses.

Knows no verb's options. Invariant: the help of `witting` itself is that of `verbs.help_text`.
"""

import importlib

import click

from witting import __version__
from witting.cli.verbs import ABOUT, EXIT_CODES, VERBS, help_text, sections

_HELP_NAMES = {"help_option_names": ["-h", "--help"]}


class Verbs(click.Group):
    """Loads a verb's module when the verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the table."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a verb, loaded now; None when there is none of that name."""
        del ctx
        if cmd_name not in VERBS:
            return None
        module, attribute, _, _ = VERBS[cmd_name]
        command = getattr(importlib.import_module(f"witting.cli.{module}"), attribute)
        if not isinstance(command, click.Command):
            return None
        _list_exit_codes(command)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the verb that was asked for, or say which was meant."""
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            import difflib  # 5 ms that only a slip of the finger costs

            close = difflib.get_close_matches(name, VERBS, n=1)
            message = f"there is no verb {name[:32]!r}" + (f"; did you mean {close[0]!r}?" if close else "")
            raise click.UsageError(message, ctx=ctx)
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        """Return the help, the same that is printed without loading click."""
        return help_text(ctx.make_formatter().width)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs by whom they are for; only what click itself would print uses it."""
        del ctx
        for title, rows in sections():
            with formatter.section(title):
                formatter.write_dl(rows)


@click.group(name="witting", cls=Verbs, help=ABOUT, epilog=EXIT_CODES, context_settings=_HELP_NAMES)
@click.version_option(__version__, prog_name="witting")
def witting() -> None:
    """Hold the verbs."""


def _list_exit_codes(command: click.Command) -> None:
    """Let the help of a verb and of its sub-verbs end with what its exit status means."""
    command.epilog = EXIT_CODES
    for child in getattr(command, "commands", {}).values():
        _list_exit_codes(child)
