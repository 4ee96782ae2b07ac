"""From lines and frames to a scene: every element with its label, state and names.

What it does not know: names of things that carry no text (icons), and anything behind what is
drawn on top.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qvl_agent.geometry import Box, Size
from qvl_agent.grounding.base import Element, ElementType
from qvl_agent.grounding.embedded.fields import Tie, clean_label, tie_labels
from qvl_agent.grounding.embedded.frames import Frame, find_frames
from qvl_agent.grounding.embedded.lettering import (
    Lettering,
    letter,
    usual_em,
    with_bullets,
    without_marks,
)
from qvl_agent.grounding.embedded.menus import Entry, find_menu_items, find_menu_titles
from qvl_agent.grounding.embedded.rules import find_rules
from qvl_agent.grounding.embedded.scene import Item, Scene, TextLine
from qvl_agent.grounding.embedded.softfields import SHORTEST_RULE, find_soft_fields
from qvl_agent.grounding.embedded.vocabulary import INPUT_TYPES, PASSWORD_WORDS
from qvl_agent.grounding.embedded.widgets import (
    PASSWORD_SIGNS,
    Widget,
    find_text_areas,
    find_widgets,
)

Pixels = NDArray[np.uint8]

# "Email (optional)", "金额（元）": people leave such asides out.
ASIDE = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")
SMALLEST_PANEL = 1.5  # em; a lower frame is a line of text
# WCAG contrast ratio under which text looks disabled where most text is clearer.
FAINT, CLEAR = 3.3, 5.0


def build_scene(rgb: Pixels, lines: Sequence[TextLine]) -> Scene:
    """All elements of a picture (height, width, 3) RGB whose text is ``lines``."""
    lines = tuple(without_marks(rgb, line) for line in lines)
    em = usual_em(lines)
    lines = tuple(with_bullets(line, em) for line in lines)
    letters = [letter(rgb, line, em) for line in lines]
    frames = find_frames(rgb)
    widgets = find_widgets(rgb, frames, letters, em)
    rules = find_rules(rgb, SHORTEST_RULE * em, max(2, round(0.2 * em)))
    widgets += _menus(frames, letters, widgets, em)
    widgets += find_text_areas(frames, letters, widgets, em)
    widgets += find_soft_fields(rules, letters, widgets, em, rgb.shape[1])
    panels = [frame.box for frame in frames if frame.box.height > SMALLEST_PANEL * em]
    usual = float(np.median([each.contrast for each in letters])) if letters else 0.0
    blocks = [frame.box for frame in frames]
    items = _widget_items(widgets, letters, panels, blocks, usual) + _text_items(
        widgets, letters, usual
    )
    items.sort(key=lambda item: _reading_order(item.element.bbox, em))
    return Scene(
        size=Size(rgb.shape[1], rgb.shape[0]),
        items=tuple(items),
        lines=tuple(each.line for each in letters),
    )


def _menus(
    frames: Sequence[Frame], letters: Sequence[Lettering], widgets: Sequence[Widget], em: float
) -> list[Widget]:
    """Titles of menu bars and items of open menus; items with a mark stay what they are."""
    framed = [widget for widget in widgets if not widget.control]
    busy = {index for widget in framed for index in widget.lines}
    busy |= {index for widget in widgets for index in widget.hidden}
    free = [index for index in range(len(letters)) if index not in busy]
    marked = {index for widget in widgets if widget.control for index in widget.lines}
    items = find_menu_items(frames, letters, free, [widget.box for widget in framed], em)
    taken = {entry.line for entry in items}
    titles = find_menu_titles(frames, letters, [index for index in free if index not in taken])
    found: list[tuple[ElementType, list[Entry]]] = [("menu_item", items), ("menu", titles)]
    return [
        Widget(box=entry.box, kind=kind, lines=(entry.line,))
        for kind, entries in found
        for entry in entries
        if entry.line not in marked
    ]


def _reading_order(box: Box, em: float) -> tuple[int, float]:
    return int((box.top + box.bottom) / 2 / max(em, 1.0)), box.left


def _widget_items(
    widgets: Sequence[Widget],
    letters: Sequence[Lettering],
    panels: Sequence[Box],
    blocks: Sequence[Box],
    usual: float,
) -> list[Item]:
    drawn_on = {index for widget in widgets for index in (*widget.lines, *widget.hidden)}
    free = [index for index in range(len(letters)) if index not in drawn_on]
    fields = [w for w in widgets if w.kind in INPUT_TYPES or (w.control and not w.lines)]
    ties = tie_labels(
        [field.box for field in fields],
        letters,
        free,
        [widget.box for widget in widgets],
        panels,
        blocks,
    )
    tied = {id(field): tie for field, tie in zip(fields, ties, strict=True)}
    return [_widget_item(widget, letters, tied.get(id(widget), []), usual) for widget in widgets]


def _widget_item(
    widget: Widget, letters: Sequence[Lettering], ties: list[Tie], usual: float
) -> Item:
    own = [letters[index] for index in sorted(widget.lines, key=lambda i: letters[i].ink.left)]
    text = " ".join(each.line.text for each in own)
    labels = [clean_label(letters[tie.line].line.text) for tie in ties]
    label = labels[0] if labels else text
    kind = widget.kind
    if kind == "text_input" and _is_password(label, text):
        kind = "password_input"
    lines = tuple(each.line for each in own)
    if ties:
        lines = (letters[ties[0].line].line, *lines)
    element = Element(
        bbox=widget.box,
        element_type=kind,
        label=label,
        text=text,
        text_bbox=lines[0].box if lines else None,
        enabled=not any(_is_faint(each, usual) for each in own) or kind in INPUT_TYPES,
        checked=widget.checked,
    )
    names = (*labels[1:], text) if labels else ()
    names += tuple(ASIDE.sub("", name) for name in labels[:1] if ASIDE.search(name))
    return Item(
        element=element, lines=lines, names=tuple(filter(None, names)), control=widget.control
    )


def _is_password(label: str, text: str) -> bool:
    hidden = text.strip() and all(char in PASSWORD_SIGNS for char in text if not char.isspace())
    return bool(hidden) or any(_names_password(name) for name in (label, text))


def _names_password(name: str) -> bool:
    words = re.split(r"[\W_]+", name.lower())
    return any(word in words or (not word.isascii() and word in name) for word in PASSWORD_WORDS)


def _is_faint(each: Lettering, usual: float) -> bool:
    return each.contrast < FAINT and usual > CLEAR


def _text_items(
    widgets: Sequence[Widget], letters: Sequence[Lettering], usual: float
) -> list[Item]:
    drawn_on = {index for widget in widgets for index in (*widget.lines, *widget.hidden)}
    return [_text_item(each, usual) for index, each in enumerate(letters) if index not in drawn_on]


def _text_item(each: Lettering, usual: float) -> Item:
    element = Element(
        bbox=each.line.box,
        element_type="link" if each.colourful else "text",
        label=clean_label(each.line.text),
        text=each.line.text,
        text_bbox=each.line.box,
        enabled=not _is_faint(each, usual),
    )
    return Item(element=element, lines=(each.line,))
