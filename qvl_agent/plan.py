"""A plan: what to do on one screenshot, step by step, with boxes and confidences, as JSON.

A plan is data. Loading one runs nothing and believes nothing: the three privacy claims in
`Metadata` stand only where the evidence beside them names a mechanism that enforced or measured
them. What a file says about evidence is the file's word; receipts are what proves it.

Known here: the shape and the limits of every value. Not known here: whether a step is wise
(`lint`), allowed (the guard) or still true of the screen (the executor looks again).

``python -m qvl_agent.plan`` prints the JSON Schema.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import FailFast, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from qvl_agent.geometry import Box, Size
from qvl_agent.plan_json import parse_json, plan_errors, read_plan_file
from qvl_agent.plan_steps import (
    ACTIONS,
    STEP_TYPES,
    Alternative,
    AssertVisible,
    Click,
    DoubleClick,
    Drag,
    Expect,
    FocusStep,
    Hover,
    LocateElement,
    PlacedStep,
    PressKeys,
    RightClick,
    Scroll,
    Seen,
    SelectOption,
    SetChecked,
    SoughtStep,
    Step,
    StepBase,
    TargetStep,
    TypeText,
    Wait,
    WaitFor,
)
from qvl_agent.plan_types import (
    FROM_LIST,
    MAX_COORDINATE,
    MAX_STEPS,
    Name,
    Record,
    Task,
    Timestamp,
)

if TYPE_CHECKING:
    from qvl_agent.lint import Finding
    from qvl_agent.screenshot import Screenshot

__all__ = [
    "ACTIONS",
    "CLAIMS",
    "STEP_TYPES",
    "Alternative",
    "AssertVisible",
    "Claim",
    "ClaimEvidence",
    "Click",
    "DoubleClick",
    "Drag",
    "Expect",
    "FocusStep",
    "Hover",
    "LocateElement",
    "Metadata",
    "PlacedStep",
    "Plan",
    "PressKeys",
    "RightClick",
    "ScreenshotInfo",
    "Scroll",
    "Seen",
    "SelectOption",
    "SetChecked",
    "SoughtStep",
    "Step",
    "StepBase",
    "TargetStep",
    "TypeText",
    "Wait",
    "WaitFor",
    "plan_errors",
]

SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"

Claim = Literal["local_execution", "data_uploaded", "input_saved"]
CLAIMS: tuple[Claim, ...] = get_args(Claim)

# a raw new line cannot stand inside a JSON string, so this never touches one
_NUMBERS_OVER_LINES = re.compile(r"\[\n\s*((?:-?[\d.e+-]+,?\s+)+)\]")
_CounterName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
_Count = Annotated[int, Field(ge=0)]
_Coordinate = Annotated[float, Field(ge=-MAX_COORDINATE, le=MAX_COORDINATE)]
_Scale = Annotated[float, Field(gt=0, le=100)]
_Pixels = Annotated[int, Field(ge=1, le=MAX_COORDINATE)]


class ClaimEvidence(Record):
    """What stands behind one claim.

    Attributes:
        mechanism: what enforced or measured it; "none" when nothing did.
        state: "enforced" (it could not have been otherwise), "measured" (it was watched) or
            "unverified".
        counters: what was counted, such as blocked attempts; None where nothing counts.
        claimed: for an unverified claim, the value somebody wrote down without evidence.
    """

    mechanism: Name = "none"
    state: Literal["enforced", "measured", "unverified"] = "unverified"
    counters: dict[_CounterName, _Count | None] = Field(default_factory=dict, max_length=100)
    claimed: bool | None = None

    @property
    def holds(self) -> bool:
        """True when a named mechanism enforced or measured the claim."""
        return self.state != "unverified" and self.mechanism != "none"


class ScreenshotInfo(Record):
    """The screenshot the plan was made from; never its pixels.

    Attributes:
        width, height: in pixels; every box of the plan lies inside.
        digest: of the pixels, when the caller wants to recognise them again.
        captured_at: when the pixels were read from the screen.
        origin: x, y of its top left corner in the desktop's logical coordinates.
        scale: pixels per logical unit, on x and y.
    """

    width: _Pixels
    height: _Pixels
    digest: Name | None = None
    captured_at: Timestamp | None = None
    origin: Annotated[tuple[_Coordinate, _Coordinate], FROM_LIST] | None = None
    scale: Annotated[tuple[_Scale, _Scale], FROM_LIST] | None = None

    @property
    def size(self) -> Size:
        return Size(self.width, self.height)

    @classmethod
    def of(cls, shot: Screenshot) -> Self:
        """What a plan keeps of ``shot``: size, time, origin and scale, but no digest."""
        view, taken = shot.viewport, shot.captured_at
        return cls(
            width=shot.width,
            height=shot.height,
            captured_at=None if taken is None else datetime.fromtimestamp(taken, UTC),
            origin=(view.origin.x, view.origin.y),
            scale=(view.scale_x, view.scale_y),
        )


class Metadata(Record):
    """Where the plan came from, and what is known about what happened to the pixels.

    The three claims are derived from ``evidence``, never taken at their word. A claim given as
    true or false whose evidence names no mechanism that enforced or measured it becomes None,
    its evidence becomes "unverified", and ``evidence[claim].claimed`` keeps what was said. So a
    document that only asserts its claims loads, and is written back as unverified.

    Attributes:
        model_version: what did the looking.
        local_execution: the work stayed on this machine.
        data_uploaded: something was sent away.
        input_saved: the input was stored.
        evidence: for each claim, what stands behind it; filled in for claims that have none.
        screenshot: size, time and place of the screenshot, without pixels.
        created_at: when the plan was made.
        schema_version: of this format.
    """

    shown_when_null: ClassVar[frozenset[str]] = frozenset(CLAIMS)

    model_version: Name
    local_execution: bool | None = None
    data_uploaded: bool | None = None
    input_saved: bool | None = None
    evidence: dict[Claim, ClaimEvidence] = Field(default_factory=dict)
    screenshot: ScreenshotInfo | None = None
    created_at: Timestamp | None = None
    schema_version: Literal["1"] = "1"

    @classmethod
    def unverified(
        cls,
        model_version: str,
        *,
        screenshot: ScreenshotInfo | None = None,
        created_at: datetime | None = None,
    ) -> Self:
        """Metadata of work that no mechanism watched: three None claims that say so."""
        evidence = {claim: ClaimEvidence(mechanism="none active") for claim in CLAIMS}
        return cls(
            model_version=model_version,
            evidence=evidence,
            screenshot=screenshot,
            created_at=created_at,
        )

    @model_validator(mode="after")
    def _derive_claims(self) -> Self:
        derived = {claim: self._derived(claim) for claim in CLAIMS}
        for claim, (value, _) in derived.items():
            self.__dict__[claim] = value  # frozen for everyone else
        self.__dict__["evidence"] = {claim: proof for claim, (_, proof) in derived.items()}
        return self

    def _derived(self, claim: Claim) -> tuple[bool | None, ClaimEvidence]:
        value: bool | None = getattr(self, claim)
        proof = self.evidence.get(claim) or ClaimEvidence()
        if proof.holds:
            if value is None or proof.claimed is not None:
                raise ValueError(f"{claim} has evidence and so must be true or false, unclaimed")
            return value, proof
        claimed = proof.claimed if value is None else value
        return None, proof.model_copy(update={"state": "unverified", "claimed": claimed})


class Plan(Record):
    """A task and its steps.

    Raises `pydantic.ValidationError` from the constructor, `PlanError` from every ``from_…``.
    A loaded plan written out and loaded again is the same plan; the task and the steps keep
    every value they came with (key names come out in their canonical spelling), claims without
    evidence come out as `Metadata` says.
    """

    shown_when_null: ClassVar[frozenset[str]] = frozenset({"steps"})

    task: Task
    steps: Annotated[tuple[Step, ...], FailFast(), FROM_LIST] = Field(max_length=MAX_STEPS)
    metadata: Metadata

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The plan that JSON text (UTF-8 when bytes) describes.

        Raises:
            PlanError: it does not follow the schema; one line that says where and what.
        """
        return cls.from_data(parse_json(text))

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """The plan in a JSON file.

        Raises:
            PlanError: the file cannot be read, or is not a plan.
        """
        return cls.from_json(read_plan_file(path))

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """The plan that plain dictionaries and lists describe.

        Raises:
            PlanError: it does not follow the schema.
        """
        with plan_errors(ACTIONS):
            return cls.model_validate(data)

    def to_data(self) -> dict[str, Any]:
        """The plan as plain dictionaries, lists, strings and numbers, in the contract's order."""
        return self.model_dump(mode="json")

    def to_json(self, *, indent: int | None = 2) -> str:
        """The plan as JSON text; Chinese stays Chinese, NaN cannot occur."""
        text = json.dumps(self.to_data(), ensure_ascii=False, allow_nan=False, indent=indent)
        return _NUMBERS_OVER_LINES.sub(_on_one_line, text)

    def digest(self) -> str:
        """SHA-256 over the canonical JSON of the whole plan, metadata included: "sha256:…"."""
        canonical = json.dumps(
            self.to_data(),
            ensure_ascii=False,
            allow_nan=False,
            sort_keys=True,
            separators=(",", ":"),
        )
        return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()

    def lint(
        self,
        *,
        threshold: float = 0.9,
        size: Size | None = None,
        now: datetime | None = None,
        max_age: float = 60.0,
    ) -> list[Finding]:
        """What a careful reader would ask about; advice, never a refusal. See `qvl_agent.lint`.

        Args:
            threshold: confidences below it are named; None counts as zero.
            size: of the screen it is to run on; default the size in the metadata.
            now: default the current time.
            max_age: of the screenshot, in seconds.
        """
        from qvl_agent.lint import lint  # it reads this module

        now = now or datetime.now(UTC)
        return lint(self, threshold=threshold, size=size, now=now, max_age=max_age)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from qvl_agent.plan_html import as_table  # it reads this module

        return as_table(self)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The JSON Schema (draft 2020-12) of the format, as published in docs/plan.schema.json.

        A schema cannot say everything: box order, boxes inside the screenshot, key names and
        placeholders are checked on loading only.
        """
        schema = {"$schema": SCHEMA_ID, **cls.model_json_schema()}
        for part in (schema, *schema["$defs"].values()):
            part["description"] = part["description"].partition("\n\n")[0]
        return schema

    @model_validator(mode="after")
    def _boxes_inside_screenshot(self) -> Self:
        shot = self.metadata.screenshot
        outside = [] if shot is None else _outside(self.steps, shot.size)
        if outside:
            raise ValidationError.from_exception_data("Plan", outside)
        return self


def _on_one_line(numbers: re.Match[str]) -> str:
    return "[" + ", ".join(numbers[1].split()).replace(",,", ",") + "]"


def _outside(steps: tuple[StepBase, ...], size: Size) -> list[InitErrorDetails]:
    """One error, at its place, for every box that reaches out of a screenshot of this size."""
    screen = Box(0, 0, size.width, size.height)
    message = f"the box reaches out of the screenshot, which is {size.width}x{size.height}"
    return [
        InitErrorDetails(
            type=PydanticCustomError("box_outside", message),
            loc=("steps", index, *place),
            input=None,
        )
        for index, step in enumerate(steps)
        for place, box in step.boxes()
        if not screen.contains_box(box)
    ]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(Plan.json_schema(), ensure_ascii=False, indent=2) + "\n")
