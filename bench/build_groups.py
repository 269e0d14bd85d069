"""Builds src/witting/device/privacy/data/groups.txt: words that say somebody's nation, language or belief. Run by hand.

Names of languages in four languages from Unicode CLDR (by Babel); beliefs, parties and peoples by hand below.
"""

import re
from pathlib import Path

import wordfreq
from babel import Locale

from witting.device.privacy.sample import fold

TARGET = Path(__file__).parents[1] / "src/witting/device/privacy/data/groups.txt"
HEAD = "# Words for nations, languages (Unicode CLDR, Unicode Licence v3) and beliefs, folded. Made by bench/build_groups.py.\n"
BY_HAND = """
american african asian european australian canadian british english scottish welsh irish mexican brazilian argentine argentinian chilean
colombian peruvian venezuelan cuban dominican haitian jamaican bolivian ecuadorian guatemalan honduran panamanian nicaraguan salvadoran
uruguayan paraguayan german austrian swiss belgian dutch danish dane swede swedish norwegian finn finnish icelandic estonian latvian
lithuanian pole polish czech slovak slovenian croatian croat serbian serb bosnian macedonian albanian greek turk turkish bulgarian
romanian hungarian ukrainian russian belarusian moldovan georgian armenian azerbaijani iranian persian iraqi syrian lebanese jordanian
israeli palestinian saudi yemeni omani emirati kuwaiti qatari bahraini egyptian libyan tunisian algerian moroccan sudanese ethiopian
eritrean somali kenyan ugandan tanzanian rwandan congolese nigerian ghanaian senegalese malian ivorian cameroonian angolan zambian
zimbabwean mozambican namibian botswanan afghan pakistani indian bangladeshi nepali nepalese bhutanese burmese thai vietnamese cambodian
laotian malaysian malay indonesian filipino singaporean chinese taiwanese japanese korean mongolian kazakh uzbek turkmen kyrgyz tajik
maltese cypriot portuguese spaniard spanish italian french luxembourgish samoan tongan fijian maori hawaiian aboriginal muslim islamic
christian catholic protestant orthodox jewish jew hindu buddhist sikh atheist agnostic mormon lutheran baptist methodist evangelical
anglican jain taoist pagan quaker amish sunni shia shiite zionist republican democrat democrats republicans socialist communist
conservative liberal libertarian marxist anarchist feminist labour tory green nationalist latino latina hispanic caucasian arab kurd
kurdish berber roma gypsy inuit amerikaner deutsche deutscher osterreicher schweizer franzose franzosin italiener spanier turke turkin
pole polin russe russin grieche chinese japaner muslimin moslem christ christin katholik katholisch evangelisch judisch judin
hinduistisch buddhistisch islamisch allemand allemande francais francaise anglais anglaise italien italienne espagnol espagnole russe
chinois chinoise musulman musulmane chretien chretienne catholique protestante juif juive bouddhiste aleman alemana frances francesa
ingles inglesa italiano italiana espanol espanola ruso rusa chino china musulman cristiano cristiana catolico catolica judio judia
budista
"""
_WORD = re.compile(r"[^\W\d_]{4,}")


def main() -> None:
    """Write the file."""
    names = [name for lang in ("en", "de", "fr", "es") for code, name in Locale(lang).languages.items() if len(code) == 2]
    common = {fold(w) for lang in ("en", "de", "fr", "es") for w in wordfreq.top_n_list(lang, 400, wordlist="small")}
    words = {fold(word) for name in names for word in _WORD.findall(name)} - common | {fold(word) for word in BY_HAND.split()}
    words |= {word + "s" for word in words if word.endswith(("an", "ian", "im", "ist", "i", "ic"))}
    TARGET.write_text(HEAD + "\n".join(sorted(w for w in words if w.isascii())) + "\n", encoding="utf-8")
    print(len(words), "words")


if __name__ == "__main__":
    main()
