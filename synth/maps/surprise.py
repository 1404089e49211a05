"""Surprising gaps: cells with fewer studies than their row and column lead one to expect, with false discovery held.

Studies are the unit. If whole sets of column codes were dealt out anew among the studies, the number of studies in
both a row and a column would be hypergeometric in the two margins, however many codes each study has: so p is exact
(Fisher's one-sided test) and a study coded many times stays one study. q is Benjamini and Yekutieli's (2001, Annals
of Statistics 29:1165), which holds under any dependence between cells.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from synth.maps.cells import NOT_CODED, TOTAL, GapTable


def score_surprise(table: GapTable) -> pd.DataFrame:
    """row, col, n, expected, score, p, q of every cell; score is (expected - n) / sd, high for a surprising gap.

    p: how often chance alone gives as few studies or fewer. Margins and what is not coded are left out.
    """
    from scipy.stats import hypergeom  # noqa: PLC0415  heavy, and most maps are drawn without it

    rows, cols = (_margins(table, side) for side in ("row", "col"))
    names = [(row, col) for row in rows for col in cols]
    n = np.array([table.cell(*name)["n"] for name in names], dtype=int)
    row_n, col_n = (np.array([margin[name[place]] for name in names]) for place, margin in enumerate((rows, cols)))
    total = max(int(table.cell()["n"]), 1)
    expected = row_n * col_n / total
    spread = expected * (1 - row_n / total) * (total - col_n) / max(total - 1, 1)
    score = np.divide(expected - n, np.sqrt(spread), out=np.zeros(len(names)), where=spread > 0)
    p = hypergeom.cdf(n, total, row_n, col_n) if names else np.zeros(0)
    frame = pd.DataFrame(names, columns=["row", "col"])
    return frame.assign(n=n, expected=expected, score=score, p=p, q=control_discoveries(p))


def _margins(table: GapTable, side: str) -> dict[str, int]:
    """Studies of every term."""
    terms = table.row_terms if side == "row" else table.col_terms
    keys = {term.id: (term.id, TOTAL) if side == "row" else (TOTAL, term.id) for term in terms}
    return {name: int(table.cell(*key)["n"]) for name, key in keys.items() if name != NOT_CODED}


def control_discoveries(p: np.ndarray) -> np.ndarray:
    """Benjamini and Yekutieli's q of every p; calling all q <= .05 holds false discoveries at .05 or less."""
    if not len(p):
        return p
    order = np.argsort(p, kind="stable")
    ranks = np.arange(1, len(p) + 1)
    raised = p[order] * len(p) * np.sum(1 / ranks) / ranks
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1)
    return q
