"""On several processes: the same result, whatever their number and whatever becomes of them."""

import hashlib
import os
import time

import pandas as pd
import pytest
from synth.dedup import find_groups, open_cluster, spread_over
from synth.errors import UsageError


def make_records(n=600):
    """Works of which each is told by three records, in three databases' ways."""
    rows = []
    for number in range(n):
        digits = [int(digit) for digit in str(100_003 * (number + 7))]
        words = ["bcdfghjklm"[digit] + "aeiou"[digit % 5] + "nrst"[place % 4] for place, digit in enumerate(digits)]
        title = f"{' '.join(words[:5])} against violence in {' '.join(words[3:])}"
        base = {
            "title": title,
            "authors": [f"{''.join(words[:3])}, A.", f"{words[4]}ez, B."],
            "year": 2000 + number % 20,
        }
        place = {"container": "Global Health", "volume": str(number % 30), "pages": f"{number + 1}-{number + 9}"}
        rows += [
            {**base, **place},
            {**base, **place, "title": title.upper()},
            {**base, "ids": {"doi": f"10.1/{number}"}},
        ]
    return pd.DataFrame(rows).assign(id=[f"r{number}" for number in range(len(rows))])


def digest(found):
    text = found.groups.to_csv(index=False) + found.pairs.to_csv(index=False)
    return hashlib.sha256(text.encode()).hexdigest()


def test_pieces_computed_elsewhere_give_the_same_result(monkeypatch):
    monkeypatch.setattr("synth.dedup.pairs.CHUNK", 97)
    monkeypatch.setattr("synth.dedup.find.PIECE", 50)
    table = make_records(60)
    here = digest(find_groups(table))
    assert digest(find_groups(table, spread=lambda function, *items: list(map(function, *items)))) == here
    assert find_groups(table).groups["group_id"].nunique() == 60


def test_without_workers_nothing_is_started():
    with open_cluster() as spread:
        assert spread is map


def test_a_scheduler_that_does_not_answer_is_named():
    pytest.importorskip("distributed")
    with pytest.raises(UsageError, match="no scheduler answers"), open_cluster(scheduler="tcp:/nowhere"):
        pass


def die_once(number, folder):
    """Kills its worker at the first call with number 3."""
    mark = folder / "died"
    if number == 3 and not mark.exists():
        mark.touch()
        time.sleep(0.1)
        os._exit(1)
    return number


@pytest.mark.cluster
def test_one_worker_two_workers_and_a_killed_one_give_the_same_result(tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr("synth.dedup.pairs.CHUNK", 2000)
    monkeypatch.setattr("synth.dedup.find.PIECE", 300)
    table = make_records()
    here = digest(find_groups(table))
    with open_cluster(workers=2) as spread:
        assert digest(find_groups(table, spread=spread)) == here
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        spread = spread_over(client)
        killed = list(spread(die_once, range(6), [tmp_path] * 6))
        assert killed == list(range(6))
        assert (tmp_path / "died").exists()

        def spread_and_kill(function, *items):
            done = spread(function, *items)
            yield next(iter(done))
            client.run_on_scheduler(lambda: None)
            cluster.workers[next(iter(cluster.workers))].process.process.kill()
            yield from done

        assert digest(find_groups(table, spread=spread_and_kill)) == here
