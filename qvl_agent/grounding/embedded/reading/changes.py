"""Where two pictures of one size differ, as regions worth reading again (screenshot pixels)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from qvl_agent.geometry import Box
from qvl_agent.grounding.embedded.reading.engine import Pixels

TILE = 16  # px: changes closer than this are one region
MARGIN = 4  # px: a change this close to a line may alter its detected box
CONTEXT = 32  # px of the detector's input around a region: what its decision depends on
ALIGN = 32  # px: the detector's stride; windows start on it so that its grid stays in place


def changed_regions(before: Pixels, after: Pixels) -> tuple[Box, ...]:
    """Boxes that together hold every changed pixel, apart from each other by a tile."""
    if np.array_equal(before, after):
        return ()
    height, width = after.shape[:2]
    red, green, blue = cv2.split(cv2.absdiff(before, after))
    differs = np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)
    down, right = -height % TILE, -width % TILE
    padded = np.pad(differs, ((0, down), (0, right)))
    tiles = padded.reshape(padded.shape[0] // TILE, TILE, padded.shape[1] // TILE, TILE)
    changed = (tiles.max(axis=(1, 3)) > 0).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(changed, connectivity=8)
    return tuple(_tight(differs, stats[label].tolist()) for label in range(1, count))


def _tight(differs: Pixels, tile_box: Sequence[int]) -> Box:
    x, y, w, h = (value * TILE for value in tile_box[:4])
    part = differs[y : y + h, x : x + w]
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    return Box(
        x + int(columns[0]), y + int(rows[0]), x + int(columns[-1]) + 1, y + int(rows[-1]) + 1
    )


def grown(regions: Sequence[Box], lines: Sequence[Box], shape: Sequence[int]) -> tuple[Box, ...]:
    """Regions grown until no line is cut by one and no two overlap."""
    height, width = shape[:2]
    pending = [_clip(region.padded(MARGIN), width, height) for region in regions]
    waiting = list(lines)
    done: list[Box] = []
    while pending:
        region = pending.pop()
        touched = [box for box in waiting if box.intersection_area(region) > 0]
        merged = [box for box in done if box.intersection_area(region) > 0]
        waiting = [box for box in waiting if box.intersection_area(region) <= 0]
        done = [box for box in done if box.intersection_area(region) <= 0]
        bigger = region
        for box in [*touched, *merged]:
            bigger = bigger.union(box)
        if bigger == region:
            done.append(region)
        else:
            pending.append(bigger)
    return tuple(sorted(done, key=lambda box: (box.top, box.left)))


def _clip(box: Box, width: int, height: int) -> Box:
    return Box(max(0, box.left), max(0, box.top), min(width, box.right), min(height, box.bottom))


def windows(regions: Sequence[Box], shape: Sequence[int], scale: float) -> tuple[Box, ...]:
    """The parts of the picture the detector needs to see to judge the regions; none overlap."""
    pending = [_window(region, shape, scale) for region in regions]
    done: list[Box] = []
    while pending:
        window = pending.pop()
        shared = [other for other in done if other.intersection_area(window) > 0]
        done = [other for other in done if other.intersection_area(window) <= 0]
        if not shared:
            done.append(window)
            continue
        for other in shared:
            window = window.union(other)
        pending.append(window)
    return tuple(sorted(done, key=lambda box: (box.top, box.left)))


def _window(region: Box, shape: Sequence[int], scale: float) -> Box:
    """A region with its context, starting and ending on the detector's grid."""
    height, width = shape[:2]
    step, context = ALIGN / scale, CONTEXT / scale
    left = math.floor(max(0.0, region.left - context) / step) * step
    top = math.floor(max(0.0, region.top - context) / step) * step
    right = math.ceil((region.right + context) / step) * step
    bottom = math.ceil((region.bottom + context) / step) * step
    return Box(round(left), round(top), min(width, round(right)), min(height, round(bottom)))
