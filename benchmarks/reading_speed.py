"""How long reading takes, as ratios to a plain rapidocr call on the same pictures in one run.

    python benchmarks/reading_speed.py PICTURE... [--rounds 3]

Prints one JSON object: the median over pictures and rounds of ``cold`` (never seen), ``same``
(seen just before) and ``field`` and ``dialog`` (one field typed into, a small dialog opened),
the first against plain rapidocr, the others against the cold reading; plain and cold runs
alternate, so that a busy machine slows both. ``memory`` is what the process grew by, MiB, over
as many changing screens as ``--screens`` says.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from qvl_agent.grounding.embedded.reading import Reader
from qvl_agent.grounding.embedded.reading.engine import OcrEngine

Pixels = NDArray[np.uint8]
WIDTH, HEIGHT = 1280, 800  # px: the size the issue names; larger pictures are cut to it


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def with_field(rgb: Pixels, text: str) -> Pixels:
    """The picture with one field of 200x28 px typed into."""
    changed = rgb.copy()
    cv2.rectangle(changed, (240, 300), (440, 328), (255, 255, 255), -1)
    cv2.putText(changed, text, (246, 320), 0, 0.55, (20, 20, 20), 1, cv2.LINE_AA)
    return changed


def with_dialog(rgb: Pixels) -> Pixels:
    """The picture with a small dialog of 300x140 px and two buttons on top."""
    changed = rgb.copy()
    cv2.rectangle(changed, (400, 300), (700, 440), (240, 240, 240), -1)
    cv2.putText(changed, "Discard changes?", (420, 340), 0, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    for x, caption in ((420, "OK"), (550, "Cancel")):
        cv2.rectangle(changed, (x, 390), (x + 100, 420), (90, 90, 90), 1)
        cv2.putText(changed, caption, (x + 20, 411), 0, 0.55, (0, 0, 0), 1, cv2.LINE_AA)
    return changed


def resident() -> float:
    """Resident memory of this process, MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def growth(reader: Reader, rgb: Pixels, screens: int) -> float:
    """MiB grown by over changing screens, after a tenth of them to warm up."""
    start = 0.0
    for number in range(screens):
        if number == screens // 10:
            start = resident()
        reader.read(with_field(rgb, f"value {number}"))
    return resident() - start


def measure(paths: list[Path], rounds: int, screens: int) -> dict[str, float]:
    from rapidocr import RapidOCR  # type: ignore[import-untyped]

    logging.disable(logging.CRITICAL)
    plain, engine = RapidOCR(), OcrEngine()
    ratios: dict[str, list[float]] = {"cold": [], "same": [], "field": [], "dialog": []}
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for path in paths:
        bgr = cv2.imread(str(path))
        assert bgr is not None, path
        bgr = bgr[:HEIGHT, :WIDTH].copy()
        picture = np.ascontiguousarray(bgr[:, :, ::-1])
        plain(bgr)
        for number in range(rounds):
            reader = Reader(engine)
            base = seconds(lambda picture=bgr: plain(picture))
            cold = seconds(lambda r=reader, p=picture: r.read(p))
            same = seconds(lambda r=reader, p=picture: r.read(p.copy()))
            typed = with_field(picture, f"ada{number}@domain.com")
            field = seconds(lambda r=reader, p=typed: r.read(p))
            opened = with_dialog(typed)
            dialog = seconds(lambda r=reader, p=opened: r.read(p))
            ratios["cold"].append(cold / base)
            for name, value in (("same", same), ("field", field), ("dialog", dialog)):
                ratios[name].append(value / cold)
    result = {name: round(statistics.median(values), 4) for name, values in ratios.items()}
    result["memory"] = round(growth(Reader(engine), picture, screens), 1) if screens else 0.0
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--screens", type=int, default=0)
    given = parser.parse_args()
    print(json.dumps(measure(given.pictures, given.rounds, given.screens)))


if __name__ == "__main__":
    main()
