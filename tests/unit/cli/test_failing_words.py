"""What a person reads when something went wrong: what happened, what to do, an exit code, and never what was recorded."""

import click
import pytest

from witting.cli.failing import explain
from witting.terms import errors

SECRET = "hunter2 of Anna Muster"


def failed(error: Exception) -> Exception:
    """Return an error as it arrives: raised somewhere."""
    try:
        raise error  # noqa: TRY301 - an error has a place once it was raised
    except Exception as raised:  # noqa: BLE001 - whatever a test gives
        return raised


def read(capsys: pytest.CaptureFixture[str], error: Exception, *arguments: str) -> tuple[int, list[str]]:
    """Return exit code and lines on standard error; standard output stays empty."""
    code = explain(failed(error), arguments)
    printed = capsys.readouterr()
    assert printed.out == ""
    return code, printed.err.splitlines()


@pytest.mark.parametrize(
    "kind", [errors.UsageError, errors.NoConsentError, errors.NoticeChangedError, errors.StoreLockedError, errors.IntegrityError]
)
def test_an_error_of_ours_is_two_lines_and_its_code(capsys: pytest.CaptureFixture[str], kind: type[errors.WittingError]) -> None:
    """What happened and what to do, in their own words."""
    assert read(capsys, kind("it went wrong", hint="do this")) == (kind.exit_code, ["witting: error: it went wrong", "hint: do this"])


def test_an_error_without_a_hint_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty hint isn't printed."""
    assert read(capsys, errors.UsageError("it went wrong", hint=""))[1] == ["witting: error: it went wrong"]


def test_who_stopped_it_is_told_that_it_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl+C at a question is no error with a hint."""
    assert read(capsys, click.Abort()) == (1, ["witting: stopped"])


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (click.UsageError("No such option: --oops."), "witting: error: no such option: --oops"),
        (click.BadParameter("'x' is not\n  a number."), "witting: error: invalid value: 'x' is not a number"),
        (click.ClickException("Something."), "witting: error: something"),
    ],
)
def test_a_wrong_call_is_told_in_our_form(capsys: pytest.CaptureFixture[str], error: click.ClickException, line: str) -> None:
    """One line without a full stop, and where to read how it is called."""
    code, lines = read(capsys, error)
    assert code == error.exit_code
    assert lines == [line, "hint: `witting --help` shows how it is called"]


def test_a_wrong_call_of_a_verb_names_the_verb(capsys: pytest.CaptureFixture[str]) -> None:
    """Help is pointed to at the verb that was called."""
    context = click.Context(click.Command("review"), info_name="review", parent=click.Context(click.Group("witting"), info_name="witting"))
    assert read(capsys, click.UsageError("Missing argument.", ctx=context))[1][1] == "hint: `witting review --help` shows how it is called"


@pytest.mark.parametrize(
    ("verb", "missing", "hint"),
    [
        (("train", "x"), "torch", "pip install 'witting[lab]'"),
        (("hub", "serve"), "litestar.app", "pip install 'witting[hub]'"),
        (("record",), "xcffib", "pip install 'witting[device]'"),
    ],
)
def test_a_library_that_is_missing_is_named_with_its_extra(
    capsys: pytest.CaptureFixture[str], verb: tuple[str, ...], missing: str, hint: str
) -> None:
    """The verb, the library and the one command that brings it."""
    code, lines = read(capsys, ModuleNotFoundError("no", name=missing), *verb)
    assert code == errors.MissingExtraError.exit_code
    assert lines == [f"witting: error: `witting {verb[0]}` needs {missing}, which isn't installed", f"hint: {hint}"]


def test_a_module_of_ours_that_is_missing_is_a_fault_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    """No extra brings what we forgot to ship."""
    code, (line, _) = read(capsys, ModuleNotFoundError("no", name="witting.device.gone"), "record")
    assert code == 1
    assert line.startswith("witting: error: unexpected ModuleNotFoundError at test_failing_words.py:")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (PermissionError(13, "Permission denied", "/data/spool"), "witting: error: /data/spool can't be used: Permission denied"),
        (FileNotFoundError(2, "No such file", b"/data/x"), "witting: error: /data/x can't be used: No such file"),
        (IsADirectoryError(21, None, "/data"), "witting: error: /data can't be used: IsADirectoryError"),
    ],
)
def test_a_path_that_cannot_be_used_is_named(capsys: pytest.CaptureFixture[str], error: OSError, line: str) -> None:
    """Which path and why; and that nothing left."""
    code, lines = read(capsys, error)
    assert (code, lines[0]) == (1, line)
    assert "nothing was sent" in lines[1]


@pytest.mark.promise("P29")
@pytest.mark.parametrize(
    "error", [ValueError(SECRET), KeyError(SECRET), OSError(SECRET), RuntimeError(SECRET)], ids=lambda one: type(one).__name__
)
def test_what_nobody_foresaw_is_told_without_its_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Type and place, since the text may hold what was recorded; the traceback comes only to who asks for it by name."""
    monkeypatch.delenv("WITTING_TRACEBACK", raising=False)
    code, lines = read(capsys, error)
    assert code == 1
    assert lines[0].startswith(f"witting: error: unexpected {type(error).__name__} at test_failing_words.py:")
    assert SECRET not in "".join(lines)
    monkeypatch.setenv("WITTING_TRACEBACK", "1")
    assert SECRET in "".join(read(capsys, error)[1])


def test_an_error_from_nowhere_has_no_place(capsys: pytest.CaptureFixture[str]) -> None:
    """One that was never raised is told all the same."""
    assert explain(ValueError(SECRET), ()) == 1
    assert "unexpected ValueError at ?" in capsys.readouterr().err
