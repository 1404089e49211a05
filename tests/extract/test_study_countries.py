"""Countries of studies, and the names that only look like them."""

import pytest
from synth.extract.study_countries import study_countries


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
        ("Vietnam veterans with stress", ()),
        ("Bosnian refugees living in Croatia", ("HRV",)),
    ],
)
def test_a_name_leads_to_its_country(text, codes):
    assert study_countries(text, "title") == codes
