"""From works to studies, and from reports to answers, codes and effects that can be checked."""

from synth.extract.checks import Finding, check_effects, check_studies
from synth.extract.forms import (
    NOT_APPLICABLE,
    NOT_REPORTED,
    UNCLEAR,
    blank_form,
    is_missing,
    parse_value,
    read_answers,
    read_effects,
    read_labels,
    show_value,
)
from synth.extract.quotes import Span, find_quote, normalise_quote
from synth.extract.reconcile import Comparison, QuestionAgreement, compare_people
from synth.extract.sheets import BadSheet, Problem, Sheet, parse_sheet, read_sheet, tell_kind
from synth.extract.studies import link_works, read_studies

__all__ = [
    "NOT_APPLICABLE",
    "NOT_REPORTED",
    "UNCLEAR",
    "BadSheet",
    "Comparison",
    "Finding",
    "Problem",
    "QuestionAgreement",
    "Sheet",
    "Span",
    "blank_form",
    "check_effects",
    "check_studies",
    "compare_people",
    "find_quote",
    "is_missing",
    "link_works",
    "normalise_quote",
    "parse_sheet",
    "parse_value",
    "read_answers",
    "read_effects",
    "read_labels",
    "read_sheet",
    "read_studies",
    "show_value",
    "tell_kind",
]
