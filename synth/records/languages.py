"""Names and codes of languages, as databases write them, to ISO 639-1. Source: ISO 639-1 and ISO 639-2, code lists."""

from __future__ import annotations

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
de ger deu german deutsch alemán alemão allemand
el gre ell greek
en eng english inglés ingles inglês anglais englisch
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
it ita italian italiano italien
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
no nor norwegian
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
zh chi zho chinese 中文 mandarin chino chinês chinois
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
