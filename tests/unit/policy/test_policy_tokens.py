"""Words of instructions: placeholders stay whole, offsets lead back, spans cross no mark."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.policy.tokens import fold, folded_words, is_real_word, ordinal_of, spans_of, tokenise

ANY = st.text(alphabet=st.sampled_from("abZ 1.,\"'“”«»⟨⟩_NAME-éß\n@"), max_size=60)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Click the OK button.", ("click", "the", "ok", "button")),
        ("Send ⟨NAME_1⟩ to ⟨EMAIL_12⟩!", ("send", "⟨NAME_1⟩", "to", "⟨EMAIL_12⟩")),
        ("anna@example.org, 10:30 a/b", ("anna@example.org", "10:30", "a/b")),
        ("\uff26\uff55\uff4c\uff4c  width\tStraße", ("full", "width", "strasse")),
        ("", ()),
        ("?! ...", ()),
        ("Star Alta's e-mail, and Ada\u2019s", ("star", "alta", "e-mail", "and", "ada")),
    ],
)
def test_an_instruction_is_cut_into_words(text: str, words: tuple[str, ...]) -> None:
    """Marks are no words, an address is one, and a placeholder keeps its letters: it equals only itself."""
    assert folded_words(text) == words


@given(ANY)
def test_tokens_lead_back_to_the_text(text: str) -> None:
    """Each token stands where it says, in order, and nothing but space is left out."""
    tokens = tokenise(text)
    assert [text[token.start : token.end] for token in tokens] == [token.text for token in tokens]
    assert "".join(token.text for token in tokens) == "".join(text.split())
    assert all(a.end <= b.start for a, b in pairwise(tokens))


@given(ANY)
def test_spans_lead_back_to_the_text_and_cross_no_mark(text: str) -> None:
    """What may be typed is said in the instruction as it stands; an unquoted run holds at most five words and no mark."""
    tokens = tokenise(text)
    spans = spans_of(text, tokens)
    assert all(span.text in text for span in spans)
    assert all(0 <= span.first < span.end <= len(tokens) for span in spans)
    for span in spans:
        if not span.is_quoted:
            assert span.end - span.first <= 5
            assert all(token.is_word for token in tokens[span.first : span.end])
    assert len({(span.first, span.end, span.text) for span in spans}) == len(spans)


@pytest.mark.parametrize("quoted", ['"two words"', "“two words”", "«two words»", "'two words'"])
def test_each_kind_of_quotation_mark_makes_a_span(quoted: str) -> None:
    """What is quoted comes first among the spans and isn't offered a second time as a run."""
    text = f"Enter {quoted} there"
    spans = spans_of(text, tokenise(text))
    assert (spans[0].text, spans[0].is_quoted) == ("two words", True)
    assert [span.text for span in spans].count("two words") == 1


@pytest.mark.parametrize("text", ['Enter "" there, it is full', 'Enter " " there', "don't say it's full"])
def test_an_empty_quotation_and_an_apostrophe_are_no_span(text: str) -> None:
    """Empty quotation marks say nothing to type, and `don't` quotes nothing."""
    assert not [span for span in spans_of(text, tokenise(text)) if span.is_quoted]


@pytest.mark.parametrize(
    ("word", "place"), [("first", 1), ("2nd", 2), ("3rd", 3), ("11th", 11), ("last", -1), ("sixth", 6), ("2", 0), ("list", 0), ("th", 0)]
)
def test_a_word_can_name_a_place(word: str, place: int) -> None:
    """Ordinals in words and figures are read, cardinal numbers aren't ordinals."""
    assert ordinal_of(word) == place


@pytest.mark.parametrize(
    ("word", "is_real"),
    [
        ("word", True),
        ("Word", True),
        ("WORD", True),
        ("URLs", True),
        ("iPhone", False),
        ("a1", False),
        ("⟨NAME_1⟩", False),
        ("a" * 21, False),
    ],
)
def test_only_what_looks_like_language_has_a_meaning(word: str, *, is_real: bool) -> None:
    """Codes, placeholders and drawn strings are compared by letters alone."""
    assert is_real_word(word) is is_real


@given(ANY)
def test_folding_twice_is_folding_once(text: str) -> None:
    """Equality doesn't depend on how often it was asked, nor on case."""
    assert fold(fold(text)) == fold(text)
    assert fold(text.upper()) == fold(text.upper().lower())
