from __future__ import annotations

import pytest
from synth.figures.recall import MOST_NAMED, RecallCurve, RecallPlot, draw_recall, save_recall, write_caption

PLOT = RecallPlot((RecallCurve("", (1, 1, 2, 2)),), works=10, title="Relevant works found", missed_bound=3)


def drawn(figure, gid):
    return [artist for artist in figure.axes[0].get_children() if artist.get_gid() == gid]


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_curve_turns_where_a_work_was_found():
    (line,) = drawn(draw_recall(PLOT), "curve 0")
    assert len(line.get_xdata()) == 6
    assert line.get_ydata()[0] > line.get_ydata()[-1]  # y grows downwards on a sheet


def test_what_is_unread_has_its_own_ground_and_words():
    figure = draw_recall(PLOT)
    assert len(drawn(figure, "unread")) == 1
    assert "6 unread" in texts(figure)
    assert "6 are unread (grey). At most 3 of them are relevant" in write_caption(PLOT)


def test_a_replay_shows_a_random_order_and_nothing_unread():
    plot = RecallPlot((RecallCurve("", (1, 1, 2, 2)),), works=4, title="Replay", relevant=2, thing="records")
    figure = draw_recall(plot)
    assert drawn(figure, "unread") == []
    assert write_caption(plot) == "2 of 4 records are relevant. Dashed: a random order."
    assert len(drawn(figure, "even pace")) == 1


@pytest.mark.parametrize("number", [2, MOST_NAMED, MOST_NAMED + 5])
def test_few_curves_are_named_and_many_are_counted(number):
    curves = tuple(RecallCurve(f"seed {n}", (0, 1)) for n in range(number))
    plot = RecallPlot(curves, works=2, title="Replay", relevant=1)
    assert ("seed 0" in texts(draw_recall(plot))) == (number <= MOST_NAMED)
    assert write_caption(plot).startswith(f"{number} replays")


@pytest.mark.parametrize("found", [(), (0, 0, 0), tuple(range(1, 3001))])
def test_no_find_no_reading_and_long_readings_are_drawn(found, tmp_path):
    save_recall(RecallPlot((RecallCurve("", found),), works=5000, title="<b>$x_1$</b>"), tmp_path / "r.svg")
    assert "&lt;b&gt;$x_1$&lt;/b&gt;" in (tmp_path / "r.svg").read_text(encoding="utf-8")


def test_nothing_is_written_beyond_the_page():
    figure = draw_recall(RecallPlot((RecallCurve("", (1,) * 900_000),), works=1_000_000, title="A long title " * 30))
    box = figure.bbox
    for text in figure.axes[0].texts:
        extent = text.get_window_extent()
        assert extent.x0 >= box.x0 - 1
        assert extent.x1 <= box.x1 + 1
