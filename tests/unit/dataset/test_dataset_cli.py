"""`witting dataset` builds, shows, compares, checks and releases, in text and in JSON, and errors end with their exit code."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from shelf import IDS, PROGRAMME, PURPOSE, Shelf

from witting.cli import main
from witting.hub.vault import Vault
from witting.lab.dataset import read_manifest
from witting.terms.errors import NoConsentError
from witting.terms.hub import LogProof
from witting.terms.work import DatasetManifest

Call = Callable[..., tuple[int, str, str]]


class ShelfWithRegister(Shelf):
    """A vault in memory that enters datasets."""

    def __init__(self) -> None:
        super().__init__()
        self.entered: list[DatasetManifest] = []
        self.is_refusing = False
        self.gone: set[str] = set()
        self.closed = 0

    def register_dataset(self, manifest: DatasetManifest) -> LogProof:
        """Enter a dataset, or refuse it as a hub does when consent ended."""
        if self.is_refusing:
            raise NoConsentError("a session isn't lent any more", hint="build again")
        self.entered.append(manifest)
        return LogProof(index=41 + len(self.entered), entry=b"", checkpoint="", hashes=())

    def lent(self, manifest: DatasetManifest) -> frozenset[str]:
        """Return its sessions but those that left."""
        return frozenset(session.session_id for session in manifest.sessions) - self.gone

    def close(self) -> None:
        """Count closings."""
        self.closed += 1


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> ShelfWithRegister:
    """Return the vault that `--hub` opens."""
    shelf = ShelfWithRegister()
    monkeypatch.setattr(Vault, "open", lambda _path: shelf)
    return shelf


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run `witting dataset …` in this process; return exit code, output and errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["witting", "dataset", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_build_enters_the_dataset_in_the_log(vault: ShelfWithRegister, call: Call, tmp_path: Path) -> None:
    """A built dataset is entered at the hub, and the answer says where."""
    code, out, _ = call("build", PROGRAMME, tmp_path / "v1", "--purpose", PURPOSE, "--exclude", IDS[2], "--version", 3, "--json")
    answer = json.loads(out)
    assert (code, answer["dataset_id"], answer["log_index"], vault.closed) == (0, "sample-programme@3", 42, 1)
    assert [session["session_id"] for session in answer["sessions"]] == list(IDS[:2])
    assert vault.entered == [read_manifest(tmp_path / "v1")]
    code, out, _ = call("build", PROGRAMME, tmp_path / "v2", "--purpose", PURPOSE)
    assert code == 0
    assert "3 sessions, 6 episodes, 66 steps" in out


@pytest.mark.promise("P26")
def test_dataset_that_the_hub_refuses_is_not_kept(vault: ShelfWithRegister, call: Call, tmp_path: Path) -> None:
    """When consent ended before the entry in the log, nothing of the dataset stays."""
    vault.is_refusing = True
    code, _, err = call("build", PROGRAMME, tmp_path / "v1", "--purpose", PURPOSE)
    assert (code, list(tmp_path.iterdir())) == (10, [])
    assert "hint: build again" in err


def test_purpose_that_nobody_lends_for(vault: ShelfWithRegister, call: Call, tmp_path: Path) -> None:
    """A purpose nobody chose ends with the exit code of missing consent."""
    code, _, err = call("build", PROGRAMME, tmp_path / "v1", "--purpose", "judge-people")
    assert (code, vault.entered) == (10, [])
    assert "nothing was built" in err


def test_show_check_and_diff(vault: ShelfWithRegister, call: Call, tmp_path: Path) -> None:
    """What is in a dataset, whether it holds and what changed can be read by people and by programs."""
    call("build", PROGRAMME, tmp_path / "v1", "--purpose", PURPOSE)
    code, out, _ = call("show", tmp_path / "v1")
    assert code == 0
    assert all(session[:12] in out for session in IDS)
    assert json.loads(call("show", tmp_path / "v1", "--json")[1])["events"] == read_manifest(tmp_path / "v1").events
    assert "every digest and the root hold" in call("check", tmp_path / "v1")[1]
    assert json.loads(call("check", tmp_path / "v1", "--json")[1])["holds"] is True
    call("release", tmp_path / "v1", tmp_path / "v2", "--without", IDS[0])
    assert call("diff", tmp_path / "v1", tmp_path / "v2")[1] == f"sample-programme@1 → sample-programme@2\n- {IDS[0]}\n"
    assert json.loads(call("diff", tmp_path / "v2", tmp_path / "v1", "--json")[1])["added"] == [IDS[0]]
    assert "no session differs" in call("diff", tmp_path / "v1", tmp_path / "v1")[1]


@pytest.mark.promise("P26")
def test_release_without_somebody_is_entered_too(vault: ShelfWithRegister, call: Call, tmp_path: Path) -> None:
    """A release without somebody is entered at the hub and the old version sends to the new one."""
    call("build", PROGRAMME, tmp_path / "v1", "--purpose", PURPOSE)
    code, out, _ = call("release", tmp_path / "v1", tmp_path / "v2", "--without", IDS[0], "--json")
    answer = json.loads(out)
    assert (code, answer["replaces"], answer["log_index"]) == (0, "sample-programme@1", 43)
    assert vault.entered[-1] == read_manifest(tmp_path / "v2")
    code, _, err = call("check", tmp_path / "v1")
    assert code == 2
    assert f"use {tmp_path / 'v2'}" in err


@pytest.mark.promise("P26")
def test_release_drops_whoever_is_not_lent_any_more(vault: ShelfWithRegister, call: Call, tmp_path: Path) -> None:
    """A session that isn't lent now leaves the next version though nobody named it; with nobody gone there is nothing to release."""
    call("build", PROGRAMME, tmp_path / "v1", "--purpose", PURPOSE)
    assert call("release", tmp_path / "v1", tmp_path / "v2")[0] == 2
    vault.gone = {IDS[1]}
    assert call("release", tmp_path / "v1", tmp_path / "v2", "--without", IDS[0])[0] == 0
    assert [session.session_id for session in read_manifest(tmp_path / "v2").sessions] == [IDS[2]]


def test_changed_dataset_ends_with_the_code_of_integrity(vault: ShelfWithRegister, call: Call, tmp_path: Path) -> None:
    """A manifest that was edited is exit 14; no folder of a dataset is exit 2."""
    call("build", PROGRAMME, tmp_path / "v1", "--purpose", PURPOSE)
    manifest = tmp_path / "v1" / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"root": "', '"root": "00'), encoding="utf-8")
    assert call("check", tmp_path / "v1")[0] == 14
    assert call("show", tmp_path)[0] == 2
