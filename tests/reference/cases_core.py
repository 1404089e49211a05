"""What all runners share, and the runners of the core: pooling, prediction, intervals of tau2, subgroups."""

from __future__ import annotations

import math

import pandas as pd
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
