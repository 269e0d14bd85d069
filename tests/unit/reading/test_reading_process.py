"""The reader's process: whatever happens to it, the answer says so, and what it knew is gone."""

import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.reading import process as processes
from witting.device.reading.found import Reading
from witting.device.reading.process import Allowance, ReadingProcess
from witting.terms.geometry import Rect

GRAY = np.full((40, 200), 255, np.uint8)
WANTED = np.ones(GRAY.shape, np.bool_)
AREAS = (Rect(0, 0, 50, 40),)
LOST = Reading(failed=True, unlooked=AREAS)
ANSWERING = """
import sys
from witting.device.reading.found import Reading
from witting.device.reading.wire import read_question, write_answer
while read_question(sys.stdin.buffer): write_answer(sys.stdout.buffer, Reading(unread=2, spent_ns={spent}))
"""


def running(code: str, **options: object) -> ReadingProcess:
    """Return a reader whose process runs some code."""
    return ReadingProcess((sys.executable, "-c", code), **options)  # type: ignore[arg-type]


@pytest.mark.promise("P8")
@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit(2)",
        "import sys; sys.stdin.buffer.read(8); sys.stdout.buffer.write(b'\\xff' * 9); sys.stdout.flush(); sys.stdin.read()",
        "import sys; sys.stdin.buffer.read(8); sys.stdout.buffer.write(b'\\2\\0\\0\\0{}'); sys.stdout.flush(); sys.stdin.read()",
    ],
)
def test_a_process_that_breaks_or_talks_nonsense_reads_nothing(code: str) -> None:
    """It ended, its answer is too long, or none: the picture isn't read, the areas aren't looked at; after three times it is left be."""
    reader = running(code)
    try:
        assert [reader.read(GRAY, WANTED, areas=AREAS) for _ in range(4)] == [LOST] * 4
        assert reader.refused == 4
        assert reader._process is None
    finally:
        reader.close()


@pytest.mark.promise("P8")
def test_a_process_that_is_silent_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer in time is no reading, and the process is gone."""
    monkeypatch.setattr(processes, "_START_S", 0.3)
    reader = running("import sys; sys.stdin.read()")
    try:
        assert reader.read(GRAY, WANTED, areas=AREAS) == LOST
        assert reader._process is None
    finally:
        reader.close()


def test_a_program_that_isnt_there_reads_nothing() -> None:
    """The command can't be started: nothing is read."""
    reader = ReadingProcess(("/nowhere/reader",))
    try:
        assert reader.read(GRAY, WANTED, areas=AREAS) == LOST
    finally:
        reader.close()


def test_a_reader_that_gives_up_answers_nothing_any_more() -> None:
    """The end of a session doesn't wait for pictures: the question that is out ends, and no other is asked."""
    reader = running("import sys; sys.stdin.read()")
    timer = threading.Timer(0.2, reader.give_up)
    timer.start()
    began = time.monotonic()
    try:
        assert [reader.read(GRAY, WANTED, areas=AREAS) for _ in range(3)] == [LOST] * 3
        assert reader.refused == 3
        assert reader._process is None
        assert time.monotonic() - began < processes._START_S / 2
    finally:
        timer.cancel()
        reader.close()


def test_a_question_that_is_interrupted_ends_at_once() -> None:
    """Pausing doesn't wait for a reading: another thread ends it, and the process with all that it knew."""
    reader = running("import sys; sys.stdin.read()")
    timer = threading.Timer(0.2, reader.interrupt)
    timer.start()
    try:
        assert reader.read(GRAY, WANTED, areas=AREAS) == LOST
        assert reader._process is None
    finally:
        timer.join()
        reader.close()


def test_interrupting_what_is_never_asked_costs_nothing() -> None:
    """A session whose programme doesn't have pictures read can be paused ten thousand times."""
    reader = ReadingProcess(("/nowhere/reader",))
    try:
        for _ in range(10_000):
            reader.interrupt()
    finally:
        reader.close()


def test_an_answer_is_counted_and_its_time_is_paid_for() -> None:
    """Strips without time add up; a reading dearer than what was saved leaves nothing for the next picture until time has passed."""
    now = [0]
    reader = running(ANSWERING.format(spent=5_000_000_000), now_ns=lambda: now[0], patience_s=30.0)
    try:
        assert reader.read(GRAY, WANTED, areas=AREAS).unread == 2
        assert reader.unread == 2
        assert reader.read(GRAY, WANTED, areas=AREAS) == LOST
        now[0] += 12_000_000_000
        assert reader.read(GRAY, WANTED, areas=AREAS).unread == 2
        assert (reader.unread, reader.refused, reader.spent_ns) == (4, 1, 10_000_000_000)
        reader.forget()
        assert reader._process is None
    finally:
        reader.close()


@given(st.lists(st.tuples(st.integers(0, 10**10), st.floats(0, 1)), max_size=30))
def test_an_allowance_is_never_more_than_its_share_and_what_was_saved(steps: list[tuple[int, float]]) -> None:
    """However it is spent, no more is spent than the share of the time that passed and the first savings."""
    now, spent = 0, 0
    allowance = Allowance(0.1, 10**9, now_ns=lambda: now)
    for passed, part in steps:
        now += passed
        left = allowance.left_ns()
        assert left <= 10**9
        paid = int(max(0, left) * part)
        allowance.spend(paid)
        spent += paid
        assert spent <= 10**9 + now * 0.1 + 1


def test_the_real_process_reads_and_ends_with_its_input() -> None:
    """`python -m witting.device.reading` reads a picture with the network shut, and is gone after `close`."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("L", (300, 60), 255)
    ImageDraw.Draw(image).text((10, 20), "Save the file", fill=0, font=ImageFont.truetype("DejaVuSans.ttf", 14))
    gray = np.asarray(image)
    reader = ReadingProcess(patience_s=60.0)
    try:
        reading = reader.read(gray, np.ones(gray.shape, np.bool_), areas=())
        process = reader._process
        assert [word.text for line in reading.lines for word in line.words] == ["Save", "the", "file"]
        assert reading.spent_ns > 0
    finally:
        reader.close()
    assert process is not None
    assert process.poll() is not None
