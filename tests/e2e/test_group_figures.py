"""Group figures as a person meets them: in a real browser, by keyboard alone, read aloud."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from hub_process import HubProcess
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import insert

from witting.hub.consents import programme_in_force
from witting.hub.database import reading, writing
from witting.hub.hub import open_hub_at
from witting.hub.insight.budget import plan
from witting.hub.insight.drawing import draw
from witting.hub.journal import Deed
from witting.hub.schema import group_release
from witting.testing.group_release import sample_release

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """The hub's page of group figures with a release about two hundred synthetic people, in a browser."""
    served = HubProcess(tmp_path / "hub")
    served.make()
    with closing(open_hub_at(served.data_dir)) as hub:
        with reading(hub.engine) as connection:
            programme = programme_in_force(connection, "office-help").programme
        made, charge = sample_release(programme), plan(programme.insight_in_force, "figures").rho_nano
        row = {"programme_id": programme.id, "number": 1, "rho_nano": charge}
        with writing(hub.engine) as connection:
            position = hub.journal.record(connection, Deed(kind="insight_released", done_at=hub.stamp(), fields=dict(row)))
            drawn = msgspec.json.encode(draw(made.figures))
            values = {**row, "body": msgspec.json.encode(made), "pictures": drawn, "position": position, "released_at": hub.stamp()}
            connection.execute(insert(group_release).values(**values))
    served.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        opened = browser.new_context(bypass_csp=True).new_page()
        opened.goto(f"{served.url}/insight")
        yield opened
        browser.close()
    served.stop()


def test_the_page_can_be_seen_read_aloud_and_gone_through_by_keys(page: Page) -> None:
    """Every picture is drawn though nothing may run in it; axe finds nothing in light or dark; Tab reaches every table, in order."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of two words
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    pictures = page.locator("img.figure")
    pictures.last.scroll_into_view_if_needed()
    assert pictures.count() >= 5
    assert all(picture.evaluate("it => it.complete && it.naturalWidth > 0") for picture in pictures.all())
    assert all("table below" in (picture.get_attribute("alt") or "") for picture in pictures.all())
    reached: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('aria-labelledby') || ''"))
    tables = [name for name in reached if name.startswith("f-")]
    assert len(set(tables)) == page.locator("[role=region]").count()
    assert page.locator("script").count() == page.locator("form").count() == 0
