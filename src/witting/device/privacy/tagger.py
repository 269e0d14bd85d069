"""Names, places, organisations, streets, ages and dates by a linear-chain CRF (python-crfsuite) over the words of a text.

Knows of a word only whether it is in the lexicon and what it looks like: a word that is in no general list is no feature itself, so the
model holds nobody's name. `bench/build_crf.py` trains it, with the features made here. Invariant: the same text gets the same labels;
without the model file nothing is redacted, because `load_tagger` raises.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise

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
_OF_NUMBERS = frozenset({"STREET", "AGE", "DATE"})
_SCORE = 0.5
_SUREST = 0.998  # no word is masked that the model thinks harmless by this and more
_ONE_SIGN = 0.05  # like the doubts below, for a letter or a digit by itself: a count, a step, a choice
_LONGEST_RUN = 400  # words given to the model at once
_TITLES = word_set(
    "mr mrs ms miss mx dr prof professor sir herr frau mme mlle monsieur madame senor senora sr sra don dona hi hello hallo dear"
    " lieber liebe"
)
_ENDINGS = tuple(
    sorted(
        word_set(
            """strasse strae str weg platz allee gasse gatan gata katu vej veien gade laan straat utca ulica ulice via street road avenue
            rue calle"""
        )
    ),
)
_COMPANIES = word_set(
    "inc ltd llc corp corporation gmbh ag kg co company sa sas sarl srl sl plc group partners holdings sons bros bv nv oy ab as"
)


_ROLE_ENDINGS = re.compile(
    r"(?:lehrer|pfleger|berater|leiter|techniker|ingenieur|fahrer|meister|kaufmann|verkaufer|assistent|arbeiter|arzt|anwalt"
    r"|mechaniker|monteur|fuhrer|halter|binder|bauerin|trainer|entwickler|planer|prufer|warter|giesser|fleischer|therapeut|beamter|referent|schwester|helfer|bauer|macher)(?:in|innen)?$"
    r"|(?:kauffrau|kraft|ologist|ologe|ologue|ologo|icien|icienne)$"
)
MONTHS = word_set(
    """january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov
    dec
    januar februar marz mai juni juli oktober dezember janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre""",
)
_MIN_ENDING = 4
_INSIDE_PHRASE = frozenset({" ", "-", "'"})
_MOST_KEPT = 20_000
_Views = tuple[list[str | bytes], str, list[str | bytes], list[str | bytes], list[str | bytes], list[str | bytes]]
_TELLING_GAPS = frozenset({" ", "-", ", ", ". ", "'", "/"})
_BEFORE_ROLE = 3
_RUNNING = 5  # words in one line: no button, menu or title is as long, or few are
_LONG_PHRASE = 5  # words; longer ones count as so long
_STEPS = (-1, 1, -2, 2)  # how far a word stands before or after the one whose features these are


@dataclass(frozen=True, slots=True)
class Doubts:
    """With less than what chance of being harmless, from 0 to 1, a word is masked; by what sort of word it is."""

    plain: float  # everybody uses it: it says little, so the model must be surer
    listed: float  # any other word of the general lists
    telling: float  # a listed word with a capital that names people, places or groups too
    unlisted: float  # in no general list
    role: float  # it says what somebody works as, or stands right before a word that does
    running: float  # everybody uses it, and it stands in running text, where the model takes it for no number, date or street


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
    if text in _TELLING_GAPS:
        return text
    if "\n" in text:
        return "n"
    stripped = text.strip()
    return stripped[-1] if stripped else "_"


def _flags(folded: str, lexicon: Lexicon) -> str:
    """Return which lists a word is in, one letter each."""
    lists = (
        lexicon.given,
        lexicon.family,
        lexicon.ambiguous,
        lexicon.common,
        lexicon.places,
        lexicon.groups,
        lexicon.interface,
        lexicon.roles,
    )
    return "".join([name for name, members in zip("gfacpnmjtod", (*lists, _TITLES, _COMPANIES, MONTHS), strict=True) if folded in members])


@lru_cache(maxsize=1_000)
def _gap_features(gap: str) -> tuple[str, str]:
    """Return what tells of the signs before a word: as its own feature and as the one before it sees it."""
    said = _gap(gap)
    return f"<{said}", f">{said}"


def _phrases(words: Sequence[Word], lexicon: Lexicon, *, gaps: Sequence[str]) -> list[str]:
    """Return for each word what tells of its phrase (words with only spaces, hyphens and `'s` between)."""
    found: list[str] = []
    first = 0
    for index in range(1, len(words) + 1):
        if index < len(words) and gaps[index] in _INSIDE_PHRASE:
            continue
        begins, ends = words[first].folded, words[index - 1].folded
        said = "J" if ends in lexicon.roles else ""
        if begins in lexicon.roles:
            said += "F"
        if ends in _COMPANIES:
            said += "C"
        if ends.endswith(_ENDINGS):
            said += "R"
        if (not first or "\n" in gaps[first]) and (not gaps[index] or gaps[index][0] == "\n"):
            said += "L"
        found += [f"P{min(index - first, _LONG_PHRASE)}{said}"] * (index - first)
        first = index
    return found


class Features:
    """What is said of the words of a text; with `kept`, only what a model knows of it, as the bytes that it takes fastest."""

    def __init__(self, lexicon: Lexicon, kept: Collection[str] | None = None) -> None:
        self._lexicon = lexicon
        self._kept = None if kept is None else {feature: feature.encode() for feature in kept}
        self._listed: dict[str, _Views] = {}  # of words of the general lists as they are written; no other word is ever kept
        self._of_kinds: dict[tuple[str, ...], _Views] = {}
        edges = [self._only((f"{step}#",)) for step in _STEPS]
        self._edge: _Views = ([], "", edges[0], edges[1], edges[2], edges[3])  # what stands before the first word and after the last

    def rows(self, sample: Sample) -> list[list[str | bytes]]:
        """Return each word's features, with those of two words to either side."""
        words, text = sample.words, sample.text
        if not words:
            return []
        views = [self._listed.get(word.text) or self._views(word) for word in words]
        gaps = [text[before.end : word.start] for before, word in pairwise(words)]
        gaps = [text[: words[0].start], *gaps, text[words[-1].end :]]
        phrases = _phrases(words, self._lexicon, gaps=gaps)
        signs = [_gap_features(gap) for gap in gaps]
        views = [self._edge, self._edge, *views, self._edge, self._edge]
        rows: list[list[str | bytes]] = []
        for index in range(len(words)):
            mine, kind, *_ = views[index + 2]
            before = signs[index][0]
            begins = "b" if not index or (gaps[index] != " " and sample.begins_sentence(index)) else "i"
            rows.append(
                [
                    *mine, before, signs[index + 1][1], begins, kind + before, phrases[index],
                    *views[index + 1][2], *views[index + 3][3], *views[index][4], *views[index + 4][5],
                ]
            )  # fmt: skip
        return rows

    def _only(self, features: Iterable[str]) -> list[str | bytes]:
        """Return those features that are kept."""
        if self._kept is None:
            return list(features)
        kept = self._kept
        return [kept[feature] for feature in features if feature in kept]

    def _views(self, word: Word) -> _Views:
        """Return what is known of one word by itself, as seen from itself and from the words one and two before and after it."""
        lexicon, folded = self._lexicon, word.folded
        is_listed = folded in lexicon.harmless
        said = "" if word.has_digit else f"w={folded}" if is_listed else "u"
        ending = folded[-3:] if not word.has_digit and len(folded) >= _MIN_ENDING else ""
        marks = "r" * folded.endswith(_ENDINGS) + "q" * bool(not is_listed and _ROLE_ENDINGS.search(folded))
        key = (f"{_shape(word.text)}{'' if is_listed else '?'}", _flags(folded, lexicon), said, ending, marks)
        views = self._of_kinds.get(key)
        if views is None:
            views = self._made(key[0], key[1], said=said, ending=ending, marks=marks)
            if len(self._of_kinds) < _MOST_KEPT:
                self._of_kinds[key] = views
        if is_listed and not word.has_digit and len(self._listed) < _MOST_KEPT:
            self._listed[word.text] = views
        return views

    def _made(self, shape: str, flags: str, *, said: str, ending: str, marks: str) -> _Views:
        """Return the features that say this."""
        kind = f"k={shape}{flags}"
        common = [kind, *([said] if said else []), *flags, *marks]
        own = (f"s={shape.removesuffix('?')}", *common, *([f"e={ending}"] if ending else []))
        far = common[: 2 if said else 1]
        steps = [self._only(f"{step}{feature}" for feature in (common if abs(step) == 1 else far)) for step in _STEPS]
        return (self._only(own), kind, *steps)  # type: ignore[return-value] # steps is as long as the type says


class Tagger:
    """The model, loaded; gives for each word how likely it is harmless, and what else it is most likely."""

    def __init__(self, model: bytes) -> None:
        import pycrfsuite

        self._model = model  # the library reads it where it lies
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open_inmemory(self._model)
        self.features = Features(load_lexicon(), self._tagger.info().attributes)

    def labels(self) -> list[str]:
        """Return the likeliest labels of the words that `doubts` was called for last."""
        return self._tagger.tag()  # type: ignore[no-any-return] # crfsuite has no types

    def doubts(self, rows: Sequence[Sequence[str | bytes]]) -> list[tuple[int, float]]:
        """Return the places of words that the model isn't quite sure are harmless, and how sure it is, from 0 to 1."""
        self._tagger.set(rows)
        marginal = self._tagger.marginal
        return [(index, chance) for index in range(len(rows)) if (chance := marginal(OTHER, index)) < _SUREST]

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


def _doubt(sample: Sample, index: int, *, lexicon: Lexicon, doubts: Doubts) -> float:
    """Return with less than what chance of being harmless a word is masked."""
    word = sample.words[index]
    if _is_of_role(sample, index, lexicon=lexicon):
        return doubts.role
    if word.folded not in lexicon.harmless and not word.has_digit:
        return doubts.unlisted
    if len(word.text) == 1:
        return _ONE_SIGN
    if word.folded in lexicon.common:
        return doubts.plain
    if word.is_capitalised and (word.folded in lexicon.groups or word.folded in lexicon.places or lexicon.is_name(word.folded)):
        return doubts.telling
    return doubts.listed


def _is_of_role(sample: Sample, index: int, *, lexicon: Lexicon) -> bool:
    """Whether a word says what somebody works as, or stands up to three words before one that does: `Rolling machine operator`."""
    words, roles = sample.words, lexicon.plain_roles
    if words[index].folded in roles:
        return True
    for place in range(index + 1, min(index + 1 + _BEFORE_ROLE, len(words))):
        if sample.gap(place) not in _INSIDE_PHRASE:
            return False
        if words[place].folded in roles:
            return True
    return False


def _is_running(sample: Sample, index: int) -> bool:
    """Whether a word stands in a line of running text."""
    count = 1
    for step in (-1, 1):
        place = index
        while count < _RUNNING and 0 <= place + step < len(sample.words) and "\n" not in sample.gap(max(place, place + step)):
            place += step
            count += 1
    return count >= _RUNNING


def find_tagged(sample: Sample, lexicon: Lexicon, *, tagger: Tagger, doubts: Doubts) -> Iterator[Finding]:
    """Find what the model takes for a person's name, a street, a place, an organisation, a role, a group, an age or a date; word by word.

    A word counts when the model thinks it harmless with less than what `doubts` says for its sort.
    """
    rows = tagger.features.rows(sample)
    for first in range(0, len(rows), _LONGEST_RUN):
        labels: list[str] = []
        for index, harmless in tagger.doubts(rows[first : first + _LONGEST_RUN]):
            word = sample.words[first + index]
            doubt = _doubt(sample, first + index, lexicon=lexicon, doubts=doubts)
            is_plain = doubt == doubts.plain and doubt <= harmless < doubts.running
            if is_plain and tagger.label(index) not in _OF_NUMBERS and _is_running(sample, first + index):
                doubt = doubts.running
            if harmless < doubt:
                labels = labels or tagger.labels()
                label = labels[index] if labels[index] != OTHER else tagger.label(index)
                kind = "number" if word.has_digit and label not in _OF_NUMBERS else KINDS[label]
                yield Finding(kind, word.start, word.end, _SCORE, MODEL_RULE)
