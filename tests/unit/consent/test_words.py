"""The German catalogue says everything that the code says, with the same gaps to fill, and nothing else."""

import ast
import re
import string
import tomllib
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest

from witting.consent.duties import check_programme
from witting.consent.kinds import CADENCE, EXAMPLE, KEYS_RESIDUE, KINDS, POINTER_RESIDUE, PROTECTED
from witting.consent.levels import KEYS_WORDS
from witting.consent.notice import LEGAL_BASIS, make_notice
from witting.consent.papers import _PLACES, _ROLES, _TELLING
from witting.consent.programme import read_programme
from witting.consent.reading import HARDEST, german_grade
from witting.consent.wording import Words, is_known, words_for
from witting.terms.errors import ProgrammeError
from witting.terms.events import STREAMS
from witting.terms.fields import load_fields
from witting.terms.programme import BasisMode

REPO = Path(__file__).resolve().parents[3]
CONSENT = REPO / "src/witting/consent"
TEMPLATES = REPO / "src/witting/device/desk/templates"
CATALOGUE = tomllib.loads(CONSENT.joinpath("words/de.toml").read_text("utf-8"))
GERMAN = {english: said for table in CATALOGUE.values() for english, said in table.items()}
EXAMPLE_PROGRAMME = read_programme(files("witting.consent").joinpath("example.toml").read_text("utf-8"))
replace = msgspec.structs.replace


_OPEN_IN_ANNEX = {
    "number of the agreement", "how many people may be asked", "where data lies and is worked on", "who speaks for people",
    "further rights: visits, experts, training, reports", "agree on it", "place, date and names, for the employer",
    "place, date and names, for the works council",
}  # fmt: skip


def said_by_code() -> set[str]:
    """Return every sentence that a module hands to `say`, and the tables of sentences."""
    found = {"and"}
    for path in [*CONSENT.glob("*.py"), *(REPO / "src/witting/device/desk").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_said = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say" and node.args
            if is_said and isinstance(node.args[0], ast.Constant):
                found.add(node.args[0].value)
    for table in (KINDS, PROTECTED, LEGAL_BASIS, KEYS_WORDS):
        found |= set(table.values())
    from witting.device.desk.pages import TOLD
    from witting.device.desk.words import DEEDS, STATUS

    found |= {*_TELLING.values(), *_PLACES.values(), *_ROLES.values(), "Annex to the works agreement (draft)", *_OPEN_IN_ANNEX}
    found |= {
        TOLD["in"],
        TOLD["asked"],
        TOLD["less"],
        TOLD["same"],
        TOLD["heard"],
        *STATUS.values(),
        *DEEDS.values(),
        "Replaced by a newer one",
    }
    return found | set(KEYS_WORDS) | set(CADENCE) | {KEYS_RESIDUE, POINTER_RESIDUE} | {kept for _, _, kept in EXAMPLE}


def said_by_pages() -> set[str]:
    """Return every sentence that a page hands to `t`."""
    pages = "\n".join(path.read_text("utf-8") for path in TEMPLATES.glob("*.j2"))
    return {text.replace('\\"', '"') for text in re.findall(r'\bt\("((?:[^"\\]|\\.)*)"', pages)}


FIELDS = {text for field in load_fields() for text in (field.meaning, field.why)}


def test_nothing_is_left_in_english() -> None:
    """Each sentence of the notice, of every declared field and of the translated pages has its German."""
    assert sorted((said_by_code() | said_by_pages() | FIELDS) - set(GERMAN)) == []


def test_nothing_is_translated_that_nobody_says() -> None:
    """The catalogue holds no sentence that neither code, fields nor pages say."""
    assert sorted(set(GERMAN) - said_by_code() - said_by_pages() - FIELDS) == []


@pytest.mark.parametrize("english", sorted(GERMAN))
def test_a_translation_has_the_same_gaps(english: str) -> None:
    """What is filled in is the same in both languages, and so are the marks of the notice's layers."""
    gaps = [sorted({name for _, name, _, _ in string.Formatter().parse(text) if name}) for text in (english, GERMAN[english])]
    assert gaps[0] == gaps[1]
    marks = [(text.count("**"), re.match(r"#*", text)[0], text.count("⟨")) for text in (english, GERMAN[english])]
    assert marks[0] == marks[1]


def test_a_sentence_without_german_stops_the_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a recorded field has no German, no German notice can be made; the English one can."""
    monkeypatch.setattr("witting.consent.duties.words_for", lambda language: words_for("en") if language == "en" else Words("de", {}))
    (problem,) = check_programme(replace(EXAMPLE_PROGRAMME, language="de"))
    assert (problem.field, problem.is_missing) == ("language", True)
    with pytest.raises(ProgrammeError, match="lacks"):
        make_notice(replace(EXAMPLE_PROGRAMME, language="de"))
    assert check_programme(EXAMPLE_PROGRAMME) == []


@pytest.mark.parametrize(
    ("tag", "language", "known"), [("de", "de", True), ("de-AT", "de", True), ("en-GB", "en", True), ("fr", "en", False)]
)
def test_a_language_tag_finds_its_catalogue(tag: str, language: str, *, known: bool) -> None:
    """The primary part of a tag counts; a language without a catalogue is known as such."""
    assert words_for(tag).language == language
    assert is_known(tag) is known


@pytest.mark.promise("P4")
@pytest.mark.parametrize("mode", ["consent", "legitimate_interest+objection", "collective_agreement+consent"])
def test_the_german_notice_says_everything(mode: BasisMode) -> None:
    """In German too: every fact of the programme, all items of Art. 13, ten lines first, and no English sentence of ours."""
    programme = replace(EXAMPLE_PROGRAMME, language="de", basis_mode=mode)
    notice = make_notice(programme)
    assert notice.language == "de"
    text = notice.markdown.replace("\\", "")
    named = [
        programme.controller.name,
        programme.controller.address,
        programme.authority,
        programme.participant_contact,
        programme.dpo_contact,
    ]
    named += [who.name for who in (*programme.recipients, *programme.representatives, *programme.places)]
    named += [f"{getattr(programme.retention, key)} Tage" for key in ("spool_days", "hub_days", "dataset_days")]
    assert [part for part in named if part not in text] == []
    items = [f"Art. 13 Abs. 1 {letter}" for letter in "abcef"] + [f"Art. 13 Abs. 2 {letter}" for letter in "abcdef"]
    assert [item for item in items if item not in text] == []
    lines = re.findall(r"^\d+\. ", text, re.MULTILINE)
    assert len(lines) == 10
    english = [sentence for sentence in said_by_code() | FIELDS if len(sentence) > 25 and "{" not in sentence and sentence in text]
    assert english == []


def test_the_german_notice_is_plain() -> None:
    """The German notice asks for no more than eight school years by the first Wiener Sachtextformel."""
    notice = make_notice(replace(EXAMPLE_PROGRAMME, language="de", purposes=(replace(EXAMPLE_PROGRAMME.purposes[0], streams=STREAMS),)))
    short = notice.markdown[: notice.markdown.index("## Was Sie wählen")]
    print(f"German: ten lines {german_grade(short):.1f}, all {notice.reading.grade}")
    assert german_grade(short) <= HARDEST
    assert notice.reading.grade <= HARDEST
    assert notice.reading.index == "Wiener Sachtextformel 1"


def test_the_german_grade_is_the_published_formula() -> None:
    """Counted by hand: 8 words in 2 sentences, 2 with three syllables or more, 3 with more than six letters, 5 with one syllable."""
    text = "Der Hund bellt laut. Die Verordnung untersagt Aufzeichnungen."
    by_hand = 0.1935 * 37.5 + 0.1672 * 4 + 0.1297 * 37.5 - 0.0327 * 62.5 - 0.875  # Verordnung, untersagt, Aufzeichnungen have three or more
    assert german_grade(text) == pytest.approx(by_hand, abs=0.01)
    assert german_grade("# nur eine Überschrift") == 0.0
