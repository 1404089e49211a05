"""Runners of the reference cases: effect sizes, one-sample analyses, publication bias, influence."""

from __future__ import annotations

import numpy as np
import pandas as pd
from cases_core import NotSupportedError
from synth.errors import UsageError
from synth.meta import MEASURES, escalc, rma
from synth.meta.bias import peese, pet, ranktest, regtest
from synth.meta.combine import P_METHODS, combine_p, one_sided
from synth.meta.conversions import convert_2x2, convert_delta, convert_five_numbers, convert_wald
from synth.meta.excess import excess_significance
from synth.meta.fail_safe import fail_safe_n
from synth.meta.glmm import glmm
from synth.meta.henmi_copas import henmi_copas
from synth.meta.influence import cumulative, gosh, influence, leave_one_out, rstandard, rstudent
from synth.meta.mantel_haenszel import mantel_haenszel, peto
from synth.meta.plot_data import baujat, labbe, qqnorm, radial
from synth.meta.profile import profile_tau2
from synth.meta.selection import select
from synth.meta.transforms import TRANSFORMS, ipft, ipft_hm
from synth.meta.trim_fill import trim_fill

_RULES = ("add", "to", "drop00", "vtype")
_FROM_NEWER = "conv51"
"""This file of the suite holds the numbers of metafor 5.1; all others those of 3.8."""


def plain(values):
    """Numbers as JSON takes them."""
    return [None if np.isnan(value) else float(value) for value in values]


def run_escalc(suite, case):
    options = case["options"]
    if options["measure"] not in MEASURES:
        raise NotSupportedError(f"measure {options['measure']}")
    newer = suite["dataset"] == _FROM_NEWER
    given = {key: value for key, value in options.items() if isinstance(value, list)}
    if options["measure"] == "PRZ":
        del given["mi"]
    frame = pd.DataFrame(given if newer else suite["data"])
    rules = {name: options[name] for name in _RULES if name in options}
    found = escalc(frame, options["measure"], **options.get("columns", {}), **rules, compat="5.1" if newer else "3.8")
    return {name: plain(found[name]) for name in ("yi", "vi")}


def fit_case(suite, case, *, test="z", mods=None):
    """The model of a case, and the positions of its rows in the data set."""
    effect = suite["effects"][case["effect"]]
    frame = pd.DataFrame({"yi": effect["yi"], "vi": effect["vi"]}, dtype=float).dropna()
    options = case["options"] if isinstance(case["options"], dict) else {}
    return rma(frame, method=options.get("method", "REML"), test=test, mods=mods)


def sizes(suite, case):
    effect = suite["effects"][case["effect"]]
    frame = pd.DataFrame({"yi": effect["yi"], "vi": effect["vi"], "ni": effect.get("ni")}, dtype=float)
    return frame.dropna(subset=["yi", "vi"])["ni"].to_numpy()


def run_trimfill(suite, case):
    options = case["options"]
    found = trim_fill(fit_case(suite, case), estimator=options["estimator"], side=options["side"], threshold=1e-5)
    return {**found.fit.to_dict(), "k0": found.k0, "se_k0": found.se_k0}


def run_regtest(suite, case):
    options = case["options"]
    ni = None if options["predictor"] in {"sei", "vi"} else sizes(suite, case)
    found = regtest(fit_case(suite, case), model=options["model"], predictor=options["predictor"], ni=ni)
    return {**fields(found, "pval", "est", "ci_lb", "ci_ub"), "zval": found.statistic}


def fields(found, *names):
    return {name: getattr(found, name) for name in names}


def run_ranktest(suite, case):
    return fields(ranktest(fit_case(suite, case)), "tau", "pval")


def run_fsn(suite, case):
    return fields(fail_safe_n(fit_case(suite, case), case["options"]["type"]), "fsnum")


def run_hc(suite, case):
    found = henmi_copas(fit_case(suite, case))
    return {"b": found.estimate, **fields(found, "se", "ci_lb", "ci_ub", "tau2")}


def run_tes(suite, case):
    found = excess_significance(fit_case(suite, case), truncate=5)
    return {**fields(found, "O", "E", "pval", "theta"), "X2": plain([found.X2])[0], "power": found.power.tolist()}


def columns_of(frame):
    return {name: plain(frame[name]) for name in frame.columns}


def run_cumul(suite, case):
    order = pd.Series(case["options"]["order"], dtype=float)
    return columns_of(cumulative(fit_case(suite, case), order.to_numpy()))


def run_influence(suite, case):
    import cases_b  # it imports this module

    if case["options"].get("random"):
        raise NotSupportedError("rma.mv")
    mods = case["options"].get("mods")
    fit = cases_b.fit_of(suite, case, test="z") if mods else fit_case(suite, case)
    found = influence(fit)
    return {**columns_of(found.table), "dfbs": plain(found.dfbetas.iloc[:, 0])}


def run_gosh(suite, case):
    found = gosh(fit_case(suite, case)).table.sort_values(["k", "estimate"])
    return {name: plain(found[name]) for name in ("k", "estimate", "QE", "I2")}


def run_labbe(suite, case):
    return columns_of(labbe(pd.DataFrame(suite["data"]), case["options"]["measure"], **case["options"]["columns"]))


def fit_counts(suite, case):
    options = case["options"]
    frame = pd.DataFrame(suite["data"])
    if case["analysis"] == "rma.peto":
        return peto(frame, **options["columns"])
    return mantel_haenszel(frame, options["measure"], correct=options.get("correct", True), **options["columns"])


def run_counts(suite, case):
    found = fit_counts(suite, case).to_dict()
    return {**found, "b": found["estimate"]}


def run_combine(suite, case):
    p = one_sided(fit_case(suite, case))
    return {name: combine_or_none(p, name) for name in P_METHODS}


def combine_or_none(p, name):
    try:
        return combine_p(p, name, omit=True).pval
    except UsageError:  # the reference has no value either: fewer than four p for their mean
        return None


def run_profile(suite, case):
    return {"ll": plain(profile_tau2(fit_case(suite, case), case["options"]["xs"])["loglik"])}


def run_transf(suite, case):
    options, name = case["options"], case["id"].split("/")[-1].removeprefix("transf.").replace(".", "_")
    if "yi" in options:
        more = [options["tau2"]] if name.endswith("_int") else []
        return {"y": plain(TRANSFORMS[name](options["yi"], *more))}
    if name == "ipft_hm":
        return run_double_arcsine(suite, case)
    fit = fit_case(suite, case) if case.get("effect") else rma(escalc_frame(suite, options), test="z")
    shown = fit.predict()
    names = ("pred", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
    return {each: float(TRANSFORMS[name](getattr(shown, each))) for each in names}


def escalc_frame(suite, options):
    return escalc(pd.DataFrame(suite["data"]), options["measure"], xi="xi", ni="ni")


def run_double_arcsine(suite, case):
    found = escalc_frame(suite, case["options"])
    shown, sizes = rma(found, test="z").predict(), found["ni"].to_numpy(dtype=float)
    pooled = {each: float(ipft_hm(getattr(shown, each), sizes)) for each in ("pred", "ci_lb", "ci_ub")}
    return {**pooled, "study": plain(ipft(found["yi"], sizes))}


def run_selection(suite, case):
    options = case["options"]
    shape = {"stepfun": "step"}.get(options["type"], options["type"])
    steps = options.get("steps", [0.025])
    # the reference goes up from the model without selection, and integrates to four digits
    found = select(fit_case(suite, case), shape, steps=steps, alternative=options["alternative"], compat="3.8")
    return {
        "b": [found.estimate], "se": plain([found.se]), "tau2": found.tau2, "delta": plain(found.delta),
        "se_delta": plain(found.se_delta), "logLik": found.loglik, "LRT": found.LRT, "LRTp": found.LRTp,
    }  # fmt: skip


def run_five_numbers(suite, case):
    options = case["options"]
    names = {"min": "minimum", "q1": "q1", "median": "median", "q3": "q3", "max": "maximum", "n": "n"}
    numbers = {ours: options[name] for name, ours in names.items() if name in options}
    means, sds = options.get("method", ["luo2016", "default"])
    found = convert_five_numbers(**numbers, mean_method=means, sd_method=sds, dist=options.get("dist", "norm"))
    return columns_of(found)


def run_wald(suite, case):
    options = {name: value for name, value in case["options"].items() if name != "transf"}
    return columns_of(convert_wald(**options, transf=np.log if case["options"].get("transf") == "log" else None))


def run_glmm(suite, case):
    options = case["options"]
    model, method = options.get("model", "UM.FS"), options["method"]
    # the reference has one node (Laplace) wherever there are two random effects
    nodes = 1 if model == "UM.RS" and method == "ML" else 15
    found = glmm(
        pd.DataFrame(suite["data"]), options["measure"], model=model, method=method, nodes=nodes, **options["columns"]
    )
    # measures this one log-likelihood from the saturated one of single counts
    shift = own_loglik(suite, options) if model == "UM.RS" and method == "EE" else 0.0
    # and takes the conditional one where lme4 integrates with several nodes
    is_lme4 = method == "ML" and model != "UM.RS" and (model != "CM.EL" or options["measure"] == "IRR")
    loglik = found.loglik_conditional if is_lme4 else found.loglik
    return {
        "b": found.estimate, "se": found.se, "tau2": found.tau2, "QE_Wld": found.QE_Wld, "QE_LRT": found.QE_LRT,
        "logLik": loglik - shift,
    }  # fmt: skip


def own_loglik(suite, options):
    found = glmm(pd.DataFrame(suite["data"]), options["measure"], model="UM.FS", method="EE", **options["columns"])
    return found.loglik_saturated


RUNNERS = {
    "rma.glmm": run_glmm,
    "conv.fivenum": run_five_numbers,
    "conv.wald": run_wald,
    "conv.2x2": lambda suite, case: columns_of(convert_2x2(**case["options"])),
    "conv.delta": lambda suite, case: columns_of(
        convert_delta(case["options"]["yi"], case["options"]["vi"], np.arctanh)
    ),
    "selmodel": run_selection,
    "combine_p": run_combine,
    "profile": run_profile,
    "transf": run_transf,
    "rma.mh": run_counts,
    "rma.peto": run_counts,
    "rma.mh.leave1out": lambda suite, case: columns_of(fit_counts(suite, case).leave_one_out()),
    "rma.mh.cumul": lambda suite, case: columns_of(fit_counts(suite, case).cumulative()),
    "leave1out": lambda suite, case: columns_of(leave_one_out(fit_case(suite, case))),
    "cumul": run_cumul,
    "influence": run_influence,
    "rstandard": lambda suite, case: columns_of(rstandard(fit_case(suite, case))),
    "rstudent": lambda suite, case: columns_of(rstudent(fit_case(suite, case))),
    "baujat": lambda suite, case: columns_of(baujat(fit_case(suite, case))),
    "radial": lambda suite, case: columns_of(radial(fit_case(suite, case))),
    "qqnorm": lambda suite, case: columns_of(qqnorm(fit_case(suite, case))),
    "gosh": run_gosh,
    "labbe": run_labbe,
    "escalc": run_escalc,
    "trimfill": run_trimfill,
    "regtest": run_regtest,
    "ranktest": run_ranktest,
    "fsn": run_fsn,
    "pet": lambda suite, case: pet(fit_case(suite, case)).to_dict(),
    "peese": lambda suite, case: peese(fit_case(suite, case)).to_dict(),
    "hc": run_hc,
    "tes": run_tes,
}
