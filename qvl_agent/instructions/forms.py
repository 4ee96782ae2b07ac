"""How one clause may be put: a head, what follows it, and what lies between two phrases.

A `Form` is data; `readings` lays it over a `Segment` of the instruction. A form with a marker
("… with …") gives one reading for each place where the marker stands, the usual place first:
which of them was meant is for the screen to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from qvl_agent.instructions import words
from qvl_agent.instructions.clauses import Clause, Intent, Phrase
from qvl_agent.instructions.masking import unquoted

MAX_MARKERS = 8
MAX_TARGET = 200
_EDGE = " \t\n,;:，；：。、"
_VALUE_END = re.compile(rf"\s+{words.any_of(words.AFTER_A_VALUE)}\s*+$")
_TARGET_END = re.compile(rf"[\s,]*{words.any_of(words.TRAILING_FILLERS)}[\s.!。！]*$")
_ARTICLE = re.compile(r"the\s+(?=\S)")
_NO_TARGET = re.compile(r"^(?:.*\s)?(?:not|isn't|is|are|be|to|with|and|or|for)$")
_SYMBOLS = 2


@dataclass(frozen=True)
class Segment:
    """``instruction[start:end]`` with its mask; patterns run over `mask`, places are absolute."""

    instruction: str
    whole_mask: str
    start: int
    end: int

    @cached_property
    def mask(self) -> str:
        return self.whole_mask[self.start : self.end]

    @property
    def text(self) -> str:
        return self.instruction[self.start : self.end]

    def part(self, start: int, end: int) -> Segment:
        """The segment of the places ``start`` to ``end`` of this one."""
        return Segment(self.instruction, self.whole_mask, self.start + start, self.start + end)

    def trimmed(self, edge: str = _EDGE) -> Segment:
        mask = self.mask
        left = len(mask) - len(mask.lstrip(edge))
        return self.part(left, max(left, len(mask.rstrip(edge))))

    def without(self, pattern: re.Pattern[str]) -> Segment:
        """Without what ``pattern`` finds at one of its ends."""
        match = pattern.search(self.mask)
        if match is None:
            return self
        return (
            self.part(match.end(), len(self.mask))
            if match.start() == 0
            else self.part(0, match.start())
        )

    def phrase(self) -> Phrase:
        text, quoted = unquoted(self.text)
        inset = 1 if quoted else 0
        return Phrase(text, self.start + inset, self.end - inset, quoted)

    def clause(self, intent: Intent, **slots: object) -> Clause:
        """A reading of the whole segment."""
        return Clause(intent=intent, text=self.text, start=self.start, end=self.end, **slots)  # type: ignore[arg-type]


def target_phrase(segment: Segment) -> Phrase | None:
    """What names something on the screen: no article, no politeness behind it; None if nothing."""
    segment = segment.trimmed(_EDGE + ".!！")
    while (shorter := segment.without(_TARGET_END).trimmed()) != segment and shorter.mask:
        segment = shorter
    if article := _ARTICLE.match(segment.mask):
        segment = segment.part(article.end(), len(segment.mask))
    if not segment.mask or len(segment.mask) > MAX_TARGET or _NO_TARGET.match(segment.text):
        return None
    phrase = segment.phrase()
    says_something = any(char.isalnum() for char in phrase.text) or len(phrase.text) <= _SYMBOLS
    return phrase if phrase.text.strip() and (says_something or phrase.quoted) else None


def value_phrase(segment: Segment) -> Phrase | None:
    """What is typed or chosen, to the letter; None if nothing is left of it."""
    segment = segment.without(_VALUE_END).trimmed(" \t\n")
    segment = segment.trimmed(":：= ") if segment.mask[:1] in (":", "=") else segment
    if not segment.mask:
        return None
    phrase = segment.phrase()
    return phrase if phrase.text or phrase.quoted else None


Slots = Callable[[Segment], Phrase | None]
_SLOTS: dict[str, tuple[str, Slots]] = {
    "t": ("target", target_phrase),
    "v": ("value", value_phrase),
    "o": ("to", target_phrase),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way to put a clause.

    Attributes:
        intent: what the clause wants.
        head: what it begins with; None for nothing.
        marker: what lies between the two phrases; None for a form with one phrase.
        roles: which phrase comes first: t(arget), v(alue), o (the end of a drag).
        tail: what must end the clause; ``may_end``: what may end it. Neither is in a phrase.
        refuse: where this is found, the form does not hold.
        last: the marker's last place is the usual one.
        exact, cost: as in `Clause`.
    """

    intent: Intent
    head: re.Pattern[str] | None = None
    marker: re.Pattern[str] | None = None
    roles: str = "t"
    tail: re.Pattern[str] | None = None
    may_end: re.Pattern[str] | None = None
    refuse: re.Pattern[str] | None = None
    last: bool = False
    exact: bool = False
    cost: float = 1.0

    def readings(self, segment: Segment) -> Iterator[Clause]:
        """Every reading of the whole segment in this form."""
        body = self._body(segment)
        if body is None:
            return
        for index, parts in enumerate(self._parts(body)):
            phrases = {}
            for role, part in zip(self.roles, parts, strict=True):
                name, make = _SLOTS[role]
                phrases[name] = make(part)
            if all(phrases.values()):
                cost = self.cost + 0.1 * index
                yield segment.clause(self.intent, exact=self.exact, cost=cost, **phrases)

    def _body(self, segment: Segment) -> Segment | None:
        mask = segment.mask
        if self.refuse is not None and self.refuse.search(mask):
            return None
        start, end = 0, len(mask)
        if self.head is not None:
            if (head := self.head.match(mask)) is None:
                return None
            start = head.end()
        for pattern, needed in ((self.tail, True), (self.may_end, False)):
            if pattern is None:
                continue
            tail = pattern.search(mask, start, end)
            if tail is not None:
                end = tail.start()
            elif needed:
                return None
        return segment.part(start, end) if end > start else None

    def _parts(self, body: Segment) -> list[tuple[Segment, ...]]:
        if self.marker is None:
            return [(body,)]
        found = list(self.marker.finditer(body.mask))
        found = found[-MAX_MARKERS:][::-1] if self.last else found[:MAX_MARKERS]
        length = len(body.mask)
        return [(body.part(0, m.start()), body.part(m.end(), length)) for m in found]


def head(*tables: tuple[str, ...], before: str = "", after: str = r"\s*+") -> re.Pattern[str]:
    """A pattern for one of the words, at the start of a clause."""
    return re.compile(before + words.any_of(word for table in tables for word in table) + after)


def tail(*tables: tuple[str, ...], before: str = r"\s*+") -> re.Pattern[str]:
    """A pattern for one of the words, at the end of a clause."""
    one = words.any_of(word for table in tables for word in table)
    return re.compile(rf"{before}{one}[\s.!。！]*$")


def between(*options: str) -> re.Pattern[str]:
    """A pattern for one of the words between two phrases, blanks around it."""
    return re.compile(rf"(?<=\S)\s*+(?:{words.any_of(options)})\s*+(?=\S)")


def with_intent(form: Form, intent: Intent) -> Form:
    return replace(form, intent=intent)
