"""What the commands print when they find something, with a grounder that says what it is told."""

from __future__ import annotations

import functools
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from command_line import ROOT, messages

from qvl_agent import commands
from qvl_agent.capture import capture
from qvl_agent.cli import main
from qvl_agent.geometry import Box
from qvl_agent.grounding.base import Element
from qvl_agent.screenshot import Screenshot
from qvl_agent.testing import FakeScreen, ScriptedGrounder

LOGIN = str(ROOT / "examples" / "login.png")
FIELD = Element(
    bbox=Box(252, 274, 607, 306), element_type="text_input", label="用户名", confidence=0.9712345
)
BUTTON = Element(
    bbox=Box(520.25, 380, 605, 414),
    element_type="button",
    label="登录",
    text="登录",
    confidence=0.95,
)
OTHER = Element(bbox=Box(430, 380, 515, 414), element_type="button", label="登 录")
BOX = Element(bbox=Box(199, 355, 259, 371), element_type="checkbox", label="记住我", checked=False)
SCRIPT = {"用户名": FIELD, "登录": (BUTTON, OTHER), "记住我": BOX}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Any:
    """``run("observe", …)``: exit code, document (None without output), lines on stderr."""
    grounder = ScriptedGrounder(SCRIPT)
    monkeypatch.setattr(commands, "load_grounder", lambda _name: grounder)

    def command_line(*arguments: str) -> SimpleNamespace:
        code = main(arguments)
        out, err = capfdbinary.readouterr()
        document = json.loads(out) if out else None
        lines = messages(err.decode())
        return SimpleNamespace(code=code, document=document, messages=lines, out=out.decode())

    return command_line


def test_observe_lists_every_element(run: Any) -> None:
    ran = run("observe", "--image", LOGIN)
    assert (ran.code, ran.messages) == (0, [])
    assert list(ran.document) == ["screenshot", "elements", "metadata"]
    assert ran.document["screenshot"]["width"] == 800
    assert [element["label"] for element in ran.document["elements"]] == [
        "用户名",
        "记住我",
        "登 录",
        "登录",
    ]
    assert ran.document["elements"][0] == {
        "element_type": "text_input",
        "label": "用户名",
        "bbox": [252, 274, 607, 306],
        "confidence": 0.9712,
        "text": "",
        "enabled": True,
        "checked": None,
    }


def test_claims_that_nothing_checked_are_null_and_say_so(run: Any) -> None:
    for arguments in (("observe",), ("locate", "登录"), ("plan", "点击登录")):
        metadata = run(*arguments, "--image", LOGIN).document["metadata"]
        for claim in ("local_execution", "data_uploaded", "input_saved"):
            assert metadata[claim] is None
            assert metadata["evidence"][claim]["state"] == "unverified"
        assert metadata["model_version"] == "scripted"


def test_locate_gives_the_element_and_what_else_fits(run: Any) -> None:
    ran = run("locate", "登录", "--image", LOGIN)
    assert ran.code == 0
    document = ran.document
    assert (document["query"], document["found"], document["label"]) == ("登录", True, "登录")
    assert document["bbox"] == [520.25, 380, 605, 414]
    assert [other["label"] for other in document["alternatives"]] == ["登 录"]


def test_boxes_stand_on_one_line(run: Any) -> None:
    assert '"bbox": [520.25, 380, 605, 414]' in run("locate", "登录", "--image", LOGIN).out


def test_joining_numbers_leaves_strings_alone() -> None:
    tricky = {"a": "[\n  1,\n  2\n]", "b": [1, 2.5, -3e-9], "c": [], "d": [[1, 2], ["x"]]}
    text = commands.as_json(tricky)
    assert json.loads(text) == tricky
    assert '"b": [1, 2.5, -3e-09]' in text


def test_the_element_type_reaches_the_grounder(run: Any) -> None:
    assert run("locate", "登录", "--image", LOGIN, "--element-type", "button").code == 0
    assert run("locate", "登录", "--image", LOGIN, "--element-type", "checkbox").code == 1


def test_what_is_not_there_is_an_answer_with_exit_code_1(run: Any) -> None:
    ran = run("locate", "登录了", "--image", LOGIN)
    assert ran.code == 1
    assert (ran.document["query"], ran.document["found"]) == ("登录了", False)
    assert ran.document["candidates"][0]["label"] == "登录"
    assert ran.messages[0].startswith("qvl-agent: error: ")
    assert len(ran.messages) == 2


def test_a_plan_for_what_is_not_there_is_an_answer_too(run: Any) -> None:
    ran = run("plan", "点击提交订单", "--image", LOGIN)
    assert ran.code == 1
    assert (ran.document["task"], ran.document["found"]) == ("点击提交订单", False)


@pytest.mark.parametrize(("least", "code"), [("0.95", 0), ("0.96", 1)])
def test_min_confidence_refuses_but_still_answers(run: Any, least: str, code: int) -> None:
    ran = run("locate", "登录", "--image", LOGIN, "--min-confidence", least)
    assert ran.code == code
    assert ran.document["confidence"] == 0.95


def test_an_unknown_confidence_counts_as_zero(run: Any) -> None:
    assert run("locate", "记住我", "--image", LOGIN).code == 0
    assert run("locate", "记住我", "--image", LOGIN, "--min-confidence", "0.01").code == 1


def test_plan_prints_the_plan(run: Any) -> None:
    ran = run("plan", "填写用户名 abc@domain.com 并点击登录", "--image", LOGIN)
    assert (ran.code, ran.messages) == (0, [])
    steps = ran.document["steps"]
    assert [step["action"] for step in steps][-1] == "click"
    assert {"abc@domain.com"} == {step["text"] for step in steps if "text" in step}


def test_lint_prints_a_line_of_advice_for_each_finding(run: Any, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(run("plan", "点击登录", "--image", LOGIN).out, encoding="utf-8")
    ran = run("lint", str(plan))
    assert ran.code == 0
    codes = {finding["code"] for finding in ran.document["findings"]}
    assert {"ambiguous_target", "missing_postcondition"} <= codes


@pytest.mark.parametrize(
    "arguments",
    [("observe",), ("locate", "登录"), ("plan", "点击登录"), ("locate", "登录了")],
)
def test_the_overlay_is_the_picture_with_boxes_on_it(
    run: Any, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    path = tmp_path / "overlay.png"
    run(*arguments, "--image", LOGIN, "--overlay", str(path))
    before, after = Screenshot.from_file(LOGIN).rgb, Screenshot.from_file(path).rgb
    assert before.shape == after.shape
    changed = np.argwhere((before != after).any(axis=2))
    assert len(changed)
    near = BUTTON.bbox.padded(2)
    assert any(near.left <= x <= near.right and near.top <= y <= near.bottom for y, x in changed)


def test_nothing_is_written_without_an_overlay(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("observe", "--image", LOGIN)
    run("plan", "点击登录", "--image", LOGIN)
    assert list(tmp_path.iterdir()) == []


def test_an_overlay_that_cannot_be_written_is_bad_input(run: Any) -> None:
    ran = run("observe", "--image", LOGIN, "--overlay", "/no/such/folder/overlay.png")
    assert (ran.code, ran.document) == (2, None)


def test_a_picture_comes_from_stdin(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = SimpleNamespace(buffer=io.BytesIO(Path(LOGIN).read_bytes()))
    monkeypatch.setattr(sys, "stdin", picture)
    assert run("observe", "--image", "-").document["screenshot"]["width"] == 800


def test_a_region_of_a_picture_is_in_its_pixels(run: Any) -> None:
    ran = run("observe", "--image", LOGIN, "--region", "100", "50", "300", "150")
    assert ran.document["screenshot"]["width"] == 200
    assert ran.document["screenshot"]["origin"] == [100, 50]


@pytest.mark.parametrize(
    ("flags", "size", "origin"),
    [
        ((), (800, 300), [-400, 0]),
        (("--screen",), (800, 300), [-400, 0]),
        (("--screen", "2"), (400, 300), [-400, 0]),
        (("--region", "-50", "10", "50", "60"), (100, 50), [-50, 10]),
    ],
)
def test_the_desktop_is_looked_at_in_parts(
    run: Any, monkeypatch: pytest.MonkeyPatch, flags: Any, size: Any, origin: Any
) -> None:
    from qvl_agent.testing import card

    screen = FakeScreen(card(400, 300), card(400, 300, left=-400))
    monkeypatch.setattr(commands, "capture", functools.partial(capture, source=screen))
    shot = run("observe", *flags).document["screenshot"]
    assert ((shot["width"], shot["height"]), shot["origin"]) == (size, origin)
    assert shot["captured_at"]


def test_the_users_flags_are_accepted_everywhere(run: Any) -> None:
    always = ("--no-upload", "--disable-saving-input")
    for command in (("observe",), ("locate", "登录"), ("plan", "点击登录")):
        assert run(*command, "--image", LOGIN, *always).code == 0
        assert run(*always, *command, "--image", LOGIN).code == 0


def test_what_a_library_prints_goes_to_stderr(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Chatty(ScriptedGrounder):
        def detect(self, shot: Screenshot) -> list[Element]:
            print("loading…")  # noqa: T201 - what a library would do
            return super().detect(shot)

    monkeypatch.setattr(commands, "load_grounder", lambda _name: Chatty(SCRIPT))
    ran = run("observe", "--image", LOGIN)
    assert ran.document["elements"]
    assert "loading…" in ran.messages


def failing(error: BaseException) -> Any:
    def load_grounder(_name: str) -> None:
        raise error

    return load_grounder


@pytest.mark.parametrize(
    ("error", "code", "word"),
    [
        (RuntimeError("it\nbroke"), 1, "unexpected RuntimeError: it broke"),
        (MemoryError(), 1, "not enough memory"),
    ],
)
def test_the_unexpected_is_one_line_too(
    run: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, word: str
) -> None:
    monkeypatch.delenv("QVL_AGENT_DEBUG", raising=False)
    monkeypatch.setattr(commands, "load_grounder", failing(error))
    ran = run("observe", "--image", LOGIN)
    assert (ran.code, ran.document) == (code, None)
    assert word in ran.messages[0]
    assert len(ran.messages) == 2


def test_the_traceback_is_there_for_those_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QVL_AGENT_DEBUG", "1")
    monkeypatch.setattr(commands, "load_grounder", failing(RuntimeError("it broke")))
    with pytest.raises(RuntimeError, match="it broke"):
        main(["observe", "--image", LOGIN])


def test_an_interrupt_is_quiet(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "load_grounder", failing(KeyboardInterrupt()))
    ran = run("observe", "--image", LOGIN)
    assert (ran.code, ran.out, ran.messages) == (130, "", [])
