"""Words that decide: small words of journal names, words that set two works apart, words of notices. Data, no code.

Collected from the vocabulary of MEDLINE, Embase and Web of Science titles; languages: English, Spanish, Portuguese,
French, German where the word is usual in titles.
"""

from __future__ import annotations

import re

GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "ζ": "zeta",
    "η": "eta",
    "θ": "theta",
    "ι": "iota",
    "κ": "kappa",
    "λ": "lambda",
    "μ": "mu",
    "ν": "nu",
    "ξ": "xi",
    "ο": "omicron",
    "π": "pi",
    "ρ": "rho",
    "σ": "sigma",
    "ς": "sigma",
    "τ": "tau",
    "υ": "upsilon",
    "φ": "phi",
    "χ": "chi",
    "ψ": "psi",
    "ω": "omega",
}
SAME_WORD = {
    "versus": "vs",
    "randomized": "randomised",
    "behavior": "behaviour",
    "program": "programme",
    "programs": "programmes",
    "centers": "centres",
    "center": "centre",
}
"""Spellings of one word, the second standing for both."""

SPONSORS = frozenset(
    {"aaai", "acm", "acs", "aip", "asce", "asme", "iee", "ieee", "ifac", "ifip", "iop", "siam", "spie", "usenix"}
)
"""Societies that publish; their name may or may not stand before that of a series (see ``SERIES``)."""
SERIES = frozenset(
    [
        "conference",
        "congress",
        "journal",
        "letters",
        "magazine",
        "meeting",
        "proceedings",
        "record",
        "review",
        "symposium",
        "trans",
        "transactions",
        "workshop",
        "j",
        "proc",
        "conf",
    ]
)
"""Words of the names of series. Without one the society's name is part of the name: "ACS Nano"."""
KINDS = frozenset(
    [
        "abstract",
        "abstracts",
        "address",
        "article",
        "book",
        "commentary",
        "demo",
        "demonstration",
        "demonstrations",
        "description",
        "editor",
        "editorial",
        "editors",
        "experience",
        "extended",
        "foreword",
        "guest",
        "industrial",
        "introduction",
        "invited",
        "keynote",
        "letter",
        "note",
        "original",
        "paper",
        "panel",
        "poster",
        "reference",
        "references",
        "report",
        "research",
        "resumen",
        "resumo",
        "review",
        "reviews",
        "s",
        "session",
        "short",
        "slides",
        "special",
        "talk",
        "tutorial",
    ]
)
"""Words that name a kind of text. Before a colon, behind a dash or in brackets they are not part of a title, if no
other word stands with them."""

ARTICLES = frozenset({"a", "an", "the", "el", "la", "los", "las", "o", "os", "le", "les", "der", "die", "das"})
SMALL = frozenset(
    {
        "a",
        "an",
        "the",
        "of",
        "and",
        "in",
        "on",
        "for",
        "to",
        "de",
        "la",
        "le",
        "les",
        "el",
        "los",
        "las",
        "del",
        "des",
        "du",
        "et",
        "y",
        "e",
        "do",
        "da",
        "dos",
        "das",
        "der",
        "die",
        "und",
        "fur",
        "en",
        "al",
        "di",
        "della",
    }
)

PART_WORDS = frozenset(
    {
        "part",
        "parts",
        "pt",
        "volume",
        "vol",
        "number",
        "phase",
        "book",
        "chapter",
        "series",
        "section",
        "stage",
        "parte",
        "partie",
        "teil",
        "edition",
        "type",
        "class",
        "group",
        "wave",
        "round",
    }
)
"""After these a letter or a Roman numeral is a number."""
ORDINALS = {
    "first": "1",
    "second": "2",
    "third": "3",
    "fourth": "4",
    "fifth": "5",
    "sixth": "6",
    "seventh": "7",
    "eighth": "8",
    "ninth": "9",
    "tenth": "10",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
    "twelve": "12",
    "primera": "1",
    "segunda": "2",
    "tercera": "3",
}

OPPOSITES: tuple[dict[str, str], ...] = (
    {
        "men": "m",
        "women": "f",
        "man": "m",
        "woman": "f",
        "male": "m",
        "males": "m",
        "female": "f",
        "females": "f",
        "boys": "m",
        "girls": "f",
        "boy": "m",
        "girl": "f",
        "hombres": "m",
        "mujeres": "f",
        "homens": "m",
        "mulheres": "f",
        "mothers": "f",
        "fathers": "m",
        "maternal": "f",
        "paternal": "m",
        "husbands": "m",
        "wives": "f",
    },
    {"vitro": "vitro", "vivo": "vivo", "silico": "silico"},
    {
        "children": "child",
        "child": "child",
        "adults": "adult",
        "adult": "adult",
        "adolescents": "teen",
        "adolescent": "teen",
        "elderly": "old",
        "infants": "infant",
        "infant": "infant",
    },
    {
        "north": "n",
        "south": "s",
        "east": "e",
        "west": "w",
        "northern": "n",
        "southern": "s",
        "eastern": "e",
        "western": "w",
    },
    {
        "mice": "mouse",
        "mouse": "mouse",
        "rats": "rat",
        "rat": "rat",
        "rabbits": "rabbit",
        "rabbit": "rabbit",
        "pigs": "pig",
        "pig": "pig",
        "dogs": "dog",
        "dog": "dog",
        "human": "human",
        "humans": "human",
    },
    {"winter": "winter", "spring": "spring", "summer": "summer", "autumn": "autumn"},
    {
        "january": "1",
        "february": "2",
        "march": "3",
        "april": "4",
        "june": "6",
        "july": "7",
        "august": "8",
        "september": "9",
        "october": "10",
        "november": "11",
        "december": "12",
    },
    {"urban": "urban", "rural": "rural"},
    {"acute": "acute", "chronic": "chronic"},
    {"systolic": "systolic", "diastolic": "diastolic"},
    {"left": "left", "right": "right"},
    {"upper": "upper", "lower": "lower"},
    {"early": "early", "late": "late"},
    {"short": "short", "long": "long"},
    {"low": "low", "high": "high", "medium": "medium"},
)
"""Groups of words that exclude each other; two titles of which one has the one and one the other are two works."""
ALL_OPPOSITES = frozenset(word for group in OPPOSITES for word in group)
NO_OPPOSITES = ("",) * len(OPPOSITES)

NOTICES = {
    "erratum": re.compile(
        r"\berrat(?:um|a)\b|\bcorrigend(?:um|a)\b|"
        r"^\W*corrections?\b(?: to\b|\s*[:.]|\W*$)|\bfe de erratas?\b|"
        r"\berrata[:.]",
        re.IGNORECASE,
    ),
    "concern": re.compile(r"(?<![\[(])\bexpressions? of concern\b", re.IGNORECASE),
    "retraction": re.compile(
        r"\bretraction(?: note| notice| of|:)|^\W*retraction\b|statement of retraction|\bretractaci[oó]n\b|"
        r"\bretrata[cç][aã]o d",
        re.IGNORECASE,
    ),
    "reply": re.compile(
        r"^\W*(?:in )?(?:reply|response)\b(?: to\b|\s*[:.]|\W*$)|"
        r"\bauthor'?s'? (?:reply|response|respond)\b|"
        r"\breply(?: by the authors?)?\W*$|\brejoinder\b",
        re.IGNORECASE,
    ),
    "comment": re.compile(
        r"^\W*(?:comment(?:ary)?|discussion|letter|editorial(?: comment)?|invited commentary)\b\s*"
        r"(?:on\b|:|- )|^\W*re:|"
        r"\b(?:a )?comment(?:ary)? on\b|:\s*(?:a )?(?:comment|commentary|letter)\W*$",
        re.IGNORECASE,
    ),
    "protocol": re.compile(
        r"\b(?:study|trial|review|research) protocol\b|\bprotocol (?:for|of)\b|\bprotocol\W*$|"
        r"\bprotocolo de (?:un|estudo|estudio)\b",
        re.IGNORECASE,
    ),
}
"""Words that make a title the title of a notice about another work, or of its protocol."""
ANY_NOTICE = re.compile(
    r"errat|corrig|correction|retract|retrata|concern|reply|response|rejoinder|comment|discussion|"
    r"letter|editorial|protocol|\bre:",
    re.IGNORECASE,
)

RECURRING = frozenset(
    {
        "a",
        "about",
        "abstract",
        "abstracts",
        "acknowledgement",
        "acknowledgements",
        "acknowledgment",
        "address",
        "addresses",
        "an",
        "and",
        "announcement",
        "announcements",
        "annual",
        "apresentacao",
        "articles",
        "author",
        "authors",
        "book",
        "books",
        "calendar",
        "call",
        "calls",
        "carta",
        "cartas",
        "chairman",
        "chairs",
        "column",
        "comment",
        "commentary",
        "comments",
        "conference",
        "contents",
        "corner",
        "correspondence",
        "debate",
        "discussion",
        "editor",
        "editorial",
        "editoriales",
        "editorials",
        "editors",
        "events",
        "for",
        "foreword",
        "from",
        "front",
        "guest",
        "guests",
        "in",
        "index",
        "inside",
        "interview",
        "introduction",
        "introductory",
        "invited",
        "issue",
        "issues",
        "keynote",
        "letter",
        "letters",
        "list",
        "matter",
        "meeting",
        "memoriam",
        "message",
        "new",
        "news",
        "note",
        "notes",
        "notice",
        "notices",
        "obituary",
        "of",
        "on",
        "opening",
        "overview",
        "panel",
        "paper",
        "papers",
        "poster",
        "posters",
        "preface",
        "prefacio",
        "presentacion",
        "president",
        "proceedings",
        "program",
        "programme",
        "prologue",
        "reader",
        "readers",
        "recent",
        "record",
        "remarks",
        "report",
        "reports",
        "resumenes",
        "resumos",
        "review",
        "reviewers",
        "reviews",
        "s",
        "section",
        "session",
        "sessions",
        "special",
        "speech",
        "statement",
        "summary",
        "symposium",
        "table",
        "talk",
        "thanks",
        "the",
        "this",
        "title",
        "to",
        "tutorial",
        "update",
        "welcome",
        "workshop",
    }
)
"""A title made of these words alone ("Letter to the editor") is used again and again: it names no work."""

GUESTS = frozenset({"guest", "guests", "invited", "invitado", "invitada", "convidado", "convidada"})
"""Words of recurring titles under which a person writes once, unlike the editor."""

PARTICLES = frozenset(
    {
        "de",
        "del",
        "da",
        "do",
        "dos",
        "das",
        "di",
        "du",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "ter",
        "ten",
        "el",
        "al",
        "bin",
        "ibn",
        "st",
        "san",
    }
)
SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "md", "phd"})
NOBODY = frozenset(
    {
        "",
        "anonymous",
        "anon",
        "no authors listed",
        "unknown",
        "n.n",
        "nn",
        "none",
        "et al",
        "others",
        "na",
        "n/a",
        "no author",
        "[anonymous]",
    }
)

MEETING = re.compile(
    r"\bconference\b|\bsymposium\b|\bcongress\b|\bannual meeting\b|\bworkshop\b|"
    r"\bproceedings of the (?:\d|[a-z]+ (?:international|annual))|\bcongreso\b|\bcongresso\b",
    re.IGNORECASE,
)
MEETING_ISSUE = re.compile(r"meeting\s?abstract|conference|congress|annual meeting", re.IGNORECASE)
"""An issue of a journal that holds the abstracts of a meeting."""
MEETING_TYPE = re.compile(r"proceeding|conference|meeting", re.IGNORECASE)
RETRACTED = re.compile(r"\[\s*(?:retracted|retraction (?:in|notice))|\(retracted(?: article)?\)", re.IGNORECASE)
RETRACTED_TYPE = re.compile(r"\bretracted publication\b", re.IGNORECASE)
CONCERN = re.compile(r"[\[(]\s*expression of concern", re.IGNORECASE)
"""Remarks that databases add to the title, type or keywords of a work that was retracted or is doubted."""
TONGUES = {
    "en": frozenset({"of", "the", "and", "in", "for", "with", "among", "on", "from", "by"}),
    "es": frozenset({"el", "los", "las", "y", "en", "del", "con", "una", "por", "un"}),
    "pt": frozenset({"o", "os", "as", "e", "em", "do", "da", "dos", "das", "com", "uma", "no", "na"}),
    "fr": frozenset({"le", "les", "des", "du", "et", "dans", "une", "pour", "sur", "chez", "aux"}),
    "de": frozenset({"der", "die", "das", "und", "von", "bei", "mit", "zur", "im", "eine"}),
}
"""Small words by which the language of a title is told."""
REGISTRY = re.compile(
    r"clinicaltrials\.gov|\bclinical trials? regist|\bisrctn\b|\bprospero\b|\bictrp\b|\brct registry\b|"
    r"\bregistro (?:brasileiro )?de ensa[iy]os|\btrials? registry\b|\bosf registr",
    re.IGNORECASE,
)
"""Names of registers of trials, studies and reviews."""
LANGUAGES = {
    "en": "en", "eng": "en", "es": "es", "spa": "es", "pt": "pt", "por": "pt", "fr": "fr", "fre": "fr", "fra": "fr",
    "de": "de", "ger": "de", "deu": "de", "zh": "zh", "chi": "zh", "zho": "zh", "ar": "ar", "ara": "ar", "ru": "ru",
    "rus": "ru", "it": "it", "ita": "it", "ja": "ja", "jpn": "ja", "ko": "ko", "kor": "ko", "tr": "tr", "tur": "tr",
    "fa": "fa", "per": "fa", "pol": "pl", "pl": "pl", "nl": "nl", "dut": "nl", "nld": "nl",
}  # fmt: skip
"""Codes of languages: ISO 639-1 and both kinds of 639-2."""
PREPRINT = re.compile(r"\b(?:arxiv|medrxiv|biorxiv|psyarxiv|socarxiv|ssrn|preprints?|research square)\b", re.IGNORECASE)
PREPRINT_DOIS = (
    "10.1101/",
    "10.2139/ssrn",
    "10.31234/",
    "10.31235/",
    "10.48550/",
    "10.21203/",
    "10.20944/",
    "10.31219/",
    "10.1590/scielopreprints",
)
"""DOI registrants of preprint servers (bioRxiv and medRxiv, SSRN, PsyArXiv, SocArXiv, arXiv, Research Square ...)."""
