"""A participant with a hub in memory, and their desk in a client that has passed the door."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from witting.device.desk.app import create_desk
from witting.device.desk.config import DeskConfig
from witting.device.desk.door import Door
from witting.testing.participant import Participant

HOST = "http://127.0.0.1:9000"


@pytest.fixture
def person(tmp_path: Path) -> Participant:
    """Return a device without anything and a hub with the example programme."""
    return Participant(tmp_path / "data")


@pytest.fixture
def door() -> Door:
    """Return the secrets of one running desk."""
    return Door()


@pytest.fixture
def desk(person: Participant, door: Door) -> Litestar:
    """Return the participant's desk."""
    return create_desk(DeskConfig(person.data_dir, open_hub=lambda _: person.hub.client()), door=door)


@pytest.fixture
def browser(desk: Litestar, door: Door) -> Iterator[TestClient[Any]]:
    """Return a client that has opened the address with its token."""
    with TestClient(desk, base_url=HOST) as client:
        client.get("/static/style.css", params={"token": door.token})
        yield client


Post = Callable[..., Any]


@pytest.fixture
def post(browser: TestClient[Any], door: Door) -> Post:
    """Return a function that posts a form as the desk's own page would."""

    def send(path: str, **fields: object) -> Any:
        return browser.post(path, data={"_form": door.form_token(path), **fields}, headers={"origin": HOST})

    return send
