"""A variable-metric search that stops where the value no longer changes.

Nash (1990), Compact Numerical Methods for Computers, 2nd ed., algorithm 21 (Fletcher 1970, Comput J 13:317): the
search that R users get from ``optim(method = "BFGS")``, with the same documented settings: central differences over
0.001 and a relative change of the value below the square root of the machine epsilon.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synth.meta.measures import Array

Loss = Callable[[Array], float]
_WIDTH = 1e-3
_RELATIVE_CHANGE = float(np.sqrt(np.finfo(float).eps))
_SHORTER = 0.2
_ENOUGH = 1e-4
_NO_MOVE = 10.0
_MOST_STEPS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Stop:
    """Where a search stopped, the value there, and whether it stopped by itself."""

    x: Array
    value: float
    settled: bool


def difference_gradient(loss: Loss, x: Array) -> Array:
    """Central differences over a fixed width."""
    moves = _WIDTH * np.eye(len(x))
    return np.array([(loss(x + move) - loss(x - move)) / (2 * _WIDTH) for move in moves])


def descend(loss: Loss, start: Array) -> Stop:
    """The end of a search downhill from ``start``."""
    x, value = np.array(start, dtype=float), loss(start)
    gradient, inverse, is_fresh = difference_gradient(loss, x), np.eye(len(start)), True
    since_fresh = 0
    for _ in range(_MOST_STEPS):
        direction = -inverse @ gradient
        slope = float(direction @ gradient)
        step = _backtrack(loss, x, value, direction, slope) if slope < 0 else None
        if step is None or not _is_lower(step.value, value):
            x, value = (x, value) if step is None else (step.x, step.value)
            if is_fresh:
                return Stop(x, value, settled=True)
            inverse, is_fresh, since_fresh = np.eye(len(x)), True, 0
            continue
        new_gradient = difference_gradient(loss, step.x)
        updated = _update(inverse, step.x - x, new_gradient - gradient)
        since_fresh += 1
        is_fresh = updated is None or since_fresh > 2 * len(x)
        inverse, since_fresh = (np.eye(len(x)), 0) if updated is None or is_fresh else (updated, since_fresh)
        x, value, gradient = step.x, step.value, new_gradient
    return Stop(x, value, settled=False)


def _is_lower(new: float, old: float) -> bool:
    return abs(new - old) > _RELATIVE_CHANGE * (abs(old) + _RELATIVE_CHANGE)


def _backtrack(loss: Loss, x: Array, value: float, direction: Array, slope: float) -> Stop | None:
    """The first of the steps 1, 1/5, 1/25, ... that leads down by enough; None where none moves."""
    length = 1.0
    while True:
        new = x + length * direction
        if np.array_equal(_NO_MOVE + x, _NO_MOVE + new):
            return None
        found = loss(new)
        if np.isfinite(found) and found <= value + slope * length * _ENOUGH:
            return Stop(new, found, settled=True)
        length *= _SHORTER


def _update(inverse: Array, step: Array, change: Array) -> Array | None:
    """The metric after a step (Broyden, Fletcher, Goldfarb & Shanno); None where curvature is not positive."""
    along = float(step @ change)
    if along <= 0:
        return None
    moved = inverse @ change
    spread = 1 + float(change @ moved) / along
    return inverse + (spread * np.outer(step, step) - np.outer(step, moved) - np.outer(moved, step)) / along
