"""Effect sizes, pooling, subgroups, directions, and the rules about what may be pooled."""

from synth.meta.cautions import Caution
from synth.meta.choice import SHOWN, Chosen, Pooled, choose_effects, convert_effect, pool_synthesis
from synth.meta.directions import DirectionCount, SignTest, clopper_pearson, count_directions, sign_test, wilson
from synth.meta.effect_sizes import escalc, missing_column
from synth.meta.estimates import Converted, convert_estimates, from_estimate
from synth.meta.heterogeneity import HeterogeneityInterval, confint_tau2, heterogeneity
from synth.meta.measures import MEASURES, Measure, back_transform, find_measure, is_measure, is_ratio
from synth.meta.moderators import NOT_GIVEN, Subgroups, subgroups
from synth.meta.pool import METHODS, TESTS, Fit, Prediction, Spread, rma
from synth.meta.protocol import Synthesis, parse_syntheses, parse_synthesis
from synth.meta.refusals import refuse_unpoolable, warn_of_unclear_clusters
from synth.meta.summary import describe_estimate, describe_fit, describe_heterogeneity, describe_model, describe_pooled

__all__ = [
    "MEASURES",
    "METHODS",
    "NOT_GIVEN",
    "SHOWN",
    "TESTS",
    "Caution",
    "Chosen",
    "Converted",
    "DirectionCount",
    "Fit",
    "HeterogeneityInterval",
    "Measure",
    "Pooled",
    "Prediction",
    "SignTest",
    "Spread",
    "Subgroups",
    "Synthesis",
    "back_transform",
    "choose_effects",
    "clopper_pearson",
    "confint_tau2",
    "convert_effect",
    "convert_estimates",
    "count_directions",
    "describe_estimate",
    "describe_fit",
    "describe_heterogeneity",
    "describe_model",
    "describe_pooled",
    "escalc",
    "find_measure",
    "from_estimate",
    "heterogeneity",
    "is_measure",
    "is_ratio",
    "missing_column",
    "parse_syntheses",
    "parse_synthesis",
    "pool_synthesis",
    "refuse_unpoolable",
    "rma",
    "sign_test",
    "subgroups",
    "warn_of_unclear_clusters",
    "wilson",
]
