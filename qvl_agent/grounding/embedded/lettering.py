"""How a line of text is set: its em, the box of its font, its colours.

Fonts differ, people's boxes too: a toolkit reports ascent to descent, an eye sees ink. The
*font box* used here runs 0.93 em above the baseline to 0.25 em below it, about what Arial, DejaVu
and Noto report, so that it overlaps either notion well.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qvl_agent.geometry import Box, Size
from qvl_agent.grounding.embedded.colour import largest_step, middle, quantile, whole_step
from qvl_agent.grounding.embedded.marks import leading_mark
from qvl_agent.grounding.embedded.scene import Char, TextLine

Pixels = NDArray[np.uint8]

ASCENDERS = frozenset("bdfhklt!?/\\()[]{}|$&@#%'\"*")
DESCENDERS = frozenset("gjpqy,;()[]{}|$@/\\Q")
FLAT = frozenset("-–—_=~+<>.·…*^\"'`：:、。，")

# In em, measured on DejaVu Sans, Liberation Sans and Noto Sans CJK.
CAP_HEIGHT, X_HEIGHT, DESCENT = 0.72, 0.53, 0.21
HAN_HEIGHT, HAN_DESCENT = 0.92, 0.07
FONT_ASCENT, FONT_DESCENT = 0.93, 0.25
# No letter is wider than this ("W" is 0.99, a Chinese character 1.0).
WIDEST_LETTER = 1.2
# Between a check box and its text, in heights of the line; letters stand closer.
MARK_GAP = 0.2
BULLET, ROUND = "•", frozenset("oO0GgCceEQDaA.•●∙·*°")
HIGHEST_BULLET = 0.48


@dataclass(frozen=True, slots=True)
class Lettering:
    """A line with its setting.

    Attributes:
        line: the line, its box grown from ink to font box, in screenshot pixels.
        ink: the tight box of the drawn text.
        em: font size in pixels.
        ground: RGB behind the text.
        ink_colour: RGB of the text.
        contrast: contrast ratio of text to ground, 1 to 21, as WCAG 2 defines it.
    """

    line: TextLine
    ink: Box
    em: float
    ground: Pixels
    ink_colour: Pixels
    contrast: float

    @property
    def is_word(self) -> bool:
        """More than a lone character, which may be an icon, a mark or an arrow read as one."""
        return len(self.line.text.strip()) > 1

    @property
    def colourful(self) -> bool:
        """Whether the text has a hue of its own, as links do."""
        channels = self.ink_colour.astype(int)
        return int(channels.max() - channels.min()) > 60


def letter(rgb: Pixels, line: TextLine, usual_em: float) -> Lettering:
    """Measure how ``line`` is set; ``usual_em`` serves where its characters do not tell."""
    size = Size(rgb.shape[1], rgb.shape[0])
    em, baseline = _em_and_baseline(line, usual_em)
    font = Box(
        line.box.left,
        min(baseline - FONT_ASCENT * em, line.box.top),
        line.box.right,
        max(baseline + FONT_DESCENT * em, line.box.bottom),
    ).clipped(size)
    ground, ink = colours(rgb, line.box)
    return Lettering(replace(line, box=font), line.box, em, ground, ink, _contrast(ground, ink))


def without_marks(rgb: Pixels, line: TextLine) -> TextLine:
    """``line`` without a check box or an arrow that the engine took for a letter of it."""
    line = _without_leading_mark(rgb, line)
    char = line.chars[-1]
    if char.right - char.left < WIDEST_LETTER * line.box.height / HAN_HEIGHT:
        return line
    cut = _end_of_last_letter(rgb, line.box, char)
    if cut is None or len(line.chars) < 2:
        return line
    chars = (*line.chars[:-1], replace(char, right=cut))
    box = Box(line.box.left, line.box.top, cut, line.box.bottom)
    return replace(line, chars=chars, box=_tight_rows(rgb, box))


def _without_leading_mark(rgb: Pixels, line: TextLine) -> TextLine:
    if len(line.chars) < 2:
        return line
    ground, ink = colours(rgb, line.box)
    mark = leading_mark(rgb, line.box, line.box.height / HAN_HEIGHT, ground, ink)
    if mark is None:
        return line
    start = _next_ink(rgb, line.box, mark.right)
    if start is None or start - mark.right < MARK_GAP * line.box.height:
        return line
    box = _tight_rows(rgb, Box(start, line.box.top, line.box.right, line.box.bottom))
    return replace(line, box=box, chars=_shifted(line.chars, start))


def _shifted(chars: tuple[Char, ...], start: float) -> tuple[Char, ...]:
    """The characters moved into what is left of the line: those before ``start`` share the
    place up to the first one behind it.
    """
    before = [char for char in chars if char.right <= start + 1 and not char.text.isspace()]
    after = [char for char in chars if char.right > start + 1]
    while after and after[0].text.isspace():
        after = after[1:]
    end = max(after[0].left, start + 1) if after else start + 1
    step = (end - start) / max(len(before), 1)
    moved = [
        replace(char, left=start + i * step, right=start + (i + 1) * step)
        for i, char in enumerate(before)
    ]
    rest = [replace(char, left=max(char.left, start)) for char in after]
    return (*moved, *rest)


def _next_ink(rgb: Pixels, line: Box, x: float) -> float | None:
    """The first column of ``line`` behind ``x`` with ink in it."""
    if line.right - x < 2:
        return None
    columns = np.flatnonzero(_ink_mask(rgb, Box(x, line.top, line.right, line.bottom)).any(axis=0))
    return int(x) + float(columns[0]) if len(columns) else None


def _ink_mask(rgb: Pixels, box: Box) -> NDArray[np.bool_]:
    """Which pixels of ``box`` differ from the ground around it."""
    ground, ink = colours(rgb, box)
    left, top, right, bottom = (int(v) for v in box)
    contrast = float(np.abs(ink.astype(np.int16) - ground.astype(np.int16)).max())
    away = largest_step(rgb[top:bottom, left:right], ground)
    return np.asarray(away > max(0.2 * contrast, 8))


def _end_of_last_letter(rgb: Pixels, line: Box, char: Char) -> float | None:
    """Where the letter itself ends, if a wide gap follows it inside ``char``."""
    inked = _ink_mask(rgb, Box(char.left, line.top, char.right, line.bottom)).any(axis=0)
    runs = np.flatnonzero(np.diff(np.concatenate([[0], inked.astype(np.int8), [0]])))
    starts, ends = runs[::2], runs[1::2]
    gaps = starts[1:] - ends[:-1]
    if not len(gaps) or gaps.max() < max(0.12 * line.height, 2):
        return None
    return char.left + float(ends[int(np.argmax(gaps))])


def _tight_rows(rgb: Pixels, box: Box) -> Box:
    """``box`` without empty rows above and below its ink."""
    rows = np.flatnonzero(_ink_mask(rgb, box).any(axis=1))
    if not len(rows):
        return box
    top = int(box.top)
    return Box(box.left, top + float(rows[0]), box.right, top + float(rows[-1]) + 1)


def with_bullets(line: TextLine, usual_em: float) -> TextLine:
    """``line`` with bullets for letters where it is a hidden password: a row of dots, half as
    high as text, that the engine reads as round letters.
    """
    letters = [char for char in line.text if not char.isspace()]
    dots = len(letters) >= 3 and all(char in ROUND for char in letters)
    if not dots or line.box.height > HIGHEST_BULLET * usual_em:
        return line
    chars = tuple(
        char if char.text.isspace() else replace(char, text=BULLET) for char in line.chars
    )
    return replace(line, chars=chars)


def usual_em(lines: tuple[TextLine, ...]) -> float:
    """The font size most of the text on the screen has, in pixels."""
    sizes = [_em_and_baseline(line, 0.0)[0] for line in lines]
    sizes = [size for size in sizes if size > 0]
    return float(np.median(sizes)) if sizes else 14.0


def _em_and_baseline(line: TextLine, otherwise: float) -> tuple[float, float]:
    """Font size, and the y of the baseline, from the ink's height and which letters are there."""
    text, ink = line.text, line.box
    if any(is_han(char) for char in text):
        em = ink.height / HAN_HEIGHT
        if len(text.strip()) > 1 or ink.height >= 0.6 * otherwise:
            return em, ink.bottom - HAN_DESCENT * em
    solid = [char for char in text if not char.isspace() and char not in FLAT and char != BULLET]
    if not solid:
        em = max(otherwise, ink.height)
        return em, (ink.top + ink.bottom) / 2 + 0.34 * em
    rises = any(char in ASCENDERS or char.isupper() or char.isdigit() for char in solid)
    drops = any(char in DESCENDERS for char in solid)
    height = CAP_HEIGHT if rises else X_HEIGHT
    em = ink.height / (height + (DESCENT if drops else 0.0))
    return em, ink.bottom - (DESCENT * em if drops else 0.0)


def is_han(char: str) -> bool:
    """A Chinese, Japanese or Korean character, which fills its em square."""
    return unicodedata.east_asian_width(char) == "W"


def colours(rgb: Pixels, ink: Box) -> tuple[Pixels, Pixels]:
    """RGB of the ground around ``ink`` and of the ink itself (its most distant tenth)."""
    height, width = rgb.shape[:2]
    left, top = max(int(ink.left) - 2, 0), max(int(ink.top) - 2, 0)
    right, bottom = min(int(ink.right) + 2, width), min(int(ink.bottom) + 2, height)
    patch = rgb[top:bottom, left:right]
    if not patch.size:
        black = np.zeros(3, np.uint8)
        return black, black
    rim = np.concatenate([patch[0], patch[-1], patch[:, 0], patch[:, -1]])
    ground = middle(rim)
    away = whole_step(patch, ground)
    return ground, middle(patch[away >= quantile(away, 0.92)])


def _contrast(ground: Pixels, ink: Pixels) -> float:
    light, dark = sorted((_luminance(ground), _luminance(ink)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Pixels) -> float:
    """Relative luminance, 0 to 1 (WCAG 2)."""
    channels = colour.astype(float) / 255
    linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))
