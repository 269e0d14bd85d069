"""Names, places, organisations, streets, ages and dates by a linear-chain CRF (python-crfsuite) over the words of a text.

Knows of a word only whether it is in the lexicon and what it looks like: a word that is in no general list is no feature itself, so the
model holds nobody's name. `bench/build_crf.py` trains it, with the features made here. Invariant: the same text gets the same labels;
without the model file nothing is redacted, because `load_tagger` raises.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from witting.device.privacy.lexicon import Lexicon, load_lexicon
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
_SCORE = 0.5
_SUREST = 0.998  # no word is masked that the model thinks harmless by this and more
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


_ROLE_ENDINGS = re.compile(
    r"(?:lehrer|pfleger|berater|leiter|techniker|ingenieur|fahrer|meister|kaufmann|verkaufer|assistent|arbeiter|arzt|anwalt|mechaniker|monteur"
    r"|therapeut|beamter|referent|schwester|helfer|bauer|macher)(?:in|innen)?$|(?:kauffrau|kraft|ologist|ologe|ologue|ologo|icien|icienne)$"
)
MONTHS = word_set(
    """january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
    januar februar marz mai juni juli oktober dezember janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre""",
)
_MIN_ENDING = 4
_INSIDE_PHRASE = frozenset({" ", "-", "'"})
_LONG_PHRASE = 5  # words; longer ones count as so long
_STEPS = (-1, 1, -2, 2)  # how far a word stands before or after the one whose features these are


@dataclass(frozen=True, slots=True)
class Doubts:
    """With less than what chance of being harmless, from 0 to 1, a word is masked; by what sort of word it is."""

    plain: float  # everybody uses it, or it is a letter or a count: it says little, so the model must be surer
    listed: float  # any other word of the general lists
    telling: float  # a listed word with a capital that names people, places or groups too
    unlisted: float  # in no general list


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


def _flags(folded: str, lexicon: Lexicon) -> list[str]:
    """Return which lists a word is in, one letter each."""
    lists = (lexicon.given, lexicon.family, lexicon.ambiguous, lexicon.common, lexicon.places, lexicon.groups, lexicon.interface)
    flags = [name for name, members in zip("gfacpnm", lists, strict=True) if folded in members]
    if folded in lexicon.roles:
        flags.append("j")
    if folded in _TITLES:
        flags.append("t")
    if folded in _COMPANIES:
        flags.append("o")
    if folded in MONTHS:
        flags.append("d")
    return flags


def _word_features(text: str, folded: str, *, lexicon: Lexicon, is_listed: bool) -> tuple[tuple[str, ...], ...]:
    """Return what is known of one word by itself, as seen from itself and from the words one and two before and after it."""
    shape, flags, has_digit = _shape(text), _flags(folded, lexicon), not folded.replace("'", "").isalpha()
    kind = f"{shape}{'' if is_listed else '?'}{''.join(flags)}"
    said = [] if has_digit else [f"w={folded}" if is_listed else "u"]
    own = [f"s={shape}", f"k={kind}", *said, *flags]
    near = [f"k={kind}", *said, *flags]
    if not has_digit and len(folded) >= _MIN_ENDING:
        own.append(f"e={folded[-3:]}")
    if _ENDINGS.search(folded):
        own.append("r")
        near.append("r")
    if not is_listed and _ROLE_ENDINGS.search(folded):
        own.append("q")
        near.append("q")
    far = [f"k={kind}", *said]
    return (tuple(own), *(tuple(f"{step}{feature}" for feature in (near if abs(step) == 1 else far)) for step in _STEPS))


def _phrases(sample: Sample, gaps: Sequence[str], *, lexicon: Lexicon) -> list[str]:
    """Return for each word what tells of its phrase (words with only spaces, hyphens and `'s` between): its ends, how long, whether a line."""
    words = sample.words
    found: list[str] = []
    first = 0
    for index in range(1, len(words) + 1):
        if index < len(words) and gaps[index] in _INSIDE_PHRASE:
            continue
        begins, ends = words[first].folded, words[index - 1].folded
        after = sample.text[words[index - 1].end : words[index - 1].end + 1]
        is_line = gaps[first] in {"", "n"} and after in {"", "\n"}
        said = "".join(
            name
            for name, is_so in (
                ("J", ends in lexicon.roles), ("F", begins in lexicon.roles), ("C", ends in _COMPANIES), ("R", bool(_ENDINGS.search(ends))),
                ("L", is_line),
            )
            if is_so
        )  # fmt: skip
        found += [f"P{min(index - first, _LONG_PHRASE)}{said}"] * (index - first)
        first = index
    return found


@lru_cache(maxsize=20_000)
def _listed_features(text: str, folded: str) -> tuple[tuple[str, ...], ...]:
    """Return the features of a word of the general lists; no other word is ever kept."""
    return _word_features(text, folded, lexicon=load_lexicon(), is_listed=True)


def features(sample: Sample, lexicon: Lexicon) -> list[list[str]]:
    """Return each word's features, with those of two words to either side."""
    words = sample.words
    views = [
        _listed_features(word.text, word.folded)
        if word.folded in lexicon.harmless
        else _word_features(word.text, word.folded, lexicon=lexicon, is_listed=False)
        for word in words
    ]
    gaps = [_gap(sample.gap(index)) for index in range(len(words))]
    phrases = _phrases(sample, gaps, lexicon=lexicon)
    gaps.append(_gap(sample.text[words[-1].end :]) if words else "")
    rows = []
    last = len(words) - 1
    for index, (mine, *_) in enumerate(views):
        row = [*mine, f"<{gaps[index]}", f">{gaps[index + 1]}", "b" if sample.begins_sentence(index) else "i", f"{mine[1]}<{gaps[index]}", phrases[index]]
        row += views[index - 1][1] if index else ("-1#",)
        row += views[index + 1][2] if index < last else ("1#",)
        row += views[index - 2][3] if index > 1 else ("-2#",)
        row += views[index + 2][4] if index < last - 1 else ("2#",)
        rows.append(row)
    return rows


class Tagger:
    """The model, loaded; gives for each word how likely it is harmless, and what else it is most likely."""

    def __init__(self, model: bytes) -> None:
        import pycrfsuite

        self._model = model  # the library reads it where it lies
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open_inmemory(self._model)

    def labels(self) -> list[str]:
        """Return the likeliest labels of the words that `doubts` was called for last."""
        return self._tagger.tag()  # type: ignore[no-any-return]

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


def _doubt(word: Word, lexicon: Lexicon, *, doubts: Doubts) -> float:
    """Return with less than what chance of being harmless a word is masked."""
    if word.folded not in lexicon.harmless and not word.has_digit:
        return doubts.unlisted
    if len(word.text) == 1 or word.folded in lexicon.common or (word.text.isdigit() and len(word.text) <= _LONGEST_COUNT):
        return doubts.plain
    if word.is_capitalised and (word.folded in lexicon.groups or word.folded in lexicon.places or lexicon.is_name(word.folded)):
        return doubts.telling
    return doubts.listed


def find_tagged(sample: Sample, lexicon: Lexicon, *, tagger: Tagger, doubts: Doubts) -> Iterator[Finding]:
    """Find what the model takes for a person's name, a street, a place, an organisation, a role, a group, an age or a date; word by word.

    A word counts when the model thinks it harmless with less than what `doubts` says for its sort.
    """
    rows = features(sample, lexicon)
    for first in range(0, len(rows), _LONGEST_RUN):
        chances = list(tagger.doubts(rows[first : first + _LONGEST_RUN]))
        labels = tagger.labels() if min(chance for _, chance in chances) < _SUREST else []
        for index, harmless in chances:
            word = sample.words[first + index]
            if harmless < _SUREST and harmless < _doubt(word, lexicon, doubts=doubts):
                label = labels[index] if labels[index] != OTHER else tagger.label(index)
                yield Finding(KINDS[label], word.start, word.end, _SCORE, MODEL_RULE)
