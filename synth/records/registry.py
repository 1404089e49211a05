"""Which reader takes a file: asked by content, never by the file's ending."""

from __future__ import annotations

import gc
import hashlib
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib import import_module, metadata
from itertools import chain
from pathlib import Path

from synth.errors import UnreadableInput
from synth.files import read_bytes as read_file_bytes
from synth.records import formats
from synth.records.encoding import Decoder
from synth.records.format import Format, Parsed, PieceReader
from synth.records.ledger import find_lost, tally_text
from synth.records.record import Quarantined, Reading, Record

ENTRY_POINTS = "synth.formats"
OWN = ("ris", "nbib", "wos", "bibtex", "csv")
PIECE = 1 << 16
"""Bytes that are read at a time: so many stay in the processor's cache from decoding to writing."""
_SAMPLE = 200_000
_LEAST = 0.25
"""A format that is less sure than this does not get the file."""

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF document", "Export the references from the database as RIS; full texts are attached later"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook (XLSX)", "Save the sheet as CSV, or unpack the archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", "Save the sheet as CSV"),
    (b"\x89PNG", "an image", "Export the references from the database as RIS"),
    (b"\xff\xd8\xff", "an image", "Export the references from the database as RIS"),
    (b"GIF8", "an image", "Export the references from the database as RIS"),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive", "Unpack it first"),
    (b"SQLite format 3", "an SQLite database", "Name the exports, not a project's file"),
)
_KNOWN_BUT_UNREAD: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\A\s*<(?:!doctype\s+html|html[\s>])"), "an HTML page (a login or error page?)"),
    (re.compile(r"<PubmedArticle"), "PubMed XML"),
    (re.compile(r"(?s)\A\s*<.{0,200}<records>"), "EndNote XML"),
    (re.compile(r"\A\s*<"), "XML"),
    (re.compile(r"(?m)^%[0AT] "), "EndNote tagged (%A)"),
    (re.compile(r"(?m)^\{Reference Type\}:"), "NoteExpress"),
    (re.compile(r"(?m)^RT [A-Z]"), "RefWorks tagged"),
    (re.compile(r"(?m)^<\d+\. ?>\s*$|^<\d+>\s*$"), "Ovid text"),
    (re.compile(r"(?m)^Record #\d+ of \d+"), "Cochrane text"),
    (re.compile(r"\A\s*[\[{]"), "JSON"),
    (re.compile(r"\AFrom \S+ at |(?m:^Subject: )"), "an e-mail"),
)


@cache
def find_formats() -> tuple[Format, ...]:
    """All formats that can be read: ours, then those of installed plug-ins (entry points ``synth.formats``)."""
    others = sorted(module.name for module in pkgutil.iter_modules(formats.__path__) if module.name not in OWN)
    found = {form.name: form for name in (*OWN, *others) for form in _formats_of(name)}
    for point in sorted(metadata.entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        if point.name not in found:
            found[point.name] = point.load()
    return tuple(found.values())


def _formats_of(module: str) -> tuple[Format, ...]:
    """What a module of ``formats`` reads: its ``FORMAT``, or several ``FORMATS``."""
    made = import_module(f"{formats.__name__}.{module}")
    several: tuple[Format, ...] = getattr(made, "FORMATS", ())
    single: Format | None = getattr(made, "FORMAT", None)
    return several or ((single,) if single else ())


def find_format(content: str, name: str | Path = "the text") -> Format:
    """The format of a text, judged by its content. Raises UnreadableInput when no format knows it."""
    score, chosen = _ask(content[:_SAMPLE])
    if score < _LEAST and len(content) > _SAMPLE:
        score, chosen = _ask(content)
    looks = _name_unread(content) if score < 0.9 else ""
    if score < _LEAST or (looks and score < 0.6):
        raise _refuse(name, looks or "no export of references", "Export it again as RIS, or save the table as CSV")
    return chosen


def _ask(sample: str) -> tuple[float, Format]:
    scores = [(form.sniff(sample), form) for form in find_formats()]
    return max(scores, key=lambda scored: scored[0])


def _name_unread(content: str) -> str:
    head = content[:20_000]
    return next((name for pattern, name in _KNOWN_BUT_UNREAD if pattern.search(head)), "")


def _refuse(name: str | Path, looks: str, hint: str) -> UnreadableInput:
    readable = "; ".join(form.title or form.name for form in find_formats())
    return UnreadableInput(
        f"{name}: cannot be read, it looks like {looks}",
        why=f"What can be read: {readable}",
        hint=hint,
        kept="Nothing was imported from this file",
    )


@contextmanager
def collector_paused() -> Iterator[None]:
    """Millions of small tuples and not one cycle: looking for cycles among them costs a quarter of the reading time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Export:
    """One file on its way: iterate over it for its records, a tuple a piece; ``reading`` holds all else then.

    Formats that can be cut (RIS) are read piece by piece in little memory, the others whole.
    """

    def __init__(self, name: Path | str, chunks: Iterable[bytes], size: int = 0) -> None:
        self.name = Path(name)
        self.read = 0
        self.pieces = size // PIECE + 1
        self.reading: Reading | None = None
        self._hash = hashlib.sha256()
        self._decoder = Decoder()
        self._chunks = self._hash_chunks(chunks)
        first = next(self._chunks, b"")
        binary = self._find_binary(first)
        self._chunks = chain([first], self._chunks)
        self._texts: Iterator[str] = iter(()) if binary else self._decoder.decode(self._chunks)
        self._form = binary or self._find_text()

    def _hash_chunks(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._hash.update(chunk)
            yield chunk

    def _find_binary(self, first: bytes) -> Format | None:
        if not first.strip(b" \t\r\n\0"):
            raise _refuse(self.name, "an empty file", "Export it again from the database")
        for form in find_formats():
            if form.magic and first.startswith(form.magic):
                return form
        for magic, looks, hint in _MAGIC:
            if first.startswith(magic):
                raise _refuse(self.name, looks, hint)
        return None

    def _find_text(self) -> Format:
        """The format of a text: by its first piece, else by all of it."""
        first = next(self._texts, "")
        try:
            form = find_format(first, self.name)
        except UnreadableInput:
            first += "".join(self._texts)
            form = find_format(first, self.name)
        self._texts = chain([first], self._texts)
        return form

    @property
    def format(self) -> str:
        """The format's name."""
        return self._form.name

    def __iter__(self) -> Iterator[tuple[Record, ...]]:
        reader = self._form.open() if self._form.open else None
        for parsed in self._read_pieces(reader) if reader else self._read_whole():
            self.read += len(parsed.records)
            yield parsed.records

    def _read_pieces(self, reader: PieceReader) -> Iterator[Parsed]:
        buffer = ""
        for text in self._texts:
            buffer += text
            at = reader.cut(buffer)
            if at:
                yield reader.feed(buffer[:at], last=False)
                buffer = buffer[at:]
        parsed = reader.finish(reader.feed(buffer))
        self._finish(parsed)
        yield parsed

    def _read_whole(self) -> Iterator[Parsed]:
        unpack = self._form.to_text
        with self._naming_faults():
            text = unpack(b"".join(self._chunks)) if unpack else "".join(self._texts)
            parsed = self._form.read(text)
        if parsed.tally is None:
            parsed = _account(text, parsed)
        self._finish(parsed)
        yield parsed

    @contextmanager
    def _naming_faults(self) -> Iterator[None]:
        """Put the file's name before what a format says of its content."""
        try:
            yield
        except UnreadableInput as fault:
            if str(self.name) not in fault.message:
                fault.message = f"{self.name}: {fault.message}"
            raise

    def _finish(self, parsed: Parsed) -> None:
        issues = sorted((*self._decoder.list_issues(), *parsed.issues), key=lambda issue: issue.line)
        ledger = parsed.tally.close(self._decoder.total, self._decoder.dropped) if parsed.tally else None
        self.reading = Reading(
            self.name,
            self._hash.hexdigest(),
            self._form.name,
            self._decoder.encoding,
            (),
            parsed.quarantine,
            tuple(issues),
            parsed.hits_reported,
            parsed.database,
            ledger,
        )


def _account(text: str, parsed: Parsed) -> Parsed:
    """Where each line of a text went; lines that a reader passed over are quarantined here, so that none is lost."""
    records = [(record.line_start, record.line_end) for record in parsed.records]
    pieces = [(piece.line_start, piece.line_end) for piece in parsed.quarantine]
    lost = find_lost(text, records, parsed.headers, pieces)
    lines = text.split("\n") if lost else []
    passed = [
        Quarantined(start, end, "outside_record", "text that belongs to no record", "\n".join(lines[start - 1 : end]))
        for start, end in lost
    ]
    quarantine = tuple(sorted((*parsed.quarantine, *passed), key=lambda piece: piece.line_start))
    return replace(parsed, quarantine=quarantine, tally=tally_text(text, records, parsed.headers, [*pieces, *lost]))


def open_export(path: Path | str) -> Export:
    """An export that is read piece by piece (``-``: stdin). Raises UnreadableInput for what is no export."""
    if str(path) == "-":
        return Export(path, _split(sys.stdin.buffer.read()))
    path = Path(path)
    size = path.stat().st_size if path.is_file() else 0
    if size <= PIECE:  # also what is missing, empty or a folder: the one place that names such faults
        return Export(path, [read_file_bytes(path)], size)
    return Export(path, _read_chunks(path), size)


def _read_chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(PIECE):
                yield chunk
    except OSError as fault:
        raise UnreadableInput(f"{path}: cannot be read ({fault.strerror})") from None


def _split(content: bytes) -> Iterator[bytes]:
    return (content[start : start + PIECE] for start in range(0, len(content), PIECE))


def read_file(path: Path | str) -> Reading:
    """All records of an export. Raises UnreadableInput for what is no export of references."""
    return _read_all(open_export(path))


def read_files(paths: Iterable[Path | str]) -> list[Reading]:
    """``read_file`` for several files, in the order given."""
    return [read_file(path) for path in paths]


def read_bytes(content: bytes, name: Path | str) -> Reading:
    """``read_file`` for bytes that are already here; ``name`` is only shown."""
    return _read_all(Export(name, _split(content), len(content)))


def _read_all(export: Export) -> Reading:
    with collector_paused():
        records = tuple(chain.from_iterable(export))
    assert export.reading is not None
    return replace(export.reading, records=records)
