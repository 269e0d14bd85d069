"""What an input method commits: a real ibus with its Korean engine in a real editor, heard by a recorder before redaction."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from overheard import Overheard
from recorded import middle

from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.x11 import wait_for

ENGINE = Path("/usr/libexec/ibus-engine-hangul")

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("ibus-daemon") or not ENGINE.exists(), reason="needs ibus, ibus-gtk3 and ibus-hangul"),
]


@pytest.fixture(scope="module")
def korean() -> Iterator[DesktopSession]:
    """Give a desktop whose programs type through ibus, with the Korean engine chosen."""
    with DesktopSession() as desktop:
        desktop.env |= {"GTK_IM_MODULE": "ibus", "XMODIFIERS": "@im=ibus", "IBUS_ENABLE_SYNC_MODE": "1"}
        desktop.launch(["ibus-daemon", "--xim", "--panel=disable", "--emoji-extension=disable"])

        def has_engine() -> bool:
            chosen = subprocess.run(["ibus", "engine", "hangul"], env=desktop.env, capture_output=True, check=False, timeout=30)
            told = subprocess.run(["ibus", "engine"], env=desktop.env, capture_output=True, text=True, check=False, timeout=30)
            return chosen.returncode == 0 and told.stdout.strip() == "hangul"

        wait_for("the Korean engine", has_engine, seconds=60)
        yield desktop


@pytest.mark.parametrize("typed", [("", "order ready ", "order ready "), ("shift+space", "gksrmf dkssud ", "한글 안녕 ")])
def test_what_an_input_method_commits_is_told_as_the_field_has_it(korean, tmp_path, monkeypatch, typed):
    """Six Latin keys make two syllables: what the field got is told, the keys that made it aren't. In Latin letters both are the same."""
    switch, keys, got = typed
    path = tmp_path / "plan.txt"
    path.write_text("")
    for name in ("GTK_IM_MODULE", "XMODIFIERS"):
        monkeypatch.setenv(name, korean.env[name])
    editor = korean.start_mousepad(path)
    editor.activate()
    lender = Lender(tmp_path / "lent", lent_programme({"mousepad": ()}))
    with Hands(korean.display, seed=2) as hands, Overheard(lender, korean.env, monkeypatch) as heard:
        wait_for("the editor", lambda: heard.app == "mousepad", seconds=30)
        hands.click(*middle(editor.area()))
        if switch:
            hands.press(switch)
        hands.type_text(keys)
        wait_for("the keys", lambda: sum(judged.verdict == "plain" for judged in heard.verdicts) >= len(keys), seconds=60)
        hands.press("ctrl+s")
        wait_for("the file", lambda: got.strip() in path.read_text(), seconds=30)
    editor.process.terminate()
    editor.process.wait()
    assert path.read_text().strip() == got.strip()
    assert got.split() == heard.text.split()
    if switch:
        assert not [keys_of_one for keys_of_one in keys.split() if keys_of_one in heard.text]
