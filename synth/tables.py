"""The columns of every table: the store's schema, the frames that the science takes, and the docs are made from these.

Types: ``text``, ``integer``, ``real``, ``boolean``, ``json`` (lists or objects; Python values in a frame), ``time``
(ISO 8601, UTC, to the second, as text). Every appended row also has ``run_id``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its type and what stands in it."""

    name: str
    type: str = "text"
    note: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table. ``key`` says how rows are named: ``integer`` (counted by the store) or ``text`` (named by us)."""

    name: str
    key: str
    columns: tuple[Column, ...]
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Column names without ``id`` and ``run_id``."""
        return tuple(column.name for column in self.columns)


def _columns(text: str) -> tuple[Column, ...]:
    """Columns from lines of ``name type! note``; ``!`` marks a column that must not be empty."""
    found = []
    for line in text.strip().splitlines():
        name, kind, *note = line.split(None, 2)
        found.append(Column(name, kind.rstrip("!"), note[0] if note else "", kind.endswith("!")))
    return tuple(found)


RUNS = Table(
    "runs",
    "integer",
    _columns("""
step       text!    the command's name
arguments  json     what it was given
version    text!    the version of synth
seed       integer  the seed of anything random
input_sha256 text   hash of the input, where there is one
undoes     integer  the run that this one undoes
at         time!    when
"""),
    "One row per command that wrote something; undo is a row too.",
)

PEOPLE = Table(
    "people",
    "text",
    _columns("""
name       text!    as it is shown
role       text!    reviewer | adjudicator | machine
"""),
    "Who decides; the row with role machine stands for synth itself.",
)

SOURCES = Table(
    "sources",
    "integer",
    _columns("""
kind       text!    database | register | website | citations | organisation | other
database   text     name of the database, register, website ...
platform   text     Ovid, EBSCO, ProQuest ...
query      text     the search string
searched_on text    date of the search
file_name  text     name of the file as given
file_sha256 text    hash of its bytes
format     text     ris, nbib, bibtex, wos, csv
encoding   text     how the bytes were read
hits_reported integer hits that the source itself named
found      integer! records and quarantined pieces
read       integer! records
quarantined integer! pieces that could not be read as a record
loaded_at  time!    when it was imported
loaded_by  text     person
"""),
    "One search export, or a source that is no file.",
)

QUARANTINE = Table(
    "quarantine",
    "integer",
    _columns("""
source_id  integer!
line_start integer!
line_end   integer!
code       text!    short name of the reason
reason     text!    one sentence
raw        text!    the text, verbatim
"""),
    "What could not be read as a record, kept word for word.",
)

RECORDS = Table(
    "records",
    "text",
    _columns("""
source_id  integer!
position   integer! 1-based place in the file
line_start integer!
line_end   integer!
type       text     article, book, chapter, report, thesis, conference, dataset, web, other
title      text
titles     json     [{text, lang}]: every title, the first one included
authors    json     ["Family, Given"] in file order
year       integer
date_raw   text     the date as written
container  text     journal, book or series
volume     text
issue      text
pages      text
abstracts  json     [{text, lang}]
keywords   json     [text]
languages  json     [code]
affiliations json   [text]
ids        json     {doi, pmid, pmcid, ...}
urls       json     [text]
raw        json     [[tag, value, line]]
"""),
    "One entry of a source, kept raw for ever. id: hash of (file hash, position).",
)

PAIRS = Table(
    "pairs",
    "integer",
    _columns("""
record_id_1 text!   the smaller id
record_id_2 text!   the larger id
relation   text!    same | different | maybe | related
method     text!    rule or 'person'
score      real     0-1, where a program gave it
reasons    json     [text] by field, in words
person_id  text     who said so, if a person did
at         time!
"""),
    "What is known about two records.",
)

GROUPINGS = Table(
    "groupings",
    "integer",
    _columns("""
record_id  text!
work_id    text!    the id of the work's oldest record
method     text!    single | rules | person
person_id  text
at         time!
"""),
    "Which work a record belongs to; the newest row counts.",
)

CRITERIA = Table(
    "criteria",
    "integer",
    _columns("""
stage      text!    title_abstract | full_text
version    integer!
text       text!    the criteria as people read them
reasons    json     [text]: reasons for exclusion that may be chosen
at         time!
"""),
    "Versions of the criteria.",
)

DECISIONS = Table(
    "decisions",
    "integer",
    _columns("""
work_id    text!    the work's name when it was decided
record_id  text!    the record that was shown; decisions are read through its current work
stage      text!    title_abstract | retrieval | full_text
criteria_id integer
person_id  text!
verdict    text!    include | exclude | maybe; at retrieval: sought | retrieved | not_retrieved
reason     text
note       text
ranker     text     the model that chose the order, if any
rank       integer  the place at which it was shown
text_sha256 text    hash of the text that was shown
at         time!
"""),
    "A person's verdict on one work at one stage: always a person's.",
)

PREDICTIONS = Table(
    "predictions",
    "integer",
    _columns("""
work_id    text!
stage      text!
model      text!
score      real!
at         time!
"""),
    "A program's opinion; never a decision.",
)

TAGS = Table(
    "tags",
    "integer",
    _columns("""
work_id    text!
person_id  text!
tag        text!
note       text
at         time!
"""),
    "Free words that people attach to works.",
)

ASSIGNMENTS = Table(
    "assignments",
    "integer",
    _columns("""
work_id    text!
stage      text!
person_id  text!
at         time!
"""),
    "Who is to look at which work.",
)

DOCUMENTS = Table(
    "documents",
    "integer",
    _columns("""
sha256     text!    hash of the bytes
work_id    text!
kind       text!    pdf, html, xml, docx or text
name       text!    file name
"""),
    "Full texts.",
)

STUDIES = Table(
    "studies",
    "text",
    _columns("""
name       text!    short name, as in a forest plot
kind       text!    primary | review
year       integer
"""),
    "One investigation, told in one or more works.",
)

STUDY_WORKS = Table(
    "study_works",
    "integer",
    _columns("""
study_id   text!
work_id    text!
record_id  text!    a record of the work; the link is read through its current work
role       text!    main | protocol | follow-up | process | qualitative | economic | secondary | other
status     text!    suggested | human | reconciled
person_id  text
at         time!
"""),
    "Which works tell a study.",
)

QUESTIONS = Table(
    "questions",
    "text",
    _columns("""
codebook   text!
version    text!
level      text!    study | report | arm | outcome | effect
type       text!    text | integer | real | boolean | one | many
label      text!
terms      json     [{id, label, synonyms, children}]
"""),
    "The questions of a codebook.",
)

ANSWERS = Table(
    "answers",
    "integer",
    _columns("""
study_id   text!
work_id    text
arm        text
effect_id  text
question_id text!
value      json
unit       text
status     text!    suggested | human | reconciled | derived
confidence real
document_sha256 text
page       integer
start      integer
end        integer
quote      text     verbatim, with start and end in the document
place      text     where a person saw it, in words (table 2, page 7, address)
extractor  text!    person or program
suggestion_shown boolean  was a machine's suggestion visible before the answer
person_id  text
at         time!
"""),
    "One extracted fact with its quote and place.",
)

EFFECTS = Table(
    "effects",
    "text",
    _columns("""
study_id   text!
arm_1      text     the programme
arm_2      text     what it is compared with
outcome    text!
outcome_domain text
informant  text     whose account the number is
population text     the group that it is about
timepoint_months real
measure    text!    RR, OR, MD ...; 'direction only' where there is no number
design_class text   randomised | non-randomised | before-after | other
adjusted   text     yes | no | unclear
cluster_adjusted text yes | no | unclear
estimate   real     on the measure's own scale (a ratio is a ratio)
estimate_text text  as printed
se         real     of the estimate on the scale of analysis
ci_low     real
ci_high    real
p          real
ai         real     events, arm 1
n1i        real     people, arm 1
ci         real     events, arm 2
n2i        real     people, arm 2
m1i        real     mean, arm 1
sd1i       real
m2i        real
sd2i       real
direction  text     favours | against | none | unclear
direction_meaning text benefit | harm | ambiguous: what a higher value of the outcome means
status     text!    suggested | human | reconciled | derived
extractor  text!
answer_ids json
place      text     where it was seen
url        text
note       text
at         time!
"""),
    "One number (or one direction) from a study.",
)

LABELS = Table(
    "labels",
    "integer",
    _columns("""
study_id   text!
arm        text
effect_id  text
axis       text!    population, setting, country, informant, design ...
term       text!
level      integer  disaggregation level, 0-5, where the axis has one
quote      text
status     text!    suggested | human | reconciled | derived
extractor  text!
person_id  text
at         time!
"""),
    "A code on a study, arm or effect.",
)

SYNTHESES = Table(
    "syntheses",
    "integer",
    _columns("""
name       text!
declaration json!   the [[synthesis]] table as declared
planned    boolean
declared_on text
result     json     the fit, its rows, what was left out and why
at         time!
"""),
    "Declared syntheses and their results.",
)

TABLES: tuple[Table, ...] = (
    RUNS,
    PEOPLE,
    SOURCES,
    QUARANTINE,
    RECORDS,
    PAIRS,
    GROUPINGS,
    CRITERIA,
    DECISIONS,
    PREDICTIONS,
    TAGS,
    ASSIGNMENTS,
    DOCUMENTS,
    STUDIES,
    STUDY_WORKS,
    QUESTIONS,
    ANSWERS,
    EFFECTS,
    LABELS,
    SYNTHESES,
)
"""Every table of the store, in an order in which they can be made."""

BY_NAME = {table.name: table for table in TABLES}

STAGES = ("title_abstract", "retrieval", "full_text")
VERDICTS = {
    "title_abstract": ("include", "exclude", "maybe"),
    "retrieval": ("sought", "retrieved", "not_retrieved"),
    "full_text": ("include", "exclude", "maybe"),
}
STATUSES = ("suggested", "human", "reconciled", "derived")
