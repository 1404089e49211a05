"""The reference suite's effect sizes and analyses of one sample: all agree at its own tolerance, but for named cases."""

from __future__ import annotations

import json
import runpy
import sys
import warnings
from pathlib import Path

import pytest
from synth.errors import UsageError

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
DIFFERENT = {
    # the product of four margins exceeds R's integers, and the reference has no value
    "bcg/escalc/PHI/add=0.5,to=if0all", "bcg/escalc/PHI/add=0,to=none",
    # an empty cell: the reference has 1 or -1 with a variance that is an accident of differencing; here it is NaN
    *(f"{name}/escalc/RTET/{rule}" for name in ("edge2x2", "nielweise2007", "yusuf1985_t6")
      for rule in ("default", "add=0,to=none", "drop00=TRUE")),
    # two equal results stand in another order
    "landenberger2005/trimfill/OR/REML/L0/left", "landenberger2005/trimfill/OR/REML/Q0/left",
    # the reference stops at tau2 = 4e-15, where the top is at 0
    "nielweise2008/pet/IRR/REML",
    # the reference has no R2, because its fit without moderators did not converge
    "normand1999/pet/MD/REML", "normand1999/peese/MD/REML",
    # its integral over true effects misses a narrow dip
    "extreme5/tes/G/REML", "extreme5/tes/G/DL",
    # its alternating sum gives -1.9e34
    "curtis1998/combine_p/ROM",
    # the correction for small samples is not built in
    *(f"conv51/conv.fivenum/{kind}/lnorm" for kind in ("minmedmax", "iqr", "five")),
}  # fmt: skip
SLOW = {"rma.glmm", "selmodel"}


@pytest.fixture(scope="module")
def runners():
    sys.path.insert(0, str(REFERENCE))
    import cases_a

    return cases_a.RUNNERS


@pytest.fixture
def run_cases(shared, runners):
    """Each case of the analyses named, with what was found: (case, found)."""

    def run(analyses):
        warnings.simplefilter("ignore")
        for path in sorted((shared / "meta").glob("*.json")):
            suite = json.loads(path.read_text(encoding="utf-8"))
            for case in suite["cases"]:
                if case["analysis"] in analyses and "expected" in case and "rma.mv" not in case["id"]:
                    yield case, runners[case["analysis"]](suite, case)

    return run


@pytest.fixture
def disagrees(shared):
    compare = runpy.run_path(str(shared / "meta" / "compare.py"))

    def judge(case, found, tolerance=None):
        limit = tolerance or case.get("rtol", 1e-6)
        return [name for name, e in case["expected"].items() if compare["field_error"](found.get(name), e) > limit]

    return judge


@pytest.mark.shared
def test_every_case_agrees_but_those_named_and_95_of_100_to_nine_digits(run_cases, runners, disagrees):
    found = list(run_cases(set(runners) - SLOW))
    assert len(found) >= 1500
    assert {case["id"] for case, result in found if disagrees(case, result)} == DIFFERENT
    exact = [(case, result) for case, result in found if case["analysis"] != "hc"]
    assert sum(not disagrees(case, result, 1e-9) for case, result in exact) >= 0.95 * len(exact)


@pytest.mark.shared
def test_where_the_reference_stops_with_an_error_there_is_an_answer_or_a_named_exception(shared, runners):
    warnings.simplefilter("ignore")
    for path in sorted((shared / "meta").glob("*.json")):
        suite = json.loads(path.read_text(encoding="utf-8"))
        for case in suite["cases"]:
            if "error" not in case or case["analysis"] not in runners or case["analysis"] in SLOW:
                continue
            assert answer_or_hint(runners[case["analysis"]], suite, case)


def answer_or_hint(runner, suite, case):
    try:
        return runner(suite, case)
    except UsageError as fault:
        return fault.hint


@pytest.mark.slow
@pytest.mark.shared
def test_selection_models_agree_or_reach_a_higher_likelihood(run_cases, disagrees):
    """The reference integrates to about 5e-4 in the log-likelihood of beta selection."""
    found = list(run_cases({"selmodel"}))
    assert sum(not disagrees(case, result) for case, result in found) >= 20
    for case, result in found:
        assert not disagrees(case, result) or result["logLik"] > case["expected"]["logLik"] - 5e-4
