"""What a reader of one format is: a name, a test of the content, and a function from text to records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Format:
    """One format. ``sniff`` gives 0 (not mine) to 1 (surely mine) for a sample of text; ``read`` takes the whole text.

    The text has only LF as line end and neither byte order marks nor NUL characters.
    """

    name: str
    sniff: Callable[[str], float]
    read: Callable[[str], Parsed]
    title: str = ""
