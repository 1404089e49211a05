"""Which work is meant: by id, by a few letters of an id, or by what a row of a spreadsheet says of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import pandas as pd

from synth.errors import UsageError

_SHORTEST = 4
"""Letters of an id that must be given at least."""


def find_work(name: str, ids: Mapping[str, str]) -> str:
    """The work that ``name`` means: a work's id, any of its records' ids, or the first letters of one.

    ``ids`` maps every record id to its work. Raises UsageError if none or several works are meant.
    """
    key = name.strip().lower()
    if key in ids:
        return ids[key]
    hits = sorted(record for record in ids if record.startswith(key)) if len(key) >= _SHORTEST else []
    works = sorted({ids[record] for record in hits})
    if len(works) == 1:
        return works[0]
    if works:
        raise UsageError(f"{name!r} stands for {len(works)} works", hint=f"For example: {', '.join(hits[:3])}")
    raise UsageError(f"There is no work {name!r}", hint=_suggest_id(key, ids))


def _suggest_id(key: str, ids: Mapping[str, str]) -> str:
    if 0 < len(key) < _SHORTEST:
        return f"Give at least {_SHORTEST} letters of its id"
    near = get_close_matches(key, list(ids), n=1) or get_close_matches(key, [record[: len(key)] for record in ids], n=1)
    return f"Did you mean {near[0]}?" if near else "See what is to be read with: synth screen next"


class MatchTable:
    """Works by everything that names them. Built once, asked for every row of a spreadsheet."""

    def __init__(self, works: pd.DataFrame, records: pd.DataFrame, files: Mapping[int, str]) -> None:
        """``works``: the work frame; ``records``: id, source_id, position, work_id; ``files``: source id to name."""
        self.ids = {str(row.id): str(row.work_id) for row in records.itertuples(index=False)}
        self.places = {
            (files.get(int(row.source_id), ""), int(row.position)): str(row.work_id)
            for row in records.itertuples(index=False)
        }
        self.names = _collect(_names(works))
        self.values = _collect((value, work_id) for (_, value), works in self.names.items() for work_id in works)
        self.titles = _collect(_titles(works))
        self.years = {str(row.work_id): row.year for row in works.itertuples(index=False)}

    def find(self, row: Mapping[str, str]) -> str:
        """The work that a row means. Raises UsageError saying why none, or which names point to different works."""
        hits = {name: works for name, works in self._look_up(row) if works}
        if not hits:
            raise UsageError("no work of the project matches")
        common = set.intersection(*hits.values())
        if len(common) == 1:
            return common.pop()
        if common:
            raise UsageError(f"{len(common)} works match by {', '.join(hits)}")
        raise UsageError(f"{' and '.join(hits)} point to different works")

    def _look_up(self, row: Mapping[str, str]) -> Iterable[tuple[str, set[str]]]:
        for name in ("record_id", "work_id", "key"):
            if row.get(name):
                yield name, self._by_id(row[name])
        if row.get("file") and row.get("position", "").isdigit():
            work_id = self.places.get((row["file"], int(row["position"])))
            yield "file and position", {work_id} if work_id else set()
        for name in ("doi", "pmid", "pmcid"):
            if row.get(name):
                yield name, self.names.get((name, _plain_id(row[name])), set())
        if row.get("title"):
            yield "title", self._by_title(row["title"], row.get("year", ""))

    def _by_id(self, name: str) -> set[str]:
        key = name.strip()
        if key in self.ids:
            return {self.ids[key]}
        return self.values.get(_plain_id(key), set())

    def _by_title(self, title: str, year: str) -> set[str]:
        works = self.titles.get(plain_title(title), set())
        same_year = {work_id for work_id in works if str(self.years.get(work_id)) == year.strip()}
        return same_year if len(works) > 1 and same_year else works


def _names(works: pd.DataFrame) -> Iterable[tuple[tuple[str, str], str]]:
    for row in works.itertuples(index=False):
        for scheme, value in dict(row.ids or {}).items():
            for one in value if isinstance(value, list) else [value]:
                yield (scheme, _plain_id(str(one))), str(row.work_id)


def _titles(works: pd.DataFrame) -> Iterable[tuple[str, str]]:
    for row in works.itertuples(index=False):
        for title in {plain_title(text) for text in (row.title, *map(_words_of, row.titles or ()))} - {""}:
            yield title, str(row.work_id)


def _words_of(title: Any) -> str:
    return str(title.get("text", "")) if isinstance(title, Mapping) else str(getattr(title, "text", title))


def _collect(pairs: Iterable[tuple[Any, str]]) -> dict[Any, set[str]]:
    found: dict[Any, set[str]] = {}
    for key, work_id in pairs:
        found.setdefault(key, set()).add(work_id)
    return found


def _plain_id(value: str) -> str:
    return re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*|pmid:\s*)", "", value.strip().lower())


def plain_title(title: object) -> str:
    """Letters and digits of a title, without case, accents and signs; empty for a missing one."""
    text = unicodedata.normalize("NFKD", title if isinstance(title, str) else "").casefold()
    return "".join(letter for letter in text if letter.isalnum())


_DOI = re.compile(r"(?i)^(https?://(dx\.)?doi\.org/|doi:\s*)?10\.\d{4,9}/\S+$")
_PMID = re.compile(r"(?i)^(pmid:?\s*)?\d{1,8}$")


def find_named(table: MatchTable, name: str) -> str:
    """The work that a person names in one word or line: a DOI, a PMID, an id or its first letters, or a whole title.

    Raises UsageError saying why none, or which works it could be.
    """
    text = name.strip()
    if _DOI.match(text):
        return table.find({"doi": text})
    if _PMID.match(text):
        digits = re.sub(r"\D", "", text)
        if table.names.get(("pmid", digits)):
            return table.find({"pmid": digits})
    if plain_title(text) in table.titles:
        return table.find({"title": text})
    return find_work(text, table.ids)
