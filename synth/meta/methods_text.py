"""The methods paragraph of a fitted model: what was done, with which software, and after whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synth.meta.design import describe_columns
from synth.meta.fit import Fit
from synth.meta.measures import find_measure
from synth.meta.moderators import Subgroups
from synth.meta.multilevel import MvFit
from synth.meta.robust import RobustFit

_REFERENCES = {
    "REML": "Viechtbauer W (2005). J Educ Behav Stat 30:261-293.",
    "ML": "Hardy RJ, Thompson SG (1996). Stat Med 15:619-629.",
    "DL": "DerSimonian R, Laird N (1986). Control Clin Trials 7:177-188.",
    "DLIT": "DerSimonian R, Kacker R (2007). Contemp Clin Trials 28:105-114.",
    "PM": "Paule RC, Mandel J (1982). J Res Natl Bur Stand 87:377-385.",
    "PMM": "Viechtbauer W (2021). Median-unbiased estimators. European Congress of Methodology, Valencia.",
    "EB": "Morris CN (1983). J Am Stat Assoc 78:47-55.",
    "HE": "Hedges LV, Olkin I (1985). Statistical Methods for Meta-Analysis. Academic Press.",
    "HS": "Hunter JE, Schmidt FL (1990). Methods of Meta-Analysis. Sage.",
    "HSK": "Brannick MT, Potter SM, Benitez B, Morris SB (2019). Organ Res Methods 22:490-514.",
    "SJ": "Sidik K, Jonkman JN (2005). J R Stat Soc C 54:367-384.",
    "SJIT": "Sidik K, Jonkman JN (2007). Stat Med 26:1964-1981.",
    "GENQ": "DerSimonian R, Kacker R (2007). Contemp Clin Trials 28:105-114.",
    "knha": "Knapp G, Hartung J (2003). Stat Med 22:2693-2710.",
    "adhoc": "Jackson D, Law M, Ruecker G, Schwarzer G (2017). Stat Med 36:3923-3934.",
    "I2": "Higgins JPT, Thompson SG (2002). Stat Med 21:1539-1558.",
    "prediction": "Riley RD, Higgins JPT, Deeks JJ (2011). BMJ 342:d549.",
    "regression": "Thompson SG, Higgins JPT (2002). Stat Med 21:1559-1573.",
    "R2": "Lopez-Lopez JA et al. (2014). Br J Math Stat Psychol 67:30-48.",
    "subgroups": "Borenstein M et al. (2009). Introduction to Meta-Analysis, ch. 19. Wiley.",
    "CR2": "Pustejovsky JE, Tipton E (2018). J Bus Econ Stat 36:672-683.",
    "CR1": "Hedges LV, Tipton E, Johnson MC (2010). Res Synth Methods 1:39-65.",
    "multilevel": "Konstantopoulos S (2011). Res Synth Methods 2:61-76.",
}
_TESTS = {
    "z": "Wald tests with the normal distribution",
    "t": "Wald tests with the t distribution",
    "knha": "the Knapp-Hartung adjustment",
    "adhoc": "the Knapp-Hartung adjustment, never narrower than a t test",
}


@dataclass(frozen=True, slots=True)
class MethodsText:
    """The paragraph, and the references it rests on, sorted."""

    paragraph: str
    references: tuple[str, ...]

    def __str__(self) -> str:
        """Paragraph and references as text."""
        return "\n".join([self.paragraph, "", "References", *(f"- {each}" for each in self.references)])


def write_methods(
    fit: Fit | MvFit,
    versions: Mapping[str, str],
    *,
    robust: RobustFit | None = None,
    groups: Subgroups | None = None,
) -> MethodsText:
    """A methods paragraph in past tense. ``versions``: of synth and of what it computes with, by name."""
    used: list[str] = []
    sentences = [*_about_model(fit, used), *_about_groups(groups, used), *_about_robust(robust, used)]
    software = ", ".join(f"{name} {version}" for name, version in versions.items())
    sentences.append(f"All computations were made with {software}.")
    if fit.dropped:
        sentences.insert(1, f"{len(fit.dropped)} of {fit.k + len(fit.dropped)} rows had no usable numbers.")
    return MethodsText(" ".join(sentences), tuple(sorted({_REFERENCES[key] for key in used if key in _REFERENCES})))


def _about_model(fit: Fit | MvFit, used: list[str]) -> list[str]:
    label = find_measure(fit.measure).label.lower()
    if isinstance(fit, MvFit):
        used += ["multilevel", fit.method]
        return [f"{fit.k} results ({label}) were pooled in a multilevel model fitted by {fit.method}."]
    scale = " on the logarithmic scale" if find_measure(fit.measure).scale == "log" else ""
    what = f"{fit.k} results ({label}) were pooled{scale}"
    if not fit.is_random:
        sentences = [f"{what} in a common-effect model weighted by inverse variances."]
    else:
        used += [fit.method, "I2"]
        kind = "mixed-effects model" if fit.is_regression else "random-effects model"
        sentences = [
            f"{what} in a {kind}, with the variance between studies (tau2) estimated by {fit.method}.",
            "Heterogeneity was described by tau2, I2 and Cochran's Q.",
        ]
    used.append(fit.test)
    return [*sentences, f"Tests and {fit.level:g} % intervals used {_TESTS[fit.test]}.", *_about_rest(fit, used)]


def _about_rest(fit: Fit, used: list[str]) -> Sequence[str]:
    if fit.design is not None:
        used += ["regression", "R2"]
        return [f"Moderators ({describe_columns(fit.design)}) were tested together and one by one."]
    if fit.has_prediction:
        used.append("prediction")
        return ["A prediction interval shows where the true effect of a new study may lie."]
    return []


def _about_groups(groups: Subgroups | None, used: list[str]) -> list[str]:
    if groups is None:
        return []
    used.append("subgroups")
    tau2 = "one tau2 for all groups" if groups.tau2 is not None else "a tau2 for each group"
    return [f"Subgroups by {groups.by} were pooled with {tau2} and compared by Q-between."]


def _about_robust(robust: RobustFit | None, used: list[str]) -> list[str]:
    if robust is None:
        return []
    used.append("CR2" if robust.kind == "CR2" else "CR1")
    df = " and Satterthwaite degrees of freedom" if robust.kind == "CR2" else ""
    return [f"Dependence within {robust.clusters} clusters was allowed for by {robust.kind} robust variances{df}."]
