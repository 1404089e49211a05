"""Names and codes of languages, as databases write them, to ISO 639-1. Source: ISO 639-1 and ISO 639-2, code lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_TABLE = """
af afr afrikaans
am amh amharic
ar ara arabic árabe arabe
az aze azerbaijani
bg bul bulgarian
bn ben bengali bangla
bs bos bosnian
ca cat catalan catalán català
cs cze ces czech
cy wel cym welsh
da dan danish dansk
de ger deu german deutsch alemán alemão allemand tysk
el gre ell greek
en eng english inglés ingles inglês anglais englisch engelsk 英文 英语
es spa spanish español espanol castellano espanhol espagnol spanisch
et est estonian
eu baq eus basque
fa per fas persian farsi
fi fin finnish
fr fre fra french français francais francés francês französisch
ga gle irish
gl glg galician gallegan
gu guj gujarati
he heb hebrew
hi hin hindi
hr hrv scr croatian
hu hun hungarian
hy arm hye armenian
id ind indonesian
is ice isl icelandic
it ita italian italiano italien italiensk
ja jpn japanese 日本語
ka geo kat georgian
kk kaz kazakh
km khm khmer
ko kor korean 한국어
lt lit lithuanian
lv lav latvian
mk mac mkd macedonian
ml mal malayalam
mr mar marathi
ms may msa malay
my bur mya burmese
ne nep nepali
nl dut nld dutch nederlands
no nor nob nno norwegian norsk
pa pan punjabi panjabi
pl pol polish polski
pt por portuguese português portugues portugués portugais
ro rum ron romanian
ru rus russian русский
rw kin kinyarwanda
si sin sinhala sinhalese
sk slo slk slovak
sl slv slovenian slovene
so som somali
sq alb sqi albanian
sr srp scc serbian
sv swe swedish svenska
sw swa swahili kiswahili
ta tam tamil
te tel telugu
th tha thai
tl tgl tagalog
tr tur turkish türkçe
uk ukr ukrainian
ur urd urdu
uz uzb uzbek
vi vie vietnamese
xh xho xhosa
yo yor yoruba
zh chi zho chinese 中文 mandarin chino chinês chinois 汉语 汉文
zu zul zulu
"""
_CODES = {name: line.split()[0] for line in _TABLE.strip().splitlines() for name in line.split()}
_THREE = {line.split()[0]: line.split()[1] for line in _TABLE.strip().splitlines()}


def name_language(text: str) -> str:
    """ISO 639-1 code of a language's name or code; what is not known stays, in lower case."""
    word = text.strip().strip(".;").casefold()
    known = _CODES.get(word) or _CODES.get(word.split("-")[0].split("_")[0].split(" ")[0])
    return known or word


def write_language(code: str) -> str:
    """The three-letter code that PubMed writes (``en`` -> ``eng``); what is not known stays."""
    return _THREE.get(code, code)


_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]"), 10),
    ("ko", re.compile(r"[\uac00-\ud7af]"), 4),
    ("zh", re.compile(r"[\u4e00-\u9fff]"), 4),
    ("th", re.compile(r"[\u0e00-\u0e7f]"), 4),
    ("el", re.compile(r"[\u0370-\u03ff]"), 2),
    ("he", re.compile(r"[\u0590-\u05ff]"), 4),
)
"""Scripts that one language of science is written in, and which part of the letters (1 in ...) must be of it. Arabic
and Cyrillic letters serve several languages and say nothing; Japanese mixes kana with Chinese characters."""
_ANY_SCRIPT = re.compile("|".join(script.pattern for _, script, _ in _SCRIPTS).replace("]|[", ""))
_LETTERS = re.compile(r"[^\W\d_]")


_FUNCTION_WORDS = {
    "en": "the of and in to for with on from by an is was were are at as its their this that between among into or be",
    "es": "el los las del al una un y en con por para se su es fue fueron más también la que como entre sus desde lo "
    "hacia sobre este esta sin o e",
    "pt": "o os as das dos do da ao aos à às uma um e em na no nas nos pela pelo com por para se não são foi foram "
    "mais também que como entre seu sua desde sobre este esta sem ou",
    "fr": "le les des du et une un en dans pour sur au aux est par avec ce cette la chez sont ont ou l d",
    "de": "der die das und von mit für den im ist eine ein zur zum bei auf des dem als oder durch",
    "it": "il lo gli della dei delle e di per con nel sono una un la i del nella degli tra",
}
_ENDINGS = {
    "pt": "ção ções ão ões ãos",
    "es": "ción ciones dad ía ías",
    "en": "tion tions ing ness ity",
    "fr": "eux aux ées ité auté ique iques",
    "de": "ung ungen keit lich",
    "it": "zione zioni ità",
}
"""How words of two or more further letters end (three in English and German)."""
_HEADS = {"pt": "resumo objetivo", "es": "resumen", "en": "abstract objective background"}
_SIGNS = {"es": "ñ¿", "de": "äöüß"}
_ELISION = re.compile(r"\b(?:résumé|qu|l|d)['’]")
_STEMS = {"en": 3, "de": 3}
_MOST_ENDINGS = 3
"""So many endings, heads and letters of one language count at most."""
_WORD_LANGUAGES: dict[str, list[str]] = {}
for _code, _words in _FUNCTION_WORDS.items():
    for _word in _words.split():
        _WORD_LANGUAGES.setdefault(_word, []).append(_code)
_WORD = re.compile(r"[^\W\d_]+")
_ENOUGH = 400
"""Letters of a text that are looked at: a few lines tell."""
_NAMED = 0.8
"""What it counts, in signs, that the record names a language."""


def guess_language(text: str) -> str:
    """The language that the small words, endings and letters of a text show; empty where they leave a doubt."""
    return guess_script(text) or _pick(_score(text), ())


def _score(text: str) -> dict[str, float]:
    """How many signs of each language the beginning of a text shows; a word of three languages counts a third."""
    sample = text[:_ENOUGH].casefold()
    scores, shapes = dict.fromkeys(_FUNCTION_WORDS, 0.0), _count_letters(sample)
    for small, shown in filter(None, map(_name_word, _WORD.findall(sample))):
        for code in small:
            scores[code] += 1 / len(small)
        for code in shown:
            shapes[code] = shapes.get(code, 0) + 1
    for code, number in shapes.items():
        scores[code] += min(number, _MOST_ENDINGS)
    return scores


def _count_letters(sample: str) -> dict[str, int]:
    """Letters and elisions that only one language of the table writes."""
    found = {}
    if not sample.isascii():
        found = {code: sum(map(sample.count, letters)) for code, letters in _SIGNS.items()}
    if "'" in sample or "’" in sample:
        found["fr"] = len(_ELISION.findall(sample))
    return found


@lru_cache(maxsize=1 << 16)
def _name_word(word: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The languages that a word is a small word of, else those whose endings it has; None where it says nothing.

    Words come again and again, so the answers are kept.
    """
    small = tuple(_WORD_LANGUAGES.get(word, ()))
    shown = () if small else tuple(code for code in _ENDINGS if _has_ending(word, code))
    return (small, shown) if small or shown else None


def _has_ending(word: str, code: str) -> bool:
    longest = len(word) - _STEMS.get(code, 2)
    ended = any(len(end) <= longest and word.endswith(end) for end in _ENDINGS[code].split())
    return ended or word in _HEADS.get(code, "").split()


def _pick(scores: dict[str, float], taken: Sequence[str]) -> str:
    """The language with clearly the most signs, of those not taken."""
    open_ones = sorted((code for code in scores if code not in taken), key=lambda code: -scores[code])
    best, second = (scores[code] for code in open_ones[:2])
    return open_ones[0] if best >= 1 and best >= 1.3 * second else ""


def name_texts(texts: Sequence[str], languages: Sequence[str]) -> list[str]:
    """A language for each of several titles or abstracts of one record: as they read, else as the record says.

    Databases list languages in no order that can be relied on (SciELO, LILACS), so the text itself is asked first; the
    languages that the record names count as a sign, and no language is given twice.
    """
    if len(texts) == 1 and (len(languages) != 1 or languages[0] == "en"):
        return list(languages) if len(languages) == 1 else [""]
    scores = [_score(text) for text in texts]
    for score in scores:
        for code in languages:
            score[code] = score.get(code, 0.0) + _NAMED
    named = [guess_script(text) for text in texts]
    for place in sorted(range(len(texts)), key=lambda place: -max(scores[place].values())):
        named[place] = named[place] or _pick(scores[place], named)
    return _fill(named, languages)


def _fill(named: list[str], languages: Sequence[str]) -> list[str]:
    """The one language left for the one text left; the order of the record's languages where no text shows any."""
    unknown = [place for place, code in enumerate(named) if not code]
    if len(unknown) == len(named) == len(languages):
        return list(languages)
    left = [code for code in languages if code not in named]
    if len(unknown) == 1 and len(left) == 1:
        named[unknown[0]] = left[0]
    return named


def guess_script(text: str) -> str:
    """The language that a text's letters show, or an empty text."""
    sample = text[:2000]
    if sample.isascii() or not _ANY_SCRIPT.search(sample):
        return ""
    letters = len(_LETTERS.findall(sample))
    return next((code for code, script, part in _SCRIPTS if len(script.findall(sample)) * part >= letters > 0), "")
