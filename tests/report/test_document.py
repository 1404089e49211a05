"""The page: whole in itself, every letter escaped, tables with captions."""

import re
from html.parser import HTMLParser

import pytest
from synth.report.document import (
    Document,
    Facts,
    FigureBlock,
    Link,
    Section,
    TableBlock,
    Text,
    render_document,
    safe_address,
    tell,
)

EVIL = '<script>alert(1)</script>\x00 & \u202e "quotes"'


def page(*blocks, title="A review"):
    return render_document(Document(title, "What works?", (Section("one", "One", blocks),)))


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parse(text):
    tags = Tags()
    tags.feed(text)
    return tags


def test_nothing_from_the_data_becomes_markup():
    text = page(
        Text((EVIL,)), Facts(((EVIL, EVIL),)), TableBlock(EVIL, (EVIL,), ((EVIL,),)), Link("x.html", EVIL), title=EVIL
    )
    assert "script" not in parse(text).seen
    assert "\x00" not in text
    assert parse(text).open == []


def test_the_page_asks_for_nothing_from_elsewhere():
    text = page(Text(("See https://example.org/x.png",)))
    names = {name for name, _ in parse(text).attributes}
    assert not names & {"src", "srcset", "onclick"}
    assert "url(" not in text
    assert "@import" not in text


@pytest.mark.parametrize(
    ("href", "safe"),
    [
        ("gap_map.html", "gap_map.html"),
        ("https://a.org/b", "https://a.org/b"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        (" JaVaScRiPt:x", ""),
    ],
)
def test_links_lead_to_pages_and_to_nothing_else(href, safe):
    assert safe_address(href) == safe


def test_tables_have_a_caption_and_scopes_and_say_what_is_not_recorded():
    text = page(TableBlock("Sources", ("Source", "Hits"), (("PubMed", "201"), ("Scopus", "")), frozenset({1})))
    assert "<caption>Sources</caption>" in text
    assert text.count('scope="col"') == 2
    assert text.count('scope="row"') == 2
    assert text.count("not recorded") == 1


def test_an_empty_table_is_a_sentence():
    text = page(TableBlock("Left out", ("Study",), (), empty="nothing was left out."))
    assert "<table" not in text
    assert "nothing was left out." in text


def test_a_figure_is_inline_and_has_a_caption():
    text = page(FigureBlock('<svg role="img"><title>t</title></svg>', "What is shown"))
    assert '<svg role="img">' in text
    assert "<figcaption>What is shown</figcaption>" in text


def test_every_link_of_the_contents_leads_to_a_section():
    text = page(Text(("x",)))
    wanted = set(re.findall(r'href="#([^"]+)"', text))
    assert wanted <= set(re.findall(r'id="([^"]+)"', text))


def test_the_page_has_dark_colours_print_rules_and_a_viewport():
    text = page(Text(("x",)))
    for part in ("prefers-color-scheme: dark", "@media print", "width=device-width", "max-width: 640px"):
        assert part in text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (float("nan"), ""), (True, "yes"), (0.5, "0.5"), (["a", None, 2], "a; ; 2"), (0, "0")],
)
def test_values_are_told_as_a_reader_wants_them(value, text):
    assert tell(value) == text
