"""What a program suggests for one title and abstract: plain values, each with the words that prove it."""

from __future__ import annotations

import re
from typing import Any

from synth.extract.design import Design, find_design, score_randomised
from synth.extract.effects import Effect, find_effects
from synth.extract.sample_size import find_sample_size
from synth.extract.study_countries import study_countries
from synth.extract.text import Span, read_text

_SEXES = (("female", r"\b(?:wom[ae]n|girls?|females?|mothers?)\b"), ("male", r"\b(?:men|boys?|males?|fathers?)\b"))
_SEX_PATTERNS = tuple((name, re.compile(words, re.IGNORECASE)) for name, words in _SEXES)
LISTS: dict[str, dict[str, str]] = {
    "setting": {
        "hospital": r"\b(?:hospitals?|inpatients?|wards?|emergency department)\b",
        "primary_care": r"\b(?:primary care|general practi\w+|family practi\w+)\b",
        "school": r"\b(?:schools?|classrooms?|pupils)\b",
        "university": r"\b(?:universit\w+|college students|campus)\b",
        "community": r"\b(?:communit(?:y|ies)(?:-based)?|villages?|neighbou?rhoods?)\b",
        "home": r"\b(?:home visits?|at home|households?)\b",
        "prison": r"\b(?:prisons?|jails?|inmates?|incarcerated)\b",
        "workplace": r"\b(?:workplaces?|employees)\b",
        "online": r"\b(?:online|internet|web-based|smartphone)\b",
    },
    "age_group": {
        "infant": r"\b(?:infants?|newborns?|neonat\w+)\b",
        "child": r"\b(?:child(?:ren)?|paediatric|pediatric)\b",
        "adolescent": r"\b(?:adolescen\w+|teen\w*|youths?|young people)\b",
        "adult": r"\b(?:adults?|wom[ae]n|men|aged (?:1[89]|[2-6]\d))\b",
        "older": r"\b(?:older (?:adults|people|persons)|elderly|geriatric)\b",
    },
    "special_population": {
        "pregnant_postpartum": r"\b(?:pregnan\w+|antenatal|prenatal|postpartum)\b",
        "military_veteran": r"\b(?:veterans?|military)\b",
        "refugee_migrant": r"\b(?:refugees?|asylum seekers?|displaced)\b",
        "ethnic_minority": r"\b(?:indigenous|aboriginal|first nations|ethnic minorit\w+|African[- ]Americans?)\b",
        "ipv_or_abuse_survivor": r"\b(?:(?:survivors?|victims?) of|abused women|battered)\b",
        "prisoner_offender": r"\b(?:prisoners?|inmates?|offenders?)\b",
        "low_income": r"\b(?:low[- ]income|poverty|disadvantaged)\b",
        "disability": r"\bdisabilit\w+",
        "hiv": r"\b(?:living with HIV|HIV[- ](?:positive|infected))\b",
        "lgbtq": r"\b(?:lesbian|gay|bisexual|transgender|LGBT\w*)\b",
        "substance_use": r"\b(?:drug users?|substance (?:use|abuse) disorders?|alcohol dependen\w+)\b",
        "student": r"\bstudents?\b",
        "health_worker": r"\b(?:health ?(?:care)? (?:workers|professionals|providers)|nurses|physicians)\b",
    },
}
_LIST_PATTERNS = {
    field: {label: re.compile(words, re.IGNORECASE) for label, words in labels.items()}
    for field, labels in LISTS.items()
}


def suggest(title: str, body: str, field: str = "abstract") -> dict[str, Any]:
    """Suggestions for one report: values, and under ``evidence`` the confidence and the words behind each.

    ``field`` names what ``body`` is (abstract or text). A quote stands in its field from ``start`` up to ``end``.
    """
    head, text = read_text(title), read_text(body)
    evidence: dict[str, Any] = {}
    design = find_design(head, text)
    _prove_design(evidence, design, title, body, field)
    size = find_sample_size(text, review=design.name == "systematic_review")
    if size:
        evidence["n"] = _quote(body, size.span, field, size.confidence)
    score = score_randomised(head, text)
    return {
        "design": design.name,
        "n": size.n if size else None,
        "countries": _name_countries(title, body),
        "setting": _find_list("setting", title, body, field, evidence),
        "age_group": _find_list("age_group", title, body, field, evidence),
        "special_population": _find_list("special_population", title, body, field, evidence),
        "sex": _find_sex(f"{title} {body}"),
        "effects": [_show(effect, title, "title") for effect in find_effects(head)]
        + [_show(effect, body, field) for effect in find_effects(text)],
        "roles": [],
        "is_rct": design.name == "rct",
        "score": round(score, 4),
        "confidence": size.confidence if size else 0.0,
        "evidence": evidence,
    }


def _prove_design(evidence: dict[str, Any], design: Design, title: str, body: str, field: str) -> None:
    if design.span is None:
        return
    source, name = (title, "title") if design.field == "title" else (body, field)
    evidence["design"] = _quote(source, design.span, name, design.confidence)


def _quote(source: str, span: Span, field: str, confidence: float) -> dict[str, Any]:
    return {
        "confidence": round(confidence, 3),
        "quote": source[span.start : span.end],
        "start": span.start,
        "end": span.end,
        "field": field,
    }


def _show(effect: Effect, source: str, field: str) -> dict[str, Any]:
    place = _quote(source, effect.span, field, 0.9)
    del place["confidence"]
    return {
        "measure": effect.measure,
        "point": effect.point,
        "ci_low": effect.ci_low,
        "ci_high": effect.ci_high,
        **place,
    }


def _name_countries(title: str, body: str) -> list[str]:
    """Of the title and the abstract together."""
    return sorted(study_countries(f"{title}. {body}" if body else title, "abstract" if body else "title"))


def _find_list(name: str, title: str, body: str, field: str, evidence: dict[str, Any]) -> list[str]:
    """Labels of a closed list whose words stand in the text; the first word of each is the proof."""
    found = []
    for label, pattern in _LIST_PATTERNS[name].items():
        for source, place in ((title, "title"), (body, field)):
            match = pattern.search(source)
            if match:
                evidence.setdefault(name, _quote(source, Span(*match.span()), place, 0.6))
                found.append(label)
                break
    return found


def _find_sex(text: str) -> str | None:
    """``mixed`` where both are named, else the only one named."""
    named = [name for name, pattern in _SEX_PATTERNS if pattern.search(text)]
    return "mixed" if len(named) > 1 else named[0] if named else None
