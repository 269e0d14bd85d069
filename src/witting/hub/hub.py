"""The hub's parts, opened together: settings, database, keys, log, objects, clock. Rooms of the hub take it as their first argument."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from witting.hub.config import HubConfig, load_config
from witting.hub.database import migrate, open_engine
from witting.hub.journal import Journal
from witting.hub.keys import HubKeys, open_keys
from witting.hub.objects import Objects
from witting.terms.clock import Clock, SystemClock, rfc3339


@dataclass(frozen=True, slots=True, repr=False)
class Hub:
    """What every room of the hub works with."""

    config: HubConfig  # the settings
    engine: Engine  # the database
    keys: HubKeys  # the hub's own keys
    journal: Journal  # deeds and the log
    objects: Objects  # sealed bytes
    clock: Clock  # where time comes from

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def now(self) -> datetime:
        """Return the aware UTC time."""
        return self.clock.now()

    def stamp(self) -> str:
        """Return the time as it is written."""
        return rfc3339(self.clock.now())


def open_hub(config: HubConfig, *, clock: Clock | None = None) -> Hub:
    """Return the hub of these settings, its tables brought to this version.

    Raises:
        StoreLockedError: its keys or database can't be opened.
    """
    keys = open_keys(config.keys_dir)
    engine = open_engine(config)
    migrate(engine)
    return Hub(
        config=config,
        engine=engine,
        keys=keys,
        journal=Journal(keys.signing, config.origin),
        objects=Objects(config.objects_dir),
        clock=clock or SystemClock(),
    )


def open_hub_at(data_dir: Path, *, clock: Clock | None = None) -> Hub:
    """Return the hub kept in `data_dir`."""
    return open_hub(load_config(data_dir), clock=clock)
