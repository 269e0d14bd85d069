"""The driver of the browser: answers are matched by number, input is what pages get from people, and a browser that is gone is an error."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosedError

from witting.lab.evaluate.cdp import Browser, BrowserError
from witting.terms.errors import MissingExtraError


class Spoken:
    """A web socket to a browser in memory: keeps what was sent, answers each command as `answer` says."""

    def __init__(self, answer: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda _: {"result": {}}) -> None:
        self.answer = answer
        self.sent: list[dict[str, Any]] = []
        self.arriving: list[dict[str, Any]] = []
        self.is_closed = False

    def send(self, text: str) -> None:
        """Take a command."""
        if self.is_closed:
            raise ConnectionClosedError(None, None)
        command = json.loads(text)
        self.sent.append(command)
        answer = self.answer(command)
        if answer is not None:
            self.arriving.append({"id": command["id"], **answer})

    def recv(self, timeout: float) -> str:
        """Return what arrived first."""
        assert timeout >= 0
        if not self.arriving:
            raise TimeoutError
        return json.dumps(self.arriving.pop(0))


def driving(spoken: Spoken, session: str = "page-1") -> Browser:
    """Return a driver that is connected to a page."""
    browser = Browser()
    browser._socket, browser._session = spoken, session
    return browser


def events(spoken: Spoken) -> list[tuple[str, dict[str, Any]]]:
    """Return what was sent, without numbers."""
    return [(command["method"], command["params"]) for command in spoken.sent]


@given(st.permutations(range(6)))
def test_answers_are_matched_by_number(order: list[int]) -> None:
    """In whatever order answers come, with events between them, each command gets its own."""
    spoken = Spoken(lambda _: None)
    browser = driving(spoken)
    numbers = [browser.send("Some.thing", place=place) for place in range(6)]
    for place in order:
        spoken.arriving += [{"method": "Page.loadEventFired"}, {"id": numbers[place], "result": {"place": place}}]
    assert [browser.wait(number)["place"] for number in numbers] == list(range(6))
    assert len(set(numbers)) == 6
    assert {command["sessionId"] for command in spoken.sent} == {"page-1"}


def test_a_refused_command_is_told_by_its_code_only() -> None:
    """What the browser says of an error may quote the page, so its number is told and no word."""
    browser = driving(Spoken(lambda _: {"error": {"code": -32000, "message": "secret words"}}))
    with pytest.raises(BrowserError, match=r"refused a command \(code -32000\)") as caught:
        browser.call("Page.enable")
    assert "secret" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize("event", ["Inspector.targetCrashed", "Inspector.detached"])
def test_a_page_that_crashed_is_a_browser_that_is_gone(event: str) -> None:
    """A crash is told at once, not after the patience for an answer."""
    spoken = Spoken(lambda _: None)
    browser = driving(spoken)
    number = browser.send("Page.enable")
    spoken.arriving.append({"method": event, "params": {}})
    with pytest.raises(BrowserError, match="went away or is stuck"):
        browser.wait(number)


def test_a_browser_that_is_silent_gone_or_never_was_is_an_error() -> None:
    """No answer, a closed socket and none at all: the same error, with what happens next."""
    silent = driving(Spoken(lambda _: None))
    with pytest.raises(BrowserError, match="TimeoutError"):
        silent.call("Page.enable")
    spoken = Spoken()
    spoken.is_closed = True
    with pytest.raises(BrowserError, match="ConnectionClosedError"):
        driving(spoken).call("Page.enable")
    with pytest.raises(BrowserError, match="AttributeError") as caught:
        Browser().call("Page.enable")
    assert "started again" in caught.value.hint


def test_without_chromium_the_error_says_what_to_install() -> None:
    """A program that isn't there is named, and nothing is left behind; closing what was never open is harmless."""
    browser = Browser("/nonexistent/chromium")
    with pytest.raises(MissingExtraError, match="isn't installed") as caught, browser:
        pass
    assert "apt-get install chromium" in caught.value.hint
    browser.close()
    browser.close()


def test_a_browser_that_ends_at_once_is_told_and_leaves_nothing(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that isn't a browser ends; its profile is removed."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(BrowserError, match="didn't start"), Browser("/bin/true"):
        pass
    assert list(tmp_path.iterdir()) == []


@given(st.floats(0, 2000), st.floats(0, 2000))
def test_a_click_is_a_move_a_press_and_a_release(x: float, y: float) -> None:
    """Pages see what they see of a person: the pointer comes, the left button goes down and up, all at one place."""
    spoken = Spoken()
    driving(spoken).click(x, y)
    assert [method for method, _ in events(spoken)] == ["Input.dispatchMouseEvent"] * 3
    assert [told["type"] for _, told in events(spoken)] == ["mouseMoved", "mousePressed", "mouseReleased"]
    assert {(told["x"], told["y"]) for _, told in events(spoken)} == {(x, y)}
    assert [told.get("button") for _, told in events(spoken)] == [None, "left", "left"]


@given(st.text(max_size=12))
def test_text_replaces_and_keys_are_typed_one_by_one(text: str) -> None:
    """Typing selects all and inserts the text as it is; key by key each letter goes down and up, once."""
    spoken = Spoken()
    driving(spoken).type_text(text)
    assert events(spoken)[0][1]["commands"] == ["selectAll"]
    assert events(spoken)[-1] == ("Input.insertText", {"text": text})
    spoken = Spoken()
    driving(spoken).type_keys(text)
    assert "".join(told.get("text", "") for _, told in events(spoken)) == text
    assert [told["type"] for _, told in events(spoken)] == ["keyDown", "keyUp"] * len(text)


@pytest.mark.parametrize(
    ("name", "dom", "code", "text"),
    [
        ("Return", "Enter", 13, "\r"),
        ("KP_Enter", "Enter", 13, "\r"),
        ("Enter", "Enter", 13, "\r"),
        ("Tab", "Tab", 9, None),
        ("ISO_Left_Tab", "Tab", 9, None),
        ("Down", "ArrowDown", 40, None),
        ("ArrowUp", "ArrowUp", 38, None),
        ("BackSpace", "Backspace", 8, None),
        ("space", " ", 32, " "),
    ],
)
def test_editing_keys_go_by_both_their_names(name: str, dom: str, code: int, text: str | None) -> None:
    """X11's names and the DOM's press the same key; only those that write carry a text."""
    spoken = Spoken()
    driving(spoken).press(name)
    (_, down), (_, up) = events(spoken)
    assert (down["type"], up["type"]) == ("keyDown" if text else "rawKeyDown", "keyUp")
    assert (down["key"], down["windowsVirtualKeyCode"], down.get("text")) == (dom, code, text)
    assert (up["key"], up["windowsVirtualKeyCode"]) == (dom, code)


@pytest.mark.parametrize("name", ["", "F13", "ctrl", "a", "Hyper_L"])
def test_an_unknown_key_does_nothing(name: str) -> None:
    """Nothing is sent for a key that has no name here."""
    spoken = Spoken()
    driving(spoken).press(name)
    assert spoken.sent == []


def test_a_script_gives_its_value_or_fails_without_a_word_of_the_page() -> None:
    """A value comes back as it is; what a page throws isn't repeated."""
    values = itertools.chain([{"result": {"value": {"a": [1]}}}, {"result": {}}], [{"exceptionDetails": {"text": "secret"}}])
    browser = driving(Spoken(lambda _: {"result": next(values)}))
    assert browser.evaluate("({a: [1]})") == {"a": [1]}
    assert browser.evaluate("undefined") is None
    with pytest.raises(BrowserError, match="a script failed in the page") as caught:
        browser.evaluate("throw secret")
    assert "secret" not in str(caught.value) + caught.value.hint


def test_a_page_is_opened_and_waited_for_and_pictures_are_clipped() -> None:
    """Opening is over when the page has loaded; a picture is asked for at its place and size, and comes as bytes."""

    def answer(command: dict[str, Any]) -> dict[str, Any]:
        return {"result": {"data": "iVBORw=="} if command["method"] == "Page.captureScreenshot" else {"result": {}}}

    spoken = Spoken(answer)
    browser = driving(spoken)
    browser.navigate("http://127.0.0.1/page")
    assert events(spoken)[0] == ("Page.navigate", {"url": "http://127.0.0.1/page"})
    assert "readyState" in events(spoken)[1][1]["expression"]
    assert events(spoken)[1][1]["awaitPromise"]
    assert browser.picture((1, 2, 30, 40), scale=2) == b"\x89PNG"
    assert events(spoken)[-1][1]["clip"] == {"x": 1, "y": 2, "width": 30, "height": 40, "scale": 2}
