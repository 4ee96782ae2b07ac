"""Boxes, labels and confidences drawn over pixels, for a person to look at.

Chinese needs a font that has it: the first of `FONTS` that exists is used. Where none does,
Pillow's built-in font draws what it can, and other characters become question marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from qvl_agent.geometry import Box

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

    from qvl_agent.screenshot import Pixels


class Labelled(Protocol):
    """An element, a grounding, or anything else with these three."""

    @property
    def bbox(self) -> Box: ...
    @property
    def label(self) -> str: ...
    @property
    def confidence(self) -> float | None: ...


Annotation = Box | Labelled

# Path and the index of its simplified Chinese face.
FONTS: tuple[tuple[str, int], ...] = (
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
    ("/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc", 0),
    ("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf", 0),
    ("/usr/share/fonts/truetype/arphic/uming.ttc", 0),
    ("/System/Library/Fonts/PingFang.ttc", 0),
    ("/System/Library/Fonts/STHeiti Light.ttc", 0),
    ("C:/Windows/Fonts/msyh.ttc", 0),
    ("C:/Windows/Fonts/simsun.ttc", 0),
)
# Each pair reads on light and on dark screens: the box's colour and the text's on top of it.
_COLOURS: tuple[tuple[str, str], ...] = (
    ("#d81b60", "white"),
    ("#1e62d0", "white"),
    ("#00796b", "white"),
    ("#b45309", "white"),
    ("#6d28d9", "white"),
    ("#374151", "white"),
)
_MAX_CHARACTERS = 32


def draw(pixels: Pixels, items: Annotation | Iterable[Annotation]) -> Pixels:
    """A copy of ``pixels`` with every item's box and tag drawn on it."""
    from PIL import Image, ImageDraw

    image = Image.fromarray(pixels)
    canvas = ImageDraw.Draw(image)
    height = max(12, min(28, image.height // 60))
    placed: list[Box] = []
    annotations = _as_list(items)
    for index, item in enumerate(annotations):
        colour, ink = _COLOURS[index % len(_COLOURS)]
        box = item if isinstance(item, Box) else item.bbox
        canvas.rectangle(_inside(box), outline=colour, width=max(2, height // 8))
    for index, item in enumerate(annotations):
        if not isinstance(item, Box):
            colour, ink = _COLOURS[index % len(_COLOURS)]
            _draw_tag(canvas, item, colour, ink, height, placed)
    return np.array(image)


def tag(item: Labelled) -> str:
    """What is written beside a box: its label, shortened, and its confidence if it has one."""
    label = " ".join(item.label.split())
    if len(label) > _MAX_CHARACTERS:
        label = label[: _MAX_CHARACTERS - 1] + "…"
    return label if item.confidence is None else f"{label} {item.confidence:.2f}".strip()


def _as_list(items: Annotation | Iterable[Annotation]) -> list[Annotation]:
    # A Box iterates over its edges, so it must be recognised before iterables are.
    if isinstance(items, Box):
        return [items]
    return list(items) if isinstance(items, Iterable) else [items]


def _inside(box: Box) -> tuple[float, float, float, float]:
    """Pillow's rectangles include their last pixel, ours end before it."""
    left, top, right, bottom = box.rounded()
    return left, top, max(left, right - 1), max(top, bottom - 1)


def _draw_tag(
    canvas: ImageDraw, item: Labelled, colour: str, ink: str, height: int, placed: list[Box]
) -> None:
    font = _font(height)
    text = _drawable(tag(item), font)
    if not text:
        return
    width = canvas.textlength(text, font=font) + 6
    place = _free_place(item.bbox, width, height + 6, canvas.im.size, placed)
    placed.append(place)
    canvas.rectangle(_inside(place), fill=colour)
    canvas.text((place.left + 3, place.top + place.height / 2), text, ink, font, anchor="lm")


def _free_place(
    box: Box, width: float, height: float, size: tuple[int, int], placed: Sequence[Box]
) -> Box:
    """Above the box, else below, right, left, or inside it: the first place not yet taken."""
    corners = (
        (box.left, box.top - height),
        (box.left, box.bottom),
        (box.right + 2, box.top),
        (box.left - width - 2, box.top),
        (box.left, box.top),
    )
    places = [_kept_inside(x, y, width, height, size) for x, y in corners]
    return min(places, key=lambda place: sum(place.intersection_area(p) for p in [*placed, box]))


def _kept_inside(x: float, y: float, width: float, height: float, size: tuple[int, int]) -> Box:
    left, top = max(0.0, min(x, size[0] - width)), max(0.0, min(y, size[1] - height))
    return Box(left, top, left + width, top + height)


@lru_cache(maxsize=8)
def _font(height: int) -> FreeTypeFont | ImageFont:
    from PIL import ImageFont

    for path, face in FONTS:
        if Path(path).exists():
            return ImageFont.truetype(path, height, index=face)
    return ImageFont.load_default(height)


def _drawable(text: str, font: FreeTypeFont | ImageFont) -> str:
    if getattr(font, "path", None) in {path for path, _ in FONTS}:
        return text
    return "".join(c if ord(c) < 0x250 else "?" for c in text.replace("…", "..."))
