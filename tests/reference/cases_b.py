"""Runners of the reference cases: meta-regression, multilevel and multivariate models, robust tests, subgroups."""

from __future__ import annotations

import cases_a
import cases_core
import numpy as np
import pandas as pd
from synth.meta import rma
from synth.meta.compare_models import wald_test
from synth.meta.location_scale import location_scale
from synth.meta.multilevel import rma_mv
from synth.meta.sampling_covariance import aggregate, vcalc


def full_frame(suite, case):
    """yi and vi of the case beside all columns of the data set."""
    effect = suite["effects"][case["effect"]]
    frame = pd.DataFrame(suite["data"]).assign(yi=effect["yi"], vi=effect["vi"])
    if effect.get("ni") is not None:
        frame["ni"] = effect["ni"]
    return frame.astype({"yi": float, "vi": float}).dropna(subset=["yi", "vi"])


def role(suite, name):
    """The column that plays a role: "roles.cluster" or "cluster"."""
    return suite["roles"][name.removeprefix("roles.")]


def formula_of(suite, mods):
    if mods is None or (isinstance(mods, list) and not mods):
        return None
    if isinstance(mods, list):
        return "~ " + " + ".join(f"`{name}`" for name in mods)
    if mods.startswith("factor(roles.subgroup)"):
        return f"~ factor({role(suite, 'subgroup')})"
    if mods.startswith("roles."):
        return f"~ `{role(suite, mods)}`"
    return mods if mods.startswith("~") else f"~ `{mods}`"


def fit_of(suite, case, **changes):
    options = {**case["options"], **changes}
    chosen = {
        name: options[name] for name in ("method", "test", "weights", "weighted") if options.get(name) is not None
    }
    if "tau2" in options and not isinstance(options["tau2"], str):
        chosen["tau2"] = float(options["tau2"])
    level = float(options.get("level", 95))
    mods = formula_of(suite, options.get("mods"))
    return rma(full_frame(suite, case), **{"test": "z", **chosen}, level=level, mods=mods)


def run_rma(suite, case):
    return fit_of(suite, case).to_dict()


def run_metareg(suite, case):
    fit = fit_of(suite, case)
    return {**fit.to_dict(), "QM": fit.QM, "QMp": fit.QMp, "QMdf": [fit.QMdf[0], finite(fit.QMdf[1])], "R2": fit.R2}


def finite(value):
    return value if np.isfinite(value) else None


def run_predict(suite, case):
    options = case["options"]
    if "newmods" in options:
        fit = fit_of(suite, case)
        means = isinstance(options["newmods"], str)
        shown = fit.predict(fit.X[:, 1:].mean(axis=0) if means else options["newmods"])
        change = np.exp if options.get("transf") == "exp" else lambda x: x
        return {name: change(shown[name]).tolist() for name in ("pred", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub")}
    if "random" in options:
        return {name: float(value.iloc[0]) for name, value in mv_fit_of(suite, case).predict().items()}
    if options.get("pi_type") == "riley":
        shown = fit_of(suite, case).predict(interval="riley", compat="3.8")
        return {"pi_lb": shown.pi_lb, "pi_ub": shown.pi_ub}
    return cases_core.run_predict(suite, case)


def run_confint(suite, case):
    if "random" in case["options"]:
        intervals = mv_fit_of(suite, case).confint()
        return {f"sigma2_{number}": list(each) for number, each in enumerate(intervals.values(), start=1)}
    found = fit_of(suite, case).confint(case["options"]["type"])
    return {name: list(getattr(found, name)) for name in ("tau2", "tau", "I2", "H2")}


def run_weights(suite, case):
    return {"weights": fit_of(suite, case).weights.tolist()}


def run_vif(suite, case):
    return {"vif": fit_of(suite, case).vif().tolist()}


def run_anova(suite, case):
    if "reduced" in case["options"]:
        full = fit_of(suite, case)
        reduced = rma(full.yi, full.vi, method=full.method, test="z")
        found = full.anova(reduced)
        return {"LRT": found.LRT, "pval": found.pval, "R2": found.R2}
    if "struct" in case["options"]:
        found = wald_test(mv_fit_of(suite, case), L=case["options"]["X"])
        return {name: float(getattr(found, name)[0]) for name in ("hyp", "se", "zval", "pval")}
    fit = fit_of(suite, case)
    found = wald_test(fit, L=np.eye(fit.p))
    return {name: getattr(found, name).tolist() for name in ("hyp", "se", "zval", "pval")}


def run_permutest(suite, case):
    options = case["options"]
    # the reference drew 1,000 arrangements; more come nearer to the exact p
    found = fit_of(suite, case).permutation(100_000, exact=options["exact"] or None)
    return {"pval": found.pvalues.tolist(), "QMp": found.QMp}


def run_robust(suite, case):
    options = case["options"]
    if "random" in options:
        kind = "CR2" if options["clubSandwich"] else "CR1"
        cluster = full_frame(suite, case)[role(suite, options["cluster"])]
        return plain_robust(mv_fit_of(suite, case).robust(cluster, kind), kind)
    fit = fit_of(suite, case)
    frame = full_frame(suite, case)
    if fit.dropped:
        frame = frame.dropna(subset=options["mods"])
    kind = "CR2" if options.get("clubSandwich") else "CR0" if options.get("adjust") is False else "CR1"
    return plain_robust(fit.robust(frame[role(suite, options["cluster"])], kind), kind)


def plain_robust(found, kind):
    shown = found.to_dict()
    return shown if kind == "CR2" else {**shown, "df": shown["df"][:1]}


def run_blup(suite, case):
    return {name: values.tolist() for name, values in fit_of(suite, case).blup().items()}


def run_ranef(suite, case):
    if "random" in case["options"]:
        found = mv_fit_of(suite, case).ranef()
        names = dict(zip(found.index, range(len(found)), strict=True))
        found = found.iloc[[names[name] for name in sorted(names, key=by_number)]]
        return {name: found[name].tolist() for name in ("intrcpt", "se")}
    return {name: values.tolist() for name, values in fit_of(suite, case).ranef().items()}


def by_number(name):
    return (0, float(name), "") if name.replace(".", "", 1).isdigit() else (1, 0.0, name)


def mv_fit_of(suite, case):
    """A multilevel or multivariate fit of the case."""
    options, roles = case["options"], suite["roles"]
    if suite["dataset"].startswith("berkey") or "struct" in options or ("V" in options and "effects" in options["V"]):
        return multivariate_fit(suite, case)
    random = options["random"].replace("outer", roles["outer"]).replace("inner", roles.get("inner", ""))
    frame = full_frame(suite, case)
    V = None
    if "V" in options:
        V = vcalc(frame, roles["outer"], obs=roles["inner"], rho=0.6)
    chosen = {name: options[name] for name in ("method", "test", "dfs") if name in options}
    mods = options.get("mods")
    return rma_mv(frame, V, random=random, mods=formula_of(suite, mods) if mods else None, **chosen)


def multivariate_fit(suite, case):
    options = case["options"]
    effect = suite["effects"][case.get("effect") or "PDAL"]
    frame = pd.DataFrame(suite["data"]).assign(yi=effect["yi"])
    chosen = {name: options[name] for name in ("struct", "method") if name in options}
    random = "~outcome|trial" if "struct" in options else None
    return rma_mv(frame, np.array(effect["V"]), random=random, mods=options.get("mods", "~outcome-1"), **chosen)


def run_mv(suite, case):
    found = mv_fit_of(suite, case).to_dict()
    return {**found, "ddf": found["ddf"][:1]}


def run_i2(suite, case):
    found = mv_fit_of(suite, case).i2()
    return {"I2_total": found.pop("total"), "I2_level": list(found.values())}


def run_aggregate(suite, case):
    frame = full_frame(suite, case)
    options = case["options"]
    column = role(suite, options["cluster"])
    found = aggregate(frame, column, rho=options["rho"], struct=options["struct"])
    return {"cluster": [str(name) for name in found["cluster"]], "yi": found["yi"].tolist(), "vi": found["vi"].tolist()}


def run_influence(suite, case):
    if "random" in case["options"]:
        cluster = full_frame(suite, case)[role(suite, "outer")]
        found = mv_fit_of(suite, case).cooks_distance(cluster)
        found = found.loc[sorted(found.index, key=lambda name: by_number(str(name)))]
        return {"cook": found.tolist()}
    return cases_a.RUNNERS["influence"](suite, case)


RUNNERS = {
    "rma.uni": run_rma,
    "metareg": run_metareg,
    "predict": run_predict,
    "confint": run_confint,
    "weights": run_weights,
    "vif": run_vif,
    "anova": run_anova,
    "permutest": run_permutest,
    "robust": run_robust,
    "blup": run_blup,
    "ranef": run_ranef,
    "aggregate": run_aggregate,
    "rma.mv": run_mv,
    "rma.mv.vcalc": run_mv,
    "rma.mv.multivariate": run_mv,
    "rma.mv.i2": run_i2,
}
if "influence" in cases_a.RUNNERS:
    RUNNERS["influence"] = run_influence


def run_location_scale(suite, case):
    options = case["options"]
    mods, scale = formula_of(suite, options["mods"]), formula_of(suite, options["scale"])
    return location_scale(full_frame(suite, case), mods=mods, scale=scale, method=options["method"]).to_dict()


RUNNERS["location-scale"] = run_location_scale
