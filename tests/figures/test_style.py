"""The look: equal bytes in every process, text that stays text, names for screen readers."""

import hashlib
import os
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from synth.errors import UsageError
from synth.figures import ForestGroup, ForestPlot, ForestRow, draw_forest, inline_svg, render_figure, save_figure
from synth.figures.style import COUNTS, INK, PAPER, SERIES

SVG = "{http://www.w3.org/2000/svg}"
SCRIPT = """
import hashlib
from synth.figures import *
rows = tuple(ForestRow(name, 0.8, 0.5, 1.3, 50.0) for name in ("Ruiz 2020", "\u4e2d\u6587"))
plot = ForestPlot("T", "Risk ratio", True, (ForestGroup("A", rows),))
for kind in ("svg", "pdf", "png"):
    print(hashlib.sha256(render_figure(draw_forest(plot), kind, title="t", description="d", dpi=60)).hexdigest())
"""


def small_plot(label="Ruiz 2020"):
    return ForestPlot("A title", "Risk ratio", True, (ForestGroup("", (ForestRow(label, 0.8, 0.5, 1.3, 100.0),)),))


def svg_of(plot, title="t", description="d"):
    return render_figure(draw_forest(plot), "svg", title=title, description=description)


def test_a_figure_has_the_same_bytes_in_two_processes_with_different_hash_seeds():
    answers = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        answers.add(
            subprocess.run(
                [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
            ).stdout
        )
    assert len(answers) == 1
    assert len(answers.pop().split()) == 3


def test_text_in_an_svg_stays_text_and_is_whole_in_any_script():
    label = "中文 العنف हिन्दी <b>$x^2$</b> & more"
    texts = [node.text for node in ET.fromstring(svg_of(small_plot(label))).iter(f"{SVG}text")]
    assert "".join(text or "" for text in texts).replace(" ", "").count("中文العنفहिन्दी<b>$x^2$</b>&more") == 1


def test_an_svg_names_itself_for_screen_readers():
    root = ET.fromstring(svg_of(small_plot(), title="Forest <plot>", description="What it \x07 shows"))
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == "Forest <plot>"
    assert root.find(f"{SVG}desc").text == "What it   shows"


def test_an_svg_asks_for_no_file_and_no_network():
    svg = svg_of(small_plot()).decode()
    assert "@import" not in svg
    assert "<style" not in svg
    assert "DOCTYPE" not in svg


def test_two_figures_on_one_page_do_not_share_ids():
    svg = svg_of(small_plot())
    ids = [
        node.get("id")
        for prefix in ("one", "two")
        for node in ET.fromstring(inline_svg(svg, prefix)).iter()
        if node.get("id")
    ]
    assert len(ids) == len(set(ids))
    assert all(name.startswith(("one-", "two-")) for name in ids)


def test_an_inline_figure_follows_the_colours_of_its_page():
    text = inline_svg(svg_of(small_plot()), "one")
    assert f"var(--ink, {INK})" in text
    assert f"var(--paper, {PAPER})" in text


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"ends in \.svg, \.pdf or \.png"):
        save_figure(draw_forest(small_plot()), tmp_path / "plot.jpg", title="t", description="d")


def test_saving_writes_what_rendering_gives(tmp_path):
    save_figure(draw_forest(small_plot()), tmp_path / "a.svg", title="t", description="d")
    assert hashlib.sha256((tmp_path / "a.svg").read_bytes()).digest() == hashlib.sha256(svg_of(small_plot())).digest()


def contrast(one, two):
    def light(color):
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_steps_for_counts_grow_darker_and_series_differ():
    steps = [contrast(color, PAPER) for color in COUNTS]
    assert steps == sorted(steps)
    assert len(set(SERIES)) == len(SERIES)
    assert contrast(INK, PAPER) > 7
