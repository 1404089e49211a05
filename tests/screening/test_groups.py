from synth.screening import bound_groups, compare_groups, draw_audit, draw_pilot, split_works


def test_a_group_whose_relevant_records_come_late_is_named():
    marks = [1] * 5 + [0] * 40 + [1] * 3 + [0] * 2
    languages = ["en"] * 45 + ["es"] * 5
    rows = {row.value: row for row in compare_groups(marks, {"language": languages})}
    assert (rows["es"].relevant, rows["es"].recall50, rows["es"].is_late) == (3, 0.0, True)
    assert not rows["en"].is_late


def test_recall_at_the_stop_is_given_by_group():
    rows = compare_groups([1, 1, 0, 1], {"g": ["a", "b", "a", "b"]}, read_at_stop=[True, True, True, False])
    assert [(row.value, row.recall_at_stop) for row in rows] == [("a", 1.0), ("b", 0.5)]


def test_a_group_without_relevant_records_has_nothing_to_measure():
    (row,) = compare_groups([0, 0], {"g": ["a", ""]})
    assert (row.records, row.relevant, row.recall10, row.place) == (1, 0, None, None)


def test_a_live_group_has_a_bound_of_its_own_works():
    order = [f"w{n}" for n in range(60)]
    groups = {"language": {f"w{n}": "es" if n % 3 == 0 else "en" for n in range(90)}}
    rows = {row.value: row for row in bound_groups(order, [1] * 10 + [0] * 50, groups)}
    assert (rows["es"].works, rows["es"].read, rows["es"].unread) == (30, 20, 10)
    assert 0 <= rows["es"].missed_bound <= 10


def test_an_audit_takes_the_same_number_from_every_group_and_all_of_small_ones():
    unread = {f"e{n}": "en" for n in range(50)} | {"s1": "es", "s2": "es"}
    chosen = draw_audit(unread, 10, seed=1)
    assert sum(name.startswith("e") for name in chosen) == 5
    assert {"s1", "s2"} <= set(chosen)
    assert chosen == draw_audit(unread, 10, seed=1)


def test_the_work_is_split_evenly_and_every_work_has_its_people():
    works = [f"w{n:03}" for n in range(100)]
    for each in (1, 2, 3):
        given = split_works(works, ["ana", "ben", "cho"], each=each, seed=0)
        sizes = [len(mine) for mine in given.values()]
        assert sum(sizes) == 100 * each
        assert max(sizes) - min(sizes) <= 2
        assert all(sum(work in mine for mine in given.values()) == each for work in works)


def test_a_pilot_is_a_random_part_and_always_the_same():
    assert draw_pilot(["c", "a", "b"], 2, 0) == draw_pilot(["a", "b", "c"], 2, 0)
    assert draw_pilot(["a", "b"], 20, 0) == ["a", "b"]
