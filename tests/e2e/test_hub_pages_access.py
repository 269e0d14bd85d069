"""The hub's pages as assistive technology meets them, in light and dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from hub_process import HubProcess
from playwright.sync_api import sync_playwright

from witting.hub.invitations import create

pytestmark = pytest.mark.e2e


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubProcess]:
    """A served hub with the example programme."""
    served = HubProcess(tmp_path / "hub")
    served.make()
    served.start()
    yield served
    served.stop()


def test_the_pages_have_no_accessibility_violation_and_run_no_script(hub: HubProcess) -> None:
    """Axe finds nothing on any page in either colour scheme, and each page is whole with scripting switched off."""
    invitation = create(hub.data_dir, "office-help", count=1)[0].removeprefix(hub.url)
    paths = ("/", "/log", "/datasets", "/insight", "/programmes/office-help", invitation)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            page = browser.new_context(color_scheme=scheme, bypass_csp=True).new_page()  # axe itself is a script
            for path in paths:
                page.goto(hub.url + path)
                found = Axe().run(page)
                assert found.violations_count == 0, f"{scheme} {path}: {found.generate_report()}"
        quiet = browser.new_context(java_script_enabled=False).new_page()
        loaded: list[str] = []
        quiet.on("request", lambda request: loaded.append(request.url))
        for path in paths:
            quiet.goto(hub.url + path)
            assert quiet.locator("main h1").first.is_visible()
        browser.close()
    assert all(url.startswith(hub.url) for url in loaded)
