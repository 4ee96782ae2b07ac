"""What each command of `qvl_agent.cli` does: parsed arguments in, a JSON document out.

A target that is not there is an answer too: its document lists the nearest candidates, and its
error gives the exit code. Everything else that goes wrong raises.
"""

from __future__ import annotations

import json
import math
import re
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qvl_agent.capture import capture
from qvl_agent.decoding import MAX_BYTES
from qvl_agent.errors import (
    ImageError,
    InputError,
    PolicyError,
    QvlAgentError,
    TargetNotFound,
    UsageError,
)
from qvl_agent.geometry import Box
from qvl_agent.grounding import load_grounder
from qvl_agent.grounding.base import Element, Grounder, Grounding
from qvl_agent.plan import Metadata, PlacedStep, Plan, ScreenshotInfo
from qvl_agent.plan_json import MAX_BYTES as MAX_PLAN_BYTES
from qvl_agent.progress import Progress
from qvl_agent.screenshot import Screenshot

Document = dict[str, Any]

_NUMBERS_ON_LINES = re.compile(r"\[\n\s+([-+.\deE]+(?:,\n\s+[-+.\deE]+)*)\n\s*\]")
_OVERLAY_ENDINGS = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command gives back: a document for stdout, and what went wrong, if anything."""

    document: Document
    error: QvlAgentError | None = None


def observe(arguments: Namespace) -> Answer:
    """Every element on the screen."""
    with _screenshot(arguments) as shot:
        grounder = load_grounder(arguments.grounder)
        elements = grounder.detect(shot)
        _draw(arguments, shot, elements)
        return Answer(
            document={
                "screenshot": _written(ScreenshotInfo.of(shot)),
                "elements": [element_document(element) for element in elements],
                "metadata": _metadata(grounder),
            }
        )


def locate(arguments: Namespace) -> Answer:
    """The one element a query names."""
    least = _probability(arguments.min_confidence, "--min-confidence")
    query = arguments.query
    with _screenshot(arguments) as shot:
        grounder = load_grounder(arguments.grounder)
        try:
            found = grounder.locate(shot, query, element_type=arguments.element_type)
        except TargetNotFound as error:
            return _not_found(arguments, shot, error, {"query": query})
        _draw(arguments, shot, [found])
        document = {"query": query, "found": True, **grounding_document(found)}
        document["metadata"] = _metadata(grounder, shot)
        return Answer(document=document, error=_too_unsure(found, least))


def plan(arguments: Namespace) -> Answer:
    """The steps an instruction asks for."""
    from qvl_agent.planner import plan as make_plan

    instruction = arguments.instruction
    with _screenshot(arguments) as shot:
        grounder = load_grounder(arguments.grounder)
        try:
            made = make_plan(instruction, shot, grounder)
        except TargetNotFound as error:
            return _not_found(arguments, shot, error, {"task": instruction})
        _draw(arguments, shot, _targets(made))
        return Answer(document=made.to_data())


def lint(arguments: Namespace) -> Answer:
    """Whether a file is a plan, and what a careful reader would ask about it."""
    if arguments.plan == "-":
        loaded = Plan.from_json(sys.stdin.buffer.read(MAX_PLAN_BYTES + 1))
    else:
        loaded = Plan.from_file(arguments.plan)
    findings = [asdict(finding) for finding in loaded.lint()]
    return Answer(document={"task": loaded.task, "digest": loaded.digest(), "findings": findings})


COMMANDS: dict[str, tuple[Callable[[Namespace], Answer], str]] = {
    "observe": (observe, "reading the screen"),
    "locate": (locate, "reading the screen"),
    "plan": (plan, "reading the screen"),
    "lint": (lint, "reading the plan"),
}


def run(arguments: Namespace) -> Answer:
    """Runs the command that ``arguments.command`` names; says so on stderr when it takes long."""
    command, doing = COMMANDS[arguments.command]
    with Progress(doing, sys.stderr):
        return command(arguments)


def element_document(element: Element) -> Document:
    """An element as JSON: plan fields first, then what only a look at the screen gives."""
    return {
        "element_type": element.element_type,
        "label": element.label,
        "bbox": _edges(element.bbox),
        "confidence": _rounded(element.confidence),
        "text": element.text,
        "enabled": element.enabled,
        "checked": element.checked,
    }


def grounding_document(found: Grounding) -> Document:
    """A grounding as JSON: the element, and the others that fit about as well."""
    others = [element_document(other) for other in found.alternatives]
    return {**element_document(found), "alternatives": others}


def as_json(document: Document) -> str:
    """Indented JSON in which a list of numbers, such as a box, stays on one line."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
    # Safe on any content: inside a JSON string a line break is always written as \n.
    return _NUMBERS_ON_LINES.sub(lambda found: f"[{' '.join(found[1].split())}]", text)


def _screenshot(arguments: Namespace) -> Screenshot:
    _check_overlay(arguments.overlay)
    region = None if arguments.region is None else _region(arguments.region)
    if arguments.image is None:
        screen = None if arguments.screen == "all" else arguments.screen
        return capture(screen=screen, region=arguments.region, window=arguments.window)
    if arguments.screen is not None or arguments.window is not None:
        raise UsageError("--image excludes --screen and --window", hint="give one of them")
    shot = _picture(arguments.image)
    return shot if region is None else shot.crop(region)


def _picture(path: str) -> Screenshot:
    if path != "-":
        return Screenshot.from_file(path)
    try:
        return Screenshot.from_bytes(sys.stdin.buffer.read(MAX_BYTES + 1))
    except ImageError as error:
        raise ImageError(f"stdin: {error.message}", hint=error.hint) from error


def _region(edges: Sequence[float]) -> Box:
    try:
        box = Box(*edges)
    except ValueError as error:
        raise UsageError(
            f"not a region: {' '.join(f'{edge:g}' for edge in edges)}",
            hint="give left, top, right, bottom; right > left, bottom > top",
        ) from error
    return box


def _check_overlay(path: str | None) -> None:
    """Before the work rather than after it."""
    if path is not None and Path(path).suffix.lower() not in _OVERLAY_ENDINGS:
        raise InputError(
            f"cannot write a picture to {path}",
            hint=f"end the name of --overlay with one of {', '.join(_OVERLAY_ENDINGS)}",
        )


def _probability(value: float, flag: str) -> float:
    if not (math.isfinite(value) and 0 <= value <= 1):
        raise UsageError(f"{flag} is a probability, not {value:g}", hint="give 0 to 1")
    return value


def _too_unsure(found: Grounding, least: float) -> PolicyError | None:
    if (found.confidence or 0.0) >= least:
        return None
    known = "unknown" if found.confidence is None else f"{found.confidence:.2f}"
    return PolicyError(
        f"the confidence in {found.label!r} is {known}, below {least:g}",
        hint="name it more precisely, or look at it with --overlay",
    )


def _not_found(
    arguments: Namespace, shot: Screenshot, error: TargetNotFound, asked: Document
) -> Answer:
    _draw(arguments, shot, error.candidates)
    nearest = [element_document(candidate) for candidate in error.candidates]
    document = {**asked, "found": False, "reason": error.message, "candidates": nearest}
    return Answer(document=document, error=error)


def _targets(made: Plan) -> list[Element]:
    """What the steps act on, as elements to draw."""
    return [
        Element(
            bbox=step.bbox,
            element_type=step.element_type or "other",
            label=f"{index} {step.action} {step.label or ''}".strip(),
            confidence=step.confidence,
        )
        for index, step in enumerate(made.steps, start=1)
        if isinstance(step, PlacedStep) and step.bbox is not None
    ]


def _draw(arguments: Namespace, shot: Screenshot, elements: Sequence[Element]) -> None:
    if arguments.overlay is not None:
        with shot.annotate(elements) as overlay:
            overlay.save(arguments.overlay)


def _metadata(grounder: Grounder, shot: Screenshot | None = None) -> Document:
    """The same claims as a plan's: nothing enforces or measures them yet, and they say so."""
    about = None if shot is None else ScreenshotInfo.of(shot)
    now = datetime.now(UTC)
    return _written(Metadata.unverified(grounder.model_version, screenshot=about, created_at=now))


def _written(record: Metadata | ScreenshotInfo) -> Document:
    return record.model_dump(mode="json")


def _edges(box: Box) -> list[float]:
    return [int(edge) if float(edge).is_integer() else round(edge, 2) for edge in box]


def _rounded(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, 4)
