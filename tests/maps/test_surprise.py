from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from synth.maps import count_cells
from synth.maps.surprise import control_discoveries, score_surprise


def simulate(seed, *, planted=4, n=300, shape=(8, 6)):
    """Studies with one to three codes an axis and uneven margins; in planted cells no study ever is."""
    rng = np.random.default_rng(seed)
    weights = [rng.dirichlet(np.full(k, 4.0)) for k in shape]
    big = np.argsort(-np.outer(*weights), axis=None)[: shape[0] * shape[1] // 2]
    gaps = {(int(i // shape[1]), int(i % shape[1])) for i in rng.choice(big, planted, replace=False)}
    codes = []
    for study in range(n):
        while True:
            picks = [rng.choice(k, rng.integers(1, 4), replace=False, p=w) for k, w in zip(shape, weights, strict=True)]
            if not any((r, c) in gaps for r in picks[0] for c in picks[1]):
                break
        codes += [(f"s{study}", axis, f"{axis}{k}") for axis, found in zip("rc", picks, strict=True) for k in found]
    studies = pd.DataFrame({"id": [f"s{i}" for i in range(n)], "name": "x", "kind": "primary", "year": 2000})
    table = count_cells(studies, pd.DataFrame(codes, columns=["study_id", "axis", "term"]), "r", "c")
    return table, {(f"r{r}", f"c{c}") for r, c in gaps}


def area(scores, truth):
    ranks = pd.Series(scores).rank().to_numpy()
    hits = int(truth.sum())
    return (ranks[truth].sum() - hits * (hits + 1) / 2) / (hits * (len(truth) - hits))


def test_planted_gaps_are_found_with_an_area_of_at_least_95_percent():
    areas = []
    for seed in range(6):
        table, gaps = simulate(seed)
        found = score_surprise(table)
        truth = np.array([key in gaps for key in zip(found["row"], found["col"], strict=True)])
        areas.append(area(found["score"], truth))
    assert np.mean(areas) >= 0.95


def test_where_nothing_is_planted_hardly_anything_is_called():
    called = [(score_surprise(simulate(seed, planted=0)[0])["q"] <= 0.05).any() for seed in range(12)]
    assert np.mean(called) <= 0.1


def test_q_is_that_of_benjamini_and_yekutieli():
    # by hand: 3 tests, 1 + 1/2 + 1/3 = 11/6
    assert control_discoveries(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.055, 0.22 / 3, 0.22 / 3])


def test_p_is_fishers_one_sided_test_on_the_two_margins():
    from scipy.stats import fisher_exact

    table, _ = simulate(1)
    line = score_surprise(table).iloc[5]
    row, col, total = table.cell(line["row"])["n"], table.cell(col=line["col"])["n"], table.cell()["n"]
    n = line["n"]
    assert line["p"] == pytest.approx(fisher_exact([[n, row - n], [col - n, total - row - col + n]], "less").pvalue)
