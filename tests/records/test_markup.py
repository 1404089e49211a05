"""XML: bombs and references to other files are refused at once; damage costs the damaged record only."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.errors import UnreadableInput
from synth.records import read_bytes
from synth.records.markup import cut, list_fields, mend, parse, read_text

PUBMED = "<PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>{}</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "declared",
    [f'<!DOCTYPE x [<!ENTITY l0 "lol">{BOMB}]>', '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
     '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://example.org/x.dtd"> %p;]>', f'<!DOCTYPE x [<!ENTITY a "{"a" * 200_000}">]>'],
)  # fmt: skip
def test_documents_that_declare_entities_are_refused_at_once(declared: str) -> None:
    text = f"<?xml version='1.0'?>\n{declared}<PubmedArticleSet>{PUBMED.format('&l11;&a;' * 1000)}</PubmedArticleSet>"
    start = time.perf_counter()
    with pytest.raises(UnreadableInput, match="declares entities of its own"):
        read_bytes(text.encode(), "bomb.xml")
    assert time.perf_counter() - start < 1


def test_a_document_type_that_lies_elsewhere_is_not_fetched() -> None:
    text = f'<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD" "https://dtd.example.org/x.dtd">\n<PubmedArticleSet>{PUBMED.format("Tea")}</PubmedArticleSet>'
    reading = read_bytes(text.encode(), "x")
    assert ([record.title for record in reading.records], reading.ledger.lost) == (["Tea"], 0)


def test_elements_nested_without_end_are_quarantined_in_good_time() -> None:
    text = PUBMED.format("Tea") + "\n" + PUBMED.format("<a>" * 200_000)
    start = time.perf_counter()
    reading = read_bytes(text.encode(), "x")
    assert time.perf_counter() - start < 2
    assert (len(reading.records), [piece.code for piece in reading.quarantine]) == (1, ["damaged_entry"])
    assert "60 deep" in reading.quarantine[0].reason


@pytest.mark.parametrize("piece", ["<!--", "<![CDATA[", "<PubmedArticle ", "&", "<!DOCTYPE [", "]]>", "<"])
def test_openings_without_end_take_no_time(piece: str) -> None:
    text = PUBMED.format("Tea") + piece * (100_000 // len(piece))
    start = time.perf_counter()
    assert read_bytes(text.encode(), "x").records[0].title == "Tea"
    assert time.perf_counter() - start < 2


def test_records_inside_comments_and_character_data_are_none() -> None:
    text = f"<x><!-- {PUBMED.format('No')} --><![CDATA[{PUBMED.format('No')}]]>{PUBMED.format('Tea')}</x>"
    assert [piece.is_record for piece in cut(text, ("PubmedArticle",))] == [False, True, False]


def test_what_stands_between_records_is_header_or_quarantined() -> None:
    text = f"<set>\n<!-- a -->\n{PUBMED.format('Tea')}\nstray words\n{PUBMED.format('Bread')}\n<html><body>Log in</body></html>\n"
    reading = read_bytes(text.encode(), "x")
    assert [(piece.line_start, piece.code) for piece in reading.quarantine] == [(4, "outside_record"), (6, "html")]
    assert (reading.found, reading.ledger.lost) == (4, 0)


def test_what_xml_does_not_allow_is_mended_and_said() -> None:
    assert mend("R&D &eacute; &amp; &#1; &#233; \x0b")[0] == "R&amp;D &#233; &amp;   &#233;  "
    assert [code for code, _ in mend("a\x01&b")[1]] == ["control_characters", "stray_ampersand"]


def test_fields_have_paths_attributes_and_lines() -> None:
    root, fault, _ = parse('<a x="1">\n<e>one <i>two</i></e>\n<c><d>3</d> tail <b>end</b></c></a>', 10)
    assert fault == ""
    assert list_fields(root) == (
        ("@x", "1", 10), ("e", "one two", 11), ("c", "tail", 12), ("c", "end", 12), ("c/d", "3", 12))  # fmt: skip
    assert read_text(root).split() == ["one", "two", "3", "tail", "end"]


@given(
    st.lists(
        st.sampled_from(["<r>", "</r>", "<r/>", "<!--", "-->", "<![CDATA[", "]]>", "x", "<", ">", " "]), max_size=30
    )
)
@settings(deadline=None)
def test_the_pieces_make_up_the_text(parts: list[str]) -> None:
    text = "".join(parts)
    pieces = list(cut(text, ("r",)))
    assert "".join(text[piece.start : piece.end] for piece in pieces) == text
