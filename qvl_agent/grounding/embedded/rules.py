"""Thin horizontal rules: underlines of fields, separators between rows. Screenshot pixels."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from qvl_agent.geometry import Box

Pixels = NDArray[np.uint8]

# A rule differs from what is above and below it by at least this on some channel.
VISIBLE = 8


def find_rules(rgb: Pixels, shortest: float, thickest: int) -> list[Box]:
    """Horizontal rules at least ``shortest`` long and at most ``thickest`` pixels thick."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    reach = thickest + 1
    if grey.shape[0] <= 2 * reach or shortest < 2:
        return []
    middle = grey[reach:-reach]
    above = cv2.absdiff(middle, grey[: -2 * reach])
    below = cv2.absdiff(middle, grey[2 * reach :])
    beside = cv2.absdiff(grey[: -2 * reach], grey[2 * reach :])
    thin = (cv2.min(above, below) >= VISIBLE) & (beside < VISIBLE)
    kernel = np.ones((1, int(shortest) | 1), np.uint8)  # an even one moves what it opens
    long_runs = cv2.morphologyEx(thin.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    _, _, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        long_runs, connectivity=4, ltype=cv2.CV_32S, ccltype=cv2.CCL_SPAGHETTI
    )
    return [
        Box(left, top + reach, left + width, top + reach + height)
        for left, top, width, height, _ in stats[1:].tolist()
        if height <= thickest
    ]
