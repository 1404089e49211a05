"""Evidence-gap maps: studies counted in the cells of two axes, and the gaps between them."""

from synth.maps.cells import NOT_CODED, TOTAL, GapTable, Term, count_cells, flatten_terms
from synth.maps.evidence import EVIDENCE_KINDS, EvidenceKind, classify_evidence
from synth.maps.evidence_map import Axis, EvidenceMap, build_map, count_map
from synth.maps.gaps import GAP_STATES, GapState, count_gaps, find_gaps, tabulate_map
from synth.maps.surprise import score_surprise

__all__ = [
    "EVIDENCE_KINDS",
    "GAP_STATES",
    "NOT_CODED",
    "TOTAL",
    "Axis",
    "EvidenceKind",
    "EvidenceMap",
    "GapState",
    "GapTable",
    "Term",
    "build_map",
    "classify_evidence",
    "count_cells",
    "count_gaps",
    "count_map",
    "find_gaps",
    "flatten_terms",
    "score_surprise",
    "tabulate_map",
]
