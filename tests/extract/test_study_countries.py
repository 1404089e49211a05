"""Countries of studies, and the names that only look like them."""

import pytest
from synth.errors import UsageError
from synth.extract.study_countries import find_countries, study_countries
from synth.steps.extract_countries import name_countries


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Violence in Kinshasa, Democratic Republic of the Congo", ("COD",)),
        ("Violence in the Republic of the Congo", ("COG",)),
        ("Domestic violence in the Republic of Georgia", ("GEO",)),
        ("Care of patients in Atlanta, Georgia", ("USA",)),
        ("Surveys in Niger and Nigeria", ("NER", "NGA")),
        ("A survey in Guinea", ("GIN",)),
        ("Heart muscle of the guinea pig", ()),
        ("Schools in New Mexico", ("USA",)),
        ("Depression among Indian Americans", ("USA",)),
        ("Malaria in Papua New Guinea", ("PNG",)),
        ("Vietnam veterans with stress", ()),
        ("Bosnian refugees living in Croatia", ("HRV",)),
    ],
)
def test_a_name_leads_to_its_country(text, codes):
    assert study_countries(text, "title") == codes


def test_every_finding_quotes_the_source_and_has_a_role():
    text = "Women in Côte d’Ivoire took tablets (Acme Pharmaceuticals, Basel, Switzerland)."
    found = find_countries(text)
    assert all(text[each.start : each.end] == each.quote for each in found)
    assert {(each.code, each.role) for each in found} == {("CIV", "study"), ("CHE", "mention")}


def test_the_town_of_a_maker_is_no_study_place():
    assert study_countries("Sera were read (Acme Instruments, Lyon, France) in mice.") == ()


@pytest.mark.parametrize(("head", "row"), [("id,words,kind", "1,Kenya,title"), ("id,text,kind", "1,Kenya,letter")])
def test_a_wrong_column_or_kind_is_named_with_a_hint(tmp_path, head, row):
    sheet = tmp_path / "in.csv"
    sheet.write_text(f"{head}\n{row}\n", encoding="utf-8")
    with pytest.raises(UsageError) as fault:
        name_countries(str(sheet))
    assert fault.value.hint
