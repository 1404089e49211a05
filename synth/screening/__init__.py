"""Screening: criteria, the order of reading, verdicts of several people, replays, stopping, small groups."""

from synth.screening.agree import (
    Agreement,
    Alpha,
    final_verdicts,
    measure_agreement,
    measure_alpha,
    settle_decisions,
    settle_one,
)
from synth.screening.counts import PersonCount, StageCount, count_people, count_stage, list_eligible, trace_found
from synth.screening.criteria import Criteria, check_reason, check_stage, check_verdict, read_criteria
from synth.screening.exchange import guess_kind, translate
from synth.screening.expect import expect_relevant
from synth.screening.explain import Reasons, explain_rows
from synth.screening.groups import GroupBound, GroupRecall, bound_groups, compare_groups, draw_audit
from synth.screening.highlight import find_spans, list_words
from synth.screening.index import TextIndex, build_index
from synth.screening.index_file import load_index, name_index, save_index
from synth.screening.match import MatchTable, find_named, find_work
from synth.screening.rank import (
    LinearRanker,
    Ranker,
    find_ranker,
    join_text,
    join_works,
    label_rows,
    prepare_ranker,
    rank_works,
    score_cold,
)
from synth.screening.rules import Stopper, find_stopper
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
from synth.screening.split import draw_pilot, split_works
from synth.screening.stop import (
    Advice,
    Reading,
    advise_stop,
    asks_ranking,
    bound_missed,
    has_abstract,
    reading_to_lower,
)
from synth.screening.stop_replay import Stopped, Trail, find_stop

__all__ = [
    "Advice",
    "Agreement",
    "Alpha",
    "Criteria",
    "GroupBound",
    "GroupRecall",
    "LinearRanker",
    "MatchTable",
    "PersonCount",
    "Ranker",
    "Reading",
    "Reasons",
    "Replay",
    "StageCount",
    "Stopped",
    "Stopper",
    "TextIndex",
    "Trail",
    "advise_stop",
    "asks_ranking",
    "bound_groups",
    "bound_missed",
    "build_index",
    "check_reason",
    "check_stage",
    "check_verdict",
    "compare_groups",
    "count_people",
    "count_stage",
    "draw_audit",
    "draw_pilot",
    "draw_priors",
    "expect_relevant",
    "explain_rows",
    "final_verdicts",
    "find_named",
    "find_ranker",
    "find_spans",
    "find_stop",
    "find_stopper",
    "find_work",
    "guess_kind",
    "has_abstract",
    "join_text",
    "join_works",
    "label_rows",
    "learn_after_each",
    "learn_in_growing_steps",
    "list_eligible",
    "list_words",
    "load_index",
    "measure_agreement",
    "measure_alpha",
    "name_index",
    "order_frame",
    "prepare_ranker",
    "rank_works",
    "read_criteria",
    "read_sheet",
    "reading_to_lower",
    "replay_screening",
    "save_index",
    "score_cold",
    "score_order",
    "settle_decisions",
    "settle_one",
    "split_works",
    "trace_found",
    "translate",
]
