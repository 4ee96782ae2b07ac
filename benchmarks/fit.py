"""Fit the embedded grounder's calibrators on the fitting programs of the collected screenshots.

    python -m benchmarks.fit DIR [--write]

Every query of the fitting split is asked: the names that are there, typed forms of them ("the
Save button"), and names that are not there, drawn from other programs. A row is the evidence of
the best candidate and whether its centre lay inside the element. The penalty is chosen by
leaving programs out; the threshold is the lowest that refuses `REFUSED` of the absent queries on
programs left out. Nothing of the test split is read.

What it does not know: icons; of ordinals and neighbours only the forms that `described` makes.
"""

from __future__ import annotations

import argparse
import difflib
import itertools
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.score import Record, boxes_to_hit, by_picture, load_records, picture_path, read_list
from qvl_agent import Screenshot
from qvl_agent.errors import QueryError
from qvl_agent.grounding.embedded.evidence import element_features, features
from qvl_agent.grounding.embedded.grounder import EmbeddedGrounder, aimed
from qvl_agent.grounding.embedded.matching import Matcher
from qvl_agent.grounding.embedded.query import parse_query
from qvl_agent.grounding.embedded.scene import Scene

Matrix = NDArray[np.float64]

COEFFICIENTS = Path(__file__).parent.parent / "qvl_agent" / "grounding" / "coefficients"
REFUSED = 0.98
LEAST_THRESHOLD = 0.3
ABSENT_PER_SCREEN = 12
TYPED_SHARE = 0.4
CHANGED_SHARE = 0.3
CEILING = 0.998
PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0)
TYPED = {
    "button": ("the {} button", "{}按钮"),
    "checkbox": ("{} checkbox", "{}复选框"),
    "radio": ("the {} radio button", "{}单选按钮"),
    "text_input": ("the {} field", "{}输入框"),
    "password_input": ("the {} field", "{}输入框"),
    "combo_box": ("{} drop-down", "{}下拉框"),
    "link": ("the {} link", "{}链接"),
    "menu": ("the {} menu", "{}菜单"),
    "tab": ("the {} tab", "{}标签页"),
}


ORDINALS = (("the first ", "第一个"), ("the second ", "第二个"), ("the third ", "第三个"))
COLUMN_SLACK = 6  # px between the left edges of fields in one column


@dataclass(frozen=True, kw_only=True)
class Row:
    """The evidence of one answer, and whether it was right."""

    program: str
    features: dict[str, float]
    right: bool
    absent: bool


def queries(records: Sequence[Record], screens: Sequence[Record], seed: int) -> list[Record]:
    """The fitting queries of all screens, with typed forms and names from elsewhere."""
    draw = random.Random(seed)
    asked = [r for r in records if r["split"] == "fit"]
    typed = [
        {**r, "instruction": TYPED[r["element_type"]][r.get("language") == "zh"].format(
            r["instruction"].rstrip(":："))}
        for r in asked
        if r["bbox"] and r.get("element_type") in TYPED and r["kind"] != "part"
        and draw.random() < TYPED_SHARE
    ]  # fmt: skip
    names = sorted({(r["instruction"], r["program"]) for r in asked if r["bbox"]})
    strangers = [
        {"img_filename": screen["img_filename"], "program": screen["program"], "bbox": None,
         "kind": "absent", "instruction": name}
        for screen in screens
        if screen["split"] == "fit"
        for name in _strangers(screen, names, draw)
    ]  # fmt: skip
    drawn = {s["img_filename"]: [_plain(text) for text in s["strings"]] for s in screens}
    words = sorted({word for name, _ in names for word in name.split() if len(word) > 2})
    changed = [
        {**r, "instruction": other, "bbox": None, "kind": "absent"}
        for r in asked
        if r["bbox"] and draw.random() < CHANGED_SHARE
        for other in [_with_another_word(r["instruction"], words, draw)]
        if other and not any(_plain(other) in text for text in drawn[r["img_filename"]])
    ]
    return asked + typed + strangers + changed + described(asked)


def described(records: Sequence[Record]) -> list[Record]:
    """Queries that count or say where: "the second Delete", "the second field", "the field under
    the Email field", as far as the truth tells their answers.
    """
    made: list[Record] = []
    for on_screen in by_picture(r for r in records if r["bbox"]).values():
        twins = [r for r in on_screen if r.get("alternatives") and not r.get("mentions")]
        for record in twins:
            boxes = sorted([record["bbox"], *record["alternatives"]], key=_row_and_column)
            for (english, chinese), box in zip(ORDINALS, boxes, strict=False):
                words = (english, chinese)[record.get("language") == "zh"]
                made.append(_asking(record, box, f"{words}{record['instruction']}"))
        fields = sorted(
            (r for r in on_screen if r["kind"] == "field"), key=lambda r: _row_and_column(r["bbox"])
        )
        for (english, chinese), record in zip(ORDINALS, fields, strict=False):
            made.append(_asking(record, record["bbox"], f"{english}field"))
            made.append(_asking(record, record["bbox"], f"{chinese}输入框"))
        for above, below in itertools.pairwise(fields):
            gap = below["bbox"][1] - above["bbox"][1] - above["bbox"][3]
            in_column = abs(above["bbox"][0] - below["bbox"][0]) < COLUMN_SLACK
            if in_column and 0 <= gap <= 3 * above["bbox"][3]:
                name = above["instruction"].rstrip(":：")
                words = f"{name}下面的输入框" if below.get("language") == "zh" else ""
                words = words or f"the field under the {name} field"
                made.append(_asking(below, below["bbox"], words))
    return made


def _row_and_column(box: Sequence[float]) -> tuple[int, float]:
    return round((box[1] + box[3] / 2) / 12), box[0]


def _asking(record: Record, box: Sequence[float], words: str) -> Record:
    """The record with other words and one box that answers them."""
    kept = {k: record[k] for k in ("img_filename", "program", "split", "element_type", "kind")}
    return {**kept, "bbox": list(box), "instruction": words}


def _with_another_word(name: str, words: list[str], draw: random.Random) -> str | None:
    """A name like this one that means something else: one of its words, or two of its Chinese
    characters, exchanged.
    """
    parts = name.split()
    if len(parts) >= 2:
        parts[draw.randrange(len(parts))] = draw.choice(words)
        return " ".join(parts)
    if len(name) >= 4 and not name.isascii():
        other = draw.choice([word for word in words if not word.isascii()] or [""])
        start = draw.randrange(len(name) - 1)
        return name[:start] + other[:2] + name[start + 2 :] if len(other) >= 2 else None
    return None


def _strangers(screen: Record, names: list[tuple[str, str]], draw: random.Random) -> list[str]:
    """Names of other programs that nothing on this screen is called."""
    drawn = [_plain(text) for text in screen["strings"]]
    chosen: list[str] = []
    for name, program in draw.sample(names, min(len(names), 80)):
        plain = _plain(name)
        if program == screen["program"] or not plain or any(plain in text for text in drawn):
            continue
        closest = max((difflib.SequenceMatcher(None, plain, t).ratio() for t in drawn), default=0)
        if closest < 0.9:
            chosen.append(name)
        if len(chosen) == ABSENT_PER_SCREEN:
            break
    return chosen


def _plain(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def collect(
    records: Sequence[Record], folder: Path, scene_of: Callable[[Path], Scene]
) -> tuple[list[Row], list[Row]]:
    """Rows for queries with a candidate, and rows for elements found by their full name."""
    by_query: list[Row] = []
    by_element: list[Row] = []
    for name, asked in sorted(by_picture(records).items()):
        scene = scene_of(picture_path(folder, name))
        matcher = Matcher(scene)
        for record in asked:
            try:
                found = matcher.match(parse_query(record["instruction"]))
            except QueryError:
                continue
            if not found:
                continue
            best = aimed(found[0], scene)
            centre = best.element.bbox.centre
            hit = record["bbox"] is not None and any(
                box.left <= centre.x < box.right and box.top <= centre.y < box.bottom
                for box in boxes_to_hit(record)
            )
            absent = record["bbox"] is None
            row = Row(program=record["program"], features=features(best), right=hit, absent=absent)
            by_query.append(row)
            if best.item is not None and best.evidence.exact and not absent:
                seen = element_features(scene.items[best.item])
                by_element.append(Row(program=row.program, features=seen, right=hit, absent=False))
    return by_query, by_element


def matrix(rows: Sequence[Row], names: Sequence[str]) -> tuple[Matrix, Matrix]:
    values = np.array([[row.features[name] for name in names] for row in rows], float)
    return values, np.array([row.right for row in rows], float)


def fit_logistic(x: Matrix, y: Matrix, penalty: float) -> tuple[Matrix, float]:
    """Weights and intercept of a logistic regression with an L2 penalty, by Newton's method.

    Features are scaled to unit variance first, so that the penalty treats them alike.
    """
    centre, scale = x.mean(0), x.std(0)
    scale[scale < 1e-9] = np.inf
    z = np.column_stack([(x - centre) / scale, np.ones(len(x))])
    weights = np.zeros(z.shape[1])
    ridge = np.full(z.shape[1], penalty)
    ridge[-1] = 0.0
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(z @ weights, -40, 40)))
        gradient = z.T @ (p - y) + ridge * weights
        hessian = (z.T * (p * (1 - p) + 1e-9)) @ z + np.diag(ridge + 1e-9)
        step = np.linalg.solve(hessian, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    slopes = weights[:-1] / scale
    return slopes, float(weights[-1] - slopes @ centre)


def left_out(rows: Sequence[Row], names: Sequence[str], penalty: float) -> Matrix:
    """For each row its probability by a fit that has not seen its program."""
    x, y = matrix(rows, names)
    programs = np.array([row.program for row in rows])
    p = np.zeros(len(rows))
    for program in sorted(set(programs)):
        out = programs == program
        slopes, intercept = fit_logistic(x[~out], y[~out], penalty)
        p[out] = 1 / (1 + np.exp(-np.clip(x[out] @ slopes + intercept, -40, 40)))
    return p


def log_loss(p: Matrix, y: Matrix) -> float:
    p = np.clip(p, 1e-4, 1 - 1e-4)
    return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())


def calibrator(rows: Sequence[Row], absent_asked: int) -> dict[str, Any]:
    """The table that ships: coefficients, threshold and provenance.

    ``absent_asked`` counts the absent queries, those without any candidate included, which are
    refused whatever the threshold is.
    """
    names = sorted(rows[0].features)
    _, y = matrix(rows, names)
    losses = {penalty: log_loss(left_out(rows, names, penalty), y) for penalty in PENALTIES}
    penalty = min(losses, key=lambda each: losses[each])
    held_out = left_out(rows, names, penalty)
    slopes, intercept = fit_logistic(*matrix(rows, names), penalty)
    absent = sorted((p for p, row in zip(held_out, rows, strict=True) if row.absent), reverse=True)
    let_through = int((1 - REFUSED) * absent_asked)
    threshold = float(absent[let_through]) if len(absent) > let_through else LEAST_THRESHOLD
    threshold = max(threshold, LEAST_THRESHOLD)
    weights = {n: round(float(w), 5) for n, w in zip(names, slopes, strict=True) if abs(w) > 1e-6}
    return {
        "weights": weights,
        "intercept": round(intercept, 5),
        "floor": 0.0,
        "ceiling": CEILING,
        "threshold": round(threshold, 4),
        "provenance": {
            "made_by": "benchmarks/fit.py",
            "rows": len(rows),
            "right": int(y.sum()),
            "absent": absent_asked,
            "programs": sorted({row.program for row in rows}),
            "penalty": penalty,
            "left_out_log_loss": round(losses[penalty], 4),
        },
    }


def load_queries(folder: Path, seed: int = 1) -> list[Record]:
    screens = [s for name in ("desktop", "web") for s in read_list(folder / f"{name}_screens.json")]
    return queries(load_records(folder), screens, seed)


def _read_scene() -> Callable[[Path], Scene]:
    grounder = EmbeddedGrounder()
    return lambda path: grounder.scene(Screenshot.from_file(path))


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--write", action="store_true", help="replace the shipped tables")
    options = arguments.parse_args()
    asked = load_queries(options.folder)
    by_query, by_element = collect(asked, options.folder, _read_scene())
    tables = {
        "embedded-query": calibrator(by_query, sum(r["bbox"] is None for r in asked)),
        "embedded-element": calibrator(by_element, 0),
    }
    print(json.dumps(tables, indent=1, ensure_ascii=False))
    if options.write:
        for name, table in tables.items():
            text = json.dumps(table, indent=1, ensure_ascii=False)
            (COEFFICIENTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
