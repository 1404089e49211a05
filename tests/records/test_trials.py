"""Registered trials: ClinicalTrials.gov (JSON, XML, CSV) and ICTRP (XML, CSV), and the registers' numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from synth.records import read_bytes, read_file
from synth.records.identity import add_link, find_trials, name_scheme

FILES = Path(__file__).parent / "files"


@pytest.mark.parametrize("name", ["clinicaltrials.json", "clinicaltrials.xml"])
def test_both_layouts_of_one_trial_give_one_record(name: str) -> None:
    first, second = read_file(FILES / name).records
    assert [text.text for text in first.titles] == ["Alpha tea and sleep", "Tea for sleep"]
    assert first.ids == {"nct": "NCT01234567", "isrctn": "ISRCTN12345678"}
    assert (first.keywords, first.affiliations) == (("Insomnia", "tea"), ("Tea Hospital, Nairobi, Kenya",))
    assert (first.type, second.title, second.urls) == (
        "other", "Beta bread and rest", ("https://clinicaltrials.gov/study/NCT07654321",))  # fmt: skip


def test_the_first_version_of_the_api_is_read_too() -> None:
    text = '{"ProtocolSection": {"IdentificationModule": {"NCTId": "NCT01234567", "BriefTitle": "Tea"}}}'
    (record,) = read_bytes(text.encode(), "x").records
    assert (record.title, record.ids) == ("Tea", {"nct": "NCT01234567"})


def test_ictrp_gives_the_scientific_title_first_and_the_registers_number() -> None:
    first, second = read_file(FILES / "ictrp.xml").records
    assert [text.text for text in first.titles] == ["Alpha tea and sleep", "Tea for sleep"]
    assert first.ids == {"ctri": "CTRI/2001/05/025320", "utn": "U1111-1234-5678"}
    assert (second.ids, second.container) == ({"chictr": "ChiCTR-IOR-02013026"}, "ChiCTR")


def test_the_exchange_format_of_the_registers_is_read() -> None:
    first, second = read_file(FILES / "ictrp_exchange.xml").records
    assert first.ids == {"rbr": "RBR-6q5v2x", "utn": "U1111-1234-5678", "nct": "NCT01234567"}
    assert second.ids == {"kct": "KCT0001234"}


@pytest.mark.parametrize(
    ("text", "scheme", "number"),
    [
        ("NCT 01234567", "nct", "NCT01234567"), ("isrctn12345678;", "isrctn", "ISRCTN12345678"),
        ("ACTRN12605000000000p", "actrn", "ACTRN12605000000000p"), ("ChiCTR2000029308", "chictr", "ChiCTR2000029308"),
        ("chictr-ior-17013026", "chictr", "ChiCTR-IOR-17013026"), ("CTRI/2020/05/025320", "ctri", "CTRI/2020/05/025320"),
        ("KCT0001234", "kct", "KCT0001234"), ("DRKS00012345", "drks", "DRKS00012345"),
        ("IRCT20080728001031N30", "irct", "IRCT20080728001031N30"), ("JPRN-UMIN000012345", "jprn", "JPRN-UMIN000012345"),
        ("jRCTs031180123", "jprn", "jRCTs031180123"), ("LBCTR2019010186", "lbctr", "LBCTR2019010186"),
        ("PACTR201909584125482", "pactr", "PACTR201909584125482"), ("PER-010-17", "per", "PER-010-17"),
        ("RBR-6q5v2x", "rbr", "RBR-6q5v2x"), ("RPCEC00000123", "rpcec", "RPCEC00000123"),
        ("SLCTR/2019/012", "slctr", "SLCTR/2019/012"), ("TCTR20160618001", "tctr", "TCTR20160618001"),
        ("EUCTR2013-001888-23-DK", "eudract", "EUCTR2013-001888-23-DK"), ("U1111-1234-5678", "utn", "U1111-1234-5678"),
        ("CTIS2022-500123-12-00", "ctis", "CTIS2022-500123-12-00"), ("NL-OMON12345", "ntr", "NL-OMON12345"),
    ],
)  # fmt: skip
def test_the_numbers_of_the_registers_are_found(text: str, scheme: str, number: str) -> None:
    assert find_trials(f"registered as ({text})") == {scheme: number}
    assert name_scheme(number) == scheme


def test_numbers_inside_longer_ones_are_no_trials() -> None:
    assert find_trials("10.1016/C123456789 and XNCT012345678 and RBR-") == {}


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("https://pubmed.ncbi.nlm.nih.gov/25647015/", {"pmid": "25647015"}),
        ("https://openalex.org/W2741809807", {"openalex": "W2741809807"}),
        ("https://eric.ed.gov/?id=EJ1234567", {"eric": "EJ1234567"}),
        ("https://pesquisa.bvsalud.org/portal/resource/pt/biblio-996674", {"lilacs": "biblio-996674"}),
        ("https://example.org/cnki?x=1", {}),
        ("https://dx.doi.org/10.1000/ABC.", {"doi": "10.1000/abc"}),
    ],
)
def test_addresses_show_identifiers(url: str, ids: dict[str, str]) -> None:
    found: dict[str, str] = {}
    add_link(found, url)
    assert found == ids
