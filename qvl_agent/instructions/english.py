"""The English forms, as data; `docs/instructions.md` shows an example of each."""

from __future__ import annotations

import re
from typing import Final

from qvl_agent.instructions import words
from qvl_agent.instructions.forms import Form, between, head

_TYPE_MARKERS = (
    "in",
    "into",
    "in to",
    "to",
    "inside",
    "on",
    "onto",
    "under",
    "for",
    "as",
    "at",
    "in for",
    "as the value of",
    "within",
)
_WITH = (
    "with",
    "as",
    "to",
    "to be",
    "=",
    ":",
    "with the value",
    "with the text",
    "equal to",
    "with value",
    "with text",
    "to say",
    "to read",
)
_ON = ("on", "onto", "at", "in", "into", "over", "the")
_FROM = (
    "from",
    "in",
    "under",
    "for",
    "as",
    "on",
    "within",
    "inside",
    "out of",
    "from among",
    "from within",
)
_LED = r"(?:in|into|on|inside|at|under|for|within|to|from)\s+"
_DOWN_TO = ("to", "into", "onto", "over", "on", "in", "on top of", "over to", "up to", "down to")
_LED_BREAK = r"(?<=\S)\s*+,?\s*+(?:please\s+)?"
_NOT_SHOWN = re.compile(
    r"\b(?:not|no longer|isn't|aren't|never|gone|disappears?|vanish(?:es)?|go(?:es)? away|hidden"
    r"|closes?d?|(?:un)?(?:checked|ticked|selected)|enabled|disabled|empty)\b[\s.!]*(?:visible|shown|there"
    r"|displayed|present|appear\w*|on the screen|show\w*|exists?)?[\s.!]*$"
)
_CONDITION = re.compile(rf"\b(?:until|if|when|while|unless|once)\b|^scroll|{_NOT_SHOWN.pattern}")
_CHECK_THAT = re.compile(r"check\s+(?:that|if|whether|for|to\s+see)\b")
_PLACE = r"(?:\s+(?:on|in)\s+(?:the\s+|this\s+)?(?:screen|page|window|dialog))?"


def _led(table: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"{_LED_BREAK}{words.any_of(table)}\s*+(?=\S)")


def _onto(table: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"{words.any_of(table)}(?:\s+{words.any_of(_ON)})*\s*+")


_TYPING = head(words.TYPE, after=r"\s*+(?:the\s+(?:value|text|words?|string|number)\s+)?")

_PUTTING: Final = (
    Form(intent="fill", head=head(words.FILL), marker=between(*_WITH), roles="tv"),
    Form(
        intent="fill",
        head=head(words.FILL),
        marker=between(*_TYPE_MARKERS),
        roles="vt",
        last=True,
        cost=1.3,
    ),
    Form(intent="type", head=_TYPING, marker=between(*_TYPE_MARKERS), roles="vt", last=True),
    Form(
        intent="type",
        head=_TYPING,
        roles="tv",
        cost=1.3,
        marker=between("as", "with", ":", "=", "with the value", "to be"),
    ),
    Form(intent="set", head=head(words.SET), marker=between(*_WITH, "into"), roles="tv"),
    Form(
        intent="set",
        head=head(words.SET),
        marker=re.compile(r"\s+from\s+\S.*?\s+to\s+(?=\S)"),
        roles="tv",
        cost=0.8,
    ),
    Form(
        intent="fill",
        head=head(words.USE),
        marker=between("for", "as", "in"),
        roles="vt",
        last=True,
    ),
    Form(intent="type", head=re.compile(_LED), marker=_led(words.TYPE), roles="tv"),
    Form(intent="fill", head=re.compile(_LED), marker=_led((*words.USE, *words.FILL)), roles="tv"),
    Form(intent="clear", head=head(words.CLEAR)),
)
_CHOOSING: Final = (
    Form(intent="select", head=head(words.SELECT), marker=between(*_FROM), roles="vt", last=True),
    Form(intent="select", head=re.compile(_LED), marker=_led(words.SELECT), roles="tv"),
    Form(intent="select", head=head(words.SELECT), cost=1.2),
    Form(
        intent="check",
        head=head(words.CHECK),
        refuse=_CHECK_THAT,
        may_end=re.compile(r"\s+(?:to\s+)?(?:on|checked)[\s.!]*$"),
    ),
    Form(intent="uncheck", head=head(words.UNCHECK)),
    Form(
        intent="uncheck",
        head=head(words.CLEAR),
        cost=1.2,
        tail=re.compile(r"(?=\s+(?:check\s?box|tick\s?box|option|check\s?mark)[\s.!]*$)"),
    ),
    Form(
        intent="check",
        head=re.compile(r"(?:turn|switch|toggle|set|put)\s+"),
        tail=re.compile(r"\s+(?:to\s+)?on[\s.!]*$"),
    ),
    Form(
        intent="uncheck",
        head=re.compile(r"(?:turn|switch|toggle|set|put)\s+"),
        tail=re.compile(r"\s+(?:to\s+)?off[\s.!]*$"),
    ),
    Form(
        intent="check",
        head=re.compile(r"put\s+a\s+(?:tick|check|check\s?mark)\s+(?:in|into|on|next\s+to|by)\s+"),
    ),
    Form(
        intent="check",
        tail=re.compile(
            r"\s+(?:is|are|stays?)\s+(?:checked|ticked|on|enabled|selected|turned on)[\s.!]*$"
        ),
        head=re.compile(r"(?:make\s+sure|ensure|be\s+sure)(?:\s+that)?\s+"),
    ),
    Form(
        intent="uncheck",
        head=re.compile(r"(?:make\s+sure|ensure|be\s+sure)(?:\s+that)?\s+"),
        tail=re.compile(
            r"\s+(?:is|are|stays?)\s+(?:unchecked|unticked|off|disabled|unselected|not\s+(?:checked|ticked|selected|enabled|on))[\s.!]*$"
        ),
    ),
    Form(
        intent="check",
        head=re.compile(r"(?:leave|keep)\s+"),
        tail=re.compile(r"\s+(?:checked|ticked|on|enabled)[\s.!]*$"),
    ),
    Form(
        intent="uncheck",
        head=re.compile(r"(?:leave|keep)\s+"),
        tail=re.compile(r"\s+(?:unchecked|unticked|off|disabled)[\s.!]*$"),
    ),
)
_POINTING: Final = (
    Form(intent="click", head=_onto(words.CLICK)),
    Form(intent="click", head=_onto(words.PRESS), cost=1.1),
    Form(
        intent="click",
        head=re.compile(r"(?:give|press\s+down\s+on)\s+"),
        tail=re.compile(r"\s+a\s+(?:click|press|tap)[\s.!]*$"),
    ),
    Form(intent="open", head=head(words.OPEN)),
    Form(intent="double_click", head=_onto(words.DOUBLE)),
    Form(
        intent="double_click",
        head=re.compile(r"open\s+"),
        tail=re.compile(r"\s+with\s+a\s+double[\s-]click[\s.!]*$"),
    ),
    Form(intent="right_click", head=_onto(words.RIGHT)),
    Form(
        intent="right_click",
        head=re.compile(r"click\s+"),
        tail=re.compile(r"\s+with\s+the\s+right(?:\s+mouse)?\s+button[\s.!]*$"),
    ),
    Form(intent="hover", head=_onto(words.HOVER)),
    Form(intent="hover", head=words.MOVE_POINTER),
    Form(
        intent="drag",
        head=re.compile(words.any_of(words.DRAG) + r"\s*+(?:from\s+)?"),
        roles="to",
        marker=re.compile(
            r"(?<=\S)(?:\s*+,?\s*+(?:and|then|and then)\s+(?:drop|release)(?:\s+it)?)?\s+"
            rf"{words.any_of(_DOWN_TO)}\s*+(?=\S)"
        ),
    ),
)
_LOOKING: Final = (
    Form(
        intent="locate",
        head=head(words.LOCATE),
        may_end=re.compile(r"\s+(?:is|on\s+(?:the\s+)?(?:screen|page))[\s.!]*$"),
    ),
    Form(
        intent="assert",
        head=head(
            words.ASSERT, after=r"\s*+(?:there\s+(?:is|are)\s+(?:an?\s+)?|you\s+can\s+see\s+)?"
        ),
        tail=re.compile(
            r"(?:\s+(?:is|are|gets?|becomes?))?\s+(?:(?:still|now|already)\s+)?"
            rf"{words.any_of((*words.VISIBLE, *words.APPEARS))}{_PLACE}[\s.!]*$"
        ),
        refuse=_NOT_SHOWN,
    ),
    Form(
        intent="assert",
        head=head(
            words.ASSERT, after=r"\s*+(?:there\s+(?:is|are)\s+(?:an?\s+)?|you\s+can\s+see\s+)?"
        ),
        may_end=re.compile(_PLACE + r"[\s.!]*$"),
        refuse=_NOT_SHOWN,
        cost=1.2,
    ),
    Form(
        intent="assert",
        head=head(("check", "see")),
        refuse=re.compile(f"^(?:{_CHECK_THAT.pattern})|{_NOT_SHOWN.pattern}"),
        cost=0.9,
        tail=re.compile(rf"\s+(?:is|are)\s+{words.any_of(words.VISIBLE)}{_PLACE}[\s.!]*$"),
    ),
    Form(
        intent="assert",
        refuse=_CONDITION,
        cost=2.0,
        tail=re.compile(
            r"\s+(?:should|must)\s+(?:be\s+(?:visible|shown|displayed|present|there|on\s+the\s+screen)|appear|show\s+up|exist)[\s.!]*$"
        ),
    ),
    Form(
        intent="assert",
        refuse=_CONDITION,
        cost=2.0,
        tail=re.compile(r"\s+is\s+(?:visible|shown|displayed|on\s+the\s+screen)[\s.!]*$"),
    ),
)

FORMS: Final[tuple[Form, ...]] = (*_PUTTING, *_CHOOSING, *_POINTING, *_LOOKING)

VALUE_AFTER: Final = (*words.FILL, *words.TYPE)
"""Verbs after which label and value may follow with no word between them."""

FILL_ELLIPSIS: Final = (
    Form(intent="fill", marker=between(*_WITH, "is"), roles="tv", cost=3.0),
    Form(
        intent="fill",
        marker=between("in", "into", "for", "as", "to"),
        roles="vt",
        last=True,
        cost=3.2,
    ),
)
SELECT_ELLIPSIS: Final = (
    Form(intent="select", marker=between(*_FROM), roles="vt", last=True, cost=3.0),
)
STATE_ELLIPSIS: Final = (
    Form(intent="check", tail=re.compile(r"\s+(?:to\s+)?on[\s.!]*$"), cost=2.5),
    Form(intent="uncheck", tail=re.compile(r"\s+(?:to\s+)?off[\s.!]*$"), cost=2.5),
)
LABELLED: Final = Form(
    intent="fill", marker=re.compile(r"(?<=\S)\s*+[:=]\s*+(?=\S)"), roles="tv", exact=True, cost=4.0
)
"""``Name: Ada`` with no verb at all."""
INTRODUCTION: Final = re.compile(
    r"(?:fill|fill\s+in|fill\s+out|complete)\s+(?:the|this|all|all\s+the)?\s*+(?:login\s+|sign-?up\s+)?"
    r"(?:form|fields|following|following\s+fields|details)"
    r"(?:\s+(?:as\s+follows|with\s+the\s+following|with\s+these(?:\s+values)?|with|using))?\s*+[:,]?\s*+"
)
