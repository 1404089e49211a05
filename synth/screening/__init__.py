"""Screening: criteria, the order of reading, verdicts of several people, replays, a bound on what is missed."""

from synth.screening.agree import Agreement, final_verdicts, measure_agreement, settle_decisions
from synth.screening.counts import PersonCount, StageCount, count_people, count_stage, list_eligible, trace_found
from synth.screening.criteria import (
    Criteria,
    check_reason,
    check_stage,
    check_verdict,
    read_criteria,
)
from synth.screening.match import MatchTable, find_work
from synth.screening.rank import LinearRanker, Ranker, TextIndex, find_ranker, join_text, rank_works
from synth.screening.sheet import read_sheet
from synth.screening.simulate import (
    Replay,
    draw_priors,
    learn_after_each,
    learn_in_growing_steps,
    order_frame,
    replay_screening,
    score_order,
)
from synth.screening.stop import bound_missed

__all__ = [
    "Agreement",
    "Criteria",
    "LinearRanker",
    "MatchTable",
    "PersonCount",
    "Ranker",
    "Replay",
    "StageCount",
    "TextIndex",
    "bound_missed",
    "check_reason",
    "check_stage",
    "check_verdict",
    "count_people",
    "count_stage",
    "draw_priors",
    "final_verdicts",
    "find_ranker",
    "find_work",
    "join_text",
    "learn_after_each",
    "learn_in_growing_steps",
    "list_eligible",
    "measure_agreement",
    "order_frame",
    "rank_works",
    "read_criteria",
    "read_sheet",
    "replay_screening",
    "score_order",
    "settle_decisions",
    "trace_found",
]
