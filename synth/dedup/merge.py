"""One row per work from the rows of its records: the best value of every field, everything else kept beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pandas as pd

from synth.dedup import words
from synth.dedup.normalise import clean_text, find_notice, is_retracted, key_title

Row = dict[str, Any]

WORK_COLUMNS = (
    "work_id",
    "record_id",
    "record_ids",
    "source_ids",
    "type",
    "title",
    "titles",
    "abstract",
    "abstracts",
    "authors",
    "year",
    "container",
    "volume",
    "issue",
    "pages",
    "keywords",
    "languages",
    "affiliations",
    "ids",
    "urls",
    "flags",
    "origins",
)
FLAGS = ("retracted", "concern")
"""What a work can be warned of: it was retracted or withdrawn; its journal printed an expression of concern."""
_COUNTED = (
    "title",
    "abstracts",
    "authors",
    "year",
    "container",
    "volume",
    "issue",
    "pages",
    "keywords",
    "ids",
    "affiliations",
)


def merge_works(records: pd.DataFrame, pairs: pd.DataFrame | None = None) -> pd.DataFrame:
    """The work frame: one row per ``work_id`` of ``records``, in order of work_id; columns ``WORK_COLUMNS``.

    ``record_id`` is the work's fullest record, which is shown to people. Best values: the title and container that
    are not all capitals, the longest abstract, the longest list of authors, the commonest year, volume and issue, the
    longest page range, all identifiers (where two differ, the fullest record's). Missing columns are tolerated.
    ``flags``: see ``FLAGS``, from titles, and with ``pairs`` (as of ``find_groups``) from related notices too.
    ``origins``: for each best value the id of the record that it was taken from.
    """
    rows: dict[str, list[Row]] = {}
    for row in records.to_dict("records"):
        rows.setdefault(str(row["work_id"]), []).append(row)
    noted = _flag_by_notices(rows, pairs)
    works = [_merge_one(work_id, rows[work_id], noted.get(work_id, set())) for work_id in sorted(rows)]
    return pd.DataFrame(works, columns=list(WORK_COLUMNS)).astype({"year": "Int64"})


def _flag_by_notices(rows: dict[str, list[Row]], pairs: pd.DataFrame | None) -> dict[str, set[str]]:
    """Flags of works of which a related record announces the retraction, or a concern."""
    found: dict[str, set[str]] = {}
    if pairs is None or not len(pairs):
        return found
    of_record = {
        str(row["id"]): (work, clean_text(row.get("title"))) for work, members in rows.items() for row in members
    }
    related = pairs[pairs["relation"] == "related"]
    for one, other in zip(related["record_id_1"], related["record_id_2"], strict=True):
        if one not in of_record or other not in of_record:
            continue
        for notice, about in ((one, other), (other, one)):
            flag = _flag_of_notice(of_record[notice][1])
            if flag and not _flag_of_notice(of_record[about][1]):
                found.setdefault(of_record[about][0], set()).add(flag)
    return found


def _flag_of_notice(title: str) -> str:
    return {"retraction": "retracted", "concern": "concern"}.get(find_notice(title), "")


def _flag_by_title(row: Row) -> set[str]:
    """Flags that a record's own title, type or keywords give: "RETRACTED: ...", "[Retraction in ...]"."""
    title = clean_text(row.get("title"))
    said = " ".join([clean_text(row.get("type")), *map(str, _as_list(row.get("keywords")))])
    if find_notice(title) in ("retraction", "concern"):
        return set()  # the notice itself is not retracted
    retracted = is_retracted(title) or words.RETRACTED.search(title) or words.RETRACTED_TYPE.search(said)
    return {"retracted"} if retracted else {"concern"} if words.CONCERN.search(title) else set()


def _merge_one(work_id: str, rows: list[Row], noted: set[str]) -> Row:
    oldest = sorted(rows, key=_age)
    rows = sorted(oldest, key=lambda row: -_count_fields(row))  # the fullest first, of equals the oldest
    abstracts = _union_texts(rows, "abstracts")
    work: Row = {
        "work_id": work_id,
        "record_id": str(rows[0]["id"]),
        "record_ids": [str(row["id"]) for row in oldest],
        "source_ids": _union([[row.get("source_id")] for row in oldest]),
        "type": next((kind for row in rows if (kind := clean_text(row.get("type"))) not in ("", "other")), "other"),
        "title": _best_title(rows),
        "titles": _union_texts(rows, "titles"),
        "abstract": max((text["text"] for text in abstracts), key=len, default=""),
        "abstracts": abstracts,
        "authors": max((_as_list(row.get("authors")) for row in rows), key=_fullness_of_authors),
        "year": _commonest(_present(rows, "year")),
        "container": _best_text(rows, "container"),
        "volume": _commonest(_present(rows, "volume")) or "",
        "issue": _commonest(_present(rows, "issue")) or "",
        "pages": max((clean_text(row.get("pages")) for row in rows), key=lambda pages: ("-" in pages, len(pages))),
        **{name: _union(_as_list(row.get(name)) for row in rows) for name in ("keywords", "languages", "affiliations")},
        "ids": _union_ids(rows),
        "urls": _union(_as_list(row.get("urls")) for row in rows),
        "flags": sorted(noted.union(*(_flag_by_title(row) for row in rows))),
    }
    return {**work, "origins": _find_origins(work, rows)}


_CHOSEN = ("title", "abstract", "authors", "year", "container", "volume", "issue", "pages")


def _find_origins(work: Row, rows: list[Row]) -> dict[str, str]:
    """Field to the id of the fullest record that has the chosen value; fields that no record has are left out."""
    found = {}
    for name in _CHOSEN:
        holders = (str(row["id"]) for row in rows if _is_there(work[name]) and _has_value(row, name, work[name]))
        origin = next(holders, "")
        if origin:
            found[name] = origin
    return found


def _has_value(row: Row, name: str, value: object) -> bool:
    if name == "abstract":
        return any(text.get("text") == value for text in _as_list(row.get("abstracts")) if isinstance(text, dict))
    if name == "authors":
        return _as_list(row.get(name)) == value
    return bool(_is_there(row.get(name)) and clean_text(row[name]) == clean_text(value))


def _age(row: Row) -> tuple[str, int, str]:
    loaded = clean_text(row.get("loaded_at"))
    return loaded, int(row.get("source_id") or 0) if loaded else 0, str(row["id"])


def _as_list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _is_there(value: object) -> bool:
    return bool(value) if isinstance(value, list | tuple | dict) else clean_text(value) != ""


def _count_fields(row: Row) -> int:
    return sum(_is_there(row.get(name)) for name in _COUNTED)


def _present(rows: list[Row], name: str) -> list[Any]:
    return [row[name] for row in rows if _is_there(row.get(name))]


def _commonest(values: list[Any]) -> Any:
    """The commonest value; of equally common ones the first, which is the fullest record's."""
    return Counter(values).most_common(1)[0][0] if values else None


def _shouts(text: str) -> bool:
    return text.isupper() and len(text) > 6


def _best_title(rows: list[Row]) -> str:
    titles = [clean_text(row.get("title")) for row in rows if _is_there(row.get("title"))]
    return next((title for title in titles if not _shouts(title)), titles[0] if titles else "")


def _best_text(rows: list[Row], name: str) -> str:
    """The longest value that is not all capitals: "BMC Medicine" rather than "BMC Med" or "BMC MEDICINE"."""
    texts = (clean_text(value) for value in _present(rows, name))
    return max(texts, key=lambda text: (not _shouts(text), len(text)), default="")


def _fullness_of_authors(authors: list[str]) -> tuple[int, bool, int]:
    text = " ".join(map(str, authors))
    return len(authors), not _shouts(text), len(text)


def _union(lists: Iterable[list[Any]]) -> list[Any]:
    found = (value for values in lists for value in values if _is_there(value))
    return list(dict.fromkeys(found))


def _union_texts(rows: list[Row], name: str) -> list[dict[str, str]]:
    """Texts with their languages, each once (case and punctuation do not count; a known language wins)."""
    kept: dict[str, dict[str, str]] = {}
    for text in (text for row in rows for text in _as_list(row.get(name))):
        words, lang = (text.get("text"), text.get("lang")) if isinstance(text, dict) else (text, "")
        key = key_title(clean_text(words))
        if key and (key not in kept or (_shouts(kept[key]["text"]) and not _shouts(str(words)))):
            kept[key] = {"text": str(words), "lang": clean_text(lang) or kept.get(key, {}).get("lang", "")}
        elif key and lang and not kept[key]["lang"]:
            kept[key]["lang"] = str(lang)
    return list(kept.values())


def _union_ids(rows: list[Row]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        ids = row.get("ids")
        found = {**(ids if isinstance(ids, dict) else {}), **found}
    return dict(sorted(found.items()))
