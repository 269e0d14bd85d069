"""The formats that can be imported, each by the module that reads it; a module is loaded when its format is asked for."""

from importlib import import_module
from typing import NamedTuple

from witting.lab.importing.imported import Importer, Source
from witting.terms.errors import UsageError

FORMATS: dict[str, tuple[str, str]] = {
    "miniwob-demos": ("miniwob_demos", "tar files or folders of gzip'd JSON, one a demonstration"),
    "ducktrack": ("ducktrack", "folders with events.jsonl and metadata.json, as DuckTrack writes them"),
    "owa-mcap": ("owa_mcap", "OWAMcap files, as Open World Agents' ocap writes them"),
    "rrweb": ("rrweb", "JSON files of rrweb events, one a session"),
    "opencua": ("opencua", "folders with events.jsonl, metadata.json, a11y.jsonl, as AgentNetTool writes them"),
}


class Format(NamedTuple):
    """A format's reader and what it says of where the data comes from."""

    source: Source
    read: Importer


def importer(name: str) -> Format:
    """Return the reader of a format.

    Raises:
        UsageError: there is none.
    """
    if name not in FORMATS:
        message = f"there is no import of the name {name!r}"
        raise UsageError(message, hint=f"one of: {', '.join(FORMATS)}")
    module = import_module(f"witting.lab.importing.{FORMATS[name][0]}")
    return Format(module.SOURCE, module.read)
