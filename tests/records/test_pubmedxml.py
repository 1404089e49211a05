"""PubMed XML: titles and abstracts per language, people and groups in order, identifiers that are its own."""

from __future__ import annotations

from pathlib import Path

from synth.records import read_file

FILES = Path(__file__).parent / "files"


def test_titles_and_abstracts_keep_their_languages() -> None:
    first, _ = read_file(FILES / "pubmed.xml").records
    assert [(text.text, text.lang) for text in first.titles] == [
        ("Alpha tea and sleep", "en"), ("El té y el sueño", "es")]  # fmt: skip
    assert [(text.text, text.lang) for text in first.abstracts] == [
        ("BACKGROUND: H2O & tea. RESULTS: People slept.", "en"), ("La gente durmió.", "es")]  # fmt: skip


def test_people_and_groups_stay_in_the_order_of_the_file() -> None:
    first, second = read_file(FILES / "pubmed.xml").records
    assert first.authors == ("Author, Anna B", "Tea Study Group", "Writer, B Jr")
    assert first.affiliations == ("Tea School, Nairobi, Kenya.",)
    assert (second.type, second.container, second.ids["isbn"]) == ("book", "The book of bread", "9783642002304")


def test_identifiers_of_cited_papers_are_not_its_own() -> None:
    first, _ = read_file(FILES / "pubmed.xml").records
    assert first.ids == {"pmid": "11112222", "pmcid": "PMC123456", "doi": "10.1000/alpha.1", "issn": "0098-1133",
                         "pactr": "PACTR201909584125482"}  # fmt: skip
    assert first.keywords == ("Tea/*drug effects", "sleep")


def test_raw_fields_have_their_path_and_line() -> None:
    first, _ = read_file(FILES / "pubmed.xml").records
    assert ("MedlineCitation/PMID", "11112222", 6) in first.raw
    assert ("MedlineCitation/Article/ArticleTitle", "Alpha tea and sleep", 15) in first.raw
    assert ("MedlineCitation@Owner", "NLM", 5) in first.raw


def test_a_record_that_cannot_be_read_costs_no_other() -> None:
    reading = read_file(FILES / "pubmed_bad_middle.xml")
    assert [record.ids["pmid"] for record in reading.records] == ["1", "3"]
    (piece,) = reading.quarantine
    assert ((piece.line_start, piece.line_end), piece.code) == ((5, 6), "damaged_entry")
    assert piece.raw.startswith("<PubmedArticle><MedlineCitation><Article></ArticleTitle")


def test_a_record_that_was_cut_off_is_read_as_far_as_it_stands() -> None:
    reading = read_file(FILES / "pubmed_cut.xml")
    assert [record.title for record in reading.records] == ["Alpha tea & sleep, R&D, café", "Beta bread and rest"]
    assert reading.records[1].abstract == "Half a sum"
    assert {issue.code for issue in reading.issues} == {"missing_end", "stray_ampersand"}


def test_nbib_names_the_language_of_further_abstracts_and_the_registers() -> None:
    first, _ = read_file(FILES / "pubmed_two_languages.nbib").records
    assert [text.lang for text in (*first.titles, *first.abstracts)] == ["en", "es", "en", "es"]
    assert first.ids == {"pmid": "11112222", "pactr": "PACTR201909584125482", "nct": "NCT01234567"}
