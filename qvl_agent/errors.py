"""Every error this package raises on purpose, as one tree.

    QvlAgentError
    ├── UsageError              the caller asked for something that makes no sense    (exit 2)
    │   ├── InputError          a picture, a plan or a file that cannot be used
    │   │   ├── ImageError      not a PNG/JPEG/WebP, broken, or too large
    │   │   └── PlanError       a plan that does not follow the schema
    │   ├── QueryError          an empty, oversized or meaningless query
    │   └── InstructionError    a clause of an instruction that is not understood
    ├── CaptureError            the screen cannot be read                             (exit 2)
    │   ├── NoDisplayError      there is no display to read
    │   ├── WaylandError        the session is Wayland, which gives no pixels
    │   └── WindowNotFoundError no window carries that title
    ├── GroundingError          looking at the picture did not give an answer         (exit 1)
    │   ├── TargetNotFound      nothing on the screen is what was asked for
    │   └── ParseError          a model's reply that is not what was agreed
    ├── MissingDependencyError  an optional package is not installed                  (exit 2)
    └── PolicyError             refused by a policy or by a person                    (exit 1)

Each carries one line that says what is wrong and a ``hint`` that says what to do next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qvl_agent.grounding.base import Element


class QvlAgentError(Exception):
    """Root of the tree; ``hint`` is one line saying what to do next (may be empty)."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(QvlAgentError):
    """The caller asked for something that makes no sense."""

    exit_code = 2


class InputError(UsageError):
    """A picture, a plan or a file that cannot be used."""


class ImageError(InputError):
    """Bytes that are not a PNG, JPEG or WebP, are broken, or decode to too many pixels."""


class PlanError(InputError):
    """A plan that does not follow the published schema."""


class QueryError(UsageError):
    """An empty, oversized or meaningless query."""


class InstructionError(UsageError):
    """A clause of an instruction that the planner does not understand."""


class CaptureError(QvlAgentError):
    """The screen cannot be read."""

    exit_code = 2


class NoDisplayError(CaptureError):
    """There is no display to read."""


class WaylandError(CaptureError):
    """The session runs on Wayland, which does not hand out the screen's pixels."""


class WindowNotFoundError(CaptureError):
    """No visible window carries that title."""


class GroundingError(QvlAgentError):
    """Looking at the picture did not give an answer."""


class TargetNotFound(GroundingError):  # noqa: N818 - the name is a published contract
    """Nothing on the screen is what was asked for; ``candidates`` are the nearest, best first."""

    def __init__(self, message: str, *, hint: str = "", candidates: Sequence[Element] = ()) -> None:
        super().__init__(message, hint=hint)
        self.candidates = tuple(candidates)


class ParseError(GroundingError):
    """A model's reply that is not what was agreed; ``raw`` is the reply as it came."""

    def __init__(self, message: str, *, raw: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.raw = raw


class MissingDependencyError(QvlAgentError):
    """An optional package is not installed; the hint names the extra that brings it."""

    exit_code = 2


class PolicyError(QvlAgentError):
    """Refused by a policy or by a person."""
