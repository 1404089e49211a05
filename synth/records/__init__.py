"""What one line of an export is: readers and writers of every format."""

from synth.records.frames import records_from_frame
from synth.records.record import Issue, LangText, Quarantined, Reading, Record, name_record
from synth.records.registry import find_format, find_formats, read_bytes, read_file, read_files
from synth.records.writers import (
    ENDINGS,
    WRITERS,
    records_to_csl,
    records_to_dicts,
    records_to_rows,
    write_bibtex,
    write_csljson,
    write_csv,
    write_jsonl,
    write_nbib,
    write_records,
    write_ris,
    write_xlsx,
)

__all__ = [
    "ENDINGS", "WRITERS", "Issue", "LangText", "Quarantined", "Reading", "Record", "find_format", "find_formats",
    "name_record", "read_bytes", "read_file", "read_files", "records_from_frame", "records_to_csl", "records_to_dicts",
    "records_to_rows", "write_bibtex", "write_csljson", "write_csv", "write_jsonl", "write_nbib", "write_records",
    "write_ris", "write_xlsx",
]
