"""Selection models and posteriors. Numbers: metafor 3.8-1; integrals checked against their closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from synth.errors import UsageError
from synth.meta import posterior, rma, select
from synth.meta.selection import EmptyInterval

pytestmark = pytest.mark.filterwarnings("ignore::synth.meta.Caution")


def simulated(k=60, seed=1):
    rng = np.random.default_rng(seed)
    vi = rng.uniform(0.02, 0.2, k)
    return rng.normal(0.2, np.sqrt(vi + 0.03)), vi


def test_a_weight_of_one_everywhere_is_the_model_without_selection():
    yi, vi = simulated()
    found = select(rma(yi, vi, method="ML", test="z"), "step", steps=(0.025,))
    plain = rma(yi, vi, method="ML", test="z")
    assert found.loglik >= plain.loglik - 1e-9
    assert pytest.approx(2 * (found.loglik - plain.loglik), abs=1e-8) == found.LRT


@pytest.mark.parametrize("shape", ["step", "halfnorm", "negexp", "logistic", "power", "beta"])
def test_the_direction_of_selection_is_a_matter_of_sign(shape):
    yi, vi = simulated(30)
    one = select(rma(yi, vi, method="ML", test="z"), shape)
    two = select(rma(-yi, vi, method="ML", test="z"), shape, alternative="less")
    assert two.loglik == pytest.approx(one.loglik, abs=1e-5)
    assert two.estimate == pytest.approx(-one.estimate, abs=2e-3)


def test_selected_results_are_corrected_towards_the_truth():
    yi, vi = simulated(400, seed=5)
    published = (yi / np.sqrt(vi) > 1.96) | (np.random.default_rng(6).random(400) < 0.2)
    fit = rma(yi[published], vi[published], method="ML", test="z")
    found = select(fit, "step", steps=(0.025,))
    assert abs(found.estimate - 0.2) < abs(fit.estimate - 0.2)
    assert found.delta[1] == pytest.approx(0.2, abs=0.15)


def test_an_interval_without_results_is_named_not_an_error():
    yi, vi = np.array([1.0, 1.2, 0.9, 1.1, 1.3]), np.full(5, 0.04)
    with pytest.warns(EmptyInterval, match=r"between 0.025 and 1"):
        found = select(rma(yi, vi, method="ML", test="z"), "step", steps=(0.025,))
    assert found.counts == (5, 0)
    assert np.isfinite(found.estimate)


def test_wrong_shapes_steps_and_directions_are_refused():
    fit = rma(*simulated(10))
    for options, words in (({"shape": "steps"}, "no selection model"), ({"steps": (0.0,)}, "between 0 and 1")):
        with pytest.raises(UsageError, match=words):
            select(fit, **options)
    with pytest.raises(UsageError, match="no direction"):
        select(fit, alternative="up")


def test_the_posterior_with_a_narrow_prior_is_the_common_effect():
    yi, vi = simulated(10)
    common, found = rma(yi, vi, method="EE", test="z"), posterior(rma(yi, vi), scale=1e-6)
    assert [found.estimate, found.sd] == pytest.approx([common.estimate, common.se], rel=1e-6)
    assert found.ci_lb == pytest.approx(common.conf_int()[0, 0], rel=1e-6)


def test_the_posterior_agrees_with_plain_numerical_integration():
    yi, vi = np.array([0.1, 0.6, 0.3]), np.array([0.04, 0.05, 0.02])
    tau = np.linspace(0, 5, 400_001)[:, None]
    w = 1 / (vi + tau**2)
    mean = (w @ yi) / w.sum(axis=1)
    rss = (w * (yi - mean[:, None]) ** 2).sum(axis=1)
    log_mass = 0.5 * (np.log(w).sum(axis=1) - np.log(w.sum(axis=1)) - rss) - tau[:, 0] ** 2 / (2 * 0.5**2)
    density = np.exp(log_mass)
    density[0] /= 2
    mass = density / density.sum()
    found = posterior(rma(yi, vi), prior="half-normal", scale=0.5)
    assert [found.estimate, found.tau_mean] == pytest.approx([mass @ mean, mass @ tau[:, 0]], rel=1e-5)
    assert found.tau_median == pytest.approx(tau[np.searchsorted(np.cumsum(mass), 0.5), 0], rel=1e-3)


def test_one_study_is_enough_for_a_posterior_and_a_wrong_prior_is_refused():
    found = posterior(rma([0.3], [0.04]), prior="half-cauchy", scale=0.3)
    assert found.ci_lb < 0.3 < found.ci_ub
    assert found.pi_lb < found.ci_lb
    assert 0 < found.probability_above(0) < 1
    with pytest.raises(UsageError, match='no prior "gamma"'):
        posterior(rma([0.3], [0.04]), prior="gamma")
