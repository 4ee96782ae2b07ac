"""Every conversion and back, for screens of any place, size and scale."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qvl_agent import testing
from qvl_agent.capture import capture
from qvl_agent.geometry import (
    Box,
    LogicalBox,
    LogicalPoint,
    NormBox,
    NormPoint,
    Point,
    Size,
    Viewport,
)

EXACT = 1e-6
sizes = st.builds(Size, st.integers(8, 8000), st.integers(8, 8000))
fractions = st.floats(0, 1)
coordinates = st.floats(-10_000, 10_000)
viewports = st.builds(
    Viewport,
    st.builds(LogicalPoint, coordinates, coordinates),
    st.sampled_from([1.0, 1.25, 1.5, 2.0, 3.0]),
    st.sampled_from([1.0, 1.25, 1.5, 2.0, 3.0]),
)


def near(one: object, other: object, tolerance: float = EXACT) -> bool:
    pairs = zip(one, other, strict=True)  # type: ignore[call-overload]
    return all(abs(a - b) <= tolerance for a, b in pairs)


@st.composite
def boxes_in(draw: st.DrawFn, size: Size) -> Box:
    left, right = sorted(draw(fractions) * size.width for _ in "lr")
    top, bottom = sorted(draw(fractions) * size.height for _ in "tb")
    return Box(left, top, right, bottom)


@st.composite
def whole_boxes_in(draw: st.DrawFn, size: Size) -> Box:
    left = draw(st.integers(0, size.width - 2))
    top = draw(st.integers(0, size.height - 2))
    right = draw(st.integers(left + 1, size.width))
    bottom = draw(st.integers(top + 1, size.height))
    return Box(left, top, right, bottom)


@given(st.data(), sizes)
def test_pixels_survive_the_way_through_normalised_units(data: st.DataObject, size: Size) -> None:
    box = data.draw(boxes_in(size))
    assert near(NormBox.from_pixel(box, size).to_pixel(size), box)
    assert near(NormPoint.from_pixel(box.centre, size).to_pixel(size), box.centre)


@given(st.data(), sizes)
def test_normalised_units_span_0_to_1000(data: st.DataObject, size: Size) -> None:
    whole = Box(0, 0, size.width, size.height)
    assert near(NormBox.from_pixel(whole, size), (0, 0, 1000, 1000))
    assert all(0 <= v <= 1000 + EXACT for v in NormBox.from_pixel(data.draw(boxes_in(size)), size))


@given(st.data(), sizes)
def test_a_model_that_rounds_to_integers_is_off_by_at_most_half_a_unit(
    data: st.DataObject, size: Size
) -> None:
    point = data.draw(boxes_in(size)).centre
    exact = NormPoint.from_pixel(point, size)
    said = NormPoint(round(exact.x), round(exact.y)).to_pixel(size)
    assert abs(said.x - point.x) <= size.width / 2000 + EXACT
    assert abs(said.y - point.y) <= size.height / 2000 + EXACT


@given(st.data(), sizes, viewports)
def test_pixels_survive_the_way_through_the_desktop(
    data: st.DataObject, size: Size, viewport: Viewport
) -> None:
    box = data.draw(boxes_in(size))
    assert near(viewport.box_to_pixel(viewport.box_to_logical(box)), box)
    assert near(viewport.to_pixel(viewport.to_logical(box.centre)), box.centre)


@given(st.data(), sizes, viewports)
def test_the_whole_way_from_a_screen_through_a_resized_crop_and_back(
    data: st.DataObject, size: Size, viewport: Viewport
) -> None:
    region = data.draw(whole_boxes_in(size))
    crop = Size(int(region.width), int(region.height))
    shrunk = data.draw(sizes)
    target = data.draw(boxes_in(crop)).centre

    in_screen = Point(region.left + target.x, region.top + target.y)
    truth = viewport.to_logical(in_screen)

    view = viewport.cropped(region).resized(crop, shrunk)
    seen = Point(target.x * shrunk.width / crop.width, target.y * shrunk.height / crop.height)
    said = NormPoint.from_pixel(seen, shrunk)
    found = view.to_logical(said.to_pixel(shrunk))

    assert near(found, truth)
    back = viewport.to_pixel(found)
    assert near(back, in_screen)
    assert near(back.rounded(), in_screen, 0.5 + EXACT)


@given(
    st.integers(-4000, 4000),
    st.integers(-4000, 4000),
    st.sampled_from([1.0, 1.5, 2.0]),
    st.data(),
)
def test_the_same_way_with_real_screenshots(
    left: int, top: int, scale: float, data: st.DataObject
) -> None:
    """`card` writes its own coordinates into its pixels, so the picture itself is the witness."""
    screen = testing.FakeScreen(testing.card(240, 180, left=left, top=top, scale=scale))
    shot = capture(source=screen)
    region = data.draw(whole_boxes_in(shot.size))
    crop = shot.crop(region)
    x = data.draw(st.integers(0, crop.width - 1))
    y = data.draw(st.integers(0, crop.height - 1))
    where = crop.viewport.to_logical(Point(x + 0.5, y + 0.5))
    pixel = shot.viewport.to_pixel(where)
    assert (crop.rgb[y, x] == shot.rgb[math.floor(pixel.y), math.floor(pixel.x)]).all()
    assert near(crop.logical_box, shot.viewport.box_to_logical(region))
    resized = crop.resized(Size(crop.width * 2, crop.height * 3))
    assert near(resized.logical_box, crop.logical_box)


@given(coordinates, coordinates)
def test_rounding_moves_by_at_most_half_a_pixel(x: float, y: float) -> None:
    assert near(Point(x, y).rounded(), Point(x, y), 0.5)
    box = Box(x, y, x + 7.3, y + 3.9)
    assert near(box.rounded(), box, 0.5)
    assert all(value == int(value) for value in box.rounded())


@given(st.data(), sizes)
def test_outward_contains_the_box_and_grows_by_less_than_a_pixel(
    data: st.DataObject, size: Size
) -> None:
    box = data.draw(boxes_in(size))
    out = box.outward()
    assert out.contains_box(box, slack=EXACT)
    assert near(out, box, 1.0)
    assert all(value == int(value) for value in out)


def test_outward_does_not_take_noise_for_a_pixel() -> None:
    assert Box(9.9999999999, 3, 20.0000000001, 7).outward() == Box(10, 3, 20, 7)
    assert LogicalBox(-0.5, -1.2, 0.5, 1.2).outward() == LogicalBox(-1, -2, 1, 2)


@given(st.data(), sizes, sizes)
def test_boxes_intersect_as_they_should(data: st.DataObject, size: Size, other: Size) -> None:
    one, two = data.draw(boxes_in(size)), data.draw(boxes_in(other))
    shared = one.intersection(two)
    assert (shared.area if shared else 0) == pytest.approx(one.intersection_area(two))
    assert 0 <= one.iou(two) <= 1 + EXACT
    assert one.iou(two) == pytest.approx(two.iou(one))
    assert one.union(two).contains_box(one)
    assert shared is None or (one.contains_box(shared) and two.contains_box(shared))


@given(st.data(), sizes, sizes)
def test_clipping_stays_inside(data: st.DataObject, size: Size, other: Size) -> None:
    clipped = data.draw(boxes_in(size)).moved(-50, 30).padded(5).clipped(other)
    assert Box(0, 0, other.width, other.height).contains_box(clipped)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_only_finite_coordinates_exist(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Point(bad, 0)
    with pytest.raises(ValueError, match="finite"):
        Box(0, 0, 1, bad)
    with pytest.raises(ValueError, match="finite"):
        Viewport(LogicalPoint(0, 0), bad)


def test_impossible_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="inverted"):
        Box(5, 0, 4, 1)
    with pytest.raises(ValueError, match="positive"):
        Size(0, 5)
    with pytest.raises(ValueError, match="positive"):
        Viewport(LogicalPoint(0, 0), 0)


def test_boxes_are_half_open() -> None:
    box = Box(10, 10, 20, 20)
    assert box.contains(Point(10, 10))
    assert not box.contains(Point(20, 15))
    assert box.intersection(Box(20, 10, 30, 20)) is None
