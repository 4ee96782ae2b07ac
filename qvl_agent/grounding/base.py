"""What a grounder is, and what it gives back: pixels in, elements out.

A grounder never touches the screen, the disk, the network or global state while it looks: it
may later run in a sealed process. Implementations need not inherit from `Grounder`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, get_args, runtime_checkable

from qvl_agent.geometry import Box

if TYPE_CHECKING:
    from qvl_agent.screenshot import Screenshot

ElementType = Literal[
    "button",
    "text_input",
    "password_input",
    "checkbox",
    "radio",
    "combo_box",
    "link",
    "menu",
    "menu_item",
    "tab",
    "list_item",
    "icon",
    "text",
    "other",
]
ELEMENT_TYPES: tuple[ElementType, ...] = get_args(ElementType)


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One thing on a screen.

    Attributes:
        bbox: the whole element, in screenshot pixels (the button, not the word on it).
        element_type: one of `ELEMENT_TYPES`.
        label: what a person would call it; for a field, the label tied to it.
        text: what is drawn inside the element ("" if nothing); for a field, its content.
        text_bbox: tight box of the drawn text or label, in screenshot pixels; None if unknown.
        confidence: calibrated probability, 0 to 1, that the centre of ``bbox`` lies inside the
            element; None where it cannot be estimated.
        enabled: False when it is drawn as disabled.
        checked: state of a check box, radio or switch; None for anything else or when unclear.
    """

    bbox: Box
    element_type: ElementType
    label: str
    text: str = ""
    text_bbox: Box | None = None
    confidence: float | None = None
    enabled: bool = True
    checked: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounding(Element):
    """The element a query meant.

    Attributes:
        query: the query as it was asked.
        alternatives: other elements that fit the query about as well, best first; not empty
            means the query is ambiguous on this screen, and ``confidence`` says how much.
    """

    query: str
    alternatives: tuple[Element, ...] = ()

    @property
    def ambiguous(self) -> bool:
        return bool(self.alternatives)


@runtime_checkable
class Grounder(Protocol):
    """Finds things on screenshots."""

    @property
    def model_version(self) -> str:
        """What does the looking, for ``metadata.model_version``."""

    def locate(
        self, shot: Screenshot, query: str, *, element_type: ElementType | None = None
    ) -> Grounding:
        """The one element that ``query`` names.

        Raises:
            TargetNotFound: nothing on the screen is it; carries the nearest candidates.
            QueryError: the query is empty or too long.
        """

    def ground(self, shot: Screenshot, queries: Sequence[str]) -> list[Grounding | None]:
        """Several queries in one look; None where nothing on the screen is it."""

    def detect(self, shot: Screenshot) -> list[Element]:
        """Every element the grounder can see, in reading order."""
