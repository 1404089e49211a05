"""What two records are to each other, by named rules that a person can read, test and argue about.

Each rule is one function over the evidence of ``compare_pairs`` and returns a boolean per pair. First the vetoes say
which pairs cannot be one work, then the rules for ``same`` speak about the rest; a likely pair about which no rule is
sure is ``maybe``. Missing fields never agree. How the limits were chosen stands in docs/methods/deduplication.md.
"""

from __future__ import annotations

# In numpy's stubs a comparison of arrays gives Any, so every rule would be said to return Any.
# mypy: disable-error-code="no-any-return"
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from synth.dedup.relations import Booleans, Evidence, holds, relate_pairs

Rule = Callable[[Evidence], Booleans]

EQUAL_TITLE = 95
"""Titles at least so similar are equal but for spelling."""
NEAR_TITLE = 85
"""Titles at least so similar are one title with words changed, left out or mistyped."""
LIKE_TITLE = 75
"""Titles at least so similar may be one title, if all else agrees."""
VERY_LONG_TITLE = 8
EQUAL_AUTHORS = 95
NEAR_AUTHORS = 90
EQUAL_ABSTRACT = 97
LONG_TITLE = 5
"""A title of at least so many words, and no recurring one, does not come about twice by chance."""


# Parts of rules ------------------------------------------------------------------------------------------------------


def _same_id(e: Evidence) -> Booleans:
    return (e["doi"] == 1) | (e["ids"] == 1)


def _other_id(e: Evidence) -> Booleans:
    return ((e["doi"] == -1) & (e["ids"] != 1)) | ((e["ids"] == -1) & (e["doi"] != 1))


def _same_page(e: Evidence) -> Booleans:
    """First pages agree, and no volume contradicts."""
    return (e["page"] == 1) & (e["volume"] != -1)


def _same_place(e: Evidence) -> Booleans:
    """First page and one of volume, last page and container agree, and the volume does not contradict."""
    return _same_page(e) & ((e["volume"] == 1) | (e["page_last"] == 1) | (e["container"] == 1))


def _other_place(e: Evidence) -> Booleans:
    return (e["page"] == -1) | (e["volume"] == -1) | ((e["issue"] == -1) & (e["page"] == 0))


def _same_pages(e: Evidence) -> Booleans:
    """First pages agree, and last pages where both are known."""
    return _same_page(e) & (e["page_last"] != -1)


def _same_issue(e: Evidence) -> Booleans:
    return (e["container"] == 1) & (e["volume"] == 1) & (e["issue"] == 1)


def _equal_title(e: Evidence) -> Booleans:
    return (e["title"] >= EQUAL_TITLE) | holds(e, "title_squeezed")


def _near_title(e: Evidence) -> Booleans:
    """Near, or one title is the beginning of the other (a subtitle left out)."""
    return (e["title_words"] >= NEAR_TITLE) | ((e["title_set"] >= 97) & (e["title_length"] >= 4))


def _several_equal_authors(e: Evidence) -> Booleans:
    return (e["authors"] >= EQUAL_AUTHORS) & (e["fewest_authors"] > 1)


def _near_years(e: Evidence) -> Booleans:
    return ~(e["years"] > 1)


# Vetoes --------------------------------------------------------------------------------------------------------------


def announces_another_work(e: Evidence) -> Booleans:
    """An erratum, reply, comment, protocol or retraction in one title only."""
    return holds(e, "notice") & ~(_same_page(e) & (e["page_last"] == 1) & (e["volume"] == 1))


def is_a_preprint_of(e: Evidence) -> Booleans:
    """One is on a preprint server, the other is not."""
    return holds(e, "preprint") & ~_same_id(e) & (e["container"] != 1)


def is_a_registry_entry(e: Evidence) -> Booleans:
    """One stands in a register of trials, the other does not."""
    return holds(e, "registry") & (e["container"] != 1)


def is_a_conference_version(e: Evidence) -> Booleans:
    """A conference container against another one, and no place or identifier in common."""
    elsewhere = _other_place(e) | (e["years"] > 0)
    return holds(e, "meeting") & (e["container"] == -1) & ~_same_id(e) & ~_same_page(e) & elsewhere


def numbers_differ(e: Evidence) -> Booleans:
    """Numbers in the titles (year, dose ...) differ, unless the place says it is one work; parts always count.

    Numbers of a subtitle that the other title does not have contradict nothing.
    """
    trusted = (_same_id(e) & (e["page"] != -1)) | ((e["page"] == 1) & (e["volume"] == 1))
    subtitle = holds(e, "title_rest") & holds(e, "no_parts") & (e["authors"] >= EQUAL_AUTHORS)
    return (e["parts"] == -1) | (~holds(e, "numbers") & ~(trusted & _near_title(e)) & ~subtitle)


def words_exclude_each_other(e: Evidence) -> Booleans:
    """Men against women, in vitro against in vivo, children against adults."""
    return holds(e, "opposites") & ~holds(e, "translated")


def identifiers_and_titles_differ(e: Evidence) -> Booleans:
    """Different DOIs or PubMed numbers, and titles that are not equal."""
    return _other_id(e) & ~_equal_title(e)


def years_differ(e: Evidence) -> Booleans:
    """More than a year apart without a shared identifier or page."""
    same_issue = _same_issue(e) & _equal_title(e) & (e["agree_authors"] == 1)
    return (e["years"] > 1) & ~_same_id(e) & ~_same_place(e) & ~same_issue


def title_recurs(e: Evidence) -> Booleans:
    """A recurring title without a shared identifier, page, or issue and authors.

    A person gives one keynote at a meeting and edits one issue as a guest in a year.
    """
    agrees = (e["years"] == 0) & (e["page_last"] != -1) & (e["issue"] != -1)
    placed = _same_page(e) | ((e["agree_authors"] == 1) & _same_issue(e) & (e["page"] == 0))
    names = ((e["authors"] >= EQUAL_AUTHORS) & (e["initial"] == 1)) | _several_equal_authors(e)
    person = holds(e, "title_squeezed") & names & ~_other_place(e)
    once = person & (holds(e, "meetings") | (holds(e, "guest") & (e["container"] == 1)))
    return holds(e, "recurring") & (e["title"] >= 0) & ~_same_id(e) & ~(agrees & (placed | once))


def title_is_short(e: Evidence) -> Booleans:
    """A short title without a shared identifier or page, or else the year and several authors or author and journal."""
    agrees = (e["years"] == 0) & (e["authors"] >= EQUAL_AUTHORS) & ~_other_place(e)
    title = (holds(e, "title_squeezed") & (e["initial"] != -1)) | (_equal_title(e) & (e["initial"] == 1))
    alone = title & ((e["container"] == 1) | holds(e, "meetings"))
    enough = agrees & ((e["fewest_authors"] > 1) | alone)
    return holds(e, "short") & (e["title"] >= 0) & ~_same_id(e) & ~_same_page(e) & ~holds(e, "url") & ~enough


def authors_differ(e: Evidence) -> Booleans:
    """Hardly any surname in common, and neither identifier nor full place with an equal title."""
    placed = _same_pages(e) & (e["volume"] == 1) & (e["container"] == 1) & (e["years"] == 0) & ~holds(e, "recurring")
    return (e["agree_authors"] == -1) & ~((_same_id(e) | placed) & _equal_title(e))


def places_differ(e: Evidence) -> Booleans:
    """Page and volume both contradict, or one of them in another container: printed twice, or two reports."""
    elsewhere = (e["container"] == -1) & (((e["page"] == -1) & (e["volume"] != 1)) | (e["volume"] == -1))
    return (((e["page"] == -1) & (e["volume"] == -1)) | elsewhere) & ~_same_id(e) & ~same_title_abstract(e)


def titles_differ(e: Evidence) -> Booleans:
    """Titles too far apart for any rule."""
    return (e["title_words"] < LIKE_TITLE) & ~_near_title(e) & (e["title"] >= 0) & ~retitled(e)


TITLES = "titles differ"
YEARS = "years differ"
SHORT = "the title is short, and neither page nor identifier agrees"
VETOES: tuple[tuple[str, Rule], ...] = (
    (TITLES, titles_differ),
    ("one title announces an erratum, reply, comment, protocol or retraction", announces_another_work),
    ("numbers in the titles differ", numbers_differ),
    ("words in the titles exclude each other", words_exclude_each_other),
    ("one is a preprint", is_a_preprint_of),
    ("one stands in a register", is_a_registry_entry),
    ("one is a conference version", is_a_conference_version),
    ("identifiers and titles differ", identifiers_and_titles_differ),
    (YEARS, years_differ),
    ("the title recurs, and neither page nor identifier agrees", title_recurs),
    (SHORT, title_is_short),
    ("authors differ", authors_differ),
    ("page and volume differ", places_differ),
)


# Rules for the same work ---------------------------------------------------------------------------------------------


def same_identifier_near_title(e: Evidence) -> Booleans:
    """An identifier agrees and the titles are near."""
    return _same_id(e) & _near_title(e)


def same_place_near_title(e: Evidence) -> Booleans:
    """Volume and page agree, titles near, authors and years do not contradict."""
    return _same_place(e) & _near_title(e) & _near_years(e)


def same_title_author_page(e: Evidence) -> Booleans:
    """Title, authors and first page agree, and the volume or the container does not contradict."""
    misprint = (e["container"] == 1) & (e["page_last"] != -1) & (e["years"] == 0)
    page = (e["page"] == 1) & ((e["volume"] != -1) | misprint)
    return _equal_title(e) & (e["agree_authors"] == 1) & page & _near_years(e)


def same_title_author_year(e: Evidence) -> Booleans:
    """Title, authors and year agree, nothing about the place contradicts; another journal needs the same abstract."""
    here = (e["container"] != -1) | (e["volume"] == 1) | (e["abstract"] >= EQUAL_ABSTRACT)
    return _equal_title(e) & (e["agree_authors"] == 1) & (e["years"] == 0) & here & ~_other_place(e) & ~_other_id(e)


def same_title_author_journal(e: Evidence) -> Booleans:
    """Long title, authors, container and volume agree; pages or issue contradict, or the year is one off."""
    sure = (e["title_length"] >= VERY_LONG_TITLE) & (e["authors"] >= EQUAL_AUTHORS) & (e["fewest_authors"] > 1)
    return (
        _equal_title(e)
        & (e["title_length"] >= LONG_TITLE)
        & (e["agree_authors"] == 1)
        & _near_years(e)
        & (e["container"] == 1)
        & (e["volume"] == 1)
        & ~_other_id(e)
        & (sure | ((e["issue"] != -1) & ((e["years"] == 0) | (e["page"] != -1))))
    )


def same_title_author_issue(e: Evidence) -> Booleans:
    """Title, authors, container, volume and issue agree; the year is mistyped."""
    return (
        _equal_title(e)
        & ~holds(e, "short")
        & (e["agree_authors"] == 1)
        & _same_issue(e)
        & (e["page"] != -1)
        & ~_other_id(e)
    )


def title_within_title(e: Evidence) -> Booleans:
    """One title holds the other's words; all authors, year, journal, volume and issue agree, the page not otherwise."""
    return (
        (e["title_set"] >= 90)
        & (e["authors"] >= EQUAL_AUTHORS)
        & (e["years"] == 0)
        & _same_issue(e)
        & (e["page"] != -1)
        & (e["page_last"] != -1)
        & ~_other_id(e)
        & ((e["page"] == 1) | (e["title_length"] >= LONG_TITLE))
    )


def same_title_next_year(e: Evidence) -> Booleans:
    """Long title, all of several authors and the container agree, the year is one off."""
    return (
        _equal_title(e)
        & (e["title_length"] >= LONG_TITLE)
        & (e["authors"] >= EQUAL_AUTHORS)
        & (e["fewest_authors"] > 1)
        & _near_years(e)
        & (e["container"] == 1)
        & ~_other_place(e)
        & ~_other_id(e)
    )


def near_title_author_journal(e: Evidence) -> Booleans:
    """Near title, authors, year, container and volume agree; page missing on a side."""
    return (
        _near_title(e)
        & (e["agree_authors"] == 1)
        & (e["years"] == 0)
        & (e["container"] == 1)
        & (e["volume"] == 1)
        & (e["page"] == 0)
        & (e["issue"] != -1)
        & ~_other_id(e)
    )


def near_title_equal_authors(e: Evidence) -> Booleans:
    """Long titles nearly equal, or one with a few words more; all authors and the year agree, nothing contradicts."""
    title = (e["title_words"] >= 90) | ((e["title_set"] >= 97) & (e["title_words"] >= 80))
    here = (e["container"] == 1) | (holds(e, "meetings") & (e["initial"] == 1))
    several = (e["fewest_authors"] > 1) | ((e["title_length"] >= VERY_LONG_TITLE) & here)
    return (
        title
        & (e["title_length"] >= LONG_TITLE)
        & (e["authors"] >= EQUAL_AUTHORS)
        & several
        & (e["years"] == 0)
        & (e["container"] != -1)
        & ~_other_place(e)
        & ~_other_id(e)
    )


def same_title_without_subtitle(e: Evidence) -> Booleans:
    """One title is the beginning of the other; all authors, year and journal agree, the first with the initial.

    Names of meetings have too many forms to agree; there one title may be the end of the other too ("Panel on ...").
    """
    begins = holds(e, "title_begins") & ((e["container"] == 1) | holds(e, "meetings"))
    return (
        (begins | (holds(e, "title_ends") & holds(e, "meetings")))
        & (e["title_length"] >= LONG_TITLE)
        & (((e["authors"] >= NEAR_AUTHORS) & (e["initial"] == 1)) | _several_equal_authors(e))
        & (e["years"] == 0)
        & ~_other_place(e)
        & ~_other_id(e)
    )


def same_title_abstract(e: Evidence) -> Booleans:
    """Long title, all authors, container and abstract agree; the place is misprinted."""
    return (
        _equal_title(e)
        & (e["title_length"] >= LONG_TITLE)
        & (e["authors"] >= EQUAL_AUTHORS)
        & _near_years(e)
        & (e["container"] == 1)
        & (e["abstract"] >= EQUAL_ABSTRACT)
    )


def same_title_journal(e: Evidence) -> Booleans:
    """Long title, year and container agree; authors are missing on a side, and nothing contradicts."""
    return (
        _equal_title(e)
        & (e["title_length"] >= LONG_TITLE)
        & (e["authors"] < 0)
        & (e["years"] == 0)
        & (e["container"] == 1)
        & ~_other_place(e)
        & ~_other_id(e)
    )


def same_title_all_authors(e: Evidence) -> Booleans:
    """Very long title and all authors agree, a year is missing, nothing contradicts."""
    return (
        _equal_title(e)
        & (e["title_length"] >= VERY_LONG_TITLE)
        & (e["authors"] >= EQUAL_AUTHORS)
        & _near_years(e)
        & (e["container"] != -1)
        & (np.isnan(e["years"]))
        & ~_other_place(e)
        & ~_other_id(e)
    )


def same_very_long_title(e: Evidence) -> Booleans:
    """Very long title word for word, and year or container; authors are missing on a side, nothing contradicts."""
    return (
        holds(e, "title_squeezed")
        & (e["title_length"] >= VERY_LONG_TITLE)
        & (e["authors"] < 0)
        & ((e["years"] == 0) | ((e["container"] == 1) & _near_years(e)))
        & (e["container"] != -1)
        & ~_other_place(e)
        & ~_other_id(e)
    )


def same_title_page_address(e: Evidence) -> Booleans:
    """Equal title on one page of the web; nothing contradicts."""
    contradicted = (e["agree_authors"] == -1) | _other_place(e) | _other_id(e)
    return _equal_title(e) & holds(e, "url") & _near_years(e) & ~contradicted


def same_title_author_abstract(e: Evidence) -> Booleans:
    """Equal title, all authors and the abstract; year or container are missing, nothing contradicts."""
    return (
        _equal_title(e)
        & (e["authors"] >= EQUAL_AUTHORS)
        & (e["abstract"] >= EQUAL_ABSTRACT)
        & _near_years(e)
        & (e["container"] != -1)
        & ~_other_place(e)
        & ~_other_id(e)
    )


def untitled_same_identifier(e: Evidence) -> Booleans:
    """A title is missing; an identifier agrees and authors, year and page do not contradict."""
    return (e["title"] < 0) & _same_id(e) & (e["page"] != -1) & _near_years(e)


def untitled_same_place(e: Evidence) -> Booleans:
    """A title is missing; authors, year, container, volume and first page agree."""
    return (
        (e["title"] < 0)
        & (e["agree_authors"] == 1)
        & (e["years"] == 0)
        & (e["container"] == 1)
        & (e["volume"] == 1)
        & _same_pages(e)
        & (e["issue"] != -1)
        & ~_other_id(e)
    )


def retitled(e: Evidence) -> Booleans:
    """Other title (a translation), but the same authors, year, volume, first and last page of several.

    The journal agrees, or may agree; if it has another name, the titles are at least alike.
    """
    journal = (e["container"] != -1) | (e["title_words"] >= LIKE_TITLE)
    return (
        (e["authors"] >= EQUAL_AUTHORS)
        & (e["years"] == 0)
        & journal
        & (e["volume"] == 1)
        & (e["page"] == 1)
        & (e["page_last"] == 1)
        & holds(e, "several_pages")
        & ~_other_id(e)
        & (e["issue"] != -1)
    )


SAME: tuple[tuple[str, Rule], ...] = (
    ("identifier and title", same_identifier_near_title),
    ("title, volume and page", same_place_near_title),
    ("title, authors and page", same_title_author_page),
    ("title, authors and year", same_title_author_year),
    ("title, authors, journal and volume", same_title_author_journal),
    ("title, authors, journal and issue", same_title_author_issue),
    ("near title, authors, journal and volume", near_title_author_journal),
    ("near title, all authors, year and journal", near_title_equal_authors),
    ("title within title, authors and issue", title_within_title),
    ("title without its subtitle, all authors, year and journal", same_title_without_subtitle),
    ("title, authors and journal, next year", same_title_next_year),
    ("title, authors, journal and abstract", same_title_abstract),
    ("title, journal and year", same_title_journal),
    ("title and web address", same_title_page_address),
    ("title, all authors and abstract", same_title_author_abstract),
    ("very long title and all authors; a year is missing", same_title_all_authors),
    ("very long title and year or container; authors are missing", same_very_long_title),
    ("identifier; a title is missing", untitled_same_identifier),
    ("authors, journal, volume and page; a title is missing", untitled_same_place),
    ("authors, journal, volume and pages; the title is another", retitled),
)


# Maybe ---------------------------------------------------------------------------------------------------------------


def equal_title_authors_doubtful_place(e: Evidence) -> Booleans:
    """Equal title and authors; where or when they were printed is in doubt, but does not speak of two printings."""
    return (
        _equal_title(e)
        & (e["agree_authors"] == 1)
        & _near_years(e)
        & ~holds(e, "recurring")
        & ~holds(e, "short")
        & ~printed_twice(e)
    )


def printed_twice(e: Evidence) -> Booleans:
    """The place speaks of two printings: it contradicts in two ways, or in another year or journal. No one is asked.

    A title in brackets is a database's translation, so that another journal may be the translated one.
    """
    known = np.stack([e["volume"], e["issue"], e["page"], e["doi"], e["ids"]])
    contradicted = (known == -1).sum(axis=0)
    elsewhere = (e["container"] == -1) & (contradicted > 0) & ~holds(e, "bracketed")
    another_issue = (e["page"] == 0) & ((e["volume"] == -1) | (e["issue"] == -1))
    another_year = (e["years"] > 0) & (e["container"] != 1)
    return ((contradicted > 1) | elsewhere | another_issue | another_year) & ~_same_id(e)


def equal_title_authors_other_year(e: Evidence) -> Booleans:
    """Long equal title, authors and journal; the years differ and nothing else says when it was printed."""
    return (
        holds(e, "title_squeezed")
        & (e["title_length"] >= VERY_LONG_TITLE)
        & (e["agree_authors"] == 1)
        & (e["years"] > 1)
        & (e["container"] == 1)
        & (e["initial"] != -1)
        & ~holds(e, "recurring")
        & ~_other_place(e)
        & ~_other_id(e)
    )


def near_title_authors_year(e: Evidence) -> Booleans:
    """Near title, authors and year; nothing about the place contradicts."""
    near = (e["title_words"] >= NEAR_TITLE) | ((e["title_set"] >= 97) & (e["title_length"] >= LONG_TITLE))
    here = (e["container"] != -1) & ~_other_place(e) & ~_other_id(e)
    return near & ~holds(e, "short") & (e["agree_authors"] == 1) & (e["years"] == 0) & here


def like_title_same_place(e: Evidence) -> Booleans:
    """A title alike, with first and last page and volume in common."""
    return (e["title_words"] >= LIKE_TITLE) & _same_page(e) & (e["page_last"] == 1) & (e["volume"] == 1)


def equal_title_unknown_authors(e: Evidence) -> Booleans:
    """A long equal title in the same year; authors are missing on a side, and nothing contradicts."""
    return (
        _equal_title(e)
        & (e["title_length"] >= LONG_TITLE)
        & (e["agree_authors"] == 0)
        & (e["years"] == 0)
        & ~_other_place(e)
        & ~_other_id(e)
    )


def short_title_authors_year(e: Evidence) -> Booleans:
    """A short title that does not recur: it, the author and the year agree, the place is unknown."""
    return (
        title_is_short(e)
        & _equal_title(e)
        & ~holds(e, "recurring")
        & (e["authors"] >= EQUAL_AUTHORS)
        & (e["years"] == 0)
        & (e["container"] != -1)
        & ~_other_place(e)
        & ~_other_id(e)
    )


def other_title_same_issue(e: Evidence) -> Booleans:
    """Another title, as of a translation, but all of several authors, year, journal and volume agree.

    No page says that it is one work, and none that it is two. The titles' languages must differ, and two authors must
    share the issue too.
    """
    volume = (e["container"] == 1) & (e["volume"] == 1) & (e["issue"] != -1)
    return (
        _several_equal_authors(e)
        & (e["years"] == 0)
        & volume
        & ((e["issue"] == 1) | (e["fewest_authors"] > 2))
        & (e["page"] == 0)
        & (e["page_last"] == 0)
        & (e["title_words"] < LIKE_TITLE)
        & ~_other_id(e)
        & ~holds(e, "recurring")
        & (e["tongue"] == -1)
        & (e["doi"] == 0)
    )


MAYBE: tuple[tuple[str, Rule], ...] = (
    ("title and authors; the place is in doubt", equal_title_authors_doubtful_place),
    ("title, authors and journal; the year is in doubt", equal_title_authors_other_year),
    ("near title, authors and year", near_title_authors_year),
    ("like title in the same place", like_title_same_place),
    ("title and year; authors are missing", equal_title_unknown_authors),
    ("short title, author and year", short_title_authors_year),
    ("another title by the same authors in one volume", other_title_same_issue),
)


# The decision --------------------------------------------------------------------------------------------------------


def decide_pairs(compared: pd.DataFrame) -> pd.DataFrame:
    """One row per pair: left, right, relation, method (the rule's name), score (0-1), vetoed."""
    evidence = {name: compared[name].to_numpy() for name in compared}  # arrays are ten times quicker than columns
    veto, same = first_rule(evidence, VETOES), first_rule(evidence, SAME)
    maybe, related = first_rule(evidence, MAYBE), relate_pairs(evidence)
    free = veto == ""
    doubtful = free | (veto == SHORT) | (veto == YEARS) | ((veto == TITLES) & other_title_same_issue(evidence))
    cases = [free & (same != ""), doubtful & (maybe != ""), related != ""]
    return pd.DataFrame(
        {
            "left": evidence["left"],
            "right": evidence["right"],
            "relation": np.select(cases, ["same", "maybe", "related"], "different"),
            "method": np.select(cases, [same, maybe, related], np.where(free, "no rule", veto)),
            "score": score_pairs(evidence),
            "vetoed": ~free,
        }
    )


def first_rule(evidence: Evidence, rules: tuple[tuple[str, Rule], ...]) -> npt.NDArray[np.object_]:
    """The name of the first rule that holds for each pair, or an empty text."""
    found = np.full(len(evidence["title"]), "", dtype=object)
    for name, rule in reversed(rules):
        found[rule(evidence)] = name
    return found


WEIGHTS = {
    "title": 4,
    "authors": 2,
    "years": 1,
    "container": 1,
    "volume": 1,
    "page": 2,
    "doi": 3,
    "ids": 3,
    "abstract": 1,
}
"""What each field counts in the score. The score only ranks: it orders the joining and the review list."""


def score_pairs(evidence: Evidence) -> npt.NDArray[np.float64]:
    """Weighted mean agreement (0-1) of the fields that both records have."""
    total, weights = np.zeros(len(evidence["title"])), np.zeros(len(evidence["title"]))
    for name, weight in WEIGHTS.items():
        agreement = _agreement_of(evidence, name)
        known = ~np.isnan(agreement)
        total[known] += weight * agreement[known]
        weights[known] += weight
    return np.round(total / np.maximum(weights, 1), 4)


def _agreement_of(e: Evidence, name: str) -> npt.NDArray[np.float64]:
    """0-1, NaN where a side is missing."""
    if name == "years":
        return np.asarray(1 / (1 + e["years"]))
    values = e["title_words" if name == "title" else name].astype(np.float64)
    if name in ("title", "authors", "abstract"):
        return np.where(values < 0, np.nan, values / 100)
    return np.where(values == 0, np.nan, (values + 1) / 2)
