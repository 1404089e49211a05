"""LaTeX in BibTeX values: accents and special characters to Unicode, and back to something BibTeX keeps."""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
}
_WORDS = {
    "ss": "ß",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "AA": "Å",
    "i": "ı",
    "j": "ȷ",
    "dh": "ð",
    "DH": "Ð",
    "th": "þ",
    "TH": "Þ",
    "dj": "đ",
    "DJ": "Đ",
    "ng": "ŋ",
    "NG": "Ŋ",
    "textquotesingle": "'",
    "textless": "<",
    "textgreater": ">",
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textbar": "|",
    "textunderscore": "_",
    "textendash": "–",
    "textemdash": "—",
    "textquoteright": "’",
    "textquoteleft": "‘",
    "textquotedblleft": "“",
    "textquotedblright": "”",
    "textregistered": "®",
    "texttrademark": "™",
    "textcopyright": "©",
    "textdegree": "°",
    "textmu": "µ",
    "textquotedbl": '"',
    "ldots": "…",
    "dots": "…",
    "pm": "±",
    "times": "×",
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "kappa": "κ",
    "mu": "μ",
    "leq": "≤",
    "geq": "≥",
    "S": "§",
}
_ACCENT = re.compile(
    r"\{?\\([`'^~=.\"]|[uvHcdrkb](?![A-Za-z]))\s*"
    r"(?:\{\s*(\\?[^\W\d_])\s*\}|(\\?[^\W\d_]))\}?(?:\{\})?"
)
_WORD = re.compile(r"\\([A-Za-z]+)(?![A-Za-z])(?:\{\}|[ \t]+)?")
_STYLE = re.compile(
    r"\\(?:emph|text(?:it|bf|sc|rm|sf|tt|up|superscript|subscript|normal)?|math(?:it|bf|rm|cal|sf)|"
    r"it|bf|rm|sc|em|url|href|mbox|uppercase|lowercase|enquote)(?![A-Za-z])[ \t]*"
)
_ESCAPED = re.compile(r"\\([%&#_$ ,;/-])")
_PLACE = "\ue000\ue001\ue002\ue003\ue004"
_SAFE = {"\\": _PLACE[0], "{": _PLACE[1], "}": _PLACE[2], "$": _PLACE[3], "~": _PLACE[4]}
_WRITE = {
    "\\": "{\\textbackslash}",
    "{": "{\\textbraceleft}",
    "}": "{\\textbraceright}",
    "%": "\\%",
    "&": "\\&",
    "#": "\\#",
    "$": "\\$",
    "_": "\\_",
    "~": "{\\textasciitilde}",
    "^": "{\\textasciicircum}",
    '"': "{\\textquotedbl}",
}
_WRITTEN = re.compile("[" + re.escape("".join(_WRITE)) + "]")


def decode_latex(text: str) -> str:
    """Accents, special letters and escaped signs as Unicode; braces, ``$`` and styles gone."""
    if not any(mark in text for mark in "\\{}$~"):
        return text
    text = text.replace("\\\\", "\\") if re.search(r"\\\\[\"'`^~]", text) else text
    text = _ACCENT.sub(_compose, text)
    text = _STYLE.sub("", text)
    text = _ESCAPED.sub(lambda match: _SAFE.get(match[1], match[1]), text)
    text = re.sub(r"\{\\([A-Za-z]+)\}", _name_word, text)
    text = _WORD.sub(_name_word, text)
    text = text.replace("{", "").replace("}", "").replace("$", "").replace("~", " ")
    for sign, place in _SAFE.items():
        text = text.replace(place, sign)
    return text


def _compose(match: re.Match[str]) -> str:
    letter = (match[2] or match[3]).lstrip("\\")
    return unicodedata.normalize("NFC", letter + _ACCENTS[match[1]])


def _name_word(match: re.Match[str]) -> str:
    """A word that is not known stays as it is, so that nothing is lost."""
    sign = _WORDS.get(match[1])
    if sign is None:
        return match[0].replace("\\", _SAFE["\\"])
    return _SAFE.get(sign, sign)


def encode_latex(text: str) -> str:
    """Text that BibTeX reads back as it was: its special signs escaped, letters left in Unicode."""
    return _WRITTEN.sub(lambda match: _WRITE[match[0]], text)
