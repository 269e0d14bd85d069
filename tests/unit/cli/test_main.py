"""The top of the command line: what it says, with which exit code, and what it never says."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from witting import __version__
from witting.cli.tree import witting as tree
from witting.cli.verbs import EXIT_CODES, VERBS, help_text
from witting.terms import errors
from witting.terms.errors import MissingExtraError, WittingError

SECRET = "quiet-harbour-4711"


def every_verb() -> Iterator[tuple[str, click.Command]]:
    """Yield each verb and sub-verb with its whole name."""
    context = click.Context(tree)
    for verb in VERBS:
        command = tree.get_command(context, verb)
        assert command is not None, verb
        yield verb, command
        yield from ((f"{verb} {name}", child) for name, child in getattr(command, "commands", {}).items())


TREE = dict(every_verb())
LEAVES = {name: command for name, command in TREE.items() if not isinstance(command, click.Group)}
ERRORS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, WittingError)]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch, witting):
    """Run `witting status` with the verb ending in what is given."""

    def run(error: BaseException, *arguments: str):
        def fail(**_: object) -> None:
            raise error

        monkeypatch.setattr("witting.cli.status.status.callback", fail)
        return witting("status", *arguments)

    return run


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_our_errors_say_what_happened_and_what_to_do(kind: type[WittingError], failing) -> None:
    """Each error of ours prints its message and hint, one line each, on standard error, and ends with the exit code of its class."""
    run = failing(kind("the lamp went out", hint="light it"))
    assert (run.code, run.out) == (kind.exit_code, "")
    assert run.err == "witting: error: the lamp went out\nhint: light it\n"


def test_an_error_without_hint_prints_no_empty_hint(failing) -> None:
    """Where there is nothing to do, nothing is said."""
    assert failing(WittingError("the lamp went out")).err == "witting: error: the lamp went out\n"


@pytest.mark.parametrize("kind", [ValueError, KeyError, RuntimeError, ConnectionRefusedError, UnicodeError])
def test_unexpected_errors_show_no_content(kind: type[Exception], failing, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody foresaw tells its type and place, never its message, and exits with 1."""
    monkeypatch.delenv("WITTING_TRACEBACK", raising=False)
    run = failing(kind(f"cannot parse {SECRET}"))
    assert run.code == 1
    assert SECRET not in run.out + run.err
    assert re.fullmatch(rf"witting: error: unexpected {kind.__name__} at test_main\.py:\d+\nhint: nothing was sent; .*\n", run.err)


def test_the_traceback_is_there_for_who_asks(failing, monkeypatch: pytest.MonkeyPatch) -> None:
    """WITTING_TRACEBACK=1 shows where an error came from."""
    monkeypatch.setenv("WITTING_TRACEBACK", "1")
    run = failing(ValueError(SECRET))
    assert "Traceback (most recent call last)" in run.err
    assert SECRET in run.err
    assert run.code == 1


def test_a_path_that_cannot_be_used_is_named(failing) -> None:
    """An error of the file system names the path and what is wrong with it, without a traceback."""
    run = failing(PermissionError(13, "Permission denied", "/srv/hub-data/hub.toml"))
    assert run.code == 1
    assert run.err.splitlines()[0] == "witting: error: /srv/hub-data/hub.toml can't be used: Permission denied"
    assert run.err.splitlines()[1].startswith("hint: ")


@pytest.mark.parametrize(("verb", "extra"), [("status", "device"), ("hub", "hub"), ("train", "lab"), ("audit", "audit"), ("demo", "dev")])
def test_a_missing_part_is_named_with_its_extra(verb: str, extra: str, witting, monkeypatch: pytest.MonkeyPatch) -> None:
    """A verb whose extra isn't installed says which one to install, and exits as a usage error does."""
    monkeypatch.setattr("importlib.import_module", _missing("litestar"))
    run = witting(verb, "--help")
    assert run.code == MissingExtraError.exit_code == 2
    assert run.err == f"witting: error: `witting {verb}` needs litestar, which isn't installed\nhint: pip install 'witting[{extra}]'\n"


def test_a_broken_installation_is_no_missing_extra(witting, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of witting itself that is gone isn't blamed on an extra, and no traceback comes out."""
    monkeypatch.setattr("importlib.import_module", _missing("witting.cli.status"))
    run = witting("status")
    assert run.code == 1
    assert run.err.startswith("witting: error: unexpected ModuleNotFoundError at ")
    assert "Traceback" not in run.err


def _missing(name: str):
    def load(_: str) -> None:
        message = f"No module named {name!r}"
        raise ModuleNotFoundError(message, name=name)

    return load


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), click.Abort(), EOFError()], ids=lambda stop: type(stop).__name__)
def test_ctrl_c_is_no_error(stop: BaseException, failing) -> None:
    """Who stops a verb gets one word, no traceback, and 1."""
    run = failing(stop)
    assert (run.code, run.out, run.err.strip()) == (1, "", "witting: stopped")


def test_ctrl_c_while_loading(witting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who stops witting before click has the word gets the same."""

    def interrupted() -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("witting.cli._is_wide", interrupted)
    run = witting("--help")
    assert (run.code, run.out, run.err) == (1, "", "witting: stopped\n")


@pytest.mark.parametrize("code", [0, 1, 7, 14])
def test_the_exit_code_of_a_verb_is_kept(code: int, failing) -> None:
    """A verb that ends by `ctx.exit(code)` ends the process with that code."""
    run = failing(click.exceptions.Exit(code))
    assert (run.code, run.out, run.err) == (code, "", "")


@pytest.mark.parametrize(
    ("slip", "meant"), [("recrd", "record"), ("rview", "review"), ("withdrw", "withdraw"), ("programm", "programme"), ("dmo", "demo")]
)
def test_an_unknown_verb_says_what_was_meant(slip: str, meant: str, witting) -> None:
    """A mistyped verb ends with 2 and names the one that is closest."""
    run = witting(slip, "--data", "x")
    assert (run.code, run.out) == (2, "")
    assert run.err == f"witting: error: there is no verb {slip!r}; did you mean {meant!r}?\nhint: `witting --help` shows how it is called\n"


def test_a_verb_like_no_other(witting) -> None:
    """A word that is close to no verb gets no guess, and isn't repeated at length."""
    run = witting("q" * 5000)
    assert run.code == 2
    assert "did you mean" not in run.err
    assert len(run.err) < 200


def test_an_unknown_sub_verb_and_option(witting) -> None:
    """Below a verb the same holds: one line, one hint with the verb's own help, exit code 2."""
    run = witting("hub", "int")
    assert run.code == 2
    assert run.err.splitlines()[0].startswith("witting: error: no such command 'int'")
    assert run.err.splitlines()[1] == "hint: `witting hub --help` shows how it is called"
    run = witting("join", "--quick")
    assert (run.code, len(run.err.splitlines())) == (2, 2)
    assert "hint: `witting join --help`" in run.err


@pytest.mark.parametrize("arguments", [(), ("hub",), ("programme",), ("dataset",), ("audit",)])
def test_nothing_asked_shows_the_help(arguments: tuple[str, ...], witting) -> None:
    """`witting` and its groups alone print their help; scripts see a usage error."""
    run = witting(*arguments)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(f"Usage: {' '.join(('witting', *arguments))} [OPTIONS] COMMAND")


def test_version(witting) -> None:
    """`witting --version` names the version of the package."""
    run = witting("--version")
    assert (run.code, run.out) == (0, f"witting, version {__version__}\n")


@pytest.mark.parametrize("width", [80, 100, 300])
@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help_is_what_click_prints(word: str, width: int, witting, monkeypatch: pytest.MonkeyPatch) -> None:
    """The help that is printed without click is, to the letter, what click lays out from the tree itself."""
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("witting.cli._is_wide", lambda: True)
    quick = witting(word)
    context = click.Context(tree, info_name="witting", terminal_width=None, max_content_width=80)
    monkeypatch.setenv("COLUMNS", str(width))
    assert quick.out == click.Group.get_help(tree, context) + "\n"
    monkeypatch.setattr("witting.cli._is_wide", lambda: False)
    assert witting(word).out == quick.out
    assert (quick.code, quick.err) == (0, "")


@pytest.mark.parametrize("columns", [50, 61, 72, 79])
def test_a_narrow_terminal_gets_narrow_help(columns: int, witting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Help fits the terminal, and holds every verb."""
    monkeypatch.setenv("COLUMNS", str(columns))
    run = witting("--help")
    assert max(map(len, run.out.splitlines())) <= max(columns - 2, 50)
    assert run.out == help_text(max(columns - 2, 50)) + "\n"
    assert [verb for verb in VERBS if f"\n  {verb} " not in run.out] == []


@pytest.mark.parametrize(("columns", "expected"), [(79, False), (80, True), (200, True)])
def test_width_is_the_terminal_s(columns: int, expected: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """The full width is taken in a terminal that has it, and where there is none; COLUMNS is left to click."""
    from witting.cli import _is_wide

    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((columns, 24)))
    assert _is_wide() is expected
    monkeypatch.setenv("COLUMNS", "200")
    assert not _is_wide()


@pytest.mark.parametrize("name", TREE)
def test_every_help_lists_exit_statuses(name: str) -> None:
    """Each verb's and sub-verb's help says what it does and what its exit status means."""
    command = TREE[name]
    text = command.get_help(click.Context(command, info_name=f"witting {name}"))
    assert command.help
    assert " ".join(text.split()).endswith(EXIT_CODES)


@pytest.mark.parametrize("name", LEAVES)
def test_every_verb_speaks_json(name: str) -> None:
    """Each verb and sub-verb that does something takes --json, and each of its options says what it is for."""
    options = [one for one in LEAVES[name].params if isinstance(one, click.Option)]
    assert "--json" in {text for one in options for text in one.opts}
    assert [one.name for one in options if not one.help] == []


def test_exit_statuses_are_those_of_the_errors() -> None:
    """The list in the help names every exit code that an error has, and no other."""
    listed = {int(number) for number in re.findall(r"(?:: |· )(\d+) ", EXIT_CODES)}
    assert listed == {0} | {kind.exit_code for kind in ERRORS}


def test_help_loads_no_click() -> None:
    """`witting --help` is printed before click is loaded, as a process of its own too; `python -m witting` is the same."""
    code = (
        "import sys; sys.argv = ['witting', '--help']\nbefore = set(sys.modules)\nfrom witting.cli import main\nmain()\n"
        "print('LOADED', sorted(set(sys.modules) - before), file=sys.stderr)"
    )
    env = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert ended.stderr == "LOADED ['witting', 'witting.cli', 'witting.cli.verbs']\n"
    module = subprocess.run([sys.executable, "-m", "witting", "--help"], capture_output=True, text=True, check=True, env=env)
    assert module.stdout == ended.stdout == help_text(78) + "\n"


@pytest.mark.parametrize("arguments", [["--help"], ["audit", "log", "--help"]])
def test_a_reader_that_goes_away_is_no_error(arguments: list[str]) -> None:
    """Output that nobody reads any more ends the process quietly."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "witting", *arguments]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, "")
