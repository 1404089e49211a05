"""The log-likelihood along tau2, which shows whether it has one top and how flat that is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from synth.errors import UsageError
from synth.meta.fit import Fit
from synth.meta.measures import Array
from synth.meta.tau2 import log_likelihood


def profile_tau2(fit: Fit, tau2: Sequence[float] | Array | None = None, *, steps: int = 40) -> pd.DataFrame:
    """The (restricted) log-likelihood at values of ``tau2``: columns tau2 and loglik (fits by REML and ML).

    By default ``steps`` values from 0 to three standard errors beyond the estimate.
    """
    if fit.method not in {"ML", "REML"}:
        raise UsageError(f"{fit.method} has no likelihood to profile", hint="Fit with REML or ML")
    if fit.k < 2:
        raise UsageError(
            "One study says nothing about heterogeneity", hint="A profile of tau2 needs two studies or more"
        )
    top = fit.tau2 + 3 * (fit.se_tau2 if np.isfinite(fit.se_tau2) else fit.vt)
    values = np.linspace(0.0, top, steps) if tau2 is None else np.asarray(tau2, dtype=np.float64)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise UsageError("tau2 is a variance: its values must be 0 or more", hint="Leave them out for a sensible range")
    heights = [log_likelihood(fit.yi, fit.vi, float(x), restricted=fit.method == "REML", Q=fit.Q) for x in values]
    return pd.DataFrame({"tau2": values, "loglik": heights})
