"""Written and read again, a record has the same canonical fields."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from synth.records import Record, read_bytes, write_records
from synth.records.clean import clean_name, clean_title, clean_value, find_year
from synth.records.record import LangText

SIGNS = "abcXYZ áñßøł 中文 العربية 0159 {}%&#$_~^\\\"'=+-@()[]<>/:.,!?|*"
LANGUAGES = ("en", "pt", "es", "zh", "ar", "sw")
TYPES = ("article", "book", "chapter", "report", "thesis", "conference", "dataset", "web", "other")


def texts(size: int = 40, without: str = ""):
    letters = "".join(sign for sign in SIGNS if sign not in without)
    made = st.text(alphabet=letters, min_size=1, max_size=size)
    return made.map(lambda text: "x" + " ".join(text.split())).filter(lambda text: clean_value(text) == text)


def starting(sign: str):
    return texts().map(lambda text: sign + text)


TITLES = st.one_of(texts(), *(starting(sign) for sign in "=+-@")).filter(
    lambda t: clean_title(t) == t == clean_value(t)
)
WORDS = texts(20, without=";")
FAMILY = st.text(alphabet="abcdefáñ中文O'", min_size=2, max_size=10)
NAMES = st.one_of(
    st.builds(lambda family, given: f"{family}, {given}", FAMILY, st.text(alphabet="abcéXY.", min_size=1, max_size=8)),
    st.sampled_from(["World Health Organization", "Grupo de Estudos and Friends", "R&D {Unit} 100%", "Group; East"]),
).filter(lambda name: clean_name(name) == name)


@st.composite
def records(draw) -> Record:
    titles = draw(
        st.lists(
            st.builds(LangText, TITLES, st.sampled_from(["", *LANGUAGES])),
            min_size=1,
            max_size=3,
            unique_by=lambda text: text.text,
        )
    )
    year = draw(st.none() | st.integers(1900, 2030))
    date = (
        draw(st.sampled_from(["", "/06/01", " Jun", "///"]))
        if year
        else draw(st.sampled_from(["", "in press", "n.d."]))
    )
    ids = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "doi": st.just("10.1000/abc(1)_x"),
                "pmid": st.just("123456"),
                "pmcid": st.just("PMC12345"),
                "wos": st.just("WOS:000123"),
                "lilacs": st.just("biblio-99"),
                "issn": st.just("1234-567X"),
                "isbn": st.just("9783642002304"),
                "nct": st.just("NCT01234567"),
                "synth_work": st.just("ab12cd34"),
            },
        )
    )
    return Record(
        1,
        1,
        1,
        title=titles[0].text,
        type=draw(st.sampled_from(TYPES)),
        titles=tuple(titles),
        authors=tuple(draw(st.lists(NAMES, max_size=3, unique=True))),
        year=year,
        date_raw=f"{year or ''}{date}",
        container=draw(st.just("") | texts(without=";")),
        volume=draw(st.sampled_from(["", "12", "B{3}"])),
        issue=draw(st.sampled_from(["", "2", "Suppl. 1"])),
        pages=draw(st.sampled_from(["", "1-9", "e12", "S1-S4", "7"])),
        abstracts=tuple(
            draw(
                st.lists(
                    st.builds(LangText, texts(80), st.sampled_from(["", *LANGUAGES])),
                    max_size=3,
                    unique_by=lambda text: text.text,
                )
            )
        ),
        keywords=tuple(draw(st.lists(WORDS, max_size=3, unique=True))),
        languages=tuple(draw(st.lists(st.sampled_from(LANGUAGES), max_size=3, unique=True))),
        affiliations=tuple(draw(st.lists(texts(), max_size=2, unique=True))),
        ids=ids,
        urls=tuple(
            draw(st.lists(st.sampled_from(["https://a.org/x?y=1&z=%7B", "https://b.org/%20_~#1"]), unique=True))
        ),
    )


def bare(record: Record) -> Record:
    return replace(record, position=0, line_start=0, line_end=0, raw=(), ids=dict(sorted(record.ids.items())))


@pytest.mark.parametrize("form", ["ris", "nbib", "bibtex", "csv"])
@given(made=st.lists(records(), min_size=1, max_size=3))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_what_is_written_is_read_again(form: str, made: list[Record]) -> None:
    assert all(record.year == find_year(record.date_raw) for record in made)
    reading = read_bytes(write_records(made, form), f"x.{form}")
    assert (reading.format, len(reading.quarantine)) == (form, 0)
    assert [bare(record) for record in reading.records] == [bare(record) for record in made]
