"""Clauses and what was found for them -> the steps of a plan.

One clause gives one step as a rule; "press Tab twice" gives two, "clear Name" three (click,
select all, delete). The type of what was found decides what "set", "select" and "open" mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qvl_agent.errors import InstructionError, TargetNotFound
from qvl_agent.geometry import Box
from qvl_agent.grounding.base import Element, Grounding
from qvl_agent.instructions import Clause, Intent, Phrase
from qvl_agent.instructions.special import USUAL_SCROLL
from qvl_agent.instructions.words import PRONOUNS, STATE_OFF, STATE_ON
from qvl_agent.plan import (
    Alternative,
    AssertVisible,
    Click,
    DoubleClick,
    Drag,
    Hover,
    LocateElement,
    PressKeys,
    RightClick,
    Scroll,
    Seen,
    SelectOption,
    SetChecked,
    Step,
    StepBase,
    TypeText,
    Wait,
    WaitFor,
)
from qvl_agent.survey import Survey, intent_for, normal

_SIMPLE: dict[Intent, type[StepBase]] = {
    "click": Click,
    "name": Click,
    "double_click": DoubleClick,
    "right_click": RightClick,
    "hover": Hover,
    "locate": LocateElement,
}
_SOUGHT: dict[Intent, type[WaitFor] | type[AssertVisible]] = {
    "wait_for": WaitFor,
    "assert": AssertVisible,
}
_ENTERING = frozenset(("click", "double_click", "clear"))
_ENTERED = frozenset(("text_input", "password_input"))
_TICKED = frozenset(("checkbox", "radio"))
_LATER = (
    "it is not on this screen; if a step before it makes it appear, use the closed loop "
    "(run --task), which looks again after every step"
)


class Stepper:
    """Turns the clauses of one instruction into steps, on one survey of the screen."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._last: Grounding | None = None
        self._entered: Grounding | None = None

    def steps(self, clauses: Sequence[Clause]) -> list[Step]:
        """The steps, in order.

        Raises:
            TargetNotFound: a clause's target is not on the screen.
            InstructionError: what was found cannot be used as the clause says.
        """
        phrases = [p.text for clause in clauses for p in clause.targets if not _is_pronoun(p)]
        self._survey.ground(phrases)
        made: list[Step] = []
        for clause in clauses:
            made += self._steps_of(clause)
            self._entered = self._last if clause.intent in _ENTERING else None
        return made

    def _steps_of(self, clause: Clause) -> list[Step]:
        common: dict[str, Any] = {"instruction": " ".join(clause.text.split())}
        if clause.intent == "wait":
            return [Wait(seconds=float(clause.seconds or 0.0), **common)]
        if clause.intent == "keys":
            return [PressKeys(keys=chord, **common) for chord in clause.chords]
        if clause.intent in _SOUGHT and clause.target is not None:
            return [self._sought(clause, clause.target, common)]
        if clause.target is None:
            return [self._untargeted(clause, common)]
        found = self._found(clause, clause.target)
        self._last = found
        return self._on(clause, found, common | self._place(found, clause.target))

    def _on(self, clause: Clause, found: Grounding, fields: dict[str, Any]) -> list[Step]:
        if clause.intent in _SIMPLE:
            return [_SIMPLE[clause.intent](**fields)] * clause.times  # type: ignore[list-item]
        if clause.intent in ("check", "uncheck"):
            return [SetChecked(checked=clause.intent == "check", **fields)]
        if clause.intent == "scroll":
            return [_scroll(clause, fields)]
        if clause.to is not None:
            return [self._drag(clause, clause.to, fields)]
        if clause.intent == "open":
            return [_opened(clause, found, fields)]
        if clause.intent == "clear":
            return _cleared(fields)
        if clause.value is None:
            return [_chosen(found, fields)]
        return [_put(clause, clause.value, found, fields)]

    def _untargeted(self, clause: Clause, common: dict[str, Any]) -> Step:
        """Where no target was named: typing goes to the field just clicked, or to the focus."""
        if clause.intent == "scroll":
            return _scroll(clause, common)
        if self._entered is not None and self._entered.element_type in _ENTERED:
            common |= self._place(self._entered, None)
        return TypeText(text=_text(clause), **common)

    def _sought(self, clause: Clause, target: Phrase, fields: dict[str, Any]) -> Step:
        """What may not be there yet: with its box if it is."""
        found = self._survey.find(target.text, clause.intent)
        fields |= self._place(found, target) if found else {"label": target.text}
        if clause.seconds is not None:
            fields["timeout"] = float(clause.seconds)
        return _SOUGHT[clause.intent](**fields)

    def _drag(self, clause: Clause, to: Phrase, fields: dict[str, Any]) -> Step:
        end = self._found(clause, to)
        return Drag(
            to=self._box(end),
            to_label=end.label or to.text,
            to_confidence=end.confidence,
            **fields,
        )

    def _found(self, clause: Clause, phrase: Phrase) -> Grounding:
        if _is_pronoun(phrase) and self._last is not None:
            return self._last
        found = self._survey.find(phrase.text, intent_for(clause, phrase))
        if found is None:
            raise self._missing(clause, phrase)
        return found

    def _missing(self, clause: Clause, phrase: Phrase) -> TargetNotFound:
        near = self._survey.nearest(phrase.text)
        names = list(dict.fromkeys(_name(element) for element in near[:5]))
        nearest = f"; nearest: {', '.join(names)}" if names else ""
        return TargetNotFound(
            f"“{_short(phrase.text)}” was not found, for “{_short(clause.text)}”{nearest}",
            hint=f"{_LATER}; quote a value that contains commas or “and”",
            candidates=near,
        )

    def _place(self, found: Grounding, phrase: Phrase | None) -> dict[str, Any]:
        """The fields that say where a step acts."""
        fields: dict[str, Any] = {
            "element_type": found.element_type,
            "label": found.label or (phrase.text if phrase else ""),
            "bbox": self._box(found),
            "confidence": found.confidence,
            "alternatives": tuple(self._alternative(other) for other in found.alternatives[:10]),
        }
        if not found.enabled or found.checked is not None:
            fields["seen"] = Seen(enabled=found.enabled, checked=found.checked)
        return fields

    def _alternative(self, other: Element) -> Alternative:
        return Alternative(
            label=other.label,
            element_type=other.element_type,
            bbox=self._box(other),
            confidence=other.confidence,
        )

    def _box(self, element: Element) -> Box:
        """The element's box in whole pixels, inside the screenshot."""
        return element.bbox.clipped(self._survey.shot.size).outward()


def _put(clause: Clause, value: Phrase, found: Grounding, fields: dict[str, Any]) -> Step:
    """A value for what was found: typed, chosen, or ticked, as its type wants it."""
    if clause.intent == "set" and found.element_type in _TICKED:
        return SetChecked(checked=_state(clause, value), **fields)
    chooses = clause.intent in ("fill", "set") and found.element_type == "combo_box"
    if clause.intent == "select" or chooses:
        return SelectOption(option=value.text, **fields)
    return TypeText(text=_text(clause), **fields)


def _text(clause: Clause) -> str:
    text = clause.value.text if clause.value else ""
    if not text:
        raise InstructionError(
            f"there is nothing to type in “{_short(clause.text)}”",
            hint="to empty a field, say “clear …” or 清空…",
        )
    return text


def _state(clause: Clause, value: Phrase) -> bool:
    said = normal(value.text)
    if said in STATE_ON or said in STATE_OFF:
        return said in STATE_ON
    raise InstructionError(
        f"a check box cannot be set to “{_short(value.text)}”, in “{_short(clause.text)}”",
        hint="say on or off, 勾选 or 取消勾选",
    )


def _chosen(found: Grounding, fields: dict[str, Any]) -> Step:
    """As in "select Male": a radio or check box is set, anything else is clicked."""
    return SetChecked(checked=True, **fields) if found.element_type in _TICKED else Click(**fields)


def _opened(clause: Clause, found: Grounding, fields: dict[str, Any]) -> Step:
    if found.element_type in _TICKED:
        return SetChecked(checked=True, **fields)
    if found.element_type != "list_item":  # of which one opens by a click, one by two
        return Click(**fields)
    raise InstructionError(
        f"how “{_short(found.label)}” is opened is not clear, in “{_short(clause.text)}”",
        hint="say click or double-click, 点击 or 双击",
    )


def _cleared(fields: dict[str, Any]) -> list[Step]:
    """Clicks into the field, selects all of it, deletes it."""
    focus = {name: fields[name] for name in ("instruction",)}
    return [
        Click(**fields),
        PressKeys(keys=("ctrl", "a"), **focus),
        PressKeys(keys=("delete",), **focus),
    ]


def _scroll(clause: Clause, fields: dict[str, Any]) -> Step:
    amount = clause.amount or USUAL_SCROLL
    return Scroll(direction=clause.direction or "down", amount=amount, **fields)


def _is_pronoun(phrase: Phrase) -> bool:
    return not phrase.quoted and phrase.text.lower() in PRONOUNS


def _name(element: Element) -> str:
    return f"“{_short(element.label or element.text or element.element_type)}”"


def _short(text: str) -> str:
    """One line, no longer than a message bears."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
