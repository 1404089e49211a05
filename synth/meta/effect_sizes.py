"""Effect sizes and their variances from raw numbers: one row per study, ``yi`` and ``vi`` added.

Names of measures, columns and zero-cell rules are those that users of metafor know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeAlias

import numpy as np
import pandas as pd

from synth.errors import UsageError
from synth.meta import formulas
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
}
_MEANS: dict[str, Formula] = {
    "MD": formulas.mean_difference,
    "SMD": formulas.standardised_difference,
    "ROM": formulas.corrected_log_ratio_of_means,
}
_CORRELATIONS: dict[str, Formula] = {"COR": formulas.correlation, "ZCOR": formulas.fisher_z}
_PROPORTIONS: dict[str, Formula] = {
    "PR": formulas.proportion,
    "PLN": formulas.log_proportion,
    "PLO": formulas.logit_proportion,
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
_NEEDS: tuple[tuple[dict[str, Formula], tuple[str, ...]], ...] = (
    (_MEANS, ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")),
    (_CORRELATIONS, ("ri", "ni")),
    (_RATES, ("xi", "ti")),
    (_RATE_PAIRS, ("x1i", "t1i", "x2i", "t2i")),
)
_NEED_NO_ADDING = frozenset({"AS", "PAS", "PFT", "IRS", "IRFT", "IRSD"})
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
    ri: Source = None, yi: Source = None, vi: Source = None, sei: Source = None,
    add: float | None = None, to: str = "only0", drop00: bool = False, correct: bool = True,
) -> pd.DataFrame:
    """``frame`` with ``yi`` and ``vi`` of ``measure`` (one row per study; ratios as logarithms); rows are kept.

    Each of ``ai`` ... is a column's name or numbers; the default is the column of that name. Two arms: events ``ai``
    and ``ci`` with ``bi``/``di`` or ``n1i``/``n2i``. ``add`` (1/2; 0 for arcsine and square-root measures, which need
    none), ``to`` (one of RULES) and ``drop00`` (leave out studies with no events, or only events, in both arms) are
    the zero-cell rules. ``correct=False`` gives ROM without its bias correction. What cannot be computed is NaN.
    ``frame`` may be None when all numbers are given. Raises UsageError for a column that does not exist, an unknown
    measure or rule, and impossible counts.
    """
    given = {
        "ai": ai, "bi": bi, "ci": ci, "di": di, "n1i": n1i, "n2i": n2i, "m1i": m1i, "sd1i": sd1i, "m2i": m2i,
        "sd2i": sd2i, "xi": xi, "mi": mi, "ni": ni, "ti": ti, "x1i": x1i, "t1i": t1i, "x2i": x2i, "t2i": t2i,
        "ri": ri, "yi": yi, "vi": vi, "sei": sei,
    }
    name = find_measure(measure).name
    columns = Columns(frame, given)
    _check_rule(to)
    add = (0.0 if name in _NEED_NO_ADDING else 0.5) if add is None else add
    with np.errstate(divide="ignore", invalid="ignore"):
        found_yi, found_vi = _compute(name, columns, add=add, to=to, drop00=drop00, correct=correct)
    return _with_results(frame, name, found_yi, found_vi)
# fmt: on


class Columns:
    """The numbers a measure is computed from, by metafor's names; looked up in a frame or given outright."""

    def __init__(self, frame: pd.DataFrame | None, given: Mapping[str, Source]) -> None:
        self._frame = frame
        self._given = given

    def has(self, name: str) -> bool:
        """Whether it was given, or is a column of that name."""
        return self._given.get(name) is not None or (self._frame is not None and name in self._frame.columns)

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


def _check_rule(to: str) -> None:
    if to not in RULES:
        raise UsageError(f'to = "{to}" is not a rule for empty cells', hint=f"Choose one of {', '.join(RULES)}")


def _compute(name: str, columns: Columns, *, add: float, to: str, drop00: bool, correct: bool) -> formulas.Pair:
    if name in _TWO_BY_TWO:
        cells = correct_cells(*_two_by_two(columns, name), add=add, to=to, drop00=drop00)
        return _TWO_BY_TWO[name](*cells)
    if name in _PROPORTIONS:
        return _PROPORTIONS[name](*_add_to_empty(_one_arm(columns, name), (0, 1), add, to))
    for family, needs in _NEEDS:
        if name in family:
            numbers = [columns.get(need, name) for need in needs]
            return (
                _from_means(name, numbers, correct=correct) if family is _MEANS else _from_rates(name, numbers, add, to)
            )
    return _as_given(columns, name)


def _from_means(name: str, numbers: list[Array], *, correct: bool) -> formulas.Pair:
    formula = formulas.log_ratio_of_means if name == "ROM" and not correct else _MEANS[name]
    yi, vi = formula(formulas.Arm(*numbers[:3]), formulas.Arm(*numbers[3:]))
    if name == "SMD" and np.nanmax(np.abs(yi), initial=0.0) > 5:
        words = "A standardised difference is beyond 5: was a standard error entered as a standard deviation?"
        issue([PossibleStandardError(words)], stacklevel=6)
    return yi, vi


def _from_rates(name: str, numbers: list[Array], add: float, to: str) -> formulas.Pair:
    """Rates, pairs of rates, and correlations (which have no counts)."""
    if name in _RATES:
        return _RATES[name](*_add_to_empty(numbers, (0,), add, to))
    if name in _RATE_PAIRS:
        return _RATE_PAIRS[name](*_add_to_empty(numbers, (0, 2), add, to))
    return _CORRELATIONS[name](*numbers)


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
    first, second, third, fourth = _add_to_empty(cells, (0, 1, 2, 3), add, to)
    return first, second, third, fourth


def _add_to_empty(numbers: list[Array], which: tuple[int, ...], add: float, to: str) -> list[Array]:
    """``add`` put on the counts ``which`` of the studies that the rule ``to`` names."""
    counts = [numbers[index] for index in which]
    empty = np.any([count == 0 for count in counts], axis=0)
    chosen = {"only0": empty, "all": np.ones_like(empty), "none": np.zeros_like(empty)}
    where = chosen.get(to, np.full_like(empty, empty.any()))
    return [n + add * where if index in which else n for index, n in enumerate(numbers)]


def _with_results(frame: pd.DataFrame | None, name: str, yi: Array, vi: Array) -> pd.DataFrame:
    result = pd.DataFrame(index=range(len(yi))) if frame is None else frame.copy()
    usable = np.isfinite(yi) & np.isfinite(vi)
    result["yi"] = np.where(usable, yi, np.nan)
    result["vi"] = np.where(usable, vi, np.nan)
    result.attrs["measure"] = name
    return result
