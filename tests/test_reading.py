"""Reading drawn text: columns, splits, and the incremental reader against a cold one.

Strings are drawn with PIL, which says where every glyph is. Nothing here is timed; see
benchmarks/reading_speed.py.
"""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rapidocr")
ImageDraw = pytest.importorskip("PIL.ImageDraw")

from PIL import Image, ImageFont  # noqa: E402

from qvl_agent.grounding.embedded.reading import Reader, Reading  # noqa: E402
from qvl_agent.grounding.embedded.reading import engine as engine_module  # noqa: E402
from qvl_agent.grounding.embedded.reading import reader as reader_module  # noqa: E402
from qvl_agent.grounding.embedded.reading.characters import PlacedChar  # noqa: E402
from qvl_agent.grounding.embedded.reading.engine import OcrEngine, Pixels  # noqa: E402
from qvl_agent.grounding.embedded.reading.splitting import split  # noqa: E402
from qvl_agent.grounding.embedded.scene import TextLine  # noqa: E402

SANS = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
MONO = Path("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf")
CJK = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
needs_sans = pytest.mark.skipif(not SANS.exists(), reason="fonts-dejavu is not installed")
needs_mono = pytest.mark.skipif(not MONO.exists(), reason="fonts-dejavu is not installed")
needs_cjk = pytest.mark.skipif(not CJK.exists(), reason="fonts-noto-cjk is not installed")

LIGHT, DARK = (245, 245, 245), (24, 26, 30)


class Canvas:
    """A screen to draw strings on."""

    def __init__(self, width: int = 640, height: int = 400, ground: tuple[int, ...] = LIGHT):
        self.image = Image.new("RGB", (width, height), ground)
        self.draw = ImageDraw.Draw(self.image)

    def text(
        self,
        x: int,
        y: int,
        text: str,
        *,
        font: Path = SANS,
        size: int = 14,
        fill: tuple[int, ...] = (20, 20, 20),
    ) -> Canvas:
        self.draw.text((x, y), text, fill=fill, font=ImageFont.truetype(str(font), size))
        return self

    @property
    def rgb(self) -> Pixels:
        return np.array(self.image)


@pytest.fixture(scope="module")
def ocr() -> OcrEngine:
    return OcrEngine(threads=2)


@pytest.fixture
def reader(ocr: OcrEngine) -> Reader:
    return Reader(ocr)


def texts(reading: Reading) -> list[str]:
    return [line.text for line in reading.lines]


def ink_columns(font: Path, size: int, text: str, index: int, x: int) -> tuple[int, int]:
    """First and one past the last inked column of one glyph of a string drawn at ``x``."""
    drawn = ImageFont.truetype(str(font), size)
    glyph = Image.new("L", (x + 800, size * 3), 0)
    start = x + drawn.getlength(text[:index])
    ImageDraw.Draw(glyph).text((start, size), text[index], fill=255, font=drawn)
    columns = np.flatnonzero((np.asarray(glyph) >= 102).any(axis=0))
    return int(columns[0]), int(columns[-1]) + 1


def line_of(reading: Reading, text: str) -> TextLine:
    return next(line for line in reading.lines if line.text == text)


@needs_sans
@pytest.mark.parametrize("size", [13, 16, 24])
def test_characters_cover_the_columns_of_their_ink(reader: Reader, size: int) -> None:
    text = "Wrap long lines, please"
    reading = reader.read(Canvas().text(60, 80, text, size=size).rgb)
    line = line_of(reading, text)
    for index, char in enumerate(line.chars):
        if char.text == " ":
            continue
        left, right = ink_columns(SANS, size, text, index, 60)
        assert abs(char.left - left) <= 2, (char, left)
        assert abs(char.right - right) <= 2, (char, right)


@needs_sans
def test_a_lines_box_is_tight_to_its_ink(reader: Reader) -> None:
    canvas = Canvas().text(100, 120, "Typography", size=20)
    ink = np.argwhere((canvas.rgb < 140).any(axis=2))
    box = line_of(reader.read(canvas.rgb), "Typography").box
    expected = (ink[:, 1].min(), ink[:, 0].min(), ink[:, 1].max() + 1, ink[:, 0].max() + 1)
    assert all(abs(a - b) <= 1 for a, b in zip(box, expected, strict=True)), (box, expected)


@needs_sans
def test_a_border_around_text_is_not_part_of_its_box(reader: Reader) -> None:
    canvas = Canvas()
    canvas.draw.rounded_rectangle((95, 100, 185, 130), 4, outline=(90, 90, 90))
    canvas.text(117, 107, "Cancel", size=14)
    box = line_of(reader.read(canvas.rgb), "Cancel").box
    assert box.left >= 112
    assert box.right <= 170
    assert box.height <= 14


@needs_sans
@pytest.mark.parametrize("ground", [LIGHT, DARK])
def test_a_menu_bar_is_split_into_its_titles(reader: Reader, ground: tuple[int, ...]) -> None:
    canvas = Canvas(ground=ground)
    fill = (230, 230, 230) if ground == DARK else (20, 20, 20)
    x = 10
    for title in ("File", "Edit", "View", "Help"):
        canvas.text(x, 8, title, size=14, fill=fill)
        x += round(ImageFont.truetype(str(SANS), 14).getlength(title)) + 14
    assert texts(reader.read(canvas.rgb)) == ["File", "Edit", "View", "Help"]


@needs_sans
@pytest.mark.parametrize(
    "sentence",
    ["I have read the agreement", "Save As...", "Total (USD) $1,234.50", "Zoom In 100%"],
)
def test_a_sentence_stays_whole_with_its_blanks(reader: Reader, sentence: str) -> None:
    assert texts(reader.read(Canvas().text(40, 60, sentence, size=14).rgb)) == [sentence]


@needs_mono
def test_monospaced_text_stays_whole(reader: Reader) -> None:
    line = "Open Recent file: report"
    assert texts(reader.read(Canvas().text(40, 60, line, font=MONO, size=16).rgb)) == [line]


@needs_cjk
def test_chinese_and_latin_neighbours_are_read_and_parted(reader: Reader) -> None:
    canvas = Canvas().text(40, 60, "请输入用户名", font=CJK, size=16)
    canvas.text(180, 60, "登录", font=CJK, size=16).text(40, 120, "复制(C)", font=CJK, size=16)
    found = [text.replace("（", "(").replace("）", ")") for text in texts(reader.read(canvas.rgb))]
    assert found == ["请输入用户名", "登录", "复制(C)"]


@needs_sans
def test_single_glyphs_on_keys_are_found(reader: Reader) -> None:
    canvas = Canvas()
    keys = "789456123"
    for index, key in enumerate(keys):
        x, y = 60 + 80 * (index % 3), 60 + 50 * (index // 3)
        canvas.draw.rectangle((x, y, x + 60, y + 34), outline=(150, 150, 150))
        canvas.text(x + 26, y + 8, key, size=14)
    found = texts(reader.read(canvas.rgb))
    assert len(set(found) & set(keys)) >= 8, found


@needs_sans
def test_an_arrow_beside_a_word_does_not_widen_it(reader: Reader) -> None:
    canvas = Canvas().text(60, 60, "Dropdown", size=16)
    end = round(60 + ImageFont.truetype(str(SANS), 16).getlength("Dropdown"))
    canvas.draw.polygon(((end + 6, 68), (end + 14, 68), (end + 10, 73)), fill=(20, 20, 20))
    line = reader.read(canvas.rgb).lines[0]
    assert line.text.startswith("Dropdown")
    assert abs(line.part(0, 8).right - end) <= 3


def placed(words: list[tuple[str, int]]) -> list[PlacedChar]:
    """Letters of various widths, 1 px apart; each word starts after its own gap, px."""
    chars: list[PlacedChar] = []
    x = 0
    for word, gap in words:
        for index, char in enumerate(word):
            before = 0 if not chars else (gap if index == 0 else 1)
            x += before
            width = (8, 3, 10, 6)[index % 4]  # uneven, as monospaced text is not
            chars.append(PlacedChar(char, x, x + width, 1.0, float(before)))
            x += width
    return chars


def runs(words: list[tuple[str, int]]) -> list[str]:
    return ["".join(char.text for char in run) for run in split(placed(words), 14.0)]


def test_splitting_by_gaps() -> None:
    assert runs([("some", 0), ("words", 5), ("here", 5)]) == ["some words here"]
    assert runs([("File", 0), ("Edit", 12), ("View", 12)]) == ["File", "Edit", "View"]
    assert runs([("Free", 0), ("space", 5), ("Used", 12)]) == ["Free space", "Used"]
    assert runs([("left", 0), ("right", 40)]) == ["left", "right"]
    # As wide as a menu's gap, but small letters follow: justified text.
    assert runs([("Justified", 0), ("text", 10), ("runs", 10)]) == ["Justified text runs"]


def test_a_rule_between_characters_parts_them() -> None:
    chars = placed([("Left", 0), ("Right", 6)])
    middle = (chars[3].right + chars[4].left) // 2
    found = split(chars, 14.0, rules=[(middle, middle + 1)])
    assert ["".join(char.text for char in run) for run in found] == ["Left", "Right"]


def screen(*changes: tuple[int, int, str]) -> Pixels:
    canvas = Canvas(800, 600)
    for row in range(14):
        canvas.text(30, 20 + 40 * row, f"Row number {row} of the list", size=14)
        canvas.text(420, 20 + 40 * row, f"Value {row * 7}", size=14)
    for x, y, text in changes:
        canvas.draw.rectangle((x - 4, y - 4, x + 180, y + 24), fill=(255, 255, 255))
        canvas.text(x, y, text, size=14)
    return canvas.rgb


def same_lines(one: Reading, other: Reading) -> None:
    assert texts(one) == texts(other)
    for a, b in zip(one.lines, other.lines, strict=True):
        assert all(abs(u - v) <= 2 for u, v in zip(a.box, b.box, strict=True)), (a, b)


@needs_sans
def test_incremental_reading_equals_a_cold_one(ocr: OcrEngine) -> None:
    steps = [
        screen(),
        screen((30, 100, "changed row")),
        screen((30, 100, "changed row once more")),
        screen((420, 260, "typed")),
        screen(),
        np.roll(screen(), 40, axis=0),
    ]
    reader, cold = Reader(ocr), Reader(ocr)
    for number, picture in enumerate(steps):
        cold.forget()
        reading = reader.read(picture)
        # The first picture is new, and in the last one every row has moved.
        assert (reading.changed is None) == (number in (0, len(steps) - 1))
        same_lines(reading, cold.read(picture))


@needs_sans
def test_the_same_screen_is_not_read_again(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    first = reader.read(screen())
    monkeypatch.setattr(OcrEngine, "detect", _fail)
    monkeypatch.setattr(OcrEngine, "recognise", _fail)
    again = reader.read(screen())
    assert again.changed == ()
    assert again.lines == first.lines


def _fail(*_: object) -> None:
    raise AssertionError("the engine was asked")


@needs_sans
def test_only_the_changed_region_is_detected_again(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.read(screen())
    seen: list[int] = []
    detect = OcrEngine.detect

    def watched(self: OcrEngine, rgb: Pixels, scale: float = 1.0) -> object:
        seen.append(rgb.shape[0] * rgb.shape[1])
        return detect(self, rgb, scale)

    monkeypatch.setattr(OcrEngine, "detect", watched)
    reading = reader.read(screen((420, 260, "typed")))
    assert reading.changed is not None
    assert len(reading.changed) == 1
    assert reading.changed[0].top < 280 < reading.changed[0].bottom
    assert sum(seen) < 0.25 * 800 * 600
    assert "typed" in texts(reading)


@needs_sans
def test_moved_lines_are_not_recognised_again(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.read(screen())
    asked: list[int] = []
    recognise = OcrEngine.recognise

    def watched(self: OcrEngine, crops: list[Pixels]) -> object:
        asked.append(len(crops))
        return recognise(self, crops)

    monkeypatch.setattr(OcrEngine, "recognise", watched)
    reading = reader.read(np.roll(screen(), 32, axis=0))
    assert len(reading.lines) == 28
    assert sum(asked) <= 7


@needs_sans
def test_a_cold_read_is_deterministic(ocr: OcrEngine) -> None:
    assert Reader(ocr).read(screen()) == Reader(ocr).read(screen())


@needs_sans
def test_forget_wipes_the_kept_pixels(reader: Reader) -> None:
    reader.read(screen())
    kept = reader._last
    assert kept is not None
    assert kept.any()
    reader.forget()
    assert not kept.any()
    assert reader._last is None
    assert not reader._crops
    assert reader.read(screen()).changed is None


@needs_sans
def test_the_callers_picture_is_neither_kept_nor_written(reader: Reader) -> None:
    picture = screen()
    before = picture.copy()
    reader.read(picture)
    reader.forget()
    assert np.array_equal(picture, before)


def test_memory_stays_flat_over_changing_screens(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "MAX_REMEMBERED_CROPS", 40)
    blank = np.full((200, 320, 3), 240, np.uint8)
    rng = np.random.default_rng(0)

    def change(number: int) -> None:
        picture = blank.copy()
        picture[40:60, 40:200] = rng.integers(0, 255, (20, 160, 3), dtype=np.uint8)
        picture[100:112, 10 + number : 60 + number] = 20
        reader.read(picture)

    for number in range(10):
        change(number)
    tracemalloc.start()
    change(10)
    before = tracemalloc.get_traced_memory()[0]
    for number in range(11, 60):
        change(number)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(reader._crops) <= 40
    assert grown < 300_000, grown


@pytest.mark.parametrize(
    "shape", [(8, 8), (1, 1), (1, 500), (500, 1), (40, 6000), (6000, 40), (3, 3)]
)
def test_odd_shapes_give_no_lines_and_no_error(reader: Reader, shape: tuple[int, int]) -> None:
    assert reader.read(np.full((*shape, 3), 200, np.uint8)).lines == ()


def test_noise_is_survived(reader: Reader) -> None:
    rng = np.random.default_rng(1)
    reading = reader.read(rng.integers(0, 255, (300, 400, 3), dtype=np.uint8))
    assert len(reading.lines) < 200


def test_a_missing_model_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(engine_module.MissingDependencyError, match="rapidocr"):
        OcrEngine()
