"""Flow charts: boxes as tall as their text, arrows between them, the same words in the SVG."""

import xml.etree.ElementTree as ET

from synth.figures import Flow, FlowBox, Phase, check_layout, draw_flow, render_figure

BOXES = (
    FlowBox("head", ("Databases and registers",), 0, 0, 2, "head"),
    FlowBox("found", ("Records identified (n = 722)", "  PubMed (n = 201)"), 0, 1),
    FlowBox("removed", ("Removed: " + "duplicates, " * 30,), 1, 1, kind="side"),
    FlowBox("screened", ("Records screened (n = 381)",), 0, 2),
    FlowBox("excluded", ("Records excluded (n = 157)",), 1, 2, kind="side"),
    FlowBox("unclear", ("Awaiting classification (n = 44)",), 1, 2, kind="side", quiet=True),
)
FLOW = Flow(
    BOXES,
    (("found", "removed"), ("found", "screened"), ("screened", "excluded"), ("screened", "unclear")),
    (Phase("Identification", 1, 1), Phase("Screening", 2, 2)),
    title="A review",
    caption="Dashed: unfinished.",
)


def boxes_of(figure):
    found = figure.findobj(lambda artist: (artist.get_gid() or "").startswith("box-"))
    return {artist.get_gid().removeprefix("box-"): artist.get_path().get_extents() for artist in found}


def test_all_words_are_in_the_svg_as_text():
    svg = render_figure(draw_flow(FLOW), "svg", title="t", description="d")
    texts = {"".join(node.itertext()) for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")}
    assert {"Records identified (n = 722)", "PubMed (n = 201)", "Screening", "Dashed: unfinished."} <= texts


def test_the_layout_is_whole_with_long_text():
    assert check_layout(draw_flow(FLOW)) == []


def test_boxes_do_not_touch_each_other():
    places = list(boxes_of(draw_flow(FLOW)).values())
    for number, one in enumerate(places):
        for other in places[number + 1 :]:
            assert one.x1 < other.x0 or other.x1 < one.x0 or one.y1 < other.y0 or other.y1 < one.y0


def test_boxes_at_one_place_stand_under_each_other_and_their_neighbour_spans_both():
    places = boxes_of(draw_flow(FLOW))
    assert places["excluded"].y1 < places["unclear"].y0
    assert places["screened"].y0 <= places["excluded"].y0
    assert places["screened"].y1 >= places["unclear"].y1


def test_a_box_without_an_arrow_is_no_fault():
    assert check_layout(draw_flow(Flow(BOXES[:2], (("found", "nowhere"),)))) == []
