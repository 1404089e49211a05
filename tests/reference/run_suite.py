"""Run a folder of reference cases through the public API and write the results as JSON.

usage: run_suite.py SUITE_DIR RESULTS.json

SUITE_DIR holds one file per data set: ``{data, effects, roles, cases: [{id, analysis, options, effect, expected}]}``. Cases whose
analysis or options are not supported yet are left out of the results, and counted on stderr.
"""

from __future__ import annotations

import json
import math
import sys
import warnings
from collections import Counter
from pathlib import Path

import pandas as pd
from synth.errors import SynthError
from synth.meta import MEASURES, METHODS, escalc, rma, subgroups

_ESCALC_OPTIONS = {"measure", "columns", "add", "to", "drop00", "vtype", "note"}
_FIELDS = {"tau2", "tau", "I2", "H2"}


class NotSupportedError(Exception):
    """This case is for a later version."""


def effect_frame(suite, case):
    """yi and vi of the case, complete rows only, with the grouping columns of the data set."""
    effect = suite["effects"][case["effect"]]
    frame = pd.DataFrame({"yi": effect["yi"], "vi": effect["vi"]}, dtype=float)
    by = dict(suite["roles"] or {}).get("subgroup")
    if isinstance(by, str):
        frame["subgroup"] = [str(value) for value in suite["data"][by]]
    return frame.dropna(subset=["yi", "vi"])


def model_options(options, allowed):
    """method, test, level and tau2, if nothing else is asked for."""
    if set(options) - allowed - {"control"}:
        raise NotSupportedError(f"options {sorted(set(options) - allowed)}")
    if options.get("method") not in {None, *METHODS}:
        raise NotSupportedError(f"method {options['method']}")
    chosen = {name: options[name] for name in ("method", "test", "level", "tau2") if name in options}
    return {
        "test": "z",
        **{name: float(value) if name in {"level", "tau2"} else value for name, value in chosen.items()},
    }


def run_rma(suite, case):
    options = model_options(case["options"], {"method", "test", "level", "tau2"})
    return rma(effect_frame(suite, case), **options).to_dict()


def run_predict(suite, case):
    # "riley" had other degrees of freedom in the version that made these numbers
    shown = rma(effect_frame(suite, case), **model_options(case["options"], {"method", "test", "level"})).predict()
    return {name: getattr(shown, name) for name in ("pred", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub")}


def run_confint(suite, case):
    if case["options"].get("weights") is not None:
        raise NotSupportedError("weights")
    options = model_options(case["options"], {"method", "type", "weights"})
    found = rma(effect_frame(suite, case), **options).confint(case["options"]["type"])
    return {name: list(getattr(found, name)) for name in sorted(_FIELDS)}


def run_subgroup(suite, case):
    if case["options"].get("tau2") != "separate":
        raise NotSupportedError("common tau2")
    found = subgroups(effect_frame(suite, case), "subgroup", method=case["options"]["method"], test="z")
    fits = found.fits
    return {
        "levels": list(found.levels),
        "k": [fit.k for fit in fits],
        "b": [fit.estimate for fit in fits],
        "se": [fit.se for fit in fits],
        "tau2": [fit.tau2 for fit in fits],
        "QE": [fit.QE for fit in fits],
        "I2": [fit.I2 for fit in fits],
        "Q_between": found.QB,
        "df_between": found.df,
        "p_between": found.QBp,
    }


def run_weights(suite, case):
    options = model_options(case["options"], {"method"})
    return {"weights": rma(effect_frame(suite, case), **options).weights.tolist()}


def run_escalc(suite, case):
    options = case["options"]
    columns = options.get("columns", {})
    if options["measure"] not in MEASURES or set(options) - _ESCALC_OPTIONS or options.get("vtype") not in {None, "LS"}:
        raise NotSupportedError(f"measure {options['measure']}")
    rules = {name: options[name] for name in ("add", "to", "drop00") if name in options}
    frame = pd.DataFrame(suite["data"])
    # the numbers expected come from a version that did not correct ROM for bias
    found = escalc(frame, options["measure"], **columns, **rules, correct=False)
    return {name: [None if math.isnan(value) else value for value in found[name]] for name in ("yi", "vi")}


RUNNERS = {
    "rma.uni": run_rma,
    "predict": run_predict,
    "confint": run_confint,
    "subgroup": run_subgroup,
    "weights": run_weights,
    "escalc": run_escalc,
}


def run_folder(folder):
    """Results by case id, and a count of what was not run (analysis and reason)."""
    results, left = {}, Counter()
    for path in sorted(Path(folder).glob("*.json")):
        suite = json.loads(path.read_text(encoding="utf-8"))
        for case in suite.get("cases", []):
            runner = RUNNERS.get(case["analysis"])
            if runner is None:
                left[case["analysis"], "analysis"] += 1
                continue
            try:
                results[case["id"]] = runner(suite, case)
            except NotSupportedError as why:
                left[case["analysis"], str(why)] += 1
            except SynthError as fault:
                left[case["analysis"], f"refused: {fault}"] += 1
    return results, left


def main(arguments):
    folder, target = arguments
    warnings.simplefilter("ignore")
    results, left = run_folder(folder)
    Path(target).write_text(json.dumps(results, sort_keys=True), encoding="utf-8")
    sys.stderr.write(f"{len(results)} cases run, {sum(left.values())} left for later\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
