"""How long reading takes, as ratios to a plain rapidocr call on the same pictures in one run.

    python -m benchmarks.reading_speed PICTURE... [--rounds 3] [--screens 500]

Prints one JSON object: the medians over pictures and rounds of ``cold`` (never seen), ``same``
(seen just before) and ``field`` and ``dialog`` (one field typed into, a small dialogue opened),
the first against plain rapidocr, the others against the cold reading; plain and cold runs
alternate, so that a busy machine slows both. ``memory`` is what the process grew by, MiB, over
as many changing screens as ``--screens`` says. For the whole grounder: `observe_speed`.
"""

from __future__ import annotations

import argparse
import functools
import json
from pathlib import Path
from typing import Any

from benchmarks.changing_screens import SOME_FIELD, Pixels, load, typed, with_dialog
from benchmarks.observe_speed import plain_reading
from benchmarks.timing import Cost, Ratios, cost, growth
from qvl_agent.grounding.embedded.reading import Reader
from qvl_agent.grounding.embedded.reading.engine import OcrEngine


def measure(pictures: list[Pixels], rounds: int) -> dict[str, dict[str, float]]:
    """The ratios, over all pictures and rounds."""
    plain, engine, ratios = plain_reading(), OcrEngine(), Ratios()
    for rgb in pictures:
        bgr = rgb[:, :, ::-1].copy()
        plain(bgr)
        for number in range(rounds):
            reader = Reader(engine)
            base = cost(functools.partial(plain, bgr))
            cold = read(reader, rgb)
            ratios.add("cold", cold, base)
            ratios.add("same", read(reader, rgb.copy()), cold)
            filled = typed(rgb, SOME_FIELD, f"ada{number}@domain.com")
            ratios.add("field", read(reader, filled), cold)
            ratios.add("dialog", read(reader, with_dialog(filled)), cold)
    return ratios.medians()


def read(reader: Reader, rgb: Pixels) -> Cost:
    """What one reading takes."""
    return cost(lambda: reader.read(rgb))


def memory(rgb: Pixels, screens: int) -> dict[str, Any]:
    """Growth over changing screens, MiB."""
    reader = Reader()
    return growth(lambda number: reader.read(typed(rgb, SOME_FIELD, f"value {number}")), screens)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.reading_speed", description=__doc__.splitlines()[0]
    )
    parser.add_argument("pictures", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--screens", type=int, default=0)
    given = parser.parse_args()
    pictures = [load(path) for path in given.pictures]
    found: dict[str, Any] = dict(measure(pictures, given.rounds))
    if given.screens:
        found["memory"] = memory(pictures[-1], given.screens)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
