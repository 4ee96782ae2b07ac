"""Reading plan JSON strictly, and saying in one line what is wrong with it.

Checked before anything is built: the size, the encoding, the nesting depth. Refused while
reading: NaN, Infinity, numbers too large for a float, the same key twice. Messages name places
and field names, never the values found there: a plan may hold what nobody should log.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from qvl_agent.errors import PlanError

MAX_BYTES = 10_000_000
MAX_DEPTH = 32
MAX_FIELDS = 1_000  # in one object

# the closing quote is optional, so that a string that never ends is still read only once
_STRING = re.compile(rb'"[^"\\]*+(?>(?:\\.[^"\\]*+)*)"?', re.DOTALL)
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_FORMAT_HINT = "docs/plan.md describes every action and field"
_TYPE_HINTS = {
    "bool_type": "write true or false, without quotes",
    "bool_parsing": "write true or false, without quotes",
    "float_type": "write a number, without quotes",
    "int_type": "write a whole number, without quotes",
    "string_type": "write text in double quotes",
    "tuple_type": "write a list: [...]",
    "model_type": "write an object: {...}",
    "dict_type": "write an object: {...}",
    "missing": f"add it; {_FORMAT_HINT}",
    "union_tag_not_found": 'add "action"',
}


def read_plan_file(path: str | Path) -> bytes:
    """The bytes of a plan file, at most one more than `MAX_BYTES`.

    Raises:
        PlanError: there is no such file, or it cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable path"
        raise PlanError(f"the plan file cannot be read: {reason}", hint="check the path") from error


def parse_json(text: str | bytes) -> Any:
    """What the JSON ``text`` says.

    Raises:
        PlanError: too large, too deep, not UTF-8, not JSON, a key twice or a non-finite number.
    """
    data = _encoded(text)
    _check_depth(data)
    try:
        return json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_without_repeats,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_bounded,
        )
    except UnicodeDecodeError:
        raise PlanError("the plan is not UTF-8 text", hint="save it as UTF-8") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise PlanError(f"not JSON: {error.msg} at {where}", hint=_FORMAT_HINT) from None
    except RecursionError:
        raise PlanError("the plan is nested too deeply", hint=_FORMAT_HINT) from None


@contextmanager
def plan_errors(actions: Sequence[str] = ()) -> Iterator[None]:
    """Turns a `pydantic.ValidationError` inside the block into one `PlanError`.

    ``actions`` are the step tags, which pydantic puts into the path and a reader does not need.
    """
    try:
        yield
    except ValidationError as error:
        # `from None`: the original would carry the values into tracebacks
        raise plan_error(error, actions) from None


def plan_error(error: ValidationError, actions: Sequence[str] = ()) -> PlanError:
    """One line for a validation error: the first place and what is wrong there."""
    details = error.errors(include_url=False, include_input=False)
    first = next((one for one in details if one["type"] == "extra_forbidden"), details[0])
    message, hint = _explained(first, actions)
    if first["type"] == "extra_forbidden":
        hint = _misspelling(first, details)
    where = _path(first["loc"], actions)
    more = f", and {len(details) - 1} more" if len(details) > 1 else ""
    return PlanError(f"{where}: {message}{more}" if where else message + more, hint=hint)


def _encoded(text: str | bytes) -> bytes:
    if not isinstance(text, str | bytes):
        raise PlanError("a plan is read from text or bytes", hint="pass str or bytes")
    if len(text) > MAX_BYTES:
        _refuse_size()
    try:
        data = text.encode() if isinstance(text, str) else text
    except UnicodeEncodeError:
        raise PlanError("the plan holds a lone surrogate", hint="save it as UTF-8") from None
    if len(data) > MAX_BYTES:
        _refuse_size()
    return data


def _refuse_size() -> NoReturn:
    raise PlanError(
        f"the plan is larger than {MAX_BYTES // 1_000_000} MB", hint="split it into several plans"
    )


def _check_depth(data: bytes) -> None:
    brackets = _STRING.sub(b"", data).translate(None, _NOT_BRACKETS)
    depths = accumulate(1 if byte in b"[{" else -1 for byte in brackets)
    if any(depth > MAX_DEPTH for depth in depths):
        raise PlanError(f"the plan is nested deeper than {MAX_DEPTH} levels", hint=_FORMAT_HINT)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_FIELDS:
        raise PlanError(f"an object with more than {MAX_FIELDS} fields", hint=_FORMAT_HINT)
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise PlanError(f"the key {_shown(key)} stands twice in one object", hint="keep one")
        found[key] = value
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise PlanError(f"{name} is not a number in JSON", hint="write a finite number, or null")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise PlanError("a number too large for a float", hint="write a finite number")
    return value


def _bounded(digits: str) -> int:
    if len(digits) > 20:
        raise PlanError("a whole number of more than 20 digits", hint="write a smaller number")
    return int(digits)


def _shown(name: str) -> str:
    """A field name for a message; anything that does not look like one is not repeated."""
    return repr(name) if _PLAIN_NAME.fullmatch(name) else "with an unusual name"


def _path(loc: tuple[int | str, ...], actions: Sequence[str]) -> str:
    """``("steps", 2, "click", "bbox")`` as ``steps[2].bbox``."""
    path = ""
    for index, part in enumerate(loc):
        if isinstance(part, int):
            path += f"[{part}]"
        elif not (index == 2 and loc[0] == "steps" and part in actions):
            name = part if _PLAIN_NAME.fullmatch(part) else "?"
            path += f".{name}" if path else name
    return path


def _explained(detail: ErrorDetails, actions: Sequence[str]) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    kind, context = detail["type"], detail.get("ctx", {})
    hint = _TYPE_HINTS.get(kind, _FORMAT_HINT)
    if kind == "value_error":
        return str(context["error"]), getattr(context["error"], "hint", "") or hint
    if kind == "box_outside":
        return detail["msg"], "plan again from a new screenshot"
    if kind == "extra_forbidden":
        return "a field this format does not have", hint
    if kind == "union_tag_not_found":
        return "the step has no action", hint
    if kind == "union_tag_invalid":
        return _unknown_action(str(context.get("tag", "")), actions)
    if kind == "missing":
        return "is missing", hint
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return "must be an object", hint
    message = detail["msg"].replace("Input should be", "must be").replace("Input", "it")
    return re.sub(r"\s+", " ", message), hint


def _misspelling(extra: ErrorDetails, details: Sequence[ErrorDetails]) -> str:
    """The missing field beside an unknown one that it was probably meant to be."""
    *parent, name = extra["loc"]
    missing = [one["loc"] for one in details if one["type"] == "missing"]
    beside = [str(loc[-1]) for loc in missing if list(loc[:-1]) == parent]
    near = difflib.get_close_matches(str(name)[:40], beside, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"remove it; {_FORMAT_HINT}"


def _unknown_action(tag: str, actions: Sequence[str]) -> tuple[str, str]:
    near = difflib.get_close_matches(tag[:40], actions, n=3, cutoff=0.5)
    shown = f" {tag!r}" if _PLAIN_NAME.fullmatch(tag) else " of that name"
    return f"there is no action{shown}", f"nearest: {', '.join(near)}" if near else _FORMAT_HINT
