"""Small sums over pixels that are asked for some hundred times per picture, without overhead.

Each gives the same number as the line of numpy it stands for. Pictures are (height, width, 3).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def largest_step(picture: Pixels, colour: Pixels | Sequence[int]) -> Pixels:
    """Per pixel, the largest difference to ``colour`` on one channel."""
    red, green, blue = _steps(picture, colour)
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)


def whole_step(picture: Pixels, colour: Pixels | Sequence[int]) -> NDArray[np.int16]:
    """Per pixel, the differences to ``colour`` on all channels together."""
    red, green, blue = _steps(picture, colour)
    return red.astype(np.int16) + green + blue


def _steps(picture: Pixels, colour: Pixels | Sequence[int]) -> Sequence[Pixels]:
    if not picture.size:
        return (np.zeros(picture.shape[:2], np.uint8),) * 3
    scalar = np.array([*colour, 0], np.float64)  # OpenCV's scalars have four channels
    difference = np.asarray(cv2.absdiff(picture, scalar), np.uint8)
    return [np.asarray(plane, np.uint8) for plane in cv2.split(difference)]


def middle(colours: Pixels) -> Pixels:
    """The median of colours (number, 3) on each channel, rounded down."""
    last = len(colours) - 1
    halves = (last // 2, (last + 1) // 2)
    low, high = np.partition(colours, halves, axis=0)[list(halves)].astype(np.int16)
    return np.asarray((low + high) // 2, np.uint8)


def quantile(values: NDArray[np.int16] | NDArray[np.float64], share: float) -> float:
    """The value that ``share`` of all lie below, linear between neighbours."""
    place = share * (values.size - 1)
    low = int(place)
    high, past = min(low + 1, values.size - 1), place - low
    ordered = np.partition(values, (low, high), axis=None)
    start, end = float(ordered[low]), float(ordered[high])
    # From the nearer end, as numpy does, so that both give the same last digit.
    return start + (end - start) * past if past < 0.5 else end - (end - start) * (1 - past)
