"""Input made to harm: huge fields, patterns that backtrack, bombs. All within a second and little memory."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
import tracemalloc
from pathlib import Path

import pytest
import synth.records
from synth.records import read_bytes, write_records

LENGTH = 100_000
MOST_SECONDS = 1.0
UNITS = (
    "a", "A", "1", " ", "\t", "-", "(", "{", "}", "[", "<", "&", "&#", "&amp;", ";", ",", ", ", ".", "A. ", "a-", "10.1234/", "@a{", "@article{",
    "=", '"', "\\", "\\'{a}", "\n", "\n\n", "TY  - ", "\nTI  - x", "  - ", "PMID- ", "Record #1 of ", "<a>", "<1. >", "NCT", "97810", "0 ", "19",
    "(1", "WOS:", "é", "中", "\u2028", "x and ", "://", "..", "%2f", "_1", "|", "{Title}: ", "%T ", "ISRCTN", "<records>", '{"title": "',
)  # fmt: skip


def hostile_texts(length: int) -> list[str]:
    repeated = [(unit * length)[:length] for unit in UNITS]
    return [*repeated, *[text[:-1] + "!" for text in repeated]]


def find_patterns() -> dict[str, re.Pattern[str]]:
    """Every compiled pattern of the package, also those inside tables and dataclasses."""
    found: dict[str, re.Pattern[str]] = {}
    for info in pkgutil.walk_packages(synth.records.__path__, "synth.records."):
        module = importlib.import_module(info.name)
        for name, value in sorted(vars(module).items()):
            _collect(f"{info.name}.{name}", value, found, 0)
    return found


def _collect(name: str, value: object, found: dict[str, re.Pattern[str]], depth: int) -> None:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            found[name] = value
    elif depth < 4 and isinstance(value, tuple | list):
        for index, part in enumerate(value):
            _collect(f"{name}[{index}]", part, found, depth + 1)
    elif depth < 4 and isinstance(value, dict):
        for key, part in value.items():
            _collect(f"{name}[{key}]", part, found, depth + 1)
    elif depth < 4 and hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        for field in value.__dataclass_fields__:
            _collect(f"{name}.{field}", getattr(value, field, None), found, depth + 1)


def find_methods() -> dict[str, set[str]]:
    """How the package uses its patterns, by their names: a pattern that is only matched need not be fast in a search."""
    methods: dict[str, set[str]] = {}
    for path in Path(synth.records.__path__[0]).rglob("*.py"):
        for name, method in re.findall(
            r"(\w+)\.(match|fullmatch|search|findall|finditer|sub|subn|split)\(", path.read_text("utf-8")
        ):
            methods.setdefault(name, set()).add(method if method in {"match", "fullmatch"} else "search")
    return methods


def spend(pattern: re.Pattern[str], method: str, text: str) -> float:
    begun = time.process_time()
    getattr(pattern, method)(text)
    return time.process_time() - begun


def is_slow(pattern: re.Pattern[str], method: str, index: int) -> bool:
    """Whether 100 KB take a second. Shorter texts first: what grows with the square is seen in them already."""
    return all(
        spend(pattern, method, hostile_texts(size)[index]) > limit
        for size, limit in ((2_000, 0.002), (10_000, 0.01), (LENGTH, MOST_SECONDS))
    )


@pytest.mark.slow
def test_no_pattern_needs_a_second_for_a_hostile_text() -> None:
    texts, methods = hostile_texts(2_000), find_methods()
    patterns = find_patterns()
    assert len(patterns) > 60
    slow = [
        (name, method, texts[index][:8])
        for name, pattern in patterns.items()
        for method in sorted(methods.get(re.split(r"[.\[]", name.rstrip("]0123456789["))[-1], {"match"}))
        for index, text in enumerate(texts)
        if spend(pattern, method, text) > 0.002 and is_slow(pattern, method, index)
    ]
    assert not slow


TAGS = ("TI", "AU", "KW", "DO", "SN", "AN", "UR", "PY", "SP", "LA", "AB")


def spend_on_fields(unit: str, length: int) -> float:
    value = (unit.replace("\n", " ") * length)[:length]
    content = "".join(f"TY  - JOUR\nTI  - Tea\n{tag}  - {value}\nER  - \n" for tag in TAGS).encode()
    begun = time.process_time()
    assert read_bytes(content, "x.ris").records
    return time.process_time() - begun


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
def test_fields_of_a_hundred_thousand_letters_are_read_in_a_second_each(unit: str) -> None:
    assert spend_on_fields(unit, LENGTH) < MOST_SECONDS * len(TAGS)


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
