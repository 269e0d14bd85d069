"""Planted values of every kind and in many writings go through a whole session: redactor, spool, parcel, hub. None comes out anywhere."""

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from witting.audit.leaks import scan
from witting.device.privacy import Redactor
from witting.device.sending import send_session
from witting.terms.codec import frame_record
from witting.terms.events import Gap
from witting.terms.geometry import Rect
from witting.terms.raw import RawNode, RawPage, RawTask, RawTree, RawVoice, RawWindow
from witting.terms.session import Record, SessionEnd, SessionHeader
from witting.testing import participant
from witting.testing.participant import SESSION, Participant
from witting.testing.people import make_person, planted_secrets
from witting.testing.sample_session import sample_records

SECOND = 1_000_000_000
WRITINGS = {
    "plain": str,
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "url": lambda value: quote(value, safe=""),
    "hex": lambda value: value.encode("utf-16-le").hex(),
    "wide": lambda value: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value),
    "invisible": "\u200b".join,
}


def planted(people: int) -> dict[str, list[str]]:
    """Return the values of so many people, by kind."""
    values: dict[str, list[str]] = {}
    for seed in range(people):
        for kind, some in planted_secrets(make_person(seed)).items():
            values.setdefault(kind, []).extend(some)
    return values


def records(redactor: Redactor, values: dict[str, list[str]]) -> Iterator[Record]:
    """Yield what a session keeps of values that are typed, shown, titled, visited, asked for and said, one after the other."""
    number = 0
    for kind, some in values.items():
        for value in some:
            number += 1
            at = number * SECOND
            write = list(WRITINGS.values())[number % len(WRITINGS)]
            for text in (value, write(value)):
                yield redactor.typed(f"see {text} now", at, end_ns=at + 1, is_secure=kind == "secure_field")
                if kind == "secure_field":
                    continue
                node = RawNode(0, -1, "textbox", "Note", value=text, states=("editable",))
                yield redactor.tree(
                    RawTree(at, "page", "chromium", f"https://example.org/{quote(text)}", (node, RawNode(1, -1, "text", text)))
                )
                yield redactor.event(RawWindow(at, "chromium", f"{text} - Mail", 1, Rect(0, 0, 9, 9)))  # type: ignore[misc]
                yield redactor.event(RawPage(at, f"https://example.org/?q={quote(text)}#{quote(text)}", text, 1, False, "navigation"))  # type: ignore[misc]
                yield redactor.event(RawTask(at, "begin", f"write to {text}"))  # type: ignore[misc]
                yield from redactor.voice(RawVoice(at, at + 1, text))


@pytest.mark.promise("P7")
@pytest.mark.parametrize("people", [12, pytest.param(250, marks=pytest.mark.slow)])
def test_no_planted_value_comes_out_of_a_session(people: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file of spool or hub, and nothing that their keys open, holds a value in any encoding that the search knows."""
    values = planted(people)
    world = Participant(tmp_path / "device")
    enrolment = world.join()
    kept = [record for record in records(Redactor("strict"), values) if not isinstance(record, Gap)]

    def with_values(header: SessionHeader, *, frames: int = 3) -> Iterator[Record]:
        """Put what was kept of the values before the end of the sample session."""
        *sample, end = sample_records(header, frames=frames)
        assert isinstance(end, SessionEnd)
        yield from [*sample, *kept, end]

    monkeypatch.setattr(participant, "sample_records", with_values)
    spool = world.record(enrolment)
    opened = tmp_path / "opened"
    opened.mkdir()
    world.see(enrolment)
    send_session(enrolment, SESSION, hub=world.hub.client())
    (opened / "spool.bin").write_bytes(b"".join(map(frame_record, spool.read(SESSION))))
    (opened / "hub.bin").write_bytes(world.hub.content(SESSION))
    assert sum(1 for _ in spool.read(SESSION)) > len(kept) > 6 * people
    assert sum(map(len, values.values())) >= 8 * people
    assert scan([tmp_path], values) == []


def test_the_search_finds_what_is_left_raw(tmp_path: Path) -> None:
    """The same search over the same values as they came finds every kind, so that silence above means something."""
    values = planted(2)
    (tmp_path / "raw").write_text("\n".join(value for some in values.values() for value in some))
    assert {hit.kind for hit in scan([tmp_path], values)} == set(values)
