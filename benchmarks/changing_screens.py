"""Screens of 1280x800 to measure on, and what happens on them: a field is typed into, a dialogue
opens. Pictures are RGB, boxes are in their pixels.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from qvl_agent.geometry import Box

Pixels = NDArray[np.uint8]

WIDTH, HEIGHT = 1280, 800
LOGIN = Path(__file__).resolve().parent.parent / "examples" / "login.png"
LOGIN_FORM = (171, 181, 631, 444)  # the window in that picture
# Where a value goes when nobody knows a field.
SOME_FIELD = Box(240, 300, 440, 328)
PARAGRAPH = (
    "The delivery leaves the warehouse on Friday", "Payment is due within thirty days",
    "Second quarter: 48,500 EUR", "Call the printing office about labels",
)  # fmt: skip


def load(path: Path) -> Pixels:
    """A picture cut to 1280x800, or put in the middle of so much."""
    bgr = cv2.imread(str(path))
    if bgr is None:
        raise FileNotFoundError(path)
    bgr = bgr[:HEIGHT, :WIDTH]
    down, right = HEIGHT - bgr.shape[0], WIDTH - bgr.shape[1]
    whole = cv2.copyMakeBorder(
        bgr, down // 2, down - down // 2, right // 2, right - right // 2, cv2.BORDER_REPLICATE
    )
    return np.ascontiguousarray(whole[:, :, ::-1], np.uint8)


def screens(folder: Path | None, count: int) -> dict[str, Pixels]:
    """Pictures by name: of a dataset of ours, each of another program; else drawn ones."""
    return _of_programs(folder, count) if folder else _drawn(count)


def _of_programs(folder: Path, count: int) -> dict[str, Pixels]:
    """One picture of 1280x800 of each of ``count`` programs, spread over desktop and web."""
    found: dict[str, dict[str, Path]] = {}
    for kind in ("desktop", "web"):
        path = folder / f"{kind}.json"
        records = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        # Those with fields first: the screens on which something is typed.
        records.sort(key=lambda record: (record["kind"] != "field", record["img_filename"]))
        programs: dict[str, Path] = {}
        for record in records:
            picture = folder / "images" / record["img_filename"]
            if record["program"] not in programs and _is_whole(picture):
                programs[record["program"]] = picture
        found[kind] = programs
    share = {"desktop": count - count // 2, "web": count // 2}
    chosen = [
        path
        for kind, programs in found.items()
        for path in _spread(sorted(programs.values()), share[kind])
    ]
    return {path.stem: load(path) for path in chosen}


def _is_whole(path: Path) -> bool:
    with Image.open(path) as picture:
        return picture.size == (WIDTH, HEIGHT)


def _spread(paths: Sequence[Path], count: int) -> list[Path]:
    """As many of the paths, from all over the list."""
    count = min(count, len(paths))
    return [paths[number * len(paths) // count] for number in range(count)]


def _drawn(count: int) -> dict[str, Pixels]:
    """The bundled screenshot, and forms with paragraphs in several colours."""
    found = {"login": load(LOGIN)}
    for number in range(1, count):
        dark = number % 2 == 0
        ground, ink = ((40, 40, 42), (238, 238, 238)) if dark else ((244, 244, 244), (20, 20, 20))
        picture = Image.new("RGB", (WIDTH, HEIGHT), ground)
        draw, face = ImageDraw.Draw(picture), ImageFont.load_default(13)
        for row in range(9 + number):
            top = 40 + 40 * row
            draw.text((40, top), f"Setting {number}.{row}:", font=face, fill=ink)
            draw.rectangle((200, top - 6, 440, top + 22), fill=(255, 255, 255), outline=(150,) * 3)
            draw.text((520, top), f"{row}. {PARAGRAPH[row % 4]}", font=face, fill=ink)
        found[f"drawn-{number}"] = np.array(picture, np.uint8)
    return found


def typed(rgb: Pixels, field: Box, text: str) -> Pixels:
    """The picture with ``text`` in a field; it keeps its border and the colour of its ground."""
    left, top, right, bottom = (int(edge) for edge in field)
    picture = Image.fromarray(rgb)
    draw = ImageDraw.Draw(picture)
    inside = rgb[top + 4 : bottom - 4, left + 4 : right - 4].reshape(-1, 3)
    ground = tuple(int(value) for value in np.median(inside, axis=0))
    size = max(10, min(16, round((bottom - top) * 0.5)))
    face = ImageFont.load_default(size)
    draw.rectangle((left + 4, top + 4, right - 5, bottom - 5), fill=ground)
    ink = (20, 20, 20) if sum(ground) > 380 else (235, 235, 235)
    draw.text((left + 8, (top + bottom) / 2), text, font=face, fill=ink, anchor="lm")
    return np.array(picture, np.uint8)


def with_dialog(rgb: Pixels) -> Pixels:
    """The picture with a dialogue of 400x200 px in its middle: title, question, two buttons."""
    picture = Image.fromarray(rgb)
    draw, face = ImageDraw.Draw(picture), ImageFont.load_default(14)
    left, top = (WIDTH - 400) // 2, (HEIGHT - 200) // 2
    draw.rectangle((left, top, left + 399, top + 199), fill=(246, 245, 244), outline=(90, 90, 90))
    draw.rectangle((left + 1, top + 1, left + 398, top + 28), fill=(222, 221, 218))
    draw.text((left + 200, top + 15), "Close document", font=face, fill=(40, 40, 40), anchor="mm")
    for row, line in enumerate(
        ("Save changes to notes.txt before closing?", "They are lost else.")
    ):
        draw.text((left + 24, top + 56 + 24 * row), line, font=face, fill=(40, 40, 40))
    for column, caption in enumerate(("Cancel", "Save")):
        x, y = left + 196 + 100 * column, top + 148
        draw.rectangle((x, y, x + 90, y + 34), fill=(255, 255, 255), outline=(170, 170, 170))
        draw.text((x + 45, y + 17), caption, font=face, fill=(40, 40, 40), anchor="mm")
    return np.array(picture, np.uint8)


def with_form(rgb: Pixels) -> Pixels:
    """The picture with the login form of examples/login.png in its middle: 460x263 px."""
    with Image.open(LOGIN) as login:
        form = login.convert("RGB").crop(LOGIN_FORM)
    picture = Image.fromarray(rgb)
    picture.paste(form, ((WIDTH - form.width) // 2, (HEIGHT - form.height) // 2))
    return np.array(picture, np.uint8)
