"""From a query to the elements of a scene that it may mean, best first, with the evidence.

Every reading of the query proposes drafts; drafts of one element are merged, ranked together,
and handed out with the `Evidence` that the calibration turns into a probability. Nothing here
decides to abstain. Coordinates are screenshot pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

from qvl_agent.geometry import Box
from qvl_agent.grounding.base import Element, ElementType
from qvl_agent.grounding.embedded import layout
from qvl_agent.grounding.embedded.index import Hit, SceneIndex
from qvl_agent.grounding.embedded.query import Query, Reading, Relation
from qvl_agent.grounding.embedded.scene import Scene
from qvl_agent.grounding.embedded.similarity import TextMatch
from qvl_agent.grounding.embedded.vocabulary import AGREEMENT, INPUT_TYPES, Side

MOST_CANDIDATES = 24
EQUAL = 0.012  # scores closer than this are a draw
_LEAST_SCORE = 0.25
_SAME, _PARTLY_SAME = 0.93, 0.78  # of the best score: what an ordinal counts, and what if need be
_MOST_ANCHORS = 4
_LOOSE_TYPES: frozenset[ElementType] = frozenset(
    ("link", "list_item", "checkbox", "radio", "other", *INPUT_TYPES)
)
_LONG_CAPTION = 24  # characters; a part of a longer one is named for itself
_LABEL_OF_FIELD, _PART_OF_LABEL, _PLAIN_TEXT, _LINK = 0.95, 0.93, 0.985, 0.99
_ROLE = {"drawn": 1.0, "label": 1.0, "name": 0.97, "loose": 0.97, "joined": 0.97}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks for a candidate, in numbers; flags are 0.0 or 1.0.

    Attributes:
        score: what the candidates are ranked by, 0 to 1.
        similarity: of the text, 0 to 1; 0.0 where no text was compared.
        exact: the same characters and nothing else.
        same_case: the same case.
        whole: all of the drawn text, but for decoration.
        bounded: the agreeing part starts and ends where words do.
        share: agreeing part over the whole drawn text, 0 to 1.
        cost: what the differences cost, 1.0 for a wrong letter.
        worst_word: share of the worst word that is wrong, 0 to 1.
        query_length: characters of the text that was looked for.
        drawn_length: characters of the text it was found in.
        has_text: the reading names a text.
        line_score: the OCR engine's score of the line, 0 to 1.
        char_score: its lowest score of an agreeing character, 0 to 1.
        prior: of the reading, 0 to 1.
        literal: the reading is the query as it was given.
        typed: the reading asks for a type.
        type_agreement: 1.0 for the asked type (or none asked), 0.0 for one it cannot be.
        related: the reading has a relation.
        relation: how well the relation holds, 0 to 1; 1.0 without one.
        anchor: score of the anchor, 0 to 1; 1.0 without one.
        counted: the reading has an ordinal.
        is_text, is_field, is_icon, is_toggle: the kind of the element.
        by_label: found by the text beside or above it, not by what is drawn in it.
        by_place: tied to a label here, by position alone.
        joined: the text goes over several lines.
        part: the box is a part of an element's.
        enabled: drawn as enabled.
        equals: how many other candidates score the same.
        margin: score above the best other candidate (negative for all but the first), -1 to 1.
        rivals: how many other candidates come within 0.1 of its score.
        height: of the box over the height of the screen.
    """

    score: float = 0.0
    similarity: float = 0.0
    exact: float = 0.0
    same_case: float = 0.0
    whole: float = 0.0
    bounded: float = 0.0
    share: float = 0.0
    cost: float = 0.0
    worst_word: float = 0.0
    query_length: float = 0.0
    drawn_length: float = 0.0
    has_text: float = 0.0
    line_score: float = 1.0
    char_score: float = 1.0
    prior: float = 1.0
    literal: float = 0.0
    typed: float = 0.0
    type_agreement: float = 1.0
    related: float = 0.0
    relation: float = 1.0
    anchor: float = 1.0
    counted: float = 0.0
    is_text: float = 0.0
    is_field: float = 0.0
    is_icon: float = 0.0
    is_toggle: float = 0.0
    by_label: float = 0.0
    by_place: float = 0.0
    joined: float = 0.0
    part: float = 0.0
    enabled: float = 1.0
    equals: float = 0.0
    margin: float = 0.0
    rivals: float = 0.0
    height: float = 0.0

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The features, in the order of `values`."""
        return tuple(each.name for each in fields(cls))

    def values(self) -> tuple[float, ...]:
        return tuple(getattr(self, name) for name in self.names())


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An element that a query may mean.

    Attributes:
        element: what a caller would get, with its box for this query.
        item: index in `Scene.items`; None for text that is on no item.
        similarity: of the query's text to the element's, 0 to 1.
        evidence: for the calibration.
    """

    element: Element
    item: int | None
    similarity: float
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A candidate before it is compared with the others."""

    element: Element
    item: int | None
    score: float
    evidence: Evidence
    label_box: Box | None = None  # the text outside of a field that names it

    def times(self, factor: float, **changes: float) -> _Draft:
        evidence = replace(self.evidence, **changes) if changes else self.evidence
        return replace(self, score=self.score * factor, evidence=evidence)

    @property
    def box(self) -> Box:
        return self.element.bbox


def match(scene: Scene, query: Query) -> list[Candidate]:
    """The elements ``query`` may mean, best first; ask a `Matcher` for several queries."""
    return Matcher(scene).match(query)


class Matcher:
    """Matches queries against one scene, which it indexes once."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._index = SceneIndex(scene)
        self._memo: dict[Reading, tuple[_Draft, ...]] = {}

    def match(self, query: Query) -> list[Candidate]:
        """The elements ``query`` may mean, best first; equal ones in reading order."""
        drafts: list[_Draft] = []
        for number, reading in enumerate(query.readings):
            for draft in self._drafts(reading):
                literal = float(number == 0)
                drafts.append(draft.times(reading.prior, prior=reading.prior, literal=literal))
        return _candidates(self._scene, drafts)

    # --- one reading ------------------------------------------------------------------------

    def _drafts(self, reading: Reading) -> tuple[_Draft, ...]:
        """What one reading may mean, without its prior."""
        key = replace(reading, prior=1.0)
        if key not in self._memo:
            drafts = self._fitting(reading)
            if reading.relation:
                counted = reading.ordinal is not None
                drafts = self._related(drafts, reading.relation, counted=counted)
            if reading.ordinal is not None:
                drafts = self._counted(drafts, reading, reading.ordinal)
            self._memo[key] = _merged(drafts)
        return self._memo[key]

    def _fitting(self, reading: Reading) -> list[_Draft]:
        """What fits the reading's text, types, states and corner."""
        found = self._by_text(reading) if reading.text else self._by_type(reading)
        return [d for d in (self._with_state(reading, draft) for draft in found) if d]

    def _by_text(self, reading: Reading) -> Iterator[_Draft]:
        for hit in self._index.find(reading.text, exact=reading.exact):
            draft = self._draft_of(hit, reading)
            if draft is None:
                continue
            agreement = _agreement(reading.types, draft.element.element_type)
            if agreement == 0.0 and _asks_for_input(reading.types):
                field = self._field_of(draft)
                if field:
                    yield field
            yield draft.times(_type_factor(reading.types, agreement), type_agreement=agreement)

    def _draft_of(self, hit: Hit, reading: Reading) -> _Draft | None:
        """The element of a hit: the widget, the text, or just the part that agrees."""
        source, found = hit.source, hit.match
        evidence = _text_evidence(hit, reading)
        strength = found.strength * _ROLE[source.role]
        if source.item is None or source.role == "joined":
            return self._text_draft(hit, hit.box, strength, evidence) if hit.box else None
        item = self._scene.items[source.item]
        element = item.element
        is_field = element.element_type in INPUT_TYPES
        if not is_field and source.role in ("label", "name") and item.lines and not found.whole:
            return None  # the same words are found again where they are drawn
        if hit.box is not None and self._is_part(element, hit, reading):
            return self._text_draft(hit, hit.box, strength, replace(evidence, part=1.0))
        by_label = is_field and source.role != "drawn"
        label_box = None
        if by_label and source.role == "label":
            label_box = next((line.box for line in item.lines if line.box in self._labels), None)
        if element.element_type == "text":
            labels_field = element.bbox in self._labels
            strength *= _LABEL_OF_FIELD if labels_field and not reading.types else _PLAIN_TEXT
        elif element.element_type == "link":
            strength *= _LINK
        elif is_field and not found.whole:
            strength *= _PART_OF_LABEL
        evidence = replace(evidence, by_label=float(by_label))
        return _Draft(
            element=element, item=source.item, score=strength, evidence=evidence,
            label_box=label_box,
        )  # fmt: skip

    @property
    def _labels(self) -> frozenset[Box]:
        return self._index.label_boxes

    def _is_part(self, element: Element, hit: Hit, reading: Reading) -> bool:
        """Whether the words stand for themselves and not for the element they are drawn on."""
        kind = element.element_type
        if hit.match.whole:
            return False
        if kind == "text":
            return True
        if kind in reading.types and kind != "link":
            return False
        long = kind in _LOOSE_TYPES or len(hit.source.folded) > _LONG_CAPTION
        return hit.match.share < 0.6 and long

    def _text_draft(self, hit: Hit, box: Box, strength: float, evidence: Evidence) -> _Draft:
        raw = hit.source.folded.raw
        text = raw[hit.match.start : hit.match.end]
        owner = None if hit.source.item is None else self._scene.items[hit.source.item].element
        kind: ElementType = "link" if owner and owner.element_type == "link" else "text"
        element = Element(
            bbox=box, element_type=kind, label=text, text=text, text_bbox=box,
            enabled=owner is None or owner.enabled,
        )  # fmt: skip
        factor = _LABEL_OF_FIELD if box in self._labels else _PLAIN_TEXT
        return _Draft(
            element=element, item=hit.source.item, score=strength * factor, evidence=evidence
        )

    def _field_of(self, label: _Draft) -> _Draft | None:
        """The field that a text names by its place: right of it, or else below it."""
        best: tuple[float, int] | None = None
        for number, item in enumerate(self._scene.items):
            if item.element.element_type not in INPUT_TYPES:
                continue
            far = _label_distance(label.box, item.element.bbox)
            if far is not None and (best is None or far < best[0]):
                best = far, number
        if best is None:
            return None
        element = self._scene.items[best[1]].element
        evidence = replace(label.evidence, by_place=1.0, by_label=1.0)
        score = label.score * 0.9 / (1.0 + 0.02 * best[0])
        return _Draft(
            element=element, item=best[1], score=score, evidence=evidence, label_box=label.box
        )

    def _by_type(self, reading: Reading) -> Iterator[_Draft]:
        """Everything of the asked types; everything that is no text where none is asked."""
        for number, item in enumerate(self._scene.items):
            element = item.element
            agreement = _agreement(reading.types, element.element_type)
            if agreement < (0.5 if reading.relation else 0.8):
                continue
            if not reading.types and not reading.relation and element.element_type == "text":
                continue
            evidence = Evidence(typed=float(bool(reading.types)), type_agreement=agreement)
            score = 0.97 * (0.4 + 0.6 * agreement)
            yield _Draft(element=element, item=number, score=score, evidence=evidence)

    def _with_state(self, reading: Reading, draft: _Draft) -> _Draft | None:
        element, factor = draft.element, 1.0
        if reading.checked is not None and element.checked != reading.checked:
            factor *= 0.7 if element.checked is None else 0.25
        if reading.enabled is not None and element.enabled != reading.enabled:
            factor *= 0.4
        if reading.corner:
            factor *= 0.5 + 0.5 * layout.in_corner(draft.box, reading.corner, self._scene.size)
        return draft.times(factor) if draft.score * factor > _LEAST_SCORE else None

    # --- relations --------------------------------------------------------------------------

    def _related(self, targets: list[_Draft], relation: Relation, *, counted: bool) -> list[_Draft]:
        """The targets on that side of an anchor, nearest first; all alike if to be counted."""
        found: list[_Draft] = []
        for anchor in self._anchors(relation):
            standing = self._standing(targets, anchor, relation)
            for far, target in standing:
                fit = target.evidence.type_agreement
                nearer = sum(
                    1
                    for other, rival in standing
                    if other < far - 0.05 and rival.evidence.type_agreement >= fit - 0.05
                )
                holds = 1.0 if counted else 1.0 / (1.0 + 0.35 * nearer)
                holds /= 1.0 + (0.0 if counted else 0.04 * far)
                factor = holds * (0.5 + 0.5 * anchor.score)
                found.append(target.times(factor, related=1.0, relation=holds, anchor=anchor.score))
        return found

    def _anchors(self, relation: Relation) -> list[_Draft]:
        drafts = [
            draft.times(reading.prior)
            for reading in relation.anchors
            for draft in self._drafts(reading)
        ]
        ranked = sorted(_merged(drafts), key=lambda d: -d.score)[:_MOST_ANCHORS]
        return [d for d in ranked if d.score > 0.55 and d.score > 0.75 * ranked[0].score]

    def _standing(
        self, targets: Sequence[_Draft], anchor: _Draft, relation: Relation
    ) -> list[tuple[float, _Draft]]:
        """The targets that stand as asked, with their distances in anchor heights."""
        if relation.side == "inside":
            members = self._inside(anchor)
            return [(0.0, d) for d in targets if d.item in members and d.item != anchor.item]
        named = bool(anchor.evidence.typed)  # "the Email field", not just "Email"
        box = anchor.box if named or anchor.label_box is None else anchor.label_box
        width = box.union(anchor.box)
        standing = []
        for target in targets:
            if target.item is not None and target.item == anchor.item:
                far = 0.0 if self._stands_by_its_label(anchor, target, relation.side) else None
            else:
                far = layout.side_distance(relation.side, target.box, box, width)
            if far is not None:
                standing.append((far, target))
        return standing

    def _stands_by_its_label(self, anchor: _Draft, target: _Draft, side: Side) -> bool:
        """Whether "next to X" may mean the box that X itself is the label of."""
        if not target.evidence.typed or anchor.evidence.typed or target.item is None:
            return False
        item = self._scene.items[target.item]
        if target.element.element_type in INPUT_TYPES:
            label, box = anchor.label_box, target.box
        elif target.element.element_type in ("checkbox", "radio"):
            label, box = item.element.text_bbox, item.control or target.box
        else:
            return False
        if label is None:
            return False
        return side == "near" or layout.side_distance(side, box, label, label) is not None

    def _inside(self, anchor: _Draft) -> frozenset[int]:
        """What is inside the element, or else under the title."""
        items = self._scene.items
        held = [
            number
            for number, item in enumerate(items)
            if number != anchor.item
            and (
                (item.container is not None and item.container == anchor.item)
                or (
                    item.element.bbox.area < anchor.box.area
                    and anchor.box.contains_box(item.element.bbox, slack=2)
                )
            )
        ]
        if len(held) > 1:
            return frozenset(held)
        numbers = [number for number in range(len(items)) if number != anchor.item]
        return frozenset(
            layout.under_title(anchor.box, numbers, lambda number: items[number].element.bbox)
        )

    # --- ordinals ---------------------------------------------------------------------------

    def _counted(self, drafts: list[_Draft], reading: Reading, ordinal: int) -> list[_Draft]:
        """The one with that number in reading order."""
        best = max((draft.score for draft in drafts), default=0.0)
        merged = _without_labels(_merged(drafts))
        alike = [draft for draft in merged if draft.score > _SAME * best]
        if reading.text and abs(ordinal) > len(alike):
            alike = [draft for draft in merged if draft.score > _PARTLY_SAME * best]
        if not reading.text and "list_item" in reading.types:
            alike = self._rows(alike, reading)
        ordered = [d for row in layout.rows(alike, lambda d: d.box) for d in row]
        at = ordinal - 1 if ordinal > 0 else len(ordered) + ordinal
        if not 0 <= at < len(ordered):
            return []
        return [ordered[at].times(0.98, counted=1.0)]

    def _rows(self, drafts: list[_Draft], reading: Reading) -> list[_Draft]:
        """One draft per row: list rows where the scene has them, else rows of what is there."""
        if reading.relation is not None:
            drafts = self._region(reading.relation) or drafts
            return [_row(row) for row in _without_header(layout.rows(drafts, lambda d: d.box))]
        listed = [d for d in drafts if d.element.element_type == "list_item"]
        if listed:
            alone = layout.rows(_largest_list(listed, self._scene), lambda d: d.box)
            return [row[0] for row in alone]
        everything = [self._plain(n, 0.8) for n in range(len(self._scene.items))]
        listing = layout.longest_list(everything, lambda d: d.box)
        return [_row(row).times(0.9) for row in _without_header(listing)]

    def _plain(self, number: int, score: float) -> _Draft:
        element = self._scene.items[number].element
        evidence = Evidence(typed=1.0, type_agreement=0.8)
        return _Draft(element=element, item=number, score=score, evidence=evidence)

    def _region(self, relation: Relation) -> list[_Draft]:
        """Every item in the region of the best anchor, list rows if there are any."""
        for anchor in self._anchors(relation):
            drafts = [
                self._plain(number, 0.85 * anchor.score).times(
                    1.0, related=1.0, anchor=anchor.score
                )
                for number in sorted(self._inside(anchor))
            ]
            listed = [d for d in drafts if d.element.element_type == "list_item"]
            if drafts:
                return listed or drafts
        return []


def _without_labels(drafts: Sequence[_Draft]) -> list[_Draft]:
    """A label and the field it names count once, as the field."""
    labels = {draft.label_box for draft in drafts if draft.label_box}
    return [draft for draft in drafts if draft.box not in labels]


def _row(cells: Sequence[_Draft]) -> _Draft:
    """The row that these stand on."""
    if len(cells) == 1:
        return cells[0]
    box = cells[0].box
    for cell in cells[1:]:
        box = box.union(cell.box)
    text = " ".join(cell.element.text for cell in cells if cell.element.text)
    element = Element(bbox=box, element_type="list_item", label=text, text=text)
    return replace(cells[0], element=element, item=None)


def _without_header(table: list[list[_Draft]]) -> list[list[_Draft]]:
    """The rows below a title and a header: from where three rows hold the same kinds of things."""
    kinds = [_kinds(row) for row in table]
    for first in range(min(3, len(table) - 2)):
        if kinds[first] == kinds[first + 1] == kinds[first + 2]:
            return table[first:]
    return table


def _kinds(row: Sequence[_Draft]) -> tuple[tuple[bool, bool], ...]:
    """What kind of things a row holds: text or not, with digits or without."""
    return tuple(
        (d.element.element_type in ("text", "link"), any(c.isdigit() for c in d.element.text))
        for d in row
    )


# --- scores and evidence --------------------------------------------------------------------


def _agreement(types: Sequence[ElementType], drawn: ElementType) -> float:
    """How well a drawn type fits the asked ones, the first of which counts most."""
    if not types:
        return 1.0
    found = 0.0
    for asked in types:
        fit = 1.0 if asked == drawn else AGREEMENT.get(asked, {}).get(drawn, 0.0)
        found = max(found, fit if asked == types[0] else min(fit, 0.98))
    return found


def _type_factor(types: Sequence[ElementType], agreement: float) -> float:
    if not types:
        return 1.0
    if agreement == 0.0:
        return 0.4 if _asks_for_input(types) else 0.5
    return 0.8 + 0.2 * agreement


def _asks_for_input(types: Sequence[ElementType]) -> bool:
    return bool(types) and types[0] in INPUT_TYPES


def _label_distance(label: Box, field: Box) -> float | None:
    """How far a field is from the text that may name it, in text heights."""
    unit = max(label.height, 1.0)
    if layout.same_row(label, field) and field.left >= label.right - unit:
        far = (field.left - label.right) / unit
        return far if far < 25 else None
    if layout.same_column(label, field) and field.top >= label.bottom - 0.5 * unit:
        far = (field.top - label.bottom) / unit
        return 2.0 + 4 * far if far < 2.5 else None
    return None


def _text_evidence(hit: Hit, reading: Reading) -> Evidence:
    found: TextMatch = hit.match
    return Evidence(
        similarity=found.similarity,
        exact=float(found.exact),
        same_case=float(found.same_case),
        whole=float(found.whole),
        bounded=float(found.bounded),
        share=found.share,
        cost=found.cost,
        worst_word=found.worst,
        query_length=float(len(reading.text)),
        drawn_length=float(len(hit.source.folded.raw)),
        has_text=1.0,
        line_score=hit.line_score,
        char_score=hit.least_char_score,
        typed=float(bool(reading.types)),
        joined=float(hit.source.role == "joined"),
    )


def _largest_list(drafts: list[_Draft], scene: Scene) -> list[_Draft]:
    """The rows of the container that holds most of them."""
    groups: dict[int | None, list[_Draft]] = {}
    for draft in drafts:
        container = None if draft.item is None else scene.items[draft.item].container
        groups.setdefault(container, []).append(draft)
    return max(groups.values(), key=len, default=[])


def _target(draft: _Draft) -> tuple[object, ...]:
    box = draft.box
    return draft.item, draft.element.element_type, *(round(value) for value in box)


def _merged(drafts: Iterable[_Draft]) -> tuple[_Draft, ...]:
    """The best draft of each target."""
    best: dict[tuple[object, ...], _Draft] = {}
    for draft in drafts:
        key = _target(draft)
        if key not in best or draft.score > best[key].score:
            best[key] = draft
    return tuple(best.values())


def _candidates(scene: Scene, drafts: Iterable[_Draft]) -> list[Candidate]:
    """Ranked, without what says the same as a better one, each with its final evidence."""
    kept = [d for d in _merged(drafts) if d.score > _LEAST_SCORE]
    kept.sort(key=lambda d: -d.score)
    distinct: list[_Draft] = []
    for draft in kept:
        if len(distinct) >= MOST_CANDIDATES:
            break
        if not any(_same_place(draft, better) for better in distinct):
            distinct.append(draft)
    ordered = _ties_in_reading_order(distinct)
    return [_candidate(scene, draft, ordered) for draft in ordered]


def _same_place(draft: _Draft, better: _Draft) -> bool:
    """Whether a click on either lands on the other: one is drawn on the other."""
    return (
        draft.box.contains(better.box.centre) and better.box.contains(draft.box.centre)
    ) or draft.box.iou(better.box) > 0.6


def _ties_in_reading_order(drafts: list[_Draft]) -> list[_Draft]:
    ordered: list[_Draft] = []
    while drafts:
        top = [d for d in drafts if d.score >= drafts[0].score - 1e-6]
        ordered.extend(d for row in layout.rows(top, lambda d: d.box) for d in row)
        drafts = drafts[len(top) :]
    return ordered


def _candidate(scene: Scene, draft: _Draft, drafts: Sequence[_Draft]) -> Candidate:
    element = replace(draft.element, bbox=draft.box.clipped(scene.size))
    others = [d.score for d in drafts if d is not draft]
    kind = element.element_type
    evidence = replace(
        draft.evidence,
        score=draft.score,
        is_text=float(kind in ("text", "link")),
        is_field=float(kind in INPUT_TYPES),
        is_icon=float(kind == "icon"),
        is_toggle=float(kind in ("checkbox", "radio")),
        enabled=float(element.enabled),
        equals=float(sum(abs(score - draft.score) < EQUAL for score in others)),
        margin=draft.score - max(others, default=0.0),
        rivals=float(sum(score > draft.score - 0.1 for score in others)),
        height=element.bbox.height / scene.size.height,
    )
    return Candidate(
        element=element,
        item=draft.item,
        similarity=min(1.0, draft.evidence.similarity or draft.score),
        evidence=evidence,
    )
