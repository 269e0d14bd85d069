# ruff: noqa: RUF001 - typographic marks and look-alike letters are what these rules are about
"""What words are known: general vocabulary, interface words, names. Loaded once per process.

Doesn't decide anything. General words are the most frequent ones of `wordfreq` (English, German, French, Spanish); interface words and
names are files beside this module, whose first lines say where they come from. All words are folded (no case, no accents).
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

from witting.device.privacy.sample import fold

LANGUAGES = ("en", "de", "fr", "es")
WORDS_PER_LANGUAGE = 30_000
COMMON_PER_LANGUAGE = 2_000


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Folded words by what is known of them."""

    harmless: frozenset[str]  # general and interface words, names that are nothing else taken out
    common: frozenset[str]  # the most frequent general words; beside a name they are no surname
    given: frozenset[str]  # first names
    family: frozenset[str]  # last names
    weak: frozenset[str]  # so frequent as words that they are names only right beside another name
    ambiguous: frozenset[str]  # names that are ordinary words, places or months too
    places: frozenset[str] = frozenset()  # words of the names of towns and countries; most are something else too
    interface: frozenset[str] = frozenset()  # words of buttons, menus and titles
    groups: frozenset[str] = frozenset()  # what says somebody's nation, language or belief
    roles: frozenset[str] = frozenset()  # what says what somebody works as
    plain_roles: frozenset[str] = frozenset()  # those of them that are no interface words

    def is_plain_name(self, folded: str) -> bool:
        """Whether a word is a name and nothing else."""
        return (folded in self.given or folded in self.family) and folded not in self.ambiguous

    def is_name(self, folded: str) -> bool:
        """Whether a word can be a name."""
        return folded in self.given or folded in self.family


@cache
def load_lexicon() -> Lexicon:
    """Return the lexicon; takes about a second the first time."""
    given, family, weak, ambiguous = _load_names()
    plain = (given | family) - ambiguous
    general, common = _general_words()
    interface = _interface_words()
    return Lexicon(
        harmless=frozenset((general | interface) - plain),
        common=frozenset((common | interface) - plain),
        given=given,
        family=family,
        weak=weak,
        ambiguous=ambiguous,
        places=_words_of("places.txt"),
        interface=frozenset(interface),
        groups=_words_of("groups.txt"),
        roles=_words_of("roles.txt"),
        plain_roles=_words_of("roles.txt") - interface,
    )


def _general_words() -> tuple[set[str], set[str]]:
    """Return the frequent words of all languages that consist of letters, and the most frequent of them."""
    import wordfreq

    general: set[str] = set()
    common: set[str] = set()
    for language in LANGUAGES:
        ranked = wordfreq.top_n_list(language, WORDS_PER_LANGUAGE, wordlist="small")
        folded = [fold(word) for word in ranked if all(c.isalpha() or c in "'’" for c in word)]
        general.update(folded)
        common.update(folded[:COMMON_PER_LANGUAGE])
    for loaded in (wordfreq.get_frequency_list, wordfreq.get_frequency_dict):
        getattr(loaded, "cache_clear", lambda: None)()  # its tables are large and not needed again
    return general, common


def _interface_words() -> set[str]:
    """Return the interface words of all languages."""
    return {fold(word) for word in _words_of("ui_words.txt")}


def _words_of(name: str) -> frozenset[str]:
    """Return the words of a data file."""
    return frozenset(word for line in data_lines(name) for word in line.split())


def _load_names() -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    """Return given names, family names, weak ones, and those of the first two that are ordinary words too."""
    sections: dict[str, set[str]] = {"given": set(), "family": set(), "both": set(), "weak": set()}
    ambiguous: set[str] = set()
    current = sections["both"]
    for line in data_lines("names.txt"):
        if line.startswith("["):
            current = sections[line.strip("[]")]
            continue
        name = line.removesuffix("~")
        current.add(name)
        if name != line:
            ambiguous.add(name)
    both = sections["both"]
    return frozenset(sections["given"] | both), frozenset(sections["family"] | both), frozenset(sections["weak"]), frozenset(ambiguous)


def data_lines(name: str) -> list[str]:
    """Return the lines of a data file without comments and blank lines."""
    text = resources.files("witting.device.privacy").joinpath("data", name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
