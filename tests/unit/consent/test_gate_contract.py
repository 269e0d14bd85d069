"""Every place in the code that writes something down either asks the gate first, by a chain of calls that is checked, or holds no item."""

import ast
import inspect
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

import witting
from witting.consent import gate
from witting.lab.exporting import FORMATS
from witting.terms.consent import ConsentReceipt, GateQuestion

ROOT = Path(witting.__file__).parent
TABLE: Mapping[str, Mapping[str, str]] = tomllib.loads(Path(__file__).with_name("gate_contract.toml").read_text("utf-8"))
ROOMS = ("device", "hub", "lab", "policy", "audit", "cli", "assist", "insight")
WRITERS = frozenset({
    "write_bytes", "write_text", "write_private", "write_fragment", "open_session", "insert", "SealedWriter", "save_file", "ParquetWriter",
    "export_policy", "write_dataset", "commit",
})  # fmt: skip
OPENERS = frozenset({"open", "fdopen"})


def called(node: ast.AST) -> str:
    """Return the last name of what is called, empty when it has none."""
    func = node.func if isinstance(node, ast.Call) else None
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def writes(node: ast.AST) -> bool:
    """Whether a node is a call that puts bytes or rows somewhere."""
    if not isinstance(node, ast.Call):
        return False
    name = called(node)
    if name in OPENERS:
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        return any(isinstance(one, ast.Constant) and str(one.value) in {"w", "wb", "x", "xb", "a", "ab"} for one in given)
    if name in {"put", "write"}:
        return isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) in {"obstore", "os"}
    return name in WRITERS


def functions(tree: ast.AST, inside: tuple[str, ...] = ()) -> Iterator[tuple[str, ast.AST]]:
    """Yield each function of a module by its dotted name."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield ".".join((*inside, child.name)), child
        elif isinstance(child, ast.ClassDef):
            yield from functions(child, (*inside, child.name))


@cache
def module(path: str) -> dict[str, ast.AST]:
    """Return the functions of a module of ours by name."""
    return dict(functions(ast.parse((ROOT / path).read_text("utf-8"))))


def found_writers(source: str) -> list[str]:
    """Return the functions of a module's text that write."""
    return [name for name, node in functions(ast.parse(source)) if any(map(writes, ast.walk(node)))]


def all_writers() -> list[str]:
    """Return every function in the rooms that handle recordings that writes, as `path::name`."""
    files = [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))]
    return [f"{file.relative_to(ROOT)}::{name}" for file in files for name in found_writers(file.read_text("utf-8"))]


def names_in(place: str) -> set[str]:
    """Return the names that a function mentions; of a class those of its constructor."""
    path, _, name = place.partition("::")
    known = module(path)
    assert name in known, f"{place} isn't there any more"
    nodes = list(ast.walk(known[name]))
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def test_every_writer_is_in_the_table() -> None:
    """A function that begins to write fails here until it is said how it asks the gate, or why it needn't; one that ended is taken out."""
    known = [*TABLE["asks"], *TABLE["needs_not"]]
    assert sorted(set(all_writers()) - set(known)) == []
    assert sorted(set(known) - set(all_writers())) == []
    assert len(known) == len(set(known))
    assert all(len(reason) > 20 for reason in TABLE["needs_not"].values())


@pytest.mark.promise("P1")
@pytest.mark.parametrize("writer", TABLE["asks"])
def test_a_writer_asks_the_gate(writer: str) -> None:
    """Each hop of the chain that the table names is in the code: whoever leads to the writer asks somebody who asks the gate."""
    hops = [writer, *TABLE["asks"][writer].split(" > ")]
    hops = [part for hop in hops for part in TABLE["chains"].get(hop, hop).split(" > ")]
    assert hops[-1] == "consent/gate.py::decide"
    asker = next(number for number, hop in enumerate(hops[1:], 1) if not hop.startswith("by "))
    leading = [hop.removeprefix("by ") for hop in hops[:asker]]
    for callee, caller in pairwise(leading):
        assert last(callee) in names_in(caller) or is_format(caller, callee), f"{caller} doesn't lead to {callee}"
    for caller, callee in pairwise([leading[-1], *hops[asker:]]):
        assert last(callee) in names_in(caller), f"{caller} doesn't ask {callee}"


def is_format(caller: str, callee: str) -> bool:
    """Whether the export finds a writer by its name in the table of formats."""
    path, _, name = callee.partition("::")
    known = {(f"lab/exporting/{room}.py", function) for room, function, _ in FORMATS.values()}
    return caller == "lab/exporting/formats.py::export" and (path, name) in known


def last(place: str) -> str:
    """Return the name by which a function is called; a class by its own."""
    name = place.removeprefix("by ").partition("::")[2].removesuffix(".__init__")
    return name.rpartition(".")[2]


@pytest.mark.parametrize(
    "line",
    ["path.write_bytes(data)", "connection.execute(insert(schema.session).values(x=1))", "open(path, 'ab')", "spool.open_session(header)"],
)
def test_a_new_writer_would_be_seen(line: str) -> None:
    """The walk sees a function that writes in any of these ways, also inside a class, and none that only reads."""
    assert found_writers(f"def leak(path, data):\n    {line}\n") == ["leak"]
    assert found_writers(f"class A:\n    def leak(self, path, data):\n        {line}\n") == ["A.leak"]
    assert found_writers("def look(path):\n    return open(path, 'rb').read()\n") == []


def test_an_asker_that_stops_asking_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the gate's name taken out of one hop the chain is broken."""
    place = "device/sending.py::_check_consent"
    assert "decide_purpose" in names_in(place)
    gone = dict(functions(ast.parse("def _check_consent(enrolment, header):\n    return None\n")))
    monkeypatch.setitem(globals(), "module", lambda _path: gone)
    assert "decide_purpose" not in names_in(place)


@pytest.mark.promise("P3")
def test_the_gate_knows_nobody() -> None:
    """Receipts, programme and question are all it is given; no role, grade, name, manager or team is in them; it loads nothing else."""
    assert list(inspect.signature(gate.decide).parameters) == ["receipts", "programme", "question"]
    fields = {*ConsentReceipt.__struct_fields__, *GateQuestion.__struct_fields__}
    assert fields & {"role", "grade", "name", "title", "rank", "team", "manager", "department", "email", "age", "salary"} == set()
    imported = {node.module for node in ast.walk(ast.parse(inspect.getsource(gate))) if isinstance(node, ast.ImportFrom)}
    assert imported == {
        "bisect", "collections.abc", "datetime", "functools", "typing", "witting.consent.packs.validity",
        "witting.consent.programme", "witting.terms.consent",
        "witting.terms.events", "witting.terms.programme",
    }  # fmt: skip
