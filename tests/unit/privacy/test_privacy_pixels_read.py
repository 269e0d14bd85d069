"""Pictures that are read: more is shown than trees vouch for, and everything masked before stays masked."""

import numpy as np
import pytest
from numpy.typing import NDArray
from test_privacy_pixels import SCREEN, TEXT, around, assembled, frame_of, noise, tree_at

from witting.device.privacy import Redactor
from witting.device.privacy.pixels import FILL, Pane
from witting.device.reading.found import Gray, Line, Mask, Reading, Word
from witting.terms.geometry import Rect
from witting.terms.raw import RawFrame
from witting.terms.tree import UiNode, UiTree

AT = Rect(150, 100, 60, 12)
HARMLESS, PERSONAL = "Settings", "anna.muster@example.org"


class Saying:
    """A reader that says what it was told to, and remembers what it was asked; places are of the screen."""

    def __init__(self, **said: object) -> None:
        self.said = Reading(**said)  # type: ignore[arg-type]
        self.wanted: NDArray[np.bool_] | None = None
        self.areas: tuple[Rect, ...] = ()
        self.calls = 0

    def read(self, _gray: Gray, wanted: Mask, *, areas: tuple[Rect, ...]) -> Reading:
        """Return what it was told to say, in pixels of what it was given: the whole frame in these tests."""
        self.calls += 1
        self.wanted, self.areas = wanted, areas
        return self.said


def words_at(text: str, box: Rect = AT) -> tuple[Line, ...]:
    """Return a reading of one word in a place."""
    return (Line(box, (Word(text, box, 96),), (box,)),)


def taken(reader: Saying, before: list[UiTree], after: list[UiTree], raw: RawFrame | None = None, others: tuple[Pane, ...] = ()):
    """Return which pixels are shown, and the frame."""
    redactor = Redactor("strict", seed=b"k", reader=reader)
    frame, tiles = redactor.frame(raw or frame_of(noise()), before, trees_after=after, others=others)
    return (assembled(frame, tiles) != FILL).any(axis=2), frame


def is_shown(mask: NDArray[np.bool_], box: Rect) -> bool:
    """Whether every pixel of a box is shown."""
    return bool(mask[box.y : box.y + box.height, box.x : box.x + box.width].all())


def is_masked(mask: NDArray[np.bool_], box: Rect) -> bool:
    """Whether no pixel of a box is shown."""
    return not mask[box.y : box.y + box.height, box.x : box.x + box.width].any()


def test_what_was_read_and_passed_is_shown_and_nothing_beside_it() -> None:
    """A harmless word that no node has is shown; further than its edge nothing is."""
    mask, frame = taken(Saying(lines=words_at(HARMLESS)), *around(TEXT))
    assert is_shown(mask, AT)
    assert is_shown(mask, TEXT.box)
    assert np.count_nonzero(mask) <= (AT.width + 4) * (AT.height + 4) + TEXT.box.width * TEXT.box.height
    assert frame.findings == ()


@pytest.mark.promise("P7")
def test_what_was_read_and_is_personal_stays_masked_and_is_counted() -> None:
    """A mail address stays masked, over a node that passed too, because the two are in conflict."""
    over = Rect(TEXT.box.x + 20, TEXT.box.y, 30, 16)
    reader = Saying(lines=(*words_at(PERSONAL), *words_at(PERSONAL, over)))
    mask, frame = taken(reader, *around(TEXT))
    assert is_masked(mask, AT)
    assert is_masked(mask, over)
    assert [(found.kind, found.end, found.detector) for found in frame.findings] == [("email", 2, "read")]


@pytest.mark.promise("P7")
@pytest.mark.parametrize(
    "node",
    [
        UiNode(2, 0, "text", "⟨NAME_1⟩", box=AT),
        UiNode(2, 0, "image", "Settings", box=AT),
        UiNode(2, 0, "canvas", box=AT),
        UiNode(2, 0, "textbox", states=("secure",), box=AT),
        UiNode(2, 0, "group", "⟨NAME_1⟩", states=("opaque",), box=AT),
    ],
    ids=["found", "image", "canvas", "secure", "opaque"],
)
def test_no_reading_shows_what_a_node_masks(node: UiNode) -> None:
    """Text inside an image, on a canvas, in a password's dots: read as harmless or not, it stays masked, and wasn't asked for."""
    reader = Saying(lines=words_at(HARMLESS))
    mask, _ = taken(reader, *around(TEXT, node))
    assert is_masked(mask, AT)
    assert reader.wanted is not None
    assert not reader.wanted[AT.y : AT.y + AT.height, AT.x : AT.x + AT.width].any()


@pytest.mark.promise("P8")
@pytest.mark.parametrize("case", ["changed", "moved", "one side", "no tree"])
def test_no_reading_shows_what_trees_disagree_about(case: str) -> None:
    """A node that changed, moved or was seen on one side only, or no tree at all: what was read there isn't shown."""
    here, there = UiNode(2, 0, "text", "Options", box=AT), UiNode(2, 0, "text", "Options", box=Rect(AT.x, AT.y + 5, 60, 12))
    other = UiNode(2, 0, "text", "Choices", box=AT)
    cases = {
        "changed": ([tree_at(5, TEXT, here)], [tree_at(15, TEXT, other)]),
        "moved": ([tree_at(5, TEXT, here)], [tree_at(15, TEXT, there)]),
        "one side": ([tree_at(5, TEXT)], []),
        "no tree": ([], []),
    }
    mask, _ = taken(Saying(lines=words_at(HARMLESS)), *cases[case])
    assert is_masked(mask, AT)


@pytest.mark.promise("P6")
def test_no_reading_shows_what_isnt_lent() -> None:
    """A harmless word in another window's pixels is neither asked for nor shown."""
    reader = Saying(lines=words_at(HARMLESS))
    mask, _ = taken(reader, *around(TEXT), raw=RawFrame(10, "damage", noise(), (Rect(0, 0, 140, 200), Rect(220, 0, 80, 200))))
    assert is_masked(mask, AT)


@pytest.mark.promise("P8")
def test_a_window_with_a_secure_field_somewhere_isnt_read() -> None:
    """A native app told of a password field and not where it is: no pixel of its window is shown for having been read."""
    reader = Saying(lines=words_at(HARMLESS))
    mask, _ = taken(reader, *around(TEXT, UiNode(2, 0, "password text", states=("secure",))))
    assert is_masked(mask, AT)
    assert reader.calls == 0


@pytest.mark.promise("P7")
@pytest.mark.parametrize("what", ["faces", "codes", "unlooked"])
def test_faces_codes_and_what_nobody_looked_at_win_over_nodes(what: str) -> None:
    """A face or code on a node that passed is masked, and so is the node where there was no time to look; each is counted."""
    place = Rect(20, 22, 30, 10)
    tall = UiNode(1, 0, "text", "Open file", box=Rect(10, 20, 80, 40))
    reader = Saying(**{what: (place,)})
    mask, frame = taken(reader, *around(tall))
    assert reader.areas == (tall.box,)
    assert is_masked(mask, place)
    assert is_shown(mask, Rect(60, 40, 20, 15))
    detector = {"faces": "face", "codes": "code", "unlooked": "not_looked"}[what]
    assert [(found.kind, found.end, found.detector) for found in frame.findings] == [("pixels", 1, detector)]


@pytest.mark.promise("P8")
@pytest.mark.parametrize(("said", "count"), [({"unread": 7}, 7), ({"failed": True}, 1)])
def test_what_there_was_no_time_for_is_counted_on_the_picture(said: dict[str, object], count: int) -> None:
    """Strips that weren't read, and a reader that broke, are told on the frame; what trees vouch for is shown as ever."""
    mask, frame = taken(Saying(**said), *around(TEXT))
    assert is_shown(mask, TEXT.box)
    assert [(found.end, found.detector) for found in frame.findings] == [(count, "not_read")]


def test_a_window_behind_is_read_within_its_own_region() -> None:
    """Two lent windows: the one behind is read too, each only where it can be seen."""
    behind = UiNode(1, 0, "text", "Folder", box=Rect(150, 20, 60, 16))
    first, second = around(TEXT), around(behind)
    raw = RawFrame(10, "damage", noise(), (Rect(0, 0, 140, 200),))
    pane = Pane((Rect(140, 0, 160, 200),), *second)
    mask, _ = taken(Saying(lines=words_at(HARMLESS)), *first, raw=raw, others=(pane,))
    assert is_shown(mask, AT)


def test_places_of_a_second_monitor_are_of_the_screen() -> None:
    """A picture of a monitor on the right: nodes, readings and regions meet in pixels of the screen."""
    area = Rect(1000, 50, 300, 200)
    node = UiNode(1, 0, "text", "Open file", box=Rect(1010, 70, 80, 16))
    trees = [UiTree(5, "d", "page", "chromium", "", (UiNode(0, -1, "document", box=area), node))]
    after = [UiTree(15, "d", "page", "chromium", "", (UiNode(0, -1, "document", box=area), node))]
    raw = RawFrame(10, "damage", noise(), (area,), monitor=1, area=area)
    mask, _ = taken(Saying(lines=words_at(HARMLESS)), trees, after, raw=raw)
    assert is_shown(mask, AT)
    assert is_shown(mask, Rect(10, 20, 80, 16))


def test_a_plain_background_is_no_reason_to_read() -> None:
    """Only where something could be shown that isn't yet, the reader is asked; nothing lent, nothing asked."""
    reader = Saying()
    taken(reader, *around(TEXT), raw=RawFrame(10, "damage", noise(), (Rect(400, 0, 10, 10),)))
    assert reader.calls == 0
    assert SCREEN.width == 300
