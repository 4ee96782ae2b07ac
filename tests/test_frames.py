"""Drawn rectangles: found to the pixel, told apart from what only looks like one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from drawn_screen import BLACK, BLUE, WHITE, Drawing, near
from numpy.typing import NDArray

from qvl_agent.geometry import Box
from qvl_agent.grounding.embedded.frames import Frame, colour_distance, find_frames
from qvl_agent.grounding.embedded.rules import find_rules

GREY = (178, 178, 178)
looks = pytest.mark.parametrize(("dark", "scale"), [(False, 1), (False, 2), (True, 1), (True, 2)])


def frame_at(rgb: NDArray[np.uint8], box: Box) -> Frame:
    """The frame whose box is ``box`` to a pixel."""
    found = [frame for frame in find_frames(rgb) if near(frame.box, box)]
    assert found, f"no frame at {box} among {[frame.box for frame in find_frames(rgb)]}"
    return found[0]


@looks
@pytest.mark.parametrize("thick", [1, 2])
@pytest.mark.parametrize("radius", [0, 3, 8])
def test_the_box_of_a_bordered_field_is_exact(
    dark: bool, scale: int, thick: int, radius: int
) -> None:
    screen = Drawing(dark=dark, scale=scale)
    drawn = screen.rect(30, 20, 230, 50, fill=screen.theme["field"], line=screen.theme["line"],
                        thick=thick, radius=radius)  # fmt: skip
    frame = frame_at(screen.rgb, drawn)
    assert frame.fill == screen.theme["field"]
    assert frame.border == screen.theme["line"]
    assert frame.around == (screen.theme["ground"],) * 4
    inner = Box(drawn.left + thick, drawn.top + thick, drawn.right - thick, drawn.bottom - thick)
    assert near(frame.inner, inner, slack=0 if radius == 0 else 1)


@looks
def test_a_fill_without_border_is_exact_and_has_none(dark: bool, scale: int) -> None:
    screen = Drawing(dark=dark, scale=scale)
    drawn = screen.rect(30, 20, 130, 52, fill=BLUE)
    frame = frame_at(screen.rgb, drawn)
    assert frame.box == frame.inner == drawn
    assert frame.border == frame.fill == BLUE
    assert not frame.outlined
    assert frame.visible


@pytest.mark.parametrize("height", [20, 32, 44, 64, 88, 132, 168])
@pytest.mark.parametrize("line", [None, BLACK], ids=["filled", "bordered"])
def test_pills_are_found_at_every_resolution(height: int, line: tuple[int, int, int]) -> None:
    screen = Drawing(760, 240)
    drawn = screen.rect(30, 20, 30 + 4 * height, 20 + height, fill=BLUE, line=line,
                        radius=height // 2)  # fmt: skip
    assert near(frame_at(screen.rgb, drawn).box, drawn)


@looks
def test_an_outline_on_the_page_itself_is_a_frame(dark: bool, scale: int) -> None:
    screen = Drawing(dark=dark, scale=scale)
    drawn = screen.rect(30, 20, 230, 50, line=screen.theme["line"], thick=scale)
    frame = frame_at(screen.rgb, drawn)
    assert frame.outlined
    assert frame.visible
    assert frame.fill == screen.theme["ground"]


@looks
def test_text_on_a_frame_does_not_hide_it(dark: bool, scale: int) -> None:
    screen = Drawing(dark=dark, scale=scale)
    drawn = screen.button(30, 20, "Overwrite it", width=110)
    assert frame_at(screen.rgb, drawn).box == drawn


def test_a_light_line_inside_a_dark_border_belongs_to_the_border() -> None:
    screen = Drawing()
    drawn = screen.rect(30, 20, 150, 50, fill=BLACK)
    screen.rect(31, 21, 149, 49, fill=WHITE)
    screen.rect(32, 22, 148, 48, fill=(214, 214, 214))
    frame = frame_at(screen.rgb, drawn)
    assert frame.fill == (214, 214, 214)
    assert frame.around == (screen.theme["ground"],) * 4


def test_neighbours_three_pixels_apart_keep_their_own_boxes() -> None:
    screen = Drawing()
    boxes = [screen.rect(30 + 83 * n, 20, 110 + 83 * n, 48, fill=BLUE) for n in range(3)]
    assert [frame_at(screen.rgb, box).box for box in boxes] == boxes


def test_a_gradient_does_not_break_a_frame() -> None:
    rgb = Drawing().rgb
    rgb[20:56, 40:140] = np.linspace(230, 195, 36).astype(np.uint8)[:, None, None]
    assert near(frame_at(rgb, Box(40, 20, 140, 56)).inner, Box(40, 20, 140, 56))


@pytest.mark.parametrize("shape", ["disc", "triangle", "stroke", "speck"])
def test_what_has_no_straight_sides_is_no_frame(shape: str) -> None:
    rgb = Drawing().rgb
    if shape == "disc":
        cv2.circle(rgb, (100, 100), 30, BLUE, -1)
    elif shape == "triangle":
        cv2.fillPoly(rgb, [np.array([[60, 140], [180, 140], [120, 60]])], BLUE)
    elif shape == "stroke":
        cv2.line(rgb, (40, 40), (200, 160), BLUE, 9)
    else:
        rgb[50:56, 50:56] = BLUE
    assert find_frames(rgb) == []


def test_the_page_itself_is_no_frame() -> None:
    assert find_frames(Drawing().rgb) == []


def test_a_step_too_faint_to_be_seen_is_no_frame() -> None:
    screen = Drawing()
    screen.rect(30, 20, 230, 50, fill=(241, 241, 241))
    assert find_frames(screen.rgb) == []


def test_a_frame_at_the_rim_has_nothing_around_that_side() -> None:
    screen = Drawing(300, 200)
    screen.rect(0, 0, 300, 30, fill=BLUE)
    frame = frame_at(screen.rgb, Box(0, 0, 300, 30))
    assert frame.around == (None, None, None, screen.theme["ground"])
    assert not frame.stands_alone


def test_one_surface_on_all_sides_is_standing_alone() -> None:
    screen = Drawing()
    alone = screen.rect(30, 20, 130, 50, fill=WHITE, line=GREY)
    header = screen.rect(30, 100, 230, 130, fill=BLUE)
    screen.rect(30, 130, 230, 220, fill=WHITE)
    rgb = screen.rgb
    assert frame_at(rgb, alone).stands_alone
    assert not frame_at(rgb, header).stands_alone


def test_cells_of_one_column_continue_each_other() -> None:
    """The borders of a grid run on past a cell; those of a lone field do not."""
    screen = Drawing()
    lone = screen.rect(300, 40, 400, 70, fill=WHITE, line=GREY)
    cells = [screen.rect(30, 20 + 29 * n, 230, 50 + 29 * n, fill=WHITE, line=GREY)
             for n in range(3)]  # fmt: skip
    rgb = screen.rgb
    assert not frame_at(rgb, lone).continued
    inner = [
        frame for frame in find_frames(rgb) if cells[0].union(cells[2]).contains_box(frame.box)
    ]
    assert len(inner) == 3
    assert all(frame.continued for frame in inner)


def test_frames_come_in_screenshot_pixels_whatever_lies_around_them() -> None:
    """A frame in a frame in a frame: three boxes, each with its own border."""
    screen = Drawing(dark=True)
    drawn = []
    for n in range(3):
        left, top = 20 + 30 * n, 20 + 25 * n
        fill, line = (60 + 40 * n,) * 3, (150, 150, 160)
        drawn.append(screen.rect(left, top, 440 - left, 280 - top, fill=fill, line=line))
    assert [frame_at(screen.rgb, box).box for box in drawn] == drawn


def test_colour_distance_is_the_largest_step_of_a_channel() -> None:
    assert colour_distance((10, 20, 30), (13, 20, 23)) == 7


class TestRules:
    """Thin horizontal lines."""

    @looks
    def test_a_rule_is_found_where_it_is_drawn(self, dark: bool, scale: int) -> None:
        screen = Drawing(dark=dark, scale=scale)
        drawn = screen.rect(40, 100, 300, 101, fill=screen.theme["line"])
        assert find_rules(screen.rgb, 60.0 * scale, 2 * scale) == [drawn]

    def test_short_thick_and_faint_ones_are_none(self) -> None:
        screen = Drawing()
        screen.rect(40, 60, 90, 61, fill=BLACK)
        screen.rect(40, 100, 300, 106, fill=BLACK)
        screen.rect(40, 140, 300, 141, fill=(240, 240, 240))
        assert find_rules(screen.rgb, 60.0, 2) == []

    def test_an_edge_between_two_surfaces_is_none(self) -> None:
        screen = Drawing()
        screen.rect(0, 100, 480, 320, fill=BLUE)
        assert find_rules(screen.rgb, 60.0, 2) == []

    @pytest.mark.parametrize("shape", [(1, 50, 3), (4, 50, 3), (50, 1, 3)])
    def test_pictures_too_small_for_one_have_none(self, shape: tuple[int, ...]) -> None:
        assert find_rules(np.zeros(shape, np.uint8), 70.0, 2) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1), (2, 2), (8, 8), (3, 1000)])
def test_tiny_pictures_have_no_frames(shape: tuple[int, int]) -> None:
    assert find_frames(np.full((*shape, 3), 120, np.uint8)) == []


def test_noise_has_no_frames() -> None:
    noise = np.random.default_rng(7).integers(0, 256, (240, 320, 3), np.uint8)
    assert find_frames(noise) == []
