"""What the pages tell a reader to type exists: verbs, sub-verbs, options, make targets; and what README points to is there."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from witting.cli.tree import witting as tree

REPO = Path(__file__).resolve().parents[2]
PAGES = [
    *sorted((REPO / "docs").rglob("*.md")),
    *(REPO / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "bench/README.md")),
]
SOURCES = sorted(path for path in (REPO / "src").rglob("*") if path.suffix in {".py", ".j2", ".toml"})
TARGETS = set(re.findall(r"^([a-z-]+):", (REPO / "Makefile").read_text(), re.MULTILINE))
CPU_INDEX = "PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu"
_NOT_GIVEN = {"None", "()", "[]", "Sentinel.UNSET"}  # what click's parser leaves for an argument that isn't there
_FENCE = re.compile(r"^[ >]*```\w*\n(.*?)^[ >]*```", re.DOTALL | re.MULTILINE)


def _fenced(text: str) -> Iterator[str]:
    """Yield the lines of a page's code blocks, without comments."""
    for block in _FENCE.findall(text):
        for line in block.splitlines():
            yield re.sub(r"\s+#.*", "", line.lstrip(" >$")).strip()


def _inline(text: str) -> Iterator[str]:
    """Yield a page's code spans."""
    yield from re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))
    yield from re.findall(r"<code>([^<]+)</code>", text)


def _calls(lines: Iterator[str]) -> Iterator[list[str]]:
    """Yield the words of each call of witting, alternatives (`a | b`) as calls of their own."""
    for line in lines:
        found = re.match(r"(?:\S+=\S+ )*(?:\.venv/bin/)?witting ([a-z-].*)$", line)
        if found is None:
            continue
        words = [word for word in shlex.split(re.sub(r"\{[^}]*\}+|⟨[^⟩]*⟩", "X", found[1]).rstrip("…")) if word != "…"]
        if "|" in words:
            first = words.index("|")
            yield from ([*words[: first - 1], word] for word in words[first - 1 :] if word != "|")
        else:
            yield words


def problem(words: list[str], *, is_whole: bool) -> str:
    """Return what is wrong with a call as a page tells it, empty when nothing is; a whole one has its arguments too."""
    command: click.Command = tree
    context = click.Context(tree, info_name="witting")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        found = command.get_command(context, name)
        if found is None:
            return f"{context.command_path} has no {name}"
        command, context = found, click.Context(found, parent=context, info_name=name)
    if isinstance(command, click.Group) and is_whole and not words and not command.invoke_without_command:
        return f"{context.command_path} needs a sub-verb"
    try:
        given, rest, _ = command.make_parser(context).parse_args([word for word in words if not re.fullmatch(r"[\w-]+=FOLDER", word)])
    except click.UsageError as error:
        return "" if not is_whole and "requires an argument" in str(error) else str(error)
    required = [one.name for one in command.params if one.required and repr(given.get(one.name)) in _NOT_GIVEN]
    if rest and not command.allow_extra_args:
        return f"takes no {rest}"
    return f"lacks {required}" if is_whole and required else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(REPO)))
def test_what_a_page_says_to_type_works(page: Path) -> None:
    """Every call of witting on a page names a verb that exists, options that it takes, and in code blocks all that it needs."""
    text = page.read_text()
    wrong = {" ".join(call): problem(call, is_whole=True) for call in _calls(_fenced(text))}
    wrong |= {" ".join(call): problem(call, is_whole=False) for call in _calls(_inline(text))}
    assert {call: why for call, why in wrong.items() if why} == {}


def test_what_witting_itself_says_to_type_works() -> None:
    """Hints, pages and help of the program name only calls that exist, too."""
    wrong = {}
    for path in SOURCES:
        for call in _calls(_inline(path.read_text())):
            if why := problem(call, is_whole=False):
                wrong[f"{path.relative_to(REPO)}: witting {' '.join(call)}"] = why
    assert wrong == {}


def test_pages_are_really_read() -> None:
    """The pages hold many calls; a pattern that finds none would pass everything."""
    fenced = [call for page in PAGES for call in _calls(_fenced(page.read_text()))]
    inline = [call for path in (*PAGES, *SOURCES) for call in _calls(_inline(path.read_text()))]
    assert len(fenced) >= 25
    assert len(inline) >= 60
    assert ["audit", "scan"] in inline


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("recrd", "has no recrd"),
        ("hub int", "has no int"),
        ("hub", "needs a sub-verb"),
        ("upload --quick", "no such option"),
        ("upload --dry-run=yes", "does not take a value"),
        ("drop", "lacks"),
        ("pause now", "takes no"),
        ("train OUT POLICY --seed", "requires an argument"),
        ("dataset build P OUT", "lacks ['purpose']"),
    ],
)
def test_a_call_that_does_not_exist_is_found(call: str, why: str) -> None:
    """The check itself sees a wrong verb, sub-verb, option, value and argument."""
    assert why in problem(call.split(), is_whole=True).lower()


@pytest.mark.parametrize("page", [*PAGES, REPO / "deploy/setup.sh"], ids=lambda path: str(path.relative_to(REPO)))
def test_make_targets_exist(page: Path) -> None:
    """Each `make X` on a page is a target of the Makefile, and each benchmark has its file."""
    text = page.read_text()
    lines = [*_fenced(text), *_inline(text)] if page.suffix == ".md" else re.findall(r"whl/cpu (make .*)\"", text)
    named = {target for line in lines for target in re.findall(r"(?:^|\s)make ([a-z][a-zA-Z-]*)", line)}
    benches = {target for target in named if target.startswith("bench-")}
    assert named - benches <= TARGETS
    assert [name for name in benches - {"bench-NAME"} if not (REPO / "bench" / f"bench_{name[6:]}.py").is_file()] == []


@pytest.mark.parametrize("page", [path for path in PAGES if path.parent == REPO], ids=lambda path: path.name)
def test_links_of_the_front_pages_resolve(page: Path) -> None:
    """Each relative link and picture of a page outside the site points to a file or folder that is there, and each anchor to a heading."""
    for target in re.findall(r"\]\(([^)\s]+)\)", _FENCE.sub("", page.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = page.parent / name if name else page
        assert path.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}, target
        if path.suffix == ".png":
            assert path.read_bytes().startswith(b"\x89PNG\r\n"), target


def test_readme_shows_its_picture_and_both_commands() -> None:
    """A stranger finds the two commands and a picture of what a participant sees."""
    text = (REPO / "README.md").read_text()
    assert {"make demo", "make test"} <= set(_fenced(text))
    assert "](docs/images/review.png)" in text


@pytest.mark.parametrize("name", ["README.md", "docs/quickstart.md", "docs/how-to/researcher.md", "deploy/setup.sh"])
def test_the_small_torch_is_told_the_same_everywhere(name: str) -> None:
    """README, quickstart and how-to give the index of torch's CPU build as the set-up itself prints it."""
    assert CPU_INDEX in (REPO / name).read_text()


def test_the_site_holds_pages_and_pictures_alone(tmp_path: Path) -> None:
    """Neither scripts nor their caches nor data files get into the site, even when they lie in the folder of pages."""
    from mkdocs.config import load_config
    from mkdocs.structure.files import get_files, set_exclusions

    docs = tmp_path / "docs"
    shutil.copytree(REPO / "docs", docs, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in (docs, docs / "how-to"):
        (folder / "__pycache__").mkdir()
        (folder / "__pycache__" / "hooks.cpython-311.pyc").write_bytes(b"x")
    config = load_config(str(REPO / "mkdocs.yml"), docs_dir=str(docs), hooks=[], theme={"name": "mkdocs"})
    files = get_files(config)
    set_exclusions(files, config)
    included = {file.src_uri for file in files if file.inclusion.is_included()}
    assert {Path(name).suffix for name in included} == {".md", ".png", ".svg"}
    assert "how-to/participant.md" in included
