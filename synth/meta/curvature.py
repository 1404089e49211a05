"""Second derivatives of a function without derivatives: differences over shrinking steps, extrapolated to a step of 0.

Richardson's extrapolation of central differences (Bates & Watts 1988, Nonlinear regression analysis, appendix on
derivatives), with the settings that R users get from numDeriv's ``hessian(method.args = list(r = 6))``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from synth.meta.measures import Array

Loss = Callable[[Array], float]
_SHARE = 0.1
_NEAR_ZERO = float(np.sqrt(np.finfo(float).eps / 7e-7))
_LEAST = 1e-4
_ROUNDS = 6


def second_derivatives(loss: Loss, point: Array, free: NDArray[np.intp], room: Array) -> Array:
    """The matrix of second derivatives by the parameters ``free``; steps stay within half of ``room``."""
    size = _SHARE * np.abs(point) + _LEAST * (np.abs(point) < _NEAR_ZERO)
    moves = np.diag(np.minimum(size, room / 2))[free]
    middle, found = loss(point), np.empty((len(free), len(free)))
    lengths = moves.sum(axis=1)
    for i, move in enumerate(moves):
        found[i, i] = _extrapolate(_second(loss, point, middle, move) / lengths[i] ** 2)
    halves = 0.5 ** np.arange(_ROUNDS)
    for i, one in enumerate(moves):
        for j, two in enumerate(moves[:i]):
            own = halves**2 * (found[i, i] * lengths[i] ** 2 + found[j, j] * lengths[j] ** 2)
            both = _second(loss, point, middle, one + two) * halves**2 - own
            found[i, j] = found[j, i] = _extrapolate(both / halves**2 / (2 * lengths[i] * lengths[j]))
    return found


def _second(loss: Loss, point: Array, middle: float, move: Array) -> Array:
    """Second differences over the move, its half, its quarter ..., each divided by the square of that share."""
    shares = 0.5 ** np.arange(_ROUNDS)
    return np.array([(loss(point + h * move) - 2 * middle + loss(point - h * move)) / h**2 for h in shares])


def _extrapolate(values: Array) -> float:
    for power in range(1, len(values)):
        values = (values[1:] * 4**power - values[:-1]) / (4**power - 1)
    return float(values[0])
