"""Writes `report.html` (one file, pictures inside) and `report.json` from what the stage holds."""

import base64
import platform
from pathlib import Path

import jinja2
import msgspec

from witting.demo.stage import Picture, Stage


def write_report(stage: Stage, *, summary: str, learning_text: str, plots: list[Picture], how_to_open: str) -> Path:
    """Write both reports below `stage.out` and return the path of the HTML one."""
    environment = jinja2.Environment(loader=jinja2.PackageLoader("witting.demo"), autoescape=True, undefined=jinja2.StrictUndefined)
    failed = [check.name for check in stage.checks if not check.holds]
    html = environment.get_template("report.html.j2").render(
        summary=summary,
        learning_text=learning_text,
        checks=stage.checks,
        failed=failed,
        all_hold=not failed,
        plots=[_embedded(picture) for picture in plots],
        pictures=[_embedded(picture) for picture in stage.pictures if picture.path.exists()],
        tables=stage.tables,
        figures=[{"name": f.name, "shown": _shown(f.value), "unit": f.unit, "sense": f.sense} for f in stage.figures],
        machine=f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        how_to_open=how_to_open,
        test_root="../",
    )
    path = stage.out / "report.html"
    path.write_text(html)
    data = {"checks": stage.checks, "figures": stage.figures, "seconds": stage.seconds}
    (stage.out / "report.json").write_bytes(msgspec.json.format(msgspec.json.encode(data), indent=1) + b"\n")
    return path


def _embedded(picture: Picture) -> dict[str, str]:
    data = base64.b64encode(picture.path.read_bytes()).decode()
    return {"title": picture.title, "caption": picture.caption, "test": picture.test, "data": f"data:image/png;base64,{data}"}


def _shown(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"  # noqa: PLR2004 - three digits say enough
