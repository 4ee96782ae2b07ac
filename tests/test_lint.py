"""Lint: each remark where it belongs, none where it does not, and never a refusal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qvl_agent.geometry import Box, Size
from qvl_agent.lint import Finding, lint
from qvl_agent.lint_words import named_by_position, names_keys, shares_words
from qvl_agent.plan import (
    Alternative,
    AssertVisible,
    Click,
    Drag,
    Expect,
    LocateElement,
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

NOW = datetime(2026, 5, 17, 9, 30, tzinfo=UTC)
FRESH = ScreenshotInfo(width=800, height=600, captured_at=NOW - timedelta(seconds=5))
FIELD: dict[str, Any] = {
    "element_type": "text_input",
    "label": "Username",
    "bbox": Box(100, 100, 300, 130),
    "confidence": 0.97,
}
BUTTON: dict[str, Any] = {
    "element_type": "button",
    "label": "Login",
    "bbox": Box(100, 200, 200, 230),
    "confidence": 0.98,
}
TASK = "fill Username with ada and click Login"
GOOD = (
    TypeText(**FIELD, text="ada"),
    Click(**BUTTON, expect=Expect(visible="Welcome")),
)


def plan(*steps: StepBase, task: str = TASK, shot: ScreenshotInfo | None = FRESH) -> Plan:
    metadata = Metadata.unverified("m", screenshot=shot)
    return Plan.model_validate({"task": task, "steps": steps, "metadata": metadata})


def remarks(*steps: StepBase, task: str = TASK, **told: Any) -> list[Finding]:
    return lint(plan(*steps, task=task), now=NOW, **told)


def codes(*steps: StepBase, task: str = TASK, **told: Any) -> dict[str, tuple[int | None, str]]:
    """Code -> step and severity."""
    found = remarks(*steps, task=task, **told)
    return {finding.code: (finding.step, finding.severity) for finding in found}


def test_a_good_plan_has_no_remark() -> None:
    assert remarks(*GOOD) == []


def test_an_empty_plan_has_no_remark() -> None:
    assert remarks() == []


# --- confidence


@pytest.mark.parametrize("confidence", [None, 0.0, 0.89])
def test_low_confidence_is_named_and_null_counts_as_zero(confidence: float | None) -> None:
    step = LocateElement(**{**BUTTON, "confidence": confidence})
    assert codes(step) == {"low_confidence": (0, "warning")}


def test_the_threshold_is_the_callers() -> None:
    step = LocateElement(**{**BUTTON, "confidence": 0.6})
    assert codes(step, threshold=0.6) == {}
    assert codes(step, threshold=0.61) == {"low_confidence": (0, "warning")}


def test_a_drag_is_as_sure_as_its_less_sure_end() -> None:
    fields = {**BUTTON, "to": Box(400, 400, 450, 450), "expect": Expect(gone="Login")}
    assert codes(Drag(**fields, to_confidence=0.95)) == {}
    assert "low_confidence" in codes(Drag(**fields, to_confidence=0.5))
    assert "low_confidence" in codes(Drag(**fields))


def test_a_step_without_a_box_has_no_confidence_to_lack() -> None:
    assert codes(WaitFor(label="Saved"), Wait(seconds=1)) == {}


# --- boxes


def test_a_box_outside_the_screen_it_is_to_run_on_is_named() -> None:
    assert codes(*GOOD, size=Size(250, 600)) == {"out_of_bounds": (0, "error")}
    assert codes(*GOOD, size=Size(300, 230)) == {}
    drag = Drag(**BUTTON, to=Box(700, 0, 800, 10), to_confidence=1, expect=Expect(gone="Login"))
    assert codes(drag, size=Size(790, 600)) == {"out_of_bounds": (0, "error")}


def test_two_labels_in_one_place_are_named_at_the_later_one() -> None:
    moved = {**BUTTON, "bbox": FIELD["bbox"].moved(10, 0)}
    found = codes(TypeText(**FIELD, text="ada"), Click(**moved, expect=Expect(visible="x")))
    assert found == {"overlapping_boxes": (1, "warning")}


def test_one_target_twice_and_neighbours_do_not_overlap() -> None:
    beside = {**BUTTON, "bbox": FIELD["bbox"].moved(0, 20)}
    again = TypeText(**{**FIELD, "bbox": FIELD["bbox"].moved(1, 1)}, text="ada")
    assert codes(GOOD[0], again, Click(**beside, expect=Expect(visible="x"))) == {}


# --- the capture


def test_a_stale_capture_is_named() -> None:
    assert codes(*GOOD, max_age=5) == {}
    assert codes(*GOOD, max_age=4) == {"stale_capture": (None, "warning")}


def test_a_capture_from_the_future_is_named() -> None:
    late = ScreenshotInfo(width=800, height=600, captured_at=NOW + timedelta(seconds=9))
    (finding,) = lint(plan(*GOOD, shot=late), now=NOW)
    assert finding.code == "stale_capture"
    assert "future" in finding.message


@pytest.mark.parametrize("shot", [None, ScreenshotInfo(width=800, height=600)])
def test_a_capture_of_unknown_age_is_named(shot: ScreenshotInfo | None) -> None:
    found = lint(plan(*GOOD, shot=shot), now=NOW)
    assert [finding.code for finding in found] == ["unknown_capture"]


def test_without_a_clock_age_is_left_out_and_the_method_brings_one() -> None:
    old = plan(*GOOD, shot=ScreenshotInfo(width=800, height=600, captured_at=NOW))
    assert lint(old) == []
    later = old.lint(now=NOW + timedelta(hours=1))
    assert [finding.code for finding in later] == ["stale_capture"]
    assert [finding.code for finding in old.lint()] == ["stale_capture"]


# --- typing


@pytest.mark.parametrize("character", ["\ue000", "\u0378", "\U0010ffff", "\u2028"])
def test_text_that_cannot_be_typed_is_named_by_its_code(character: str) -> None:
    text = "ada" + character
    found = remarks(TypeText(**FIELD, text=text), GOOD[1], task=f"{TASK} {text}")
    assert [(finding.code, finding.severity) for finding in found] == [("untypable_text", "error")]
    assert f"U+{ord(character):04X}" in found[0].message


@pytest.mark.parametrize("text", ["中文", "👩‍👩‍👧", "é", "a\tb", "{{name}}"])
def test_text_that_can_be_typed_is_not(text: str) -> None:
    task = f"{TASK} {text}".replace("\t", " ")
    assert codes(TypeText(**FIELD, text=text), GOOD[1], task=task) == {}


def test_a_new_line_in_a_field_is_named() -> None:
    two_lines = "dear\nada"
    found = codes(TypeText(**FIELD, text=two_lines), GOOD[1], task=f"{TASK} dear ada")
    assert found == {"newline_in_field": (0, "warning")}
    editor = {**FIELD, "element_type": "other"}
    assert codes(TypeText(**editor, text=two_lines), GOOD[1], task=f"{TASK} dear ada") == {}


def test_typing_without_a_target_is_named_less_after_a_click_on_a_field() -> None:
    typed = TypeText(text="ada")
    assert codes(typed, GOOD[1]) == {"no_target": (0, "warning")}
    assert codes(Click(**FIELD), typed, GOOD[1]) == {"no_target": (1, "info")}
    assert codes(Click(**BUTTON), typed, GOOD[1]) == {"no_target": (1, "warning")}


def test_a_secret_in_a_plain_field_is_named() -> None:
    secret = "{{secret:LOGIN}}"
    assert codes(TypeText(**FIELD, text=secret), GOOD[1]) == {"secret_in_plain_field": (0, "info")}
    field = {**FIELD, "element_type": "password_input"}
    assert codes(TypeText(**field, text=secret), GOOD[1]) == {}
    assert codes(TypeText(**FIELD, text="{{user}}"), GOOD[1]) == {}


def test_no_remark_repeats_what_is_typed() -> None:
    found = remarks(TypeText(text="horse\ue000\nbattery"))
    assert len(found) >= 3
    assert not any("horse" in finding.message + finding.hint for finding in found)


# --- what comes after


def test_a_last_act_that_nothing_checks_is_named() -> None:
    assert codes(GOOD[0], Click(**BUTTON)) == {"missing_postcondition": (1, "warning")}
    assert codes(Click(**BUTTON), Wait(seconds=1)) == {"missing_postcondition": (0, "warning")}


@pytest.mark.parametrize("check", [WaitFor(label="Welcome"), AssertVisible(label="Welcome")])
def test_a_check_after_the_last_act_is_enough(check: StepBase) -> None:
    assert codes(GOOD[0], Click(**BUTTON), check) == {}
    assert "missing_postcondition" in codes(GOOD[0], check, Click(**BUTTON))


def test_looking_needs_no_check() -> None:
    assert codes(LocateElement(**BUTTON), Wait(seconds=1)) == {}


# --- targets


def test_an_ambiguous_target_is_named() -> None:
    other = Alternative(label="Login", element_type="link", bbox=Box(1, 1, 9, 9), confidence=0.4)
    found = codes(LocateElement(**BUTTON, alternatives=(other,)))
    assert found == {"ambiguous_target": (0, "warning")}


def test_acting_on_a_disabled_target_is_named() -> None:
    off = Seen(enabled=False)
    assert codes(GOOD[0], Click(**BUTTON, seen=off, expect=Expect(visible="x"))) == {
        "disabled_target": (1, "error")
    }
    assert codes(LocateElement(**BUTTON, seen=off)) == {}
    assert codes(Click(**BUTTON, seen=Seen(enabled=True), expect=Expect(visible="x"))) == {}


# --- the instruction


def outside(step: StepBase, task: str) -> str | None:
    """The severity with which the step is said to be outside of the task."""
    found = codes(step, AssertVisible(label="x"), task=task).get("outside_instruction")
    return found[1] if found else None


def test_a_target_that_the_task_does_not_name_is_named() -> None:
    step = Click(**{**BUTTON, "label": "Delete everything"})
    assert outside(step, TASK) == "warning"
    assert outside(step, "please delete everything") is None


def test_a_target_named_by_position_is_only_mentioned() -> None:
    step = Click(**{**BUTTON, "label": "Ada Lovelace"})
    assert outside(step, "click the second row") == "info"
    assert outside(step, "点击任务列表中的第二项") == "info"
    assert outside(step, "click Login") == "warning"


def test_text_that_the_task_does_not_give_is_named() -> None:
    assert outside(TypeText(**FIELD, text="rm -rf"), TASK) == "warning"
    assert outside(TypeText(**FIELD, text="ADA"), TASK) is None
    assert outside(TypeText(**FIELD, text="{{name}}"), TASK) is None


def test_options_and_keys_that_the_task_does_not_give_are_named() -> None:
    box = {**BUTTON, "element_type": "combo_box", "label": "Country"}
    assert outside(SelectOption(**box, option="France"), "choose France from Country") is None
    assert outside(SelectOption(**box, option="Peru"), "choose France from Country") == "warning"
    assert outside(PressKeys(keys=("ctrl", "s")), "press Ctrl+S") is None
    assert outside(PressKeys(keys=("enter",)), "按回车") is None
    assert outside(PressKeys(keys=("alt", "f4")), "press Ctrl+S") == "warning"
    assert outside(PressKeys(keys=("ctrl", "a")), "clear Username") == "info"


def test_a_clause_that_is_not_part_of_the_task_is_named() -> None:
    assert outside(Click(**BUTTON, instruction="click Login"), TASK) is None
    assert outside(Click(**BUTTON, instruction="pay 100 to Login"), TASK) == "warning"


def test_looking_is_not_acting() -> None:
    step = LocateElement(**{**BUTTON, "label": "Delete everything"})
    assert outside(step, TASK) is None


@pytest.mark.parametrize(
    ("part", "instruction", "shared"),
    [
        ("Login", "click LOGIN now", True),
        ("用户名", "填写用户名abc并点击登录", True),
        ("用户名：", "填写用户名", True),
        ("abc@domain.com", "填写用户名 abc@domain.com 并点击登录", True),
        ("Ｌｏｇｉｎ", "click Login", True),
        ("I have read the agreement", "tick the agreement I have read", True),
        ("记住我的密码", "勾选记住密码", True),
        ("Delete account", "open account settings", True),
        ("Go", "choose a category", False),
        ("OK", "look here", False),
        ("OK", "click OK", True),
        ("删除", "点击登录", False),
        ("Delete", "click Login", False),
        ("the", "the thing", True),
        ("…", "anything", True),
        ("", "anything", True),
    ],
)
def test_words_shared_with_an_instruction(part: str, instruction: str, shared: bool) -> None:
    assert shares_words(part, instruction) is shared


def test_all_of_the_words_can_be_asked_for() -> None:
    assert shares_words("Delete account", "open account settings")
    assert not shares_words("Delete account", "open account settings", all_of_them=True)


def test_keys_are_named_in_any_spelling_but_not_inside_words() -> None:
    assert names_keys(("page_down",), "press Page Down twice")
    assert names_keys(("ctrl", "s"), "Control-S")
    assert not names_keys(("s",), "press nothing")
    assert not names_keys(("end",), "send it")


def test_positions_are_words_of_their_own() -> None:
    assert named_by_position("the 2nd link")
    assert named_by_position("用户名下面的输入框")
    assert not named_by_position("click Bright")


# --- whole lists


def test_remarks_about_the_plan_come_first_and_then_in_step_order() -> None:
    low = {**BUTTON, "confidence": 0.1}
    found = remarks(Click(**low), TypeText(text="ada"), SetChecked(**low, checked=True), max_age=1)
    places = [-1 if finding.step is None else finding.step for finding in found]
    assert places == sorted(places)
    assert places[0] == -1
    assert all(finding.hint and finding.message for finding in found)


def test_the_users_document_can_be_linted() -> None:
    from test_plan import USERS

    found = lint(Plan.from_json(USERS), now=NOW)
    assert [finding.code for finding in found] == ["unknown_capture"]
