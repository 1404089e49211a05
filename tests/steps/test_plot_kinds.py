"""Kinds of figures made of one table: each is whole at few and many studies, and its table equals the fit."""

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from synth.errors import UsageError
from synth.figures import check_layout, render_figure
from synth.steps.meta import meta_file
from synth.steps.plot import PlotRequest, find_kind, make_plot

KINDS = ("forest", "funnel", "radial", "baujat", "labbe", "bubble", "leave-one-out", "cumulative", "rob", "rob-summary")
LABELS = {
    "short": "Ruiz",
    "long": "Effect of a combined community mobilisation and men's group programme on partner violence in rural areas, ",
    "Arabic": "أثر برنامج تعبئة المجتمع على عنف الشريك ",
    "Chinese": "农村地区社区动员项目对预防亲密伴侣暴力影响的整群随机对照试验",
    "Spanish": "Efecto de la movilización comunitaria en la violencia de pareja, año ",
}


def write_table(folder, k, label="short"):
    rng = np.random.default_rng(k)
    n = rng.integers(20, 900, k)
    ai = [None if i % 17 == 16 else int(x) for i, x in enumerate(rng.integers(0, n // 3 + 1))]
    frame = pd.DataFrame(
        {
            "slab": [f"{LABELS[label]}{i}" for i in range(k)],
            "ai": pd.array(ai, dtype="Int64"),
            "n1i": n,
            "ci": rng.integers(0, n // 2 + 1),
            "n2i": n + 3,
            "year": 1980 + np.arange(k) % 40,
            "group": ["abc"[i % 3] for i in range(k)],
            "Randomisation": [("low", "high", "some concerns")[i % 3] for i in range(k)],
            "Missing": [("low", "unclear")[i % 2] for i in range(k)],
        }
    )
    path = folder / "effects.csv"
    frame.to_csv(path, index=False)
    return str(path)


def request(path, kind, **changes):
    options = {"measure": "RR"}
    if kind == "bubble":
        options["mods"] = "~ year"
    if kind == "forest":
        options |= {"subgroup": "group", "show": ("events", "rob", "year")}
    return PlotRequest(data=path, options={**options, **changes})


def read_texts(figure):
    svg = render_figure(figure, "svg", title="t", description="d")
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("label", LABELS)
def test_each_kind_is_whole_with_any_script(tmp_path, kind, label):
    assert make_plot(kind, request(write_table(tmp_path, 13, label), kind), check=True).problems == ()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("k", [3, 56, 150, 500])
def test_each_kind_is_whole_at_any_size(tmp_path, kind, k):
    assert make_plot(kind, request(write_table(tmp_path, k, "long"), kind), check=True).problems == ()


@pytest.mark.parametrize("preset", ["plain", "cochrane", "bmj", "lancet", "jama"])
def test_every_preset_prints_the_numbers_of_the_fit(tmp_path, preset):
    path = write_table(tmp_path, 13)
    asked = PlotRequest(data=path, preset=preset, options={"measure": "RR"})
    drawn = find_kind("forest").draw(asked)
    texts = [text.replace("·", ".").strip("([,–]) to") for text in read_texts(drawn.figure)]
    values = meta_file(path, measure="RR").fit.natural()
    assert {f"{values[name]:.2f}" for name in ("estimate", "ci_low", "ci_high")} <= set(texts)
    assert check_layout(drawn.figure) == []


def test_an_unknown_preset_is_refused_with_the_nearest_name(tmp_path):
    with pytest.raises(UsageError, match="There is no preset"):
        find_kind("forest").draw(PlotRequest(data=write_table(tmp_path, 3), preset="lanset", options={"measure": "RR"}))


def test_the_same_table_gives_the_same_bytes(tmp_path):
    path = write_table(tmp_path, 13)
    first, second = (
        render_figure(find_kind("funnel").draw(request(path, "funnel")).figure, "svg", title="t", description="d")
        for _ in range(2)
    )
    assert first == second


def test_counts_stand_in_the_row_of_their_study(tmp_path):
    path = write_table(tmp_path, 13)
    table = find_kind("forest").draw(request(path, "forest")).table
    rows = table[table["kind"] == "row"].set_index("label")
    source = pd.read_csv(path).set_index("slab")
    assert all(rows.loc[name, "year"] == str(source.loc[name, "year"]) for name in rows.index)


def test_a_column_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match="yeer"):
        find_kind("forest").draw(request(write_table(tmp_path, 3), "forest", show=("yeer",)))


def test_shares_of_a_domain_add_up_to_a_hundred(tmp_path):
    table = find_kind("rob-summary").draw(request(write_table(tmp_path, 13), "rob-summary")).table
    assert table.groupby("domain")["percent"].sum().to_list() == pytest.approx([100, 100])


def test_the_last_row_of_a_cumulative_plot_is_the_pool(tmp_path):
    path = write_table(tmp_path, 13)
    table = find_kind("cumulative").draw(request(path, "cumulative", order="year")).table
    last = table[table["kind"] == "row"].iloc[-1]
    assert last["estimate"] == pytest.approx(meta_file(path, measure="RR").fit.natural()["estimate"])


def test_a_line_of_a_chart_ends_at_its_edge():
    from synth.figures.chart import Chart, Path, draw_chart

    chart = Chart("t", "x", "y", (0.0, 1.0), (0.0, 1.0), paths=(Path(((0.0, 0.0), (2.0, 2.0)), color="#123456"),))
    figure = draw_chart(chart)
    line = next(one for one in figure.axes[0].lines if one.get_color() == "#123456")
    frame = next(one for one in figure.axes[0].lines if len(set(one.get_ydata())) == 1)
    assert max(line.get_xdata()) <= max(frame.get_xdata()) + 1e-6


def test_python_takes_one_call_with_five_arguments(tmp_path):
    import synth

    path = write_table(tmp_path, 13)
    figure = synth.plot("forest", path, measure="RR", subgroup="group", columns=("events", "rob"))
    assert "Risk of bias" in read_texts(figure)
    assert check_layout(figure) == []
