from __future__ import annotations

import numpy as np
import pytest
from synth.errors import UsageError
from synth.meta import compare_fits, rma, variance_inflation

pytestmark = pytest.mark.filterwarnings("ignore::synth.meta.Caution")


@pytest.fixture
def trials(bcg):
    return bcg.assign(
        ablat=[44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33],
        year=[1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976],
    )


def test_the_likelihood_ratio_is_metafors(trials):
    found = rma(trials, mods="~ ablat + year", method="ML").anova(rma(trials, method="ML"))
    assert (found.LRT, found.pval, found.R2) == pytest.approx((10.0379222410934, 0.0066113915816819, 90.403393181946))


def test_inflation_is_metafors(trials):
    assert rma(trials, mods="~ ablat + year").vif().tolist() == pytest.approx([1.53913018354858] * 2)


def test_a_term_of_one_column_inflates_as_its_column(trials):
    fit = rma(trials, mods="~ ablat + year")
    assert variance_inflation(fit, terms=fit.design.terms).tolist() == pytest.approx(fit.vif().tolist())


def test_wald_tests_of_all_moderators_are_the_models_own(trials):
    fit = rma(trials, mods="~ ablat + year")
    found = fit.anova()
    assert (found.QM, found.QMp) == pytest.approx((fit.QM, fit.QMp))
    assert fit.anova(btt="year").pval[0] == pytest.approx(fit.pvalues[2])
    assert fit.anova(L=[0, 1, -1]).hyp[0] == pytest.approx(fit.params[1] - fit.params[2])


def test_what_cannot_be_compared_says_so(trials):
    full = rma(trials, mods="~ ablat")
    with pytest.raises(UsageError, match="Restricted likelihoods"):
        full.anova(rma(trials))
    with pytest.raises(UsageError, match="different rows"):
        compare_fits(full, rma(trials.iloc[1:]))
    with pytest.raises(UsageError, match="no part of the larger"):
        compare_fits(
            rma(trials, mods="~ ablat + year", method="ML"), rma(trials, mods=np.sin(np.arange(13.0)), method="ML")
        )
    with pytest.raises(UsageError, match="A contrast needs 2 numbers"):
        full.anova(L=[1, 2, 3])
