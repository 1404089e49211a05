"""Which databases found which works: counts, what only one of them found, and the plot of overlaps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from synth.errors import StateError
from synth.steps.plot import Drawing, FigureKind, PlotRequest

if TYPE_CHECKING:
    import pandas as pd

    from synth.project import Project


@dataclass(frozen=True, slots=True)
class SourceCount:
    """One database. ``works``: found by it; ``unique``: by it alone; ``shared``: by others too."""

    name: str
    records: int
    works: int
    unique: int

    @property
    def shared(self) -> int:
        """Works that another database found too."""
        return self.works - self.unique

    @property
    def duplicates(self) -> int:
        """Records that tell of a work for another time within this database."""
        return self.records - self.works


@dataclass(frozen=True, slots=True)
class Overlap:
    """How databases overlap. ``sets``: (names of the databases that found them, number of works), largest first."""

    sources: tuple[SourceCount, ...]
    sets: tuple[tuple[tuple[str, ...], int], ...]
    works: int


def count_overlap(records: pd.DataFrame, names: dict[Any, str]) -> Overlap:
    """Overlap of the databases of ``records`` (columns source_id, work_id); ``names``: name of each source.

    Sources of one name (yearly searches of one database) are counted as one.
    """
    named = records["source_id"].map(names)
    found = named.groupby(records["work_id"]).agg(lambda values: tuple(sorted(set(values))))
    sets = Counter(found.tolist())
    total = named.value_counts()
    sources = tuple(
        SourceCount(
            name, int(total[name]), sum(n for members, n in sets.items() if name in members), sets.get((name,), 0)
        )
        for name in sorted(total.index, key=lambda name: (-int(total[name]), name))
    )
    ordered = tuple(sorted(sets.items(), key=lambda item: (-item[1], len(item[0]), item[0])))
    return Overlap(sources, ordered, len(found))


def count_project_overlap(project: Project) -> Overlap:
    """``count_overlap`` of a project. Raises StateError if it has no records."""
    records, sources = project.read("records"), project.read("sources")
    if not len(records):
        raise StateError(
            "There are no records whose sources could be compared", hint="Read exports: synth import FILES..."
        )
    rows = sources[["id", "database", "file_name"]].itertuples(index=False, name=None)
    names = {at: str(database) if isinstance(database, str) and database else str(file) for at, database, file in rows}
    return count_overlap(records, names)


def draw_upset_request(request: PlotRequest) -> Drawing:
    """The overlap of the project's databases as an UpSet plot."""
    import pandas as pd

    from synth.figures.upset import draw_upset

    if request.project is None:
        raise StateError("The overlap of databases is drawn of a project", hint="Choose one with -C DIR")
    overlap = count_project_overlap(request.project)
    sizes = [(one.name, one.works) for one in overlap.sources]
    figure = draw_upset(sizes, list(overlap.sets), width_mm=request.width_mm, title=request.title)
    rows = [(" & ".join(members), number) for members, number in overlap.sets]
    told = f"{overlap.works} works; " + "; ".join(
        f"{one.name}: {one.works} works, {one.unique} found by it alone" for one in overlap.sources
    )
    title = request.title or "Overlap of the databases"
    return Drawing(figure, title, told, pd.DataFrame(rows, columns=["databases", "works"]))


UPSET = FigureKind("upset", "Which databases found the works: UpSet plot of their overlap.", draw_upset_request)
