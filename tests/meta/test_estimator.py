from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from synth.errors import StateError, UsageError
from synth.meta import MetaAnalysis, rma

pytestmark = pytest.mark.filterwarnings("ignore::synth.meta.Caution")


def test_the_shell_is_the_function(bcg):
    X = np.column_stack([np.arange(13.0), np.arange(13.0) ** 2])
    shell, fit = MetaAnalysis(test="z").fit(X, bcg["yi"], bcg["vi"]), rma(bcg, mods=X, test="z")
    assert [shell.intercept_, *shell.coef_] == pytest.approx(fit.params.tolist())
    assert shell.predict(X[:2]) == pytest.approx(fit.fitted[:2])
    assert 0 < shell.score(X, bcg["yi"], bcg["vi"]) < 1


def test_it_can_be_cloned_and_changed():
    shell = clone(MetaAnalysis(method="DL"))
    assert shell.set_params(level=90).get_params() == {
        "method": "DL",
        "test": "knha",
        "level": 90,
        "fit_intercept": True,
    }
    with pytest.raises(UsageError, match='no parameter "methd"'):
        shell.set_params(methd="DL")


def test_a_mean_needs_no_columns_and_predictions_need_a_fit(bcg):
    assert MetaAnalysis().fit(None, bcg["yi"], bcg["vi"]).predict(None)[0] == pytest.approx(rma(bcg).estimate)
    with pytest.raises(StateError, match="Nothing is fitted"):
        MetaAnalysis().predict(None)
