"""Ground truth from real desktop programs: start them under Xvfb, ask AT-SPI, take a picture.

Two halves that meet in files below ``OUT/raw``:

* *collect* (``collecting.py``, in a ``private_desktop.py``): a private X server, session bus,
  accessibility bus and window manager per run; the program of ``programs.toml`` is started,
  steps are carried out (open a menu, press keys), and each screen is stored as a picture and a
  dump of the accessible tree;
* *label* (``labelling.py``): dumps become ScreenSpot-v2 style records.  A target is kept only
  when it is showing, inside every container that clips it, not covered by another window
  (``visible.py``), and when OCR can read its name inside its box (``legible.py``; or a person
  confirmed it in the ``[drawn]`` table of ``programs.toml``).

It does not know Wayland, Tk or Java programs, it cannot see text that a toolkit does not report,
and ``unique`` is only as good as what AT-SPI and OCR report together.

Needs Linux with Xvfb, xdotool, xwininfo, xsetroot, openbox/metacity/xfwm4, at-spi2-core and a
system Python with PyGObject; OpenCV, mss and rapidocr in the Python that runs this.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import cv2

from benchmarks.collecting import collect
from benchmarks.drawn import read_picture
from benchmarks.labelling import Labeller, Record, add_absent, chinese_words
from benchmarks.programs import Run, load_runs, load_table

HERE = Path(__file__).resolve().parent
COLOURS = {
    "widget": (0, 140, 0),
    "plain": (220, 60, 0),
    "field": (200, 0, 200),
    "part": (0, 0, 230),
    "icon": (0, 150, 220),
}


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desktop", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--out", type=Path, default=HERE / "data", help="where to write")
    parser.add_argument("--programs", help="only these, separated by commas; globs match runs")
    parser.add_argument("--list", action="store_true", help="print the runs and stop")
    parser.add_argument("--reuse", action="store_true", help="label what is stored, start nothing")
    parser.add_argument("--overlays", action="store_true", help="draw the targets for the eye")
    options = parser.parse_args(arguments)
    table = load_table()
    runs = load_runs(table)
    if options.programs:
        patterns = options.programs.split(",")
        runs = [
            run
            for run in runs
            if any(run.program == p or fnmatch.fnmatch(run.name, p) for p in patterns)
        ]
    if options.list:
        for run in runs:
            print(f"{run.name:32} {run.toolkit:5} {run.split:5} {', '.join(run.screens)}")
        return 0
    for folder in ("images", "raw", "overlays"):
        (options.out / folder).mkdir(parents=True, exist_ok=True)
    problems = [] if options.reuse else collect_all(runs, options.out)
    label(options.out, table, options.overlays)
    for problem in problems:
        print(f"failed: {problem}", file=sys.stderr)
    return 1 if problems else 0


def collect_all(runs: list[Run], out: Path) -> list[str]:
    """Every run; a run that fails is reported and the next one starts."""
    problems = []
    for run in runs:
        started = time.monotonic()
        try:
            failed = collect(run, out)
        except Exception as problem:  # noqa: BLE001  (a program that does not start is a finding)
            failed = [f"{run.name}: {type(problem).__name__}: {problem}"]
        problems += failed
        took = time.monotonic() - started
        print(f"{run.name}: {took:.0f} s" + "".join(f"\n  {p}" for p in failed), file=sys.stderr)
    return problems


def label(out: Path, table: dict[str, Any], overlays: bool) -> None:
    """Write every JSON document from what is stored below ``raw``."""
    splits = {program["name"]: program["split"] for program in table["program"]}
    wanted = {f"{run.name}-{name}" for run in load_runs(table) for name in run.screens}
    lists: dict[str, list[Record]] = {"desktop": [], "desktop_icons": [], "doubtful": []}
    screens = []
    dumps = [path for path in sorted((out / "raw").glob("*.json")) if path.stem in wanted]
    words = chinese_words(dumps)
    for stored in dumps:
        program = json.loads(stored.read_text("utf-8"))["program"]
        drawn = table.get("drawn", {})
        labeller = Labeller(out, stored, split=splits[program], drawn=drawn, words=words)
        labeller.work()
        lists["desktop"] += labeller.records
        lists["desktop_icons"] += labeller.icons
        lists["doubtful"] += labeller.doubtful
        screens.append(labeller.summary())
        if overlays:
            draw_overlay(out, labeller.screen, labeller.records + labeller.icons)
    add_absent(screens, lists["desktop"])
    for name, records in lists.items():
        write(out / f"{name}.json", records)
    write(out / "desktop_screens.json", screens)
    report(lists["desktop"], len(screens), len(lists["desktop_icons"]), len(lists["doubtful"]))


def draw_overlay(out: Path, screen: str, records: list[Record], suffix: str = "") -> None:
    """The picture with every target on it, for the eye."""
    pixels = read_picture(out / "images" / f"{screen}.png")
    for record in records:
        colour = COLOURS.get(record["kind"], (0, 0, 0))
        x, y, width, height = record["bbox"]
        cv2.rectangle(pixels, (x, y), (x + width - 1, y + height - 1), colour, 1)
        if "text_bbox" in record:
            x, y, width, height = record["text_bbox"]
            cv2.rectangle(pixels, (x, y), (x + width - 1, y + height - 1), (0, 200, 255), 1)
        if "label_bbox" in record:
            lx, ly, lw, lh = record["label_bbox"]
            start, end = (lx + lw // 2, ly + lh // 2), (x + width // 2, y + height // 2)
            cv2.line(pixels, start, end, colour, 1)
    cv2.imwrite(str(out / "overlays" / f"{screen}{suffix}.png"), pixels)


def write(path: Path, content: Any) -> None:
    """Replace a JSON file in one move: others may be reading it."""
    fresh = path.with_suffix(".part")
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    fresh.replace(path)


def report(records: list[Record], screens: int, icons: int, doubtful: int) -> None:
    """The counts, for people."""
    print(f"{screens} screens, {len(records)} targets, {icons} icons, {doubtful} doubtful")
    for key in ("split", "kind", "element_type", "language", "theme", "scale", "program"):
        counts = Counter(str(record[key]) for record in records)
        print(f"  {key}: " + ", ".join(f"{name} {n}" for name, n in sorted(counts.items())))


if __name__ == "__main__":
    sys.exit(main())
