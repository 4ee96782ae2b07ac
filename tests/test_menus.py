"""Menu bars and open menus: items without an outline of their own."""

from __future__ import annotations

import itertools

import pytest
from drawn_screen import BLACK, WHITE, Drawing

from qvl_agent.geometry import Box

looks = pytest.mark.parametrize(("dark", "scale"), [(False, 1), (False, 2), (True, 1), (True, 2)])
GREY = (178, 178, 178)
ITEMS = (("New", "Ctrl+N"), ("Open file", "Ctrl+O"), ("Save", "Ctrl+S"), ("Quit", "Ctrl+Q"))


def open_menu(
    screen: Drawing, entries: tuple[tuple[str, str], ...] = ITEMS, *, pitch: float = 28,
    width: float = 210,
) -> list[Box]:  # fmt: skip
    """A menu at 40, 40; gives the rows of its items."""
    bottom = 40 + 8 + pitch * len(entries)
    screen.rect(40, 40, 40 + width, bottom, fill=screen.theme["field"], line=screen.theme["line"])
    rows = []
    for n, (name, shortcut) in enumerate(entries):
        top = 44 + pitch * n
        screen.text(60, top + (pitch - 17) / 2, name)
        if shortcut:
            length = screen.width_of(shortcut)
            screen.text(30 + width - length, top + (pitch - 17) / 2, shortcut)
        rows.append(screen.box(40, top, 40 + width, top + pitch))
    return rows


def menu_bar(
    screen: Drawing, names: tuple[str, ...], *, gap: float = 16, left: float = 10
) -> list[Box]:
    """A strip of titles at the upper rim; gives where the words stand."""
    screen.rect(0, 0, screen.image.width / screen.scale, 26, fill=screen.theme["button"])
    words = []
    for name in names:
        words.append(screen.text(left, 4, name).box)
        left += screen.width_of(name) + gap
    return words


class TestOpenMenus:
    @looks
    def test_every_row_is_an_item_as_wide_as_the_menu(self, dark: bool, scale: int) -> None:
        screen = Drawing(dark=dark, scale=scale)
        for (name, _), row in zip(ITEMS, open_menu(screen), strict=True):
            element = screen.item(name).element
            assert element.element_type == "menu_item"
            assert element.text == name
            assert element.bbox.iou(row) > 0.8

    def test_items_fill_the_menu_and_do_not_overlap(self) -> None:
        screen = Drawing()
        open_menu(screen)
        boxes = [screen.item(name).element.bbox for name, _ in ITEMS]
        for above, below in itertools.pairwise(boxes):
            assert above.bottom == pytest.approx(below.top, abs=3)

    def test_without_shortcuts_the_words_stay_in_the_middle(self) -> None:
        """It may be a list of links, of which only the words can be clicked."""
        screen = Drawing()
        open_menu(screen, tuple((name, "") for name, _ in ITEMS), width=120)
        item = screen.item("Open file").element
        assert item.element_type == "menu_item"
        assert item.text_bbox is not None
        assert item.text_bbox.contains(item.bbox.centre)

    def test_two_rows_are_none(self) -> None:
        screen = Drawing()
        open_menu(screen, ITEMS[:2])
        assert "menu_item" not in screen.kinds

    def test_labels_with_values_are_a_table(self) -> None:
        screen = Drawing()
        open_menu(screen, (("Name", "report.odt"), ("Size", "12 kB"), ("Owner", "ada")))
        assert "menu_item" not in screen.kinds

    def test_lines_of_a_paragraph_are_none(self) -> None:
        screen = Drawing()
        open_menu(screen, tuple((f"This is line number {n}", "") for n in range(5)), pitch=19)
        assert "menu_item" not in screen.kinds

    def test_a_wide_panel_is_none(self) -> None:
        screen = Drawing(900, 320)
        open_menu(screen, tuple((name, "") for name, _ in ITEMS), width=620)
        assert "menu_item" not in screen.kinds

    def test_a_panel_with_a_button_is_a_dialogue(self) -> None:
        screen = Drawing()
        open_menu(screen, (*ITEMS, ("", "")), width=220)
        screen.lines = [line for line in screen.lines if line.text]
        screen.button(100, 158, "Close", height=26)
        assert "menu_item" not in screen.kinds

    def test_rows_that_start_anywhere_are_none(self) -> None:
        screen = Drawing()
        screen.rect(40, 40, 300, 170, fill=WHITE, line=GREY)
        for n, left in enumerate((50, 110, 80, 160)):
            screen.text(left, 48 + 28 * n, f"Word {n}")
        assert "menu_item" not in screen.kinds

    def test_a_tick_before_an_item_is_no_part_of_its_name(self) -> None:
        screen = Drawing()
        open_menu(screen)
        screen.text(45, 78, "v")
        assert screen.kind("Open file") == "menu_item"


class TestMenuBars:
    NAMES = ("File", "Edit", "View", "Tools", "Help")

    @looks
    def test_its_titles_are_menus_as_high_as_the_bar(self, dark: bool, scale: int) -> None:
        screen = Drawing(dark=dark, scale=scale)
        words = menu_bar(screen, self.NAMES)
        screen.text(40, 90, "The words of a document")
        for name, word in zip(self.NAMES, words, strict=True):
            element = screen.item(name).element
            assert element.element_type == "menu"
            assert element.bbox.contains_box(word)
            assert element.bbox.height == pytest.approx(26 * scale, abs=2)
            assert element.bbox.width == pytest.approx(word.width + 16 * scale, abs=4 * scale)

    def test_titles_do_not_overlap(self) -> None:
        screen = Drawing()
        menu_bar(screen, self.NAMES)
        boxes = [screen.item(name).element.bbox for name in self.NAMES]
        assert all(a.right <= b.left + 1 for a, b in itertools.pairwise(boxes))

    @pytest.mark.parametrize(
        ("names", "gap", "left"),
        [
            (("File", "Edit"), 16, 10),
            (("File", "Edit", "View"), 90, 10),
            (("File", "Edit", "View"), 3, 10),
            (("File", "Edit", "View"), 16, 200),
            (("File", "Edit", "The words of a whole sentence"), 16, 10),
        ],
        ids=["two words", "wide gaps", "a sentence", "in the middle", "long texts"],
    )
    def test_other_rows_of_words_are_none(
        self, names: tuple[str, ...], gap: float, left: float
    ) -> None:
        screen = Drawing()
        menu_bar(screen, names, gap=gap, left=left)
        screen.text(40, 90, "The words of a document")
        assert "menu" not in screen.kinds

    def test_words_without_a_strip_are_none(self) -> None:
        screen = Drawing()
        left = 10.0
        for name in self.NAMES:
            screen.text(left, 100, name, fill=BLACK)
            left += screen.width_of(name) + 16
        assert "menu" not in screen.kinds
