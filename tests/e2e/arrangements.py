"""Random arrangements of windows over lent ones, recorded, and what of the windows that aren't lent is found in the recording.

Unlisted windows, windows of a browser whose page isn't known (as private ones are), pop-ups, shaped and translucent ones, some of which
move and rise all the time, also between a picture and the verdict on it. For tests and `bench/bench_fuzz.py`.
"""

import random
import re
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from recorded import adds_up, bytes_below, frames, tiles, typed

from witting.actions.pictures import assemble
from witting.terms.geometry import Rect
from witting.testing.canary import Canaries, Look
from witting.testing.desktop import App, DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.x11 import wait_for

PROGRAMME = lent_programme({"mousepad": (), "chromium": ("https://forms.example.org",)})
COLOURS = (0xFE1234, 0x3412FE, 0xFED012, 0x12FE34, 0xFE12D0)
WORD = "thistledown"
TITLE = f"{WORD} https://{WORD}.example.org/payroll"
SCREEN = (1280, 800)
TEXT = "the order is ready\n" * 40


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of some arrangements."""

    pictures: int
    shown: int  # pictures that show something
    leaked_px: int  # pixels in a colour that only windows have that aren't lent
    leaked_words: int  # titles and addresses of theirs, in records and in the bytes on the disk
    leaked_keys: int  # characters recorded as typed beyond those that the lent windows got
    keys_typed: int  # keys pressed while something that isn't lent was in front
    is_complete: bool  # whether everything produced was kept or is told as a hole
    lent_keys: int = 0  # characters recorded of what was typed into lent windows


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


def arrange(desktop: DesktopSession, hands: Hands, editors: list[App], *, canaries: Canaries, chance: random.Random) -> int:
    """Put windows here and there, work in a lent one, and now and then in one that isn't; return how many keys went there."""
    looks = [random_look(chance, chance.choice(COLOURS)) for _ in range(chance.randint(1, 4))]
    shown = [canaries.show(look) for look in looks]
    canaries.serve(0.05)
    for editor in editors:
        if chance.random() < 0.5:
            place = [str(chance.randint(0, 700)), str(chance.randint(0, 350))]
            subprocess.run(["xdotool", "windowmove", str(editor.window.id), *place], env=desktop.env, check=True)
    if chance.random() < 0.8:
        chance.choice(editors).activate()
    canaries.serve(chance.uniform(0.0, 0.1))
    if chance.random() < 0.25:  # a place where something that isn't lent was put, managed windows first
        place = min(looks, key=lambda look: look.is_popup).area
        hands.click(place.x + place.width // 2, place.y + place.height - 5)
        canaries.serve(0.1)
    else:
        area = chance.choice(editors).area()
        hands.click(area.x + chance.randint(20, area.width - 20), area.y + chance.randint(60, area.height - 20))
    keys = 0
    if desktop.screen.active() not in {editor.window.id for editor in editors}:
        hands.type_text(WORD)
        keys = len(WORD)
    for window in shown:
        if chance.random() < 0.5:
            canaries.place(window, x=chance.randint(0, 1000), y=chance.randint(0, 600), is_above=chance.random() < 0.6)
    canaries.serve(chance.uniform(0.3, 0.6))
    for window in shown:
        canaries.hide(window)
    return keys


def run(desktop: DesktopSession, folder: Path, *, count: int, seed: int) -> Outcome:
    """Record some arrangements and search the recording for what isn't lent; needs a folder of its own."""
    folder.mkdir(exist_ok=True)
    lender = Lender(folder / "lent", PROGRAMME)
    editors = [_editor(desktop, folder / name) for name in ("one.txt", "two.txt")]
    with lender.start(desktop.env) as recorder, Hands(desktop.display, seed=seed, pace=3.0) as hands:
        keys = _arrange_all(desktop, hands, editors, count=count, seed=seed)
        time.sleep(0.6)
        assert recorder.stop() == 0
        got = sum(_saved_characters(desktop, editor, hands) for editor in editors) - len(TEXT) * len(editors)
    for editor in editors:
        editor.process.terminate()
        editor.process.wait()
    return _searched(lender, keys, got=got)


def _editor(desktop: DesktopSession, path: Path) -> App:
    path.write_text(TEXT)
    editor = desktop.start_mousepad(path)
    subprocess.run(["xdotool", "windowsize", "--sync", str(editor.window.id), "520", "380"], env=desktop.env, check=True)
    return editor


def _saved_characters(desktop: DesktopSession, editor: App, hands: Hands) -> int:
    """Save what an editor holds, and return how many characters that is: it may have got keys that were meant for another window."""
    editor.activate()
    wait_for("the editor", lambda: desktop.screen.active() == editor.window.id, seconds=30)
    hands.press("ctrl+s")

    def saved() -> Path | None:
        title = next(window.title for window in desktop.screen.windows() if window.id == editor.window.id)
        return None if title.startswith("*") else Path(title.split(" - ")[0])

    return len(wait_for("the file", saved, seconds=30).read_text())


def _arrange_all(desktop: DesktopSession, hands: Hands, editors: list[App], *, count: int, seed: int) -> int:
    """Make the arrangements, four of five with pop-ups that wander about."""
    chance, canaries = random.Random(seed), Canaries(desktop.display)
    keys, is_over = 0, threading.Event()
    wanderers = threading.Thread(target=disturb, args=(desktop.display, seed, is_over))
    wanderers.start()
    try:
        for number in range(count):
            is_quiet = number % 5 == 4  # so that something may be shown at all
            if is_quiet:
                is_over.set()
                wanderers.join()
                canaries.serve(0.9)
            keys += arrange(desktop, hands, editors, canaries=canaries, chance=chance)
            if is_quiet:
                is_over.clear()
                wanderers = threading.Thread(target=disturb, args=(desktop.display, seed + number, is_over))
                wanderers.start()
    finally:
        is_over.set()
        wanderers.join()
        canaries.close()
    return keys


def _searched(lender: Lender, keys: int, *, got: int) -> Outcome:
    records = lender.records()
    pictures, known = frames(records), tiles(records)
    runs = [
        re.sub("⟨[^⟩]*⟩", "x", text) for text in typed(records) if not text.startswith("[")
    ]  # whatever was covered was a character or more
    return Outcome(
        pictures=len(pictures),
        shown=sum(frame.masked_share < 1 for frame in pictures),
        leaked_px=sum(leaked_px(assemble(frame, known)) for frame in pictures),
        leaked_words=repr(records).lower().count(WORD) + bytes_below(lender.folder).lower().count(WORD.encode()),
        leaked_keys=max(0, sum(map(len, runs)) - got),
        keys_typed=keys,
        is_complete=adds_up(records),
    )
