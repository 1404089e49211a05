"""Worked numbers: Cochrane Handbook 6.3, sections 23.1.4 and 6.5.2.8; group formula of section 6.5.2.10."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from synth.errors import UsageError
from synth.meta import (
    change_correlation,
    change_sd,
    combine_arms,
    combine_means,
    crossover_effect,
    design_effect,
    icc_sensitivity,
    split_shared_control,
    warn_of_units,
)

pytestmark = pytest.mark.filterwarnings("ignore::synth.meta.Caution")


def test_the_handbooks_design_effect():
    assert design_effect(21, 0.02) == pytest.approx(1.4)
    assert design_effect(10, 0.05, cv=0.5) == pytest.approx(1 + (1.25 * 10 - 1) * 0.05)
    with pytest.raises(UsageError, match="clusters of 1 or more"):
        design_effect(0.5, 0.02)


def test_larger_iccs_weaken_the_cluster_trials_only():
    frame = pd.DataFrame(
        {
            "yi": [0.5, 0.4, 0.1],
            "vi": [0.01, 0.02, 0.02],
            "m": [20, None, None],
            "cluster_adjusted": ["no", "yes", "yes"],
        }
    )
    table = icc_sensitivity(frame, "m", method="EE", test="z")
    assert table["estimate"].is_monotonic_decreasing
    assert table.loc[table["icc"] == 0.05, "deff"].iloc[0] == pytest.approx(1.95)


def test_two_groups_combine_to_the_people_in_them():
    rng = np.random.default_rng(1)
    a, b, c = rng.normal(3, 1, 20), rng.normal(4, 2, 35), rng.normal(5, 1, 11)
    found = combine_means(*zip(*[(len(g), g.mean(), g.std(ddof=1)) for g in (a, b, c)], strict=True))
    everyone = np.concatenate([a, b, c])
    assert found == pytest.approx((66, everyone.mean(), everyone.std(ddof=1)))


def test_arms_with_one_control_are_combined_or_share_it():
    frame = pd.DataFrame(
        {"study": ["A", "A", "B"], "ai": [5, 7, 3], "n1i": [50, 60, 30], "ci": [10, 10, 4], "n2i": [55, 55, 31]}
    )
    assert combine_arms(frame, "study")[["ai", "n1i", "ci", "n2i"]].to_numpy().tolist() == [
        [12, 110, 10, 55],
        [3, 30, 4, 31],
    ]
    assert split_shared_control(frame, "study")["n2i"].tolist() == [27.5, 27.5, 31]
    assert [caution.name for caution in warn_of_units(frame)] == ["SharedArms"]
    with pytest.raises(UsageError, match="do not share a control"):
        combine_arms(frame.assign(ci=[10, 11, 4]), "study")


def test_changes_and_crossovers():
    assert change_sd(6.4, 7.1, 0.78) == pytest.approx(4.52, abs=0.01)
    assert change_correlation(6.4, 7.1, 4.5) == pytest.approx(0.78, abs=0.005)
    assert crossover_effect(5, 4, 10, sd_1=2, sd_2=2, r=0.5) == pytest.approx((1, 0.4))
    with pytest.raises(UsageError, match="imply a correlation of -21"):
        change_correlation(6.4, 7.1, 45)
