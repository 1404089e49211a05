"""Who is to read what: a pilot that everybody reads, and the rest divided fairly."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np


def draw_pilot(work_ids: Sequence[str], number: int, seed: int) -> list[str]:
    """``number`` works at random (all of them if there are fewer), by name."""
    names = sorted(work_ids)
    chosen = np.random.default_rng(seed).permutation(len(names))[:number]
    return sorted(names[at] for at in chosen)


def split_works(work_ids: Sequence[str], people: Sequence[str], *, each: int, seed: int) -> dict[str, list[str]]:
    """Person to works, by name: every work goes to ``each`` people, and everybody has as many as everybody else.

    Works are shuffled; each goes to those who have fewest so far, and among these to those who share fewest works.
    Raises ValueError if ``each`` is more than the number of people.
    """
    if not 1 <= each <= len(people):
        raise ValueError(each)
    names = sorted(work_ids)
    shuffled = [names[at] for at in np.random.default_rng(seed).permutation(len(names))]
    groups = list(combinations(range(len(people)), each))
    given: dict[str, list[str]] = {person: [] for person in people}
    used = [0] * len(groups)
    for work in shuffled:
        sizes = [len(given[person]) for person in people]
        turn = min(range(len(groups)), key=lambda at: (sum(sizes[one] for one in groups[at]), used[at], at))
        used[turn] += 1
        for one in groups[turn]:
            given[people[one]].append(work)
    return {person: sorted(works) for person, works in given.items()}
