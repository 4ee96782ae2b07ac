"""The values a plan is made of, each with the checks it must pass: text, boxes, numbers, times.

Used as annotations by `plan_steps` and `plan`. Strings never carry control characters, bidi
controls (they can make a label read as another one) or lone surrogates; numbers are finite.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from numbers import Real
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    model_serializer,
)

from qvl_agent.geometry import Box
from qvl_agent.placeholders import find_placeholders

MAX_COORDINATE = 100_000
MAX_TASK = 10_000
MAX_LABEL = 1_000
MAX_TEXT = 100_000
MAX_NAME = 200
MAX_KEYS = 10
MAX_STEPS = 10_000
MAX_ALTERNATIVES = 100
MAX_SECONDS = 3_600

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_FORBIDDEN_IN_LINE = re.compile(f"[\x00-\x1f\x7f-\x9f{_BIDI}\ud800-\udfff]")
_FORBIDDEN_IN_TEXT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_BIDI}\ud800-\udfff]")


class UnfitValueError(ValueError):
    """A value that does not fit; ``hint`` is one line saying what would."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Record(BaseModel):
    """A strict, frozen part of a plan: no unknown fields, no coercion, no non-finite numbers.

    Fields that are None, and empty lists, are left out when it is written, but for those in
    ``shown_when_null``, for which that is an answer.
    """

    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True
    )
    shown_when_null: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = handler(self)
        shown = self._null_fields_to_show()
        return {
            name: written[name]
            for name in self._written_order(list(written))
            if name in shown or (written[name] is not None and written[name] not in ([], ()))
        }

    def _null_fields_to_show(self) -> frozenset[str]:
        return self.shown_when_null

    def _written_order(self, names: list[str]) -> list[str]:
        return names


def _without(forbidden: re.Pattern[str]) -> Callable[[Any], Any]:
    def check(text: Any) -> Any:
        if isinstance(text, str) and (found := forbidden.search(text)):
            code = f"U+{ord(found[0]):04X}"
            raise UnfitValueError(f"a character that is not allowed here: {code}", hint="remove it")
        return text

    return check


def _with_good_placeholders(text: str) -> str:
    find_placeholders(text)
    return text


def _listed_as_tuple(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    if len(value) > MAX_STEPS:  # before the items are looked at: each could be an error
        raise UnfitValueError(f"a list of more than {MAX_STEPS} items", hint="make it shorter")
    return tuple(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _as_box(value: Any) -> Box:
    """A `Box` from a box or from a list of four numbers, in pixels of the screenshot."""
    edges = list(value) if isinstance(value, list | tuple | Box) else []
    if len(edges) != 4 or not all(_is_number(edge) for edge in edges):
        raise UnfitValueError("a box is a list of four numbers", hint=_BOX_HINT)
    if not all(0 <= edge <= MAX_COORDINATE for edge in edges):
        raise UnfitValueError(
            f"coordinates must lie between 0 and {MAX_COORDINATE}", hint=_BOX_HINT
        )
    left, top, right, bottom = (float(edge) for edge in edges)
    if left >= right or top >= bottom:
        raise UnfitValueError("the box is inverted or empty", hint=_BOX_HINT)
    return Box(left, top, right, bottom)


def _edges(box: Box) -> list[float]:
    return [int(edge) if float(edge).is_integer() else edge for edge in box]


def _as_time(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise UnfitValueError("not a time", hint=_TIME_HINT) from None


def _zoned(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise UnfitValueError("a time without its offset from UTC", hint=_TIME_HINT)
    return moment


_BOX_HINT = "[left, top, right, bottom] in pixels of the screenshot, left < right, top < bottom"
_TIME_HINT = "write ISO 8601 with an offset, such as 2026-05-17T09:30:00+00:00"
_BOX_SCHEMA = {
    "type": "array",
    "items": {"type": "number", "minimum": 0, "maximum": MAX_COORDINATE},
    "minItems": 4,
    "maxItems": 4,
    "description": f"{_BOX_HINT}; right and bottom are exclusive",
}

# before pydantic looks, which says nothing useful about a lone surrogate
_ON_ONE_LINE = BeforeValidator(_without(_FORBIDDEN_IN_LINE))
_TYPABLE = BeforeValidator(_without(_FORBIDDEN_IN_TEXT))
_PLACEHOLDERS = AfterValidator(_with_good_placeholders)

Task = Annotated[str, Field(min_length=1, max_length=MAX_TASK), _ON_ONE_LINE]
Label = Annotated[str, Field(max_length=MAX_LABEL), _ON_ONE_LINE]
NonEmptyLabel = Annotated[str, Field(min_length=1, max_length=MAX_LABEL), _ON_ONE_LINE]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME), _ON_ONE_LINE]
#: One line in which placeholders stand for values known at run time.
FilledLabel = Annotated[NonEmptyLabel, _PLACEHOLDERS]
#: What is typed: new lines and tabs allowed, placeholders must be well formed.
TypedText = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), _TYPABLE, _PLACEHOLDERS]
#: A `Box` in screenshot pixels; a list of four numbers in JSON, whole ones without a fraction.
PixelBox = Annotated[
    Box,
    BeforeValidator(_as_box),
    PlainSerializer(_edges, return_type=list),
    WithJsonSchema(_BOX_SCHEMA),
]
Probability = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=MAX_SECONDS)]
#: A moment with its offset from UTC; ISO 8601 in JSON.
Timestamp = Annotated[
    datetime,
    BeforeValidator(_as_time),
    AfterValidator(_zoned),
    PlainSerializer(datetime.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
#: Lets a list stand where a tuple is kept.
FROM_LIST = BeforeValidator(_listed_as_tuple)
