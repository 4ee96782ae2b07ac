"""Small screens drawn with Pillow, with the lines of text a perfect reader would see on them.

Coordinates are logical and are multiplied by ``scale``, so that one drawing serves 1x and 2x.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from qvl_agent.geometry import Box
from qvl_agent.grounding.embedded.assembly import build_scene
from qvl_agent.grounding.embedded.lettering import Lettering, letter, usual_em
from qvl_agent.grounding.embedded.scene import Char, Item, TextLine

Colour = tuple[int, int, int]

SANS = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
CJK = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
SMOOTH = 8
WHITE, BLACK, BLUE = (255, 255, 255), (20, 20, 20), (53, 132, 228)
LIGHT = {"ground": (244, 244, 244), "ink": BLACK, "field": WHITE, "line": (178, 178, 178),
         "button": (224, 224, 224), "faint": (150, 150, 150)}  # fmt: skip
DARK = {"ground": (40, 40, 42), "ink": (238, 238, 238), "field": (26, 26, 28),
        "line": (96, 96, 98), "button": (66, 66, 68), "faint": (112, 112, 112)}  # fmt: skip


@cache
def font(size: int, *, chinese: bool = False) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """DejaVu or Noto where they are installed, else the font that comes with Pillow."""
    path = CJK if chinese else SANS
    return ImageFont.truetype(str(path), size) if path.exists() else ImageFont.load_default(size)


class Pen:
    """Draws on an enlarged part of a screen; coordinates are the screen's logical ones."""

    def __init__(self, draw: ImageDraw.ImageDraw, factor: int, left: float, top: float) -> None:
        self._draw, self._factor, self._origin = draw, factor, (left, top)

    def disc(self, left: float, top: float, right: float, bottom: float, fill: Colour) -> None:
        self._draw.ellipse(self._corners(left, top, right, bottom), fill=fill)

    def rounded(
        self, left: float, top: float, right: float, bottom: float, radius: float, fill: Colour
    ) -> None:
        corners = self._corners(left, top, right, bottom)
        self._draw.rounded_rectangle(corners, radius * self._factor, fill=fill)

    def line(self, points: Sequence[tuple[float, float]], fill: Colour, width: float) -> None:
        path = [self._at(*point) for point in points]
        self._draw.line(path, fill=fill, width=round(width * self._factor))

    def polygon(self, points: Sequence[tuple[float, float]], fill: Colour) -> None:
        self._draw.polygon([self._at(*point) for point in points], fill=fill)

    def _corners(self, left: float, top: float, right: float, bottom: float) -> list[float]:
        end = self._at(right, bottom)
        return [*self._at(left, top), end[0] - 1, end[1] - 1]

    def _at(self, x: float, y: float) -> tuple[float, float]:
        left, top = self._origin
        return round((x - left) * self._factor), round((y - top) * self._factor)


class Drawing:
    """A screen to draw on; every drawing method gives the box in screenshot pixels."""

    def __init__(
        self, width: int = 480, height: int = 320, *, dark: bool = False, scale: int = 1,
        ground: Colour | None = None,
    ) -> None:  # fmt: skip
        self.theme = DARK if dark else LIGHT
        self.scale = scale
        self.image = Image.new(
            "RGB", (width * scale, height * scale), ground or self.theme["ground"]
        )
        self.draw = ImageDraw.Draw(self.image)
        self.lines: list[TextLine] = []

    def text(
        self, x: float, y: float, text: str, *, size: int = 14, fill: Colour | None = None,
        read: bool = True,
    ) -> TextLine:  # fmt: skip
        """Draw ``text`` with its ink's left at ``x`` and the font's top at ``y``."""
        face = font(size * self.scale, chinese=any(ord(char) > 0x2E80 for char in text))
        left, top = x * self.scale, y * self.scale
        offset = self.draw.textbbox((0, 0), text, font=face)[0]
        at = (left - offset, top)
        self.draw.text(at, text, font=face, fill=fill or self.theme["ink"])
        ink = Box(*(float(v) for v in self.draw.textbbox(at, text, font=face)))
        starts = [at[0] + face.getlength(text[:n]) for n in range(len(text) + 1)]
        chars = tuple(
            Char(char, max(start, ink.left), min(end, ink.right) if n == len(text) - 1 else end)
            for n, (char, start, end) in enumerate(zip(text, starts, starts[1:], strict=False))
        )
        line = TextLine(ink, chars, 0.99)
        if read:
            self.lines.append(line)
        return line

    def rect(
        self, left: float, top: float, right: float, bottom: float, *,
        fill: Colour | None = None, line: Colour | None = None, thick: int = 1, radius: int = 0,
    ) -> Box:  # fmt: skip
        """A rectangle; ``right`` and ``bottom`` are exclusive, ``thick`` is in real pixels."""
        s = self.scale
        box = Box(left * s, top * s, right * s, bottom * s)
        self.draw.rounded_rectangle(
            (box.left, box.top, box.right - 1, box.bottom - 1),
            radius=radius * s,
            fill=fill,
            outline=line,
            width=thick if line else 0,
        )
        return box

    def field(
        self, left: float, top: float, width: float = 200, height: float = 28, *,
        content: str = "", placeholder: str = "", radius: int = 3, fill: Colour | None = None,
    ) -> Box:  # fmt: skip
        theme = self.theme
        box = self.rect(
            left, top, left + width, top + height,
            fill=fill or theme["field"], line=theme["line"], radius=radius,
        )  # fmt: skip
        if content or placeholder:
            ink = theme["ink"] if content else theme["faint"]
            self.text(left + 8, top + (height - 17) / 2, content or placeholder, fill=ink)
        return box

    def button(
        self, left: float, top: float, text: str, *, width: float = 90, height: float = 30,
        fill: Colour | None = None, ink: Colour | None = None, radius: int = 4,
        line: Colour | None = None,
    ) -> Box:  # fmt: skip
        box = self.rect(
            left, top, left + width, top + height,
            fill=fill or self.theme["button"], line=line, radius=radius,
        )  # fmt: skip
        length = self.width_of(text)
        self.text(left + (width - length) / 2, top + (height - 17) / 2, text, fill=ink)
        return box

    def arrow(self, x: float, y: float, half: float = 4, fill: Colour | None = None) -> None:
        """A filled triangle that points down, its upper edge centred on ``x``, ``y``."""
        points = [(x - half, y), (x + half, y), (x, y + half)]
        with self.smoothly(x - half, y, x + half, y + half) as pen:
            pen.polygon(points, fill or self.theme["ink"])

    @contextmanager
    def smoothly(self, left: float, top: float, right: float, bottom: float) -> Iterator[Pen]:
        """A pen for round and slanted things in that area, without jags as toolkits draw them."""
        area = tuple(round(side * self.scale) for side in (left, top, right, bottom))
        patch = self.image.crop(area)
        large = patch.resize((patch.width * SMOOTH, patch.height * SMOOTH))
        yield Pen(ImageDraw.Draw(large), SMOOTH * self.scale, left, top)
        self.image.paste(large.resize(patch.size, Image.Resampling.BOX), area[:2])

    def box(self, left: float, top: float, right: float, bottom: float) -> Box:
        """Logical sides as a box in screenshot pixels."""
        return Box(*(side * self.scale for side in (left, top, right, bottom)))

    def width_of(self, text: str, size: int = 14) -> float:
        face = font(size * self.scale, chinese=any(ord(char) > 0x2E80 for char in text))
        left, _, right, _ = self.draw.textbbox((0, 0), text, font=face)
        return (right - left) / self.scale

    @property
    def rgb(self) -> NDArray[np.uint8]:
        return np.array(self.image)

    @property
    def letters(self) -> list[Lettering]:
        em = usual_em(tuple(self.lines))
        return [letter(self.rgb, line, em) for line in self.lines]

    @property
    def items(self) -> tuple[Item, ...]:
        return build_scene(self.rgb, self.lines).items

    def item(self, label: str) -> Item:
        """The one element that is called ``label``; a field goes before its label."""
        found = [item for item in self.items if item.element.label == label]
        found = [item for item in found if item.element.element_type != "text"] or found
        assert len(found) == 1, f"{label!r} in {[item.element for item in self.items]}"
        return found[0]

    def kind(self, label: str) -> str:
        return self.item(label).element.element_type

    @property
    def kinds(self) -> list[str]:
        return [item.element.element_type for item in self.items]


def near(one: Box, other: Box, slack: float = 1.0) -> bool:
    """Whether all four sides agree to ``slack`` pixels."""
    return all(abs(a - b) <= slack for a, b in zip(one, other, strict=True))
