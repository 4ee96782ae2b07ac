"""Which drawn rectangles and marks are widgets: buttons, fields, combo boxes, check boxes.

Frames and lines in, widgets out; all coordinates are screenshot pixels, all lengths in em are
text heights. What it does not know: widgets without a visible outline (they stay plain text),
and what a widget does when it is clicked.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qvl_agent.geometry import Box
from qvl_agent.grounding.base import ElementType
from qvl_agent.grounding.embedded.arrows import arrow_at_right
from qvl_agent.grounding.embedded.captions import (
    FAINT_CONTRAST,
    TALLEST_BUTTON,
    can_hold_text,
    captioned,
)
from qvl_agent.grounding.embedded.frames import STEP, Frame, colour_distance
from qvl_agent.grounding.embedded.lettering import Lettering
from qvl_agent.grounding.embedded.marks import LARGEST, SMALLEST, mark_beside, read_mark

Pixels = NDArray[np.uint8]

TALLEST_FIELD, SHORTEST_FIELD = 3.9, 1.15
TALLEST_AREA = 16.0
# Cells are parted by a line at most; buttons that stand apart have more between them.
TOUCHING = 0.14
# Fields in a form stand farther apart than cells in a table.
COLUMN_GAP, FEWEST_CELLS = 0.14, 3
# Width over height: of an empty field, and of a full one that looks like a button.
LEAST_EMPTY_RATIO, LEAST_FIELD_RATIO = 1.7, 2.4
# Nobody writes an e-mail or web address on a button.
ADDRESS = re.compile(r"\w@\w+\.\w|://|^www\.", re.ASCII)
# What login forms ask for, whose fields often touch each other.
ENTRY_WORDS = (
    "password", "e-mail", "email", "user", "phone", "mobile", "account",
    "密码", "用户", "账号", "帐号", "手机", "邮箱", "验证码",
)  # fmt: skip
PASSWORD_SIGNS = frozenset("•●∙·*＊⚫")


@dataclass(frozen=True, slots=True, kw_only=True)
class Widget:
    """A widget and the indices of the lines drawn on it (or beside it, for a mark).

    ``hidden`` are lines that are no text: the mark itself or an arrow, read as a letter.
    """

    box: Box
    kind: ElementType
    lines: tuple[int, ...] = ()
    checked: bool | None = None
    control: Box | None = None
    hidden: tuple[int, ...] = ()
    frame: Frame | None = None


def find_widgets(
    rgb: Pixels, frames: Sequence[Frame], letters: Sequence[Lettering], em: float
) -> list[Widget]:
    """All widgets; a line belongs to one at most."""
    homes = smallest_homes(frames, letters)
    marked = _marks(rgb, letters, homes, frames)
    taken = {index for widget in marked for index in (*widget.lines, *widget.hidden)}
    framed = _framed(rgb, frames, letters, homes, em, taken, [w.control for w in marked])
    return marked + _agree(framed, letters)


def smallest_homes(frames: Sequence[Frame], letters: Sequence[Lettering]) -> list[int | None]:
    """For each line the smallest frame that holds it, as an index."""
    by_area = sorted(range(len(frames)), key=lambda index: frames[index].box.area)
    homes: list[int | None] = []
    for letter in letters:
        holders = (i for i in by_area if frames[i].box.contains_box(letter.ink, slack=1.5))
        homes.append(next(holders, None))
    return homes


def _marks(
    rgb: Pixels,
    letters: Sequence[Lettering],
    homes: Sequence[int | None],
    frames: Sequence[Frame],
) -> list[Widget]:
    """Check boxes, radio buttons and switches with the line beside each."""
    found: dict[Box, Widget] = {}
    # The engine reads some marks as a letter, so single characters may be marks.
    words = [letter.ink for letter in letters if letter.is_word]
    for index, letter in enumerate(letters):
        home = homes[index]
        if home is not None and _is_snug(frames[home], letter):
            continue
        mark = mark_beside(rgb, letter.ink, letter.em, letter.ground, letter.ink_colour, words)
        if mark is None or _walled_off(mark.box, letter.ink, frames):
            continue
        if _is_icon_behind(mark.box, letter):
            continue
        if mark.checked and home is not None and _is_entry(frames[home], letter):
            continue
        widget = Widget(
            box=mark.box.union(letter.line.box),
            kind=mark.kind,
            lines=(index,),
            checked=mark.checked,
            control=mark.box,
            hidden=tuple(
                other
                for other, rival in enumerate(letters)
                if other != index and rival.ink.intersection_area(mark.box) > 0.5 * rival.ink.area
            ),
        )
        rival = found.get(mark.box)
        if rival is None or _belongs_better(widget, rival):
            found[mark.box] = widget
    return list(found.values())


def _belongs_better(widget: Widget, rival: Widget) -> bool:
    """Marks belong to the text on their right, and to the nearer one."""
    before = [w.control is not None and w.control.left <= w.box.left for w in (widget, rival)]
    if before[0] != before[1]:
        return before[0]
    return widget.box.width < rival.box.width


def _is_icon_behind(mark: Box, letter: Lettering) -> bool:
    """Whether it stands right of its text and is no switch: an icon, but in the rows of a form."""
    behind = mark.left >= letter.ink.right
    switch = mark.width > 1.3 * mark.height
    return behind and not switch and not letter.line.text.rstrip().endswith((":", "："))


def _walled_off(mark: Box, text: Box, frames: Sequence[Frame]) -> bool:
    """Whether the mark lies in a frame, larger than itself, that the text is not in."""
    return any(
        frame.box.area > 2 * mark.area
        and frame.box.contains_box(mark)
        and not frame.box.contains_box(text, slack=2)
        for frame in frames
    )


def _is_entry(frame: Frame, letter: Lettering) -> bool:
    """Whether the frame is a one-line field: a filled mark in it is its icon."""
    return frame.box.height <= TALLEST_FIELD * letter.em and can_hold_text(frame)


def _is_snug(frame: Frame, letter: Lettering) -> bool:
    """Whether the frame closes around this line, as a button does."""
    return frame.box.height <= TALLEST_BUTTON * letter.em and frame.box.width <= max(
        letter.ink.width * 1.7, letter.ink.width + 5 * letter.em
    )


def _framed(
    rgb: Pixels,
    frames: Sequence[Frame],
    letters: Sequence[Lettering],
    homes: Sequence[int | None],
    em: float,
    taken: set[int],
    marks: Sequence[Box | None],
) -> list[Widget]:
    """What the visible frames are that are no marks of a line."""
    inside: dict[int, list[int]] = defaultdict(list)
    for line, home in enumerate(homes):
        if home is not None and line not in taken:
            inside[home].append(line)
    free = {
        index: frame
        for index, frame in enumerate(frames)
        if frame.visible and not any(mark and mark.iou(frame.box) > 0.4 for mark in marks)
    }
    lone = [_lone_mark(rgb, frame, letters, inside[index], em) for index, frame in free.items()]
    found = _in_one_column([mark for mark in lone if mark])
    boxes = {mark.box for mark in found}
    for index, frame in free.items():
        if frame.box not in boxes:
            widget = _one_framed(rgb, frame, frames, letters, inside[index], em)
            found += [widget] if widget else []
    return found


def _in_one_column(marks: Sequence[Widget]) -> list[Widget]:
    """Marks that stand under one another, one of them empty: a form's, and no icons."""
    return [
        mark
        for mark in marks
        if len(column := [m for m in marks if abs(m.box.left - mark.box.left) <= 2]) > 1
        and any(not m.checked for m in column)
    ]


def _one_framed(
    rgb: Pixels,
    frame: Frame,
    frames: Sequence[Frame],
    letters: Sequence[Lettering],
    lines: Sequence[int],
    em: float,
) -> Widget | None:
    """The widget that a frame with these lines on it is, if it is one."""
    words = [] if _only_icons(frame, letters, lines, em) else lines
    widget = _filled(rgb, frame, letters, words, em) if words else _empty(rgb, frame, em)
    if widget is None or _holds_frames(frame, frames):
        return None
    if not words and _continues_a_row(frame, frames):
        return None
    if widget.kind == "text_input" and _in_a_column(frame, frames, em):
        return None
    if widget.kind == "combo_box" or not _touches(frame, frames, em, sideways=False):
        return widget
    hinted = words and all(_hints_at_entry(letters[line]) for line in words)
    return widget if hinted and not _touches(frame, frames, em, sideways=True) else None


def _hints_at_entry(letter: Lettering) -> bool:
    """Faint like a placeholder, or a word that asks for something to be typed."""
    name = letter.line.text.lower()
    return letter.contrast < FAINT_CONTRAST or any(word in name for word in ENTRY_WORDS)


def _lone_mark(
    rgb: Pixels, frame: Frame, letters: Sequence[Lettering], lines: Sequence[int], em: float
) -> Widget | None:
    """A check box with no text beside it: forms set its label at the left of the row."""
    box = frame.box
    square = SMALLEST * em <= box.height <= LARGEST * em and 0.8 <= box.width / box.height <= 1.2
    top = frame.around[1]
    if not square or top is None or any(letters[i].is_word for i in lines):
        return None
    mark = read_mark(rgb, box, np.array(top, np.uint8), np.zeros(3, np.uint8))
    if mark is None or mark.kind != "checkbox":
        return None
    return Widget(box=box, kind="checkbox", checked=mark.checked, control=box, hidden=tuple(lines))


def _only_icons(
    frame: Frame, letters: Sequence[Lettering], lines: Sequence[int], em: float
) -> bool:
    """Whether all that was read in a wide frame are lone glyphs at its ends: the icons of a
    field, such as a magnifying glass or a cross to clear it.
    """
    box = frame.box
    return box.width >= 4 * box.height and all(
        not letters[line].is_word
        and min(letters[line].ink.left - box.left, box.right - letters[line].ink.right) <= 2 * em
        for line in lines
    )


def _in_a_column(frame: Frame, frames: Sequence[Frame], em: float) -> bool:
    """Whether it is one of three at least, equally wide and close under one another: cells."""
    box = frame.box
    column = sorted(
        (
            other.box
            for other in frames
            if abs(other.box.left - box.left) <= 2 and abs(other.box.right - box.right) <= 2
        ),
        key=lambda other: other.top,
    )
    gaps = [below.top - above.bottom for above, below in itertools.pairwise(column)]
    return sum(abs(gap) <= COLUMN_GAP * em for gap in gaps) >= FEWEST_CELLS - 1


def _continues_a_row(frame: Frame, frames: Sequence[Frame]) -> bool:
    """Whether a frame of the same paint and height is joined to a side: cells of a header."""
    box = frame.box
    return any(
        other is not frame
        and min(abs(other.box.right - box.left), abs(box.right - other.box.left)) <= 3
        and abs(other.box.top - box.top) <= 3
        and abs(other.box.bottom - box.bottom) <= 3
        and colour_distance(other.fill, frame.fill) <= STEP
        for other in frames
    )


def _touches(frame: Frame, frames: Sequence[Frame], em: float, *, sideways: bool) -> bool:
    """Whether it shares most of an upper or lower edge (``sideways``: left or right) with
    another frame about as wide, as rows of a list, cells of a table and headers of cards do.
    """
    one = frame.box.transposed() if sideways else frame.box
    for neighbour in frames:
        other = neighbour.box.transposed() if sideways else neighbour.box
        shared = min(one.right, other.right) - max(one.left, other.left)
        gap = min(abs(other.bottom - one.top), abs(one.bottom - other.top))
        touching = gap <= max(2.0, TOUCHING * em)
        if neighbour is not frame and touching and shared >= 0.6 * max(one.width, other.width):
            return True
    return False


def _holds_frames(frame: Frame, frames: Sequence[Frame]) -> bool:
    """Whether smaller frames of some size lie inside: then it is a panel."""
    return any(
        other is not frame
        and other.box.area < 0.8 * frame.box.area
        and other.box.area > 0.12 * frame.box.area
        and frame.box.contains_box(other.box)
        for other in frames
    )


def _filled(
    rgb: Pixels, frame: Frame, letters: Sequence[Lettering], lines: Sequence[int], em: float
) -> Widget | None:
    """A frame with text on it: what its caption says it is."""
    found = captioned(rgb, frame, letters, lines, em)
    if found is None:
        return None
    box = frame.box
    if not found.centred:
        # A wide button, or a headline on a band: with the middle on its words both are hit.
        left, right = letters[found.lines[0]].ink.left, letters[found.lines[-1]].ink.right
        box = replace(box, right=min(box.right, max(left + right - box.left, right)))
    return Widget(box=box, kind=found.kind, lines=found.lines, hidden=found.hidden, frame=frame)


def _empty(rgb: Pixels, frame: Frame, em: float) -> Widget | None:
    """A frame without text: an empty field if it has the shape of one."""
    box = frame.box
    if (
        frame.continued
        or not can_hold_text(frame)
        or not SHORTEST_FIELD * em <= box.height <= TALLEST_FIELD * em
    ):
        return None
    if box.width < LEAST_EMPTY_RATIO * box.height:
        return None
    arrow = arrow_at_right(rgb, frame, em)
    return Widget(box=box, kind="combo_box" if arrow else "text_input", frame=frame)


def _agree(widgets: list[Widget], letters: Sequence[Lettering]) -> list[Widget]:
    """Widgets drawn alike are alike: a full field looks like a button until its empty twins
    are looked at.
    """
    looks: dict[tuple[int, ...], Counter[ElementType]] = defaultdict(Counter)
    for widget in widgets:
        looks[_look(widget)][widget.kind] += 1
    return [
        replace(widget, kind="text_input")
        if widget.kind == "button" and _is_full_field(widget, widgets, letters, looks)
        else widget
        for widget in widgets
    ]


def _is_full_field(
    widget: Widget,
    widgets: Sequence[Widget],
    letters: Sequence[Lettering],
    looks: Mapping[tuple[int, ...], Counter[ElementType]],
) -> bool:
    """Whether a button is a field whose value fills it: its twins are fields, or it holds an
    address, or a number with a plus or minus beside it.
    """
    kinds = looks[_look(widget)]
    if _spins(widget, widgets, letters):
        return True
    if _is_even(widget, letters):
        return False
    wide = widget.box.width >= LEAST_FIELD_RATIO * widget.box.height
    twins = wide and kinds["text_input"] > kinds["button"]
    address = any(ADDRESS.search(letters[line].line.text) for line in widget.lines)
    return twins or (address and kinds["text_input"] > 0)


def find_text_areas(
    frames: Sequence[Frame], letters: Sequence[Lettering], widgets: Sequence[Widget], em: float
) -> list[Widget]:
    """Tall frames drawn like the screen's one-line fields, empty or filled with even text that
    is on none of ``widgets``.
    """
    homes = smallest_homes(frames, letters)
    busy = {index for widget in widgets for index in widget.lines}
    twins = {_paint(w.frame)[:3] for w in widgets if w.frame and w.kind == "text_input"}
    areas = []
    for index, frame in enumerate(frames):
        tall = TALLEST_FIELD * em < frame.box.height <= TALLEST_AREA * em
        wide = frame.box.width >= 1.5 * frame.box.height
        if not (tall and wide and can_hold_text(frame)) or _paint(frame)[:3] not in twins:
            continue
        lines = tuple(line for line, home in enumerate(homes) if home == index)
        if busy.intersection(lines):
            continue
        starts = [letters[i].ink.left for i in lines if letters[i].is_word]
        even = not starts or max(starts) - min(starts) <= 0.5 * em
        holds = any(frame.box.contains_box(widget.box) for widget in widgets)
        if even and not holds and not _holds_frames(frame, frames):
            areas.append(Widget(box=frame.box, kind="text_input", lines=lines, frame=frame))
    return areas


def _paint(frame: Frame | None) -> tuple[int, ...]:
    """Fill and border, coarsely: fields of one theme share them."""
    if frame is None:
        return ()
    return tuple(channel // 16 for channel in frame.fill + frame.border)


def _is_even(widget: Widget, letters: Sequence[Lettering]) -> bool:
    """Whether its text has the same room on both sides, to a pixel or two, as captions have."""
    if not widget.lines:
        return False
    left = min(letters[line].ink.left for line in widget.lines) - widget.box.left
    right = widget.box.right - max(letters[line].ink.right for line in widget.lines)
    em = letters[widget.lines[0]].em
    return abs(left - right) <= 0.15 * em and left >= 0.7 * em


def _spins(widget: Widget, widgets: Sequence[Widget], letters: Sequence[Lettering]) -> bool:
    """Whether it shows a number and a plus or minus is joined to its right."""
    text = "".join(letters[line].line.text for line in widget.lines).strip()
    if not text.lstrip("-+").replace(".", "").replace(",", "").isdigit():
        return False
    return any(
        abs(other.box.left - widget.box.right) <= 3
        and abs(other.box.top - widget.box.top) <= 3
        and len("".join(letters[line].line.text for line in other.lines).strip()) <= 1
        for other in widgets
        if other is not widget
    )


def _look(widget: Widget) -> tuple[int, ...]:
    frame = widget.frame
    if frame is None:
        return ()
    return *_paint(frame), round(frame.box.height / 4)
