from __future__ import annotations

from synth.figures.style import COUNTS, render_figure
from synth.figures.worldmap import (
    choose_steps,
    draw_worldmap,
    find_step,
    group_regions,
    name_steps,
    place_tiles,
    svg_path,
)
from synth.vocab.countries import countries


def draw(counts):
    return draw_worldmap(counts, title="Where", definition="Global south: a list", studies=4, without_country=1)


def test_steps_are_whole_numbers_that_grow_and_reach_the_largest_count():
    assert choose_steps(0) == (1,)
    assert choose_steps(4) == (1, 2, 3, 4)
    for largest in (6, 14, 100, 2_000):
        steps = choose_steps(largest)
        assert len(steps) == len(COUNTS)
        assert list(steps) == sorted(set(steps))
        assert find_step(largest, steps) == 5


def test_steps_are_named_in_words():
    assert name_steps(choose_steps(14)) == ["1", "2", "3–4", "5–8", "9 or more"]
    assert name_steps(choose_steps(2)) == ["1", "2"]


def test_every_country_has_one_tile_and_no_two_share_a_place():
    tiles, _, _ = place_tiles()
    assert len({tile.iso3 for tile in tiles}) == len(tiles) == sum(bool(c.subregion) for c in countries())
    assert len({(tile.x, tile.y) for tile in tiles}) == len(tiles)
    assert {"TUV", "MDV", "XKX", "NAM"} <= {tile.iso3 for tile in tiles}


def test_regions_hold_every_country_once():
    codes = [code for _, group in group_regions() for code in group]
    assert len(codes) == len(set(codes))


def test_a_state_too_small_to_be_seen_gets_a_square():
    assert svg_path("TUV").count("h14v14") == 1
    assert svg_path("BRA").startswith("M")
    assert "h14" not in svg_path("BRA")


def test_the_tiles_print_the_counts_and_the_foot_names_the_definition():
    words = [text.get_text() for axes in draw({"UGA": 3, "TUV": 1}).axes for text in axes.texts]
    assert {"3", "UGA", "TUV", "Global south: a list"} <= set(words)


def test_the_same_counts_give_the_same_bytes():
    one, two = (render_figure(draw({"UGA": 3}), "svg", title="t", description="d") for _ in range(2))
    assert one == two
