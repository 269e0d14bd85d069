"""The documentation is built from the code or checked against it."""

import re
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from witting.terms.events import STREAMS

REPO = Path(__file__).resolve().parents[2]
DECISIONS = sorted((REPO / "docs/decisions").glob("[0-9]*.md"))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_decisions_say_how_they_are_confirmed(path: Path) -> None:
    """Each decision names a test or check that fails when the code leaves it, and that file exists."""
    text = path.read_text()
    confirmation = re.search(r"\*?\*?Confirmation\b(.*)", text, re.DOTALL | re.IGNORECASE)
    assert confirmation, "no Confirmation"
    files = re.findall(r"`((?:tests|bench|deploy|docs)/[\w./-]+?\.(?:py|sh|toml|js))", confirmation.group(1))
    assert files or "pyproject.toml" in confirmation.group(1), "names no test"
    assert [name for name in files if not (REPO / name).exists()] == []


def test_decision_numbers_are_unique() -> None:
    """No two decisions share a number."""
    numbers = [path.name[:4] for path in DECISIONS]
    assert len(numbers) == len(set(numbers))


def test_extras_are_those_the_readme_promises() -> None:
    """The extras of the project file are those that rooms, formats, peers and development need, and what they share."""
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    parts = {"policy", "lab-code", "lab-data", "portable-code"}  # what extras are made of
    assert set(project["optional-dependencies"]) - parts == {
        "device",
        "pixels",
        "voice",
        "portable",
        "hub",
        "lab",
        "formats",
        "audit",
        "ray",
        "peers",
        "dev",
    }
    assert "torch>=2.6" in project["optional-dependencies"]["lab-code"]


def test_the_log_is_dated() -> None:
    """Every section of the log of experiments starts with a date."""
    sections = re.findall(r"^## (.+)$", (REPO / "docs/log.md").read_text(), re.MULTILINE)
    assert sections
    assert [title for title in sections if not re.match(r"20\d\d-\d\d-\d\d", title)] == []


def test_what_is_recorded_is_told_from_the_code() -> None:
    """The page on capture has both marks, and the tables in their place name every stream and its records."""
    spec = spec_from_file_location("docs_hooks", REPO / "docs/hooks.py")
    assert spec is not None
    assert spec.loader is not None
    hooks = module_from_spec(spec)
    spec.loader.exec_module(hooks)
    page = hooks.on_page_markdown((REPO / "docs/capture.md").read_text())
    assert "<!--" not in page
    for stream in STREAMS:
        assert page.count(f"| `{stream}` |") >= 2, stream
    for word in ("Art. 5(1)(f)", "BIPA", "GDPR, Art. 9", "never"):
        assert word in page
