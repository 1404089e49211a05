"""Forest plots: numbers on the page equal the numbers given; what is not pooled stays visible."""

import math
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.figures import (
    Column,
    ForestGroup,
    ForestPlot,
    ForestRow,
    PooledLine,
    check_layout,
    draw_forest,
    draw_forest_panels,
    forest_table,
    render_figure,
)
from synth.figures.scale import Scale, find_range, find_ticks, write_number, write_tick

ROWS = (
    ForestRow("Ruiz 2020", 0.45, 0.23, 0.91, 60.0, {"months": "24"}, key="e1"),
    ForestRow("Okoro 2021", 1.10, 0.04, 30.5, 40.0, {"months": "12"}, key="e2"),
)
POOLED = PooledLine("Pooled (k = 2)", 0.72, 0.60, 0.86, (0.40, 1.30), 100.0)


def make_plot(**changes):
    parts = {
        "title": "Violence told by women",
        "measure_label": "Risk ratio",
        "log": True,
        "groups": (ForestGroup("Community", ROWS, POOLED, "tau² = 0.04; I² = 50%"),),
        "columns": (Column("months", "Months", align="right"),),
        "favours": ("Favours programme", "Favours control"),
        "numbers_head": "RR [95% CI]",
    }
    return ForestPlot(**{**parts, **changes})


def read_texts(figure):
    svg = render_figure(figure, "svg", title="t", description="d")
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def named(figure, start):
    found = figure.findobj(lambda artist: (artist.get_gid() or "").startswith(start))
    return {artist.get_gid(): artist for artist in found}


def test_numbers_read_back_from_the_svg_equal_those_given():
    texts = read_texts(draw_forest(make_plot()))
    for number in ("0.45", "[0.23,", "0.91]", "1.10", "[0.04,", "30.50]", "0.72", "[0.60,", "0.86]", "60.0", "40.0"):
        assert number in texts


def test_the_prediction_interval_stands_in_its_own_row():
    texts = read_texts(draw_forest(make_plot()))
    assert "Prediction interval" in texts
    assert {"[0.40,", "1.30]"} <= set(texts)


def test_an_interval_beyond_the_axis_has_an_arrow_and_its_true_limits_in_the_text():
    figure = draw_forest(make_plot(limits=(0.2, 5.0)))
    assert any("right" in gid for gid in named(figure, "arrow-"))
    assert "30.50]" in read_texts(figure)


def test_the_area_of_squares_is_proportional_to_weight():
    squares = named(draw_forest(make_plot()), "square-").values()
    areas = {float(square.get_label()): (square.get_xy()[1, 0] - square.get_xy()[0, 0]) ** 2 for square in squares}
    assert areas[60.0] / areas[40.0] == pytest.approx(1.5)


def test_squares_stand_where_the_logarithm_says():
    figure = draw_forest(make_plot(limits=(0.1, 10.0)))
    ticks = {text.get_text(): text.get_position()[0] for text in named(figure, "tick-").values()}
    square = next(iter(named(figure, "square-").values())).get_xy()
    centre = (square[0, 0] + square[1, 0]) / 2
    share = (math.log(0.45) - math.log(0.1)) / (math.log(1) - math.log(0.1))
    assert centre == pytest.approx(ticks["0.1"] + share * (ticks["1"] - ticks["0.1"]), abs=1e-6)


def test_decimal_points_of_a_column_stand_under_each_other():
    figure = draw_forest(make_plot())
    ends = {text.get_text(): text.get_position()[0] for text in figure.axes[0].texts}
    assert ends["0.45"] == pytest.approx(ends["1.10"])
    assert ends["0.91]"] == pytest.approx(ends["30.50]"])


@pytest.mark.parametrize(("better", "favours_left"), [("left", True), ("right", False)])
def test_a_direction_points_to_the_side_of_the_axis_that_it_speaks_for(better, favours_left):
    rows = (ForestRow("A", direction="favours"), ForestRow("B", direction="against"))
    figure = draw_forest(make_plot(groups=(ForestGroup("", ROWS + rows),), better=better))
    places = {text.get_text().strip("◀▶ "): text.get_position()[0] for text in named(figure, "direction-").values()}
    assert (places["favours"] < places["against"]) == favours_left


def test_every_direction_has_a_sign_and_a_word():
    rows = tuple(
        ForestRow(name, direction=name, note="no number") for name in ("favours", "against", "none", "unclear")
    )
    texts = read_texts(draw_forest(make_plot(groups=(ForestGroup("", rows),))))
    assert {"◀ favours", "against ▶", "○ no difference", "? unclear"} <= set(texts)
    assert texts.count("no number") == 4


def test_what_is_too_small_to_pool_stays_as_a_row_with_its_reason():
    group = ForestGroup("Prison", (), None, "", (ForestRow("Tiny 1999", 0.2, 0.01, 6.0, note="too small to pool"),))
    figure = draw_forest(make_plot(groups=(group,)))
    assert {"Tiny 1999", "too small to pool", "0.20"} <= set(read_texts(figure))
    assert not named(figure, "diamond-")
    assert not named(figure, "square-")


def test_a_post_hoc_synthesis_says_so_in_the_figure():
    assert "Post hoc: not declared" in read_texts(draw_forest(make_plot(post_hoc="Post hoc: not declared")))


def test_no_diamond_is_drawn_across_panels():
    panels = [make_plot(title=name, groups=(ForestGroup("", ROWS),)) for name in ("Survivors", "Official records")]
    figure = draw_forest_panels(panels, "By informant", caption="No test is made between panels.")
    assert not named(figure, "diamond-")
    assert {"Survivors", "Official records", "No test is made between panels."} <= set(read_texts(figure))


def test_panels_of_one_measure_share_one_axis():
    wide = make_plot(title="Wide", groups=(ForestGroup("", (ForestRow("W", 5.0, 2.0, 12.0),)),))
    figure = draw_forest_panels([make_plot(groups=(ForestGroup("", ROWS[:1]),)), wide], "By informant")
    ticks = [(text.get_text(), round(text.get_position()[0], 6)) for text in named(figure, "tick-").values()]
    assert len(ticks) == 2 * len(set(ticks))


def test_the_table_twin_says_all_that_the_picture_says():
    plot = make_plot(left_out=(ForestRow("Other 2010", note="another measure"),))
    table = forest_table(plot)
    assert list(table["kind"]) == ["row", "row", "pooled", "prediction", "left out"]
    assert table.loc[0, ["label", "estimate", "low", "high", "weight", "Months"]].tolist() == [
        "Ruiz 2020",
        0.45,
        0.23,
        0.91,
        60.0,
        "24",
    ]
    assert table.loc[4, "note"] == "another measure"


def test_ratio_axes_have_ticks_at_one_two_and_five():
    scale = Scale(0.09, 5.2, log=True, left=0, right=180)
    assert [write_tick(tick) for tick in find_ticks(scale)] == ["0.1", "0.2", "0.5", "1", "2", "5"]


@settings(max_examples=60, deadline=None)
@given(st.floats(-13, 13), st.floats(0.01, 8))
def test_any_axis_has_three_labelled_ticks_and_holds_its_null(middle, half):
    row = (math.exp(middle - half), math.exp(middle), math.exp(middle + half))
    low, high = find_range([row], [], 1.0, log=True)
    assert low <= 1 <= high
    assert len(find_ticks(Scale(low, high, log=True, left=0, right=165))) >= 3


@settings(max_examples=60, deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e5))
def test_difference_axes_have_three_ticks_too(middle, half):
    low, high = find_range([(middle - half, middle, middle + half)], [], 0.0, log=False)
    assert len(find_ticks(Scale(low, high, log=False, left=0, right=165))) >= 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.451, "0.45"),
        (-0.3, "−0.30"),
        (-0.001, "−10⁻³"),
        (1e-6, "10⁻⁶"),
        (2.5e6, "2.5×10⁶"),
        (math.nan, ""),
        (0.0, "0.00"),
    ],
)
def test_numbers_are_written_so_that_they_can_be_read(value, text):
    assert write_number(value) == text


def test_huge_and_tiny_effects_leave_the_layout_whole():
    rows = (*ROWS, ForestRow("Tiny", 1e-6, 1e-9, 1e-3, 1.0), ForestRow("Huge", 1e6, 1e3, 1e9, 1.0))
    assert check_layout(draw_forest(make_plot(groups=(ForestGroup("", rows),)))) == []
