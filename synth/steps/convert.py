"""Exports of any format to one file of another: what was found, read and put aside, file by file."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import IO, TYPE_CHECKING

from synth.errors import UsageError
from synth.files import naming_storage_faults, read_bytes, write_bytes, write_text
from synth.steps.progress import Progress, quiet

if TYPE_CHECKING:
    from synth.records import ByteLedger, Export, Issue, Quarantined, Reading, Record

_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Ledger:
    """What became of one file: ``found = read + quarantined``, and ``bytes`` says the same of every byte."""

    file: str
    format: str
    encoding: str
    found: int
    read: int
    quarantined: int
    hits_reported: int | None
    database: str
    issues: tuple[Issue, ...]
    bytes: ByteLedger | None = None


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
    preserve: bool = False,
    progress: Progress = quiet,
) -> Conversion:
    """Read ``paths`` and write all records, in order, to ``out`` (None: write nothing, count only).

    ``to`` is a format of ``synth.records.WRITERS``; without it the ending of ``out`` decides. ``preserve`` writes what
    was read byte for byte, without what was quarantined. Records pass through one piece at a time, and ``out`` is
    replaced when all are written. Raises UsageError for an unknown format and UnreadableInput for a file that is no
    export; nothing is written then.
    """
    from synth.records import collector_paused, write_pieces

    form = choose_format(out, to) if out is not None else ""
    exports: list[Export] = []
    if preserve and out is not None:
        contents = [_read_kept(path, form, exports, progress) for path in paths]
        _check_joining(contents, form)
        write_bytes(out, b"".join(_end_line(content) for content in contents[:-1]) + contents[-1])
        return _close(exports, out, quarantine)
    with collector_paused():
        pieces = _read_pieces(paths, exports, progress)
        if out is None:
            for _ in pieces:
                pass
        else:
            _write_stream(out, write_pieces(pieces, form))
    return _close(exports, out, quarantine)


def _read_pieces(
    paths: Sequence[Path | str], exports: list[Export], progress: Progress
) -> Iterator[tuple[Record, ...]]:
    """The records of all files, piece by piece; the files are noted in ``exports`` one after the other."""
    from synth.records import open_export

    for path in paths:
        exports.append(open_export(path))
        yield from _follow(exports[-1], progress)


def _follow(export: Export, progress: Progress) -> Iterable[tuple[Record, ...]]:
    return progress(export, label=f"Reading {export.name.name}", total=export.pieces)


def _close(exports: Sequence[Export], out: Path | str | None, quarantine: Path | str | None) -> Conversion:
    """The ledgers, and the quarantine on the disk if a place for it was named."""
    readings = [export.reading for export in exports if export.reading is not None]
    ledgers = tuple(_count(reading, export.read) for reading, export in zip(readings, exports, strict=True))
    pieces = sum(ledger.quarantined for ledger in ledgers)
    if out is not None and quarantine is not None and pieces:
        write_text(quarantine, format_quarantine(readings))
    return Conversion(ledgers, str(out or ""), str(quarantine) if quarantine is not None and pieces else "")


def _read_kept(path: Path | str, form: str, exports: list[Export], progress: Progress) -> bytes:
    """A file's bytes without the lines of its quarantine. Raises UsageError if its format is not ``form``."""
    from synth.records import Export

    content = read_bytes(path)
    export = Export(path, [content], len(content))
    if export.format != form:
        raise UsageError(
            f"{path}: is {export.format}, and --preserve keeps the format",
            kept="Nothing was written",
            hint=f"Name an output of the same format, or leave out --preserve to turn it into {form}",
        )
    for _ in _follow(export, progress):
        pass
    exports.append(export)
    pieces = export.reading.quarantine if export.reading else ()
    return cut_lines(content, pieces) if pieces and b"\0" not in content[:4] else content


def _check_joining(contents: Sequence[bytes], form: str) -> None:
    if len(contents) > 1 and form not in {"ris", "nbib", "bibtex"}:
        raise UsageError(
            f"--preserve cannot put several {form} files into one",
            hint="Convert them one by one",
            kept="Nothing was written",
        )


def cut_lines(content: bytes, pieces: Iterable[Quarantined]) -> bytes:
    """``content`` without the lines of ``pieces``; all other bytes stay as they are."""
    gone = {line for piece in pieces for line in range(piece.line_start, piece.line_end + 1)}
    ends = [0, *(match.end() for match in _LINE_END.finditer(content)), len(content)]
    lines = (content[start:end] for start, end in pairwise(ends))
    return b"".join(line for number, line in enumerate(lines, 1) if number not in gone)


def _end_line(content: bytes) -> bytes:
    return content if content.endswith((b"\n", b"\r")) else content + b"\n"


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


def _count(reading: Reading, read: int) -> Ledger:
    quarantined = len(reading.quarantine)
    return Ledger(
        str(reading.path),
        reading.format,
        reading.encoding,
        read + quarantined,
        read,
        quarantined,
        reading.hits_reported,
        reading.database,
        reading.issues,
        reading.ledger,
    )


def _write_stream(out: Path | str, pieces: Iterable[bytes]) -> None:
    """Write ``pieces`` beside ``out`` (``-``: stdout) and put them in its place when all are on the disk."""
    if str(out) == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        return
    with _replacing(Path(out)) as stream:
        for piece in pieces:
            stream.write(piece)


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of ``path`` when all went well, and vanishes otherwise."""
    with naming_storage_faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            mask = os.umask(0)
            os.umask(mask)
            part.chmod(0o644 & ~mask)  # mkstemp makes it 0600
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
