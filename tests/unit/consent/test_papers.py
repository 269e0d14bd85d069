"""Notice and papers as files: made from the programme alone, with their hashes, and with marked places where only a person can write."""

import contextlib
import hashlib
import re
import sys
import zlib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from PIL import ImageFile

from witting.consent.notice import make_notice
from witting.consent.packs.loading import load_packs
from witting.consent.packs.rows import NoticeText, Point
from witting.consent.papers import OPEN, notice_files, paper_files, write_files
from witting.consent.printing import document, make_pdf
from witting.consent.programme import read_programme
from witting.terms.errors import UsageError
from witting.terms.programme import Incentive, KindKept, Recipient

PROGRAMME = read_programme(files("witting.consent").joinpath("example.toml").read_text("utf-8"))
replace = msgspec.structs.replace
WRITTEN_POINTS: dict[Point, str] = {
    "who": "**Who is in charge**",
    "officer": "**Data protection officer**",
    "representatives": "**Who speaks for you**",
    "purposes": "**What for, and on what basis**",
    "basis": "We rest on",
    "recipients": "**Who gets it**",
    "transfers": "**Other countries**",
    "retention": "**How long**",
    "rights": "**Your rights**",
    "withdrawal": "**Taking it back**",
    "complaint": "**Complaints**",
    "need": "**Do you have to?**",
    "decisions": "**Does a machine decide about you?**",
    "again": "**Being asked again**",
    "monitoring_kinds": "**Kinds of monitoring**",
    "biometrics": "**Your body**",
    "own_devices": "**Your own devices**",
    "policy_dates": "**When this was written**",
    "categories": "**Kinds of data**",
    "no_retaliation": "**No harm**",
    "training": "**What can't be undone.**",
    "objection": "**You can object**",
    "sentence": "Your law has us say this word for word:",
}


def _streams(pdf: bytes) -> Iterator[bytes]:
    """Yield what a PDF's compressed streams hold."""
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        with contextlib.suppress(zlib.error):
            yield zlib.decompress(stream)


@pytest.mark.promise("P4")
@pytest.mark.parametrize("pack", load_packs().values(), ids=lambda pack: pack.id)
def test_the_notice_says_what_each_pack_asks(pack: object) -> None:
    """For each law pack: every point stands in the notice, and fixed sentences word for word."""
    full = replace(
        PROGRAMME,
        packs=(pack.id,),
        basis_mode="legitimate_interest+objection",
        own_devices=True,
        policy_url="https://example.org/privacy",
    )
    text = " ".join(make_notice(full).markdown.split())
    for row in pack.rows:
        for point in row.points:
            assert WRITTEN_POINTS[point] in text, point
        if isinstance(row, NoticeText):
            assert row.verbatim in text


def test_what_a_programme_adds_is_told() -> None:
    """Owner, representatives, places, safeguards, thanks and kinds that are kept shorter stand in the notice."""
    far = Recipient("Far Lab", "processor", "US", "trains agents", contract="C-1", safeguard="standard contractual clauses")
    programme = replace(
        PROGRAMME,
        recipients=(*PROGRAMME.recipients, far),
        incentives=(Incentive("a book token", 10.0),),
        incentive_cap=10.0,
        retention=replace(PROGRAMME.retention, kinds=(KindKept("voice", 30),)),
    )
    text = make_notice(programme).markdown
    named = [
        "It belongs to its members",
        "Works council of Example Cooperative",
        "Server room of Example Hosting (IE)",
        "standard contractual clauses",
    ]
    named += ["a book token (10 EUR)", "You keep it if you leave", "A recording with Voice notes goes from the server after 30 days"]
    assert [part for part in named if part not in text] == []


def test_the_example_shows_only_kinds_that_are_asked() -> None:
    """The made-up recording holds a line for each kind asked for, and none of the others."""
    from witting.consent.kinds import EXAMPLE

    asked = {stream for purpose in PROGRAMME.purposes for stream in purpose.streams}
    text = make_notice(PROGRAMME).markdown
    for _, stream, kept in EXAMPLE:
        assert (kept in text) is (stream in asked or stream == "all")


def test_the_notice_is_written_as_three_files_with_their_hashes(tmp_path: Path) -> None:
    """Markdown is the exact text, HTML a whole page that loads nothing; SHA256SUMS names them, and twice gives the same."""
    notice = make_notice(replace(PROGRAMME, language="de"))
    made = notice_files(PROGRAMME, notice)
    hashes = write_files(made, tmp_path)
    assert [name.rsplit(".", 1)[1] for name in hashes] == ["md", "html", "pdf"]
    markdown, page, pdf = made.values()
    assert hashlib.sha256(markdown).hexdigest() == notice.digest
    assert b'<html lang="de">' in page
    assert notice.digest.encode() in page
    assert re.findall(rb"<(?:script|link|img|iframe)|(?:src|href)=|url\(", page) == []
    assert pdf.startswith(b"%PDF-1.7")
    assert b"pdfuaid" in b"".join(_streams(pdf))
    lines = dict(line.split("  ")[::-1] for line in (tmp_path / "SHA256SUMS").read_text().splitlines())
    assert lines == hashes
    assert write_files(made, tmp_path) == hashes


def test_the_same_page_gives_the_same_pdf_and_nothing_is_fetched() -> None:
    """Two runs give equal bytes; a document that names a file or an address gets none of it."""
    page = document("<h1>Grüße</h1>", title="x", language="de", foot='a "b" \\ c')
    assert make_pdf(page) == make_pdf(page)
    for named in ("file:///etc/hostname", "http://127.0.0.1:9/x.png"):
        with pytest.raises(UsageError, match="names something to fetch"):
            make_pdf(document(f'<img alt="x" src="{named}">', title="x", language="en", foot="x"))


def test_making_a_pdf_changes_nothing_for_other_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its library tells Pillow, for the whole process, to take pictures that are cut off; here such a picture stays refused."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    make_pdf(document("<p>x</p>", title="x", language="en", foot="x"))
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_what_was_read_is_never_written_over(tmp_path: Path) -> None:
    """A file of the same name with other content stops the writing, and nothing changes."""
    write_files({"a.md": b"one", "b.md": b"two"}, tmp_path)
    with pytest.raises(UsageError, match=r"b\.md is there already"):
        write_files({"a.md": b"one", "b.md": b"other"}, tmp_path)
    assert (tmp_path / "b.md").read_bytes() == b"two"
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="can't be written"):
        write_files({"a.md": b"one"}, tmp_path / "file")


@pytest.mark.parametrize(
    ("place", "mode", "expected"),
    [
        ("DE", "consent", {"impact-assessment", "record-of-processing", "agreement-annex"}),
        ("FR", "collective_agreement+consent", {"impact-assessment", "record-of-processing", "agreement-annex"}),
        ("US-IL", "consent", {"impact-assessment", "record-of-processing", "release"}),
        ("IE", "legitimate_interest+objection", {"impact-assessment", "record-of-processing"}),
    ],
)
def test_a_programme_gets_the_papers_it_needs(place: str, mode: str, expected: set[str]) -> None:
    """An assessment and a record always, an annex where there is an agreement, a release in Illinois."""
    made = paper_files(replace(PROGRAMME, jurisdiction=place, basis_mode=mode))
    assert {name.split(".")[0] for name in made} == expected


SECTIONS = {
    "impact-assessment.md": [
        "## (a)",
        "## (b)",
        "## (c)",
        "## (d)",
        "## Who was asked",
        "Art. 35(2)",
        "Art. 35(9)",
        "Art. 35(11)",
        "Art. 36",
    ],
    "record-of-processing.md": [f"- ({letter})" for letter in "abcdefg"] + ["DPA-2025-19"],
    "agreement-annex.md": ["WA-2026-07", "No judging", "Free choice", "5 people or more", "2027-12-31", "works-council@example.org"],
    "release.md": ["14/15(b)(1)", "14/15(b)(3)", "1095 days", "https://example.org/privacy", "never sold, leased or traded"],
}


@pytest.mark.parametrize("name", SECTIONS)
def test_a_paper_has_what_its_law_asks_and_marks_what_it_cannot_know(name: str) -> None:
    """Each section the law names is there, filled from the programme; what only a person can write is marked, and nowhere guessed."""
    place = "US-IL" if name == "release.md" else "DE"
    text = paper_files(replace(PROGRAMME, jurisdiction=place, policy_url="https://example.org/privacy"))[name].decode()
    assert [part for part in SECTIONS[name] if part not in text] == []
    assert "no legal advice" in text
    assert text.count(OPEN) - 1 == text.count("⟧") >= 1  # the first one is explained
    assert all(one.title in text for one in PROGRAMME.purposes)


def test_what_is_missing_in_the_programme_is_marked_in_the_papers() -> None:
    """A programme that doesn't say where data lies, who speaks for people or how many there are gets marked places for it."""
    made = paper_files(replace(PROGRAMME, places=(), representatives=(), staff_count=0, agreement_id=""))
    text = b"\n".join(content for name, content in made.items() if name.endswith(".md")).decode()
    for what in ("where data lies and is worked on", "who speaks for people", "how many people may be asked", "number of the agreement"):
        assert f"{OPEN}A person fills this in: {what}⟧" in text


def test_a_programmes_text_is_text_in_papers() -> None:
    """Markup in a programme reaches no paper as markup."""
    evil = replace(PROGRAMME, title="<script>x</script>", owner="|a|b|")
    for name, content in paper_files(evil).items():
        if name.endswith(".html"):
            assert b"<script" not in content


def test_the_annex_speaks_the_programmes_language() -> None:
    """A German programme's annex is German from head to signature, tables included; what is open stays marked."""
    made = paper_files(replace(PROGRAMME, language="de", agreement_id=""))
    text = made["agreement-annex.md"].decode()
    for part in (
        "# Anlage zur Betriebsvereinbarung",
        "Freie Wahl",
        "Keine Bewertung",
        "31.12.2027",
        "Ein Mensch füllt das aus: Nummer der Vereinbarung",
    ):
        assert part in text
    assert "A person fills this in" not in text
    assert b'<html lang="de">' in made["agreement-annex.html"]
    assert b'<html lang="en">' in made["impact-assessment.html"]


@pytest.mark.parametrize("has_voice", [True, False])
def test_the_release_speaks_of_voice_where_it_is_asked_for(*, has_voice: bool) -> None:
    """Illinois's release tells what becomes of the sound only where voice notes are asked for."""
    streams = ("pointer", "voice") if has_voice else ("pointer",)
    asked = tuple(replace(purpose, streams=streams) for purpose in PROGRAMME.purposes)
    text = paper_files(replace(PROGRAMME, jurisdiction="US-IL", policy_url="https://example.org/privacy", purposes=asked))["release.md"]
    assert ("Voice notes are turned into text" in text.decode()) is has_voice
