# /// script
# requires-python = ">=3.11"
# ///
"""Build ``data/demo`` from the fact base of the worked example: ``python data/build_demo.py SOURCE``.

Every rule of the mapping stands here as a table, and in words in ``data/README.md``. The same source gives the same
bytes. Nothing is read from the network, and no number is made up: what the source leaves blank stays blank.
"""

from __future__ import annotations

import csv
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

Row = dict[str, str]
CODER = "coder"
EXPORTS = ("pubmed.nbib", "scopus.csv", "wos.txt", "lilacs_scielo.ris", "zotero_grey.ris")

# ---- screening -----------------------------------------------------------------------------------------------------
VERDICTS = {"include": "include", "exclude": "exclude", "unclear": "maybe"}
NO_OUTCOME = "no partner violence outcome"
NO_EVALUATION = "not an evaluation of an intervention"
NO_COMPONENT = "no perpetrator or community component"
OPINION = "commentary, guidance or methods"
EXCLUDED_REVIEW = "review outside the question"
EPIDEMIOLOGY = "epidemiology"
REASONS = (NO_OUTCOME, EPIDEMIOLOGY, NO_EVALUATION, NO_COMPONENT, EXCLUDED_REVIEW, OPINION)
REASON_CODES = {
    "sexual violence or harassment prevention, no partner violence perpetration outcome expected": NO_OUTCOME,
    "sexual violence and adolescent abuse, not adult IPV perpetration": NO_OUTCOME,
    "child and peer violence programme": NO_OUTCOME,
    "protocol of a trial outside the question": NO_OUTCOME,
    "epidemiology": EPIDEMIOLOGY,
    "prevalence review": EPIDEMIOLOGY,
    "survey of programmes": NO_EVALUATION,
    "service data, no comparator": NO_EVALUATION,
    "no intervention effect": NO_EVALUATION,
    "not an intervention": NO_EVALUATION,
    "not a primary study": NO_EVALUATION,
    "não é avaliação": NO_EVALUATION,
    "não é avaliação (dissertação)": NO_EVALUATION,
    "implementation outcomes only": NO_EVALUATION,
    "implementation thesis": NO_EVALUATION,
    "intervention development": NO_EVALUATION,
    "laboratory experiment": NO_EVALUATION,
    "intervention for survivors only": NO_COMPONENT,
    "women's business training, no perpetrator component": NO_COMPONENT,
    "review": EXCLUDED_REVIEW,
    "revisión": EXCLUDED_REVIEW,
    "revisión (tesis)": EXCLUDED_REVIEW,
    "review (women who use force)": EXCLUDED_REVIEW,
    "superseded review": EXCLUDED_REVIEW,
    "review protocol": EXCLUDED_REVIEW,
    "commentary": OPINION,
    "policy paper": OPINION,
    "practice guide": OPINION,
    "methods paper": OPINION,
    "survey methods": OPINION,
}
ROLES = {
    "main": "main",
    "protocol": "protocol",
    "design": "protocol",
    "follow-up": "follow-up",
    "process": "process",
    "qualitative": "qualitative",
    "economic": "economic",
    "secondary": "secondary",
    "report": "other",
    "thesis": "other",
    "conference": "other",
    "mixed methods": "other",
    "development": "other",
}

# ---- codes of studies ----------------------------------------------------------------------------------------------
SETTINGS = {
    "community": "community",
    "court-mandated": "court",
    "household economic": "household economy",
    "school": "school",
    "couple": "couple",
    "health": "health",
    "families": "family",
    "faith": "faith",
    "police conditional caution": "police",
    "multi-agency": "multi-agency",
    "social care": "social care",
    "workplace": "workplace",
    "prison": "prison",
}
PLACES = {
    "urban": ["urban"],
    "rural": ["rural"],
    "urban informal settlement": ["informal-settlement"],
    "peri-urban informal settlement": ["informal-settlement"],
    "urban slum": ["informal-settlement"],
    "mixed": ["urban", "rural"],
    "urban and peri-urban": ["urban", "peri-urban"],
    "semi-rural": ["peri-urban"],
    "urban and semi-urban": ["urban", "peri-urban"],
}
POPULATIONS = {
    "perpetrators": "perpetrators",
    "men": "men",
    "women": "women",
    "adolescents": "adolescents",
    "girls": "adolescents",
    "couples": "couples",
    "intimate partners": "couples",
    "families": "families",
    "practitioners": "practitioners",
    "managers": "factory-workers",
    "young men": "young-men",
    "young women": "young-women",
    "children": "children",
    "survivors": "survivors",
    "young people": "young-people",
    "fathers": "fathers",
    "expectant and current fathers": "fathers",
}
SPECIAL_GROUPS = {
    "young people": ["young-people"],
    "conflict-affected": ["conflict-affected"],
    "male partners of survivors of conflict-related rape": ["conflict-affected"],
    "young married women": ["young-women"],
    "female garment workers": ["factory-workers"],
    "Colombian refugees in study area": ["refugees"],
    "refugees": ["refugees"],
    "polygamous households": ["polygamous"],
    "ultra-poor": ["ultra-poor"],
    "female sex workers": ["sex-workers"],
    "hazardous alcohol use": ["perp-substance"],
    "alcohol dependence": ["perp-substance"],
    "military veterans": ["perp-veterans"],
    "women who use violence": ["perp-women"],
    "women who use violence included": ["perp-women"],
    "high-risk, high-harm perpetrators": ["perp-high-risk"],
    "prisoners": ["perp-prison"],
    "Indigenous Australians (racially minoritised)": ["perp-indigenous"],
    "mental health conditions": ["perp-mental"],
    "first-time low-level offenders": ["perp-first-time"],
    "same-sex and LGBTQ": ["perp-lgbt"],
    "older people": ["surv-older"],
    "male victims": ["surv-men"],
    "racially minoritised men": ["perp-minoritised"],
    "racially minoritised men (diverse group)": ["perp-minoritised"],
    "racially minoritised men (Aboriginal)": ["perp-indigenous"],
    "young people who use violence": ["perp-young"],
    "cognitive impairment (neuropsychological needs)": ["perp-cognitive"],
    "none reported": [],
}
PARTNERS_ONLY = {"zeuschner2025_mbcp", "nz1994_women"}  # women whose partners were on a programme
ALSO_ABOUT = {"latino2009_healing": ["perp-migrant"]}  # its programme is for immigrant men
VIOLENT_COUPLES = {"ahvaz_dvfct"}  # couple therapy that takes couples because of the violence
# The study is about this group (grade 2); "heath2018_mali" and "dap_australia" print numbers by subgroup (grade 3).
ABOUT_GROUP = {
    "young people": "age",
    "young married women": "age",
    "young people who use violence": "age",
    "older people": "age",
    "ultra-poor": "socioeconomic",
    "female garment workers": "occupation",
    "female sex workers": "occupation",
    "military veterans": "occupation",
    "same-sex and LGBTQ": "sexual-orientation",
    "male victims": "gender",
    "women who use violence": "gender",
    "racially minoritised men": "race",
    "racially minoritised men (diverse group)": "race",
    "racially minoritised men (Aboriginal)": "race",
    "refugees": "time-dependent",
    "prisoners": "time-dependent",
    "cognitive impairment (neuropsychological needs)": "disability",
}
BY_SUBGROUP = {"heath2018_mali": "relationship", "dap_australia": "race"}
APPROACHES = {
    "group psychoeducation": "psychoeducation",
    "group gender-transformative": "gender-transformative",
    "CBT": "cbt",
    "Duluth": "duluth",
    "community mobilisation": "community-mobilisation",
    "economic+gender": "economic-gender",
    "various perpetrator programmes": "various-programmes",
    "mixed approaches": "mixed-approaches",
    "school programme": "school-programme",
    "couple": "couple-work",
    "cash transfer": "cash-transfer",
    "parenting": "parenting",
    "restorative justice": "restorative",
    "survivor support": "survivor-support",
    "mass media": "mass-media",
    "multi-agency": "multi-agency-work",
    "motivational": "motivational",
    "multimodal": "multimodal",
    "incentives": "incentives",
    "case management": "case-management",
    "bystander": "bystander",
    "other group": "other-group",
    "cognitive training": "cognitive-training",
}
EVIDENCE = {
    "cluster RCT": "cluster-rct",
    "RCT": "rct",
    "qualitative": "qualitative",
    "quasi-experimental": "quasi-experimental",
    "systematic review": "systematic-review",
    "mixed methods": "mixed-methods",
    "pre-post": "before-after",
    "cohort": "cohort",
    "cross-sectional": "cross-sectional",
    "economic evaluation": "economic-evaluation",
    "repeated cross-sectional": "repeated-cross-sectional",
    "interrupted time series": "interrupted time series",
    "single-case multiple baseline": "single-case",
    "single-case": "single-case",
    "protocol (feasibility)": "protocol",
    "realist review": "realist-review",
    "qualitative evidence synthesis": "qualitative-synthesis",
    "mixed methods synthesis": "mixed-synthesis",
    "scoping review": "scoping-review",
}
VOICES = {
    "survivor": "survivors",
    "official records": "official records",
    "practitioner": "practitioners",
    "community": "community members",
    "child": "children",
    "observer": "observers",
    "programme records": "programme records",
}
SMALL_WORDS = {"and", "with", "of", "for", "in", "using", "de"}
PARTICIPANTS = "programme participants"
COMMUNITY_MEN = "men in communities"

# ---- effects -------------------------------------------------------------------------------------------------------
OUTCOMES = {
    "any IPV (severe)": "severe IPV",
    "safety and fear": "safety",
    "economic": "economic situation",
    "sexual risk behaviour": "sexual risk",
    "help-seeking and response": "help-seeking",
    "health (HIV)": "HIV and HSV-2",
    "health (HSV-2)": "HIV and HSV-2",
    "programme engagement": "engagement",
    "stalking and harassment": "stalking",
}
INFORMANTS = {
    "survivor report": "survivors",
    "official records": "official records",
    "practitioner": "practitioners",
    "parent report": "parents",
    "child": "children",
    "community (women)": "community members",
    "community (men)": "community members",
    "programme records": "programme records",
    "laboratory test": "tests",
    "breathalyser": "tests",
    "mixed": "mixed",
    "perpetrator and survivor combined": "mixed",
    "perpetrator and partner reports": "mixed",
    "survivor and perpetrator reports": "mixed",
    "self-report or informant": "mixed",
    "not seen": "",
}
SELF_REPORTS = {"e216": "community members", "e217": COMMUNITY_MEN, "e218": COMMUNITY_MEN}
ONE_GROUP = {
    "pre-post proportion",
    "pre-post mean",
    "SMD (pre-post, one group)",
    "SMD (within group)",
    "Cohen f2 (pre-post)",
    "coefficient within arm",
}
ONE_MOMENT = {"percent of cases", "risk (CBGT arm)", "risk (MBSR arm)"}
DESIGN_CLASSES = {
    "RCT": "randomised",
    "cluster RCT": "randomised",
    "quasi-experimental": "non-randomised",
    "pre-post": "before-after",
    "interrupted time series": "before-after",
    "repeated cross-sectional": "before-after",
}


def _numbered(first: int, last: int) -> set[str]:
    return {f"e{number:03d}" for number in range(first, last + 1)}


# A trial's rows by exposure, attendance or intensity are not what was randomised.
BY_EXPOSURE = _numbered(9, 16) | _numbered(37, 48) | {"e202"}
CLASS_OF_ROW = {
    **dict.fromkeys(BY_EXPOSURE, "non-randomised"),
    **dict.fromkeys(_numbered(174, 178), "before-after"),
    **dict.fromkeys(("e180", "e181", "e248", "e251"), "other"),
    "e255": "before-after",
}
# Rows with a result in words, read one by one. "Not significant" without a number keeps its direction unknown.
STATED_DIRECTIONS = {
    **dict.fromkeys(
        ("e027", "e121", "e152", "e160", "e161", "e208", "e229", "e230", "e231", "e250", "e255", "e256"), "favours"
    ),
    **dict.fromkeys(("e098", "e105", "e139", "e148", "e155", "e207", "e209", "e254", "e264"), "none"),
    "e242": "favours",  # the page says "halved", the baseline value is not printed
    **dict.fromkeys(("e237", "e238", "e239"), "none"),  # both arms fell alike: no effect of the programme
    "e168": "favours",
    "e218": "unclear",  # the change in the comparison group is no effect of the programme
}
BETTER_IS_LOWER = {
    "any IPV",
    "severe IPV",
    "physical IPV",
    "sexual IPV",
    "emotional IPV",
    "economic IPV",
    "controlling behaviour",
    "stalking",
    "non-partner sexual violence",
    "recidivism",
    "depression",
    "alcohol use",
}
AS_PROPORTIONS = {"e060", "e061", "e062"}  # risk differences that the page prints as proportions, not in points
ARMS_OF_ROW = {
    "e217": ("boys given the curriculum", "the same schools before the programme"),
    "e218": ("comparison group (standard of care): not the programme", "the same schools before"),
    "e237": ("both arms together", "both arms at baseline"),
    "e238": ("both arms together", "both arms at baseline"),
    "e239": ("both arms together", "both arms at baseline"),
}
EFFECT_COLUMNS = (
    "id",
    "study_id",
    "arm_1",
    "arm_2",
    "outcome",
    "outcome_domain",
    "informant",
    "population",
    "timepoint_months",
    "measure",
    "design_class",
    "adjusted",
    "cluster_adjusted",
    "estimate",
    "estimate_text",
    "se",
    "ci_low",
    "ci_high",
    "p",
    "ai",
    "n1i",
    "ci",
    "n2i",
    "direction",
    "direction_meaning",
    "status",
    "extractor",
    "place",
    "url",
    "note",
)


# ---- reading and writing -------------------------------------------------------------------------------------------


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV file as dicts of text."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write_rows(path: Path, rows: Iterable[Mapping[str, str]], columns: Iterable[str]) -> None:
    """Write rows as CSV, with exactly these columns."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(columns), lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def split(text: str) -> list[str]:
    """The parts of a list written with semicolons, without repeats."""
    return list(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


def number(text: str, *, percent: bool = False) -> str:
    """A printed number in plain form (".71" is "0.71"), divided by 100 for ``percent``; empty if not one number."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return ""
    return f"{(value / 100 if percent else value).normalize():f}"


# ---- screening and reports -----------------------------------------------------------------------------------------


def first_places(truth: list[Row]) -> dict[str, Row]:
    """Where each report stands first: a row of the truth table with file and position."""
    places: dict[str, Row] = {}
    for row in truth:
        places.setdefault(row["key"], row)
    return places


def build_decisions(screening: list[Row], places: Mapping[str, Row]) -> list[Row]:
    """One verdict a report on title and abstract; included reports were also assessed as reports."""
    rows = [_decision(row, places[row["key"]], "title_abstract") for row in screening]
    rows += [_decision(row, places[row["key"]], "full_text") for row in screening if row["label"] == "include"]
    return rows


def _decision(row: Row, place: Row, stage: str) -> Row:
    excluded = row["label"] == "exclude"
    return {
        "key": row["key"],
        "file": place["file"],
        "position": place["position"],
        "stage": stage,
        "person": CODER,
        "verdict": VERDICTS[row["label"]],
        "reason": REASON_CODES[row["reason"]] if excluded else "",
        "note": row["reason"] if stage == "title_abstract" else "",
    }


def build_reports(screening: list[Row], places: Mapping[str, Row]) -> list[Row]:
    """Which report tells which study, in which role: the included ones."""
    return [
        {
            "key": row["key"],
            "file": places[row["key"]]["file"],
            "position": places[row["key"]]["position"],
            "study_id": row["study"],
            "role": ROLES[row["role"]],
            "title": row["title"],
        }
        for row in screening
        if row["label"] == "include"
    ]


# ---- studies -------------------------------------------------------------------------------------------------------


def is_selected(study: Row) -> bool:
    """Whether people are in this study because they have used violence."""
    return (
        "perpetrators" in split(study["population"])
        or "young people who use violence" in split(study["special_groups"])
        or "restorative justice" in split(study["approach"])
        or study["study_id"] in VIOLENT_COUPLES
    )


def build_studies(studies: list[Row]) -> list[Row]:
    """Id, name as in a forest plot, kind, year."""
    names = _name_studies(studies)
    return [
        {
            "id": row["study_id"],
            "name": names[row["study_id"]],
            "year": row["year"],
            "kind": "review" if row["is_review"] == "yes" else "primary",
        }
        for row in studies
    ]


def _name_studies(studies: list[Row]) -> dict[str, str]:
    plain = {row["study_id"]: _plain_name(row) for row in studies}
    sharing: dict[str, list[str]] = defaultdict(list)
    for study_id, name in plain.items():
        sharing[name].append(study_id)
    for name, ids in sharing.items():
        if len(ids) > 1:
            plain.update({study_id: f"{name} {letter}" for study_id, letter in zip(ids, "abcdef", strict=False)})
    return plain


def _plain_name(row: Row) -> str:
    programme = row["intervention"].split(" (")[0].split(";")[0].strip()
    year = row["year"] or "n.d."
    if not row["authors"]:
        return f"{_shorten(programme)} {year}"
    family = row["authors"].split(";")[0].rsplit(" ", 1)[0].strip()
    return f"{family} {year} ({programme})" if len(programme) <= 20 else f"{family} {year}"


def _shorten(programme: str, longest: int = 40) -> str:
    """The first words of a programme's name, without a small word at the end."""
    words = programme.split() if len(programme) <= longest else programme[:longest].split()[:-1]
    while words[-1] in SMALL_WORDS:
        words.pop()
    return " ".join(words)


def build_answers(studies: list[Row]) -> list[Row]:
    """What was read about each study that is no code: one row a study, one column a question."""
    return [
        {
            "study_id": row["study_id"],
            "intervention": row["intervention"],
            "comparator": row["comparator"],
            **{name: number(row[name]) for name in ("n_randomised", "n_analysed", "clusters", "followup_months")},
            "publication_type": row["publication_type"],
            "ethics_statement": "yes" if row["ethics_statement"] == "yes" else "",
            "cost_data": row["cost_data"],
            "place": row["url"],
        }
        for row in studies
    ]


ANSWER_COLUMNS = (
    "study_id",
    "intervention",
    "comparator",
    "n_randomised",
    "n_analysed",
    "clusters",
    "followup_months",
    "publication_type",
    "ethics_statement",
    "cost_data",
    "place",
)

# ---- labels --------------------------------------------------------------------------------------------------------


def build_labels(studies: list[Row], effects: list[Row]) -> list[Row]:
    """Codes on studies, then the outcome of every effect."""
    rows = [label for study in studies for label in _study_labels(study)]
    rows += [
        {"study_id": row["study_id"], "effect_id": row["id"], "axis": "outcome", "term": row["outcome_domain"]}
        for row in effects
    ]
    return rows


def _study_labels(study: Row) -> list[Row]:
    coded = {
        "population": _populations(study),
        "setting": [SETTINGS[word] for word in split(study["setting"]) if word != "not seen"],
        "place_type": PLACES.get(study["place_type"], []),
        "country": split(study["country"]),
        "region": split(study["region"]),
        "approach": [APPROACHES[word] for word in split(study["approach"])],
        "level": split(study["level"]),
        "evidence_type": [EVIDENCE[study["design"]]] if study["design"] in EVIDENCE else [],
        "voice": _voices(study),
        "funder": split(study["funders"]),
        "first_author_country": split(study["first_author_country"]),
        "language": split(study["language"]),
    }
    rows = [_label(study, axis, term) for axis, terms in coded.items() for term in dict.fromkeys(terms)]
    return rows + [_label(study, "progress_plus", item, grade) for item, grade in _disaggregation(study)]


def _label(study: Row, axis: str, term: str, grade: str = "") -> Row:
    return {"study_id": study["study_id"], "axis": axis, "term": term, "level": grade}


def _populations(study: Row) -> list[str]:
    """The groups as the codebook calls them; women beside men who used violence are their partners."""
    partners = is_selected(study) or study["study_id"] in PARTNERS_ONLY
    terms = []
    for word in split(study["population"]):
        term = POPULATIONS[word]
        if word == "women" and partners:
            term = "surv-women"
        if word == "fathers" and is_selected(study):
            term = "perp-fathers"
        terms.append(term)
    if study["special_groups"] == "same-sex and LGBTQ" and "survivors" in terms:
        terms.append("surv-lgbt")
    special = [term for word in split(study["special_groups"]) for term in SPECIAL_GROUPS[word]]
    return terms + special + ALSO_ABOUT.get(study["study_id"], [])


def _voices(study: Row) -> list[str]:
    own = PARTICIPANTS if is_selected(study) else COMMUNITY_MEN
    words = [word for word in split(study["voices"]) if word != "not seen"]
    return [own if word == "perpetrator" else VOICES[word] for word in words]


def _disaggregation(study: Row) -> list[tuple[str, str]]:
    items = [ABOUT_GROUP[word] for word in split(study["special_groups"]) if word in ABOUT_GROUP]
    graded = [(item, "2") for item in dict.fromkeys(items)]
    by_subgroup = BY_SUBGROUP.get(study["study_id"])
    return graded + ([(by_subgroup, "3")] if by_subgroup else [])


# ---- effects -------------------------------------------------------------------------------------------------------


def build_effects(effects: list[Row], studies: list[Row]) -> list[Row]:
    """Every row of the source as a row of the table ``effects``."""
    by_id = {row["study_id"]: row for row in studies}
    return [_effect(row, by_id[row["study_id"]]) for row in effects]


def _effect(row: Row, study: Row) -> Row:
    domain = OUTCOMES.get(row["outcome_domain"], row["outcome_domain"])
    design = classify_design(row, study)
    in_points = row["measure"] == "RD" and row["effect_id"] not in AS_PROPORTIONS
    arm_1, arm_2 = _arms(row, study, design)
    return {
        "id": row["effect_id"],
        "study_id": row["study_id"],
        "arm_1": arm_1,
        "arm_2": arm_2,
        "outcome": row["outcome"],
        "outcome_domain": domain,
        "informant": find_informant(row, study),
        "population": row["subgroup"],
        "timepoint_months": number(row["timepoint_months"]),
        "measure": row["measure"],
        "design_class": design,
        "adjusted": row["adjusted"] or "unclear",
        "cluster_adjusted": "unclear" if study["design"] == "cluster RCT" and design == "randomised" else "",
        **{name: number(row[name], percent=in_points) for name in ("estimate", "ci_low", "ci_high")},
        "estimate_text": _printed(row) + (" percentage points" if in_points and number(row["estimate_text"]) else ""),
        "se": "" if _is_ratio(row) else number(row["se"]),
        "p": number(row["p"]),
        **_counts(row, design),
        "direction": find_direction(row),
        "direction_meaning": _meaning(row, domain),
        "status": "human",
        "extractor": CODER,
        "place": row["quote_location"],
        "url": row["url"],
        "note": _note(row, in_points=in_points),
    }


def classify_design(row: Row, study: Row) -> str:
    """The class of the comparison that this number rests on, which may be weaker than the study's design."""
    if row["effect_id"] in CLASS_OF_ROW:
        return CLASS_OF_ROW[row["effect_id"]]
    if row["measure"] in ONE_GROUP:
        return "before-after"
    if row["measure"] in ONE_MOMENT:
        return "other"
    return DESIGN_CLASSES.get(study["design"], "before-after" if study["study_id"] == "kelly2015_mirabal" else "other")


def find_informant(row: Row, study: Row) -> str:
    """Whose account the number is, in the codebook's words."""
    if row["effect_id"] in SELF_REPORTS:
        return SELF_REPORTS[row["effect_id"]]
    if row["informant"] == "self-report of perpetrator":
        return PARTICIPANTS if is_selected(study) else COMMUNITY_MEN
    return INFORMANTS[row["informant"]]


def find_direction(row: Row) -> str:
    """Where the number points, whatever its interval: favours | against | none | unclear."""
    if row["effect_id"] in STATED_DIRECTIONS:
        return STATED_DIRECTIONS[row["effect_id"]]
    rule, measure = row["favours_intervention"], row["measure"]
    if rule in {"", "text"} or measure == "percent of cases":
        return "unclear"
    if rule in {"<baseline", ">baseline", ">control"} or measure == "proportion":
        return _compare(
            _first_number(row["pct_treated"], row["mean_treated"]),
            _first_number(row["pct_control"], row["mean_control"]),
            better=rule[0],
        )
    if rule == "larger":
        return "favours"  # printed as an improvement: a reduction, or an effect size in favour of the programme
    return _compare(number(row["estimate"]), rule[1:], better=rule[0])


def _first_number(*texts: str) -> str:
    return next((number(text.lstrip("R")) for text in texts if text), "")


def _compare(value: str, against: str, *, better: str) -> str:
    if not value or not against:
        return "unclear"
    difference = Decimal(value) - Decimal(against)
    if difference == 0:
        return "none"
    return "favours" if (difference < 0) == (better == "<") else "against"


def _meaning(row: Row, domain: str) -> str:
    """What a higher value means, as the number is printed; where the source gives only words, by the outcome."""
    rule = row["favours_intervention"]
    if rule[:1] in {"<", ">"}:
        return "harm" if rule[0] == "<" else "benefit"
    return "harm" if domain in BETTER_IS_LOWER else "ambiguous"


def _is_ratio(row: Row) -> bool:
    return row["measure"] in {"OR", "RR", "PRR", "IRR", "pooled OR", "pooled RR"}


def _has_two_arms(row: Row, design: str) -> bool:
    return design in {"randomised", "non-randomised"} and row["measure"] not in ONE_GROUP | ONE_MOMENT


def _counts(row: Row, design: str) -> Row:
    """Events and people of two arms; where the control columns hold the baseline they must not look like an arm."""
    if not _has_two_arms(row, design):
        return {}
    names = {"ai": "events_treated", "n1i": "n_treated", "ci": "events_control", "n2i": "n_control"}
    return {ours: number(row[theirs]) for ours, theirs in names.items()}


def _printed(row: Row) -> str:
    if row["estimate_text"]:
        return row["estimate_text"]
    treated, control = row["pct_treated"] or row["mean_treated"], row["pct_control"] or row["mean_control"]
    unit = " %" if row["pct_treated"] and "not percent" not in row["note"] else ""
    if not treated:
        return ""
    second = "before" if row["measure"].startswith("pre-post") else "in the comparison group"
    return f"{treated}{unit}, {control}{unit} {second}" if control else f"{treated}{unit}"


def _arms(row: Row, study: Row, design: str) -> tuple[str, str]:
    if row["effect_id"] in ARMS_OF_ROW:
        return ARMS_OF_ROW[row["effect_id"]]
    if " vs " in row["comparison"]:
        first, second = row["comparison"].split(" vs ", 1)
        return first, second
    programme = row["comparison"] or study["intervention"]
    return programme, "before the programme" if design == "before-after" else study["comparator"]


def _note(row: Row, *, in_points: bool) -> str:
    notes = [row["note"]] if row["note"] else []
    if row["p"] and not number(row["p"]):
        notes.append(f"p printed as {row['p']}")
    if in_points and row["estimate"]:
        notes.append("printed in percentage points; here as a difference of proportions")
    if row["se"] and _is_ratio(row):
        notes.append(f"standard error printed as {row['se']}, its scale is not stated")
    if row["effect_id"] in BY_EXPOSURE:
        notes.append("compares people by exposure, attendance or intensity, which was not randomised")
    counted = [
        f"{name.replace('_', ' ')} {row[name]}"
        for name in ("events_treated", "n_treated", "events_control", "n_control")
        if row[name]
    ]
    if counted and "control columns" in row["note"] + row["comparison"]:
        notes.append("as printed: " + ", ".join(counted))
    return "; ".join(notes)


# ---- findings and costs --------------------------------------------------------------------------------------------


def build_findings(findings: list[Row], studies: list[Row]) -> list[Row]:
    """Findings in words, one row each."""
    selected = {row["study_id"]: is_selected(row) for row in studies}
    return [_finding(f"f{place:03d}", row, selected=selected[row["study_id"]]) for place, row in enumerate(findings, 1)]


def _finding(name: str, row: Row, *, selected: bool) -> Row:
    own = PARTICIPANTS if selected else COMMUNITY_MEN
    voices = [own if word == "perpetrator" else VOICES[word] for word in split(row["informant"]) if word != "not seen"]
    return {
        "study_id": row["study_id"],
        "effect": name,
        "finding_kind": row["kind"],
        "finding": row["finding"],
        "finding_context": row["context"],
        "finding_mechanism": row["mechanism"],
        "finding_outcome": row["outcome"],
        "finding_for": row["who_for"],
        "finding_voices": ";".join(voices),
        "finding_confidence": "" if row["confidence"] == "not given" else row["confidence"],
        "place": f"{row['quote_location']}, {row['url']}",
    }


FINDING_COLUMNS = (
    "study_id",
    "effect",
    "finding_kind",
    "finding",
    "finding_context",
    "finding_mechanism",
    "finding_outcome",
    "finding_for",
    "finding_voices",
    "finding_confidence",
    "place",
)


def build_costs(costs: list[Row]) -> list[Row]:
    """Printed cost figures, one row each."""
    return [
        {
            "study_id": row["study_id"],
            "effect": f"c{place:03d}",
            "cost_item": row["item"],
            "cost_value": number(row["value"]),
            "cost_unit": row["unit"],
            "place": row["url"],
        }
        for place, row in enumerate(costs, 1)
    ]


# ---- all of it -----------------------------------------------------------------------------------------------------


def build_demo(source: Path, target: Path) -> None:
    """Read the fact base in ``source`` and write the worked example to ``target``."""
    (target / "exports").mkdir(parents=True, exist_ok=True)
    for name in EXPORTS:
        shutil.copyfile(source / "exports" / name, target / "exports" / name)
    shutil.copyfile(source / "exports" / "truth.csv", target / "truth.csv")
    studies, screening = read_rows(source / "studies.csv"), read_rows(source / "screening.csv")
    places = first_places(read_rows(source / "exports" / "truth.csv"))
    effects = build_effects(read_rows(source / "effects.csv"), studies)
    findings = build_findings(read_rows(source / "findings.csv"), studies)
    tables = {
        "decisions": (
            build_decisions(screening, places),
            ("key", "file", "position", "stage", "person", "verdict", "reason", "note"),
        ),
        "reports": (build_reports(screening, places), ("key", "file", "position", "study_id", "role", "title")),
        "studies": (build_studies(studies), ("id", "name", "kind", "year")),
        "answers": (build_answers(studies), ANSWER_COLUMNS),
        "labels": (build_labels(studies, effects), ("study_id", "effect_id", "axis", "term", "level")),
        "effects": (effects, EFFECT_COLUMNS),
        "findings": (findings, FINDING_COLUMNS),
        "costs": (
            build_costs(read_rows(source / "costs.csv")),
            ("study_id", "effect", "cost_item", "cost_value", "cost_unit", "place"),
        ),
    }
    for name, (rows, columns) in tables.items():
        write_rows(target / f"{name}.csv", rows, columns)
    (target / "synth.toml").write_text(
        CONFIG.format(reasons=", ".join(f'"{reason}"' for reason in REASONS)), encoding="utf-8"
    )


CONFIG = '''\
title = "Preventing intimate partner violence: a worked example"
question = """
Do perpetrator programmes and community-based prevention reduce violence against intimate partners, for whom, and by
whose account?"""
codebook = "violence-prevention"

# One person coded this demonstration. A review needs two.
[[people]]
id = "coder"
name = "Coder"
role = "reviewer"

[criteria.title_abstract]
text = """
Any study of a programme that works with people who use violence against a partner, or that tries to prevent such
violence in a community, couple, household, school or health setting, anywhere in the world. Outcome studies of every
design, qualitative, realist and economic studies, and reviews (kept apart). Four services for survivors only are kept
so that groups that hardly anybody has studied can be seen.
"""
reasons = [{reasons}]

[criteria.full_text]
text = "The same, judged on the report. Reports of one study are kept together: protocol, follow-up, process, costs."
reasons = [{reasons}]

[maps]
south_definition = "wb_lmic"  # World Bank low- and middle-income; named on every figure

# The syntheses below were declared after the numbers had been gathered, so none of them was planned.
# One effect a study: the latest. What has no interval stays beside the pool as a direction. test = "adhoc" is
# Knapp-Hartung that is never narrower than the plain interval, as so few trials may agree by luck.

[[synthesis]]
name = "Partner violence as survivors report it, by setting"
question = "In randomised trials, do people in the programme's reach report less violence by their partners?"
outcome_domain = ["physical IPV", "any IPV"]
informant = "survivors"
measure = "OR"
design_class = "randomised"
one_effect_per_study = "longest"
test = "adhoc"
subgroups = "setting"
planned = false
declared_on = "2026-11-25"

# The next four are the panels of the figure by informant: never one pool, and no test between them.
[[synthesis]]
name = "Survivors"
question = "Physical or any partner violence as survivors report it, in randomised trials"
outcome_domain = ["physical IPV", "any IPV"]
informant = "survivors"
measure = "RR"
design_class = "randomised"
one_effect_per_study = "longest"
test = "adhoc"
planned = false
declared_on = "2026-11-25"

[[synthesis]]
name = "Programme participants' own report"
question = "Physical or any partner violence as people say who were on a programme because they had used violence"
outcome_domain = ["physical IPV", "any IPV"]
informant = "programme participants"
design_class = "randomised"
one_effect_per_study = "longest"
planned = false
declared_on = "2026-11-25"
note = "No trial in this set prints a number with an interval: directions only."

[[synthesis]]
name = "Men's own report in communities"
question = "Physical or any partner violence as men report it who were not chosen for having used violence"
outcome_domain = ["physical IPV", "any IPV"]
informant = "men in communities"
measure = "RR"
design_class = "randomised"
one_effect_per_study = "longest"
test = "adhoc"
planned = false
declared_on = "2026-11-25"

[[synthesis]]
name = "Official records"
question = "Recidivism as police and courts record it, in randomised trials"
outcome_domain = "recidivism"
informant = "official records"
design_class = "randomised"
one_effect_per_study = "longest"
planned = false
declared_on = "2026-11-25"
note = "No trial in this set prints a number with an interval: directions only."
'''


def main() -> None:
    """Build from the folder named on the command line."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python data/build_demo.py SOURCE")
    build_demo(Path(sys.argv[1]), Path(__file__).parent / "demo")


if __name__ == "__main__":
    main()
