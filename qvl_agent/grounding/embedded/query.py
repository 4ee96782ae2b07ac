"""A person's words for something on a screen, taken apart without looking at the screen.

The same words can be text that is drawn ("Add button") or a description ("the button that says
Add"), so a `Query` carries every reading that the words allow, the literal one first; only a
scene can tell which one was meant, and the matching ranks them together.

Readings are the closure of small rewriting rules (`_RULES`) over the literal reading. A rule
takes one thing away from the text (an article, a type word, an ordinal, a relation) and writes
it into a slot, at the price of some `Reading.prior`. Grammar that the rules do not know stays
in the text, where it matches nothing: there is no error for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from qvl_agent.errors import QueryError
from qvl_agent.grounding.base import ElementType
from qvl_agent.grounding.embedded import vocabulary as words

MAX_QUERY_LENGTH = 1000
_MAX_PHRASE_LENGTH = 160  # nobody describes an element in more; longer text is literal
_MAX_READINGS = 24
_MAX_STEPS = 160
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_QUOTES = (
    ("“", "”"), ("「", "」"), ("『", "』"), ("‘", "’"), ('"', '"'), ("'", "'"), ("«", "»"),
    ("《", "》"), ("`", "`"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Where the target lies: on ``side`` of what one of ``anchors`` names."""

    side: words.Side
    anchors: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to understand a query.

    Attributes:
        text: what is drawn on the element or names it; "" for "the second checkbox".
        types: the types it may have, the likeliest first; empty for any.
        exact: the person quoted the text: only the whole text of an element will do.
        ordinal: 1 for the first of several, -1 for the last; None for no counting.
        relation: where it lies relative to something else.
        corner: the part of the screen it lies in, a weak hint.
        checked, enabled: the state it must show; None for any.
        prior: how natural this reading is, 0 to 1, before a screen is seen.
    """

    text: str = ""
    types: tuple[ElementType, ...] = ()
    exact: bool = False
    ordinal: int | None = None
    relation: Relation | None = None
    corner: words.Corner | None = None
    checked: bool | None = None
    enabled: bool | None = None
    prior: float = 1.0

    @property
    def says_something(self) -> bool:
        """Whether anything on a screen could fail to be meant by it."""
        return bool(self.text or self.types or self.relation or self.ordinal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What was asked: the ``text`` as given, the caller's ``element_type``, the ``readings``."""

    text: str
    element_type: ElementType | None
    readings: tuple[Reading, ...]


def parse_query(text: str, element_type: ElementType | None = None) -> Query:
    """Every reading of ``text``, the literal one first.

    Raises:
        QueryError: empty, longer than `MAX_QUERY_LENGTH`, or with control characters.
    """
    checked = _validated(text)
    readings = _readings(checked, element_type)
    return Query(text=checked, element_type=element_type, readings=readings)


def _validated(text: str) -> str:
    if len(text) > MAX_QUERY_LENGTH:
        raise QueryError(
            f"the query has {len(text)} characters, more than {MAX_QUERY_LENGTH}",
            hint="name one element in a few words",
        )
    stripped = text.strip()
    if any(_is_unfit(char) for char in stripped):
        raise QueryError(
            "the query has control or bidirectional characters",
            hint="type the words as they are drawn on the screen",
        )
    if not any(_is_drawn(char) for char in stripped):
        raise QueryError("the query is empty", hint='name what to find, for example "Save"')
    return stripped


def _is_unfit(char: str) -> bool:
    return char in _BIDI or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")


def _is_drawn(char: str) -> bool:
    return unicodedata.category(char) not in ("Cf", "Zs", "Mn", "Me", "Cn")


def _readings(text: str, element_type: ElementType | None) -> tuple[Reading, ...]:
    inside = _unquoted(text)
    if inside is not None:
        return _typed((Reading(text=inside, exact=True),), element_type)
    if len(text) > _MAX_PHRASE_LENGTH:
        return _typed((Reading(text=text),), element_type)
    return _typed(_closure(Reading(text=text), _RULES), element_type)


def _typed(readings: Iterable[Reading], asked: ElementType | None) -> tuple[Reading, ...]:
    """Readings that mean something; the caller's type overrules the one in the words."""
    kept = [r for r in readings if r.says_something]
    if asked is not None:
        kept = [replace(r, types=(asked,)) for r in kept]
    return tuple(kept)


Rule = Callable[[Reading], Iterator[Reading]]


def _closure(start: Reading, rules: tuple[Rule, ...]) -> tuple[Reading, ...]:
    """``start`` and all that the rules make of it, most natural first."""
    found: dict[Reading, Reading] = {replace(start, prior=0.0): start}
    waiting = [start]
    for _ in range(_MAX_STEPS):
        if not waiting:
            break
        current = waiting.pop(0)
        for rule in rules:
            for new in rule(current):
                key = replace(new, prior=0.0)
                if key not in found or found[key].prior < new.prior:
                    found[key] = new
                    waiting.append(new)
    ranked = sorted(found.values(), key=lambda r: -r.prior)
    return tuple(ranked[:_MAX_READINGS])


def _unquoted(text: str) -> str | None:
    """The inside of a text that is one quotation; None for anything else."""
    for opening, closing in _QUOTES:
        inside = text[1:-1]
        if text[:1] == opening and text[-1:] == closing and inside.strip():
            return None if opening in inside or closing in inside else inside.strip()
    return None


def _alternation(table: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(table, key=len, reverse=True))


def _is_latin(word: str) -> bool:
    return word.isascii()


def _lower(text: str) -> str:
    """Lower case of the same length, so that positions stay true."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


# --- the words of the tables, as patterns ---------------------------------------------------

_TYPES_OF_WORD: Mapping[str, tuple[ElementType, ...]] = {
    word: (kind, *words.ALSO.get(word, ()))
    for kind, kind_words in words.TYPE_WORDS.items()
    for word in kind_words
}
_PLURALS = {f"{word}s": kinds for word, kinds in _TYPES_OF_WORD.items() if _is_latin(word)}
_TYPES: Mapping[str, tuple[ElementType, ...]] = {
    **_PLURALS, "checkboxes": ("checkbox",), "entries": ("list_item",), **_TYPES_OF_WORD,
}  # fmt: skip
_LATIN_TYPE = _alternation(word for word in _TYPES if _is_latin(word))
_CHINESE_TYPE = _alternation(word for word in _TYPES if not _is_latin(word))
_TYPE_SUFFIX = re.compile(
    rf"^(?P<text>.*?)(?:(?:^|(?<=[\s\W_])|(?<=[^\x00-\x7f]))(?P<latin>{_LATIN_TYPE})"
    rf"|的?\s*(?P<chinese>{_CHINESE_TYPE}))$"
)
_TYPE_PREFIX = re.compile(
    rf"^(?:(?P<latin>{_LATIN_TYPE})\s+|(?P<chinese>{_CHINESE_TYPE})\s*)(?=\S)"
)
_NAMED = re.compile(
    r"^(?P<kind>.+?)\s+(?:is\s+|which is\s+|that is\s+)?(?:labelled|labeled|called|named|titled"
    r"|saying|that says|which says|that reads|marked|entitled"
    r"|with (?:the )?(?:label|text|caption|name|title|words?))\s+(?:as\s+)?(?P<text>.+)$"
)
_FOR = re.compile(r"^(?P<kind>.+?)\s+(?:for|to enter|to type)\s+(?:the\s+|your\s+)?(?P<text>.+)$")
_NAMED_CHINESE = re.compile(
    r"^(?:名为|名叫|叫做|叫作|叫|标有|标为|标着|写着|写有|显示为?|内容[为是]|文[字本][为是]|标签[为是]"
    r"|标题[为是]|带有?)(?P<text>.+?)(?:字样|文字)?的(?P<kind>.+)$"
)
_ARTICLE = re.compile(r"^(?:the|a|an)\s+(?=\S)")
_POINTER = re.compile(r"^(?:this|that|my|your)\s+(?=\S)")
_POSSESSIVE = re.compile(r"(?:['’]s|的)$")
_ENGLISH_FRAME = re.compile(rf"^(?:{_alternation(words.ENGLISH_FRAMES)})[\s:,]+(?=\S)")
_CHINESE_FRAME = re.compile(
    rf"^(?:{_alternation(words.CHINESE_FRAMES + words.CHINESE_HEADS)})(?![钮键])[\s:：,，]*(?=\S)"
)
_TAIL = re.compile(
    rf"(?<=\S)(?:\s+(?:{_alternation(words.ENGLISH_TAILS)})|(?<=[^\x00-\x7f])[。！]|吧|一下)[.!]?$"
)
_ORDINAL_WORD = (
    rf"(?P<word>{_alternation(words.ENGLISH_ORDINALS)})|(?P<digits>\d{{1,3}})(?:st|nd|rd|th)"
)
_ENGLISH_ORDINAL = re.compile(rf"^(?:{_ORDINAL_WORD})\s+(?:one of the\s+|of the\s+)?(?=\S)")
_ENGLISH_NUMBERED = re.compile(
    rf"^(?P<kind>row|item|line|entry|option|tab|list item)\s+(?:number\s+|no\.?\s*|#\s*)?"
    rf"(?:(?P<digits>\d{{1,3}})|(?P<word>{_alternation(words.ENGLISH_NUMBERS)}))$"
)
_COUNTER = "|".join(words.CHINESE_COUNTERS)
_CHINESE_NUMBER = r"[零〇一二两三四五六七八九十百\d]{1,4}"
_CHINESE_ORDINAL = re.compile(
    rf"^(?:(?P<back>倒数)?第\s*(?P<number>{_CHINESE_NUMBER})\s*|(?P<last>最后|末尾|最末)(?:的?一)?"
    rf"|(?P<first>首|头一))(?P<counter>{_COUNTER})?的?\s*"
)
_COUNTER_TYPES: Mapping[str, tuple[ElementType, ...]] = {
    "项": ("list_item", "menu_item", "radio", "checkbox"), "行": ("list_item",),
    "条": ("list_item",), "排": ("list_item",), "页": ("tab",),
    "栏": ("text_input", "password_input", "combo_box"),
}  # fmt: skip
_ENGLISH_SIDE = re.compile(rf"(?:^|(?<=\s))(?:{_alternation(words.ENGLISH_SIDES)})\s+(?=\S)")
_IN_ROW = re.compile(
    r"^(?P<target>.+?)\s+(?:in|on|of|from)\s+(?:the\s+)?(?P<anchor>.+?)(?:['’]s)?\s+(?:row|line)$"
)
_STRONG_SIDES = {k: v for k, v in words.CHINESE_SIDES.items() if k not in ("中", "内", "里", "上")}
_CHINESE_SIDE = re.compile(
    rf"(?:的|那|这|最)?(?:(?P<strong>{_alternation(_STRONG_SIDES)})的?"
    r"|(?P<weak>中|内|里|上)(?:的|(?=第|最后|倒数|首)))\s*"
)
_CHINESE_ROW = re.compile(
    r"^(?P<anchor>第\s*[^的]{1,4}行|最后一行|倒数第[^的]{1,3}行)的(?P<target>.+)$"
)
_ANCHOR_HEAD = re.compile(r"^(?:在|位于|处于|紧挨着?|靠近)\s*")
_ENGLISH_STATES: Mapping[str, tuple[str, bool]] = {
    **{word: ("checked", value) for word, value in words.CHECKED_WORDS.items() if _is_latin(word)},
    **{word: ("enabled", value) for word, value in words.ENABLED_WORDS.items() if _is_latin(word)},
}
_CHINESE_STATES: Mapping[str, tuple[str, bool]] = {
    **{w: ("checked", value) for w, value in words.CHECKED_WORDS.items() if not _is_latin(w)},
    **{w: ("enabled", value) for w, value in words.ENABLED_WORDS.items() if not _is_latin(w)},
}
_STATE = re.compile(
    rf"^(?:(?P<latin>{_alternation(_ENGLISH_STATES)})\s+"
    rf"|(?P<chinese>{_alternation(_CHINESE_STATES)})的\s*)(?=\S)"
)
_CORNER_PREFIX = re.compile(
    rf"^(?:(?P<latin>{_alternation(words.ENGLISH_CORNERS)})(?:most)?(?:\s+corner)?\s+"
    rf"|(?:屏幕|页面|窗口|界面)?的?(?P<chinese>{_alternation(words.CHINESE_CORNERS)})的\s*)(?=\S)"
)
_CORNER_SUFFIX = re.compile(
    rf"(?<=\S)\s*,?\s+(?:in|at|on|near)\s+the\s+(?P<latin>{_alternation(words.ENGLISH_CORNERS)})"
    r"(?:[\s-]hand)?(?:\s+(?:corner|side|edge|part))?"
    r"(?:\s+of\s+the\s+(?:screen|window|page|picture|screenshot))?$"
)
_CONTAINER = re.compile(
    r"(?<=\S)(?:\s+(?:list|table|panel|dialog|dialogue|window|section|group|column|toolbar|form"
    r"|area|sidebar|header|heading|menu|pane|box|tree|card|popup|pop-up|bar)"
    r"|列表|表格|表|面板|对话框|弹窗|窗口|菜单|区域|分组|一栏|栏目|这?一?栏|工具栏|表单|侧边栏|卡片|部分)$"
)


# --- the rules ------------------------------------------------------------------------------


def _without_quotes(r: Reading) -> Iterator[Reading]:
    inside = _unquoted(r.text)
    if inside is not None and not r.exact:
        yield replace(r, text=inside, exact=True)


def _without_article(r: Reading) -> Iterator[Reading]:
    yield from _cut(r, _ARTICLE, 0.98)
    yield from _cut(r, _POINTER, 0.75)


def _without_frame(r: Reading) -> Iterator[Reading]:
    if r.types or r.relation:
        return
    yield from _cut(r, _ENGLISH_FRAME, 0.96)
    yield from _cut(r, _CHINESE_FRAME, 0.96)


def _without_tail(r: Reading) -> Iterator[Reading]:
    yield from _cut(r, _TAIL, 0.97)


def _cut(r: Reading, pattern: re.Pattern[str], prior: float) -> Iterator[Reading]:
    """``r`` without what ``pattern`` finds in its text."""
    if r.exact:
        return
    found = pattern.search(_lower(r.text))
    if found:
        rest = (r.text[: found.start()] + r.text[found.end() :]).strip()
        if rest:
            yield replace(r, text=rest, prior=r.prior * prior)


def _type_at_end(r: Reading) -> Iterator[Reading]:
    if r.types or r.exact:
        return
    found = _TYPE_SUFFIX.match(_lower(r.text))
    if not found:
        return
    word = found["latin"] or found["chinese"]
    text = r.text[: found.end("text")].strip()
    if not text and (found.group(0).startswith("的")):
        return
    yield replace(r, text=text, types=_TYPES[word], prior=r.prior * (0.96 if text else 0.95))
    if not text and _TYPES[word] == ("password_input",):
        label = next(w for w in words.PASSWORD_WORDS if w in word)
        yield replace(r, text=label, types=("password_input",), prior=r.prior * 0.96)
    if "text_input" in _TYPES[word] and _lower(text) in words.PASSWORD_WORDS:
        yield replace(r, text="", types=("password_input",), prior=r.prior * 0.85)


def _type_at_start(r: Reading) -> Iterator[Reading]:
    """As in "button Save", "按钮“保存”"."""
    if r.types or r.exact:
        return
    found = _TYPE_PREFIX.match(_lower(r.text))
    if found:
        text = r.text[found.end() :].strip()
        natural = _unquoted(text) is not None
        kinds = _TYPES[found["latin"] or found["chinese"]]
        yield replace(r, text=text, types=kinds, prior=r.prior * (0.97 if natural else 0.8))


def _type_with_name(r: Reading) -> Iterator[Reading]:
    """As in "the button labelled Save", "the field for Email", "名为保存的按钮"."""
    if r.types or r.exact:
        return
    for pattern, prior in ((_NAMED, 0.97), (_FOR, 0.93), (_NAMED_CHINESE, 0.95)):
        found = pattern.match(_lower(r.text))
        if not found:
            continue
        kind = _ARTICLE.sub("", found["kind"]).strip()
        text = r.text[found.start("text") : found.end("text")].strip()
        if kind in _TYPES:
            yield replace(r, text=text, types=_TYPES[kind], prior=r.prior * prior)


def _ordinal_at_start(r: Reading) -> Iterator[Reading]:
    if r.ordinal is not None or r.exact:
        return
    lowered = _lower(r.text)
    found = _ENGLISH_ORDINAL.match(lowered)
    if found:
        word, digits = found["word"], found["digits"]
        number = words.ENGLISH_ORDINALS[word] if word else int(digits)
        rest = r.text[found.end() :].strip()
        if number and rest.lower() not in ("one", "of"):
            yield replace(r, text=rest, ordinal=number, prior=r.prior * 0.97)
    yield from _chinese_ordinal(r)


def _chinese_ordinal(r: Reading) -> Iterator[Reading]:
    found = _CHINESE_ORDINAL.match(r.text)
    if not found:
        return
    rest, counter = r.text[found.end() :].strip(), found["counter"] or ""
    if not (counter or rest):
        return
    number = _chinese_position(found)
    if number == 0:
        return
    counted = replace(r, text=rest, ordinal=number, prior=r.prior * 0.97)
    if rest:
        yield counted
    elif not r.types:
        yield replace(counted, types=_COUNTER_TYPES.get(counter, ()))


def _chinese_position(found: re.Match[str]) -> int:
    if found["last"]:
        return -1
    if found["first"]:
        return 1
    number = chinese_number(found["number"]) or 0
    return -number if found["back"] else number


def chinese_number(text: str) -> int | None:
    """The value of "十二", "二十", "3" or "一百零五"; None if it is not a number."""
    if text.isdecimal():
        return int(text)
    total, digit = 0, 0
    for char in text:
        if char in words.CHINESE_DIGITS:
            digit = words.CHINESE_DIGITS[char]
        elif char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            return None
    return total + digit


def _numbered(r: Reading) -> Iterator[Reading]:
    """As in "row 3", "item two"."""
    if r.ordinal is not None or r.types or r.exact:
        return
    found = _ENGLISH_NUMBERED.match(_lower(r.text))
    if found:
        digits = found["digits"]
        number = int(digits) if digits else words.ENGLISH_NUMBERS[found["word"]]
        if number:
            kinds = _TYPES[found["kind"]]
            yield replace(r, text="", types=kinds, ordinal=number, prior=r.prior * 0.87)


def _state_at_start(r: Reading) -> Iterator[Reading]:
    if r.exact:
        return
    found = _STATE.match(_lower(r.text))
    if not found:
        return
    slot, value = (
        _ENGLISH_STATES[found["latin"]] if found["latin"] else _CHINESE_STATES[found["chinese"]]
    )
    rest = replace(r, text=r.text[found.end() :].strip(), prior=r.prior * 0.93)
    if slot == "checked" and r.checked is None:
        yield replace(rest, checked=value)
    elif slot == "enabled" and r.enabled is None:
        yield replace(rest, enabled=value)


def _corner(r: Reading) -> Iterator[Reading]:
    if r.corner or r.exact:
        return
    for pattern in (_CORNER_PREFIX, _CORNER_SUFFIX):
        found = pattern.search(_lower(r.text))
        if found:
            groups = found.groupdict()
            corner = (
                words.ENGLISH_CORNERS[groups["latin"]]
                if groups["latin"]
                else words.CHINESE_CORNERS[groups["chinese"]]
            )
            rest = (r.text[: found.start()] + r.text[found.end() :]).strip()
            if rest:
                yield replace(r, text=rest, corner=corner, prior=r.prior * 0.93)


def _english_relation(r: Reading) -> Iterator[Reading]:
    if r.relation or r.exact:
        return
    lowered = _lower(r.text)
    in_row = _IN_ROW.match(lowered)
    if in_row and in_row["anchor"] not in ("the", "row", "same"):
        anchor = r.text[in_row.start("anchor") : in_row.end("anchor")]
        yield from _related(r, r.text[: in_row.end("target")], "row", anchor, 0.95)
    for found in _ENGLISH_SIDE.finditer(lowered):
        word = found.group(0).strip()
        target, anchor = r.text[: found.start()].strip(), r.text[found.end() :].strip()
        weak = word in ("in", "of", "on", "from", "by", "before", "after")
        yield from _related(r, target, words.ENGLISH_SIDES[word], anchor, 0.88 if weak else 0.95)


def _owner(r: Reading) -> Iterator[Reading]:
    """As in "the Delete button for Alice": the one in Alice's row."""
    if r.relation or r.exact:
        return
    found = _FOR.match(_lower(r.text))
    if found:
        anchor = r.text[found.start("text") : found.end("text")]
        yield from _related(r, r.text[: found.end("kind")], "row", anchor, 0.85)


def _chinese_relation(r: Reading) -> Iterator[Reading]:
    if r.relation or r.exact:
        return
    for found in _CHINESE_SIDE.finditer(r.text):
        anchor, target = r.text[: found.start()].strip(), r.text[found.end() :].strip()
        side = words.CHINESE_SIDES[found["strong"] or found["weak"]]
        if anchor and target:
            yield from _related(r, target, side, anchor, 0.95)
    row = _CHINESE_ROW.match(r.text)
    if row:
        yield from _related(r, row["target"], "row", row["anchor"], 0.95)


def _related(
    r: Reading, target: str, side: words.Side, anchor: str, prior: float
) -> Iterator[Reading]:
    anchors = _anchor_readings(_ANCHOR_HEAD.sub("", anchor).strip())
    if anchors and not _is_hollow(anchor):
        prior *= 1.0 if target else 0.75
        relation = Relation(side=side, anchors=anchors)
        yield replace(r, text=target, relation=relation, prior=r.prior * prior)


def _is_hollow(anchor: str) -> bool:
    return _lower(anchor).strip() in ("the", "a", "an", "it", "the screen", "the page")


def _anchor_readings(text: str) -> tuple[Reading, ...]:
    """What an anchor may mean: the same rules without relations, and containers by title."""
    if not text:
        return ()
    readings = _closure(Reading(text=text), _ANCHOR_RULES)
    return tuple(r for r in readings if r.says_something)[:8]


def _container_word(r: Reading) -> Iterator[Reading]:
    if not r.types:
        yield from _cut(r, _CONTAINER, 0.93)


def _possessive(r: Reading) -> Iterator[Reading]:
    yield from _cut(r, _POSSESSIVE, 0.98)


_SHARED: tuple[Rule, ...] = (
    _without_quotes, _without_article, _type_at_end, _type_at_start, _type_with_name,
    _ordinal_at_start, _numbered, _state_at_start, _corner,
)  # fmt: skip
_RULES: tuple[Rule, ...] = (
    *_SHARED, _without_frame, _without_tail, _english_relation, _owner, _chinese_relation,
)  # fmt: skip
_ANCHOR_RULES: tuple[Rule, ...] = (*_SHARED, _possessive, _container_word)
