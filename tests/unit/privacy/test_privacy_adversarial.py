# ruff: noqa: RUF001 - look-alike letters and typographic dashes are what is tested
"""Values that hide: spaced, escaped, spoken, drawn out, crossed out, in every dash and digit that Unicode knows."""

import re

import phonenumbers
import pytest
from faker import Faker
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from witting.device.privacy import Redactor
from witting.device.privacy.contacts import _REGIONS
from witting.device.privacy.detectors import Posture
from witting.device.privacy.identifiers import find_cards
from witting.device.privacy.sample import make_sample

POSTURES: tuple[Posture, ...] = ("strict", "balanced")
PLACEHOLDER = re.compile(r"⟨[A-Z]+_\d+⟩")


def redacted(posture: Posture, raw: str) -> str:
    """Return a text as a fresh session redacts it."""
    return Redactor(posture, seed=b"k").text(raw).text


def left(posture: Posture, raw: str) -> str:
    """Return what a redacted text says besides its placeholders."""
    return PLACEHOLDER.sub("\0", redacted(posture, raw))


@pytest.mark.promise("P7")
@pytest.mark.parametrize("posture", POSTURES)
@pytest.mark.parametrize(
    "raw",
    [
        "info @ example.org",
        "info@\nexample.org",
        "info%40example.org",
        "info&#64;example.org",
        "info&#x40;example.org",
        "info&commat;example.org",
        "info＠example.org",
        "info﹫example.org",
        "info@example。org",
        "infо@ехаmрlе.org",
        "i\u0336n\u0336f\u0336o\u0336@example.org",
        "in\u034ffo@example.org",
        "ⓘⓝⓕⓞ@example.org",
        "𝐢𝐧𝐟𝐨@example.org",
        "info at example dot org",
        "INFO AT EXAMPLE DOT ORG",
        "info ät example punkt de",
        "info arroba example punto es",
        "info arobase example point fr",
    ],
)
def test_a_mail_address_hides_in_no_form(posture: Posture, raw: str) -> None:
    """Escaped, spaced, spoken or look-alike: a mail address is one placeholder, however harmless its words are."""
    assert redacted(posture, raw) == "⟨EMAIL_1⟩"


@pytest.mark.promise("P7")
@pytest.mark.parametrize("posture", POSTURES)
@pytest.mark.parametrize(
    "gap", ["", " ", "  ", "-", "–", "‑", "‒", "−", "—", ".", "·", "•", "/", "|", ",", "_", "\t", "\n", "\u00a0", "\u200b", ", "]
)
def test_a_card_number_hides_behind_no_gap(posture: Posture, gap: str) -> None:
    """Whatever stands between its groups, a card number is one placeholder, and what follows it stays."""
    text = redacted(posture, "pay " + gap.join(["4111", "1111", "1111", "1111"]) + " now")
    assert text == "pay ⟨CARD_1⟩ now"


@pytest.mark.parametrize("after", ["", " 12/27", " 123", "\t12/27\t123", " and more"])
def test_a_card_number_is_known_before_its_date_and_code(after: str) -> None:
    """What is printed behind a card number doesn't hide it from the checksum, and isn't taken for a part of it."""
    spans = [(finding.start, finding.end) for finding in find_cards(make_sample("4111 1111 1111 1111" + after))]
    assert spans == [(0, 19)]


@pytest.mark.promise("P7")
@pytest.mark.parametrize("posture", POSTURES)
@pytest.mark.parametrize("gap", ["", " ", "  ", "-", "–", "‑", ".", "·", "\t", "\u00a0", "\u200b"])
@pytest.mark.parametrize("iban", ["DE89370400440532013000", "gb82west12345698765432", "FR1420041010050500013M02606"])
def test_a_bank_account_hides_behind_no_gap(posture: Posture, gap: str, iban: str) -> None:
    """Groups of four, however set apart and in either case, are one placeholder."""
    written = gap.join(iban[at : at + 4] for at in range(0, len(iban), 4))
    assert redacted(posture, written) == "⟨IBAN_1⟩"


@pytest.mark.promise("P7")
@pytest.mark.parametrize("posture", POSTURES)
@pytest.mark.parametrize("region", _REGIONS)
def test_phone_numbers_of_each_country_are_found(posture: Posture, region: str) -> None:
    """Land line and mobile, as dialled at home and from abroad, in a sentence, a label, brackets and a link: no four digits are left."""
    for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE):
        number = phonenumbers.example_number_for_type(region, kind)
        for form in (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL, PhoneNumberFormat.RFC3966):
            written = phonenumbers.format_number(number, form)
            for sentence in ("call {} now", "{}", "Tel.: {}", "tel:{}", "({})", "bitte {}, danke"):
                rest = left(posture, sentence.format(written))
                assert sum(c.isdigit() for c in rest) < 4, (region, form, sentence)


@pytest.mark.promise("P7")
@pytest.mark.parametrize("posture", POSTURES)
@given(
    region=st.sampled_from(_REGIONS),
    gap=st.sampled_from(["–", "‑", "‒", "−", "\u200b", "\u00a0", "\u2009", ".", "/", "-"]),
    digits=st.sampled_from(["0123456789", "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９", "०१२३४५६७८९"]),
)
def test_phone_numbers_hide_in_no_digits_or_dashes(posture: Posture, region: str, gap: str, digits: str) -> None:
    """Other scripts' digits and typographic gaps change nothing."""
    number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    written = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    raw = "".join(digits[int(c)] if c.isdigit() else gap if c in " -" else c for c in written)
    assert sum(c.isdigit() for c in left(posture, f"call {raw} now")) < 4


@pytest.mark.parametrize("posture", POSTURES)
@pytest.mark.parametrize(
    "raw",
    [
        "zero three zero nine zero one eight two zero",
        "Null drei null, neun null eins",
        "null dreißig, zero three oh one seven five four",
        "zéro un quatre deux six huit cinq trois",
        "nueve uno dos tres cuatro cinco",
        "3️⃣0️⃣9️⃣0️⃣1️⃣8️⃣2️⃣0️⃣",
    ],
)
def test_a_spoken_number_is_a_number(posture: Posture, raw: str) -> None:
    """Six digits told as words or keycaps are as much a number as six written ones."""
    words = set(re.findall(r"\w+", left(posture, raw).lower()))
    assert words <= {"null", "dreißig"}


@pytest.mark.parametrize("raw", ["one or two pages", "two of three, four of five", "one two three", "Zwei oder drei"])
def test_counting_is_no_spoken_number(raw: str) -> None:
    """A few number words in a sentence stay."""
    assert redacted("strict", raw) == raw


NAMES = [Faker(locale) for locale in ("en_US", "de_DE", "fr_FR", "es_ES", "pl_PL")]


@pytest.mark.promise("P7")
@given(
    people=st.sampled_from(NAMES), seed=st.integers(0, 10**6), gap=st.sampled_from([" ", ".", "-", "_", "·", "|", "/", " . ", "\t", "\n"])
)
def test_a_name_drawn_out_letter_by_letter_is_no_row_of_letters(people: Faker, seed: int, gap: str) -> None:
    """Strict lets single letters pass, but not a word made of them."""
    people.seed_instance(seed)
    name = "".join(c for c in people.last_name() if c.isalpha())
    rest = left("strict", f"write {gap.join(name)} here")
    if len(name) >= 5:
        assert rest in {"write \0 here", "write \0 \0"}


@pytest.mark.parametrize("raw", ["e.g. the U.S. page", "A/B test", "1 2 3 4 5 6", "x, y and z", "Ctrl + A", "I / O", "1 of 5", "B 2 C"])
def test_a_few_letters_stay(raw: str) -> None:
    """Abbreviations, page numbers and coordinates aren't words drawn out."""
    assert redacted("strict", raw) == raw


@pytest.mark.promise("P7")
@pytest.mark.parametrize("posture", POSTURES)
@given(
    name=st.sampled_from(["Kunigunde", "Schmidt", "Anna", "Krzysztof"]),
    mark=st.sampled_from(
        ["\u0336", "\u0335", "\u0332", "\u20e0", "\u20dd", "\u0301\u0336", "\u1ab0", "\u1dc4", "\ufe20", "\u0338", "\u200d\u0336"]
    ),
)
def test_a_crossed_out_name_is_a_name(posture: Posture, name: str, mark: str) -> None:
    """Strokes, rings and tildes over every letter cut no name into harmless letters."""
    rest = left(posture, f"ask {''.join(c + mark for c in name)} first")
    assert rest == "ask \0 first"


@pytest.mark.parametrize("raw", ["café", "naïve", "Größe", "Ångström", "žluťoučký", "señor", "Việt", "й", "हिन्दी", "عَرَبِيّ", "ไทย"])
def test_marks_that_belong_to_a_script_stay(raw: str) -> None:
    """Accents that compose and the vowel signs of other scripts are letters, not strokes."""
    from witting.device.privacy.normalise import normalise

    assert len(normalise(raw).text) == len(raw)


@pytest.mark.parametrize("raw", ["2019–2023", "pages 10–12", "A – B", "now — or then", "well–known"])
def test_a_dash_between_words_or_years_stays(raw: str) -> None:
    """A typographic dash that joins no number is left as the page wrote it, and a span of years is nobody's number."""
    text = redacted("balanced", raw)
    assert text.replace("-", "–") == raw
    assert "⟨" not in text


@pytest.mark.parametrize("label", ["Password", "Card number", "E-Mail", "IBAN"])
@given(first=st.text(min_size=1, max_size=300), second=st.text(min_size=1, max_size=300))
def test_what_stands_in_a_telling_field_has_no_length(label: str, first: str, second: str) -> None:
    """Two values of any lengths in such a field leave texts of one width, unless one is only space."""
    texts = [Redactor("strict", seed=b"k").text(value, context=label).text for value in (first, second)]
    bare = [text.strip() for text in texts]
    assert len({len(text) for text in bare if text}) <= 1
    assert all(PLACEHOLDER.fullmatch(text) for text in bare if text)
