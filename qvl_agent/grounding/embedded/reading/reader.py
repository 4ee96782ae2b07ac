"""The reader: a picture to its lines of text; the next picture only where it differs."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from qvl_agent.geometry import Box, Size
from qvl_agent.grounding.embedded.reading import changes, characters, scale, second_look, splitting
from qvl_agent.grounding.embedded.reading.engine import CropChar, DetectedBox, OcrEngine, Pixels
from qvl_agent.grounding.embedded.scene import Char, TextLine

MAX_REMEMBERED_CROPS = 1536  # ten screens of 150 texts: some 10 MiB
MIN_SCORE = 0.5  # rapidocr's own limit for a line; below it the text is noise
SURE_SCORE = 0.8  # of every character that only the second look saw: icons score below it
MIN_SIDE = 4  # px: nothing legible fits into less
SIGNS = {"十": "+", "一": "-", "二": "="}
NUMERALS = frozenset("一二三四五六七八九十日")
REREAD_SHARE = 0.5  # of the picture: with more than this to look at, everything is read again
CROP_MARGIN = 0.25  # of the ink's height, around what the recogniser is shown; fitted
BLANK_MARGIN = 16  # px of blank ground that the detector sees around the content


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read on one picture.

    Attributes:
        lines: runs of characters that belong together, in reading order.
        engine_lines: the same characters as the engine grouped them, before splitting.
        parents: for each of ``lines`` the index in ``engine_lines`` it was split from.
        changed: the regions read anew, in screenshot pixels; () when the picture is the same
            as the last one, None when everything is new.
    """

    lines: tuple[TextLine, ...] = ()
    engine_lines: tuple[TextLine, ...] = ()
    parents: tuple[int, ...] = ()
    changed: tuple[Box, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Block:
    """One box of the detector with all that was read in it."""

    box: Box
    whole: TextLine
    lines: tuple[TextLine, ...]


class Reader:
    """Reads pictures one after another; remembers the last one, and crops it has seen.

    Give every session its own reader. Safe to call from several threads.
    """

    def __init__(self, engine: OcrEngine | None = None) -> None:
        self._engine = engine or OcrEngine()
        self._lock = threading.Lock()
        self._crops: OrderedDict[bytes, tuple[CropChar, ...]] = OrderedDict()
        self._last: Pixels | None = None
        self._blocks: list[_Block] = []
        self._scale = 1.0  # of the detector's input; kept while only parts are read again
        self._reading = Reading()

    def read(self, rgb: Pixels) -> Reading:
        """The text of a picture, (height, width, 3) RGB."""
        with self._lock:
            return self._read(rgb)

    def forget(self) -> None:
        """Wipe the pixels that were kept and drop everything that was read."""
        with self._lock:
            self._wipe()
            self._crops.clear()
            self._blocks, self._reading = [], Reading()

    def _wipe(self) -> None:
        if self._last is not None:
            self._last.fill(0)
        self._last = None

    def _read(self, rgb: Pixels) -> Reading:
        regions = self._changed_regions(rgb)
        if regions == ():
            return replace(self._reading, changed=())
        windows = changes.windows(regions or (), rgb.shape, self._scale)
        area = rgb.shape[0] * rgb.shape[1]
        if regions is None or sum(window.area for window in windows) > REREAD_SHARE * area:
            regions = None
            blocks = self._read_all(rgb)
        else:
            blocks = self._reread(rgb, regions, windows)
        self._keep(rgb)
        self._blocks = blocks
        self._reading = _assemble(blocks, regions)
        return self._reading

    def _keep(self, rgb: Pixels) -> None:
        if self._last is not None and self._last.shape == rgb.shape:
            np.copyto(self._last, rgb)
        else:
            self._wipe()
            self._last = rgb.copy()

    def _changed_regions(self, rgb: Pixels) -> tuple[Box, ...] | None:
        """Where the picture differs from the last one; None when that is nearly everywhere."""
        if self._last is None or self._last.shape != rgb.shape:
            return None
        regions = changes.changed_regions(self._last, rgb)
        return changes.grown(regions, [block.box for block in self._blocks], rgb.shape)

    def _read_all(self, rgb: Pixels) -> list[_Block]:
        self._scale = scale.detection_scale(rgb)
        window = _content(rgb)
        return self._read_window(rgb, window, [window], []) if window else []

    def _reread(self, rgb: Pixels, regions: Sequence[Box], windows: Sequence[Box]) -> list[_Block]:
        """The blocks of the last picture, those that touch a region replaced."""
        blocks = [block for block in self._blocks if not _touches(block.box, regions)]
        for window in windows:
            blocks += self._read_window(rgb, window, regions, blocks)
        return blocks

    def _read_window(
        self, rgb: Pixels, window: Box, regions: Sequence[Box], kept: Sequence[_Block]
    ) -> list[_Block]:
        """What is seen in a window and touches one of the regions; ``kept`` is known already."""
        found = [box for box in self._detect(rgb, window) if _touches(_box(box), regions)]
        blocks = self._blocks_of(rgb, found)
        covered = [_box(box) for box in found] + [block.box for block in kept]
        left, top, right, bottom = (int(edge) for edge in window)
        boxes = second_look.overlooked(
            rgb[top:bottom, left:right],
            [box.moved(-left, -top) for box in covered],
            [block.whole.box.height for block in (*kept, *blocks)],
        )
        seen = [box.moved(left, top) for box in boxes]
        again = [
            DetectedBox(int(b.left), int(b.top), int(b.right), int(b.bottom), SURE_SCORE)
            for b in seen
            if _touches(b, regions)
        ]
        return blocks + [block for block in self._blocks_of(rgb, again) if _is_sure(block)]

    def _detect(self, rgb: Pixels, window: Box) -> list[DetectedBox]:
        """Boxes in screenshot pixels, of what lies in a window."""
        left, top, right, bottom = (int(edge) for edge in window)
        found = self._engine.detect(rgb[top:bottom, left:right], self._scale)
        return [
            DetectedBox(b.left + left, b.top + top, b.right + left, b.bottom + top, b.score)
            for b in found
        ]

    def _blocks_of(self, rgb: Pixels, boxes: Sequence[DetectedBox]) -> list[_Block]:
        inks = [characters.ink_line(rgb[b.top : b.bottom, b.left : b.right]) for b in boxes]
        spans = [_span(box, ink, rgb.shape) for box, ink in zip(boxes, inks, strict=True)]
        read = self._recognise([rgb[top:bottom, left:right] for left, top, right, bottom in spans])
        blocks = (
            _block(box, ink, [char.moved(span[0] - box.left) for char in chars])
            for box, ink, span, chars in zip(boxes, inks, spans, read, strict=True)
        )
        return [block for block in blocks if block is not None]

    def _recognise(self, crops: Sequence[Pixels]) -> list[tuple[CropChar, ...]]:
        """As the engine does it, each distinct crop once."""
        keys = [_key(crop) for crop in crops]
        new = {key: crop for key, crop in zip(keys, crops, strict=True) if key not in self._crops}
        fresh = dict(zip(new, self._engine.recognise(list(new.values())), strict=True))
        results = [fresh[key] if key in fresh else self._crops[key] for key in keys]
        for key, result in zip(keys, results, strict=True):
            self._crops[key] = result
            self._crops.move_to_end(key)
        while len(self._crops) > MAX_REMEMBERED_CROPS:
            self._crops.popitem(last=False)
        return results


def _key(crop: Pixels) -> bytes:
    shape = f"{crop.shape[0]}x{crop.shape[1]}".encode()
    return hashlib.blake2b(crop.tobytes(), digest_size=16, person=shape[:16]).digest()


def _box(found: DetectedBox) -> Box:
    return Box(found.left, found.top, found.right, found.bottom)


def _touches(box: Box, regions: Iterable[Box]) -> bool:
    return any(box.intersection_area(region) > 0 for region in regions)


def _content(rgb: Pixels) -> Box | None:
    """The part of the picture that is not blank, with a margin; None if all of it is."""
    height, width = rgb.shape[:2]
    if min(height, width) < MIN_SIDE:
        return None
    corner = [float(value) for value in rgb[0, 0]]
    differs = cv2.inRange(rgb, np.array(corner), np.array(corner)) == 0
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if rows.size == 0:
        return None
    inked = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return inked.padded(BLANK_MARGIN).clipped(Size(width, height))


def _is_sure(block: _Block) -> bool:
    return min(char.score for char in block.whole.chars) >= SURE_SCORE


def _span(
    found: DetectedBox, ink: characters.InkLine, shape: Sequence[int]
) -> tuple[int, int, int, int]:
    """What the recogniser is shown of a box: its ink and an even margin, in picture pixels.

    The detector's own box moves by a pixel with what is around it; a crop that hangs on the ink
    alone is the same wherever the text stands, and need not be recognised again.
    """
    rows, columns = ink.rows, ink.columns
    if rows is None or columns is None:
        return found.left, found.top, found.right, found.bottom
    margin = 2 + round(CROP_MARGIN * (rows[1] - rows[0]))
    return (
        max(0, found.left + columns[0] - margin),
        max(0, found.top + rows[0] - margin),
        min(shape[1], found.left + columns[1] + margin),
        min(shape[0], found.top + rows[1] + margin),
    )


def _block(found: DetectedBox, ink: characters.InkLine, read: Sequence[CropChar]) -> _Block | None:
    """The lines inside one box of the detector; None when nothing legible is in it."""
    visible = [char for char in read if not char.text.isspace()]
    if not visible or sum(c.score for c in visible) / len(visible) < MIN_SCORE:
        return None
    rows = ink.rows
    if rows is None:
        return None
    em = characters.em_of([char.text for char in visible], rows[1] - rows[0])
    placed = characters.place(read, ink, em)
    runs = splitting.split(placed, em, ink.rules)
    lines = tuple(_line(run, ink, found) for run in runs)
    whole = splitting.joined(placed, em)
    return _Block(_box(found), _line(whole, ink, found), lines)


def _line(
    run: Sequence[characters.PlacedChar], ink: characters.InkLine, found: DetectedBox
) -> TextLine:
    left, right = run[0].left, max(run[0].left + 1, run[-1].right)
    filled = np.flatnonzero(ink.mask[:, left:right].any(axis=1))
    rows = (int(filled[0]), int(filled[-1]) + 1) if filled.size else (0, ink.mask.shape[0])
    chars = tuple(
        Char(char.text, found.left + char.left, found.left + char.right, char.score) for char in run
    )
    drawn = [char.score for char in run if char.text != " "]
    box = Box(found.left + left, found.top + rows[0], found.left + right, found.top + rows[1])
    return TextLine(box, chars, sum(drawn) / len(drawn))


def _assemble(blocks: Sequence[_Block], changed: tuple[Box, ...] | None) -> Reading:
    """All lines in reading order: row by row, from left to right."""
    pairs = [(line, index) for index, block in enumerate(blocks) for line in block.lines]
    pairs = _signs_not_numerals(pairs)
    ordered = _reading_order([line.box for line, _ in pairs])
    return Reading(
        lines=tuple(pairs[i][0] for i in ordered),
        parents=tuple(pairs[i][1] for i in ordered),
        engine_lines=tuple(block.whole for block in blocks),
        changed=changed,
    )


def _signs_not_numerals(pairs: list[tuple[TextLine, int]]) -> list[tuple[TextLine, int]]:
    """Plus, minus and equals where the recogniser saw the Chinese 10, 1 and 2 standing alone.

    A calendar or a list has several such numerals; a lone one is a sign on a key.
    """
    alone = {line.text for line, _ in pairs if line.text in NUMERALS}
    if not alone or alone - set(SIGNS):
        return pairs
    return [(_renamed(line, SIGNS.get(line.text, line.text)), index) for line, index in pairs]


def _renamed(line: TextLine, text: str) -> TextLine:
    if text == line.text:
        return line
    return replace(line, chars=(replace(line.chars[0], text=text),))


def _reading_order(boxes: Sequence[Box]) -> list[int]:
    """Rows of boxes whose middles lie within each other, top to bottom, then left to right."""
    order = sorted(range(len(boxes)), key=lambda i: (boxes[i].top + boxes[i].bottom, i))
    rows: list[list[int]] = []
    for index in order:
        box = boxes[index]
        if rows:
            first = boxes[rows[-1][0]]
            if first.top <= box.centre.y < first.bottom:
                rows[-1].append(index)
                continue
        rows.append([index])
    return [i for row in rows for i in sorted(row, key=lambda i: (boxes[i].left, boxes[i].top))]
