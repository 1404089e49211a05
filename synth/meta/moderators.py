"""Do groups of studies differ? Each group is pooled by itself, and one test compares them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from synth.errors import UsageError
from synth.meta.cautions import Caution, FewStudies, NoInteractionTest
from synth.meta.effect_sizes import missing_column
from synth.meta.pool import Fit, rma
from synth.meta.tau2 import COMMON_EFFECT

NOT_GIVEN = "not given"
"""The group of rows whose group nobody recorded: shown like any other, never dropped."""


@dataclass(frozen=True, slots=True, eq=False)
class Subgroups:
    """Fits by group, sorted by name, and the test of their difference (Q-between, its df and p; NaN with one group).

    ``too_small`` names the groups with fewer than two studies: they are shown, and nothing in them is pooled.
    ``tau2``: the variance between studies that all groups share, or None where each has its own.
    """

    by: str
    levels: tuple[str, ...]
    fits: tuple[Fit, ...]
    QB: float
    df: int
    QBp: float
    too_small: tuple[str, ...]
    cautions: tuple[Caution, ...] = ()
    tau2: float | None = None

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
            "tau2_common": self.tau2,
            "cautions": [caution.to_dict() for caution in self.cautions],
        }


def subgroups(frame: pd.DataFrame, by: str, *, tau2: str = "separate", **options: Any) -> Subgroups:
    """Pool each group of ``frame[by]``; ``options`` go to rma. Rows without yi and vi do not count.

    ``tau2``: separate (each group has its own), or common (one for all, from the regression on the groups: steadier
    where groups are small; Borenstein et al. 2009, ch. 19). Q-between = sum w (b - b.)^2 over groups with w = 1/se^2;
    se is the model's own, also under Knapp-Hartung, because a chi-square needs it. Raises UsageError for a column that
    is not there.
    """
    if by not in frame.columns:
        raise missing_column(by, [str(column) for column in frame.columns])
    if tau2 not in {"separate", "common"}:
        raise UsageError(f'tau2 = "{tau2}" is no way to treat groups', hint="Choose separate or common")
    usable = frame[np.isfinite(frame["yi"].astype(float)) & np.isfinite(frame["vi"].astype(float))]
    named = usable[by].map(_name_group)
    levels = tuple(sorted(named.unique()))
    shared = _common_tau2(usable, named, options) if tau2 == "common" else None
    fits = tuple(rma(usable[named == level], **_with_tau2(options, shared)) for level in levels)
    q, df, p = compare_groups(fits)
    small = tuple(level for level, fit in zip(levels, fits, strict=True) if fit.k < 2)
    cautions = (*_about_single_studies(small, levels), *_about_claims(levels, fits, p)) if df else ()
    return Subgroups(by, levels, fits, q, df, p, small, cautions, shared)


def _with_tau2(options: dict[str, Any], shared: float | None) -> dict[str, Any]:
    return options if shared is None else {**options, "tau2": shared}


def _common_tau2(usable: pd.DataFrame, named: pd.Series, options: dict[str, Any]) -> float | None:
    """tau2 left between studies of one group, from the regression on the groups; None in a common-effect model."""
    if str(options.get("method", "REML")).upper() in COMMON_EFFECT:
        return None
    frame = pd.DataFrame({"yi": usable["yi"], "vi": usable["vi"], "group": named.astype(str)})
    chosen = {name: value for name, value in options.items() if name in {"method", "test", "level"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=Caution)  # the groups' own fits say what there is to say
        return rma(frame, mods="~ group" if len(set(named)) > 1 else None, **chosen).tau2


def _about_claims(levels: tuple[str, ...], fits: tuple[Fit, ...], p: float) -> tuple[Caution, ...]:
    """Where one group is significant, another is not, and their difference is not either."""
    alpha = 1 - fits[0].level / 100
    sure = [level for level, fit in zip(levels, fits, strict=True) if fit.k > 1 and fit.pvalues[0] < alpha]
    if not sure or len(sure) == len(levels) or p < alpha:
        return ()
    return (
        NoInteractionTest(
            f"Only {', '.join(sure)} has p < {alpha:g}, but the groups do not differ by the test (p = {p:.2g}): "
            "this is no evidence that the effect is confined to some"
        ),
    )


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
