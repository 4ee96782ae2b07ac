"""Which text names which field: to its left, above it, on it, and which text does not."""

from __future__ import annotations

import pytest
from drawn_screen import CJK, WHITE, Drawing, near

from qvl_agent.geometry import Box
from qvl_agent.grounding.embedded.fields import clean_label, tie_labels

looks = pytest.mark.parametrize(("dark", "scale"), [(False, 1), (False, 2), (True, 1), (True, 2)])
needs_cjk = pytest.mark.skipif(not CJK.exists(), reason="needs fonts-noto-cjk")
GREY = (178, 178, 178)


def label_of(screen: Drawing, box: Box) -> str:
    """What the field drawn at ``box`` is called."""
    found = [item.element for item in screen.items if near(item.element.bbox, box)]
    assert len(found) == 1, [item.element for item in screen.items]
    assert found[0].element_type in ("text_input", "password_input", "combo_box")
    return found[0].label


@pytest.mark.parametrize(
    ("drawn", "label"),
    [
        ("Name", "Name"),
        ("Name:", "Name"),
        ("Name :", "Name"),
        ("* Name", "Name"),
        ("Name *", "Name"),
        ("用户名：", "用户名"),
        ("＊密码：", "密码"),
        ("密码＊", "密码"),
        ("Time (hh:mm)", "Time (hh:mm)"),
        (":", ":"),
        ("*", "*"),
        ("", ""),
    ],
)
def test_a_label_loses_its_colon_and_star(drawn: str, label: str) -> None:
    assert clean_label(drawn) == label


class TestLeft:
    @looks
    @pytest.mark.parametrize("text", ["Name", "Name:", "* Name"])
    def test_the_text_to_the_left_names_it(self, dark: bool, scale: int, text: str) -> None:
        screen = Drawing(dark=dark, scale=scale)
        screen.text(20, 26, text)
        assert label_of(screen, screen.field(110, 20)) == "Name"

    def test_labels_of_a_column_name_their_own_fields(self) -> None:
        screen = Drawing()
        names = ("Name", "Street", "Town", "Country")
        boxes = []
        for n, name in enumerate(names):
            screen.text(20, 26 + 40 * n, name)
            boxes.append(screen.field(110, 20 + 40 * n))
        assert [label_of(screen, box) for box in boxes] == list(names)

    def test_labels_set_to_the_right_name_their_own_fields(self) -> None:
        screen = Drawing()
        names = ("Name", "Street and number", "Town")
        boxes = []
        for n, name in enumerate(names):
            screen.text(170 - screen.width_of(name), 26 + 40 * n, name)
            boxes.append(screen.field(180, 20 + 40 * n))
        assert [label_of(screen, box) for box in boxes] == list(names)

    def test_two_fields_on_a_row_have_a_label_each(self) -> None:
        screen = Drawing(640, 200)
        screen.text(20, 26, "From")
        first = screen.field(70, 20)
        screen.text(320, 26, "To")
        second = screen.field(360, 20)
        assert [label_of(screen, box) for box in (first, second)] == ["From", "To"]

    def test_it_does_not_reach_across_a_widget(self) -> None:
        screen = Drawing(640, 200)
        screen.text(20, 26, "Name")
        first = screen.field(90, 20, width=110)
        second = screen.field(220, 20, width=110, placeholder="Last")
        assert label_of(screen, first) == "Name"
        assert label_of(screen, second) == "Last"

    def test_a_text_far_away_is_none(self) -> None:
        screen = Drawing(900, 200)
        screen.text(20, 26, "Name")
        assert label_of(screen, screen.field(500, 20, placeholder="Search")) == "Search"

    def test_a_text_on_another_row_is_none(self) -> None:
        screen = Drawing()
        screen.text(20, 70, "Name")
        assert label_of(screen, screen.field(110, 20, placeholder="Search")) == "Search"

    def test_an_area_has_its_label_at_its_upper_end(self) -> None:
        screen = Drawing()
        screen.text(20, 26, "Title")
        screen.field(110, 20)
        screen.text(20, 78, "Message")
        assert label_of(screen, screen.field(110, 70, width=300, height=120)) == "Message"

    @needs_cjk
    @pytest.mark.parametrize("text", ["用户名", "用户名：", "用户名:"])
    def test_chinese_labels_and_colons(self, text: str) -> None:
        screen = Drawing()
        screen.text(20, 24, text)
        assert label_of(screen, screen.field(110, 20)) == "用户名"

    @needs_cjk
    def test_a_chinese_password_label(self) -> None:
        screen = Drawing()
        screen.text(20, 24, "密码：")
        screen.field(110, 20)
        assert screen.kind("密码") in ("text", "password_input")
        assert "password_input" in screen.kinds


class TestAbove:
    @looks
    def test_the_text_above_its_start_names_it(self, dark: bool, scale: int) -> None:
        screen = Drawing(dark=dark, scale=scale)
        screen.text(40, 40, "Street")
        assert label_of(screen, screen.field(40, 62)) == "Street"

    def test_stacked_fields_have_the_text_above_each(self) -> None:
        screen = Drawing(480, 400)
        names = ("Name", "Street", "Town")
        boxes = []
        for n, name in enumerate(names):
            screen.text(40, 20 + 70 * n, name)
            boxes.append(screen.field(40, 42 + 70 * n))
        assert [label_of(screen, box) for box in boxes] == list(names)

    def test_columns_of_fields_have_the_text_above_each(self) -> None:
        screen = Drawing(640, 200)
        names = ("Day", "Month", "Year")
        boxes = []
        for n, name in enumerate(names):
            screen.text(40 + 130 * n, 20, name)
            boxes.append(screen.field(40 + 130 * n, 42, width=110))
        assert [label_of(screen, box) for box in boxes] == list(names)

    def test_a_text_too_high_above_is_none(self) -> None:
        screen = Drawing()
        screen.text(40, 10, "Welcome")
        assert label_of(screen, screen.field(40, 100, placeholder="Search")) == "Search"

    def test_a_larger_title_is_none(self) -> None:
        screen = Drawing()
        for n in range(3):
            screen.text(40, 150 + 30 * n, "Some words at the usual size")
        screen.text(40, 10, "Welcome", size=24)
        assert label_of(screen, screen.field(40, 44, placeholder="Search")) == "Search"

    def test_a_menu_bar_above_a_path_is_none(self) -> None:
        """Its first title starts where the entry does, but the row is no row of labels."""
        screen = Drawing()
        left = 10.0
        for name in ("File", "Edit", "View", "Go", "Help"):
            screen.text(left, 8, name)
            left += screen.width_of(name) + 16
        assert label_of(screen, screen.field(8, 34, width=400, content="/home/ada")) == "/home/ada"


class TestHabits:
    """Where a left and an upper text could both be it, the other fields of the form decide."""

    def test_a_left_label_beats_the_title_above(self) -> None:
        screen = Drawing()
        screen.text(110, 14, "Your address")
        screen.text(20, 42, "Street")
        first = screen.field(110, 36)
        screen.text(20, 92, "Town")
        second = screen.field(110, 86)
        assert [label_of(screen, box) for box in (first, second)] == ["Street", "Town"]

    def test_a_colon_decides_for_the_left_one(self) -> None:
        screen = Drawing()
        screen.text(110, 14, "Your address")
        screen.text(20, 42, "Street:")
        assert label_of(screen, screen.field(110, 36)) == "Street"

    def test_upper_labels_beat_a_left_text_where_the_form_sets_them_above(self) -> None:
        screen = Drawing(640, 400)
        for n, name in enumerate(("Name", "Street")):
            screen.text(150, 20 + 70 * n, name)
            screen.field(150, 42 + 70 * n)
        screen.text(150, 160, "Town")
        screen.text(20, 188, "see the map")
        assert label_of(screen, screen.field(150, 182)) == "Town"

    def test_the_other_text_stays_one_of_its_names(self) -> None:
        screen = Drawing()
        screen.text(110, 14, "Your address")
        screen.text(20, 42, "Street:")
        screen.field(110, 36, placeholder="1 Main Street")
        names = screen.item("Street").names
        assert "Your address" in names
        assert "1 Main Street" in names

    def test_an_aside_may_be_left_out(self) -> None:
        screen = Drawing()
        screen.text(20, 26, "Phone (optional)")
        screen.field(170, 20)
        assert "Phone" in screen.item("Phone (optional)").names


class TestPanels:
    def test_no_label_reaches_out_of_its_panel(self) -> None:
        screen = Drawing(640, 300)
        screen.rect(20, 20, 220, 200, fill=WHITE, line=GREY)
        screen.text(150, 86, "Files")
        screen.rect(240, 20, 620, 200, fill=WHITE, line=GREY)
        field = screen.field(250, 80, placeholder="Search")
        assert label_of(screen, field) == "Search"

    def test_a_label_in_the_same_panel_is_tied(self) -> None:
        screen = Drawing(640, 300)
        screen.rect(20, 20, 620, 200, fill=WHITE, line=GREY)
        screen.text(40, 86, "Files")
        assert label_of(screen, screen.field(150, 80)) == "Files"

    def test_the_box_joined_to_a_field_belongs_to_it(self) -> None:
        """The label stands over the box with the sign, not over the field itself."""
        screen = Drawing(640, 300)
        screen.text(40, 40, "Price")
        screen.rect(40, 62, 76, 92, fill=(233, 236, 239), line=GREY)
        screen.text(53, 68, "$")
        field = screen.rect(75, 62, 300, 92, fill=WHITE, line=GREY)
        screen.text(40, 160, "Other words on the page")
        assert label_of(screen, field) == "Price"


class TestTies:
    """`tie_labels` itself, on lines and boxes alone."""

    def test_without_text_or_fields_there_is_nothing_to_tie(self) -> None:
        field = Box(100, 20, 300, 48)
        assert tie_labels([field], [], [], [field], [], []) == [[]]
        assert tie_labels([], [], [], [], [], []) == []

    def test_only_free_lines_are_labels(self) -> None:
        screen = Drawing()
        screen.text(20, 26, "Name")
        letters, field = screen.letters, Box(100, 20, 300, 48)
        assert tie_labels([field], letters, [0], [field], [], [])[0][0].line == 0
        assert tie_labels([field], letters, [], [field], [], []) == [[]]

    def test_the_nearer_of_two_texts_on_the_row_is_first(self) -> None:
        screen = Drawing()
        screen.text(10, 26, "Far")
        screen.text(60, 26, "Near")
        field = Box(110, 20, 300, 48)
        ties = tie_labels([field], screen.letters, [0, 1], [field], [], [])
        assert [tie.line for tie in ties[0]] == [1]
        assert 0 < ties[0][0].distance < 2


class TestSoftFields:
    """Fields without a frame, as phones and Material design draw them."""

    @staticmethod
    def form(scale: int = 2, *, dark: bool = False) -> tuple[Drawing, list[Box]]:
        """Rows between thin rules: a label, and a faint placeholder in a column of its own."""
        screen = Drawing(375, 400, scale=scale, dark=dark, ground=None if dark else WHITE)
        faint = screen.theme["faint"] if dark else (178, 178, 178)
        rule = (64, 64, 66) if dark else (229, 229, 229)
        rows = []
        screen.text(16, 40, "Sign in to your account")
        for n, (label, hint) in enumerate(
            (("Account", "Phone or email"), ("Password", "Enter it"))
        ):
            top = 100 + 48 * n
            screen.text(16, top + 14, label)
            screen.text(120, top + 14, hint, fill=faint)
            screen.rect(16, top + 47, 359, top + 48, fill=rule)
            rows.append(screen.box(120, top, 359, top + 48))
        screen.text(16, 260, "By signing in you agree to the terms")
        return screen, rows

    @pytest.mark.parametrize("scale", [1, 2, 3])
    @pytest.mark.parametrize("dark", [False, True])
    def test_a_faint_placeholder_right_of_a_label_is_a_field(self, scale: int, dark: bool) -> None:
        screen, rows = self.form(scale, dark=dark)
        fields = [i.element for i in screen.items if i.element.element_type.endswith("input")]
        assert [field.label for field in fields] == ["Account", "Password"]
        assert [field.element_type for field in fields] == ["text_input", "password_input"]
        for field, row in zip(fields, rows, strict=True):
            assert row.contains(field.bbox.centre)
            assert field.bbox.width > 0.8 * row.width
            assert field.enabled

    def test_a_value_in_the_column_of_the_placeholders_is_a_field_too(self) -> None:
        screen, _ = self.form()
        screen.text(16, 210, "Town")
        screen.text(120, 210, "Paris")
        screen.rect(16, 243, 359, 244, fill=(229, 229, 229))
        assert screen.item("Town").element.element_type == "text_input"
        assert screen.item("Town").element.text == "Paris"

    def test_a_row_of_a_list_with_a_value_at_its_end_is_none(self) -> None:
        screen = Drawing(375, 300, scale=2, ground=WHITE)
        for n, (name, value) in enumerate((("Language", "English"), ("Time", "24 h"))):
            top = 40 + 48 * n
            screen.text(16, top + 14, name)
            width = screen.width_of(value)
            screen.text(355 - width, top + 14, value, fill=(178, 178, 178))
            screen.rect(16, top + 47, 359, top + 48, fill=(229, 229, 229))
        assert not any(kind.endswith("input") for kind in screen.kinds)

    def test_clear_text_over_a_rule_is_a_heading(self) -> None:
        screen = Drawing(480, 300, ground=WHITE)
        screen.text(20, 20, "Settings of the machine")
        screen.rect(20, 44, 460, 45, fill=(210, 210, 210))
        screen.text(20, 60, "Nothing to set here")
        assert set(screen.kinds) == {"text"}

    def test_underlines_after_their_labels_are_blanks_to_fill(self) -> None:
        screen = Drawing(480, 300, ground=WHITE)
        for n, name in enumerate(("Name", "Town")):
            screen.text(20, 40 + 40 * n, name)
            screen.rect(75, 56 + 40 * n, 300, 57 + 40 * n, fill=(120, 120, 120))
        assert screen.kinds.count("text_input") == 2
        assert screen.item("Town").element.bbox.width == pytest.approx(225, abs=3)

    def test_one_line_after_one_word_may_be_anything(self) -> None:
        screen = Drawing(480, 300, ground=WHITE)
        screen.text(20, 40, "Options")
        screen.rect(85, 56, 300, 57, fill=(120, 120, 120))
        assert screen.kinds == ["text"]
