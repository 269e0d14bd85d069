"""How somebody moves and types is written in coarse classes: equal classes give equal bytes, and no time is told as later than it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.privacy import Redactor, behaviour
from witting.device.privacy.behaviour import ButtonReducer, KeyReducer, PathReducer, Written, class_of_time, floor_to, reduced_rest
from witting.terms.codec import decode_record, encode_record
from witting.terms.errors import RecordError
from witting.terms.events import GRID_NS, WAY_TIMES_MS, PointerButton, PointerMove, PointerPath, PointerWheel
from witting.terms.raw import RawButton, RawMove, RawWheel

MS = 1_000_000
SECOND = 1000 * MS
START = 100 * SECOND
STEPS = st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 1919), st.integers(0, 1079)), min_size=1, max_size=30)
DEEDS = st.lists(
    st.tuples(st.integers(0, 6000), st.sampled_from(["move", "down", "up", "wheel"]), st.integers(0, 50), st.integers(0, 50)), max_size=40
)


def ways(points, *, deed_ns=None) -> list[PointerPath]:
    """Return the way of some points (ms since the one before, x, y)."""
    way, now = PathReducer(), START
    for step_ms, x, y in points:
        now += step_ms * MS
        way.move(now, x, y=y)
    return way.end(deed_ns)


def recorded(deeds, *, start_ns=START) -> list[PointerPath | PointerButton | PointerWheel]:
    """Return what is written of what a pointer does, as the recorder does it."""
    written = Written()
    way, buttons, now, told = PathReducer(), ButtonReducer(written), start_ns, []
    for step_ms, what, x, y in deeds:
        now += step_ms * MS
        if what == "move":
            way.move(now, x, y=y)
            continue
        told += way.end(now)
        if what == "wheel":
            one = buttons.wheel(now, x, y=y, turns=(0, 1))
        else:
            one = (buttons.press if what == "down" else buttons.release)(now, x, y=y, button=1)
        if one is not None:
            written.note(one.timestamp_ns)
            told.append(one)
    return [*told, *way.end()]


@pytest.mark.promise("P7")
@given(STEPS)
def test_a_way_tells_no_point(points) -> None:
    """Of any number of points one record is left, without a place, with times of its classes only."""
    (path,) = ways(points)
    assert path.timestamp_ns % GRID_NS == 0
    assert path.took_ms in WAY_TIMES_MS
    assert path.bend in {"direct", "winding"}
    assert set(path.__struct_fields__) == {"timestamp_ns", "took_ms", "bend"}


@pytest.mark.promise("P7")
@given(STEPS, st.integers(1, 800), st.integers(-200, 200), st.integers(-200, 200))
def test_two_people_in_equal_classes_are_written_alike(points, stretch, dx, dy) -> None:
    """Another speed below a second, another place on the screen and other points between give the same bytes."""
    quick = [(1 + step % 20, x, y) for step, x, y in points[:20]]
    other = [(1 + (step * stretch) % 20, x + dx, y + dy) for step, x, y in quick]
    assert [encode_record(one) for one in ways(quick, deed_ns=START + SECOND)] == [
        encode_record(one) for one in ways(other, deed_ns=START + SECOND)
    ]


@pytest.mark.parametrize(
    ("points", "took_ms", "bend"),
    [
        ([(1, 0, 0)], 0, "direct"),
        ([(1, 0, 0), (998, 300, 0)], 0, "direct"),
        ([(1, 0, 0), (1000, 300, 0)], 1000, "direct"),
        ([(1, 0, 0), (10, 150, 40), (10, 300, 0)], 0, "direct"),
        ([(1, 0, 0), (10, 300, 300), (10, 300, 0)], 0, "winding"),
        ([(1, 5, 5), (10, 6, 5), (10, 5, 5)], 0, "direct"),
        ([(1, 5, 5), (10, 90, 5), (10, 5, 5)], 0, "winding"),
        ([(1, 0, 0), (90_000, 9, 9)], 1000, "direct"),
    ],
)
def test_a_way_has_a_length_of_time_and_a_bend(points, took_ms, bend) -> None:
    """A second parts quick ways from long ones; half as long again as the straight way is winding; a tremor of a pixel isn't."""
    (path,) = ways(points)
    assert (path.took_ms, path.bend) == (took_ms, bend)


def test_no_move_is_no_way_and_every_move_counts_once() -> None:
    """Without a move there is no record; of n moves one is kept as the way and n - 1 are counted as reduced."""
    way = PathReducer()
    assert way.end() == []
    assert not way.is_open
    for number in range(7):
        way.move(START + number * MS, number, y=0)
    assert way.is_open
    assert len(way.end()) == 1
    assert way.end() == []
    way.move(START + SECOND, 1, y=1)
    assert len(way.end()) == 1
    assert way.reduced == 6


@pytest.mark.promise("P8")
@pytest.mark.parametrize(
    "change", [{"timestamp_ns": 1}, {"timestamp_ns": GRID_NS + 1}, {"took_ms": 250}, {"took_ms": 1001}, {"took_ms": -1}]
)
def test_nothing_finer_than_its_level_can_be_made_or_read(change) -> None:
    """A way with a finer time can't be made, and bytes that hold one are no record."""
    fields = {"timestamp_ns": GRID_NS, "took_ms": 0, "bend": "direct"} | change
    with pytest.raises(ValueError, match="classes only"):
        PointerPath(**fields)
    import msgspec

    with pytest.raises(RecordError):
        decode_record(msgspec.msgpack.encode({"type": "path"} | fields))
    with pytest.raises(RecordError):
        decode_record(msgspec.msgpack.encode({"type": "path", "timestamp_ns": GRID_NS, "took_ms": 0, "bend": "curved"}))


@given(DEEDS)
def test_told_times_run_forward_and_never_ahead(deeds) -> None:
    """Of presses and scrolls no time is later than it was, none goes back, and a press stands within a grid step or its double click."""
    now, true = START, []
    for step_ms, what, _, _ in deeds:
        now += step_ms * MS
        if what == "down":
            true.append(now)
    records = recorded(deeds)
    presses = [one.timestamp_ns for one in records if isinstance(one, PointerButton) and one.pressed]
    assert presses == sorted(presses)
    assert len(presses) == len(true)
    assert all(told <= at for told, at in zip(presses, true, strict=True))
    assert all(at < START + sum(step for step, *_ in deeds) * MS + 1 for at in presses)


@given(DEEDS, st.integers(0, 1000))
def test_the_clock_of_the_machine_makes_no_difference(deeds, steps) -> None:
    """The same work at another time of the machine's clock, whole steps of the grid away, is written the same but for that."""
    shift = steps * GRID_NS
    first, second = recorded(deeds), recorded(deeds, start_ns=START + shift)
    assert [one.timestamp_ns + shift for one in first] == [one.timestamp_ns for one in second]
    assert [type(one) for one in first] == [type(one) for one in second]


@given(st.integers(1, 1000), st.integers(1, 1000))
def test_how_long_a_click_is_held_is_not_told(first_ms, second_ms) -> None:
    """Two presses of less than a second are written alike, however long they were held."""
    told = [recorded([(0, "down", 5, 5), (held, "up", 5, 5)]) for held in (first_ms, second_ms)]
    assert told[0] == told[1]


@pytest.mark.parametrize(("held_ms", "told_ms"), [(0, 0), (80, 0), (1000, 0), (1001, 1001), (3999, 1001), (4000, 4000), (60_000, 4000)])
def test_a_long_press_stays_a_long_press(held_ms, told_ms) -> None:
    """What is a long press to a learner is one still: three classes."""
    press, release = recorded([(0, "down", 5, 5), (held_ms, "up", 5, 5)])
    assert release.timestamp_ns - press.timestamp_ns == told_ms * MS


def test_a_double_click_has_one_time_and_two_clicks_have_two() -> None:
    """A second press at the place within half a second is told at the first one's time; later, elsewhere or after a scroll it isn't."""
    again = recorded([(10, "down", 5, 5), (50, "up", 5, 5), (300, "down", 6, 5), (40, "up", 6, 5)])
    assert len({one.timestamp_ns for one in again}) == 1
    for gap_ms, place, between in ((501, 5, ()), (300, 12, ()), (300, 5, ((1, "wheel", 5, 5),))):
        told = recorded([(10, "down", 5, 5), (50, "up", 5, 5), *between, (gap_ms, "down", place, 5)])
        presses = [one.timestamp_ns for one in told if isinstance(one, PointerButton) and one.pressed]
        assert len(set(presses)) == 2


@pytest.mark.parametrize(("turns", "told"), [(1, 1), (2, 1), (9, 1), (10, 10), (11, 10), (400, 10)])
def test_of_a_scroll_a_class_of_its_turns_is_told(turns, told) -> None:
    """One turn or ten; the others are counted as reduced, and all of a scroll has its beginning's time and place."""
    buttons = ButtonReducer(Written())
    made = [buttons.wheel(START + number * 90 * MS, 5 + number % 3, y=5, turns=(0, -1)) for number in range(turns)]
    kept = [one for one in made if one is not None]
    assert sum(one.dy for one in kept) == -told
    assert {(one.timestamp_ns, one.x, one.y) for one in kept} == {(START, 5, 5)}
    assert buttons.reduced == turns - len(kept)


@pytest.mark.parametrize(("gap_ms", "x", "turns"), [(1000, 5, (0, 1)), (100, 80, (0, 1)), (100, 5, (0, -1))])
def test_another_scroll_begins_after_a_second_elsewhere_or_back(gap_ms, x, turns) -> None:
    """Later, further off or the other way is another scroll."""
    buttons = ButtonReducer(Written())
    assert buttons.wheel(START, 5, y=5, turns=(0, 1)) is not None
    assert buttons.wheel(START + gap_ms * MS, x, y=5, turns=turns) is not None
    buttons.interrupt()
    assert buttons.wheel(START + (gap_ms + 1) * MS, x, y=5, turns=turns) is not None


@given(st.lists(st.integers(0, 90 * SECOND), max_size=60), st.integers(0, 90 * SECOND))
def test_what_comes_later_in_a_record_is_not_told_as_earlier(written_at, at_ns) -> None:
    """A time on the grid is at least that of every record before it in time, never later than it was, and within a step of the grid."""
    written = Written()
    for one in written_at:
        written.note(one)
    told = written.on_grid(at_ns)
    assert all(told >= one for one in written_at if one <= at_ns)
    assert at_ns - GRID_NS < told <= at_ns


def test_only_so_many_times_are_remembered(monkeypatch) -> None:
    """The memory of a day's recording is bounded, and what is forgotten first is what came first."""
    monkeypatch.setattr(behaviour, "_REMEMBERED", 3)
    written = Written()
    for number in (5, 3, 9, 7):
        written.note(number)
    assert written.at_least(0, 6) == 3
    assert written.at_least(0, 100) == 9
    assert len(written._times) == 3


@given(st.lists(st.integers(110, 900), min_size=1, max_size=30), st.lists(st.integers(110, 900), min_size=30, max_size=30))
def test_a_rhythm_is_not_told(first, second) -> None:
    """Two people who press as many keys, each in their own rhythm, are given the same times."""

    def told(gaps) -> list[int]:
        keys, now, times = KeyReducer(Written()), START, []
        for gap in gaps:
            times.append(keys.key(now))
            now += gap * MS
        return times

    assert told(first) == told(second[: len(first)])


@given(st.lists(st.tuples(st.integers(0, 5000), st.booleans()), min_size=1, max_size=40))
def test_keys_run_forward_and_never_ahead(gaps) -> None:
    """No key is told as later than it was pressed or earlier than the one before it, held keys included."""
    keys, now, before = KeyReducer(Written()), START, 0
    for gap, is_repeat in gaps:
        now += gap * MS
        told = keys.key(now, is_repeat=is_repeat)
        assert before <= told <= now
        before = told


@given(st.integers(1, 400), st.integers(110, 600), st.integers(110, 600))
def test_how_fast_a_text_was_typed_is_not_told(length, first_ms, second_ms) -> None:
    """A run lasts as long as its text is long, whoever typed it, and no longer than it did."""
    told = [KeyReducer(Written()).run(START, START + (length - 1) * each * MS, length=length) for each in (first_ms, second_ms)]
    assert told[0] == told[1]
    assert told[0][0] <= told[0][1] <= START + (length - 1) * min(first_ms, second_ms) * MS


@pytest.mark.parametrize(
    ("pause_ms", "told_ms"), [(999, 50), (1000, 1000), (1999, 1000), (2000, 2000), (100_000, 64_000), (10**6, 256_000)]
)
def test_a_pause_is_a_class(pause_ms, told_ms) -> None:
    """Between two keys lies a step of typing, or a pause of a power of two."""
    keys = KeyReducer(Written())
    first = keys.key(START)
    assert keys.key(START + pause_ms * MS) - first == told_ms * MS


def test_a_key_keeps_its_place_behind_what_was_written() -> None:
    """A page that came before a key stays before it, and a click before a key too; what is done between keys sets the time anew."""
    written = Written()
    keys = KeyReducer(written)
    assert keys.key(START) == START
    written.note(START + 700 * MS)
    assert keys.key(START + 800 * MS) == START + 700 * MS
    keys.interrupt()
    assert keys.key(START + 5120 * MS) == START + 5000 * MS


@given(st.integers(500 * MS, 200 * SECOND), st.integers(0, 10**12))
def test_a_rest_is_told_by_its_class_and_never_longer(span, at_ns) -> None:
    """A rest's beginning is on the grid and its length one of seven; telling what was told changes nothing."""
    began, ended = reduced_rest(at_ns, at_ns + span)
    assert began % GRID_NS == 0
    assert began <= at_ns
    assert ended <= at_ns + span
    assert (ended - began) // MS in behaviour.RESTS_MS
    assert reduced_rest(began, ended) == (began, ended)


@given(st.integers(0, 10**15), st.integers(1, 10**10))
def test_rounding_and_classes_are_idempotent(value, grid) -> None:
    """Rounded once or twice is the same, and a class is in its own class."""
    assert floor_to(floor_to(value, grid), grid) == floor_to(value, grid)
    for classes in (behaviour.HOLDS_MS, behaviour.RESTS_MS, behaviour.PAUSES_MS, WAY_TIMES_MS):
        least = class_of_time(value, classes)
        assert class_of_time(least * MS, classes) == least


WAY = (RawMove(1_000_000_000, 10, 10), RawMove(1_050_000_000, 60, 10), RawMove(1_100_000_000, 110, 40))
PRESS = RawButton(1_300_000_000, 110, 40, 1, pressed=True)
TURNS = tuple(RawWheel(2_000_000_000 + 20_000_000 * number, 50, 50, 0, 1) for number in range(10))


@pytest.mark.promise("P7")
def test_the_pointer_is_told_point_by_point_only_where_the_path_is_kept() -> None:
    """With the path kept each deed comes out as it was; without, no point of the way does, and what was left out is counted."""
    whole = Redactor(seed=b"k", keeps=("path",))
    told = [event for raw in (*WAY, PRESS, *TURNS) for event in whole.pointer(raw)] + whole.end_way()
    assert [(event.timestamp_ns, event.x, event.y) for event in told[:3]] == [(raw.timestamp_ns, raw.x, raw.y) for raw in WAY]
    assert [type(event) for event in told] == [PointerMove] * 3 + [PointerButton] + [PointerWheel] * 10
    assert whole.reduced == 0
    reduced = Redactor(seed=b"k")
    told = [event for raw in (*WAY, PRESS, *TURNS) for event in reduced.pointer(raw)] + reduced.end_way()
    assert not any(isinstance(event, PointerMove) for event in told)
    assert [type(event) for event in told[:2]] == [PointerPath, PointerButton]
    wheels = [event for event in told if isinstance(event, PointerWheel)]
    assert 1 <= len(wheels) < len(TURNS)
    assert reduced.reduced == len(WAY) + len(TURNS) - len(wheels) - 1
