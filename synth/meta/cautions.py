"""Named warnings. Each says what was done and what it means, so that nothing happens in silence.

A result keeps its cautions (``fit.cautions``), and they are also issued as Python warnings, which a notebook shows
and a caller may turn into errors by name.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable


class Caution(UserWarning):
    """Something a reader of the result has to know. ``str(caution)`` is one sentence."""

    @property
    def name(self) -> str:
        """The caution's name, as filters and JSON files use it."""
        return type(self).__name__

    def to_dict(self) -> dict[str, str]:
        """Name and sentence."""
        return {"name": self.name, "text": str(self)}


class RowsDropped(Caution):
    """Rows without an estimate or a variance were not used."""


class SingleStudy(Caution):
    """One study: no heterogeneity can be estimated, and the test rests on the normal distribution."""


class FewStudies(Caution):
    """So few studies that the interval or the test is known to be too narrow or unstable."""


class NotConverged(Caution):
    """The iteration did not settle; the best value of a search is given."""


class NarrowKnappHartung(Caution):
    """The Knapp-Hartung interval is narrower than the common-effect one, as if the data agreed too well."""


class ClusteringUnclear(Caution):
    """It is not known whether a cluster trial allowed for its clusters."""


class AsymmetricInterval(Caution):
    """A printed interval does not lie evenly around its estimate on the scale of analysis."""


class UnitsUnchecked(Caution):
    """The measure has a unit, and nobody recorded that it is the same in all rows."""


class TieBroken(Caution):
    """The rule for one effect per study left several, and their order decided."""


class SuggestedIncluded(Caution):
    """Values that no person has checked are part of the result."""


class PossibleStandardError(Caution):
    """A standardised difference so large that a standard error was probably entered as a standard deviation."""


def issue(cautions: Iterable[Caution], *, stacklevel: int = 3) -> None:
    """Tell Python's warning system about them."""
    for caution in cautions:
        warnings.warn(caution, stacklevel=stacklevel)
