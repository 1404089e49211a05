"""Between a frame (of records, or of works) and records: what writers take."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from synth.records.record import LangText, Record

if TYPE_CHECKING:
    import pandas as pd

WORK_ID, RECORD_IDS = "synth_work", "synth_records"
"""Schemes under which an exported work keeps its own name and those of its records."""


def records_from_frame(frame: pd.DataFrame) -> list[Record]:
    """Each row of a frame of records or works as a Record, so that it can be written.

    Takes the columns of the records table, or of a work frame; missing columns and values (None, NaN) are empty. The
    work's id and the ids of its records stay, as ``ids["synth_work"]`` and ``ids["synth_records"]``; raw tags do not.
    """
    return [make_record(row, position) for position, row in enumerate(frame.to_dict("records"), 1)]


def make_record(row: Mapping[Any, Any], position: int = 1) -> Record:
    """One row, as a mapping from column to value, as a Record."""
    year = row.get("year")
    title, abstract = _text(row.get("title")), _text(row.get("abstract"))
    titles = _lang_texts(row.get("titles")) or ((LangText(title),) if title else ())
    abstracts = _lang_texts(row.get("abstracts")) or ((LangText(abstract),) if abstract else ())
    number = None if _is_missing(year) else int(str(year).split(".", maxsplit=1)[0])
    return Record(
        position,
        position,
        position,
        title=title or (titles[0].text if titles else ""),
        type=_text(row.get("type")) or "other",
        titles=_put_first(titles, title),
        authors=_texts(row.get("authors")),
        year=number,
        date_raw=_text(row.get("date_raw")) or ("" if number is None else str(number)),
        container=_text(row.get("container")),
        volume=_text(row.get("volume")),
        issue=_text(row.get("issue")),
        pages=_text(row.get("pages")),
        abstracts=_put_first(abstracts, abstract),
        keywords=_texts(row.get("keywords")),
        languages=_texts(row.get("languages")),
        affiliations=_texts(row.get("affiliations")),
        ids=_ids(row),
        urls=_texts(row.get("urls")),
    )


def _ids(row: Mapping[Any, Any]) -> dict[str, str]:
    given = row.get("ids")
    ids = {str(key): str(value) for key, value in given.items()} if isinstance(given, dict) else {}
    if not _is_missing(row.get("work_id")):
        ids[WORK_ID] = str(row["work_id"])
    members = _texts(row.get("record_ids")) or _texts([row["id"]] if not _is_missing(row.get("id")) else None)
    if members:
        ids[RECORD_IDS] = " ".join(members)
    return ids


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in {"<NA>", "nan", "NaT"}


def _text(value: Any) -> str:
    return "" if _is_missing(value) else str(value)


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    if not isinstance(value, Iterable):
        return ()
    return tuple(text for item in value if (text := _text(item)))


def _lang_texts(value: Any) -> tuple[LangText, ...]:
    if not isinstance(value, list | tuple):
        return ()
    return tuple(_lang_text(item) for item in value)


def _lang_text(item: Any) -> LangText:
    if isinstance(item, LangText):
        return item
    if isinstance(item, dict):
        return LangText(_text(item.get("text")), _text(item.get("lang")))
    return LangText(_text(item))


def _put_first(texts: tuple[LangText, ...], first: str) -> tuple[LangText, ...]:
    """The text that is shown comes first: a work's best abstract need not be its oldest record's first."""
    if not first or (texts and texts[0].text == first):
        return texts
    chosen = next((text for text in texts if text.text == first), LangText(first))
    return (chosen, *(text for text in texts if text.text != first))
