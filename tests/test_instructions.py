from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instruction_cases import (
    CHINESE,
    CHINESE_LATER,
    CHINESE_SCREEN,
    ENGLISH,
    ENGLISH_LATER,
    ENGLISH_SCREEN,
)
from named_screen import NamedScreen

from qvl_agent.errors import InstructionError
from qvl_agent.instructions import Blind, Clause, clauses, lattice, words
from qvl_agent.instructions.masking import mask
from qvl_agent.planner import plan
from qvl_agent.testing import card

PAGE = Path(__file__).parent.parent / "docs" / "instructions.md"
EXAMPLE = re.compile(r"^- `(?P<instruction>[^`]+)` → (?P<actions>[a-z_, ]+[a-z_])", re.MULTILINE)
SCREEN = NamedScreen(
    *ENGLISH_SCREEN,
    *CHINESE_SCREEN,
)
UNDERSTOOD = [
    (text, ENGLISH_SCREEN if text.isascii() else CHINESE_SCREEN)
    for text, steps in (*ENGLISH, *CHINESE, *ENGLISH_LATER, *CHINESE_LATER)
    if steps and steps != "missing"
]


def read(instruction: str) -> list[Clause]:
    return clauses(instruction)


def read_or_refused(instruction: str) -> list[Clause] | InstructionError:
    try:
        return read(instruction)
    except InstructionError as error:
        return error


def examples() -> list[tuple[str, str]]:
    return EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("instruction", "actions"), examples())
def test_the_page_tells_the_truth(instruction: str, actions: str) -> None:
    made = plan(instruction, card(300, 1600), SCREEN)
    assert ", ".join(step.action for step in made.steps) == actions


def test_the_page_shows_an_example_of_every_action() -> None:
    from qvl_agent.plan import ACTIONS

    shown = {action for _, actions in examples() for action in actions.split(", ")}
    assert shown == set(ACTIONS)
    assert len(examples()) > 60


FRAMING = words.any_of(
    (
        *words.THEN_WORDS,
        *words.AND_WORDS,
        *words.ALSO_WORDS,
        *words.AND_IF_A_VERB_FOLLOWS,
        *words.POLITE,
        *words.MAYBE_FRAMING,
        *words.TRAILING_FILLERS,
        "并",
        "step",
        "第一步",
        "第二步",
    )
)


def unexplained(instruction: str, found: list[Clause]) -> str:
    """What of the instruction is neither in a clause nor a separator nor framing."""
    rest = mask(instruction)
    for clause in found:
        rest = rest[: clause.start] + " " * (clause.end - clause.start) + rest[clause.end :]
    rest = re.sub(r"[①②③\d\W]+", " ", rest)
    return re.sub(FRAMING, " ", rest).strip()


@pytest.mark.parametrize(("instruction", "screen"), UNDERSTOOD)
def test_every_word_is_accounted_for(instruction: str, screen: list[object]) -> None:
    found = lattice(instruction).best(Blind(believing=True))
    assert unexplained(instruction, found) == ""


def test_the_account_notices_a_word_that_is_left_out() -> None:
    found = read("click Save, then click Cancel")
    assert unexplained("click Save, then click Cancel", found[:1]) == "click cancel"


WORDS = st.sampled_from(
    [
        "click",
        "fill",
        "type",
        "tick",
        "select",
        "from",
        "with",
        "into",
        "and",
        "then",
        ",",
        ";",
        ".",
        "wait",
        "press",
        "Ctrl+S",
        "Save",
        "Username",
        "ada",
        "'a,",
        "b'",
        "5",
        "seconds",
        "please",
        "点击",
        "填写",
        "输入",
        "用户名",
        "密码",
        "登录",
        "和",
        "并",
        "，",
        "。",
        "然后",
        "勾选",
        "选择",
        "的",
        "为",
        "a@b.co",
        "\n",
        "the",
        "field",
    ]
)


@given(st.lists(WORDS, min_size=1, max_size=12), st.sampled_from(["", " "]))
@settings(max_examples=150, deadline=None)
def test_phrases_are_copied_and_clauses_do_not_overlap(parts: list[str], joint: str) -> None:
    instruction = joint.join(parts)
    found = read_or_refused(instruction)
    end = 0
    for clause in found if isinstance(found, list) else ():
        assert end <= clause.start < clause.end <= len(instruction)
        assert instruction[clause.start : clause.end] == clause.text
        for phrase in clause.phrases:
            assert clause.start <= phrase.start <= phrase.end <= clause.end
            assert instruction[phrase.start : phrase.end] == phrase.text
        end = clause.end


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    found = read_or_refused(text)
    assert isinstance(found, list) or len(str(found).splitlines()) == 1


@pytest.mark.parametrize(
    "instruction",
    [
        "",
        "   ",
        "\n\n",
        ",",
        "，。；",
        "and",
        "then and then",
        "1. 2. 3.",
        "please",
        "谢谢",
        "- \n- ",
    ],
)
def test_nothing_to_do_is_an_error(instruction: str) -> None:
    with pytest.raises(InstructionError):
        read(instruction)


@pytest.mark.parametrize(
    ("instruction", "named"),
    [
        (
            "fill Username with ada, frobnicate the widget, then click Login",
            "frobnicate the widget",
        ),
        (
            "fill Username with ada and frobnicate the widget and click Login",
            "frobnicate the widget",
        ),
        ("click Save; levitate; click OK", "levitate"),
        ("click Save. Levitate gently. Click OK.", "Levitate gently"),
        ("填写用户名abc，翻个跟头，点击登录", "翻个跟头"),
        ("点击保存，然后翻跟头，再点击确定", "翻跟头"),
        ("submit the form", "submit the form"),
        ("wait until Welcome disappears", "wait until Welcome disappears"),
        ("make sure that Welcome is not visible", "make sure that Welcome is not visible"),
        ("fill Notes with", "fill Notes with"),
        ("click", "click"),
        ("点击", "点击"),
    ],
)
def test_a_clause_that_is_not_understood_is_named(instruction: str, named: str) -> None:
    with pytest.raises(InstructionError) as caught:
        read(instruction)
    assert f"“{named}”" in caught.value.message
    assert "click" in caught.value.hint
    assert "点击" in caught.value.hint
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("instruction", "says"),
    [
        ("click Save" + "!" * 10_000, "10,000"),
        ("click Save\x07", "U+0007"),
        ("click \u202eevaS", "U+202E"),
        ('fill Notes with "never closed', "never closed"),
        ("填写备注“没有结束", "never closed"),
        ("click x" + " and x" * 3_000, "more than"),
        ("click x" + " and x" * 1_500, "parts"),
        ("click" + " " * 5_000 + "Save", "blanks"),
    ],
)
def test_what_cannot_be_read_at_all(instruction: str, says: str) -> None:
    with pytest.raises(InstructionError) as caught:
        read(instruction)
    assert says.replace(",", "") in caught.value.message.replace(",", "")
    assert len(caught.value.message) < 120


@pytest.mark.parametrize(
    ("instruction", "value"),
    [
        ('fill Notes with "a, b; click OK. Then wait"', "a, b; click OK. Then wait"),
        ("fill Notes with 'it is O'Brien'", "it is O'Brien"),
        ("fill Notes with 「点击，然后」", "点击，然后"),
        ("fill Notes with ‘x and y’", "x and y"),
        ("fill Notes with “x” and “y”", "“x” and “y”"),
        ("fill Notes with ada@example.com.", "ada@example.com"),
        ("fill Notes with https://a.b/c?d=1,2;e", "https://a.b/c?d=1,2;e"),
        ("fill Notes with /home/ada/and/then.txt", "/home/ada/and/then.txt"),
        ("fill Notes with 1,234.50", "1,234.50"),
        ("fill Notes with Jan 5, 2024", "Jan 5, 2024"),
        ("fill Notes with 10:30", "10:30"),
        ("fill Notes with Ｆｕｌｌ　Ｗｉｄｔｈ", "Ｆｕｌｌ　Ｗｉｄｔｈ"),
        ("fill Notes with MiXeD   blanks", "MiXeD   blanks"),
        ("fill Notes with {{secret:A}} and {{b}}", "{{secret:A}} and {{b}}"),
        ("fill Notes with s3cret!", "s3cret!"),
        ("fill Notes with don't", "don't"),
        ("fill Notes with Acme Inc.", "Acme Inc."),
        ("fill Notes with salt and pepper", "salt and pepper"),
        ("fill Notes with 12 Main St, Springfield", "12 Main St, Springfield"),
        ("fill Notes with 你好。", "你好"),
        ("fill Notes with x please", "x"),
        ('fill Notes with "x please"', "x please"),
    ],
)
def test_values_are_kept_to_the_letter(instruction: str, value: str) -> None:
    [clause] = read(instruction)
    assert clause.value is not None
    assert clause.value.text == value


@pytest.mark.parametrize(
    "shape",
    [
        "click " + "x and " * 190,
        "填写用户名abc" + "和密码x" * 190,
        "请帮我" * 3_000,
        "选择" + "的" * 9_000,
        "fill a " + "with " * 1_900,
        "press " + "ctrl+" * 1_900,
        "'" * 9_999,
        "(" * 9_999,
        ("click" + " " * 50) * 150,
    ],
)
def test_hostile_shapes_come_to_an_end(shape: str) -> None:
    """A parse that is exponential in one of these never returns."""
    found = read_or_refused(shape)
    assert isinstance(found, list) or found.hint
