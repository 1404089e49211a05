"""Kinds of evidence: the few classes that a bubble can show, told from the words of a study's design."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EvidenceKind:
    """One class. ``words``: pieces of a design's name that put a study here."""

    id: str
    label: str
    words: tuple[str, ...] = ()


EVIDENCE_KINDS = (
    EvidenceKind("randomised", "Randomised trial", ("random", "rct")),
    EvidenceKind(
        "comparative",
        "Other study with numbers",
        (
            "quasi",
            "non-random",
            "nonrandom",
            "not random",
            "before-after",
            "before-and-after",
            "pre-post",
            "prepost",
            "pre–post",
            "cohort",
            "cross-sectional",
            "time series",
            "single-case",
            "case-control",
            "controlled",
            "observational",
            "survey",
        ),
    ),
    EvidenceKind(
        "qualitative",
        "Qualitative or mixed methods",
        ("qualitative", "mixed", "realist", "ethnograph", "interview", "participatory", "case study"),
    ),
    EvidenceKind("other", "Cost, practice, other or not coded"),
    EvidenceKind("ongoing", "Protocol or ongoing", ("protocol", "ongoing")),
    EvidenceKind("review", "Review"),
)
"""In the order in which they stand in every cell and legend. "other" takes what nothing else takes."""

_BY_ID = {kind.id: kind for kind in EVIDENCE_KINDS}


def classify_evidence(designs: Iterable[str], kind: str = "primary") -> str:
    """The id of the kind of evidence of a study with these design codes. ``kind`` is primary or review.

    A study with several designs goes to the first that fits: protocol or ongoing, a trial that is randomised, other
    numbers, qualitative. "Quasi-randomised" and "non-randomised" are not randomised.
    """
    if kind == "review":
        return "review"
    names = [" ".join(design.casefold().split()) for design in designs]
    for candidate in ("ongoing", "randomised", "comparative", "qualitative"):
        if any(_fits(name, candidate) for name in names):
            return candidate
    return "other"


def _fits(design: str, candidate: str) -> bool:
    if candidate == "randomised" and _fits(design, "comparative") and not _is_controlled_trial(design):
        return False
    return any(word in design for word in _BY_ID[candidate].words)


def _is_controlled_trial(design: str) -> bool:
    """Whether only "controlled" speaks for another design: a randomised controlled trial is randomised."""
    rest = design.replace("controlled", "")
    return not any(word in rest for word in _BY_ID["comparative"].words)
