# ruff: noqa: RUF001 - typographic marks and look-alike letters are what these rules are about
"""Finds names of people: by list where a word is nothing else, by its neighbours where it is an ordinary word too.

Doesn't know languages. `Will`, `Mark`, `Rose`, `May` count as names after a greeting, a title or a `name:` label, beside another name, or
as a capitalised first name inside a sentence. Each word is one finding, so `Anna` alone and in `Anna Muster` is the same name.
"""

import re
from collections.abc import Iterator

from witting.device.privacy.lexicon import Lexicon
from witting.device.privacy.sample import Sample, Word, word_set
from witting.terms.findings import Finding

_GREETINGS = word_set("hi hey hello dear hallo liebe lieber moin servus bonjour salut cher chere hola querido querida estimado estimada")
_TITLES = word_set(
    """mr mrs ms miss mx dr prof professor sir herr herrn frau fraulein mme mlle monsieur madame mademoiselle senor senora senorita sr
    sra srta
    don dona""",
)
_SHORT_TITLES = word_set("fr hr hrn ing dipl mag st")  # with a dot behind; each is something else too
_PARTICLES = word_set("van von de der den del della di da dos la le el bin ben al ten ter zu zum zur y e")
_DETERMINERS = word_set(
    """the a an this that these those my your his her its our their each every any no some in on at by since until early late next last per
    der die das den dem des ein eine einen einem einer im am zum zur vom beim kein keine dieser diese dieses
    le la les un une des du au aux ce cette el los las una unos unas del al mi tu su en""",
)
_LABELS = re.compile(
    r"(?i)(?<![^\W_])(?:(?:full|first|last|sur|family|given|middle|user)?[ _-]?name|vorname|nachname|familienname|nom|pr[ée]nom|nombre|"
    r"apellidos?|author|autor|auteur|attn|from|to|von|an|de|para|signed|sincerely|regards|gr(?:ü|ue)(?:ß|ss)en?|contact|customer|"
    r"kunde|client|patient|employee|manager|owner)[ ]?[:,=]\s{0,3}$",
)
_INTRODUCTIONS = re.compile(
    r"(?i)(?<![^\W_])(?:name is|named|called|i am|i'm|this is|ich hei(?:ß|ss)e|ich bin|name ist|je m'appelle|je suis|me llamo|soy|"
    r"nombre es) $",
)
_LAST_OF_INTRODUCTION = word_set("is named called am i'm i’m heiße heisse bin ist m'appelle m’appelle suis llamo soy es")
_ANNOUNCES = frozenset(":,=")
_LOOK_BACK = 40
_JOINS = re.compile(r"^(?:[ ]|-|\. |’|')$")
_MAX_CHAIN = 3
_LONGEST_BETWEEN = 5  # space, initial, dot, space
_CONJUNCTIONS = frozenset({"and", "und", "et", "y", "e", "or", "oder", "ou", "o"})
_BESIDE = frozenset({" ", "-", ". "})


def find_names(sample: Sample, lexicon: Lexicon) -> Iterator[Finding]:
    """Find the words that name a person, each by itself."""
    words = sample.words
    found = _by_themselves(sample, lexicon)
    if not found and not any(word.is_capitalised and _is_unknown(word, lexicon) for word in words):
        return
    for index in tuple(found):
        if words[index].is_capitalised:
            for neighbour in _chain(sample, index, lexicon=lexicon):
                found.setdefault(neighbour, (0.7, "name_chain"))
    for index in _enumerated(sample, found, lexicon=lexicon):
        found.setdefault(index, (0.5, "name_in_list"))
    for index in sorted(found):
        score, detector = found[index]
        yield Finding("name", words[index].start, words[index].end, score, detector)


def _by_themselves(sample: Sample, lexicon: Lexicon) -> dict[int, tuple[float, str]]:
    """Return the places of the words that the lists, their neighbours or an address say are names, with why."""
    found: dict[int, tuple[float, str]] = {}
    given, family = lexicon.given, lexicon.family
    for index, word in enumerate(sample.words):
        if not word.is_capitalised and word.folded not in given and word.folded not in family:
            continue
        if reason := _reason(sample, index, lexicon=lexicon):
            found[index] = reason
        elif word.is_capitalised and _is_addressed(sample, index, lexicon=lexicon):
            found[index] = (0.9, "name_context")
    if not found and _is_whole_name(sample, lexicon):
        found = {0: (0.5, "whole_name"), 1: (0.5, "whole_name")}
    return found


def _is_whole_name(sample: Sample, lexicon: Lexicon) -> bool:
    """Whether a text is a first and a last name and nothing else, `Max Long`, however ordinary both are; `Mark Read` is on a button."""
    if len(sample.words) != len(("first", "last")) or sample.gap(1) != " ":
        return False
    first, last = sample.words
    is_button = first.folded in lexicon.interface and last.folded in lexicon.interface
    is_pair = first.folded in lexicon.given and (last.folded in lexicon.family or last.folded in lexicon.weak)
    return is_pair and not is_button and first.is_capitalised and last.is_capitalised


def _reason(sample: Sample, index: int, *, lexicon: Lexicon) -> tuple[float, str] | None:
    """Return why word `index` by itself or by its neighbours is a listed name."""
    word = sample.words[index]
    if not lexicon.is_name(word.folded):
        is_pair = word.is_capitalised and _is_unknown(word, lexicon) and _has_unknown_beside(sample, index, lexicon=lexicon)
        return (0.4, "unknown_pair") if is_pair else None
    if word.folded not in lexicon.ambiguous:
        return 0.8, "name_list"
    if word.is_capitalised and _has_name_beside(sample, index, lexicon=lexicon):
        return 0.7, "name_pair"
    if word.is_capitalised and word.folded in lexicon.given and _is_inside_sentence(sample, index):
        return 0.5, "name_in_sentence"
    return None


def _has_name_beside(sample: Sample, index: int, *, lexicon: Lexicon) -> bool:
    """Whether a capitalised neighbour, one space away, makes an ambiguous word part of a name."""
    word = sample.words[index]
    before, after = _beside(sample, index)
    if before and before.is_capitalised and _pairs(before, word, lexicon=lexicon):
        return True
    return after is not None and after.is_capitalised and _pairs(word, after, lexicon=lexicon)


def _beside(sample: Sample, index: int) -> tuple[Word | None, Word | None]:
    """Return the words right before and after word `index`, where nothing but a space, a hyphen or an initial's dot is between."""
    before = sample.words[index - 1] if index and sample.gap(index) in _BESIDE else None
    after = sample.words[index + 1] if index + 1 < len(sample.words) and sample.gap(index + 1) in _BESIDE else None
    return before, after


def _is_unknown(word: Word, lexicon: Lexicon) -> bool:
    """Whether a capitalised word of letters is in no list at all."""
    is_listed = word.folded in lexicon.harmless or lexicon.is_name(word.folded)
    return word.is_capitalised and not is_listed and not word.has_digit and (len(word.text) == 1 or word.text[1:].islower())


def _has_unknown_beside(sample: Sample, index: int, *, lexicon: Lexicon) -> bool:
    """Whether the next word, over an initial if there is one, is an unknown capitalised one too: two such words are mostly a name."""
    for step in (-1, 1):
        place = index + step
        if 0 <= place < len(sample.words) and len(sample.words[place].text) == 1 and sample.words[place].is_capitalised:
            place += step
        if not 0 <= place < len(sample.words):
            continue
        between = sample.text[sample.words[min(index, place)].end : sample.words[max(index, place)].start]
        if len(between) <= _LONGEST_BETWEEN and "\n" not in between and "," not in between and _is_unknown(sample.words[place], lexicon):
            return True
    return False


def _enumerated(sample: Sample, found: dict[int, tuple[float, str]], *, lexicon: Lexicon) -> Iterator[int]:
    """Yield capitalised names that stand in a list with a name or an unknown word: `Monjeau, Graves and Reed`."""
    words = sample.words
    seeds = {i for i, word in enumerate(words) if word.is_capitalised and (i in found or _is_unknown(word, lexicon))}
    waiting = sorted(seeds)
    while waiting:
        index = waiting.pop()
        for step in (-1, 1):
            place = index + step
            if 0 <= place < len(words) and words[place].folded in _CONJUNCTIONS:
                place += step
            if not 0 <= place < len(words) or place in seeds or not words[place].is_capitalised or not lexicon.is_name(words[place].folded):
                continue
            between = sample.text[words[min(index, place)].end : words[max(index, place)].start].strip()
            if between in {",", "&", "/"} or between.strip(", ").casefold() in _CONJUNCTIONS:
                seeds.add(place)
                waiting.append(place)
                yield place


def _pairs(first: Word, second: Word, *, lexicon: Lexicon) -> bool:
    """Whether two capitalised words read as first and last name."""
    if lexicon.is_plain_name(first.folded) or lexicon.is_plain_name(second.folded):
        return True
    is_initial = len(second.text) == 1 or len(first.text) == 1
    if first.folded not in lexicon.harmless and second.folded in lexicon.family and not first.has_digit:
        return True
    if first.folded in lexicon.given:
        return second.folded in lexicon.family or (second.folded not in lexicon.harmless and not second.has_digit) or is_initial
    return is_initial and second.folded in lexicon.family


def _is_inside_sentence(sample: Sample, index: int) -> bool:
    """Whether a capitalised word follows a lower-case one that is no article, inside a sentence."""
    word = sample.words[index]
    if sample.begins_sentence(index) or not word.text[1:].islower():
        return False
    before = sample.words[index - 1]
    after = sample.words[index + 1] if index + 1 < len(sample.words) else None
    return before.text.islower() and before.folded not in _DETERMINERS and not (after and after.text[0].isdigit())


def _is_addressed(sample: Sample, index: int, *, lexicon: Lexicon) -> bool:
    """Whether a capitalised word follows a title, a greeting, or a label that announces a name."""
    word = sample.words[index]
    is_known_word = word.folded in lexicon.harmless and not lexicon.is_name(word.folded)
    if index and sample.gap(index) in {" ", ". ", "."}:
        before = sample.words[index - 1].folded
        if before in _TITLES:
            return not is_known_word or sample.words[index - 1].is_capitalised
        if before in _GREETINGS or (before in _SHORT_TITLES and sample.gap(index) == ". "):
            return not is_known_word
    if is_known_word:
        return False
    gap = sample.gap(index)
    if gap == " ":
        is_announced = sample.words[index - 1].folded in _LAST_OF_INTRODUCTION
        return is_announced and _INTRODUCTIONS.search(sample.text, max(0, word.start - _LOOK_BACK), word.start) is not None
    return not _ANNOUNCES.isdisjoint(gap) and _LABELS.search(sample.text, max(0, word.start - _LOOK_BACK), word.start) is not None


def _chain(sample: Sample, index: int, *, lexicon: Lexicon) -> Iterator[int]:
    """Yield the neighbours of a capitalised name that belong to it: further names, words no list knows, particles between."""
    for step in (1, -1):
        waiting: list[int] = []
        for distance in range(1, _MAX_CHAIN + 1):
            place = index + step * distance
            if not 0 <= place < len(sample.words) or not _JOINS.match(sample.gap(max(place, place - step))):
                break
            word = sample.words[place]
            if word.folded in _PARTICLES and word.text.islower():
                waiting.append(place)
                continue
            is_initial = len(word.text) == 1 and sample.text[word.end : word.end + 1] == "."
            if not word.is_capitalised or word.has_digit or not (is_initial or _may_be_surname(word, step, lexicon=lexicon)):
                break
            yield from waiting
            yield place
            waiting = []


def _may_be_surname(word: Word, step: int, *, lexicon: Lexicon) -> bool:
    """Whether a capitalised word beside a name belongs to it; after a name, known words do too unless they are common."""
    if lexicon.is_name(word.folded) or word.folded in lexicon.weak or word.folded not in lexicon.harmless:
        return True
    return step > 0 and word.folded not in lexicon.common and word.text[1:].islower()
