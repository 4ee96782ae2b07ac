"""Clauses made of numbers and keys: key presses, scrolling, waiting.

Each function gives the readings of a whole segment, or none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qvl_agent.actions.keys import MODIFIERS, normalise_key
from qvl_agent.errors import UsageError
from qvl_agent.instructions import chinese, words
from qvl_agent.instructions.clauses import Clause, Direction
from qvl_agent.instructions.forms import Segment, target_phrase

MAX_TIMES = 50
MAX_SCROLL = 1000
USUAL_SCROLL = 3
"""Lines of a scroll when no number is said; a page counts as ten lines."""

_NUMBER = rf"(?P<number>\d+(?:\.\d+)?|{words.any_of(words.NUMBERS)})"
_UNIT = rf"(?P<unit>{words.any_of(words.SECONDS_IN, glued=True)})"
_STOP = r"[\s.!。！]*$"

# --- keys ----------------------------------------------------------------------------------

_KEY_HEAD = re.compile(
    rf"\s*+(?:{words.any_of((*words.PRESS, 'use', 'send', 'type', 'tap'))}\s*+(?:on\s+)?|"
    rf"(?:连续|同时|用键盘|在键盘上|键盘|使用|用|通过)?\s*+(?:键盘)?{words.any_of(words.ZH_PRESS)}\s*+(?:一下)?|"
    r"(?:使用|用|通过)(?=\s*+(?:快捷键|组合键|热键)))\s*+"
)
_WEAK_KEY_HEAD = re.compile(r"\s*+(?:use|send|type|tap)\b")
_KEY_LEAD = re.compile(
    r"\s*+(?:(?:the|your)\s+)?(?:(?:keyboard\s+)?(?:shortcut|keys?|key\s+combination|hotkey|combination"
    r"|combo)\s+)?(?:键盘上的?|键盘的|快捷键|组合键|热键)?\s*+"
)
_KEY_TAIL = re.compile(
    r"\s*+(?:(?:keyboard\s+)?(?:shortcut|key\s+combination|key\s+combo|hotkey|combination|combo)"
    r"|on\s+(?:the|your)\s+keyboard|together|at\s+the\s+same\s+time|快捷键|组合键|热键|组合)"
    + _STOP
)
_TIMES_AFTER = re.compile(
    rf"\s*+(?:(?P<word>once|twice|thrice)|{_NUMBER}\s*+(?:times|time|次|下|遍))" + _STOP
)
_TIMES_BEFORE = re.compile(rf"\s*+{_NUMBER}\s*+(?:次|下|遍)\s*+")
_PURPOSE = re.compile(
    r"\s+(?:in\s+order\s+)?to\s+[a-z].*$"
    r"|(?:键)?\s*+(?:来|以|进行|去)?(?:保存|刷新|提交|确认|确定|复制|粘贴|发送|搜索|换行|登录|撤销|全选|剪切|打印"
    r"|关闭|退出|切换)(?:页面|文件|窗口|表单|搜索)?[\s.!。！]*$"
)
_KEY_WORD = re.compile(r"(?:\s*+keys?|\s*+键)$")
_BARE_KEY = re.compile(rf"\s*+(?:敲|按)?回车(?:键)?(?:确认|提交)?{_STOP}")


def keys(segment: Segment) -> Iterator[Clause]:
    """As in "press Ctrl+S", "hit the Enter key twice", "按回车键"."""
    mask = segment.mask
    if _BARE_KEY.match(mask):
        yield segment.clause("keys", chords=(("enter",),))
        return
    if (head := _KEY_HEAD.match(mask)) is None:
        return
    body, times = _without_times(mask[head.end() :])
    chords, ambiguous = chords_in(body)
    if not chords and (purpose := _PURPOSE.search(body)):
        chords, ambiguous = chords_in(body[: purpose.start()])
    if not chords or (_WEAK_KEY_HEAD.match(mask) and not _surely_keys(body, chords)):
        return
    repeated = chords * min(times, MAX_TIMES)
    yield segment.clause("keys", chords=repeated, cost=5.0 if ambiguous else 0.5)


def bare_keys(segment: Segment) -> Iterator[Clause]:
    """Keys with no verb, after other keys: "press Tab, Tab and Enter"."""
    body, times = _without_times(segment.mask)
    chords, ambiguous = chords_in(body)
    if chords:
        yield segment.clause(
            "keys", chords=chords * min(times, MAX_TIMES), cost=6.0 if ambiguous else 2.0
        )


def chords_in(text: str) -> tuple[tuple[tuple[str, ...], ...], bool]:
    """The presses that ``text`` names, and whether it may as well be a button's name."""
    text = _KEY_TAIL.sub("", text)
    lead = _KEY_LEAD.match(text)
    said_key = bool(lead and re.search(r"key|键|shortcut", lead[0]))
    text = text[lead.end() if lead else 0 :].strip(" .。!")
    said_key = said_key or bool(_KEY_WORD.search(text))
    presses = [
        _chord(part)
        for part in re.split(r"\s*+[,、]\s*+|\s+and\s+then\s+|\s+then\s+", text)
        if part
    ]
    if not presses or any(press is None for press in presses):
        return (), False
    chords = tuple(press for press in presses if press)
    return chords, not said_key and any(_ambiguous(chord, text) for chord in chords)


def _chord(text: str) -> tuple[str, ...] | None:
    """The keys of one press, or None where ``text`` is not one."""
    text = _KEY_WORD.sub("", text.strip(" '\"`“”「」[]<>"))
    text = re.sub(r"(?<=[a-z])-(?=\w)", "+", text) if _starts_with_modifier(text) else text
    for split in (r"(?<=[^+])\s*+\+\s*+(?=\S)", r"\s*+(?:\+|\band\b|和|加)\s*+", r"\s+"):
        parts = [part for part in re.split(split, text) if part]
        if len(parts) > 1 and not _starts_with_modifier(parts[0]):
            continue
        try:
            named = tuple(normalise_key(part) for part in parts)
        except UsageError:
            continue
        if named and len(set(named)) == len(named):
            return named
    return None


def _starts_with_modifier(text: str) -> bool:
    first = re.split(r"[\s+-]", text, maxsplit=1)[0]
    try:
        return normalise_key(first) in MODIFIERS
    except UsageError:
        return False


def _ambiguous(chord: tuple[str, ...], text: str) -> bool:
    return len(chord) == 1 and (len(chord[0]) == 1 or text in words.KEY_ONLY_WITH_KEY)


def _surely_keys(text: str, chords: tuple[tuple[str, ...], ...]) -> bool:
    return any(len(chord) > 1 for chord in chords) or bool(_KEY_WORD.search(text.strip()))


def _without_times(text: str) -> tuple[str, int]:
    if after := _TIMES_AFTER.search(text):
        said = after["word"] or after["number"]
        return text[: after.start()], max(1, int(number(said)))
    if before := _TIMES_BEFORE.match(text):
        return text[before.end() :], max(1, int(number(before["number"])))
    return text, 1


def number(said: str) -> float:
    """The number that digits or a word of `words.NUMBERS` stand for."""
    said = " ".join(said.split())
    return float(words.NUMBERS[said]) if said in words.NUMBERS else float(said)


# --- scrolling -----------------------------------------------------------------------------

_LINES = rf"(?P<unit>{words.any_of(words.LINES_IN, glued=True)})?"
_AMOUNT = rf"(?:by\s+)?(?:about\s+)?(?:{_NUMBER}\s*+(?:more\s+)?{_LINES})"
_EN_SCROLL = re.compile(
    rf"(?:scroll|page)\s*+(?P<page1>the\s+(?:page|screen|window|view)\b)?\s*+(?P<before>.*?)\s*+"
    rf"\b(?P<direction>{words.any_of(words.DIRECTIONS)})\s*+(?:{_AMOUNT})?"
    rf"\s*+(?:(?:in|inside|within|over|on)\s+(?P<after>.+?))?{_STOP}"
)
_EN_ENDS = re.compile(
    rf"scroll\s*+(?P<before>.*?)\s*+(?:all\s+the\s+way\s+)?(?:(?:down|up)\s*+)?(?:all\s+the\s+way\s+)?(?:to|till)\s+the\s+"
    rf"(?P<end>{words.any_of(words.ENDS)})(?:\s+of\s+(?P<after>.+?))?{_STOP}"
)
_ZH_ROLL = r"(?:滚动|滚|滑动|滑|翻动|翻|拉动|拉|划动|划|移动|滚轮滚动)"
_ZH_SCROLL = re.compile(
    rf"(?:在|将|把|让)?\s*+(?P<before>.*?)\s*+(?:[中里上]\s*+)?(?:鼠标)?(?:滚轮\s*+)?(?:(?:向|往|朝)\s*+(?P<direction>[下上左右])\s*+{_ZH_ROLL}"
    rf"|(?P<direction2>[下上左右])\s*+(?:滚动|滑动|滑|滚|翻))(?:页面|屏幕|窗口)?\s*+(?:约|大约)?(?:{_NUMBER}\s*+(?:个)?(?P<unit>{words.any_of(words.LINES_IN)})?)?{_STOP}"
)
_ZH_SCROLL_WHAT = re.compile(
    rf"{_ZH_ROLL}\s*+(?P<before>.+?)\s*+(?:向|往|朝)\s*+(?P<direction>[下上左右])\s*+(?:{_NUMBER}\s*+(?P<unit>{words.any_of(words.LINES_IN)})?)?{_STOP}"
)
_ZH_ENDS = re.compile(
    rf"(?:将|把)?\s*+(?P<before>.*?)\s*+(?:一直)?(?:(?:向|往)[下上左右])?{_ZH_ROLL}(?:到|至)\s*+(?P<after>.*?)的?(?P<end>{words.any_of(words.ENDS)}){_STOP}"
)
_THE_PAGE = re.compile(
    r"^(?:the\s+|this\s+)?(?:page|screen|window|view|mouse\s+wheel|wheel|页面|屏幕|窗口|界面|网页|滚轮|鼠标滚轮|鼠标|本页|当前页面)?$"
)
_HERE = re.compile(r"^(?:a\s+(?:bit|little)|一点|一些)$")


def scroll(segment: Segment) -> Iterator[Clause]:
    """As in "scroll down 5 lines", "scroll to the bottom", "把列表向下滚动3行"."""
    mask = segment.mask
    for pattern in (_EN_ENDS, _ZH_ENDS):
        if match := pattern.match(mask):
            yield from _scrolled(segment, match, words.DIRECTIONS_OF_ENDS[match["end"]], MAX_SCROLL)
            return
    for pattern in (_EN_SCROLL, _ZH_SCROLL, _ZH_SCROLL_WHAT):
        if match := pattern.match(mask):
            said = match.groupdict()
            direction = words.DIRECTIONS[
                " ".join((said["direction"] or said["direction2"]).split())
            ]
            yield from _scrolled(segment, match, direction, _lines(match))
            return


def _lines(match: re.Match[str]) -> int | None:
    if match["number"] is None:
        return None
    unit = match["unit"]
    lines = number(match["number"]) * (words.LINES_IN[unit] if unit else 1)
    return min(MAX_SCROLL, max(1, round(lines)))


def _scrolled(
    segment: Segment, match: re.Match[str], direction: str, amount: int | None
) -> Iterator[Clause]:
    target = None
    for name in ("before", "after"):
        if name not in match.groupdict() or not match[name] or _HERE.match(match[name]):
            continue
        if not _THE_PAGE.match(match[name]):
            target = target_phrase(segment.part(*match.span(name)))
    way: Direction = direction  # type: ignore[assignment]
    yield segment.clause("scroll", direction=way, amount=amount, target=target)


# --- waiting -------------------------------------------------------------------------------

_EN_PAUSE = re.compile(
    rf"(?:wait|pause|sleep|hold\s+on|delay|hold)(?:\s+(?:for|another|about|around|at\s+least))*\s+"
    rf"{_NUMBER}\s*+(?:more\s+)?(?:of\s+a\s+|an?\s+)?{_UNIT}(?:\s+(?:more|longer))?{_STOP}"
)
_ZH_PAUSE = re.compile(
    rf"(?:再)?{words.any_of(words.ZH_PAUSE)}(?:大约|大概|约|上|个)?\s*+{_NUMBER}\s*+(?:个)?{_UNIT}(?:钟)?(?:时间)?{_STOP}"
)
_A_MOMENT = re.compile(
    rf"(?:wait\s+a\s+moment|hold\s+on|稍等(?:片刻|一下|一会儿?)?|等一下|等一会儿?|等片刻){_STOP}"
)
_LIMIT = (
    r"(?:,\s*+)?(?:for\s+)?(?:up\s+to|at\s+most|no\s+(?:longer|more)\s+than|within|with\s+a\s+timeout\s+of|timeout"
    r"|a\s+maximum\s+of|max|maximum|for|in)\s*+(?:of\s+|:\s*+)?"
)
_EN_LIMIT_LAST = re.compile(rf"\s*+{_LIMIT}{_NUMBER}\s*+{_UNIT}(?:\s+at\s+most)?{_STOP}")
_EN_LIMIT_FIRST = re.compile(
    rf"(?P<wait>wait)\s+(?:for\s+)?(?:up\s+to|at\s+most|a\s+maximum\s+of|no\s+(?:longer|more)\s+than)\s+"
    rf"{_NUMBER}\s*+{_UNIT}\s+(?=(?:for|until|till)\b)"
)
_ZH_LIMIT = re.compile(
    rf"\s*+[,，(（]?\s*+(?:最多|最长|至多|不超过|超时(?:时间)?(?:为|是)?|限时|上限)(?:等待?|为|是)?\s*+{_NUMBER}\s*+{_UNIT}[)）]?{_STOP}"
)
_ZH_LIMIT_FIRST = re.compile(
    rf"(?:等待?)?(?:最多|最长|至多|不超过)(?:等待?)?\s*+{_NUMBER}\s*+{_UNIT}(?:钟)?\s*+[,，]?\s*+(?=等|直到)"
)
_EN_WAIT = re.compile(
    rf"{words.any_of(words.WAIT_FOR)}\s+(?:for\s+)?(?:you\s+see\s+|there\s+is\s+(?:an?\s+)?)?"
)
_EN_SHOWN = re.compile(
    r"(?:\s+(?:is|are|to\s+be|has|to|becomes?))*\s+"
    rf"{words.any_of((*words.VISIBLE, *words.APPEARS))}"
    rf"(?:\s+(?:on|in)\s+(?:the\s+|this\s+)?(?:screen|page|window))?{_STOP}"
)
_EN_GONE = re.compile(
    rf"\b(?:gone|disappears?|to\s+disappear|vanish(?:es)?|goes\s+away|closes|not\s+\w+|no\s+longer\s+\w+|hidden){_STOP}"
)
_ZH_WAIT = re.compile(
    rf"{words.any_of(words.ZH_WAIT)}\s*+(?:直到|到)?\s*+(?:(?:页面|界面|屏幕|窗口)(?:上|中|里)?)?(?:出现|显示|看到|弹出|加载出)?\s*+"
)
_ZH_SHOWN = re.compile(rf"(?<=\S){chinese.SHOWN}{_STOP}")


_WHOLE_PAGE = re.compile(
    r"(?:page|screen|window|program|app|application|it|everything|页面|界面|屏幕|窗口|网页|加载|程序)$"
)
"""What a loaded page would look like, nobody said: not a label to wait for."""


def waiting(segment: Segment) -> Iterator[Clause]:
    """As in "wait 2 seconds", "wait up to 5 s for Done to appear", "等待完成出现，最多10秒"."""
    mask = segment.mask
    if pause := (_EN_PAUSE.match(mask) or _ZH_PAUSE.match(mask)):
        yield segment.clause("wait", seconds=_seconds(pause))
    elif _A_MOMENT.match(mask):
        yield segment.clause("wait", seconds=1.0)
    else:
        yield from _waiting_for(segment)


def _waiting_for(segment: Segment) -> Iterator[Clause]:
    body, limit = _without_limit(segment)
    mask = body.mask
    if _EN_GONE.search(mask) or chinese.NOT_SHOWN.search(mask):
        return
    if head := _EN_WAIT.match(mask):
        shown = _EN_SHOWN.search(mask, head.end())
        bare = re.match(r"(?:wait\s+for|wait\s+on|keep\s+waiting\s+for)\b", mask)
        needed = shown is not None or bare is not None or limit is not None
    elif head := _ZH_WAIT.match(mask):
        shown = _ZH_SHOWN.search(mask, head.end())
        needed = True
    else:
        return
    end = shown.start() if shown else len(mask)
    target = target_phrase(body.part(head.end(), end)) if needed and end > head.end() else None
    if target is not None and not _WHOLE_PAGE.match(target.text.lower()):
        yield segment.clause("wait_for", target=target, seconds=limit)


def _without_limit(segment: Segment) -> tuple[Segment, float | None]:
    mask = segment.mask
    for pattern in (_EN_LIMIT_FIRST, _ZH_LIMIT_FIRST):
        if (match := pattern.match(mask)) and match.end() < len(mask):
            rest = segment.part(match.end(), len(mask))
            wait = "wait " if pattern is _EN_LIMIT_FIRST else ""
            return _prefixed(rest, wait), _seconds(match)
    for pattern in (_EN_LIMIT_LAST, _ZH_LIMIT):
        if (match := pattern.search(mask)) and match.start() > 0:
            return segment.part(0, match.start()), _seconds(match)
    return segment, None


def _prefixed(rest: Segment, wait: str) -> Segment:
    """``rest`` with "wait" directly before it, where the number stood between them."""
    if not wait:
        return rest
    start = rest.start - len(wait)
    mask = rest.whole_mask[:start] + wait + rest.whole_mask[rest.start :]
    return Segment(rest.instruction, mask, start, rest.end)


def _seconds(match: re.Match[str]) -> float:
    return number(match["number"]) * words.SECONDS_IN[match["unit"]]
