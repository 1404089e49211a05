"""The layout checker: finds what a reader would stumble over, and passes our forest plots at every size."""

from dataclasses import replace

import pytest
from synth.figures import Column, ForestGroup, ForestPlot, ForestRow, PooledLine, check_layout, draw_forest
from synth.figures.sheet import Sheet

LABELS = {
    "Latin": "Effect of a combined community mobilisation and men's group programme on partner violence in rural districts",
    "Arabic": "أثر برنامج تعبئة المجتمع على عنف الشريك الحميم في المناطق الريفية: تجربة عشوائية عنقودية في شمال البلاد كلها",
    "Chinese": "农村地区社区动员项目对预防亲密伴侣暴力影响的整群随机对照试验为期四十八个月的随访结果以及对儿童福祉的影响"
    * 2,
    "Devanagari": "ग्रामीण क्षेत्रों में अंतरंग साथी हिंसा की रोकथाम पर सामुदायिक कार्यक्रम का प्रभाव और उसके परिणाम एक अध्ययन",
}


def make_plot(k, label):
    rows = tuple(
        ForestRow(
            label, 0.3 + 0.1 * (i % 9), 0.1, 0.9 + 2.0 ** (i % 8), 100 / k, {"a": f"{i}/{10 * i + 7}", "b": "survivors"}
        )
        for i in range(k)
    )
    group = ForestGroup(
        "In communities",
        rows,
        PooledLine(f"Pooled (k = {k})", 0.7, 0.5, 0.98, (0.2, 2.4), 100.0),
        "I² = 50%",
        (ForestRow(label, note="too small to pool", direction="favours"),),
    )
    return ForestPlot(
        "A title that is long enough to be wrapped where the page is narrow, as titles of reviews are",
        "Risk ratio",
        True,
        (group,) if k > 56 else (group, group),
        columns=(Column("b", "Informant"), Column("a", "Events / n", "Programme", "right")),
        favours=("Favours programme", "Favours comparison"),
        caption="How it was made. " * 20,
        post_hoc="Post hoc",
    )


@pytest.mark.parametrize("k", [1, 3, 13, 56, 150])
@pytest.mark.parametrize("label", ["Short", *LABELS.values()], ids=["short", *LABELS])
def test_a_forest_plot_of_any_size_and_script_has_no_fault(k, label):
    rows = label if k > 13 or label == "Short" else label[:120]
    assert check_layout(draw_forest(make_plot(k, rows[:5] if rows == "Short" else rows))) == []


def test_overlapping_texts_are_found():
    sheet = Sheet(200, 50)
    sheet.write(10, 20, "The first line of text")
    sheet.write(30, 22, "The second line of text")
    assert any("texts overlap" in problem for problem in check_layout(sheet.figure))


def test_text_outside_the_page_is_found():
    sheet = Sheet(60, 50)
    sheet.write(10, 20, "Much too long for this page")
    assert check_layout(sheet.figure) == ["outside the page: “Much too long for this page”"]


def test_small_print_is_found():
    sheet = Sheet(200, 50)
    sheet.write(10, 20, "tiny", size=5)
    assert any("smaller than 6 pt" in problem for problem in check_layout(sheet.figure))


def test_a_cut_interval_without_an_arrow_is_found():
    figure = draw_forest(replace(make_plot(13, "Short"), limits=(0.2, 5.0)))
    arrow = figure.findobj(lambda artist: (artist.get_gid() or "").startswith("arrow-right"))[0]
    arrow.remove()
    assert any("cut on the right without an arrow" in problem for problem in check_layout(figure))


def test_a_square_that_does_not_follow_its_weight_is_found():
    figure = draw_forest(make_plot(3, "Short"))
    square = figure.findobj(lambda artist: (artist.get_gid() or "").startswith("square-"))[0]
    square.set_label("77.0")
    assert any("does not follow its weight" in problem for problem in check_layout(figure))


def test_an_axis_with_two_ticks_is_found():
    figure = draw_forest(make_plot(3, "Short"))
    ticks = figure.findobj(lambda artist: (artist.get_gid() or "").startswith("tick-"))
    for tick in ticks[2:]:
        tick.remove()
    assert "an axis has only 2 labelled ticks" in check_layout(figure)


def test_ordinary_axes_are_looked_at_too():
    from synth.figures.style import new_figure, our_style

    figure = new_figure(80, 60)
    with our_style():
        axes = figure.add_axes((0.2, 0.2, 0.7, 0.7))
        axes.plot([0, 1], [0, 1])
        axes.set_xticks([0.5])
    assert "an axis has only 1 labelled ticks" in check_layout(figure)
