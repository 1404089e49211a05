"""Figures of one pooled table: funnel, radial, Baujat, L'Abbé, bubble, GOSH, and forests of refitted models.

Sources of the displays stand with their numbers in synth.meta; contours of funnels: Peters et al. (2008), J Clin
Epidemiol 61:991.
"""

from __future__ import annotations

import warnings
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from synth.errors import UsageError
from synth.steps.plot import Drawing, FigureKind, PlotRequest

if TYPE_CHECKING:
    import pandas as pd

    from synth.figures.chart import Chart
    from synth.meta import Fit
    from synth.steps.meta import FileResult

_CONTOURS = ((0.90, 0.95, "#dfe3e8", ".10 > p > .05"), (0.95, 0.99, "#c3cad3", ".05 > p > .01"))
_SMALL = 120.0
"""Width of a chart in mm at most: it has one picture and no table."""


def _pool(request: PlotRequest) -> FileResult:
    from synth.steps.meta import meta_file

    if not request.data:
        raise UsageError("This figure is made of a table", hint="Name it: synth plot funnel DATA.csv -o funnel.svg")
    options = {name: value for name, value in request.options.items() if name not in ("order", "show")}
    return meta_file(request.data, **options)


def _title(request: PlotRequest, kind: str) -> str:
    return request.title or f"{kind}: {FilePath(request.data).stem}"


def _finish(request: PlotRequest, chart: Chart, table: pd.DataFrame) -> Drawing:
    from synth.figures.chart import draw_chart

    figure = draw_chart(chart, width_mm=min(request.width_mm, _SMALL))
    return Drawing(figure, chart.title, f"{chart.title}. {chart.caption}", table)


def _span(values: Any, room: float = 0.06) -> tuple[float, float]:
    """Lowest and highest of ``values`` with some room at both ends."""
    low, high = float(min(values)), float(max(values))
    edge = (high - low) * room or abs(high) * 0.1 or 1.0
    return low - edge, high + edge


def _scale_name(fit: Fit) -> str:
    from synth.meta import find_measure

    measure = find_measure(fit.measure)
    return measure.label if measure.scale == "identity" else f"{measure.label} (scale of analysis: {measure.scale})"


# ---- funnel --------------------------------------------------------------------------------------------------------


def draw_funnel_request(request: PlotRequest) -> Drawing:
    """Results against standard errors, with contours of significance, filled studies and Egger's line."""
    import numpy as np

    from synth.figures.chart import Chart, Mark, Path
    from synth.figures.style import ACCENT, SERIES

    fit = _pool(request).fit
    se, filled = np.sqrt(fit.vi), _filled(fit)
    low, high = _span([*fit.yi, *(y for y, _ in filled), 0.0, fit.estimate])
    most = float(max(se)) * 1.06
    marks = [Mark(float(y), float(s)) for y, s in zip(fit.yi, se, strict=True)]
    marks += [Mark(y, s, is_open=True, color=SERIES[1]) for y, s in filled]
    egger, told = _egger(fit, most)
    paths = [Path(((fit.estimate, 0.0), (fit.estimate, most)), color=ACCENT), *_funnel_sides(fit, most), *egger]
    noun = "study" if len(filled) == 1 else "studies"
    few = f"{len(filled)} {noun} filled in by trim and fill (open discs). " if filled else "Trim and fill adds none. "
    caption = f"Lines: the pooled result and its 95% region without heterogeneity. {few}{told}"
    name, sd = _scale_name(fit), "Standard error"
    ends = (low, high), (0.0, most)
    chart = Chart(
        _title(request, "Funnel plot"), name, sd, *ends, tuple(marks), tuple(paths), _contours(most), caption, down=True
    )
    return _finish(request, chart, _funnel_table(fit, filled))


def _filled(fit: Fit) -> list[tuple[float, float]]:
    """Studies that trim and fill adds; none where it cannot work."""
    if fit.k < 3:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = fit.trim_fill()
    except UsageError:
        return []
    return [
        (float(y), float(v) ** 0.5)
        for y, v, is_new in zip(found.fit.yi, found.fit.vi, found.filled, strict=True)
        if is_new
    ]


def _funnel_sides(fit: Fit, most: float) -> list[Any]:
    from synth.figures.chart import Path

    reach = 1.959964 * most
    return [Path(((fit.estimate, 0.0), (fit.estimate + side * reach, most)), dashed=True) for side in (-1, 1)]


def _egger(fit: Fit, most: float) -> tuple[list[Any], str]:
    """The line of Egger's test from the infinitely large study on, with its p; only for ten studies or more."""
    from synth.figures.chart import Path
    from synth.figures.style import SERIES
    from synth.meta import rma
    from synth.meta.bias import ENOUGH
    from synth.meta.summary import format_p

    if fit.k < ENOUGH:
        return [], "Fewer than ten studies: no test of asymmetry."
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame({"yi": fit.yi, "vi": fit.vi, "sei": np.sqrt(fit.vi)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what there is to caution of stands in synth meta
        test = fit.regtest()
        line = rma(frame, mods="~ sei", method=fit.method, test=fit.test).params
    ends = ((float(line[0]), 0.0), (float(line[0] + line[1] * most), most))
    return [Path(ends, color=SERIES[1], dashed=True)], f"Dashed in colour: Egger's line, {format_p(test.pval)}."


def _contours(most: float) -> tuple[Any, ...]:
    from statistics import NormalDist

    from synth.figures.chart import Area

    areas = []
    for inner, outer, fill, word in _CONTOURS:
        one, two = (NormalDist().inv_cdf(0.5 + level / 2) * most for level in (inner, outer))
        areas.append(Area(((0.0, 0.0), (one, most), (two, most)), fill, word))
        areas.append(Area(((0.0, 0.0), (-one, most), (-two, most)), fill))
    return tuple(areas)


def _funnel_table(fit: Fit, filled: list[tuple[float, float]]) -> pd.DataFrame:
    import pandas as pd

    rows = [(name, float(y), float(v) ** 0.5, "study") for name, y, v in zip(fit.slab, fit.yi, fit.vi, strict=True)]
    rows += [(f"filled {number}", y, s, "filled") for number, (y, s) in enumerate(filled, 1)]
    return pd.DataFrame(rows, columns=["study", "estimate", "standard error", "kind"])


# ---- radial, Baujat, L'Abbé ----------------------------------------------------------------------------------------


def draw_radial_request(request: PlotRequest) -> Drawing:
    """Results in standard errors against precision: the pooled result is the slope."""
    from synth.figures.chart import Chart, Mark, Path
    from synth.figures.style import ACCENT
    from synth.meta import radial

    fit = _pool(request).fit
    table = radial(fit)
    marks = tuple(Mark(float(x), float(y)) for x, y in table.to_numpy())
    far = float(table["x"].max()) * 1.06
    sides = [
        Path(((0.0, reach), (far, fit.estimate * far + reach)), dashed=reach != 0, color=color)
        for reach, color in ((0.0, ACCENT), (2.0, ACCENT), (-2.0, ACCENT))
    ]
    ends = (0.0, far), _span([*table["y"], -2.5, 2.5])
    words = "Line: the pooled result as slope; dashed: two standard errors on either side."
    name = _title(request, "Radial plot")
    chart = Chart(
        name, "Precision, 1 / √(v + tau²)", "Result in standard errors", *ends, marks, tuple(sides), (), words
    )
    return _finish(request, chart, table.reset_index())


def draw_baujat_request(request: PlotRequest) -> Drawing:
    """How much each study adds to heterogeneity, and how much it moves the result."""
    from synth.figures.chart import Chart, Mark
    from synth.meta import baujat

    fit = _pool(request).fit
    if fit.k < 2:
        raise UsageError("A Baujat plot needs two studies or more, and there is 1", hint="Draw a forest plot instead")
    table = baujat(fit).fillna(0.0)
    far = set(table.sort_values(["y", "x"], ascending=False).index[:8])
    marks = tuple(Mark(float(x), float(y), name=str(at) if at in far else "") for at, (x, y) in _pairs(table))
    ends = (0.0, _span([0.0, *table["x"]])[1]), (0.0, _span([0.0, *table["y"]])[1])
    words = "Studies that move the result most are named; all stand in the table."
    name = _title(request, "Baujat plot")
    chart = Chart(name, "Share of heterogeneity", "Influence on the result", *ends, marks, (), (), words)
    return _finish(request, chart, table.reset_index())


def _pairs(table: pd.DataFrame) -> list[tuple[Any, tuple[float, float]]]:
    return [(at, (x, y)) for at, x, y in zip(table.index, table["x"], table["y"], strict=True)]


def draw_labbe_request(request: PlotRequest) -> Drawing:
    """The outcome of the first arm against that of the second."""
    from synth.figures.chart import Chart, Mark, Path
    from synth.meta import labbe

    result = _pool(request)
    found = labbe(result.rows, result.measure, **dict(request.options.get("columns") or {}))
    sizes = (1 / result.rows.loc[found.index, "vi"]).fillna(0.0)
    largest = float(sizes.max()) or 1.0
    marks = tuple(
        Mark(x, y, 1.5 + 5 * (float(size) / largest) ** 0.5)
        for (_, (x, y)), size in zip(_pairs(found), sizes, strict=True)
    )
    ends = _span([*found["x"], *found["y"]])
    words = "Size of discs by precision. Line: no difference."
    name = _title(request, "L'Abbé plot")
    same = (Path(((ends[0], ends[0]), (ends[1], ends[1]))),)
    chart = Chart(
        name, "Second arm, scale of analysis", "First arm, scale of analysis", ends, ends, marks, same, (), words
    )
    return _finish(request, chart, found)


# ---- bubble --------------------------------------------------------------------------------------------------------


def draw_bubble_request(request: PlotRequest) -> Drawing:
    """Results against a moderator, with the regression line and its bands."""
    import numpy as np
    import pandas as pd

    from synth.figures.chart import Area, Chart, Mark, Path
    from synth.figures.style import ACCENT, COUNTS, TINT

    name = str(request.options.get("mods") or "").lstrip("~ ")
    result = _pool(request)
    fit = result.fit
    if fit.design is None or name not in result.rows.columns or fit.p != 2:
        raise UsageError("A bubble plot has one moderator with numbers", hint='Add --mods "~ year"')
    rows = result.rows[result.rows["yi"].notna() & result.rows["vi"].notna() & result.rows[name].notna()]
    x = rows[name].to_numpy(dtype=float)
    grid = np.linspace(*_span(x), 41)
    line = fit.predict(pd.DataFrame({name: grid}))
    bands = [("pi_lb", "pi_ub", TINT, "prediction"), ("ci_lb", "ci_ub", COUNTS[0], f"{fit.level:g}% interval")]
    areas = [
        Area((*zip(grid, line[a], strict=True), *zip(grid[::-1], line[b][::-1], strict=True)), fill, word)
        for a, b, fill, word in bands
    ]
    size = 2 + 6 * np.sqrt(fit.weights / fit.weights.max())
    marks = tuple(Mark(float(a), float(b), float(r), is_open=True) for a, b, r in zip(x, fit.yi, size, strict=True))
    path = Path(tuple(zip(grid.tolist(), line["pred"].tolist(), strict=True)), color=ACCENT, width=1.2)
    ends = (float(grid[0]), float(grid[-1])), _span([*fit.yi, *line["ci_lb"], *line["ci_ub"]])
    words = f"Size of discs by weight. Line: meta-regression on {name}."
    title = _title(request, "Bubble plot")
    chart = Chart(title, name, _scale_name(fit), *ends, marks, (path,), tuple(areas), words)
    table = pd.DataFrame({"study": list(fit.slab), name: x, "estimate": fit.yi, "weight": fit.weights})
    return _finish(request, chart, table)


# ---- forests of refitted models ------------------------------------------------------------------------------------


def draw_leave_one_out_request(request: PlotRequest) -> Drawing:
    """The pooled result without each study."""
    fit = _pool(request).fit
    return _refits(request, fit, fit.leave_one_out(), "Leave one out", "Without")


def draw_cumulative_request(request: PlotRequest) -> Drawing:
    """The pooled result as studies come in, by the column ``order`` or in the order of the rows."""
    result = _pool(request)
    order, column = None, request.options.get("order")
    if column:
        from synth.meta import missing_column

        if column not in result.rows.columns:
            raise missing_column(str(column), [str(name) for name in result.rows.columns])
        usable = result.rows[result.rows["yi"].notna() & result.rows["vi"].notna()]
        order = usable[column].to_numpy(dtype=float)
    return _refits(request, result.fit, result.fit.cumulative(order), "Cumulative", "With")


def _refits(request: PlotRequest, fit: Fit, table: pd.DataFrame, kind: str, head: str) -> Drawing:
    import numpy as np

    from synth.figures import ForestGroup, ForestRow, draw_forest, forest_table
    from synth.meta import back_transform
    from synth.steps.forest import forest_from_fit

    base = forest_from_fit(fit, _title(request, kind))
    numbers = back_transform(fit.measure, np.asarray(table[["estimate", "ci_lb", "ci_ub"]], dtype=float))
    rows = tuple(
        ForestRow(str(name), float(values[0]), float(values[1]), float(values[2]))
        for name, values in zip(table.index, np.asarray(numbers), strict=True)
        if np.isfinite(values).all()
    )
    from dataclasses import replace

    caption = "Each row is a pooled result, not a study."
    plot = replace(base, groups=(ForestGroup(rows=rows),), study_head=head, caption=caption)
    told = f"{plot.title}. {plot.caption}"
    return Drawing(draw_forest(plot, width_mm=request.width_mm), plot.title, told, forest_table(plot))


FUNNEL = FigureKind("funnel", "Funnel plot with contours, trim and fill, Egger's line.", draw_funnel_request)
RADIAL = FigureKind("radial", "Radial (Galbraith) plot.", draw_radial_request)
BAUJAT = FigureKind("baujat", "Which studies make heterogeneity and move the result.", draw_baujat_request)
LABBE = FigureKind("labbe", "L'Abbé plot of two arms of counts.", draw_labbe_request)
BUBBLE = FigureKind("bubble", "Meta-regression on one moderator, with bands.", draw_bubble_request)
LEAVE_ONE_OUT = FigureKind("leave-one-out", "The pooled result without each study.", draw_leave_one_out_request)
CUMULATIVE = FigureKind("cumulative", "The pooled result as studies come in.", draw_cumulative_request)
