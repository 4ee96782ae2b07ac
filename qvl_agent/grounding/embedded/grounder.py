"""The embedded grounder: reads the picture, builds a scene, and finds in it what is named."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from qvl_agent.errors import TargetNotFound
from qvl_agent.grounding.base import Element, ElementType, Grounding
from qvl_agent.grounding.calibration import load_calibrator
from qvl_agent.grounding.embedded.assembly import build_scene
from qvl_agent.grounding.embedded.evidence import element_features, features
from qvl_agent.grounding.embedded.matching import Candidate, Matcher
from qvl_agent.grounding.embedded.query import parse_query
from qvl_agent.grounding.embedded.reading import Reader
from qvl_agent.grounding.embedded.scene import Scene
from qvl_agent.screenshot import Screenshot

MODEL_VERSION = "embedded-pixels-1 (PP-OCRv6 small)"
# Alternatives are named when they are about as good; nearest candidates when nothing is.
ABOUT_AS_GOOD = 0.012
MOST_ALTERNATIVES = 8
MOST_CANDIDATES = 5


class EmbeddedGrounder:
    """Finds what is written on a screen, and the fields and marks that writing names.

    Needs no model weights beyond the OCR's own. Keeps the last picture it saw, so that the next
    look works on the changed pixels only; `forget` wipes it. Safe to call from several threads;
    give every session a grounder of its own.

    Args:
        threshold: probability under which it abstains; None for the fitted one.
    """

    def __init__(self, *, threshold: float | None = None) -> None:
        self._reader = Reader()
        self._by_query = load_calibrator("embedded-query")
        self._by_element = load_calibrator("embedded-element")
        self._threshold = self._by_query.threshold if threshold is None else threshold
        self._lock = threading.Lock()
        self._matcher: Matcher | None = None
        self._scene: Scene | None = None

    @property
    def model_version(self) -> str:
        return MODEL_VERSION

    def locate(
        self, shot: Screenshot, query: str, *, element_type: ElementType | None = None
    ) -> Grounding:
        """The element that ``query`` names; ``bbox`` in screenshot pixels.

        Raises:
            TargetNotFound: nothing on the screen is likely to be it; has the nearest candidates.
            QueryError: the query is empty, too long or holds control characters.
        """
        found = self._candidates(shot, query, element_type)
        answer = self._answer(query, found)
        if answer is None:
            raise _not_found(query, found)
        return answer

    def ground(self, shot: Screenshot, queries: Sequence[str]) -> list[Grounding | None]:
        """Several queries in one look; None where nothing on the screen is it.

        Raises:
            QueryError: a query is empty, too long or holds control characters.
        """
        return [self._answer(query, self._candidates(shot, query, None)) for query in queries]

    def detect(self, shot: Screenshot) -> list[Element]:
        """Every element it can see, in reading order; boxes in screenshot pixels."""
        scene, _ = self._look(shot)
        probability = self._by_element.probability
        return [
            replace(item.element, confidence=round(probability(element_features(item)), 4))
            for item in scene.items
        ]

    def scene(self, shot: Screenshot) -> Scene:
        """All that one look gives, for those who build on it."""
        return self._look(shot)[0]

    def forget(self) -> None:
        """Wipe the pixels that were kept and drop everything that was read."""
        with self._lock:
            self._reader.forget()
            self._scene = self._matcher = None

    def _look(self, shot: Screenshot) -> tuple[Scene, Matcher]:
        """The scene of a picture; the last one again where no pixel has changed."""
        with self._lock:
            reading = self._reader.read(shot.rgb)
            scene, matcher = self._scene, self._matcher
            if scene is None or matcher is None or reading.changed != ():
                self._scene = self._matcher = None  # of another picture, should this one fail
                scene = build_scene(shot.rgb, reading.lines)
                matcher = Matcher(scene)
                self._scene, self._matcher = scene, matcher
            return scene, matcher

    def _candidates(
        self, shot: Screenshot, query: str, element_type: ElementType | None
    ) -> list[tuple[Candidate, float]]:
        """Candidates with their probabilities, best first."""
        parsed = parse_query(query, element_type)
        scene, matcher = self._look(shot)
        probability = self._by_query.probability
        found = [aimed(each, scene) for each in matcher.match(parsed)]
        return [(each, probability(features(each))) for each in found]

    def _answer(self, query: str, found: list[tuple[Candidate, float]]) -> Grounding | None:
        if not found or found[0][1] < self._threshold:
            return None
        best, probability = found[0]
        # A count among neighbours ("the second item of the task list") was not in the fitting
        # set, and what was not measured has no number.
        unmeasured = best.evidence.counted and best.evidence.related
        confidence = None if unmeasured else round(probability, 4)
        element = replace(best.element, confidence=confidence)
        rivals = [each for each in found[1:] if _about_as_good(each[0], best)]
        return Grounding(
            **_as_dict(element),
            query=query,
            alternatives=tuple(
                replace(other.element, confidence=round(chance, 4))
                for other, chance in rivals[:MOST_ALTERNATIVES]
            ),
        )


def aimed(candidate: Candidate, scene: Scene) -> Candidate:
    """The candidate with the box to act on: of a check box the mark itself where a check box
    was asked for, and the words where only they were. Between the two may be nothing at all.
    Words to the left of their mark are a form's label, which takes no click.
    """
    if candidate.item is None or candidate.evidence.part:
        return candidate
    control, element = scene.items[candidate.item].control, candidate.element
    if control is None or element.text_bbox is None:
        return candidate
    label_of_form = element.text_bbox.right <= control.left
    box = control if candidate.evidence.typed or label_of_form else element.text_bbox
    return replace(candidate, element=replace(element, bbox=box))


def _about_as_good(other: Candidate, best: Candidate) -> bool:
    return other.evidence.score >= best.evidence.score - ABOUT_AS_GOOD


def _as_dict(element: Element) -> dict[str, Any]:
    return {each.name: getattr(element, each.name) for each in fields(Element)}


def _not_found(query: str, found: list[tuple[Candidate, float]]) -> TargetNotFound:
    nearest = [
        replace(each.element, confidence=round(chance, 4))
        for each, chance in found[:MOST_CANDIDATES]
    ]
    names = ", ".join(repr(each.label) for each in nearest[:3])
    return TargetNotFound(
        f"nothing on the screen is {query!r}",
        hint=f"nearest: {names}" if names else "nothing like it is written there",
        candidates=nearest,
    )
