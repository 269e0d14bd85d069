"""One process that listens to pointer and keys by one library and counts: `input_listener.py ours|pynput DISPLAY`.

Prints a line when it listens, and how many events it heard when its input ends. No gate, no redaction, no writing: the source alone.
"""

import os
import selectors
import sys
import time


def ours(display: str) -> int:
    """Listen as the recorder does: a batch some milliseconds after the first event."""
    from witting.device.capture.input_x11 import InputSource

    source = InputSource(display)
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ)
    selector.register(source, selectors.EVENT_READ)
    print("ready", flush=True)
    heard = 0
    while True:
        due_ns = source.next_deadline_ns
        ready = [key.fileobj for key, _ in selector.select(None if due_ns is None else max(0, due_ns - time.monotonic_ns()) / 1e9)]
        if source in ready:
            source.rang()
        if source.next_deadline_ns is not None and source.next_deadline_ns <= time.monotonic_ns():
            heard += len(source.read())
        if sys.stdin in ready:
            return heard + len(source.read())


def peer(display: str) -> int:
    """Listen as pynput's documentation says."""
    os.environ["DISPLAY"] = display
    from pynput import keyboard, mouse

    heard = 0

    def hear(*_: object) -> None:
        nonlocal heard
        heard += 1

    listeners = (mouse.Listener(on_move=hear, on_click=hear, on_scroll=hear), keyboard.Listener(on_press=hear, on_release=hear))
    for listener in listeners:
        listener.start()
        listener.wait()
    print("ready", flush=True)
    sys.stdin.read()
    time.sleep(0.3)
    return heard


if __name__ == "__main__":
    print({"ours": ours, "pynput": peer}[sys.argv[1]](sys.argv[2]), flush=True)
