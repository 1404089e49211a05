"""Countries, regions, income groups, and what "global south" means: dated tables with their sources.

The table stands in ``countries.csv``, the outlines in ``world.json``; ``countries.md`` beside them names the source
and the vintage of every column.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from synth.errors import UsageError

_LMIC = frozenset({"Low", "Lower middle", "Upper middle"})
_NAME_COLUMNS = ("name", "short_name", "name_es", "name_fr", "name_ar", "name_zh", "name_ru")
_ALSO_KNOWN = {
    "usa": "USA",
    "us": "USA",
    "u.s.": "USA",
    "u.s.a.": "USA",
    "united states of america": "USA",
    "uk": "GBR",
    "great britain": "GBR",
    "england": "GBR",
    "scotland": "GBR",
    "wales": "GBR",
    "northern ireland": "GBR",
    "turkey": "TUR",
    "ivory coast": "CIV",
    "cape verde": "CPV",
    "swaziland": "SWZ",
    "burma": "MMR",
    "democratic republic of the congo": "COD",
    "the netherlands": "NLD",
    "holland": "NLD",
    "vietnam": "VNM",
    "czech republic": "CZE",
    "macedonia": "MKD",
    "east timor": "TLS",
    "the gambia": "GMB",
    "brasil": "BRA",
    "republic of korea": "KOR",
    "méxico": "MEX",
    "perú": "PER",
    "palestinian territories": "PSE",
}
"""Names in common use that are in none of the six languages' official lists; matched without case."""


@dataclass(frozen=True, slots=True)
class Country:
    """One area. ``wb_income`` is empty where the World Bank does not classify it."""

    iso3: str
    iso2: str
    m49: str
    name: str
    short_name: str
    region: str
    subregion: str
    intermediate_region: str
    wb_income: str
    g77: bool
    ldc: bool
    lldc: bool
    sids: bool
    oecd: bool
    m49_developing: bool
    dac: bool
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SouthDefinition:
    """One named and dated meaning of "global south". ``contains`` gives None where the list does not classify."""

    id: str
    name: str
    vintage: str
    source: str
    contains: Callable[[Country], bool | None]

    @property
    def sentence(self) -> str:
        """The definition as every figure prints it."""
        return f"Global south: {self.name} ({self.vintage})"


def _is_lmic(country: Country) -> bool | None:
    return country.wb_income in _LMIC if country.wb_income else None


def _is_g77(country: Country) -> bool | None:
    return country.g77


def _is_dac(country: Country) -> bool | None:
    return country.dac


def _is_m49_developing(country: Country) -> bool | None:
    return country.m49_developing


SOUTH_DEFINITIONS: Mapping[str, SouthDefinition] = MappingProxyType(
    {
        "wb_lmic": SouthDefinition(
            "wb_lmic",
            "World Bank low and middle income",
            "as in fiscal year 2024",
            "World Bank income groups, by way of hdx-python-country 4.2.5",
            _is_lmic,
        ),
        "g77": SouthDefinition(
            "g77",
            "Group of 77 and China",
            "134 members, countrygroups 0.13.0",
            "Group of 77 members, by way of countrygroups 0.13.0",
            _is_g77,
        ),
        "m49_2021": SouthDefinition(
            "m49_2021",
            "UN M49 developing regions",
            "approximation of the split dropped in December 2021",
            "UN M49 regions, by way of hdx-python-country 4.2.5; the split is our approximation",
            _is_m49_developing,
        ),
        "dac": SouthDefinition(
            "dac",
            "DAC list of ODA recipients",
            "for flows of 2024 and 2025",
            "OECD DAC List of ODA Recipients for reporting on 2024 and 2025 flows, see countries.md",
            _is_dac,
        ),
    }
)
DEFAULT_SOUTH = "wb_lmic"


@cache
def countries() -> tuple[Country, ...]:
    """Every country and area, sorted by ISO 3166-1 alpha-3 code."""
    text = files("synth.vocab").joinpath("countries.csv").read_text(encoding="utf-8")
    return tuple(_country(row) for row in csv.DictReader(text.splitlines()))


def _country(row: dict[str, str]) -> Country:
    flags: dict[str, Any] = {
        name: row[name] == "1" for name in ("g77", "ldc", "lldc", "sids", "oecd", "m49_developing", "dac")
    }
    texts: dict[str, Any] = {
        name: row[name]
        for name in (
            "iso3",
            "iso2",
            "m49",
            "name",
            "short_name",
            "region",
            "subregion",
            "intermediate_region",
            "wb_income",
        )
    }
    return Country(**texts, **flags, names=tuple(row[name] for name in _NAME_COLUMNS if row[name]))


@cache
def _by_iso3() -> dict[str, Country]:
    return {country.iso3: country for country in countries()}


@cache
def _by_name() -> dict[str, Country]:
    """Countries by every name that we know, without case and accents' composition."""
    names = {_fold(name): country for country in countries() for name in country.names}
    codes = {_fold(country.iso2): country for country in countries()} | {
        _fold(country.iso3): country for country in countries()
    }
    also = {_fold(name): _by_iso3()[iso3] for name, iso3 in _ALSO_KNOWN.items()}
    return names | codes | also


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def find_country(iso3: str) -> Country:
    """The country with that alpha-3 code, in any case. Raises UsageError with the nearest code for an unknown one."""
    code = iso3.strip().upper()
    if code in _by_iso3():
        return _by_iso3()[code]
    raise UsageError(f"{iso3!r}: no country has this code", hint=_nearest_country(iso3))


def _nearest_country(text: str) -> str:
    """A hint: the country whose code or name is nearest."""
    known = match_country(text)
    if known is None:
        near = get_close_matches(_fold(text), sorted(_by_name()), n=1, cutoff=0.6)
        known = _by_name()[near[0]] if near else None
    if known is None:
        return "Give an ISO 3166-1 alpha-3 code, for example UGA for Uganda or NAM for Namibia"
    return f"Did you mean {known.iso3} ({known.short_name})?"


def match_country(text: str) -> Country | None:
    """The country whose code (alpha-3 or alpha-2) or name, in one of six languages, is exactly ``text``; or None.

    Nothing is guessed: a near miss is no match. "United Kingdom (UK)" names one country twice, and is one.
    """
    found = _by_name().get(_fold(text))
    twice = re.fullmatch(r"(.+?)\s*\(([^()]+)\)\s*", text) if found is None else None
    if twice is None:
        return found
    outer, inner = (_by_name().get(_fold(part)) for part in twice.groups())
    return outer if outer is inner else None


def find_definition(definition: str) -> SouthDefinition:
    """A definition of "global south" by its short name. Raises UsageError with "did you mean" for an unknown one."""
    if definition in SOUTH_DEFINITIONS:
        return SOUTH_DEFINITIONS[definition]
    near = get_close_matches(definition, SOUTH_DEFINITIONS, n=1)
    choices = ", ".join(SOUTH_DEFINITIONS)
    raise UsageError(
        f"{definition!r}: no such definition of global south",
        hint=f"Did you mean {near[0]}? There are: {choices}" if near else f"There are: {choices}",
    )


def is_south(iso3: str, definition: str = DEFAULT_SOUTH) -> bool | None:
    """Whether a country is in the global south by that definition; None where its list does not classify it."""
    return find_definition(definition).contains(find_country(iso3))


@cache
def world_outlines() -> Mapping[str, Any]:
    """Outlines in Equal Earth: ``width``, ``height``, ``outlines`` {iso3: rings}, ``centres``, ``dots``, ``about``.

    A ring is a flat list: x, y of its first point, then steps dx, dy. y points downwards.
    """
    text = files("synth.vocab").joinpath("world.json").read_text(encoding="utf-8")
    return MappingProxyType(json.loads(text))


def ring_points(ring: list[int]) -> list[tuple[int, int]]:
    """The corners of a ring of ``world_outlines`` as absolute coordinates."""
    points = [(ring[0], ring[1])]
    for place in range(2, len(ring), 2):
        x, y = points[-1]
        points.append((x + ring[place], y + ring[place + 1]))
    return points
