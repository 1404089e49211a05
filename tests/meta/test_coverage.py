"""Coverage by simulation: what the literature says of the intervals (IntHout et al. 2014, BMC Med Res Methodol 14:25)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, t
from synth.meta.batch import fit_many

RUNS = 20_000


def coverage(k, tau2, test, method="REML", mean=0.3):
    rng = np.random.default_rng(20)
    v = rng.uniform(0.05, 0.5, (RUNS, k))
    y = rng.normal(mean, np.sqrt(v + tau2))
    many = fit_many(y, v, method)
    root = k**-0.5
    estimate, se = many.params[:, 0] * root, np.sqrt(many.scale(test) * many.cov[:, 0, 0]) * root
    reach = norm.ppf(0.975) if test == "z" else t.ppf(0.975, k - 1)
    return np.mean(np.abs(estimate - mean) <= reach * se)


@pytest.mark.slow
@pytest.mark.parametrize("k", [3, 5, 10, 20])
def test_knapp_hartung_covers_what_it_promises(k):
    assert coverage(k, 0.2, "knha") == pytest.approx(0.95, abs=0.012)


@pytest.mark.slow
def test_wald_intervals_of_few_studies_are_too_narrow():
    assert 0.80 < coverage(5, 0.5, "z") < 0.92
    assert coverage(50, 0.2, "z") == pytest.approx(0.95, abs=0.012)


@pytest.mark.slow
def test_the_common_effect_covers_only_where_it_holds():
    assert coverage(10, 0.0, "z", "EE") == pytest.approx(0.95, abs=0.006)
    assert coverage(10, 0.5, "z", "EE") < 0.8
