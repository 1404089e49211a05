"""How many relevant works may still be unread.

The test behind the bound is the one of Callaghan & Müller-Hansen 2020 (Systematic Reviews 9:273,
doi:10.1186/s13643-020-01521-4): if the unread works held m relevant ones, how likely would the last stretch of reading
have been as poor as it was, had it been a random sample of what was unread before it? Reading in ranked order finds
relevant works sooner than a random sample would, so the test errs on the safe side.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def bound_missed(found: Sequence[int], total: int, *, alpha: float = 0.05) -> int:
    """The largest number of unread relevant works that the reading so far does not contradict (level 1 - ``alpha``).

    ``found`` holds 1 (relevant or unclear) or 0 for each work in the order of reading, ``total`` counts the works,
    read or not. Every stretch that begins at the start or just after a find, and ends now, is a test; a number is
    contradicted when one of them is below ``alpha``. With nothing unread the bound is 0.
    """
    marks = np.asarray(found, dtype=int)
    unread = total - len(marks)
    low, high = 0, unread
    while low < high:  # the tests' p falls as the number missed grows
        middle = (low + high + 1) // 2
        if _smallest_p(marks, unread, middle) >= alpha:
            low = middle
        else:
            high = middle - 1
    return low


def _smallest_p(marks: np.ndarray[tuple[int], np.dtype[np.int_]], unread: int, missed: int) -> float:
    from scipy.stats import hypergeom  # noqa: PLC0415  loads slowly, and a decision needs none of it

    starts = np.concatenate(([0], np.flatnonzero(marks) + 1))
    lengths = len(marks) - starts
    finds = int(marks.sum()) - np.concatenate(([0], np.cumsum(marks)))[starts]
    return float(hypergeom.cdf(finds, unread + lengths, finds + missed, lengths).min())
