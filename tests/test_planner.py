from __future__ import annotations

from typing import Any

import pytest

from instruction_cases import CHINESE, CHINESE_SCREEN, ENGLISH, ENGLISH_SCREEN, Expected
from named_screen import NamedScreen
from qvl_agent.errors import InstructionError
from qvl_agent.plan import Drag, PressKeys, Scroll, SelectOption, SetChecked, Step, TypeText, Wait
from qvl_agent.plan import WaitFor
from qvl_agent.planner import plan
from qvl_agent.testing import card

SHOT = card(300, 900)


def shown(step: Step) -> Expected:
    """A step as the tables write it; details that a table leaves out are None."""
    if isinstance(step, TypeText):
        return (step.action, step.label, step.text)
    if isinstance(step, SelectOption):
        return (step.action, step.label, step.option)
    if isinstance(step, SetChecked):
        return (step.action, step.label, step.checked)
    if isinstance(step, PressKeys):
        return (step.action, list(step.keys))
    if isinstance(step, Scroll):
        return (step.action, step.direction, step.amount)
    if isinstance(step, Wait):
        return (step.action, step.seconds)
    if isinstance(step, Drag):
        return (step.action, step.label, step.to_label)
    if isinstance(step, WaitFor):
        return (step.action, step.label, step.timeout)
    return (step.action, step.label)


def same(step: Step, expected: Expected) -> bool:
    found = shown(step)
    return all(
        wanted is None or wanted == got for wanted, got in zip(expected, found, strict=False)
    )


def steps(instruction: str, screen: NamedScreen) -> list[Step]:
    return list(plan(instruction, SHOT, screen).steps)


@pytest.mark.parametrize(
    ("instruction", "expected", "screen"),
    [
        *((text, wanted, ENGLISH_SCREEN) for text, wanted in ENGLISH),
        *((text, wanted, CHINESE_SCREEN) for text, wanted in CHINESE),
    ],
)
def test_a_person_means(instruction: str, expected: list[Expected], screen: Any) -> None:
    if not expected:
        with pytest.raises(InstructionError):
            steps(instruction, NamedScreen(*screen))
        return
    made = steps(instruction, NamedScreen(*screen))
    assert [shown(step) for step in made] == [
        tuple(got if want is None else want for want, got in zip(wanted, shown(step), strict=False))
        + shown(step)[len(wanted) :]
        for step, wanted in zip(made, expected, strict=False)
    ]
    assert len(made) == len(expected)
