"""What identifies a record: the shapes of accession numbers, so that a number alone tells which database it is from."""

from __future__ import annotations

import re

from synth.records import clean

SHAPES: tuple[tuple[str, str], ...] = (
    ("wos", r"WOS:\w+"),
    ("medline", r"MEDLINE:\d+"),
    ("biosis", r"(?:BIOSIS|BCI):\w+"),
    ("cabi", r"CABI:\d+"),
    ("fsta", r"FSTA:[\w-]+"),
    ("scopus", r"2-s2\.0-\d+"),
    ("embase", r"L\d{8,12}"),
    ("central", r"CN-\d{8}"),
    ("cdsr", r"CD\d{6}(?:\.PUB\d+)?"),
    ("lilacs", r"(?:biblio|lil|sms|psi|biblioref|lis)-\d+"),
    ("gim", r"(?:wpr|sea|emr|aim|afr|who|pah|ibc|cum|bde)-\d{3,}"),
    ("scielo", r"S\d{4}-\d{3}[\dX]\d{13}(?:-\w+)?"),
    ("eric", r"E[JD]\d{5,8}"),
    ("lens", r"\d{3}-\d{3}-\d{3}-\d{3}-\d{2}[\dX]"),
    ("dimensions", r"pub\.\d+"),
    ("psycinfo", r"(?:19|20)\d{2}-\d{5}-\d{3}"),
    ("rayyan", r"rayyan-\d+"),
    ("openalex", r"W\d{7,11}"),
    ("pmcid", r"PMC\d{3,9}"),
    ("arxiv", r"arXiv:(?:\d{4}\.\d{4,5}|[a-z-]+/\d{7})(?:v\d+)?"),
    ("repec", r"RePEc:[a-z]{3}:\w{6}:[\w.:-]+"),
    ("inspec", r"INSPEC:\d+"),
    ("cscd", r"CSCD:\d+"),
    ("rsci", r"RSCI:\d+"),
    ("kci", r"KJD:ART\d+"),
)
"""Accession numbers by their shape. Numbers without a shape of their own are kept in the raw tags only."""

TRIAL_SHAPES: tuple[tuple[str, str], ...] = (
    ("nct", r"NCT\d{8}"),
    ("isrctn", r"ISRCTN\d{8}"),
    ("eudract", r"EUCTR\d{4}-\d{6}-\d{2}(?:-[A-Z]{2,8})?"),
    ("ctis", r"CTIS20\d{2}-5\d{5}-\d{2}-\d{2}"),
    ("actrn", r"ACTRN\d{14}p?"),
    ("chictr", r"ChiCTR(?:-[A-Za-z]{2,5}-?)?\d{8,10}"),
    ("ctri", r"CTRI/20\d{2}/\d{2,3}/\d{6}"),
    ("kct", r"KCT\d{7}"),
    ("drks", r"DRKS\d{8}"),
    ("irct", r"IRCT\d{8,16}N\d{1,3}"),
    ("itmctr", r"ITMCTR\d{10}"),
    ("jprn", r"(?:JPRN-)?(?:UMIN\d{9}|jRCTs?\d{9,10}|JapicCTI-\d{6}|JMA-IIA\d{5})|JPRN-C\d{9}"),
    ("lbctr", r"LBCTR\d{10}"),
    ("ntr", r"NTR\d{2,5}|NL-OMON\d{4,6}"),
    ("pactr", r"PACTR\d{12,16}"),
    ("per", r"PER-\d{3}-\d{2}"),
    ("rbr", r"RBR-?[0-9a-z]{6,8}"),
    ("rpcec", r"RPCEC\d{8}"),
    ("slctr", r"SLCTR/20\d{2}/\d{3}"),
    ("tctr", r"TCTR\d{11}"),
    ("utn", r"U1111-\d{4}-\d{4}"),
)
"""Numbers of the trial registers. Source: the registers of WHO's ICTRP and the numbers that they print, 2025."""

LONGEST_ACCESSION = 40
_ANY_SHAPE = re.compile("|".join(f"(?P<{scheme}>{shape})" for scheme, shape in (*SHAPES, *TRIAL_SHAPES)))
_ANY_TRIAL = re.compile(
    r"(?<![A-Za-z0-9])(?:" + "|".join(f"(?P<{scheme}>{shape})" for scheme, shape in TRIAL_SHAPES) + r")(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_LONGEST_SEARCH = 20_000
_SPACED = re.compile(r"\b(NCT|ISRCTN|ACTRN|PACTR|DRKS|KCT)[ :]+(?=\d{6})", re.IGNORECASE)
_TAGGED = re.compile(r"^(.+) \[([A-Za-z][A-Za-z0-9_]*)\]$")
_PREFIXED = (
    ("PUBMED ", "pmid"),
    ("EMBASE ", "embase"),
    ("CTGOV ", "nct"),
    ("CINAHL ", "cinahl"),
    ("ICTRP ", "ictrp"),
    ("mdl-", "pmid"),
)
_FINDERS = {
    "doi": clean.find_doi,
    "pmid": clean.find_pmid,
    "pmcid": clean.find_pmcid,
    "nct": clean.find_nct,
    "issn": clean.find_issn,
    "isbn": clean.find_isbn,
}
_TITLE_WORD = re.compile(r"\w+")


def name_scheme(value: str) -> str:
    """The scheme whose shape an accession number has, or an empty text."""
    match = _ANY_SHAPE.fullmatch(value) if len(value) <= LONGEST_ACCESSION else None
    return match.lastgroup or "" if match else ""


def normalise_id(scheme: str, value: str) -> str:
    """A value in its scheme's one spelling; empty if it does not look like one."""
    finder = _FINDERS.get(scheme)
    return finder(value) if finder else clean.clean_text(value)


def add_id(ids: dict[str, str], scheme: str, value: str) -> None:
    """Put a value under its scheme, if it is a good one and the scheme is still free."""
    if scheme not in ids:
        found = normalise_id(scheme, value)
        if found:
            ids[scheme] = found


def add_accession(ids: dict[str, str], value: str) -> None:
    """Find out what an accession number is (``WOS:...``, ``35957633 [PMID]``, ``PUBMED 30580550``) and keep it."""
    value = value.strip()
    match = _TAGGED.match(value) if value[-1:] == "]" else None
    if match:
        add_id(ids, match[2].lower(), match[1])
        return
    for prefix, scheme in _PREFIXED:
        if value.startswith(prefix):
            add_id(ids, scheme, value.removeprefix(prefix))
            return
    scheme = name_scheme(value)
    if scheme:
        add_id(ids, scheme, value)


def find_trials(text: str) -> dict[str, str]:
    """The trial registers' numbers in a text, the first of each register: ``{"nct": "NCT01234567"}``."""
    found: dict[str, str] = {}
    for match in _ANY_TRIAL.finditer(_SPACED.sub(r"\1", text[:_LONGEST_SEARCH])):
        scheme = match.lastgroup or ""
        found.setdefault(scheme, _spell_trial(scheme, match[0]))
    return found


def _spell_trial(scheme: str, number: str) -> str:
    """A register's number as the register prints it."""
    if scheme == "chictr":
        return "ChiCTR" + number[6:].upper()
    if scheme == "rbr":
        return "RBR-" + number[3:].lstrip("-").lower()
    if scheme == "jprn":
        return number
    return number[:-1].upper() + number[-1] if scheme == "actrn" else number.upper()


def add_trials(ids: dict[str, str], text: str) -> None:
    """Put the trial numbers of a text under their registers, where a register is still free."""
    for scheme, number in find_trials(text).items():
        ids.setdefault(scheme, number)


LINKS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("doi", "doi.org/10.", re.compile(r"(10\..*)")),
    ("scopus", "2-s2.0-", re.compile(r"(2-s2\.0-\d+)")),
    ("openalex", "openalex.org/", re.compile(r"openalex\.org/(?:works/)?(W\d{4,12})", re.IGNORECASE)),
    ("pmid", "ncbi.nlm.nih.gov/", re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|/pubmed)/(\d{1,9})(?!\d)")),
    ("pmcid", "/PMC", re.compile(r"/(PMC\d{3,9})")),
    ("eric", "eric.ed.gov/", re.compile(r"id=(E[JD]\d{5,8})")),
    ("lens", "lens.org/", re.compile(r"lens\.org/(?:lens/)?(?:article/)?(\d{3}-\d{3}-\d{3}-\d{3}-\d{2}[\dX])")),
    ("cnki", "cnki", re.compile(r"[?&]file[nN]ame=([A-Za-z0-9.]{8,40})", re.IGNORECASE)),
    ("wanfang", "wanfangdata.com", re.compile(r"/(?:periodical|thesis|conference)/([\w=-]{6,60})")),
    ("lilacs", "bvsalud.org/", re.compile(r"resource/\w\w/((?:biblio|lil|sms|psi|biblioref|lis)-\d+)")),
    ("repec", "RePEc:", re.compile(r"(RePEc:[a-z]{3}:\w{6}:[\w.:-]+)")),
    ("nct", "/NCT", re.compile(r"/(NCT\d{8})")),
)
"""Addresses that show an identifier: scheme, what the address must hold, where the identifier stands."""


def add_link(ids: dict[str, str], url: str) -> None:
    """Take the identifiers that an address shows: DOI resolver, Scopus, PubMed, OpenAlex, CNKI, ..."""
    for scheme, sign, pattern in LINKS:
        if sign in url and scheme not in ids:
            match = pattern.search(url[:2000])
            if match:
                add_id(ids, scheme, match[1])


def make_title_key(title: str) -> str:
    """Letters and digits of a title in lower case: equal for spellings that differ in case, marks and spaces only."""
    return "".join(_TITLE_WORD.findall(title.casefold())).replace("_", "")
