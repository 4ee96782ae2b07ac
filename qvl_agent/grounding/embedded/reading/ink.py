"""Ink: which pixels of a crop belong to the drawn text, judged against the local background.

Arrays here are crops of one text line; columns and rows are pixels of the crop.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qvl_agent.grounding.embedded.reading.engine import Pixels

Mask = NDArray[np.bool_]

MIN_CONTRAST = 18  # of 255: less is compression noise or a gradient, not text
INK_SHARE = 0.4  # of the strongest contrast: anti-aliased edges beyond it count as ink
OTHER_BACKGROUND = 14  # of 255: a column whose margins differ more lies on another background


def background_of(crop: Pixels) -> NDArray[np.uint8]:
    """The background colour of every column, (width, 3).

    The crop's most frequent colour, except for columns whose top and bottom margins agree on
    another one (a selected tab, a highlighted word).
    """
    common = _most_frequent(crop)
    columns = np.broadcast_to(common, (crop.shape[1], 3)).copy()
    top, bottom = crop[0].astype(np.int16), crop[-1].astype(np.int16)
    agree = np.abs(top - bottom).max(axis=1) <= OTHER_BACKGROUND // 2
    differs = np.abs(top - common.astype(np.int16)).max(axis=1) > OTHER_BACKGROUND
    other = agree & differs
    columns[other] = crop[0][other]
    return columns


def _most_frequent(crop: Pixels) -> NDArray[np.uint8]:
    """The most frequent colour, counted on 5 bits per channel, averaged within its bin."""
    flat = crop.reshape(-1, 3)
    bins = flat >> 3
    keys = (bins[:, 0].astype(np.int32) << 10) | (bins[:, 1].astype(np.int32) << 5) | bins[:, 2]
    winner = np.bincount(keys, minlength=1).argmax()
    colour: NDArray[np.uint8] = np.median(flat[keys == winner], axis=0).astype(np.uint8)
    return colour


def ink_of(crop: Pixels) -> tuple[Mask, NDArray[np.float32]]:
    """Ink as a mask, and its strength per pixel (0 to 1 of the strongest contrast)."""
    background = background_of(crop).astype(np.int16)
    contrast = np.abs(crop.astype(np.int16) - background[np.newaxis]).max(axis=2)
    strongest = float(np.percentile(contrast, 99.5))
    if strongest < MIN_CONTRAST:
        return np.zeros(contrast.shape, np.bool_), np.zeros(contrast.shape, np.float32)
    strength = np.minimum(contrast / np.float32(strongest), 1.0).astype(np.float32)
    return strength >= INK_SHARE, strength


def any_of(mask: Mask, axis: int) -> Mask:
    """Which columns (``axis`` 0) or rows (``axis`` 1) hold any ink."""
    return np.asarray(mask.any(axis=axis), np.bool_)


def runs_of(flags: Mask) -> list[tuple[int, int]]:
    """Start and end (exclusive) of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
