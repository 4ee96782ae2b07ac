"""Deterministic stand-ins for a screen and for a grounder, for your tests as for ours.

    screen = FakeScreen(Screenshot.from_file("login.png"))
    grounder = ScriptedGrounder({"Username": field, "Login": button})
    plan = qvl_agent.plan("click Login", qvl_agent.capture(source=screen), grounder)

Neither opens a display, reads a file or waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

import numpy as np

from qvl_agent.display.base import Monitor, Window
from qvl_agent.errors import QueryError, TargetNotFound
from qvl_agent.geometry import LogicalBox, LogicalPoint, Size, Viewport
from qvl_agent.grounding.base import Element, ElementType, Grounding
from qvl_agent.screenshot import Pixels, Screenshot

__all__ = ["FakeScreen", "ScriptedGrounder", "card"]


def card(
    width: int = 640, height: int = 480, *, left: float = 0, top: float = 0, scale: float = 1
) -> Screenshot:
    """A picture whose every pixel says where it is: red grows to the right, green downwards.

    ``width`` and ``height`` are in pixels, ``left`` and ``top`` in logical coordinates.
    """
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([x * 255 // width, y * 255 // height, (x // 8 + y // 8) % 2 * 255], axis=2)
    viewport = Viewport(LogicalPoint(left, top), scale, scale)
    return Screenshot.from_array(pixels.astype(np.uint8), viewport=viewport)


class FakeScreen:
    """A `ScreenSource` that shows pictures: one monitor each, where its viewport says.

    Like a real desktop with mixed scales, a region across several monitors comes at the
    largest scale among them, and places that no monitor covers are black.

    Attributes:
        grabs: every region that was asked for, in order.
    """

    def __init__(
        self,
        *pictures: Screenshot,
        windows: Sequence[Window] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Shows ``pictures``, or one `card`; ``clock`` gives the time of each capture."""
        self.grabs: list[LogicalBox] = []
        self._pictures = pictures or (card(),)
        self._windows = tuple(windows)
        self._clock = clock

    def show(self, *pictures: Screenshot, windows: Sequence[Window] | None = None) -> None:
        """Replaces what is on the screen from now on; the windows too if some are given."""
        self._pictures = pictures
        self._windows = self._windows if windows is None else tuple(windows)

    def monitors(self) -> list[Monitor]:
        return [
            Monitor(
                number=number,
                box=picture.logical_box,
                scale=picture.scale,
                primary=number == 1,
                name=f"fake-{number}",
            )
            for number, picture in enumerate(self._pictures, start=1)
        ]

    def windows(self) -> list[Window]:
        return list(self._windows)

    def grab(self, region: LogicalBox) -> Screenshot:
        self.grabs.append(region)
        seen = [p for p in self._pictures if p.logical_box.intersection(region)]
        scale = max((picture.scale for picture in seen), default=1.0)
        viewport = Viewport(LogicalPoint(region.left, region.top), scale, scale)
        size = Size(round(region.width * scale), round(region.height * scale))
        canvas = np.zeros((size.height, size.width, 3), np.uint8)
        for picture in seen:
            _paint(canvas, viewport, picture)
        return Screenshot(canvas, viewport=viewport, captured_at=self._clock())


def _paint(canvas: Pixels, viewport: Viewport, picture: Screenshot) -> None:
    """Copies the part of ``picture`` that lies on the canvas, resampled to its scale."""
    whole = Size(canvas.shape[1], canvas.shape[0])
    place = viewport.box_to_pixel(picture.logical_box).clipped(whole).rounded()
    source = picture.viewport.box_to_pixel(viewport.box_to_logical(place)).rounded()
    part = picture.crop(source)
    size = Size(int(place.width), int(place.height))
    if part.size != size:
        part = part.resized(size)
    left, top, right, bottom = (int(edge) for edge in place)
    canvas[top:bottom, left:right] = part.rgb


class ScriptedGrounder:
    """A `Grounder` that finds what its script says and never looks at the picture.

    A query mapped to several elements is ambiguous: the first is the answer, the others are
    its alternatives. A query that is not in the script is not on the screen.

    Attributes:
        asked: every query, in order.
    """

    model_version = "scripted"

    def __init__(self, script: Mapping[str, Element | Sequence[Element]]) -> None:
        self.asked: list[str] = []
        self._script = {
            query: (found,) if isinstance(found, Element) else tuple(found)
            for query, found in script.items()
        }

    def locate(
        self,
        shot: Screenshot,  # noqa: ARG002 - part of the protocol
        query: str,
        *,
        element_type: ElementType | None = None,
    ) -> Grounding:
        """The scripted element; see `Grounder.locate`."""
        if not query.strip():
            raise QueryError("an empty query", hint="say what to look for")
        self.asked.append(query)
        found = [
            element
            for element in self._script.get(query, ())
            if element_type in (None, element.element_type)
        ]
        if not found:
            raise self._not_found(query)
        return _grounding(query, found)

    def ground(self, shot: Screenshot, queries: Sequence[str]) -> list[Grounding | None]:
        """The scripted elements, None where there is none; see `Grounder.ground`."""
        return [self._find(shot, query) for query in queries]

    def detect(self, shot: Screenshot) -> list[Element]:  # noqa: ARG002 - part of the protocol
        """Every element of the script, top to bottom, then left to right."""
        elements = dict.fromkeys(element for found in self._script.values() for element in found)
        return sorted(elements, key=_reading_order)

    def _find(self, shot: Screenshot, query: str) -> Grounding | None:
        try:
            return self.locate(shot, query)
        except TargetNotFound:
            return None

    def _not_found(self, query: str) -> TargetNotFound:
        near = get_close_matches(query, self._script, n=3, cutoff=0.3)
        return TargetNotFound(
            f"nothing is called {query!r}",
            hint=f"the script has: {', '.join(self._script) or 'nothing'}",
            candidates=[self._script[name][0] for name in near if self._script[name]],
        )


def _grounding(query: str, found: Sequence[Element]) -> Grounding:
    best, *others = found
    fields = {name: getattr(best, name) for name in Element.__dataclass_fields__}
    return Grounding(query=query, alternatives=tuple(others), **fields)


def _reading_order(element: Element) -> tuple[float, float]:
    return element.bbox.top, element.bbox.left
