"""What the calibrators see of a candidate: the matching's evidence and a few products of it.

The products let a linear model say that a wrong letter weighs more in a short word, and that a
part of a line is only good if it is bounded.
"""

from __future__ import annotations

import math
from dataclasses import fields

from qvl_agent.grounding.base import Element
from qvl_agent.grounding.embedded.matching import Candidate, Evidence
from qvl_agent.grounding.embedded.scene import Item
from qvl_agent.grounding.embedded.vocabulary import INPUT_TYPES

# Counts without a bound, which a linear model reads badly, and what is said again below.
_LEFT_OUT = (
    "anchor",
    "relation",
    "query_length",
    "drawn_length",
    "equals",
    "rivals",
    "margin",
    "height",
    "bounded",
    "share",
)
_NAMES = tuple(each.name for each in fields(Evidence))


def features(candidate: Candidate) -> dict[str, float]:
    """Named features of a candidate for the calibrator ``embedded-query``."""
    found = {name: float(getattr(candidate.evidence, name)) for name in _NAMES}
    length = max(found["query_length"], 1.0)
    found["log_length"] = math.log(length)
    found["short"] = float(length <= 3)
    found["wrong_share"] = found["cost"] / length
    found["tie"] = float(found["equals"] > 0)
    found["unbounded_part"] = (1 - found["whole"]) * (1 - found["bounded"])
    found["small_share"] = (1 - found["whole"]) * (1 - found["share"])
    found["tight_margin"] = math.exp(-12 * max(found["margin"], 0.0))
    for name in _LEFT_OUT:
        del found[name]
    return found


def element_features(item: Item) -> dict[str, float]:
    """Named features of an element nobody asked for, for ``embedded-element``."""
    element: Element = item.element
    scores = [line.score for line in item.lines]
    letters = [char.score for line in item.lines for char in line.chars]
    return {
        "line_score": min(scores, default=0.0),
        "char_score": min(letters, default=0.0),
        "is_text": float(element.element_type in ("text", "link")),
        "is_field": float(element.element_type in INPUT_TYPES),
        "is_toggle": float(element.element_type in ("checkbox", "radio")),
    }
