"""The documentation is built from the code or checked against it."""

import re
import tomllib
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
DECISIONS = sorted((REPO / "docs/decisions").glob("[0-9]*.md"))
PAGES = [*sorted((REPO / "docs").rglob("*.md")), REPO / "README.md", REPO / "CONTRIBUTING.md"]


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


def test_pages_name_only_make_targets_and_verbs_that_exist() -> None:
    """Every `make X` and `witting X` in the docs exists."""
    targets = set(re.findall(r"^([a-z-]+):", (REPO / "Makefile").read_text(), re.MULTILINE))
    from witting.cli.verbs import VERBS

    missing = set()
    for page in PAGES:
        text = page.read_text()
        for target in re.findall(r"`make ([a-z-]+)", text):
            if target not in targets and not target.startswith("bench-"):
                missing.add(f"{page.name}: make {target}")
        for verb in re.findall(r"`witting ([a-z]+)", text):
            if verb not in VERBS:
                missing.add(f"{page.name}: witting {verb}")
    assert missing == set()


def test_every_verb_can_be_loaded_and_has_help() -> None:
    """Every verb in the table exists, says what it does, and offers --json."""
    import click

    from witting.cli.tree import witting
    from witting.cli.verbs import VERBS

    context = click.Context(witting)
    for verb in VERBS:
        command = witting.get_command(context, verb)
        assert command is not None, verb
        assert command.help, verb
        leaves = list(getattr(command, "commands", {}).values()) or [command]
        for leaf in leaves:
            assert leaf.help, f"{verb} {leaf.name}"
            options = {option for parameter in leaf.params for option in parameter.opts}
            assert "--json" in options, f"{verb} {leaf.name}"


def test_extras_are_those_the_readme_promises() -> None:
    """The extras of the project file are device, hub, lab, audit, ray, dev, and the policy they share."""
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    parts = {"policy", "lab-code", "lab-data"}  # what extras are made of
    assert set(project["optional-dependencies"]) - parts == {"device", "hub", "lab", "audit", "ray", "dev"}
    assert "torch>=2.6" in project["optional-dependencies"]["lab-code"]


def test_the_log_is_dated() -> None:
    """Every section of the log of experiments starts with a date."""
    sections = re.findall(r"^## (.+)$", (REPO / "docs/log.md").read_text(), re.MULTILINE)
    assert sections
    assert [title for title in sections if not re.match(r"20\d\d-\d\d-\d\d", title)] == []
