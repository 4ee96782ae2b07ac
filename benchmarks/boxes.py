"""Boxes as ScreenSpot writes them, (x, y, width, height) in picture pixels, and what they share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Rect = tuple[float, float, float, float]  # x, y, width, height


def contains(outer: Rect, inner: Rect, slack: float) -> bool:
    """Whether *inner* lies inside *outer*, give or take *slack*."""
    return (
        inner[0] >= outer[0] - slack
        and inner[1] >= outer[1] - slack
        and inner[0] + inner[2] <= outer[0] + outer[2] + slack
        and inner[1] + inner[3] <= outer[1] + outer[3] + slack
    )


def same_place(a: Rect, b: Rect) -> bool:
    """Whether two boxes are about the same thing: one lies mostly inside the other."""
    common = intersection(a, b)
    smaller = min(a[2] * a[3], b[2] * b[3])
    return smaller > 0 and common[2] * common[3] >= 0.6 * smaller


def grid(box: Rect) -> Iterator[tuple[float, float]]:
    """Points spread over *box*, its corners included (2 pixels in)."""
    for i in range(5):
        for j in range(3):
            x = box[0] + 2 + (box[2] - 4) * i / 4
            yield x, box[1] + 2 + (box[3] - 4) * j / 2


def intersection(a: Rect, b: Rect) -> Rect:
    """The common part (width and height may be 0)."""
    left, top = max(a[0], b[0]), max(a[1], b[1])
    right, bottom = min(a[0] + a[2], b[0] + b[2]), min(a[1] + a[3], b[1] + b[3])
    return (left, top, max(0, right - left), max(0, bottom - top))


def overlap(a: Rect, b: Rect) -> float:
    """Intersection over union."""
    common = intersection(a, b)
    shared = common[2] * common[3]
    total = a[2] * a[3] + b[2] * b[3] - shared
    return shared / total if total > 0 else 0.0


def union(boxes: list[Rect]) -> Rect:
    """The smallest box around all."""
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, bottom = max(b[0] + b[2] for b in boxes), max(b[1] + b[3] for b in boxes)
    return (left, top, right - left, bottom - top)


def as_rect(values: Sequence[float]) -> Rect:
    """Four numbers as a box."""
    x, y, width, height = (float(value) for value in values)
    return (x, y, width, height)


def as_list(box: Rect) -> list[int]:
    """A box as it is written."""
    return [round(value) for value in box]
