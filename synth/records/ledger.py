"""The ledger: every byte of a file belongs to a record, a recognised header, the quarantine or an empty line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synth.records.record import ByteLedger

Span = tuple[int, int]
_LOST, _RECORD, _HEADER, _QUARANTINE, _BLANK = range(5)


@dataclass(slots=True)
class Tally:
    """Bytes (UTF-8, LF line ends) of a file as they are accounted for, piece by piece."""

    records: int = 0
    headers: int = 0
    quarantine: int = 0
    blank: int = 0
    lost: int = 0
    lost_line: int | None = None

    def add_lines(self, lines: Sequence[str], base: int, numbers: Iterable[int], kinds: bytes) -> None:
        """Count the lines with these ``numbers``; ``lines[0]`` is line ``base``, ``kinds`` says what each line is."""
        sizes = [0] * 5
        for number in numbers:
            line = lines[number - base]
            kind = kinds[number - base]
            if kind == _LOST and (not line or line.isspace()):
                kind = _BLANK
            if kind == _LOST and self.lost_line is None:
                self.lost_line = number
            sizes[kind] += measure(line) + 1
        self.lost += sizes[_LOST]
        self.records += sizes[_RECORD]
        self.headers += sizes[_HEADER]
        self.quarantine += sizes[_QUARANTINE]
        self.blank += sizes[_BLANK]

    def take_back(self, kind: int, line: str) -> None:
        """Count no line end for a file's last line, which has none."""
        blank = kind == _LOST and not line.strip()
        name = "blank" if blank else ("lost", "records", "headers", "quarantine")[kind]
        setattr(self, name, getattr(self, name) - 1)

    def close(self, total: int, dropped: int) -> ByteLedger:
        """The ledger of a file of ``total`` bytes, of which ``dropped`` were no text."""
        return ByteLedger(
            total, self.records, self.headers, self.quarantine, self.blank, dropped, self.lost, self.lost_line
        )


def measure(text: str) -> int:
    """The bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", errors="surrogatepass"))


def sort_lines(
    size: int, base: int, records: Iterable[Span], headers: Iterable[int], quarantine: Iterable[Span]
) -> bytes:
    """What each of ``size`` lines is, the first of them line ``base``; a record's line is a record's above all."""
    kinds = bytearray(size)
    for start, end in quarantine:
        _fill(kinds, start - base, end - base + 1, _QUARANTINE)
    for number in headers:
        _fill(kinds, number - base, number - base + 1, _HEADER)
    for start, end in records:
        _fill(kinds, start - base, end - base + 1, _RECORD)
    return bytes(kinds)


def _fill(kinds: bytearray, start: int, stop: int, kind: int) -> None:
    start, stop = max(start, 0), min(stop, len(kinds))
    if start < stop:
        kinds[start:stop] = bytes([kind]) * (stop - start)


def find_lost(text: str, records: Iterable[Span], headers: Iterable[int], quarantine: Iterable[Span]) -> list[Span]:
    """Runs of lines that are not blank and that no part of a reading accounts for."""
    lines = text.split("\n")
    kinds = sort_lines(len(lines), 1, records, headers, quarantine)
    lost: list[Span] = []
    for number, (line, kind) in enumerate(zip(lines, kinds, strict=True), 1):
        if kind != _LOST or not line.strip():
            continue
        if lost and lost[-1][1] == number - 1:
            lost[-1] = (lost[-1][0], number)
        else:
            lost.append((number, number))
    return lost


def tally_text(text: str, records: Iterable[Span], headers: Iterable[int], quarantine: Iterable[Span]) -> Tally:
    """The tally of a whole text from the lines that its parts say they stand in."""
    tally = Tally()
    lines = text.split("\n")
    kinds = sort_lines(len(lines), 1, records, headers, quarantine)
    tally.add_lines(lines, 1, range(1, len(lines) + 1), kinds)
    tally.take_back(kinds[-1], lines[-1])
    return tally
