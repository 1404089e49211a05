"""Properties of grouping: order, answers, old works, size."""

import hashlib
from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth.dedup import find_groups

LONG = "Community mobilisation to prevent violence against women in rural districts"
BASE = {
    "title": LONG,
    "authors": ["Abramsky, T.", "Devries, K."],
    "year": 2014,
    "container": "BMC Medicine",
    "volume": "12",
    "issue": "1",
    "pages": "122-139",
    "ids": {"doi": "10.1186/s12916-014-0122-5"},
    "abstracts": [],
    "type": "article",
}


def frame(*changes):
    return pd.DataFrame([{"id": f"r{number}", **BASE, **change} for number, change in enumerate(changes)])


def partition(found):
    groups = found.groups.groupby("group_id")["record_id"]
    return {frozenset(members) for _, members in groups}


def relation(*changes):
    """same, maybe, related or different: what two records are to each other."""
    found = find_groups(frame(*changes))
    if len(set(found.groups["group_id"])) == 1:
        return "same"
    return found.pairs["relation"].iloc[0] if len(found.pairs) else "different"


record = st.fixed_dictionaries(
    {
        "title": st.sampled_from(
            [LONG, LONG.upper(), LONG + ": part II", LONG[:50], "Editorial", "", "Keynote address"]
        ),
        "authors": st.sampled_from([[], ["Abramsky, T.", "Devries, K."], ["ABRAMSKY T"], ["Watts, C."]]),
        "year": st.sampled_from([None, 2014, 2015, 2019]),
        "container": st.sampled_from(["", "BMC Med", "BMC Medicine", "Lancet"]),
        "volume": st.sampled_from(["", "12", "13"]),
        "pages": st.sampled_from(["", "122-39", "122", "7-9"]),
        "ids": st.sampled_from([{}, {"doi": "10.1000/a"}, {"doi": "10.1000/b"}, {"pmid": "7"}]),
    }
)
records = st.lists(record, min_size=1, max_size=9)


@settings(max_examples=20, deadline=None)
@given(records, st.randoms(use_true_random=False))
def test_neither_order_nor_ids_change_the_works(rows, random):
    names = [f"r{number}" for number in range(len(rows))]
    first = find_groups(pd.DataFrame(rows).assign(id=names))
    order = random.sample(range(len(rows)), len(rows))
    new_names = dict(zip(random.sample(names, len(names)), [names[place] for place in order], strict=True))
    shuffled = pd.DataFrame([rows[place] for place in order]).assign(id=list(new_names))
    second = {frozenset(new_names[name] for name in members) for members in partition(find_groups(shuffled))}
    by_content = {name: str(row) for name, row in zip(names, rows, strict=True)}
    assert sorted(sorted(by_content[n] for n in m) for m in partition(first)) == sorted(
        sorted(by_content[n] for n in m) for m in second
    )


@settings(max_examples=15, deadline=None)
@given(records)
def test_a_second_run_over_its_own_works_changes_nothing(rows):
    table = pd.DataFrame(rows).assign(id=[f"r{number}" for number in range(len(rows))])
    first = find_groups(table)
    old = dict(zip(first.groups["record_id"], first.groups["group_id"], strict=True))
    again = find_groups(table, old=old)
    assert again.groups.equals(first.groups)
    assert again.pairs.equals(first.pairs)


@settings(max_examples=15, deadline=None)
@given(records, st.data())
def test_what_a_person_says_about_a_pair_always_wins(rows, data):
    table = pd.DataFrame([*rows, rows[0]]).assign(id=[f"r{number}" for number in range(len(rows) + 1)])
    one, other = data.draw(st.sampled_from(list(combinations(table["id"], 2))))
    said = data.draw(st.sampled_from(["same", "different"]))
    answers = pd.DataFrame([{"record_id_1": one, "record_id_2": other, "relation": said}])
    work = find_groups(table, answers=answers).groups.set_index("record_id")["group_id"]
    assert (work[one] == work[other]) == (said == "same")


@settings(max_examples=15, deadline=None)
@given(records, st.lists(st.integers(0, 3), min_size=9, max_size=9))
def test_an_old_work_is_never_split(rows, works):
    table = pd.DataFrame(rows).assign(id=[f"r{number}" for number in range(len(rows))])
    old = {name: f"w{work}" for name, work in zip(table["id"], works, strict=False)}
    found = find_groups(table, old=old).groups.set_index("record_id")["group_id"]
    for work in set(old.values()):
        assert len(set(found[[name for name in old if old[name] == work]])) == 1


def test_an_old_work_that_the_rules_would_split_goes_on_the_review_list():
    table = frame({}, {"title": "Something else altogether about water", "ids": {"doi": "10.1000/x"}, "pages": "9"})
    found = find_groups(table, old={"r0": "r0", "r1": "r0"})
    assert found.pairs["relation"].tolist() == ["maybe"]
    assert found.pairs["method"].str.startswith("doubtful").all()


def test_the_newest_answer_about_a_pair_counts():
    rows = [{"record_id_1": "r0", "record_id_2": "r1", "relation": said} for said in ("different", "same")]
    assert len(partition(find_groups(frame({}, {}), answers=pd.DataFrame(rows)))) == 1


def test_different_to_one_member_keeps_the_whole_group_away():
    rows = [("r0", "r1", "same"), ("r1", "r2", "different")]
    answers = pd.DataFrame(rows, columns=["record_id_1", "record_id_2", "relation"])
    assert partition(find_groups(frame({}, {}, {}), answers=answers)) == {frozenset({"r0", "r1"}), frozenset({"r2"})}


def test_a_record_without_title_never_brings_two_works_together():
    one = {"ids": {"doi": "10.1000/a", "pmid": "1"}}
    other = {
        "title": "Cash transfers and conflict in the household in northern Ecuador",
        "ids": {"pmid": "2", "wos": "9"},
    }
    bridge = {"title": "", "ids": {"doi": "10.1000/a", "wos": "9"}}
    found = partition(find_groups(frame(one, other, bridge)))
    assert not any({"r0", "r1"} <= members for members in found)
    assert len(found) == 2


def test_records_without_titles_stay_apart():
    table = frame(
        *[{"title": "", "authors": [], "ids": {}, "year": 2001, "container": "", "volume": "", "pages": ""}] * 300
    )
    assert len(partition(find_groups(table))) == 300


def test_records_of_which_only_the_year_is_known_stay_apart():
    table = pd.DataFrame({"id": [f"r{number}" for number in range(50)], "year": [2001] * 50})
    found = find_groups(table)
    assert len(partition(found)) == 50
    assert not len(found.pairs)


def test_one_title_a_thousand_times_is_no_work_by_itself():
    letters = str.maketrans("0123456789abcdef", "bcdfghjklmnprstv")
    names = [hashlib.sha256(str(n).encode()).hexdigest()[:12].translate(letters) for n in range(1000)]
    changes = [{"authors": [name], "ids": {}, "pages": "", "volume": ""} for name in names]
    assert len(partition(find_groups(frame(*changes)))) == 1000


def test_a_chain_of_likeness_is_no_group():
    names = [f"{'b' * (12 - n)}{'c' * n}, A." for n in range(13)]
    works = partition(
        find_groups(frame(*[{"authors": [name], "ids": {}, "pages": "", "volume": ""} for name in names]))
    )
    assert not any({"r0", "r12"} <= members for members in works)


def test_what_was_not_compared_is_not_joined_in_a_very_large_cluster(monkeypatch):
    monkeypatch.setattr("synth.dedup.pairs.LARGEST_CHECKED", 4)
    names = [f"{'b' * (12 - n)}{'c' * n}, A." for n in range(13)]
    works = partition(
        find_groups(frame(*[{"authors": [name], "ids": {}, "pages": "", "volume": ""} for name in names]))
    )
    assert not any({"r0", "r12"} <= members for members in works)


def test_one_record_a_thousand_times_is_one_work():
    assert len(partition(find_groups(frame(*[{}] * 1000)))) == 1


def test_no_records_give_no_groups():
    found = find_groups(pd.DataFrame({"id": [], "title": []}))
    assert list(found.groups.columns) == ["record_id", "group_id"]
    assert not len(found.groups)


def test_a_work_is_named_by_its_oldest_record():
    table = frame({}, {}).assign(loaded_at=["2026-02-01", "2026-01-01"])
    assert set(find_groups(table).groups["group_id"]) == {"r1"}


def test_pairs_have_readable_reasons():
    found = find_groups(frame({}, {"title": LONG.upper() + ".", "pages": "122-39"}))
    assert found.pairs["reasons"].iloc[0][:3] == ["title equal", "year equal", "authors equal"]
    assert found.pairs.loc[0, ["record_id_1", "record_id_2", "relation"]].tolist() == ["r0", "r1", "same"]


@pytest.mark.shared
@pytest.mark.parametrize("folder", ["sweep_copper", "sra_cytology_screening"])
def test_published_sets_are_grouped_without_error(shared, folder):
    table = pd.read_csv(shared / "dedup" / folder / "records.csv", dtype=str, keep_default_na=False)
    table = table.rename(columns={"record_id": "id", "author": "authors", "journal": "container", "number": "issue"})
    labels = pd.read_csv(shared / "dedup" / folder / "labels.csv", dtype=str)
    found = find_groups(table.assign(ids=[{"doi": doi} for doi in table["doi"]]))
    truth = {frozenset(members) for _, members in labels.groupby("group_id")["record_id"]}
    assert partition(found) == truth


@settings(max_examples=10, deadline=None)
@given(records, st.randoms(use_true_random=False))
def test_the_order_of_fields_changes_nothing(rows, random):
    table = pd.DataFrame(rows).assign(id=[f"r{number}" for number in range(len(rows))])
    turned = table[random.sample(list(table.columns), len(table.columns))]
    first, second = find_groups(table), find_groups(turned)
    assert first.groups.equals(second.groups)
    assert first.pairs.equals(second.pairs)


def test_what_one_export_says_is_not_changed_by_another():
    """Counts (columns' titles, supplements' DOIs) are those of one source."""
    other = [{"title": f"{LONG} {word}", "source_id": 2} for word in ("kenya", "ghana", "benin", "mali", "togo")]
    alone = partition(find_groups(frame({"source_id": 1}, {"source_id": 1, "title": LONG.upper()})))
    both = partition(find_groups(frame({"source_id": 1}, {"source_id": 1, "title": LONG.upper()}, *other)))
    assert alone <= both or any({"r0", "r1"} <= members for members in both)
