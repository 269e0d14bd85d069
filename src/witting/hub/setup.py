"""Making a hub: its folder, settings, keys, tokens and tables, once."""

from dataclasses import dataclass
from pathlib import Path

from witting.hub.config import HubConfig, write_config
from witting.hub.database import migrate, open_engine
from witting.hub.keys import make_keys
from witting.hub.tokens import Role, make_tokens


@dataclass(frozen=True, slots=True)
class Made:
    """What was made."""

    config_file: Path  # the settings
    signing_key: bytes  # public half, 32 bytes: what people verify receipts and checkpoints with
    tokens: dict[Role, Path]  # where each role's token is kept


def init_hub(config: HubConfig) -> Made:
    """Make a hub in its folder, which only this user may read.

    Raises:
        UsageError: the folder holds a hub already, or the database can't be opened.
    """
    config_file = write_config(config)
    config.data_dir.chmod(0o700)
    keys = make_keys(config.keys_dir)
    tokens = make_tokens(config.tokens_dir)
    engine = open_engine(config)
    migrate(engine)
    engine.dispose()
    return Made(config_file=config_file, signing_key=keys.signing.public, tokens=tokens)
