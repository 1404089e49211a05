"""Countries of a study, told from its title, abstract or affiliations by rule: names, traps, and what is nearest."""

from __future__ import annotations

import re

from synth.extract.mentions import Mention, find_mentions
from synth.extract.text import read_text

_LEVELS = (("country", "people"), ("region",), ("district", "city"), ("institution",), ("doubtful",))
_NATION = (
    r"(?:Chinese|Indian|Mexican|Japanese|Korean|Vietnamese|Swiss|Syrian|New Zealand|Turkish|South African|Brazilian|"
    r"Egyptian)"
)
_TRAPS = re.compile(
    r"[Gg]uinea[- ](?:pig|fowl|hen|worm)s?|Crimean[- ]Congo|West Nile|Rift Valley fever|Congo red|"
    r"Hong Kong[- ](?:origin|flu)"
    r"|\b[ABH]/(?:[\w. -]+/)+\S*|Turkey (?:poult|meat|hen|egg|breast)s?|India ink|West Indians?|Indian Ocean|"
    r"New Guinea(?! ?n)"
    rf"|{_NATION} (?:\w+ )?(?:albino|webster|hamsters?|rabbits?|mice|quail|medicine|traditional medicine|herb\w*)"
    r"|Swiss (?:\w+ )*?(?:albino|mice)|Japanese encephalitis|Spanish flu|Canadian Task Force|British National Formulary"
    r"|American (?:College|Society|Psychiatric|Heart|Diabetes|Academy|Association|Thoracic|Cancer|Psychological)\b"
    r"|(?:English|Spanish|French|German|Dutch|Portuguese|Chinese|Arabic)[- ](?:language|version|speaking|translation)"
    r"|(?:English|Spanish) (?:or|and) (?:English|Spanish)"
    r"|(?:Vietnam|Gulf|Iraq|Korean|Lebanon|Afghanistan|Falklands)[- ](?:\w+ )?(?:[Ww]ar|[Vv]eterans?)"
    r"|(?:Chinese|Netherlands|German|Iranian|Australian(?: New Zealand)?) (?:Clinical )?Trials? Regist\w+"
)
_DEPLOYED = re.compile(r"(?:deploy\w*|veterans? of|served|service|returning|combat)\b[^.;]{0,25}$", re.IGNORECASE)
_ORIGIN_AFTER = re.compile(
    r"^[\s-]*(?:refugee|immigrant|migrant|asylum|origin\b|descent|ancestry|diaspora|veteran)", re.IGNORECASE
)
_ORIGIN_BEFORE = re.compile(r"(?:displaced|refugees from|immigrants from|born in|originating from) $", re.IGNORECASE)
_FUNDER = re.compile(r"(?:funded|supported|sponsored|financed) by (?:the )?$", re.IGNORECASE)
_US_GEORGIA = re.compile(
    r"Atlanta|Emory|Georgia State|state of Georgia|, GA\b|Augusta|Savannah|Athens, Georgia|Alabama|Florida|USA|"
    r"United States"
)
_STATE_CODE = re.compile(r", (?:MA|NY|CA|TX|GA|MI|PA|IL|OH|WA|CT|NC|SC|VT|MD|MN|WI|CO|FL|TN|NJ|VA|DC)\b")
_MAILS = {
    "edu": "USA",
    "ac.uk": "GBR",
    "de": "DEU",
    "dk": "DNK",
    "fr": "FRA",
    "nl": "NLD",
    "se": "SWE",
    "edu.au": "AUS",
}


def study_countries(source: str, kind: str = "abstract") -> tuple[str, ...]:
    """Codes (ISO 3166-1 alpha-3, sorted) that a text names; ``kind``: title, abstract or affiliation.

    Empty where a careful reader could not tell: animals, strains, wars, origins of people and regions are no place of
    a study.
    """
    text = read_text(source).text
    mentions = _settle(text, [each for each in find_mentions(text) if not _is_trap(text, each)])
    if kind == "affiliation":
        return _of_affiliations(text, mentions)
    kept = [each for each in mentions if not _is_elsewhere(text, each)]
    return _nearest(kept)


def _is_trap(text: str, mention: Mention) -> bool:
    near = max(mention.start - 40, 0)
    return any(
        near + match.start() < mention.end and mention.start < near + match.end() and not _longer(mention, match)
        for match in _TRAPS.finditer(text[near : mention.end + 40])
    )


def _longer(mention: Mention, match: re.Match[str]) -> bool:
    """A longer name holds the trap: Papua New Guinea holds New Guinea."""
    return mention.end - mention.start > match.end() - match.start()


def _is_elsewhere(text: str, mention: Mention) -> bool:
    before, after = text[max(mention.start - 60, 0) : mention.start], text[mention.end : mention.end + 20]
    by_origin = mention.kind in ("country", "people") and bool(
        _ORIGIN_AFTER.match(after) or _ORIGIN_BEFORE.search(before)
    )
    return bool(_DEPLOYED.search(before) or _FUNDER.search(before)) or by_origin


def _settle(text: str, mentions: list[Mention]) -> list[Mention]:
    """Georgia is the state where its towns are named; a town before ", State" is of that state."""
    state = bool(_US_GEORGIA.search(text))
    kept = [each for each in mentions if not (state and text[each.start : each.end].casefold() == "georgia")]
    return [each for each, after in zip(kept, [*kept[1:], None], strict=False) if not _belongs(text, each, after)]


def _belongs(text: str, mention: Mention, after: Mention | None) -> bool:
    if after is None or mention.kind in ("country", "people") or text[mention.end : after.start] != ", ":
        return False
    return mention.iso3 != after.iso3


def _nearest(mentions: list[Mention]) -> tuple[str, ...]:
    """Countries of the surest kind that is there; towns count only where no country is named."""
    for level in _LEVELS:
        found = {each.iso3 for each in mentions if each.kind in level}
        if found:
            return tuple(sorted(found))
    return ()


def _of_affiliations(text: str, mentions: list[Mention]) -> tuple[str, ...]:
    named = {each.iso3 for each in mentions if each.kind == "country"}
    coded = {"USA"} if _STATE_CODE.search(text) else set()
    mails = {_MAILS[end] for end in _MAILS if re.search(rf"@[\w.-]+\.{re.escape(end)}(?![\w.]*\w)", text)}
    rest = {each.iso3 for each in mentions if each.kind in ("region", "institution")}
    return (
        tuple(sorted(named | coded | rest))
        or _nearest([m for m in mentions if m.kind != "people"])
        or tuple(sorted(mails))
    )
