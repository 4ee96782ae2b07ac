"""At which scale the detector should see a picture, from the size of what looks like text.

The detector reads best when letters are as high as on a plain desktop. A phone's screenshot has
them three times as high: shrunk, it is found better (large isolated words are otherwise
missed) and several times faster. A large desktop at plain density must not be shrunk, though.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from qvl_agent.grounding.embedded.reading.engine import Pixels

LARGE = 1600  # px, long side: a picture beyond it may be one of high density
SHORT_SIDE = 736  # px: rapidocr enlarges smaller pictures to this for its detector
LONG_SIDE = 2000  # px: an enlarged picture stays below
MAX_ENLARGE = 2.0  # a small dialog is not blown up beyond this
LETTER_HEIGHT = 13.0  # px, outlines of letters; on a plain desktop 9 to 12
PHONE_LETTER_HEIGHT = 28.0  # px: the same on a portrait screen of high density
MIN_SCALE = 0.35  # of the densest phones, which have 3 to 3.5 pixels per unit
MAX_PIXELS = 9_000_000  # of the detector's input: bounds memory and time (a 4K screen has 8.3)
EDGE = 40  # of 255: contrast between neighbours that makes an outline
FEW = 5  # outlines: with fewer of them the picture holds no text to judge by
SMALL_SHARE = 30  # per cent of the outlines may be smaller than the size that is judged by


def detection_scale(rgb: Pixels) -> float:
    """The factor to resize a picture by for the detector; above 1.0 for small ones."""
    height, width = rgb.shape[:2]
    short, long = min(height, width), max(height, width)
    if short < SHORT_SIDE and long <= LARGE:
        return float(max(1.0, min(MAX_ENLARGE, SHORT_SIDE / short, LONG_SIDE / long)))
    unknown = PHONE_LETTER_HEIGHT if height > width else LETTER_HEIGHT
    wanted = LETTER_HEIGHT / (_letter_height(rgb) or unknown) if long > LARGE else 1.0
    fitting: float = math.sqrt(MAX_PIXELS / (height * width))
    return min(1.0, fitting, max(MIN_SCALE, wanted))


def _letter_height(rgb: Pixels) -> float | None:
    """Height of the smaller letters, px; None when too few things look like one."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    edges = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > EDGE
    _, _, stats, _ = cv2.connectedComponentsWithStats(edges.astype(np.uint8), connectivity=8)
    w, h = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]
    letters = h[(h >= 7) & (h <= 120) & (w <= 2.5 * h) & (w >= 0.25 * h)]
    if len(letters) < FEW:
        return None
    return float(np.percentile(letters, SMALL_SHARE))
