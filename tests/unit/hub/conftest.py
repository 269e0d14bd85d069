"""Fixtures: hubs in fresh folders, each with a clock that stands still."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_ground import Ground, example_programme
from litestar.testing import TestClient

from witting.hub.app import create_app
from witting.hub.config import HubConfig
from witting.hub.programmes import add_programme
from witting.hub.setup import init_hub
from witting.terms.programme import Programme
from witting.testing.clock import FakeClock


@pytest.fixture
def make_ground(tmp_path: Path) -> Iterator[Callable[..., Ground]]:
    """Make grounds, each in a folder of its own; closed when the test ends."""
    made: list[Ground] = []

    def make(*, programme: Programme | None = None, **settings: Any) -> Ground:
        config = HubConfig(data_dir=tmp_path / f"hub-{len(made)}", public_url="http://127.0.0.1", **settings)
        init_hub(config)
        clock = FakeClock()
        app = create_app(config, clock=clock)
        client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
        client.__enter__()
        ground = Ground(config=config, clock=clock, hub=app.state.hub, client=client, programme=programme or example_programme())
        made.append(ground)
        add_programme(ground.hub, ground.programme)
        return ground

    yield make
    for ground in made:
        ground.client.__exit__(None, None, None)


@pytest.fixture
def ground(make_ground: Callable[..., Ground]) -> Ground:
    """One hub with the example programme in force."""
    return make_ground()
