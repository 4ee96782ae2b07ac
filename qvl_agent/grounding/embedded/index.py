"""Where on a scene a text is drawn: in an item, in a part of a line, over neighbouring lines.

Built once for a scene and asked many times. Coordinates are screenshot pixels. It knows text
and neighbourhood only; what a query means is the matching's work.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from qvl_agent.geometry import Box
from qvl_agent.grounding.embedded.scene import Item, Scene, TextLine
from qvl_agent.grounding.embedded.similarity import Folded, TextMatch, compare, fold
from qvl_agent.grounding.embedded.vocabulary import INPUT_TYPES

Role = Literal["drawn", "label", "name", "loose", "joined"]

_MOST_COMPARED = 3000
_MOST_ALIGNED = 24
_MOST_JOINED = 4  # lines that one phrase may be spread over
_SEAM_STARTS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A text of the scene that a query may name.

    Attributes:
        folded: the text, ready to be compared.
        role: "drawn" in the item, its "label", another "name" of it, on no item ("loose"), or
            "joined" from lines of several items.
        item: index in `Scene.items`; None for loose text.
        pieces: the lines it consists of, in order, with a blank between; empty where nobody
            knows where it is drawn.
    """

    folded: Folded
    role: Role
    item: int | None
    pieces: tuple[TextLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A source that agrees with a text, and where: ``box`` of the agreeing part, if known."""

    source: Source
    match: TextMatch
    box: Box | None

    @property
    def line_score(self) -> float:
        return min((piece.score for piece in self.source.pieces), default=1.0)

    @property
    def least_char_score(self) -> float:
        """The lowest score of a character in the agreeing part; 1.0 where nothing is known."""
        scores = [
            char.score
            for piece, start, end in _spans(self.source.pieces, self.match.start, self.match.end)
            for char in piece.chars[start:end]
            if not char.text.isspace()
        ]
        return min(scores, default=1.0)


class SceneIndex:
    """Finds texts on one scene."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._sources: list[Source] = []
        self._grams: defaultdict[str, list[int]] = defaultdict(list)
        self._found: dict[tuple[str, bool], tuple[Hit, ...]] = {}
        for source in _sources(scene):
            self._add(source)
        self._lines = [s for s in self._sources if len(s.pieces) == 1]
        boxes = [tuple(s.pieces[0].box) for s in self._lines] or [(0.0, 0.0, 0.0, 0.0)]
        self._boxes = np.array(boxes, dtype=np.float64)
        self._next: dict[int, tuple[int, ...]] = {}
        self.label_boxes = frozenset(_outer_labels(scene.items))

    def _add(self, source: Source) -> None:
        number = len(self._sources)
        self._sources.append(source)
        for gram in _grams(source.folded.classes):
            self._grams[gram].append(number)

    def find(self, text: str, *, exact: bool = False) -> tuple[Hit, ...]:
        """Where ``text`` is, strongest first; ``exact`` leaves out parts and misreadings."""
        if (text, exact) not in self._found:
            hits = self._search(fold(text), exact)
            self._found[text, exact] = tuple(sorted(hits, key=lambda h: -h.match.strength))
        return self._found[text, exact]

    def _search(self, wanted: Folded, exact: bool) -> list[Hit]:
        if not wanted.chars:
            return []
        hits, alignments = [], 0
        for source in self._likely(wanted):
            fuzzy = not exact and alignments < _MOST_ALIGNED
            match = compare(wanted, source.folded, fuzzy=fuzzy)
            if match is None or match.cost > 0.5:
                alignments += fuzzy
            if match and (not exact or (match.whole and match.similarity > 0.9)):
                hits.append(Hit(source=source, match=match, box=_box(source, match)))
        if max((h.match.strength for h in hits if h.match.bounded), default=0.0) < 0.8:
            hits.extend(self._joined(wanted))
        return hits

    def _likely(self, wanted: Folded) -> Iterator[Source]:
        """Sources that share enough with the text to be worth comparing, most alike first."""
        grams = _grams(wanted.classes[slice(*wanted.core)])
        if len(grams) > 1:
            grams = {gram for gram in grams if len(gram) > 1}
        shared = Counter(number for gram in grams for number in self._grams.get(gram, ()))
        least = max(1.0, 0.35 * len(grams))
        for number, count in shared.most_common(_MOST_COMPARED):
            if count < least:
                return
            yield self._sources[number]

    # --- phrases that go over several lines -------------------------------------------------

    def _joined(self, wanted: Folded) -> Iterator[Hit]:
        """The text where the reading split it: over a row's neighbours, or a wrapped line."""
        if len(wanted) < 4:
            return
        starts = (n for n, s in enumerate(self._lines) if _may_start(wanted, s.folded))
        for count, first in enumerate(starts):
            if count >= _SEAM_STARTS:
                return
            for chain in self._chains((first,), len(wanted)):
                hit = self._over_seams(wanted, [self._lines[number] for number in chain])
                if hit:
                    yield hit

    def _chains(self, chain: tuple[int, ...], length: int) -> Iterator[tuple[int, ...]]:
        if len(chain) > 1:
            yield chain
        held = sum(len(self._lines[number].folded) for number in chain[1:])
        if len(chain) < _MOST_JOINED and held < length:
            for following in self._neighbours(chain[-1]):
                if following not in chain:
                    yield from self._chains((*chain, following), length)

    def _over_seams(self, wanted: Folded, sources: Sequence[Source]) -> Hit | None:
        pieces = tuple(source.pieces[0] for source in sources)
        joined = Source(
            folded=fold(_text(pieces)), role="joined", item=sources[0].item, pieces=pieces
        )
        match = compare(wanted, joined.folded, fuzzy=False)
        if match is None or not match.bounded or match.similarity < 0.85:
            return None
        used = list(_spans(pieces, match.start, match.end))
        spread = len(used) == len(pieces)
        return Hit(source=joined, match=match, box=_box(joined, match)) if spread else None

    def _neighbours(self, number: int) -> tuple[int, ...]:
        """The line that follows on the same row, and the one that a wrapped text goes on in."""
        if number not in self._next:
            left, top, right, bottom = self._boxes[number]
            lefts, tops, rights, bottoms = self._boxes.T
            height = max(bottom - top, 1.0)
            overlap = np.minimum(bottoms, bottom) - np.maximum(tops, top)
            alike = np.abs((bottoms - tops) - height) < 0.5 * height
            gap = lefts - right
            beside = alike & (overlap > 0.5 * height) & (gap > -0.3 * height) & (gap < 2.0 * height)
            step = tops - bottom
            starts = np.abs(lefts - left) < 2.0 * height
            centred = np.abs((lefts + rights) - (left + right)) < 3.0 * height
            below = alike & (step > -0.4 * height) & (step < 1.0 * height) & (starts | centred)
            below &= tops > top + 0.4 * height
            wrapped = alike & (step > -0.4 * height) & (step < 0.8 * height) & (lefts < left)
            wrapped &= tops > top + 0.4 * height
            found = [_first(beside, gap), _first(below, step), _first(wrapped, step + lefts * 1e-3)]
            self._next[number] = tuple(dict.fromkeys(n for n in found if n not in (None, number)))
        return self._next[number]


def _first(flags: np.ndarray, order: np.ndarray) -> int | None:
    chosen = np.flatnonzero(flags)
    return int(chosen[np.argmin(order[chosen])]) if len(chosen) else None


def _may_start(wanted: Folded, line: Folded) -> bool:
    """Whether the end of the line is the start of the text."""
    if not line.classes or wanted.classes[0] not in line.classes:
        return False
    longest = min(len(line), len(wanted) - 1)
    return any(wanted.classes.startswith(line.classes[-size:]) for size in range(1, longest + 1))


def _grams(text: str) -> set[str]:
    """The single characters of a text and its pairs."""
    return {text[i : i + 2] for i in range(len(text) - 1)} | set(text)


def _text(pieces: Iterable[TextLine]) -> str:
    return " ".join(piece.text for piece in pieces)


def _spans(pieces: Sequence[TextLine], start: int, end: int) -> Iterator[tuple[TextLine, int, int]]:
    """Which characters of which piece are ``start:end`` of their joined text."""
    offset = 0
    for piece in pieces:
        length = len(piece.text)
        first, last = max(start - offset, 0), min(end - offset, length)
        if first < last:
            yield piece, first, last
        offset += length + 1


def _box(source: Source, match: TextMatch) -> Box | None:
    """The box of the agreeing part: whole lines where it is all of them."""
    found: Box | None = None
    for piece, start, end in _spans(source.pieces, match.start, match.end):
        box = piece.box if match.whole and source.role != "joined" else _part(piece, start, end)
        found = box if found is None else found.union(box)
    return found


def _part(piece: TextLine, start: int, end: int) -> Box:
    if len(piece.chars) != len(piece.text) or (start, end) == (0, len(piece.chars)):
        return piece.box
    left = min(char.left for char in piece.chars[start:end])
    right = max(char.right for char in piece.chars[start:end])
    return Box(left, piece.box.top, right, piece.box.bottom)


def _sources(scene: Scene) -> Iterator[Source]:
    seen: set[tuple[float, ...]] = set()
    for number, item in enumerate(scene.items):
        for source in _item_sources(number, item):
            seen.update(tuple(piece.box) for piece in source.pieces)
            yield source
    for line in scene.lines:
        if tuple(line.box) not in seen:
            yield Source(folded=fold(line.text), role="loose", item=None, pieces=(line,))


def _item_sources(number: int, item: Item) -> Iterator[Source]:
    element = item.element
    drawn = item.lines
    if element.element_type in INPUT_TYPES:
        drawn = tuple(line for line in drawn if _inside(line.box, element.bbox))
    known: set[str] = set()
    groups = [(line,) for line in drawn] + ([drawn] if len(drawn) > 1 else [])
    for pieces in groups:
        folded = fold(_text(pieces))
        known.add(folded.chars)
        yield Source(folded=folded, role="drawn", item=number, pieces=tuple(pieces))
    roles: tuple[tuple[Role, str], ...] = (
        ("label", element.label), ("name", element.text), *(("name", n) for n in item.names),
    )  # fmt: skip
    for role, text in roles:
        folded = fold(text)
        if folded.chars and folded.chars not in known:
            known.add(folded.chars)
            yield Source(folded=folded, role=role, item=number)


def _outer_labels(items: Iterable[Item]) -> Iterator[Box]:
    """Boxes of lines that name a field from outside of it."""
    for item in items:
        if item.element.element_type in INPUT_TYPES:
            for line in item.lines:
                if not _inside(line.box, item.element.bbox):
                    yield line.box


def _inside(inner: Box, outer: Box) -> bool:
    return outer.contains(inner.centre)
