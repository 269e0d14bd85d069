"""A bus that isn't there, goes away or answers rubbish is an absence to whoever listens on it, never an error."""

import pytest
from jeepney import DBusAddress, MatchRule, Message, new_method_call, new_method_return
from spoken_bus import SpokenBus, on_bus

from witting.device.guards.bus import Bus, watch_property

THING = DBusAddress("/org/example/Thing", "org.example", "org.example.Thing")


@pytest.fixture
def spoken() -> SpokenBus:
    """What the bus under test speaks to."""
    return SpokenBus()


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch, spoken: SpokenBus) -> Bus:
    """A bus that is there."""
    return on_bus(monkeypatch, spoken)


def test_without_a_bus_every_answer_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine without a bus nothing is told, nothing waits and nothing fails."""
    bus = on_bus(monkeypatch, None)
    answers: list[object] = []
    bus.call(THING, "Do", on_answer=answers.append)
    bus.get(THING, "Mood", on_value=answers.append)
    bus.hear(MatchRule(type="signal"), answers.append)
    bus.send(new_method_call(THING, "Do"))
    bus.poll()
    bus.close()
    assert (bus.is_there, bus.unique_name, bus.fileno()) == (False, "", -1)
    assert answers == [None]


def test_no_bus_is_looked_for_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that leads nowhere, or is none, is a bus that isn't there."""
    for address in ("unix:path=/nonexistent/bus", "rubbish", "tcp:host=127.0.0.1,port=1"):
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        assert not Bus("SESSION").is_there
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    assert not Bus("SESSION").is_there


def test_each_answer_comes_to_who_asked(bus: Bus, spoken: SpokenBus) -> None:
    """Answers come when they come, each to its own question; an error is None; nothing is told before it is taken."""
    spoken.answers = {(THING.object_path, "Add"): ("i", (7,)), (THING.object_path, "Mood"): ("s", ("glad",))}
    told: list[object] = []
    bus.call(THING, "Add", "ii", (3, 4), on_answer=lambda body: told.append(("add", body)))
    bus.call(THING, "Unknown", on_answer=lambda body: told.append(("unknown", body)))
    bus.call(THING, "Add", "ii", (3, 4))
    bus.get(THING, "Mood", on_value=lambda value: told.append(("mood", value)))
    bus.get(THING, "Weight", on_value=lambda value: told.append(("weight", value)))
    assert told == []
    spoken.arriving.rotate(2)
    bus.poll()
    assert sorted(told, key=str) == [("add", (7,)), ("mood", "glad"), ("unknown", None)]
    assert (bus.unique_name, bus.fileno()) == (":1.7", 99)


def test_an_answer_that_nobody_waits_for_is_dropped(bus: Bus, spoken: SpokenBus) -> None:
    """An answer to no question of ours changes nothing."""
    spoken.arriving.append(new_method_return(new_method_call(THING, "Do"), "i", (1,)))
    bus.poll()
    assert bus.is_there


def test_a_signal_is_told_to_those_whose_rule_it_fits(bus: Bus, spoken: SpokenBus) -> None:
    """Two listeners, three signals: each hears what it asked for."""
    heard: list[tuple[str, object]] = []
    bus.hear(MatchRule(type="signal", interface="a.b", member="One"), lambda message: heard.append(("one", message.body)))
    bus.hear(MatchRule(type="signal", interface="a.b"), lambda message: heard.append(("all", message.body)))
    for interface, member, number in (("a.b", "One", 1), ("a.b", "Two", 2), ("c.d", "One", 3)):
        spoken.signal("/a", interface, member=member, signature="i", body=(number,))
    bus.poll()
    assert heard == [("one", (1,)), ("all", (1,)), ("all", (2,))]


def test_calls_to_our_objects_are_answered_and_others_refused(bus: Bus, spoken: SpokenBus) -> None:
    """Whoever calls an object that we don't have is told that it isn't there."""

    def answer(message: Message) -> Message:
        return new_method_return(message, "s", ("here",))

    bus.serve("/ours", answer)
    for path in ("/ours", "/others"):
        call = new_method_call(DBusAddress(path, "our.name", "a.b"), "Hello")
        call.header.serial = 5
        spoken.arriving.append(call)
    bus.poll()
    assert [message.body for message in spoken.said] == [("here",), ()]
    assert spoken.said[1].header.message_type.name == "error"


@pytest.mark.parametrize("error", [EOFError(), ConnectionResetError(), ValueError("not D-Bus")], ids=repr)
def test_a_bus_that_goes_away_leaves_nobody_waiting(bus: Bus, spoken: SpokenBus, error: Exception) -> None:
    """Whoever waits is told None once; from then on the bus isn't there."""
    told: list[object] = []
    bus.call(THING, "Do", on_answer=told.append)
    spoken.arriving.clear()
    spoken.arriving.append(error)
    bus.poll()
    assert (told, bus.is_there) == ([None], False)
    bus.close()
    bus.call(THING, "Do", on_answer=told.append)
    assert told == [None, None]


def test_a_bus_that_takes_nothing_is_one_that_went_away(bus: Bus, spoken: SpokenBus) -> None:
    """A message that can't be sent is answered with None, as are those before it."""
    told: list[str] = []
    bus.call(THING, "Do", on_answer=lambda body: told.append(f"first {body}"))
    spoken.is_broken = True
    bus.call(THING, "Do", on_answer=lambda body: told.append(f"second {body}"))
    assert (told, bus.is_there) == (["first None", "second None"], False)


def test_a_property_is_told_now_and_at_each_change(bus: Bus, spoken: SpokenBus) -> None:
    """Its value, its changes, and a fresh look where a change doesn't say to what; other interfaces and names aren't told."""
    spoken.answers = {(THING.object_path, "Mood"): ("s", ("glad",))}
    told: list[str] = []
    watch_property(bus, THING, name="Mood", on_value=told.append)
    bus.poll()
    spoken.change(THING.object_path, THING.interface, Mood=("s", "sad"))
    spoken.change(THING.object_path, THING.interface, Weight=("i", 3))
    spoken.change(THING.object_path, "org.example.Other", Mood=("s", "angry"))
    spoken.change("/another", THING.interface, Mood=("s", "tired"))
    bus.poll()
    assert told == ["glad", "sad"]
    spoken.answers = {(THING.object_path, "Mood"): ("s", ("calm",))}
    body = (THING.interface, {}, ["Mood"])
    spoken.signal(THING.object_path, "org.freedesktop.DBus.Properties", member="PropertiesChanged", signature="sa{sv}as", body=body)
    bus.poll()
    assert told == ["glad", "sad", "calm"]
