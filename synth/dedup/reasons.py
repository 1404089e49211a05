"""Evidence in words: what a person reads beside a pair."""

from __future__ import annotations

import pandas as pd

_FIELDS = (
    ("doi", "DOI"),
    ("ids", "identifier"),
    ("container", "journal"),
    ("volume", "volume"),
    ("issue", "issue"),
    ("page", "page"),
)

_CLAIMS = (
    ("url", "web address equal"),
    ("opposites", "words in the titles exclude each other"),
    ("notice", "one is a notice about another work"),
    ("recurring", "a title that recurs"),
)


def explain_pairs(evidence: pd.DataFrame) -> list[list[str]]:
    """For each pair its reasons by field, in words: "title equal", "year equal", "first author equal" ..."""
    columns = [
        "title",
        "title_words",
        "authors",
        "first_author",
        "years",
        "numbers",
        "abstract",
        *(name for name, _ in _FIELDS),
        *(name for name, _ in _CLAIMS),
    ]
    rows = evidence[columns].itertuples(index=False, name=None)
    return [_explain(dict(zip(columns, row, strict=True))) for row in rows]


def _explain(e: dict[str, float]) -> list[str]:
    found = [_explain_title(e), _explain_year(e["years"]), _explain_authors(e)]
    found += [f"{name} {'equal' if e[field] > 0 else 'differs'}" for field, name in _FIELDS if e[field]]
    if e["abstract"] >= 0:
        found.append(f"abstract {e['abstract']:.0f} % alike")
    found += [text for field, text in _CLAIMS if e[field]]
    return [text for text in found if text]


def _explain_title(e: dict[str, float]) -> str:
    if e["title"] < 0:
        return "a title is missing"
    alike = "title equal" if e["title"] >= 99.9 else f"title {max(e['title'], e['title_words']):.0f} % alike"
    return alike if e["numbers"] else f"{alike}, its numbers differ"


def _explain_year(years: float) -> str:
    if years != years:  # noqa: PLR0124  NaN, a year is missing, differs from itself
        return ""
    return "year equal" if not years else f"years {years:.0f} apart"


def _explain_authors(e: dict[str, float]) -> str:
    if e["authors"] < 0:
        return "authors missing"
    if e["authors"] >= 99.9:
        return "authors equal"
    first = {1: "first author equal", -1: "first author differs"}.get(int(e["first_author"]), "")
    return f"{first}, authors {e['authors']:.0f} % alike" if first else f"authors {e['authors']:.0f} % alike"
