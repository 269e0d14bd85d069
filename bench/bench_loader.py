"""Frames a CPU second and bytes a frame: witting's sealed loader beside files, Parquet, WebDataset and unsealed Lance, on the same screens.

Screens: 2,000 of 1280 x 800 in 20 episodes, drawn: windows with text, of which each step changes a part, as desktops do. Lossless
everywhere (PNG for the peers). CPU time of the whole process, best of three, each with nothing kept in memory from the one before.
`--quick` takes 300 screens.
"""

import argparse
import io
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import lance
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash
import zstandard
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from witting.lab.dataset import open_dataset
from witting.lab.importing import ImportedSession, Source, import_dataset
from witting.lab.loading import WindowSource
from witting.terms.events import Frame, PointerButton, TaskMark, Tile
from witting.terms.session import Record
from witting.testing.sample_session import sample_header

WIDTH, HEIGHT, EPISODE = 1280, 800, 100
WORDS = (
    "order",
    "list",
    "station",
    "window",
    "report",
    "draft",
    "copy",
    "table",
    "save",
    "open",
    "close",
    "print",
    "total",
    "north",
    "week",
)
Pixels = NDArray[np.uint8]


class Peer(NamedTuple):
    """One way to keep screens."""

    name: str
    read: Callable[[Sequence[int]], list[Pixels]] | None  # None: has no random access
    read_all: Callable[[Sequence[int]], list[Pixels]]
    size_bytes: int
    forget: Callable[[], None] = lambda: None  # what it keeps in memory


def screens(count: int) -> list[Pixels]:
    """Return drawn screens; each differs from the one before in one window's lines."""
    chance = random.Random(5)
    made: list[Pixels] = []
    font = ImageFont.load_default(15)
    for number in range(count):
        if number % EPISODE == 0:
            image = Image.new("RGB", (WIDTH, HEIGHT), (chance.randint(180, 250), chance.randint(180, 250), 240))
            draw = ImageDraw.Draw(image)
            panes = [(40 + 310 * pane, 60 + 30 * pane, 560, 420) for pane in range(3)]
            for left, top, width, height in panes:
                draw.rectangle((left, top, left + width, top + height), fill=(252, 252, 250), outline=(90, 90, 100))
                for line in range(18):
                    draw.text((left + 10, top + 30 + 20 * line), " ".join(chance.choices(WORDS, k=9)), font=font, fill=(20, 20, 30))
        left, top, width, _ = panes[-1]
        for _ in range(chance.randint(1, 3)):
            line = chance.randint(0, 17)
            draw.rectangle((left + 5, top + 30 + 20 * line, left + width - 5, top + 49 + 20 * line), fill=(252, 252, 250))
            draw.text((left + 10, top + 30 + 20 * line), " ".join(chance.choices(WORDS, k=9)), font=font, fill=(20, 20, 30))
        made.append(np.asarray(image, np.uint8).copy())
    return made


def png(pixels: Pixels) -> bytes:
    """Return a screen as PNG."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=6)
    return stream.getvalue()


def opened(data: bytes) -> Pixels:
    """Return a PNG's pixels."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def session(number: int, shown: Sequence[Pixels]) -> ImportedSession:
    """Return an episode's screens as a session: one click on each."""
    records: list[Record] = [sample_header(f"{number:032x}"), TaskMark(1, "begin", "Go on")]
    known: set[str] = set()
    for step, pixels in enumerate(shown):
        at = (step + 1) * 1_000_000_000
        padded = np.pad(pixels, ((0, -HEIGHT % 64), (0, -WIDTH % 64), (0, 0)))
        names = []
        for top in range(0, HEIGHT, 64):
            for left in range(0, WIDTH, 64):
                raw = padded[top : top + 64, left : left + 64].tobytes()
                names.append(xxhash.xxh3_128_hexdigest(raw))
                if names[-1] not in known:
                    known.add(names[-1])
                    records.append(Tile(names[-1], zstandard.compress(raw, 9)))
        records.append(Frame(at, "damage", WIDTH, HEIGHT, bytes.fromhex("".join(names)), 0.0))
        records += [PointerButton(at + 1000 + up, 600, 400, 1, pressed=not up) for up in (0, 1)]
    return ImportedSession(f"{number:032x}", f"{number:032x}", records)


def witting_sealed(folder: Path, shown: Sequence[Pixels]) -> Peer:
    """Keep them as a sealed dataset."""
    parts = [session(start // EPISODE, shown[start : start + EPISODE]) for start in range(0, len(shown), EPISODE)]
    import_dataset(Source("bench", "drawn", "CC0"), parts, out_dir=folder)
    source = WindowSource(open_dataset(folder))

    def read(numbers: Sequence[int]) -> list[Pixels]:
        return [window.frames[-1] for window in source.windows(numbers)]

    return Peer("witting, sealed tiles in Lance", read, read, size_of(folder), source.forget)


def files(folder: Path, packed: Sequence[bytes]) -> Peer:
    """Keep them as files."""
    folder.mkdir()
    for number, data in enumerate(packed):
        (folder / f"{number}.png").write_bytes(data)

    def read(numbers: Sequence[int]) -> list[Pixels]:
        return [opened((folder / f"{number}.png").read_bytes()) for number in numbers]

    return Peer("PNG files", read, read, size_of(folder))


def parquet(folder: Path, packed: Sequence[bytes]) -> Peer:
    """Keep them in Parquet, row groups of 20."""
    folder.mkdir()
    pq.write_table(pa.table({"image": pa.array(packed, pa.binary())}), folder / "a.parquet", row_group_size=20, compression="none")
    file = pq.ParquetFile(folder / "a.parquet")

    def read(numbers: Sequence[int]) -> list[Pixels]:
        groups = {group: file.read_row_group(group).column("image") for group in {number // 20 for number in numbers}}
        return [opened(groups[number // 20][number % 20].as_py()) for number in numbers]

    return Peer("Parquet, PNG", read, read, size_of(folder))


def lance_png(folder: Path, packed: Sequence[bytes]) -> Peer:
    """Keep them unsealed in Lance."""
    table = pa.table({"image": pa.array(packed, pa.large_binary())})
    lance.write_dataset(table, str(folder))
    rows = lance.dataset(str(folder))

    def read(numbers: Sequence[int]) -> list[Pixels]:
        column = rows.take(list(numbers), columns=["image"]).column("image")
        return [opened(data.as_py()) for data in column]

    return Peer("Lance unsealed, PNG", read, read, size_of(folder))


def webdataset(folder: Path, packed: Sequence[bytes]) -> Peer | None:
    """Keep them in WebDataset's shards, one an episode; it reads in order only."""
    try:
        import webdataset as wds
    except ModuleNotFoundError:
        return None
    folder.mkdir()
    for start in range(0, len(packed), EPISODE):
        with wds.TarWriter(str(folder / f"{start // EPISODE}.tar")) as sink:
            for number, data in enumerate(packed[start : start + EPISODE]):
                sink.write({"__key__": f"{start + number:06}", "png": data})

    def read_all(numbers: Sequence[int]) -> list[Pixels]:
        shards = sorted({number // EPISODE for number in numbers})
        found = wds.WebDataset([str(folder / f"{shard}.tar") for shard in shards], shardshuffle=False, empty_check=False)
        return [opened(sample["png"]) for sample in found]

    return Peer("WebDataset, PNG", None, read_all, size_of(folder))


def rate(peer: Peer, read: Callable[[Sequence[int]], list[Pixels]], asked: Sequence[Sequence[int]]) -> float:
    """Return frames a CPU second, best of three."""
    best = 0.0
    for _ in range(3):
        peer.forget()
        began, frames = time.process_time(), 0
        for numbers in asked:
            frames += len(read(numbers))
        best = max(best, frames / (time.process_time() - began))
    return best


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    count = 300 if parser.parse_args().quick else 2000
    folder = Path(tempfile.mkdtemp())
    try:
        shown = screens(count)
        packed = [png(pixels) for pixels in shown]
        peers = [
            witting_sealed(folder / "witting", shown), files(folder / "files", packed), parquet(folder / "parquet", packed),
            lance_png(folder / "lance", packed), webdataset(folder / "web", packed),
        ]  # fmt: skip
        chance = random.Random(1)
        singles = [chance.sample(range(count), 16) for _ in range(12)]
        histories = [
            [at - 3, at - 2, at - 1, at]
            for at in (chance.randrange(3, EPISODE) + EPISODE * chance.randrange(count // EPISODE) for _ in range(40))
        ]
        whole = [range(start, start + EPISODE) for start in chance.sample(range(0, count, EPISODE), 2)]
        print(f"{count} screens of {WIDTH} x {HEIGHT}; frames a CPU second (batches of 16), kB a frame")
        print(f"{'':32} {'random':>8} {'with 3 before':>14} {'episode':>9} {'kB':>7}")
        for peer in peers:
            if peer is None:
                print("WebDataset: not installed (pip install webdataset)")
                continue
            assert all(np.array_equal(one, shown[at]) for one, at in zip(peer.read_all(range(EPISODE))[:5], range(5), strict=True))
            random_rate = f"{rate(peer, peer.read, singles):8.0f}" if peer.read else "       -"
            history_rate = f"{rate(peer, peer.read, histories):14.0f}" if peer.read else f"{'-':>14}"
            print(
                f"{peer.name:32} {random_rate} {history_rate} {rate(peer, peer.read_all, whole):9.0f} {peer.size_bytes / count / 1000:7.1f}"
            )
        print("not here: MosaicML MDS (wants numpy < 2.2 and torchvision) and LeRobot v3 (wants av < 16 and datasets < 4.2)")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
