from __future__ import annotations

import numpy as np
import pytest
from synth.errors import UsageError
from synth.meta import location_scale

pytestmark = pytest.mark.filterwarnings("ignore::synth.meta.Caution")


@pytest.fixture
def trials(bcg):
    return bcg.assign(ablat=[44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33])


def test_latitude_in_both_parts_is_metafors(trials):
    """metafor 3.8-1: rma(yi, vi, mods=~ablat, scale=~ablat)."""
    fit = location_scale(trials, mods="~ ablat", scale="~ ablat")
    assert fit.params.tolist() == pytest.approx([0.251476041051362, -0.0291105216249222], rel=1e-5)
    assert fit.alpha.tolist() == pytest.approx([-2.54250096641238, -0.000730145508897059], rel=1e-3)
    assert fit.se_alpha.tolist() == pytest.approx([3.41968970934581, 0.0795718014970149], rel=1e-4)
    assert fit.loglik == pytest.approx(-8.08727792523857, rel=1e-9)


def test_groups_in_the_scale_have_their_own_tau2(trials):
    fit = location_scale(trials, scale="~ 0 + alloc", method="ML")
    assert len(set(np.round(fit.tau2, 12))) == 3


def test_what_cannot_be_fitted_says_so(trials):
    with pytest.raises(UsageError, match="no moderators"):
        location_scale(trials, scale="~ 1")
    with pytest.raises(UsageError, match="cannot carry"):
        location_scale(trials.iloc[:3], mods="~ ablat", scale="~ ablat")
