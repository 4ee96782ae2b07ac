"""Where things lie relative to each other: sides, rows, what a title is the title of.

Pure geometry on boxes in screenshot pixels; lengths are measured in heights of the anchor's
text, so that nothing depends on the resolution.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from qvl_agent.geometry import Box, Size
from qvl_agent.grounding.embedded.vocabulary import Corner, Side

T = TypeVar("T")

FARTHEST = 40.0  # heights: beyond this nothing is "under" or "next to" anything
_INDENT, _FIRST_GAP, _NEXT_GAP = 12.0, 8.0, 3.0


def same_row(one: Box, other: Box) -> bool:
    """Whether the two overlap by half of the lower one's height."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared >= 0.5 * min(one.height, other.height) and shared > 0


def same_column(one: Box, other: Box) -> bool:
    """Whether they overlap horizontally."""
    return min(one.right, other.right) - max(one.left, other.left) > 0


def distance(one: Box, other: Box) -> float:
    """Between the nearest edges; vertical pixels count double, as people see rows first."""
    dx = max(0.0, one.left - other.right, other.left - one.right)
    dy = max(0.0, one.top - other.bottom, other.top - one.bottom)
    return math.hypot(dx, 2 * dy)


def side_distance(side: Side, target: Box, anchor: Box, width: Box) -> float | None:
    """How far ``target`` is on that side of ``anchor``, in anchor heights; None if it is not.

    ``width`` is the anchor with the field it names: what lies under the field is under it too.
    """
    unit = max(anchor.height, 1.0)
    stacked = _STACKED.get(side)
    far = stacked(target, anchor, width) if stacked else _SIDES[side](target, anchor)
    return None if far is None or far / unit > FARTHEST else far / unit


def _above(target: Box, anchor: Box, width: Box) -> float | None:
    if target.centre.y >= anchor.top or target.bottom > anchor.top + 0.4 * anchor.height:
        return None
    return anchor.top - target.bottom + _sideways(target, anchor, width)


def _below(target: Box, anchor: Box, width: Box) -> float | None:
    if target.centre.y <= anchor.bottom or target.top < anchor.bottom - 0.4 * anchor.height:
        return None
    return target.top - anchor.bottom + _sideways(target, anchor, width)


def _sideways(target: Box, anchor: Box, width: Box) -> float:
    """A penalty for not standing in the anchor's column."""
    if same_column(target, anchor):
        return 0.0
    if same_column(target, width):
        return 1.0 * anchor.height
    return 3 * max(target.left - width.right, width.left - target.right, 0.0) + anchor.height


def _left(target: Box, anchor: Box) -> float | None:
    if not same_row(target, anchor) or target.centre.x >= anchor.left:
        return None
    return max(0.0, anchor.left - target.right)


def _right(target: Box, anchor: Box) -> float | None:
    if not same_row(target, anchor) or target.centre.x <= anchor.right:
        return None
    return max(0.0, target.left - anchor.right)


def _near(target: Box, anchor: Box) -> float | None:
    return distance(target, anchor)


def _row(target: Box, anchor: Box) -> float | None:
    if not same_row(target, anchor):
        return None
    return 0.05 * distance(target, anchor)  # a row is as long as the window is wide


def _inside(target: Box, anchor: Box) -> float | None:
    return 0.0 if anchor.contains(target.centre) and target.area < anchor.area else None


_SIDES: Mapping[Side, Callable[[Box, Box], float | None]] = {
    "left": _left, "right": _right, "near": _near, "row": _row, "inside": _inside,
}  # fmt: skip
_STACKED: Mapping[Side, Callable[[Box, Box, Box], float | None]] = {
    "above": _above, "below": _below,
}  # fmt: skip


def rows(things: Iterable[T], box_of: Callable[[T], Box]) -> list[list[T]]:
    """Things that stand on one row together, from top to bottom, each from left to right."""
    found: list[list[T]] = []
    reach = -math.inf
    for thing in sorted(things, key=lambda t: (box_of(t).centre.y, box_of(t).left)):
        box = box_of(thing)
        if found and box.centre.y < reach:
            found[-1].append(thing)
        else:
            found.append([thing])
            reach = box.centre.y + 0.5 * box.height
    for row in found:
        row.sort(key=lambda t: box_of(t).left)
    return found


def under_title(title: Box, things: Sequence[T], box_of: Callable[[T], Box]) -> list[T]:
    """The things that stand under a title, as far as no gap and no new title ends them."""
    unit = max(title.height, 1.0)
    below = [t for t in things if box_of(t).top >= title.bottom - 0.3 * unit]
    near = [t for t in below if _may_start_under(title, box_of(t), unit)]
    if not near:
        return []
    first = min(near, key=lambda t: (box_of(t).top, abs(box_of(t).left - title.left)))
    left = min(title.left, box_of(first).left) - unit
    right = max(title.right, box_of(first).right) + unit
    taken: list[T] = []
    last = title.bottom
    for row in rows(below, box_of):
        column = [t for t in row if left <= box_of(t).centre.x <= right]
        if not column:
            continue
        if min(box_of(t).top for t in column) - last > (_NEXT_GAP if taken else _FIRST_GAP) * unit:
            break
        taken.extend(column)
        last = max(box_of(t).bottom for t in column)
        right = max(right, *(box_of(t).right for t in column))
    return taken


def _may_start_under(title: Box, box: Box, unit: float) -> bool:
    return (
        box.top - title.bottom <= _FIRST_GAP * unit
        and box.left >= title.left - _INDENT * unit
        and box.left <= title.right + 2 * unit
    )


def in_corner(box: Box, corner: Corner, size: Size) -> float:
    """1.0 deep in that part of the screen, falling to 0.0 at the opposite end."""
    x, y = box.centre.x / size.width, box.centre.y / size.height
    if corner == "centre":
        return max(0.0, 1.0 - 2 * max(abs(x - 0.5), abs(y - 0.5)))
    shares = {"left": 1 - x, "right": x, "top": 1 - y, "bottom": y}
    return min(max(0.0, min(1.0, shares[word])) for word in corner.split())
