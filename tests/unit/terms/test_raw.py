"""Raw types have no way to a disk, a log or a wire."""

import copy
import dataclasses
import inspect
import json
import pickle
import types
import typing

import msgspec
import numpy as np
import pytest

from witting.terms import raw
from witting.terms.codec import encode_record
from witting.terms.geometry import Rect

CANARY = "Zanzibar-4711"
RAW_TYPES = [kind for name, kind in inspect.getmembers(raw, inspect.isclass) if name.startswith("Raw") and dataclasses.is_dataclass(kind)]


def _example(kind: type) -> object:
    """Return an instance whose every text field holds the canary."""
    hints = typing.get_type_hints(kind, {**vars(raw), "np": np, "NDArray": np.ndarray})
    values: dict[type, object] = {str: CANARY, bytes: CANARY.encode(), int: 1, bool: False, Rect: Rect(0, 0, 1, 1)}
    filled = {}
    for field in (found for found in dataclasses.fields(kind) if found.init):
        hint = hints[field.name]
        if field.name == "pixels":
            filled[field.name] = np.frombuffer(CANARY.encode(), dtype=np.uint8)
        elif field.name == "nodes":
            filled[field.name] = (raw.RawNode(0, -1, "text", CANARY, CANARY),)
        elif hint in values:
            filled[field.name] = values[hint]
        elif typing.get_origin(hint) is typing.Literal:
            filled[field.name] = typing.get_args(hint)[0]
        else:
            filled[field.name] = None if types.UnionType is typing.get_origin(hint) else typing.get_origin(hint)()
    return kind(**filled)


def test_all_raw_types_are_tested() -> None:
    """Every type of the union of raw events, and node, tree and frame, is among those tested."""
    assert set(typing.get_args(raw.RawEvent)) | {raw.RawNode, raw.RawTree, raw.RawFrame, raw.RawPlaced} == set(RAW_TYPES)


@pytest.mark.promise("P7")
@pytest.mark.parametrize("kind", RAW_TYPES, ids=lambda kind: kind.__name__)
def test_raw_types_refuse_every_encoder(kind: type) -> None:
    """Pickle, copy, json and turning into dictionaries or tuples all refuse a raw type."""
    example = _example(kind)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError):
            pickle.dumps(example, protocol)
    for refused in (copy.copy, copy.deepcopy, json.dumps, dataclasses.asdict, dataclasses.astuple):
        with pytest.raises(TypeError):
            refused(example)


@pytest.mark.promise("P7")
@pytest.mark.parametrize("kind", RAW_TYPES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("encode", [encode_record, msgspec.json.encode, msgspec.msgpack.encode, msgspec.to_builtins])
def test_msgspec_refuses_raw_types(kind: type, encode: typing.Callable[[object], object]) -> None:
    """No msgspec encoder takes a raw type, though it takes other dataclasses."""
    with pytest.raises((TypeError, msgspec.MsgspecError)):
        encode(_example(kind))


@pytest.mark.promise("P29")
@pytest.mark.parametrize("kind", RAW_TYPES, ids=lambda kind: kind.__name__)
def test_raw_types_show_nothing(kind: type) -> None:
    """Printing, formatting or logging a raw type shows its name alone."""
    example = _example(kind)
    shown = f"{example} {example!r} {[example]} { ({'a': example}) }"
    assert CANARY not in shown
    assert kind.__name__ in shown
