"""Serves web pages on loopback: MiniWoB's as they come in the `miniwob` wheel, and a few of our own.

MiniWoB++ (Liu et al. 2018): small tasks whose page says by itself whether they were solved. Doesn't know: browsers, episodes. Holds:
the task pages are the wheel's own bytes; nothing but loopback is bound. `localhost` and `127.0.0.1` name the same server but are two
origins, so one of them can be the site that isn't lent.
"""

import threading
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from witting.terms.errors import MissingExtraError

PAGES = Path(__file__).parent / "pages"


def miniwob_folder() -> Path:
    """Return the folder of MiniWoB's html without importing the package (it would load gymnasium and selenium)."""
    spec = find_spec("miniwob")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError("the miniwob package isn't installed", hint="pip install 'witting[lab]'")
    return Path(spec.submodule_search_locations[0]) / "html"


class _Pages(SimpleHTTPRequestHandler):
    """Files of the wheel, and ours below /pages."""

    protocol_version = "HTTP/1.1"

    def translate_path(self, path: str) -> str:
        """Return the file of a path."""
        plain = path.split("?", 1)[0].split("#", 1)[0]
        if plain.startswith("/pages/"):
            return str(PAGES / Path(plain).name)
        return super().translate_path(path)

    def do_GET(self) -> None:
        """Answer with a file; no icon."""
        if self.path == "/favicon.ico":
            self.send_response(HTTPStatus.NO_CONTENT)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        super().do_GET()

    def end_headers(self) -> None:
        """Let the browser keep libraries, so that the next episode starts at once."""
        self.send_header("Cache-Control", "max-age=3600")
        super().end_headers()

    def list_directory(self, path: object) -> None:  # noqa: ARG002  the standard library's name
        """Refuse listings."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


class MiniwobServer:
    """A server on a free loopback port; a context manager."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Pages, directory=str(miniwob_folder())))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port, chosen by the system."""
        return int(self._server.server_address[1])

    @property
    def origin(self) -> str:
        """The origin that a programme lists."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def unlisted_origin(self) -> str:
        """The same server under a name that no programme lists: another origin to a browser."""
        return f"http://localhost:{self.port}"

    def url(self, task: str, seed: int = 0) -> str:
        """Return the address of a MiniWoB task; `seed` only keeps addresses of episodes apart (see `testing.solver`)."""
        return f"{self.origin}/miniwob/{task}.html?seed={seed}"

    def page(self, name: str, *, listed: bool = True) -> str:
        """Return the address of one of our pages: login, contact, shop, big."""
        return f"{self.origin if listed else self.unlisted_origin}/pages/{name}.html"

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
