"""Writes what a benchmark measured: a table to read and `bench/out/NAME.json` to compare."""

import importlib.metadata
import json
import os
import platform
from pathlib import Path

from rich.console import Console
from rich.table import Table

OUT = Path(__file__).resolve().parent / "out"
_VERSIONS = ("msgspec", "numpy", "torch", "onnxruntime", "xcffib", "pylance", "litestar", "playwright", "pynacl")


def machine() -> dict[str, object]:
    """Return what the figures depend on, without a name of the machine."""
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        model = next((line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")), "")
    return {
        "system": platform.system(),
        "arch": platform.machine(),
        "cores": os.cpu_count(),
        "cpu": model,
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Return the versions of what was measured."""
    found = {}
    for name in _VERSIONS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def write(name: str, figures: list[dict[str, object]]) -> Path:
    """Print `figures` and write them to `bench/out/NAME.json`.

    A figure is `{"name", "value", "unit", "sense": "lower"|"higher", "bar", "peer": {"name", "value"} | None, "runs"}`.
    """
    table = Table(title=f"bench {name}", title_justify="left")
    for column in ("figure", "value", "unit", "better", "bar", "peer", "peer value", "runs"):
        table.add_column(column)
    for figure in figures:
        peer = figure.get("peer") or {}
        assert isinstance(peer, dict)
        value, bar = figure["value"], "" if figure.get("bar") is None else str(figure["bar"])
        shown = f"{value:,.4g}" if isinstance(value, float) else str(value)
        table.add_row(
            str(figure["name"]), shown, str(figure.get("unit", "")), str(figure.get("sense", "")), bar,
            str(peer.get("name", "")), str(peer.get("value", "")), str(figure.get("runs", 1)),
        )  # fmt: skip
    Console(width=150).print(table)
    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / f"{name}.json"
    path.write_text(json.dumps({"machine": machine(), "versions": versions(), "figures": figures}, indent=1, ensure_ascii=False) + "\n")
    return path
