"""Verdicts of several people on the same works: what they come to, where they conflict, how well people agree.

Cohen's kappa: Cohen 1960 (Educational and Psychological Measurement 20:37); its large-sample standard error: Fleiss,
Cohen & Everitt 1969 (Psychological Bulletin 72:323); PABAK, the agreement that prevalence and bias leave alone: Byrt,
Bishop & Carlin 1993 (Journal of Clinical Epidemiology 46:423); Wilson's interval: Wilson 1927 (JASA 22:209).
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
