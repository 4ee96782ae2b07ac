"""What one look at a picture gave: lines of characters, elements, and the ties between them.

Pure records; all coordinates are screenshot pixels. A scene knows nothing of queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from qvl_agent.geometry import Box, Size
from qvl_agent.grounding.base import Element


@dataclass(frozen=True, slots=True)
class Char:
    """One read character and the columns it covers, in screenshot pixels."""

    text: str
    left: float
    right: float
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class TextLine:
    """A run of characters that belongs together: one label, one cell, one title of a menu.

    The engine's lines merge neighbours ("FileEditView"); these are already split.
    ``box`` is the tight box of the drawn text; ``chars`` run from left to right and include
    the blanks between words.
    """

    box: Box
    chars: tuple[Char, ...]
    score: float

    @property
    def text(self) -> str:
        return "".join(char.text for char in self.chars)

    def part(self, start: int, end: int) -> Box:
        """The box of characters ``start`` to ``end`` (exclusive) of `text`."""
        chars = self.chars[start:end]
        return Box(chars[0].left, self.box.top, chars[-1].right, self.box.bottom)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An element of the scene with what the matching needs to know about it.

    Attributes:
        element: what a caller gets; its confidence is still None here.
        lines: the text lines drawn inside it (a button's caption) or tied to it (the label of
            a check box), best first; empty for an icon.
        names: everything it may be called besides ``element.label``: a field's placeholder, its
            content, the label to its left and the one above it.
        container: index in `Scene.items` of the smallest panel, list or row that holds it.
        control: for a check box, radio button or switch, the mark alone without its label.
    """

    element: Element
    lines: tuple[TextLine, ...] = ()
    names: tuple[str, ...] = ()
    container: int | None = None
    control: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One look: ``items`` in reading order; every line of ``lines`` is on some item too."""

    size: Size
    items: tuple[Item, ...] = ()
    lines: tuple[TextLine, ...] = field(default=())

    @property
    def elements(self) -> Sequence[Element]:
        return [item.element for item in self.items]
