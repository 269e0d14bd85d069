"""A hub whose programme asks for figures about groups, and groups of synthetic people who lend for them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec
from hub_ground import Ground, example_programme
from litestar.testing import TestClient

from witting.hub.app import create_app
from witting.hub.config import HubConfig
from witting.hub.programmes import add_programme
from witting.hub.setup import init_hub
from witting.terms.hub import ParcelAnswer
from witting.terms.programme import Insight, Programme, Purpose
from witting.testing.clock import FakeClock
from witting.testing.group_people import Worker
from witting.testing.sender import Sender, everything

PURPOSE = Purpose(
    "group_figures",
    "Figures about groups",
    "We count which ways are common, so that we see what to mend.",
    ("pointer", "keys", "windows", "pages", "ui_tree"),
    for_groups=True,
)


def group_programme(insight: Insight | None = None) -> Programme:
    """Return the example programme with figures about groups."""
    programme = example_programme()
    changed = msgspec.structs.replace(programme, purposes=(*programme.purposes, PURPOSE))
    return changed if insight is None else msgspec.structs.replace(changed, insight=insight)


def lend(ground: Ground, worker: Worker, *, person: Sender | None = None, purposes: Sequence[str] = (PURPOSE.id,)) -> Sender:
    """Have a worker join, for the figures only, and send one session; return who they are to the hub."""
    grants = [grant for grant in everything(ground.programme) if grant.purpose in purposes]
    somebody = person or ground.lender(grants=grants)
    records = worker.session(header=somebody.header(recorded_at=ground.now(), purposes=purposes))
    parcel, objects = somebody.pack(records, at=ground.now(), per_object=10_000)
    response = ground.send(somebody, parcel, objects)
    assert response.status_code == 200, response.text
    assert msgspec.json.decode(response.content, type=ParcelAnswer).session_id
    return somebody


@contextmanager
def opened(config: HubConfig, programme: Programme) -> Iterator[Ground]:
    """Serve the hub of a folder, made if there is none, with a programme in force; its clock stands still."""
    if not (config.data_dir / "hub.toml").exists():
        init_hub(config)
    clock = FakeClock()
    app = create_app(config, clock=clock)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        ground = Ground(config=config, clock=clock, hub=app.state.hub, client=client, programme=programme)
        add_programme(ground.hub, programme)
        yield ground
