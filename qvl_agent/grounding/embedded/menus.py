"""Menu bars and open menus, whose items have no outline of their own.

An open menu is a frame no wider than its longest row needs, with rows of one text (and perhaps a
shortcut at its right end) that start in one column. A menu bar is a low strip of short texts with
even gaps that begin at its left end. Coordinates are screenshot pixels, lengths em.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qvl_agent.geometry import Box
from qvl_agent.grounding.embedded.frames import Frame
from qvl_agent.grounding.embedded.lettering import Lettering

WIDEST_MENU, FEWEST_ROWS = 36.0, 3
# Rows of a menu stand farther apart than lines of a paragraph do.
LEAST_PITCH, LARGEST_PITCH = 1.6, 3.2
LEAST_PITCH_WITH_SHORTCUTS = 1.45
# Room around the longest row: indents, icons and the arrow of a submenu.
LARGEST_ROOM = 5.0
LARGEST_INDENT = 4.0
SHORTCUT = re.compile(r"[+⌘⇧⌥⌃]|^(F\d|Del|Esc|Ins|Enter|Tab|Home|End|Space|Back)", re.IGNORECASE)
TALLEST_STRIP, LEAST_GAP, LARGEST_GAP = 2.7, 0.6, 2.4


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that is an item of a menu, or a title of a menu bar, with the item's whole box."""

    line: int
    box: Box


def find_menu_items(
    frames: Sequence[Frame],
    letters: Sequence[Lettering],
    free: Sequence[int],
    widgets: Sequence[Box],
    em: float,
) -> list[Entry]:
    """Items of open menus; ``free`` lines are on no widget, ``widgets`` are the boxes of all."""
    entries: dict[int, Entry] = {}
    for frame in sorted(frames, key=lambda each: -each.box.area):
        box = frame.box
        if not FEWEST_ROWS * LEAST_PITCH * em <= box.height or box.width > WIDEST_MENU * em:
            continue
        inside = [index for index in free if box.contains_box(letters[index].ink, slack=1)]
        occupied = any(box.contains_box(other) and other != box for other in widgets)
        if not occupied and len(inside) >= FEWEST_ROWS:
            entries |= {entry.line: entry for entry in _items(box, letters, inside)}
    return list(entries.values())


def _items(menu: Box, letters: Sequence[Lettering], lines: Sequence[int]) -> list[Entry]:
    rows = [_without_icons(letters, row) for row in _rows(letters, lines)]
    firsts = [letters[row[0]] for row in rows]
    if len(rows) < FEWEST_ROWS or any(len(row) > 2 for row in rows):
        return []
    em = float(np.median([first.em for first in firsts]))
    centres = [(first.ink.top + first.ink.bottom) / 2 for first in firsts]
    steps = [below - above for above, below in itertools.pairwise(centres)]
    pitch = float(np.median(steps))
    start = float(np.median([first.ink.left for first in firsts]))
    end = max(letters[row[-1]].ink.right for row in rows)
    aligned = sum(abs(first.ink.left - start) <= 0.5 * em for first in firsts) >= 0.75 * len(rows)
    even = sum(abs(step - pitch) <= 0.2 * pitch for step in steps) >= 0.5 * len(steps)
    snug = start - menu.left <= LARGEST_INDENT * em and menu.right - end <= LARGEST_ROOM * em
    # Shortcuts at the right end are a menu's alone. Without them it may be a list of links, and
    # then the box keeps its centre on the words, so that both are hit.
    seconds = [letters[row[1]].line.text for row in rows if len(row) == 2]
    if any(not SHORTCUT.search(text) for text in seconds):
        return []  # labels and values, a table
    certain = bool(seconds)
    least = LEAST_PITCH_WITH_SHORTCUTS if certain else LEAST_PITCH
    if not (aligned and even and snug and least * em <= pitch <= LARGEST_PITCH * em):
        return []
    ends = [menu.right if certain else _mirrored(menu, first.ink) for first in firsts]
    return [
        Entry(row[0], Box(menu.left, middle - pitch / 2, end, middle + pitch / 2))
        for row, middle, end in zip(rows, centres, ends, strict=True)
    ]


def _without_icons(letters: Sequence[Lettering], row: list[int]) -> list[int]:
    """The row without single characters before or after its words: icons, ticks and arrows."""
    words = [index for index in row if letters[index].is_word]
    return words or row[:1]


def _mirrored(menu: Box, ink: Box) -> float:
    """The right end that puts the middle of a row on the middle of its text."""
    return min(menu.right, 2 * ink.centre.x - menu.left)


def _rows(letters: Sequence[Lettering], lines: Sequence[int]) -> list[list[int]]:
    """Lines grouped by the row they stand on, each row from left to right."""
    rows: list[list[int]] = []
    for index in sorted(lines, key=lambda i: letters[i].ink.centre.y):
        middle = letters[index].ink.centre.y
        if rows and abs(letters[rows[-1][0]].ink.centre.y - middle) <= 0.5 * letters[index].em:
            rows[-1].append(index)
        else:
            rows.append([index])
    return [sorted(row, key=lambda i: letters[i].ink.left) for row in rows]


def find_menu_titles(
    frames: Sequence[Frame], letters: Sequence[Lettering], free: Sequence[int]
) -> list[Entry]:
    """Titles of menu bars: even short texts at the left end of a low strip."""
    entries: list[Entry] = []
    for row in _rows(letters, free):
        if len(row) < FEWEST_ROWS:
            continue
        strip = _strip(frames, letters, row)
        inks = [letters[index].ink for index in row]
        em = letters[row[0]].em
        gaps = [after.left - before.right for before, after in itertools.pairwise(inks)]
        even = max(gaps) - min(gaps) <= 0.6 * em and LEAST_GAP * em <= min(gaps)
        short = max(len(letters[index].line.text) for index in row) <= 16
        if strip is None or not (even and short) or max(gaps) > LARGEST_GAP * em:
            continue
        if inks[0].left - strip.left > 1.2 * em:
            continue
        pad = float(np.median(gaps)) / 2
        entries += [
            Entry(index, Box(ink.left - pad, strip.top, ink.right + pad, strip.bottom))
            for index, ink in zip(row, inks, strict=True)
        ]
    return entries


def _strip(frames: Sequence[Frame], letters: Sequence[Lettering], row: Sequence[int]) -> Box | None:
    """The lowest frame that holds the whole row and is no taller than a menu bar."""
    em = letters[row[0]].em
    whole = letters[row[0]].ink.union(letters[row[-1]].ink)
    holders = [
        frame.box
        for frame in frames
        if frame.box.height <= TALLEST_STRIP * em and frame.box.contains_box(whole, slack=1)
    ]
    return min(holders, key=lambda box: box.area, default=None)
