"""Runs `witting` in this process, as a shell would."""

import sys

import pytest

from witting.cli import main


class Run:
    """What one call of the command line left behind."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def witting(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run `witting` with some arguments."""

    def run(*arguments: object) -> Run:
        monkeypatch.setattr(sys, "argv", ["witting", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        out, err = capsys.readouterr()
        return Run(code, out, err)

    return run
