"""Screenshots from pixels and files, hostile ones included."""

from __future__ import annotations

import io
import pickle
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFile

from qvl_agent.decoding import MAX_JPEG_SCANS
from qvl_agent.errors import ImageError, InputError, UsageError
from qvl_agent.geometry import Box, LogicalPoint, Size, Viewport
from qvl_agent.grounding.base import Element
from qvl_agent.overlay import tag
from qvl_agent.screenshot import NOTEBOOK_WIDTH, Screenshot
from qvl_agent.testing import card

MAGIC = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def encoded(image: Image.Image, name: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, name, **options)
    return file.getvalue()


def png_with(extra: bytes) -> bytes:
    """A good PNG with more chunks right after its header."""
    good = card(32, 24).to_png()
    return good[:33] + extra + good[33:]


def bomb(width: int, height: int) -> bytes:
    """A complete black PNG, thousands of times smaller than its pixels: one bit each, packed."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = png_header(width, height, depth=1, colour=0)
    return MAGIC + header + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def refused(data: bytes, match: str, **settings: int) -> ImageError:
    with pytest.raises(ImageError, match=match) as caught:
        Screenshot.from_bytes(data, **settings)
    error = caught.value
    assert error.hint
    assert "\n" not in str(error)
    assert error.exit_code == 2
    return error


# From pixels


def test_an_array_is_copied_and_the_view_is_read_only() -> None:
    array = np.zeros((20, 30, 3), np.uint8)
    shot = Screenshot.from_array(array)
    array[:] = 9
    assert shot.rgb.max() == 0
    assert shot.rgb.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        shot.rgb[0, 0] = 1


def test_an_array_in_another_order_becomes_contiguous() -> None:
    array = np.arange(20 * 30 * 3, dtype=np.uint8).reshape(20, 30, 3)
    shot = Screenshot.from_array(array[:, ::-1])
    assert shot.rgb.flags.c_contiguous
    assert (shot.rgb == array[:, ::-1]).all()


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((20, 30), np.uint8),
        np.zeros((20, 30, 4), np.uint8),
        np.zeros((20, 30, 3), np.float32),
        np.zeros((0, 30, 3), np.uint8),
        [[[0, 0, 0]]],
        None,
    ],
)
def test_other_arrays_are_refused(array: Any) -> None:
    with pytest.raises(ImageError, match="pixels must"):
        Screenshot.from_array(array)


def test_a_screenshot_knows_its_place() -> None:
    shot = card(400, 300, left=-200, top=50, scale=2)
    assert (shot.width, shot.height, shot.size) == (400, 300, Size(400, 300))
    assert (shot.origin, shot.scale) == (LogicalPoint(-200, 50), 2)
    assert tuple(shot.logical_box) == (-200, 50, 0, 200)
    assert shot.captured_at is None
    assert repr(shot) == "<Screenshot 400x300 at (-200, 50), scale 2>"


def test_the_digest_depends_on_every_pixel_and_the_shape() -> None:
    shot = card(40, 30)
    assert shot.digest == card(40, 30).digest
    changed = shot.rgb.copy()
    changed[29, 39, 2] ^= 1
    assert Screenshot.from_array(changed).digest != shot.digest
    assert Screenshot.from_array(shot.rgb.reshape(40, 30, 3)).digest != shot.digest


# Derived pictures


def test_a_crop_takes_whole_pixels_and_stays_inside() -> None:
    shot = card(100, 80, left=-10, top=20)
    crop = shot.crop(Box(10.4, -5, 20.2, 7.9))
    assert crop.size == Size(11, 8)
    assert crop.origin == LogicalPoint(0, 20)
    assert (crop.rgb == shot.rgb[0:8, 10:21]).all()
    with pytest.raises(UsageError, match="nothing to crop"):
        shot.crop(Box(100, 0, 120, 10))
    with pytest.raises(UsageError, match="nothing to crop"):
        shot.crop(Box(5, 5, 5, 9))


def test_a_crop_is_a_copy() -> None:
    shot = card(100, 80)
    crop = shot.crop(Box(0, 0, 50, 50))
    shot.wipe()
    assert crop.rgb.any()


def test_a_resized_copy_maps_to_the_same_desktop() -> None:
    shot = card(100, 80, left=-10, top=20)
    small = shot.resized(Size(50, 20))
    assert small.rgb.shape == (20, 50, 3)
    assert small.logical_box == shot.logical_box
    assert (small.viewport.scale_x, small.viewport.scale_y) == (0.5, 0.25)
    assert shot.resized(Size(300, 240)).logical_box == shot.logical_box


def element(box: Box, label: str, confidence: float | None = None) -> Element:
    return Element(bbox=box, element_type="button", label=label, confidence=confidence)


def test_annotations_draw_boxes_and_labels_on_a_copy() -> None:
    shot = Screenshot.from_array(np.full((200, 300, 3), 255, np.uint8))
    box = Box(50, 80, 150, 120)
    drawn = shot.annotate(element(box, "用户名", 0.96))
    assert (shot.rgb == 255).all()
    assert (drawn.rgb[80, 50:150] != 255).any(axis=1).all()
    assert (drawn.rgb[119, 50:150] != 255).any(axis=1).all()
    assert (drawn.rgb[90:110, 60:140] == 255).all()
    assert (drawn.rgb[60:79, 50:100] != 255).any()
    other = shot.annotate([element(box, "用户各", 0.96)])
    assert other.digest != drawn.digest


def test_annotations_take_boxes_many_at_once_and_at_the_edge() -> None:
    shot = card(120, 90)
    whole = element(shot.bounds, "everything there is, and a great deal more of it than fits", 0.5)
    drawn = shot.annotate([Box(0, 0, 10, 10), whole, Box(110, 80, 500, 500), Box(5, 5, 5, 5)])
    assert drawn.size == shot.size
    assert drawn.digest != shot.digest
    assert shot.annotate(Box(1, 1, 9, 9)).digest != shot.digest
    assert shot.annotate([]).digest == shot.digest


def test_a_tag_is_one_short_line() -> None:
    assert tag(element(Box(0, 0, 1, 1), "Sign\n in", 0.871)) == "Sign in 0.87"
    assert tag(element(Box(0, 0, 1, 1), "Sign in")) == "Sign in"
    assert tag(element(Box(0, 0, 1, 1), "", 1.0)) == "1.00"
    assert len(tag(element(Box(0, 0, 1, 1), "x" * 500))) == 32


def test_annotations_work_without_a_chinese_font(monkeypatch: pytest.MonkeyPatch) -> None:
    from qvl_agent import overlay

    monkeypatch.setattr(overlay, "FONTS", ())
    overlay._font.cache_clear()
    shot = card(200, 100)
    assert shot.annotate(element(Box(20, 40, 90, 60), "登录…", 0.5)).digest != shot.digest
    overlay._font.cache_clear()


# Out of memory, out of the program


def test_wiping_zeroes_the_pixels_in_place() -> None:
    shot = card(64, 64)
    digest, view = shot.digest, shot.rgb
    assert view.any()
    shot.wipe()
    assert not view.any()
    assert shot.wiped
    assert shot.digest == digest
    assert "wiped" in repr(shot)
    shot.wipe()
    for use in (
        lambda: shot.rgb,
        lambda: shot.crop(Box(0, 0, 9, 9)),
        lambda: shot.resized(Size(9, 9)),
        lambda: shot.annotate([]),
        shot.to_png,
    ):
        with pytest.raises(UsageError, match="wiped"):
            use()
    assert shot._repr_png_() is None


def test_leaving_the_block_wipes_even_after_an_error() -> None:
    with card(64, 64) as shot:
        view = shot.rgb
    assert shot.wiped
    assert not view.any()
    with pytest.raises(RuntimeError), card(64, 64) as shot:
        raise RuntimeError
    assert shot.wiped


def test_the_repr_holds_no_pixels_and_a_notebook_gets_a_small_picture() -> None:
    wide = card(NOTEBOOK_WIDTH * 2, 100)
    png = wide._repr_png_()
    assert png is not None
    assert Image.open(io.BytesIO(png)).size == (NOTEBOOK_WIDTH, 50)
    assert len(repr(wide)) < 80


def test_pickling_keeps_pixels_and_place() -> None:
    shot = card(40, 30, left=-5, scale=2)
    copy = pickle.loads(pickle.dumps(shot))  # noqa: S301 - our own bytes
    assert copy.digest == shot.digest
    assert copy.viewport == shot.viewport


@pytest.mark.parametrize("ending", [".png", ".PNG", ".jpg", ".webp"])
def test_saving_and_reading_back(tmp_path: Path, ending: str) -> None:
    shot = card(64, 48)
    shot.save(tmp_path / f"shot{ending}")
    back = Screenshot.from_file(tmp_path / f"shot{ending}")
    assert back.size == shot.size
    if ending.lower() == ".png":
        assert back.digest == shot.digest


def test_saving_says_why_it_cannot(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot save"):
        card().save(tmp_path / "shot.bmp")
    with pytest.raises(InputError, match="cannot write"):
        card().save(tmp_path / "missing" / "shot.png")
    assert list(tmp_path.iterdir()) == []


# Good files of every kind


def colours() -> Image.Image:
    return Image.fromarray(card(64, 48).rgb)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("interlaced", [False, True])
def test_png_of_every_kind(mode: str, interlaced: bool) -> None:
    if mode == "PA":
        image = colours().convert("P")
        data = encoded(image, "PNG", transparency=bytes([0] * 128 + [255] * 128))
    elif mode == "I;16":
        data = encoded(Image.fromarray(np.full((48, 64), 0x80FF, np.uint16)), "PNG")
    else:
        data = encoded(colours().convert(mode), "PNG", interlace=int(interlaced))
    shot = Screenshot.from_bytes(data)
    assert shot.rgb.shape == (48, 64, 3)
    assert shot.rgb.flags.c_contiguous
    if mode in ("RGB", "RGBA"):
        assert shot.digest == card(64, 48).digest
    if mode == "I;16":
        assert (shot.rgb == 0x80).all()


def test_16_bit_colours_keep_their_upper_half() -> None:
    row = b"\0" + struct.pack(">3H", 0x1234, 0xABCD, 0xFF00) * 8
    data = MAGIC + png_header(8, 8, depth=16) + chunk(b"IDAT", zlib.compress(row * 8))
    shot = Screenshot.from_bytes(data + chunk(b"IEND", b""))
    assert tuple(shot.rgb[3, 3]) == (0x12, 0xAB, 0xFF)


def test_transparent_parts_lie_on_white() -> None:
    image = Image.new("RGBA", (16, 16), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 8, 16))
    image.paste((0, 0, 0, 128), (8, 8, 16, 16))
    for name in ("PNG", "WEBP"):
        shot = Screenshot.from_bytes(encoded(image, name, lossless=True))
        assert tuple(shot.rgb[4, 12]) == (255, 255, 255)
        assert tuple(shot.rgb[4, 4]) == (0, 0, 255)
        assert abs(int(shot.rgb[12, 12, 0]) - 127) <= 1


def test_a_colour_declared_transparent_lies_on_white() -> None:
    rgb = Image.new("RGB", (16, 16), (1, 2, 3))
    shot = Screenshot.from_bytes(encoded(rgb, "PNG", transparency=(1, 2, 3)))
    assert (shot.rgb == 255).all()
    grey = Image.fromarray(np.full((16, 16), 300, np.uint16))
    data = encoded(grey, "PNG")
    data = data[:33] + chunk(b"tRNS", struct.pack(">H", 300)) + data[33:]
    assert (Screenshot.from_bytes(data).rgb == 255).all()


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_of_every_kind(mode: str, progressive: bool) -> None:
    image = Image.new("RGB", (64, 48), (200, 40, 90)).convert(mode)
    shot = Screenshot.from_bytes(encoded(image, "JPEG", quality=95, progressive=progressive))
    expected = np.array(image.convert("RGB"))[0, 0].astype(int)
    assert shot.size == Size(64, 48)
    assert (abs(shot.rgb[20, 20].astype(int) - expected) <= 4).all()


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, "tl"), (2, "tr"), (3, "br"), (4, "bl"), (5, "tl"), (6, "tr"), (7, "br"), (8, "bl")],
)
def test_a_jpeg_is_turned_upright(orientation: int, corner: str) -> None:
    image = Image.new("RGB", (64, 32), "white")
    image.paste((0, 0, 0), (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    shot = Screenshot.from_bytes(encoded(image, "JPEG", exif=exif, quality=95))
    assert shot.size == (Size(64, 32) if orientation < 5 else Size(32, 64))
    y = 4 if corner[0] == "t" else shot.height - 5
    x = 4 if corner[1] == "l" else shot.width - 5
    assert shot.rgb[y, x].max() < 60
    assert shot.rgb.mean() > 150


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x0f\0\x03" * 5,
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0MM",
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\x7f\x7f\0\0",
    ],
)
def test_broken_exif_does_not_matter(exif: bytes) -> None:
    data = encoded(colours(), "JPEG", exif=exif)
    assert Screenshot.from_bytes(data).size == Size(64, 48)


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": bytes(20)}])
def test_webp_of_every_kind(options: dict[str, Any]) -> None:
    shot = Screenshot.from_bytes(encoded(colours(), "WEBP", **options))
    assert shot.size == Size(64, 48)


@pytest.mark.parametrize("name", ["WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_taken(name: str) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], name, save_all=True, append_images=frames[1:], lossless=True)
    shot = Screenshot.from_bytes(data)
    assert tuple(shot.rgb[5, 5]) == (255, 0, 0)


# Bad files


def test_every_cut_of_a_png_is_refused() -> None:
    data = card(32, 24).to_png()
    for length in range(0, len(data) - 1, 7):
        refused(data[:length], "broken PNG|not a PNG|empty")


@pytest.mark.parametrize("name", ["JPEG", "WEBP"])
def test_a_cut_jpeg_or_webp_is_refused(name: str) -> None:
    data = encoded(
        Image.fromarray(np.random.default_rng(0).integers(0, 255, (99, 99, 3), "u1")), name
    )
    for length in (0, 3, 11, 20, 40, 100, len(data) // 2, len(data) * 9 // 10):
        refused(data[:length], f"broken {name}|not a PNG|empty")


def test_truncation_is_refused_even_when_pillow_was_told_to_tolerate_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (99, 99, 3), "u1"))
    data = encoded(noise, "JPEG")
    refused(data[: len(data) // 2], "broken JPEG")
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


def test_a_flipped_bit_in_a_png_is_noticed() -> None:
    data = bytearray(card(32, 24).to_png())
    data[len(data) // 2] ^= 4
    refused(bytes(data), "checksum")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "EPS"),
        (b"\xc5\xd0\xd3\xc6\x1e\0\0\0", "EPS"),
        (b"GIF89a\x20\0\x20\0", "GIF"),
        (b"%PDF-1.7\n", "PDF"),
        (b"BM\x36\0\0\0", "BMP"),
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"\n<?xml version='1.0'?><svg/>", "SVG"),
        (b"\xef\xbb\xbf<svg xmlns=''/>", "SVG"),
        (b"<!DOCTYPE html><p>login</p>", "HTML"),
        (b"\0\0\0\x20ftypavif\0\0\0\0", "AVIF"),
        (b"hello", "none of their signatures"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "none of their signatures"),
    ],
)
def test_other_formats_are_named(data: bytes, name: str) -> None:
    assert "PNG, JPEG or WebP" in refused(data, name).hint


def test_nothing_is_run_for_an_eps_named_png(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: pytest.fail("a program was run"))
    path = tmp_path / "login.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 90 90\nshowpage\n")
    with pytest.raises(ImageError, match=r"login\.png: .*EPS"):
        Screenshot.from_file(path)


def test_too_large_too_small_and_too_thin() -> None:
    refused(MAGIC + png_header(20_000, 20_000), "20000x20000 pixels, too large")
    refused(MAGIC + png_header(7_100, 7_100), "too large")
    refused(MAGIC + png_header(40_000, 20), "too large")
    refused(MAGIC + png_header(0xFFFFFFFF, 0xFFFFFFFF), "too large")
    refused(bomb(900, 1), "900x1 pixels, too small")
    refused(bomb(7, 900), "too small")
    refused(MAGIC + png_header(0, 9), "size of 0x9")
    assert Screenshot.from_bytes(bomb(8, 8)).size == Size(8, 8)
    refused(bomb(100, 100), "at most 0.009 megapixels", max_pixels=9_000)


def test_jpeg_and_webp_are_measured_before_decoding() -> None:
    def patched(data: bytes, old: bytes, new: bytes) -> bytes:
        assert data.count(old) == 1
        return data.replace(old, new)

    jpeg = encoded(colours(), "JPEG")
    sof = struct.pack(">HH", 48, 64)
    refused(patched(jpeg, sof, struct.pack(">HH", 65_000, 65_000)), "65000x65000 .*too large")
    refused(patched(jpeg, sof, struct.pack(">HH", 0, 64)), "size of 64x0")
    lossy = encoded(colours(), "WEBP")
    refused(
        patched(lossy, struct.pack("<HH", 64, 48), struct.pack("<HH", 16383, 16383)), "too large"
    )
    exact = encoded(colours(), "WEBP", lossless=True)
    big = bytearray(exact)
    big[21:25] = struct.pack("<I", 16_382 | 16_382 << 14)
    refused(bytes(big), "16383x16383 .*too large")
    extended = bytearray(encoded(colours(), "WEBP", exif=Image.Exif().tobytes() + bytes(8)))
    assert extended[12:16] == b"VP8X"
    extended[24:30] = b"\xff\xff\xff\xff\xff\xff"
    refused(bytes(extended), "16777216x16777216 .*too large")


def test_a_second_size_hidden_behind_the_first_is_refused() -> None:
    good = card(32, 24).to_png()
    refused(good[:33] + png_header(30_000, 30_000) + good[33:], "two headers")
    small, large = (encoded(Image.new("RGB", s), "JPEG") for s in [(32, 32), (640, 480)])
    assert small.count(b"\xff\xc0") == 1
    # Another frame header in front: ours reads the first, Pillow goes by the last.
    start = small.index(b"\xff\xc0")
    frame = large[large.index(b"\xff\xc0") :][:19]
    refused(small[: start + 19] + frame + small[start + 19 :], "header says")


def test_compressed_texts_profiles_and_frames_are_never_unpacked() -> None:
    hidden = zlib.compress(bytes(80_000_000), 9)
    for kind, head in ((b"zTXt", b"a\0\0"), (b"iCCP", b"a\0\0"), (b"iTXt", b"a\0\1\0\0\0")):
        data = png_with(chunk(kind, head + hidden) * 3)
        assert Screenshot.from_bytes(data).digest == card(32, 24).digest


def test_a_jpeg_with_endless_scans_is_refused() -> None:
    data = encoded(colours(), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    refused(data[:start] + data[start:-2] * (MAX_JPEG_SCANS + 1), "scans")


def test_garbage_behind_a_good_start_is_refused() -> None:
    noise = np.random.default_rng(1).integers(0, 256, 4000, "u1").tobytes()
    for start in (
        MAGIC,
        MAGIC + png_header(32, 24),
        b"\xff\xd8\xff\xe0",
        b"RIFF\x10\0\0\0WEBPVP8X",
    ):
        refused(start + noise, "broken|too large")


def picture_or_error(data: bytes) -> Screenshot | ImageError:
    try:
        return Screenshot.from_bytes(data)
    except ImageError as error:
        return error


@pytest.mark.filterwarnings("error")
def test_random_damage_ends_in_a_picture_or_an_image_error() -> None:
    rng = np.random.default_rng(7)
    sources = [
        card(48, 40).to_png(),
        encoded(colours(), "PNG", interlace=1),
        encoded(colours(), "JPEG"),
        encoded(colours(), "JPEG", progressive=True),
        encoded(colours(), "WEBP"),
        encoded(colours(), "WEBP", lossless=True),
    ]
    for _ in range(100):
        for source in sources:
            data = np.frombuffer(source, np.uint8).copy()
            spots = rng.integers(0, len(data), rng.integers(1, 6))
            data[spots] = rng.integers(0, 256, len(spots))
            outcome = picture_or_error(data.tobytes())
            if isinstance(outcome, ImageError):
                assert outcome.hint
                assert "\n" not in str(outcome)
            else:
                assert outcome.size.area <= 50_000_000


def test_what_is_not_bytes_is_refused() -> None:
    with pytest.raises(ImageError, match="not str"):
        Screenshot.from_bytes("login.png")  # type: ignore[arg-type]
    data = card(16, 16).to_png()
    assert Screenshot.from_bytes(bytearray(data)).digest == card(16, 16).digest
    assert Screenshot.from_bytes(memoryview(data)).digest == card(16, 16).digest  # type: ignore[arg-type]


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    for path, what in (
        (tmp_path / "missing.png", "no such file"),
        (tmp_path, "is a directory"),
        ("a\0b.png", "cannot be read"),
        ("/dev/zero", "none of their signatures"),
        ("/dev/null", "empty"),
        (tmp_path / ("x" * 5000), "cannot be read"),
    ):
        with pytest.raises(ImageError, match=what) as caught:
            Screenshot.from_file(path)
        assert caught.value.hint
        assert caught.value.exit_code == 2


def test_a_file_over_the_limit_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qvl_agent import decoding, screenshot

    monkeypatch.setattr(screenshot, "MAX_BYTES", 5000)
    monkeypatch.setattr(decoding, "MAX_BYTES", 5000)
    path = tmp_path / "long.png"
    path.write_bytes(card(16, 16).to_png() + bytes(6000))
    with pytest.raises(ImageError, match="larger than"):
        Screenshot.from_file(path)


MEMORY_TEST = """
import resource, sys
from qvl_agent.errors import ImageError
from qvl_agent.screenshot import Screenshot
from PIL import Image
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    Screenshot.from_bytes(open(sys.argv[1], "rb").read())
except ImageError as error:
    assert "too large" in str(error), error
else:
    sys.exit("it was decoded")
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
assert grown < 20, f"{grown:.0f} MB for a picture that is refused"
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs the resource module")
def test_a_bomb_costs_no_memory(tmp_path: Path) -> None:
    """20,000 x 20,000 pixels are 1.2 GB; the file has 50 kB."""
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb(20_000, 20_000))
    command = [sys.executable, "-c", MEMORY_TEST, str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_a_viewport_can_be_given() -> None:
    viewport = Viewport(LogicalPoint(3, 4), 2, 2)
    shot = Screenshot.from_array(np.zeros((9, 9, 3), np.uint8), viewport=viewport, captured_at=5.0)
    assert (shot.viewport, shot.captured_at) == (viewport, 5.0)
