"""Input made to harm: huge fields, patterns that backtrack, bombs. All within a second and little memory."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from synth.records import read_bytes, write_records

LENGTH = 100_000
MOST_SECONDS = 1.0
TAGS = ("TI", "AU", "KW", "DO", "SN", "AN", "UR", "PY", "SP", "LA", "AB")


def spend_on_fields(unit: str, length: int) -> float:
    value = (unit.replace("\n", " ") * length)[:length]
    content = "".join(f"TY  - JOUR\nTI  - Tea\n{tag}  - {value}\nER  - \n" for tag in TAGS).encode()
    begun = time.process_time()
    assert read_bytes(content, "x.ris").records
    return time.process_time() - begun


@pytest.mark.parametrize("unit", ["A. ", "-", "&#", "10.1234/", "(", "x and "])
def test_long_fields_are_read_in_good_time(unit: str) -> None:
    assert spend_on_fields(unit, 20_000) < MOST_SECONDS * len(TAGS)


@pytest.mark.parametrize("form", ["ris", "nbib", "bibtex", "csv", "jsonl", "endnotexml"])
def test_a_field_of_two_megabytes_is_read_and_written(form: str) -> None:
    value = "word " * 400_000
    content = f"TY  - JOUR\nTI  - Tea\nAB  - {value}\nER  - \n".encode()
    begun = time.process_time()
    (record,) = read_bytes(content, "x.ris").records
    written = write_records([record], form)
    assert len(record.abstract) == len(value) - 1
    assert len(written) > 2_000_000
    assert time.process_time() - begun < 3


def test_many_lines_without_a_record_cost_time_in_proportion() -> None:
    def spend_on(number: int) -> float:
        begun = time.process_time()
        read_bytes(b"TY  - JOUR\nTI  - Tea\nER  - \n" + b"stray text\n" * number, "x.ris")
        return time.process_time() - begun

    spend_on(1000)
    assert spend_on(200_000) < 3


@pytest.mark.parametrize("line", [b"TY  - JOUR", b"ER  - ", b"TI  - ", b"  - ", b"<html>", b"1.", b"Record #1 of 2"])
def test_one_line_a_hundred_thousand_times_is_read_in_little_memory(line: bytes) -> None:
    content = b"TY  - JOUR\nTI  - Tea\nER  - \n" + (line + b"\n") * 50_000
    begun = time.process_time()
    tracemalloc.start()
    reading = read_bytes(content, "x.ris")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert reading.ledger is not None
    assert reading.ledger.is_balanced
    assert peak < 60 * len(content)
    assert time.process_time() - begun < 10
