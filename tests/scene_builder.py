"""Scenes written by hand: boxes as left, top, width, height; characters evenly spaced."""

from __future__ import annotations

from qvl_agent.geometry import Box, Size
from qvl_agent.grounding.base import Element, ElementType
from qvl_agent.grounding.embedded.scene import Char, Item, Scene, TextLine

CHAR, HEIGHT = 8.0, 16.0


def width_of(text: str) -> float:
    return sum(2 * CHAR if ord(c) > 0x2E80 else CHAR for c in text)


def line(text: str, left: float, top: float, *, score: float = 0.99) -> TextLine:
    chars, at = [], left
    for char in text:
        wide = width_of(char)
        chars.append(Char(char, at, at + wide, score))
        at += wide
    return TextLine(Box(left, top, at, top + HEIGHT), tuple(chars), score)


class SceneBuilder:
    """Collects items; `scene` gives them as one scene."""

    def __init__(self, width: int = 1200, height: int = 900) -> None:
        self.size = Size(width, height)
        self.items: list[Item] = []
        self.lines: list[TextLine] = []

    def text(self, text: str, left: float, top: float, kind: ElementType = "text") -> SceneBuilder:
        drawn = line(text, left, top)
        return self._add(kind, drawn.box, text, text, (drawn,))

    def button(
        self, text: str, left: float, top: float, *, kind: ElementType = "button",
        enabled: bool = True, pad: float = 10,
    ) -> SceneBuilder:  # fmt: skip
        drawn = line(text, left + pad, top + pad / 2)
        box = Box(left, top, drawn.box.right + pad, drawn.box.bottom + pad / 2)
        return self._add(kind, box, text, text, (drawn,), enabled=enabled)

    def toggle(
        self, text: str, left: float, top: float, *, checked: bool = False,
        kind: ElementType = "checkbox",
    ) -> SceneBuilder:  # fmt: skip
        drawn = line(text, left + 24, top)
        box = Box(left, top, drawn.box.right, top + HEIGHT)
        return self._add(kind, box, text, text, (drawn,), checked=checked)

    def icon(self, left: float, top: float) -> SceneBuilder:
        return self._add("icon", Box(left, top, left + 16, top + 16), "", "", ())

    def field(
        self, label: str, left: float, top: float, *, kind: ElementType = "text_input",
        content: str = "", above: bool = False, tied: bool = True,
    ) -> SceneBuilder:  # fmt: skip
        """A field 200 wide at ``left``, its label as a text of its own left of it or above."""
        box = Box(left, top, left + 200, top + 26)
        tag = None
        if label:
            at = (left, top - 22) if above else (left - width_of(label) - 10, top + 5)
            tag = line(label, *at)
            self._add("text", tag.box, label, label, (tag,))
        inner = line(content, left + 6, top + 5) if content else None
        known = [each for each in (tag if tied else None, inner) if each]
        name = label.rstrip(":：") if tied and label else content
        names = (content,) if content and name != content else ()
        return self._add(kind, box, name, content, tuple(known), names=names)

    def panel(self, left: float, top: float, width: float, height: float) -> int:
        """A container; gives its index."""
        self._add("other", Box(left, top, left + width, top + height), "", "", ())
        return len(self.items) - 1

    def row(
        self, *cells: str, left: float, top: float, container: int | None = None
    ) -> SceneBuilder:
        """A list row with cells 150 apart."""
        drawn = tuple(line(cell, left + 150 * n, top + 4) for n, cell in enumerate(cells))
        box = Box(left - 5, top, left + 150 * len(cells), top + 24)
        text = " ".join(cells)
        return self._add("list_item", box, text, text, drawn, container=container)

    def _add(
        self, kind: ElementType, box: Box, label: str, text: str, lines: tuple[TextLine, ...],
        *, enabled: bool = True, checked: bool | None = None, names: tuple[str, ...] = (),
        container: int | None = None,
    ) -> SceneBuilder:  # fmt: skip
        element = Element(
            bbox=box, element_type=kind, label=label, text=text,
            text_bbox=lines[0].box if lines else None, enabled=enabled, checked=checked,
        )  # fmt: skip
        self.items.append(Item(element=element, lines=lines, names=names, container=container))
        self.lines.extend(each for each in lines if each not in self.lines)
        return self

    @property
    def scene(self) -> Scene:
        return Scene(size=self.size, items=tuple(self.items), lines=tuple(self.lines))
