"""Effect sizes, pooling, subgroups, directions, and the rules about what may be pooled."""

from synth.meta.batch import ManyFits, fit_many
from synth.meta.bayes import PRIORS, Posterior, posterior
from synth.meta.bias import AsymmetryTest, PetPeese, RankTest, peese, pet, pet_peese, ranktest, regtest
from synth.meta.cautions import Caution
from synth.meta.choice import SHOWN, Chosen, Pooled, choose_effects, convert_effect, pool_synthesis
from synth.meta.combine import P_METHODS, CombinedP, combine_p, one_sided
from synth.meta.compare_models import ModelComparison, WaldTest, compare_fits, variance_inflation, wald_test
from synth.meta.conversions import (
    convert_2x2,
    convert_chi2_p,
    convert_delta,
    convert_five_numbers,
    convert_p,
    convert_t,
    convert_wald,
    se_to_sd,
)
from synth.meta.design import Design
from synth.meta.directions import DirectionCount, SignTest, clopper_pearson, count_directions, sign_test, wilson
from synth.meta.effect_sizes import escalc, missing_column
from synth.meta.estimates import Converted, convert_estimates, from_estimate
from synth.meta.estimator import MetaAnalysis
from synth.meta.excess import ExcessSignificance, excess_significance
from synth.meta.fail_safe import FailSafe, fail_safe_n
from synth.meta.formula import Formula, parse_formula
from synth.meta.glmm import GlmmFit, glmm
from synth.meta.henmi_copas import HenmiCopas, henmi_copas
from synth.meta.heterogeneity import HeterogeneityInterval, confint_tau2, heterogeneity
from synth.meta.influence import (
    Gosh,
    Influence,
    cumulative,
    gosh,
    hat_values,
    influence,
    leave_one_out,
    rstandard,
    rstudent,
)
from synth.meta.location_scale import LocationScaleFit, location_scale
from synth.meta.mantel_haenszel import CountFit, mantel_haenszel, peto
from synth.meta.measures import MEASURES, Measure, back_transform, find_measure, is_measure, is_ratio
from synth.meta.moderators import NOT_GIVEN, Subgroups, subgroups
from synth.meta.multilevel import MvFit, rma_mv
from synth.meta.multiverse import Multiverse, multiverse
from synth.meta.permutation import Permutation, permute
from synth.meta.plot_data import baujat, labbe, qqnorm, radial
from synth.meta.pool import METHODS, TESTS, Fit, Prediction, Spread, rma
from synth.meta.profile import profile_tau2
from synth.meta.protocol import Synthesis, parse_syntheses, parse_synthesis
from synth.meta.refusals import refuse_unpoolable, warn_of_unclear_clusters
from synth.meta.robust import RobustFit, robust_fit
from synth.meta.sampling_covariance import SamplingCovariance, aggregate, vcalc
from synth.meta.selection import SelectionFit, select
from synth.meta.summary import (
    describe_estimate,
    describe_fit,
    describe_heterogeneity,
    describe_model,
    describe_moderators,
    describe_mv_fit,
    describe_pooled,
)
from synth.meta.transforms import TRANSFORMS, BackTransformedDoubleArcsine
from synth.meta.trim_fill import EstimatorUndefined, TrimFill, trim_fill
from synth.meta.unit_of_analysis import (
    change_correlation,
    change_sd,
    combine_arms,
    combine_means,
    crossover_effect,
    deflate_counts,
    design_effect,
    icc_sensitivity,
    split_shared_control,
    warn_of_units,
)

__all__ = [
    "MEASURES",
    "METHODS",
    "NOT_GIVEN",
    "PRIORS",
    "P_METHODS",
    "SHOWN",
    "TESTS",
    "TRANSFORMS",
    "AsymmetryTest",
    "BackTransformedDoubleArcsine",
    "Caution",
    "Chosen",
    "CombinedP",
    "Converted",
    "CountFit",
    "Design",
    "DirectionCount",
    "EstimatorUndefined",
    "ExcessSignificance",
    "FailSafe",
    "Fit",
    "Formula",
    "GlmmFit",
    "Gosh",
    "HenmiCopas",
    "HeterogeneityInterval",
    "Influence",
    "LocationScaleFit",
    "ManyFits",
    "Measure",
    "MetaAnalysis",
    "ModelComparison",
    "Multiverse",
    "MvFit",
    "Permutation",
    "PetPeese",
    "Pooled",
    "Posterior",
    "Prediction",
    "RankTest",
    "RobustFit",
    "SamplingCovariance",
    "SelectionFit",
    "SignTest",
    "Spread",
    "Subgroups",
    "Synthesis",
    "TrimFill",
    "WaldTest",
    "aggregate",
    "back_transform",
    "baujat",
    "change_correlation",
    "change_sd",
    "choose_effects",
    "clopper_pearson",
    "combine_arms",
    "combine_means",
    "combine_p",
    "compare_fits",
    "confint_tau2",
    "convert_2x2",
    "convert_chi2_p",
    "convert_delta",
    "convert_effect",
    "convert_estimates",
    "convert_five_numbers",
    "convert_p",
    "convert_t",
    "convert_wald",
    "count_directions",
    "crossover_effect",
    "cumulative",
    "deflate_counts",
    "describe_estimate",
    "describe_fit",
    "describe_heterogeneity",
    "describe_model",
    "describe_moderators",
    "describe_mv_fit",
    "describe_pooled",
    "design_effect",
    "escalc",
    "excess_significance",
    "fail_safe_n",
    "find_measure",
    "fit_many",
    "from_estimate",
    "glmm",
    "gosh",
    "hat_values",
    "henmi_copas",
    "heterogeneity",
    "icc_sensitivity",
    "influence",
    "is_measure",
    "is_ratio",
    "labbe",
    "leave_one_out",
    "location_scale",
    "mantel_haenszel",
    "missing_column",
    "multiverse",
    "one_sided",
    "parse_formula",
    "parse_syntheses",
    "parse_synthesis",
    "peese",
    "permute",
    "pet",
    "pet_peese",
    "peto",
    "pool_synthesis",
    "posterior",
    "profile_tau2",
    "qqnorm",
    "radial",
    "ranktest",
    "refuse_unpoolable",
    "regtest",
    "rma",
    "rma_mv",
    "robust_fit",
    "rstandard",
    "rstudent",
    "se_to_sd",
    "select",
    "sign_test",
    "split_shared_control",
    "subgroups",
    "trim_fill",
    "variance_inflation",
    "vcalc",
    "wald_test",
    "warn_of_unclear_clusters",
    "warn_of_units",
    "wilson",
]
