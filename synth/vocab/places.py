"""Names of places and peoples, in many languages, and the countries they stand for.

``places.tsv`` is made by ``benchmarks/extract_places.py`` from GeoNames (CC BY 4.0) and Unicode CLDR (Unicode licence);
``peoples.tsv`` is ours. A name is looked up by its folded words: no case, no accents, no punctuation.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from synth.vocab.countries import countries

ORDER = ("country", "people", "region", "institution", "district", "city", "doubtful", "other")
"""Kinds of names, the surest first: a name of several kinds is taken as the first of them."""
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ة": "ه", "ى": "ي", "ـ": None})


@dataclass(frozen=True, slots=True)
class Place:
    """What a name stands for: ``kind`` (see ``ORDER``), the country's ``iso3``, whether it is an ``abbreviation``."""

    kind: str
    iso3: str
    abbreviation: bool = False


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Places by folded name; ``longest`` number of words of the names that begin with a word; names without blanks."""

    places: Mapping[str, tuple[Place, ...]]
    longest: Mapping[str, int]
    unspaced: Mapping[str, tuple[Place, ...]]
    stems: Mapping[str, str]


def fold_word(text: str) -> str:
    """A word without case, accents and Arabic spelling variants."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", plain).translate(_ARABIC)


def fold_name(name: str) -> str:
    """A name as its folded words with one blank between."""
    return " ".join(fold_word("".join(c if c.isalpha() or unicodedata.combining(c) else " " for c in name)).split())


def is_unspaced(letter: str) -> bool:
    """Whether a letter is of a script that puts no blanks between words (Han, kana, Thai, Lao, Khmer, Burmese)."""
    code = ord(letter)
    return 0x0E00 <= code <= 0x0EFF or 0x1000 <= code <= 0x109F or 0x1780 <= code <= 0x17FF or 0x3040 <= code <= 0x9FFF


@cache
def gazetteer() -> Gazetteer:
    """Every name that we know."""
    places: dict[str, list[Place]] = {}
    stems: dict[str, str] = {}
    for kind, iso3, name in _names():
        if kind == "stem":
            stems[name] = iso3
            continue
        place = Place(kind, iso3, abbreviation=name.isupper() and name.isascii() and len(name) < 7)
        held = places.setdefault(fold_name(name), [])
        if not any((each.kind, each.iso3) == (kind, iso3) for each in held):
            held.append(place)
    return _index(places, stems)


def _index(places: dict[str, list[Place]], stems: dict[str, str]) -> Gazetteer:
    spaced: dict[str, tuple[Place, ...]] = {}
    unspaced: dict[str, tuple[Place, ...]] = {}
    longest: dict[str, int] = {}
    for name, held in places.items():
        if not name:
            continue
        ranked = tuple(sorted(held, key=lambda place: ORDER.index(place.kind)))
        if is_unspaced(name[0]):
            unspaced[name.replace(" ", "")] = ranked
            continue
        words = name.split()
        spaced[name] = ranked
        longest[words[0]] = max(longest.get(words[0], 0), len(words))
    return Gazetteer(spaced, longest, unspaced, stems)


def _names() -> Iterator[tuple[str, str, str]]:
    """Kind, country and name of every line; the hand-made ones first."""
    yield from _of_file("peoples.tsv")
    for country in countries():
        for name in country.names:
            yield "country", country.iso3, name.split(" (")[0]
    yield from _of_file("places.tsv")


def _of_file(name: str) -> Iterator[tuple[str, str, str]]:
    for line in files("synth.vocab").joinpath(name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, iso3, names = line.split("\t")
            for each in names.split("|"):
                yield kind, iso3, each
                if kind == "people" and not each.endswith("s"):
                    yield kind, iso3, f"{each}s"
