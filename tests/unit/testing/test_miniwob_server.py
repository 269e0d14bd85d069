"""The page server gives MiniWoB's own bytes, a few pages of ours, and nothing else, on loopback."""

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from witting.terms.errors import MissingExtraError
from witting.testing import miniwob_server
from witting.testing.miniwob_server import PAGES, MiniwobServer, miniwob_folder


@pytest.fixture(scope="module")
def server() -> Iterator[MiniwobServer]:
    """Give a running server."""
    with MiniwobServer() as server:
        yield server


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  loopback
        return bytes(answer.read())


@pytest.mark.parametrize("path", ["miniwob/click-option.html", "core/core.js", "common/ui_utils.js"])
def test_pages_come_unchanged(server: MiniwobServer, path: str) -> None:
    """What is served is byte for byte what the miniwob wheel holds."""
    assert _get(f"{server.origin}/{path}") == (miniwob_folder() / path).read_bytes()


def test_a_task_s_address_carries_its_seed_for_show(server: MiniwobServer) -> None:
    """Addresses of two seeds differ and give the same page."""
    one, two = server.url("click-link", 1), server.url("click-link", 2)
    assert one != two
    assert _get(one) == _get(two)


@pytest.mark.parametrize("name", [page.stem for page in PAGES.glob("*.html")])
def test_own_pages_come_under_both_origins(server: MiniwobServer, name: str) -> None:
    """Each page of ours is served under the listed and under the unlisted origin."""
    listed, unlisted = server.page(name), server.page(name, listed=False)
    assert listed.startswith(server.origin)
    assert unlisted.startswith(server.unlisted_origin)
    assert server.origin != server.unlisted_origin
    assert _get(listed) == _get(unlisted) == (PAGES / f"{name}.html").read_bytes()


@pytest.mark.parametrize("path", ["pages/../people.py", "pages/%2e%2e/people.py", "../pyproject.toml", "miniwob/", "nothing.html"])
def test_nothing_else_is_served(server: MiniwobServer, path: str) -> None:
    """No other file and no listing comes out."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        _get(f"{server.origin}/{path}")
    assert caught.value.code == 404
    caught.value.close()


def test_without_the_wheel_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing miniwob package is named with the extra that has it."""
    monkeypatch.setattr(miniwob_server, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtraError) as caught:
        miniwob_folder()
    assert "witting[lab]" in caught.value.hint
