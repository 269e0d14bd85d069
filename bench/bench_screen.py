"""What pictures cost on the disk and in CPU: the frames of an office morning stored by us beside PNG, JPEG, x264 and AV1.

The same frames for all: as the recorder takes them (every two seconds while something changes, before and after each click), with every
pixel of the screen shown, which is the worst case: a real recording masks what isn't lent. `--seconds` works longer than the default.
"""

import argparse
import io
import resource
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from figures import write
from office import Office, missing_programs
from witting.device.capture.screen import ScreenSource
from witting.device.capture.x11 import XDisplay
from witting.device.privacy.pixels import FramePipeline
from witting.device.spool.packing import packed
from witting.terms.codec import frame_record
from witting.terms.events import Frame
from witting.terms.geometry import Rect
from witting.testing.canary import Canaries, Look
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.x11 import wait_for

Pixels = NDArray[np.uint8]
EVERY_S = 2.0
AFTER_S = 0.35
CLICKS = 200
_VIDEO = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-r", "1"]


def watch(display: str, clicks: Callable[[], int], is_over: threading.Event, frames: list[Pixels]) -> None:
    """Take pictures as the recorder does until it is over."""
    x = XDisplay(display)
    screen = ScreenSource(x)
    seen, due, after = 0, 0.0, 0.0
    while not is_over.wait(0.01):
        for event in x.events():
            screen.handle(event)
        now = time.monotonic()
        is_click = clicks() > seen
        seen = clicks()
        if is_click or (after and now >= after) or (screen.is_damaged and now >= due):
            after = now + AFTER_S if is_click else 0.0
            due = now + EVERY_S
            picture = screen.grab().rgb(Rect(0, 0, x.width_px, x.height_px))
            if not frames or not np.array_equal(frames[-1], picture):
                frames.append(picture)
    screen.close()
    x.close()


def morning(seconds: float) -> list[Pixels]:
    """Return the pictures of an office morning."""
    frames: list[Pixels] = []
    with tempfile.TemporaryDirectory() as scratch, DesktopSession() as desktop, Office(desktop, Path(scratch)) as office:
        is_over = threading.Event()

        def clicks() -> int:
            return sum(event.kind == "button_down" and event.button < 4 for event in office.hands.log)

        thread = threading.Thread(target=watch, args=(desktop.display, clicks, is_over, frames))
        thread.start()
        office.work(seconds)
        is_over.set()
        thread.join()
    return frames


def by_us(frames: Sequence[Pixels]) -> int:
    """Return the bytes that the spool holds of the frames, without the seal's few."""
    pipeline = FramePipeline()
    segments = []
    for number, pixels in enumerate(frames):
        names, tiles = pipeline._tiles(pixels)  # noqa: SLF001 - what comes behind the mask
        frame = Frame(number, "periodic", pixels.shape[1], pixels.shape[0], names, 0.0)
        segments.append(b"".join(frame_record(record) for record in (*tiles, frame)))
    return sum(len(segment) for segment in packed(*segments))


def by_pillow(kind: str, **options: int) -> Callable[[Sequence[Pixels]], int]:
    """Return what stores each frame as a picture file."""

    def store(frames: Sequence[Pixels]) -> int:
        total = 0
        for pixels in frames:
            out = io.BytesIO()
            Image.fromarray(pixels).save(out, kind, **options)
            total += out.tell()
        return total

    return store


def by_ffmpeg(*options: str) -> Callable[[Sequence[Pixels]], int]:
    """Return what stores the frames as a film."""

    def store(frames: Sequence[Pixels]) -> int:
        height, width = frames[0].shape[:2]
        with tempfile.NamedTemporaryFile(suffix=".mkv") as out:
            command = [
                "ffmpeg",
                "-y",
                "-loglevel",
                "error",
                *_VIDEO,
                "-s",
                f"{width}x{height}",
                "-i",
                "-",
                *options,
                "-threads",
                "1",
                out.name,
            ]
            subprocess.run(command, input=b"".join(frame.tobytes() for frame in frames), check=True)
            return Path(out.name).stat().st_size

    return store


def clicks_before(count: int) -> list[dict[str, object]]:
    """Return how long after its click a picture began, and which share is from before what the click causes.

    The window under the click repaints as soon as it hears of it, which is the hardest case: toolkits need some milliseconds more.
    """
    colours = (0x2060A0, 0xE0C030)
    with tempfile.TemporaryDirectory() as scratch, DesktopSession() as desktop, Hands(desktop.display, seed=8) as hands:
        lender = Lender(Path(scratch) / "lent", lent_programme({"canary": ()}))
        canaries = Canaries(desktop.display)
        canaries.show(Look(Rect(300, 200, 400, 300), colours[0], app="canary", title="Colours"))
        found = wait_for("the window", lambda: desktop.screen.find("canary"))
        desktop.screen.activate(found)
        is_over = threading.Event()

        def draw() -> None:
            while not is_over.is_set():
                canaries.serve(0.5, colours=colours)

        thread = threading.Thread(target=draw)
        thread.start()
        with lender.start(desktop.env) as recorder:
            for number in range(count):
                hands.click(found.area.x + 50 + number % 300, found.area.y + 50 + number % 200)
                time.sleep(0.25)
            recorder.stop()
        is_over.set()
        thread.join()
        canaries.close()
        taken = [one.timestamp_ns for one in lender.records() if isinstance(one, Frame) and one.reason == "click"]
    pressed = [event.timestamp_ns for event in hands.log if event.kind == "button_down"]
    own = [max((at for at in pressed if at <= one + 2_000_000), default=one) for one in taken]
    late_ms = [max(0.0, (one - press) / 1e6) for one, press in zip(taken, own, strict=True)]
    changed = {press: next((at for at in canaries.presses if at >= press), 2**62) for press in pressed}
    before = [one < changed[press] for one, press in zip(taken, own, strict=True)]
    common = {"peer": None, "runs": len(taken)}
    return [
        {"name": "clicks with a picture", "value": len(taken) / count, "unit": "share", "sense": "higher", "bar": None, **common},
        {
            "name": "click to its picture p50",
            "value": float(np.percentile(late_ms, 50)),
            "unit": "ms",
            "sense": "lower",
            "bar": None,
            **common,
        },
        {
            "name": "click to its picture p99",
            "value": float(np.percentile(late_ms, 99)),
            "unit": "ms",
            "sense": "lower",
            "bar": 100,
            **common,
        },
        {
            "name": "pictures from before what the click causes",
            "value": sum(before) / max(1, len(before)),
            "unit": "share",
            "sense": "higher",
            "bar": 0.99,
            **common,
        },
    ]


def cpu_s() -> float:
    """Return the CPU seconds of this process and its children."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


WAYS: dict[str, Callable[[Sequence[Pixels]], int]] = {
    "tiles (ours)": by_us,
    "PNG": by_pillow("png"),
    "JPEG 80": by_pillow("jpeg", quality=80),
    "x264, lossy crf 23": by_ffmpeg("-c:v", "libx264", "-preset", "medium", "-crf", "23", "-pix_fmt", "yuv420p"),
    "x264, lossless": by_ffmpeg("-c:v", "libx264rgb", "-preset", "medium", "-qp", "0"),
    "AV1, lossy crf 35": by_ffmpeg("-c:v", "libsvtav1", "-preset", "8", "-crf", "35", "-pix_fmt", "yuv420p"),
}


def main() -> None:
    """Measure all ways on the same frames."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=180.0)
    seconds = parser.parse_args().seconds
    if missing := missing_programs():
        print(f"bench screen: skipped, {', '.join(missing)} missing; deploy/debian-packages-more.txt names the packages")
        return
    frames = morning(seconds)
    figures: list[dict[str, object]] = [{"name": "frames", "value": len(frames), "unit": "frames", "sense": "", "bar": None, "runs": 1}]
    ours: tuple[float, float] | None = None
    for name, store in WAYS.items():
        before = cpu_s()
        size, spent = store(frames) * 3600 / seconds / 1e6, cpu_s() - before
        ours = ours or (size, spent)
        is_ours = name == "tiles (ours)"
        peer = None if is_ours else {"name": "ours / this", "value": f"{ours[0] / size:.2f} bytes, {ours[1] / spent:.2f} CPU"}
        common = {"sense": "lower", "runs": 1}
        figures.append(
            {"name": f"{name}: size", "value": size, "unit": "MB per hour", "bar": 30 if is_ours else None, "peer": peer, **common}
        )
        figures.append(
            {"name": f"{name}: CPU", "value": spent * 1000 / len(frames), "unit": "ms a frame", "bar": None, "peer": None, **common}
        )
    write("screen", [*figures, *clicks_before(CLICKS)])


if __name__ == "__main__":
    main()
