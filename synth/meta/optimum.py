"""The lowest point of a smooth function with a known gradient: quasi-Newton, then Newton to the last digits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize

from synth.meta.measures import Array

Objective = Callable[[Array], tuple[float, Array]]
"""Value and gradient at a point."""
_MAX_NEWTON = 12


def find_minimum(objective: Objective, start: Array) -> tuple[Array, bool]:
    """The minimum near ``start``, and whether the gradient vanishes there."""
    found = minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 500})
    return _polish(objective, found.x)


def _polish(objective: Objective, x: Array) -> tuple[Array, bool]:
    """Newton steps with a Hessian from differences of the gradient, as long as they lead down."""
    value, gradient = objective(x)
    for _ in range(_MAX_NEWTON):
        H = hessian(objective, x)
        values = np.linalg.eigvalsh(H)
        if values[0] <= 1e-12 * max(values[-1], 1e-300):
            break
        step = -np.linalg.solve(H, gradient)
        new_value, new_gradient = objective(x + step)
        if not new_value <= value + 1e-9 * abs(value):
            break
        x, value, gradient = x + step, new_value, new_gradient
        if np.max(np.abs(step)) <= 1e-11 * max(1.0, float(np.max(np.abs(x)))):
            break
    return x, bool(np.max(np.abs(gradient)) <= 1e-4 * max(1.0, abs(value)))


def hessian(objective: Objective, x: Array) -> Array:
    """Second derivatives, from central differences of the gradient."""
    width = 1e-5 * np.maximum(np.abs(x), 0.1)
    columns = []
    for place, h in enumerate(width):
        e = np.zeros_like(x)
        e[place] = h
        columns.append((objective(x + e)[1] - objective(x - e)[1]) / (2 * h))
    H = np.array(columns)
    return np.asarray((H + H.T) / 2)
