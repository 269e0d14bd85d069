"""How soon a run's hands stop when the person touches mouse or keyboard: 200 touches at random moments of clicking, gliding and typing.

On a real X server with a window manager; the person's input comes through XTEST too, so nothing but counting tells it apart.
"""

import random
import threading
import time

from witting.device.acting.fingers import Fingers
from witting.device.acting.view import TakenOverError
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands


def work(fingers: Fingers, rng: random.Random, sent: list[int]) -> None:
    """Click and type until the person takes over; note when each event was sent."""
    send = fingers._send  # noqa: SLF001 - what is measured is when it is called

    def noted(*what: object, **how: object) -> None:
        send(*what, **how)  # type: ignore[arg-type]
        sent.append(time.monotonic_ns())

    fingers._send = noted  # type: ignore[assignment, method-assign]  # noqa: SLF001
    try:
        while True:
            fingers.click(rng.randrange(50, 1200), rng.randrange(50, 700))
            fingers.type_text("the order is ready for delivery")
            fingers.press("ctrl+a")
    except TakenOverError:
        return
    finally:
        fingers._send = send  # type: ignore[method-assign]  # noqa: SLF001


def touch(hands: Hands, rng: random.Random) -> int:
    """Do one small thing as a person; return when it was given to the server."""
    before = len(hands.log)
    rng.choice(
        (
            lambda: hands.move_to(hands.x + 2, hands.y + 1),
            lambda: hands.press("shift"),
            lambda: hands.scroll("down"),
            lambda: hands.press("x"),
        )
    )()
    return hands.log[before].timestamp_ns


def measure(touches: int) -> tuple[list[float], int]:
    """Return the milliseconds from each touch until it was noticed, and how many events were sent after it was noticed."""
    rng = random.Random(0)
    waits: list[float] = []
    after = 0
    with DesktopSession() as desktop, Hands(desktop.display, seed=1, pace=8) as hands:
        terminal = desktop.start_xterm()
        terminal.activate()
        for _ in range(touches):
            fingers, sent = Fingers(desktop.display), list[int]()
            fingers.begin()
            thread = threading.Thread(target=work, args=(fingers, random.Random(rng.random()), sent))
            thread.start()
            time.sleep(rng.uniform(0.05, 0.8))
            touched_ns = touch(hands, rng)
            thread.join()
            waits.append((fingers.taken_ns - touched_ns) / 1e6)
            after += sum(at_ns > fingers.taken_ns for at_ns in sent)
            fingers.close()
    return waits, after
