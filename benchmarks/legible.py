"""Whether a name can be read where the truth says it is: OCR, and how texts are compared."""

from __future__ import annotations

import difflib
import functools
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.boxes import Rect, as_rect
from benchmarks.drawn import cut

CJK = re.compile(r"[\u4e00-\u9fff]")


class Reader:
    """OCR with a memory on disk; the page is read once, single boxes when the page is unclear.

    RapidOCR remembers the switches of its last call: every call here names all of them.
    """

    def __init__(self, screenshot: np.ndarray, memory: Path) -> None:
        self.screenshot = screenshot
        self.memory = memory
        known = json.loads(memory.read_text("utf-8")) if memory.exists() else {}
        self.crops: dict[str, list[tuple[str, Rect]]] = known.get("crops", {})
        page = known.get("page") or self._read(screenshot)
        self.page: list[tuple[str, Rect]] = [(text, as_rect(line)) for text, line in page]

    @staticmethod
    def _read(pixels: np.ndarray, longest: int | None = None) -> list[tuple[str, Rect]]:
        found = engine(longest)(pixels, use_det=True, use_cls=False, use_rec=True)
        if found.txts is None or getattr(found, "boxes", None) is None:
            return []
        corners = [np.asarray(quad) for quad in found.boxes]
        boxes = [as_rect([*quad.min(0), *(quad.max(0) - quad.min(0))]) for quad in corners]
        return list(zip(map(str, found.txts), boxes, strict=True))

    def crop(self, box: Rect, wanted: str = "") -> list[tuple[str, Rect]]:
        """Lines inside *box*, read from an enlarged copy of it alone.

        The cheap reading, of the box as one line, is enough when it says *wanted*.
        """
        name = ",".join(str(round(v)) for v in box)
        if name not in self.crops:
            self.crops[name] = self._read_crop(box, wanted)
        return [(text, as_rect(line)) for text, line in self.crops[name]]

    def _read_crop(self, box: Rect, wanted: str) -> list[tuple[str, Rect]]:
        pixels, left, top = cut(self.screenshot, box, 4)
        zoom = 2.0 if box[3] < 60 else 1.0
        edge = np.median(np.concatenate([pixels[0], pixels[-1]]), axis=0)
        large = cv2.resize(pixels, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
        whole = (float(left), float(top), float(pixels.shape[1]), float(pixels.shape[0]))
        if wanted and box[3] < 80:
            found = engine()(large, use_det=False, use_cls=False, use_rec=True)
            text = "".join(found.txts or ())
            if likeness(wanted, text) >= 0.75:
                return [(text, whole)]
        padded = cv2.copyMakeBorder(
            large, 30, 30, 30, 30, cv2.BORDER_CONSTANT, value=[float(v) for v in edge]
        )
        lines = [
            (text, (left + (x - 30) / zoom, top + (y - 30) / zoom, w / zoom, h / zoom))
            for text, (x, y, w, h) in self._read(padded, 1600)
        ]
        if lines:
            return lines
        found = engine()(large, use_det=False, use_cls=False, use_rec=True)
        return [(text, whole) for text in found.txts or () if text]

    def save(self) -> None:
        """Remember what was read."""
        document = {"page": self.page, "crops": self.crops}
        self.memory.write_text(json.dumps(document, ensure_ascii=False), "utf-8")


@functools.cache
def engine(longest: int | None = None) -> Any:
    """The OCR engine; *longest* is for small crops, which it would enlarge to 736 pixels."""
    import logging

    from rapidocr import RapidOCR

    settings: dict[str, Any] = {"EngineConfig.onnxruntime.intra_op_num_threads": 1}
    if longest:
        settings |= {"Det.limit_type": "max", "Det.limit_side_len": longest}
    made = RapidOCR(params=settings)
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return made


def plain(text: str) -> str:
    """Text as it is compared: no case, no width variants, no spaces or punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(c for c in folded if c.isalnum())
    return kept or "".join(folded.split())


def likeness(name: str, text: str) -> float:
    """How well *name* can be found in *text*: 1 when it is in there."""
    wanted, held = plain(name), plain(text)
    if not wanted or not held:
        return 0.0
    if wanted in held:
        return 1.0
    matcher = difflib.SequenceMatcher(None, wanted, held, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / len(wanted)


def reads_as(name: str, text: str) -> bool:
    """Whether *text*, as OCR read it, says *name* (a mnemonic may be missing)."""
    return max(likeness(name, text), likeness(spoken(name), text)) >= 0.75


def clean_name(text: str) -> str:
    """A name as drawn: one space between words, none around, no mnemonic marks."""
    return " ".join(text.replace("\u200b", "").replace("\ufffc", "").split())


def spoken(name: str) -> str:
    """The name as a person types it: without the mnemonic that Chinese menus append, 文件(F)."""
    return re.sub(r"\s*[(（][_&]?[A-Za-z0-9][)）](?=$|[\s:：.…]*$)", "", name) or name
