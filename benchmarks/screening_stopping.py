"""Rules for stopping on finished reviews under one protocol: how often 95 % recall was reached, and for what share.

Usage: screening_stopping.py [--seeds 0-11] [--rules NAME,NAME] [--rows FILE] [SET ...] (default: every labelled set in
SYNTH_SHARED or ../shared/data). Each set is replayed to the last record from two priors drawn by seed, learning in
growing steps; a rule is asked 300 times on the way. The bound is checked in each replay every 5 % of the way. The
oracles are no rules: they know the truth. --rows writes one line a replay and rule.
"""

from __future__ import annotations

import argparse
import csv
import os
from pathlib import Path

import numpy as np
from synth.screening import bound_missed
from synth.steps.simulate import Simulation, simulate, summarise_stops

RULES = ("advice", "consecutive:50", "consecutive:100", "percentage:50", "hypergeometric", "qbcb", "knee", "safe")
LOOKS = range(1, 20)


def find_sets(names: list[str]) -> list[Path]:
    named = os.environ.get("SYNTH_SHARED")
    folder = (Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data") / "screening"
    return [path for path in sorted(folder.glob("*_[12][0-9]*.csv")) if not names or path.stem in names]


def find_oracle(one: Simulation, target: float) -> float:
    """Share read when ``target`` of the relevant records are found."""
    marks = np.array(one.shown)
    needed = int(np.ceil(target * marks.sum() - 1e-9))
    return float((np.flatnonzero(marks)[needed - 1] + 1) / len(marks))


def holds_at_all_looks(one: Simulation) -> bool:
    marks, total = list(one.shown), len(one.shown)
    return all(sum(marks[total * look // 20 :]) <= bound_missed(marks[: total * look // 20], total) for look in LOOKS)


def print_rules(replays: list[Simulation]) -> None:
    print("| rule | reached 95 % | share read | mean recall | worst | sets below .90 |\n|---|---|---|---|---|---|")
    for one in summarise_stops(replays):
        failing = ", ".join(one.failing)
        print(f"| {one.rule} | {one.kept:.3f} | {one.share:.3f} | {one.recall:.3f} | {one.worst:.3f} | {failing} |")
    for target in (0.95, 1.0):
        share = np.mean([find_oracle(one, target) for one in replays])
        print(f"| oracle, {target:.0%} | 1.000 | {share:.3f} | | | |")


def print_sets(replays: list[Simulation]) -> None:
    print("\n| set | records | relevant | reached 95 % | share read | worst |\n|---|---|---|---|---|---|")
    for name in sorted({one.name for one in replays}):
        stops = [one.stops["advice"] for one in replays if one.name == name]
        first = next(one for one in replays if one.name == name)
        kept = np.mean([stop.recall >= 0.95 - 1e-9 for stop in stops])
        share, worst = np.mean([stop.share for stop in stops]), min(stop.recall for stop in stops)
        print(f"| {name} | {len(first.shown)} | {sum(first.shown)} | {kept:.2f} | {share:.3f} | {worst:.3f} |")


def write_stops(replays: list[Simulation], path: Path) -> None:
    """One row a replay and rule: what the table was made from."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["set", "seed", "rule", "share", "recall", "missed", "missed_bound"])
        for one in replays:
            for rule, stop in one.stops.items():
                rows.writerow(
                    [
                        one.name,
                        one.seed,
                        rule,
                        f"{stop.share:.4f}",
                        f"{stop.recall:.4f}",
                        stop.missed,
                        stop.missed_bound,
                    ]
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*")
    parser.add_argument("--seeds", default="0-11")
    parser.add_argument("--rules", default=",".join(RULES))
    parser.add_argument("--rows", type=Path)
    given = parser.parse_args()
    first, _, last = given.seeds.partition("-")
    seeds, rules = list(range(int(first), int(last or first) + 1)), given.rules.split(",")
    replays: list[Simulation] = []
    for path in find_sets(given.sets):
        replays += simulate(path, seeds=seeds, stops=rules, fast=True)
        print(f"{path.stem} done", flush=True)
    print(f"\n{len(replays)} replays of {len({one.name for one in replays})} reviews\n")
    print_rules(replays)
    if "advice" in rules:
        print_sets(replays)
    print(f"\nbound right at all looks: {np.mean([holds_at_all_looks(one) for one in replays]):.3f}")
    if given.rows:
        write_stops(replays, given.rows)


if __name__ == "__main__":
    main()
