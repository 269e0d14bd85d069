"""What parts of the recorder hand to one another fits: each outlet takes exactly what its caller gives."""

import inspect
from types import SimpleNamespace

import pytest

from witting.device.recorder.loop import Loop
from witting.device.recorder.pipeline import Pipeline
from witting.device.recorder.sources import Sources
from witting.device.recorder.wayland_sources import NoSettings, WaylandSources
from witting.terms.events import InputSettings


def test_a_note_that_is_given_up_is_told_as_a_hole():
    """Voice notes give their reason and time by place; the pipeline gets them under their names."""
    told = []
    loop = Loop.__new__(Loop)
    loop._pipeline = SimpleNamespace(drop=lambda *args, **named: told.append((args, named)))
    loop._drop_note("paused", 7)
    inspect.signature(Pipeline.drop).bind(None, *told[0][0], **told[0][1])
    assert told == [(("voice", "paused"), {"timestamp_ns": 7})]


def attributes_set(kind: type) -> set[str]:
    """Return the public attributes that a class's constructor sets."""
    code = inspect.getsource(kind.__init__)
    return {line.split("self.")[1].split(" ")[0].split(":")[0] for line in code.splitlines() if line.strip().startswith("self.")}


def test_wayland_s_sources_have_whatever_x11_s_have():
    """The recorder asks either alike; one that lacks an attribute can't record at all."""
    wanted = {name for name in attributes_set(Sources) if not name.startswith("_")}
    assert "input_settings" in wanted
    assert wanted <= attributes_set(WaylandSources)


@pytest.mark.parametrize("event", [object(), None])
def test_without_input_there_are_no_settings(event):
    """Nothing is told of devices whose input isn't recorded, and no event changes that."""
    quiet = NoSettings()
    assert quiet.settings == InputSettings()
    assert not quiet.handle(event)
