"""What one screenshot says of the phrases of an instruction: is it there, and what is it?

A `Survey` is the planner's memory of one look: elements are detected once, each phrase is
grounded once. As `instructions.Evidence` it prices readings; `find` gives the element itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qvl_agent.errors import QueryError, TargetNotFound
from qvl_agent.grounding.base import Element, ElementType, Grounder, Grounding
from qvl_agent.grounding.embedded.vocabulary import TYPE_WORDS
from qvl_agent.instructions import Clause, Intent, Phrase
from qvl_agent.instructions.words import CJK, any_of
from qvl_agent.screenshot import Screenshot

MISSING = 10.0
MISSING_BUT_NEEDED = 40.0
ABSENT = 5.0
"""For what is waited for or checked, which may well be absent."""
ONE_NAME = 3.5
"""For a name with a conjunction in it: "Save and Close" rather than "Save", "Close"."""
LONGER_LABEL = 0.05
"""For each character more of a label that the screen has: 用户名 rather than 用户."""
MAX_GROUNDED = 64
"""Phrases that are grounded only to decide between readings; the rest is decided by names."""

_FIELDS: tuple[ElementType, ...] = ("text_input", "password_input", "combo_box")
_BOXES: tuple[ElementType, ...] = ("checkbox", "radio")
WANTED: dict[Intent, tuple[ElementType, ...]] = {
    "fill": _FIELDS,
    "type": _FIELDS,
    "set": (*_FIELDS, *_BOXES),
    "clear": _FIELDS,
    "select": ("combo_box", "list_item", "menu", "text_input"),
    "check": _BOXES,
    "uncheck": _BOXES,
    "name": ("button", "link", "menu", "menu_item", "tab", "icon"),
}
"""The types an intent is usually about, the likeliest first; any where it is not listed."""
TOLERATED: dict[Intent, frozenset[ElementType]] = {
    "fill": frozenset((*_FIELDS, "other")),
    "type": frozenset((*_FIELDS, "other")),
    "set": frozenset((*_FIELDS, *_BOXES, "other")),
    "clear": frozenset((*_FIELDS, "other")),
    "name": frozenset(("button", "link", "menu", "menu_item", "tab", "icon")),
    "select": frozenset((*_FIELDS, "list_item", "menu", "other", "button", "menu_item", "tab")),
    "check": frozenset((*_BOXES, "other", "text", "menu_item", "list_item", "icon")),
    "uncheck": frozenset((*_BOXES, "other", "text", "menu_item", "list_item", "icon")),
}
"""The types an intent can be carried out on; anything where it is not listed."""

_TYPE_WORD = any_of(word for words in TYPE_WORDS.values() for word in words)
_TYPE_BEHIND = re.compile(rf"[\s的]*{_TYPE_WORD}$")
_TYPE_BEFORE = re.compile(
    rf"(?:{_TYPE_WORD})\s*(?:called|named|labelled|labeled|titled|that\s+says|with\s+the\s+(?:text|label))?\s+"
)
_BETWEEN_CJK = re.compile(rf"(?<=[{CJK}])\s(?=[{CJK}])")
_JOINT = re.compile(r"\band\b|[,&，、和与及并]", re.IGNORECASE)
_AROUND = " \t\n.,:;!?*()[]<>'\"`“”‘’「」『』、。…·|-_□☐☑☒○●◯✓✔▼▾▲▸"


def normal(name: str) -> str:
    """A name as names are compared: half width, lower case, no marks around it, one blank."""
    folded = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    folded = _BETWEEN_CJK.sub("", folded)
    return folded.strip(_AROUND) or folded


def cores(phrase: str) -> tuple[str, ...]:
    """What ``phrase`` may call its element: as it is; without an article; without a word before
    or behind that only says what kind of thing it is.
    """
    name = normal(phrase)
    bare = re.sub(r"^(?:the|my|your|a|an)\s+", "", name)
    short = [_TYPE_BEHIND.sub("", bare), _TYPE_BEFORE.sub("", bare)]
    return tuple(one for one in dict.fromkeys((name, bare, *map(normal, short))) if one)


@dataclass(frozen=True, slots=True)
class _Named:
    """An element under one of its names, as `normal` gives it."""

    name: str
    element: Element


class Survey:
    """One screenshot and what the grounder said of it, each question asked once."""

    def __init__(self, shot: Screenshot, grounder: Grounder) -> None:
        self.shot = shot
        self.grounder = grounder
        self._named: list[_Named] | None = None
        self._by_name: dict[str, list[Element]] = {}
        self._grounded: dict[str, Grounding | None] = {}
        self._costs: dict[tuple[str, Intent], float] = {}

    # --- evidence -------------------------------------------------------------------------

    def consider(self, readings: Iterable[Clause]) -> None:
        """Looks once, before the readings are priced."""
        self._detect()
        unsure = dict.fromkeys(
            phrase.text
            for clause in readings
            if not clause.exact and clause.intent not in ("framing", "unknown")
            for phrase in clause.targets
            if not self._named_exactly(phrase.text)
        )
        if len(unsure) <= MAX_GROUNDED:
            self.ground([text for text in unsure if _can_be_asked(text)])

    def cost(self, clause: Clause) -> float:
        """See `instructions.Evidence`."""
        if clause.intent in ("framing", "unknown"):
            return 0.0
        if clause.intent in ("wait_for", "assert") and not clause.exact:
            return min(ABSENT, sum(self._cost_of(phrase, clause) for phrase in clause.targets))
        if not clause.divided and self._cuts_a_label(clause):
            return MISSING_BUT_NEEDED
        price = sum(self._cost_of(phrase, clause) for phrase in clause.targets)
        return price + self._cost_of_no_target(clause)

    def _cost_of(self, phrase: Phrase, clause: Clause) -> float:
        intent = intent_for(clause, phrase)
        key = (phrase.text, intent)
        if key not in self._costs:
            self._costs[key] = self._price(phrase.text, intent)
        price = self._costs[key]
        if price == 0.0:
            return self._bonus(phrase, clause)
        if clause.exact and price > 1.5:
            return MISSING_BUT_NEEDED
        return price

    def _cuts_a_label(self, clause: Clause) -> bool:
        """Whether label and value were cut inside a field's name: 账|号 where there is 账号."""
        if clause.target is None:
            return False
        body = normal(clause.text[clause.target.start - clause.start :])
        shorter = len(normal(clause.target.text))
        return any(
            len(one.name) > shorter and body.startswith(one.name)
            for one in self._named or ()
            if one.element.element_type in _FIELDS
        )

    def _bonus(self, phrase: Phrase, clause: Clause) -> float:
        """What a name that the screen has takes off the price of a reading."""
        longer = 0.0 if clause.divided else LONGER_LABEL * min(len(phrase.text), 40)
        return -longer - (ONE_NAME if _JOINT.search(phrase.text) else 0.0)

    def _cost_of_no_target(self, clause: Clause) -> float:
        """Typing the name of a field is a field without its value; keys may be a button's name."""
        if clause.intent == "type" and clause.target is None and clause.value is not None:
            alone = not clause.value.quoted and self._price(clause.value.text, "fill") <= 1.5
            return MISSING_BUT_NEEDED if alone else 0.0
        return 0.0

    def _price(self, text: str, intent: Intent) -> float:
        self._detect()
        wanted, names = WANTED.get(intent, ()), cores(text)
        exact = self._bearing(names)
        if exact:
            fits = not wanted or any(element.element_type in wanted for element in exact)
            return 0.0 if fits else 1.5 if self._tolerated(exact, intent) else 6.0
        partly = [one.element for one in self._named or () if _holds(one.name, names[-1])]
        if any(not wanted or element.element_type in wanted for element in partly):
            return 2.5
        found = self._grounded.get(text)
        if found is not None and self._tolerated([found], intent):
            return 4.0 - (found.confidence or 0.0)
        return MISSING

    def _tolerated(self, elements: Sequence[Element], intent: Intent) -> bool:
        allowed = TOLERATED.get(intent)
        return allowed is None or any(element.element_type in allowed for element in elements)

    def _named_exactly(self, text: str) -> bool:
        return bool(self._bearing(cores(text)))

    def _bearing(self, names: Sequence[str]) -> list[Element]:
        """The elements that bear the first of ``names`` that any of them bears."""
        return next((self._by_name[name] for name in names if name in self._by_name), [])

    def _detect(self) -> None:
        if self._named is not None:
            return
        self._named = [
            _Named(name, element)
            for element in self.grounder.detect(self.shot)
            for name in dict.fromkeys((normal(element.label), normal(element.text)))
            if name
        ]
        for one in self._named:
            self._by_name.setdefault(one.name, []).append(one.element)

    # --- finding --------------------------------------------------------------------------

    def ground(self, phrases: Sequence[str]) -> None:
        """Asks for all of ``phrases`` that were not asked for before, in one look."""
        new = [phrase for phrase in dict.fromkeys(phrases) if phrase not in self._grounded]
        if new:
            found = self.grounder.ground(self.shot, new)
            self._grounded.update(zip(new, found, strict=True))

    def find(self, phrase: str, intent: Intent) -> Grounding | None:
        """The element that ``phrase`` names and that ``intent`` can be carried out on."""
        self.ground([phrase])
        found = self._grounded[phrase]
        wanted = WANTED.get(intent, ())
        if found is not None and (not wanted or found.element_type in wanted):
            return self._to_act_on(phrase, found)
        typed = [self._locate(phrase, kind) for kind in wanted]
        fitting = [g for g in typed if g is not None and g.element_type in wanted]
        if fitting:
            return max(fitting, key=lambda grounding: grounding.confidence or 0.0)
        if found is not None and self._tolerated([found], intent):
            return found
        return self._by_its_label(phrase, intent)

    def _to_act_on(self, phrase: str, found: Grounding) -> Grounding:
        """For a check box or radio button its mark, which always takes the click: words beside
        it may not.
        """
        if found.element_type not in ("checkbox", "radio"):
            return found
        mark = self._locate(phrase, found.element_type)
        return mark if mark is not None and mark.element_type == found.element_type else found

    def nearest(self, phrase: str) -> tuple[Element, ...]:
        """What comes nearest to a phrase that was not found, best first."""
        try:
            found = self.grounder.locate(self.shot, phrase)
        except TargetNotFound as error:
            return error.candidates
        except QueryError:
            return ()
        return (found,)

    def _locate(self, phrase: str, kind: ElementType) -> Grounding | None:
        try:
            return self.grounder.locate(self.shot, phrase, element_type=kind)
        except TargetNotFound:
            return None

    def _by_its_label(self, phrase: str, intent: Intent) -> Grounding | None:
        """Asks again under the very label of an element that bears the phrase's name."""
        self._detect()
        wanted = WANTED.get(intent, ())
        named = self._bearing(cores(phrase))
        fitting = [e for e in named if not wanted or e.element_type in wanted]
        for element in fitting:
            found = self._locate(element.label, element.element_type) if element.label else None
            if found is not None:
                return found
        return None


def intent_for(clause: Clause, phrase: Phrase) -> Intent:
    """What ``phrase`` must be good for: the end of a drag and a bare choice may be anything."""
    if phrase is clause.to:
        return "hover"
    return "click" if clause.intent == "select" and clause.value is None else clause.intent


def _can_be_asked(text: str) -> bool:
    return 0 < len(text) <= 200 and any(char.isalnum() for char in text)


def _holds(name: str, part: str) -> bool:
    """Whether ``part`` stands in ``name`` as whole words, or as two Chinese characters or more."""
    if len(part) < 2 or part not in name:
        return False
    edge = r"(?<![a-z0-9])" if part[0].isascii() else ""
    end = r"(?![a-z0-9])" if part[-1].isascii() else ""
    return re.search(edge + re.escape(part) + end, name) is not None
