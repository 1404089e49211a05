"""Exports of any format to one file of another: what was found, read and put aside, file by file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from synth.errors import UsageError
from synth.files import write_bytes, write_text
from synth.steps.progress import Progress, quiet

if TYPE_CHECKING:
    from synth.records import Issue, Reading


@dataclass(frozen=True, slots=True)
class Ledger:
    """What became of one file: ``found = read + quarantined``."""

    file: str
    format: str
    encoding: str
    found: int
    read: int
    quarantined: int
    hits_reported: int | None
    database: str
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class Conversion:
    """The ledgers in the order of the files, and where the records and the quarantine were written (if they were)."""

    ledgers: tuple[Ledger, ...]
    written_to: str = ""
    quarantine_in: str = ""

    @property
    def quarantined(self) -> int:
        """Pieces put aside in all files."""
        return sum(ledger.quarantined for ledger in self.ledgers)

    @property
    def read(self) -> int:
        """Records read from all files."""
        return sum(ledger.read for ledger in self.ledgers)


def convert_files(
    paths: Sequence[Path | str],
    out: Path | str | None = None,
    *,
    to: str = "",
    quarantine: Path | str | None = None,
    progress: Progress = quiet,
) -> Conversion:
    """Read ``paths`` and write all records, in order, to ``out`` (None: write nothing, count only).

    ``to`` is a format of ``synth.records.WRITERS``; without it the ending of ``out`` decides. Raises UsageError for an
    unknown format and UnreadableInput for a file that is no export; nothing is written then.
    """
    from synth.records import read_file, write_records

    form = choose_format(out, to) if out is not None else ""
    readings = [read_file(path) for path in progress(paths, label="Reading", total=len(paths))]
    ledgers = tuple(_count(reading) for reading in readings)
    pieces = sum(ledger.quarantined for ledger in ledgers)
    if out is not None:
        write_bytes(out, write_records((record for reading in readings for record in reading.records), form))
    if out is not None and quarantine is not None and pieces:
        write_text(quarantine, format_quarantine(readings))
    return Conversion(ledgers, str(out or ""), str(quarantine) if quarantine is not None and pieces else "")


def choose_format(out: Path | str, to: str) -> str:
    """The format by its name, else by the ending of the file to be written."""
    from synth.records import ENDINGS, WRITERS

    wanted = to or ENDINGS.get(Path(out).suffix.lower(), "")
    if wanted in WRITERS:
        return wanted
    names = ", ".join(WRITERS)
    near = get_close_matches(to, WRITERS, n=1) if to else []
    if to:
        hint = f"Did you mean {near[0]}?" if near else f"Choose from {names}"
        raise UsageError(f"--to {to}: no such format", hint=hint)
    place = "stdout has no ending" if str(out) == "-" else f"{out}: no format that can be written has this ending"
    raise UsageError(place, hint=f"Name the format with --to: {names}")


def format_quarantine(readings: Sequence[Reading]) -> str:
    """The pieces word for word, each under a line that says file, lines and reason."""
    return "".join(
        f"# {reading.path}: lines {piece.line_start}-{piece.line_end}: {piece.code}: {piece.reason}\n{piece.raw}\n\n"
        for reading in readings
        for piece in reading.quarantine
    )


def _count(reading: Reading) -> Ledger:
    return Ledger(
        str(reading.path), reading.format, reading.encoding, reading.found, len(reading.records),
        len(reading.quarantine), reading.hits_reported, reading.database, reading.issues,
    )
