"""Finds words for somebody's health, union membership and intimate life (GDPR article 9), in English, German, French and Spanish.

Doesn't diagnose: words are data (`special.txt`). Some are found wherever they stand; those that are everyday words too (`union`, `ill`)
only beside a word for a person, in the same sentence. Nations, beliefs and parties are the model's (`tagger`).
"""

from collections.abc import Iterator
from functools import cache

from witting.device.privacy.lexicon import Lexicon, data_lines
from witting.device.privacy.sample import Sample, fold, word_set
from witting.terms.findings import Finding

_PEOPLE = word_set(
    """i me my mine we our he him his she her hers they them their who whose wife husband son daughter mother father brother sister
    partner girlfriend boyfriend colleague employee patient boss friend child mum mom dad someone i'm i've she's he's they're
    ich mich mein meine meinen er ihn sein seine sie ihr ihre wir unser frau mann sohn tochter mutter vater bruder schwester kollege
    kollegin mitarbeiter mitarbeiterin patientin chef chefin freund freundin
    je j'ai mon ma mes il elle son sa ses nous notre leur femme mari fils fille mere pere frere soeur collegue salarie patiente ami amie
    yo mi mis el ella su sus nosotros nuestro esposa marido hijo hija madre padre hermano hermana colega empleado empleada paciente amigo
    amiga tengo tiene estoy esta""",
)
_REACH = 6  # words to either side
_STOPS = frozenset(".!?;\n")


def find_special(sample: Sample, lexicon: Lexicon) -> Iterator[Finding]:
    """Find each special word or phrase as one finding."""
    phrases, firsts = _phrases()
    if sample.vocabulary.isdisjoint(firsts):
        return
    words = sample.words
    done = 0
    for index, word in enumerate(words):
        longest = firsts.get(word.folded, 0) if index >= done else 0
        for count in range(min(longest, len(words) - index), 0, -1):
            needs_person = phrases.get(tuple(found.folded for found in words[index : index + count]))
            if needs_person is None:
                continue
            if not needs_person or _is_of_person(sample, index, lexicon=lexicon):
                done = index + count
                yield Finding("special", word.start, words[done - 1].end, 0.7, "special")
            break


def _is_of_person(sample: Sample, index: int, *, lexicon: Lexicon) -> bool:
    """Whether a word for a person, or a name, stands in the same sentence within reach."""
    for step in (-1, 1):
        for distance in range(1, _REACH + 1):
            place = index + step * distance
            if not 0 <= place < len(sample.words) or _STOPS.intersection(sample.gap(max(place, place - step))):
                break
            word = sample.words[place]
            if word.folded in _PEOPLE or (word.is_capitalised and lexicon.is_plain_name(word.folded)):
                return True
    return False


@cache
def _phrases() -> tuple[dict[tuple[str, ...], bool], dict[str, int]]:
    """Return each phrase with whether it needs a person beside it, and for each first word how long its longest phrase is."""
    phrases: dict[tuple[str, ...], bool] = {}
    firsts: dict[str, int] = {}
    needs_person = False
    for line in data_lines("special.txt"):
        if line.startswith("["):
            needs_person = line == "[of_person]"
            continue
        words = tuple(fold(word) for word in line.split())
        phrases.setdefault(words, needs_person)
        firsts[words[0]] = max(firsts.get(words[0], 0), len(words))
    return phrases, firsts
