"""The detectors, all on one screen. A programme can add rules; nothing takes one away.

A detector is a plain function from a sample to findings: kind, place, score, never the value.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

from witting.consent.patterns import compile_pattern
from witting.device.privacy.ages import find_ages
from witting.device.privacy.births import find_birth_dates
from witting.device.privacy.contacts import (
    find_emails,
    find_home_paths,
    find_network_addresses,
    find_phones,
    find_postal_addresses,
    find_url_secrets,
)
from witting.device.privacy.credentials import (
    find_connection_strings,
    find_private_keys,
    find_random_strings,
    find_told_secrets,
    find_vendor_tokens,
)
from witting.device.privacy.hosts import find_hosts
from witting.device.privacy.identifiers import find_cards, find_digit_runs, find_ibans, find_national_ids, find_spoken_digits
from witting.device.privacy.lexicon import Lexicon
from witting.device.privacy.logins import find_logins
from witting.device.privacy.names import find_names
from witting.device.privacy.placeholders import Placeholders
from witting.device.privacy.plates import find_plates
from witting.device.privacy.sample import Sample
from witting.device.privacy.special import find_special
from witting.device.privacy.streets import find_streets, find_towns
from witting.device.privacy.tagger import Doubts, find_tagged, load_tagger
from witting.device.privacy.wordlist import long_numbers, unlisted_words
from witting.terms.findings import Finding

Posture = Literal["strict", "balanced"]
DOUBTS: dict[Posture, Doubts] = {
    "strict": Doubts(plain=0.3, listed=0.98, telling=0.99, unlisted=0.99, role=0.99, running=0.75),
    "balanced": Doubts(plain=0.15, listed=0.4, telling=0.8, unlisted=0.9, role=0.8, running=0.5),
}
Detector = Callable[[Sample], Iterable[Finding]]


class Adds(NamedTuple):
    """What a programme adds to be masked; it can take nothing away."""

    words: Sequence[str] = ()  # words and phrases, whole, in any case
    patterns: Sequence[str] = ()  # RE2 expressions


NOTHING = Adds()


RULES: tuple[Detector, ...] = (
    find_emails,
    find_phones,
    find_postal_addresses,
    find_streets,
    find_birth_dates,
    find_ages,
    find_hosts,
    find_ibans,
    find_cards,
    find_national_ids,
    find_network_addresses,
    find_url_secrets,
    find_home_paths,
    find_logins,
    find_plates,
    find_vendor_tokens,
    find_private_keys,
    find_connection_strings,
    find_told_secrets,
    find_random_strings,
    find_digit_runs,
    find_spoken_digits,
)


def detectors(posture: Posture, lexicon: Lexicon, *, placeholders: Placeholders, adds: Adds = NOTHING) -> tuple[Detector, ...]:
    """Return what runs over each text: rules, names, the model of words, known words, what is added, when strict the word list."""
    named: list[Detector] = [
        *RULES,
        partial(find_names, lexicon=lexicon),
        partial(find_towns, lexicon=lexicon),
        partial(find_special, lexicon=lexicon),
        partial(find_tagged, lexicon=lexicon, tagger=load_tagger(), doubts=DOUBTS[posture]),
        partial(find_known, lexicon=lexicon, placeholders=placeholders),
    ]
    if adds.words:
        named.append(partial(find_listed, pattern=_any_of(adds.words)))
    if adds.patterns:
        named.append(partial(find_patterns, patterns=tuple(compile_pattern(written) for written in adds.patterns)))
    if posture == "strict":
        named += [partial(unlisted_words, lexicon=lexicon), long_numbers]
    return tuple(named)


def find_known(sample: Sample, lexicon: Lexicon, *, placeholders: Placeholders) -> Iterator[Finding]:
    """Find words that this session has found to be personal before; ordinary words only when capitalised."""
    if not placeholders.knows_any:
        return
    for word in sample.words:
        kind = placeholders.recall(word.folded)
        if kind and (word.is_capitalised or word.folded not in lexicon.harmless):
            yield Finding(kind, word.start, word.end, 0.6, "known")


def find_listed(sample: Sample, pattern: re.Pattern[str]) -> Iterator[Finding]:
    """Find the programme's own words, such as a code name, wherever they stand."""
    for match in pattern.finditer(sample.text):
        yield Finding("special", *match.span(), 1.0, "programme_word")


def find_patterns(sample: Sample, patterns: Sequence[Any]) -> Iterator[Finding]:
    """Find what the programme's own patterns match, such as customer numbers."""
    for pattern in patterns:
        for match in pattern.finditer(sample.text):
            start, end = match.span()
            yield Finding("special", start, end, 1.0, "programme_pattern")


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern for any of the words or phrases, whole, in any case."""
    return re.compile(r"(?i)(?<![^\W_])(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + r")(?![^\W_])")
