"""Which reader takes a file: asked by content, never by the file's ending."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module, metadata
from pathlib import Path

from synth.errors import UnreadableInput
from synth.files import hash_bytes
from synth.files import read_bytes as read_file_bytes
from synth.records.encoding import decode
from synth.records.format import Format
from synth.records.record import Reading

ENTRY_POINTS = "synth.formats"
OWN = ("ris", "nbib", "wos", "bibtex", "csv")
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
    found = {name: import_module(f"synth.records.formats.{name}").FORMAT for name in OWN}
    for point in sorted(metadata.entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        if point.name not in found:
            found[point.name] = point.load()
    return tuple(found.values())


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
    return UnreadableInput(f"{name}: cannot be read, it looks like {looks}", why=f"What can be read: {readable}",
                           hint=hint, kept="Nothing was imported from this file")


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Millions of small tuples and not one cycle: looking for cycles among them costs a quarter of the reading time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def read_file(path: Path | str) -> Reading:
    """All records of an export. Raises UnreadableInput for what is no export of references."""
    return read_bytes(read_file_bytes(path), path)


def read_files(paths: Iterable[Path | str]) -> list[Reading]:
    """``read_file`` for several files, in the order given."""
    return [read_file(path) for path in paths]


def read_bytes(content: bytes, name: Path | str) -> Reading:
    """``read_file`` for bytes that are already here; ``name`` is only shown."""
    if not content.strip(b" \t\r\n\0"):
        raise _refuse(name, "an empty file", "Export it again from the database")
    for magic, looks, hint in _MAGIC:
        if content.startswith(magic):
            raise _refuse(name, looks, hint)
    decoded = decode(content)
    form = find_format(decoded.text, name)
    with _collector_paused():
        parsed = form.read(decoded.text)
    return Reading(
        Path(name), hash_bytes(content), form.name, decoded.encoding, parsed.records, parsed.quarantine,
        (*decoded.issues, *parsed.issues), parsed.hits_reported, parsed.database,
    )
