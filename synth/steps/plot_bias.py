"""Figures of judgements about the risk of bias: a table with a column of names and a column for each domain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from synth.errors import UsageError
from synth.steps.plot import Drawing, FigureKind, PlotRequest

if TYPE_CHECKING:
    import pandas as pd

    from synth.figures.traffic import BiasTable

_NAMES = ("study", "name", "slab", "author", "study_id")
_WEIGHTS = ("weight", "weights")


def read_judgements(request: PlotRequest) -> BiasTable:
    """The columns of DATA that hold nothing but judgements, as domains, in their order."""
    from synth.figures.judgements import are_judgements
    from synth.figures.traffic import BiasTable
    from synth.steps.meta import read_data

    if not request.data:
        raise UsageError("This figure is made of a table", hint="Name it: synth plot rob DATA.csv -o rob.svg")
    frame = read_data(request.data)
    words = frame.astype(object).where(frame.notna(), "").astype(str)
    label = _find_label(request, words)
    domains = tuple(name for name in words.columns if name != label and are_judgements(words[name]))
    if not domains:
        raise UsageError(
            f"{request.data}: no column holds judgements",
            why="A domain's column has words such as low, some concerns, high, unclear, serious, or + ? −",
            hint="One row a study, one column a domain",
        )
    weight = next((name for name in frame.columns if name.casefold() in _WEIGHTS), None)
    weights = tuple(float(value) for value in frame[weight].fillna(0.0)) if weight else None
    rows = tuple((row[label], {name: row[name] for name in domains}) for row in words.to_dict("records"))
    title = request.title or f"Risk of bias: {Path(request.data).stem}"
    return BiasTable(title, domains, rows, weights)


def _find_label(request: PlotRequest, words: pd.DataFrame) -> str:
    asked = request.options.get("slab")
    if asked:
        from synth.meta import missing_column

        if asked not in words.columns:
            raise missing_column(str(asked), list(words.columns))
        return str(asked)
    known = [name for name in words.columns if name.casefold() in _NAMES]
    return str(known[0] if known else words.columns[0])


def draw_rob_request(request: PlotRequest) -> Drawing:
    """The traffic light: one row a study, one column a domain."""
    import pandas as pd

    from synth.figures.traffic import draw_traffic

    table = read_judgements(request)
    figure = draw_traffic(table, width_mm=request.width_mm)
    twin = pd.DataFrame([{"study": name, **row} for name, row in table.studies])
    told = f"{table.title}. {len(table.studies)} studies judged in {len(table.domains)} domains."
    return Drawing(figure, table.title, told, twin)


def draw_rob_summary_request(request: PlotRequest) -> Drawing:
    """Shares of judgements in each domain."""
    import pandas as pd

    from synth.figures.traffic import count_judgements, draw_bias_summary

    table = read_judgements(request)
    shares = count_judgements(table)
    figure = draw_bias_summary(table, width_mm=min(request.width_mm, 150))
    told = "; ".join(f"{domain}: {word} {share:.0f}%" for domain, word, share in shares)
    twin = pd.DataFrame(shares, columns=["domain", "judgement", "percent"])
    return Drawing(figure, table.title, f"{table.title}. {told}", twin)


ROB = FigureKind("rob", "Risk of bias by study and domain (traffic light), of any tool.", draw_rob_request)
ROB_SUMMARY = FigureKind("rob-summary", "Risk of bias by domain, as shares.", draw_rob_summary_request)
