"""MkDocs hooks: pages made from the code, so that they can't drift from it."""

import ast
import tomllib
from pathlib import Path

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

_PROMISES = (
    "What witting promises to the people recorded, and the tests that would fail if it were broken. "
    "`tests/unit/test_promises.py` checks this list both ways."
)
_HELP_WIDTH = 78
STREAMS_MARK, FIELDS_MARK = "<!-- table of streams by platform -->", "<!-- table of what is recorded -->"
ROOT = Path(__file__).resolve().parent.parent


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    pages = {"fields.md": fields_page(), "promises.md": promises_page(), "cli.md": cli_page(), "decisions/index.md": decisions_page()}
    for path, text in pages.items():
        files.append(File.generated(config, path, content=text))
    return files


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put tables made from code in the place of their marks."""
    return markdown.replace(STREAMS_MARK, streams_table()).replace(FIELDS_MARK, recorded_table())


def streams_table() -> str:
    """Return how each stream stands on each platform, from `device.capture.portable`."""
    from witting.consent.notice import KINDS
    from witting.device.capture.portable import PLATFORMS, standings
    from witting.terms.events import STREAMS

    lines = ["| stream | what people read | " + " | ".join(PLATFORMS) + " |", "|---" * (2 + len(PLATFORMS)) + "|"]
    lines += [f"| `{stream}` | {KINDS[stream]} | {' | '.join(standings(stream)[one] for one in PLATFORMS)} |" for stream in STREAMS]
    return "\n".join(lines)


def recorded_table() -> str:
    """Return what of each stream is recorded, from `terms/fields.toml`."""
    from witting.terms.events import STREAMS
    from witting.terms.fields import load_fields

    lines = ["| stream | record | what it holds |", "|---|---|---|"]
    for stream in STREAMS:
        fields = [field for field in load_fields() if field.stream == stream]
        for record in dict.fromkeys(field.record for field in fields):
            held = "; ".join(field.meaning for field in fields if field.record == record)
            lines.append(f"| `{stream}` | {record} | {_cell(held)} |")
    return "\n".join(lines)


def fields_page() -> str:
    """Return every recorded field, from `terms/fields.toml`."""
    from witting.terms.fields import load_fields

    lines = [
        "# Fields",
        "",
        "Every field that a recording can hold, declared once in `src/witting/terms/fields.toml`; the notice is made from the same file.",
        "",
    ]
    lines += ["| record | field | stream | what it is | why | sensitivity | redaction | kept |", "|---|---|---|---|---|---|---|---|"]
    for field in load_fields():
        cells = (field.record, field.name, field.stream, field.meaning, field.why, field.sensitivity, field.redaction, field.retention)
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def promises_page() -> str:
    """Return each promise with the tests that show it, kept or not yet."""
    promises = tomllib.loads((ROOT / "docs/promises.toml").read_text())["promise"]
    marks = promise_marks(ROOT / "tests")
    lines = [
        "# Promises",
        "",
        _PROMISES,
        "",
    ]
    lines += ["| | promise | kept | shown by |", "|---|---|---|---|"]
    for row in promises:
        state = {True: "yes", False: "**not yet**", "partly": "in part"}[row["kept"]]
        tests = "<br>".join(f"`{test}`" for test in sorted(marks.get(row["id"], ()))) or "none"
        note = f"<br>*{_cell(row['note'])}*" if row.get("note") else ""
        lines.append(f"| {row['id']} | {_cell(row['text'])} | {state}{note} | {tests} |")
    return "\n".join(lines) + "\n"


def promise_marks(tests: Path) -> dict[str, set[str]]:
    """Return promise id → `file::test` for each `@pytest.mark.promise("P…")` below `tests`."""
    found: dict[str, set[str]] = {}
    for path in sorted(tests.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            for decorator in getattr(node, "decorator_list", ()):
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.promise":
                    for argument in decorator.args:
                        found.setdefault(ast.literal_eval(argument), set()).add(f"{path.relative_to(tests.parent)}::{node.name}")
    return found


def cli_page() -> str:
    """Return the help of every verb, as a terminal of 80 columns shows it."""
    from witting.cli.tree import witting

    lines = [
        "# Command line",
        "",
        "Every verb takes `--json`. An error is one line that says what happened and one that says what to do.",
        "",
    ]
    context = click.Context(witting, info_name="witting", terminal_width=_HELP_WIDTH)
    lines += ["```text", witting.get_help(context), "```", ""]
    for name in witting.list_commands(context):
        command = witting.get_command(context, name)
        if command is None:
            continue
        lines += [f"## witting {name}", "", *_help(command, f"witting {name}")]
        for sub, child in getattr(command, "commands", {}).items():
            lines += _help(child, f"witting {name} {sub}")
    return "\n".join(lines) + "\n"


def _help(command: click.Command, name: str) -> list[str]:
    return ["```text", command.get_help(click.Context(command, info_name=name, terminal_width=_HELP_WIDTH)), "```", ""]


def decisions_page() -> str:
    """Return the list of decisions."""
    lines = ["# Decisions", ""]
    for path in sorted((ROOT / "docs/decisions").glob("[0-9]*.md")):
        title = path.read_text().splitlines()[0].lstrip("# ")
        lines.append(f"- [{title}]({path.name})")
    return "\n".join(lines) + "\n"
