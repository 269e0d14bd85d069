"""The host is installed for one person, names one extension, and can be taken away without a trace."""

import base64
import hashlib
import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from witting.device.capture.native_install import (
    EXTENSION_ID,
    FIREFOX_ID,
    HOST_NAME,
    install_for_person,
    install_native_host,
    remove_for_person,
    remove_native_host,
)
from witting.policy.page_tree import extension_dir

REPO = Path(__file__).resolve().parents[3]
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
    assert [path.is_file() for path in made] == [True] * 3
    assert len(remove_for_person(home=tmp_path)) == 6
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


def test_the_firefox_build_differs_in_its_manifest_alone(tmp_path: Path) -> None:
    """Firefox gets the same scripts, the id that its host's manifest names, no key, and the same few permissions."""
    script = REPO / "deploy" / "extension_firefox.py"
    subprocess.run([sys.executable, script, tmp_path / "firefox"], check=True)
    manifest = json.loads((tmp_path / "firefox" / "manifest.json").read_text())
    assert manifest["browser_specific_settings"]["gecko"]["id"] == FIREFOX_ID
    assert manifest["background"] == {"scripts": ["background.js"], "type": "module"}
    assert "key" not in manifest
    for name in ("permissions", "optional_host_permissions", "incognito", "action"):
        assert manifest[name] == MANIFEST[name]
    same = [path for path in extension_dir().iterdir() if path.name != "manifest.json"]
    assert all((tmp_path / "firefox" / path.name).read_bytes() == path.read_bytes() for path in same)
    host = json.loads(install_native_host(tmp_path / ".mozilla", tmp_path / "socket", extension_id=FIREFOX_ID).read_text())
    assert host["allowed_extensions"] == [FIREFOX_ID]
    assert "allowed_origins" not in host
