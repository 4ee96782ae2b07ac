"""The small arrow at the right end of a combo box."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from qvl_agent.geometry import Box
from qvl_agent.grounding.embedded.colour import largest_step
from qvl_agent.grounding.embedded.frames import Frame

Pixels = NDArray[np.uint8]

# In em: the zone at the right end, and the sizes an arrow has there.
ZONE = 2.4
NARROWEST, WIDEST, FLATTEST, TALLEST = 0.3, 1.15, 0.15, 1.3
# Between the arrow and the text before it: more than between two letters.
GAP = 0.3
LIKENESS = 0.65


def arrow_at_right(rgb: Pixels, frame: Frame, em: float) -> Box | None:
    """The box of a down (or up-and-down) arrow in the right end of ``frame``, in pixels."""
    left, top, right, bottom = (int(v) for v in frame.inner)
    start = max(left, int(right - ZONE * em))
    zone = rgb[top + 2 : bottom - 2, start : right - 1]
    if right - left < 2.6 * em or zone.shape[0] < 4 or zone.shape[1] < 4:
        return None
    away = largest_step(zone, frame.fill) > 40
    closed = cv2.dilate(away.astype(np.uint8), np.ones((3, 1), np.uint8))
    _, _, found, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    stats = np.asarray(found, np.int32)
    if len(stats) < 2:
        return None
    index = int(np.argmax(stats[1:, 0] + stats[1:, 2])) + 1
    x, y, width, height = _with_overlapping(stats, index)
    shape = away[y : y + height, x : x + width]
    sized = NARROWEST * em <= width <= WIDEST * em and FLATTEST * em <= height <= TALLEST * em
    centred = abs(y + height / 2 - zone.shape[0] / 2) <= max(0.3 * em, 0.12 * zone.shape[0])
    ends = [int(other[0] + other[2]) for other in stats[1:] if other[0] + other[2] <= x]
    apart = x - max(ends, default=0) >= GAP * em
    if not (sized and centred and apart and (_points_down(shape) or _points_both_ways(shape))):
        return None
    return Box(start + x, top + 2 + y, start + x + width, top + 2 + y + height)


def _with_overlapping(stats: NDArray[np.int32], index: int) -> tuple[int, int, int, int]:
    """Left, top, width and height of a part with the parts above and below it: an up arrow over
    a down arrow.
    """
    left, right = stats[index, 0], stats[index, 0] + stats[index, 2]
    column = [s for s in stats[1:] if s[0] < right and s[0] + s[2] > left]
    x = min(int(s[0]) for s in column)
    y = min(int(s[1]) for s in column)
    width = max(int(s[0] + s[2]) for s in column) - x
    return x, y, width, max(int(s[1] + s[3]) for s in column) - y


def _points_both_ways(shape: NDArray[np.bool_]) -> bool:
    """An up arrow over a down arrow: alike in both mirrors, narrow at both ends."""
    rows = np.flatnonzero(shape.any(axis=1))
    if len(rows) < 6 or _symmetry(shape) < LIKENESS or _symmetry(shape.T) < LIKENESS:
        return False
    ends = [int(shape[rows[0]].sum()), int(shape[rows[-1]].sum())]
    drawn = int(rows[-1] - rows[0]) + 1
    return bool(max(ends) <= 0.5 * shape.shape[1] and drawn >= 1.1 * shape.shape[1])


def _points_down(shape: NDArray[np.bool_]) -> bool:
    """Mirrored left to right it stays the same, and it narrows to a point at the bottom."""
    rows = np.flatnonzero(shape.any(axis=1))
    if len(rows) < 3 or _symmetry(shape[rows[0] : rows[-1] + 1]) < LIKENESS:
        return False
    widths = [int(np.ptp(np.flatnonzero(row))) + 1 if row.any() else 0 for row in shape]
    width = shape.shape[1]
    return bool(max(widths[:2]) >= 0.7 * width and widths[rows[-1]] <= 0.5 * width)


def _symmetry(shape: NDArray[np.bool_]) -> float:
    """Overlap of the shape with its mirror image, at the best of three alignments."""
    padded = np.pad(shape, ((0, 0), (1, 1)))
    mirrored = padded[:, ::-1]
    likeness = []
    for shift in (-1, 0, 1):
        other = np.roll(mirrored, shift, axis=1)
        likeness.append(float((padded & other).sum() / max((padded | other).sum(), 1)))
    return max(likeness)
