from __future__ import annotations

import pytest
from synth.errors import UsageError
from synth.vocab.countries import (
    SOUTH_DEFINITIONS,
    countries,
    find_country,
    find_definition,
    is_south,
    match_country,
    ring_points,
    world_outlines,
)


def test_there_are_250_areas_and_each_code_stands_once():
    codes = [country.iso3 for country in countries()]
    assert len(codes) == len(set(codes)) == 250
    assert codes == sorted(codes)


def test_namibia_is_not_a_missing_value():
    assert find_country("NAM").iso2 == "NA"
    assert match_country("NA").iso3 == "NAM"


def test_kosovo_has_a_row_of_its_own():
    assert find_country("xkx").subregion == "Southern Europe"


def test_the_lists_have_the_sizes_that_their_sources_print():
    size = {key: sum(bool(d.contains(c)) for c in countries()) for key, d in SOUTH_DEFINITIONS.items()}
    assert size == {
        "wb_lmic": 134,
        "g77": 134,
        "m49_2021": 186,
        "dac": 141,
    }  # World Bank: 133 and Kosovo; M49 counts territories


def test_the_lists_disagree_about_mexico_and_turkey():
    sides = [is_south(code, name) for code in ("MEX", "SAU") for name in ("wb_lmic", "g77")]
    assert sides == [True, False, False, True]


def test_a_country_that_the_world_bank_does_not_classify_is_neither_north_nor_south():
    assert is_south("VEN", "wb_lmic") is None
    assert is_south("VEN", "g77") is True


@pytest.mark.parametrize(
    "name", ["Uganda", "uganda", "Côte d'Ivoire", "乌干达", "أوغندا", "UG", "Brasil", "UK", "Turkey"]
)
def test_names_in_six_languages_are_found(name):
    assert match_country(name) is not None


@pytest.mark.parametrize("name", ["Montserat", "", "Africa", "global south"])
def test_nothing_is_guessed(name):
    assert match_country(name) is None


def test_an_unknown_code_gets_the_nearest():
    with pytest.raises(UsageError, match="UGD") as fault:
        find_country("UGD")
    assert "Did you mean" in fault.value.hint
    with pytest.raises(UsageError) as fault:
        find_country("Ugandaa")
    assert "UGA (Uganda)" in fault.value.hint


def test_an_unknown_definition_lists_those_there_are():
    with pytest.raises(UsageError, match="no such definition") as fault:
        find_definition("wb_lmc")
    assert "Did you mean wb_lmic?" in fault.value.hint


def test_every_country_has_an_outline_or_a_dot():
    world = world_outlines()
    drawn = set(world["outlines"]) | set(world["dots"])
    assert {country.iso3 for country in countries()} - drawn == {"ATA"}
    assert {"MDV", "SGP", "TUV", "XKX", "HKG"} <= drawn


def test_outlines_stay_inside_the_map():
    world = world_outlines()
    points = [p for rings in world["outlines"].values() for ring in rings for p in ring_points(ring)]
    assert all(-1 <= x <= world["width"] + 1 and -1 <= y <= world["height"] + 30 for x, y in points)


def test_every_area_has_a_place_in_every_list():
    for country in countries():
        flags = (country.g77, country.ldc, country.lldc, country.sids, country.oecd, country.dac)
        assert all(isinstance(flag, bool) for flag in flags)
        assert len(country.m49) == 3 or country.iso3 == "XKX"
    assert find_country("NAM").dac
    assert not find_country("BGR").dac


def test_a_name_with_its_abbreviation_is_one_country():
    assert match_country("United Kingdom (UK)").iso3 == "GBR"
    assert match_country("Georgia (USA)") is None
