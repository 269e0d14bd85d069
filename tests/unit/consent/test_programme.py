"""A programme file is taken whole and sensible, or refused in one line that names the field."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.consent.programme import check_programme, load_programme, programme_digest, read_programme, write_template
from witting.terms.errors import ProgrammeError

EXAMPLE = files("witting.consent").joinpath("example.toml").read_text("utf-8")


def changed(old: str, new: str) -> str:
    """Return the example with one piece replaced."""
    assert EXAMPLE.count(old) == 1, old
    return EXAMPLE.replace(old, new)


def emptied(table: str) -> str:
    """Return the example with all entries of one list of tables taken out."""
    return f"{table} = []\n" + re.sub(rf"\[\[{table}\]\].*?(?=\n\[|\n#)", "", EXAMPLE, flags=re.DOTALL)


def refusal(text: str) -> ProgrammeError:
    """Return the error that a programme text gets."""
    with pytest.raises(ProgrammeError) as caught:
        read_programme(text, name="desk.toml")
    assert len(str(caught.value).splitlines()) == 1
    assert caught.value.hint
    assert len(caught.value.hint.splitlines()) == 1
    return caught.value


def test_the_example_is_complete() -> None:
    """The example loads, and no field that people must be told is missing or doubtful."""
    programme = read_programme(EXAMPLE)
    assert check_programme(programme) == []
    assert len(programme.purposes) >= 2


def test_the_template_is_the_example(tmp_path: Path) -> None:
    """What is written for a steward to start from loads as it is."""
    path = tmp_path / "office.toml"
    write_template(path)
    assert load_programme(path) == read_programme(EXAMPLE)


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    """Writing the template never overwrites anything, and says so."""
    path = tmp_path / "office.toml"
    path.write_text("mine")
    with pytest.raises(ProgrammeError, match="exists already"):
        write_template(path)
    assert path.read_text() == "mine"
    with pytest.raises(ProgrammeError, match="can't be written"):
        write_template(tmp_path / "nowhere" / "office.toml")


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    """A missing file, a folder and bytes that aren't text each get one clear line."""
    with pytest.raises(ProgrammeError, match=r"there is no programme file .*none\.toml"):
        load_programme(tmp_path / "none.toml")
    with pytest.raises(ProgrammeError, match="can't be read"):
        load_programme(tmp_path)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProgrammeError, match="can't be read"):
        load_programme(tmp_path / "bytes.toml")


SHAPES = [
    (changed("reaffirm_months = 6", "reafirm_months = 6"), "unknown key `reafirm_months`", "did you mean `reaffirm_months`"),
    (changed('role = "internal"', 'role = "internal"\nzebra = 1'), "unknown key `recipients[0].zebra`", "remove it"),
    (changed("spool_days = 14\n", ""), "`retention.spool_days` is missing", "add it"),
    (changed('authority = "Example Data Protection Authority, https://authority.example.org"\n', ""), "`authority` is missing", "add it"),
    (changed("starts_on = 2026-01-01", "starts_on = 2026-02-30"), "`starts_on` in line 7 isn't a day of the calendar", "YYYY-MM-DD"),
    (changed("starts_on = 2026-01-01", 'starts_on = "2026-02-30"'), "`starts_on`: invalid RFC3339 encoded date", ""),
    (changed("starts_on = 2026-01-01", "starts_on = 5"), "`starts_on`: expected `date`, got `int`", ""),
    (changed("version = 1\n", 'version = "one"\n'), "`version`: expected `int`, got `str`", ""),
    (changed('posture = "strict"', 'posture = "off"'), "`posture`: invalid enum value", ""),
    (changed('streams = ["pointer", "keys", "pages",', 'streams = ["sound",'), "`purposes[1].streams[0]` is no kind", "the kinds are"),
    ("title = \n", "isn't TOML", "mend that line"),
    ('title = "x', "isn't TOML", "complete example"),
    ("a.b c = 2026-02-30", "isn't TOML", "mend that line"),
    ("[1, 2026-02-30]", "isn't TOML", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said", "hint"), SHAPES)
def test_a_misshapen_file_is_refused_by_name(text: str, said: str, hint: str) -> None:
    """Unknown, missing and mistyped keys and impossible dates are named, with what to do."""
    error = refusal(text)
    assert said in str(error)
    assert hint in error.hint


SENSE = [
    (changed('id = "office-help"', 'id = "Office Help"'), "`id`"),
    (changed("version = 1\n", "version = 0\n"), "`version`"),
    (changed("version = 1\n", "version = 10000000\n"), "`version`"),
    (changed("starts_on = 2026-01-01", "starts_on = 1026-01-01"), "`starts_on` is impossible"),
    (changed("ends_on = 2027-12-31", "ends_on = 2025-12-31"), "`ends_on` lies before `starts_on`"),
    (changed("ends_on = 2027-12-31", "ends_on = 2030-12-31"), "`ends_on` lies more than three years"),
    (changed('jurisdiction = "DE"', 'jurisdiction = "Germany"'), "`jurisdiction`"),
    (changed('language = "en"', 'language = "English please"'), "`language`"),
    (changed('id = "evaluate_help"', 'id = "train"'), "`purposes` names 'train' twice"),
    (changed('id = "evaluate_help"', 'id = "help!"'), "`purposes[1].id`"),
    (changed('streams = ["pointer", "keys", "pages", "ui_tree"]', "streams = []"), "`purposes[1].streams` is empty"),
    (changed('"keys", "pages", "ui_tree"]', '"keys", "keys"]'), "`purposes[1].streams` names 'keys' twice"),
    (changed('id = "mousepad"', 'id = "Mousepad"'), "`apps[1].id`"),
    (changed('id = "mousepad"', 'id = "mouse pad"'), "`apps[1].id`"),
    (changed('id = "mousepad"', 'id = ""'), "`apps[1].id`"),
    (changed('id = "mousepad"', 'id = "chromium"'), "`apps` names 'chromium' twice (and 1 more)"),
    (changed('sites = ["https://forms.example.org"]\n', ""), "`apps[0].sites` is empty"),
    (changed("https://forms.example.org", "https://forms.example.org/"), "`apps[0].sites[0]` is no origin"),
    (changed("https://forms.example.org", "https://FORMS.example.org"), "`apps[0].sites[0]` is no origin"),
    (changed("https://forms.example.org", "https://a:b@forms.example.org"), "`apps[0].sites[0]` is no origin"),
    (changed("https://forms.example.org", "https://forms.example.org:99999"), "`apps[0].sites[0]` is no origin"),
    (changed("https://forms.example.org", "https://["), "`apps[0].sites[0]` is no origin"),
    (changed("sites = [", 'query_keys = ["page", "access_token"]\nsites = ['), "`apps[0].query_keys[1]` may not be asked for"),
    (changed("sites = [", 'query_keys = ["a b"]\nsites = ['), "`apps[0].query_keys[0]` may not be asked for"),
    (changed("https://forms.example.org", "file:///etc"), "`apps[0].sites[0]` is no origin"),
    (changed("https://forms.example.org", "https://*.example.org"), "`apps[0].sites[0]` stands for many sites"),
    (changed("https://forms.example.org", "http://forms.example.org"), "`apps[0].sites[0]` isn't encrypted"),
    (changed("spool_days = 14", "spool_days = 0"), "`retention.spool_days`"),
    (changed("log_years = 3", "log_years = 100"), "`retention.log_years`"),
    (changed("reaffirm_months = 6", "reaffirm_months = 24"), "`reaffirm_months`"),
    (changed('redaction_words = ["Bluebird"]', 'redaction_words = [" "]'), "`redaction_words[0]`"),
    (changed(r"'\bSMP-\d{6}\b'", "' '"), "`redaction_patterns[0]` is blank"),
    (changed(r"'\bSMP-\d{6}\b'", "'('"), "`redaction_patterns[0]` is no RE2 expression (missing ): ()"),
    (changed(r"'\bSMP-\d{6}\b'", r"'(a)\1'"), "`redaction_patterns[0]` is no RE2 expression (invalid escape sequence: \\1)"),
    (changed(r"'\bSMP-\d{6}\b'", "'ok', '(?=a)'"), "`redaction_patterns[1]` is no RE2 expression"),
    (changed(r"'\bSMP-\d{6}\b'", "'x*'"), "`redaction_patterns[0]` matches nothing at all"),
    (changed(r"'\bSMP-\d{6}\b'", f"'{'x' * 301}'"), "`redaction_patterns[0]` is longer than 300"),
    (changed(r"'\bSMP-\d{6}\b'", r"'(\w{1,30}-){1,30}x'"), "`redaction_patterns[0]` is too large"),
    (changed(r"'\bSMP-\d{6}\b'", ", ".join(f"'x{number}'" for number in range(101))), "`redaction_patterns` are more than 100"),
    (changed('role = "processor"\ncountry = "IE"', 'role = "processor"\ncountry = "Ireland"'), "`recipients[1].country`"),
    (emptied("apps"), "`apps` is empty"),
    (emptied("purposes"), "`purposes` is empty"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), SENSE)
def test_nonsense_is_refused_by_name(text: str, said: str) -> None:
    """What makes no sense is refused and named; nothing is corrected in silence."""
    assert said in str(refusal(text))


@pytest.mark.parametrize(
    "site", ["http://127.0.0.1:8123", "http://localhost:80", "http://[::1]:9000", "https://[2001:db8::1]", "https://a.example.org:8443"]
)
def test_origins_are_taken(site: str) -> None:
    """Encrypted origins, and this machine's own, may be lent."""
    assert read_programme(changed("https://forms.example.org", site)).apps[0].sites == (site,)


@pytest.mark.promise("P19")
@pytest.mark.parametrize("word", ["Performance", "productivity", "emotions", "mood", "appraisal", "ranking", "disciplinary", "idle"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title = "Train agents"', 'title = "{} of staff"'),
        ('why = "We compare', 'why = "{}: we compare'),
        ('id = "evaluate_help"', 'id = "team_{}"'),
    ],
)
def test_a_purpose_that_judges_people_is_refused(word: str, old: str, new: str) -> None:
    """No programme can be made for judging people, whichever field says so."""
    word = word.lower() if old.startswith("id") else word
    assert "speaks of" in str(refusal(changed(old, new.format(word))))


@pytest.mark.promise("P22")
def test_pictures_come_neither_faster_nor_slower_than_can_be_promised() -> None:
    """Between half a second and a minute lies between pictures of changes."""
    for seconds in ("0.4", "61", "0"):
        assert "`picture_seconds`" in str(refusal(changed("picture_seconds = 2.0", f"picture_seconds = {seconds}")))
    assert read_programme(changed("picture_seconds = 2.0", "picture_seconds = 0.5")).picture_seconds == 0.5


def test_the_smallest_group_can_only_be_raised() -> None:
    """A steward may ask for larger groups, never for smaller ones."""
    assert "`group_minimum`" in str(refusal(changed("group_minimum = 5", "group_minimum = 4")))
    assert read_programme(changed("group_minimum = 5", "group_minimum = 50")).group_minimum == 50


@pytest.mark.promise("P5")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title = "Train agents"', 'title = "Train other agents"'),
        ('"keys", "pages", "ui_tree"]', '"keys", "pages"]'),
        ('id = "mousepad"', 'id = "gedit"'),
        ('name = "Example Hosting"', 'name = "Other Hosting"'),
        ("hub_days = 180", "hub_days = 181"),
    ],
)
def test_purpose_kind_app_recipient_and_retention_are_in_the_digest(old: str, new: str) -> None:
    """A change of any of them is another programme, even where the version number was forgotten."""
    assert programme_digest(read_programme(changed(old, new))) != programme_digest(read_programme(EXAMPLE))


def test_comments_and_order_are_not_in_the_digest() -> None:
    """Writing the same programme in another way is no change."""
    lines = [line for line in EXAMPLE.splitlines() if not line.startswith("#")]
    assert programme_digest(read_programme("\n".join(lines))) == programme_digest(read_programme(EXAMPLE))


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever stands in the file, the reader ends with one clear line."""
    refusal(text)
