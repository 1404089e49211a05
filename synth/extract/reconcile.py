"""Two people's answers side by side: only what they disagree on, and how often they agree, question by question.

Only answers that a person gave without seeing a machine's suggestion count: a value that one person checked against a
suggestion is single extraction, machine-checked, and never enters agreement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from synth.errors import StateError
from synth.extract.forms import show_value

THING = ("study_id", "arm", "effect_id", "question_id")
"""What makes two answers answers to the same question about the same thing."""


@dataclass(frozen=True, slots=True)
class QuestionAgreement:
    """``n`` things that both answered, ``agreed`` of them the same; kappa is Cohen's, None where it has no meaning."""

    question_id: str
    n: int
    agreed: int
    kappa: float | None

    @property
    def share(self) -> float:
        """Agreed by both over answered by both."""
        return self.agreed / self.n


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """``disagreements`` and ``one_sided`` (answered by one of the two) with the columns of THING, value_1, value_2."""

    person_1: str
    person_2: str
    disagreements: pd.DataFrame
    one_sided: pd.DataFrame
    agreement: tuple[QuestionAgreement, ...]


def compare_people(answers: pd.DataFrame, person_1: str, person_2: str) -> Comparison:
    """Compare two people's current ``answers``. Raises StateError if they have no question in common.

    Cohen's kappa (1960, doi 10.1177/001316446002000104) is given for answers of few kinds: codes and yes or no.
    """
    both = _side_by_side(answers, person_1, person_2)
    answered = both[both["_merge"] == "both"]
    if answered.empty:
        raise StateError(
            f"{person_1} and {person_2} have answered no question in common",
            hint="Both fill their own sheet: synth extract fill FILE.csv --person NAME",
        )
    differ = answered["key_1"] != answered["key_2"]
    columns = [*THING, "value_1", "value_2"]
    return Comparison(
        person_1,
        person_2,
        answered.loc[differ, columns].reset_index(drop=True),
        both.loc[both["_merge"] != "both", columns].reset_index(drop=True),
        tuple(_agreement(str(name), group) for name, group in answered.groupby("question_id", sort=True)),
    )


def _side_by_side(answers: pd.DataFrame, person_1: str, person_2: str) -> pd.DataFrame:
    sides = [_of_person(answers, person, f"_{number}") for number, person in enumerate((person_1, person_2), 1)]
    both = sides[0].merge(sides[1], on=list(THING), how="outer", indicator=True)
    return both.sort_values(list(THING), kind="stable").reset_index(drop=True)


def _of_person(answers: pd.DataFrame, person: str, suffix: str) -> pd.DataFrame:
    own = answers["status"].isin(["human"]) & (answers["person_id"] == person)
    blind = ~answers["suggestion_shown"].astype("boolean").fillna(value=False)
    mine = answers[own & blind]
    side = mine.loc[:, list(THING)].astype(object)
    side = side.where(side.notna(), "")
    side[f"value{suffix}"] = [show_value(value) for value in mine["value"]]
    side[f"key{suffix}"] = [_compare_as(value) for value in mine["value"]]
    return side


def _compare_as(value: Any) -> str:
    """Codes in any order are the same answer; texts are the same whatever the case and spaces."""
    if isinstance(value, list):
        return ";".join(sorted(map(str, value)))
    if isinstance(value, float | int) and not isinstance(value, bool):
        return repr(float(value))
    return " ".join(show_value(value).casefold().split())


def _agreement(question: str, group: pd.DataFrame) -> QuestionAgreement:
    agreed = int((group["key_1"] == group["key_2"]).sum())
    return QuestionAgreement(question, len(group), agreed, _kappa(group["key_1"], group["key_2"], agreed))


def _kappa(first: pd.Series[str], second: pd.Series[str], agreed: int) -> float | None:
    n = len(first)
    kinds = set(first) | set(second)
    if n < 2 or len(kinds) > max(n / 2, 2):  # as many kinds as answers: free text or numbers
        return None
    by_chance = sum(int((first == kind).sum()) * int((second == kind).sum()) for kind in kinds) / n**2
    return None if by_chance == 1 else (agreed / n - by_chance) / (1 - by_chance)
