"""The host is installed for one person, names one extension, and can be taken away without a trace."""

import base64
import hashlib
import json
import stat
from pathlib import Path

import pytest

from witting.device.capture.native_install import (
    EXTENSION_ID,
    HOST_NAME,
    install_for_person,
    install_native_host,
    remove_for_person,
    remove_native_host,
)
from witting.policy.page_tree import extension_dir

MANIFEST = json.loads((extension_dir() / "manifest.json").read_text())


def test_the_id_follows_from_the_key() -> None:
    """The extension's id is the one that Chromium derives from the manifest's key: sha256, first 32 hex digits, as letters a to p."""
    digest = hashlib.sha256(base64.b64decode(MANIFEST["key"])).hexdigest()[:32]
    assert "".join(chr(ord("a") + int(digit, 16)) for digit in digest) == EXTENSION_ID


def test_the_host_manifest_names_one_extension_and_a_program(tmp_path: Path) -> None:
    """Only our extension may start the host, and the program is the person's alone."""
    manifest = install_native_host(tmp_path / "profile", tmp_path / "a socket")
    said = json.loads(manifest.read_text())
    assert said["name"] == HOST_NAME == manifest.stem
    assert said["allowed_origins"] == [f"chrome-extension://{EXTENSION_ID}/"]
    program = Path(said["path"])
    assert stat.S_IMODE(program.stat().st_mode) == 0o700
    assert stat.S_IMODE(manifest.stat().st_mode) == 0o600
    assert f"'{tmp_path / 'a socket'}'" in program.read_text()
    assert HOST_NAME in (extension_dir() / "host.js").read_text()


@pytest.mark.promise("P30")
def test_installing_and_removing_leaves_nothing(tmp_path: Path) -> None:
    """After removal a home directory is as it was; other programs' hosts stay."""
    other = tmp_path / ".config" / "chromium" / "NativeMessagingHosts" / "other.json"
    other.parent.mkdir(parents=True)
    other.write_text("{}")
    made = install_for_person(tmp_path / "socket", home=tmp_path)
    assert [path.is_file() for path in made] == [True, True]
    assert len(remove_for_person(home=tmp_path)) == 4
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["other.json"]
    assert remove_native_host(tmp_path / "never-there") == []


def test_the_extension_asks_for_little() -> None:
    """The extension may reach the recorder's host and no page until a site is allowed; private windows are excluded; no remote code."""
    assert MANIFEST["permissions"] == ["nativeMessaging", "scripting"]
    assert "host_permissions" not in MANIFEST
    assert "content_scripts" not in MANIFEST
    assert MANIFEST["incognito"] == "not_allowed"
    assert set(MANIFEST["optional_host_permissions"]) == {"http://*/*", "https://*/*"}
    code = "".join(path.read_text() for path in extension_dir().glob("*.js"))
    for forbidden in ("eval(", "fetch(", "XMLHttpRequest", "WebSocket", "innerHTML", "localStorage", "chrome.storage"):
        assert forbidden not in code
