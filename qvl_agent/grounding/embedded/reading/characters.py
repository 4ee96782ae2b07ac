"""Which columns each recognised character covers, from the CTC steps and the ink.

The recogniser's steps are a sixth of the line's height wide, too coarse for a click or a split.
They say in which order and roughly where the characters are; the ink's gaps say exactly where
one ends. Columns and rows are pixels of the crop of one line.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from qvl_agent.grounding.embedded.reading.engine import CropChar, Pixels
from qvl_agent.grounding.embedded.reading.ink import Mask, any_of, ink_of, runs_of

SLIVER = 0.3  # of the crop's height: lower parts that touch its edge are another line's
FRAME_FILL = 0.3  # of its box: a frame fills less, letters that touch each other more
RULE_LENGTH = 2.5  # heights: a longer horizontal stroke is an underline or a border, not a letter
# Fitted on strings drawn in six fonts at 10 to 22 px (tests/test_reading.py draws the like):
STEP_BIAS = 0.27  # CTC steps: the recogniser sees a character this much late
CENTRE_SPREAD = 0.12  # em: how far its centre is off, beyond the bias
WIDTH_SPREAD = 0.35  # em: how far a character's ink is from its usual width
INKED_SHARE = 0.85  # of the advance width is ink
CUT_COST = 4.0  # of a cut through a full column of ink
EMPTY_COST = 16.0  # of a character without ink
INNER_GAP_COST = 3.0  # of a letter that falls apart into columns
UNREAD_COST = 5.0  # of a stroke that is no character's
UNREAD_GAP = 0.25  # em: a stroke that far from a letter's others is not part of it
REACH = 0.8  # em: how far beyond the two centres a cut is looked for
BROKEN = frozenset('"“”%…‥:=÷')  # characters drawn in strokes side by side
NARROW, WIDE, FULL = 0.3, 0.85, 1.0  # usual advance widths, em
NARROW_LETTERS = frozenset("ijlftrI1|!.,:;'`()[]{}/\\\"-·")
WIDE_LETTERS = frozenset("mwMW@%—…&")
ASCENDING = frozenset("bdfhijklt0123456789|/\\()[]{}!?&%$#@'\"`^*")
DESCENDING = frozenset("gjpqyQ,;()[]{}|/\\@$_")


@dataclass(frozen=True, slots=True)
class PlacedChar:
    """A character and the columns of its ink (``right`` exclusive).

    Attributes:
        gap: blank columns before it, to a fraction of a column (anti-aliased edges are part
            ink); 0.0 for the first.
        spaced: the recogniser saw a blank before it.
    """

    text: str
    left: int
    right: int
    score: float
    gap: float = 0.0
    spaced: bool = False


@dataclass(frozen=True, slots=True)
class InkLine:
    """The text ink of a crop: rules and underlines removed, with the columns of the rules."""

    mask: Mask
    strength: NDArray[np.float32]
    rules: tuple[tuple[int, int], ...]

    @property
    def rows(self) -> tuple[int, int] | None:
        """First row and one past the last row that hold ink."""
        return _extent(any_of(self.mask, 1))

    @property
    def columns(self) -> tuple[int, int] | None:
        """First column and one past the last column that hold ink."""
        return _extent(any_of(self.mask, 0))


def _extent(filled: Mask) -> tuple[int, int] | None:
    found = np.flatnonzero(filled)
    return (int(found[0]), int(found[-1]) + 1) if found.size else None


def ink_line(crop: Pixels) -> InkLine:
    """The ink of the one line of text in a crop."""
    mask, strength = ink_of(crop)
    drawn = mask.astype(np.uint8)
    height, width = drawn.shape
    vertical = drawn.min(axis=0).astype(bool)  # ink from the first row to the last: a rule
    rules = tuple(runs_of(vertical))
    drawn[:, vertical] = 0
    length = max(24, int(RULE_LENGTH * height))
    if length <= width:
        strokes = cv2.morphologyEx(drawn, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
        drawn[strokes.astype(bool)] = 0
    _drop_strangers(drawn)
    kept = drawn.astype(bool)
    # What was removed takes its faint edges along; the faint edges of what was kept stay.
    gone = cv2.dilate((mask & ~kept).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    return InkLine(kept, np.where(gone & ~kept, np.float32(0), strength), rules)


def _drop_strangers(drawn: NDArray[np.uint8]) -> None:
    """Remove what reaches in from outside the crop, which leaves a margin around its text.

    That is what touches the crop's edge and is low (a part of the line above or below) or is a
    thin frame that runs along most of the crop (a button's border with its corners).
    """
    height, width = drawn.shape
    if not (drawn[0].any() or drawn[-1].any() or drawn[:, 0].any() or drawn[:, -1].any()):
        return
    count, labels, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
    for label in range(1, count):
        x, y, w, h, area = stats[label].tolist()
        upright = y == 0 or y + h == height
        sideways = x == 0 or x + w == width
        sliver = upright and h <= SLIVER * height
        frame = (w >= 0.6 * width or h >= 0.8 * height) and area < FRAME_FILL * w * h
        line = sideways and h <= 3 and w >= 0.6 * width
        if sliver or line or (frame and (upright or sideways)):
            drawn[labels == label] = 0


def is_full_width(text: str) -> bool:
    """Whether a character fills a square, as Chinese, Japanese and Korean ones do."""
    return unicodedata.east_asian_width(text[0]) in "WF"


def usual_width(text: str) -> float:
    """A character's usual advance width, em."""
    if is_full_width(text):
        return FULL
    if text in NARROW_LETTERS:
        return NARROW
    if text in WIDE_LETTERS:
        return WIDE
    return 0.65 if text.isupper() else 0.55


def em_of(texts: Sequence[str], ink_height: float) -> float:
    """The font size, px, from the height of the ink and which letters made it."""
    joined = "".join(texts)
    if any(is_full_width(char) for char in joined):
        return ink_height / 0.92
    up = any(char in ASCENDING or char.isupper() for char in joined)
    down = any(char in DESCENDING for char in joined)
    share = {(True, True): 0.95, (True, False): 0.74, (False, True): 0.75, (False, False): 0.55}
    if not any(char.isalnum() for char in joined):
        return ink_height / 0.74 if ink_height else 1.0
    return ink_height / share[up, down]


def place(chars: Sequence[CropChar], ink: InkLine, em: float) -> list[PlacedChar]:
    """Every non-blank character with the columns of its ink, from left to right."""
    visible, spaced, blank = [], [], False
    for char in chars:
        if char.text.isspace():
            blank = True
            continue
        visible.append(char)
        spaced.append(blank)
        blank = False
    if not visible:
        return []
    cuts = _cuts(visible, ink, em)
    filled = any_of(ink.mask, 0)
    empty = 1 - ink.strength.max(axis=0)
    placed: list[PlacedChar] = []
    for index, char in enumerate(visible):
        left, right = _tight(filled, cuts[index], cuts[index + 1], char, em)
        gap = float(empty[placed[-1].right : left].sum()) if placed else 0.0
        placed.append(PlacedChar(char.text, left, right, char.score, gap, spaced[index]))
    return placed


def _tight(filled: Mask, start: int, end: int, char: CropChar, em: float) -> tuple[int, int]:
    """The inked columns between two cuts; the recogniser's own where there is no ink."""
    strokes = runs_of(filled[start:end])
    if strokes:
        if char.text not in BROKEN and not is_full_width(char.text):
            strokes = _nearest(strokes, _centre(char) - start, UNREAD_GAP * em)
        return start + strokes[0][0], start + strokes[-1][1]
    left = min(max(round(char.start), start), end)
    return left, max(left, min(round(char.end), end))


def _nearest(
    strokes: Sequence[tuple[int, int]], centre: float, apart: float
) -> list[tuple[int, int]]:
    """The group of strokes nearest to a column; groups are more than ``apart`` columns apart."""
    groups = [[strokes[0]]]
    for before, after in itertools.pairwise(strokes):
        if after[0] - before[1] > apart:
            groups.append([])
        groups[-1].append(after)
    return min(groups, key=lambda group: abs((group[0][0] + group[-1][1]) / 2 - centre))


def _cuts(chars: Sequence[CropChar], ink: InkLine, em: float) -> list[int]:
    """Columns where one character ends and the next begins, one more than characters."""
    columns = _Columns(ink)
    centres = [_centre(char) for char in chars]
    simple = _one_stroke_each(chars, centres, columns, em)
    return simple or _cheapest(chars, centres, columns, em)


def _centre(char: CropChar) -> float:
    return (char.start + char.end) / 2 - STEP_BIAS * char.step


class _Columns:
    """Columns where a cut may go, and what ink lies between two of them.

    Attributes:
        strokes: first and one past the last column of every run of inked columns.
        cuts: candidate columns in order: the middle of each gap and each dip inside a stroke.
        costs: what each cut costs; a gap is free.
        left, right: for each cut the first inked column after it, and one past the last before.
        gaps: for each cut how many strokes begin before it.
    """

    def __init__(self, ink: InkLine) -> None:
        filled, profile = any_of(ink.mask, 0), ink.strength.sum(axis=0)
        width = len(filled)
        self.strokes = runs_of(filled)
        free = [0, *((a + b) // 2 for a, b in runs_of(~filled) if a > 0 and b < width), width]
        dips = _dips(filled, profile)
        full = max(1e-6, float(np.percentile(profile, 90)))
        costs = {
            **{x: CUT_COST * cost / full for x, cost in dips.items()},
            **dict.fromkeys(free, 0.0),
        }
        self.cuts = np.array(sorted(costs))
        self.costs = np.array([costs[x] for x in self.cuts.tolist()])
        starts = np.array([a for a, _ in self.strokes])
        self.gaps = np.searchsorted(starts, self.cuts)
        columns = np.arange(width)
        last = np.maximum.accumulate(np.where(filled, columns, -1)) + 1
        following = np.minimum.accumulate(np.where(filled, columns, width)[::-1])[::-1]
        self.left = np.append(following, width)[self.cuts]
        self.right = np.insert(last, 0, 0)[self.cuts]


def _dips(filled: Mask, profile: NDArray[np.float32]) -> dict[int, float]:
    """Columns of least ink inside strokes, with that ink: where touching letters may part."""
    middle = profile[1:-1]
    low = filled[1:-1] & (middle <= profile[:-2]) & (middle <= profile[2:])
    found = {}
    for column in (np.flatnonzero(low) + 1).tolist():
        # The dip's own column goes to the side that it is closer to in strength.
        cut = column if profile[column + 1] > profile[column - 1] else column + 1
        found[cut] = float(profile[column])
    return found


def _one_stroke_each(
    chars: Sequence[CropChar], centres: Sequence[float], columns: _Columns, em: float
) -> list[int] | None:
    """The cuts when there are as many strokes as characters, each about where it was seen."""
    strokes = columns.strokes
    if len(strokes) != len(chars):
        return None
    if any(
        abs((a + b) / 2 - centre) > REACH * em
        for (a, b), centre in zip(strokes, centres, strict=True)
    ):
        return None
    between = [(a[1] + b[0]) // 2 for a, b in itertools.pairwise(strokes)]
    return [0, *between, int(columns.cuts[-1])]


def _cheapest(
    chars: Sequence[CropChar], centres: Sequence[float], columns: _Columns, em: float
) -> list[int]:
    """The cheapest way through the candidate columns.

    A cut through ink costs, and so does a character whose ink is not where the recogniser saw
    it, has an odd width, falls apart, or is missing. Strokes before the first and after the
    last character may stay unread at a price: the arrow of a drop-down, an icon.
    """
    cuts, reach = columns.cuts, REACH * em
    last = len(cuts) - 1
    unread = UNREAD_COST * columns.gaps  # of the strokes before each cut
    low, high = 0, max(1, int(np.searchsorted(cuts, centres[0], "right")))
    costs = unread[low:high].astype(np.float64)
    steps: list[tuple[int, NDArray[np.intp]]] = []
    for index, char in enumerate(chars):
        near = (centres[index], centres[min(index + 1, len(chars) - 1)])
        start = max(low, min(int(np.searchsorted(cuts, min(near) - reach)), last))
        end = max(start + 1, int(np.searchsorted(cuts, max(near) + reach, "right")))
        if index + 1 == len(chars):
            end = last + 1
        total = (
            costs[:, np.newaxis]
            + columns.costs[start:end]
            + _misfit(char, centres[index], columns, (low, high), (start, end), em)
        )
        best = total.argmin(axis=0)
        steps.append((low, best))
        costs = total[best, np.arange(end - start)]
        low, high = start, end
    offset = int((costs + unread[last] - unread[low:high]).argmin())
    path = [low + offset]
    for low, best in reversed(steps):
        offset = int(best[offset])
        path.append(low + offset)
    return [int(cuts[i]) for i in reversed(path)]


def _misfit(
    char: CropChar,
    centre: float,
    columns: _Columns,
    before: tuple[int, int],
    after: tuple[int, int],
    em: float,
) -> NDArray[np.float64]:
    """How badly a character fits between each cut of ``before`` and each of ``after``."""
    left = columns.left[slice(*before), np.newaxis]
    right = columns.right[np.newaxis, slice(*after)]
    off = np.abs((left + right) / 2 - centre) / (CENTRE_SPREAD * em)
    off = np.where(off < 1, off * off, 2 * off - 1)  # crowded narrow letters are seen far off
    odd = (right - left - INKED_SHARE * usual_width(char.text) * em) / (WIDTH_SPREAD * em)
    gaps = columns.gaps[np.newaxis, slice(*after)] - columns.gaps[slice(*before), np.newaxis] - 1
    cost = off + odd * odd
    if char.text not in BROKEN and not is_full_width(char.text):
        cost = cost + INNER_GAP_COST * np.maximum(gaps, 0)
    backwards = columns.cuts[np.newaxis, slice(*after)] < columns.cuts[slice(*before), np.newaxis]
    cost = np.where(right <= left, EMPTY_COST, cost)
    return np.where(backwards, 1e6, cost)
