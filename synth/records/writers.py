"""Records to files: RIS, BibTeX, nbib, CSV, XLSX, JSON lines, CSL-JSON, EndNote XML.

Written and read again, a record has the same canonical fields (RIS, BibTeX, nbib, CSV). Two conventions make that
possible: further identifiers are written as ``value [scheme]``, and where a format has no place for the language of an
abstract, a note says it. What was read from RIS is written to RIS tag by tag, as it was.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from synth.records.fields import ABSTRACT_LANGUAGES, TITLE_LANGUAGES, UNKNOWN
from synth.records.formats.csv import read_list, split_names
from synth.records.frames import RECORD_IDS, WORK_ID
from synth.records.languages import name_texts, write_language
from synth.records.latex import encode_latex
from synth.records.record import LangText, Record, RisTags, TagLines
from synth.records.types import WRITE_BIBTEX, WRITE_CSL, WRITE_RIS

CSV_COLUMNS = (
    "type",
    "title",
    "titles",
    "authors",
    "year",
    "date",
    "container",
    "volume",
    "issue",
    "pages",
    "abstract",
    "abstracts",
    "keywords",
    "languages",
    "affiliations",
    "doi",
    "pmid",
    "pmcid",
    "ids",
    "urls",
)
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_RANGE = re.compile(r"([^\s-]{1,40})-([^\s-]{1,40})$")
FIXED_DATE = datetime(2000, 1, 1)  # noqa: DTZ001  XlsxWriter takes no time zone; a fixed date gives equal bytes
_CELL_LIMIT = 32_767
"""The most characters that a spreadsheet's cell holds."""
_NBIB_TYPES = {
    "article": "Journal Article",
    "book": "Book",
    "chapter": "Book Chapter",
    "report": "Technical Report",
    "thesis": "Academic Dissertation",
    "conference": "Conference Paper",
    "dataset": "Dataset",
    "web": "Web Page",
    "other": "Other",
}
_BIBTEX_CONTAINERS = {"chapter": "booktitle", "conference": "booktitle", "thesis": "school", "report": "institution"}
_NBIB_IDS = {"pmid": "PMID", "pmcid": "PMC", "issn": "IS", "isbn": "ISBN"}
_BIBTEX_IDS = {"doi", "pmid", "pmcid", "issn", "isbn"}
NOTE_TAGS = frozenset({"n1", "rn", "note", "notes", "annote", "gn", "%z", "research-notes", "extra"})
"""Where RIS, BibTeX, nbib, EndNote and Zotero keep notes."""
_KEY_WORD = re.compile(r"[^\W_]+")


def _flat(text: str) -> str:
    """One line."""
    return " ".join(text.split())


# --- RIS -------------------------------------------------------------------------------------------------------------


def write_ris(records: Iterable[Record]) -> str:
    """RIS, one blank line between records. A work's own name stands in ID, further identifiers in U1."""
    return "".join(_ris_record(record) for record in records)


def _ris_record(record: Record) -> str:
    """As it was read, if it was RIS, else from its canonical fields."""
    if isinstance(record.raw, TagLines):
        return f"{record.raw.text}\n\n"
    if isinstance(record.raw, RisTags):
        return _repeat_ris(record.raw)
    lines = [f"{tag}  - {_flat(value)}\n" for tag, value in _ris_fields(record) if _flat(value)]
    return f"TY  - {WRITE_RIS.get(record.type, 'GEN')}\n{''.join(lines)}ER  - \n\n"


def _repeat_ris(raw: RisTags) -> str:
    lines = [f"{tag}  - {value}\n" for tag, value, _ in raw]
    return "".join(lines) + ("\n" if raw[-1][0] == "ER" else "ER  - \n\n")


def _ris_fields(record: Record) -> Iterator[tuple[str, str]]:
    yield "ID", record.ids.get(WORK_ID, "")
    yield from zip(("TI", *["TT"] * len(record.titles)), [text.text for text in _titles(record)], strict=False)
    yield from (("AU", name) for name in record.authors)
    yield from (("PY", "" if record.year is None else str(record.year)), ("DA", record.date_raw))
    yield from (("T2", record.container), ("VL", record.volume), ("IS", record.issue), *_ris_pages(record.pages))
    yield from (("AB", text.text) for text in record.abstracts)
    yield from (("KW", word) for word in record.keywords)
    yield from (("LA", code) for code in record.languages)
    yield from (("AD", place) for place in record.affiliations)
    yield "DO", record.ids.get("doi", "")
    yield from (("SN", record.ids.get("issn", "")), ("BN", record.ids.get("isbn", "")))
    yield from (
        ("U1", f"{value} [{scheme}]")
        for scheme, value in sorted(record.ids.items())
        if scheme not in {"doi", "issn", "isbn"}
    )
    yield from (("U2", note) for note in _language_notes(record))
    yield from (("N1", note) for note in list_notes(record))
    yield from (("UR", url) for url in record.urls)


def _ris_pages(pages: str) -> list[tuple[str, str]]:
    match = _RANGE.match(pages)
    return [("SP", match[1]), ("EP", match[2])] if match and match[1] != match[2] else [("SP", pages)]


def list_notes(record: Record) -> list[str]:
    """What people or databases noted on a record, from the tags that formats have for notes."""
    return [value for tag, value, _ in record.raw if tag.casefold() in NOTE_TAGS and value.strip()]


def _titles(record: Record) -> tuple[LangText, ...]:
    return record.titles or ((LangText(record.title),) if record.title else ())


def _language_notes(record: Record) -> list[str]:
    """Which language each title and abstract is in, unless a reader finds out the same from the texts themselves."""
    notes = []
    for sign, texts in ((TITLE_LANGUAGES, _titles(record)), (ABSTRACT_LANGUAGES, record.abstracts)):
        codes = [text.lang for text in texts]
        if texts and codes != name_texts([text.text for text in texts], record.languages):
            notes.append(sign + "; ".join(code or UNKNOWN for code in codes))
    return notes


# --- nbib ------------------------------------------------------------------------------------------------------------


def write_nbib(records: Iterable[Record]) -> str:
    """PubMed's layout, one blank line between records, values on one line each."""
    return "\n".join(_nbib_record(record) for record in records)


def _nbib_record(record: Record) -> str:
    return "".join(f"{tag:<4}- {_flat(value)}\n" for tag, value in _nbib_fields(record) if _flat(value))


def _nbib_fields(record: Record) -> Iterator[tuple[str, str]]:
    # OWN opens every record, also one without a PubMed number.
    yield "OWN", "synth"
    yield from ((tag, record.ids.get(scheme, "")) for scheme, tag in _NBIB_IDS.items())
    yield from (("VI", record.volume), ("IP", record.issue), ("DP", record.date_raw or str(record.year or "")))
    yield from zip(("TI", *["TT"] * len(record.titles)), [text.text for text in _titles(record)], strict=False)
    yield "PG", record.pages
    yield from zip(("AB", *["OAB"] * len(record.abstracts)), [text.text for text in record.abstracts], strict=False)
    yield from (("FAU", name) for name in record.authors)
    yield from (("AD", place) for place in record.affiliations)
    yield from (("LA", write_language(code)) for code in record.languages)
    yield from (("PT", _NBIB_TYPES.get(record.type, "Other")), ("JT", record.container))
    yield from (("OT", word) for word in record.keywords)
    yield from (
        ("AID", f"{value} [{scheme}]") for scheme, value in sorted(record.ids.items()) if scheme not in _NBIB_IDS
    )
    yield from (("GN", note) for note in _language_notes(record))
    yield from (("LID", url) for url in record.urls)


# --- BibTeX ----------------------------------------------------------------------------------------------------------


def write_bibtex(records: Iterable[Record]) -> str:
    """BibTeX with keys from author, year and title; a key that comes again gets a letter behind it."""
    used: dict[str, int] = {}
    return "\n".join(_bibtex_record(record, _make_key(record, used)) for record in records)


def _bibtex_record(record: Record, key: str) -> str:
    lines = [f"  {name} = {{{value}}},\n" for name, value in _bibtex_fields(record) if value]
    return f"@{WRITE_BIBTEX.get(record.type, 'misc')}{{{key},\n{''.join(lines)}}}\n"


def _bibtex_fields(record: Record) -> Iterator[tuple[str, str]]:
    yield from _number("title", [text.text for text in _titles(record)])
    yield "author", " and ".join(_bibtex_name(name) for name in record.authors)
    yield from (("year", str(record.year or "")), ("date", encode_latex(_flat(record.date_raw))))
    yield _BIBTEX_CONTAINERS.get(record.type, "journal"), encode_latex(_flat(record.container))
    yield from (("volume", encode_latex(_flat(record.volume))), ("number", encode_latex(_flat(record.issue))))
    yield "pages", encode_latex(_flat(record.pages)).replace("-", "--")
    yield from _number("abstract", [text.text for text in record.abstracts])
    yield "keywords", _bibtex_list(record.keywords)
    yield "language", "; ".join(record.languages)
    yield "annote", encode_latex(_flat(" ".join(list_notes(record))))
    yield from _number("affiliation", record.affiliations)
    yield from (
        (scheme if scheme in _BIBTEX_IDS else f"id_{scheme}", encode_latex(value))
        for scheme, value in sorted(record.ids.items())
    )
    for note in _language_notes(record):
        name, codes = note.split(":", 1)
        yield name.replace(" ", "_"), codes.strip()
    # Addresses are read verbatim: nothing in them is escaped, but a bracket would end the field.
    yield from (
        ("url" if index == 1 else f"url_{index}", _flat(url).replace("{", "%7B").replace("}", "%7D"))
        for index, url in enumerate(record.urls, 1)
    )


def _number(name: str, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    for index, text in enumerate(texts, 1):
        yield (name if index == 1 else f"{name}_{index}"), encode_latex(_flat(text))


def _bibtex_name(name: str) -> str:
    """Names with one comma are people; all else is kept whole in braces."""
    text = encode_latex(_flat(name))
    return text if text.count(",") == 1 and " and " not in text.lower() else f"{{{text}}}"


def _bibtex_list(words: Sequence[str]) -> str:
    """Keywords with ``;`` between them, also behind a single one that has a comma."""
    text = encode_latex("; ".join(_flat(word) for word in words))
    return text + ";" if len(words) == 1 and "," in words[0] else text


def _make_key(record: Record, used: dict[str, int]) -> str:
    family = _KEY_WORD.findall(record.authors[0].split(",")[0]) if record.authors else ["anonymous"]
    word = next((found for found in _KEY_WORD.findall(record.title) if len(found) > 3), "untitled")
    key = "".join([*family, str(record.year or ""), word.lower()])[:60]
    used[key] = used.get(key, 0) + 1
    return key if used[key] == 1 else f"{key}_{used[key]}"


# --- tables ----------------------------------------------------------------------------------------------------------


def records_to_rows(records: Iterable[Record]) -> Iterator[list[str]]:
    """One row of texts a record, in the order of ``CSV_COLUMNS``. Lists are joined with ``; `` (JSON where needed)."""
    return (_row(record) for record in records)


def _row(record: Record) -> list[str]:
    further = {key: value for key, value in sorted(record.ids.items()) if key not in {"doi", "pmid", "pmcid"}}
    return [
        record.type,
        record.title,
        _more_texts(_titles(record), record),
        join_list(record.authors, split_names),
        "" if record.year is None else str(record.year),
        record.date_raw,
        record.container,
        record.volume,
        record.issue,
        record.pages,
        record.abstract,
        _more_texts(record.abstracts, record),
        join_list(record.keywords),
        join_list(record.languages),
        join_list(record.affiliations),
        record.ids.get("doi", ""),
        record.ids.get("pmid", ""),
        record.ids.get("pmcid", ""),
        json.dumps(further, ensure_ascii=False) if further else "",
        join_list(record.urls),
    ]


def join_list(parts: Sequence[str], split: Callable[[str], list[str]] = read_list) -> str:
    """Parts with ``; `` between them, or a JSON list where ``split`` would not give the same parts back."""
    joined = "; ".join(parts)
    return joined if not parts or split(joined) == list(parts) else json.dumps(list(parts), ensure_ascii=False)


def _more_texts(texts: Sequence[LangText], record: Record) -> str:
    """All titles or abstracts as JSON, if there is more to say than the first one's text."""
    guessed = name_texts([text.text for text in texts], record.languages) if texts else []
    if len(texts) < 2 and [text.lang for text in texts] == guessed:
        return ""
    return json.dumps([{"text": text.text, "lang": text.lang} for text in texts], ensure_ascii=False)


def guard_cell(text: str) -> str:
    """A cell that a spreadsheet does not run: an apostrophe before ``=``, ``+``, ``-``, ``@`` and tab."""
    return "'" + text if _FORMULA.match(text) else text


def write_csv(records: Iterable[Record]) -> str:
    """CSV as RFC 4180 has it, LF line ends, header ``CSV_COLUMNS``; formulas are made inert (see ``guard_cell``)."""
    return _write_rows([CSV_COLUMNS]) + _csv_rows(records)


def _csv_rows(records: Iterable[Record]) -> str:
    return _write_rows([guard_cell(cell) for cell in row] for row in records_to_rows(records))


def _write_rows(rows: Iterable[Sequence[str]]) -> str:
    import csv  # noqa: PLC0415  the name is also that of a format here

    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def write_xlsx(records: Iterable[Record]) -> bytes:
    """An Excel workbook with one sheet. Texts stay texts, whatever they begin with; same records, same bytes."""
    import xlsxwriter  # noqa: PLC0415  slow to import, rarely needed

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(stream, options)
    book.set_properties({"created": FIXED_DATE})
    sheet = book.add_worksheet("records")
    for number, row in enumerate([list(CSV_COLUMNS), *records_to_rows(records)]):
        for column, cell in enumerate(row):
            _write_cell(sheet, number, column, cell)
    sheet.freeze_panes(1, 0)
    book.close()
    return stream.getvalue()


def _write_cell(sheet: Any, row: int, column: int, cell: str) -> None:
    if row and CSV_COLUMNS[column] == "year" and cell:
        sheet.write_number(row, column, int(cell))
    elif cell:
        sheet.write_string(row, column, cell[:_CELL_LIMIT])


# --- JSON ------------------------------------------------------------------------------------------------------------


def records_to_dicts(records: Iterable[Record]) -> Iterator[dict[str, Any]]:
    """Each record as plain values: all canonical fields, ``doi`` and ``abstract`` beside them, position and lines."""
    return (_to_dict(record) for record in records)


def _to_dict(record: Record) -> dict[str, Any]:
    return {
        "position": record.position,
        "line_start": record.line_start,
        "line_end": record.line_end,
        "type": record.type,
        "title": record.title,
        "authors": list(record.authors),
        "year": record.year,
        "doi": record.ids.get("doi"),
        "date_raw": record.date_raw,
        "container": record.container,
        "volume": record.volume,
        "issue": record.issue,
        "pages": record.pages,
        "abstract": record.abstract,
        "titles": [{"text": text.text, "lang": text.lang} for text in list_texts(record.titles, record.title)],
        "abstracts": [{"text": text.text, "lang": text.lang} for text in list_texts(record.abstracts, record.abstract)],
        "keywords": list(record.keywords),
        "languages": list(record.languages),
        "affiliations": list(record.affiliations),
        "ids": record.ids,
        "urls": list(record.urls),
        "raw": [list(field) for field in record.raw],
    }


def list_texts(texts: tuple[LangText, ...], first: str) -> tuple[LangText, ...]:
    """All titles (or abstracts), if there is more to say than ``first``: another one, or a language."""
    return () if len(texts) == 1 and not texts[0].lang and texts[0].text == first else texts


def write_jsonl(records: Iterable[Record]) -> str:
    """One JSON object a line, in file order, with every tag of the source: ``raw`` is [[tag, value, line], ...]."""
    return "".join([_json_line(record) for record in records])


_SIGNS = ['"', "\\", *[chr(code) for code in range(32) if code != ord("\n")]]
"""What JSON escapes, but for LF."""
_encode = json.JSONEncoder(ensure_ascii=False).encode


def _json_line(record: Record) -> str:
    """``_to_dict`` as JSON. Most records hold nothing that is escaped, and are put together many times faster."""
    raw = record.raw
    if not isinstance(raw, TagLines) or _needs_escapes(record, raw.text):
        return f"{_encode(_to_dict(record))}\n"
    ids = ", ".join([f'"{scheme}": "{value}"' for scheme, value in record.ids.items()])
    doi = f'"{record.ids["doi"]}"' if "doi" in record.ids else "null"
    return (
        f'{{"position": {record.position}, "line_start": {record.line_start}, "line_end": {record.line_end}, '
        f'"type": "{record.type}", "title": "{record.title}", "authors": {_json_list(record.authors)}, '
        f'"year": {"null" if record.year is None else record.year}, "doi": {doi}, "date_raw": "{record.date_raw}", '
        f'"container": "{record.container}", "volume": "{record.volume}", "issue": "{record.issue}", '
        f'"pages": "{record.pages}", "abstract": "{record.abstract}", '
        f'"titles": {_json_texts(record.titles, record.title)}, '
        f'"abstracts": {_json_texts(record.abstracts, record.abstract)}, "keywords": {_json_list(record.keywords)}, '
        f'"languages": {_json_list(record.languages)}, "affiliations": {_json_list(record.affiliations)}, '
        f'"ids": {{{ids}}}, "urls": {_json_list(record.urls)}, "raw": {_json_raw(raw)}}}\n'
    )


def _needs_escapes(record: Record, raw: str) -> bool:
    """Whether a text of a record holds a sign that JSON escapes (an LF stands only between the lines of ``raw``)."""
    texts = [
        raw,
        record.title,
        record.date_raw,
        record.container,
        record.volume,
        record.issue,
        record.pages,
        *record.authors,
        *record.keywords,
        *record.languages,
        *record.affiliations,
        *record.urls,
        *record.ids.values(),
        *[text.text for text in (*record.titles, *record.abstracts)],
    ]
    joined = "".join(texts)
    for sign in _SIGNS:
        if sign in joined:
            return True
    return joined.count("\n") != raw.count("\n")


def _json_list(texts: Sequence[str]) -> str:
    return '["' + '", "'.join(texts) + '"]' if texts else "[]"


def _json_texts(texts: tuple[LangText, ...], first: str) -> str:
    told = list_texts(texts, first)
    return "[" + ", ".join([f'{{"text": "{text.text}", "lang": "{text.lang}"}}' for text in told]) + "]"


def _json_raw(raw: TagLines) -> str:
    """[[tag, value, line], ...] of lines without anything to escape but the LF between a value's lines."""
    lines = raw.text.split("\n")
    if len(lines) == len(raw):
        width, start = raw.width, raw.width + len(raw.mark)
        tags = [f'["{line[:width]}", "{line[start:]}", {number}]' for number, line in enumerate(lines, raw.first)]
    else:
        tags = [f'["{tag}", "{value}", {number}]'.replace("\n", "\\n") for tag, value, number in raw]
    return "[" + ", ".join(tags) + "]"


def write_csljson(records: Iterable[Record]) -> str:
    """CSL-JSON, as citation programs take it."""
    return "[" + ",".join([_csl_item(record, number) for number, record in enumerate(records, 1)]) + "\n]\n"


def _csl_item(record: Record, number: int) -> str:
    item = json.dumps(_to_csl(record, number), ensure_ascii=False, indent=1)
    return "\n " + item.replace("\n", "\n ")


def records_to_csl(records: Iterable[Record]) -> Iterator[dict[str, Any]]:
    """Each record as a CSL item, without empty fields."""
    return (_to_csl(record, number) for number, record in enumerate(records, 1))


def _to_csl(record: Record, number: int) -> dict[str, Any]:
    item = {
        "id": record.ids.get(WORK_ID) or f"record-{number}",
        "type": WRITE_CSL.get(record.type, "document"),
        "title": record.title,
        "author": [_csl_name(name) for name in record.authors],
        "issued": _csl_date(record),
        "container-title": record.container,
        "volume": record.volume,
        "issue": record.issue,
        "page": record.pages,
        "abstract": record.abstract,
        "keyword": ", ".join(record.keywords),
        "language": ", ".join(record.languages[:1]),
        "DOI": record.ids.get("doi", ""),
        "PMID": record.ids.get("pmid", ""),
        "PMCID": record.ids.get("pmcid", ""),
        "ISSN": record.ids.get("issn", ""),
        "ISBN": record.ids.get("isbn", ""),
        "URL": next(iter(record.urls), ""),
        "note": f"records: {record.ids[RECORD_IDS]}" if RECORD_IDS in record.ids else "",
    }
    return {key: value for key, value in item.items() if value}


def _csl_name(name: str) -> dict[str, str]:
    family, comma, given = name.partition(", ")
    return {"family": family, "given": given} if comma else {"literal": name}


def _csl_date(record: Record) -> dict[str, Any]:
    if record.year is not None:
        return {"date-parts": [[record.year]]}
    return {"raw": record.date_raw} if record.date_raw else {}


# --- EndNote XML -----------------------------------------------------------------------------------------------------

_ENDNOTE_TYPES = {
    "article": ("Journal Article", 17),
    "book": ("Book", 6),
    "chapter": ("Book Section", 5),
    "report": ("Report", 27),
    "thesis": ("Thesis", 32),
    "conference": ("Conference Proceedings", 10),
    "dataset": ("Dataset", 59),
    "web": ("Web Page", 12),
    "other": ("Generic", 13),
}
"""EndNote's names and numbers for kinds of references. Source: files that EndNote 20 and Zotero wrote."""
_NO_XML = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufffe\\uffff]")
_ENDNOTE_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<xml><records>\n'
_ENDNOTE_TAIL = "</records></xml>\n"


def write_endnotexml(records: Iterable[Record]) -> str:
    """EndNote's XML, as EndNote and Zotero import it."""
    return f"{_ENDNOTE_HEAD}{_endnote_records(enumerate(records, 1))}{_ENDNOTE_TAIL}"


def _endnote_records(numbered: Iterable[tuple[int, Record]]) -> str:
    return "".join([f"<record>{_endnote_record(record, number)}</record>\n" for number, record in numbered])


def _endnote_record(record: Record, number: int) -> str:
    name, code = _ENDNOTE_TYPES.get(record.type, _ENDNOTE_TYPES["other"])
    titles = [text.text for text in _titles(record)]
    return "".join(
        [
            f'<source-app name="synth">synth</source-app><rec-number>{number}</rec-number>',
            f'<ref-type name="{name}">{code}</ref-type>',
            _wrap("contributors", _wrap("authors", _elements("author", record.authors))),
            _elements("auth-address", ["\r".join(record.affiliations)]),
            _wrap(
                "titles",
                _elements("title", titles[:1])
                + _elements("secondary-title", [record.container])
                + _elements("translated-title", titles[1:]),
            ),
            _elements("pages", [record.pages]),
            _elements("volume", [record.volume]),
            _elements("number", [record.issue]),
            _wrap("keywords", _elements("keyword", record.keywords)),
            _wrap("dates", _elements("year", [str(record.year or "")]) + _wrap("pub-dates", _endnote_date(record))),
            _elements("isbn", ["; ".join(record.ids[scheme] for scheme in ("issn", "isbn") if scheme in record.ids)]),
            _elements("accession-num", [record.ids.get("pmid", "")]),
            _elements("electronic-resource-num", [record.ids.get("doi", "")]),
            _elements("abstract", [record.abstract]),
            _elements("translated-abstract", [text.text for text in record.abstracts[1:]]),
            _elements("notes", ["\r".join(list_notes(record))]),
            _elements("custom3", [" ; ".join(_further_ids(record))]),
            _elements("language", ["; ".join(record.languages)]),
            _wrap("urls", _wrap("related-urls", _elements("url", record.urls))),
        ]
    )


def _endnote_date(record: Record) -> str:
    return "" if record.date_raw == str(record.year) else _elements("date", [record.date_raw])


def _further_ids(record: Record) -> list[str]:
    return [
        f"{value} [{scheme}]" for scheme, value in sorted(record.ids.items()) if scheme not in {"doi", "issn", "isbn"}
    ]


def _wrap(name: str, inside: str) -> str:
    return f"<{name}>{inside}</{name}>" if inside else ""


def _elements(name: str, texts: Iterable[str]) -> str:
    return "".join([f"<{name}>{_escape_xml(text)}</{name}>" for text in texts if text])


def _escape_xml(text: str) -> str:
    """A text as XML holds it: its signs escaped, without the characters that XML has no place for."""
    text = _NO_XML.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#xD;")


# --- by name ---------------------------------------------------------------------------------------------------------

WRITERS: dict[str, Callable[[Iterable[Record]], str | bytes]] = {
    "ris": write_ris,
    "bibtex": write_bibtex,
    "nbib": write_nbib,
    "csv": write_csv,
    "xlsx": write_xlsx,
    "jsonl": write_jsonl,
    "csljson": write_csljson,
    "endnotexml": write_endnotexml,
}
"""Format -> writer."""
ENDINGS = {
    ".ris": "ris",
    ".bib": "bibtex",
    ".nbib": "nbib",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".jsonl": "jsonl",
    ".json": "csljson",
    ".xml": "endnotexml",
}
"""File ending -> format."""


def write_records(records: Iterable[Record], form: str) -> bytes:
    """Records in a format of ``WRITERS``, as bytes (UTF-8)."""
    written = WRITERS[form](records)
    return written if isinstance(written, bytes) else written.encode("utf-8", errors="replace")


def write_pieces(pieces: Iterable[Sequence[Record]], form: str) -> Iterator[bytes]:
    """``write_records`` for records that come in pieces, none of which is kept (XLSX: all are)."""
    if form == "xlsx":
        yield write_xlsx(record for piece in pieces for record in piece)
        return
    head, between, tail, write = _open(form)
    yield head.encode()
    joint = ""
    for piece in pieces:
        if piece:
            yield joint.encode() + _encode_piece(piece, form, write)
            joint = between
    yield tail.encode()


def _encode_piece(piece: Sequence[Record], form: str, write: Callable[[Sequence[Record]], str]) -> bytes:
    """A piece as bytes; JSON line by line, as most lines are ASCII, which costs nothing to encode."""
    if form == "jsonl":
        return b"".join([_json_line(record).encode("utf-8", errors="replace") for record in piece])
    return write(piece).encode("utf-8", errors="replace")


def _open(form: str) -> tuple[str, str, str, Callable[[Sequence[Record]], str]]:
    """What stands before all records, between two pieces and behind all, and what writes a piece."""
    numbers = count(1)
    if form == "bibtex":
        used: dict[str, int] = {}
        return "", "\n", "", lambda piece: "\n".join([_bibtex_record(one, _make_key(one, used)) for one in piece])
    if form == "csv":
        return _write_rows([CSV_COLUMNS]), "", "", _csv_rows
    if form == "csljson":
        return "[", ",", "\n]\n", lambda piece: ",".join([_csl_item(one, next(numbers)) for one in piece])
    if form == "endnotexml":
        return _ENDNOTE_HEAD, "", _ENDNOTE_TAIL, lambda piece: _endnote_records([(next(numbers), one) for one in piece])
    simple: dict[str, tuple[str, Callable[[Iterable[Record]], str]]] = {
        "ris": ("", write_ris),
        "jsonl": ("", write_jsonl),
        "nbib": ("\n", write_nbib),
    }
    between, write = simple[form]
    return "", between, "", write
