"""Serving the desk: on 127.0.0.1 only, on a free port, in this process, until told to stop. No request is written to any log."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable

from witting.device.desk.app import create_desk
from witting.device.desk.config import DeskConfig
from witting.device.desk.door import Door
from witting.terms.errors import UsageError

HOST = "127.0.0.1"


def serve(config: DeskConfig, *, on_ready: Callable[[str], None] | None = None, until: Callable[[], bool] | None = None) -> None:
    """Serve the pages until SIGINT, SIGTERM or `until` says so; `on_ready` gets the address, token included, once it answers.

    Raises:
        UsageError: the port is taken.
    """
    asyncio.run(_serve(config, on_ready, until=until))


async def _serve(config: DeskConfig, on_ready: Callable[[str], None] | None, *, until: Callable[[], bool] | None) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    door = Door()
    port = _free_port(config.port)
    app = create_desk(config, door=door)
    server = Server(app, address=HOST, port=port, interface=Interfaces.ASGI, websockets=False, log_enabled=False, log_access=False)
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(number, server.stop)
    serving = asyncio.create_task(server.serve())
    await _wait_until_open(port, serving)
    if on_ready is not None:
        on_ready(f"http://{HOST}:{port}/?token={door.token}")
    while until is not None and not serving.done():
        await asyncio.sleep(0.1)
        if until():
            await asyncio.sleep(0.5)  # let the last page reach the browser
            server.stop()
            break
    await serving


async def _wait_until_open(port: int, serving: "asyncio.Task[None]") -> None:
    """Return once the port answers, or the server has ended."""
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            await writer.wait_closed()
            return


def _free_port(port: int) -> int:
    """Return `port` if it is free, or a free one for 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            message = f"port {port} of this machine is taken"
            raise UsageError(message, hint="leave the port out: a free one is found") from None
        return int(probe.getsockname()[1])
