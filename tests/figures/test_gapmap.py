from __future__ import annotations

import html
import json
import re

import pandas as pd
import pytest
from synth.figures.gapmap import draw_gapmap, sign_corners, sign_half_width
from synth.figures.gapmap_page import render_page, safe_link
from synth.figures.style import render_figure
from synth.maps import EVIDENCE_KINDS, build_map, count_map, find_gaps

PAYLOAD = "</script><script>window.pwned=1</script><img src=x onerror=window.pwned=1>\"'&\u2028"


def make_map(n=3, term="men", **more):
    studies = pd.DataFrame(
        {"id": [f"s{i}" for i in range(n)], "name": [f"Study {i}" for i in range(n)], "kind": "primary", "year": 2000}
    )
    codes = [
        (f"s{i}", axis, value)
        for i in range(n)
        for axis, value in (("population", term), ("setting", f"place {i % 2}"), ("country", "UGA"), ("design", "RCT"))
    ]
    trees = {"population": [{"id": "men", "label": "Men"}, {"id": "autism", "label": "Autism"}]}
    labels = pd.DataFrame(codes, columns=["study_id", "axis", "term"])
    return build_map(
        studies.assign(**more.pop("fields", {})), labels, rows="population", cols="setting", trees=trees, **more
    )


def payload_of(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])


def first_study(page):
    packed = payload_of(page)["studies"]
    return dict(zip(packed["fields"], packed["rows"][0], strict=False))


def draw(shown):
    table = count_map(shown)
    return draw_gapmap(
        table,
        find_gaps(table),
        title="A map",
        row_label="Population",
        col_label="Setting",
        definition="Global south: a list",
    )


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_the_same_map_gives_the_same_page_byte_for_byte():
    assert render_page(make_map()) == render_page(make_map())


def test_the_page_loads_nothing_from_elsewhere():
    page = render_page(make_map())
    assert not re.search(r"""(?:src|href)=["'](?!#)""", page)
    assert "default-src 'none'" in html.unescape(page)
    assert "unsafe-inline" not in page


def test_the_first_table_stands_in_the_page_without_a_script():
    page = render_page(make_map())
    table = page[page.index('<table class="gap"') : page.index("</table>")]
    assert table.count('scope="row"') == 3
    assert table.count('scope="col"') == 4
    assert '<span class="number">2</span>' in table
    assert table.count("state-absolute") == 2  # autism, in both settings


def test_the_head_names_the_definition_in_force_and_what_another_would_move():
    page = html.unescape(render_page(make_map(south="g77")))
    assert "Global south: Group of 77 and China (134 members, countrygroups 0.13.0)" in page
    assert "In the global south: 3 of 3 with a country" in page


@pytest.mark.parametrize("field", ["id", "name", "title", "authors", "container", "confidence"])
def test_html_in_a_field_of_a_study_is_only_text(field):
    page = render_page(make_map(1, fields={field: [PAYLOAD] if field != "id" else "s0"}))
    assert page.count("<script") == 2
    assert "<img" not in page


def test_html_in_terms_titles_and_quotes_is_only_text():
    shown = make_map(1, term=PAYLOAD, title=PAYLOAD, question=PAYLOAD)
    shown.labels["quote"] = PAYLOAD
    page = render_page(shown)
    assert page.count("<script") == 2
    assert "<img" not in page
    assert first_study(page)["quotes"][0][2].startswith("</script>")


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "data:text/html,x", "//e.org", "http://[", " \tjavascript:x", "ftp://e.org", None, 3],
)
def test_only_web_addresses_become_links(link):
    assert safe_link(link) == ""


def test_a_web_address_stays():
    assert safe_link(" https://e.org/a?b=c ") == "https://e.org/a?b=c"


def test_only_named_fields_leave_the_project():
    shown = make_map(1, fields={"internal_comment": ["not for the public"], "person_id": ["ana"]})
    assert "not for the public" not in render_page(shown)
    assert "ana" not in first_study(render_page(shown)).values()


def test_signs_of_all_kinds_have_one_area():
    for kind in EVIDENCE_KINDS:
        corners = sign_corners(kind.id)
        if corners is not None:
            pairs = zip(corners, corners[1:] + corners[:1], strict=True)
            area = abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2
            assert area == pytest.approx(3.14159265, rel=1e-6)
        assert sign_half_width(kind.id) < 1.4


def test_the_picture_has_a_number_in_every_cell_and_prints_the_definition():
    words = texts(draw(make_map()))
    numbers = [word for word in words if word.isdigit()]
    assert len(numbers) == 3 * 3  # men, autism, all; two places, all
    assert any("Global south: a list." in word for word in words)


def test_the_same_picture_has_the_same_bytes():
    one, two = (render_figure(draw(make_map()), "svg", title="t", description="d") for _ in range(2))
    assert one == two


def test_a_label_of_two_thousand_letters_stays_in_its_column():
    figure = draw(make_map(term="very long category " * 110))
    renderer = figure.canvas.get_renderer()
    width = figure.bbox.width
    assert all(text.get_window_extent(renderer).x1 <= width for text in figure.axes[0].texts)
    assert any(word.endswith("…") for word in texts(figure))


def test_no_study_is_drawn_and_written_too():
    studies = pd.DataFrame({"id": [], "name": [], "kind": [], "year": []})
    shown = build_map(
        studies, pd.DataFrame({"study_id": [], "axis": [], "term": []}), rows="a", cols="b", trees={"a": [], "b": []}
    )
    assert "0 studies: 0 primary, 0 reviews." in render_page(shown)
    assert "0" in texts(draw(shown))
