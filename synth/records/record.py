"""What one entry of an export is, once read; and what reading a file returns."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class LangText:
    """A text and its language (ISO 639-1, or empty where nobody said)."""

    text: str
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of one export. ``raw`` holds every (tag, value, line) of the file, in order, so that nothing is lost.

    ``position`` and the lines are 1-based. ``authors`` are "Family, Given" (or as written) in file order. ``ids`` maps
    a scheme (doi, pmid, pmcid, wos, scopus, lilacs, eric, nct, ...) to its normalised value.
    """

    position: int
    line_start: int
    line_end: int
    title: str = ""
    type: str = "other"
    titles: tuple[LangText, ...] = ()
    authors: tuple[str, ...] = ()
    year: int | None = None
    date_raw: str = ""
    container: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    abstracts: tuple[LangText, ...] = ()
    keywords: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    affiliations: tuple[str, ...] = ()
    ids: dict[str, str] = field(default_factory=dict)
    urls: tuple[str, ...] = ()
    raw: tuple[tuple[str, str, int], ...] = ()

    @property
    def abstract(self) -> str:
        """The first abstract, or an empty text."""
        return self.abstracts[0].text if self.abstracts else ""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A piece of a file that could not be read as a record, word for word, with its reason."""

    line_start: int
    line_end: int
    code: str
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Issue:
    """Something a reader assumed or repaired: where, which record, what."""

    line: int
    code: str
    message: str
    record: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """All that came out of one file: ``found = len(records) + len(quarantine)``, always."""

    path: Path
    sha256: str
    format: str
    encoding: str
    records: tuple[Record, ...]
    quarantine: tuple[Quarantined, ...] = ()
    issues: tuple[Issue, ...] = ()
    hits_reported: int | None = None
    database: str = ""

    @property
    def found(self) -> int:
        """Records and quarantined pieces together."""
        return len(self.records) + len(self.quarantine)


def name_record(file_sha256: str, position: int) -> str:
    """A record's id: the first 16 hex digits of SHA-256 over (file hash, position); equal on every machine."""
    return hashlib.sha256(f"{file_sha256}:{position}".encode()).hexdigest()[:16]
