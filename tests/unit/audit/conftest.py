"""A real hub in a fresh folder, with people who lend to it."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from lent_hub import LentHub
from litestar.testing import TestClient

from witting.consent.programme import read_programme
from witting.hub.app import create_app
from witting.hub.config import HubConfig
from witting.hub.programmes import add_programme
from witting.hub.setup import init_hub
from witting.testing.clock import FakeClock
from witting.testing.sample_session import SITE


@pytest.fixture
def lent_hub(tmp_path: Path) -> Iterator[LentHub]:
    """A hub with the example programme in force."""
    config = HubConfig(data_dir=tmp_path / "hub", public_url="http://127.0.0.1")
    init_hub(config)
    clock = FakeClock()
    programme = read_programme(
        files("witting.consent").joinpath("example.toml").read_text("utf-8").replace("https://forms.example.org", SITE)
    )
    with TestClient(create_app(config, clock=clock), base_url="http://127.0.0.1") as client:
        add_programme(client.app.state.hub, programme)
        yield LentHub(config.data_dir, client, clock)
