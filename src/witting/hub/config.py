"""The hub's few settings, in one TOML file beside its data: unknown keys are refused, and none weakens what the hub promises.

Knows nothing of databases or servers. Invariant: what isn't set has one default, written here.
"""

import secrets
from pathlib import Path

import msgspec

from witting.terms.errors import LogError, UsageError

CONFIG_FILE = "hub.toml"
URL_FILE = "hub.url"
_MIB = 1024 * 1024


class HubConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where a hub lives and how much it takes in."""

    data_dir: Path  # everything the hub keeps lies below
    host: str = "127.0.0.1"  # address to listen on
    port: int = 8420  # 0 = a free one
    public_url: str = ""  # how people's machines reach the hub; empty = where it listens
    database_url: str = ""  # SQLAlchemy URL; empty = SQLite in data_dir
    origin: str = "witting-hub"  # name of the log (C2SP tlog-checkpoint), fixed once the log has an entry
    witness_url: str = ""  # where the witness of the log is asked (C2SP tlog-witness); empty = there is none
    witness_key: str = ""  # its key (C2SP vkey), as its holder gives it
    max_object_mib: int = 32  # largest sealed object taken in
    max_parcel_mib: int = 1024  # largest parcel taken in
    quota_gib: int = 100  # most the hub stores in all

    @property
    def objects_dir(self) -> Path:
        """The folder of stored sealed objects."""
        return self.data_dir / "objects"

    @property
    def staging_dir(self) -> Path:
        """The folder of uploads that aren't complete."""
        return self.data_dir / "staging"

    @property
    def keys_dir(self) -> Path:
        """The folder of the hub's own keys."""
        return self.data_dir / "keys"

    @property
    def tokens_dir(self) -> Path:
        """The folder of the tokens of steward, lab and auditor, one 0600 file each."""
        return self.data_dir / "tokens"

    @property
    def max_object_bytes(self) -> int:
        """The largest sealed object in bytes."""
        return self.max_object_mib * _MIB

    @property
    def max_parcel_bytes(self) -> int:
        """The largest parcel in bytes."""
        return self.max_parcel_mib * _MIB

    @property
    def quota_bytes(self) -> int:
        """The most the hub stores, in bytes."""
        return self.quota_gib * 1024 * _MIB

    def base_url(self) -> str:
        """Return how people's machines reach this hub; where it last listened when nothing else is set."""
        if self.public_url:
            return self.public_url.rstrip("/")
        try:
            return (self.data_dir / URL_FILE).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return f"http://{self.host}:{self.port}"


class _Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What hub.toml may hold: HubConfig without its folder."""

    host: str = "127.0.0.1"
    port: int = 8420
    public_url: str = ""
    database_url: str = ""
    origin: str = "witting-hub"
    witness_url: str = ""
    witness_key: str = ""
    max_object_mib: int = 32
    max_parcel_mib: int = 1024
    quota_gib: int = 100


def new_origin() -> str:
    """Return a fresh name for a log, so that no two hubs' logs can be taken for each other."""
    return f"witting-hub/{secrets.token_hex(8)}"


def write_config(config: HubConfig) -> Path:
    """Write `config` to its folder and return the file.

    Raises:
        UsageError: there is one already.
    """
    config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = config.data_dir / CONFIG_FILE
    if file.exists():
        message = f"{file} exists: this folder holds a hub already"
        raise UsageError(message, hint="choose another folder, or serve this one")
    settings = {name: getattr(config, name) for name in _Settings.__struct_fields__}
    file.write_bytes(msgspec.toml.encode(settings))
    file.chmod(0o600)
    return file


def load_config(data_dir: Path) -> HubConfig:
    """Return the settings in `data_dir`.

    Raises:
        UsageError: there is no hub.toml, or it holds an unknown key or a wrong value.
    """
    file = data_dir / CONFIG_FILE
    try:
        settings = msgspec.toml.decode(file.read_bytes(), type=_Settings)
    except FileNotFoundError:
        message = f"{data_dir} holds no hub"
        raise UsageError(message, hint=f"run `witting hub init --data {data_dir}` first") from None
    except msgspec.MsgspecError as error:
        message = f"{file}: {error}"
        raise UsageError(message, hint="mend the setting; the hub was not started") from None
    _check_witness(settings)
    return HubConfig(data_dir=data_dir, **{name: getattr(settings, name) for name in _Settings.__struct_fields__})


def _check_witness(settings: _Settings) -> None:
    """Check that a witness is named by address and key, or not at all."""
    from witting.ledger.log.checkpoint import check_cosigner

    if bool(settings.witness_url) != bool(settings.witness_key):
        raise UsageError(
            "hub.toml names a witness by half: it takes `witness_url` and `witness_key`", hint="`witting witness key` shows the key"
        )
    if settings.witness_url and not settings.witness_url.startswith(("http://", "https://")):
        raise UsageError("`witness_url` in hub.toml is no web address", hint="write it like https://council.example.org/witness")
    if settings.witness_key:
        try:
            check_cosigner(settings.witness_key)
        except LogError:
            raise UsageError("`witness_key` in hub.toml is no witness's key", hint="copy it again from `witting witness key`") from None
