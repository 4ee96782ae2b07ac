"""Buttons, fields, combo boxes, check boxes and areas: what a drawn rectangle or mark is.

The lines of text are those a perfect reader would see; no OCR runs here.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from drawn_screen import BLACK, BLUE, WHITE, Drawing, Pen, near

from qvl_agent.geometry import Box

looks = pytest.mark.parametrize(("dark", "scale"), [(False, 1), (False, 2), (True, 1), (True, 2)])
GREEN, RED = (39, 174, 96), (220, 60, 50)


class TestButtons:
    @looks
    @pytest.mark.parametrize("text", ["OK", "Save as", "+"])
    def test_a_centred_caption_on_a_fill_is_a_button(
        self, dark: bool, scale: int, text: str
    ) -> None:
        screen = Drawing(dark=dark, scale=scale)
        screen.text(30, 20, "Some words beside it")
        drawn = screen.button(40, 60, text)
        found = screen.item(text).element
        assert found.element_type == "button"
        assert found.bbox == drawn
        assert found.enabled

    @looks
    def test_its_colour_does_not_matter(self, dark: bool, scale: int) -> None:
        screen = Drawing(dark=dark, scale=scale)
        drawn = {
            "Delete": screen.button(40, 20, "Delete", fill=RED, ink=WHITE),
            "Confirm": screen.button(40, 70, "Confirm", fill=BLUE, ink=WHITE, radius=15),
            "Cancel": screen.button(40, 120, "Cancel", fill=screen.theme["ground"],
                                    line=screen.theme["line"]),
        }  # fmt: skip
        for name, box in drawn.items():
            assert screen.kind(name) == "button"
            assert near(screen.item(name).element.bbox, box)

    def test_a_wide_button_of_a_phone_is_one(self) -> None:
        screen = Drawing(390, 300, scale=3)
        screen.text(24, 40, "Welcome back to the shop")
        drawn = screen.button(24, 120, "Sign in", width=342, height=46, fill=BLUE, ink=WHITE,
                              radius=23)  # fmt: skip
        assert screen.kind("Sign in") == "button"
        assert near(screen.item("Sign in").element.bbox, drawn)

    def test_its_text_box_lies_inside_it(self) -> None:
        screen = Drawing()
        screen.button(40, 60, "Apply")
        element = screen.item("Apply").element
        assert element.text_bbox is not None
        assert element.bbox.contains_box(element.text_bbox)

    def test_the_header_of_a_card_is_none(self) -> None:
        screen = Drawing()
        screen.rect(40, 20, 300, 54, fill=BLUE)
        screen.rect(40, 54, 300, 200, fill=WHITE)
        screen.text(48, 28, "Latest news", fill=WHITE)
        screen.text(48, 70, "Nothing happened today.")
        assert screen.kind("Latest news") == "text"

    @pytest.mark.parametrize("dark", [False, True])
    def test_the_cells_of_a_table_are_none(self, dark: bool) -> None:
        screen = Drawing(dark=dark)
        for row in range(3):
            for column, name in enumerate(("Name", "Size", "Kind")):
                left, top = 30 + 129 * column, 20 + 29 * row
                screen.rect(left, top, left + 130, top + 30, fill=screen.theme["field"],
                            line=screen.theme["line"])  # fmt: skip
                screen.text(left + 8, top + 6, f"{name} {row}")
        assert set(screen.kinds) == {"text"}

    def test_a_banner_with_a_sentence_is_none(self) -> None:
        screen = Drawing(700, 200)
        screen.rect(30, 20, 670, 56, fill=(255, 243, 205), radius=4)
        text = "Your session ends in five minutes; save your work before that happens."
        screen.text(45, 29, text)
        assert screen.kind(text) == "text"

    def test_a_box_with_two_rows_of_text_is_none(self) -> None:
        screen = Drawing()
        screen.rect(30, 20, 230, 70, fill=WHITE, line=(178, 178, 178))
        screen.text(60, 26, "First row")
        screen.text(60, 46, "Second row")
        assert set(screen.kinds) == {"text"}

    def test_a_bar_from_rim_to_rim_is_none(self) -> None:
        screen = Drawing(300, 200)
        screen.rect(0, 0, 300, 40, fill=BLUE)
        screen.text(110, 11, "Messages", fill=WHITE)
        screen.text(20, 80, "Nothing here yet")
        assert screen.kind("Messages") == "text"

    def test_words_without_a_frame_are_text(self) -> None:
        screen = Drawing()
        screen.text(40, 40, "Only words")
        assert screen.kind("Only words") == "text"

    def test_coloured_words_are_a_link(self) -> None:
        screen = Drawing()
        screen.text(40, 40, "Forgot password?", fill=(0, 80, 220))
        screen.text(40, 80, "No account yet")
        assert screen.kind("Forgot password?") == "link"
        assert screen.kind("No account yet") == "text"


class TestDisabled:
    @looks
    def test_faint_text_among_clear_text_is_disabled(self, dark: bool, scale: int) -> None:
        screen = Drawing(dark=dark, scale=scale)
        for n, name in enumerate(("Cut", "Copy", "Select all")):
            screen.text(40, 20 + 30 * n, name)
        screen.text(40, 110, "Paste", fill=screen.theme["faint"])
        screen.button(40, 150, "Undo", ink=screen.theme["faint"])
        screen.button(160, 150, "Redo")
        states = {item.element.label: item.element.enabled for item in screen.items}
        assert states == {"Cut": True, "Copy": True, "Select all": True, "Paste": False,
                          "Undo": False, "Redo": True}  # fmt: skip

    def test_where_all_text_is_faint_none_is_disabled(self) -> None:
        screen = Drawing()
        for n, name in enumerate(("One", "Two", "Three")):
            screen.text(40, 20 + 30 * n, name, fill=(160, 160, 160))
        assert all(item.element.enabled for item in screen.items)

    def test_a_field_with_a_faint_placeholder_is_enabled(self) -> None:
        screen = Drawing()
        screen.text(40, 20, "Where to go")
        screen.text(40, 140, "And when")
        screen.field(40, 60, placeholder="Search the town")
        assert all(item.element.enabled for item in screen.items)


class TestFields:
    @looks
    def test_an_empty_frame_of_a_fields_shape_is_one(self, dark: bool, scale: int) -> None:
        screen = Drawing(dark=dark, scale=scale)
        screen.text(20, 25, "Name")
        drawn = screen.field(100, 20)
        found = screen.item("Name").element
        assert (found.element_type, found.bbox, found.text) == ("text_input", drawn, "")

    @looks
    def test_a_value_at_the_left_with_room_behind_it_is_a_field(
        self, dark: bool, scale: int
    ) -> None:
        screen = Drawing(dark=dark, scale=scale)
        screen.text(20, 25, "City")
        drawn = screen.field(100, 20, content="Paris")
        found = screen.item("City").element
        assert (found.element_type, found.bbox, found.text) == ("text_input", drawn, "Paris")

    @pytest.mark.parametrize(
        ("height", "width"), [(12, 200), (90, 120), (28, 30)], ids=["a bar", "a card", "a box"]
    )
    def test_an_empty_frame_of_another_shape_is_none(self, height: int, width: int) -> None:
        screen = Drawing()
        screen.text(20, 25, "Name")
        screen.field(100, 20, width=width, height=height)
        assert screen.kinds == ["text"]

    def test_a_coloured_bar_is_none(self) -> None:
        screen = Drawing()
        screen.text(20, 25, "Progress")
        screen.rect(120, 20, 320, 48, fill=GREEN)
        assert screen.kinds == ["text"]

    def test_a_frame_around_fields_is_a_panel(self) -> None:
        screen = Drawing()
        screen.rect(90, 10, 330, 54, fill=screen.theme["ground"], line=(178, 178, 178))
        screen.text(20, 25, "Name")
        screen.field(100, 18)
        assert screen.kinds.count("text_input") == 1

    def test_an_address_that_fills_its_field_is_no_caption(self) -> None:
        """Alone it would be a centred caption; its empty twin and the address say otherwise."""
        screen = Drawing()
        screen.text(20, 25, "E-mail")
        screen.field(100, 20, width=170, content="ada@example.org")
        screen.text(20, 75, "Name")
        screen.field(100, 70, width=170)
        assert screen.kind("E-mail") == "text_input"

    def test_a_number_with_plus_and_minus_joined_is_a_field(self) -> None:
        screen = Drawing()
        screen.text(20, 25, "Copies")
        screen.rect(100, 20, 140, 50, fill=WHITE, line=(178, 178, 178))
        screen.text(112, 26, "12")
        for left, sign in ((139, "-"), (168, "+")):
            screen.rect(left, 20, left + 30, 50, fill=WHITE, line=(178, 178, 178))
            screen.text(left + 10, 26, sign)
        assert screen.kind("Copies") == "text_input"
        assert screen.item("Copies").element.text == "12"

    @pytest.mark.parametrize("text", ["•••••••", "*****"])
    def test_only_dots_in_a_field_are_a_password(self, text: str) -> None:
        screen = Drawing()
        screen.text(20, 25, "Secret")
        screen.field(100, 20, content=text)
        assert screen.kind("Secret") == "password_input"

    @pytest.mark.parametrize("label", ["Password", "Confirm password:", "PASSWORD *"])
    def test_the_label_tells_a_password_field(self, label: str) -> None:
        screen = Drawing()
        screen.text(20, 25, label)
        screen.field(170, 20)
        assert "password_input" in screen.kinds

    def test_a_word_that_only_holds_a_password_word_is_none(self) -> None:
        """ "Spinach" holds "pin"."""
        screen = Drawing()
        screen.text(20, 25, "Spinach")
        screen.field(120, 20)
        assert screen.kind("Spinach") == "text_input"

    @looks
    def test_a_tall_frame_drawn_like_the_fields_is_an_area(self, dark: bool, scale: int) -> None:
        screen = Drawing(dark=dark, scale=scale)
        screen.text(20, 25, "Title")
        screen.field(120, 20)
        screen.text(20, 75, "Comment")
        drawn = screen.field(120, 70, width=300, height=120)
        assert screen.item("Comment").element.bbox == drawn
        assert screen.kind("Comment") == "text_input"

    def test_a_tall_frame_without_such_a_field_is_a_card(self) -> None:
        screen = Drawing()
        screen.text(20, 75, "Comment")
        screen.field(120, 70, width=300, height=120)
        assert screen.kinds == ["text"]

    def test_an_area_may_hold_even_text_and_no_mixed_text(self) -> None:
        for shift, kinds in ((0, 2), (60, 1)):
            screen = Drawing()
            screen.text(20, 25, "Title")
            screen.field(120, 20)
            screen.field(120, 70, width=300, height=120)
            screen.text(130, 78, "Dear all,")
            screen.text(130 + shift, 98, "we meet at noon.")
            assert screen.kinds.count("text_input") == kinds


class TestStackedFrames:
    """Fields whose borders touch: a login form, or rows of a list."""

    @staticmethod
    def stacked(*names: str) -> Drawing:
        screen = Drawing(390, 300, ground=WHITE)
        screen.text(200, 20, "Words that say what this is")
        for n, name in enumerate(names):
            top = 60 + 43 * n
            screen.rect(40, top, 350, top + 44, fill=WHITE, line=(178, 178, 178))
            screen.text(52, top + 13, name, fill=(150, 150, 150))
        return screen

    @pytest.mark.parametrize("names", [("Sound", "Display"), ("Sound", "Display", "Network")])
    @pytest.mark.parametrize("ground", [WHITE, (248, 248, 248)])
    def test_rows_of_a_list_are_no_fields(
        self, names: tuple[str, ...], ground: tuple[int, int, int]
    ) -> None:
        screen = Drawing(390, 300, ground=ground)
        for n, name in enumerate(names):
            top = 60 + 43 * n
            screen.rect(40, top, 350, top + 44, fill=WHITE, line=(178, 178, 178))
            screen.text(52, top + 13, name)
        assert set(screen.kinds) == {"text"}

    def test_placeholders_in_joined_frames_are_fields(self) -> None:
        screen = self.stacked("User name", "Password")
        assert screen.kind("User name") == "text_input"
        assert screen.kind("Password") == "password_input"


class TestComboBoxes:
    @looks
    @pytest.mark.parametrize("content", ["English", ""])
    def test_an_arrow_at_the_right_end_makes_one(
        self, dark: bool, scale: int, content: str
    ) -> None:
        screen = Drawing(dark=dark, scale=scale)
        screen.text(20, 25, "Language")
        drawn = screen.field(120, 20, content=content)
        screen.arrow(305, 32)
        found = screen.item("Language").element
        assert (found.element_type, found.bbox, found.text) == ("combo_box", drawn, content)

    def test_an_up_and_a_down_arrow_make_one(self) -> None:
        screen = Drawing()
        screen.text(20, 25, "Unit")
        screen.field(120, 20, content="Metres")
        screen.arrow(305, 36)
        screen.draw.polygon([(301, 32), (309, 32), (305, 28)], fill=BLACK)
        assert screen.kind("Unit") == "combo_box"

    def test_an_arrow_read_as_a_letter_is_no_text(self) -> None:
        screen = Drawing()
        screen.text(20, 25, "Language")
        screen.field(120, 20, content="English")
        arrow = screen.text(301, 25, "v", read=True)
        assert arrow in screen.lines
        assert screen.kind("Language") == "combo_box"
        assert screen.item("Language").element.text == "English"
        assert all(item.element.label != "v" for item in screen.items)

    @pytest.mark.parametrize("sign", ["ring", "square", "cross", "right arrow"])
    def test_another_sign_there_makes_none(self, sign: str) -> None:
        screen = Drawing()
        screen.text(20, 25, "Language")
        screen.field(120, 20)
        with screen.smoothly(300, 29, 311, 40) as pen:
            if sign == "ring":
                pen.disc(300, 29, 311, 40, BLACK)
                pen.disc(302, 31, 309, 38, WHITE)
            elif sign == "square":
                pen.rounded(300, 29, 311, 40, 1, BLACK)
            elif sign == "cross":
                pen.line([(300, 29), (310, 39)], BLACK, 1.5)
                pen.line([(300, 39), (310, 29)], BLACK, 1.5)
            else:
                pen.polygon([(302, 29), (302, 39), (308, 34)], BLACK)
        assert screen.kind("Language") == "text_input"


# Marks are 16 by 16 logical pixels; the switch is 32 by 18.
def square(screen: Drawing, left: float, top: float, *, on: bool, radius: float = 2) -> Box:
    theme, thin = screen.theme, 1 / screen.scale
    sides = (left, top, left + 16, top + 16)
    with screen.smoothly(*sides) as pen:
        pen.rounded(*sides, radius, theme["line"])
        pen.rounded(*_inset(sides, thin), radius - thin, theme["field"])
        if on:
            _tick(pen, left, top, theme["ink"])
    return screen.box(*sides)


def filled_square(screen: Drawing, left: float, top: float, *, on: bool) -> Box:
    if not on:
        return square(screen, left, top, on=False)
    sides = (left, top, left + 16, top + 16)
    with screen.smoothly(*sides) as pen:
        pen.rounded(*sides, 3, BLUE)
        _tick(pen, left, top, WHITE)
    return screen.box(*sides)


def ring(screen: Drawing, left: float, top: float, *, on: bool) -> Box:
    sides = (left, top, left + 16, top + 16)
    with screen.smoothly(*sides) as pen:
        pen.disc(*sides, screen.theme["line"])
        pen.disc(*_inset(sides, 1 / screen.scale), screen.theme["field"])
        if on:
            pen.disc(*_inset(sides, 4), BLUE)
    return screen.box(*sides)


def switch(screen: Drawing, left: float, top: float, *, on: bool) -> Box:
    sides = (left - 16, top - 1, left + 16, top + 17)
    knob = (left, top + 1, left + 14, top + 15) if on else (left - 14, top + 1, left, top + 15)
    with screen.smoothly(*sides) as pen:
        pen.rounded(*sides, 9, BLUE if on else screen.theme["line"])
        pen.disc(*knob, WHITE)
    return screen.box(*sides)


def _inset(sides: tuple[float, ...], by: float) -> tuple[float, ...]:
    left, top, right, bottom = sides
    return left + by, top + by, right - by, bottom - by


def _tick(pen: Pen, left: float, top: float, colour: tuple[int, int, int]) -> None:
    points = [(left + 4, top + 8), (left + 7, top + 11.5), (left + 12, top + 4.5)]
    pen.line(points, colour, 2)


Draw = Callable[..., Box]


class TestMarks:
    @looks
    @pytest.mark.parametrize("on", [True, False], ids=["on", "off"])
    @pytest.mark.parametrize(
        ("draw", "kind"),
        [(square, "checkbox"), (filled_square, "checkbox"), (ring, "radio"), (switch, "checkbox")],
    )
    def test_kind_state_and_place_are_read(
        self, dark: bool, scale: int, draw: Draw, kind: str, on: bool
    ) -> None:
        screen = Drawing(dark=dark, scale=scale)
        screen.text(40, 20, "What you want")
        mark = draw(screen, 60, 61, on=on)
        words = screen.text(84, 60, "Remember me")
        item = screen.item("Remember me")
        assert item.element.element_type == kind
        assert item.element.checked is on
        assert item.control is not None
        assert near(item.control, mark, slack=scale)
        assert item.element.bbox.contains_box(mark, slack=scale)
        assert item.element.bbox.contains_box(words.box, slack=scale)

    @pytest.mark.parametrize("size", [12, 13, 14, 16, 18, 20])
    @pytest.mark.parametrize("line", [(118, 118, 118), (178, 178, 178)])
    @pytest.mark.parametrize("on", [True, False])
    def test_thin_rings_of_all_usual_sizes_are_radio_buttons(
        self, size: int, line: tuple[int, int, int], on: bool
    ) -> None:
        screen = Drawing(ground=WHITE)
        screen.text(40, 20, "What you want")
        sides = (60, 69 - size / 2, 60 + size, 69 + size / 2)
        with screen.smoothly(60, 56, 82, 82) as pen:
            pen.disc(*sides, line)
            pen.disc(*_inset(sides, 1), WHITE)
            if on:
                pen.disc(*_inset(sides, size / 4), BLACK)
        screen.text(90, 60, "By train")
        assert screen.kind("By train") == "radio"
        assert screen.item("By train").element.checked is on

    @pytest.mark.parametrize("on", [True, False])
    def test_a_switch_may_stand_right_of_its_text(self, on: bool) -> None:
        screen = Drawing()
        screen.text(40, 60, "Bluetooth")
        switch(screen, 134, 61, on=on)
        assert screen.item("Bluetooth").element.checked is on

    def test_a_mark_between_two_texts_belongs_to_the_right_one(self) -> None:
        screen = Drawing()
        screen.text(20, 60, "Colour")
        ring(screen, 80, 61, on=False)
        screen.text(104, 60, "Red")
        assert screen.kind("Red") == "radio"
        assert screen.kind("Colour") == "text"

    def test_each_of_a_row_of_marks_has_its_own_text_and_state(self) -> None:
        screen = Drawing()
        for n, name in enumerate(("Small", "Medium", "Large")):
            ring(screen, 20 + 120 * n, 61, on=n == 1)
            screen.text(44 + 120 * n, 60, name)
        assert [screen.item(name).element.checked for name in ("Small", "Medium", "Large")] == [
            False, True, False,
        ]  # fmt: skip

    def test_an_icon_in_the_colour_of_the_text_is_no_check_box(self) -> None:
        """A square drawn by the pen of the text around something in that colour: a calendar."""
        screen = Drawing()
        screen.rect(60, 61, 76, 77, line=BLACK, thick=2)
        screen.rect(64, 66, 73, 67, fill=BLACK)
        screen.rect(64, 69, 73, 70, fill=BLACK)
        screen.rect(64, 72, 69, 73, fill=BLACK)
        screen.text(84, 60, "Calendar")
        assert screen.kind("Calendar") == "text"

    @pytest.mark.parametrize("shape", ["triangle", "cross", "bar", "far"])
    def test_other_shapes_are_no_marks(self, shape: str) -> None:
        screen = Drawing()
        if shape == "triangle":
            screen.draw.polygon([(60, 61), (60, 77), (76, 69)], fill=BLACK)
        elif shape == "cross":
            screen.draw.line((60, 61, 76, 77), fill=BLACK, width=2)
            screen.draw.line((60, 77, 76, 61), fill=BLACK, width=2)
        elif shape == "bar":
            screen.rect(70, 55, 73, 83, fill=(178, 178, 178))
        else:
            square(screen, 10, 61, on=False)
        screen.text(84, 60, "Remember me")
        assert screen.kind("Remember me") == "text"

    def test_the_picture_in_a_coloured_mark_is_no_tick(self) -> None:
        """An icon in several colours has no outline of one colour."""
        screen = Drawing()
        screen.rect(60, 61, 68, 69, fill=RED)
        screen.rect(68, 61, 76, 69, fill=GREEN)
        screen.rect(60, 69, 68, 77, fill=BLUE)
        screen.rect(68, 69, 76, 77, fill=(240, 200, 0))
        screen.text(84, 60, "Pictures")
        assert screen.kind("Pictures") == "text"

    def test_a_mark_read_as_a_letter_is_no_text(self) -> None:
        """The engine reads an empty box as "口" or "O"; the box stays a box."""
        screen = Drawing()
        screen.text(20, 20, "Words that say what this is")
        mark = square(screen, 60, 61, on=False)
        words = screen.text(84, 60, "Agree", read=False)
        chars = (type(words.chars[0])("O", mark.left, mark.right), *words.chars)
        screen.lines.append(type(words)(mark.union(words.box), chars, 0.9))
        item = next(i for i in screen.items if i.element.element_type == "checkbox")
        assert item.element.checked is False
        assert item.element.text_bbox is not None
        assert item.element.text_bbox.left >= mark.right

    def test_a_mark_behind_a_wall_is_another_texts(self) -> None:
        """A square at the end of the field on the left is not the mark of the text on the right."""
        screen = Drawing()
        screen.text(20, 20, "Words that say what this is")
        screen.field(60, 55)
        square(screen, 240, 61, on=False)
        screen.text(266, 60, "Choose")
        assert screen.kind("Choose") == "text"
