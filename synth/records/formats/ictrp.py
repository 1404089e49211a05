"""WHO's ICTRP: the search portal's XML (``Trials_downloaded_from_ICTRP``) and the registers' exchange format."""

from __future__ import annotations

import re

from synth.records.clean import find_year, keep_first, split_list
from synth.records.format import Format, Parsed
from synth.records.identity import add_trials, find_trials
from synth.records.markup import Node, list_fields, read_elements
from synth.records.record import LangText, Record

_PORTAL = re.compile(
    r"<Trial>(?:\s*<[A-Za-z_]+>[^<]*</[A-Za-z_]+>){0,6}\s*<(?:TrialID|Internal_Number)>|"
    r"<Trials_downloaded_from_ICTRP"
)
_EXCHANGE = re.compile(r"<trial>\s*<main>\s*<trial_id>")
DATABASE = "ICTRP"


def sniff(sample: str) -> float:
    """The elements of a trial."""
    return 0.98 if _PORTAL.search(sample) or _EXCHANGE.search(sample) else 0.0


def read(text: str) -> Parsed:
    """All trials."""
    if _PORTAL.search(text):
        return read_elements(text, ("Trial",), make_record, DATABASE)
    return read_elements(text, ("trial",), make_exchange_record, DATABASE)


def make_record(root: Node, position: int, line_start: int, line_end: int) -> Record:
    """One record from a Trial of the search portal."""
    titles = keep_first([root.read("Scientific_title"), root.read("Public_title")])
    date = root.read("Date_registration3", "Date_registration", "Date_enrollement")
    numbers = root.read_all("TrialID", "Secondary_ID", "SecondaryIDs", "Secondary_IDs", "other_records", "Bridged_id")
    return _make(
        root,
        (position, line_start, line_end),
        titles,
        date,
        numbers,
        words=[word for text in root.read_all("Condition") for word in split_list(text)],
        texts=root.read_all("Intervention", "Primary_outcome"),
        urls=root.read_all("web_address"),
        places=root.read_all("Contact_Affiliation", "Primary_sponsor"),
    )


def make_exchange_record(root: Node, position: int, line_start: int, line_end: int) -> Record:
    """One record from a trial of the exchange format."""
    main = root.find("main") or root
    titles = keep_first([main.read("scientific_title"), main.read("public_title")])
    numbers = [*main.read_all("trial_id", "utrn"), *root.read_all("secondary_ids/secondary_id/sec_id")]
    return _make(
        root,
        (position, line_start, line_end),
        titles,
        main.read("date_registration", "date_enrolment"),
        numbers,
        words=main.read_all("hc_freetext"),
        texts=main.read_all("i_freetext"),
        urls=main.read_all("url"),
        places=main.read_all("primary_sponsor"),
    )


def _make(
    root: Node,
    place: tuple[int, int, int],
    titles: tuple[str, ...],
    date: str,
    numbers: list[str],
    *,
    words: list[str],
    texts: list[str],
    urls: list[str],
    places: list[str],
) -> Record:
    ids: dict[str, str] = {}
    for number in numbers:
        add_trials(ids, number)
    if numbers and not find_trials(numbers[0]):
        ids["ictrp"] = numbers[0]
    abstract = "\n".join(texts)
    return Record(
        *place,
        title=titles[0] if titles else "",
        type="other",
        titles=tuple(LangText(title) for title in titles),
        year=find_year(date),
        date_raw=date,
        container=root.read("Source_Register", "main/reg_name"),
        abstracts=(LangText(abstract),) if abstract else (),
        keywords=keep_first(words),
        affiliations=keep_first(places),
        ids=ids,
        urls=keep_first(urls),
        raw=list_fields(root),
    )


FORMAT = Format("ictrp", sniff, read, "ICTRP trials (XML)")
