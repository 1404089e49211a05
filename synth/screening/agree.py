"""Verdicts of several people on the same works: what they come to, where they conflict, how well people agree.

Cohen's kappa: Cohen 1960 (Educational and Psychological Measurement 20:37); its large-sample standard error: Fleiss,
Cohen & Everitt 1969 (Psychological Bulletin 72:323); PABAK, the agreement that prevalence and bias leave alone: Byrt,
Bishop & Carlin 1993 (Journal of Clinical Epidemiology 46:423); Wilson's interval: Wilson 1927 (JASA 22:209). AC1 and
its variance: Gwet 2008 (British Journal of Mathematical and Statistical Psychology 61:29). Krippendorff's alpha for
names, any number of people, works missed by some: Krippendorff 2011 (Computing Krippendorff's alpha-reliability).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Z95 = 1.959963984540054
SETTLED_COLUMNS = ["work_id", "stage", "verdict", "how", "reason", "people"]


def settle_decisions(decisions: pd.DataFrame, roles: Mapping[str, str]) -> pd.DataFrame:
    """What the people's current decisions come to: one row per work and stage.

    ``decisions`` has id, current_work_id, stage, person_id, verdict, reason; ``roles`` maps a person to reviewer or
    adjudicator. ``how`` is ``single`` (one person), ``agreed``, ``adjudicated`` (an adjudicator's word counts) or
    ``conflict`` (and so is ``verdict``). At retrieval the newest row counts: it reports, it does not judge.
    ``reason`` is the first one given for the verdict. Rows come in the order in which their works were first decided.
    """
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in decisions.sort_values("id").itertuples(index=False):
        groups.setdefault((str(row.current_work_id), str(row.stage)), []).append(row)
    rows = [(work_id, stage, *_settle(stage, group, roles)) for (work_id, stage), group in groups.items()]
    return pd.DataFrame(rows, columns=SETTLED_COLUMNS, dtype=object)


def final_verdicts(decisions: pd.DataFrame, stage: str, people: Iterable[Mapping[str, str]]) -> pd.DataFrame:
    """``settle_decisions`` for one stage: work_id, verdict (or ``conflict``), how, reason, people; a row per work.

    ``people`` are mappings with id and role, as ``synth.toml`` declares them.
    """
    roles = {person["id"]: person["role"] for person in people}
    return settle_decisions(decisions[decisions["stage"] == stage], roles)


def _settle(stage: str, rows: Sequence[Any], roles: Mapping[str, str]) -> tuple[str, str, str | None, tuple[str, ...]]:
    people = tuple(sorted({str(row.person_id) for row in rows}))
    judges = [row for row in rows if roles.get(str(row.person_id)) == "adjudicator"]
    counting = rows[-1:] if stage == "retrieval" else judges or rows
    verdicts = {str(row.verdict) for row in counting}
    if len(verdicts) > 1:
        return "conflict", "conflict", None, people
    how = "adjudicated" if judges and len(rows) > len(judges) else "single" if len(people) == 1 else "agreed"
    return verdicts.pop(), how, next((row.reason for row in counting if isinstance(row.reason, str)), None), people


def settle_one(stage: str, said: Sequence[tuple[str, str]], roles: Mapping[str, str]) -> str:
    """What verdicts on one work come to, from (person, verdict), oldest first, one a person: a verdict or conflict."""
    return _settle(stage, [_Said1(person, verdict, None) for person, verdict in said], roles)[0]


@dataclass(frozen=True, slots=True)
class _Said1:
    """One person's verdict as ``_settle`` looks at it."""

    person_id: str
    verdict: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two people agree at one stage. ``seen`` works were decided by both; the rest by one of them alone.

    ``kappa`` is None where it does not exist: nothing seen by both, or only one verdict ever given.
    """

    stage: str
    person_1: str
    person_2: str
    seen: int
    only_1: int
    only_2: int
    agreed: int
    table: dict[str, dict[str, int]]
    kappa: float | None
    kappa_low: float | None
    kappa_high: float | None
    pabak: float | None
    pabak_low: float | None
    pabak_high: float | None
    ac1: float | None = None
    ac1_low: float | None = None
    ac1_high: float | None = None


def measure_agreement(decisions: pd.DataFrame, stage: str) -> list[Agreement]:
    """Agreement of every two people who decided at ``stage``, on the verdicts they gave independently.

    ``decisions`` holds all live rows, older ones too (id, current_work_id, stage, person_id, verdict). What counts is a
    person's last verdict at the moment when both had decided: corrections made before that count, agreement reached by
    talking afterwards does not.
    """
    rows = decisions[decisions["stage"] == stage].sort_values("id")
    people = sorted({str(person) for person in rows["person_id"]})
    said = {person: _verdicts_by_work(rows[rows["person_id"] == person]) for person in people}
    return [_compare(stage, one, two, said[one], said[two]) for one, two in combinations(people, 2)]


_Said = dict[str, list[tuple[int, str]]]
"""Work: (id of the decision, verdict), oldest first."""


def _verdicts_by_work(rows: pd.DataFrame) -> _Said:
    said: _Said = {}
    for row in rows.itertuples(index=False):
        said.setdefault(str(row.current_work_id), []).append((int(row.id), str(row.verdict)))
    return said


def _independent_pairs(one: _Said, two: _Said) -> Iterator[tuple[str, str]]:
    for work_id in one:
        if work_id in two:
            moment = max(one[work_id][0][0], two[work_id][0][0])
            yield _last_until(one[work_id], moment), _last_until(two[work_id], moment)


def _last_until(said: Sequence[tuple[int, str]], moment: int) -> str:
    return [verdict for number, verdict in said if number <= moment][-1]


def _compare(stage: str, name_1: str, name_2: str, one: _Said, two: _Said) -> Agreement:
    pairs = list(_independent_pairs(one, two))
    verdicts = sorted({verdict for pair in pairs for verdict in pair} | {"include", "exclude"})
    counts = np.zeros((len(verdicts), len(verdicts)))
    for first, second in pairs:
        counts[verdicts.index(first), verdicts.index(second)] += 1
    table = {
        first: {second: int(counts[i, j]) for j, second in enumerate(verdicts)} for i, first in enumerate(verdicts)
    }
    return Agreement(
        stage,
        name_1,
        name_2,
        len(pairs),
        len(one.keys() - two.keys()),
        len(two.keys() - one.keys()),
        int(np.trace(counts)),
        table,
        *compute_kappa(counts),
        *compute_pabak(counts),
        *compute_ac1(counts),
    )


Interval = tuple[float, float, float] | tuple[None, None, None]
"""Estimate, lower and upper end of its 95 % interval."""


def compute_kappa(counts: npt.NDArray[np.float64]) -> Interval:
    """Cohen's kappa with its 95 % interval (Fleiss, Cohen & Everitt 1969) from a square table of counts."""
    total = counts.sum()
    if not total:
        return None, None, None
    shares = counts / total
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    agreed, by_chance = np.trace(shares), float(rows @ columns)
    if by_chance >= 1:
        return None, None, None
    kappa = (agreed - by_chance) / (1 - by_chance)
    error = _kappa_error(shares, rows, columns, kappa, by_chance) / np.sqrt(total)
    return float(kappa), float(max(kappa - Z95 * error, -1)), float(min(kappa + Z95 * error, 1))


def _kappa_error(
    shares: npt.NDArray[np.float64],
    rows: npt.NDArray[np.float64],
    columns: npt.NDArray[np.float64],
    kappa: float,
    by_chance: float,
) -> float:
    diagonal = np.diag(shares)
    on = (diagonal * (1 - (rows + columns) * (1 - kappa)) ** 2).sum()
    spread = (shares * (columns[:, None] + rows[None, :]) ** 2).sum() - (diagonal * (rows + columns) ** 2).sum()
    off = (1 - kappa) ** 2 * spread
    variance = on + off - (kappa - by_chance * (1 - kappa)) ** 2
    return float(np.sqrt(max(variance, 0)) / (1 - by_chance))


def compute_pabak(counts: npt.NDArray[np.float64]) -> Interval:
    """PABAK, (k po - 1) / (k - 1) for k verdicts; its interval is Wilson's interval of po on that scale."""
    total, size = float(counts.sum()), len(counts)
    if not total:
        return None, None, None
    agreed = float(np.trace(counts)) / total
    middle = (agreed + Z95**2 / (2 * total)) / (1 + Z95**2 / total)
    half = Z95 * np.sqrt(agreed * (1 - agreed) / total + Z95**2 / (4 * total**2)) / (1 + Z95**2 / total)
    low, high = (float((size * share - 1) / (size - 1)) for share in (max(middle - half, 0), min(middle + half, 1)))
    return (size * agreed - 1) / (size - 1), low, high


def compute_ac1(counts: npt.NDArray[np.float64]) -> Interval:
    """Gwet's AC1 with its 95 % interval from a square table of counts; None where nothing was seen by both."""
    total, size = float(counts.sum()), len(counts)
    if total < 2 or size < 2:
        return None, None, None
    prevalence = (counts.sum(axis=0) + counts.sum(axis=1)) / (2 * total)
    agreed = float(np.trace(counts)) / total
    by_chance = float((prevalence * (1 - prevalence)).sum() / (size - 1))
    ac1 = (agreed - by_chance) / (1 - by_chance)
    chance = (1 - prevalence[:, None] + 1 - prevalence[None, :]) / (2 * (size - 1))
    each = (np.eye(size) - by_chance) / (1 - by_chance) - 2 * (1 - ac1) * (chance - by_chance) / (1 - by_chance)
    variance = float((counts * (each - ac1) ** 2).sum() / (total * (total - 1)))
    half = Z95 * np.sqrt(variance)
    return ac1, float(max(ac1 - half, -1)), float(min(ac1 + half, 1))


@dataclass(frozen=True, slots=True)
class Alpha:
    """Krippendorff's alpha over all people of a stage. ``works`` were seen by two or more; ``alone`` by one.

    The interval is the middle 95 % of 1,000 draws of works with replacement; None where alpha does not exist.
    """

    stage: str
    people: tuple[str, ...]
    works: int
    alone: int
    alpha: float | None
    low: float | None
    high: float | None


def measure_alpha(decisions: pd.DataFrame, stage: str, *, draws: int = 1000, seed: int = 0) -> Alpha:
    """Alpha of everybody who decided at ``stage``.

    Of each work the verdicts count that stood when all who saw it had decided. ``decisions`` as in
    ``measure_agreement``; ``seed`` draws the interval.
    """
    rows = decisions[decisions["stage"] == stage].sort_values("id")
    people = sorted({str(person) for person in rows["person_id"]})
    said = [_verdicts_by_work(rows[rows["person_id"] == person]) for person in people]
    works = sorted({work for one in said for work in one})
    units = [_independent_verdicts([one[work] for one in said if work in one]) for work in works]
    shared = [unit for unit in units if len(unit) > 1]
    interval = compute_alpha(shared, draws=draws, seed=seed)
    return Alpha(stage, tuple(people), len(shared), len(units) - len(shared), *interval)


def _independent_verdicts(said: Sequence[list[tuple[int, str]]]) -> list[str]:
    moment = max(one[0][0] for one in said)
    return [_last_until(one, moment) for one in said]


def compute_alpha(units: Sequence[Sequence[str]], *, draws: int = 1000, seed: int = 0) -> Interval:
    """Nominal alpha with a bootstrap interval from the verdicts on each unit (two or more each)."""
    names = sorted({name for unit in units for name in unit})
    table = np.array([[unit.count(name) for name in names] for unit in map(list, units)], dtype=float)
    if not len(table):
        return None, None, None
    alpha = _alpha(table)
    if alpha is None:
        return None, None, None
    rng = np.random.default_rng(seed)
    drawn = [_alpha(table[rng.integers(len(table), size=len(table))]) for _ in range(draws)]
    known = [one for one in drawn if one is not None]
    low, high = (float(np.quantile(known, share)) for share in (0.025, 0.975))
    return alpha, low, high


def _alpha(table: npt.NDArray[np.float64]) -> float | None:
    """1 - observed / expected disagreement; ``table`` is units x names. None where only one name was ever given."""
    sizes = table.sum(axis=1)
    agreeing = (table * (table - 1)).sum(axis=1) / (sizes - 1)
    totals, number = table.sum(axis=0), sizes.sum()
    expected = 1 - (totals * (totals - 1)).sum() / (number * (number - 1))
    observed = 1 - agreeing.sum() / number
    return float(1 - observed / expected) if expected > 0 else None
