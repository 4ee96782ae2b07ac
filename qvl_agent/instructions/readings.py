"""All readings of one stretch of an instruction: every form laid over it, cheapest first.

`own` reads a clause that stands by itself. `after` reads one that leans on the clause before
it ("tick A, *B and C*", "fill Name with Ada and *Email with a@b.c*").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from qvl_agent.instructions import chinese, english, special, words
from qvl_agent.instructions.clauses import Clause, Intent
from qvl_agent.instructions.forms import Form, Segment, target_phrase, value_phrase
from qvl_agent.instructions.masking import HIDDEN

MAX_CUTS = 24
LISTED: frozenset[Intent] = frozenset(
    (
        "click", "double_click", "right_click", "hover", "check", "uncheck", "clear", "locate",
        "assert", "wait_for", "open", "select",
    )
)  # fmt: skip
"""Intents that take a list of targets with one verb."""
FILLING: frozenset[Intent] = frozenset(("fill", "type", "set"))

_LEADING = re.compile(rf"(?>(?:\s*+{words.any_of((*words.POLITE, *words.MAYBE_FRAMING))}[\s,:]*)+)")
_POLITE = re.compile(rf"(?>(?:\s*+{words.any_of(words.POLITE)}[\s,:]*)+)")
_CERTAIN = words.any_of((*words.POLITE, *words.TRAILING_FILLERS))
_ANY = words.any_of((*words.POLITE, *words.MAYBE_FRAMING, *words.TRAILING_FILLERS))
_ONLY_FRAMING = re.compile(rf"(?>(?:[\s,.!?。~]*{_CERTAIN})*)[\s,.!?。~]*$")
_MAYBE_ONLY_FRAMING = re.compile(rf"(?>(?:[\s,.!?。~]*{_ANY})*)[\s,.!?。~]*$")
_VALUE_VERB = re.compile(
    rf"\s*+(?:(?P<typing>{words.any_of((*words.TYPE, *words.ZH_TYPE))})"
    rf"|(?P<filling>{words.any_of((*words.FILL, *words.ZH_FILL))}))\s*+(?:一下)?\s*+"
)
_TWO_TIMES = re.compile(
    rf"\s*+(?:(?P<word>once|twice|thrice)|(?P<number>\d+|{words.any_of(words.NUMBERS)})\s*+(?:times|次|下))"
    r"[\s.!。！]*$"
)
_TIMES_FIRST = re.compile(
    rf"\s*+(?:连续)?{words.any_of(words.ZH_CLICK)}\s*+(?P<number>\d+|{words.any_of(words.NUMBERS)})\s*+[次下]\s*+"
)
_REPEATABLE: frozenset[Intent] = frozenset(("click", "double_click", "right_click"))
_CUT = re.compile(
    rf"\s+|\s*+[:=]\s*+|(?<=[{words.CJK}])|(?<=[^\s{words.CJK}])(?=[{words.CJK}])|(?<!{HIDDEN})(?=[\"'`“‘「『]{HIDDEN})"
)
_MARKED = re.compile(r"(?:with|as|to|is|for|into|in)(?:\s|$)|为")
_NAMES_A_PLACE = re.compile(r"\s(?:in|into)\s|到.+[里中框栏处]$")
"""Then the value is not alone, and typing all of it would be wrong."""
_DETERMINER = re.compile(r"(?:the|a|an|your|my|some)\b")
_UNKNOWN_VERB = re.compile(
    rf"(?:{words.any_of(words.NOT_UNDERSTOOD)}(?=\s+\S|\W*$)|{words.any_of(words.ZH_NOT_UNDERSTOOD)})"
)
_COMMAND_SHAPE = re.compile(r"[a-z]+\s+(?:the|this|all|every|my|each|any|it|them)\b")


def without_framing(segment: Segment, framing: re.Pattern[str] = _POLITE) -> Segment:
    """The segment without politeness and connectives before it, and blanks around it."""
    segment = segment.trimmed()
    match = framing.match(segment.mask)
    return segment.part(match.end(), len(segment.mask)) if match else segment


def is_framing(segment: Segment) -> bool:
    """Whether nothing but politeness stands there."""
    return _ONLY_FRAMING.match(segment.mask) is not None


def may_be_framing(segment: Segment) -> bool:
    """Whether nothing stands there but words that often are politeness ("first", "OK")."""
    return _MAYBE_ONLY_FRAMING.match(segment.mask) is not None


def looks_like_a_command(segment: Segment) -> bool:
    """Whether it opens with a verb that is not known here, so that it is no part of a value."""
    mask = without_framing(segment).mask
    return bool(_UNKNOWN_VERB.match(mask) or _COMMAND_SHAPE.match(mask))


def own(segment: Segment) -> list[Clause]:
    """Every reading of a clause that stands by itself; none where it is not understood."""
    return _distinct([clause for start in _starts(segment) for clause in _readings(start)])


def _starts(segment: Segment) -> Iterator[Segment]:
    """Without all framing, and with what may be none ("first name: Ada", "最后一栏填3")."""
    bare, polite = without_framing(segment, _LEADING), without_framing(segment)
    yield from (start for start in dict.fromkeys((bare, polite)) if start.mask)


def _readings(segment: Segment) -> list[Clause]:
    special_ones = [
        *special.keys(segment), *special.scroll(segment), *special.waiting(segment)
    ]  # fmt: skip
    if any(clause.intent in ("scroll", "wait", "wait_for") for clause in special_ones):
        return special_ones
    plain = [
        *_of_forms((*english.FORMS, *chinese.FORMS), segment),
        *_repeated(segment),
        *_introduced(segment),
    ]
    return [*special_ones, *plain, *_undivided(segment)]


def _of_forms(forms: Iterable[Form], segment: Segment) -> Iterator[Clause]:
    for form in forms:
        yield from form.readings(segment)


def _repeated(segment: Segment) -> Iterator[Clause]:
    """As in "click Next twice"."""
    if first := _TIMES_FIRST.match(segment.mask):
        target = target_phrase(segment.part(first.end(), len(segment.mask)))
        times = int(special.number(first["number"]))
        if target is not None and 0 < times <= special.MAX_TIMES:
            yield segment.clause("click", target=target, times=times, cost=0.7)
    match = _TWO_TIMES.search(segment.mask)
    if match is None or match.start() == 0:
        return
    times = int(special.number(match["word"] or match["number"]))
    for clause in _of_forms((*english.FORMS, *chinese.FORMS), segment.part(0, match.start())):
        if clause.intent in _REPEATABLE and 0 < times <= special.MAX_TIMES:
            yield replace(
                clause, text=segment.text, end=segment.end, times=times, cost=clause.cost - 0.3
            )


def _introduced(segment: Segment) -> Iterator[Clause]:
    """As in "fill in the form with Name = Ada"."""
    for introduction in (english.INTRODUCTION, chinese.INTRODUCTION):
        if match := introduction.match(segment.mask):
            body = segment.part(match.end(), len(segment.mask)).trimmed()
            forms = (*english.FILL_ELLIPSIS, *chinese.FILL_ELLIPSIS)
            for clause in _of_forms(forms, body):
                yield replace(
                    clause, text=segment.text, start=segment.start, cost=clause.cost - 2.2
                )


def _undivided(segment: Segment) -> Iterator[Clause]:
    """Label and value with nothing between them, cut at every place; and a value alone."""
    verb = _VALUE_VERB.match(segment.mask)
    if verb is None:
        return
    intent: Intent = "type" if verb["typing"] else "fill"
    body = segment.part(verb.end(), len(segment.mask)).trimmed()
    yield from _cut(segment, body, intent)
    if intent == "type" and body.mask and not _DETERMINER.match(body.mask):
        value = value_phrase(body)
        if value is not None and not _NAMES_A_PLACE.search(body.mask):
            yield segment.clause("type", value=value, cost=5.0)


def _cut(
    segment: Segment, body: Segment, intent: Intent, *, cost: float = 1.5, exact: bool = False
) -> Iterator[Clause]:
    mask = body.mask
    places = [m.span() for m in _CUT.finditer(mask) if m.start() > 0 and m.end() < len(mask)]
    usual = _usual_cut(mask, places)
    for place in places[:MAX_CUTS]:
        target = target_phrase(body.part(0, place[0]))
        value = value_phrase(body.part(place[1], len(mask)))
        if target is not None and value is not None and not _MARKED.match(mask, place[1]):
            extra = 0.0 if place == usual else 0.2
            yield segment.clause(
                intent, target=target, value=value, divided=False, exact=exact, cost=cost + extra
            )


def _usual_cut(mask: str, places: list[tuple[int, int]]) -> tuple[int, int] | None:
    """Where a person would cut with no screen to look at: a colon, a blank, a change of script."""
    for wanted in (r"[:=]", r"\s"):
        for start, end in places:
            if re.search(wanted, mask[start:end]):
                return start, end
    for start, end in places:
        if not re.match(rf"[{words.CJK}]", mask[end:]) and re.match(rf"[{words.CJK}]", mask):
            return start, end
    return None


def after(
    segment: Segment, intent: Intent, *, firmly: bool = False, new_sentence: bool = False
) -> list[Clause]:
    """Readings with the verb of an earlier clause; ``firmly`` where more than "and" parts them."""
    bare = without_framing(segment)
    if not bare.mask:
        return []
    found: list[Clause] = []
    if intent in FILLING and not _COMMAND_SHAPE.match(bare.mask):
        found += _of_forms((*english.FILL_ELLIPSIS, *chinese.FILL_ELLIPSIS), bare)
        found += _cut(bare, bare, "fill", cost=3.5, exact=True)
        found = [replace(c, intent=intent) if intent == "set" else c for c in found]
    if intent in ("check", "uncheck"):
        found += _of_forms(english.STATE_ELLIPSIS, bare)
    if intent in ("select", "set"):
        found += _of_forms((*english.SELECT_ELLIPSIS, *chinese.SELECT_ELLIPSIS), bare)
    if intent == "keys":
        found += special.bare_keys(bare)
    if intent in LISTED:
        found += _listed(bare, intent, firmly, new_sentence)
    return _distinct(found)


def _listed(bare: Segment, intent: Intent, firmly: bool, new_sentence: bool) -> Iterator[Clause]:
    target = target_phrase(bare)
    if target is None or _begins_with_a_verb(bare):
        return
    capital = bare.text[:1].isupper() and not new_sentence
    surely_a_name = target.quoted or capital or bare.mask.startswith("the ")
    exact = (not surely_a_name and firmly) or looks_like_a_command(bare)
    yield bare.clause(intent, target=target, exact=exact, cost=3.0)


def _begins_with_a_verb(segment: Segment) -> bool:
    return any(clause.cost <= 1.5 and not clause.exact for clause in _readings(segment))


def named(segment: Segment) -> list[Clause]:
    """The bare name of something to click, or ``label: value``: true only if the screen has it."""
    found: list[Clause] = []
    for bare in _starts(segment):
        found += _of_forms((english.LABELLED, chinese.LABELLED), bare)
        target = target_phrase(bare)
        if target is not None and not target.quoted:
            found.append(bare.clause("name", target=target, exact=True, cost=5.0))
    return found


def introduces_a_form(segment: Segment) -> bool:
    """As in "Fill in the form:"; what follows are labels with their values."""
    mask = without_framing(segment).mask
    return bool(_all_of(english.INTRODUCTION, mask) or _all_of(chinese.INTRODUCTION, mask))


def _all_of(pattern: re.Pattern[str], mask: str) -> bool:
    match = pattern.match(mask)
    return match is not None and match.end() == len(mask)


def _distinct(found: list[Clause]) -> list[Clause]:
    """Without readings that say the same as a cheaper one."""
    best: dict[object, Clause] = {}
    for clause in sorted(found, key=lambda clause: clause.cost):
        key = replace(clause, cost=0.0, divided=True, exact=False)
        best.setdefault(key, clause)
    return list(best.values())
