"""The same hub over PostgreSQL."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hub_process import HubProcess, session
from sqlalchemy import create_engine, text

from witting.hub.config import load_config
from witting.hub.database import open_engine
from witting.hub.log_store import SqlLogStore
from witting.hub.vault import Vault
from witting.ledger.log import check_store, verifier_key
from witting.terms.clock import rfc3339

pytestmark = pytest.mark.e2e


@pytest.fixture
def database_url(new_postgresql_database: Callable[[], str]) -> str:
    """Return the address of a fresh database."""
    return new_postgresql_database()


@pytest.fixture
def hub(tmp_path: Path, database_url: str) -> Iterator[HubProcess]:
    """A served hub whose tables are in PostgreSQL."""
    served = HubProcess(tmp_path / "hub", init_options=("--database-url", database_url))
    served.make()
    served.start()
    yield served
    served.stop()


@pytest.mark.promise("P13")
@pytest.mark.promise("P17")
def test_the_whole_way_in_and_out_over_postgresql(hub: HubProcess, database_url: str) -> None:
    """Consent, a sending cut by a kill, reading, leaving and the log's recomputation are the same over PostgreSQL."""
    now = rfc3339(datetime.now(UTC))
    person, other = hub.lender(now), hub.lender(now)
    records = session(person, now)
    parcel, objects = person.pack(records, at=now)
    hub.upload(person, parcel, objects, at=now)
    hub.kill()
    hub.start()
    hub.upload(person, parcel, objects, at=now)
    hub.upload(other, *other.pack(session(other, now), at=now), at=now)
    vault = Vault.open(hub.data_dir)
    assert list(vault.read(parcel.session_id)) == records
    admin = create_engine(database_url)
    with admin.connect() as connection:
        wrapped = bytes(
            connection.execute(text("SELECT wrapped FROM vault_key WHERE session_id = :id"), {"id": parcel.session_id}).scalar_one()
        )
    receipt = hub.leave(person, now)
    assert (receipt.sessions, receipt.keys_destroyed) == ((parcel.session_id,), 1)
    assert len(vault.catalogue("office-help")) == 1
    vault.close()
    with admin.connect() as connection:
        table = Path(connection.execute(text("SELECT current_setting('data_directory')")).scalar_one())
        file = table / connection.execute(text("SELECT pg_relation_filepath('vault_key')")).scalar_one()
    assert wrapped not in file.read_bytes()
    admin.dispose()
    verifier = verifier_key(person.offer.log_origin, person.offer.signing_key)
    engine = open_engine(load_config(hub.data_dir))
    with hub.client() as client, engine.connect() as connection:
        assert check_store(SqlLogStore(connection), client.checkpoint(), verifier=verifier) > 6
    engine.dispose()
