import numpy as np
import pandas as pd
import pytest
from synth.screening import final_verdicts, measure_agreement, settle_decisions
from synth.screening.agree import compute_kappa, compute_pabak

ROLES = {"ana": "reviewer", "ben": "reviewer", "zoe": "adjudicator"}


def settle(rows):
    return settle_decisions(rows, ROLES).iloc[0]


def test_one_person_alone_is_said_to_be_single(said):
    assert tuple(settle(said(("w", "ana", "include")))[["verdict", "how"]]) == ("include", "single")


def test_two_who_agree_are_agreed(said):
    assert tuple(settle(said(("w", "ana", "exclude", "design"), ("w", "ben", "exclude")))[["how", "reason"]]) == (
        "agreed",
        "design",
    )


def test_two_who_differ_are_a_conflict_and_no_verdict(said):
    assert settle(said(("w", "ana", "include"), ("w", "ben", "maybe")))["verdict"] == "conflict"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_adjudicator_settles_a_conflict_whenever_they_spoke(said, place):
    rows = [("w", "ana", "include"), ("w", "ben", "exclude")]
    rows.insert(place, ("w", "zoe", "include"))
    assert tuple(settle(said(*rows))[["verdict", "how"]]) == ("include", "adjudicated")


def test_one_person_with_two_verdicts_on_works_that_were_merged_is_a_conflict(said):
    assert settle(said(("w", "ana", "include"), ("w", "ana", "exclude")))["how"] == "conflict"


def test_at_retrieval_the_newest_row_counts(said):
    rows = said(("w", "ana", "sought"), ("w", "ben", "retrieved"), stage="retrieval")
    assert settle(rows)["verdict"] == "retrieved"


def test_final_verdicts_take_people_as_synth_toml_declares_them(said):
    people = [{"id": name, "role": role} for name, role in ROLES.items()]
    found = final_verdicts(said(("w", "ana", "include")), "full_text", people)
    assert found.empty
    assert list(found.columns)[:3] == ["work_id", "stage", "verdict"]


def test_kappa_equals_the_worked_example_of_fleiss_cohen_and_everitt():
    # Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions (3rd ed.), tables 18.1 and 18.3: kappa .676,
    # standard error .088.
    shares = np.array([[75, 1, 4], [5, 4, 1], [0, 0, 10]], dtype=float)
    kappa, low, high = compute_kappa(shares)
    assert kappa == pytest.approx(0.676, abs=5e-4)
    assert (high - low) / 2 / 1.959964 == pytest.approx(0.088, abs=5e-4)


def test_kappa_does_not_exist_where_one_verdict_was_given_to_all():
    assert compute_kappa(np.array([[5.0, 0], [0, 0]])) == (None, None, None)
    assert compute_pabak(np.array([[5.0, 0], [0, 0]]))[0] == 1


def test_agreement_counts_what_only_one_person_saw(said):
    found = measure_agreement(
        said(("a", "ana", "include"), ("a", "ben", "include"), ("b", "ana", "exclude")), "title_abstract"
    )
    assert [(one.seen, one.only_1, one.only_2, one.agreed) for one in found] == [(1, 1, 0, 1)]


def test_agreement_after_talking_does_not_count(said):
    rows = said(("a", "ana", "include"), ("a", "ben", "exclude"), ("a", "ben", "include"))
    assert measure_agreement(rows, "title_abstract")[0].agreed == 0


def test_a_slip_mended_before_the_other_decided_does_not_count(said):
    rows = said(("a", "ana", "exclude"), ("a", "ana", "include"), ("a", "ben", "include"))
    assert measure_agreement(rows, "title_abstract")[0].agreed == 1


@pytest.mark.shared
def test_agreement_on_a_real_dual_screening_is_the_published_one(shared, said):
    sheet = pd.read_csv(shared / "screening/dual/Dimitrov_2024_dual.csv", dtype=str)
    words = {"1": "include", "0": "exclude"}
    rows = [
        (row.record_id, person, words[value])
        for row in sheet.itertuples()
        for person, value in (("ana", row.reviewer_1), ("ben", row.reviewer_2))
    ]
    found = measure_agreement(said(*rows), "title_abstract")[0]
    assert (round(found.kappa, 4), round(found.pabak, 4)) == (0.8215, 0.9920)
    assert found.kappa_low < found.kappa < found.kappa_high < 1
    assert found.table["include"] == {"include": 14, "exclude": 3}


def test_ac1_of_a_skewed_table_is_high_where_kappa_is_low():
    from synth.screening.agree import compute_ac1, compute_kappa

    # Gwet's own example of the paradox: 118 yes-yes, 5 and 2 mixed, 0 no-no (Gwet 2008, section 2).
    counts = np.array([[118.0, 5.0], [2.0, 0.0]])
    ac1, low, high = compute_ac1(counts)
    kappa, *_ = compute_kappa(counts)
    chance = 2 * (243 / 250) * (7 / 250)
    assert ac1 == pytest.approx((118 / 125 - chance) / (1 - chance))
    assert kappa < 0 < low < ac1 < high <= 1


def test_alpha_is_that_of_krippendorffs_own_examples():
    from synth.screening.agree import compute_alpha

    # Krippendorff 2011, sections A (two people, binary: .095) and C (four people, missing values, nominal: .743).
    one, two = "0100000010", "1110010000"
    assert compute_alpha(list(zip(one, two, strict=True)))[0] == pytest.approx(0.095, abs=5e-4)
    people = ["12332141 2...".replace(" ", ""), "1233224125.3", ".3332342251.", "12332441251."]
    units = [[one[n] for one in people if n < len(one) and one[n] != "."] for n in range(12)]
    alpha, low, high = compute_alpha([unit for unit in units if len(unit) > 1])
    assert alpha == pytest.approx(0.743, abs=5e-4)
    assert low < alpha < high


def test_alpha_needs_two_people_and_two_verdicts(said):
    from synth.screening import measure_alpha

    alone = measure_alpha(said(("w1", "ana", "include"), ("w2", "ben", "exclude")), "title_abstract")
    assert (alone.alpha, alone.works, alone.alone) == (None, 0, 2)
    same = measure_alpha(said(("w1", "ana", "include"), ("w1", "ben", "include")), "title_abstract")
    assert (same.alpha, same.works) == (None, 1)
