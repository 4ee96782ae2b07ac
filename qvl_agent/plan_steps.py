"""The step types of a plan: one small class per action, told apart by ``action``.

Boxes are in pixels of the screenshot the plan was made from. An acting step carries its own
box; it never points at another step. Constructors raise `pydantic.ValidationError` (a
`ValueError`) for values that do not fit; `plan.Plan.from_json` raises `PlanError`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from qvl_agent.actions.keys import normalise_key
from qvl_agent.errors import UsageError
from qvl_agent.geometry import Box
from qvl_agent.grounding.base import ElementType
from qvl_agent.plan_types import (
    FROM_LIST,
    MAX_ALTERNATIVES,
    MAX_KEYS,
    FilledLabel,
    Label,
    Name,
    NonEmptyLabel,
    PixelBox,
    Probability,
    Record,
    Seconds,
    Task,
    TypedText,
    UnfitValueError,
)

#: Where in a step something stands: ``("alternatives", 0, "bbox")``.
Place = tuple[str | int, ...]

_FIRST_FIELDS = ("action", "element_type", "label", "bbox", "confidence")
_LAST_FIELDS = ("seen", "alternatives", "expect", "instruction")
_TARGET_FIELDS = frozenset({"element_type", "label", "bbox", "confidence"})


class Alternative(Record):
    """Another element that fits the same words about as well as the one chosen."""

    shown_when_null = frozenset({"confidence"})

    label: Label
    element_type: ElementType
    bbox: PixelBox
    confidence: Probability | None = None


class Seen(Record):
    """The state the target showed on the screenshot; None where it could not be told.

    Attributes:
        enabled: False when it was drawn as disabled.
        checked: state of a check box, radio or switch.
    """

    enabled: bool | None = None
    checked: bool | None = None


class Expect(Record):
    """What must hold after the step; exactly one of the four.

    Attributes:
        visible: this label or text is on the screen.
        gone: this label or text is no longer on the screen.
        value: the step's target shows this text; placeholders allowed.
        checked: the step's target is ticked (true) or not (false).
    """

    visible: NonEmptyLabel | None = None
    gone: NonEmptyLabel | None = None
    value: FilledLabel | None = None
    checked: bool | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [self.visible, self.gone, self.value, self.checked]
        if sum(one is not None for one in given) != 1:
            raise ValueError("give exactly one of visible, gone, value, checked")
        return self


def _require_action(schema: dict[str, Any]) -> None:
    schema["required"] = ["action", *schema.get("required", [])]


class StepBase(Record):
    """What every step has.

    Attributes:
        action: which step it is.
        expect: what must hold afterwards; None when nothing was asked for.
        instruction: the clause of the task that this step came from.
    """

    model_config = ConfigDict(json_schema_extra=_require_action)

    action: str
    expect: Expect | None = None
    instruction: Task | None = None

    def boxes(self) -> list[tuple[Place, Box]]:
        """Every box of the step with the place where it stands, in screenshot pixels."""
        return []

    def _written_order(self, names: list[str]) -> list[str]:
        """The contract's fields, then the action's own parameters, then what is optional."""
        own = [name for name in names if name not in _FIRST_FIELDS + _LAST_FIELDS]
        wanted = (*_FIRST_FIELDS, *own, *_LAST_FIELDS)
        return [name for name in wanted if name in names]


class PlacedStep(StepBase):
    """A step that may have a target on the screenshot.

    Attributes:
        element_type, label: what the target is and what a person calls it.
        bbox: the whole target, in screenshot pixels.
        confidence: calibrated probability that the centre of ``bbox`` lies inside the target;
            None where it could not be estimated, which a policy treats as zero.
        alternatives: other elements that fit; not empty means ambiguous.
        seen: the state the target showed.
    """

    element_type: ElementType | None = None
    label: Label | None = None
    bbox: PixelBox | None = None
    confidence: Probability | None = None
    alternatives: Annotated[tuple[Alternative, ...], FROM_LIST] = Field(
        default=(), max_length=MAX_ALTERNATIVES
    )
    seen: Seen | None = None

    def boxes(self) -> list[tuple[Place, Box]]:
        own: list[tuple[Place, Box]] = [] if self.bbox is None else [(("bbox",), self.bbox)]
        others = enumerate(self.alternatives)
        return own + [(("alternatives", index, "bbox"), one.bbox) for index, one in others]

    @model_validator(mode="after")
    def _no_confidence_without_box(self) -> Self:
        if self.bbox is None and (self.confidence is not None or self.seen is not None):
            raise ValueError("confidence and seen say something about a bbox, and there is none")
        return self

    def _null_fields_to_show(self) -> frozenset[str]:
        return frozenset() if self.label is None else _TARGET_FIELDS - {"element_type"}


class TargetStep(PlacedStep):
    """A step on an element: ``element_type``, ``label`` and ``bbox`` are required."""

    element_type: ElementType
    label: Label
    bbox: PixelBox


class FocusStep(PlacedStep):
    """A step that goes to its target, or with no target to whatever has the focus.

    ``element_type``, ``label`` and ``bbox`` are given together or not at all.
    """

    @model_validator(mode="after")
    def _whole_target_or_none(self) -> Self:
        given = [self.element_type is None, self.label is None, self.bbox is None]
        if any(given) and not all(given):
            raise ValueError("give element_type, label and bbox together, or none of them")
        if all(given) and self.alternatives:
            raise ValueError("alternatives to no target")
        return self


class SoughtStep(PlacedStep):
    """A step that looks for a label; ``bbox`` is None while it is not on the screen.

    Attributes:
        timeout: how long to look before giving up, in seconds.
    """

    label: NonEmptyLabel
    timeout: Seconds = 10.0


class LocateElement(TargetStep):
    """Says where an element is; does nothing to it."""

    action: Literal["locate_element"] = "locate_element"


class Click(TargetStep):
    """Presses and releases the primary button at the centre of ``bbox``."""

    action: Literal["click"] = "click"


class DoubleClick(TargetStep):
    """Clicks twice, within the desktop's double-click time."""

    action: Literal["double_click"] = "double_click"


class RightClick(TargetStep):
    """Clicks with the secondary button."""

    action: Literal["right_click"] = "right_click"


class Hover(TargetStep):
    """Moves the pointer there and leaves it."""

    action: Literal["hover"] = "hover"


class Drag(TargetStep):
    """Drags the target to the centre of another box.

    Attributes:
        to: where it is dropped, in screenshot pixels.
        to_label: what is there, so that it can be found again.
        to_confidence: what ``confidence`` is for ``bbox``, for ``to``.
    """

    action: Literal["drag"] = "drag"
    to: PixelBox
    to_label: Label | None = None
    to_confidence: Probability | None = None

    def boxes(self) -> list[tuple[Place, Box]]:
        return [*super().boxes(), (("to",), self.to)]


class TypeText(FocusStep):
    """Types ``text`` into its target, or at the focus; placeholders are filled in at run time."""

    action: Literal["type_text"] = "type_text"
    text: TypedText


class PressKeys(FocusStep):
    """Presses ``keys`` together, held in the order given; canonical names of `actions.keys`."""

    action: Literal["press_keys"] = "press_keys"
    keys: Annotated[tuple[Name, ...], FROM_LIST] = Field(min_length=1, max_length=MAX_KEYS)

    @field_validator("keys")
    @classmethod
    def _known_keys(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        try:
            known = tuple(normalise_key(key) for key in keys)
        except UsageError as error:
            raise UnfitValueError(error.message, hint=error.hint) from None
        if len(set(known)) != len(known):
            raise UnfitValueError("a key twice in one chord", hint="write one step for each press")
        return known


class Scroll(FocusStep):
    """Turns the wheel by ``amount`` lines over its target, or where the pointer is."""

    action: Literal["scroll"] = "scroll"
    amount: int = Field(ge=1, le=1_000)
    direction: Literal["up", "down", "left", "right"]


class SelectOption(TargetStep):
    """Chooses ``option`` in a combo box or list; placeholders allowed."""

    action: Literal["select_option"] = "select_option"
    option: FilledLabel


class SetChecked(TargetStep):
    """Makes a check box, radio or switch ``checked``; what it showed is in ``seen.checked``."""

    action: Literal["set_checked"] = "set_checked"
    checked: bool


class Wait(StepBase):
    """Waits for ``seconds``."""

    action: Literal["wait"] = "wait"
    seconds: Seconds


class WaitFor(SoughtStep):
    """Waits until ``label`` is on the screen; fails after ``timeout`` seconds."""

    action: Literal["wait_for"] = "wait_for"


class AssertVisible(SoughtStep):
    """Fails unless ``label`` is on the screen within ``timeout`` seconds."""

    action: Literal["assert_visible"] = "assert_visible"


Step = Annotated[
    LocateElement
    | Click
    | DoubleClick
    | RightClick
    | Hover
    | Drag
    | TypeText
    | PressKeys
    | Scroll
    | SelectOption
    | SetChecked
    | Wait
    | WaitFor
    | AssertVisible,
    Field(discriminator="action"),
]

STEP_TYPES: tuple[type[StepBase], ...] = (
    LocateElement,
    Click,
    DoubleClick,
    RightClick,
    Hover,
    Drag,
    TypeText,
    PressKeys,
    Scroll,
    SelectOption,
    SetChecked,
    Wait,
    WaitFor,
    AssertVisible,
)
ACTIONS: tuple[str, ...] = tuple(kind.model_fields["action"].default for kind in STEP_TYPES)
