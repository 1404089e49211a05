"""Expected intervals: metafor 3.8-1 with tightened control."""

from __future__ import annotations

import pytest
from synth.errors import UsageError
from synth.meta import confint_tau2, heterogeneity, rma

pytestmark = pytest.mark.filterwarnings("ignore::synth.meta.Caution")


def test_the_q_profile_interval_is_metafors(bcg):
    found = confint_tau2(rma(bcg))
    assert found.tau2 == pytest.approx((0.313243258136481, 0.119718361141261, 1.11147908406093), rel=1e-10)
    assert pytest.approx((92.221384521269, 81.9205745585965, 97.6780749578874), rel=1e-10) == found.I2
    assert found.H2[2] == pytest.approx(43.0677124309817, rel=1e-10)


def test_the_profile_likelihood_interval_is_metafors(bcg):
    found = rma(bcg).confint("PL")
    assert found.tau2 == pytest.approx((0.313243258136481, 0.115266105748054, 0.964695326514196), rel=1e-9)


def test_an_interval_below_zero_is_zero():
    assert rma([0.2, 0.21, 0.2], [1.0, 1.0, 1.0]).confint().tau2 == (0.0, 0.0, 0.0)


def test_what_has_no_interval_says_so(bcg):
    with pytest.raises(UsageError, match="One study"):
        rma([0.2], [1.0]).confint()
    with pytest.raises(UsageError, match="DL has no likelihood"):
        rma(bcg, method="DL").confint("PL")
    with pytest.raises(UsageError, match='no interval "XX"'):
        rma(bcg).confint("XX")


def test_q_needs_no_model(bcg):
    assert pytest.approx(152.233008082373, rel=1e-10) == heterogeneity(bcg["yi"], bcg["vi"]).QE
