"""A fitted model in words and columns of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from synth.meta.cautions import Caution
from synth.meta.fit import Fit
from synth.meta.measures import find_measure
from synth.meta.tau2 import COMMON_EFFECT

if TYPE_CHECKING:
    from synth.meta.multilevel import MvFit

_TEST_NAMES = {
    "z": "Wald, normal distribution",
    "t": "Wald, t distribution",
    "knha": "Knapp-Hartung",
    "adhoc": "Knapp-Hartung, never narrower than t",
}


def format_p(p: float) -> str:
    """A p-value as text: four decimals, never 0."""
    return "p < .0001" if p < 0.0001 else f"p = {p:.4f}"


def describe_model(fit: Fit) -> str:
    """One line: which model, which estimator, how many studies."""
    kind = (
        "Common-effect" if fit.method in COMMON_EFFECT else "Mixed-effects" if fit.is_regression else "Random-effects"
    )
    estimator = "" if fit.method in COMMON_EFFECT else f" (tau2 by {fit.method})"
    weights = "" if fit.given_weights is None else ", weights as given"
    studies = f"{fit.k} {'study' if fit.k == 1 else 'studies'}"
    return f"{kind} model{estimator}{weights}, {studies}; test: {_TEST_NAMES[fit.test]}"


def describe_estimate(fit: Fit) -> str:
    """Measure, estimate and interval on the scale that people read, and p."""
    shown = fit.natural()
    interval = f"[{shown['ci_low']:.2f}, {shown['ci_high']:.2f}]"
    return f"{fit.measure} {shown['estimate']:.2f} {interval}, {format_p(fit.pvalues[0])}"


def describe_pooled(fit: Fit) -> str:
    """The pooled result in one line, on the scale that people read."""
    shown = fit.natural()
    parts = [describe_estimate(fit), f"k = {fit.k}"]
    if fit.is_random and fit.k > 1:
        parts += [f"tau2 = {fit.tau2:.3g}", f"I2 = {fit.I2:.0f} %"]
    if fit.has_prediction:
        parts.append(f"prediction interval {shown['pi_low']:.2f} to {shown['pi_high']:.2f}")
    return "; ".join(parts)


def describe_heterogeneity(fit: Fit) -> list[str]:
    """tau2, I2, H2 and the test of heterogeneity (of a regression: of what is left), one line each."""
    if fit.k == 1:
        return ["Heterogeneity: cannot be judged from one study"]
    rest, lines = ("residual" if fit.is_regression else "heterogeneity"), []
    if fit.is_random:
        lines += [
            f"tau2 (between studies):   {fit.tau2:.4f} (SE = {fit.se_tau2:.4f})",
            f"tau:                      {fit.tau2**0.5:.4f}",
        ]
    lines += [f"I2 (beyond sampling):     {fit.I2:.2f} %", f"H2 (total / sampling):    {fit.H2:.2f}"]
    if fit.is_regression and np.isfinite(fit.R2):
        lines.append(f"R2 (explained):           {fit.R2:.2f} %")
    label = f"Test of {rest}:"
    return [*lines, f"{label:<26}Q(df = {fit.k - fit.p}) = {fit.QE:.4f}, {format_p(fit.QEp)}"]


def _coefficients(fit: Fit) -> list[str]:
    limits = fit.conf_int()
    letter = "z" if np.isinf(fit.ddf) else "t"
    heads = ["estimate", "se", f"{letter}val", *([] if letter == "z" else ["df"]), "pval", "ci.lb", "ci.ub"]
    rows = [
        [
            f"{fit.params[i]:.4f}",
            f"{fit.bse[i]:.4f}",
            f"{fit.tvalues[i]:.4f}",
            *([] if letter == "z" else [f"{fit.ddf:g}"]),
            _show_p(float(fit.pvalues[i])),
            f"{limits[i, 0]:.4f}",
            f"{limits[i, 1]:.4f}",
        ]
        for i in range(fit.p)
    ]
    return lay_out(heads, rows, fit.names if fit.is_regression else None)


def _show_p(p: float) -> str:
    return f"{p:.4f}" if p >= 0.0001 else "<.0001"


def lay_out(heads: list[str], rows: list[list[str]], names: Sequence[str] | None = None) -> list[str]:
    """Columns of numbers set to the right, with names of rows on the left."""
    lines = [heads, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    shown = ["  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)) for line in lines]
    if names is None:
        return shown
    wide = max(map(len, names))
    return [f"{name:<{wide}}  {line}" for name, line in zip(["", *names], shown, strict=True)]


def describe_moderators(fit: Fit | MvFit) -> str:
    """The joint test of the moderators, in one line."""
    m, df = fit.QMdf
    if np.isinf(df):
        return f"Test of moderators:       QM(df = {m}) = {fit.QM:.4f}, {format_p(fit.QMp)}"
    return f"Test of moderators:       F(df = {m}, {df:g}) = {fit.QM:.4f}, {format_p(fit.QMp)}"


def describe_fit(fit: Fit) -> str:
    """The whole summary. Ends with the result on the scale that people read, and with the cautions."""
    scale = find_measure(fit.measure)
    note = " (logarithms)" if scale.scale == "log" else ""
    title = (
        f"Coefficients, {scale.label.lower()}{note}:" if fit.is_regression else f"Pooled {scale.label.lower()}{note}:"
    )
    blocks = [
        [describe_model(fit)],
        describe_heterogeneity(fit),
        [describe_moderators(fit)] if fit.is_regression else [],
        [title, *_coefficients(fit)],
        [] if fit.is_regression else [describe_pooled(fit)],
        _cautions(fit.cautions),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _cautions(cautions: Sequence[Caution]) -> list[str]:
    return [f"Caution: {caution}" for caution in cautions]


def describe_mv_fit(fit: MvFit) -> str:
    """A multilevel or multivariate model as text."""
    heads = ["estimate", "se", "zval" if np.isinf(fit.ddf).all() else "tval", "pval", "ci.lb", "ci.ub"]
    limits = fit.conf_int()
    rows = [
        [f"{value:.4f}" for value in (fit.params[i], fit.bse[i], fit.tvalues[i])]
        + [_show_p(float(fit.pvalues[i])), f"{limits[i, 0]:.4f}", f"{limits[i, 1]:.4f}"]
        for i in range(fit.p)
    ]
    tested = fit.model.design.moderators if fit.p > 1 or not fit.model.design.has_intercept else ()
    blocks = [
        [f"Multilevel model ({fit.method}), {fit.k} results"],
        [*_variances(fit), f"Test of residual:         Q(df = {fit.k - fit.p}) = {fit.QE:.4f}, {format_p(fit.QEp)}"],
        [describe_moderators(fit)] if tested else [],
        ["Coefficients:", *lay_out(heads, rows, fit.names)],
        _cautions(fit.cautions),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _variances(fit: MvFit) -> list[str]:
    lines = [
        f"sigma2 {name}: {s:.4f} (sd {s**0.5:.4f}, {grouping.size} groups)"
        for name, s, grouping in zip(fit.sigma2_names, fit.sigma2, fit.model.groupings, strict=True)
    ]
    for inner, G in zip(fit.model.inners, fit.G, strict=True):
        lines += [f"tau2 {inner.name} {level}: {G[i, i]:.4f}" for i, level in enumerate(inner.levels)]
        s = np.sqrt(np.maximum(np.diag(G), 1e-300))
        rho = (G / np.outer(s, s))[np.triu_indices(len(s), 1)]
        lines.append(f"rho {inner.name}: {', '.join(f'{each:.4f}' for each in rho)}")
    return lines
