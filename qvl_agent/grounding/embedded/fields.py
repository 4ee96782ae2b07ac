"""Which text names which field: left of it, above it, inside it as a placeholder.

Forms keep one habit, so where both a left and an upper text could be the label, the habit of the
screen's clearer fields decides. Coordinates are screenshot pixels.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qvl_agent.geometry import Box
from qvl_agent.grounding.embedded.lettering import Lettering

# In em of the label.
FARTHEST_LEFT, FARTHEST_ABOVE = 16.0, 1.9
TALL, FARTHEST_LEFT_OF_TALL = 4.0, 11.0
ROW_GAP = 4.0
# A label is set like the rest of the screen; larger text is a title.
LARGEST_LABEL = 1.4
SAME_ROW, SAME_START = 0.75, 1.6
LABEL_ENDS = re.compile(r"^[\s*＊_]+|[\s:：*＊_]+$")


@dataclass(frozen=True, slots=True)
class Tie:
    """A line that names a field: its index, and how far it is in em."""

    line: int
    distance: float


def clean_label(text: str) -> str:
    """The label without the colon and the star of a required field."""
    return LABEL_ENDS.sub("", text) or text.strip()


def tie_labels(
    fields: Sequence[Box],
    letters: Sequence[Lettering],
    free: Sequence[int],
    walls: Sequence[Box],
    panels: Sequence[Box],
    blocks: Sequence[Box],
) -> list[list[Tie]]:
    """For each field the lines that may name it, likeliest first.

    ``free`` are the lines that are not drawn on a widget; ``walls`` are all widgets' boxes, which
    no label reaches across; ``panels`` are larger frames, which no label reaches out of;
    ``blocks`` are all frames, of which those joined to a field belong to it.
    """
    usual = float(np.median([letter.em for letter in letters])) if letters else 0.0
    free = [index for index in free if letters[index].em <= LARGEST_LABEL * usual]
    starts = [_start_of_group(field, blocks) for field in fields]
    heads = {index for index in free if _heads_a_column(index, letters, free, starts)}
    near = [[i for i in free if _share_panel(letters[i].ink, field, panels)] for field in fields]
    left = [
        _left_of(field, letters, candidates, walls)
        for field, candidates in zip(fields, near, strict=True)
    ]
    above = [
        _above(start, letters, [index for index in candidates if index in heads])
        for start, candidates in zip(starts, near, strict=True)
    ]
    pairs = list(zip(left, above, strict=True))
    lefts = sum(1 for one, other in pairs if one and not other)
    aboves = sum(1 for one, other in pairs if other and not one)
    ties = []
    for one, other in pairs:
        found = [tie for tie in (one, other) if tie]
        if one and other and _prefer_above(letters, one, other, lefts, aboves):
            found.reverse()
        ties.append(found)
    return ties


def _start_of_group(field: Box, blocks: Sequence[Box]) -> Box:
    """The field with what is joined to its left, such as a currency sign in a box."""
    for _ in range(3):
        joined = next(
            (
                block for block in blocks
                if abs(block.right - field.left) <= 2
                and abs(block.top - field.top) <= 3
                and abs(block.bottom - field.bottom) <= 3
                and block.width < field.width
            ),
            None,
        )  # fmt: skip
        if joined is None:
            break
        field = joined.union(field)
    return field


def _share_panel(label: Box, field: Box, panels: Sequence[Box]) -> bool:
    """Whether every panel that holds one of the two holds the other."""
    return all(
        panel.contains_box(label, slack=2) == panel.contains_box(field, slack=2) or panel == field
        for panel in panels
    )


def _heads_a_column(
    index: int, letters: Sequence[Lettering], free: Sequence[int], fields: Sequence[Box]
) -> bool:
    """Whether its row is a row of labels: half of its texts at least have a field below.

    A menu bar above a path entry is none.
    """
    row = _row_around(index, letters, free)
    over = [other for other in row if any(_is_over(letters[other], box) for box in fields)]
    return len(row) <= 2 or 2 * len(over) >= len(row)


def _row_around(index: int, letters: Sequence[Lettering], free: Sequence[int]) -> list[int]:
    """The line with those that follow it closely to the left and right, as in a menu bar."""
    ink, em = letters[index].ink, letters[index].em
    middle = (ink.top + ink.bottom) / 2
    level = sorted(
        (i for i in free if letters[i].ink.top <= middle <= letters[i].ink.bottom),
        key=lambda i: letters[i].ink.left,
    )
    runs: list[list[int]] = [[]]
    for line in level:
        if runs[-1] and letters[line].ink.left - letters[runs[-1][-1]].ink.right > ROW_GAP * em:
            runs.append([])
        runs[-1].append(line)
    return next(run for run in runs if index in run)


def _is_over(letter: Lettering, field: Box) -> bool:
    gap = field.top - letter.ink.bottom
    starts = abs(letter.ink.left - field.left) <= SAME_START * letter.em
    return starts and -0.3 * letter.em <= gap <= FARTHEST_ABOVE * letter.em


def _prefer_above(
    letters: Sequence[Lettering], left: Tie, above: Tie, lefts: int, aboves: int
) -> bool:
    if lefts != aboves:
        return aboves > lefts
    if letters[left.line].line.text.rstrip().endswith((":", "：")):
        return False
    return above.distance < left.distance


def _left_of(
    field: Box, letters: Sequence[Lettering], free: Sequence[int], walls: Sequence[Box]
) -> Tie | None:
    best: Tie | None = None
    for index in free:
        ink, em = letters[index].ink, letters[index].em
        gap = field.left - ink.right
        middle = (ink.top + ink.bottom) / 2
        on_row = abs(middle - field.centre.y) <= SAME_ROW * em or (
            field.height > 3 * em and field.top <= middle <= field.top + 1.6 * em
        )
        farthest = FARTHEST_LEFT if field.height <= TALL * em else FARTHEST_LEFT_OF_TALL
        if not on_row or not -0.3 * em <= gap <= farthest * em:
            continue
        between = Box(ink.right, ink.top, max(field.left, ink.right), ink.bottom)
        if any(wall.intersection_area(between) > 0 for wall in walls if wall != field):
            continue
        if best is None or gap / em < best.distance:
            best = Tie(index, gap / em)
    return best


def _above(field: Box, letters: Sequence[Lettering], heads: Sequence[int]) -> Tie | None:
    over = [index for index in heads if _is_over(letters[index], field)]
    ties = [Tie(i, (field.top - letters[i].ink.bottom) / letters[i].em) for i in over]
    return min(ties, key=lambda tie: tie.distance, default=None)
