"""What was read in a picture: only ink whose every word passed is seen, in the line, in the row and over a break."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witting.device.privacy.detectors import Posture
from witting.device.privacy.readings import Judged, judge, read_over, reasons
from witting.device.privacy.texts import TextPipeline
from witting.device.reading.found import Gray, Line, Mask, Reading, Word
from witting.terms.geometry import Rect
from witting.terms.raw import RawFrame

LETTER_PX, HEIGHT = 7, 14
POSTURES: tuple[Posture, ...] = ("strict", "balanced")


def line(text: str, x: int = 10, y: int = 10, *, confidence: int = 95, height: int = HEIGHT) -> Line:
    """Return a line as a reader gives it, each word an ink of its own."""
    words, place = [], x
    for piece in text.split():
        words.append(Word(piece, Rect(place, y, len(piece) * LETTER_PX, HEIGHT), confidence))
        place += (len(piece) + 1) * LETTER_PX
    inks = tuple(Rect(word.box.x, y, word.box.width, height) for word in words)
    return Line(Rect(x, y, place - x, height), tuple(words), inks)


def judged(*lines: Line, posture: Posture = "strict") -> Judged:
    """Return what a fresh session thinks of lines."""
    return judge(Reading(lines=lines), TextPipeline(posture, seed=b"k"))


def hidden(*lines: Line, posture: Posture = "strict") -> set[str]:
    """Return the words that stay masked."""
    boxes = {box for box, _ in judged(*lines, posture=posture).refused}
    return {word.text for each in lines for word in each.words if word.box in boxes}


@pytest.mark.parametrize("posture", POSTURES)
def test_a_harmless_line_is_seen_as_one(posture: Posture) -> None:
    """Neighbours that pass are one box, with the gaps between them."""
    found = judged(line("Save the file"), posture=posture)
    assert found.refused == []
    assert found.passed == [Rect(8, 8, 13 * LETTER_PX + 4, HEIGHT + 4)]


@pytest.mark.promise("P7")
@pytest.mark.parametrize("posture", POSTURES)
@pytest.mark.parametrize(
    ("lines", "values"),
    [
        ((line("Write to anna.muster@example.org please"),), {"anna.muster@example.org"}),
        ((line("Dear Frau Musterfrau"),), {"Musterfrau"}),
        ((line("Password: hunter2Xq"),), {"hunter2Xq"}),
        ((line("Password:"), line("hunter2Xq", x=200)), {"hunter2Xq"}),  # the value stands beside its label
        ((line("anna.muster@exam"), line("ple.org", y=28)), {"anna.muster@exam", "ple.org"}),  # broken at a line's end
        ((line("IBAN DE89 3704 0044"), line("0532 0130 00", y=28)), {"DE89", "3704", "0044", "0532", "0130"}),
        ((line("Card 4111 1111"), line("1111 1111", x=150)), {"4111", "1111"}),  # over two boxes of one row
        ((line("Fontalne"),), {"Fontalne"}),  # a name misread is a word that nobody knows
        ((line("Total 48213"),), {"48213"}),
    ],
)
def test_a_value_is_masked_wherever_its_parts_stand(posture: Posture, lines: tuple[Line, ...], values: set[str]) -> None:
    """Mail, name, secret, IBAN, card: in a line, beside a label, over a break; in both postures."""
    assert values <= hidden(*lines, posture=posture)


@pytest.mark.promise("P8")
def test_what_was_read_without_confidence_stays_masked() -> None:
    """One unsure word masks its own ink, and no more."""
    sure, unsure = line("Save the file"), line("file", x=300, confidence=30)
    found = judged(sure, unsure)
    assert found.refused == [(unsure.ink[0], "unsure")]
    assert len(found.passed) == 1


@pytest.mark.promise("P8")
def test_ink_without_a_word_stays_masked() -> None:
    """Something is drawn there and nothing was read: an icon, a scribble, a script that the engine doesn't know."""
    there = line("Save")
    icon = Rect(60, 10, 14, 14)
    found = judge(Reading(lines=(Line(there.box, there.words, (*there.ink, icon)),)), TextPipeline("strict"))
    assert found.refused == [(icon, "unreadable")]


@pytest.mark.promise("P8")
def test_initials_in_a_round_stay_masked() -> None:
    """Ink far taller than the word in it has a picture around it, for instance an avatar."""
    found = judged(line("AM", height=3 * HEIGHT))
    assert reasons(found) == {"picture": 1}
    assert found.passed == []


def test_an_ink_over_two_words_is_seen_only_if_both_may_be() -> None:
    """Words that touch are one ink; the mask covers both."""
    both = line("Dear Musterfrau")
    one = Rect(both.ink[0].x, 10, both.box.width, HEIGHT)
    assert judge(Reading(lines=(Line(both.box, both.words, (one,)),)), TextPipeline("strict")).passed == []


def test_only_what_is_personal_is_a_conflict() -> None:
    """What was read without confidence masks itself; a mail address wins over a node that says otherwise."""
    unsure, mail = line("file", confidence=20), line("anna.muster@example.org", y=90)
    found = judged(unsure, mail)
    assert found.conflicts == [mail.ink[0]]
    assert reasons(found) == {"unsure": 1, "email": 1}


def test_what_one_line_taught_counts_for_the_others() -> None:
    """A name that a greeting gives away is masked in the lines before it and after it too, in the balanced posture."""
    lines = (line("Zwetschger agreed to all of it", y=10), line("Dear Frau Zwetschger", y=100))
    assert hidden(*lines, posture="balanced") >= {"Zwetschger"}
    assert "agreed" not in hidden(*lines, posture="balanced")


@pytest.mark.promise("P7")
@pytest.mark.parametrize("posture", POSTURES)
def test_a_sign_in_a_box_of_its_own_counts_for_the_word_beside_it(posture: Posture) -> None:
    """`#` and the channel's name are two strips of one row; far away in the row the sign says nothing."""
    sign, near, far = line("#"), line("deals", x=30), line("members", x=400)
    assert hidden(sign, near, far, posture=posture) == {"deals"}


@pytest.mark.promise("P7")
def test_of_a_title_that_names_somebody_nothing_is_left() -> None:
    """A few words by themselves that are mostly a name: the rest is masked too; in a sentence it stays."""
    title, sentence = line("Profile of Aiden Musterfrau"), line("we saw that Aiden wrote of the budget", y=90)
    assert hidden(title, sentence) == {"Profile", "of", "Aiden", "Musterfrau"}


@pytest.mark.promise("P7")
@pytest.mark.parametrize("posture", POSTURES)
def test_a_large_name_in_two_strips_is_one_name(posture: Posture) -> None:
    """Letters so large that each word is a strip, with a dot of an i above them: the second word is no ordinary one."""
    first, dot, second = line("Zwetschge"), line("A", x=40, y=8), line("Young", x=95)
    assert {"Zwetschge", "Young"} <= hidden(first, dot, second, posture=posture)


@pytest.mark.promise("P8")
@pytest.mark.parametrize("text", ["©", "RB", "A&B", "42"])
def test_a_round_with_a_sign_or_two_in_it_is_a_picture(text: str) -> None:
    """As tall as wide and larger than a letter: whatever was read in it, it is an avatar or an icon."""
    box = Rect(10, 10, 44, 44)
    found = judge(Reading(lines=(Line(box, (Word(text, box, 95),), (box,)),)), TextPipeline("strict"))
    assert found.passed == []


@pytest.mark.promise("P8")
def test_one_sign_by_itself_stays_masked() -> None:
    """Any speck may be read as one letter; beside words it is one of them."""
    assert hidden(line("="), line("a - b", y=90)) == {"="}


@pytest.mark.promise("P7")
@pytest.mark.parametrize("posture", POSTURES)
def test_initials_by_themselves_stay_masked(posture: Posture) -> None:
    """An avatar's two letters, whatever its size; `OK` is no initials."""
    assert hidden(line("GN"), line("OK", y=60), posture=posture) == {"GN"}


def test_rows_that_only_touch_the_same_height_stay_apart() -> None:
    """Lines further apart than a line aren't joined: a label says nothing of what stands far below."""
    assert "garden" not in hidden(line("Password:"), line("garden", y=90))


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Z", "C")), min_size=1, max_size=9)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.lists(words, max_size=5), st.integers(0, 300), st.integers(0, 200), st.integers(0, 100)), max_size=6))
def test_every_ink_is_passed_or_refused(drawn: list[tuple[list[str], int, int, int]]) -> None:
    """Whatever was read: each ink is in one of the two, and what passed covers no ink of its own line that was refused."""
    lines = [line(" ".join(pieces), x, y, confidence=confidence) for pieces, x, y, confidence in drawn]
    found = judge(Reading(lines=tuple(lines)), TextPipeline("strict", seed=b"k"))
    refused = {box for box, _ in found.refused}
    for each in lines:
        for ink in each.ink:
            is_passed = any(not box.intersect(ink).is_empty and box.y == ink.y - 2 for box in found.passed)
            assert ink in refused or is_passed
    assert set(found.conflicts) <= refused


class Noting:
    """A reader that notes what it was given and says where a face is in it."""

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[int, int], int, tuple[Rect, ...]]] = []

    def read(self, gray: Gray, wanted: Mask, *, areas: tuple[Rect, ...]) -> Reading:
        """Return a face at the very beginning of what was given."""
        self.asked.append((gray.shape, int(wanted.sum()), areas))
        return Reading(faces=(Rect(0, 0, 5, 5),))


FRAME = RawFrame(0, "periodic", np.zeros((100, 200, 3), np.uint8), (), area=Rect(1000, 500, 200, 100))


@pytest.mark.parametrize(
    ("wanted", "areas", "given_", "face"),
    [
        ((), (), None, None),
        ((), (Rect(0, 0, 50, 50),), None, None),  # of another screen
        ((), (Rect(1020, 510, 40, 30),), ((30, 40), 0, (Rect(0, 0, 40, 30),)), Rect(1020, 510, 5, 5)),
        ((), (Rect(1180, 580, 400, 300),), ((20, 20), 0, (Rect(0, 0, 20, 20),)), Rect(1180, 580, 5, 5)),  # cut off at the edge
        ((5, 7, 10, 20), (), ((20, 10), 200, ()), Rect(1005, 507, 5, 5)),
        ((5, 7, 10, 20), (Rect(1050, 500, 10, 10),) * 2, ((27, 55), 200, (Rect(45, 0, 10, 10),)), Rect(1005, 500, 5, 5)),
    ],
    ids=["nothing", "elsewhere", "an area", "an area over the edge", "a place", "both, an area twice"],
)
def test_only_what_is_wanted_is_given_to_the_reader(wanted, areas, given_, face) -> None:
    """The reader gets the smallest part that holds what is wanted, once each area; its places come back as the screen's."""
    mask = np.zeros((100, 200), bool)
    if wanted:
        x, y, width, height = wanted
        mask[y : y + height, x : x + width] = True
    reader = Noting()
    said = read_over(FRAME, mask, reader=reader, areas=areas)
    assert reader.asked == ([] if given_ is None else [given_])
    assert said.faces == (() if face is None else (face,))
