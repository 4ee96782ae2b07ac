"""Which characters of an engine's line belong together, judged by the gaps between their ink.

The engine merges neighbours ("FileEditView") and drops blanks ("Ihaveread"). Gaps are measured
in em (the font's size). The limits were read off the fitting set's gaps: between letters of one
word at most 0.2 em (99 of 100), between words 0.25 to 0.6 em.
"""

from __future__ import annotations

import itertools
import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from qvl_agent.grounding.embedded.reading.characters import PlacedChar, is_full_width

SURE_SPLIT = 1.2  # em: no font's single blank is that wide
MAYBE_SPLIT = 0.62  # em: wider than a blank in proportional fonts
BLANK = 0.28  # em: a blank that the recogniser dropped
BLANK_LETTER_GAPS = 2.2  # and this many times the line's usual letter gap (letter-spaced text)
WIDER = 1.7  # times the line's usual blank: another kind of gap
MONO_SPREAD = 0.1  # pitches: how far monospaced characters may be off their grid, on average
DIGIT_BLANK = 0.4  # em: a "1" stands alone in its column of digits
FULL_WIDTH_BLANK = 0.27  # em, between two full-width characters, which otherwise touch
PAIR_SPLIT = 2.3  # em: two characters of a label are drawn apart to fill its column ("姓  名")
BOX_GAP = 0.12  # em: a check box read as a character is no part of its label
BOX_MARKS = frozenset("■□☑☐☒✅✓✔√○●◎◉⊙▢◯")
MONO_BLANK = 1.35  # pitches between centres: more than lopsided glyphs such as "r(" bring about
PUNCTUATION_ROOM = 0.5  # em: a full-width punctuation mark is half empty


def split(
    chars: Sequence[PlacedChar], em: float, rules: Sequence[tuple[int, int]] = ()
) -> list[list[PlacedChar]]:
    """Runs of characters that belong together, blanks put in between words.

    ``em`` is the font's size, px; ``rules`` are columns where a vertical line was drawn.
    """
    if not chars:
        return []
    blanks = _blanks(chars, em)
    breaks = _breaks(chars, blanks, em, rules)
    runs: list[list[PlacedChar]] = [[chars[0]]]
    for before, after, blank, ends in zip(chars, chars[1:], blanks, breaks, strict=False):
        if ends:
            runs.append([after])
            continue
        if blank:
            runs[-1].append(_blank(before, after))
        runs[-1].append(after)
    return runs


def joined(chars: Sequence[PlacedChar], em: float) -> list[PlacedChar]:
    """All characters as one run, blanks put in between words."""
    whole = list(chars[:1])
    for before, after, blank in zip(chars, chars[1:], _blanks(chars, em), strict=False):
        whole += [_blank(before, after), after] if blank else [after]
    return whole


def _blanks(chars: Sequence[PlacedChar], em: float) -> list[bool]:
    """Whether a blank follows each character but the last."""
    pairs = list(itertools.pairwise(chars))
    pitch = _mono_pitch(chars)
    if pitch is not None:
        return [b.spaced or _centre(b) - _centre(a) > MONO_BLANK * pitch for a, b in pairs]
    usual = _letter_gap(chars)
    return [b.spaced or _gap(a, b, em) * em > _least_blank(a, b, em, usual) for a, b in pairs]


def _least_blank(before: PlacedChar, after: PlacedChar, em: float, usual: float) -> float:
    """The smallest gap, px, that is a blank where the recogniser saw none."""
    if is_full_width(before.text) and is_full_width(after.text):
        return FULL_WIDTH_BLANK * em
    least = DIGIT_BLANK if before.text.isdigit() and after.text.isdigit() else BLANK
    return max(least * em, BLANK_LETTER_GAPS * usual)


def _letter_gap(chars: Sequence[PlacedChar]) -> float:
    """The usual gap between letters, px; 0.0 with too few of them to tell."""
    gaps = [char.gap for char in chars[1:] if not char.spaced]
    return statistics.median(gaps) if len(gaps) >= 4 else 0.0


def _gap(before: PlacedChar, after: PlacedChar, em: float) -> float:
    """The gap, em, less the empty half that full-width punctuation brings along.

    Beside a full-width character any mark may be a full-width one: the recogniser often reads
    "（" as "(".
    """
    marks = [_is_mark(before), _is_mark(after)]
    wide = is_full_width(before.text) or is_full_width(after.text)
    return after.gap / em - (PUNCTUATION_ROOM if wide and any(marks) else 0.0)


def _is_mark(char: PlacedChar) -> bool:
    return unicodedata.category(char.text[0]).startswith("P")


def _centre(char: PlacedChar) -> float:
    return (char.left + char.right) / 2


def _mono_pitch(chars: Sequence[PlacedChar]) -> float | None:
    """The pitch, px, when all letters sit on an even grid; None if they do not."""
    if len(chars) < 6 or any(is_full_width(char.text) for char in chars):
        return None
    steps = [_centre(b) - _centre(a) for a, b in itertools.pairwise(chars)]
    close = [step for step, char in zip(steps, chars[1:], strict=True) if not char.spaced]
    pitch = statistics.median(close) if len(close) >= 4 else 0.0
    if pitch <= 0:
        return None
    off = [abs(step / pitch - max(1, round(step / pitch))) for step in steps]
    return pitch if statistics.fmean(off) < MONO_SPREAD else None


def _breaks(
    chars: Sequence[PlacedChar],
    blanks: Sequence[bool],
    em: float,
    rules: Sequence[tuple[int, int]],
) -> list[bool]:
    """Whether the line ends after each character but the last."""
    gaps = [_gap(a, b, em) for a, b in itertools.pairwise(chars)]
    words = [gap for gap, blank in zip(gaps, blanks, strict=True) if blank and gap < MAYBE_SPLIT]
    usual = statistics.median(words) if words else None
    mono = _mono_pitch(chars) is not None
    pair = len(chars) == 2 and all(is_full_width(char.text) for char in chars)
    breaks = []
    for before, after, gap in zip(chars, chars[1:], gaps, strict=False):
        ruled = any(before.right <= (a + b) / 2 <= after.left for a, b in rules)
        boxed = before.text in BOX_MARKS and gap > BOX_GAP
        breaks.append(ruled or boxed or _is_break(after, gap, usual, mono, pair))
    return breaks


def _is_break(after: PlacedChar, gap: float, usual: float | None, mono: bool, pair: bool) -> bool:
    if gap >= (PAIR_SPLIT if pair else SURE_SPLIT):
        return True
    if gap < MAYBE_SPLIT or mono or pair:
        return False
    if usual is not None:
        return gap > WIDER * usual
    return after.text.isalnum() and not after.text.islower()


def _blank(before: PlacedChar, after: PlacedChar) -> PlacedChar:
    return replace(
        before,
        text=" ",
        left=before.right,
        right=max(before.right, after.left),
        score=min(before.score, after.score),
    )
