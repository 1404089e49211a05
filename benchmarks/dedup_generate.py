"""Make a large set of bibliographic records with known duplicates, for measuring speed and memory.

usage: dedup_generate.py N OUT.csv [--labels LABELS.csv] [--seed 1] [--abstracts 0.5]

About three records in ten are copies of an earlier work, written as another database would: capitals, initials,
abbreviated journals, page ranges cut short, fields left out, a letter mistyped. Words are made of syllables and drawn
by Zipf's law, so that common words, prolific authors and large journals come about as they do in life. Rows are
shuffled within blocks of 50,000. It is easy compared with real exports: use it for speed only.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

COLUMNS = ("record_id", "title", "author", "year", "journal", "volume", "number", "pages", "doi", "abstract", "type")
BLOCK = 50_000
SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "je",
    "ki",
    "lo",
    "mu",
    "na",
    "pe",
    "ri",
    "so",
    "tu",
    "va",
    "we",
    "xi",
    "yo",
    "zu",
    "bra",
    "cle",
    "dri",
    "fro",
    "glu",
    "sta",
    "spe",
    "tri",
    "pla",
    "cro",
]
SMALL = ("of", "the", "in", "and", "for", "a", "on", "with", "among")


class Maker:
    """Draws words, names and records; the same seed gives the same records."""

    def __init__(self, seed: int, size: int, abstracts: float) -> None:
        self.rng = np.random.default_rng(seed)
        self.words = self.make_words(max(20_000, size // 20), 2, 5)
        self.names = [word.title() for word in self.make_words(max(10_000, size // 20), 2, 4)]
        self.journals = [" ".join(self.draw(self.words, 4)).title() for _ in range(max(500, size // 400))]
        self.abstracts = abstracts

    def make_words(self, n: int, least: int, most: int) -> list[str]:
        lengths = self.rng.integers(least, most, n)
        return ["".join(self.rng.choice(SYLLABLES, length)) for length in lengths]

    def draw(self, pool: list[str], n: int) -> list[str]:
        """``n`` members; the k-th is about 1/k as likely as the first, without its long head."""
        ranks = (len(pool) ** self.rng.random(n) * 4).astype(int) % len(pool)
        return [pool[rank] for rank in ranks]

    def work(self, number: int) -> dict[str, str]:
        rng = self.rng
        title = self.draw(self.words, int(rng.integers(6, 15)))
        for place in range(1, len(title), 3):
            title[place] = SMALL[int(rng.integers(len(SMALL)))]
        first = int(rng.integers(1, 1800))
        authors = self.draw(self.names, int(rng.integers(1, 7)))
        givens = self.draw(self.names, len(authors))
        has_abstract = rng.random() < self.abstracts
        return {
            "title": " ".join(title).capitalize(),
            "author": "; ".join(
                f"{family}, {given} {given[0]}." for family, given in zip(authors, givens, strict=True)
            ),
            "year": str(int(rng.integers(1975, 2026))),
            "journal": self.draw(self.journals, 1)[0],
            "volume": str(int(rng.integers(1, 120))),
            "number": str(int(rng.integers(1, 13))),
            "pages": f"{first}-{first + int(rng.integers(3, 18))}",
            "doi": f"10.{1000 + number % 977}/s.{number}" if rng.random() < 0.6 else "",
            "abstract": " ".join(self.draw(self.words, 90)).capitalize() if has_abstract else "",
            "type": "article",
        }

    def copy(self, work: dict[str, str]) -> dict[str, str]:
        """The same work in another database's words."""
        rng, other = self.rng, dict(work)
        if rng.random() < 0.2:
            other["title"] = work["title"].upper()
        if rng.random() < 0.15:
            place = int(rng.integers(2, len(work["title"]) - 2))
            other["title"] = other["title"][:place] + other["title"][place + 1 :]
        if rng.random() < 0.5:
            names = (name.split(", ") for name in work["author"].split("; "))
            other["author"] = "; ".join(f"{family} {given[0]}" for family, given in names)
        if rng.random() < 0.5:
            other["journal"] = " ".join(word[:4] for word in work["journal"].split())
        if rng.random() < 0.4:
            first, last = work["pages"].split("-")
            other["pages"] = f"{first}-{last[-1]}" if last[:-1] == first[:-1] else first
        for name, share in (("doi", 0.4), ("abstract", 0.4), ("number", 0.2), ("pages", 0.1), ("year", 0.03)):
            if rng.random() < share:
                other[name] = ""
        return other


def make_records(n: int, seed: int, abstracts: float) -> Iterator[tuple[dict[str, str], int]]:
    """``n`` records with the number of their work."""
    maker = Maker(seed, n, abstracts)
    made, number, recent = 0, 0, []
    while made < n:
        block = []
        while len(block) < min(BLOCK, n - made):
            if recent and maker.rng.random() < 0.3:
                of, work = recent[int(maker.rng.integers(len(recent)))]
                block.append((maker.copy(work), of))
            else:
                work = maker.work(number)
                recent.append((number, work))
                block.append((work, number))
                number += 1
        recent = recent[-BLOCK:]
        yield from (block[place] for place in maker.rng.permutation(len(block)))
        made += len(block)


def write_set(n: int, out: Path, labels: Path | None, seed: int, abstracts: float) -> None:
    with out.open("w", encoding="utf-8", newline="") as records:
        table = csv.DictWriter(records, COLUMNS, lineterminator="\n")
        table.writeheader()
        groups = []
        for place, (record, work) in enumerate(make_records(n, seed, abstracts)):
            table.writerow({"record_id": f"r{place:07d}", **record})
            groups.append((f"r{place:07d}", f"g{work}"))
    if labels:
        with labels.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([("record_id", "group_id"), *groups])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("n", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--abstracts", type=float, default=0.5)
    asked = parser.parse_args()
    write_set(asked.n, asked.out, asked.labels, asked.seed, asked.abstracts)


if __name__ == "__main__":
    main()
