"""The accessibility bus's bytes: packets cut out of the stream, rows read straight from them, as a general decoder would."""

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_method_call, new_method_return, new_signal
from jeepney.low_level import Parser

from witting.device.capture.atspi_nodes import read_items
from witting.device.capture.atspi_rows import NOWHERE, Rows, read_box, read_text
from witting.device.capture.atspi_wire import MEMBER, PATH, RETURN, SENDER, SIGNAL, Packet, Wire
from witting.terms.errors import CaptureError
from witting.terms.geometry import Rect

ROWS = "a((so)(so)(so)iiassusau)"
CALL = new_method_call(DBusAddress("/org/a11y/atspi/cache", ":1.7", "org.a11y.atspi.Cache"), "GetItems")
CALL.header.serial = 5
CALL.header.fields[HeaderFields.sender] = ":1.2"

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
paths = st.integers(0, 30).map(lambda number: f"/org/a11y/atspi/accessible/{number}")
refs = st.tuples(st.sampled_from([":1.7", ":1.1234"]), paths)
words = st.integers(0, 2**32 - 1)
interfaces = st.lists(st.sampled_from(["org.a11y.atspi.Text", "org.a11y.atspi.EditableText", "org.a11y.atspi.Component"]), max_size=4)
roles = st.sampled_from([29, 40, 61, 75, 11, 999])
rows = st.tuples(refs, refs, refs, st.integers(-1, 9), st.integers(0, 9), interfaces, texts, roles, texts, st.lists(words, max_size=2))
trees = st.lists(rows, max_size=8, unique_by=lambda row: row[0])


def packet(signature: str, *body: object) -> Packet:
    """Return an answer as it comes from the bus."""
    answer = new_method_return(CALL, signature, body)
    return Packet(answer.serialise(serial=9))


class FakeConnection:
    """What a Wire needs of a connection, over a pair of sockets."""

    def __init__(self) -> None:
        self.sock, self.far = socket.socketpair()
        self.parser = Parser()
        self.outgoing_serial = iter(range(1, 1000))

    def close(self) -> None:
        """End both sides."""
        self.sock.close()
        self.far.close()


@pytest.fixture
def connection() -> Iterator[FakeConnection]:
    """Give a connection and close it."""
    made = FakeConnection()
    yield made
    made.close()


@given(st.lists(trees, min_size=1, max_size=4))
def test_rows_are_what_a_general_decoder_makes_of_them(answers: list[list[tuple]]):
    """One answer after another, each with rows that stayed, changed, came or went: the items are those of the decoded answer."""
    reader = Rows()
    for tree in answers:
        assert reader.read(packet(ROWS, tree), ":1.7") == read_items(tree)


@given(trees, st.data())
def test_a_row_in_the_middle_of_a_known_tree_is_read_anew(tree: list[tuple], data: st.DataObject):
    """A tree that is remembered and comes back with one row taken out, put in or renamed is read as it is now."""
    reader = Rows()
    reader.read(packet(ROWS, tree), ":1.7")
    place = data.draw(st.integers(0, len(tree)))
    row = data.draw(rows.filter(lambda row: row[0] not in {old[0] for old in tree}))
    changed = data.draw(st.sampled_from([tree[:place] + tree[place + 1 :], [*tree[:place], row, *tree[place:]], tree[::-1]]))
    assert reader.read(packet(ROWS, changed), ":1.7") == read_items(changed)
    assert reader.read(packet(ROWS, tree), ":1.7") == read_items(tree)


def test_rows_that_did_not_change_are_the_same_items():
    """What is byte for byte as last time isn't decoded again, and one app's rows aren't another's."""
    tree = [((":1.7", f"/a/{n}"), (":1.7", "/r"), (":1.7", "/r"), n, 0, [], f"row {n}", 29, "", [1, 0]) for n in range(3)]
    reader = Rows()
    first = reader.read(packet(ROWS, tree), ":1.7")
    again = reader.read(packet(ROWS, [*tree[:2], (*tree[2][:6], "renamed", *tree[2][7:])]), ":1.7")
    other = reader.read(packet(ROWS, tree), ":1.8")
    assert [again[row[0]] is first[row[0]] for row in tree] == [True, True, False]
    assert again[tree[2][0]].name == "renamed"
    assert other == first
    assert all(other[ref] is not first[ref] for ref in first)


def test_rows_of_another_shape_are_read_by_the_general_decoder():
    """Rows whose numbers are wider than usual are understood too."""
    tree = [((":1.7", "/a"), (":1.7", "/r"), (":1.7", "/r"), 3, 0, ["org.a11y.atspi.Text"], "row", 61, "", [1, 1])]
    found = Rows().read(packet("a((so)(so)(so)xxassusau)", tree), ":1.7")
    assert found == read_items(tree)
    assert [item.index for item in found.values()] == [3]


@pytest.mark.parametrize("cut", [1, 4, 30, 77])
def test_rows_that_end_too_early_give_none(cut: int):
    """Bytes that aren't what they claim to be give no item, rather than half of one."""
    whole = packet(ROWS, [((":1.7", "/a"), (":1.7", "/r"), (":1.7", "/r"), 0, 0, ["x"], "row", 29, "", [1, 0])])
    whole.raw = whole.raw[:-cut]
    assert Rows().read(whole, ":1.7") == {}


@given(st.tuples(*[st.integers(-(2**31), 2**31 - 1)] * 4), texts)
def test_boxes_and_texts_are_read_as_they_were_sent(box: tuple[int, int, int, int], text: str):
    """An answer's box has no negative size; its text is whole; any other answer is an empty box and no text."""
    x, y, width, height = box
    assert read_box(packet("(iiii)", box)) == Rect(x, y, max(0, width), max(0, height))
    assert read_text(packet("s", text)) == text
    assert read_box(packet("s", text)) == read_box(None) == NOWHERE
    assert read_text(packet("(iiii)", box)) == read_text(None) == ""


def test_a_packets_head_says_who_speaks_of_what():
    """Kind, sender, path, member and the call it answers are read without the body."""
    signal = new_signal(DBusAddress("/a/b", interface="org.a11y.atspi.Event.Object"), "StateChanged", "siiv", ("focused", 1, 0, ("s", "")))
    signal.header.fields[HeaderFields.sender] = ":1.9"
    read = Packet(signal.serialise(serial=3))
    assert (read.kind, read.text(SENDER), read.text(PATH), read.text(MEMBER)) == (SIGNAL, ":1.9", "/a/b", "StateChanged")
    assert read.values()[:2] == ("focused", 1)
    assert read.answers == -1
    answer = packet("s", "text")
    assert (answer.kind, answer.answers) == (RETURN, 5)


@given(st.lists(texts, min_size=1, max_size=5), st.integers(1, 40))
def test_messages_come_out_whole_however_the_stream_is_cut(said: list[str], step: int):
    """Any cutting of the stream gives the same messages in the same order; half of one waits."""
    connection = FakeConnection()
    try:
        wire = Wire(connection)
        stream = b"".join(new_method_return(CALL, "s", (text,)).serialise(serial=n + 1) for n, text in enumerate(said))
        heard: list[str] = []
        for at in range(0, len(stream), step):
            connection.far.sendall(stream[at : at + step])
            heard += [read_text(found) for found in wire.packets()]
        assert heard == said
    finally:
        connection.close()


def test_what_jeepney_had_read_already_is_not_lost(connection: FakeConnection):
    """A message that came while the connection was being opened comes out first."""
    stream = new_method_return(CALL, "s", ("early",)).serialise(serial=1)
    connection.parser.add_data(stream[:20])
    connection.far.sendall(stream[20:])
    assert [read_text(found) for found in Wire(connection).packets()] == ["early"]


def test_many_calls_leave_in_one_write_under_numbers_of_their_own(connection: FakeConnection):
    """Each message bears the serial that is returned for it."""
    serials = Wire(connection).send([CALL, CALL, CALL])
    parser = Parser()
    sent: list[Message] = parser.feed(connection.far.recv(65536))
    assert [message.header.serial for message in sent] == serials == [1, 2, 3]
    assert {message.header.message_type for message in sent} == {MessageType.method_call}


@pytest.mark.parametrize("word", [b"", b"B\1\0\1" + bytes(12)], ids=["gone", "another byte order"])
def test_a_bus_that_went_away_or_speaks_otherwise_ends_it(connection: FakeConnection, word: bytes):
    """Silence for good, and bytes in an order that nobody agreed on, are an error with a name."""
    wire = Wire(connection)
    connection.far.sendall(word)
    if not word:
        connection.far.close()
    with pytest.raises(CaptureError, match="accessibility bus"):
        list(wire.packets())


def test_a_bus_that_went_away_takes_no_calls(connection: FakeConnection):
    """A call to nobody is an error with a name."""
    wire = Wire(connection)
    connection.far.close()
    with pytest.raises(CaptureError, match="accessibility bus"):
        wire.send([CALL])
