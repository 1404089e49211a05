"""Random damage to real files: never a traceback, never a hang, and every byte stays accounted for."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from synth.errors import UnreadableInput
from synth.records import read_bytes, write_records

from .damage import OPERATORS, mutate

SEED = 20261125
LARGEST = 20_000
"""Larger files are cut to their first records: the engine is the same, and more cases fit into the time."""
FEW, MANY = 400, 20_000
SLOWEST = 5.0
"""Seconds that no single case may take."""
OWN = Path(__file__).parent / "files"


def seeds(folder: Path) -> list[tuple[str, bytes]]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".py", ".md", ".json"})
    return [(path.name, path.read_bytes()[:LARGEST]) for path in paths if path.name != "manifest.csv"]


def check(content: bytes, name: str) -> None:
    """Read damaged bytes, and hold the reading against the promises."""
    begun = time.process_time()
    try:
        reading = read_bytes(content, name)
    except UnreadableInput:
        return
    finally:
        assert time.process_time() - begun < SLOWEST, name
    assert reading.found == len(reading.records) + len(reading.quarantine)
    assert [record.position for record in reading.records] == list(range(1, len(reading.records) + 1))
    assert reading.ledger is not None
    assert reading.ledger.lost == 0, (name, reading.ledger)


def run(cases: list[tuple[str, bytes]], number: int) -> None:
    for turn in range(number):
        name, content = cases[turn % len(cases)]
        try:
            check(mutate(content, SEED + turn), name)
        except BaseException as fault:
            fault.add_note(f"seed {SEED + turn} on {name}")
            raise


def test_a_few_hundred_damaged_files_of_our_own_are_read() -> None:
    run(seeds(OWN), FEW)


@pytest.mark.slow
@pytest.mark.shared
def test_twenty_thousand_damaged_real_files_are_read(shared: Path) -> None:
    run(seeds(shared / "formats"), MANY)


@given(content=st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    check(content, "x")


LINES = st.sampled_from([
    b"TY  - JOUR", b"ER  - ", b"TI  - Tea", b"AU  - A, B", b"@article{a,", b" title = {T},", b"}", b"PMID- 1", b"TI  - x", b"FN x", b"VR 1.0",
    b"PT J", b"TI Tea", b"ER", b"EF", b"%0 Book", b"%T Tea", b"RT Book", b"T1 Tea", b"Title,Authors", b'"Tea', b"a,b", b"", b"\xff", b"<html>",
])  # fmt: skip


@given(lines=st.lists(LINES, max_size=30))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_mixture_of_formats_is_read_or_refused(lines: list[bytes]) -> None:
    check(b"\n".join(lines), "x")


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.__name__)
@pytest.mark.parametrize("form", ["ris", "bibtex", "nbib", "csv", "jsonl", "csljson", "endnotexml", "xlsx"])
def test_what_was_read_from_a_damaged_file_can_be_written(form: str, operator) -> None:
    from random import Random

    for name in ("bom_start.ris", "continuation.txt", "key_twice.bib", "ragged.csv"):
        content = operator((OWN / name).read_bytes(), Random(SEED))
        try:
            records = read_bytes(content, name).records
        except UnreadableInput:
            continue
        assert isinstance(write_records(records, form), bytes)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["ris/scielo-1.ris", "ris/citesource-export-1.ris", "nbib", "wos", "enw"])
def test_reading_needs_at_most_twenty_times_the_file(shared: Path, name: str) -> None:
    path = shared / "formats" / name
    content = (
        max(path.iterdir(), key=lambda one: one.stat().st_size).read_bytes() if path.is_dir() else path.read_bytes()
    )
    read_bytes(content, name)  # what is made once (patterns, tables) does not count
    tracemalloc.start()
    read_bytes(content, name)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * max(len(content), 50_000)
