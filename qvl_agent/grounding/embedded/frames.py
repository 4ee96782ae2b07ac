"""Rectangles that are drawn on the screen: fills, borders, cards, the bodies of buttons and fields.

A *smooth region* is a connected set of pixels without a visible step between neighbours; where
such a region's outline is straight on all four sides, something rectangular was drawn there.
Text inside only makes holes, so it does not matter. All coordinates are screenshot pixels.

What it does not know: frames whose edge fades over many pixels, borders of one colour thicker than
two pixels (they are taken for what is around), and frames over photographs.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from qvl_agent.geometry import Box

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]

# A step that a person sees as an edge between two flat colours; below it lie gradients and noise.
STEP = 5
# Two colours this close on every channel are one flat colour.
DRIFT = 3
SMALLEST = 8
# Shares of a side that must belong to the region: long sides may lose their round corners only,
# short sides of a pill lose more.
LONG_SIDE, SHORT_SIDE = 0.8, 0.6
# How deep into a short side it may be looked for, as a share of the height and at most: the ends
# of a pill at high resolution curve in over many pixels.
ROUNDING, DEEPEST_ROUNDING = 0.05, 8
# A border between a fill and what is around it is at most this thick.
THICKEST_BORDER = 5
# How many pixels past a corner a border that goes on is looked for: past any rounding.
BEYOND = 3


@dataclass(frozen=True)
class Frame:
    """A drawn rectangle.

    Attributes:
        box: with its border, in screenshot pixels.
        inner: the fill without the border.
        fill: RGB of the fill.
        around: RGB just outside each side: left, top, right, bottom (None at the picture's rim).
        border: RGB of the border line, equal to ``fill`` where there is none.
        continued: its side borders run on above or below it, as in a list or a menu.
    """

    box: Box
    inner: Box
    fill: Colour
    around: tuple[Colour | None, ...]
    border: Colour
    continued: bool = False

    @cached_property
    def stands_alone(self) -> bool:
        """It lies on one surface, as fields and buttons do and cells, rows and headers do not:
        the same colour above and below, and on both sides if only a line tells it apart.
        """
        left, top, right, bottom = self.around
        if top is None or bottom is None or colour_distance(top, bottom) > 2 * STEP:
            return False
        same = [side is not None and colour_distance(side, top) <= 2 * STEP
                for side in (left, right)]  # fmt: skip
        return all(same) if self.outlined else any(same)

    @cached_property
    def outlined(self) -> bool:
        """Its fill is that of its surroundings and only a line tells them apart."""
        top = self.around[1]
        return top is not None and colour_distance(top, self.fill) <= STEP

    @property
    def visible(self) -> bool:
        """A fill or a border that a person can see against what is around it."""
        sides = [side for side in self.around if side is not None]
        far = max((colour_distance(side, self.fill) for side in sides), default=0)
        return far > DRIFT or colour_distance(self.border, self.fill) > DRIFT


def colour_distance(one: Colour, other: Colour) -> int:
    """Largest difference on one channel, 0 to 255."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def edge_strength(rgb: Pixels) -> Pixels:
    """Per pixel, the largest step on a channel to the pixel before it on either axis."""
    strength = np.zeros(rgb.shape[:2], np.uint8)
    if min(strength.shape) < 2:
        return strength
    strength[:, 1:] = _channel_max(cv2.absdiff(rgb[:, 1:], rgb[:, :-1]))
    strength[1:] = cv2.max(strength[1:], _channel_max(cv2.absdiff(rgb[1:], rgb[:-1])))
    return strength


def _channel_max(picture: cv2.typing.MatLike) -> Pixels:
    red, green, blue = cv2.split(picture)
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)


def find_frames(rgb: Pixels) -> list[Frame]:
    """Every straight-sided smooth region, top to bottom."""
    smooth = (edge_strength(rgb) <= STEP).astype(np.uint8)
    # Spaghetti labelling takes a third of the time that the default does for 4-connectivity.
    _, found, found_stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        smooth, connectivity=4, ltype=cv2.CV_32S, ccltype=cv2.CCL_SPAGHETTI
    )
    labels, stats = np.asarray(found, np.int32), np.asarray(found_stats, np.int32)
    height, width = smooth.shape
    return [
        measure(rgb, _fill_box(stats[index]))
        for index in _plausible(stats, width, height)
        if _straight(labels, index, stats[index])
    ]


def _plausible(stats: NDArray[np.int32], width: int, height: int) -> list[int]:
    """Indices of the regions large and full enough to be a drawn rectangle."""
    w, h, area = stats[:, 2], stats[:, 3], stats[:, 4]
    keep = (w >= SMALLEST) & (h >= SMALLEST) & (area >= 0.3 * w * h)
    keep &= ~((w >= width - 2) & (h >= height - 2))
    keep[0] = False  # the edges themselves
    indices: list[int] = np.flatnonzero(keep).tolist()
    return indices


def _straight(labels: NDArray[np.int32], index: int, stat: NDArray[np.int32]) -> bool:
    """Whether the region fills the middle of all four sides of its box."""
    left, top, width, height = (int(v) for v in stat[:4])
    inset = min(height // 3, width // 4)
    across = slice(left + inset // 2 + 1, left + width - inset // 2 - 1)
    down = slice(top + height // 4, top + height - height // 4)
    rows = [labels[top + y, across] == index for y in (0, 1, -2 + height, -1 + height)]
    depth = min(max(2, round(ROUNDING * height)), DEEPEST_ROUNDING, width)
    starts = [labels[down, left + x] == index for x in range(depth)]
    ends = [labels[down, left + width - 1 - x] == index for x in range(depth)]
    shares = [float(side.mean()) for side in rows]
    long_sides = min(max(shares[0:2]), max(shares[2:4]))
    short_sides = min(max(float(side.mean()) for side in each) for each in (starts, ends))
    return long_sides >= LONG_SIDE and short_sides >= SHORT_SIDE


def _fill_box(stat: NDArray[np.int32]) -> Box:
    """The fill's box: a step belongs to the pixel behind it, so left and top start one later."""
    left, top, width, height = (int(v) for v in stat[:4])
    return Box(max(left - 1, 0), max(top - 1, 0), left + width, top + height)


def measure(rgb: Pixels, fill_box: Box) -> Frame:
    """The frame whose fill is ``fill_box``: colours, and the border that goes around it."""
    left, top, right, bottom = (int(v) for v in fill_box)
    fill = _median_colour(rgb, _ring_inside(fill_box))
    grown, around, border = [], [], fill
    for dx, dy in ((-1, 0), (0, -1), (1, 0), (0, 1)):
        profile = _profile_outwards(rgb, fill_box, dx, dy)
        thickness, outside = _read_profile(profile)
        grown.append(thickness)
        around.append(outside)
        if thickness:
            border = max(border, profile[0], key=lambda colour: colour_distance(colour, fill))
    outer = Box(left - grown[0], top - grown[1], right + grown[2], bottom + grown[3])
    return Frame(
        box=outer,
        inner=fill_box,
        fill=fill,
        around=tuple(around),
        border=border,
        continued=_sides_run_on(rgb, outer, fill_box),
    )


def _sides_run_on(rgb: Pixels, outer: Box, inner: Box) -> bool:
    """Whether both side borders go on without a break above the upper edge, or below the lower.

    The next field of a dense form has its own border a few pixels on, after a break.
    """
    if inner.left <= outer.left or outer.right <= inner.right:
        return False
    top, bottom = int(outer.top), int(outer.bottom)
    above, below = range(top - 1 - BEYOND, top), range(bottom, bottom + 1 + BEYOND)
    return any(
        all(_shows_sides(rgb, outer, inner, y) for y in rows)
        for rows in (above, below)
        if rows[0] >= 0 and rows[-1] < rgb.shape[0]
    )


def _shows_sides(rgb: Pixels, outer: Box, inner: Box, y: int) -> bool:
    """Whether row ``y`` has something at both side borders that is not what lies between."""
    ground = rgb[y, min(int(inner.left) + 4, rgb.shape[1] - 1)].astype(np.int16)
    for start, stop in ((outer.left, inner.left), (inner.right, outer.right)):
        columns = rgb[y, max(int(start) - 1, 0) : int(stop) + 1].astype(np.int16)
        if np.abs(columns - ground).max() <= STEP:
            return False
    return True


def _ring_inside(box: Box) -> tuple[slice, slice]:
    """A thin band under the top edge, where fills rarely hold text."""
    left, top, right, _ = (int(v) for v in box)
    third = max((right - left) // 3, 1)
    return slice(top + 1, top + 3), slice(left + third // 2, right - third // 2)


def _median_colour(rgb: Pixels, area: tuple[slice, slice]) -> Colour:
    pixels = rgb[area].reshape(-1, 3)
    if not len(pixels):
        return (0, 0, 0)
    red, green, blue = (int(v) for v in np.median(pixels, axis=0))
    return red, green, blue


def _profile_outwards(rgb: Pixels, box: Box, dx: int, dy: int) -> list[Colour]:
    """Median colours of the lines of pixels outside one side, nearest first."""
    left, top, right, bottom = (int(v) for v in box)
    reach = THICKEST_BORDER + 3
    across = slice(left + (right - left) // 4, right - (right - left) // 4)
    down = slice(top + (bottom - top) // 3, bottom - (bottom - top) // 3)
    if dx:
        columns = slice(max(left - reach, 0), left) if dx < 0 else slice(right, right + reach)
        lines = np.median(rgb[down, columns], axis=0)
    else:
        rows = slice(max(top - reach, 0), top) if dy < 0 else slice(bottom, bottom + reach)
        lines = np.median(rgb[rows, across], axis=1)
    profile = [(int(red), int(green), int(blue)) for red, green, blue in lines.tolist()]
    return profile[::-1] if dx < 0 or dy < 0 else profile


def _read_profile(profile: list[Colour]) -> tuple[int, Colour | None]:
    """How thick the border is (0 without one), and the colour outside (None at the rim).

    The outside begins where three pixels agree: at high resolution lines are two pixels thick,
    and a light line may run inside a dark one. Where widgets stand closer than that, two must do.
    """
    for run in (3, 2):
        for step in range(len(profile) - run + 1):
            pixels = profile[step : step + run]
            if all(colour_distance(a, b) <= DRIFT for a, b in itertools.pairwise(pixels)):
                return (step, profile[step]) if step <= THICKEST_BORDER else (0, profile[0])
    return 0, profile[-1] if profile else None
