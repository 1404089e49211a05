"""The gap map's page in a real browser: keyboard, filters, injection, width, colours."""

from __future__ import annotations

import csv
import io
import json

import pandas as pd
import pytest
from synth.figures.gapmap_page import write_page
from synth.maps import build_map, count_map

pytestmark = pytest.mark.browser

PAYLOAD = "</script><script>window.pwned=1</script><img src=x onerror=window.pwned=1>\"'><svg onload=window.pwned=1>"
TREES = {
    "population": [
        {
            "id": "users",
            "label": "People who use violence",
            "children": [{"id": "men", "label": "Men"}, {"id": "autism", "label": "Autism or learning disability"}],
        },
        {"id": "survivors", "label": "Survivors"},
    ]
}


def make_map(n=13, **fields):
    numbers = range(n)
    studies = pd.DataFrame(
        {
            "id": [f"s{i}" for i in numbers],
            "name": [f"Study {i}" for i in numbers],
            "title": [f"Title {i}" for i in numbers],
            "kind": ["review" if i % 5 == 4 else "primary" for i in numbers],
            "year": [2000 + i % 20 for i in numbers],
            "link": [f"https://example.org/{i}" for i in numbers],
        }
    ).assign(**fields)
    values = {
        "population": ["men", "survivors"],
        "setting": ["court", "community", "school"],
        "country": ["UGA", "USA", "TUV", "MEX"],
        "design": ["RCT", "qualitative", "cohort"],
    }
    codes = [
        (f"s{i}", axis, terms[i % len(terms)], "seen here" if axis == "population" else "")
        for i in numbers
        for axis, terms in values.items()
    ]
    labels = pd.DataFrame(codes, columns=["study_id", "axis", "term", "quote"])
    return build_map(studies, labels, rows="population", cols="setting", trees=TREES, title="A map")


@pytest.fixture(scope="module")
def browser():
    import shutil

    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.fixture
def open_map(browser, tmp_path):
    """Open the page of a map; whatever the browser complains about or asks the network for fails the test."""
    complaints = []
    contexts = []

    def opened(shown, width=1280, **options):
        write_page(shown, tmp_path / "map.html")
        context = browser.new_context(viewport={"width": width, "height": 900}, accept_downloads=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        page.on(
            "request",
            lambda request: complaints.append(request.url) if not request.url.startswith(("file:", "blob:")) else None,
        )
        page.goto((tmp_path / "map.html").as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def names(page):
    return page.eval_on_selector_all("table.gap button.cell", "all => all.map(b => b.textContent)")


def test_the_script_counts_as_the_library_does(open_map):
    shown = make_map(200)
    page = open_map(shown)
    for rows, cols in (("population", "setting"), ("region", "evidence"), ("south_g77", "country")):
        page.select_option("#rows", rows)
        page.select_option("#cols", cols)
        table = count_map(shown, rows, cols)
        expected = table.cells["n"].tolist()
        found = page.eval_on_selector_all("table.gap button.cell .number", "all => all.map(n => Number(n.textContent))")
        assert found == expected


def test_the_first_table_says_the_same_without_a_script(open_map):
    with_script = open_map(make_map()).eval_on_selector_all("table.gap .number", "all => all.map(n => n.textContent)")
    page = open_map(make_map(), java_script_enabled=False)
    assert page.locator("table.gap .number").all_text_contents() == with_script
    assert (
        page.locator("table.gap .state").all_text_contents()
        == open_map(make_map()).locator("table.gap .state").all_text_contents()
    )
    assert page.locator("section[aria-labelledby=plain-list] li").count() == 13
    assert not page.locator("#filters").is_visible()


def test_every_cell_is_a_button_with_a_name(open_map):
    found = names(open_map(make_map()))
    assert len(found) == 5 * 4
    assert "People who use violence › Men, community: 2 studies, 1 review, review old" in found
    assert "People who use violence › Autism or learning disability, court: 0 studies, 0 reviews, no evidence" in found


def test_arrow_keys_walk_the_grid_and_enter_lists_the_studies(open_map):
    page = open_map(make_map())
    page.locator("table.gap button.cell[tabindex='0']").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    focused = page.evaluate("document.activeElement.textContent")
    assert focused.startswith("People who use violence › Men, court: 3 studies")
    assert page.locator("#story").inner_text().startswith("People who use violence › Men × court: 3 studies")
    page.keyboard.press("Enter")
    assert page.locator("#list .study").count() == 3
    assert page.locator("table.gap button.cell[tabindex='0']").count() == 1


def test_home_and_end_reach_the_edges(open_map):
    page = open_map(make_map())
    page.locator("table.gap button.cell[tabindex='0']").focus()
    page.keyboard.press("Control+End")
    assert page.evaluate("document.activeElement.textContent").startswith("All studies: 13 studies")
    page.keyboard.press("ArrowDown")  # nothing beyond
    page.keyboard.press("Control+Home")
    assert page.evaluate("document.activeElement.textContent").startswith("People who use violence, court")


def test_a_filter_changes_the_counts_and_reset_brings_them_back(open_map):
    page = open_map(make_map())
    before = names(page)
    page.locator("details[data-axis=country] summary").click()
    page.get_by_role("checkbox", name="Uganda").check()
    assert page.locator("#summary").inner_text() == "4 of 13 studies: 3 primary, 1 review."
    assert names(page) != before
    page.locator("#reset").click()
    assert names(page) == before


def test_years_and_words_narrow_the_studies(open_map):
    page = open_map(make_map())
    page.fill("#year-from", "2010")
    assert page.locator("#summary").inner_text().startswith("3 of 13")
    page.fill("#search", "title 11")
    assert page.locator("#list h3").all_text_contents() == ["Study 11"]


def test_another_definition_of_global_south_moves_studies_and_says_so(open_map):
    page = open_map(make_map())
    assert "World Bank low and middle income" in page.locator("#south").inner_text()
    page.locator("details[data-axis=south_wb_lmic] summary").click()
    page.locator("details[data-axis=south_wb_lmic] select").select_option("g77")
    assert "Group of 77" in page.locator("#south").inner_text()
    counts = page.locator("details[data-axis=south_g77] .count").all_text_contents()
    assert counts[:2] == ["4", "9"]  # Mexico has left the south, and Tuvalu is no member


def test_a_study_card_shows_the_quote_and_its_link(open_map):
    page = open_map(make_map(1))
    page.locator("#list .study summary").click()
    assert "“seen here”" in page.locator("#list blockquote").inner_text()
    assert page.locator("#list a").get_attribute("href") == "https://example.org/0"


@pytest.mark.parametrize("field", ["id", "name", "title", "authors", "container", "link", "confidence"])
def test_html_in_a_study_is_inert(open_map, field):
    shown = make_map(1)
    page = open_map(
        build_map(
            shown.studies.assign(**{field: PAYLOAD}),
            shown.labels.assign(study_id=PAYLOAD) if field == "id" else shown.labels,
            rows="population",
            cols="setting",
        )
    )
    page.locator("table.gap button.cell").first.click()
    assert page.evaluate("window.pwned") is None


def test_html_in_codes_quotes_findings_and_title_is_inert(open_map):
    studies = pd.DataFrame(
        {
            "id": ["s"],
            "name": ["x"],
            "kind": ["primary"],
            "year": [2000],
            "link": ["javascript:window.pwned=1"],
            "findings": [[PAYLOAD]],
        }
    )
    codes = [("s", axis, PAYLOAD, PAYLOAD, PAYLOAD) for axis in ("population", "setting", "country", PAYLOAD)]
    labels = pd.DataFrame(codes, columns=["study_id", "axis", "term", "quote", "place"])
    page = open_map(
        build_map(
            studies,
            labels,
            rows="population",
            cols="setting",
            title=PAYLOAD,
            question=PAYLOAD,
            axis_labels={"population": PAYLOAD},
        )
    )
    page.locator("table.gap button.cell").first.hover()
    page.locator("#list .study summary").click()
    for summary in page.locator("#filter-box details summary").all():
        summary.click()
    assert page.evaluate("window.pwned") is None
    assert page.locator("#list a").count() == 0


@pytest.mark.parametrize("width", [320, 400, 1280])
def test_the_page_never_scrolls_sideways(open_map, width):
    shown = make_map(13, name=["Averyveryverylongnamewithoutaspace" * 5] * 13)
    page = open_map(shown, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_heads_stay_in_sight_when_the_table_scrolls(open_map):
    page = open_map(make_map(), 320)
    page.evaluate("document.getElementById('grid-box').scrollTo(200, 0)")
    box = page.locator("#grid-box").bounding_box()
    head = page.locator("table.gap tbody th").first.bounding_box()
    assert abs(head["x"] - box["x"]) < 1


def test_countries_have_names_can_be_reached_and_choose_studies(open_map):
    page = open_map(make_map())
    assert page.locator("#outlines [tabindex='0']").count() == 1
    land = page.locator("#outlines [data-iso=UGA]")
    assert land.get_attribute("aria-label") == "Uganda: 4 studies"
    land.focus()
    page.keyboard.press("Enter")
    assert page.locator("#list-head").inner_text() == "Uganda: 4 studies"
    page.keyboard.press("ArrowRight")
    assert page.locator("#world-story").inner_text() == "Kenya: no study."


def test_tiles_make_small_states_count(open_map):
    page = open_map(make_map())
    assert not page.locator("#tiles").is_visible()
    page.locator("#toggle-tiles").click()
    assert page.locator("#tiles [data-iso=TUV]").text_content() == "Tuvalu: TUV 3 studies"
    assert not page.locator("#outlines").is_visible()


def test_the_studies_in_sight_can_be_taken_away_as_csv(open_map):
    page = open_map(make_map(13, name=["=cmd()"] * 13))
    page.get_by_role("button", name="People who use violence › Men, court: 3 studies").click()
    with page.expect_download() as download:
        page.locator("#download-list").click()
    content = download.value.path().read_text(encoding="utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(content)))
    assert [line["id"] for line in lines] == ["s0", "s6", "s12"]
    assert {line["name"] for line in lines} == {"'=cmd()"}


CONTRAST = """() => {
  const light = (c) => { const v = c.map((x) => { x /= 255; return x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; }); return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (node) => { for (; node; node = node.parentElement) { const c = parse(getComputedStyle(node).backgroundColor); if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
  const bad = [];
  for (const node of document.querySelectorAll("body *")) {
    if (![...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim())) continue;
    if (!node.checkVisibility() || node.closest("svg, script, option")) continue;
    const a = light(parse(getComputedStyle(node).color).slice(0, 3)), b = light(ground(node));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push([node.className, node.textContent.slice(0, 30), ratio]);
  }
  return bad;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_a_contrast_of_at_least_four_and_a_half(open_map, scheme):
    page = open_map(make_map(200), color_scheme=scheme)
    page.locator("#toggle-tiles").click()
    page.evaluate("document.querySelectorAll('.tile').forEach((tile, i) => { tile.className = `tile step-${i % 6}`; })")
    assert json.dumps(page.evaluate(CONTRAST)) == "[]"
