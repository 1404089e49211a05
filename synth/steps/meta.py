"""Pool: the declared syntheses of a project, or one table of effects."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.errors import RefusedPool, StateError, UnreadableInput, UsageError
from synth.files import hash_bytes, read_bytes
from synth.steps.progress import Progress, quiet

if TYPE_CHECKING:
    import pandas as pd

    from synth.meta import Caution, Chosen, DirectionCount, Fit, RobustFit, SignTest, Subgroups, Synthesis
    from synth.meta.methods_text import MethodsText
    from synth.project import Project

_ROW = ("effect_id", "study_id", "name", "year", "outcome", "informant", "measure", "direction")


@dataclass(frozen=True, slots=True, eq=False)
class SynthesisResult:
    """One declared synthesis and what came of it.

    ``fit`` is None where nothing can be pooled or the pool is refused (``refused`` says why). ``chosen`` has the rows
    pooled and left out. ``directions`` counts the studies that answer the question, by number or by direction;
    ``sign_test`` is None if none points either way. ``post_hoc``: not declared as planned, with a date, beforehand.
    """

    name: str
    synthesis: Synthesis
    chosen: Chosen
    fit: Fit | None
    subgroups: Subgroups | None
    directions: DirectionCount
    sign_test: SignTest | None
    refused: RefusedPool | None
    post_hoc: bool
    deviations: tuple[str, ...]
    cautions: tuple[Caution, ...]
    first_declaration: dict[str, Any] = field(default_factory=dict)

    def describe(self) -> str:
        """The result in one line."""
        from synth.meta import describe_pooled

        if self.refused is not None:
            return f"Refused: {self.refused.message}"
        if self.fit is None:
            return "Nothing to pool: no effect has the declared outcome, measure and a number"
        line = describe_pooled(self.fit)
        return line if self.fit.k > 1 else f"One study, nothing is pooled: {line}"

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values: what is stored, and what ``--json`` writes."""
        refused = self.refused
        return {
            "name": self.name,
            "line": self.describe(),
            "post_hoc": self.post_hoc,
            "deviations": list(self.deviations),
            "refused": refused and {"rule": refused.rule, "message": refused.message, "rows": list(refused.rows)},
            "fit": self.fit and self.fit.to_dict(),
            "subgroups": self.subgroups and self.subgroups.to_dict(),
            "directions": {name: getattr(self.directions, name) for name in ("favours", "against", "none", "unclear")},
            "sign_test": self.sign_test and self.sign_test.to_dict(),
            "rows": plain_rows(self.chosen.pooled, (*_ROW, "subgroup", "source", "yi", "vi")),
            "left_out": plain_rows(self.chosen.left_out, (*_ROW, "rule", "reason")),
            "cautions": [caution.to_dict() for caution in self.cautions],
            "first_declaration": self.first_declaration,
        }


def plain_rows(frame: pd.DataFrame, columns: Iterable[str]) -> list[dict[str, Any]]:
    """Rows as dictionaries of plain values; what is missing is None."""
    names = [name for name in columns if name in frame.columns]
    return [{name: _plain(value) for name, value in row.items()} for row in frame[names].to_dict("records")]


def _plain(value: Any) -> Any:
    import pandas as pd

    if value is None or pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def run_syntheses(
    project: Project,
    names: Sequence[str] | None = None,
    *,
    method: str | None = None,
    test: str | None = None,
    include_suggested: bool = False,
    save: bool = True,
    progress: Progress = quiet,
) -> list[SynthesisResult]:
    """Run the declared syntheses (all, or those called ``names``) on the project's effects, and keep what changed.

    ``method`` and ``test`` override the declaration; that is a deviation and the result says so. A refused pool is a
    result too (``refused``). Raises StateError if nothing is declared, UsageError for a name that is not declared.
    """
    wanted = _find_declared(project, names)
    tables = {name: project.read(name) for name in ("effects", "studies", "labels")}
    earlier = {str(row["name"]): row for row in project.read("syntheses").to_dict("records")}
    results = []
    for synthesis in progress(wanted, label="Pooling", total=len(wanted)):
        first = _first_declaration(earlier.get(synthesis.name), synthesis)
        results.append(
            _run_one(synthesis, tables, first, method=method, test=test, include_suggested=include_suggested)
        )
    if save:
        _save(project, results, earlier)
    return results


def _find_declared(project: Project, names: Sequence[str] | None) -> list[Synthesis]:
    from synth.meta import parse_syntheses

    declared = parse_syntheses(project.config.syntheses)
    if not declared:
        raise StateError(
            "No synthesis is declared in this project",
            why="What is pooled is declared before it is pooled",
            hint="Add a [[synthesis]] table to synth.toml, or pool one table: synth meta FILE",
        )
    known = [each.name for each in declared]
    for name in names or ():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            raise UsageError(
                f'There is no synthesis "{name}"',
                why=f"Declared are {', '.join(known)}",
                hint=f'Did you mean "{near[0]}"?' if near else "Choose one of these",
            )
    return [each for each in declared if not names or each.name in names]


def _first_declaration(earlier: Mapping[Any, Any] | None, synthesis: Synthesis) -> dict[str, Any]:
    """The declaration as it stood when the synthesis was first run."""
    result = earlier.get("result") if earlier else None
    first = result.get("first_declaration") if isinstance(result, dict) else None
    return dict(first) if first else synthesis.to_dict()


def _run_one(
    synthesis: Synthesis,
    tables: Mapping[str, pd.DataFrame],
    first: dict[str, Any],
    *,
    method: str | None,
    test: str | None,
    include_suggested: bool,
) -> SynthesisResult:
    from synth.meta import Pooled, choose_effects, count_directions, pool_synthesis, sign_test

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cautions stand in the result
        chosen = choose_effects(
            tables["effects"], tables["studies"], synthesis, tables["labels"], include_suggested=include_suggested
        )
        refused = chosen.refused
        pooled = (
            Pooled(None, None, chosen.cautions)
            if refused
            else pool_synthesis(chosen, synthesis, method=method, test=test)
        )
    directions = count_directions(chosen.direction_rows()["direction"])
    return SynthesisResult(
        name=synthesis.name,
        synthesis=synthesis,
        chosen=chosen,
        fit=pooled.fit,
        subgroups=pooled.subgroups,
        directions=directions,
        sign_test=None if refused else sign_test(directions),
        refused=refused,
        post_hoc=synthesis.is_post_hoc,
        deviations=(
            *_overridden(synthesis, method, test, include_suggested=include_suggested),
            *_changed_since(first, synthesis),
            *_declared_late(synthesis, tables["effects"]),
        ),
        cautions=pooled.cautions,
        first_declaration=first,
    )


def _overridden(synthesis: Synthesis, method: str | None, test: str | None, *, include_suggested: bool) -> list[str]:
    asked = (("method", method and method.upper(), synthesis.method), ("test", test, synthesis.test))
    found = [
        f"{key} {used} was used; {declared} is declared" for key, used, declared in asked if used and used != declared
    ]
    return [*found, "values with status suggested were taken in"] if include_suggested else found


def _changed_since(first: Mapping[str, Any], synthesis: Synthesis) -> list[str]:
    """What the declaration says otherwise than at its first run; its name, question and note do not matter."""
    now = synthesis.to_dict()
    keys = sorted({*first, *now} - {"name", "question", "note", "planned", "declared_on"})
    return [
        f"{key} is {_show(now.get(key))}; it was {_show(first.get(key))} when first run"
        for key in keys
        if now.get(key) != first.get(key)
    ]


def _show(value: Any) -> str:
    if value is None:
        return "not declared"
    return " or ".join(map(str, value)) if isinstance(value, list) else str(value)


def _declared_late(synthesis: Synthesis, effects: pd.DataFrame) -> list[str]:
    """A plan that is younger than the first effect is worth knowing."""
    if synthesis.is_post_hoc or effects.empty:
        return []
    first = str(effects["at"].dropna().astype(str).min())[:10]
    if first and first < synthesis.declared_on[:10]:
        return [f"it was declared on {synthesis.declared_on}, after the first effect was entered on {first}"]
    return []


def _save(project: Project, results: Sequence[SynthesisResult], earlier: Mapping[str, Mapping[Any, Any]]) -> None:
    rows = [_as_row(result) for result in results]
    changed = [row for row in rows if not _is_same(row, earlier.get(str(row["name"])))]
    if changed:
        with project.run("meta", {"syntheses": [row["name"] for row in changed]}) as run:
            run.append("syntheses", changed)


def _as_row(result: SynthesisResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "declaration": result.synthesis.to_dict(),
        "planned": result.synthesis.planned,
        "declared_on": result.synthesis.declared_on or None,
        "result": result.to_dict(),
    }


def _is_same(row: Mapping[str, Any], old: Mapping[Any, Any] | None) -> bool:
    if old is None:
        return False
    return all(_canonical(row[key]) == _canonical(old[key]) for key in ("declaration", "result"))


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


@dataclass(frozen=True, slots=True, eq=False)
class FileResult:
    """A table pooled: ``fit``, ``subgroups`` or None, ``rows`` with yi and vi, ``left_out`` (row, name, reason).

    ``robust``: tests that allow for clusters, or None; ``methods``: the methods paragraph with its references.
    """

    path: str
    sha256: str
    measure: str
    fit: Fit
    subgroups: Subgroups | None
    rows: pd.DataFrame
    left_out: pd.DataFrame
    cautions: tuple[str, ...]
    methods: MethodsText
    robust: RobustFit | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values: the fit under metafor's names, and what surrounds it."""
        return {
            **self.fit.to_dict(),
            "robust": self.robust and self.robust.to_dict(),
            "methods": self.methods.paragraph,
            "references": list(self.methods.references),
            "file": self.path,
            "sha256": self.sha256,
            "subgroups": self.subgroups and self.subgroups.to_dict(),
            "left_out": plain_rows(self.left_out, ("row", "name", "reason")),
            "cautions": list(self.cautions),
        }


def read_data(path: Path | str) -> pd.DataFrame:
    """A table of effects from CSV (comma, semicolon or tab; UTF-8; ``-`` is stdin). Raises UnreadableInput."""
    return _parse_table(path, read_bytes(path))


def _parse_table(path: Path | str, content: bytes) -> pd.DataFrame:
    import io

    import pandas as pd

    try:
        text = content.decode("utf-8-sig")
        head = text.split("\n", 1)[0]
        separator = max(",;\t", key=head.count)
        frame = pd.read_csv(io.StringIO(text), sep=separator)
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as fault:
        raise UnreadableInput(
            f"{path}: cannot be read as a table",
            why=" ".join(str(fault).split())[:120],
            hint="Save it as CSV in UTF-8, one row per effect, names of columns in the first line",
        ) from None
    frame.columns = [str(name).strip() for name in frame.columns]
    return frame


def meta_file(
    path: Path | str,
    *,
    measure: str | None = None,
    columns: Mapping[str, str] | None = None,
    slab: str | None = None,
    method: str = "REML",
    test: str = "knha",
    subgroup: str | None = None,
    level: float = 95,
    rules: Mapping[str, Any] | None = None,
    mods: str | None = None,
    cluster: str | None = None,
    tau2_groups: str = "separate",
    weights: str | None = None,
    weighted: bool = True,
) -> FileResult:
    """Pool the table at ``path``. ``columns`` maps names (ai, n1i, m1i, yi, vi, estimate, ci_low ...) to columns.

    Numbers come from yi and vi, else from estimates with intervals, else from counts or means. ``rules``: add, to and
    drop00 of escalc. ``mods``: a formula of moderators; ``cluster``: a column, for robust tests (CR2); ``tau2_groups``:
    separate or common; ``weights``: a column. Where the table has columns measure, design_class, informant, study_id,
    kind or is_review, or cluster_adjusted, the rules about pooling apply. Raises RefusedPool, UsageError,
    UnreadableInput.
    """
    from synth.meta import refuse_unpoolable, rma, subgroups

    content = read_bytes(path)
    table, columns = _parse_table(path, content), dict(columns or {})
    _check_columns(table, [*columns.values(), *(name for name in (slab, subgroup, cluster, weights) if name)])
    kept, left_out = _split_by_measure(table, measure)
    refuse_unpoolable(kept, where=str(path))
    options: dict[str, Any] = {"method": method, "test": test, "level": level, "slab": slab}
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        rows = _compute_effects(kept, measure, columns, level=level, rules=rules or {})
        fit = rma(rows, **options, mods=mods, weights=weights, weighted=weighted)
        robust = fit.robust(rows[cluster]) if cluster else None
        groups = _pool_groups(subgroups, rows, subgroup, **options, tau2=tau2_groups)
    heard_of = [str(each.message) for each in heard if _is_caution(each.message)]
    cautions = tuple(dict.fromkeys([*_about_units(kept), *heard_of]))
    left, methods = _list_left_out(left_out, rows, slab), _write_methods(fit, robust, groups)
    name, sha256 = str(path), hash_bytes(content)
    return FileResult(name, sha256, fit.measure, fit, groups, rows, left, cautions, methods, robust)


def _about_units(rows: pd.DataFrame) -> list[str]:
    """Cautions about clusters and shared arms, each once."""
    from synth.meta import warn_of_unclear_clusters, warn_of_units

    return [str(caution) for caution in (*warn_of_unclear_clusters(rows), *warn_of_units(rows))]


def _write_methods(fit: Fit, robust: RobustFit | None, groups: Subgroups | None) -> MethodsText:
    from importlib.metadata import version

    from synth.meta.methods_text import write_methods
    from synth.project import synth_version

    versions = {"synth": synth_version(), "numpy": version("numpy"), "scipy": version("scipy")}
    return write_methods(fit, versions, robust=robust, groups=groups)


def _is_caution(message: Warning | str) -> bool:
    from synth.meta import Caution

    return isinstance(message, Caution)


def _pool_groups(pool: Any, rows: pd.DataFrame, subgroup: str | None, **options: Any) -> Subgroups | None:
    if subgroup is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # each group's cautions stand in its own fit
        found: Subgroups = pool(rows, subgroup, **options)
    return found


def _check_columns(table: pd.DataFrame, names: Iterable[str]) -> None:
    from synth.meta import missing_column

    for name in names:
        if name not in table.columns:
            raise missing_column(name, list(table.columns))


def _split_by_measure(table: pd.DataFrame, measure: str | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows to pool, and rows (with ``reason``) that have only a direction or another measure than the one asked for."""
    if "measure" not in table.columns:
        return table, table.iloc[:0].assign(reason="")
    given = table["measure"].fillna("").astype(str).str.strip()
    without = given.str.casefold() == "direction only"
    other = ~without & (given != "") & (given.str.casefold() != measure.casefold()) if measure else without & ~without
    reasons = given.map(lambda name: f"Its measure is {name}; {measure} was asked for").mask(
        without, "Only a direction is reported, no number"
    )
    out = without | other
    return table[~out], table[out].assign(reason=reasons[out])


def _compute_effects(
    table: pd.DataFrame, measure: str | None, columns: Mapping[str, str], *, level: float, rules: Mapping[str, Any]
) -> pd.DataFrame:
    """The table with yi and vi, by the first way that its columns allow."""
    from synth.meta import convert_estimates, escalc

    has = {*columns, *table.columns}
    if "yi" in has and has & {"vi", "sei"}:
        named: dict[str, Any] = {name: columns[name] for name in ("yi", "vi", "sei") if name in columns}
        result = escalc(table, "GEN", **named)
        result.attrs["measure"] = _name_measure(table, measure) or "GEN"
        return result
    name = _name_measure(table, measure)
    if name is None:
        raise UsageError(
            "Which measure are the numbers to become?",
            why="There is neither yi with vi, nor one measure for all rows",
            hint="Add --measure, for example --measure RR",
        )
    raw = {"ai", "m1i", "x1i", "xi", "ri"}
    if "estimate" in has and not raw & set(columns):
        named = {key: columns[key] for key in ("estimate", "ci_low", "ci_high", "se", "p") if key in columns}
        return convert_estimates(table, name, level=level, **named)
    given: dict[str, Any] = {**columns, **rules}
    return escalc(table, name, **given)


def _name_measure(table: pd.DataFrame, measure: str | None) -> str | None:
    from synth.meta import find_measure

    if measure is None and "measure" in table.columns:
        found = sorted({str(value).strip() for value in table["measure"].dropna()})
        measure = found[0] if len(found) == 1 else None
    return find_measure(measure).name if measure else None


def _list_left_out(left_out: pd.DataFrame, rows: pd.DataFrame, slab: str | None) -> pd.DataFrame:
    """Every row of the table that is not in the pool: its number in the file, its name and the reason."""
    import pandas as pd

    without = rows[rows["yi"].isna() | rows["vi"].isna()]
    default = pd.Series("It has no usable estimate or variance", index=without.index)
    reasons = without["problem"].where(without["problem"] != "", default) if "problem" in without.columns else default
    parts = [(left_out, left_out["reason"]), (without, reasons)]
    names = next((name for name in (slab, "slab", "name") if name and name in rows.columns), None)
    listed = [
        {
            "row": int(index) + 1,
            "name": str(frame.loc[index, names]) if names else f"Study {int(index) + 1}",
            "reason": reason,
        }
        for frame, why in parts
        for index, reason in why.items()
    ]
    return pd.DataFrame(sorted(listed, key=lambda row: row["row"]), columns=["row", "name", "reason"])
