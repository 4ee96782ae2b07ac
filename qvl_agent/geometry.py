"""Points, boxes and sizes, and every conversion between the three spaces they live in.

* **pixel** (`Point`, `Box`): physical pixels of one screenshot, origin at its top left corner.
* **normalised** (`NormPoint`, `NormBox`): 0 to 1000 on both axes of that screenshot, whatever
  its shape; the space Qwen3-VL speaks.
* **logical** (`LogicalPoint`, `LogicalBox`): the desktop's own coordinates, which pointers use;
  a monitor may start at a negative one and may hold several physical pixels per unit.

A `Viewport` ties one screenshot to the desktop; crops and resizes give new viewports. Values
are floats, so a round trip loses nothing; only `Point.rounded` and `Box.rounded` round, by half
a pixel at most. A normalised value that a model wrote as an integer was rounded by the model:
it is off by up to ``size / 2000`` pixels, which no conversion can give back.

Boxes are half-open: ``right`` and ``bottom`` are one past the last pixel.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

NORMALISED_MAX = 1000.0
_NOISE = 1e-6


def _require_finite(*values: float) -> None:
    if not all(math.isfinite(value) for value in values):
        raise ValueError(f"coordinates must be finite, not {values}")


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height, in this order, in the pixels of one screenshot; both positive."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a size must be positive, not {self.width}x{self.height}")

    @property
    def area(self) -> int:
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class _PointBase:
    x: float
    y: float

    def __post_init__(self) -> None:
        _require_finite(self.x, self.y)

    def __iter__(self) -> Iterator[float]:
        return iter((self.x, self.y))

    def distance(self, other: Self) -> float:
        """Euclidean distance, in the units of this space."""
        return math.hypot(self.x - other.x, self.y - other.y)


@dataclass(frozen=True, slots=True)
class _BoxBase:
    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        _require_finite(self.left, self.top, self.right, self.bottom)
        if self.right < self.left or self.bottom < self.top:
            raise ValueError(f"an inverted box: {tuple(self)}")

    def __iter__(self) -> Iterator[float]:
        return iter((self.left, self.top, self.right, self.bottom))

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return self.width * self.height

    def intersection_area(self, other: Self) -> float:
        """Shared area, in square units of this space; 0.0 when apart."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)

    def intersection(self, other: Self) -> Self | None:
        """The shared part; None when the boxes do not share any area."""
        left, right = max(self.left, other.left), min(self.right, other.right)
        top, bottom = max(self.top, other.top), min(self.bottom, other.bottom)
        return type(self)(left, top, right, bottom) if left < right and top < bottom else None

    def iou(self, other: Self) -> float:
        """Intersection over union, 0 to 1; 0.0 for two empty boxes."""
        shared = self.intersection_area(other)
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0

    def contains_box(self, other: Self, *, slack: float = 0.0) -> bool:
        return (
            self.left - slack <= other.left
            and self.top - slack <= other.top
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )

    def union(self, other: Self) -> Self:
        return type(self)(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def outward(self) -> Self:
        """Integer edges moved outwards, each by less than one: the whole units it touches.

        A millionth beyond a whole number is taken for rounding noise, not for one unit more.
        """
        return type(self)(
            math.floor(self.left + _NOISE),
            math.floor(self.top + _NOISE),
            math.ceil(self.right - _NOISE),
            math.ceil(self.bottom - _NOISE),
        )

    def as_list(self) -> list[float]:
        return list(self)


@dataclass(frozen=True, slots=True)
class Point(_PointBase):
    """A point in screenshot pixels."""

    def rounded(self) -> Point:
        """The nearest pixel corner; moves by at most half a pixel on each axis."""
        return Point(round(self.x), round(self.y))


@dataclass(frozen=True, slots=True)
class Box(_BoxBase):
    """A box in screenshot pixels: left, top, right, bottom; right and bottom are exclusive."""

    @property
    def centre(self) -> Point:
        return Point((self.left + self.right) / 2, (self.top + self.bottom) / 2)

    def contains(self, point: Point) -> bool:
        return self.left <= point.x < self.right and self.top <= point.y < self.bottom

    def rounded(self) -> Box:
        """Integer edges; each edge moves by at most half a pixel."""
        return Box(round(self.left), round(self.top), round(self.right), round(self.bottom))

    def clipped(self, size: Size) -> Box:
        """The part of the box inside a picture of this size (may be empty)."""
        left, right = (min(max(v, 0), size.width) for v in (self.left, self.right))
        top, bottom = (min(max(v, 0), size.height) for v in (self.top, self.bottom))
        return Box(left, top, right, bottom)

    def padded(self, x: float, y: float | None = None) -> Box:
        """Grown by ``x`` on the left and right and ``y`` (default ``x``) above and below."""
        y = x if y is None else y
        return Box(self.left - x, self.top - y, self.right + x, self.bottom + y)

    def transposed(self) -> Box:
        """The same box with x and y exchanged."""
        return Box(self.top, self.left, self.bottom, self.right)

    def moved(self, dx: float, dy: float) -> Box:
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)


@dataclass(frozen=True, slots=True)
class NormPoint(_PointBase):
    """A point in normalised units, 0 to 1000 on both axes of the screenshot."""

    def to_pixel(self, size: Size) -> Point:
        return Point(self.x * size.width / NORMALISED_MAX, self.y * size.height / NORMALISED_MAX)

    @classmethod
    def from_pixel(cls, point: Point, size: Size) -> NormPoint:
        return cls(point.x * NORMALISED_MAX / size.width, point.y * NORMALISED_MAX / size.height)


@dataclass(frozen=True, slots=True)
class NormBox(_BoxBase):
    """A box in normalised units, 0 to 1000 on both axes of the screenshot."""

    def to_pixel(self, size: Size) -> Box:
        x, y = size.width / NORMALISED_MAX, size.height / NORMALISED_MAX
        return Box(self.left * x, self.top * y, self.right * x, self.bottom * y)

    @classmethod
    def from_pixel(cls, box: Box, size: Size) -> NormBox:
        x, y = NORMALISED_MAX / size.width, NORMALISED_MAX / size.height
        return cls(box.left * x, box.top * y, box.right * x, box.bottom * y)


@dataclass(frozen=True, slots=True)
class LogicalPoint(_PointBase):
    """A point in the desktop's logical coordinates; negative left of or above the main screen."""


@dataclass(frozen=True, slots=True)
class LogicalBox(_BoxBase):
    """A box in the desktop's logical coordinates."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """Where a picture lies on the desktop.

    Attributes:
        origin: its top left corner, in logical coordinates.
        scale_x: how many of its pixels make one logical unit along x.
        scale_y: the same along y.
    """

    origin: LogicalPoint
    scale_x: float = 1.0
    scale_y: float = 1.0

    def __post_init__(self) -> None:
        _require_finite(self.scale_x, self.scale_y)
        if self.scale_x <= 0 or self.scale_y <= 0:
            raise ValueError(f"a scale must be positive, not {self.scale_x}, {self.scale_y}")

    def to_logical(self, point: Point) -> LogicalPoint:
        return LogicalPoint(
            self.origin.x + point.x / self.scale_x, self.origin.y + point.y / self.scale_y
        )

    def to_pixel(self, point: LogicalPoint) -> Point:
        return Point(
            (point.x - self.origin.x) * self.scale_x, (point.y - self.origin.y) * self.scale_y
        )

    def box_to_logical(self, box: Box) -> LogicalBox:
        start = self.to_logical(Point(box.left, box.top))
        end = self.to_logical(Point(box.right, box.bottom))
        return LogicalBox(start.x, start.y, end.x, end.y)

    def box_to_pixel(self, box: LogicalBox) -> Box:
        start = self.to_pixel(LogicalPoint(box.left, box.top))
        end = self.to_pixel(LogicalPoint(box.right, box.bottom))
        return Box(start.x, start.y, end.x, end.y)

    def cropped(self, region: Box) -> Viewport:
        """The viewport of a crop whose top left corner is ``region``'s."""
        origin = self.to_logical(Point(region.left, region.top))
        return Viewport(origin, self.scale_x, self.scale_y)

    def resized(self, before: Size, after: Size) -> Viewport:
        """The viewport of the same picture resampled from ``before`` to ``after``."""
        return Viewport(
            self.origin,
            self.scale_x * after.width / before.width,
            self.scale_y * after.height / before.height,
        )
