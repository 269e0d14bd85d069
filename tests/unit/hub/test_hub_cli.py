"""`witting hub`: what it prints, as people and as programs read it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hub_ground import EXAMPLE, Ground

from witting.cli.hub import hub
from witting.hub import invitations
from witting.terms.errors import ProgrammeError, UsageError


def _run(*words: str | Path) -> str:
    """Run a verb and return what it printed; errors of ours come through."""
    done = CliRunner().invoke(hub, [str(word) for word in words], catch_exceptions=False, standalone_mode=False)
    return done.output


def test_a_hub_is_made_given_a_programme_and_pruned(tmp_path: Path) -> None:
    """Init, programme-add, invite and prune work one after the other, each with JSON that says what was done."""
    data = tmp_path / "hub"
    made = json.loads(_run("init", "--data", data, "--port", "0", "--json"))
    assert {"verifier_key", "tokens", "config", "data"} == set(made)
    assert all(Path(file).stat().st_mode & 0o077 == 0 for file in made["tokens"].values())
    added = json.loads(_run("programme-add", EXAMPLE, "--data", data, "--json"))
    assert (added["programme_id"], added["version"]) == ("office-help", 1)
    links = invitations.create(data, "office-help", count=3)
    assert len({link.rsplit("/join/", 1)[1] for link in links}) == 3
    assert json.loads(_run("prune", "--data", data, "--json"))["sessions"] == 0


def test_people_are_told_what_comes_next(tmp_path: Path) -> None:
    """Without --json each verb prints lines that end in the next step, and no token."""
    data = tmp_path / "hub"
    text = _run("init", "--data", data)
    assert "Next: witting hub programme-add" in text
    assert (data / "tokens" / "steward").read_text().strip() not in text
    assert "witting programme invite" in _run("programme-add", EXAMPLE, "--data", data)
    assert "erased 0 sessions" in _run("prune", "--data", data)


def test_what_is_wrong_is_an_error_of_ours(tmp_path: Path) -> None:
    """A second init, a hub that isn't there, a programme with an unknown key: each is one error with a hint."""
    data = tmp_path / "hub"
    _run("init", "--data", data)
    with pytest.raises(UsageError, match="exists"):
        _run("init", "--data", data)
    with pytest.raises(UsageError, match="holds no hub"):
        _run("serve", "--data", tmp_path / "none")
    file = tmp_path / "p.toml"
    file.write_text('surprise = "x"\n' + EXAMPLE.read_text())
    with pytest.raises(ProgrammeError, match="surprise"):
        _run("programme-add", file, "--data", data)
    with pytest.raises(UsageError, match="no programme"):
        invitations.create(data, "unknown", count=1)


@pytest.mark.parametrize("count", [0, 10_001])
def test_invitations_come_in_sensible_numbers(ground: Ground, count: int) -> None:
    """None, or more than anybody hands out, are refused."""
    with pytest.raises(UsageError, match="can't be made"):
        invitations.invite(ground.hub, ground.programme.id, count=count)
