"""ClinicalTrials.gov as JSON (``protocolSection``) and as the XML of the site before 2024 (``clinical_study``).

Registered trials have no authors: the officials and investigators of the register are kept in the raw fields only.
"""

from __future__ import annotations

import re

from synth.records.clean import find_year, keep_first
from synth.records.format import Format, Parsed
from synth.records.identity import add_id, add_trials
from synth.records.jsontext import Item, Shape, read_list, read_objects, read_path, read_text, read_texts
from synth.records.markup import Node, list_fields, read_elements
from synth.records.record import LangText, Record

DATABASE = "ClinicalTrials.gov"
ADDRESS = "https://clinicaltrials.gov/study/"
_JSON = re.compile(r'"(?:protocolSection|ProtocolSection)"\s*:')
_XML = re.compile(r"<clinical_study[\s>]")
SHAPE = Shape(
    lambda value: isinstance(value.get("protocolSection"), dict) or isinstance(value.get("ProtocolSection"), dict),
    frozenset({"protocolSection", "identificationModule", "nctId", "briefTitle", "ProtocolSection", "NCTId"}),
)


def sniff(sample: str) -> float:
    """The register's own names for a study."""
    return 0.98 if _JSON.search(sample) or _XML.search(sample) else 0.0


def read(text: str) -> Parsed:
    """All studies."""
    if _XML.search(text):
        return read_elements(text, ("clinical_study",), make_xml_record, DATABASE)
    return read_objects(text, SHAPE, make_json_record, DATABASE)


def make_json_record(value: Item, position: int, line_start: int, line_end: int) -> Record:
    """One record from a study of the API (version 2)."""
    study = value.get("protocolSection") or lower_keys(value["ProtocolSection"])
    names = read_path(study, "identificationModule")
    titles = [read_text(names, "officialTitle"), read_text(names, "briefTitle")]
    dates = read_path(study, "statusModule")
    summary = [read_text(study, f"descriptionModule.{name}") for name in ("briefSummary", "detailedDescription")]
    ids: dict[str, str] = {}
    add_id(ids, "nct", read_text(names, "nctId"))
    for part in read_list(names, "secondaryIdInfos"):
        add_trials(ids, read_text(part, "id"))
    return make_record(
        (position, line_start, line_end),
        titles,
        summary,
        ids,
        date=read_text(dates, "startDateStruct.date", "studyFirstSubmitDate", "studyFirstPostDateStruct.date"),
        words=[*read_texts(study, "conditionsModule.conditions"), *read_texts(study, "conditionsModule.keywords")],
        places=[
            place
            for part in read_list(study, "contactsLocationsModule.locations")
            if (place := join_place([read_text(part, name) for name in ("facility", "city", "state", "country")]))
        ],
    )


def lower_keys(value: object) -> object:
    """The names of the API's first version (``BriefTitle``) as the second one writes them (``briefTitle``)."""
    if isinstance(value, dict):
        return {
            ("nctId" if key == "NCTId" else key[:1].lower() + key[1:]): lower_keys(part) for key, part in value.items()
        }
    return [lower_keys(part) for part in value] if isinstance(value, list) else value


def make_xml_record(root: Node, position: int, line_start: int, line_end: int) -> Record:
    """One record from a clinical_study element."""
    ids: dict[str, str] = {}
    add_id(ids, "nct", root.read("id_info/nct_id"))
    for number in root.read_all("id_info/secondary_id", "id_info/org_study_id"):
        add_trials(ids, number)
    places = [
        join_place([node.read(name) for name in ("name", "address/city", "address/state", "address/country")])
        for node in root.find_all("location/facility")
    ]
    return make_record(
        (position, line_start, line_end),
        [root.read("official_title"), root.read("brief_title")],
        [root.read("brief_summary/textblock"), root.read("detailed_description/textblock")],
        ids,
        date=root.read("start_date", "study_first_submitted", "firstreceived_date"),
        words=root.read_all("condition", "keyword"),
        places=places,
        raw=list_fields(root),
    )


def make_record(
    place: tuple[int, int, int],
    titles: list[str],
    texts: list[str],
    ids: dict[str, str],
    *,
    date: str,
    words: list[str],
    places: list[str],
    raw: tuple[tuple[str, str, int], ...] = (),
) -> Record:
    """A registered trial: its official title first, its summary and description as one abstract."""
    named = keep_first(titles)
    abstract = "\n".join(filter(None, texts))
    return Record(
        *place,
        title=named[0] if named else "",
        type="other",
        titles=tuple(LangText(title, "en") for title in named),
        year=find_year(date),
        date_raw=date,
        container=DATABASE,
        abstracts=(LangText(abstract, "en"),) if abstract else (),
        keywords=keep_first(words),
        languages=("en",),
        affiliations=keep_first(places),
        ids=ids,
        urls=(ADDRESS + ids["nct"],) if "nct" in ids else (),
        raw=raw,
    )


def join_place(parts: list[str]) -> str:
    """``Hospital, City, Country``."""
    return ", ".join(filter(None, parts))


FORMAT = Format("clinicaltrials", sniff, read, "ClinicalTrials.gov (JSON, XML)")
