"""The flow counted from rows: sums come out, nothing unrecorded becomes nought."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.errors import UnreadableInput
from synth.report import (
    FlowCounts,
    Stream,
    check_flow,
    count_flow,
    counts_as_dict,
    flow_boxes,
    read_prisma_csv,
    write_prisma_csv,
)

NO_LINKS = pd.DataFrame(columns=["study_id", "current_work_id", "status"])
NO_STUDIES = pd.DataFrame(columns=["id", "kind"])


def make_sources(*rows):
    columns = ["id", "kind", "database", "file_name", "found", "read", "quarantined", "hits_reported"]
    return pd.DataFrame(rows, columns=columns)


def make_records(pairs):
    return pd.DataFrame(
        [(f"r{i}", source, work) for i, (source, work) in enumerate(pairs)], columns=["id", "source_id", "work_id"]
    )


def make_settled(**stages):
    rows = [(work, stage, verdict, reason) for stage, told in stages.items() for work, verdict, reason in told]
    return pd.DataFrame(rows, columns=["work_id", "stage", "verdict", "reason"])


PUBMED = (1, "database", "PubMed", "a.nbib", 4, 3, 1, None)
SCOPUS = (2, "database", "Scopus", "b.csv", 3, 3, 0, None)
ZOTERO = (3, "website", "Programme pages", "c.ris", 2, 2, 0, None)
RECORDS = make_records([(1, "w1"), (1, "w2"), (1, "w3"), (2, "w1"), (2, "w4"), (2, "w5"), (3, "w5"), (3, "w6")])
SETTLED = make_settled(
    title_abstract=[
        ("w1", "include", None),
        ("w2", "exclude", None),
        ("w3", "maybe", None),
        ("w4", "include", None),
        ("w6", "include", None),
    ],
    retrieval=[("w4", "not_retrieved", None)],
    full_text=[("w1", "include", None), ("w6", "exclude", "no outcome")],
)


def count_small(**changes):
    parts = {
        "sources": make_sources(PUBMED, SCOPUS, ZOTERO),
        "records": RECORDS,
        "settled": SETTLED,
        "study_works": NO_LINKS,
        "studies": NO_STUDIES,
    }
    return count_flow(**{**parts, **changes})


def test_the_main_column_counts_works_once():
    main = count_small().main
    assert (main.identified, main.unreadable, main.duplicates) == (7, 1, 1)
    assert (main.screened, main.unread, main.excluded, main.unclear, main.sought) == (4, 1, 1, 1, 2)
    assert (main.not_retrieved, main.pending, main.assessed, main.included) == (1, 0, 1, 1)


def test_a_work_found_in_a_database_and_elsewhere_stands_with_the_databases():
    other = count_small().other
    assert (other.identified, other.duplicates, other.sought) == (2, 1, 1)
    assert other.reasons == (("no outcome", 1),)


def test_the_sums_come_out():
    assert check_flow(count_small()) == []


def test_what_nobody_recorded_is_none_and_never_nought():
    counts = count_small(settled=make_settled(title_abstract=[("w1", "include", None)]))
    assert counts.main.not_retrieved is None
    assert counts.registers is None
    assert counts.automatic is None
    assert counts.studies is None


def test_a_conflict_awaits_classification():
    counts = count_small(settled=make_settled(title_abstract=[("w1", "conflict", None)]))
    assert (counts.main.unclear, counts.main.excluded, counts.main.sought) == (1, 0, 0)


def test_a_source_that_is_no_file_counts_what_was_noted():
    noted = (3, "citations", "Reference lists", None, 0, 0, 0, 12)
    counts = count_small(sources=make_sources(PUBMED, SCOPUS, noted))
    assert counts.citations == (("Reference lists", 12),)
    assert (counts.other.identified, counts.other.noted) == (12, 12)
    assert [problem for problem in check_flow(counts) if "other" in problem and "identified" not in problem] == []


def test_studies_and_reviews_are_counted_apart():
    links = pd.DataFrame(
        [("s1", "w1", "human"), ("s2", "w1", "human"), ("s3", "w2", "human"), ("s4", "w1", "suggested")],
        columns=["study_id", "current_work_id", "status"],
    )
    kinds = pd.DataFrame([("s1", "primary"), ("s2", "review"), ("s3", "primary")], columns=["id", "kind"])
    counts = count_small(study_works=links, studies=kinds)
    assert (counts.studies, counts.reviews, counts.reports, counts.unlinked) == (1, 1, 1, 0)
    assert counts.members["studies"] == ("s1",)


def test_every_number_names_the_works_behind_it():
    members = count_small().members
    assert members["main.excluded"] == ("w2",)
    assert members["main.unread"] == ("w5",)
    assert members["other.assessed"] == ("w6",)


def test_a_sum_that_does_not_come_out_is_named():
    counts = count_small()
    wrong = replace(counts, main=replace(counts.main, screened=9))
    assert any("identified is 7" in problem for problem in check_flow(wrong))
    assert any("screened is 9" in problem for problem in check_flow(wrong))


VERDICT = st.sampled_from(["include", "exclude", "maybe", "conflict", None])
RETRIEVAL = st.sampled_from(["sought", "retrieved", "not_retrieved", None])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 6)), max_size=25),
    st.dictionaries(st.integers(0, 6), st.tuples(VERDICT, RETRIEVAL, VERDICT)),
)
def test_the_sums_come_out_for_any_history(pairs, told):
    records = make_records([(source, f"w{work}") for source, work in pairs])
    read = records["source_id"].value_counts().to_dict()
    sources = make_sources(
        *[
            (i, kind, f"D{i}", "f", read.get(i, 0) + i, read.get(i, 0), i, None)
            for i, kind in ((1, "database"), (2, "register"), (3, "other"))
        ]
    )
    stages = (
        dict(zip(("title_abstract", "retrieval", "full_text"), zip(*told.values(), strict=True), strict=True))
        if told
        else {}
    )
    rows = {
        stage: [(f"w{work}", verdict, None) for work, verdict in zip(told, verdicts, strict=True) if verdict]
        for stage, verdicts in stages.items()
    }
    assert check_flow(count_small(sources=sources, records=records, settled=make_settled(**rows))) == []


def test_counts_survive_the_csv_of_the_template():
    counts = replace(count_small(), previous_studies=3, previous_reports=4, members={})
    again = read_prisma_csv(write_prisma_csv(counts))
    assert again.main == replace(counts.main, noted=None)
    assert again.databases == counts.databases
    assert again.previous_studies == 3
    assert again.other.reasons == counts.other.reasons
    assert check_flow(again) == []


def test_the_csv_has_the_columns_and_rows_of_the_template():
    lines = write_prisma_csv(count_small()).splitlines()
    assert lines[0] == "data,node,box,description,boxtext,tooltips,url,n"
    assert any(line.startswith("dbr_notretrieved_reports,node12,box7,") for line in lines)
    assert next(line for line in lines if line.startswith("register_results")).endswith(",")


def test_a_csv_without_counts_or_with_words_for_numbers_is_refused():
    with pytest.raises(UnreadableInput, match="has no column n"):
        read_prisma_csv("data,box\nduplicates,box3\n")
    with pytest.raises(UnreadableInput, match="duplicates is “many”"):
        read_prisma_csv("data,n\nduplicates,many\n")


def boxes_of(counts):
    return {box.key: box for box in flow_boxes(counts).boxes}


def test_boxes_say_not_recorded_and_show_unfinished_work_apart():
    boxes = boxes_of(count_small())
    assert "Registers (n\u00a0=\u00a0not\u00a0recorded)" in " ".join(boxes["found"].lines)
    assert boxes["unread"].quiet
    assert boxes["unclear"].lines == ("Records awaiting classification (n\u00a0=\u00a01)",)


def test_a_stop_gives_the_unread_their_own_words():
    stopped = boxes_of(count_small(stopped=True))["unread"].lines[0]
    assert stopped.startswith("Records not read, screening was stopped")


def test_columns_for_other_methods_and_earlier_editions_appear_only_when_needed():
    alone = boxes_of(replace(count_small(), other=None))
    assert not any(key.startswith(("other", "previous", "total")) for key in alone)
    updated = boxes_of(replace(count_small(), previous_studies=3, previous_reports=4, studies=1))
    assert "Total studies included in review (n\u00a0=\u00a04)" in updated["total"].lines


def test_counts_as_plain_values_keep_none():
    plain = counts_as_dict(FlowCounts(main=Stream(identified=3)))
    assert plain["main"]["identified"] == 3
    assert plain["main"]["screened"] is None
    assert plain["registers"] is None
