"""A shell for users of scikit-learn: parameters in the constructor, data in ``fit``."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from synth.errors import StateError, UsageError
from synth.meta.fit import Fit
from synth.meta.measures import Array
from synth.meta.pool import rma

_PARAMETERS = ("method", "test", "level", "fit_intercept")


class MetaAnalysis:
    """Random-effects meta-regression as an estimator: ``MetaAnalysis(method="REML").fit(X, y, v)``.

    After ``fit``: ``coef_``, ``intercept_``, ``tau2_``, ``n_features_in_`` and ``result_`` (a Fit, with all the rest).
    """

    def __init__(
        self, method: str = "REML", test: str = "knha", level: float = 95, *, fit_intercept: bool = True
    ) -> None:
        self.method, self.test, self.level, self.fit_intercept = method, test, level, fit_intercept

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters of the constructor."""
        del deep
        return {name: getattr(self, name) for name in _PARAMETERS}

    def set_params(self, **params: Any) -> Self:
        """Change parameters. Raises UsageError for unknown names."""
        for name, value in params.items():
            if name not in _PARAMETERS:
                raise UsageError(f'There is no parameter "{name}"', hint=f"There are {', '.join(_PARAMETERS)}")
            setattr(self, name, value)
        return self

    def __sklearn_is_fitted__(self) -> bool:
        """Whether ``fit`` was called."""
        return hasattr(self, "result_")

    def __repr__(self) -> str:
        """The call that makes it."""
        return f"MetaAnalysis({', '.join(f'{name}={value!r}' for name, value in self.get_params().items())})"

    def fit(self, X: Any, y: Any, v: Any) -> Self:
        """Fit ``y`` with variances ``v`` on the columns of ``X`` (n x features, no intercept; None for a mean)."""
        mods = None if X is None or np.shape(X)[-1] == 0 else X
        self.result_ = rma(
            np.asarray(y, dtype=np.float64), np.asarray(v, dtype=np.float64), mods=mods, intercept=self.fit_intercept,
            method=self.method, test=self.test, level=self.level,
        )  # fmt: skip
        self.n_features_in_ = 0 if mods is None else (1 if np.ndim(mods) == 1 else np.shape(mods)[1])
        first = 1 if self.fit_intercept else 0
        self.intercept_ = float(self.result_.params[0]) if first else 0.0
        self.coef_ = self.result_.params[first:]
        self.tau2_ = self.result_.tau2
        return self

    def _fitted(self) -> Fit:
        if not self.__sklearn_is_fitted__():
            raise StateError("Nothing is fitted yet", hint="Call fit(X, y, v) first")
        return self.result_

    def predict(self, X: Any) -> Array:
        """Predicted mean effects for the rows of ``X`` (None: one value)."""
        fit = self._fitted()
        if fit.design is None:
            n = 1 if X is None else len(X)
            return np.full(n, fit.estimate)
        return np.asarray(fit.predict(X)["pred"], dtype=np.float64)

    def score(self, X: Any, y: Any, v: Any) -> float:
        """R2 of the predictions, weighted by inverse variances (tau2 included)."""
        y, w = np.asarray(y, dtype=np.float64), 1 / (np.asarray(v, dtype=np.float64) + self._fitted().tau2)
        predicted = np.broadcast_to(self.predict(X), y.shape)
        mean = w @ y / w.sum()
        return float(1 - (w @ (y - predicted) ** 2) / (w @ (y - mean) ** 2))
