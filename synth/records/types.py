"""Kinds of publication: what databases call them, and the few words that we use."""

from __future__ import annotations

TYPES = ("article", "book", "chapter", "report", "thesis", "conference", "dataset", "web", "other")

_RIS = {
    "article": "JOUR EJOUR JFULL MGZN INPR NEWS ABST",
    "book": "BOOK EBOOK EDBOOK SER CLSWK ANCIENT",
    "chapter": "CHAP ECHAP ENCYC DICT",
    "report": "RPRT GOVDOC STAND GRNT",
    "thesis": "THES",
    "conference": "CONF CPAPER",
    "dataset": "DATA AGGR",
    "web": "ELEC WEB BLOG ICOMM",
}
_BIBTEX = {
    "article": "article review periodical",
    "book": "book booklet mvbook collection proceedings",
    "chapter": "incollection inbook inreference",
    "report": "techreport report manual",
    "thesis": "phdthesis mastersthesis thesis",
    "conference": "inproceedings conference",
    "dataset": "dataset",
    "web": "online electronic www",
}
_WORDS = (
    ("thesis", ("thesis", "theses", "dissertation", "tesis", "tese", "学位", "硕士", "博士")),
    ("chapter", ("chapter", "book section", "book, section", "book part", "book-part")),
    ("conference", ("conference", "proceeding", "meeting abstract", "会议")),
    ("dataset", ("dataset", "data set")),
    ("report", ("report", "technical", "working paper", "redif-paper", "government document", "standard")),
    (
        "article",
        (
            "article",
            "review",
            "journal",
            "editorial",
            "letter",
            "note",
            "magazine",
            "preprint",
            "trial",
            "study",
            "newspaper",
            "期刊",
            "报纸",
        ),
    ),
    ("book", ("book", "monograph", "图书")),
    ("web", ("web", "online")),
)
RIS_TYPES = {code: name for name, codes in _RIS.items() for code in codes.split()}
BIBTEX_TYPES = {code: name for name, codes in _BIBTEX.items() for code in codes.split()}
WRITE_RIS = {name: codes.split()[0] for name, codes in _RIS.items()} | {"other": "GEN"}
WRITE_BIBTEX = {name: codes.split()[0] for name, codes in _BIBTEX.items()} | {"other": "misc"}
WRITE_CSL = {
    "article": "article-journal",
    "book": "book",
    "chapter": "chapter",
    "report": "report",
    "thesis": "thesis",
    "conference": "paper-conference",
    "dataset": "dataset",
    "web": "webpage",
    "other": "document",
}


def guess_type(words: str) -> str:
    """Our word for a kind of publication written in words (``Journal Articles``, ``Conference Paper``)."""
    words = words.casefold()
    if words in TYPES:
        return words
    for name, signs in _WORDS:
        if any(sign in words for sign in signs):
            return name
    return "other"


CSL_TYPES = {
    "article": "article",
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "journal-article": "article",
    "posted-content": "article",
    "review": "article",
    "book": "book",
    "monograph": "book",
    "edited-book": "book",
    "reference-book": "book",
    "collection": "book",
    "chapter": "chapter",
    "book-chapter": "chapter",
    "entry-encyclopedia": "chapter",
    "entry-dictionary": "chapter",
    "reference-entry": "chapter",
    "report": "report",
    "report-series": "report",
    "thesis": "thesis",
    "dissertation": "thesis",
    "paper-conference": "conference",
    "proceedings-article": "conference",
    "proceedings": "conference",
    "speech": "conference",
    "dataset": "dataset",
    "webpage": "web",
    "post-weblog": "web",
    "post": "web",
    "document": "other",
}
"""Types of CSL 1.0.2 and of Crossref's REST API, as their documentation lists them."""
