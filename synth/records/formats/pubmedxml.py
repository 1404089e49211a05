"""PubMed XML (``PubmedArticleSet``), articles and books."""

from __future__ import annotations

import re

from synth.records.clean import clean_value, find_year, join_pages, keep_first
from synth.records.format import Format, Parsed
from synth.records.identity import add_id, add_trials
from synth.records.languages import name_language
from synth.records.markup import Node, join_name, list_fields, read_elements, read_text
from synth.records.record import LangText, Record
from synth.records.types import guess_type

_SIGN = re.compile(r"<(?:PubmedArticle|PubmedBookArticle|MedlineCitation)[\s>]")
_SCHEMES = {"doi": "doi", "pubmed": "pmid", "pmc": "pmcid"}


def sniff(sample: str) -> float:
    """PubMed's elements."""
    return 0.99 if _SIGN.search(sample) else 0.0


def read(text: str) -> Parsed:
    """All articles and books."""
    names = (
        ("PubmedArticle", "PubmedBookArticle")
        if re.search(r"<Pubmed(?:Book)?Article[\s>]", text)
        else ("MedlineCitation",)
    )
    return read_elements(text, names, make_record, "PubMed")


def make_record(root: Node, position: int, line_start: int, line_end: int) -> Record:
    """One record from a PubmedArticle, PubmedBookArticle or MedlineCitation."""
    citation = root.find("MedlineCitation") or root.find("BookDocument") or root
    article = citation.find("Article") or citation
    languages = keep_first([name_language(code) for code in article.read_all("Language")])
    titles = read_titles(article, languages)
    kinds = [guess_type(kind) for kind in article.read_all("PublicationTypeList/PublicationType", "PublicationType")]
    return Record(
        position,
        line_start,
        line_end,
        title=titles[0].text if titles else "",
        type=next((kind for kind in kinds if kind != "other"), "book" if "Book" in root.tag else "article"),
        titles=titles,
        authors=read_authors(article),
        year=find_year(read_date(article)),
        date_raw=read_date(article),
        container=article.read("Journal/Title", "Journal/ISOAbbreviation", "Book/BookTitle")
        or citation.read("MedlineJournalInfo/MedlineTA"),
        volume=article.read("Journal/JournalIssue/Volume", "Book/Volume"),
        issue=article.read("Journal/JournalIssue/Issue"),
        pages=article.read("Pagination/MedlinePgn")
        or join_pages(article.read("Pagination/StartPage"), article.read("Pagination/EndPage")),
        abstracts=read_abstracts(citation, article, languages),
        keywords=keep_first([*read_headings(citation), *citation.read_all("KeywordList/Keyword")]),
        languages=languages,
        affiliations=keep_first(
            article.read_all(
                "AuthorList/Author/AffiliationInfo/Affiliation", "AuthorList/Author/Affiliation", "Affiliation"
            )
        ),
        ids=read_ids(root, citation, article),
        raw=list_fields(root),
    )


def read_titles(article: Node, languages: tuple[str, ...]) -> tuple[LangText, ...]:
    """ArticleTitle is English (in brackets where translated); VernacularTitle is the title as printed."""
    title = article.read("ArticleTitle", "Book/BookTitle")
    original = article.read("VernacularTitle")
    english = bool(original) or title.startswith("[") or languages == ("en",)
    texts = [LangText(title, "en" if english else "")] if title else []
    if original:
        texts.append(LangText(original, languages[0] if len(languages) == 1 and languages[0] != "en" else ""))
    return tuple(texts)


def read_abstracts(citation: Node, article: Node, languages: tuple[str, ...]) -> tuple[LangText, ...]:
    """The abstract with the names of its parts, and those in other languages."""
    found = []
    main = _join_parts(article.find("Abstract"))
    if main:
        found.append(LangText(main, "en" if languages in {("en",), ()} or citation.find("OtherAbstract") else ""))
    for other in citation.find_all("OtherAbstract"):
        text = _join_parts(other)
        if text:
            found.append(LangText(text, name_language(other.attributes.get("Language", ""))))
    return tuple(found)


def _join_parts(abstract: Node | None) -> str:
    parts = []
    for part in abstract.find_all("AbstractText") if abstract else ():
        text, name = clean_value(read_text(part)), part.attributes.get("Label", "")
        if text:
            parts.append(f"{name}: {text}" if name and name != "UNLABELLED" else text)
    return " ".join(parts)


def read_authors(article: Node) -> tuple[str, ...]:
    """People and groups in the order of the file; in books, the authors of the chapter before those of the book."""
    nodes = article.find_all("AuthorList/Author") or article.find_all("Book/AuthorList/Author")
    names = [
        join_name(
            node.read("LastName"), " ".join(filter(None, (node.read("ForeName", "Initials"), node.read("Suffix"))))
        )
        or node.read("CollectiveName")
        for node in nodes
    ]
    return tuple(name for name in names if name)


def read_date(article: Node) -> str:
    """Year, month and day of the issue, or the date as PubMed writes it (``2019 Jan-Feb``)."""
    for path in ("Journal/JournalIssue/PubDate", "Book/PubDate", "ArticleDate", "ContributionDate"):
        node = article.find(path)
        parts = [node.read(name) for name in ("Year", "Month", "Season", "Day", "MedlineDate")] if node else []
        if any(parts):
            return " ".join(filter(None, parts))
    return ""


def read_headings(citation: Node) -> list[str]:
    """MeSH as nbib writes it: ``Asthma/drug therapy``, major topics with a star."""
    words = []
    for heading in citation.find_all("MeshHeadingList/MeshHeading"):
        parts = [
            ("*" if node.attributes.get("MajorTopicYN") == "Y" else "") + clean_value(read_text(node))
            for node in heading.children
            if node.tag in {"DescriptorName", "QualifierName"}
        ]
        words.append("/".join(parts))
    return words


def read_ids(root: Node, citation: Node, article: Node) -> dict[str, str]:
    """The article's own numbers; those in its list of references are not its own."""
    ids: dict[str, str] = {}
    add_id(ids, "pmid", citation.read("PMID"))
    for path in (
        "PubmedData/ArticleIdList/ArticleId",
        "PubmedBookData/ArticleIdList/ArticleId",
        "BookDocument/ArticleIdList/ArticleId",
    ):
        for node in root.find_all(path):
            add_id(ids, _SCHEMES.get(node.attributes.get("IdType", ""), "pii"), read_text(node))
    for node in article.find_all("ELocationID"):
        if node.attributes.get("EIdType") == "doi" and node.attributes.get("ValidYN", "Y") == "Y":
            add_id(ids, "doi", read_text(node))
    for value in article.read_all("Journal/ISSN", "Journal/JournalIssue/ISSN"):
        add_id(ids, "issn", value)
    add_id(ids, "isbn", article.read("Book/Isbn"))
    for number in article.read_all("DataBankList/DataBank/AccessionNumberList/AccessionNumber"):
        add_trials(ids, number)
    ids.pop("pii", None)
    return ids


FORMAT = Format("pubmedxml", sniff, read, "PubMed XML")
