"""No claim without a test, no test marked for a claim that isn't there."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
FILE = REPO / "docs" / "promises.toml"
PROMISES = {row["id"]: row for row in tomllib.loads(FILE.read_text("utf-8"))["promise"]}


def marked(tests: Path) -> dict[str, set[str]]:
    """Return promise id → files with a test marked for it."""
    found: dict[str, set[str]] = {}
    for path in sorted(tests.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for mark in getattr(node, "decorator_list", ()):
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.promise":
                    for promise in mark.args:
                        found.setdefault(ast.literal_eval(promise), set()).add(str(path.relative_to(tests.parent)))
    return found


MARKS = marked(REPO / "tests")


def updated(text: str, marks: dict[str, set[str]]) -> str:
    """Return the list of promises with the test files that are marked for each."""

    def rewrite(row: re.Match[str]) -> str:
        files = "".join(f'  "{name}",\n' for name in sorted(marks.get(row[2], ())))
        return f"{row[1]}tests = [\n{files}]" if files else f"{row[1]}tests = []"

    return re.sub(r'(id = "(P\d+)"\n(?:(?!\[\[promise|tests = ).*\n)*)tests = \[[^\]]*\]', rewrite, text)


@pytest.mark.promise("P27")
def test_the_promises_are_all_there() -> None:
    """All thirty promises are listed, each once, in order, each with its words."""
    assert list(PROMISES) == [f"P{number}" for number in range(1, 31)]
    assert [row["id"] for row in PROMISES.values() if len(row["text"]) < 20] == []


@pytest.mark.promise("P27")
def test_no_test_is_marked_for_a_promise_that_is_not_there() -> None:
    """Every mark names a promise of the list."""
    assert set(MARKS) - set(PROMISES) == set()


@pytest.mark.promise("P27")
@pytest.mark.parametrize("promise", PROMISES)
def test_the_list_names_the_tests_that_there_are(promise: str) -> None:
    """The files listed for a promise are those with a test marked for it; `python tests/unit/test_promises.py` writes them anew."""
    assert sorted(PROMISES[promise]["tests"]) == sorted(MARKS.get(promise, ()))


@pytest.mark.promise("P27")
@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_is_only_called_kept_when_a_test_shows_it(promise: str) -> None:
    """Kept, wholly or in part, means that a test shows it; whatever isn't wholly kept says what is missing."""
    row = PROMISES[promise]
    assert row["kept"] in {True, False, "partly"}
    assert bool(row["tests"]) is (row["kept"] is not False), (
        "a promise with tests is kept at least partly; set `kept` in docs/promises.toml"
    )
    assert bool(row.get("note")) is (row["kept"] is not True), "a note says what is missing, and only then"


def test_marks_are_found_wherever_they_stand(tmp_path: Path) -> None:
    """The search that this rests on sees several marks on one test, marks on classes and async tests, and no other marks."""
    folder = tmp_path / "tests" / "unit"
    folder.mkdir(parents=True)
    (folder / "test_x.py").write_text(
        'import pytest\n@pytest.mark.promise("P1")\n@pytest.mark.promise("P2", "P3")\n@pytest.mark.e2e\nasync def test_a(): ...\n'
        '@pytest.mark.promise("P4")\nclass TestB: ...\n@pytest.mark.other("P5")\ndef test_c(): ...\n'
    )
    assert marked(tmp_path / "tests") == {f"P{number}": {"tests/unit/test_x.py"} for number in range(1, 5)}


def test_updating_changes_the_lists_and_nothing_else() -> None:
    """Writing the lists anew replaces each list of tests, and an up-to-date file stays as it is."""
    text = '[[promise]]\nid = "P1"\ntext = "t"\ntests = []\n\n[[promise]]\nid = "P2"\ntests = [\n  "old",\n]\n'
    assert updated(text, {"P1": {"b", "a"}}) == text.replace("tests = []", 'tests = [\n  "a",\n  "b",\n]', 1).replace(
        '[\n  "old",\n]', "[]"
    )
    assert updated(FILE.read_text("utf-8"), {promise: set(row["tests"]) for promise, row in PROMISES.items()}) == FILE.read_text("utf-8")


if __name__ == "__main__":
    FILE.write_text(updated(FILE.read_text("utf-8"), MARKS), "utf-8")
