"""Speed of the order of reading: the index built once, then decision to next work with a model that knows the decision.

Usage: screening_speed.py [RECORDS ...] (default 10000 100000). Texts are made of sentences of the labelled sets in
SYNTH_SHARED (or ../shared/data), drawn at random, so that words repeat as they do in a search result. CPU seconds and
peak memory of this process; --tfidf adds the TF-IDF of scikit-learn on the same texts, which ASReview uses.
"""

from __future__ import annotations

import csv
import os
import re
import resource
import sys
import time
from pathlib import Path

import numpy as np
from synth.screening import find_ranker
from synth.screening.index import build_index

LABELS, LOOKS, RELEVANT = 200, 40, 0.1
SENTENCES = 7


def find_sets() -> Path:
    named = os.environ.get("SYNTH_SHARED")
    return (Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data") / "screening"


def read_sentences(folder: Path) -> list[str]:
    found: list[str] = []
    for path in sorted(folder.glob("*_*.csv")):
        if path.name == "peer_results.csv":
            continue
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                found += re.split(r"(?<=[.!?]) +", f"{row.get('title', '')}. {row.get('abstract', '')}")
    return [text for text in found if len(text) > 20]


def make_texts(sentences: list[str], size: int) -> list[str]:
    rng = np.random.default_rng(7)
    return [" ".join(sentences[at] for at in rng.integers(len(sentences), size=SENTENCES)) for _ in range(size)]


def time_decisions(index: object, size: int, model: str) -> list[float]:
    """CPU seconds from one decision to the next work, ``LABELS`` works known at the start."""
    rng = np.random.default_rng(3)
    ranker = find_ranker(model)
    ranker.use(index)
    labels = {int(row): int(number < LABELS * RELEVANT) for number, row in enumerate(rng.permutation(size)[:LABELS])}
    unread = np.ones(size, dtype=bool)
    unread[list(labels)] = False
    seconds = []
    for look in range(LOOKS):
        begun = time.process_time()
        scores = ranker.rank(labels)
        row = int(np.flatnonzero(unread)[np.argmax(scores[unread])])
        seconds.append(time.process_time() - begun)
        labels[row], unread[row] = look % 2, False
    return seconds


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:] if word.isdigit()] or [10_000, 100_000]
    sentences = read_sentences(find_sets())
    for size in sizes:
        texts = make_texts(sentences, size)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        begun = time.process_time()
        index = build_index(texts)
        built = time.process_time() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{size} texts, {index.matrix.nnz} values, {index.matrix.shape[1]} columns")
        print(f"  index {built:.2f} s CPU, peak {peak} MB resident ({before} MB before, the texts among it)")
        for model in ("svm", "blend"):
            seconds = time_decisions(index, size, model)
            p50, p95 = np.quantile(seconds, [0.5, 0.95])
            print(f"  {model}: decision to next work p50 {p50:.4f} s, p95 {p95:.4f} s CPU")
        if "--tfidf" in sys.argv:
            print(f"  scikit-learn's TF-IDF: {time_tfidf(texts):.2f} s CPU")


def time_tfidf(texts: list[str]) -> float:
    from sklearn.feature_extraction.text import TfidfVectorizer

    begun = time.process_time()
    TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_df=0.95).fit_transform(texts)
    return time.process_time() - begun


if __name__ == "__main__":
    main()
