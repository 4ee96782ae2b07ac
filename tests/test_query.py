"""The query language: which readings the words of a person allow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qvl_agent.errors import QueryError
from qvl_agent.grounding.base import ELEMENT_TYPES
from qvl_agent.grounding.embedded import vocabulary
from qvl_agent.grounding.embedded.query import (
    MAX_QUERY_LENGTH,
    Query,
    Reading,
    chinese_number,
    parse_query,
)


def reading(query: str, **wanted: object) -> Reading:
    """The first reading of ``query`` that has all the wanted values."""
    readings = parse_query(query).readings
    for each in readings:
        if all(getattr(each, name) == value for name, value in wanted.items()):
            return each
    raise AssertionError(f"no reading of {query!r} has {wanted}: {readings}")


@pytest.mark.parametrize(
    "text",
    ["Save", "登录", "+", "=", "…", "Sign in", "Add button", "Log in to Alice's row", "按钮"],
)
def test_the_literal_reading_comes_first(text: str) -> None:
    first = parse_query(text).readings[0]
    assert (first.text, first.types, first.prior) == (text, (), 1.0)


@pytest.mark.parametrize("text", ['"Save as"', "“Save as”", "「Save as」", "'Save as'"])
def test_a_quotation_is_exact_text_only(text: str) -> None:
    assert parse_query(text).readings == (Reading(text="Save as", exact=True),)


@pytest.mark.parametrize(
    ("text", "label", "kind"),
    [
        ("the Save button", "Save", "button"),
        ("Save 按钮", "Save", "button"),
        ("登录按钮", "登录", "button"),
        ("登录的按钮", "登录", "button"),
        ("Remember me checkbox", "Remember me", "checkbox"),
        ("the File menu", "File", "menu"),
        ("Network tab", "Network", "tab"),
        ("Country drop-down", "Country", "combo_box"),
        ("Country combo box", "Country", "combo_box"),
        ("国家下拉框", "国家", "combo_box"),
        ("Forgot password link", "Forgot password", "link"),
        ("忘记密码链接", "忘记密码", "link"),
        ("the search field", "search", "text_input"),
        ("search bar", "search", "text_input"),
        ("用户名文本框", "用户名", "text_input"),
        ("搜索框", "搜索", "text_input"),
        ("密码输入框", "密码", "password_input"),
        ("password field", "password", "password_input"),
        ("the button labelled Save", "Save", "button"),
        ("the field for Email", "Email", "text_input"),
        ("名为保存的按钮", "保存", "button"),
        ("button Save", "Save", "button"),
        ("click the Save button", "Save", "button"),
        ("please click on the Save button on the screen", "Save", "button"),
        ("请点击屏幕上的登录按钮", "登录", "button"),
    ],
)  # fmt: skip
def test_a_type_word_is_one_reading(text: str, label: str, kind: str) -> None:
    found = [r for r in parse_query(text).readings if r.text == label and r.types[:1] == (kind,)]
    assert found, parse_query(text).readings
    assert found[0].prior < 1.0


def test_a_quotation_with_a_type() -> None:
    assert reading("“设置”标签页", text="设置", exact=True).types == ("tab",)
    assert reading("按钮“保存”", text="保存", exact=True).types == ("button",)


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("the password field", ("password_input",)),
        ("密码输入框", ("password_input",)),
        ("checkbox", ("checkbox",)),
        ("按钮", ("button",)),
    ],
)
def test_a_bare_type(text: str, types: tuple[str, ...]) -> None:
    assert reading(text, text="").types == types


@pytest.mark.parametrize(
    ("text", "label", "ordinal"),
    [
        ("second row", "", 2),
        ("row 3", "", 3),
        ("the third Delete button", "Delete", 3),
        ("2nd checkbox", "", 2),
        ("last item", "", -1),
        ("第二项", "", 2),
        ("第3行", "", 3),
        ("最后一个按钮", "", -1),
        ("倒数第二个按钮", "", -2),
        ("第十二个复选框", "", 12),
        ("second to last button", "", -2),
    ],
)
def test_ordinals(text: str, label: str, ordinal: int) -> None:
    found = reading(text, text=label, ordinal=ordinal)
    assert found.types, found


@pytest.mark.parametrize(
    ("text", "side", "anchor", "kind"),
    [
        ("the field under Email", "below", "Email", "text_input"),
        ("the field beneath Email", "below", "Email", "text_input"),
        ("checkbox next to Remember me", "near", "Remember me", "checkbox"),
        ("button to the right of Search", "right", "Search", "button"),
        ("the icon left of Settings", "left", "Settings", "icon"),
        ("the button above Total", "above", "Total", "button"),
        ("邮箱下面的输入框", "below", "邮箱", "text_input"),
        ("用户名右边的输入框", "right", "用户名", "text_input"),
        ("在设置左侧的图标", "left", "设置", "icon"),
        ("记住我旁边的复选框", "near", "记住我", "checkbox"),
        ("third item in the task list", "inside", "task", "list_item"),
        ("任务列表中的第二项", "inside", "任务列表", "list_item"),
    ],
)
def test_relations(text: str, side: str, anchor: str, kind: str) -> None:
    found = [r for r in parse_query(text).readings if r.relation and r.types[:1] == (kind,)]
    relations = [r.relation for r in found if r.relation and r.text == ""]
    assert relations, parse_query(text).readings
    assert relations[0].side == side
    assert anchor in [each.text for each in relations[0].anchors]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("the Edit button in the row of Alice", "Edit"),
        ("the Edit button in Alice's row", "Edit"),
        ("Alice 那一行的编辑按钮", "编辑"),
        ("Alice所在行的编辑按钮", "编辑"),
    ],
)
def test_a_row_named_by_a_cell(text: str, target: str) -> None:
    found = reading(text, text=target, types=("button",))
    assert found.relation is not None
    assert found.relation.side == "row"
    assert "Alice" in [each.text for each in found.relation.anchors]


def test_states_and_corners() -> None:
    assert reading("已勾选的复选框", text="").checked is True
    assert reading("the unchecked checkbox", text="").checked is False
    assert reading("disabled Save button", text="Save").enabled is False
    assert reading("左上角的图标", text="").corner == "top left"
    assert reading("the icon in the top right corner", text="").corner == "top right"


def test_the_callers_type_overrules_the_words() -> None:
    readings = parse_query("Password", "password_input").readings
    assert {r.types for r in readings} == {("password_input",)}
    assert parse_query("the Save button", "link").readings[-1].types == ("link",)


@pytest.mark.parametrize("text", ["", "   ", "\u3000", "\u200b", "\n\t"])
def test_nothing_is_refused(text: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["a\x00b", "Save\nas", "a\u202eb", "\u2066x", "\ud800"])
def test_control_and_bidi_characters_are_refused(text: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    assert "\n" not in str(caught.value)


def test_long_queries_are_refused_and_not_echoed() -> None:
    assert parse_query("x" * MAX_QUERY_LENGTH)
    with pytest.raises(QueryError) as caught:
        parse_query("x" * (MAX_QUERY_LENGTH + 1))
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("二", 2),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("二十三", 23),
        ("一百零五", 105),
        ("7", 7),
    ],
)
def test_chinese_numbers(text: str, number: int) -> None:
    assert chinese_number(text) == number


def test_a_word_that_is_no_number() -> None:
    assert chinese_number("项") is None


def test_the_tables_cover_every_type_in_both_languages() -> None:
    assert set(vocabulary.TYPE_WORDS) == set(ELEMENT_TYPES)
    for kind, words in vocabulary.TYPE_WORDS.items():
        assert any(word.isascii() for word in words), kind
        assert any(not word.isascii() for word in words), kind
        assert all(word == word.lower() for word in words), kind
    known = {word for words in vocabulary.TYPE_WORDS.values() for word in words}
    assert set(vocabulary.ALSO) <= known
    assert set(vocabulary.AGREEMENT) == set(ELEMENT_TYPES)


def test_no_word_means_two_types() -> None:
    seen = [word for words in vocabulary.TYPE_WORDS.values() for word in words]
    assert sorted(seen) == sorted(set(seen))


WORDS = st.sampled_from(
    (
        "the",
        "Save",
        "button",
        "in",
        "row",
        "of",
        "第二",
        "项",
        "的",
        "按钮",
        "密码",
        "框",
        "中",
        "下面",
        "under",
        "Email",
        "last",
        "3rd",
        "“",
        "”",
        '"',
        "'",
        "on",
        "screen",
        "点击",
        "请",
        "checked",
        "左上角",
        "next",
        "to",
        "for",
        "labelled",
        "list",
        "列表",
        "行",
        "那一行",
        "1",
        "2",
        "(",
        ")",
        ":",
        "…",
    )
)


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=14).map(" ".join),
                 st.lists(WORDS, max_size=14).map("".join)))  # fmt: skip
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    try:
        query = parse_query(text)
    except QueryError:
        return
    assert isinstance(query, Query)
    assert query.readings[0].text
    assert 1 <= len(query.readings) <= 24
    assert all(0.0 < each.prior <= 1.0 and each.says_something for each in query.readings)
