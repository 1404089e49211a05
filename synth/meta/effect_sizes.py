"""Effect sizes and their variances from raw numbers: one row per study, ``yi`` and ``vi`` added.

Names of measures, columns and zero-cell rules are those that users of metafor know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import TypeAlias

import numpy as np
import pandas as pd

from synth.errors import UsageError
from synth.meta import formulas
from synth.meta import formulas_correlations as correlations
from synth.meta import formulas_means as means
from synth.meta.cautions import PossibleStandardError, issue
from synth.meta.measures import Array, find_measure

# a column's name, the numbers themselves, or None for the column of that name
Source: TypeAlias = "str | Sequence[float] | Array | pd.Series[float] | None"
Formula = Callable[..., formulas.Pair]

_TWO_BY_TWO: dict[str, Formula] = {
    "RR": formulas.log_risk_ratio,
    "OR": formulas.log_odds_ratio,
    "RD": formulas.risk_difference,
    "PETO": formulas.peto_log_odds_ratio,
    "AS": formulas.arcsine_difference,
    "PHI": formulas.cross_sectional_phi,
    "YUQ": formulas.yules_q,
    "YUY": formulas.yules_y,
    "RTET": correlations.tetrachoric,
    "PBIT": formulas.probit_difference,
    "OR2D": formulas.logistic_difference,
    "OR2DL": formulas.logistic_difference,
    "OR2DN": formulas.cox_difference,
}
_MEANS: dict[str, Formula] = {
    "MD": means.mean_difference,
    "SMD": means.standardised_difference,
    "SMDH": means.heteroscedastic_standardised_difference,
    "SMD1": means.glass_delta,
    "SMD1H": means.heteroscedastic_glass_delta,
    "ROM": means.log_ratio_of_means,
    "CVR": means.log_ratio_of_cvs,
    "VR": means.log_ratio_of_sds,
    "RPB": means.point_biserial,
    "RBIS": means.biserial,
    "D2OR": means.logistic_log_odds_ratio,
    "D2ORL": means.logistic_log_odds_ratio,
    "D2ORN": means.cox_log_odds_ratio,
}
_ONE_MEAN: dict[str, Formula] = {
    "MN": means.mean,
    "MNLN": means.log_mean,
    "SMN": means.standardised_mean,
    "SDLN": means.log_sd,
    "CVLN": means.log_cv,
}
_PAIRED: dict[str, Formula] = {
    "MC": means.mean_change,
    "SMCC": means.change_over_change_sd,
    "SMCR": means.change_over_raw_sd,
    "SMCRH": means.heteroscedastic_change,
    "SMCRP": means.change_over_average_sd,
    "SMCRPH": means.heteroscedastic_average_change,
    "ROMC": means.log_ratio_of_paired_means,
    "CVRC": means.log_ratio_of_paired_cvs,
    "VRC": means.log_ratio_of_paired_sds,
}
_CORRELATIONS: dict[str, Formula] = {
    "COR": correlations.correlation,
    "UCOR": correlations.unbiased_correlation,
    "ZCOR": correlations.fisher_z,
}
_PARTIAL: dict[str, Formula] = {
    "PCOR": correlations.partial_correlation,
    "ZPCOR": correlations.partial_fisher_z,
}
_RELIABILITY: dict[str, Formula] = {
    "ARAW": correlations.raw_reliability,
    "AHW": correlations.hakstian_whalen_reliability,
    "ABT": correlations.bonett_reliability,
}
_PROPORTIONS: dict[str, Formula] = {
    "PR": formulas.proportion,
    "PLN": formulas.log_proportion,
    "PLO": formulas.logit_proportion,
    "PRZ": formulas.probit_proportion,
    "PAS": formulas.arcsine_proportion,
    "PFT": formulas.double_arcsine_proportion,
}
_RATES: dict[str, Formula] = {
    "IR": formulas.rate,
    "IRLN": formulas.log_rate,
    "IRS": formulas.root_rate,
    "IRFT": formulas.freeman_tukey_rate,
}
_RATE_PAIRS: dict[str, Formula] = {
    "IRR": formulas.log_rate_ratio,
    "IRD": formulas.rate_difference,
    "IRSD": formulas.root_rate_difference,
}
_FAMILIES: tuple[tuple[dict[str, Formula], tuple[str, ...]], ...] = (
    (_MEANS, ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")),
    (_ONE_MEAN, ("mi", "sdi", "ni")),
    (_PAIRED, ("m1i", "sd1i", "m2i", "sd2i", "ni", "ri")),
    (_CORRELATIONS, ("ri", "ni")),
    (_PARTIAL, ("ti", "ni", "mi")),
    (_RELIABILITY, ("ai", "mi", "ni")),
    (_RATES, ("xi", "ti")),
    (_RATE_PAIRS, ("x1i", "t1i", "x2i", "t2i")),
)
"""Families of measures that share their raw numbers, and the names of these numbers."""
_VARIANTS: dict[tuple[str, str], Formula] = {
    ("MD", "HO"): means.homoscedastic_difference,
    ("SMD", "LS2"): means.scaled_standardised_difference,
    ("SMD", "UB"): means.unbiased_standardised_difference,
    ("SMD", "AV"): means.averaged_standardised_difference,
    ("RPB", "CS"): means.cross_sectional_point_biserial,
    ("PHI", "ST"): formulas.phi_coefficient,
    ("COR", "AV"): correlations.averaged_correlation,
    ("UCOR", "UB"): correlations.unbiased_correlation_and_variance,
    ("UCOR", "AV"): correlations.averaged_unbiased_correlation,
}
"""Other estimators of the sampling variance, by measure and ``vtype``."""
_FIRST = {"PHI": "CS", "RPB": "ST"}
"""The name of the usual variance where it is not LS (large sample)."""
_OLD: dict[str, Formula] = {
    "RTET": partial(correlations.tetrachoric, tolerance=correlations.COARSE),
    "SMDH": partial(means.heteroscedastic_standardised_difference, scaled=True),
    "SMD1H": partial(means.heteroscedastic_glass_delta, by_size=True),
    "SMCRH": partial(means.heteroscedastic_change, scaled=True),
    "ROM": partial(means.log_ratio_of_means, correct=False),
    "CVR": partial(means.log_ratio_of_cvs, means_too=False),
    "ROMC": partial(means.log_ratio_of_paired_means, correct=False),
    "CVRC": partial(means.log_ratio_of_paired_cvs, correct=False),
}
"""What metafor 3.8 computed otherwise: variances changed in 4.6, corrections for bias came in 5.0, RTET was coarse."""
COMPAT = ("5.1", "3.8")
"""Versions of metafor whose defaults can be asked for."""
_CORRECTED = frozenset({
    *("SMD", "SMDH", "SMD1", "SMD1H", "ROM", "CVR", "VR", "SMN", "SDLN", "CVLN"),
    *("SMCC", "SMCR", "SMCRH", "SMCRP", "SMCRPH", "ROMC", "CVRC"),
})  # fmt: skip
"""Measures whose formula has a correction for bias that can be switched off."""
_NEED_NO_ADDING = frozenset({"AS", "PHI", "RTET", "PAS", "PFT", "IRS", "IRFT", "IRSD"})
RULES = ("only0", "all", "if0all", "none")
"""Where ``add`` is added: to studies with an empty cell, to all, to all if any has one, nowhere."""


# fmt: off
def escalc(
    frame: pd.DataFrame | None,
    measure: str,
    *,
    ai: Source = None, bi: Source = None, ci: Source = None, di: Source = None,
    n1i: Source = None, n2i: Source = None,
    m1i: Source = None, sd1i: Source = None, m2i: Source = None, sd2i: Source = None,
    xi: Source = None, mi: Source = None, ni: Source = None, ti: Source = None,
    x1i: Source = None, t1i: Source = None, x2i: Source = None, t2i: Source = None,
    ri: Source = None, sdi: Source = None, yi: Source = None, vi: Source = None, sei: Source = None,
    add: float | None = None, to: str = "only0", drop00: bool = False, correct: bool = True,
    vtype: str | None = None, compat: str = "5.1",
) -> pd.DataFrame:
    """``frame`` with ``yi`` and ``vi`` of ``measure`` (one row per study; ratios as logarithms); rows are kept.

    Each of ``ai`` ... is a column's name or numbers; the default is the column of that name. Two arms: events ``ai``
    and ``ci`` with ``bi``/``di`` or ``n1i``/``n2i``. ``add`` (1/2; 0 for arcsine and square-root measures, which need
    none), ``to`` (one of RULES) and ``drop00`` (leave out studies with no events, or only events, in both arms) are
    the zero-cell rules. ``correct=False`` leaves out corrections for bias (J of SMD, that of ROM, ...). ``vtype``
    picks another sampling variance (SMD: LS, LS2, UB, AV; MD: LS, HO; UCOR: LS, UB, AV; PHI, RPB: ST, CS).
    ``compat="3.8"`` computes what metafor computed before 4.6. What cannot be computed is NaN. ``frame`` may be None
    when all numbers are given. Raises UsageError for a column that does not exist, an unknown measure, rule or
    variance, and impossible numbers.
    """
    given = {
        "ai": ai, "bi": bi, "ci": ci, "di": di, "n1i": n1i, "n2i": n2i, "m1i": m1i, "sd1i": sd1i, "m2i": m2i,
        "sd2i": sd2i, "xi": xi, "mi": mi, "ni": ni, "ti": ti, "x1i": x1i, "t1i": t1i, "x2i": x2i, "t2i": t2i,
        "ri": ri, "sdi": sdi, "yi": yi, "vi": vi, "sei": sei,
    }
    name = find_measure(measure).name
    columns = Columns(frame, given)
    _check_choice("to", to, RULES, "a rule for empty cells")
    add = (0.0 if name in _NEED_NO_ADDING else 0.5) if add is None else add
    formula = _find_formula(name, vtype, compat, correct=correct)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found_yi, found_vi = _compute(name, formula, columns, Rule(add, to, drop00))
    return _with_results(frame, name, found_yi, found_vi)
# fmt: on


def read_cells(
    frame: pd.DataFrame | None,
    measure: str,
    *,
    add: float = 0.5,
    to: str = "only0",
    drop00: bool = False,
    **given: Source,
) -> tuple[Array, Array, Array, Array]:
    """The cells of two-by-two tables after the zero-cell rules; ``given`` names columns as escalc does."""
    _check_choice("to", to, RULES, "a rule for empty cells")
    return correct_cells(*_two_by_two(Columns(frame, given), measure), add=add, to=to, drop00=drop00)


def read_numbers(frame: pd.DataFrame | None, measure: str, needs: Sequence[str], **given: Source) -> list[Array]:
    """The raw numbers of ``measure`` by metafor's names; ``given`` names columns as escalc does."""
    return [Columns(frame, given).get(need, measure) for need in needs]


def read_arm(frame: pd.DataFrame | None, measure: str, **given: Source) -> tuple[Array, Array]:
    """Events, and people without the event (or, for rates, the time), of one arm."""
    columns = Columns(frame, given)
    if measure in _RATES:
        return columns.get("xi", measure), columns.get("ti", measure)
    events, rest = _one_arm(columns, measure)
    return events, rest


class Columns:
    """The numbers a measure is computed from, by metafor's names; looked up in a frame or given outright."""

    def __init__(self, frame: pd.DataFrame | None, given: Mapping[str, Source]) -> None:
        self._frame = frame
        self._given = given

    def has(self, name: str) -> bool:
        """Whether it was given, or is a column of that name."""
        return self._given.get(name) is not None or (self._frame is not None and name in self._frame.columns)

    def is_given(self, name: str) -> bool:
        """Whether it was named or handed over in the call."""
        return self._given.get(name) is not None

    def get(self, name: str, measure: str) -> Array:
        """The numbers as floats. Raises UsageError that names what the measure needs."""
        source = self._given.get(name)
        if source is None:
            source = name
        if not isinstance(source, str):
            return np.asarray(source, dtype=np.float64)
        if self._frame is None or source not in self._frame.columns:
            raise self._missing(source, name, measure)
        return as_numbers(self._frame, source)

    def rest(self, cell: str, size: str, events: Array, measure: str) -> Array:
        """People without the event: as a cell, or from the group's size; what was named in the call comes first."""
        named = self._given.get(cell) is not None or (self._given.get(size) is None and self.has(cell))
        return self.get(cell, measure) if named else self.get(size, measure) - events

    def _missing(self, source: str, name: str, measure: str) -> UsageError:
        known = [] if self._frame is None else [str(column) for column in self._frame.columns]
        return missing_column(source, known, why=f"{measure} needs {name}" if source == name else "")


def missing_column(name: str, known: Sequence[str], *, why: str = "") -> UsageError:
    """The error for a column that does not exist: it lists those that do and guesses which was meant."""
    near = get_close_matches(name, known, n=1)
    shown = ", ".join(known[:25]) + (", ..." if len(known) > 25 else "")
    return UsageError(
        f'There is no column "{name}"' + (f", and {why}" if why else ""),
        why=f"The columns are {shown}" if known else "No table was given",
        hint=f"Did you mean {near[0]}?" if near else "Name the column with the option of that name",
    )


def as_numbers(frame: pd.DataFrame, column: str) -> Array:
    """A column as floats; empty cells are NaN. Raises UsageError with the row for text that is no number."""
    values = pd.to_numeric(frame[column], errors="coerce")
    wrong = values.isna() & frame[column].notna() & (frame[column].astype(str).str.strip() != "")
    if wrong.any():
        row = int(np.flatnonzero(wrong.to_numpy())[0])
        raise UsageError(
            f'Column "{column}" holds "{frame[column].iloc[row]}" in row {row + 1}, and numbers are needed',
            hint="Leave the cell empty where there is no number",
        )
    return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is added to empty cells, where, and whether studies without any information are left out."""

    add: float
    to: str
    drop00: bool = False


def _check_choice(option: str, value: str, known: Sequence[str], what: str) -> None:
    if value not in known:
        raise UsageError(f'{option} = "{value}" is not {what}', hint=f"Choose one of {', '.join(known)}")


def _find_formula(name: str, vtype: str | None, compat: str, *, correct: bool) -> Formula:
    """The formula of a measure with the chosen variance, version and correction."""
    _check_choice("compat", compat, COMPAT, "a version whose numbers are known")
    usual = _FIRST.get(name, "LS")
    variants = [kind for measure, kind in _VARIANTS if measure == name]
    if vtype is not None:
        _check_choice("vtype", vtype, [usual, *variants], f"a variance of {name}")
    every = {**_TWO_BY_TWO, **_PROPORTIONS, **{key: f for family, _ in _FAMILIES for key, f in family.items()}}
    formula = _VARIANTS.get((name, vtype or usual)) or every.get(name, _unchanged)
    if compat == "3.8":
        formula = _OLD.get(name, formula)
    return partial(formula, correct=False) if name in _CORRECTED and not correct else formula


def _unchanged(yi: Array, vi: Array) -> formulas.Pair:
    return yi, vi


def _compute(name: str, formula: Formula, columns: Columns, rule: Rule) -> formulas.Pair:
    if name in _TWO_BY_TWO:
        cells = _two_by_two(columns, name)
        return formula(*correct_cells(*cells, add=rule.add, to=rule.to, drop00=rule.drop00))
    if name in _PROPORTIONS:
        return formula(*_add_to_empty(_one_arm(columns, name), (0, 1), rule))
    if name in _PARTIAL and columns.is_given("ri"):
        return formula(*_from_partial(columns, name))
    for family, needs in _FAMILIES:
        if name in family:
            return _from_numbers(name, formula, [columns.get(need, name) for need in needs], rule)
    return _as_given(columns, name)


def _from_numbers(name: str, formula: Formula, numbers: list[Array], rule: Rule) -> formulas.Pair:
    """The measures of all families but tables and proportions."""
    if name in _RATES:
        return formula(*_add_to_empty(numbers, (0,), rule))
    if name in _RATE_PAIRS:
        return formula(*_add_to_empty(numbers, (0, 2), rule))
    if name in {*_CORRELATIONS, *_PAIRED}:
        _check_correlations(numbers[0 if name in _CORRELATIONS else 5])
    if name in _MEANS:
        return _from_means(name, formula, numbers)
    if name in _PAIRED:
        m1, sd1, m2, sd2, n, r = numbers
        return formula(means.Arm(m1, sd1, n), means.Arm(m2, sd2, n), r)
    return formula(means.Arm(*numbers)) if name in _ONE_MEAN else formula(*numbers)


def _from_means(name: str, formula: Formula, numbers: list[Array]) -> formulas.Pair:
    yi, vi = formula(means.Arm(*numbers[:3]), means.Arm(*numbers[3:]))
    if name == "SMD" and np.nanmax(np.abs(yi), initial=0.0) > 5:
        words = "A standardised difference is beyond 5: was a standard error entered as a standard deviation?"
        issue([PossibleStandardError(words)], stacklevel=7)
    return yi, vi


def _from_partial(columns: Columns, name: str) -> tuple[Array, Array, Array]:
    """t, n and m of partial correlations that were given themselves."""
    ri, ni, mi = columns.get("ri", name), columns.get("ni", name), columns.get("mi", name)
    _check_correlations(ri)
    return ri * np.sqrt((ni - mi - 1) / (1 - ri**2)), ni, mi


def _check_correlations(ri: Array) -> None:
    wrong = np.flatnonzero(np.abs(ri) > 1)
    if len(wrong):
        raise UsageError(
            f"Row {wrong[0] + 1} has a correlation of {ri[wrong[0]]:g}", hint="Correlations lie between -1 and 1"
        )


def _as_given(columns: Columns, name: str) -> formulas.Pair:
    """The yi and vi (or sei) that stand there already."""
    if columns.has("vi"):
        return columns.get("yi", name), columns.get("vi", name)
    if columns.has("sei"):
        return columns.get("yi", name), columns.get("sei", name) ** 2
    return columns.get("yi", name), columns.get("vi", name)


def _two_by_two(columns: Columns, name: str) -> tuple[Array, Array, Array, Array]:
    """The four cells; those without the event may come as group sizes."""
    ai, ci = columns.get("ai", name), columns.get("ci", name)
    bi = columns.rest("bi", "n1i", ai, name)
    di = columns.rest("di", "n2i", ci, name)
    for cell in (ai, bi, ci, di):
        _check_counts(cell)
    return ai, bi, ci, di


def _one_arm(columns: Columns, name: str) -> list[Array]:
    xi = columns.get("xi", name)
    mi = columns.rest("mi", "ni", xi, name)
    _check_counts(xi)
    _check_counts(mi)
    return [xi, mi]


def _check_counts(cell: Array) -> None:
    if (cell < 0).any():
        row = int(np.flatnonzero(cell < 0)[0])
        raise UsageError(
            f"Row {row + 1} has more events than people, or a negative count", hint="Check the counts of that row"
        )


def correct_cells(
    ai: Array, bi: Array, ci: Array, di: Array, *, add: float = 0.5, to: str = "only0", drop00: bool = False
) -> tuple[Array, Array, Array, Array]:
    """The four cells after the zero-cell rules (on the choice: Sweeting et al. 2004, Stat Med 23:1351)."""
    cells = [np.array(cell, dtype=np.float64) for cell in (ai, bi, ci, di)]
    if drop00:
        silent = ((cells[0] == 0) & (cells[2] == 0)) | ((cells[1] == 0) & (cells[3] == 0))
        cells = [np.where(silent, np.nan, cell) for cell in cells]
    first, second, third, fourth = _add_to_empty(cells, (0, 1, 2, 3), Rule(add, to))
    return first, second, third, fourth


def _add_to_empty(numbers: list[Array], which: tuple[int, ...], rule: Rule) -> list[Array]:
    """``rule.add`` put on the counts ``which`` of the studies that ``rule.to`` names."""
    counts = [numbers[index] for index in which]
    empty = np.any([count == 0 for count in counts], axis=0)
    chosen = {"only0": empty, "all": np.ones_like(empty), "none": np.zeros_like(empty)}
    where = chosen.get(rule.to, np.full_like(empty, empty.any()))
    return [n + rule.add * where if index in which else n for index, n in enumerate(numbers)]


def _with_results(frame: pd.DataFrame | None, name: str, yi: Array, vi: Array) -> pd.DataFrame:
    result = pd.DataFrame(index=range(len(yi))) if frame is None else frame.copy()
    usable = np.isfinite(yi) & np.isfinite(vi)
    result["yi"] = np.where(usable, yi, np.nan)
    result["vi"] = np.where(usable, vi, np.nan)
    result.attrs["measure"] = name
    return result
