"""`witting routines`, as people and as programs read it, and the desk page that shows the same."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assist_ground import record_orders
from litestar.testing import TestClient

from witting.cli import main
from witting.device.desk.app import create_desk
from witting.device.desk.config import DeskConfig
from witting.device.desk.door import Door
from witting.testing.participant import Participant

HOST = "http://127.0.0.1:9000"
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Participant:
    """Return somebody who joined and entered orders."""
    made = Participant(tmp_path / "data")
    record_orders(made.join(), 3)
    monkeypatch.setenv("WITTING_HOME", str(made.data_dir))
    return made


@pytest.fixture
def say(person: Participant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run `witting routines` with some words; returns exit code, output, errors."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["witting", "routines", *words])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        return code, *capsys.readouterr()

    return run


def test_the_list_says_how_often_and_how_long(say: Say) -> None:
    """One line a routine; --json says the same to programs."""
    code, out, _ = say()
    assert code == 0
    assert "12 times" in out
    (one,) = json.loads(say("--json")[1])["routines"]
    assert (one["times"], one["sessions"], len(one["steps"])) == (12, 3, 5)


def test_the_whole_life_of_a_routine(say: Say, tmp_path: Path) -> None:
    """Shown, named, shortened, exported, forbidden, allowed, forgotten: each by its verb."""
    (one,) = json.loads(say("--json")[1])["routines"]
    name = one["routine_id"][:6]
    assert "Save order" in say("show", name)[1]
    assert say("name", name, "Orders")[0] == 0
    assert json.loads(say("show", name, "--json")[1])["title"] == "Orders"
    assert say("leave-out", name, "1")[0] == 0
    assert len(json.loads(say("show", name, "--json")[1])["steps"]) == 4
    code, text, _ = say("export", name)
    assert code == 0
    assert "title: Orders" in text
    out = tmp_path / "orders.py"
    assert say("export", name, "--as", "playwright", "--start", "https://desk.example.org/orders", "--out", str(out))[0] == 0
    compile(out.read_text(), "orders.py", "exec")
    assert say("export", name, "--out", str(out))[0] == 2
    assert say("export", name, "--as", "playwright")[0] == 2
    assert say("forbid", name)[0] == 0
    assert json.loads(say("--json")[1])["routines"] == []
    assert len(json.loads(say("--all", "--json")[1])["routines"]) == 1
    assert say("forbid", name, "--undo")[0] == 0
    assert json.loads(say("forget", "--json")[1]) == {"erased": True}
    assert len(json.loads(say("show", name, "--json")[1])["steps"]) == 5


@pytest.mark.parametrize("words", [("show", "zz"), ("name", "zz", "x"), ("forbid", "zz"), ("leave-out", "zz", "1"), ("export", "zz")])
def test_an_unknown_routine_gets_one_line(say: Say, words: tuple[str, ...]) -> None:
    """What happened and what to do, exit status 2, no traceback."""
    code, _, err = say(*words)
    assert code == 2
    assert err.splitlines()[0].startswith("witting: error: no routine begins with")
    assert "hint:" in err


@pytest.fixture
def page(person: Participant) -> Any:
    """Return a function that opens and posts on the person's desk."""
    door = Door()
    app = create_desk(DeskConfig(person.data_dir, open_hub=lambda _: person.hub.client()), door=door)
    with TestClient(app, base_url=HOST) as client:
        client.get("/static/style.css", params={"token": door.token})

        def send(path: str, **fields: str) -> Any:
            if not fields:
                return client.get(path)
            return client.post(path, data={"_form": door.form_token(path), **fields}, headers={"origin": HOST})

        yield send


def test_the_page_shows_steps_and_takes_names(page: Any, say: Say) -> None:
    """The page says what the verb says; naming, shortening, forbidding and erasing work from it; the script downloads."""
    (one,) = json.loads(say("--json")[1])["routines"]
    base = f"/routines/{one['routine_id']}"
    text = page("/routines").text
    assert "12 times in 3 recordings" in text
    assert "covered here; asked each time, never kept" in text
    assert "has your name" in page(f"{base}/name", title="<b>Orders</b>").text
    assert "&lt;b&gt;Orders" in page("/routines").text
    assert "out of the routine" in page(f"{base}/shorten", step="1").text
    assert page(f"{base}/shorten", step="none").status_code == 400
    script = page(f"{base}/script")
    assert script.headers["content-disposition"] == f'attachment; filename="routine-{one["routine_id"]}.yaml"'
    assert "Allow it again" in page(f"{base}/forbid", allow="no").text
    assert "allowed again" in page(f"{base}/forbid", allow="yes").text
    assert "Erased" in page("/routines/forget", yes="1").text
    assert page("/routines/zzzz/script").status_code == 400
    assert page("/routines/tips/dismiss", tip="none").status_code == 400


def test_without_help_the_page_says_what_is_missing(tmp_path: Path) -> None:
    """Somebody who didn't opt in to help sees why the page is empty, and how to change it."""
    from witting.device.enrolment import offered_grants, start_join
    from witting.testing.participant import LINK

    made = Participant(tmp_path / "data")
    enrolment = start_join(LINK, made.data_dir, hub=made.hub.client())
    desk = enrolment.programme.desk_purposes
    enrolment.give_consent([grant for grant in offered_grants(enrolment.programme) if grant.purpose not in desk], hub=made.hub.client())
    door = Door()
    with TestClient(create_desk(DeskConfig(made.data_dir), door=door), base_url=HOST) as client:
        client.get("/static/style.css", params={"token": door.token})
        assert "opt in to help" in client.get("/routines").text
