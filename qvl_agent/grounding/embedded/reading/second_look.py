"""A second look for what the detector misses: single glyphs and short words on plain ground.

The detector was trained on lines; it overlooks "7", "+" or "OK" on the keys of a calculator.
Here ink of the size of text that no line covers becomes a crop for the recogniser. It knows
nothing of icons: the reader keeps only what the recogniser is sure of.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import cv2
import numpy as np

from qvl_agent.geometry import Box
from qvl_agent.grounding.embedded.reading.engine import Pixels

EDGE = 24  # of 255: contrast between neighbours that makes an outline; disabled text has 30
USUAL_HEIGHT = 16.0  # px, of a line's ink and its margins, when the picture has no line at all
HEIGHTS = (0.3, 2.2)  # of a usual line: what may be a glyph
FLAT_WIDTH = 0.3  # of a usual line's height: a lower stroke must be this wide ("-", "_")
WORD_GAP = 0.45  # of a usual line's height: strokes closer than this are one word
MAX_WIDTH = 5.0  # of a usual line's height: longer words are the detector's business
MARGIN = 0.35  # of the glyph's height, as the detector's boxes have
PLAIN = 10  # of 255: how much plain ground may vary
PLAIN_SHARE = 0.85  # of the crop's rim is plain ground
MAX_CROPS = 64  # bounds the time a picture full of icons can take


def overlooked(rgb: Pixels, covered: Sequence[Box], heights: Sequence[float]) -> list[Box]:
    """Boxes worth recognising, in the pixels of ``rgb``.

    ``covered`` are the boxes of what was detected, ``heights`` the heights of their ink.
    """
    usual = statistics.median(heights) if heights else USUAL_HEIGHT
    strokes = [box for box in _strokes(rgb, usual) if not _inside(box, covered)]
    words = [box for box in _words(strokes, usual) if box.width <= MAX_WIDTH * usual]
    crops = [_with_margin(box, usual, rgb.shape) for box in words]
    return [box for box in crops if _on_plain_ground(rgb, box)][:MAX_CROPS]


def _strokes(rgb: Pixels, usual: float) -> list[Box]:
    """Connected outlines of the size of glyphs, top to bottom."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    edges = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > EDGE
    _, _, stats, _ = cv2.connectedComponentsWithStats(edges.astype(np.uint8), connectivity=8)
    x, y, w, h = stats[1:, :4].T
    low, high = (share * usual for share in HEIGHTS)
    fits = (h <= high) & (w <= high) & ((h - 2 >= low) | (w - 2 >= FLAT_WIDTH * usual))
    found = zip(x[fits].tolist(), y[fits].tolist(), w[fits].tolist(), h[fits].tolist(), strict=True)
    # An outline lies one pixel outside the ink on either side.
    return [Box(a + 1, b + 1, a + c - 1, b + d - 1) for a, b, c, d in found if c > 2 and d > 2]


def _inside(box: Box, covered: Sequence[Box]) -> bool:
    return any(other.contains(box.centre) for other in covered)


def _words(strokes: Sequence[Box], usual: float) -> list[Box]:
    """Strokes of one row that are close together, joined."""
    words: list[Box] = []
    for box in sorted(strokes, key=lambda box: (box.left, box.top)):
        for index, word in enumerate(words):
            level = min(word.bottom, box.bottom) - max(word.top, box.top)
            if level > 0 and box.left - word.right <= WORD_GAP * usual:
                words[index] = word.union(box)
                break
        else:
            words.append(box)
    return sorted(words, key=lambda box: (box.top, box.left))


def _with_margin(box: Box, usual: float, shape: Sequence[int]) -> Box:
    """Grown as the detector's boxes are; a low stroke gets the height of a line around it."""
    margin = max(2.0, MARGIN * box.height)
    upright = max(margin, (1.5 * usual - box.height) / 2)
    grown = box.padded(margin, upright).rounded()
    return Box(
        max(0, grown.left),
        max(0, grown.top),
        min(shape[1], grown.right),
        min(shape[0], grown.bottom),
    )


def _on_plain_ground(rgb: Pixels, box: Box) -> bool:
    left, top, right, bottom = (int(value) for value in box)
    crop = rgb[top:bottom, left:right].astype(np.int16)
    if crop.shape[0] < 4 or crop.shape[1] < 3:
        return False
    rim = np.concatenate((crop[0], crop[-1], crop[:, 0], crop[:, -1]))
    plain = np.abs(rim - np.median(rim, axis=0)).max(axis=1) <= PLAIN
    return float(plain.mean()) >= PLAIN_SHARE
