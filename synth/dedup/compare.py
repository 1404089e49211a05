"""How much two records have in common, field by field: one row per pair, one column per piece of evidence.

Agreement columns hold 1 (agree), -1 (contradict) or 0 (a side is missing, or it cannot be told): missing is neutral.
Similarities are 0-100, -1 where a side is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from synth.dedup import words
from synth.dedup.normalise import is_short

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]
Rows = npt.NDArray[np.int64]

WORTH_A_LOOK = 70
"""Pairs whose titles have less than this in common are looked at only for a shared page or identifier."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Normalised records as arrays, made once.

    ``texts`` to compare, ``codes`` (equal values, equal number; -1 where missing), ``numbers`` and ``claims``
    (booleans). ``names`` are the containers by code, ``titles`` all titles of each record.
    """

    texts: dict[str, Texts]
    codes: dict[str, Integers]
    numbers: dict[str, Floats]
    claims: dict[str, Booleans]
    names: list[str]
    titles: list[tuple[str, ...]]
    ids: list[dict[str, str]]
    urls: list[frozenset[str]]

    def __len__(self) -> int:
        return len(self.titles)

    def take(self, rows: Rows) -> Prepared:
        """Some of the records, in the order of ``rows``: what a worker needs to compare pairs of them."""
        codes = {name: column[rows] for name, column in self.codes.items()}
        used, codes["container"] = np.unique(codes["container"], return_inverse=True)
        codes["container"] = codes["container"].astype(np.int64) - int(bool(len(used)) and used[0] < 0)
        return Prepared(
            texts={name: column[rows] for name, column in self.texts.items()},
            codes=codes,
            numbers={name: column[rows] for name, column in self.numbers.items()},
            claims={name: column[rows] for name, column in self.claims.items()},
            names=[self.names[code] for code in used if code >= 0],
            titles=[self.titles[row] for row in rows],
            ids=[self.ids[row] for row in rows],
            urls=[self.urls[row] for row in rows],
        )


def prepare(normal: pd.DataFrame) -> Prepared:
    """The arrays that ``compare_pairs`` looks up, from the frame of ``normalise_records``."""
    containers, names = pd.factorize(normal["container"].mask(normal["container"] == "", None))
    made = {
        "squeezed": normal["title"].str.replace(" ", ""),
        **{f"opposites{group}": normal["opposites"].map(itemgetter(group)) for group in range(len(words.OPPOSITES))},
        **{name: normal[name] for name in _CODED},
    }
    numbers = pd.factorize(pd.concat([normal["numbers"], _drop_year(normal)]))[0].astype(np.int64)
    both = pd.factorize(pd.concat([normal["volume"], normal["issue"]]))[0].astype(np.int64)
    of_numbers = {"numbers": numbers[: len(normal)], "undated": numbers[len(normal) :]}
    of_volumes = {"any_volume": both[: len(normal)], "any_issue": both[len(normal) :]}
    return Prepared(
        texts={name: normal[name].to_numpy(dtype=object) for name in _COMPARED},
        codes={
            "container": containers.astype(np.int64),
            **of_volumes,
            **of_numbers,
            **{name: code_values(values) for name, values in made.items()},
        },
        numbers={
            "year": normal["year"].to_numpy(dtype=np.float64),
            "n_authors": normal["n_authors"].to_numpy(dtype=np.float64),
            "words": normal["title"].str.split().str.len().to_numpy(dtype=np.float64),
            **_count_pages(normal),
        },
        claims=_prepare_claims(normal),
        names=list(names),
        titles=[
            (title, *others) if title else tuple(others)
            for title, others in zip(normal["title"], normal["others"], strict=True)
        ],
        ids=list(normal["ids"]),
        urls=[frozenset(urls) for urls in normal["urls"]],
    )


def _drop_year(normal: pd.DataFrame) -> pd.Series[str]:
    """The numbers of each title without the record's own year."""
    pairs = zip(normal["numbers"], normal["year"].astype(str), strict=True)
    kept = (
        " ".join(n for n in numbers.split() if n != year) if year in numbers else numbers for numbers, year in pairs
    )
    return pd.Series(list(kept), index=normal.index)


def _count_pages(normal: pd.DataFrame) -> dict[str, Floats]:
    """First page and number of pages, 0 where they are not known."""
    first = pd.to_numeric(normal["page"].str.slice(0, 9), errors="coerce").fillna(0).to_numpy(dtype=np.float64)
    last = pd.to_numeric(normal["page_last"].str.slice(0, 9), errors="coerce").fillna(0).to_numpy(dtype=np.float64)
    return {"first_page": first, "n_pages": np.where((first > 0) & (last >= first), last - first + 1, 0)}


_COMPARED = ("title", "surnames", "names", "first_author", "abstract")
NOTICES = {
    "corrects": ("erratum", "retraction", "concern"),
    "replies": ("reply", "comment"),
    "announces": ("protocol",),
}
"""What notices do to the work that they are about."""
_CODED = (
    "tongue",
    "trial",
    "language",
    "doi",
    "parts",
    "initial",
    "volume",
    "issue",
    "page_letters",
    "page",
    "page_last",
    "notice",
)


def _prepare_claims(normal: pd.DataFrame) -> dict[str, Booleans]:
    titles = normal["title"]
    short = np.array([is_short(title) for title in titles], dtype=bool)
    several = (normal["page_last"] != "") & (normal["page_last"] != normal["page"])
    return {
        "recurring": normal["recurs"].to_numpy(dtype=bool),
        "short": short,
        "guest": np.array([not words.GUESTS.isdisjoint(title.split()) for title in titles], dtype=bool),
        "many_titles": np.array([bool(others) for others in normal["others"]], dtype=bool),
        "meeting": normal["meeting"].to_numpy(dtype=bool),
        "bracketed": normal["bracketed"].to_numpy(dtype=bool),
        "registry": normal["registry"].to_numpy(dtype=bool),
        **{kind: normal["notice"].isin(notices).to_numpy(dtype=bool) for kind, notices in NOTICES.items()},
        "preprint": normal["preprint"].to_numpy(dtype=bool),
        "several_pages": several.to_numpy(dtype=bool),
        "no_issue": (normal["issue"] == "").to_numpy(dtype=bool),
        "has_ids": normal["ids"].map(bool).to_numpy(dtype=bool),
        "has_urls": normal["urls"].map(bool).to_numpy(dtype=bool),
    }


def code_values(values: pd.Series[str]) -> Integers:
    """One number for each value, -1 for an empty one."""
    codes, _ = pd.factorize(values.mask(values == "", None))
    return np.asarray(codes, dtype=np.int64)


def are_worth_comparing(prepared: Prepared, left: Rows, right: Rows) -> Booleans:
    """A quick look: whether titles are at all alike, or a page or an identifier agrees."""
    pairs = _Sides(prepared, left, right)
    alike = similarity(*pairs.texts("title"), fuzz.token_set_ratio) >= WORTH_A_LOOK
    many = prepared.claims["many_titles"]
    identified = (pairs.agreement("doi") == 1) | (_agree_on_ids(pairs) == 1)
    return np.asarray(alike | identified | (pairs.agreement("page") == 1) | many[left] | many[right])


def compare_pairs(prepared: Prepared, left: Rows, right: Rows) -> pd.DataFrame:
    """The evidence about each pair of rows. Columns: ``left``, ``right`` and those of the functions below."""
    pairs = _Sides(prepared, left, right)
    evidence: dict[str, Any] = {"left": left, "right": right}
    for part in (_compare_titles, _compare_authors, _compare_places, _compare_ids, _compare_flags):
        evidence.update(part(pairs))
    return pd.DataFrame(evidence)


@dataclass(frozen=True, slots=True)
class _Sides:
    """The two records of each pair, one column at a time."""

    prepared: Prepared
    left: Rows
    right: Rows

    def texts(self, name: str) -> tuple[Texts, Texts]:
        column = self.prepared.texts[name]
        return column[self.left], column[self.right]

    def codes(self, name: str) -> tuple[Integers, Integers]:
        column = self.prepared.codes[name]
        return column[self.left], column[self.right]

    def numbers(self, name: str) -> tuple[Floats, Floats]:
        column = self.prepared.numbers[name]
        return column[self.left], column[self.right]

    def either(self, name: str) -> Booleans:
        column = self.prepared.claims[name]
        return np.asarray(column[self.left] | column[self.right])

    def both(self, name: str) -> Booleans:
        column = self.prepared.claims[name]
        return np.asarray(column[self.left] & column[self.right])

    def agreement(self, name: str) -> Integers:
        one, other = self.codes(name)
        return agreement(one == other, (one >= 0) & (other >= 0))


def agreement(equal: Booleans, known: Booleans) -> Integers:
    """1 where equal, -1 where not, 0 where a side is unknown."""
    return np.where(known, np.where(equal, 1, -1), 0).astype(np.int64)


def similarity(one: Texts, other: Texts, scorer: Any) -> Floats:
    """Similarity of text pairs, 0-100; -1 where a side is empty."""
    if not len(one):
        return np.empty(0)
    score = process.cpdist(list(one), list(other), scorer=scorer, dtype=np.float32, workers=1).astype(np.float64)
    score[(one == "") | (other == "")] = -1
    return score


# Titles --------------------------------------------------------------------------------------------------------------


def _compare_titles(pairs: _Sides) -> dict[str, Any]:
    """Columns title (best ratio of all titles), title_words (order-free), title_set (one in the other) ...."""
    one, other = pairs.texts("title")
    ratio = similarity(one, other, fuzz.ratio)
    ratio, translated = _best_of_all_titles(pairs, ratio)
    squeezed = pairs.codes("squeezed")
    alike = (squeezed[0] == squeezed[1]) & (squeezed[0] >= 0)
    return {
        "title": ratio,
        "title_words": np.maximum(ratio, similarity(one, other, fuzz.token_sort_ratio)),
        "title_set": np.maximum(ratio, similarity(one, other, fuzz.token_set_ratio)),
        **_compare_extents(one, other),
        "title_squeezed": alike,
        "translated": translated,
        "title_length": np.minimum(*pairs.numbers("words")),
        "recurring": pairs.either("recurring"),
        "short": pairs.either("short"),
        "guest": pairs.both("guest"),
        "numbers": alike | _agree_on_numbers(pairs),
        "no_parts": (pairs.codes("parts")[0] < 0) & (pairs.codes("parts")[1] < 0),
        "parts": pairs.agreement("parts"),
        "opposites": _have_opposites(pairs),
    }


def _compare_extents(one: Texts, other: Texts) -> dict[str, Booleans]:
    """title_begins, title_ends: one title is the beginning (or the end) of the other; title_rest: three words more."""
    both = [(a, b) if len(a) <= len(b) else (b, a) for a, b in zip(one, other, strict=True)]
    begins = np.array([bool(short) and long.startswith(f"{short} ") for short, long in both], dtype=bool)
    ends = np.array([bool(short) and long.endswith(f" {short}") for short, long in both], dtype=bool)
    rest = np.array([long[len(short) :].count(" ") >= 3 for short, long in both], dtype=bool)
    return {"title_begins": begins, "title_ends": ends, "title_rest": begins & rest}


def _best_of_all_titles(pairs: _Sides, ratio: Floats) -> tuple[Floats, Booleans]:
    """The best ratio of any title of the one with any title of the other; and where that beat the main titles."""
    best, titles = ratio.copy(), pairs.prepared.titles
    for row in np.flatnonzero(pairs.either("many_titles")):
        scores = [fuzz.ratio(a, b) for a in titles[pairs.left[row]] for b in titles[pairs.right[row]]]
        best[row] = max(scores, default=best[row])
    return best, best > ratio + 5


def _agree_on_numbers(pairs: _Sides) -> Booleans:
    """All numbers are equal, or all but the year of publication, which one of the two titles does not have."""
    numbers, undated = pairs.codes("numbers"), pairs.codes("undated")
    bare = (numbers[0] == undated[0]) | (numbers[1] == undated[1])
    return np.asarray((numbers[0] == numbers[1]) | (bare & (undated[0] == undated[1])))


def _have_opposites(pairs: _Sides) -> Booleans:
    found = np.zeros(len(pairs.left), dtype=bool)
    for group in range(len(words.OPPOSITES)):
        found |= pairs.agreement(f"opposites{group}") == -1
    return found


# Authors -------------------------------------------------------------------------------------------------------------


def _compare_authors(pairs: _Sides) -> dict[str, Any]:
    """Columns authors (similarity of the surnames, order-free), first_author and initial (agreement) ...."""
    one, other = pairs.texts("surnames")
    counts = pairs.numbers("n_authors")
    first = _similar_first_author(pairs)
    surnames = similarity(one, other, fuzz.token_set_ratio)
    surnames = np.maximum(surnames, similarity(*pairs.texts("names"), fuzz.token_set_ratio))
    return {
        "authors": surnames,
        "first_author": first,
        "initial": pairs.agreement("initial"),
        "fewest_authors": np.minimum(*counts),
        "agree_authors": _weigh_authors(surnames, first),
    }


def _similar_first_author(pairs: _Sides) -> Integers:
    one, other = pairs.texts("first_author")
    close = similarity(one, other, JaroWinkler.normalized_similarity) >= 0.92
    within = np.array([bool(a) and bool(b) and (a in b or b in a) for a, b in zip(one, other, strict=True)], dtype=bool)
    return agreement(close | within, (one != "") & (other != ""))


def _weigh_authors(surnames: Floats, first: Integers) -> Integers:
    """Authors agree if nearly all surnames do, or the first and most; they contradict if hardly any surname agrees."""
    agree = (surnames >= 80) | ((first == 1) & (surnames >= 50))
    contradict = (surnames >= 0) & (surnames < 55) & (first == -1)
    return np.where(agree, 1, np.where(contradict, -1, 0)).astype(np.int64)


# Where and when ------------------------------------------------------------------------------------------------------


def _compare_places(pairs: _Sides) -> dict[str, Any]:
    """Columns years (difference, NaN if missing), container, volume, issue, page (first), page_last: agreement.

    ``meetings``: both are contributions to meetings. Pages counted from 1, as before an article has its place in an
    issue, do not contradict a range of as many pages.
    """
    one, other = pairs.numbers("year")
    early = _are_early_pages(pairs)
    return {
        "years": np.where((one > 0) & (other > 0), np.abs(one - other), np.nan),
        "container": _agree_on_container(pairs),
        "volume": _agree_on_volume(pairs),
        "issue": pairs.agreement("issue"),
        "page": np.where(early, 0, _agree_on_page(pairs)),
        "page_last": np.where(early, 0, pairs.agreement("page_last")),
        "several_pages": pairs.both("several_pages"),
        "meetings": pairs.both("meeting"),
        "bracketed": pairs.either("bracketed") & ~pairs.both("bracketed"),
    }


def _are_early_pages(pairs: _Sides) -> Booleans:
    """Equal numbers of pages, several of them, of which one range starts on page 1 and the other does not."""
    one, other = pairs.numbers("first_page")
    counts = pairs.numbers("n_pages")
    return np.asarray((counts[0] == counts[1]) & (counts[0] > 1) & ((one == 1) != (other == 1)))


def _agree_on_volume(pairs: _Sides) -> Integers:
    """Volumes agree; a volume that is the other's issue, with no issue of its own, stands in the wrong field."""
    agree, bare = pairs.agreement("volume"), pairs.prepared.claims["no_issue"]
    volumes, issues = pairs.codes("any_volume"), pairs.codes("any_issue")
    misplaced = (bare[pairs.left] & (volumes[0] == issues[1])) | (bare[pairs.right] & (volumes[1] == issues[0]))
    return np.where((agree == -1) & misplaced, 0, agree)


def _agree_on_page(pairs: _Sides) -> Integers:
    """First pages agree if the digits do and the letters before them do not differ ("S22" and "22" agree)."""
    one, other = pairs.codes("page_letters")
    letters_differ = (one >= 0) & (other >= 0) & (one != other)
    agree = pairs.agreement("page")
    return np.where((agree == 1) & letters_differ, -1, agree)


def _agree_on_container(pairs: _Sides) -> Integers:
    """Journals agree if one name can be an abbreviation of the other. Each pair of names is looked at once.

    Names of meetings have too many forms (city, year, acronym) to contradict each other.
    """
    one, other = pairs.codes("container")
    agree, names = pairs.agreement("container"), pairs.prepared.names
    doubtful = np.flatnonzero(agree == -1)
    codes = np.minimum(one, other)[doubtful] * len(names) + np.maximum(one, other)[doubtful]
    each, place = np.unique(codes, return_inverse=True)
    found = [compare_names(names[code // len(names)], names[code % len(names)]) for code in each]
    agree[doubtful] = np.array(found, dtype=np.int64)[place] if len(each) else 0
    return np.where((agree == -1) & pairs.both("meeting"), 0, agree)


@lru_cache(maxsize=500_000)
def compare_names(one: str, other: str) -> int:
    """1 if one container key abbreviates the other ("bmc med", "bmc medicine"), 0 if it may, -1 if not.

    It may if a short name is the beginning of the other: "lancet" and "lancet oncology".
    """
    short, long = sorted((one.split(), other.split()), key=lambda found: (len(found), sum(map(len, found))))
    if len(short) == 1 and 2 < len(short[0]) <= 6 and short[0] == "".join(word[0] for word in long):
        return 1
    if not _is_in_order(short, long):
        return -1
    return 1 if len(short) == len(long) or len(short) >= 4 else 0


def _is_in_order(short: list[str], long: list[str]) -> bool:
    """Each word of ``short`` abbreviates a word of ``long``, in order, the first the first."""
    if not short or not _abbreviates(short[0], long[0]):
        return False
    rest = iter(long[1:])
    return all(any(_abbreviates(word, full) for full in rest) for word in short[1:])


def _abbreviates(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if long.startswith(short):
        return True
    letters = iter(long)
    return len(short) >= 3 and short[:2] == long[:2] and all(letter in letters for letter in short)


# Identifiers and flags -----------------------------------------------------------------------------------------------


def _compare_ids(pairs: _Sides) -> dict[str, Any]:
    """Columns doi (a supplement's DOI is no identity), ids (others), url (shared), abstract (similarity)."""
    return {
        "doi": pairs.agreement("doi"),
        "ids": _agree_on_ids(pairs),
        "url": _share_url(pairs),
        "abstract": similarity(*pairs.texts("abstract"), fuzz.ratio),
    }


def _agree_on_ids(pairs: _Sides) -> Integers:
    ids = pairs.prepared.ids
    found = np.zeros(len(pairs.left), dtype=np.int64)
    for place in np.flatnonzero(pairs.both("has_ids")):
        found[place] = _agree(ids[pairs.left[place]], ids[pairs.right[place]])
    return found


def _share_url(pairs: _Sides) -> Booleans:
    urls = pairs.prepared.urls
    found = np.zeros(len(pairs.left), dtype=bool)
    for place in np.flatnonzero(pairs.both("has_urls")):
        found[place] = not urls[pairs.left[place]].isdisjoint(urls[pairs.right[place]])
    return found


def _agree(one: dict[str, str], other: dict[str, str]) -> int:
    if not one or not other:
        return 0
    found = [one[name] == other[name] for name in one if name in other]
    return 0 if not found else 1 if any(found) else -1


def _compare_flags(pairs: _Sides) -> dict[str, Any]:
    """Columns true of one of the two only: notice and its kinds, meeting, preprint, registry.

    And agreement of trial (its number), language and tongue (the language that the title itself tells).
    """
    one, other = pairs.codes("notice")
    return {
        "notice": one != other,
        **{kind: (one != other) & pairs.either(kind) for kind in NOTICES},
        "registry": pairs.either("registry") & ~pairs.both("registry"),
        "trial": pairs.agreement("trial"),
        "language": pairs.agreement("language"),
        "tongue": pairs.agreement("tongue"),
        "meeting": pairs.either("meeting") & ~pairs.both("meeting"),
        "preprint": pairs.either("preprint") & ~pairs.both("preprint"),
    }
