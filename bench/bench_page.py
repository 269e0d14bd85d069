"""What the extension costs a page, beside rrweb: time of the page's main thread for each piece of work, and layouts that it forced.

The real content scripts run in a page of a real Chromium, only their message port is a stub; rrweb 2 (npm, fetched to a temporary folder,
nothing of it is kept) records the same pages in the same run. A piece of work is a stretch of a task that runs code of the measured script,
in the time of its thread, as Chromium's own trace has it; a layout is forced when it happens within such a piece. What turns each script on
(rrweb's first full snapshot is part of that) isn't counted.
"""

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, sync_playwright

import figures

EXTENSION = Path(__file__).resolve().parents[1] / "extension"
SCRIPTS = ("secrets.js", "tree.js", "looking.js", "moves.js", "content.js")
CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline", "disabled-by-default-devtools.timeline.stack", "v8.execute"]
SECONDS = 6.0
STUB = """
globalThis.__sent = 0;
const port = {
  postMessage(message) { globalThis.__sent += 1; structuredClone(message); },
  onMessage: {addListener(f) { globalThis.__hear = f; }}, onDisconnect: {addListener() {}},
};
Object.defineProperty(globalThis, 'chrome', {configurable: true, value: {runtime: {id: 'bench', connect: () => port}}});
"""
GO = "__hear({type: 'state', on: true, zoom: 1, keys: [], seen: null}); setInterval(() => __hear({type: 'probe', id: 1}), 2000)"
RRWEB = "rrweb.record({emit(event) { globalThis.__sent = (globalThis.__sent || 0) + 1; structuredClone(event); }})"
PAGE = """<!doctype html><meta charset=utf-8><title>Bench</title><style>body{font:14px sans-serif;margin:8px}.row{padding:2px}</style>
<h1>Orders</h1><p><label>Note <input id=note></label></p><div id=rows></div><script>
const rows = document.getElementById('rows');
for (let i = 0; i < COUNT / 4; i++) {
  const row = document.createElement('div'); row.className = 'row';
  row.innerHTML = `<span>Order ${i}</span> <a href="#x">Open</a> <button>Cancel ${i}</button>`; rows.append(row);
}
let turn = 0;
if (SPA) setInterval(() => {
  const row = rows.children[turn++ % Math.min(rows.children.length, 20)];
  row.firstElementChild.textContent = `Order changed ${turn}`;
  if (turn % 5 === 0) { const fresh = row.cloneNode(true); rows.insertBefore(fresh, row); row.remove(); }
}, 20);
</script>"""


def rrweb_script(folder: Path) -> str:
    """Return rrweb's bundle, "" when npm or its registry can't be reached."""
    npm = shutil.which("npm")
    if npm is None:
        return ""
    done = subprocess.run([npm, "pack", "rrweb", "--silent"], cwd=folder, capture_output=True, timeout=120, check=False)
    packed = next(folder.glob("rrweb-*.tgz"), None)
    if done.returncode or packed is None:
        return ""
    with tarfile.open(packed) as archive:
        bundle = archive.extractfile("package/umd/rrweb.min.js")
        return "" if bundle is None else bundle.read().decode()


def ours() -> tuple[list[tuple[str, str]], str]:
    """Return the extension's scripts by name, and what turns them on."""
    stub = [("stub.js", STUB)]
    return stub + [(name, (EXTENSION / name).read_text(encoding="utf-8")) for name in SCRIPTS], GO


def live(page: Any) -> None:
    """Do what a person does for some seconds: move, type, click, scroll."""
    for turn in range(int(SECONDS)):
        page.mouse.move(100 + 20 * turn, 120 + 30 * turn, steps=12)
        page.mouse.click(60, 200 + 10 * turn)
        page.locator("#note").focus()
        page.keyboard.type("abc")
        page.mouse.wheel(0, 60)
        page.wait_for_timeout(700)
        page.mouse.wheel(0, -60)
        page.wait_for_timeout(200)


def trace(browser: Browser, *, count: int, is_spa: bool, scripts: list[tuple[str, str]], go: str) -> list[dict[str, Any]]:
    """Return Chromium's trace events of one page that lived for a while with the scripts in it."""
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    page.set_content(PAGE.replace("COUNT", str(count)).replace("SPA", "true" if is_spa else "false"))
    session = page.context.new_cdp_session(page)
    for name, source in scripts:
        session.send("Runtime.evaluate", {"expression": f"{source}\n//# sourceURL=measured/{name}"})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.json"
        browser.start_tracing(page=page, path=str(path), categories=CATEGORIES)
        session.send("Runtime.evaluate", {"expression": f"{go}\n//# sourceURL=measured/go.js"})
        page.wait_for_timeout(300)
        live(page)
        browser.stop_tracing()
        events: list[dict[str, Any]] = json.loads(path.read_text())["traceEvents"]
    assert page.evaluate("globalThis.__sent") > 3, "the script under test said nothing"
    page.close()
    return events


class Cost(NamedTuple):
    """What a script cost a page."""

    times: list[float]  # of each piece of work, in milliseconds of the thread, so that other programs don't count; sorted
    forced: int  # layouts within them


def url_of(event: dict[str, Any]) -> str:
    """Return the script that a trace event is about."""
    return str(event.get("args", {}).get("data", {}).get("url", ""))


def pieces(events: list[dict[str, Any]]) -> Cost:
    """Return what the measured scripts cost."""
    calls = [e for e in events if e["name"] in {"FunctionCall", "EvaluateScript"} and "measured/" in url_of(e)]
    calls.sort(key=lambda e: (e["tid"], e["ts"]))
    outer: list[dict[str, Any]] = []
    for call in calls:
        last = outer[-1] if outer else None
        if last is None or last["tid"] != call["tid"] or call["ts"] >= last["ts"] + last["dur"]:
            outer.append(call)
    outer = [call for call in outer if "go.js" not in url_of(call)]
    layouts = [e for e in events if e["name"] == "Layout" and e.get("dur", 0) > 0]
    forced = sum(any(c["tid"] == e["tid"] and c["ts"] <= e["ts"] < c["ts"] + c["dur"] for c in outer) for e in layouts)
    return Cost(sorted(call.get("tdur", call["dur"]) / 1000 for call in outer), forced)


def share(times: list[float], at: float) -> float:
    """Return a quantile."""
    return times[min(len(times) - 1, int(len(times) * at))] if times else 0.0


PAGES = (
    ("100 nodes", 100, False), ("1,000 nodes", 1000, False), ("10,000 nodes", 10_000, False), ("1,000 nodes, 50 changes/s", 1000, True),
)  # fmt: skip
ROWS: list[tuple[str, str, Callable[[Cost], float], float | None]] = [
    ("p50 of a piece of work", "ms", lambda cost: share(cost.times, 0.5), 1.0),
    ("p99 of a piece of work", "ms", lambda cost: share(cost.times, 0.99), 1.0),
    ("longest piece of work", "ms", lambda cost: cost.times[-1] if cost.times else 0.0, None),
    ("main thread, share", "%", lambda cost: sum(cost.times) / (SECONDS * 10 * 1.1), None),
    ("layouts forced", "count", lambda cost: float(cost.forced), 0.0),
]


def main() -> int:
    """Measure pages of three sizes and one that never rests."""
    found: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        rrweb = rrweb_script(Path(folder))
        if not rrweb:
            print("rrweb can't be fetched: no peer in this run", file=sys.stderr)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        for name, count, is_spa in PAGES:
            scripts, go = ours()
            mine = pieces(trace(browser, count=count, is_spa=is_spa, scripts=scripts, go=go))
            peer = pieces(trace(browser, count=count, is_spa=is_spa, scripts=[("rrweb.js", rrweb)], go=RRWEB)) if rrweb else None
            for what, unit, value, bar in ROWS:
                shown = {"name": "rrweb", "value": round(value(peer), 3)} if peer else None
                figure = {"name": f"page of {name}: {what}", "value": round(value(mine), 3), "unit": unit, "sense": "lower", "bar": bar}
                found.append(figure | {"peer": shown, "runs": len(mine.times)})
        browser.close()
    figures.write("page", found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
