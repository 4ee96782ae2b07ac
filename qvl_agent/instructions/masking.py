"""Which characters of an instruction are plain speech and which stand for themselves.

`mask` gives a text of the same length, so that places in it are places in the instruction:
lower case, half width, and `HIDDEN` wherever a character must not be read as a separator, a
verb or a marker: inside quotation marks, e-mail addresses, URLs, paths, placeholders, and the
commas and colons of numbers, dates and times.
"""

from __future__ import annotations

import re

from qvl_agent.errors import InstructionError
from qvl_agent.instructions.words import (
    CHECK,
    CLICK,
    DOUBLE,
    FILL,
    PRESS,
    RIGHT,
    SELECT,
    TYPE,
    UNCHECK,
    any_of,
)

HIDDEN = "\ue000"
QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "「": "」", "『": "』", "«": "»"}
_CURLY_SLIPS = {"“": '“”"', "”": "”", '"': '"”'}

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec"
_WHOLE = re.compile(
    r"\{\{[^{}\n]{0,80}\}\}"
    r"|[A-Za-z][A-Za-z0-9+.-]{1,20}://[!-~]*[A-Za-z0-9/=&#_-]"
    r"|www\.[!-~]*[A-Za-z0-9/=&#_-]"
    r"|[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
    r"|(?<![\w/\\])(?:~|\.{1,2}|[A-Za-z]:)?[\\/](?:[\w.~+@-]+[\\/])*[\w~+@-]+(?:\.\w+)*",
    re.ASCII,
)
_VERB = any_of((*FILL, *TYPE, *CLICK, *PRESS, *CHECK, *UNCHECK, *SELECT, *DOUBLE, *RIGHT))
_INNER = re.compile(
    r"(?<=\d)[,:](?=\d)"
    rf"|(?<=[\w)!@#$%^*])[,;](?=[\w!@#$%^*])(?!{_VERB})(?![\w ]+[=:])",
    re.ASCII,
)
_DATE = re.compile(rf"\b(?:{_MONTHS})[a-z]{{0,6}}\.? \d{{1,2}}(?:st|nd|rd|th)?(,) \d{{4}}\b")
_PARENTHESES = re.compile(r"\([^()\n]{1,60}\)|（[^（）\n]{1,60}）")
_ABBREVIATION = re.compile(
    r"\b(?:inc|ltd|co|corp|mr|mrs|ms|dr|st|jr|sr|prof|no|vs|etc|e\.g|i\.e|u\.s|a\.m|p\.m)(\.)"
)
_SEPARATING = re.compile(r"[,;:，；：、。\n]|\band\b|\bthen\b|[和与及并后]")


def mask(text: str) -> str:
    """``text`` with everything hidden that is not plain speech; as long as ``text``.

    Raises:
        InstructionError: a quotation mark that is never closed.
    """
    plain = "".join(_half_width(char) for char in text)
    for start, end in quoted_spans(text):
        plain = _hidden(plain, start + 1, end - 1)
    for match in _WHOLE.finditer(plain):
        plain = _hidden(plain, *match.span())
    plain = plain.lower() if len(plain.lower()) == len(plain) else _lowered(plain)
    for match in _INNER.finditer(plain):
        if text[match.start()].isascii():
            plain = _hidden(plain, *match.span())
    for pattern in (_DATE, _ABBREVIATION):
        for match in pattern.finditer(plain):
            plain = _hidden(plain, *match.span(1))
    return _PARENTHESES.sub(lambda m: _SEPARATING.sub(_as_hidden, m[0]), plain)


def quoted_spans(text: str) -> list[tuple[int, int]]:
    """Where quoted stretches start and end, quotation marks included.

    Raises:
        InstructionError: a quotation mark that is never closed.
    """
    spans: list[tuple[int, int]] = []
    position = 0
    while position < len(text):
        if not _opens(text, position):
            position += 1
            continue
        end = _closing(text, position)
        if end is not None:
            spans.append((position, end + 1))
            position = end + 1
        else:
            raise InstructionError(
                f"a quotation mark is never closed: {_shown(text[position:])}",
                hint=f"close it with {QUOTES[text[position]]}",
            )
    return spans


def unquoted(text: str) -> tuple[str, bool]:
    """``text`` without the quotation marks around the whole of it, and whether there were any."""
    if len(text) > 1 and text[0] in QUOTES and _closing(text, 0) == len(text) - 1:
        return text[1:-1], True
    return text, False


def _opens(text: str, position: int) -> bool:
    char = text[position]
    if char not in QUOTES:
        return False
    before = text[position - 1] if position else " "
    if char in "'\"`":
        return not (before.isascii() and (before.isalnum() or before in "'\""))
    return True


def _closing(text: str, position: int) -> int | None:
    char = text[position]
    closers = _CURLY_SLIPS.get(char, QUOTES[char])
    for index in range(position + 1, len(text)):
        if text[index] in closers and index > position:
            after = text[index + 1] if index + 1 < len(text) else " "
            if char != "'" or not (after.isascii() and after.isalnum()):
                return index
    return None


def _hidden(text: str, start: int, end: int) -> str:
    return text[:start] + HIDDEN * (end - start) + text[end:]


def _as_hidden(match: re.Match[str]) -> str:
    return HIDDEN * len(match[0])


def _half_width(char: str) -> str:
    if "\uff01" <= char <= "\uff5e":
        return chr(ord(char) - 0xFEE0)
    return " " if char in "\u3000\u00a0\t" else char


def _lowered(text: str) -> str:
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "…")
