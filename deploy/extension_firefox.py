"""Writes the extension as Firefox takes it: the same files, and a manifest with Firefox's names for the same things.

Firefox runs background code as scripts, not as a service worker; knows no key; wants an id, and in plain words what is passed on. Doesn't
build, bundle or change any script. Usage: python deploy/extension_firefox.py [FOLDER], by default build/firefox.
"""

import json
import shutil
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "extension"
TARGET = SOURCE.parent / "build" / "firefox"
FIREFOX_ID = "witting@witting.example.org"  # as in witting.device.capture.native_install; a test holds them together
OLDEST = "142.0"  # the first that asks people by itself for what is passed on, on every system
PASSED_ON = ["browsingActivity", "websiteContent", "websiteActivity"]  # to the recorder on the same machine


def firefox_manifest(manifest: dict[str, object]) -> dict[str, object]:
    """Return the manifest with Firefox's differences."""
    kept = {name: value for name, value in manifest.items() if name not in {"key", "minimum_chrome_version"}}
    return kept | {
        "background": {"scripts": ["background.js"], "type": "module"},
        "browser_specific_settings": {
            "gecko": {"id": FIREFOX_ID, "strict_min_version": OLDEST, "data_collection_permissions": {"required": PASSED_ON}},
        },
    }


def main(arguments: list[str]) -> int:
    """Write the folder anew."""
    target = Path(arguments[0]) if arguments else TARGET
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(SOURCE, target)
    path = target / "manifest.json"
    path.write_text(json.dumps(firefox_manifest(json.loads(path.read_text(encoding="utf-8"))), indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
