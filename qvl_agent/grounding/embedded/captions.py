"""What a drawn rectangle with text on it is: a button, a field, a combo box, or just a panel.

How the text lies in the frame tells them apart: a caption is centred, a value starts at the left
with room behind it, an arrow closes a combo box. Coordinates are screenshot pixels, lengths em.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qvl_agent.geometry import Box
from qvl_agent.grounding.base import ElementType
from qvl_agent.grounding.embedded.arrows import arrow_at_right
from qvl_agent.grounding.embedded.frames import Frame
from qvl_agent.grounding.embedded.lettering import Lettering

Pixels = NDArray[np.uint8]

TALLEST_BUTTON, WIDEST_BUTTON = 3.9, 30.0
TALLEST_KEY, WIDEST_KEY = 7.0, 14.0
LARGEST_PADDING = 3.6
WIDEST_GAP = 0.9
# Characters: a caption is short; longer text in a box is a banner.
LONGEST_CAPTION = 40
# Contrast ratio of placeholders to their field: greys such as #757575 on white have 4.6.
FAINT_CONTRAST = 6.5
# Fields are filled with a shade of grey: largest spread of the channels of one.
COLOURFUL = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a frame is, which lines are its text, and which are an arrow read as a letter.

    ``centred`` is False for a button whose text starts at the left of a wide filled frame.
    """

    kind: ElementType
    lines: tuple[int, ...]
    hidden: tuple[int, ...] = ()
    centred: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Caption:
    """The text on a frame: its box and em, its rows, and whether it is one piece."""

    frame: Frame
    text: Box
    em: float
    rows: int
    strung_out: bool
    length: int
    faint: bool

    @property
    def pads(self) -> tuple[float, float]:
        """Room to the left and to the right of the text."""
        return self.text.left - self.frame.box.left, self.frame.box.right - self.text.right

    @property
    def centred(self) -> bool:
        """Whether the frame's centre falls on the text."""
        box, text = self.frame.box, self.text
        across = text.left - 0.4 * self.em <= box.centre.x <= text.right + 0.4 * self.em
        uneven = abs(self.pads[0] - self.pads[1])
        even = uneven <= max(1.2 * self.em, 0.12 * box.width)
        return across and (even or text.width >= 0.5 * box.width)

    @property
    def centred_both_ways(self) -> bool:
        middle = (self.text.top + self.text.bottom) / 2
        even = abs(self.pads[0] - self.pads[1]) <= max(1.2 * self.em, 0.12 * self.frame.box.width)
        return self.centred and even and abs(middle - self.frame.box.centre.y) <= 0.6 * self.em

    @property
    def fits(self) -> bool:
        """Whether the frame is no taller than widgets with this text are."""
        box, em = self.frame.box, self.em
        if self.rows <= 2 and box.height <= (TALLEST_BUTTON + 1.3 * (self.rows - 1)) * em:
            return True
        key = box.height <= TALLEST_KEY * em and box.width <= WIDEST_KEY * em
        return self.rows == 1 and key and self.centred_both_ways

    @property
    def field_like(self) -> bool:
        """On a neutral ground, starting at the left with room behind it."""
        left, right = self.pads
        return can_hold_text(self.frame) and left <= LARGEST_PADDING * self.em and right > left


def captioned(
    rgb: Pixels, frame: Frame, letters: Sequence[Lettering], lines: Sequence[int], em: float
) -> Verdict | None:
    """What ``frame`` with ``lines`` on it is; None where it is no widget.

    ``em`` is the screen's usual one, which serves where only a lone glyph is drawn.
    """
    caption = _measure(frame, letters, lines, em)
    if not caption.fits:
        return None
    arrow = arrow_at_right(rgb, frame, caption.em)
    if arrow is not None:
        edge = arrow.left - 0.2 * caption.em
        kept = tuple(index for index in lines if letters[index].ink.left < edge)
        gone = tuple(index for index in lines if index not in kept)
        if kept and _measure(frame, letters, kept, em).strung_out:
            return None  # several texts and an arrow somewhere: a bar
        return Verdict(kind="combo_box", lines=kept, hidden=gone)
    if caption.rows > 1 or caption.strung_out or caption.length > LONGEST_CAPTION:
        return None
    kind = _kind(caption)
    if kind is None:
        return None
    aside = kind == "button" and not caption.centred and caption.pads[1] > caption.pads[0]
    return Verdict(kind=kind, lines=tuple(lines), centred=not aside)


def _kind(caption: _Caption) -> ElementType | None:
    """Button or field, for one short piece of text on a frame."""
    frame, em = caption.frame, caption.em
    if frame.around.count(None) > 1:
        return None  # it runs into two rims of the picture: a bar
    left, right = caption.pads
    if caption.faint and caption.field_like and right > 1.3 * left + 0.5 * em:
        return "text_input"
    snug = frame.box.width <= 3 * caption.text.width + 2 * em
    alone = frame.stands_alone and None not in frame.around
    if (snug and (caption.centred or right < left)) or (alone and caption.centred):
        return "button"
    if caption.field_like and not (frame.continued and frame.outlined):
        return "text_input"
    filled = alone and not can_hold_text(frame) and frame.box.width <= WIDEST_BUTTON * em
    return "button" if filled else None


def can_hold_text(frame: Frame) -> bool:
    """Grey or white, on one surface, and not running into the rim of the picture."""
    grey = max(frame.fill) - min(frame.fill) <= COLOURFUL
    return frame.stands_alone and grey and None not in frame.around


def _measure(
    frame: Frame, letters: Sequence[Lettering], lines: Sequence[int], em: float
) -> _Caption:
    """The caption without single characters beside words, which are icons."""
    longer = [index for index in lines if letters[index].is_word]
    words = longer or list(lines)
    inks = sorted((letters[index].ink for index in words), key=lambda ink: ink.left)
    gaps = [after.left - before.right for before, after in itertools.pairwise(inks)]
    smallest = min(letters[index].em for index in words)
    return _Caption(
        frame=frame,
        text=functools.reduce(Box.union, inks),
        em=max([letters[index].em for index in longer], default=max(em, letters[words[0]].em)),
        rows=_rows(inks),
        strung_out=any(gap > WIDEST_GAP * smallest for gap in gaps),
        length=sum(len(letters[index].line.text) for index in words),
        faint=all(letters[index].contrast < FAINT_CONTRAST for index in words),
    )


def _rows(inks: Sequence[Box]) -> int:
    """How many rows of text the boxes make."""
    rows, bottom = 0, -1.0
    for ink in sorted(inks, key=lambda ink: ink.top):
        rows += (ink.top + ink.bottom) / 2 > bottom
        bottom = max(bottom, ink.bottom)
    return rows
