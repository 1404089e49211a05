"""Permutation tests of a mean or of moderators, exact where that is feasible.

Without moderators the signs of the estimates are flipped (under no effect each is as likely as the other); with
moderators their rows are shuffled over the studies. Follmann & Proschan (1999), Biometrics 55:732; Higgins & Thompson
(2004), Stat Med 23:1663.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from math import factorial
from typing import Any

import numpy as np

from synth.errors import UsageError
from synth.meta.batch import ManyFits, fit_many
from synth.meta.fit import Fit
from synth.meta.measures import Array
from synth.meta.tau2 import WEIGHTED

MOST_EXACT = 50_000
"""Exact tests of at most this many arrangements are run when nothing else is asked for."""
_LIMIT = 5_000_000
_TIE = 1e-10  # statistics closer than this (relative) count as equal: rounding must not decide


@dataclass(frozen=True, slots=True, eq=False)
class Permutation:
    """``pvalues`` by coefficient (``names``), ``QMp`` of all moderators together, and over how many arrangements."""

    names: tuple[str, ...]
    pvalues: Array
    QMp: float
    arrangements: int
    is_exact: bool
    seed: int | None

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values."""
        return {
            "names": list(self.names),
            "pval": self.pvalues.tolist(),
            "QMp": self.QMp,
            "arrangements": self.arrangements,
            "exact": self.is_exact,
            "seed": self.seed,
        }


def permute(fit: Fit, n: int = 1000, *, exact: bool | None = None, seed: int | None = 1) -> Permutation:
    """Test each coefficient of ``fit`` by ``n`` random arrangements, or by all of them.

    ``exact=None`` runs all arrangements if there are at most MOST_EXACT and not many more than ``n``. A random test
    counts the data as they are among the arrangements (Phipson & Smyth 2010, Stat Appl Genet Mol Biol 9:39), so that
    p is never 0. Two-sided; the model's own method and test make the statistics.
    """
    _check(fit, n)
    total = factorial(fit.k) if fit.is_regression else 2**fit.k
    is_exact = exact if exact is not None else total <= max(n, MOST_EXACT)
    if is_exact and total > _LIMIT:
        raise UsageError(
            f"{total:,} arrangements are too many to run all", hint="Leave exact out, and draw n of them at random"
        )
    rng = np.random.default_rng(seed)
    y, v = _arrange(fit, total if is_exact else n, rng, is_exact=is_exact)
    many = fit_many(y, v, fit.method, Q=fit.columns.Q)
    own = fit_many(fit.yi[None], fit.vi[None], fit.method, Q=fit.columns.Q)
    count = _count_beyond(fit, many, own)
    total = len(y) if is_exact else len(y) + 1
    p = (count if is_exact else count + 1) / total
    return Permutation(fit.names, p[:-1], float(p[-1]), len(y), is_exact, None if is_exact else seed)


def _check(fit: Fit, n: int) -> None:
    if fit.given_weights is not None or fit.tau2_is_fixed or fit.method == WEIGHTED:
        raise UsageError(
            "Permutation tests need the model's own weights and an estimated tau2",
            hint="Fit again without weights, weighted=False or tau2",
        )
    if fit.k <= fit.p or n < 1:
        raise UsageError("There is nothing to permute", hint="Fit more studies than coefficients, and ask for n > 0")


def _arrange(fit: Fit, n: int, rng: np.random.Generator, *, is_exact: bool) -> tuple[Array, Array]:
    if not fit.is_regression:
        return _flip_signs(fit.k, n, rng, is_exact=is_exact) * fit.yi, fit.vi[None]
    orders = _all_orders(fit.k) if is_exact else rng.permuted(np.tile(np.arange(fit.k), (n, 1)), axis=1)
    return fit.yi[orders], fit.vi[orders]


def _all_orders(k: int) -> Any:
    return np.array(list(permutations(range(k))))


def _flip_signs(k: int, n: int, rng: np.random.Generator, *, is_exact: bool) -> Array:
    if is_exact:
        return np.asarray(1.0 - 2.0 * ((np.arange(2**k)[:, None] >> np.arange(k)) & 1), dtype=np.float64)
    return rng.choice(np.array([-1.0, 1.0]), size=(n, k))


def _count_beyond(fit: Fit, many: ManyFits, own: ManyFits) -> Array:
    """How many arrangements are as extreme as the data, for each coefficient and for the joint test."""
    statistics, observed = _statistics(fit, many), _statistics(fit, own)[0]
    found: Array = (statistics >= observed - _TIE * np.maximum(1.0, np.abs(observed))).sum(axis=0)
    return found


def _statistics(fit: Fit, many: ManyFits) -> Array:
    """Absolute z or t of each coefficient, and QM, by row: (B, p + 1)."""
    back = np.linalg.inv(fit.columns.R)
    params = many.params @ back.T
    cov = back @ (many.scale(fit.test)[:, None, None] * many.cov) @ back.T
    z = np.abs(params) / np.sqrt(np.einsum("bii->bi", cov))
    which = list(fit.columns.moderators)
    b = params[:, which]
    solved = np.linalg.solve(cov[:, which][:, :, which], b[:, :, None])[:, :, 0]
    return np.column_stack([z, np.einsum("bi,bi->b", b, solved)])
