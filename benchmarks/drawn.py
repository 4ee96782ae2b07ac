"""What is drawn inside a box: its ink, the pieces of it, whether it has a border."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from benchmarks.boxes import Rect


def read_picture(path: Path) -> np.ndarray:
    """The picture's BGR pixels."""
    pixels = cv2.imread(str(path))
    if pixels is None:
        raise FileNotFoundError(path)
    return pixels


def cut(pixels: np.ndarray, box: Rect, margin: float = 0) -> tuple[np.ndarray, int, int]:
    """The pixels of *box* grown by *margin*, and where they start."""
    height, width = pixels.shape[:2]
    left, top = max(0, round(box[0] - margin)), max(0, round(box[1] - margin))
    right = min(width, round(box[0] + box[2] + margin))
    bottom = min(height, round(box[1] + box[3] + margin))
    return pixels[top:bottom, left:right], left, top


def ink(pixels: np.ndarray, box: Rect) -> Rect | None:
    """Tight bounds of what differs from the most frequent colour inside *box*."""
    part, left, top = cut(pixels, box)
    if part.size == 0:
        return None
    codes = (part.astype(np.int32) // 4) @ np.array([1, 64, 4096])
    values, counts = np.unique(codes, return_counts=True)
    most = part[codes == values[counts.argmax()]].mean(axis=0)
    distance = np.abs(part - most).max(axis=2)
    threshold = max(10.0, 0.3 * float(distance.max()))
    rows, columns = np.nonzero(distance > threshold)
    if len(rows) < 3:
        return None
    width, height = columns.max() - columns.min() + 1, rows.max() - rows.min() + 1
    return (left + int(columns.min()), top + int(rows.min()), int(width), int(height))


def chunks(pixels: np.ndarray, box: Rect) -> list[Rect]:
    """The ink of *box* cut where a gap is wider than its line is high."""
    part, left, _ = cut(pixels, box)
    codes = (part.astype(np.int32) // 4) @ np.array([1, 64, 4096])
    values, counts = np.unique(codes, return_counts=True)
    most = part[codes == values[counts.argmax()]].mean(axis=0)
    columns = np.nonzero((np.abs(part - most).max(axis=2) > 10).any(axis=0))[0]
    if len(columns) == 0:
        return [box]
    cuts = np.nonzero(np.diff(columns) > max(8.0, 0.9 * box[3]))[0]
    starts = [columns[0], *(columns[i + 1] for i in cuts)]
    ends = [*(columns[i] for i in cuts), columns[-1]]
    rough = [
        (left + int(a), box[1], int(b - a + 1), box[3]) for a, b in zip(starts, ends, strict=True)
    ]
    return [ink(pixels, piece) or piece for piece in rough]


def has_border(pixels: np.ndarray, box: Rect) -> bool:
    """Whether at least three sides of *box* are visible edges (a line or the end of a fill)."""
    part, left, top = cut(pixels.astype(np.int16), box, 4)
    x, y = round(box[0]) - left, round(box[1]) - top
    right, bottom = x + round(box[2]), y + round(box[3])
    across = np.abs(np.diff(part, axis=1)).max(axis=2)
    down = np.abs(np.diff(part, axis=0)).max(axis=2)
    inset_y, inset_x = max(5, round(box[3] / 4)), max(5, round(box[2] / 5))

    def side(lines: np.ndarray, at: int) -> bool:
        near = lines[:, max(0, at - 4) : at + 4]
        return near.size > 0 and float(np.median(near, axis=0).max()) >= 5

    rows = across[y + inset_y : bottom - inset_y]
    columns = down[:, x + inset_x : right - inset_x].T
    if rows.size == 0 or columns.size == 0:
        return False
    return sum((side(rows, x), side(rows, right), side(columns, y), side(columns, bottom))) >= 3
