"""Plans: what loads, what is refused and how, and that a plan is the same after a round trip."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from qvl_agent.errors import PlanError
from qvl_agent.geometry import Box
from qvl_agent.plan import (
    ACTIONS,
    CLAIMS,
    STEP_TYPES,
    Alternative,
    AssertVisible,
    ClaimEvidence,
    Click,
    Drag,
    Expect,
    Metadata,
    Plan,
    PressKeys,
    ScreenshotInfo,
    Seen,
    SelectOption,
    SetChecked,
    StepBase,
    TypeText,
    Wait,
    WaitFor,
)
from qvl_agent.plan_json import MAX_BYTES, MAX_DEPTH, MAX_FIELDS

REPOSITORY = Path(__file__).parents[1]
HEAVY = ("numpy", "cv2", "mss", "torch", "pyautogui", "PIL", "rapidocr")

# the user's own document, as DESIGN.md has it
USERS = """{"task": "登录账户",
 "steps": [{"action": "locate_element", "element_type": "text_input", "label": "用户名", "bbox": [98, 195, 250, 220], "confidence": 0.96}],
 "metadata": {"model_version": "Qwen3-VL-8B-Instruct", "local_execution": true, "data_uploaded": false, "input_saved": false}}"""  # noqa: E501 - literally

TARGET: dict[str, Any] = {
    "element_type": "button",
    "label": "OK",
    "bbox": [10, 20, 60, 40],
    "confidence": 0.9,
}


def document(*steps: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"task": "t", "steps": list(steps), "metadata": {"model_version": "m", **metadata}}


def load(*steps: dict[str, Any], **metadata: Any) -> Plan:
    return Plan.from_json(json.dumps(document(*steps, **metadata)))


def refusal(text: str | bytes) -> PlanError:
    with pytest.raises(PlanError) as raised:
        Plan.from_json(text)
    assert "\n" not in str(raised.value)
    assert raised.value.hint
    assert raised.value.exit_code == 2
    return raised.value


def click(**changes: Any) -> dict[str, Any]:
    return {"action": "click", **TARGET, **changes}


# --- the user's own document


def test_the_users_document_loads_and_keeps_its_task_and_steps() -> None:
    plan = Plan.from_json(USERS)
    written, given_ = json.loads(plan.to_json()), json.loads(USERS)
    assert written["task"] == given_["task"]
    assert written["steps"] == given_["steps"]
    assert list(written["steps"][0]) == list(given_["steps"][0])
    assert written["metadata"]["model_version"] == "Qwen3-VL-8B-Instruct"
    assert '"bbox": [98, 195, 250, 220]' in plan.to_json()
    assert "用户名" in plan.to_json()


def test_the_users_claims_become_unverified_and_what_was_claimed_is_kept() -> None:
    metadata = Plan.from_json(USERS).metadata
    assert [getattr(metadata, claim) for claim in CLAIMS] == [None, None, None]
    assert [metadata.evidence[claim].state for claim in CLAIMS] == ["unverified"] * 3
    assert [metadata.evidence[claim].claimed for claim in CLAIMS] == [True, False, False]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_plan_is_the_same_after_a_round_trip(indent: int | None) -> None:
    plan = Plan.from_json(USERS)
    assert Plan.from_json(plan.to_json(indent=indent)) == plan
    assert Plan.from_json(plan.to_json(indent=indent).encode()).digest() == plan.digest()


# --- claims and their evidence


@pytest.mark.parametrize("state", ["enforced", "measured"])
def test_a_claim_with_evidence_stands(state: str) -> None:
    proof = {"mechanism": "seccomp", "state": state, "counters": {"blocked": 2, "swap": None}}
    metadata = load(data_uploaded=False, evidence={"data_uploaded": proof}).metadata
    assert metadata.data_uploaded is False
    assert metadata.evidence["data_uploaded"].counters == {"blocked": 2, "swap": None}
    assert metadata.evidence["local_execution"].state == "unverified"


@pytest.mark.parametrize(
    "proof",
    [{"mechanism": "none", "state": "enforced"}, {"mechanism": "seccomp"}, {"state": "measured"}],
)
def test_a_claim_without_a_mechanism_that_worked_does_not(proof: dict[str, str]) -> None:
    metadata = load(local_execution=True, evidence={"local_execution": proof}).metadata
    assert metadata.local_execution is None
    assert metadata.evidence["local_execution"].state == "unverified"
    assert metadata.evidence["local_execution"].claimed is True


def test_evidence_for_no_value_is_refused() -> None:
    evidence = {"input_saved": {"mechanism": "landlock", "state": "enforced"}}
    error = refusal(json.dumps(document(evidence=evidence)))
    assert "input_saved" in error.message


def test_unverified_metadata_says_so() -> None:
    metadata = Metadata.unverified("embedded")
    assert [getattr(metadata, claim) for claim in CLAIMS] == [None, None, None]
    assert set(metadata.evidence) == set(CLAIMS)
    assert {proof.state for proof in metadata.evidence.values()} == {"unverified"}


def test_evidence_from_python_stands_too() -> None:
    proof = ClaimEvidence(mechanism="landlock", state="enforced")
    metadata = Metadata(model_version="m", input_saved=False, evidence={"input_saved": proof})
    assert metadata.input_saved is False


# --- every action


def test_the_contracts_actions_are_the_step_types() -> None:
    assert set(ACTIONS) == {
        "locate_element",
        "click",
        "double_click",
        "right_click",
        "hover",
        "drag",
        "type_text",
        "press_keys",
        "scroll",
        "select_option",
        "set_checked",
        "wait",
        "wait_for",
        "assert_visible",
    }
    assert len(ACTIONS) == len(STEP_TYPES)


def documented() -> list[dict[str, Any]]:
    text = (REPOSITORY / "docs" / "plan.md").read_text(encoding="utf-8")
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]


def test_every_example_of_the_documentation_loads_and_is_written_back_as_it_is() -> None:
    steps = [example for example in documented() if "action" in example]
    assert {step["action"] for step in steps} == set(ACTIONS)
    defaults = {"bbox": None, "confidence": None}
    for step, written in zip(steps, load(*steps).to_data()["steps"], strict=True):
        assert {**defaults, **written} == {**defaults, **step}
    for whole in [example for example in documented() if "task" in example]:
        assert Plan.from_data(whole).to_data()["steps"] == whole["steps"]


def test_fields_come_in_the_contracts_order_then_parameters_then_options() -> None:
    step = TypeText(
        instruction="c",
        text="x",
        expect=Expect(value="x"),
        label="L",
        bbox=Box(1, 2, 3, 4),
        element_type="text_input",
        seen=Seen(enabled=True),
        alternatives=(Alternative(label="M", element_type="link", bbox=Box(1, 2, 3, 4.5)),),
    )
    written = step.model_dump(mode="json")
    contract = ["action", "element_type", "label", "bbox", "confidence"]
    assert list(written) == [*contract, "text", "seen", "alternatives", "expect", "instruction"]
    assert written["confidence"] is None
    assert written["alternatives"] == [
        {"label": "M", "element_type": "link", "bbox": [1, 2, 3, 4.5], "confidence": None}
    ]


def test_what_says_nothing_is_not_written() -> None:
    assert PressKeys(keys=("ctrl", "s")).model_dump() == {
        "action": "press_keys",
        "keys": ("ctrl", "s"),
    }
    assert WaitFor(label="Saved").model_dump() == {
        "action": "wait_for",
        "label": "Saved",
        "bbox": None,
        "confidence": None,
        "timeout": 10.0,
    }


def test_key_names_come_out_canonical() -> None:
    step = load({"action": "press_keys", "keys": ["Control", "回车"]}).steps[0]
    assert step == PressKeys(keys=("ctrl", "enter"))


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ({"action": "click", "label": "OK", "element_type": "button"}, "steps[0].bbox"),
        ({**click(), "action": "clik"}, "click"),
        ({k: v for k, v in click().items() if k != "action"}, "no action"),
        (click(element_type="buton"), "steps[0].element_type"),
        (click(confidence="0.9"), "steps[0].confidence"),
        (click(confidence=True), "steps[0].confidence"),
        (click(confidence=1.01), "steps[0].confidence"),
        (click(confidence=-0.01), "steps[0].confidence"),
        (click(label=7), "steps[0].label"),
        (click(label="x" * 1001), "steps[0].label"),
        (click(bbox=[1, 2, 3]), "steps[0].bbox"),
        (click(bbox=[1, 2, 3, 4, 5]), "steps[0].bbox"),
        (click(bbox=["1", 2, 3, 4]), "steps[0].bbox"),
        (click(bbox=[True, 2, 3, 4]), "steps[0].bbox"),
        (click(bbox=[-1, 2, 3, 4]), "steps[0].bbox"),
        (click(bbox=[3, 2, 1, 4]), "steps[0].bbox"),
        (click(bbox=[1, 4, 3, 2]), "steps[0].bbox"),
        (click(bbox=[1, 2, 1, 4]), "steps[0].bbox"),
        (click(bbox=[1, 2, 3, 100_001]), "steps[0].bbox"),
        (click(bbox=[1, 2, 3, 10**19]), "steps[0].bbox"),
        (click(bbox={"left": 1}), "steps[0].bbox"),
        (click(bbox=None), "steps[0].bbox"),
        (click(text="x"), "steps[0].text"),
        (click(seen={"enabled": "yes"}), "steps[0].seen.enabled"),
        (click(alternatives=[{"label": "x"}]), "steps[0].alternatives[0].element_type"),
        (click(expect={}), "steps[0].expect"),
        (click(expect={"visible": "a", "gone": "b"}), "steps[0].expect"),
        (click(expect={"visible": ""}), "steps[0].expect.visible"),
        ({"action": "drag", **TARGET}, "steps[0].to"),
        ({"action": "drag", **TARGET, "to": [5, 5, 1, 1]}, "steps[0].to"),
        ({"action": "type_text", "text": ""}, "steps[0].text"),
        ({"action": "type_text"}, "steps[0].text"),
        ({"action": "type_text", "text": "x", "label": "L"}, "steps[0]"),
        ({"action": "type_text", "text": "x", "confidence": 0.5}, "steps[0]"),
        ({"action": "type_text", "text": "x" * 100_001}, "steps[0].text"),
        ({"action": "type_text", "text": "{{secret:}}"}, "steps[0].text"),
        ({"action": "type_text", "text": "{{a b}}"}, "steps[0].text"),
        ({"action": "type_text", "text": "{{name"}, "steps[0].text"),
        ({"action": "type_text", "text": "{{{name}}"}, "steps[0].text"),
        ({"action": "press_keys", "keys": []}, "steps[0].keys"),
        ({"action": "press_keys", "keys": "ctrl"}, "steps[0].keys"),
        ({"action": "press_keys", "keys": ["ctrll"]}, "steps[0].keys"),
        ({"action": "press_keys", "keys": ["ctrl", "Control"]}, "steps[0].keys"),
        ({"action": "press_keys", "keys": list("abcdefghijk")}, "steps[0].keys"),
        ({"action": "scroll", "amount": 0, "direction": "up"}, "steps[0].amount"),
        ({"action": "scroll", "amount": 1.5, "direction": "up"}, "steps[0].amount"),
        ({"action": "scroll", "amount": 1, "direction": "north"}, "steps[0].direction"),
        ({"action": "select_option", **TARGET, "option": ""}, "steps[0].option"),
        ({"action": "set_checked", **TARGET, "checked": 1}, "steps[0].checked"),
        ({"action": "wait", "seconds": -1}, "steps[0].seconds"),
        ({"action": "wait", "seconds": 3601}, "steps[0].seconds"),
        ({"action": "wait", "seconds": 1, "label": "x"}, "steps[0].label"),
        ({"action": "wait_for", "label": ""}, "steps[0].label"),
        ({"action": "wait_for", "label": "x", "confidence": 0.5}, "steps[0]"),
        (7, "steps[0]"),
        (None, "steps[0]"),
        ([], "steps[0]"),
    ],
)
def test_a_step_that_does_not_fit_is_refused_with_its_place(step: Any, place: str) -> None:
    assert place in str(refusal(json.dumps(document(step))))


@pytest.mark.parametrize(
    ("metadata", "place"),
    [
        ({"model_version": ""}, "metadata.model_version"),
        ({"local_execution": "true"}, "metadata.local_execution"),
        ({"local_execution": 1}, "metadata.local_execution"),
        ({"evidence": {"anything": {}}}, "metadata.evidence"),
        ({"evidence": {"input_saved": {"counters": {"writes": -1}}}}, "input_saved.counters"),
        ({"evidence": {"input_saved": {"counters": {"a b": 1}}}}, "input_saved.counters"),
        ({"schema_version": "2"}, "metadata.schema_version"),
        ({"created_at": "yesterday"}, "metadata.created_at"),
        ({"created_at": "2026-05-17T09:30:00"}, "metadata.created_at"),
        ({"created_at": 5}, "metadata.created_at"),
        ({"screenshot": {"width": 0, "height": 5}}, "metadata.screenshot.width"),
        ({"screenshot": {"width": 5}}, "metadata.screenshot.height"),
        ({"screenshot": {"width": 5, "height": 5, "scale": [0, 1]}}, "screenshot.scale"),
        ({"screenshot": {"width": 5, "height": 5, "origin": [0]}}, "screenshot.origin"),
        ({"unheard_of": 1}, "metadata.unheard_of"),
    ],
)
def test_metadata_that_does_not_fit_is_refused(metadata: dict[str, Any], place: str) -> None:
    assert place in str(refusal(json.dumps(document(**metadata))))


def test_a_misspelt_field_is_named_with_the_one_that_was_meant() -> None:
    error = refusal(json.dumps(document({**click(), "lable": "OK", "label": None} | {})))
    assert "steps[0]" in error.message
    step = {key: value for key, value in click().items() if key != "label"}
    error = refusal(json.dumps(document({**step, "lable": "OK"})))
    assert error.message.startswith("steps[0].lable")
    assert error.hint == "did you mean label?"


@pytest.mark.parametrize("missing", ["task", "steps", "metadata"])
def test_a_plan_without_one_of_its_three_parts_is_refused(missing: str) -> None:
    whole = document(click())
    del whole[missing]
    assert refusal(json.dumps(whole)).message == f"{missing}: is missing"


# --- boxes and the screenshot

SHOT = {"width": 100, "height": 50}


def test_boxes_may_touch_the_edges_of_the_screenshot() -> None:
    assert load(click(bbox=[0, 0, 100, 50]), screenshot=SHOT).steps


@pytest.mark.parametrize(
    ("step", "place"),
    [
        (click(bbox=[0, 0, 100.5, 50]), "steps[1].bbox"),
        (click(bbox=[0, 0, 100, 51]), "steps[1].bbox"),
        ({"action": "drag", **TARGET, "to": [0, 0, 10, 51]}, "steps[1].to"),
        (
            click(alternatives=[{"label": "a", "element_type": "icon", "bbox": [0, 0, 101, 1]}]),
            "steps[1].alternatives[0].bbox",
        ),
        ({"action": "wait_for", "label": "a", "bbox": [0, 0, 101, 1]}, "steps[1].bbox"),
    ],
)
def test_a_box_outside_the_screenshot_is_refused(step: dict[str, Any], place: str) -> None:
    error = refusal(json.dumps(document(click(), step, screenshot=SHOT)))
    assert error.message.startswith(f"{place}: ")
    assert "100x50" in error.message


def test_boxes_are_boxes_in_python_and_lists_in_json() -> None:
    step = Click(element_type="button", label="OK", bbox=Box(1.0, 2.0, 3.5, 4.0))
    assert step.bbox == Box(1, 2, 3.5, 4)
    assert json.dumps(step.model_dump()["bbox"]) == "[1, 2, 3.5, 4]"


# --- text


@pytest.mark.parametrize("code", [0x00, 0x1B, 0x7F, 0x85, 0x9F, 0xD800, 0xDFFF, 0x061C])
@pytest.mark.parametrize("where", ["task", "label", "text", "model_version"])
def test_control_bidi_and_surrogate_characters_are_refused(code: int, where: str) -> None:
    check_refused(code, where)


@pytest.mark.parametrize("code", [*range(0x200E, 0x2010), *range(0x202A, 0x202F)])
def test_marks_and_embeddings_are_refused(code: int) -> None:
    check_refused(code, "label")


@pytest.mark.parametrize("code", range(0x2066, 0x206A))
def test_isolates_are_refused(code: int) -> None:
    check_refused(code, "text")


def check_refused(code: int, where: str) -> None:
    bad = f"a{chr(code)}b"
    whole = document(click(), {"action": "type_text", "text": bad if where == "text" else "x"})
    if where == "task":
        whole["task"] = bad
    elif where == "label":
        whole["steps"][0]["label"] = bad
    elif where == "model_version":
        whole["metadata"]["model_version"] = bad
    assert f"U+{code:04X}" in refusal(json.dumps(whole)).message


def test_new_lines_and_tabs_are_for_typing_only() -> None:
    assert load({"action": "type_text", "text": "a\n\tb"}).steps
    assert "U+000A" in refusal(json.dumps(document(click(label="a\nb")))).message
    assert "U+000D" in refusal(json.dumps(document({"action": "type_text", "text": "\r"}))).message


@pytest.mark.parametrize("text", ["用户名", "👩‍👩‍👧", "é", "שלום", "}}", "{ {", "{a}"])
def test_ordinary_text_of_any_script_is_kept(text: str) -> None:
    plan = load({"action": "type_text", "text": text})
    assert Plan.from_json(plan.to_json()).to_data()["steps"][0]["text"] == text


@pytest.mark.parametrize(
    "text", ["{{secret:DB_PASSWORD}}", "a {{name}} b", "{{用户名}}", "{{a.b-c}}"]
)
def test_well_formed_placeholders_are_allowed(text: str) -> None:
    assert load({"action": "type_text", "text": text}).steps


# --- JSON itself


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 400])
def test_numbers_that_are_not_finite_are_refused(number: str) -> None:
    for place in ("0.96", "98", "true"):
        message = refusal(USERS.replace(place, number, 1)).message
        assert re.search(r"number in JSON|too large for a float|more than 20 digits", message)


def test_the_same_key_twice_is_refused_at_any_depth() -> None:
    assert "'task'" in refusal('{"task": "a", "task": "b", "steps": [], "metadata": {}}').message
    twice = USERS.replace('"label"', '"label": "密码", "label"')
    assert "'label' stands twice" in refusal(twice).message


@pytest.mark.parametrize(
    "text",
    ["", " ", "{", "nul", "[]", "null", "7", '"x"', USERS + "x", "{'a': 1}", USERS[:-1], "\x00"],
)
def test_what_is_not_a_json_object_is_refused(text: str) -> None:
    refusal(text)


def test_bytes_are_utf_8_with_or_without_a_mark() -> None:
    assert Plan.from_json(b"\xef\xbb\xbf" + USERS.encode()) == Plan.from_json(USERS)
    assert "UTF-8" in refusal(USERS.encode("utf-16")).message
    assert "UTF-8" in refusal(USERS.encode("gb18030")).message


def test_size_depth_and_number_of_fields_are_bounded() -> None:
    assert "10 MB" in refusal(" " * (MAX_BYTES + 1)).message
    assert "deeper" in refusal("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)).message
    assert "deeper" in refusal('{"a":' * 100_000).message
    many = {f"k{number}": 1 for number in range(MAX_FIELDS + 1)}
    assert "fields" in refusal(json.dumps(many)).message


def test_brackets_inside_strings_are_not_depth() -> None:
    plan = load({"action": "type_text", "text": '[{"\\[' * 100})
    assert Plan.from_json(plan.to_json()) == plan


def test_the_number_of_steps_is_bounded() -> None:
    wait = {"action": "wait", "seconds": 1}
    assert len(load(*[wait] * 10_000).steps) == 10_000
    assert "10000" in refusal(json.dumps(document(*[wait] * 10_001))).message


def test_a_file_of_wrong_things_is_not_read_into_a_pile_of_errors() -> None:
    error = refusal('{"task": "x", "steps": [' + "{}," * 1_000_000 + '{}], "metadata": {}}')
    assert error.message.startswith("steps: ")


def test_a_string_that_never_ends_is_read_once() -> None:
    refusal('"' + '\\"' * 1_000_000)  # a quadratic scan would take hours


def test_a_plan_file(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(USERS, encoding="utf-8")
    assert Plan.from_file(path) == Plan.from_json(USERS)
    for bad in (tmp_path / "nothing.json", tmp_path, "a\x00b"):
        with pytest.raises(PlanError, match="cannot be read"):
            Plan.from_file(bad)


def test_an_endless_file_is_not_read_to_its_end() -> None:
    with pytest.raises(PlanError, match="larger than"):
        Plan.from_file("/dev/zero")


# --- what messages do not say


def test_messages_never_repeat_the_values() -> None:
    secret = "hunter2 correct horse"
    for step in (
        click(label=secret + "\x00"),
        click(element_type=secret),
        click(bbox=secret),
        click(**{secret: 1}),
        {"action": secret},
        {"action": "type_text", "text": secret + "{{"},
        {"action": "press_keys", "keys": [secret]},
        {"action": "scroll", "amount": secret, "direction": secret},
    ):
        assert "horse" not in str(refusal(json.dumps(document(step))))
    assert "horse" not in str(refusal(json.dumps(document(created_at=secret))))
    with pytest.raises(ValidationError) as raised:
        TypeText(text=secret + "\x00")
    assert "horse" not in str(raised.value)


# --- the rest of the interface


def test_a_plan_cannot_be_changed() -> None:
    plan = Plan.from_json(USERS)
    with pytest.raises(ValidationError):
        plan.task = "x"  # type: ignore[misc]
    assert isinstance(plan.steps, tuple)


def test_the_digest_changes_with_every_part() -> None:
    plan = Plan.from_json(USERS)
    spaced = json.dumps(json.loads(USERS), indent=7)
    assert Plan.from_json(spaced).digest() == plan.digest()
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", plan.digest())
    changed = [
        USERS.replace("登录账户", "登录帐户"),
        USERS.replace("98", "99"),
        USERS.replace("0.96", "0.95"),
        USERS.replace("8B", "4B"),
        USERS.replace("false", "true"),
    ]
    assert plan.digest() not in {Plan.from_json(text).digest() for text in changed}


def test_the_digest_of_equal_plans_is_equal() -> None:
    plans = []
    for counters in ({"reads": 1, "writes": 0}, {"writes": 0, "reads": 1}):
        proof = {"mechanism": "seccomp", "state": "measured", "counters": counters}
        plans.append(load(input_saved=False, evidence={"input_saved": proof}))
    assert plans[0] == plans[1]
    assert plans[0].digest() == plans[1].digest()


def test_times_keep_their_moment_and_offset() -> None:
    moment = datetime(2026, 5, 17, 9, 30, 0, 123456, tzinfo=UTC)
    shot = ScreenshotInfo(width=10, height=10, captured_at=moment)
    plan = Plan(task="t", steps=(), metadata=Metadata.unverified("m", screenshot=shot))
    assert plan.to_data()["metadata"]["screenshot"]["captured_at"] == moment.isoformat()
    assert Plan.from_json(plan.to_json()) == plan
    local = load(created_at="2026-05-17T09:30:00+08:00").metadata.created_at
    assert local is not None
    assert local.isoformat() == "2026-05-17T09:30:00+08:00"


def test_what_is_kept_of_a_screenshot_has_no_pixels_and_no_digest() -> None:
    numpy = pytest.importorskip("numpy")
    from qvl_agent.geometry import LogicalPoint, Viewport
    from qvl_agent.screenshot import Screenshot

    view = Viewport(LogicalPoint(-1920, 40), 2.0, 2.0)
    pixels = numpy.zeros((50, 100, 3), numpy.uint8)
    shot = Screenshot.from_array(pixels, viewport=view, captured_at=1_700_000_000.5)
    assert ScreenshotInfo.of(shot).model_dump(mode="json") == {
        "width": 100,
        "height": 50,
        "captured_at": "2023-11-14T22:13:20.500000+00:00",
        "origin": [-1920.0, 40.0],
        "scale": [2.0, 2.0],
    }


def test_the_notebook_table_escapes_everything() -> None:
    evil = "<script>alert('1')</script>&\""
    target: dict[str, Any] = {"element_type": "button", "label": evil, "bbox": Box(1, 2, 3, 4)}
    plan = Plan(
        task=evil,
        steps=(
            Click(**target, expect=Expect(visible=evil)),
            TypeText(text=evil),
            SelectOption(**target, option=evil),
            Drag(**target, to=Box(5, 6, 7, 8), to_label=evil),
            AssertVisible(label=evil),
            Wait(seconds=1),
        ),
        metadata=Metadata.unverified(evil),
    )
    html = plan._repr_html_()
    assert "<script" not in html
    assert "alert" in html
    assert '&"' not in html


def test_a_long_plan_is_shortened_in_the_notebook() -> None:
    plan = Plan(task="t", steps=(Wait(seconds=1),) * 500, metadata=Metadata.unverified("m"))
    html = plan._repr_html_()
    assert html.count("<tr>") == 201
    assert "300 more" in html


def test_importing_the_plan_loads_nothing_heavy() -> None:
    code = f"import sys, qvl_agent.plan; print([m for m in {HEAVY!r} if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert ran.stdout.strip() == "[]"


# --- the published schema


def published() -> dict[str, Any]:
    text = (REPOSITORY / "docs" / "plan.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def test_the_published_schema_is_current() -> None:
    """When it is not: python -m qvl_agent.plan > docs/plan.schema.json"""
    assert published() == Plan.json_schema()


def test_the_schema_takes_what_the_loader_takes_and_refuses_what_it_can() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(published())
    validator = jsonschema.Draft202012Validator(published())
    steps = [example for example in documented() if "action" in example]
    for good in (json.loads(USERS), load(*steps).to_data(), document(*steps)):
        assert list(validator.iter_errors(good)) == []
    no_action = {key: value for key, value in click().items() if key != "action"}
    for bad in (no_action, click(text="x"), click(bbox=[1, 2, 3]), click(confidence=2), {}):
        assert not validator.is_valid(document(bad)), bad


# --- random documents

_words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs"]), max_size=20)
_labels = _words.filter(bool)
_texts = _labels.filter(lambda text: "{{" not in text)
_sizes = st.floats(0.25, 5_000, allow_nan=False)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, top, width, height = (draw(_sizes) for _ in range(4))
    return Box(left, top, left + width, top + height)


_probabilities = st.none() | st.floats(0, 1)
_targets = st.fixed_dictionaries(
    {
        "element_type": st.sampled_from(["button", "text_input", "link", "other"]),
        "label": _words,
        "bbox": boxes(),
        "confidence": _probabilities,
    },
    optional={
        "seen": st.builds(Seen, enabled=st.none() | st.booleans()),
        "expect": st.builds(Expect, visible=_labels),
        "instruction": _labels,
        "alternatives": st.lists(
            st.builds(
                Alternative,
                label=_words,
                element_type=st.just("icon"),
                bbox=boxes(),
                confidence=_probabilities,
            ),
            max_size=2,
        ).map(tuple),
    },
)
_steps = st.one_of(
    _targets.map(lambda fields: Click(**fields)),
    st.tuples(_targets, boxes()).map(lambda both: Drag(**both[0], to=both[1])),
    st.tuples(_targets, st.booleans()).map(lambda both: SetChecked(**both[0], checked=both[1])),
    st.tuples(_targets | st.just({}), _texts).map(lambda both: TypeText(**both[0], text=both[1])),
    st.builds(WaitFor, label=_labels, timeout=st.floats(0, 3600)),
    st.builds(Wait, seconds=st.floats(0, 3600)),
    st.just(PressKeys(keys=("ctrl", "s"))),
)
_plans = st.builds(
    Plan,
    task=_labels,
    steps=st.lists(_steps, max_size=5).map(tuple),
    metadata=st.just(Metadata.unverified("m")),
)


@settings(deadline=None)
@given(_plans)
def test_any_plan_is_the_same_after_a_round_trip(plan: Plan) -> None:
    assert Plan.from_json(plan.to_json()) == plan
    assert Plan.from_json(plan.to_json(indent=None).encode()).digest() == plan.digest()


@settings(deadline=None, max_examples=25)
@given(_plans)
def test_the_schema_accepts_any_plan(plan: Plan) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(published()).validate(plan.to_data())


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=20,
)


def plan_or_error(text: str | bytes) -> None:
    try:
        plan = Plan.from_json(text)
    except PlanError:
        refusal(text)
        return
    assert Plan.from_json(plan.to_json()) == plan


@settings(deadline=None)
@given(_json)
def test_random_json_gives_a_plan_or_a_plan_error(value: Any) -> None:
    plan_or_error(json.dumps(value))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_give_a_plan_or_a_plan_error(data: bytes) -> None:
    plan_or_error(data)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_a_plan_with_one_value_replaced_gives_a_plan_or_a_plan_error(data: st.DataObject) -> None:
    steps = [example for example in documented() if "action" in example]
    whole = document(data.draw(st.sampled_from(steps)), screenshot={"width": 500, "height": 500})
    place = whole
    path = data.draw(st.sampled_from(list(paths(whole))))
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = data.draw(_json)
    plan_or_error(json.dumps(whole))


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything inside a document."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[tuple[Any, ...]] = []
    for key, one in inside:
        found.append((*path, key))
        if isinstance(one, dict | list):
            found += paths(one, (*path, key))
    return found


def test_every_step_type_is_frozen_and_closed() -> None:
    for kind in STEP_TYPES:
        assert issubclass(kind, StepBase)
        assert kind.model_config["frozen"]
        assert kind.model_config["extra"] == "forbid"
        assert kind.model_config["strict"]
