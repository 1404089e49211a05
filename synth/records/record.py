"""What one entry of an export is, once read; and what reading a file returns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import overload

Tag = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class LangText:
    """A text and its language (ISO 639-1, or empty where nobody said)."""

    text: str
    lang: str = ""


class TagLines(Sequence[Tag]):
    """Tagged lines as they were written, taken apart into (tag, value, line) only when somebody looks.

    A line with ``mark`` behind its first ``width`` letters is a tag and its value, any other goes on with the value
    before it, behind LF. There are ``number`` tags; the first one's line is line ``first`` of its file. Equal to the
    tuple of its tags.
    """

    __slots__ = ("first", "mark", "number", "text", "width")

    def __init__(self, text: str, first: int, width: int, mark: str, number: int) -> None:
        self.text, self.first, self.width, self.mark, self.number = text, first, width, mark, number

    def take_apart(self) -> tuple[Tag, ...]:
        """All (tag, value, line)."""
        width, sign, start = self.width, self.mark.rstrip(), self.width + len(self.mark)
        found: list[tuple[str, list[str], int]] = []
        for number, line in enumerate(self.text.split("\n"), self.first):
            if line.startswith(sign, width):
                found.append((line[:width].rstrip(), [line[start:]], number))
            else:
                found[-1][1].append(line)
        return tuple([(tag, "\n".join(parts), number) for tag, parts, number in found])

    def __len__(self) -> int:
        return self.number

    def __iter__(self) -> Iterator[Tag]:
        return iter(self.take_apart())

    @overload
    def __getitem__(self, index: int) -> Tag: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Tag, ...]: ...
    def __getitem__(self, index: int | slice) -> Tag | tuple[Tag, ...]:
        return self.take_apart()[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TagLines | tuple) and self.take_apart() == tuple(other)

    def __hash__(self) -> int:
        return hash(self.take_apart())

    def __repr__(self) -> str:
        return repr(self.take_apart())


class RisTags(tuple[Tag, ...]):
    """The tags of a record that was read from RIS, some of them over several lines: so they can be written again."""

    __slots__ = ()


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
    raw: Sequence[Tag] = ()

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
    """Something a reader assumed or repaired: where, which record, what.

    ``more``: stands for so many further issues of its kind, which are not named one by one.
    """

    line: int
    code: str
    message: str
    record: int | None = None
    more: int = 0


@dataclass(frozen=True, slots=True)
class ByteLedger:
    """Where the bytes of a file went: ``records + headers + quarantine + blank + dropped == total``, or some are lost.

    Counted in UTF-8 with LF as line end. ``blank`` are empty lines between records; ``dropped`` are byte order marks,
    NUL characters and the CR of line ends. ``lost`` are bytes that no part accounts for, the first in ``lost_line``.
    """

    total: int = 0
    records: int = 0
    headers: int = 0
    quarantine: int = 0
    blank: int = 0
    dropped: int = 0
    lost: int = 0
    lost_line: int | None = None

    @property
    def is_balanced(self) -> bool:
        """Whether every byte belongs somewhere."""
        parts = self.records + self.headers + self.quarantine + self.blank + self.dropped
        return self.lost == 0 and parts == self.total


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
    ledger: ByteLedger | None = None

    @property
    def found(self) -> int:
        """Records and quarantined pieces together."""
        return len(self.records) + len(self.quarantine)


def name_record(file_sha256: str, position: int) -> str:
    """A record's id: the first 16 hex digits of SHA-256 over (file hash, position); equal on every machine."""
    return hashlib.sha256(f"{file_sha256}:{position}".encode()).hexdigest()[:16]
