"""What a reader of one format is: a name, a test of the content, and a function from text to records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from synth.records.ledger import Tally
from synth.records.record import Issue, Quarantined, Record


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a format's reader returns. ``headers`` are the lines that are recognised and belong to no record."""

    records: tuple[Record, ...]
    quarantine: tuple[Quarantined, ...] = ()
    issues: tuple[Issue, ...] = ()
    headers: tuple[int, ...] = ()
    hits_reported: int | None = None
    database: str = ""
    tally: Tally | None = None


class PieceReader(Protocol):
    """Reads one file piece by piece, so that a file of any size needs little memory."""

    def cut(self, text: str) -> int:
        """Where ``text`` may be cut so that the two parts read as the whole would; 0 where there is no such place."""
        ...

    def feed(self, text: str, *, last: bool = True) -> Parsed:
        """The records of a piece that ends at a cut or (``last``) with the file."""
        ...

    def finish(self, rest: Parsed | None = None) -> Parsed:
        """What the whole file says (quarantine, issues, database, tally), with the records of ``rest``."""
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """One format. ``sniff`` gives 0 (not mine) to 1 (surely mine) for a sample of text; ``read`` takes the whole text.

    The text has only LF as line end and neither byte order marks nor NUL characters. ``open`` makes a reader that
    takes the text in pieces, for formats that can be cut. ``magic`` is how the bytes of a binary format begin, and
    ``to_text`` turns them into the text that ``sniff`` and ``read`` take.
    """

    name: str
    sniff: Callable[[str], float]
    read: Callable[[str], Parsed]
    title: str = ""
    open: Callable[[], PieceReader] | None = None
    magic: tuple[bytes, ...] = ()
    to_text: Callable[[bytes], str] | None = None
