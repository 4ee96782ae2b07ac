"""Check boxes, radio buttons and switches: small marks beside a line of text, and their state.

A mark has a uniform outline (a ring of one colour, straight or round) and stands alone beside
its text; icons do not. All coordinates are screenshot pixels.

What it does not know: marks drawn as pictures, marks farther than `REACH` from their text, and
states shown by colour alone on a mark without a sign in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from qvl_agent.geometry import Box
from qvl_agent.grounding.embedded.colour import largest_step, quantile

Pixels = NDArray[np.uint8]

# All in text heights (em) of the line beside the mark.
REACH = 3.4
SMALLEST, LARGEST = 0.55, 1.5
OFF_CENTRE = 0.45
# Largest channel difference to the surface at which a pixel still counts as surface.
SURFACE = 10
# How far the colours along one outline may lie apart: antialiasing, gradients and bevels.
OUTLINE_SPREAD = 42
# Colours of one pen, antialiased, lie this close together.
SAME_PEN = 60
# How far an outline must differ from the surface to be seen at all.
FAINTEST_OUTLINE = 14


@dataclass(frozen=True, slots=True)
class Mark:
    """A check box, radio button or switch; ``checked`` is None when its state is unclear."""

    box: Box
    kind: Literal["checkbox", "radio"]
    checked: bool | None


def mark_beside(
    rgb: Pixels, text: Box, em: float, surface: Pixels, ink: Pixels, others: Sequence[Box] = ()
) -> Mark | None:
    """The mark just left of ``text``, or right of it; None where there is none.

    ``em`` is the text height, ``surface`` and ``ink`` the RGB colours behind and of the text,
    and ``others`` the boxes of other words, which are no marks.
    """
    height, width = rgb.shape[:2]
    middle = (text.top + text.bottom) / 2
    top, bottom = int(max(middle - 1.3 * em, 0)), int(min(middle + 1.3 * em, height))
    spans = [
        (int(max(text.left - REACH * em, 0)), int(text.left - 0.1 * em)),
        (int(text.right + 0.1 * em), int(min(text.right + REACH * em, width))),
    ]
    for side, (left, right) in enumerate(spans):
        if right - left < SMALLEST * em or bottom - top < SMALLEST * em:
            continue
        window = rgb[top:bottom, left:right]
        boxes = _shapes(window, em, middle - top, surface)
        for box in sorted(boxes, key=lambda b: -b.right if side == 0 else b.left)[:1]:
            place = box.moved(left, top)
            if any(place.intersection_area(other) > 0.25 * place.area for other in others):
                continue
            mark = read_mark(rgb, place, surface, ink)
            if mark is not None:
                return mark
    return None


def leading_mark(rgb: Pixels, text: Box, em: float, surface: Pixels, ink: Pixels) -> Box | None:
    """A mark that the engine took for the beginning of ``text``: a shape over its left end."""
    height, width = rgb.shape[:2]
    middle = (text.top + text.bottom) / 2
    top, bottom = int(max(middle - 1.3 * em, 0)), int(min(middle + 1.3 * em, height))
    left, right = int(max(text.left - 1.6 * em, 0)), int(min(text.left + 1.6 * em, width))
    if right - left < SMALLEST * em or bottom - top < SMALLEST * em:
        return None
    for box in _shapes(rgb[top:bottom, left:right], em, middle - top, surface):
        place = box.moved(left, top)
        if place.right > text.left and read_mark(rgb, place, surface, ink):
            return place
    return None


def _shapes(window: Pixels, em: float, middle: float, surface: Pixels) -> list[Box]:
    """Boxes of the connected shapes in the window that have a mark's size and place."""
    away = largest_step(window, surface) > SURFACE
    if not away.any():
        return []
    closed = cv2.morphologyEx(away.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    found = []
    for left, top, width, height, _ in stats[1:].tolist():
        sized = SMALLEST * em <= height <= LARGEST * em and 0.8 <= width / height <= 2.4
        centred = abs(top + height / 2 - middle) <= OFF_CENTRE * em
        whole = top > 0 and top + height < window.shape[0] and left > 0
        if sized and centred and whole and left + width < window.shape[1]:
            found.append(Box(left, top, left + width, top + height))
    return found


def read_mark(rgb: Pixels, box: Box, surface: Pixels, ink: Pixels) -> Mark | None:
    """What the shape in ``box`` is, if its outline is that of a mark.

    An outline in the colour of the text around something in that colour is an icon, drawn by
    the same pen; a mark that is ticked is filled, or its outline is paler than its tick.
    """
    left, top, right, bottom = (int(v) for v in box)
    patch = rgb[top:bottom, left:right].astype(np.int16)
    ratio = (right - left) / (bottom - top)
    if ratio > 1.45:
        return _read_switch(patch, box, surface)
    if ratio > 1.2:
        return None
    ground = surface.astype(np.int16)
    round_one = _is_round(patch, ground)
    outline = _outline(_circles(patch) if round_one else _squares(patch), ground)
    if outline is None:
        return None
    signed = _has_sign(patch, 0.36 if round_one else 0.26)
    pen = np.abs(np.median(outline, axis=0) - ink.astype(np.int16)).max()
    hollow = np.abs(_inside(patch) - ground).max() <= SURFACE
    if signed and hollow and pen <= SAME_PEN:
        return None
    return Mark(box, "radio" if round_one else "checkbox", signed)


def _inside(patch: NDArray[np.int16]) -> NDArray[np.int16]:
    """The usual colour of the middle of the mark."""
    height, width = patch.shape[:2]
    middle = patch[height // 5 : height - height // 5, width // 5 : width - width // 5]
    return np.asarray(np.median(middle.reshape(-1, 3), axis=0), np.int16)


def _is_round(patch: NDArray[np.int16], ground: NDArray[np.int16]) -> bool:
    """Whether the corners, where a square has its own, show the surface rather than the outline.

    The points tested lie outside a circle (0.58 of its side from the centre), and the last of
    them inside a square whose corners are rounded by up to a fifth of its side. All up to that
    one must show the surface: thin outlines have their fill there already.
    """
    inset = max(round(min(patch.shape[:2]) * 0.09), 1)
    steps = np.arange(inset + 1)
    rows, columns = [steps, steps, -1 - steps, -1 - steps], [steps, -1 - steps, steps, -1 - steps]
    corners = np.abs(patch[rows, columns] - ground).max(axis=(1, 2))
    outlines = [np.abs(np.median(line, axis=0) - ground).max() for line in _circles(patch)]
    return bool((corners <= 0.4 * max(outlines)).sum() >= 3)


def _outline(
    outlines: Iterable[NDArray[np.int16]], ground: NDArray[np.int16]
) -> NDArray[np.int16] | None:
    """The outermost outline of one colour that can be seen against the surface."""
    for pixels in outlines:
        seen = np.abs(np.median(pixels, axis=0) - ground).max()
        if _spread(pixels) <= OUTLINE_SPREAD and seen >= FAINTEST_OUTLINE:
            return pixels
    return None


def _squares(patch: NDArray[np.int16]) -> Iterator[NDArray[np.int16]]:
    """Pixels along square outlines, outermost first, without the corners."""
    height, width = patch.shape[:2]
    y, x = slice(height // 4, height - height // 4), slice(width // 4, width - width // 4)
    for i in range(min(3, min(height, width) // 4)):
        yield np.concatenate([patch[i, x], patch[-1 - i, x], patch[y, i], patch[y, -1 - i]])


def _circles(patch: NDArray[np.int16]) -> Iterator[NDArray[np.int16]]:
    """Pixels along round outlines, outermost first."""
    height, width = patch.shape[:2]
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    for inset in (0.0, 0.5, 1.0, 1.5, 2.0):
        y = (height - 1) / 2 + ((height - 1) / 2 - inset) * np.sin(angles)
        x = (width - 1) / 2 + ((width - 1) / 2 - inset) * np.cos(angles)
        yield patch[y.round().astype(int), x.round().astype(int)]


def _spread(pixels: NDArray[np.int16]) -> float:
    """How far the colours lie apart: the 72nd percentile of the distance to their median,
    so that a shadow along one of four sides does not count.
    """
    distance = np.abs(pixels - np.median(pixels, axis=0)).max(axis=1)
    return quantile(distance, 0.72)


def _has_sign(patch: NDArray[np.int16], inset: float) -> bool:
    """Whether something is drawn in the middle of the mark: a tick, a dot, a dash."""
    height, width = patch.shape[:2]
    dy, dx = max(int(height * inset), 2), max(int(width * inset), 2)
    inside = patch[dy : height - dy, dx : width - dx].reshape(-1, 3)
    if not len(inside):
        return False
    away = np.abs(inside - np.median(inside, axis=0)).max(axis=1)
    filled = np.abs(np.median(inside, axis=0) - np.median(_ground(patch, inset), axis=0)).max()
    return bool((away > 50).mean() >= 0.08 or filled > 60)


def _ground(patch: NDArray[np.int16], inset: float) -> NDArray[np.int16]:
    """Pixels between the outline and the middle: the mark's own ground around a dot."""
    height, width = patch.shape[:2]
    y, x = max(int(height * inset * 0.6), 2), max(int(width * inset * 0.6), 2)
    mid_y, mid_x = height // 2, width // 2
    rows = patch[[y, -1 - y], mid_x]
    columns = patch[mid_y, [x, -1 - x]]
    return np.concatenate([rows, columns])


def _read_switch(patch: NDArray[np.int16], box: Box, surface: Pixels) -> Mark | None:
    """A pill with a round knob at one end; on when the knob is at the right."""
    height, width = patch.shape[:2]
    if not _is_round(patch, surface.astype(np.int16)):
        return None
    middle = patch[height // 2]
    halves = [middle[: width // 2], middle[width - width // 2 :][::-1]]
    knobs = [np.median(half[height // 5 : height // 2 + 2], axis=0) for half in halves]
    # Over and under the middle no knob reaches, not even one that fills its half.
    edge, near = round(0.16 * height), width // 16
    strip = patch[[edge, -1 - edge], width // 2 - near : width // 2 + near + 1]
    track = np.median(strip.reshape(-1, 3), axis=0)
    away = [float(np.abs(knob - track).max()) for knob in knobs]
    if max(away) < 30 or max(away) < 1.5 * min(away):
        return None
    return Mark(box, "checkbox", away[1] > away[0])
