"""Planted values of every kind and in many writings on real pages, before a real recorder: none is in any file, log or temporary file."""

import base64
import resource
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import pytest
from recorded import adds_up, middle

from witting.audit.leaks import scan
from witting.terms.codec import frame_record
from witting.terms.events import PageNavigation, TextInput
from witting.terms.tree import UiTree
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.people import make_person, planted_secrets
from witting.testing.x11 import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.promise("P7"), pytest.mark.promise("P10")]
WRITINGS = (
    str,
    lambda value: base64.b64encode(value.encode()).decode(),
    lambda value: quote(value, safe=""),
    lambda value: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value),
    "\u200b".join,
)
ON_A_PAGE = 90
SHOW = """([lines, title]) => {
  document.title = title;
  history.replaceState(null, "", "?q=" + encodeURIComponent(title));
  let box = document.querySelector("#planted");
  if (!box) {
    box = document.createElement("div");
    box.id = "planted";
    box.style = "position:fixed;inset:0;background:#fff;font:8px/11px sans-serif;columns:3;overflow:hidden";
    document.body.append(box);
  }
  box.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), {textContent: line, style: "margin:0"})));
}"""


def written(values: dict[str, list[str]]) -> list[str]:
    """Return every value plainly and in one other writing; passwords are typed, not shown."""
    some = [value for kind, many in values.items() if kind != "secure_field" for value in many]
    return [text for number, value in enumerate(some) for text in (value, WRITINGS[1 + number % (len(WRITINGS) - 1)](value))]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_planted_value_is_left_by_a_recorder(desktop: DesktopSession, site: MiniwobServer, tmp_path: Path) -> None:
    """Shown in texts, titles and addresses, typed into fields and a password field: trees are full of placeholders, no byte has a value."""
    values: dict[str, list[str]] = {}
    for seed in range(250):
        for kind, some in planted_secrets(make_person(seed)).items():
            values.setdefault(kind, []).extend(some)
    lines = written(values)
    assert sum(map(len, values.values())) >= 2_000
    lender = Lender(tmp_path / "lent", lent_programme({"chromium": (site.origin,)}))
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    browser = desktop.start_chromium(site.page("contact"), native_host_socket=lender.config("").browser_path, allow=[site.origin])
    desktop.screen.activate(wait_for("the browser", lambda: desktop.screen.find("chromium")))
    person = make_person(1)
    with Hands(desktop.display, seed=6, pace=2.0) as hands, lender.start({**desktop.env, "TMPDIR": str(temporary)}) as recorder:
        wait_for("the page", lambda: recorder.status().app == "chromium")
        assert resource.prlimit(recorder.process.pid, resource.RLIMIT_CORE) == (0, 0)  # no crash dump
        for selector, text in (("#name", person.name), ("#mail", person.email), ("#message", f"call {person.phone} or {person.card}")):
            hands.click(*middle(browser.box_of(selector)))
            hands.type_text(text)
        hands.click(*middle(browser.box_of("#send")))
        for first in range(0, len(lines), ON_A_PAGE):
            before = recorder.status().kept.get("ui_tree", 0)
            browser.evaluate(SHOW, [lines[first : first + ON_A_PAGE], f"{lines[first]} - Mail"])
            wait_for("the tree", lambda before=before: recorder.status().kept.get("ui_tree", 0) > before, seconds=60)
        browser.goto(site.page("login"))
        hands.click(*middle(browser.box_of("#secret")))
        hands.type_text(person.password)
        assert recorder.stop() == 0
    records = lender.records()
    kinds = Counter(type(record).__name__ for record in records)
    nodes = [node.name for record in records if isinstance(record, UiTree) for node in record.nodes]
    assert sum("⟨" in name for name in nodes) > len(lines) // 2, kinds
    assert [record for record in records if isinstance(record, TextInput)]
    assert any("⟨" in record.title for record in records if isinstance(record, PageNavigation))
    assert adds_up(records)
    opened = tmp_path / "opened"
    opened.mkdir()
    (opened / "records").write_bytes(b"".join(map(frame_record, records)))
    assert scan([lender.folder, temporary, opened], values) == []
