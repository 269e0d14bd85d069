"""Random arrangements of windows over lent ones: of what isn't lent not a pixel, title, key or address is recorded.

Unlisted windows, windows of a browser whose page isn't known (as private ones are), pop-ups, shaped and translucent ones, some of which
move and rise all the time, also between a picture and the verdict on it.
"""

import random
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from recorded import adds_up, bytes_below, frames, tiles, typed

from witting.actions.pictures import assemble
from witting.terms.events import Frame
from witting.terms.geometry import Rect
from witting.testing.canary import Canaries, Look
from witting.testing.desktop import App, DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme

pytestmark = pytest.mark.e2e

PROGRAMME = lent_programme({"mousepad": (), "chromium": ("https://forms.example.org",)})
COLOURS = (0xFE1234, 0x3412FE, 0xFED012, 0x12FE34, 0xFE12D0)
WORD = "thistledown"
TITLE = f"{WORD} https://{WORD}.example.org/payroll"
SCREEN = (1280, 800)


def random_look(chance: random.Random, colour: int) -> Look:
    """Return a window that isn't lent, of a random kind, size and place."""
    width, height = chance.randint(20, 500), chance.randint(20, 400)
    area = Rect(chance.randint(-40, SCREEN[0] - 60), chance.randint(-40, SCREEN[1] - 60), width, height)
    kind = chance.choice(("managed", "browser", "popup", "popup", "nameless", "shaped", "argb", "faint"))
    hole = Rect(5, 5, max(1, width // 2), max(1, height // 2)) if kind == "shaped" else None
    return Look(
        area,
        colour,
        app={"browser": "chromium", "nameless": "", "popup": chance.choice(("", "mousepad"))}.get(kind, "payroll"),
        title=TITLE,
        is_popup=kind in {"popup", "shaped", "argb", "faint"},
        is_lazy=chance.random() < 0.4,
        hole=hole,
        opacity=0.5 if kind in {"argb", "faint"} else 1.0,
        is_argb=kind == "argb",
    )


def disturb(display: str, seed: int, is_over: threading.Event) -> None:
    """Have pop-ups wander over everything, and come and go, until it is over."""
    chance = random.Random(seed)
    canaries = Canaries(display)
    windows: list[int] = []
    while not is_over.is_set():
        if len(windows) < 3 or chance.random() < 0.1:
            look = Look(Rect(chance.randint(0, 1100), chance.randint(0, 700), chance.randint(30, 250), chance.randint(30, 250)),
                        chance.choice(COLOURS), is_popup=True, is_lazy=chance.random() < 0.5)  # fmt: skip
            windows.append(canaries.show(look))
        window = chance.choice(windows)
        if len(windows) > 4:
            windows.remove(window)
            canaries.hide(window)
        else:
            canaries.place(window, x=chance.randint(0, 1100), y=chance.randint(0, 700), is_above=chance.choice((True, True, False, None)))
        canaries.serve(chance.choice((0.004, 0.02, 0.15, 0.9)))
    canaries.close()


def leaked_px(picture: np.ndarray) -> int:
    """Return how many pixels have, nearly, a colour that only windows have that aren't lent."""
    found = np.zeros(picture.shape[:2], bool)
    for colour in COLOURS:
        wanted = np.array([colour >> 16, colour >> 8 & 255, colour & 255])
        found |= (abs(picture.astype(int) - wanted) < 6).all(axis=2)
    return int(found.sum())


def arrange(desktop: DesktopSession, hands: Hands, editors: list[App], *, canaries: Canaries, chance: random.Random) -> None:
    """Put windows here and there, work in a lent one, and now and then in one that isn't."""
    shown = [canaries.show(random_look(chance, chance.choice(COLOURS))) for _ in range(chance.randint(1, 4))]
    canaries.serve(0.05)
    for editor in editors:
        if chance.random() < 0.5:
            place = [str(chance.randint(0, 700)), str(chance.randint(0, 350))]
            subprocess.run(["xdotool", "windowmove", str(editor.window.id), *place], env=desktop.env, check=True)
    if chance.random() < 0.8:
        chance.choice(editors).activate()
    canaries.serve(chance.uniform(0.0, 0.1))
    area = chance.choice(editors).area()
    hands.click(area.x + chance.randint(20, area.width - 20), area.y + chance.randint(60, area.height - 20))
    if desktop.screen.active() not in {editor.window.id for editor in editors}:
        hands.type_text(WORD)
    for window in shown:
        if chance.random() < 0.5:
            canaries.place(window, x=chance.randint(0, 1000), y=chance.randint(0, 600), is_above=chance.random() < 0.6)
    canaries.serve(chance.uniform(0.3, 0.6))
    for window in shown:
        canaries.hide(window)


def run(desktop: DesktopSession, folder: Path, *, count: int, seed: int) -> list[Frame]:
    """Record some arrangements; checks that nothing of what isn't lent is anywhere; returns the pictures."""
    chance = random.Random(seed)
    lender = Lender(folder / "lent", PROGRAMME)
    editors = []
    for name in ("one.txt", "two.txt"):
        (folder / name).write_text("the order is ready\n" * 40)
        editors.append(desktop.start_mousepad(folder / name))
        subprocess.run(["xdotool", "windowsize", "--sync", str(editors[-1].window.id), "520", "380"], env=desktop.env, check=True)
    is_over, canaries = threading.Event(), Canaries(desktop.display)
    wanderers = threading.Thread(target=disturb, args=(desktop.display, seed, is_over))
    with lender.start(desktop.env) as recorder, Hands(desktop.display, seed=seed, pace=3.0) as hands:
        wanderers.start()
        try:
            for number in range(count):
                if number % 5 == 4:  # a quiet one, so that something may be shown at all
                    is_over.set()
                    wanderers.join()
                    canaries.serve(0.9)
                arrange(desktop, hands, editors, canaries=canaries, chance=chance)
                if number % 5 == 4:
                    is_over.clear()
                    wanderers = threading.Thread(target=disturb, args=(desktop.display, seed + number, is_over))
                    wanderers.start()
        finally:
            is_over.set()
            wanderers.join()
            canaries.close()
        time.sleep(0.6)
        assert recorder.stop() == 0
    for editor in editors:
        editor.process.terminate()
        editor.process.wait()
    records = lender.records()
    pictures, known = frames(records), tiles(records)
    leaks = {frame.timestamp_ns: px for frame in pictures if (px := leaked_px(assemble(frame, known)))}
    assert leaks == {}
    assert WORD not in repr(records).lower()
    assert WORD.encode() not in bytes_below(lender.folder).lower()
    assert not [text for text in typed(records) if any(letter in text for letter in "thislw")]
    assert adds_up(records)
    shown = [frame for frame in pictures if frame.masked_share < 1]
    print(f"{count} arrangements, {len(pictures)} pictures, {len(shown)} show something, {len(leaks)} leak")
    return shown


@pytest.mark.promise("P6")
def test_of_twenty_five_arrangements_nothing_unlisted_is_recorded(desktop, tmp_path):
    """0 pixels, titles, keys and addresses of what isn't lent, while lent windows are shown."""
    assert run(desktop, tmp_path, count=20, seed=11)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.promise("P6")
def test_of_five_hundred_arrangements_nothing_unlisted_is_recorded(desktop, tmp_path):
    """The same over 500 arrangements."""
    assert len(run(desktop, tmp_path, count=500, seed=12)) > 50
