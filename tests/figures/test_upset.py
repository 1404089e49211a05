"""UpSet plots: what is drawn is what was counted, and nothing is left out in silence."""

import pytest
from synth.figures.check import check_layout
from synth.figures.style import render_figure
from synth.figures.upset import draw_upset

SIZES = [("PubMed", 30), ("LILACS", 12), ("SciELO", 9)]
SETS = [(("PubMed",), 21), (("LILACS", "PubMed"), 6), (("SciELO",), 5), (("LILACS", "PubMed", "SciELO"), 3)]


def gids(figure):
    return {artist.get_gid(): artist for artist in figure.axes[0].get_children() if artist.get_gid()}


def test_columns_are_as_tall_as_their_numbers():
    drawn = gids(draw_upset(SIZES, SETS))
    corners = [drawn[f"column-{place}"].get_xy()[:, 1] for place in range(4)]
    heights = [float(max(ys) - min(ys)) for ys in corners]
    assert [round(height / heights[0], 3) for height in heights] == [round(number / 21, 3) for _, number in SETS]


def test_combinations_without_room_are_summed_up():
    sets = [(("PubMed",), 5)] + [(("LILACS",), 1)] * 200
    assert "rest" in gids(draw_upset(SIZES, sets, width_mm=90))


def test_long_and_foreign_names_are_cut_and_drawn():
    figure = draw_upset([("العنف ضد المرأة " * 20, 3), ("<b>$x$</b>", 2)], [(("<b>$x$</b>",), 2)], title="$t$")
    assert render_figure(figure, "svg", title="t", description="d")


def test_nothing_overlaps():
    assert not check_layout(draw_upset(SIZES, SETS, title="Overlap"), least_ticks=0)


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_equal_numbers_give_equal_files(kind):
    files = {render_figure(draw_upset(SIZES, SETS), kind, title="t", description="d") for _ in range(2)}
    assert len(files) == 1
