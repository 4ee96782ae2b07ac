"""Instruction + screenshot + grounder -> `Plan`. Plans only; nothing is ever carried out here.

`qvl_agent.instructions` gives every reading of the instruction; what is on the screen decides
among them (where a label ends and its value begins, whether "Save and Close" is one button or
two); then every target is grounded in one look. What the screen shows is only ever compared
with the instruction's words: no text of the screen becomes a step.

Not known here: what the screen will look like after a step. A target that only appears later
is not found; the closed loop (``run --task``) looks again after every step.
"""

from __future__ import annotations

from datetime import UTC, datetime

from qvl_agent.errors import InstructionError
from qvl_agent.grounding.base import Grounder
from qvl_agent.instructions import Blind, Clause, Lattice, lattice, understood
from qvl_agent.plan import ACTIONS, Metadata, Plan, ScreenshotInfo, plan_errors
from qvl_agent.screenshot import Screenshot
from qvl_agent.stepping import Stepper
from qvl_agent.survey import Survey


def plan(instruction: str, shot: Screenshot, grounder: Grounder) -> Plan:
    """The steps that ``instruction`` asks for, with boxes on ``shot``; executes nothing.

    Raises:
        InstructionError: empty, too long, or a clause that is not understood (it is named).
        TargetNotFound: a clause's target is not on this screen; carries the nearest candidates.
        PlanError: a value cannot stand in a plan, such as a malformed ``{{placeholder}}``.
    """
    read = lattice(instruction)
    survey = Survey(shot, grounder)
    clauses = understood(_decided(read, survey))
    with plan_errors(ACTIONS):
        steps = Stepper(survey).steps(clauses)
        if not steps:
            raise InstructionError("the instruction asks for nothing", hint="say what to do")
        task = " ".join(instruction.split())
        return Plan(task=task, steps=tuple(steps), metadata=_metadata(survey))


def _decided(read: Lattice, survey: Survey) -> list[Clause]:
    """The clauses; looks at the screen only where the words leave doubt."""
    blind = read.best(Blind())
    if read.plain(blind):
        return blind
    survey.consider(read.readings())
    return read.best(survey)


def _metadata(survey: Survey) -> Metadata:
    return Metadata.unverified(
        survey.grounder.model_version,
        screenshot=ScreenshotInfo.of(survey.shot),
        created_at=datetime.now(UTC),
    )
