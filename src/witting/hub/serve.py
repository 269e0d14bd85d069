"""Serving a hub: one process, one granian server on one address, one hub per folder.

Run inside this process on purpose: there is no worker that could outlive it. Invariant: no request is written to any log.
"""

import asyncio
import fcntl
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from witting.hub.app import create_app
from witting.hub.config import URL_FILE, HubConfig
from witting.terms.errors import StoreLockedError, UsageError

_LOCK_FILE = "hub.lock"


def serve(config: HubConfig, *, on_ready: Callable[[str], None] | None = None) -> None:
    """Serve the hub until it is told to stop (SIGTERM, SIGINT); `on_ready` gets its address once it listens.

    Raises:
        StoreLockedError: the folder's hub is being served already.
        UsageError: the address is taken.
    """
    with _alone(config):
        port = config.port or free_port(config.host)
        _check_free(config.host, port)
        url = f"http://{config.host}:{port}"
        (config.data_dir / URL_FILE).write_text(url + "\n", encoding="utf-8")
        asyncio.run(_serve(msgspec.structs.replace(config, port=port), url, on_ready=on_ready))


def free_port(host: str) -> int:
    """Return a port that nobody listens on now."""
    with socket.socket(_family(host)) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


async def _serve(config: HubConfig, url: str, *, on_ready: Callable[[str], None] | None) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    app = create_app(config)
    server = Server(
        app, address=config.host, port=config.port, interface=Interfaces.ASGI, websockets=False, log_enabled=False, log_access=False
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    serving = asyncio.create_task(server.serve())
    await _wait_until_open(config, serving)
    if on_ready is not None:
        on_ready(url)
    await serving


async def _wait_until_open(config: HubConfig, serving: "asyncio.Task[None]") -> None:
    """Return once the address answers, or the server has ended."""
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(config.host, config.port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            await writer.wait_closed()
            return


@contextmanager
def _alone(config: HubConfig) -> Iterator[None]:
    """Hold the hub's folder for this process; the kernel lets go of it whatever ends the process."""
    descriptor = os.open(config.data_dir / _LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreLockedError("this hub is being served already", hint="stop the other process first") from None
        yield
    finally:
        os.close(descriptor)


def _check_free(host: str, port: int) -> None:
    with socket.socket(_family(host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            message = f"{host}:{port} can't be listened on"
            raise UsageError(message, hint="stop what listens there, or set another `port` in hub.toml (0 = a free one)") from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
