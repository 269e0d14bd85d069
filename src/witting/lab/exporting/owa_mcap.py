"""Export as OWAMcap (Open World Agents): a file an episode, mouse and keyboard messages made from the actions, pictures beside it.

Times are the session's monotonic ones. Keys are those of a keyboard of the United States, as the format tells no text. Invariant: a text
that such a keyboard can't type is counted as left out, never written with other letters.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from witting.lab.dataset import Dataset
from witting.lab.exporting.pages import Shot, shots, write_picture
from witting.lab.importing.owa_mcap import keys_of_chord, keys_of_text
from witting.terms.errors import MissingExtraError
from witting.terms.work import Action

_BUTTONS = {"right_click": "right", "middle_click": "middle"}
_COUNTS = {"double_click": 2, "triple_click": 3}
_POINTING = frozenset({"click", "double_click", "triple_click", "right_click", "middle_click", "long_press"})
_DRAGGED = {"button2": "middle", "button3": "right"}
_SCHEMAS = {"mouse": "desktop/MouseEvent", "keyboard": "desktop/KeyboardEvent", "screen": "desktop/ScreenCaptured"}
Message = tuple[int, str, dict[str, Any]]


def write(dataset: Dataset, folder: Path) -> Counter[str]:
    """Write the files and return how many steps of which kind the format can't tell.

    Raises:
        MissingExtraError: `mcap` isn't installed.
    """
    left_out: Counter[str] = Counter()
    for episode in dataset.episodes():
        told: list[Message] = []
        for shot in shots(dataset, episode):
            made = list(_messages(shot.step.action))
            if not made and shot.step.action.kind not in {"wait", "stop"}:
                left_out[shot.step.action.kind] += 1
            image = write_picture(folder, shot)
            told += [_screen(shot, image)] if image else []
            told += made
        _write_file(folder / f"{episode.episode_id}.mcap", sorted(told, key=lambda one: one[0]), instruction=episode.instruction)
    return left_out


def _messages(action: Action) -> Iterator[Message]:
    """Yield what hands would have sent to do an action."""
    if action.kind in _POINTING:
        count, button = _COUNTS.get(action.kind, 1), _BUTTONS.get(action.kind, "left")
        span = max(2, action.end_ns - action.timestamp_ns) // (2 * count)
        for number in range(2 * count):
            yield _button(action.timestamp_ns + number * span, (action.x, action.y), name=button, pressed=number % 2 == 0)
    elif action.kind == "drag":
        button = _DRAGGED.get(action.key, "left")
        yield _button(action.timestamp_ns, (action.x, action.y), name=button, pressed=True)
        yield _button(action.end_ns, (action.to_x, action.to_y), name=button, pressed=False)
    elif action.kind == "hover":
        yield action.timestamp_ns, "mouse", {"event_type": "move", "x": action.x, "y": action.y}
    elif action.kind == "scroll":
        yield action.timestamp_ns, "mouse", {"event_type": "scroll", "x": action.x, "y": action.y, "dx": action.dx, "dy": -action.dy}
    elif action.kind == "key":
        for code, kind in keys_of_chord(action.key):
            yield action.timestamp_ns if kind == "press" else action.end_ns, "keyboard", {"event_type": kind, "vk": code}
    elif action.kind == "type":
        yield from _typing(action)


def _typing(action: Action) -> Iterator[Message]:
    """Yield a text's keys, spread over the time that it took; shift goes down and up with its letter."""
    span = (action.end_ns - action.timestamp_ns) // max(1, len(action.text) - 1)
    for number, character in enumerate(action.text if keys_of_text(action.text) else ""):
        for code, kind in keys_of_text(character):
            yield action.timestamp_ns + number * span, "keyboard", {"event_type": kind, "vk": code}


def _button(at_ns: int, place: tuple[int, int], *, name: str, pressed: bool) -> Message:
    return at_ns, "mouse", {"event_type": "click", "x": place[0], "y": place[1], "button": name, "pressed": pressed}


def _screen(shot: Shot, image: str) -> Message:
    at_ns, shape = shot.step.observation.frame_ns, [shot.area.width, shot.area.height]
    return at_ns, "screen", {"utc_ns": at_ns, "source_shape": shape, "shape": shape, "media_ref": {"uri": image}}


def _write_file(path: Path, messages: list[Message], *, instruction: str) -> None:
    try:
        from mcap.writer import Writer
    except ModuleNotFoundError:
        raise MissingExtraError("OWAMcap files need the package mcap", hint="pip install 'witting[formats]'") from None
    with path.open("wb") as stream:
        writer = Writer(stream)
        writer.start(profile="owa", library="mcap-owa-support 0.6.6; mcap 1.2.2")  # the version of the format, as its readers want it said
        channels = {}
        for topic, name in _SCHEMAS.items():
            schema = writer.register_schema(name=name, encoding="jsonschema", data=b'{"type": "object"}')
            channels[topic] = writer.register_channel(topic=topic, message_encoding="json", schema_id=schema)
        for number, (at_ns, topic, told) in enumerate(messages):
            writer.add_message(channels[topic], log_time=at_ns, publish_time=at_ns, data=json.dumps(told).encode(), sequence=number)
        writer.add_metadata("witting", {"instruction": instruction, "clock": "CLOCK_MONOTONIC of the recording"})
        writer.finish()
