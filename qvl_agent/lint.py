"""What a careful reader would ask about a plan before it runs. Lint advises, policy refuses.

Pure: reads the plan and what it is told, not the screen and not the clock. It knows nothing of
what the program does: no finding does not mean that a plan is right.

Codes: ``low_confidence``, ``out_of_bounds``, ``overlapping_boxes``, ``stale_capture``,
``unknown_capture``, ``untypable_text``, ``newline_in_field``, ``missing_postcondition``,
``ambiguous_target``, ``disabled_target``, ``no_target``, ``secret_in_plain_field``,
``outside_instruction``; docs/plan.md says what each means.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from qvl_agent.geometry import Box, Size
from qvl_agent.lint_words import named_by_position, names_keys, shares_words
from qvl_agent.placeholders import find_placeholders, without_placeholders
from qvl_agent.plan import Plan
from qvl_agent.plan_steps import (
    AssertVisible,
    Click,
    DoubleClick,
    Drag,
    PlacedStep,
    PressKeys,
    RightClick,
    SelectOption,
    SetChecked,
    StepBase,
    TypeText,
    WaitFor,
)

Severity = Literal["error", "warning", "info"]

#: Steps that change something in the program.
ACTING = (Click, DoubleClick, RightClick, Drag, TypeText, PressKeys, SelectOption, SetChecked)
FIELD_TYPES = ("text_input", "password_input", "combo_box")

EDITING_CHORDS = (("ctrl", "a"), ("delete",), ("backspace",), ("home",), ("end",), ("tab",))

OVERLAP = 0.5  # intersection over union from which two boxes are hardly two things
MAX_COMPARED = 2_000  # distinct targets compared for overlaps, in the order of the steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One remark.

    Attributes:
        code: stable name of the kind of remark.
        severity: "error" (it will hardly work), "warning" (look at it) or "info".
        step: index into ``plan.steps``; None when it is about the whole plan.
        message: what is the matter; names labels, never typed text.
        hint: what to do about it.
    """

    code: str
    severity: Severity
    step: int | None
    message: str
    hint: str


def lint(
    plan: Plan,
    *,
    threshold: float = 0.9,
    size: Size | None = None,
    now: datetime | None = None,
    max_age: float = 60.0,
) -> list[Finding]:
    """Every remark about ``plan``, those about the whole plan first, then in step order.

    Args:
        plan: the plan; it is not changed.
        threshold: confidences below it are named; None counts as zero.
        size: of the screen it is to run on, in pixels; default the size in the metadata.
        now: with an offset from UTC; None leaves the capture's age out.
        max_age: of the screenshot, in seconds.
    """
    shot = plan.metadata.screenshot
    size = size or (shot.size if shot else None)
    findings = [
        *_stale_capture(plan, now, max_age),
        *_missing_postcondition(plan),
        *_overlaps(plan),
    ]
    before: StepBase | None = None
    for index, step in enumerate(plan.steps):
        findings += _about_target(index, step, threshold)
        findings += _about_bounds(index, step, size)
        findings += _about_typing(index, step, before)
        findings += _about_instruction(index, step, plan.task)
        before = step
    return sorted(findings, key=lambda finding: -1 if finding.step is None else finding.step)


def _stale_capture(plan: Plan, now: datetime | None, max_age: float) -> Iterator[Finding]:
    shot = plan.metadata.screenshot
    taken = shot.captured_at if shot else None
    if taken is None:
        yield Finding(
            code="unknown_capture",
            severity="info",
            step=None,
            message="the plan does not say when its screenshot was captured",
            hint="look again before acting on its boxes",
        )
    elif now is not None and not 0 <= (age := (now - taken).total_seconds()) <= max_age:
        when = f"{age:.0f} s ago" if age > 0 else "in the future"
        yield Finding(
            code="stale_capture",
            severity="warning",
            step=None,
            message=f"the screenshot was captured {when}",
            hint="plan again from a new screenshot",
        )


def _missing_postcondition(plan: Plan) -> Iterator[Finding]:
    """About the last acting step, when nothing says what must hold after it."""
    for index in range(len(plan.steps) - 1, -1, -1):
        step = plan.steps[index]
        if isinstance(step, WaitFor | AssertVisible) or step.expect is not None:
            return
        if isinstance(step, ACTING):
            yield Finding(
                code="missing_postcondition",
                severity="warning",
                step=index,
                message=f"nothing checks what the last {step.action} led to",
                hint="add expect to it, or an assert_visible step after it",
            )
            return


def _overlaps(plan: Plan) -> Iterator[Finding]:
    """Targets with different labels in hardly different places; the first overlap of each."""
    targets: dict[tuple[str, Box], int] = {}
    for index, step in enumerate(plan.steps):
        if isinstance(step, PlacedStep) and step.label is not None and step.bbox is not None:
            targets.setdefault((step.label, step.bbox), index)
    compared = list(targets.items())[:MAX_COMPARED]
    for later, ((label, box), index) in enumerate(compared):
        for (other_label, other_box), other_index in compared[:later]:
            if label != other_label and box.iou(other_box) >= OVERLAP:
                yield Finding(
                    code="overlapping_boxes",
                    severity="warning",
                    step=index,
                    message=f"{label!r} lies where step {other_index} has {other_label!r}",
                    hint="one of the two boxes is probably wrong",
                )
                break


def _about_target(index: int, step: StepBase, threshold: float) -> Iterator[Finding]:
    if not isinstance(step, PlacedStep):
        return
    if step.bbox is not None and (sure := _confidence(step)) < threshold:
        known = "unknown" if step.confidence is None else f"{sure:.2f}"
        yield Finding(
            code="low_confidence",
            severity="warning",
            step=index,
            message=f"the confidence in {step.label!r} is {known}, below {threshold:g}",
            hint="look at the box before letting it run",
        )
    if step.alternatives:
        yield Finding(
            code="ambiguous_target",
            severity="warning",
            step=index,
            message=f"{len(step.alternatives)} other elements also fit {step.label!r}",
            hint="name the target more precisely",
        )
    if isinstance(step, ACTING) and step.seen is not None and step.seen.enabled is False:
        yield Finding(
            code="disabled_target",
            severity="error",
            step=index,
            message=f"{step.label!r} was drawn as disabled",
            hint="do first what enables it, then plan again",
        )


def _confidence(step: PlacedStep) -> float:
    """The lowest confidence of the step's boxes, 0 to 1; None counts as zero."""
    values = [step.confidence, step.to_confidence] if isinstance(step, Drag) else [step.confidence]
    return min(value or 0.0 for value in values)


def _about_bounds(index: int, step: StepBase, size: Size | None) -> Iterator[Finding]:
    if size is None:
        return
    screen = Box(0, 0, size.width, size.height)
    if any(not screen.contains_box(box) for _, box in step.boxes()):
        yield Finding(
            code="out_of_bounds",
            severity="error",
            step=index,
            message=f"a box reaches out of the screen, which is {size.width}x{size.height}",
            hint="plan again from a screenshot of this screen",
        )


def _about_typing(index: int, step: StepBase, before: StepBase | None) -> Iterator[Finding]:
    if not isinstance(step, TypeText):
        return
    yield from _untypable(index, step)
    if step.bbox is None:
        clicked = isinstance(before, Click) and before.element_type in FIELD_TYPES
        yield Finding(
            code="no_target",
            severity="info" if clicked else "warning",
            step=index,
            message="types wherever the focus is",
            hint="give the field's element_type, label and bbox",
        )
    elif step.element_type != "password_input" and _has_secret(step.text):
        yield Finding(
            code="secret_in_plain_field",
            severity="info",
            step=index,
            message=f"a secret is typed into {step.label!r}, which is not a password field",
            hint="it may be readable on the screen",
        )


def _has_secret(text: str) -> bool:
    return any(placeholder.kind == "secret" for placeholder in find_placeholders(text))


def _untypable(index: int, step: TypeText) -> Iterator[Finding]:
    plain = without_placeholders(step.text)
    if codes := sorted({f"U+{ord(one):04X}" for one in plain if not _can_be_typed(one)}):
        yield Finding(
            code="untypable_text",
            severity="error",
            step=index,
            message=f"characters that cannot be typed: {', '.join(codes[:5])}",
            hint="take them out of the text",
        )
    if "\n" in plain and step.element_type in FIELD_TYPES:
        yield Finding(
            code="newline_in_field",
            severity="warning",
            step=index,
            message=f"a new line in {step.label!r}: in a field of one line it submits the form",
            hint="press enter in a step of its own if that is what is meant",
        )


def _can_be_typed(character: str) -> bool:
    if character in "\n\t":
        return True
    return unicodedata.category(character) not in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")


def _about_instruction(index: int, step: StepBase, task: str) -> Iterator[Finding]:
    """A screen can carry instructions of somebody else; what acts should come from the task."""
    if not isinstance(step, ACTING) or (stranger := _stranger(step, task)) is None:
        return
    by_position = stranger == "target" and named_by_position(step.instruction or task)
    editing = isinstance(step, PressKeys) and step.keys in EDITING_CHORDS
    yield Finding(
        code="outside_instruction",
        severity="info" if by_position or editing else "warning",
        step=index,
        message=f"the instruction does not name this step's {stranger}",
        hint="check that the step does what was asked for, and not what the screen asks for",
    )


def _stranger(step: StepBase, task: str) -> str | None:
    """Which part of an acting step the task does not name; None when it names all of it."""
    if step.instruction is not None and not shares_words(step.instruction, task, all_of_them=True):
        return "clause"
    if isinstance(step, TypeText) and not _asked_for(step.text, task):
        return "text"
    if isinstance(step, SelectOption) and not _asked_for(step.option, task):
        return "option"
    if isinstance(step, PressKeys) and not names_keys(step.keys, task):
        return "keys"
    if isinstance(step, PlacedStep) and step.label and not shares_words(step.label, task):
        return "target"
    return None


def _asked_for(text: str, task: str) -> bool:
    return shares_words(without_placeholders(text), task, all_of_them=True)
