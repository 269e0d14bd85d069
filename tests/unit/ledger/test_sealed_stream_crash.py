"""A real writer process killed with -9 at random moments: whole records stay, plaintext never touches the disk."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from witting.ledger.seals import SealedReader

KEY = bytes(range(32))
MARK = b"PLAINTEXT-MARK-4417"
WRITER = """
import itertools, os, random, sys
from witting.ledger.seals import SealedWriter

chance = random.Random(int(sys.argv[2]))
file = open(sys.argv[1], "wb", buffering=0)
writer = SealedWriter(file, bytes(range(32)))
for number in itertools.count():
    writer.append(number.to_bytes(8, "little") + b"PLAINTEXT-MARK-4417" * chance.randrange(1, 40_000))
    writer.sync()
    os.write(1, number.to_bytes(8, "little"))  # said only after the record is on disk
"""


@pytest.mark.promise("P11")
@pytest.mark.parametrize("seed", range(6))
def test_kill_9_keeps_every_synced_record(tmp_path: Path, seed: int) -> None:
    """After kill -9 every record that was synced reads back whole, in order; a torn tail is counted; no plaintext is on disk."""
    stream = tmp_path / "stream"
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(stream), str(seed)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    said = child.stdout.read(8)  # the first record is on disk
    time.sleep(random.Random(seed).uniform(0.0, 0.05))
    os.kill(child.pid, signal.SIGKILL)
    said += child.stdout.read()
    child.wait()
    child.stdout.close()
    synced = len(said) // 8
    with stream.open("rb") as file:
        reader = SealedReader(file, KEY)
        numbers = [int.from_bytes(record[:8], "little") for record in reader]
    assert numbers == list(range(len(numbers)))
    assert synced <= len(numbers) <= synced + 1
    assert reader.ending in {"open", "torn"}
    assert (reader.ending == "torn") == (reader.torn_bytes > 0)
    assert all(MARK not in file.read_bytes() for file in tmp_path.iterdir())
