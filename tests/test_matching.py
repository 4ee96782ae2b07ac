"""Matching: from words to the right element of a hand-made scene, and to nothing absurd."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scene_builder import CHAR, SceneBuilder, line

from qvl_agent.errors import QueryError
from qvl_agent.geometry import Box, Size
from qvl_agent.grounding.base import Element
from qvl_agent.grounding.embedded.matching import Candidate, Evidence, Matcher, match
from qvl_agent.grounding.embedded.query import parse_query
from qvl_agent.grounding.embedded.scene import Item, Scene
from qvl_agent.grounding.embedded.similarity import compare, fold

SURE = 0.8  # scores below are what the calibration should refuse


def found(builder: SceneBuilder, query: str, **more: object) -> list[Candidate]:
    return match(builder.scene, parse_query(query, **more))  # type: ignore[arg-type]


def best(builder: SceneBuilder, query: str, **more: object) -> Candidate:
    candidates = found(builder, query, **more)
    assert candidates, f"nothing found for {query!r}"
    return candidates[0]


def at(builder: SceneBuilder, query: str, **more: object) -> tuple[float, float]:
    """Left and top of the best candidate."""
    box = best(builder, query, **more).element.bbox
    return box.left, box.top


def score(builder: SceneBuilder, query: str) -> float:
    return max((c.evidence.score for c in found(builder, query)), default=0.0)


# --- text -----------------------------------------------------------------------------------


def test_a_button_by_its_text_gives_the_widgets_box() -> None:
    builder = SceneBuilder().button("Save", 100, 100)
    candidate = best(builder, "Save")
    assert candidate.element.bbox == builder.items[0].element.bbox
    assert candidate.item == 0
    assert (candidate.evidence.exact, candidate.evidence.whole) == (1.0, 1.0)


def test_the_widget_wins_over_plain_text_and_whole_over_part() -> None:
    builder = SceneBuilder().text("Save", 10, 10).text("Save your work", 10, 40)
    builder.button("Save", 300, 300)
    assert at(builder, "Save") == (300, 300)
    assert [c.element.element_type for c in found(builder, "Save")] == ["button", "text", "text"]


def test_the_same_case_wins() -> None:
    builder = SceneBuilder().button("save", 10, 10).button("Save", 300, 10)
    assert at(builder, "Save")[0] == 300


def test_a_literal_label_wins_over_a_description() -> None:
    builder = SceneBuilder().button("Add", 10, 10).button("Add button", 300, 10)
    assert at(builder, "Add button")[0] == 300
    assert at(SceneBuilder().button("Add", 10, 10).text("Button", 300, 10), "Add button")[0] == 10


def test_a_part_of_a_sentence_gives_the_box_of_these_words() -> None:
    builder = SceneBuilder().text("I accept the privacy policy", 50, 100)
    box = best(builder, "privacy policy").element.bbox
    assert (box.left, box.right) == (50 + 13 * CHAR, 50 + 27 * CHAR)
    chinese = SceneBuilder().text("我已阅读并同意隐私政策", 50, 100)
    assert best(chinese, "隐私政策").element.bbox.left == 50 + 14 * CHAR


def test_a_part_of_a_check_boxs_label_is_itself_but_the_whole_is_the_check_box() -> None:
    builder = SceneBuilder().toggle("I accept the privacy policy", 50, 100)
    assert best(builder, "privacy policy").element.bbox.left > 100
    assert best(builder, "I accept the privacy policy").element.element_type == "checkbox"
    assert best(builder, "privacy policy checkbox").element.bbox.left == 50


@pytest.mark.parametrize(
    ("query", "drawn"),
    [
        ("I have read", "Ihaveread"),
        ("OK", "0K"),
        ("Cancel", "Cance1"),
        ("modern", "modem"),
        ("Step 1", "Step l"),
        ("“Save”", '"Save"'),
        ("Name:", "Name"),
        ("Name", "*Name："),
        ("Open…", "Open..."),
        ("Open", "Open Ctrl+O"),
        ("Open", "Open…"),
        ("文件", "文件(F)"),
        ("文件(F)", "文件"),
        ("Inbox", "Inbox (3)"),
        ("ＯＫ", "OK"),
        ("用户名", "用户名："),
        ("未命名文档", "末命名文档"),
        ("E-mail", "E—mail"),
        ("你好,世界", "你好，世界"),
        ("Café", "Cafe"),
    ],
)
def test_what_ocr_and_people_do_not_agree_on(query: str, drawn: str) -> None:
    assert score(SceneBuilder().button(drawn, 10, 10), query) > 0.7


@pytest.mark.parametrize(
    ("query", "drawn"),
    [
        ("Save", "Saved"),
        ("Undo", "Redo"),
        ("Export", "Import"),
        ("登录", "登出"),
        ("启用", "禁用"),
        ("Step 1", "Step 2"),
        ("Step 1", "Step 12"),
        ("1", "10"),
        ("Page 3", "Page 33"),
        ("Name", "Rename"),
        ("Inbox (4)", "Inbox (3)"),
        ("C", "C++"),
        ("+", "-"),
        ("Cut", "Cute"),
        ("启用桌面通知", "禁用桌面通知"),
        ("Check all", "Uncheck all"),
        ("Enable notifications", "Disable notifications"),
        ("12:30", "12:31"),
        ("Sort A-Z", "Import"),
    ],
)
def test_a_similar_word_is_not_the_word(query: str, drawn: str) -> None:
    assert score(SceneBuilder().button(drawn, 10, 10), query) < SURE
    present = SceneBuilder().button(drawn, 10, 10).button(query, 300, 10)
    assert at(present, query)[0] == 300


@pytest.mark.parametrize(
    ("query", "drawn"), [("Password", "Confirm password"), ("Open", "Open Recent"), ("登", "登录")]
)
def test_a_part_says_that_it_is_one(query: str, drawn: str) -> None:
    evidence = best(SceneBuilder().button(drawn, 10, 10), query).evidence
    assert evidence.whole == 0.0
    assert evidence.share < 0.7
    assert evidence.score < 0.9


def test_words_that_the_reading_split_are_joined() -> None:
    row = SceneBuilder().text("Terms of", 50, 100).text("service", 50 + 9 * CHAR, 100)
    candidate = best(row, "Terms of service")
    assert candidate.evidence.joined == 1.0
    assert (candidate.element.bbox.left, candidate.element.bbox.right) == (50, 50 + 16 * CHAR)
    wrapped = SceneBuilder().text("请阅读并同意用户", 50, 100).text("服务协议后继续", 50, 120)
    box = best(wrapped, "用户服务协议").element.bbox
    assert (box.top, box.bottom) == (100, 136)


def test_lines_far_apart_are_not_joined() -> None:
    builder = SceneBuilder().text("Terms of", 50, 100).text("service", 700, 500)
    assert score(builder, "Terms of service") < SURE


def test_quoted_text_is_whole_or_nothing() -> None:
    builder = SceneBuilder().button("Save as", 10, 10)
    assert found(builder, '"Save"') == []
    assert at(builder, '"Save as"') == (10, 10)


def test_symbols_are_text() -> None:
    keys = SceneBuilder()
    for number, key in enumerate("789+456-123="):
        keys.button(key, 60 * (number % 4), 40 * (number // 4))
    for number, key in enumerate("789+456-123="):
        assert at(keys, key) == (60 * (number % 4), 40 * (number // 4))


# --- fields ---------------------------------------------------------------------------------


def form() -> SceneBuilder:
    builder = (
        SceneBuilder().field("用户名：", 300, 100).field("密码：", 300, 150, kind="password_input")
    )
    builder.field("Email", 300, 240, above=True).field("Country", 300, 300, kind="combo_box")
    return builder.toggle("记住我", 300, 350).button("登录", 300, 400)


@pytest.mark.parametrize(
    ("query", "top"),
    [
        ("用户名", 100),
        ("用户名：", 100),
        ("用户名输入框", 100),
        ("密码", 150),
        ("密码输入框", 150),
        ("password field", 150),
        ("Email", 240),
        ("the Email field", 240),
        ("the field labelled Email", 240),
        ("Country drop-down", 300),
        ("用户名右边的输入框", 100),
        ("the field under Email", 240),
        ("用户名下面的输入框", 150),
        ("记住我", 350),
        ("登录按钮", 400),
        ("第二个输入框", 150),
        ("the last field", 300),
    ],
)
def test_a_form(query: str, top: float) -> None:
    assert at(form(), query) == (300, top)


def test_the_label_is_the_first_alternative_and_no_draw() -> None:
    first, second = found(form(), "Email")[:2]
    assert (first.element.element_type, second.element.element_type) == ("text_input", "text")
    assert first.evidence.equals == 0.0
    assert first.evidence.by_label == 1.0


def test_the_callers_type_asks_for_the_field() -> None:
    assert best(form(), "密码", element_type="password_input").element.bbox.top == 150


def test_a_label_that_nobody_tied_gives_the_field_beside_it() -> None:
    builder = SceneBuilder().field("City", 300, 100, tied=False).field("Town", 300, 150, tied=False)
    candidate = best(builder, "the City field")
    assert candidate.element.bbox.top == 100
    assert candidate.evidence.by_place == 1.0


def test_a_placeholder_names_the_field() -> None:
    builder = SceneBuilder().field("", 300, 100, content="Search mail")
    assert best(builder, "Search mail").element.element_type == "text_input"


# --- types, states, places ------------------------------------------------------------------


def test_the_type_chooses_among_equal_texts() -> None:
    builder = SceneBuilder().button("Network", 10, 10, kind="tab").button("Network", 300, 300)
    assert at(builder, "Network tab") == (10, 10)
    assert at(builder, "the Network button") == (300, 300)
    assert best(builder, "Network").evidence.equals == 1.0


def test_states() -> None:
    builder = SceneBuilder().toggle("One", 10, 10).toggle("Two", 10, 40, checked=True)
    assert at(builder, "the checked checkbox") == (10, 40)
    assert at(builder, "未勾选的复选框") == (10, 10)
    gone = SceneBuilder().button("Save", 10, 10).button("Save", 300, 10, enabled=False)
    assert at(gone, "disabled Save button")[0] == 300


def test_corners() -> None:
    builder = SceneBuilder().icon(10, 10).icon(1150, 10).icon(10, 850)
    assert at(builder, "the icon in the top right corner") == (1150, 10)
    assert at(builder, "左下角的图标") == (10, 850)


# --- ordinals and relations -----------------------------------------------------------------


def table() -> SceneBuilder:
    builder = SceneBuilder()
    for number, name in enumerate(("Alice", "Bob", "Carol")):
        top = 100 + 40 * number
        builder.row(name, "admin", left=50, top=top)
        builder.button("Edit", 500, top).button("Delete", 600, top).toggle("on", 700, top)
    return builder


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("the second Edit button", (500, 140)),
        ("第三个Delete按钮", (600, 180)),
        ("the last Delete button", (600, 180)),
        ("倒数第二个Delete按钮", (600, 140)),
        ("2nd checkbox", (700, 140)),
        ("the Edit button in the row of Bob", (500, 140)),
        ("the Edit button in Carol's row", (500, 180)),
        ("Alice 那一行的Edit按钮", (500, 100)),
        ("the Delete button for Bob", (600, 140)),
        ("第二行的Delete按钮", (600, 140)),
        ("second row", (45, 140)),
        ("第3行", (45, 180)),
        ("row 1", (45, 100)),
        ("the checkbox in the row of Alice", (700, 100)),
        ("button to the right of Carol", (500, 180)),
    ],
)
def test_a_table(query: str, place: tuple[float, float]) -> None:
    assert at(table(), query) == place


def test_equal_candidates_come_in_reading_order() -> None:
    candidates = [c for c in found(table(), "Delete") if c.evidence.whole]
    assert [c.element.bbox.top for c in candidates] == [100, 140, 180]
    assert [c.evidence.equals for c in candidates] == [2.0, 2.0, 2.0]
    assert candidates[0].evidence.margin == 0.0


def test_an_ordinal_beyond_the_last_finds_nothing_good() -> None:
    assert score(table(), "the seventh Delete button") < SURE


def lists() -> SceneBuilder:
    builder = SceneBuilder().text("任务列表", 50, 50).text("完成", 500, 50)
    for number, task in enumerate(("买牛奶", "写报告", "打电话")):
        builder.text(task, 50, 90 + 30 * number)
        builder.text(f"旧事{number}", 500, 90 + 30 * number)
    return builder.text("别的标题", 50, 400).text("别的", 50, 440)


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("任务列表中的第二项", (50, 120)),
        ("任务列表里的最后一项", (50, 150)),
        ("完成列表中的第一项", (500, 90)),
        ("the third item in the 任务列表 list", (50, 150)),
    ],
)
def test_items_under_a_title(query: str, place: tuple[float, float]) -> None:
    assert at(lists(), query) == place


def ruled_table() -> SceneBuilder:
    """A title, a header and five rows that nobody recognised as rows, with a text beside them."""
    builder = SceneBuilder().text("Which folders shall be saved?", 50, 40)
    builder.text("Folder", 80, 70).text("Size", 300, 70).text("a remark of its own", 700, 88)
    for number, name in enumerate(("Documents", "Pictures", "Mail", "Downloads", "Music")):
        builder.toggle(name, 56, 100 + 25 * number).text(f"{number}.5 GB", 300, 100 + 25 * number)
    return builder


@pytest.mark.parametrize(
    ("query", "top", "right"),
    [("the second row", 125, 348), ("最后一行", 200, 348), ("row 1", 100, 348)],
)
def test_rows_that_the_scene_does_not_know(query: str, top: float, right: float) -> None:
    box = best(ruled_table(), query).element.bbox
    assert (box.left, box.top, box.right) == (56, top, right)


def test_an_open_menu_with_separators_over_a_text() -> None:
    builder = SceneBuilder().text("some long text of a document", 300, 112)
    for entry, top in (("New", 100), ("Open", 125), ("Save", 160), ("Save As", 185), ("Quit", 220)):
        builder.text(entry, 50, top)
    assert at(builder, "third item") == (50, 160)
    assert at(builder, "the item under Save As") == (50, 220)


def test_a_label_and_its_field_count_once() -> None:
    builder = form().field("密码", 300, 600, kind="password_input")
    assert at(builder, "the second 密码") == (300, 600)


def test_under_a_label_and_under_its_field() -> None:
    builder = (
        SceneBuilder().field("Email", 300, 100, above=True).field("Phone", 300, 160, above=True)
    )
    assert at(builder, "the field under Email") == (300, 100)
    assert at(builder, "the field under the Email field") == (300, 160)


def test_items_in_a_container() -> None:
    builder = SceneBuilder()
    left, right = builder.panel(40, 40, 400, 400), builder.panel(600, 40, 400, 400)
    for number in range(3):
        builder.row(f"a{number}", left=60, top=80 + 40 * number, container=left)
    for number in range(4):
        builder.row(f"b{number}", left=620, top=80 + 40 * number, container=right)
    assert at(builder, "second row") == (615, 120)


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("the icon left of Settings", (250, 100)),
        ("the icon next to Settings", (250, 100)),
        ("设置右边的图标", (250, 300)),
        ("the text above Settings", (280, 60)),
    ],
)
def test_icons_beside_text(query: str, place: tuple[float, float]) -> None:
    builder = SceneBuilder().text("Settings", 280, 100).icon(250, 100).icon(800, 800)
    builder.text("设置", 200, 300).icon(250, 300).text("Preferences", 280, 60)
    assert at(builder, query) == place


def test_a_check_box_next_to_its_own_label() -> None:
    builder = SceneBuilder().toggle("Other", 10, 40).toggle("Remember me", 10, 80)
    assert at(builder, "checkbox next to Remember me") == (10, 80)
    assert at(builder, "Remember me旁边的复选框") == (10, 80)


# --- what never happens ---------------------------------------------------------------------


def test_an_empty_scene_has_no_candidates() -> None:
    assert match(Scene(size=Size(10, 10)), parse_query("Save")) == []


def test_loose_lines_are_found() -> None:
    scene = Scene(size=Size(300, 300), lines=(line("Hello world", 10, 10),))
    candidate = match(scene, parse_query("world"))[0]
    assert candidate.item is None
    assert candidate.element.bbox == Box(10 + 6 * CHAR, 10, 10 + 11 * CHAR, 26)


def test_boxes_are_inside_the_scene() -> None:
    element = Element(bbox=Box(-20, 5, 40, 25), element_type="button", label="Save", text="Save")
    scene = Scene(size=Size(30, 30), items=(Item(element=element, lines=(line("Save", -10, 7),)),))
    assert match(scene, parse_query("Save"))[0].element.bbox == Box(0, 5, 30, 25)


def test_a_matcher_gives_what_match_gives() -> None:
    builder, query = table(), parse_query("the second Edit button")
    matcher = Matcher(builder.scene)
    assert matcher.match(query) == matcher.match(query) == match(builder.scene, query)


def test_evidence_is_numbers_in_a_fixed_order() -> None:
    evidence = best(table(), "Bob").evidence
    assert len(evidence.values()) == len(Evidence.names())
    assert all(isinstance(value, float) for value in evidence.values())


def test_a_wall_of_text_and_a_long_query_are_compared_in_bounded_work() -> None:
    builder = SceneBuilder(4000, 60000)
    for number in range(2000):
        builder.text(f"the same long line again and again, number {number}", 10, 20.0 * number)
    matcher = Matcher(builder.scene)
    assert len(matcher.match(parse_query("the same long line " * 50))) <= 24
    assert matcher.match(parse_query("number 1234"))[0].element.bbox.top == 20.0 * 1234


TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ("Save", "登录", "密码", "Email", "(3)", "...", "文件(F)", "Step 1", "rn", "l1I")
    ),
)
QUERIES = st.one_of(
    TEXTS,
    st.lists(
        st.sampled_from(
            (
                "the",
                "second",
                "第二",
                "项",
                "行",
                "row",
                "of",
                "in",
                "under",
                "Save",
                "登录",
                "按钮",
                "中的",
                "下面的",
                "最后",
                "Email",
                "“",
                "”",
            )
        ),
        max_size=8,
    ).map(" ".join),
)


@st.composite
def scenes(draw: st.DrawFn) -> SceneBuilder:
    builder = SceneBuilder(400, 300)
    for _ in range(draw(st.integers(0, 8))):
        text, left, top = draw(TEXTS), draw(st.integers(-50, 420)), draw(st.integers(-20, 310))
        kind = draw(st.sampled_from(("text", "button", "checkbox", "field", "row", "icon")))
        if kind == "text":
            builder.text(text, left, top)
        elif kind == "button":
            builder.button(text, left, top)
        elif kind == "checkbox":
            builder.toggle(text, left, top)
        elif kind == "field":
            builder.field(text, left, top, above=draw(st.booleans()))
        elif kind == "row":
            builder.row(text, draw(TEXTS), left=left, top=top)
        else:
            builder.icon(left, top)
    return builder


@settings(max_examples=200, deadline=None)
@given(scenes(), QUERIES)
def test_any_query_on_any_scene(builder: SceneBuilder, text: str) -> None:
    try:
        query = parse_query(text)
    except QueryError:
        return
    screen = Box(0, 0, builder.size.width, builder.size.height)
    candidates = match(builder.scene, query)
    for candidate in candidates:
        assert screen.contains_box(candidate.element.bbox)
        assert 0.0 <= candidate.similarity <= 1.0
        assert 0.0 <= candidate.evidence.score <= 1.0
    scores = [candidate.evidence.score for candidate in candidates]
    assert scores == sorted(scores, reverse=True)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_comparing_never_fails_and_stays_in_the_text(text: str, before: str, after: str) -> None:
    source = before + text + after
    result = compare(fold(text), fold(source))
    if result:
        assert 0 <= result.start < result.end <= len(source)
        assert 0.0 <= result.similarity <= 1.0


@given(st.text(min_size=1, max_size=30))
def test_a_text_is_itself(text: str) -> None:
    result = compare(fold(text), fold(text))
    assert result is None if not fold(text).chars else result and result.similarity == 1.0
