"""The script printed in the docs checks a receipt with nothing but the public key, and Kantara's form holds what its schema asks."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from witting.consent.kantara import as_kantara
from witting.ledger.keys import SigningKey
from witting.ledger.log import verifier_key
from witting.terms.consent import ConsentReceipt
from witting.terms.programme import Programme

PAGE = Path(__file__).resolve().parents[3] / "docs/how-to/verify-a-receipt.md"
SCRIPT = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[1]
HUB, OTHER = SigningKey.from_seed(b"h" * 32), SigningKey.from_seed(b"o" * 32)


@pytest.fixture
def saved(tmp_path: Path, receipt: ConsentReceipt) -> Path:
    """A receipt as the desk saves it."""
    path = tmp_path / "receipt.json"
    path.write_bytes(msgspec.json.encode({"receipt": HUB.sign("receipt", receipt), "signing_key": HUB.public}))
    return path


def run(path: Path, key: SigningKey) -> subprocess.CompletedProcess[str]:
    """Run the script of the docs in a Python that can't see witting."""
    blocked = "import sys; sys.modules['witting'] = None\n"
    name = verifier_key("hub.example.org/log", key.public)
    return subprocess.run(
        [sys.executable, "-c", blocked + SCRIPT, str(path), name], capture_output=True, text=True, check=False, timeout=60
    )


def test_the_script_is_short_enough_to_read() -> None:
    """It has at most thirty lines and imports nothing of ours."""
    assert len(SCRIPT.strip().splitlines()) <= 30
    assert "witting" not in SCRIPT


def test_a_good_receipt_is_shown(saved: Path, receipt: ConsentReceipt) -> None:
    """With the controller's key the script says so and prints what was agreed to."""
    done = run(saved, HUB)
    assert (done.returncode, done.stderr) == (0, "")
    assert "signed by the holder of this key" in done.stdout
    assert f"notice_digest: {receipt.notice_digest}" in done.stdout
    assert "lends keys of mousepad for train" in done.stdout


@pytest.mark.promise("P17")
def test_a_forged_receipt_is_refused(saved: Path) -> None:
    """With another key, one changed byte of the receipt or its signature, or a statement of another kind, it prints nothing as true."""
    good = json.loads(saved.read_text())
    assert "NOT signed" in run(saved, OTHER).stderr
    for part in ("payload", "signature"):
        text = good["receipt"][part]
        changed = {**good, "receipt": {**good["receipt"], part: text[:20] + ("A" if text[20] != "A" else "B") + text[21:]}}
        saved.write_text(json.dumps(changed))
        done = run(saved, HUB)
        assert done.returncode == 1
        assert "NOT signed" in done.stderr
        assert done.stdout == ""
    saved.write_text(json.dumps({**good, "receipt": {**good["receipt"], "kind": "withdrawal"}}))
    assert run(saved, HUB).returncode == 1


def _wrong(value: Any, schema: dict[str, Any], at: str = "$") -> list[str]:
    """Return what breaks a JSON schema of the few words that Kantara's uses."""
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
    found = [at] if "type" in schema and not isinstance(value, kinds[schema["type"]]) else []
    found += [at] if "enum" in schema and value not in schema["enum"] else []
    if "oneOf" in schema and sum(not _wrong(value, one, at) for one in schema["oneOf"]) != 1:
        found.append(f"{at} oneOf")
    if isinstance(value, dict):
        found += [f"{at}.{name}" for name in schema.get("required", ()) if name not in value]
        for name, inner in schema.get("properties", {}).items():
            found += _wrong(value[name], inner, f"{at}.{name}") if name in value else []
    if isinstance(value, list) and "items" in schema:
        found += [wrong for one in value for wrong in _wrong(one, schema["items"], f"{at}[]")]
    return found


def test_kantaras_form_fits_its_schema(public_data: Path, receipt: ConsentReceipt, programme: Programme) -> None:
    """The export holds every required field of the published schema in its type, one service an app, and the receipt's own facts."""
    path = public_data / "dpv-27560/kantara-1.1/kantara-consent-receipt-v1_1-schema.json"
    schema = json.loads(re.sub(r"^\s*//.*$", "", path.read_text("utf-8"), flags=re.MULTILINE))
    made = json.loads(json.dumps(as_kantara(receipt, programme)))
    assert _wrong(made, schema) == []
    assert _wrong({**made, "version": 1, "services": [{"service": "x"}]}, schema) == ["$.version", "$.services[].purposes"]
    assert made["version"] == "KI-CR-v1.1.0"
    assert datetime.fromtimestamp(made["consentTimestamp"], UTC).isoformat() == "2026-03-01T08:00:00+00:00"
    assert [one["service"] for one in made["services"]] == ["Chromium", "Mousepad"]
    assert made["consentReceiptID"] == receipt.receipt_id
