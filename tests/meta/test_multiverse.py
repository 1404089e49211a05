from __future__ import annotations

import json

import pytest
from synth.errors import UsageError
from synth.meta import multiverse, rma

pytestmark = pytest.mark.filterwarnings("ignore::synth.meta.Caution")


def test_every_combination_is_the_fit_made_alone(bcg):
    found = multiverse(bcg, methods=["REML", "DL", "EE"], exclusions={"no alternate": bcg["alloc"] == "alternate"})
    assert len(found.fits) == 3 * 4 * 2
    for row in found.fits.itertuples():
        frame = bcg if row.exclusion == "none" else bcg[bcg["alloc"] != "alternate"]
        fit = rma(frame, method=row.method, test=row.test)
        assert (row.estimate, row.se, row.pval, row.tau2, row.I2) == pytest.approx(
            (fit.estimate, fit.se, fit.pvalues[0], fit.tau2, fit.I2), rel=1e-8
        )
        assert [row.ci_lb, row.ci_ub] == pytest.approx(fit.conf_int()[0].tolist())


def test_leaving_one_out_adds_each_study(bcg):
    found = multiverse(bcg, methods=["DL"], tests=["z"], leave_one_out=True)
    assert (len(found.fits), found.fits["k"].min()) == (14, 12)
    assert json.dumps(found.to_dict(), allow_nan=False)
    assert found.describe().startswith("14 combinations: estimate ")


def test_choices_are_compared(bcg):
    found = multiverse({"RR": bcg, "half": bcg.assign(yi=bcg["yi"] / 2)}, methods=["DL"], tests=["z"]).by_choice()
    assert found.set_index("value").loc["half", "median"] == pytest.approx(
        found.set_index("value").loc["RR", "median"] / 2, rel=0.2
    )


def test_what_leaves_nothing_is_listed(bcg):
    assert multiverse(bcg, exclusions={"all": [True] * 13}).left_out == ("RR, all: no study is left",)


def test_unknown_choices_are_named(bcg):
    with pytest.raises(UsageError, match='no method "RELM"'):
        multiverse(bcg, methods=["RELM"])
    with pytest.raises(UsageError, match="values for 13 rows"):
        multiverse(bcg, exclusions={"some": [True]})
