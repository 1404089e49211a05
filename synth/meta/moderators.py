"""Do groups of studies differ? Each group is pooled by itself, and one test compares them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from synth.meta.cautions import Caution, FewStudies
from synth.meta.effect_sizes import missing_column
from synth.meta.pool import Fit, rma
from synth.meta.tau2 import COMMON_EFFECT

NOT_GIVEN = "not given"
"""The group of rows whose group nobody recorded: shown like any other, never dropped."""


@dataclass(frozen=True, slots=True, eq=False)
class Subgroups:
    """Fits by group, sorted by name, and the test of their difference (Q-between, its df and p; NaN with one group).

    ``too_small`` names the groups with fewer than two studies: they are shown, and nothing in them is pooled.
    """

    by: str
    levels: tuple[str, ...]
    fits: tuple[Fit, ...]
    QB: float
    df: int
    QBp: float
    too_small: tuple[str, ...]
    cautions: tuple[Caution, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values."""
        return {
            "by": self.by,
            "levels": list(self.levels),
            "fits": [fit.to_dict() for fit in self.fits],
            "Q_between": None if self.df == 0 else self.QB,
            "df_between": self.df,
            "p_between": None if self.df == 0 else self.QBp,
            "too_small": list(self.too_small),
            "cautions": [caution.to_dict() for caution in self.cautions],
        }


def subgroups(frame: pd.DataFrame, by: str, **options: Any) -> Subgroups:
    """Pool each group of ``frame[by]`` with its own tau2; ``options`` go to rma. Rows without yi and vi do not count.

    Q-between = sum w (b - b.)^2 over groups with w = 1/se^2 (Borenstein et al. 2009, ch. 19); se is the model's own,
    also under Knapp-Hartung, because a chi-square needs it. Raises UsageError for a column that is not there.
    """
    if by not in frame.columns:
        raise missing_column(by, [str(column) for column in frame.columns])
    usable = frame[np.isfinite(frame["yi"].astype(float)) & np.isfinite(frame["vi"].astype(float))]
    named = usable[by].map(_name_group)
    levels = tuple(sorted(named.unique()))
    fits = tuple(rma(usable[named == level], **options) for level in levels)
    q, df, p = compare_groups(fits)
    small = tuple(level for level, fit in zip(levels, fits, strict=True) if fit.k < 2)
    return Subgroups(by, levels, fits, q, df, p, small, _about_single_studies(small, levels) if df else ())


def _about_single_studies(small: tuple[str, ...], levels: tuple[str, ...]) -> tuple[Caution, ...]:
    if not small:
        return ()
    words = "group is one study" if len(small) == 1 else "groups are one study each"
    return (FewStudies(f"{len(small)} of {len(levels)} {words}: the test compares studies rather than groups"),)


def _name_group(value: Any) -> str:
    if value is None or pd.isna(value) or not str(value).strip():
        return NOT_GIVEN
    return f"{value:g}" if isinstance(value, float) else str(value).strip()


def compare_groups(fits: tuple[Fit, ...]) -> tuple[float, int, float]:
    """Q-between, its degrees of freedom and p."""
    df = len(fits) - 1
    if df < 1:
        return float("nan"), 0, float("nan")
    estimates = np.array([fit.estimate for fit in fits])
    weights = np.array([np.sum(1 / (fit.vi + (0.0 if fit.method in COMMON_EFFECT else fit.tau2))) for fit in fits])
    q = float(weights @ (estimates - weights @ estimates / weights.sum()) ** 2)
    return q, df, float(chdtrc(df, q))
