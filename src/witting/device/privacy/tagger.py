"""Names, places, organisations, streets, ages and dates by a linear-chain CRF (python-crfsuite) over the words of a text.

Knows of a word only whether it is in the lexicon and what it looks like: a word that is in no general list is no feature itself, so the
model holds nobody's name. `bench/build_crf.py` trains it, with the features made here. Invariant: the same text gets the same labels;
without the model file nothing is redacted, because `load_tagger` raises.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources

from witting.device.privacy.lexicon import Lexicon
from witting.device.privacy.sample import Sample, Word, word_set
from witting.terms.findings import Finding, FindingKind

MODEL = "words.crfsuite"
MODEL_RULE = "words_model"  # the detector that findings name
# labels of the model, and the kind that a word with this label is found as
KINDS: dict[str, FindingKind] = {
    "NAME": "name",
    "STREET": "address",
    "PLACE": "place",
    "ORG": "organisation",
    "AGE": "date",
    "DATE": "date",
    "ROLE": "role",
    "GROUP": "special",
}
OTHER = "O"
_PLAIN = 0.15  # of `doubt`, for a word that everybody uses or a count: they say little, so the model must be surer
_SCORE = 0.5
_LONGEST_COUNT = 1  # digits
_LONGEST_RUN = 400  # words given to the model at once
_TITLES = word_set(
    "mr mrs ms miss mx dr prof professor sir herr frau mme mlle monsieur madame senor senora sr sra don dona hi hello hallo dear"
    " lieber liebe"
)
_ENDINGS = re.compile(
    r"(?:stra(?:ss)?e|str|weg|platz|allee|gasse|gatan|gata|katu|vej|veien|gade|laan|straat|utca|ulica|ulice|via|street|road|avenue|rue|calle)$"
)
_COMPANIES = word_set(
    "inc ltd llc corp corporation gmbh ag kg co company sa sas sarl srl sl plc group partners holdings sons bros bv nv oy ab as"
)


def _shape(text: str) -> str:
    """Return a word's shape, runs cut short: `Xx`, `X`, `x`, `d4`, `dx`."""
    if text.isdigit():
        return f"d{min(len(text), 6)}"
    if text.isalpha():
        if text.islower():
            return "x"
        if text.isupper():
            return "X" if len(text) > 1 else "X1"
        return "Xx" if text[0].isupper() and text[1:].islower() else "xX"
    return "dx" if any(c.isdigit() for c in text) else "x'"


def _gap(text: str) -> str:
    """Return what stands between two words, cut down to what tells."""
    if text in {" ", "-", ", ", ". ", "'", "/"}:
        return text
    if "\n" in text:
        return "n"
    stripped = text.strip()
    return stripped[-1] if stripped else "_"


def _word_features(word: Word, lexicon: Lexicon) -> list[str]:
    """Return what is known of one word by itself."""
    folded = word.folded
    is_listed = folded in lexicon.harmless
    lists = (lexicon.given, lexicon.family, lexicon.ambiguous, lexicon.common, lexicon.places, lexicon.groups, lexicon.interface)
    features = [f"s={_shape(word.text)}"]
    if is_listed and not word.has_digit:
        features.append(f"w={folded}")
    elif not word.has_digit:
        features.append(f"e={folded[-3:]}")
        features.append("u")
    features += [name for name, members in zip("gfacpnm", lists, strict=True) if folded in members]
    if folded in _TITLES:
        features.append("t")
    if folded in _COMPANIES:
        features.append("o")
    if _ENDINGS.search(folded):
        features.append("r")
    return features


def features(sample: Sample, lexicon: Lexicon) -> list[list[str]]:
    """Return each word's features, with those of two words to either side."""
    own = [_word_features(word, lexicon) for word in sample.words]
    gaps = [_gap(sample.gap(index)) for index in range(len(sample.words))]
    gaps.append(_gap(sample.text[sample.words[-1].end :]) if sample.words else "")
    rows = []
    for index, mine in enumerate(own):
        row = [*mine, f"<{gaps[index]}", f">{gaps[index + 1]}", "b" if sample.begins_sentence(index) else "i"]
        row.append(f"{mine[0]}{mine[1] if len(mine) > 1 else ''}<{gaps[index]}")
        for step in (-2, -1, 1, 2):
            place = index + step
            if 0 <= place < len(own):
                row.extend([f"{step}{feature}" for feature in own[place]])
            else:
                row.append(f"{step}#")
        rows.append(row)
    return rows


class Tagger:
    """The model, loaded; gives for each word how likely it is harmless, and what else it is most likely."""

    def __init__(self, model: bytes) -> None:
        import pycrfsuite

        self._model = model  # the library reads it where it lies
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open_inmemory(self._model)

    def doubts(self, rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, float]]:
        """Yield each word's place and how likely the model thinks it harmless, from 0 to 1; valid until the next call."""
        self._tagger.set(rows)
        for index in range(len(rows)):
            yield index, self._tagger.marginal(OTHER, index)

    def label(self, index: int) -> str:
        """Return the likeliest label of a word but for harmless."""
        return max(KINDS, key=lambda label: float(self._tagger.marginal(label, index)))


@cache
def load_tagger() -> Tagger:
    """Return the model.

    Raises:
        OSError: the model isn't there; then there is no redactor either.
    """
    return Tagger(resources.files("witting.device.privacy").joinpath("data", MODEL).read_bytes())


def _is_plain(word: Word, lexicon: Lexicon) -> bool:
    """Whether a word is of those that everybody uses, a letter or a small number."""
    return len(word.text) == 1 or word.folded in lexicon.common or (word.text.isdigit() and len(word.text) <= _LONGEST_COUNT)


def find_tagged(sample: Sample, lexicon: Lexicon, *, tagger: Tagger, doubt: float) -> Iterator[Finding]:
    """Find what the model takes for a person's name, a street, a place, an organisation, a role, a group, an age or a date; word by word.

    A word counts when the model thinks it harmless with less than `doubt`, from 0 to 1.
    """
    rows = features(sample, lexicon)
    for first in range(0, len(rows), _LONGEST_RUN):
        for index, harmless in tagger.doubts(rows[first : first + _LONGEST_RUN]):
            word = sample.words[first + index]
            if harmless < doubt * (_PLAIN if _is_plain(word, lexicon) else 1):
                yield Finding(KINDS[tagger.label(index)], word.start, word.end, _SCORE, MODEL_RULE)
