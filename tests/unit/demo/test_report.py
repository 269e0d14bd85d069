"""The report says what failed, escapes what it shows, and carries its pictures inside."""

import json
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from witting.demo.plots import Bar, plot_curve, plot_success
from witting.demo.report import write_report
from witting.demo.running import run_verb
from witting.demo.stage import CheckFailedError, Picture, Stage, Table


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Return a stage that tells into the void."""
    return Stage(tmp_path, Console(quiet=True))


def _write(stage: Stage, plots: list[Picture] | None = None) -> str:
    return write_report(stage, summary="Six people.", learning_text="It learnt.", plots=plots or [], how_to_open="witting desk").read_text()


def test_a_failed_check_is_named_at_the_top(stage: Stage) -> None:
    """The verdict names each check that doesn't hold."""
    stage.check("no event was lost", holds=False, evidence="3 of 20")
    stage.check("the log verifies", holds=True, evidence="12 entries")
    html = _write(stage)
    assert "1 of 2 checks failed: no event was lost" in html
    data = json.loads((stage.out / "report.json").read_text())
    assert [check["holds"] for check in data["checks"]] == [False, True]


def test_evidence_is_text_and_never_markup(stage: Stage) -> None:
    """What a check found can't become part of the page."""
    stage.check("escaping", holds=True, evidence="<script>alert(1)</script>")
    stage.tables.append(Table("t", ("c",), (("<b>x</b>",),)))
    html = _write(stage)
    assert "<script>alert" not in html
    assert "<b>x</b>" not in html


def test_figures_carry_unit_sense_and_bar(stage: Stage) -> None:
    """Each figure of the report's data says what it is held against."""
    stage.figure("events lost", 0, unit="events", sense="lower", bar=0)
    _write(stage)
    (figure,) = json.loads((stage.out / "report.json").read_text())["figures"]
    assert (figure["name"], figure["value"], figure["unit"], figure["sense"], figure["bar"]) == ("events lost", 0, "events", "lower", 0)


def test_plots_are_drawn_and_embedded(stage: Stage) -> None:
    """Both plots are real pictures, inside the one file."""
    half = Bar(0.5, 0.4, 0.6)
    plot_success(stage.out / "s.png", tasks=["a", "b"], agents={"trained": [half, half], "random": [Bar(0, 0, 0.1)] * 2})
    plot_curve(stage.out / "c.png", points=[(5, half), (50, Bar(0.9, 0.8, 0.95))], controls={"random": 0.05})
    for name in ("s.png", "c.png"):
        with Image.open(stage.out / name) as picture:
            assert picture.width > 800
    html = _write(stage, [Picture("p", stage.out / "s.png", "c"), Picture("q", stage.out / "c.png", "c")])
    assert html.count("data:image/png;base64,") == 2
    assert "http" not in html.replace("http://www.w3.org", "")


def test_a_verb_that_fails_stops_the_story_by_name(tmp_path: Path) -> None:
    """A verb's failure names the verb and what it said, and its output is in the log."""
    with pytest.raises(CheckFailedError, match="witting programme check"):
        run_verb(["programme", "check", str(tmp_path / "none.toml")], log=tmp_path / "log" / "x.log")
    assert "programme check" in (tmp_path / "log" / "x.log").read_text()
    told = run_verb(["programme", "check", str(tmp_path / "none.toml")], log=tmp_path / "log" / "x.log", may_fail=True)
    assert told["exit_code"] == 2
