"""JSON: every value keeps its path and line; nested or endless input ends in quarantine, not in a fault."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.records import read_bytes
from synth.records.jsontext import find_items, list_fields

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def test_values_have_their_path_and_line() -> None:
    text = '{"a": {"b": [1, {"c": "x\\ny"}]},\n "d": null, "e": "{[",\n "f": []}'
    assert list_fields(text, 5) == (("a.b[0]", "1", 5), ("a.b[1].c", "x\ny", 5), ("d", "", 6), ("e", "{[", 6))


@given(st.dictionaries(st.text(min_size=1, max_size=5), VALUES, max_size=4))
@settings(deadline=None)
def test_as_many_values_come_out_as_are_in(value: dict) -> None:
    for indent in (None, 1):
        fields = list_fields(json.dumps(value, indent=indent), 1)
        assert len(fields) == count(value)


def count(value: object) -> int:
    if isinstance(value, dict):
        return sum(count(inner) for inner in value.values())
    return sum(count(inner) for inner in value) if isinstance(value, list) else 1


@pytest.mark.parametrize(
    "noise", ['{"a":' * 50_000, "[" * 100_000, '{"title": "' * 10_000, "{" * 100_000, '{"title":' + "9" * 50_000]
)
def test_endless_openings_end_in_good_time(noise: str) -> None:
    good = '{"title": "Tea", "authors": ["A"], "year": 2001}\n'
    start = time.perf_counter()
    reading = read_bytes((good + noise).encode(), "x")
    assert time.perf_counter() - start < 3
    assert reading.records[0].title == "Tea"
    assert reading.ledger.lost == 0


def test_objects_are_found_behind_damage() -> None:
    text = '[{"t": 1}, {"t": , {"t": 2}, {"x": {"t": 3}}]'
    assert [found.value["t"] for found in find_items(text, lambda value: "t" in value)] == [1, 2, 3]
