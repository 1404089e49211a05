from __future__ import annotations

import pandas as pd
import pytest
from synth.errors import UsageError
from synth.maps import build_map, count_map

STUDIES = pd.DataFrame(
    [("a", "A", "primary", 2010), ("b", "B", "primary", 2011)], columns=["id", "name", "kind", "year"]
)
TREES = {"population": [{"id": "men", "label": "Men", "synonyms": ["hombres"]}, {"id": "autism", "label": "Autism"}]}


def build(*codes, **more):
    labels = pd.DataFrame(codes, columns=["study_id", "axis", "term"])
    return build_map(STUDIES, labels, **({"rows": "population", "cols": "setting", "trees": TREES} | more))


CODES = [
    ("a", "population", " Hombres "),
    ("b", "population", "MEN"),
    ("a", "setting", "court"),
    ("b", "setting", "court"),
    ("a", "country", "Namibia"),
    ("b", "country", "MEX"),
    ("b", "country", "XYZ"),
    ("a", "design", "RCT"),
]


def test_codes_are_matched_by_id_label_and_synonym_without_case():
    assert count_map(build(*CODES)).cell("men", "court")["n"] == 2


def test_countries_give_region_income_and_the_side_by_every_definition():
    shown = build(*CODES)
    codes = set(shown.labels[["study_id", "axis", "term"]].itertuples(index=False, name=None))
    assert ("a", "country", "NAM") in codes
    assert ("a", "region", "Sub-Saharan Africa") in codes
    assert {("b", "south_wb_lmic", "south"), ("b", "south_g77", "north")} <= codes


def test_a_region_that_was_given_stays_where_the_country_is_not_known():
    shown = build(*CODES[:4], ("a", "country", "UGA"), ("a", "region", "Elsewhere"), ("b", "region", "Southern Asia"))
    regions = shown.labels[shown.labels["axis"] == "region"]
    assert dict(zip(regions["study_id"], regions["term"], strict=True)) == {
        "a": "Sub-Saharan Africa",
        "b": "Southern Asia",
    }


def test_an_unknown_country_stays_as_it_was_written():
    assert "XYZ" in {term.id for term in build(*CODES).axis("country").terms}


def test_every_map_knows_kinds_of_evidence():
    assert count_map(build(*CODES), "evidence", "setting").cell("randomised", "court")["study_ids"] == ("a",)


def test_an_unknown_axis_lists_the_axes():
    with pytest.raises(UsageError, match="no such axis") as fault:
        build(*CODES, rows="populaton")
    assert "Did you mean population?" in fault.value.hint
    assert "setting" in fault.value.hint


def test_control_characters_in_codes_become_spaces():
    shown = build(("a", "population", "a\x1ftotal\nb"), ("a", "setting", "x"))
    assert "a total b" in {term.id for term in shown.axis("population").terms}
