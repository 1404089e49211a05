"""Named warnings. Each says what was done and what it means, so that nothing happens in silence.

A result keeps its cautions (``fit.cautions``), and they are also issued as Python warnings, which a notebook shows
and a caller may turn into errors by name.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import ClassVar


class Caution(UserWarning):
    """Something a reader of the result has to know. ``str(caution)`` is one sentence.

    ``reference`` is the source of the advice, empty for plain facts about the data.
    """

    reference: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """The caution's name, as filters and JSON files use it."""
        return type(self).__name__

    def to_dict(self) -> dict[str, str]:
        """Name, sentence and, where there is one, the source."""
        found = {"name": self.name, "text": str(self)}
        return {**found, "reference": self.reference} if self.reference else found


class RowsDropped(Caution):
    """Rows without an estimate or a variance were not used."""


class SingleStudy(Caution):
    """One study: no heterogeneity can be estimated, and the test rests on the normal distribution."""


class FewStudies(Caution):
    """So few studies that the interval or the test is known to be too narrow or unstable."""

    reference = "IntHout, Ioannidis & Borm (2014), BMC Med Res Methodol 14:25"


class NotConverged(Caution):
    """The iteration did not settle; the best value of a search is given."""


class NarrowKnappHartung(Caution):
    """The Knapp-Hartung interval is narrower than the common-effect one, as if the data agreed too well."""

    reference = "Jackson, Law, Ruecker & Schwarzer (2017), Stat Med 36:3923"


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


class RedundantModerators(Caution):
    """Columns of the moderators say what others already say, and were left out."""


class ManyModerators(Caution):
    """More coefficients than the studies can carry."""

    reference = "Cochrane Handbook 6.3, section 10.11.5.1: at least ten studies for each moderator"


class SaturatedModel(Caution):
    """As many coefficients as studies: nothing is left to tell the variance between studies."""


class FewForPrediction(Caution):
    """A prediction interval of so few studies rests on a poorly known tau2."""

    reference = "Cochrane Handbook 6.3, section 10.10.4.3; Partlett & Riley (2017), Stat Med 36:301"


class NoInteractionTest(Caution):
    """Groups can be claimed to differ only by a test of their difference, never by one being significant alone."""

    reference = "Cochrane Handbook 6.3, section 10.11.3.1; Altman & Bland (2003), BMJ 326:219"


class FewClusters(Caution):
    """So few clusters that a robust test is unreliable."""

    reference = "Pustejovsky & Tipton (2018), J Bus Econ Stat 36:672: Satterthwaite df below 4"


class BoundaryEstimate(Caution):
    """A variance or correlation lies on the edge of what is possible."""


class SharedArms(Caution):
    """A group of people seems to be counted in more than one row."""

    reference = "Cochrane Handbook 6.3, section 23.3.4"


class PossibleStandardError(Caution):
    """A standardised difference so large that a standard error was probably entered as a standard deviation."""


def issue(cautions: Iterable[Caution], *, stacklevel: int = 3) -> None:
    """Tell Python's warning system about them."""
    for caution in cautions:
        warnings.warn(caution, stacklevel=stacklevel)
