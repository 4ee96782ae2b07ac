"""Fields without a frame: an underline, or a faint placeholder in a row between rules.

Phones and Material design draw them so. Coordinates are screenshot pixels, lengths em.
What it does not know: a field of which nothing is drawn at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qvl_agent.geometry import Box
from qvl_agent.grounding.embedded.lettering import Lettering
from qvl_agent.grounding.embedded.widgets import Widget

# Placeholders are this much fainter than most of the text on the screen (contrast ratios).
PLACEHOLDER_SHARE = 0.62
FAINTEST_TEXT = 6.5
SHORTEST_RULE = 5.0
LONGEST_BLANK = 30.0
FEWEST_BLANKS = 2
WHOLE_WIDTH = 0.985
ROW_HEIGHT, TEXT_HEIGHT = 3.2, 1.5


def find_soft_fields(
    rules: Sequence[Box],
    letters: Sequence[Lettering],
    taken: Sequence[Widget],
    em: float,
    width: int,
) -> list[Widget]:
    """Fields that only a rule or a placeholder shows; none where a widget already is.

    ``width`` is the picture's: under a rule from rim to rim only a labelled field is one.
    """
    busy = {index for widget in taken for index in (*widget.lines, *widget.hidden)}
    free = [index for index in range(len(letters)) if index not in busy]
    if not letters:
        return []
    usual = float(np.median([letter.contrast for letter in letters]))
    rows = [rule for rule in rules if rule.width >= SHORTEST_RULE * em]
    found = [
        _on_rule(rule, letters, free, usual, labelled=rule.width >= WHOLE_WIDTH * width)
        for rule in rows
    ]
    columns = [field.box.left for field in found if field and field.lines]
    blanks = Counter(round(field.box.left / em) for field in found if field and not field.lines)
    fields: list[Widget] = []
    for rule, seen in zip(rows, found, strict=True):
        field = seen or _beside_label(rule, letters, free, columns)
        if field and not field.lines and blanks[round(field.box.left / em)] < FEWEST_BLANKS:
            continue  # one line after one word may be anything
        walls = [widget.box for widget in (*taken, *fields)]
        clear = field and _up_to_walls(field, walls)
        if clear:
            fields.append(clear)
    return fields


def _up_to_walls(field: Widget, walls: Sequence[Box]) -> Widget | None:
    """The field cut off where a widget to its right begins; None where one lies over it."""
    for wall in walls:
        if field.box.intersection_area(wall) == 0:
            continue
        if wall.left < field.box.left + 0.3 * field.box.width:
            return None
        field = replace(field, box=replace(field.box, right=wall.left))
    return field


def _on_rule(
    rule: Box, letters: Sequence[Lettering], free: Sequence[int], usual: float, *, labelled: bool
) -> Widget | None:
    """The field whose lower edge, or whose row's, is ``rule``; ``labelled`` if it must have a
    label on the same row.
    """
    row = [index for index in free if _stands_on(letters[index], rule)]
    row = [index for index in row if letters[index].is_word]  # no icons
    clearest = max((letters[index].contrast for index in row), default=0.0)
    limit = min(FAINTEST_TEXT, PLACEHOLDER_SHARE * max(clearest, usual))
    faint = [i for i in row if letters[i].contrast < limit and not letters[i].colourful]
    plain = [index for index in row if index not in faint]
    if len(faint) == 1 and labelled <= len(plain) <= 1 and not _crowded(letters, faint[0]):
        return _placeholder_field(rule, letters, faint[0], plain)
    if not row and not labelled:
        return _blank_field(rule, letters, free)
    return None


def _beside_label(
    rule: Box, letters: Sequence[Lettering], free: Sequence[int], columns: Sequence[float]
) -> Widget | None:
    """A value in a row like those above and below it, whose placeholders start in one column."""
    row = sorted(
        (index for index in free if _stands_on(letters[index], rule)),
        key=lambda index: letters[index].ink.left,
    )
    if len(row) != 2:
        return None
    ink, em = letters[row[1]].ink, letters[row[1]].em
    if not any(abs(ink.left - 0.3 * em - column) <= 0.5 * em for column in columns):
        return None
    return _placeholder_field(rule, letters, row[1], row[:1])


def _crowded(letters: Sequence[Lettering], index: int) -> bool:
    """Whether another text stands right above this one: then both are parts of a list's row."""
    ink, em = letters[index].ink, letters[index].em
    return any(
        other.ink.right > ink.left
        and other.ink.left < ink.right
        and -0.5 * em <= ink.top - other.ink.bottom <= 0.8 * em
        for place, other in enumerate(letters)
        if place != index
    )


def _stands_on(letter: Lettering, rule: Box) -> bool:
    gap = rule.top - letter.ink.bottom
    inside = rule.left - 1 <= letter.ink.left and letter.ink.right <= rule.right + 1
    return inside and 0 <= gap <= ROW_HEIGHT / 2 * letter.em


def _placeholder_field(
    rule: Box, letters: Sequence[Lettering], faint: int, plain: Sequence[int]
) -> Widget | None:
    """A faint text alone on its rule, or to the right of its label."""
    ink, em = letters[faint].ink, letters[faint].em
    if rule.right - ink.right < 2 * em and rule.width > 2 * ink.width:
        return None  # set against the right end: a value or a hint, not a placeholder
    if plain and letters[plain[0]].ink.right > ink.left:
        return None
    left = ink.left - 0.3 * em if plain else rule.left
    middle = (ink.top + ink.bottom) / 2
    half = TEXT_HEIGHT / 2 * em
    bottom = middle + half if plain else rule.bottom
    box = Box(left, middle - half, max(rule.right, ink.right), max(bottom, middle + half))
    return Widget(box=box, kind="text_input", lines=(faint,))


def _blank_field(rule: Box, letters: Sequence[Lettering], free: Sequence[int]) -> Widget | None:
    """Nothing on the rule, and a label right before it."""
    for index in free:
        if rule.width > LONGEST_BLANK * letters[index].em:
            continue
        ink, em = letters[index].ink, letters[index].em
        before = -0.2 * em <= rule.left - ink.right <= 3 * em
        on_row = -0.25 * em <= rule.top - ink.bottom <= 0.9 * em
        if before and on_row:
            box = Box(rule.left, min(ink.top - 0.2 * em, rule.top - em), rule.right, rule.bottom)
            return Widget(box=box, kind="text_input")
    return None
