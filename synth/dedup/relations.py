"""What two records are to each other when they are not one work: an erratum, a conference version, a preprint ...

Only pairs that have much in common are related; the rest are simply different. Related works are never merged.
"""

from __future__ import annotations

# In numpy's stubs a comparison of arrays gives Any, so every rule would be said to return Any.
# mypy: disable-error-code="no-any-return"
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Booleans = npt.NDArray[np.bool_]
Evidence = Mapping[str, npt.NDArray[np.float64]]
"""One array per column of ``compare_pairs``, one value per pair; claims (true or false) are read with ``holds``."""

RELATIONS = ("same", "maybe", "related", "different")
"""What a pair can be. Only ``same`` is merged; ``maybe`` is for people to look at."""
KINDS = ("erratum", "reply", "registry", "preprint", "conference", "part", "translation", "version")
"""What ``related`` can mean. An erratum may be a retraction; a reply may be a comment; a registry entry a protocol."""


def holds(e: Evidence, claim: str) -> Booleans:
    """Whether a claim of the evidence is true of each pair."""
    return np.asarray(e[claim], dtype=np.bool_)


def relate_pairs(e: Evidence) -> npt.NDArray[np.object_]:
    """The kind of relation of each pair, or an empty text. The first kind that fits counts."""
    close = _is_close(e)
    elsewhere = _is_elsewhere(e)
    cases = [
        close & holds(e, "corrects"),
        close & holds(e, "replies"),
        (close & holds(e, "announces")) | _is_registered(e),
        close & holds(e, "preprint"),
        close & holds(e, "meeting") & ((e["container"] == -1) | elsewhere),
        close & ~holds(e, "numbers") & (e["title_words"] >= 90),
        close & _is_translated(e) & (elsewhere | (e["container"] == -1)),
        (close & elsewhere) | _is_updated(e),
    ]
    return np.select(cases, KINDS, "").astype(object)


def _is_close(e: Evidence) -> Booleans:
    """Titles equal or one within the other, authors agree, at most three years apart; not a recurring title."""
    title = (e["title_words"] >= 90) | (e["title"] >= 90) | ((e["title_set"] >= 97) & (e["title_length"] >= 5))
    return title & (e["agree_authors"] == 1) & ~(e["years"] > 3) & ~holds(e, "recurring") & ~holds(e, "opposites")


def _is_elsewhere(e: Evidence) -> Booleans:
    return (e["page"] == -1) | (e["volume"] == -1) | (e["doi"] == -1) | (e["ids"] == -1)


def _is_translated(e: Evidence) -> Booleans:
    """A title in brackets (a database's translation), a second title that agrees, or another language."""
    return holds(e, "bracketed") | holds(e, "translated") | (e["language"] == -1)


def _is_registered(e: Evidence) -> Booleans:
    """One stands in a register of trials; the trial's number agrees, or the long title does."""
    title = (e["title_words"] >= 90) & (e["title_length"] >= 6) & (e["agree_authors"] != -1)
    return holds(e, "registry") & ((e["trial"] == 1) | title) & ~holds(e, "opposites")


def _is_updated(e: Evidence) -> Booleans:
    """A long title in the same journal by the same authors years later, as of a review that is kept up to date."""
    long = holds(e, "title_squeezed") & (e["title_length"] >= 6) & ~holds(e, "recurring")
    return long & (e["years"] > 1) & (e["container"] == 1) & (e["agree_authors"] == 1)
