"""Evidence to probability: the arithmetic, and what the shipped tables promise."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scene_builder import SceneBuilder

from qvl_agent.grounding.calibration import PACKAGE, Calibrator, load_calibrator
from qvl_agent.grounding.embedded.evidence import element_features, features
from qvl_agent.grounding.embedded.matching import Candidate, Matcher
from qvl_agent.grounding.embedded.query import parse_query

NAMES = ("embedded-query", "embedded-element")
finite = st.floats(allow_nan=False, allow_infinity=False, width=32)


def best(scene: SceneBuilder, query: str) -> Candidate:
    return Matcher(scene.scene).match(parse_query(query))[0]


class TestArithmetic:
    @pytest.mark.parametrize(
        ("value", "probability"),
        [(0.0, 0.5), (2.0, 1 / (1 + math.exp(-2))), (-2.0, 1 / (1 + math.exp(2)))],
    )
    def test_it_is_a_logistic_curve(self, value: float, probability: float) -> None:
        curve = Calibrator(weights={"x": 1.0}, intercept=0.0)
        assert curve.probability({"x": value}) == pytest.approx(probability)

    def test_the_intercept_and_all_weights_count(self) -> None:
        curve = Calibrator(weights={"x": 2.0, "y": -3.0}, intercept=0.5)
        expected = 1 / (1 + math.exp(-(0.5 + 2 * 0.7 - 3 * 0.2)))
        assert curve.probability({"x": 0.7, "y": 0.2}) == pytest.approx(expected)

    def test_features_it_does_not_know_count_nothing(self) -> None:
        curve = Calibrator(weights={"x": 1.0}, intercept=0.3)
        assert (
            curve.probability({"z": 99.0}) == curve.probability({}) == curve.probability({"x": 0})
        )

    @given(value=finite, weight=finite)
    def test_it_stays_between_floor_and_ceiling(self, value: float, weight: float) -> None:
        curve = Calibrator(weights={"x": weight}, intercept=0.0, floor=0.02, ceiling=0.97)
        assert 0.02 <= curve.probability({"x": value}) <= 0.97

    def test_far_out_it_reaches_floor_and_ceiling_without_overflow(self) -> None:
        curve = Calibrator(weights={"x": 1.0}, intercept=0.0, floor=0.02, ceiling=0.97)
        assert curve.probability({"x": 1e9}) == pytest.approx(0.97)
        assert curve.probability({"x": -1e9}) == pytest.approx(0.02)

    @given(low=st.floats(-30, 30), step=st.floats(0.01, 5))
    def test_more_of_a_good_sign_never_makes_it_less_likely(self, low: float, step: float) -> None:
        curve = Calibrator(weights={"x": 0.8}, intercept=-1.0, floor=0.01, ceiling=0.99)
        assert curve.probability({"x": low + step}) >= curve.probability({"x": low})

    def test_it_cannot_be_changed(self) -> None:
        with pytest.raises(FrozenInstanceError):
            load_calibrator(NAMES[0]).intercept = 3.0  # type: ignore[misc]


@pytest.mark.parametrize("name", NAMES)
class TestShippedTables:
    def test_it_names_only_what_it_is(self, name: str) -> None:
        path = resources.files(PACKAGE) / "coefficients" / f"{name}.json"
        table = json.loads(path.read_text("utf-8"))
        assert set(table) <= {each.name for each in fields(Calibrator)}

    def test_it_never_claims_certainty(self, name: str) -> None:
        calibrator = load_calibrator(name)
        assert 0 <= calibrator.floor < calibrator.ceiling < 1
        assert calibrator.floor <= calibrator.threshold < calibrator.ceiling

    def test_its_numbers_are_finite(self, name: str) -> None:
        calibrator = load_calibrator(name)
        assert calibrator.weights
        assert all(math.isfinite(weight) for weight in calibrator.weights.values())
        assert math.isfinite(calibrator.intercept)

    def test_it_says_where_it_comes_from(self, name: str) -> None:
        provenance = load_calibrator(name).provenance
        assert provenance["made_by"]
        assert provenance["programs"]
        assert 0 < provenance["right"] <= provenance["rows"]

    def test_it_is_read_once(self, name: str) -> None:
        assert load_calibrator(name) is load_calibrator(name)


def test_every_weight_of_the_query_table_names_a_feature_that_is_measured() -> None:
    measured = features(best(SceneBuilder().button("Save", 100, 100), "Save"))
    assert set(load_calibrator("embedded-query").weights) <= set(measured)


def test_every_weight_of_the_element_table_names_a_feature_that_is_measured() -> None:
    item = SceneBuilder().button("Save", 100, 100).scene.items[0]
    assert set(load_calibrator("embedded-element").weights) <= set(element_features(item))


@pytest.mark.parametrize("query", ["Save", "the Save button", "Svae", "second button"])
def test_all_features_are_finite(query: str) -> None:
    scene = SceneBuilder().button("Save", 100, 100).button("Open", 200, 100)
    for candidate in Matcher(scene.scene).match(parse_query(query)):
        assert all(math.isfinite(value) for value in features(candidate).values())


def test_a_damaged_match_is_less_likely_than_an_exact_one() -> None:
    scene = SceneBuilder().button("Remember me", 100, 100)
    probability = load_calibrator("embedded-query").probability
    exact = probability(features(best(scene, "Remember me")))
    damaged = probability(features(best(scene, "Remembor mo")))
    assert exact > 0.8
    assert damaged < exact - 0.02


def test_an_exact_match_among_equals_is_less_likely_than_a_lone_one() -> None:
    probability = load_calibrator("embedded-query").probability
    lone = SceneBuilder().button("Delete", 100, 100).button("Open", 100, 200)
    twice = SceneBuilder().button("Delete", 100, 100).button("Delete", 100, 200)
    assert probability(features(best(twice, "Delete"))) < probability(
        features(best(lone, "Delete"))
    )


def test_a_badly_read_element_is_less_likely_than_a_well_read_one() -> None:
    probability = load_calibrator("embedded-element").probability
    item = SceneBuilder().button("Save", 100, 100).scene.items[0]
    good = element_features(item)
    bad = good | {"line_score": 0.5, "char_score": 0.3}
    assert 0 < probability(bad) < probability(good) < 1


def test_an_element_without_text_has_features_too() -> None:
    item = SceneBuilder().icon(10, 10).scene.items[0]
    assert element_features(item)["line_score"] == 0.0


def test_a_table_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        load_calibrator("no-such-table")


def test_it_needs_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; import qvl_agent.grounding.calibration as c;"
        "c.load_calibrator('embedded-query').probability({});"
        "print(sorted({'numpy', 'cv2', 'PIL', 'onnxruntime'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
