"""What every test shares: the network shut except loopback, one torch thread, and where the public data lies."""

import ipaddress
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no fault of the code, so no deadline. `make test` tries the same examples each time, so that it says the same of
# the same code; `make test-all` goes looking for new ones.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("WITTING_EXAMPLES", "steady"))
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
POSTGRESQL = Path("/usr/lib/postgresql/15/bin")
REPO = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let another folder of log vectors be named."""
    parser.addoption("--vectors", metavar="DIR", help="a folder of the shape of tlog-vectors, for tests/vectors")


class _NetworkShutError(AssertionError):
    """A test tried to reach beyond this machine."""


def _is_loopback(address: object) -> bool:
    if isinstance(address, str | bytes):  # AF_UNIX
        return True
    host = address[0] if isinstance(address, tuple) else ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(host).split("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _network_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection of the test process that doesn't stay on this machine."""
    real_connect, real_connect_ex = socket.socket.connect, socket.socket.connect_ex

    def refuse(address: object) -> None:
        if not _is_loopback(address):
            message = "tests reach loopback only"
            raise _NetworkShutError(message)

    def connect(self: socket.socket, address: object) -> None:
        refuse(address)
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: object) -> int:
        refuse(address)
        return real_connect_ex(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect_ex)


@pytest.fixture(scope="session")
def public_data() -> Path:
    """Return the folder of public data sets, from `WITTING_DATA` or beside the checkout; skips where there is none."""
    folder = Path(os.environ.get("WITTING_DATA") or REPO.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"public data absent: set WITTING_DATA to its folder (looked in {folder.name})")
    return folder


def _as_postgres(*words: str) -> None:
    """Run one of PostgreSQL's programs as its own user; it refuses to run as root."""
    command = ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else list(words)
    subprocess.run(command, check=True, capture_output=True, timeout=120, cwd="/")


@pytest.fixture(scope="session")
def new_postgresql_database() -> Iterator[Callable[[], str]]:
    """What makes a fresh database, each time another, on a PostgreSQL server started for these tests, without any TCP port."""
    pytest.importorskip("psycopg", reason="psycopg isn't installed: pip install 'witting[hub]'")
    if not (POSTGRESQL / "initdb").exists() or (os.geteuid() == 0 and shutil.which("runuser") is None):
        pytest.skip(f"PostgreSQL 15 isn't installed ({POSTGRESQL}/initdb): the hub over PostgreSQL was NOT tested here")
    folder = Path(tempfile.mkdtemp(prefix="witting-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    names = itertools.count()

    def fresh() -> str:
        name = f"hub{next(names)}"
        _as_postgres(str(POSTGRESQL / "createdb"), "-h", str(folder), "-U", "postgres", name)
        return f"postgresql+psycopg://postgres@/{name}?host={folder}"

    try:
        _as_postgres(str(POSTGRESQL / "initdb"), "-D", f"{folder}/data", "-A", "trust", "-U", "postgres", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        _as_postgres(str(POSTGRESQL / "pg_ctl"), "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield fresh
        finally:
            _as_postgres(str(POSTGRESQL / "pg_ctl"), "-D", f"{folder}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
