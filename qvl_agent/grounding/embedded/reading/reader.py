"""The reader: a picture to its lines of text; the next picture only where it differs."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from qvl_agent.geometry import Box
from qvl_agent.grounding.embedded.reading import changes, characters, second_look, splitting
from qvl_agent.grounding.embedded.reading.engine import CropChar, DetectedBox, OcrEngine, Pixels
from qvl_agent.grounding.embedded.scene import Char, TextLine

MAX_REMEMBERED_CROPS = 4096  # about one full screen of small text ten times over
MIN_SCORE = 0.5  # rapidocr's own limit for a line; below it the text is noise
SURE_SCORE = 0.8  # of every character that only the second look saw: icons score below it
MIN_SIDE = 4  # px: nothing legible fits into less
SHORT_SIDE = 736  # px: rapidocr enlarges smaller pictures to this for its detector
LONG_SIDE = 2000  # px: and shrinks larger ones to this
MAX_ENLARGE = 2.0  # a small dialog is not blown up beyond this
SIGNS = {"十": "+", "一": "-", "二": "="}
NUMERALS = frozenset("一二三四五六七八九十日")
REREAD_SHARE = 0.4  # of the picture: with more than this changed, everything is read again


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
        if regions is not None and not regions:
            return replace(self._reading, changed=())
        blocks = self._reread(rgb, regions) if regions is not None else self._read_all(rgb)
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
        """Where the picture differs from the last one; None: everywhere."""
        if self._last is None or self._last.shape != rgb.shape:
            return None
        regions = changes.changed_regions(self._last, rgb)
        regions = changes.grown(regions, [block.box for block in self._blocks], rgb.shape)
        area = sum(region.area for region in regions)
        return None if area > REREAD_SHARE * rgb.shape[0] * rgb.shape[1] else regions

    def _read_all(self, rgb: Pixels) -> list[_Block]:
        found = self._detect(rgb, None)
        blocks = self._blocks_of(rgb, found)
        return blocks + self._overlooked(rgb, None, [_box(box) for box in found], blocks)

    def _overlooked(
        self, rgb: Pixels, region: Box | None, covered: Sequence[Box], blocks: Sequence[_Block]
    ) -> list[_Block]:
        """What the detector missed, in the whole picture or touching a region of it."""
        if min(rgb.shape[:2]) < MIN_SIDE:
            return []
        left, top, right, bottom = (
            changes.window(region, rgb.shape, 1.0) if region
            else (0, 0, rgb.shape[1], rgb.shape[0])
        )
        boxes = second_look.overlooked(
            rgb[top:bottom, left:right],
            [box.moved(-left, -top) for box in covered],
            [block.whole.box.height for block in blocks],
        )
        found = [DetectedBox(*(int(v) for v in box.moved(left, top)), SURE_SCORE) for box in boxes]
        found = [box for box in found if region is None or _touches(_box(box), [region])]
        return [
            block for block in self._blocks_of(rgb, found)
            if min(char.score for char in block.whole.chars) >= SURE_SCORE
        ]

    def _reread(self, rgb: Pixels, regions: Sequence[Box]) -> list[_Block]:
        kept = [block for block in self._blocks if not _touches(block.box, regions)]
        for region in regions:
            found = [box for box in self._detect(rgb, region) if _touches(_box(box), [region])]
            fresh = self._blocks_of(rgb, found)
            covered = [_box(box) for box in found] + [block.box for block in kept]
            kept += fresh + self._overlooked(rgb, region, covered, kept + fresh)
        return kept

    def _detect(self, rgb: Pixels, region: Box | None) -> list[DetectedBox]:
        """Boxes in screenshot pixels, of the whole picture or of a region and its margin."""
        height, width = rgb.shape[:2]
        if min(height, width) < MIN_SIDE:
            return []
        scale = _detection_scale(height, width)
        window = changes.window(region, rgb.shape, scale) if region else _content(rgb)
        if window is None:
            return []
        left, top, right, bottom = window
        found = self._engine.detect(rgb[top:bottom, left:right], scale)
        return [
            DetectedBox(b.left + left, b.top + top, b.right + left, b.bottom + top, b.score)
            for b in found
        ]

    def _blocks_of(self, rgb: Pixels, boxes: Sequence[DetectedBox]) -> list[_Block]:
        crops = [rgb[b.top : b.bottom, b.left : b.right] for b in boxes]
        read = self._recognise(crops)
        blocks = (_block(box, crop, chars)
                  for box, crop, chars in zip(boxes, crops, read, strict=True))
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


def _detection_scale(height: int, width: int) -> float:
    short, long = min(height, width), max(height, width)
    if long > LONG_SIDE:
        return LONG_SIDE / long
    return min(MAX_ENLARGE, SHORT_SIDE / short, LONG_SIDE / long) if short < SHORT_SIDE else 1.0


def _content(rgb: Pixels) -> tuple[int, int, int, int] | None:
    """The part of the picture that is not blank: left, top, right, bottom; None if none is."""
    height, width = rgb.shape[:2]
    differs = (rgb != rgb[0, 0]).any(axis=2)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if rows.size == 0:
        return None
    margin = 16
    return (
        max(0, int(columns[0]) - margin), max(0, int(rows[0]) - margin),
        min(width, int(columns[-1]) + 1 + margin), min(height, int(rows[-1]) + 1 + margin),
    )


def _block(found: DetectedBox, crop: Pixels, read: Sequence[CropChar]) -> _Block | None:
    """The lines inside one box of the detector; None when nothing legible is in it."""
    visible = [char for char in read if not char.text.isspace()]
    if not visible or sum(c.score for c in visible) / len(visible) < MIN_SCORE:
        return None
    ink = characters.ink_line(crop)
    rows = ink.rows
    if rows is None:
        return None
    em = characters.em_of([char.text for char in visible], rows[1] - rows[0])
    placed = characters.place(read, ink, em)
    runs = splitting.split(placed, em, ink.rules)
    lines = tuple(_line(run, ink, found) for run in runs)
    whole = splitting.joined(placed, em)
    return _Block(_box(found), _line(whole, ink, found), lines)


def _line(run: Sequence[characters.PlacedChar], ink: characters.InkLine, found: DetectedBox
          ) -> TextLine:
    left, right = run[0].left, max(run[0].left + 1, run[-1].right)
    filled = np.flatnonzero(ink.mask[:, left:right].any(axis=1))
    rows = (int(filled[0]), int(filled[-1]) + 1) if filled.size else (0, ink.mask.shape[0])
    chars = tuple(
        Char(char.text, found.left + char.left, found.left + char.right, char.score)
        for char in run
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
    """"+", "-" and "=" where the recogniser saw the Chinese 10, 1 and 2 standing alone.

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
