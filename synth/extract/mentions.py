"""Mentions of places and peoples in a text, before anything is decided about them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from synth.vocab.places import Gazetteer, Place, fold_word, gazetteer, is_unspaced

_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f\u0610-\u065f\u0900-\u0dff]+[^\W\d_]*)*")
_GAP = re.compile(r"[ '.,/\-]{1,3}\Z|\Z")
_ARABIC_CLITIC = re.compile(r"^(?:[وف]?[بلك]?ال|وال|لل|[وفبلك])(?=\w{3})")
_ENDINGS = r"(?:o|a|os|as|e|es|en|er|em|is|ne|nes|na|nos|nas|i|ische[nrs]?|s|es|ois|oise[s]?)?"
_LONGEST = 8
_STOPWORDS = {
    "en": frozenset(["the", "of", "and", "in", "to", "with", "for", "was", "were"]),
    "es": frozenset(["el", "los", "las", "del", "una", "con", "para", "por", "fue"]),
    "pt": frozenset(["os", "das", "dos", "uma", "com", "para", "por", "foram", "não", "ao", "na"]),
    "fr": frozenset(["le", "les", "des", "une", "dans", "pour", "par", "est", "sont", "du", "et"]),
    "de": frozenset(["der", "die", "das", "und", "mit", "für", "von", "eine", "wurden"]),
    "it": frozenset(["il", "gli", "della", "una", "con", "per", "sono", "nel", "di"]),
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A name at characters ``start`` up to ``end`` and the ``places`` it may stand for, the surest first."""

    start: int
    end: int
    places: tuple[Place, ...]

    @property
    def kind(self) -> str:
        """Of the surest place."""
        return self.places[0].kind

    @property
    def iso3(self) -> str:
        """Of the surest place."""
        return self.places[0].iso3


def guess_language(text: str) -> str:
    """Which of six languages the small words of a text belong to; "en" if it cannot be told."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    counts = {lang: sum(word in few for word in words) for lang, few in _STOPWORDS.items()}
    best = max(counts, key=lambda lang: (counts[lang], lang == "en"))
    return best if counts[best] else "en"


def find_mentions(text: str) -> list[Mention]:
    """All names in a normalised text, longest first at each place, in order, without overlaps."""
    known = gazetteer()
    found = [*_spaced(text, known), *_unspaced(text, known)]
    if guess_language(text) != "en":
        found += _stems(text, known, found)
    return sorted(found, key=lambda mention: mention.start)


def _spaced(text: str, known: Gazetteer) -> Iterator[Mention]:
    words = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]
    folded = [fold_word(word) for word, _, _ in words]
    shouting = sum(word.isupper() for word, _, _ in words) > 0.5 * len(words)
    place = 0
    while place < len(words):
        size, places = _longest(text, words, folded, place, known)
        places = _fitting(places, words[place : place + size], shouting=shouting)
        if places:
            yield Mention(words[place][1], words[place + size - 1][2], places)
        place += size if places else 1


def _longest(
    text: str, words: list[tuple[str, int, int]], folded: list[str], place: int, known: Gazetteer
) -> tuple[int, tuple[Place, ...]]:
    """How many words the longest name at ``place`` has, and what it stands for."""
    first = folded[place]
    if first not in known.longest and not first.isascii():
        first = _bare_arabic(first, known)
    most = min(known.longest.get(first, 0), len(words) - place)
    for size in range(most, 0, -1):
        name = " ".join([first, *folded[place + 1 : place + size]])
        if name in known.places and _joined(text, words[place : place + size]):
            return size, known.places[name]
    return 1, ()


def _bare_arabic(word: str, known: Gazetteer) -> str:
    """An Arabic word without the small words that are written together with it."""
    if not "\u0600" <= word[0] <= "\u06ff":
        return word
    bare = _ARABIC_CLITIC.sub("", word)
    return next((each for each in (bare, f"ال{bare}") if each in known.longest), word)


def _joined(text: str, words: list[tuple[str, int, int]]) -> bool:
    return all(_GAP.match(text[before[2] : after[1]]) for before, after in itertools.pairwise(words))


def _fitting(places: tuple[Place, ...], words: list[tuple[str, int, int]], *, shouting: bool) -> tuple[Place, ...]:
    """Places whose way of writing fits: a name begins with a capital, an abbreviation has nothing else."""
    if not places:
        return ()
    if words[0][0][0].islower():
        return ()
    capitals = all(word.isupper() for word, _, _ in words)
    return tuple(place for place in places if not place.abbreviation or (capitals and not shouting))


def _unspaced(text: str, known: Gazetteer) -> Iterator[Mention]:
    place = 0
    while place < len(text):
        if not is_unspaced(text[place]):
            place += 1
            continue
        for size in range(min(_LONGEST, len(text) - place), 1, -1):
            places = known.unspaced.get(fold_word(text[place : place + size]))
            if places:
                yield Mention(place, place + size, places)
                place += size
                break
        else:
            place += 1


def _stems(text: str, known: Gazetteer, found: list[Mention]) -> list[Mention]:
    """Peoples in Spanish, Portuguese, French, Italian and German, in lower case too."""
    taken = {place for mention in found for place in range(mention.start, mention.end)}
    folded = {fold_word(stem): iso3 for stem, iso3 in known.stems.items()}
    pattern = re.compile(rf"({'|'.join(sorted(map(re.escape, folded), key=len, reverse=True))}){_ENDINGS}\Z")
    return [
        Mention(word.start(), word.end(), (Place("people", folded[match.group(1)]),))
        for word in _WORD.finditer(text)
        if word.start() not in taken and (match := pattern.match(fold_word(word.group())))
    ]
