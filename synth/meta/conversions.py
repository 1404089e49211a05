"""From what papers print to what can be pooled: tests, intervals, margins, medians and quartiles.

Sources, by short name in the docstrings:
COCH  Cochrane Handbook (v6.3), chapter 6
LUO   Luo et al. (2018), Stat Methods Med Res 27:1785 (means); WAN Wan et al. (2014), BMC Med Res Methodol 14:135
SHI   Shi et al. (2020), Res Synth Methods 11:641 (standard deviations from all five numbers)
HOZO  Hozo, Djulbegovic & Hozo (2005), BMC Med Res Methodol 5:13; BLAND Bland (2015), Int J Stat Med Res 4:57
SHILN Shi, Tong, Wang & Genton (2020), Stat Interface 13:519 (log-normal outcomes)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy.special import chdtri, ndtri, stdtrit

from synth.errors import UsageError
from synth.meta.cautions import Caution, issue
from synth.meta.measures import Array

Numbers = float | Sequence[float] | Array
Change = Callable[[Array], Array]


class SkewedSummary(Caution):
    """Medians and quartiles that no symmetric distribution would have: a mean made from them misleads."""


def _array(values: Numbers) -> Array:
    return np.atleast_1d(np.asarray(values, dtype=np.float64))


def convert_2x2(
    *, n1i: Numbers, n2i: Numbers, ni: Numbers, ori: Numbers | None = None, ri: Numbers | None = None,
    x2i: Numbers | None = None, correct: bool = True, whole: bool = True,
) -> pd.DataFrame:  # fmt: skip
    """Rebuild tables from margins and one statistic: odds ratio ``ori``, phi ``ri`` or chi-square ``x2i``.

    ``n1i``: people in the first row (a + b); ``n2i``: people with the event (a + c); ``ni``: all. A negative ``x2i``
    stands for a negative association; ``correct``: it was computed with Yates's correction. ``whole`` rounds to people.
    Columns ai, bi, ci, di; NaN where no table fits. Raises UsageError unless exactly one statistic is given.
    """
    given = [value for value in (ori, ri, x2i) if value is not None]
    if len(given) != 1:
        raise UsageError("A table needs exactly one of ori, ri and x2i", hint="Give the margins and one statistic")
    row, column, total = _array(n1i), _array(n2i), _array(ni)
    if ori is not None:
        ai = _from_odds_ratio(_array(ori), row, column, total)
    else:
        root = np.sqrt(row * (total - row) * column * (total - column))
        phi = _array(ri) if ri is not None else _signed_phi(_array(given[0]), root, total, correct=correct)
        ai = row * column / total + phi * root / total
    return _as_table(np.round(ai) if whole else ai, row, column, total)


def _signed_phi(x2: Array, root: Array, total: Array, *, correct: bool) -> Array:
    """Phi of a chi-square: |ad - bc| = sqrt(x2/n) root, plus n/2 if Yates's correction had taken it away."""
    distance = np.sqrt(np.abs(x2) / total) * root + (total / 2 if correct else 0.0)
    return np.asarray(np.where(x2 < 0, -1.0, 1.0) * distance / root)


def _from_odds_ratio(odds_ratio: Array, row: Array, column: Array, total: Array) -> Array:
    square, linear = 1 - odds_ratio, total - row - column + odds_ratio * (row + column)
    root = np.sqrt(linear**2 + 4 * square * odds_ratio * row * column)
    return np.asarray(2 * odds_ratio * row * column / (linear + root))


def _as_table(ai: Array, row: Array, column: Array, total: Array) -> pd.DataFrame:
    cells = {"ai": ai, "bi": row - ai, "ci": column - ai, "di": total - row - column + ai}
    possible = np.all([cell >= 0 for cell in cells.values()], axis=0)
    return pd.DataFrame({name: np.where(possible, cell, np.nan) for name, cell in cells.items()})


def convert_wald(
    out: Numbers, *, ci_lb: Numbers | None = None, ci_ub: Numbers | None = None, zval: Numbers | None = None,
    pval: Numbers | None = None, tval: Numbers | None = None, df: Numbers | None = None, level: float = 95,
    transf: Change | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Yi and vi from an estimate with its interval, z, t (with ``df``) or two-sided p (COCH, 6.3).

    ``transf`` (such as numpy.log) is applied to the estimate and to the limits; z, t and p are those of the transformed
    estimate. With ``df`` intervals and p-values are those of t. What no variance follows from is NaN.
    """
    change = transf or (lambda x: x)
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = np.asarray(change(_array(out)), dtype=np.float64)
        statistic = zval if tval is None else tval
        limits = None if ci_lb is None or ci_ub is None else (change(_array(ci_lb)), change(_array(ci_ub)))
        se = _standard_error(yi, limits, statistic=statistic, pval=pval, df=df, level=level)
    vi = np.where(np.isfinite(se) & (se > 0), se**2, np.nan)
    return pd.DataFrame({"yi": yi, "vi": vi})


def _standard_error(
    yi: Array, limits: tuple[Array, Array] | None, *, statistic: Numbers | None, pval: Numbers | None,
    df: Numbers | None, level: float,
) -> Array:  # fmt: skip
    """By the interval where there is one, else by the statistic, else by p."""
    found = np.full(len(yi), np.nan)
    if limits is not None:
        found = np.asarray((limits[1] - limits[0]) / (2 * _critical(np.full(len(yi), 1 - level / 100), df)))
    if statistic is not None:
        found = np.where(np.isfinite(found), found, np.abs(yi / _array(statistic)))
    if pval is not None:
        found = np.where(np.isfinite(found), found, np.abs(yi) / _critical(_array(pval), df))
    return found


def _critical(p: Array, df: Numbers | None) -> Array:
    """The value that a two-sided p belongs to."""
    inside = np.where((p > 0) & (p < 1), p, np.nan)
    if df is None:
        return np.asarray(-ndtri(inside / 2))
    return np.asarray(-stdtrit(_array(df), inside / 2))


def convert_delta(yi: Numbers, vi: Numbers, transf: Change) -> pd.DataFrame:
    """Yi and vi of a transformation, by the delta method with a numerical slope (six-point differences)."""
    values, variances = _array(yi), _array(vi)
    step = 1e-3 * np.maximum(np.abs(values), 1e-2)

    def across(times: float) -> Array:
        return np.asarray(transf(values + times * step) - transf(values - times * step))

    slope = (45 * across(1) - 9 * across(2) + across(3)) / (60 * step)
    return pd.DataFrame({"yi": np.asarray(transf(values)), "vi": slope**2 * variances})


def convert_t(tval: Numbers, n1i: Numbers, n2i: Numbers) -> Array:
    """Standardised differences (not corrected) from two-sample t: t sqrt(1/n1 + 1/n2) (COCH, 6.5.2)."""
    return _array(tval) * np.sqrt(1 / _array(n1i) + 1 / _array(n2i))


def convert_p(pval: Numbers, n1i: Numbers, n2i: Numbers, *, sign: Numbers = 1.0) -> Array:
    """Standardised differences (not corrected) from two-sided p of a two-sample t-test, with the sign given."""
    one, two = _array(n1i), _array(n2i)
    return convert_t(np.sign(_array(sign)) * _critical(_array(pval), one + two - 2), one, two)


def convert_chi2_p(pval: Numbers) -> Array:
    """The chi-square with one degree of freedom that a p belongs to."""
    return np.asarray(chdtri(1, _array(pval)))


def se_to_sd(se: Numbers, n: Numbers) -> Array:
    """Standard deviations from standard errors of means (COCH, 6.5.2.2)."""
    return _array(se) * np.sqrt(_array(n))


_FIVE = ("minimum", "q1", "median", "q3", "maximum")


class _Five:
    """Minimum, quartiles, median, maximum and size; what was not reported is NaN."""

    def __init__(self, values: dict[str, Numbers | None], n: Numbers) -> None:
        self.n = _array(n)
        for name in _FIVE:
            given = values[name]
            setattr(self, name, np.full(len(self.n), np.nan) if given is None else _array(given))

    minimum: Array
    q1: Array
    median: Array
    q3: Array
    maximum: Array

    @property
    def range_width(self) -> Array:
        """The expected range of n normal values, in standard deviations (WAN)."""
        return np.asarray(2 * ndtri((self.n - 0.375) / (self.n + 0.25)))

    @property
    def quartile_width(self) -> Array:
        """The expected distance of the quartiles of n normal values, in standard deviations (WAN)."""
        return np.asarray(2 * ndtri((0.75 * self.n - 0.125) / (self.n + 0.25)))

    def has(self, *names: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """In which studies all of these were reported."""
        return np.asarray(np.all([np.isfinite(getattr(self, name)) for name in names], axis=0))

    def kind(self) -> Array:
        """3: five numbers, 2: quartiles, 1: range, 0: too little; by study."""
        quartiles, ends = self.has("q1", "median", "q3"), self.has("minimum", "median", "maximum")
        return np.where(quartiles & ends, 3, np.where(quartiles, 2, np.where(ends, 1, 0)))


def _choose(kind: Array, of_range: Array, of_quartiles: Array, of_five: Array) -> Array:
    return np.select([kind == 3, kind == 2, kind == 1], [of_five, of_quartiles, of_range], np.nan)


def _mean_luo(five: _Five) -> Array:
    """The optimal weights of mid-range, mid-quartiles and median (LUO)."""
    n, ends, quartiles = five.n, (five.minimum + five.maximum) / 2, (five.q1 + five.q3) / 2
    w_range, w_quartiles = 4 / (4 + n**0.75), 0.7 + 0.39 / n
    w1, w2 = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    return _choose(
        five.kind(),
        w_range * ends + (1 - w_range) * five.median,
        w_quartiles * quartiles + (1 - w_quartiles) * five.median,
        w1 * ends + w2 * quartiles + (1 - w1 - w2) * five.median,
    )


def _mean_hozo(five: _Five) -> Array:
    small = (five.minimum + 2 * five.median + five.maximum) / 4
    return np.where(five.kind() == 1, np.where(five.n <= 25, small, five.median), np.nan)


def _mean_bland(five: _Five) -> Array:
    return (five.minimum + 2 * five.q1 + 2 * five.median + 2 * five.q3 + five.maximum) / 8


def _sd_wan(five: _Five) -> Array:
    ends, quartiles = (five.maximum - five.minimum) / five.range_width, (five.q3 - five.q1) / five.quartile_width
    return _choose(five.kind(), ends, quartiles, (ends + quartiles) / 2)


def _sd_shi(five: _Five) -> Array:
    """Weights that move with the size (SHI); five numbers only."""
    ends, quartiles = (five.maximum - five.minimum) / five.range_width, (five.q3 - five.q1) / five.quartile_width
    w = 1 / (1 + 0.07 * five.n**0.6)
    return np.where(five.kind() == 3, w * ends + (1 - w) * quartiles, np.nan)


def _sd_shi_or_wan(five: _Five) -> Array:
    return np.where(five.kind() == 3, _sd_shi(five), _sd_wan(five))


def _sd_hozo(five: _Five) -> Array:
    width = five.maximum - five.minimum
    small = np.sqrt((width**2 + (five.minimum - 2 * five.median + five.maximum) ** 2 / 4) / 12)
    found = np.where(five.n <= 15, small, np.where(five.n <= 70, width / 4, width / 6))
    return np.where(five.kind() == 1, found, np.nan)


def _sd_bland(five: _Five) -> Array:
    a, q1, m, q3, b = five.minimum, five.q1, five.median, five.q3, five.maximum
    squares = (a**2 + 2 * q1**2 + 2 * m**2 + 2 * q3**2 + b**2) / 16
    products = (a * q1 + q1 * m + m * q3 + q3 * b) / 8
    return np.asarray(np.sqrt(squares + products - (a + 2 * q1 + 2 * m + 2 * q3 + b) ** 2 / 64))


_MEANS = {"luo2016": _mean_luo, "hozo2005": _mean_hozo, "bland2015": _mean_bland}
_SDS = {"default": _sd_shi_or_wan, "wan2014": _sd_wan, "shi2020": _sd_shi, "hozo2005": _sd_hozo, "bland2015": _sd_bland}


def convert_five_numbers(
    *, n: Numbers, median: Numbers, minimum: Numbers | None = None, q1: Numbers | None = None,
    q3: Numbers | None = None, maximum: Numbers | None = None, mean_method: str = "luo2016",
    sd_method: str = "default", dist: str = "norm",
) -> pd.DataFrame:  # fmt: skip
    """Mean and sd from a median with its range, its quartiles, or both; NaN where too little is reported.

    ``mean_method``: luo2016, hozo2005 (range only) or bland2015 (five numbers). ``sd_method``: default (shi2020 for
    five numbers, else wan2014) or one of them, hozo2005, bland2015. ``dist="lnorm"``: the formulas on the logarithms,
    turned back by exp(m + s^2/2) and its variance (SHILN, without the correction for small samples). Order and skew
    are checked: numbers out of order raise UsageError, strong skew is a caution.
    """
    for name, known, what in ((mean_method, _MEANS, "mean"), (sd_method, _SDS, "standard deviation")):
        if name not in known:
            raise UsageError(f'There is no method "{name}" for the {what}', hint=f"Choose one of {', '.join(known)}")
    five = _Five({"minimum": minimum, "q1": q1, "median": median, "q3": q3, "maximum": maximum}, n)
    _check_order(five)
    if dist == "lnorm":
        return _from_logarithms(five)
    if dist != "norm":
        raise UsageError(f'There is no distribution "{dist}" here', hint="Choose norm or lnorm")
    _warn_of_skew(five)
    return pd.DataFrame({"mean": _MEANS[mean_method](five), "sd": _SDS[sd_method](five)})


def _check_order(five: _Five) -> None:
    seen = np.fmax.accumulate(np.array([five.minimum, five.q1, five.median, five.q3, five.maximum]), axis=0)
    for place, name in enumerate(_FIVE):
        wrong = np.flatnonzero(getattr(five, name) < seen[place])
        if len(wrong):
            raise UsageError(
                f"Row {wrong[0] + 1}: {name} is smaller than a number that should be below it", hint="Check the row"
            )


def _warn_of_skew(five: _Five) -> None:
    """The distance of the median from the middle, in widths, against its limits (Shi et al. 2023, SMMR 32:1338)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        by_ends = np.abs(five.minimum + five.maximum - 2 * five.median) / (five.maximum - five.minimum)
        by_quartiles = np.abs(five.q1 + five.q3 - 2 * five.median) / (five.q3 - five.q1)
    limits = 1.01 / np.log(five.n + 9) + 2.43 / (five.n + 1), 2.65 / np.sqrt(five.n) - 6 / five.n**2
    skewed = (by_ends > limits[0]) | (by_quartiles > limits[1])
    if skewed.any():
        rows = ", ".join(str(row + 1) for row in np.flatnonzero(skewed)[:5])
        issue(
            [SkewedSummary(f"The numbers of row {rows} are skewed: a mean and sd made from them may mislead")],
            stacklevel=4,
        )


def _from_logarithms(five: _Five) -> pd.DataFrame:
    logs = {name: np.log(np.where(getattr(five, name) > 0, getattr(five, name), np.nan)) for name in _FIVE}
    inner = _Five(dict(logs), five.n)
    mean, sd = _mean_luo(inner), _sd_shi_or_wan(inner)
    natural = np.exp(mean + sd**2 / 2)
    return pd.DataFrame({"mean": natural, "sd": natural * np.sqrt(np.expm1(sd**2))})
