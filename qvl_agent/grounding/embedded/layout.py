"""Where things lie relative to each other: sides, rows, what a title is the title of.

Pure geometry on boxes in screenshot pixels; lengths are measured in heights of the anchor's
text, so that nothing depends on the resolution.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from qvl_agent.geometry import Box, Size
from qvl_agent.grounding.embedded.vocabulary import Corner, Side

T = TypeVar("T")

FARTHEST = 40.0  # heights: beyond this nothing is "under" or "next to" anything
_INDENT, _FIRST_GAP, _NEXT_GAP = 12.0, 8.0, 3.0
_SHORTEST_LIST, _LARGEST_PITCH = 3, 5.0
_SEPARATED = 1.75  # pitches: a separator of a menu may stand between two rows


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
        return min(0.02 * abs(target.left - anchor.left), 0.5 * anchor.height)
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


def longest_list(things: Sequence[T], box_of: Callable[[T], Box]) -> list[list[T]]:
    """Of all things the rows that look most like a list: one start, one pitch, one set of columns.

    What lies between or beside them belongs to something else and is left out.
    """
    best: list[list[T]] = []
    ordered = sorted(things, key=lambda t: box_of(t).centre.y)
    for run in _runs(ordered, box_of):
        if len(run) >= _SHORTEST_LIST:
            grown = _with_columns(run, ordered, box_of)
            best = max(best, grown, key=_cells)
    return best


def _cells(table: Sequence[list[T]]) -> float:
    """How much a table is: more rows, and half as much again for each further column."""
    return sum(0.5 + 0.5 * min(len(row), 6) for row in table)


def _runs(things: Sequence[T], box_of: Callable[[T], Box]) -> Iterable[list[T]]:
    """Things below each other with one left edge and one pitch, as long as they go on."""
    unit = max(4.0, sorted(box_of(t).height for t in things)[len(things) // 2] / 2)
    starts: dict[int, list[T]] = {}
    for thing in things:
        for bucket in range(-1, 1):
            starts.setdefault(int(box_of(thing).left // unit) + bucket, []).append(thing)
    for column in starts.values():
        yield from _steady(column, box_of)


def _steady(column: Sequence[T], box_of: Callable[[T], Box]) -> Iterable[list[T]]:
    """The parts of a column with a steady pitch."""
    run: list[T] = []
    pitch: float | None = None
    for thing in column:
        box = box_of(thing)
        if run:
            step = box.centre.y - box_of(run[-1]).centre.y
            near = step <= _LARGEST_PITCH * box.height
            if not near or (pitch and not 0.85 * pitch <= step <= _SEPARATED * pitch):
                yield run
                run, pitch = [run[-1]] if near else [], step if near else None
            else:
                pitch = min(pitch or step, step)
        run.append(thing)
    if run:
        yield run


def _with_columns(
    run: Sequence[T], things: Sequence[T], box_of: Callable[[T], Box]
) -> list[list[T]]:
    """Each thing of the run with what stands on its row and in line with another row's.

    ``things`` come in the order of their vertical centres.
    """
    middles = [box_of(t).centre.y for t in things]
    table = []
    for head in run:
        box = box_of(head)
        first, last = bisect_left(middles, box.top), bisect_right(middles, box.bottom)
        level = (t for t in things[first:last] if same_row(box_of(t), box))
        table.append([t for t in level if t is head or box_of(t).left >= box.right])
    edges = [{edge for t in row for edge in _edges(box_of(t))} for row in table]
    kept = []
    for number, (head, row) in enumerate(zip(run, table, strict=True)):
        others = set().union(*edges[max(0, number - 2) : number], *edges[number + 1 : number + 3])
        cells = [t for t in row if t is head or _edges(box_of(t)) & others]
        kept.append(sorted(cells, key=lambda t: box_of(t).left))
    return kept


def _edges(box: Box) -> set[tuple[str, int]]:
    """The edges of a cell, coarse enough for letters of different shapes to agree."""
    return {
        (name, int(value // 4) + near)
        for name, value in (("left", box.left), ("right", box.right))
        for near in (0, 1)
    }


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
