"""What kind of study a title and abstract tell of, by the words that name designs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from synth.extract.text import Span, Text

DESIGNS: tuple[tuple[str, float, str], ...] = (
    ("lab_animal", 0.9, r"\b(?:mice|rats|rabbits|zebrafish|murine|in vitro|cell lines?|knockout|mouse model)\b"),
    (
        "protocol",
        0.9,
        (
            r"\b(?:study protocol|protocol for|protocol of|trial protocol|will be (?:randomi[sz]ed|recruited|conducted|"
            r"included|assessed|searched|collected|enrol+ed|measured|analy[sz]ed)|we will)\b"
        ),
    ),
    (
        "systematic_review",
        0.9,
        (
            r"\b(?:systematic(?:ally)? (?:literature )?review\w*|meta-?analys[ei]s|scoping review|umbrella review|"
            r"systematically searched|rapid review)\b"
        ),
    ),
    (
        "economic_evaluation",
        0.85,
        r"\b(?:cost-?effectiveness|cost-?utility|cost-?benefit|economic evaluation|quality-adjusted life|Markov)\b",
    ),
    (
        "mixed_methods",
        0.85,
        r"\b(?:mixed[- ]methods?|process evaluation|quantitative and qualitative|qualitative and quantitative)\b",
    ),
    (
        "rct",
        0.9,
        r"\b(?:randomi[sz]ed|randomly (?:assigned|allocated)|randomi[sz]ation|RCT|placebo|double-?blind)\b",
    ),
    (
        "quasi_experimental",
        0.8,
        (
            r"\b(?:quasi-?experiment\w*|interrupted time series|difference-?in-?differences?|"
            r"pre-? ?(?:test|and) ?-?post-?\w*|"
            r"pretest|before[- ](?:and|-)[- ]?after|non-?randomi[sz]ed|regression discontinuity|propensity score|"
            r"control(?:led)? group)\b"
        ),
    ),
    ("case_control", 0.9, r"\bcase-? ?control\b"),
    (
        "cohort",
        0.8,
        r"\b(?:cohort|prospective(?:ly)?|longitudinal\w*|follow(?:ed)?[- ]up|retrospective(?:ly)?|panel study)\b",
    ),
    (
        "qualitative",
        0.85,
        (
            r"\b(?:qualitative\w*|focus groups?|in-?depth interviews?|semi-?structured interviews?|thematic analysis|"
            r"grounded theory|ethnograph\w*|phenomenolog\w*)\b"
        ),
    ),
    (
        "cross_sectional",
        0.8,
        r"\b(?:cross-?sectional\w*|survey\w*|prevalence|questionnaires?|nationally representative)\b",
    ),
    ("case_report", 0.85, r"\b(?:case report|case series|we report (?:a|the) case|a case of|\d+-year-old)\b"),
    (
        "narrative_review",
        0.7,
        (
            r"\b(?:this (?:review|article|paper|chapter) (?:reviews?|discusses|describes|summari[sz]es|examines|"
            r"explores)|narrative review|literature review|overview|is reviewed|are reviewed|review)\b"
        ),
    ),
)
_PATTERNS = tuple((name, weight, re.compile(words, re.IGNORECASE)) for name, weight, words in DESIGNS)
_TITLE_COUNTS = 3.0
_RANDOMISED = re.compile(DESIGNS[5][2], re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Design:
    """A design (one of fourteen), its confidence (0 to 1) and the words that show it (None for ``other``)."""

    name: str
    confidence: float
    span: Span | None
    field: str


def find_design(title: Text, body: Text) -> Design:
    """The design whose words weigh most, those of the title three times; of equal ones the first of ``DESIGNS``."""
    best, most = Design("other", 0.3, None, "title"), 0.0
    for name, weight, pattern in _PATTERNS:
        in_title, in_body = list(pattern.finditer(title.text)), list(pattern.finditer(body.text))
        score = weight * (_TITLE_COUNTS * min(len(in_title), 1) + min(len(in_body), 3))
        if score > most:
            text, match, field = (title, in_title[0], "title") if in_title else (body, in_body[0], "body")
            most, best = score, Design(name, min(0.5 + score / 10, 0.95), text.span(*match.span()), field)
    return best


def score_randomised(title: Text, body: Text) -> float:
    """How sure the words are of a randomised trial (0 to 1): words in the title and in the text, less for reviews."""
    design = find_design(title, body)
    words = 3 * len(_RANDOMISED.findall(title.text)) + len(_RANDOMISED.findall(body.text))
    share = words / (words + 2)
    return share if design.name in {"rct", "mixed_methods", "economic_evaluation"} else share / 2
