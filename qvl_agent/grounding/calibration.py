"""Raw evidence to a probability: logistic regression with coefficients that ship as a table.

A calibrator is fitted elsewhere (`benchmarks/fit.py`, on programs that are not reported on) and
only evaluated here, so that nothing but the standard library is needed. The source and date of
every table stand in it, under ``provenance``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

PACKAGE = "qvl_agent.grounding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrator:
    """``p = floor + (ceiling - floor) * sigmoid(intercept + sum(weight * feature))``.

    Attributes:
        weights: by feature name; features it does not name count nothing.
        intercept: log-odds where all features are 0.
        floor, ceiling: the range of what can be claimed: no finite fitting set shows 0 or 1.
        threshold: probability under which a grounder abstains.
        provenance: what it was fitted on, for people.
    """

    weights: Mapping[str, float]
    intercept: float
    floor: float = 0.0
    ceiling: float = 1.0
    threshold: float = 0.5
    provenance: Mapping[str, object] = field(default_factory=dict)

    def probability(self, features: Mapping[str, float]) -> float:
        """The calibrated probability, ``floor`` to ``ceiling``; unknown features are 0."""
        logit = self.intercept + sum(
            weight * features.get(name, 0.0) for name, weight in self.weights.items()
        )
        return self.floor + (self.ceiling - self.floor) * _sigmoid(logit)


def _sigmoid(logit: float) -> float:
    if logit >= 0:
        return 1 / (1 + math.exp(-min(logit, 700)))
    odds = math.exp(max(logit, -700))
    return odds / (1 + odds)


@cache
def load_calibrator(name: str) -> Calibrator:
    """The shipped calibrator ``name``, from ``coefficients/NAME.json`` of this package."""
    table = resources.files(PACKAGE) / "coefficients" / f"{name}.json"
    return Calibrator(**json.loads(table.read_text("utf-8")))
