"""A fitted model in words and columns of text."""

from __future__ import annotations

from synth.meta.measures import find_measure
from synth.meta.pool import Fit
from synth.meta.tau2 import COMMON_EFFECT

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
    kind = "Common-effect model" if fit.method in COMMON_EFFECT else f"Random-effects model (tau2 by {fit.method})"
    return f"{kind}, {fit.k} {'study' if fit.k == 1 else 'studies'}; test: {_TEST_NAMES[fit.test]}"


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
    """tau2, I2, H2 and the test of heterogeneity, one line each."""
    if fit.k == 1:
        return ["Heterogeneity: cannot be judged from one study"]
    lines = []
    if fit.is_random:
        lines += [
            f"tau2 (between studies):   {fit.tau2:.4f} (SE = {fit.se_tau2:.4f})",
            f"tau:                      {fit.tau2**0.5:.4f}",
        ]
    return [
        *lines,
        f"I2 (beyond sampling):     {fit.I2:.2f} %",
        f"H2 (total / sampling):    {fit.H2:.2f}",
        f"Test of heterogeneity:    Q(df = {fit.k - 1}) = {fit.QE:.4f}, {format_p(fit.QEp)}",
    ]


def _coefficients(fit: Fit) -> list[str]:
    low, high = fit.conf_int()[0]
    letter = "z" if fit.test == "z" or fit.k == 1 else "t"
    heads = ["estimate", "se", f"{letter}val", *([] if letter == "z" else ["df"]), "pval", "ci.lb", "ci.ub"]
    p = f"{fit.pvalues[0]:.4f}" if fit.pvalues[0] >= 0.0001 else "<.0001"
    cells = [
        f"{fit.estimate:.4f}",
        f"{fit.se:.4f}",
        f"{fit.tvalues[0]:.4f}",
        *([] if letter == "z" else [f"{fit.ddf:g}"]),
        p,
        f"{low:.4f}",
        f"{high:.4f}",
    ]
    widths = [max(len(head), len(cell)) for head, cell in zip(heads, cells, strict=True)]
    return ["  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)) for line in (heads, cells)]


def describe_fit(fit: Fit) -> str:
    """The whole summary. Ends with the result on the scale that people read, and with the cautions."""
    scale = find_measure(fit.measure)
    note = " (logarithms)" if scale.scale == "log" else ""
    blocks = [
        [describe_model(fit)],
        describe_heterogeneity(fit),
        [f"Pooled {scale.label.lower()}{note}:", *_coefficients(fit)],
        [describe_pooled(fit)],
        [f"Caution: {caution}" for caution in fit.cautions],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"
