"""Records to works: which records tell of one publication, and how two that do not are related."""

from synth.dedup.cluster import open_cluster, spread_over
from synth.dedup.find import Deduplication, find_groups, group_pieces
from synth.dedup.listing import PAIR_COLUMNS
from synth.dedup.merge import WORK_COLUMNS, merge_works
from synth.dedup.normalise import normalise_piece
from synth.dedup.relations import KINDS, RELATIONS

__all__ = [
    "KINDS",
    "PAIR_COLUMNS",
    "RELATIONS",
    "WORK_COLUMNS",
    "Deduplication",
    "find_groups",
    "group_pieces",
    "merge_works",
    "normalise_piece",
    "open_cluster",
    "spread_over",
]
