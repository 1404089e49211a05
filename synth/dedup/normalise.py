"""Bring every field into the one form in which records are compared. Nothing here is shown to people or stored.

Letters of every script are kept; case, marks, punctuation and mark-up are not. Each function takes one text; whole
frames go through ``normalise_records``.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt
import pandas as pd

from synth.dedup import words

FIELDS = (
    "title",
    "titles",
    "authors",
    "year",
    "container",
    "volume",
    "issue",
    "pages",
    "ids",
    "abstracts",
    "type",
    "source_id",
    "urls",
    "languages",
)
LONGEST_TITLE = 600
"""Letters of a title that are compared; what is longer is an abstract in the wrong place."""
LONGEST_ABSTRACT = 300
MOST_AUTHORS = 40
SHORT_TITLE = 3
"""A title of at most so many words and fewer than twice SHORT_LETTERS letters is short."""
SHORT_LETTERS = 16
"""A title of fewer letters than this is short."""
SHORT_NON_LATIN = 6
"""The same for titles with letters of other scripts, of which some write a word with one letter."""
FREQUENT_YEARS = 4
"""A title under which records of so many different years stand in one source is a column's, not a work's."""
FREQUENT_SHORT = 2
"""The same for a short title."""
SHARED_DOI = 3
"""A DOI under more different titles of one source than this is that of a supplement, not of a work."""

_TAG = re.compile(r"</?[a-z][a-z0-9:]{0,15}(?:\s[^<>]{0,200})?/?>", re.IGNORECASE)
_MARKS = re.compile("[\u0300-\u036f\u0640\u064b-\u065f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_LONE_GREEK = re.compile("(?<![\u0370-\u03ff])[\u03b1-\u03c9](?![\u0370-\u03ff])")
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ŋ": "n",
        "ى": "ي",
        "ة": "ه",
        "ک": "ك",
        "ی": "ي",
    }
)


def clean_text(value: object) -> str:
    """``value`` as text without entities and mark-up; missing values become an empty text."""
    if not isinstance(value, str):
        return "" if value is None or value is pd.NA or value != value else str(value)  # noqa: PLR0124  NaN differs from itself
    if "&" in value:
        value = html.unescape(html.unescape(value))
    return _TAG.sub("", value) if "<" in value else value


def fold_text(text: str) -> str:
    """Lower case without marks on letters; letters of other scripts stay, a single Greek letter becomes its name."""
    if text.isascii():
        return text.lower()
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold())).translate(_LETTERS)
    return _LONE_GREEK.sub(_name_letter, text)


def _name_letter(match: re.Match[str]) -> str:
    return words.GREEK.get(match[0], match[0])


def split_words(text: str) -> list[str]:
    """Runs of letters and runs of digits of a folded text: "p16INK4a" gives p, 16, ink, 4, a."""
    return _TOKEN.findall(fold_text(text))


# Titles ------------------------------------------------------------------------------------------------------------

_REMARK = re.compile(
    r"\s*\[\s*(?:(?:published )?errat(?:um|a) (?:appears|in)|corrected|retraction (?:in|of)|retracted|see comments?|"
    r"comments? (?:in|on)|republished|reprint|update|summary for patients|review|references?|\d+ refs?|"
    r"electronic resource)[^\]]*\]?\s*\.?",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"\s*[\[(]([^\[\]()]{3,80})[\])]\s*")
_ACRONYM = re.compile(r"([A-Z]{2,8})(?:[ '’-]?\d{2,4})?")
_REFERENCES = re.compile(r"\brefs\.|^(?:article )?in [a-z]+$", re.IGNORECASE)
_LEADER = re.compile(r"^([^:\-–]{4,40}?)(?::| [\-–])\s+(?=\S)")
_CODA = re.compile(r"(?<=\S)(?:\s[\-–]|[.:])\s+([^:.\-–]{4,40})$")
_RETRACTED = re.compile(r"^\W*(?:retracted(?: article| paper)?|withdrawn|removed)\b\s*[:.\]\-–—]+\s*", re.IGNORECASE)
_CORRECTED_VOLUME = re.compile(r"\s*\((?:vol|v)\.? ?[\w ]+, ?(?:pg?s?|pp|art no)\.? ?[^)]*\)\s*\.?\s*$", re.IGNORECASE)
_ORIGINAL = re.compile(r"^(.{8,}?)[\s.]*\[(.{8,})\]\s*\.?$", re.DOTALL)


def split_title(title: str) -> list[str]:
    """The titles that stand in one title field: "Translated [Original]" and "One = Other" hold two."""
    title = _strip_trailers(title)
    parts = [part for part in title.split(" = ") if len(part) >= 8] if " = " in title else [title]
    found: list[str] = []
    for part in parts or [title]:
        match = _ORIGINAL.match(part) if part.endswith(("]", "].")) and not part.startswith("[") else None
        found += [match[1], match[2]] if match else [part]
    return found


def _strip_trailers(title: str) -> str:
    """Without remarks that indexers add: [References], [Erratum appears in ...], (Panel session), (vol 29, pg 217)."""
    title = _RETRACTED.sub("", title[: LONGEST_TITLE * 2]).strip()
    title = _strip_kinds(title)
    if "[" in title or "(" in title:
        shorter = _CORRECTED_VOLUME.sub("", _BRACKETED.sub(_drop_kind, _REMARK.sub("", title))).strip()
        return shorter or title
    return title


def _strip_kinds(title: str) -> str:
    """Without the kind of text that is written before or behind a title: "Tutorial: ...", "... - Book Review"."""
    leader = _LEADER.match(title)
    if leader and _names_a_kind(leader[1]):
        title = title[leader.end() :]
    coda = _CODA.search(title)
    return title[: coda.start()].strip() if coda and _names_a_kind(coda[1]) else title


def _drop_kind(match: re.Match[str]) -> str:
    """Nothing for a bracket that holds a kind of text or the initials of the words before: "(panel)", "(NTUA)"."""
    told = (
        _names_a_kind(match[1])
        or _REFERENCES.search(match[1])
        or _are_initials(match[1], match.string[: match.start()])
    )
    return " " if told else match[0]


def _are_initials(text: str, before: str) -> bool:
    """Whether ``text`` abbreviates the words before it, perhaps with a year: "Flexible Query Answering (FQA 2000)"."""
    found = _ACRONYM.fullmatch(text)
    if not found:
        return False
    initials = iter(word[0] for word in split_words(before))
    return all(letter in initials for letter in found[1].lower())


def _names_a_kind(text: str) -> bool:
    """Whether each word, apart from numbers, names a kind of text; a word that stands in titles is not enough."""
    found = [word for word in split_words(text) if not word.isdigit()]
    return bool(found) and all(word in words.KINDS for word in found)


def is_retracted(title: str) -> bool:
    """Whether the title says that the work was retracted or withdrawn."""
    return bool(_RETRACTED.match(title))


def find_notice(title: str) -> str:
    """What kind of notice about another work a title announces: erratum, reply, protocol ... or an empty text."""
    if _CORRECTED_VOLUME.search(title):
        return "erratum"
    if not words.ANY_NOTICE.search(title):
        return ""
    title = _REMARK.sub("", title)
    return next((kind for kind, pattern in words.NOTICES.items() if pattern.search(title)), "")


def key_title(title: str) -> str:
    """One title as words in comparable form, joined by spaces; at most ``LONGEST_TITLE`` letters."""
    found = [words.SAME_WORD.get(word, word) for word in split_words(title)]
    if found and found[0] in words.ARTICLES:
        found = found[1:]
    return " ".join(found)[:LONGEST_TITLE].strip()


_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
_ROMAN_AFTER = {"i": "1", "v": "5", "x": "10", **_ROMAN}


def find_numbers(key: str) -> str:
    """Every number of a title key, Roman and ordinal ones and letters of parts too, as sorted text."""
    found, before = [], ""
    for word in key.split():
        if word.isdigit():
            found.append(word.lstrip("0") or "0")
        elif before in words.PART_WORDS and (word in _ROMAN_AFTER or len(word) == 1):
            found.append(_ROMAN_AFTER.get(word, word))
        elif word in _ROMAN or word in words.ORDINALS:
            found.append(_ROMAN.get(word) or words.ORDINALS[word])
        before = word
    return " ".join(sorted(found))


def find_parts(key: str) -> str:
    """The numbers that stand after "part", "volume", "phase" and the like, in order."""
    found = key.split()
    return " ".join(
        _ROMAN_AFTER.get(word, word)
        for before, word in pairwise(found)
        if before in words.PART_WORDS and (word.isdigit() or word in _ROMAN_AFTER or len(word) == 1)
    )


def find_opposites(key: str) -> tuple[str, ...]:
    """For each group of words that exclude each other (men/women, vitro/vivo ...) those that the title has."""
    here = set(key.split()) & words.ALL_OPPOSITES
    if not here:
        return words.NO_OPPOSITES
    return tuple(" ".join(sorted({group[word] for word in here if word in group})) for group in words.OPPOSITES)


# Authors -----------------------------------------------------------------------------------------------------------

_RUN_TOGETHER = re.compile(r"(?<=[^\W\d_]\.)(?=[^\W\d_]{2})")
_AND = re.compile(r"\s+and\s+|\s*;\s*", re.IGNORECASE)
_INITIALS = re.compile(r"^(?:[^\W\d_]\.?[\s-]?){1,4}$")


def split_authors(value: object) -> list[str]:
    """Names from a list, or from one text that joins them by ";", "and" or (after initials) nothing at all."""
    given = [value] if isinstance(value, str) else list(value) if isinstance(value, Iterable) else []
    found: list[str] = []
    for text in given[:MOST_AUTHORS]:
        if isinstance(text, str):
            found += [part.strip() for part in _AND.split(f" {clean_text(text)}") if part.strip()]
    if len(found) == 1 and "," not in found[0]:
        found = [part.strip() for part in _RUN_TOGETHER.split(found[0]) if part.strip()]
    return found[:MOST_AUTHORS]


@lru_cache(maxsize=200_000)
def key_author(name: str) -> tuple[str, str]:
    """(surname, first initial) of a name written "Family, G.", "FAMILY GF", "Family G" or "Given Family"."""
    name = name.replace("?", "")
    if fold_text(name).strip(" .[]") in words.NOBODY:
        return "", ""
    if "," in name:
        family, _, given = name.partition(",")
    else:
        family, given = _part_name(name.split())
    surname = "".join(word for word in split_words(family) if word not in words.PARTICLES)
    given_words = split_words(given)
    if len(surname) < 2:
        surname = "".join([*split_words(family), *(word for word in given_words if len(word) > 1)])
    return surname, given_words[0][0] if given_words else ""


def key_names(names: list[str]) -> str:
    """Every word of the authors' names but initials and particles, in alphabetical order: for names in any order."""
    return " ".join(sorted({word for name in names for word in _long_words(name)}))


@lru_cache(maxsize=200_000)
def _long_words(name: str) -> tuple[str, ...]:
    found = (word for word in split_words(name.replace("?", "")) if len(word) > 1)
    return tuple(word for word in found if word not in words.PARTICLES and word not in words.SUFFIXES)


def _part_name(parts: list[str]) -> tuple[str, str]:
    while len(parts) > 1 and parts[-1].casefold().strip(".,") in words.SUFFIXES:
        parts = parts[:-1]
    if len(parts) < 2:
        return " ".join(parts), ""
    for first in range(1, len(parts)):
        if all(_is_initials(part) for part in parts[first:]):
            return " ".join(parts[:first]), " ".join(parts[first:])
    return parts[-1], " ".join(parts[:-1])


def _is_initials(part: str) -> bool:
    letters = part.replace(".", "").replace("-", "")
    return len(letters) <= 3 and letters.isupper() and bool(_INITIALS.match(part))


# Numbers of the place ------------------------------------------------------------------------------------------------

_PAGE = re.compile(r"([^\W\d_]{0,6})[ .]?(\d+)", re.UNICODE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(r"^(\d{1,2})-(" + "|".join(_MONTHS) + r")$")
_NUMBER = re.compile(r"\d+")
_BETWEEN_RANGES = re.compile(r"\s*[,+;]\s*")
_RANGE = re.compile(r"\d+\s*[-–]+\s*\d+")
_PAREN = re.compile(r"^\s*(\d+)?\s*\(([^)]*)\)")


@lru_cache(maxsize=100_000)
def key_pages(pages: str) -> tuple[str, str, str]:
    """(letters before the first page, first page, last page); "1973-83" ends on 1983. Empty texts where missing."""
    text = _DATE.sub(_undo_date, fold_text(pages).replace("pp.", "").replace("p.", "").strip(' "'))
    if not text or "no pag" in text:
        return "", "", ""
    found = _PAGE.findall(_choose_range(text))
    if not found:
        return "", "", ""
    letters, first = found[0][0].strip("p") if found[0][0] in ("p", "pp") else found[0][0], found[0][1].lstrip("0")
    last = found[1][1].lstrip("0") if len(found) > 1 else ""
    if last and len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    return letters, first, last


def _choose_range(text: str) -> str:
    """Of several ranges ("233-8, 246-51": one article printed in several languages) that which starts first."""
    ranges = [part for part in _BETWEEN_RANGES.split(text) if _RANGE.fullmatch(part)]
    return min(ranges, key=lambda part: (len(_NUMBER.findall(part)[0]), part)) if len(ranges) > 1 else text


def _undo_date(match: re.Match[str]) -> str:
    """Spreadsheets make "01-Jun" of the pages "1-6"."""
    return f"{match[1]}-{_MONTHS.index(match[2]) + 1}"


@lru_cache(maxsize=100_000)
def key_volume(volume: str, issue: str) -> tuple[str, str]:
    """(volume, issue) as digits; "38 (Supplement 1)" holds both."""
    match = _PAREN.match(volume)
    if match:
        return (match[1] or "").lstrip("0"), key_issue(issue or match[2])
    if volume.rstrip().endswith(")"):  # "1)" is what is left of "63 (SUPPL. 1)"
        return "", key_issue(issue or volume)
    number = _NUMBER.search(volume)
    return (number[0].lstrip("0") if number else fold_text(volume).strip(" .")), key_issue(issue)


@lru_cache(maxsize=100_000)
def key_issue(issue: str) -> str:
    """The issue's first number; "SUPPL. 1" and "1" agree, as databases leave out the word."""
    text = fold_text(issue)
    number = _NUMBER.search(text)
    return number[0].lstrip("0") if number else ""


# Identifiers and containers -------------------------------------------------------------------------------------------

_DOI = re.compile(r"10\.\d{4,9}/\S+")
IDENTIFIERS = ("pmid", "pmcid", "wos", "scopus", "lilacs", "scielo", "eric")
"""Schemes that name a record. The number of a trial names a study, of which many works may tell."""
_TRIAL = re.compile(r"\bnct\s?(\d{8})\b|\bisrctn\s?(\d{8})\b", re.IGNORECASE)


def clean_doi(value: object) -> str:
    """A DOI in lower case without resolver, prefix, percent codes or trailing punctuation; empty if there is none."""
    text = unquote(clean_text(value)).strip().lower()
    match = _DOI.search(text)
    return match[0].rstrip(".,;)]") if match and "(" not in match[0] else match[0].rstrip(".,;]") if match else ""


def key_ids(ids: object) -> tuple[str, dict[str, str]]:
    """(DOI, other identifiers by scheme) of the dict ``ids``."""
    if not isinstance(ids, Mapping):
        return "", {}
    others = {name: fold_text(clean_text(ids[name])).strip() for name in IDENTIFIERS if ids.get(name)}
    return clean_doi(ids.get("doi")), {name: text for name, text in others.items() if text}


def find_trial(ids: object, container: str) -> str:
    """The number of the trial in the identifiers or the container (NCT or ISRCTN), or an empty text."""
    given = str(ids.get("nct") or "") if isinstance(ids, Mapping) else ""
    match = _TRIAL.search(given) or _TRIAL.search(container)
    return match[0].replace(" ", "").lower() if match else ""


def key_language(languages: object) -> str:
    """The language of a record that has one, by its first two letters ("por" and "pt" stay two: unknown is neutral)."""
    found = list(languages) if isinstance(languages, list | tuple) else []
    text = str(found[0]).strip().lower() if len(found) == 1 else ""
    return words.LANGUAGES.get(text[:3], words.LANGUAGES.get(text, ""))


def find_tongue(title: str) -> str:
    """The language of a title key as its small words or its script tell, or an empty text."""
    if title and not title.isascii():
        name = unicodedata.name(next((letter for letter in title if ord(letter) > 0x2FF), "a"), "").split(" ")[0]
        if name not in ("", "LATIN"):
            return name.lower()
    found = title.split()
    counts = {tongue: sum(word in small for word in found) for tongue, small in words.TONGUES.items()}
    best, second = sorted(counts.values(), reverse=True)[:2]
    return max(counts, key=counts.__getitem__) if best > second else ""


def key_urls(urls: object) -> tuple[str, ...]:
    """Addresses of pages without scheme, "www." and what follows "#"; addresses of a whole site are left out."""
    found = urls if isinstance(urls, list | tuple) else [urls] if isinstance(urls, str) else []
    keys = (_SCHEME.sub("", text.strip().lower()).split("#")[0].rstrip("/") for text in found if isinstance(text, str))
    return tuple(sorted({key for key in keys if "/" in key}))


_SCHEME = re.compile(r"^[a-z]+://(?:www\.)?")
_AFTER_JOURNAL = re.compile(r"(?:\.\s*conference\b|\s:\s|\s=\s|—|\(|\[|/).*$", re.IGNORECASE | re.DOTALL)


@lru_cache(maxsize=50_000)
def key_container(container: str) -> str:
    """A journal's or book's name as words, without what follows it (place, society, conference) and small words."""
    name = _AFTER_JOURNAL.sub("", container.strip().strip('"')) or container
    found = split_words(name.replace("&", " "))
    kept = [word for word in found if word not in words.SMALL]
    while len(kept) > 2 and kept[0] in words.SPONSORS and not words.SERIES.isdisjoint(kept):
        kept = kept[1:]
    return " ".join(kept or found)


@lru_cache(maxsize=50_000)
def is_meeting(container: str, kind: str) -> bool:
    """Whether the container or the record's type says that this was given at a meeting."""
    return bool(words.MEETING.search(container) or words.MEETING_TYPE.search(kind))


# Whole frames --------------------------------------------------------------------------------------------------------


def normalise_records(records: pd.DataFrame) -> pd.DataFrame:
    """The comparable form of ``records``: one row each, in the same order.

    Missing columns are tolerated. Texts are empty where a field is missing; ``year`` is 0. Columns: id, title,
    others (further titles), numbers, parts, opposites, notice, retracted, surnames, names (given names too),
    first_author, initial, n_authors, year, container, volume, issue, page_letters, page, page_last, doi, ids, abstract,
    meeting, preprint, urls, bracketed (the mark of a title translated by the database), registry, trial, language,
    recurs (a column's title).
    """
    return finish_normal(normalise_piece(records))


def normalise_piece(records: pd.DataFrame) -> pd.DataFrame:
    """The part of ``normalise_records`` that looks at each record by itself; pieces may be put together in order."""
    columns = [_column(records, name) for name in FIELDS]
    rows = [_normalise_one(dict(zip(FIELDS, values, strict=True))) for values in zip(*columns, strict=True)]
    # Objects, not pandas' own texts: they are read one by one, many times.
    by_column = zip(*rows, strict=True) if rows else ([] for _ in _COLUMNS)
    made = {name: _as_array(name, values) for name, values in zip(_COLUMNS, by_column, strict=True)}
    return pd.DataFrame({"id": _as_array("id", map(str, records["id"])), **made})


def _as_array(name: str, values: Iterable[Any]) -> Any:
    if name in _NUMBERS:
        return np.fromiter(values, dtype=np.int64)
    if name in _CLAIMS:
        return np.fromiter(values, dtype=bool)
    listed = list(values)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return pd.Series(array, dtype=object)


_NUMBERS = ("n_authors", "year")
_CLAIMS = ("retracted", "meeting", "preprint", "bracketed", "registry")


def finish_normal(normal: pd.DataFrame) -> pd.DataFrame:
    """What can be told only from all records of a source (one export): serial numbers, columns, supplements.

    Counts never reach beyond a source: what an export says of its records stays so whatever is imported later.
    """
    serial = _number_records(normal)
    shared = _share_dois(normal)
    normal["issue"] = normal["issue"].where(~serial, normal["issue_of_volume"])
    normal["doi"] = normal["doi"].where(~shared, "")
    return normal.assign(recurs=_recur(normal)).drop(columns=["source", "issue_given", "issue_of_volume"])


def _number_records(normal: pd.DataFrame) -> pd.Series[bool]:
    """Records of a source in which nearly every record has an issue of its own: it numbers records, not issues."""
    counts = normal[normal["issue_given"] != ""].groupby("source")["issue_given"].agg(["nunique", "size"])
    serial = counts.index[(counts["size"] >= 50) & (counts["nunique"] >= 0.9 * counts["size"])]
    return normal["source"].isin(serial)


def _share_dois(normal: pd.DataFrame) -> pd.Series[bool]:
    """Records whose DOI stands under more than ``SHARED_DOI`` different titles of their source: a supplement's."""
    known = normal[(normal["doi"] != "") & (normal["title"] != "")]
    if not len(known):
        return pd.Series(False, index=normal.index)
    starts = known["title"].str.slice(0, 24).groupby([known["source"], known["doi"]]).nunique()
    shared = set(starts.index[starts > SHARED_DOI])
    if not shared:
        return pd.Series(False, index=normal.index)
    pairs = zip(normal["source"], normal["doi"], strict=True)
    return pd.Series([pair in shared for pair in pairs], index=normal.index)


def _recur(normal: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Titles of columns: made of recurring words, or with records of several years under them in one source."""
    dated = normal[(normal["year"] > 0) & (normal["title"] != "")]
    many = dated[dated.duplicated(["source", "title"], keep=False)]
    years = many.groupby(["source", "title"])["year"].nunique()
    spread = {key: count for key, count in years.items() if count >= FREQUENT_SHORT}
    rows = zip(normal["source"], normal["title"], normal["container"], strict=True)
    return np.fromiter(
        (_is_column(title, place, spread.get((source, title), 0)) for source, title, place in rows), bool
    )


def _is_column(title: str, container: str, years: int) -> bool:
    if years >= (FREQUENT_SHORT if is_short(title) else FREQUENT_YEARS):
        return True
    return is_recurring(title) or (" " in container and is_recurring(title, container))


def is_short(title: str) -> bool:
    """Whether a title key is too short to name one work by itself. Scripts without spaces need fewer letters."""
    if not title.isascii():
        return len(title) < SHORT_NON_LATIN
    return len(title) < SHORT_LETTERS or (len(title) < 2 * SHORT_LETTERS and len(title.split()) <= SHORT_TITLE)


def is_recurring(title: str, container: str = "") -> bool:
    """Whether a title key is made of words that stand over columns of journals year after year.

    The journal's own name may stand among them ("Remarks from the ... Editor"), but not alone.
    """
    own = container.split()
    found = [word for word in title.split() if not word.isdigit()]
    recurring = [word in words.RECURRING for word in found]
    if container and not any(recurring):
        return False
    return all(known or word in own for known, word in zip(recurring, found, strict=True))


_COLUMNS = (
    "title",
    "others",
    "numbers",
    "parts",
    "opposites",
    "notice",
    "retracted",
    "surnames",
    "names",
    "first_author",
    "initial",
    "n_authors",
    "year",
    "container",
    "volume",
    "issue",
    "page_letters",
    "page",
    "page_last",
    "doi",
    "ids",
    "abstract",
    "meeting",
    "preprint",
    "urls",
    "bracketed",
    "registry",
    "trial",
    "language",
    "tongue",
    "source",
    "issue_given",
    "issue_of_volume",
)


def _column(records: pd.DataFrame, name: str) -> list[Any]:
    return list(records[name]) if name in records else [None] * len(records)


def _normalise_one(given: dict[str, Any]) -> tuple[Any, ...]:
    title = clean_text(given["title"])
    keys = list(dict.fromkeys(key for text in _all_titles(title, given["titles"]) if (key := key_title(text))))
    main = keys[0] if keys else ""
    bare = title.strip(" .")
    names = split_authors(given["authors"])
    authors = [author for name in names if (author := key_author(name))[0]]
    container = clean_text(given["container"])
    year = key_year(given["year"])
    issue = clean_text(given["issue"])
    volume, number = key_volume(clean_text(given["volume"]), issue)
    number_of_volume = key_volume(clean_text(given["volume"]), "")[1]
    volume = "" if volume == str(year) else volume  # a year in the field for the volume
    letters, page, page_last = key_pages(clean_text(given["pages"]))
    doi, ids = key_ids(given["ids"])
    return (
        main,
        tuple(keys[1:]),
        find_numbers(main),
        find_parts(main),
        find_opposites(main),
        find_notice(title),
        is_retracted(title),
        " ".join(surname for surname, _ in authors),
        key_names(names),
        *(authors[0] if authors else ("", "")),
        len(authors),
        year,
        key_container(container),
        volume,
        number,
        letters,
        page,
        page_last,
        doi,
        ids,
        key_abstract(given["abstracts"]),
        is_meeting(container, clean_text(given["type"])) or bool(words.MEETING_ISSUE.search(issue)),
        is_preprint(container, doi),
        key_urls(given["urls"]),
        bare.startswith("[") and bare.endswith("]"),
        bool(words.REGISTRY.search(container)),
        find_trial(given["ids"], container),
        key_language(given["languages"]),
        find_tongue(main),
        str(given["source_id"]),
        issue,
        number_of_volume,
    )


def _all_titles(title: str, titles: object) -> list[str]:
    found = split_title(title)
    for other in titles if isinstance(titles, list | tuple) else []:
        text = other.get("text") if isinstance(other, Mapping) else getattr(other, "text", other)
        if isinstance(text, str) and text != title:
            found += split_title(clean_text(text))
    return found


def key_year(year: object) -> int:
    """The year as a number; 0 where it is missing."""
    match = re.search(r"\d{4}", clean_text(year))
    return int(match[0]) if match else 0


def key_abstract(abstracts: object) -> str:
    """The first words of the first abstract, at most ``LONGEST_ABSTRACT`` letters, in comparable form."""
    first = abstracts[0] if isinstance(abstracts, list | tuple) and abstracts else abstracts
    text = first.get("text") if isinstance(first, Mapping) else getattr(first, "text", first)
    if not isinstance(text, str) or len(text) < 60:
        return ""
    return " ".join(split_words(clean_text(text[: 2 * LONGEST_ABSTRACT])))[:LONGEST_ABSTRACT]


def is_preprint(container: str, doi: str) -> bool:
    """Whether the container or the DOI's registrant is a preprint server."""
    return bool(words.PREPRINT.search(container)) or doi.startswith(words.PREPRINT_DOIS)
