"""Where an instruction may fall apart: pieces, what stands between them, and how firmly.

Every place here is only a possibility. `parsing` chooses among them; "Johnson and Johnson" and
"click Save and close the file" differ only in what the pieces mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from qvl_agent.instructions import words
from qvl_agent.instructions.forms import Segment

Firmness = Literal["hard", "stop", "then", "comma", "also", "and", "glue"]
"""hard: a new line or a list's number, always a boundary; stop: a full stop or semicolon; also:
并 and its like, which join clauses and never the parts of a value; glue: nothing at all before
a verb."""

_STRONG_ZH = words.any_of(words.STRONG_ZH)
_STRONG_EN = words.any_of(words.STRONG_EN)
_ANY_ZH_VERB = words.any_of(
    (
        *words.ZH_FILL, *words.ZH_TYPE, *words.ZH_SELECT, *words.ZH_CLICK, *words.ZH_PRESS,
        *words.ZH_DOUBLE, *words.ZH_RIGHT, *words.ZH_HOVER, *words.ZH_CHECK, *words.ZH_UNCHECK,
        *words.ZH_LOCATE, *words.ZH_ASSERT, *words.ZH_WAIT, *words.ZH_CLEAR, *words.ZH_DRAG,
        *words.ZH_OPEN, "将", "把", "在", "从", "向", "回车", "用", "关闭", "滚动", "下滑", "上滑",
    )
)  # fmt: skip
_POLITE = rf"(?>(?:\s*+{words.any_of((*words.POLITE, *words.MAYBE_FRAMING))})*)\s*+"
_ATOMS = (
    rf"(?P<then>{words.any_of(words.THEN_WORDS)})"
    rf"|(?P<and>{words.any_of(words.AND_WORDS)})"
    rf"|(?P<also>{words.any_of(words.ALSO_WORDS)}|{words.BING}"
    rf"|(?<=\S){words.any_of(words.AND_IF_A_VERB_FOLLOWS)}(?={_POLITE}{_ANY_ZH_VERB}))"
    r"|(?P<stop>(?<=表单|信息|内容|字段|资料|如下):|(?<=form):|(?<=fields):|(?<=follows):|(?<=details):"
    r"|(?<=following):|[;。]|\.(?=\s|$)|[!?](?=\s+\S)|——)"
    r"|(?P<comma>,)"
)
_UNNAMED = re.sub(r"\(\?P<\w+>", "(?:", _ATOMS)  # CPython 3.11 fails on groups in what is atomic
_RUN = re.compile(rf"\s*+(?>(?:(?:{_UNNAMED})\s*+)+)")
_GLUE = re.compile(rf"(?<=[^\s,;。、])(?=\s*+{_STRONG_ZH})|(?<=\S)(?=\s+{_STRONG_EN}\s)")
_PAIR = re.compile(
    rf"(?<=\S)\s+(?=[{words.CJK}]{{1,10}}?(?:填写|填入|填|输入|选择|设为|设置为|改为))"
    rf"|(?<=[a-z0-9])(?=[{words.CJK}]{{2,8}}?(?:为|是|填写|填入|填|输入|设为|设置为|改为))"
)
"""As in 账号填a 密码填b, 账号为a密码为b."""
_NEW_LINE = re.compile(r"[\n\r\v\f\u2028\u2029]+")
_BULLET = re.compile(r"(?:^|(?<=\n))[ \t]*(?:[-*•·▪–]|\[[ x]?\])\s+")
_NUMERALS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_ZH_NUMERALS = "零一二三四五六七八九十"
ORDER: tuple[Firmness, ...] = ("hard", "stop", "then", "comma", "also", "and", "glue")
"""The firmest first."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A possible boundary: the separator's place, and how firmly it separates."""

    start: int
    end: int
    firmness: Firmness
    said_and: bool = False


def gaps(instruction: str, mask: str) -> list[Gap]:
    """Every possible boundary, in order; none overlaps another."""
    found = [Gap(*m.span(), "hard") for m in _NEW_LINE.finditer(mask)]
    found += [Gap(*m.span(), "hard") for m in _BULLET.finditer(mask)]
    found += [Gap(start, end, "hard") for start, end in _numbers(mask)]
    found += [_soft(m) for m in _RUN.finditer(mask) if m.end() > m.start()]
    found += [Gap(m.start(), m.start(), "glue") for m in _GLUE.finditer(mask)]
    found += [Gap(*m.span(), "glue") for m in _PAIR.finditer(mask)]
    return _merged(found, instruction)


def _soft(match: re.Match[str]) -> Gap:
    """The gap of a run such as ", and then": as firm as its firmest part."""
    atoms = [m.lastgroup for m in re.finditer(_ATOMS, match[0])]
    firmness: Firmness = next((kind for kind in ORDER if kind in atoms), "and")
    return Gap(*match.span(), firmness, said_and="and" in atoms)


def _merged(found: list[Gap], instruction: str) -> list[Gap]:
    """Without overlaps: gaps that touch, or have only blanks between them, become one."""
    merged: list[Gap] = []
    for gap in sorted(found, key=lambda gap: (gap.start, gap.end)):
        last = merged[-1] if merged else None
        if last is None or instruction[last.end : gap.start].strip() or gap.start > last.end + 8:
            merged.append(gap)
            continue
        firmness = min(last.firmness, gap.firmness, key=ORDER.index)
        both = last.said_and or gap.said_and
        merged[-1] = Gap(last.start, max(last.end, gap.end), firmness, both)
    return merged


def _numbers(mask: str) -> list[tuple[int, int]]:
    """The marks of a numbered list: they must count up from one, the first at the start."""
    for style in (_plain_number, _step_number, _circled_number):
        spans: list[tuple[int, int]] = []
        position = 0
        while match := style(len(spans) + 1).search(mask, position):
            if not spans and mask[: match.start()].strip(" \n") and style is not _step_number:
                break
            spans.append(match.span())
            position = match.end()
        if len(spans) > 1 or (spans and style is _step_number):
            return spans
    return []


def _plain_number(number: int) -> re.Pattern[str]:
    return re.compile(
        rf"(?:^|(?<=[\s,;。、.]))\s*+[(]?{number}\s*+(?:[.)、:](?!\d)|[)]\s*+\.?)\s*+"
    )


def _step_number(number: int) -> re.Pattern[str]:
    chinese = _ZH_NUMERALS[number] if number <= 10 else str(number)
    return re.compile(
        rf"(?:\bstep\s*+{number}\b|第\s*+(?:{number}|{chinese})\s*+步)\s*+[:.,、，：是]*\s*+"
    )


def _circled_number(number: int) -> re.Pattern[str]:
    mark = _NUMERALS[number - 1] if number <= len(_NUMERALS) else "(?!)"
    return re.compile(rf"\s*+{mark}[.、:]?\s*+")


def segments(instruction: str, mask: str, found: list[Gap]) -> list[Segment]:
    """What lies between the gaps, one more than there are gaps; some may be empty."""
    starts = [0, *(gap.end for gap in found)]
    ends = [*(gap.start for gap in found), len(instruction)]
    return [Segment(instruction, mask, start, end) for start, end in zip(starts, ends, strict=True)]
