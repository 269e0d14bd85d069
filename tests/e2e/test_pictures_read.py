"""Pictures that are read on a real session: the reader's process answers, and what trees mask stays masked."""

import time

import msgspec
import psutil
import pytest
from recorded import adds_up, frames, tiles

from witting.actions.pictures import assemble
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.x11 import wait_for

pytestmark = pytest.mark.e2e
FILL = 0xA0
LOWEST = 19


def readers(pid: int) -> list[psutil.Process]:
    """Return the processes that read pictures for a recorder."""
    return [child for child in psutil.Process(pid).children(recursive=True) if "witting.device.reading" in child.cmdline()]


@pytest.mark.promise("P7")
def test_a_programme_that_reads_pictures_masks_what_trees_mask(desktop, tmp_path):
    """An editor with a mail address in its text: a real process reads its pictures and ends with it; the text's box isn't shown."""
    programme = msgspec.structs.replace(lent_programme({"mousepad": ()}), reads_pictures=True)
    lender = Lender(tmp_path / "lent", programme)
    (tmp_path / "letter.txt").write_text("write to anna.muster@example.org\n" * 6)
    app = desktop.start_mousepad(tmp_path / "letter.txt")
    app.activate()
    with lender.start(desktop.env) as recorder, Hands(desktop.display, seed=8, pace=2.0) as hands:
        wait_for("a picture", lambda: recorder.status().kept.get("screen"), seconds=60)
        reader = wait_for("the reader", lambda: next(iter(readers(recorder.process.pid)), None), seconds=60)
        assert reader.nice() == LOWEST
        area = app.area()
        hands.click(area.x + 200, area.y + 200)
        time.sleep(1.5)
        assert recorder.stop() == 0
    assert not reader.is_running()
    app.process.terminate()
    app.process.wait()
    records = lender.records()
    found = frames(records)
    assert any(frame.masked_share < 1 for frame in found)
    for frame in found:
        picture = assemble(frame, tiles(records))
        left, top = area.x - frame.area.x + 10, area.y - frame.area.y + 70
        letters = picture[top : top + 60, left : left + 260]
        assert ((letters == FILL).all(axis=2)).all()
    assert adds_up(records)
