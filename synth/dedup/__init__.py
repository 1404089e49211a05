"""Records to works: which records tell of one publication, and how two that do not are related."""

from synth.dedup.find import PAIR_COLUMNS, Deduplication, find_groups
from synth.dedup.merge import WORK_COLUMNS, merge_works
from synth.dedup.relations import RELATIONS

__all__ = ["PAIR_COLUMNS", "RELATIONS", "WORK_COLUMNS", "Deduplication", "find_groups", "merge_works"]
