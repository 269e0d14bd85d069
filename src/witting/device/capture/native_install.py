"""Tells browsers which program speaks for the extension: writes the native messaging host's wrapper and manifest.

Knows where Chromium and Chrome look for hosts on Linux. Doesn't know: recording. Holds: what it writes belongs to the person alone
(0600, the wrapper 0700), and `remove_native_host` takes all of it away again.
"""

import json
import shlex
import sys
from pathlib import Path

from witting.device.capture import native_host

HOST_NAME = "org.witting.host"
EXTENSION_ID = "libhlccdoannnbpkhfpnfglodkbjfnin"  # follows from the key in extension/manifest.json; a test holds them together
FIREFOX_ID = "witting@witting.example.org"  # what the manifest of the Firefox build says
PROFILES = (".config/chromium", ".config/google-chrome")  # below the home directory
FIREFOX = ".mozilla"  # below the home directory; one for all profiles
_FOLDERS = ("NativeMessagingHosts", "native-messaging-hosts")  # Chromium's name, and Firefox's


def install_native_host(profile_dir: Path, socket_path: Path, *, extension_id: str = EXTENSION_ID) -> Path:
    """Write the wrapper and the host manifest into a browser's user data directory; return the manifest's path."""
    folder = profile_dir / _FOLDERS[extension_id == FIREFOX_ID]
    folder.mkdir(parents=True, exist_ok=True)
    wrapper = folder / f"{HOST_NAME}.sh"
    command = shlex.join([sys.executable, "-I", "-S", str(Path(native_host.__file__).resolve()), str(Path(socket_path).absolute())])
    wrapper.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    wrapper.chmod(0o700)
    manifest = folder / f"{HOST_NAME}.json"
    statement: dict[str, object] = {
        "name": HOST_NAME,
        "description": "carries lent pages to witting's recorder on this computer",
        "path": str(wrapper.absolute()),
        "type": "stdio",
    }
    if extension_id == FIREFOX_ID:
        statement["allowed_extensions"] = [extension_id]
    else:
        statement["allowed_origins"] = [f"chrome-extension://{extension_id}/"]
    manifest.write_text(json.dumps(statement, indent=2) + "\n", encoding="utf-8")
    manifest.chmod(0o600)
    return manifest


def install_for_person(socket_path: Path, extension_id: str = EXTENSION_ID, *, home: Path | None = None) -> list[Path]:
    """Install the host for the person's own Chromium, Chrome and Firefox; return the manifests."""
    base = home or Path.home()
    made = [install_native_host(base / profile, socket_path, extension_id=extension_id) for profile in PROFILES]
    return [*made, install_native_host(base / FIREFOX, socket_path, extension_id=FIREFOX_ID)]


def remove_native_host(profile_dir: Path) -> list[Path]:
    """Take the host's files out of a browser's user data directory; return what was removed."""
    removed = []
    for folder in (profile_dir / name for name in _FOLDERS):
        files = [folder / f"{HOST_NAME}{ending}" for ending in (".json", ".sh")]
        removed += [path for path in files if path.exists()]
        for path in files:
            path.unlink(missing_ok=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return removed


def remove_for_person(*, home: Path | None = None) -> list[Path]:
    """Take the host's files out of the person's own Chromium, Chrome and Firefox; return what was removed."""
    base = home or Path.home()
    return [path for profile in (*PROFILES, FIREFOX) for path in remove_native_host(base / profile)]
