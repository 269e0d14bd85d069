"""The recorder with a real browser and its extension: lent pages, their fields, and what lies beside them."""

import json
import socket
import time
from collections.abc import Iterator

import pytest
from recorded import adds_up, buttons, bytes_below, end_of, frames, holes, injected_buttons, middle, moves, typed

from witting.device import control
from witting.device.capture.native_host import frame
from witting.terms.events import PageForm, PageNavigation, PointerButton, PointerMove, TextInput, WindowFocus
from witting.terms.tree import UiTree
from witting.testing.browser import Browser
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, RunningRecorder, lent_programme
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.x11 import wait_for

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def lender(site: MiniwobServer, tmp_path_factory: pytest.TempPathFactory) -> Lender:
    """Give a participant who lends one site of the browser; the browser's host knows their socket."""
    return Lender(tmp_path_factory.mktemp("lent"), lent_programme({"chromium": (site.origin,)}))


@pytest.fixture(scope="module")
def browser(desktop: DesktopSession, site: MiniwobServer, lender: Lender) -> Browser:
    """Give a browser on the lent site, set as whoever loads an unpacked extension has it."""
    settings = desktop.folder / "chromium" / "Default" / "Preferences"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"extensions": {"ui": {"developer_mode": true}}}')
    return desktop.start_chromium(site.page("contact"), native_host_socket=lender.config("").browser_path, allow=[site.origin])


@pytest.fixture
def hands(desktop: DesktopSession) -> Iterator[Hands]:
    """Give hands."""
    with Hands(desktop.display, seed=6, pace=2.0) as pair:
        yield pair


@pytest.fixture
def recorder(desktop: DesktopSession, browser: Browser, lender: Lender, site: MiniwobServer) -> Iterator[RunningRecorder]:
    """Give a recorder to which the browser speaks, with the contact page in front."""
    browser.goto(site.page("contact"))
    desktop.screen.activate(wait_for("the browser", lambda: desktop.screen.find("chromium")))
    with lender.start(desktop.env) as running:
        wait_for("the page", lambda: running.status().app == "chromium")
        yield running


def click(hands: Hands, browser: Browser, selector: str) -> None:
    """Click an element of the page."""
    hands.click(*middle(browser.box_of(selector)))


def test_work_on_a_lent_page_is_recorded_whole(browser, hands, recorder, lender, site):
    """Clicks, typing, the form, the page's address and trees are there, each at its place; nothing is lost."""
    click(hands, browser, "#message")
    hands.type_text("please send two boxes")
    click(hands, browser, "#send")
    time.sleep(0.6)
    assert recorder.stop() == 0
    records = lender.records()
    assert buttons(records) == injected_buttons(hands.log)
    assert moves(records)[-5:] == [(event.x, event.y) for event in hands.log if event.kind == "move"][-5:]
    assert typed(records) == ["please send two boxes"]
    assert {record.url for record in records if isinstance(record, PageNavigation)} == {site.page("contact")}
    assert [record for record in records if isinstance(record, PageForm)]
    assert all(record.app == "chromium" and record.url.startswith(site.origin) for record in records if isinstance(record, UiTree))
    assert end_of(records).reason == "stopped"
    assert adds_up(records)


def test_the_tree_before_a_click_is_dated_before_it_and_shows_what_was_clicked(browser, hands, recorder, lender):
    """A reader finds, just before each press, the tree as it stood then, with the clicked node where the pointer was."""
    click(hands, browser, "#name")
    time.sleep(0.4)
    recorder.stop()
    records = lender.records()
    (press,) = [record for record in records if isinstance(record, PointerButton) and record.pressed]
    tree = max(
        (record for record in records if isinstance(record, UiTree) and record.timestamp_ns <= press.timestamp_ns),
        key=lambda t: t.timestamp_ns,
    )
    clicked = [node for node in tree.nodes if node.role == "textbox" and node.box.contains(press.x, press.y)]
    assert len(clicked) == 1
    assert "focused" not in clicked[0].states


@pytest.mark.promise("P7")
def test_keys_in_a_password_field_are_never_kept(browser, hands, recorder, lender, site):
    """Typed at once after the click, corrected, shown by the eye and typed again: no key of it is in the record or on the disk."""
    browser.goto(site.page("login"))
    time.sleep(0.4)
    click(hands, browser, "#secret")
    hands.type_text("correcthorse")
    hands.press("BackSpace")
    click(hands, browser, "#eye")
    click(hands, browser, "#secret")
    hands.type_text("batterystaple")
    click(hands, browser, "#code")
    hands.type_text("271828")
    time.sleep(0.5)
    recorder.stop()
    records = lender.records()
    assert typed(records) == []
    said = repr(records).lower()
    for secret in ("correct", "horse", "battery", "staple", "271828"):
        assert secret not in said
        assert secret.encode() not in bytes_below(lender.folder)
    assert sum(gap.count for gap in holes(records, "secure_field")) == 3  # one for each visit of a field, whatever was typed
    assert not [
        record for record in records if isinstance(record, UiTree) and any(node.value for node in record.nodes if "secure" in node.states)
    ]


@pytest.mark.promise("P7")
def test_what_is_typed_into_the_address_bar_is_not_the_page_s(browser, hands, recorder, lender):
    """The browser's own bar has the keyboard: what is typed there isn't text of the lent page."""
    click(hands, browser, "#name")
    hands.type_text("Robin")
    hands.press("ctrl+l")
    time.sleep(0.2)
    hands.type_text("privatethoughts")
    hands.press("Escape")
    time.sleep(0.4)
    recorder.stop()
    records = lender.records()
    runs = [record.text for record in records if isinstance(record, TextInput)]
    assert len(runs) == 1
    assert "privatethoughts" not in repr(records)


@pytest.mark.promise("P6")
def test_an_unlisted_page_in_the_lent_browser_leaves_nothing(browser, hands, recorder, lender, site):
    """When the tab goes to a site that isn't lent, its address, title, keys, clicks, tree and pixels aren't recorded."""
    browser.goto(site.page("shop", listed=False))
    time.sleep(0.5)
    before = time.monotonic_ns()
    hands.click(*middle(browser.box_of("body")))
    hands.type_text("unlistedwish")
    time.sleep(0.6)
    after = time.monotonic_ns()
    recorder.stop()
    records = lender.records()
    assert "unlistedwish" not in repr(records)
    assert site.unlisted_origin not in repr(records)
    inside = [record for record in records if before <= getattr(record, "timestamp_ns", 0) <= after]
    assert not [record for record in inside if isinstance(record, PointerMove | PointerButton | TextInput | UiTree | WindowFocus)]
    assert not [picture for picture in frames(records) if before <= picture.timestamp_ns <= after]
    assert {gap.stream for gap in holes(records, "site_not_lent")} >= {"pointer", "keys"}
    assert adds_up(records)


@pytest.mark.promise("P6")
def test_a_page_that_was_changed_during_a_pause_is_not_taken_for_the_lent_one(browser, hands, recorder, lender, site):
    """After a pause nothing that was known of pages before it counts."""
    control.pause(recorder.control_path)
    browser.goto(site.page("shop", listed=False))
    control.resume(recorder.control_path)
    time.sleep(0.3)
    hands.click(*middle(browser.box_of("body")))
    hands.type_text("meanwhile")
    time.sleep(0.5)
    recorder.stop()
    records = lender.records()
    assert (typed(records), buttons(records)) == ([], [])
    assert "meanwhile" not in repr(records)


def test_garbage_on_the_browser_s_socket_is_counted_and_recording_goes_on(browser, hands, recorder, lender):
    """A program of the same user that sends nonsense to the recorder's socket changes nothing but a count."""
    path = lender.config("").browser_path
    for rubbish in (
        b"\xff" * 64,
        frame(b"{"),
        frame(b"[1,2]") + frame(json.dumps({"type": "tree", "t": 0, "tree": {}}).encode()),
        b"\x05\x00",
    ):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stranger:
            stranger.connect(str(path))
            stranger.sendall(rubbish)
            time.sleep(0.1)
    wait_for("the count", lambda: recorder.status().garbage >= 4)
    wait_for("the page", lambda: recorder.status().app == "chromium")
    click(hands, browser, "#name")
    time.sleep(0.4)
    assert recorder.stop() == 0
    assert len(buttons(lender.records())) == 2


def test_the_extension_loaded_anew_leaves_a_counted_hole_and_recording_goes_on(browser, hands, recorder, lender, site):
    """While the extension is away its pages are one hole; when it is back the open page is known again and work on it is kept."""
    click(hands, browser, "#name")
    hands.type_text("before")
    wait_for("the first words", lambda: recorder.status().kept.get("keys") or hands.press("Tab"))
    page = browser.context.new_page()
    page.goto(f"chrome-extension://{browser.extension_id}/popup.html")
    page.evaluate("setTimeout(() => chrome.runtime.reload(), 50)")
    wait_for("the extension to go", lambda: recorder.status().gaps.get("lost"))
    browser.page.bring_to_front()
    wait_for("the page", lambda: recorder.status().is_browser_connected and recorder.status().app == "chromium", seconds=30)
    click(hands, browser, "#message")
    hands.type_text("please send two boxes")
    time.sleep(0.6)
    assert recorder.stop() == 0
    records = lender.records()
    assert [gap.count for gap in holes(records, "lost") if gap.stream == "pages"] == [1]
    assert typed(records)[-1] == "please send two boxes"
    assert len([record for record in records if isinstance(record, PageNavigation)]) >= 2
    assert adds_up(records)
