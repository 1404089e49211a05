"""Expected numbers: metafor 3.8-1 (rma.mv) through the reference suite; here, what does not need its data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from synth.errors import UsageError
from synth.meta import aggregate, rma, rma_mv, vcalc
from synth.meta.cautions import BoundaryEstimate
from synth.meta.mv_likelihood import Blocks, Nested

pytestmark = pytest.mark.filterwarnings("ignore::synth.meta.Caution")


@pytest.fixture
def nested():
    rng = np.random.default_rng(7)
    study = np.repeat(np.arange(12), rng.integers(1, 6, 12))
    k = len(study)
    v = rng.uniform(0.02, 0.2, k)
    y = 0.3 + rng.normal(0, 0.4, 12)[study] + rng.normal(0, 0.3, k) + rng.normal(0, np.sqrt(v))
    return pd.DataFrame(
        {
            "yi": y,
            "vi": v,
            "study": study,
            "es": np.arange(k),
            "x": rng.normal(size=k),
            "o": ["a", "b"] * (k // 2) + ["a"] * (k % 2),
        }
    )


def test_one_effect_per_row_is_the_random_effects_model(nested):
    one, two = rma_mv(nested, random="~1|es"), rma(nested, test="z")
    assert (one.params[0], one.bse[0], one.loglik) == pytest.approx((two.estimate, two.se, two.loglik))
    assert one.sigma2[0] == pytest.approx(two.tau2, rel=1e-8)


def test_closed_form_and_matrices_agree(nested):
    model = rma_mv(nested, random="~1|study/es", mods="~ x").model
    assert isinstance(model.likelihood, Nested)
    blocks = Blocks(model.y, model.V, model.design.Q, model.groupings, model.inners)
    for restricted in (True, False):
        one, two = (each.evaluate(np.array([0.1, 0.05]), restricted=restricted) for each in (model.likelihood, blocks))
        assert (one.loglik, one.rss) == pytest.approx((two.loglik, two.rss), rel=1e-12)
        assert one.of_sigma2 == pytest.approx(two.of_sigma2, rel=1e-9)
        assert one.traces[0] == pytest.approx(two.traces[0], rel=1e-9)


@pytest.mark.parametrize("struct", ["UN", "CS", "HCS", "DIAG", "ID"])
def test_the_gradient_is_that_of_the_likelihood(nested, struct):
    model = rma_mv(nested, random=["~1|es", "~o|study"], struct=struct).model
    free = np.concatenate([[0.3], model.inners[0].structure.start(0.1)]) * 1.1
    gradient = model.evaluate(free)[1]
    for place in range(len(free)):
        e = np.zeros(len(free))
        e[place] = 1e-6
        slope = (model.evaluate(free + e)[0].loglik - model.evaluate(free - e)[0].loglik) / 2e-6
        assert gradient[place] == pytest.approx(slope, rel=1e-4, abs=1e-6)


def test_richer_structures_fit_no_worse(nested):
    heights = {s: rma_mv(nested, random="~o|study", struct=s).loglik for s in ("ID", "CS", "HCS", "UN")}
    assert heights["ID"] <= heights["CS"] + 1e-8 <= heights["HCS"] + 2e-8 <= heights["UN"] + 3e-8


def test_profile_intervals_end_where_the_likelihood_has_fallen(nested):
    fit = rma_mv(nested, random="~1|study/es")
    for estimate, low, high in fit.confint().values():
        assert low <= estimate <= high


def test_levels_share_the_heterogeneity(nested):
    i2 = rma_mv(nested, random="~1|study/es").i2()
    assert i2["total"] == pytest.approx(i2["study"] + i2["study/es"])


def test_robust_clusters_must_hold_the_models_groups(nested):
    fit = rma_mv(nested, random="~1|study/es")
    assert fit.robust(nested["study"]).clusters == 12
    with pytest.raises(UsageError, match="cut through"):
        fit.robust(nested["es"])


def test_a_variance_of_zero_is_said():
    frame = pd.DataFrame(
        {"yi": [0.1, 0.1, 0.2, 0.2, 0.3, 0.3], "vi": [1.0] * 6, "s": [1, 1, 2, 2, 3, 3], "e": range(6)}
    )
    with pytest.warns(BoundaryEstimate, match="the variance of s is 0"):
        fit = rma_mv(frame, random="~1|s/e")
    assert fit.sigma2.tolist() == [0, 0]


@pytest.mark.parametrize(("options", "message"), [
    ({"random": "study"}, "no random effect"),
    ({"random": "~1|stud"}, 'no column "stud"'),
    ({"random": "~o|study", "struct": "AR"}, 'no structure "AR"'),
    ({"random": "~1|study", "method": "DL"}, 'no method "DL"'),
    ({"random": "~1|study", "V": np.ones((3, 3))}, "3 variances"),
])  # fmt: skip
def test_wrong_calls_say_what_is_wrong(nested, options, message):
    with pytest.raises(UsageError, match=message):
        rma_mv(nested, **options)


def test_guessed_covariances_have_the_correlation(nested):
    V = vcalc(nested, "study", obs="es", rho=0.6).to_array()
    R = V / np.sqrt(np.outer(nested["vi"], nested["vi"]))
    same = np.equal.outer(nested["study"].to_numpy(), nested["study"].to_numpy())
    assert pytest.approx(np.where(np.eye(len(R), dtype=bool), 1, 0.6 * same)) == R


def test_contradictory_correlations_are_refused():
    frame = pd.DataFrame({"vi": [1.0, 1.0, 1.0], "s": [1, 1, 1]})
    with pytest.raises(UsageError, match="contradict"):
        vcalc(frame, "s", rho=-0.9)


def test_aggregates_are_metafors(bcg):
    """metafor 3.8-1: aggregate(cluster=alloc, struct="CS", rho=0.6)."""
    found = aggregate(bcg, "alloc", rho=0.6)
    assert found["cluster"].tolist() == ["random", "alternate", "systematic"]
    assert found["yi"].tolist() == pytest.approx([0.0240758867907916, -0.856128711729192, -0.393359145884226])
    assert found["vi"].tolist() == pytest.approx([0.00226299509894472, 0.00636657112297456, 0.00944918219350751])


def test_a_hundred_thousand_rows_are_possible():
    rng = np.random.default_rng(1)
    study = np.arange(40_000) // 4
    v = rng.uniform(0.05, 0.5, 40_000)
    y = rng.normal(0, 0.3, 10_000)[study] + rng.normal(0, np.sqrt(v + 0.16))
    fit = rma_mv(pd.DataFrame({"yi": y, "vi": v, "s": study, "e": np.arange(40_000)}), random="~1|s/e")
    assert fit.sigma2 == pytest.approx([0.09, 0.16], rel=0.1)
