"""Which drawn rectangles and marks are widgets: buttons, fields, combo boxes, check boxes.

Frames and lines in, widgets out; all coordinates are screenshot pixels, all lengths in em are
text heights. What it does not know: widgets without a visible outline (they stay plain text),
and what a widget does when it is clicked.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qvl_agent.geometry import Box
from qvl_agent.grounding.base import ElementType
from qvl_agent.grounding.embedded.arrows import arrow_at_right
from qvl_agent.grounding.embedded.frames import Frame
from qvl_agent.grounding.embedded.lettering import Lettering
from qvl_agent.grounding.embedded.marks import mark_beside

Pixels = NDArray[np.uint8]

TALLEST_FIELD, SHORTEST_FIELD = 3.9, 1.15
TALLEST_AREA = 16.0
WIDEST_BUTTON = 30.0
TALLEST_BUTTON, WIDEST_TALL_BUTTON = 3.9, 14.0
LARGEST_PADDING = 3.6
# Cells are parted by a line at most; buttons that stand apart have more between them.
TOUCHING = 0.2
# Fields are filled with a shade of grey: largest spread of the channels of one.
COLOURFUL = 30
# A caption is short; longer text in a box is a banner.
LONGEST_CAPTION = 40
# Contrast ratio of placeholders to their field: greys such as #757575 on white have 4.6.
FAINT_CONTRAST = 6.5
WIDEST_GAP = 0.9
LONGEST_EMPTY_FIELD_RATIO = 2.4
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
    framed = _agree(framed, letters)
    return marked + framed + _text_areas(frames, letters, homes, framed, em)


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
    words = [letter.ink for letter in letters if len(letter.line.text.strip()) > 1]
    for index, letter in enumerate(letters):
        home = homes[index]
        if home is not None and _is_snug(frames[home], letter):
            continue
        mark = mark_beside(rgb, letter.ink, letter.em, letter.ground, letter.ink_colour, words)
        if mark is None or _walled_off(mark.box, letter.ink, frames):
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
    return frame.box.height <= TALLEST_FIELD * letter.em and _can_hold_text(frame)


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
    inside: dict[int, list[int]] = defaultdict(list)
    for line, home in enumerate(homes):
        if home is not None and line not in taken:
            inside[home].append(line)
    widgets = []
    for index, frame in enumerate(frames):
        if not frame.visible or any(mark and mark.iou(frame.box) > 0.4 for mark in marks):
            continue
        lines = inside.get(index, [])
        widget = _with_text(rgb, frame, letters, lines) if lines else _empty(rgb, frame, em)
        if widget is None or _holds_frames(frame, frames):
            continue
        if widget.kind == "combo_box" or not _touches(frame, frames, em, sideways=False):
            widgets.append(widget)
            continue
        hinted = lines and all(_hints_at_entry(letters[line]) for line in lines)
        if hinted and not _touches(frame, frames, em, sideways=True):
            widgets.append(widget)
    return widgets


def _hints_at_entry(letter: Lettering) -> bool:
    """Faint like a placeholder, or a word that asks for something to be typed."""
    name = letter.line.text.lower()
    return letter.contrast < FAINT_CONTRAST or any(word in name for word in ENTRY_WORDS)


def _touches(frame: Frame, frames: Sequence[Frame], em: float, *, sideways: bool) -> bool:
    """Whether it shares most of an upper or lower edge (``sideways``: left or right) with
    another frame, as rows of a list, cells of a table and headers of cards do."""
    one = frame.box.transposed() if sideways else frame.box
    for neighbour in frames:
        other = neighbour.box.transposed() if sideways else neighbour.box
        shared = min(one.right, other.right) - max(one.left, other.left)
        gap = min(abs(other.bottom - one.top), abs(one.bottom - other.top))
        touching = gap <= max(2.0, TOUCHING * em)
        if neighbour is not frame and touching and shared >= 0.6 * min(one.width, other.width):
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


def _with_text(
    rgb: Pixels, frame: Frame, letters: Sequence[Lettering], lines: list[int]
) -> Widget | None:
    """The widget that this frame with these lines is, if it is one."""
    box = frame.box
    words = [line for line in lines if len(letters[line].line.text.strip()) > 1] or lines
    text = functools.reduce(Box.union, (letters[line].ink for line in words))
    em = max(letters[line].em for line in words)
    rows = _rows(letters, words)
    if rows > 2 or box.height > (TALLEST_BUTTON + 1.3 * (rows - 1)) * em:
        big_key = rows == 1 and box.height <= 7 * em and box.width <= WIDEST_TALL_BUTTON * em
        if not (big_key and _centred(box, text, em, both=True)):
            return None
    arrow = arrow_at_right(rgb, frame, em)
    if arrow is not None:
        kept = tuple(i for i in lines if letters[i].ink.left < arrow.left - 0.2 * em)
        gone = tuple(index for index in lines if index not in kept)
        return Widget(box=box, kind="combo_box", lines=kept, hidden=gone, frame=frame)
    short = box.width <= 3 * text.width + 2 * em
    if rows == 1 and _strung_out(letters, words):
        return None
    if sum(len(letters[line].line.text) for line in words) > LONGEST_CAPTION:
        return None
    if frame.around.count(None) > 1:
        return None
    pads = text.left - box.left, box.right - text.right
    faint = all(letters[line].contrast < FAINT_CONTRAST for line in words)
    if (
        rows == 1
        and faint
        and pads[1] > 1.3 * pads[0] + 0.5 * em
        and _is_field_like(frame, text, em)
    ):
        return Widget(box=box, kind="text_input", lines=tuple(lines), frame=frame)
    if rows == 1 and short and (_centred(box, text, em) or pads[1] < pads[0]):
        return Widget(box=box, kind="button", lines=tuple(lines), frame=frame)
    alone = frame.stands_alone and None not in frame.around
    if rows == 1 and alone and _centred(box, text, em):
        return Widget(box=box, kind="button", lines=tuple(lines), frame=frame)
    if rows == 1 and _is_field_like(frame, text, em):
        return Widget(box=box, kind="text_input", lines=tuple(lines), frame=frame)
    if rows == 1 and alone and not _can_hold_text(frame) and box.width <= WIDEST_BUTTON * em:
        return Widget(box=box, kind="button", lines=tuple(lines), frame=frame)
    return None


def _is_field_like(frame: Frame, text: Box, em: float) -> bool:
    """Neutral, and its text starts at the left with room behind it."""
    pads = text.left - frame.box.left, frame.box.right - text.right
    return _can_hold_text(frame) and pads[0] <= LARGEST_PADDING * em and pads[1] > pads[0]


def _strung_out(letters: Sequence[Lettering], lines: Sequence[int]) -> bool:
    """Whether the texts stand too far apart to be one caption: a menu bar, a row of a table."""
    inks = sorted((letters[index].ink for index in lines), key=lambda ink: ink.left)
    gaps = [after.left - before.right for before, after in itertools.pairwise(inks)]
    em = min(letters[index].em for index in lines)
    return any(gap > WIDEST_GAP * em for gap in gaps)


def _rows(letters: Sequence[Lettering], lines: Sequence[int]) -> int:
    """How many rows of text the lines make."""
    rows = 0
    bottom = -1.0
    for line in sorted(lines, key=lambda i: letters[i].ink.top):
        ink = letters[line].ink
        if (ink.top + ink.bottom) / 2 > bottom:
            rows += 1
        bottom = max(bottom, ink.bottom)
    return rows


def _centred(box: Box, text: Box, em: float, *, both: bool = False) -> bool:
    """Whether the box's centre falls on the text (vertically as well, for tall keys)."""
    centre = box.centre
    across = text.left - 0.4 * em <= centre.x <= text.right + 0.4 * em
    even = abs((text.left - box.left) - (box.right - text.right)) <= max(1.2 * em, 0.12 * box.width)
    if both:
        return across and even and abs((text.top + text.bottom) / 2 - centre.y) <= 0.6 * em
    return across and (even or text.width >= 0.5 * box.width)


def _can_hold_text(frame: Frame) -> bool:
    """Grey or white, on one surface, and not running into the rim of the picture."""
    grey = max(frame.fill) - min(frame.fill) <= COLOURFUL
    return frame.stands_alone and grey and None not in frame.around


def _empty(rgb: Pixels, frame: Frame, em: float) -> Widget | None:
    """A frame without text: an empty field if it has the shape of one."""
    box = frame.box
    if not _can_hold_text(frame) or not SHORTEST_FIELD * em <= box.height <= TALLEST_FIELD * em:
        return None
    if box.width < LONGEST_EMPTY_FIELD_RATIO * box.height:
        return None
    arrow = arrow_at_right(rgb, frame, em)
    return Widget(box=box, kind="combo_box" if arrow else "text_input", frame=frame)


def _agree(widgets: list[Widget], letters: Sequence[Lettering]) -> list[Widget]:
    """Widgets drawn alike are alike: a full field looks like a button until its empty twins
    are looked at."""
    looks: dict[tuple[int, ...], Counter[ElementType]] = defaultdict(Counter)
    for widget in widgets:
        looks[_look(widget)][widget.kind] += 1
    agreed = []
    for widget in widgets:
        kinds = looks[_look(widget)]
        wide = widget.box.width >= 2.4 * widget.box.height
        twins = kinds["text_input"] > kinds["button"]
        address = any(ADDRESS.search(letters[line].line.text) for line in widget.lines)
        if widget.kind == "button" and _spins(widget, widgets, letters):
            widget = replace(widget, kind="text_input")
        if widget.kind == "button" and ((wide and twins) or (address and kinds["text_input"])):
            widget = replace(widget, kind="text_input")
        agreed.append(widget)
    return agreed


def _text_areas(
    frames: Sequence[Frame],
    letters: Sequence[Lettering],
    homes: Sequence[int | None],
    widgets: Sequence[Widget],
    em: float,
) -> list[Widget]:
    """Tall frames drawn like the screen's one-line fields, empty or filled with even text."""
    twins = {_paint(w.frame)[:3] for w in widgets if w.frame and w.kind == "text_input"}
    areas = []
    for index, frame in enumerate(frames):
        tall = TALLEST_FIELD * em < frame.box.height <= TALLEST_AREA * em
        wide = frame.box.width >= 1.5 * frame.box.height
        if not (tall and wide and _can_hold_text(frame)) or _paint(frame)[:3] not in twins:
            continue
        lines = tuple(line for line, home in enumerate(homes) if home == index)
        starts = [letters[i].ink.left for i in lines if len(letters[i].line.text.strip()) > 1]
        even = not starts or max(starts) - min(starts) <= 0.5 * em
        if even and not _holds_frames(frame, frames):
            areas.append(Widget(box=frame.box, kind="text_input", lines=lines, frame=frame))
    return areas


def _paint(frame: Frame | None) -> tuple[int, ...]:
    """Fill and border, coarsely: fields of one theme share them."""
    if frame is None:
        return ()
    return tuple(channel // 16 for channel in frame.fill + frame.border)


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
