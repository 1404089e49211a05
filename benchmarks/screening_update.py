"""A yearly update: relevant new records found in the first tenth of the new ones, warm (last years' decisions train
the first ranking) and cold (one relevant and one irrelevant new record known), sets split by year of publication.

Usage: screening_update.py [SETS ...]. The newest records, about a quarter, are the update. Both orders learn on.
"""

from __future__ import annotations

import sys

import numpy as np
from screening_speed import find_sets
from synth.screening import draw_priors, find_ranker, learn_in_growing_steps, replay_screening
from synth.steps.simulate import LabelledSet, read_labelled

SETS = (
    "Cohen_2006_ADHD",
    "Cohen_2006_ProtonPumpInhibitors",
    "Cohen_2006_NSAIDS",
    "Cohen_2006_OralHypoglycemics",
    "ASERNIPS_2024_PBRT",
    "ASERNIPS_2024_LMTA",
    "Kitchenham_2010",
    "Bannach-Brown_2019",
)
SHARE = 0.25


def split_years(labelled: LabelledSet) -> tuple[list[int], list[int]]:
    years = np.array([float(text or 0) for text in labelled.columns["year"]])
    cut = np.quantile(years[years > 0], 1 - SHARE)
    new = np.flatnonzero(years >= cut)
    return np.flatnonzero(years < cut).tolist(), new.tolist()


def recall_of(labels: list[int], shown: list[int], known: set[int]) -> float:
    marks = [labels[row] for row in shown if row not in known]
    return sum(marks[: len(marks) // 10]) / max(sum(marks), 1)


def measure(labelled: LabelledSet) -> tuple[int, int, float, float]:
    old, new = split_years(labelled)
    labels = list(labelled.labels)
    pick = draw_priors([labels[row] for row in new], 0)
    known = {new[row] for row in pick}
    warm = replay_screening(labelled.texts, labels, old, find_ranker("svm"), step=learn_in_growing_steps)
    texts, marks = [labelled.texts[row] for row in new], [labels[row] for row in new]
    cold = replay_screening(texts, marks, pick, find_ranker("svm"), step=learn_in_growing_steps)
    return (
        len(new),
        sum(marks),
        recall_of(labels, list(warm.shown), known),
        recall_of(labels, [new[row] for row in cold.shown], known),
    )


def main() -> None:
    for name in sys.argv[1:] or SETS:
        new, relevant, warm, cold = measure(read_labelled(find_sets() / f"{name}.csv"))
        print(f"| {name} | {new} | {relevant} | {warm:.2f} | {cold:.2f} |", flush=True)


if __name__ == "__main__":
    main()
