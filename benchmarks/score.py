"""Score a grounder on the collected screenshots.

    python -m benchmarks.score DIR [--split test] [--baseline] [--json metrics.json]

Reads `desktop.json` and `web.json` of DIR (whichever exist) and the absent queries of
`*_screens.json`, asks the grounder for all queries of a picture in one look, and compares boxes.

A prediction is *right* when its centre lies inside the element asked for; this is also what
`confidence` promises. Where a name is not unique, every equally named thing counts as right; for a
checkbox or radio its control and its label both do; for a link, item or tab the whole row that
takes the click does. `iou50` is stricter: the box itself must fit. An abstention on something that
is there is a miss.

What it does not know: whether a click would have had an effect, and whether a mention of the name
inside longer text would have satisfied the person who asked; mentions count as wrong.
"""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import json
import multiprocessing
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

Record = dict[str, Any]
Metrics = dict[str, Any]
BINS = 10
RISK = 0.01


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pixels:
    """A box in picture pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def of(cls, xywh: Sequence[float]) -> Pixels:
        x, y, width, height = xywh
        return cls(left=x, top=y, right=x + width, bottom=y + height)

    @property
    def area(self) -> float:
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    def holds_centre_of(self, other: Pixels) -> bool:
        x, y = (other.left + other.right) / 2, (other.top + other.bottom) / 2
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def iou(self, other: Pixels) -> float:
        shared = Pixels(
            left=max(self.left, other.left),
            top=max(self.top, other.top),
            right=min(self.right, other.right),
            bottom=min(self.bottom, other.bottom),
        )
        if shared.right <= shared.left or shared.bottom <= shared.top:
            return 0.0
        return shared.area / (self.area + other.area - shared.area)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a grounder answered: a box, a confidence if it has one, and its word for the thing."""

    box: Pixels
    confidence: float | None = None
    element_type: str | None = None


class Predictor(Protocol):
    """Anything that answers all queries of one picture in one look; None is an abstention."""

    def __call__(self, picture: Path, queries: list[str]) -> list[Prediction | None]: ...


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """One query with its answer and the verdict."""

    record: Record
    prediction: Prediction | None
    hit: bool
    iou: float
    seconds: float

    @property
    def absent(self) -> bool:
        return self.record["bbox"] is None

    @property
    def confidence(self) -> float | None:
        return self.prediction.confidence if self.prediction else None


# -------------------------------------------------------------- the predictors


class GrounderPredictor:
    """A grounder of the package, by name."""

    def __init__(self, name: str) -> None:
        import qvl_agent

        self.screenshot = qvl_agent.Screenshot
        self.grounder = qvl_agent.load_grounder(name)

    def __call__(self, picture: Path, queries: list[str]) -> list[Prediction | None]:
        found = self.grounder.ground(self.screenshot.from_file(picture), queries)
        return [self.prediction(grounding) for grounding in found]

    @staticmethod
    def prediction(grounding: Any) -> Prediction | None:
        if grounding is None:
            return None
        box = grounding.bbox
        return Prediction(
            box=Pixels(left=box.left, top=box.top, right=box.right, bottom=box.bottom),
            confidence=grounding.confidence,
            element_type=str(grounding.element_type),
        )


class BestLine:
    """The baseline: the OCR line most like the query, whatever it is; it never abstains."""

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        self.engine = RapidOCR(params={"Global.log_level": "error"})

    def __call__(self, picture: Path, queries: list[str]) -> list[Prediction | None]:
        result: Any = self.engine(str(picture))
        if not result.txts:
            return [None] * len(queries)
        boxes = [self.upright(quad) for quad in result.boxes]
        return [self.best(query, boxes, result.txts) for query in queries]

    @staticmethod
    def upright(quad: Any) -> Pixels:
        xs, ys = [float(p[0]) for p in quad], [float(p[1]) for p in quad]
        return Pixels(left=min(xs), top=min(ys), right=max(xs), bottom=max(ys))

    @staticmethod
    def best(query: str, boxes: list[Pixels], texts: Sequence[str]) -> Prediction:
        ratios = [similarity(query, text) for text in texts]
        best = max(range(len(texts)), key=ratios.__getitem__)
        return Prediction(box=boxes[best], confidence=ratios[best])


def similarity(a: str, b: str) -> float:
    return difflib.SequenceMatcher(None, a.casefold(), b.casefold(), autojunk=False).ratio()


def make_predictor(name: str) -> Predictor:
    return BestLine() if name == "baseline" else GrounderPredictor(name)


# --------------------------------------------------------------- the records


def load_records(folder: Path) -> list[Record]:
    """All queries of a dataset; those with no box ask for things that are absent."""
    records: list[Record] = []
    for name in ("desktop", "web"):
        for record in read_list(folder / f"{name}.json"):
            records.append({**record, "source": name})  # noqa: PERF401 - the two loops read alike
        for screen in read_list(folder / f"{name}_screens.json"):
            records += [{**screen_facts(screen), **q, "source": name} for q in absent_of(screen)]
    return records


def read_list(path: Path) -> list[Record]:
    if not path.exists():
        return []
    value = json.loads(path.read_text(encoding="utf-8"))
    return list(value.values()) if isinstance(value, dict) else value


def absent_of(screen: Record) -> list[Record]:
    """The absent queries of a screen, which may be records or bare names."""
    queries = screen.get("absent") or []
    full = [q if isinstance(q, dict) else {"instruction": q} for q in queries]
    return [{**q, "bbox": None, "kind": "absent"} for q in full]


def screen_facts(screen: Record) -> Record:
    keys = ("img_filename", "screen", "program", "split", "theme", "scale", "language")
    return {key: screen[key] for key in keys if key in screen}


def chosen(records: Iterable[Record], arguments: argparse.Namespace) -> list[Record]:
    """The records that the command line asks for; absent queries follow their screens."""
    kept = [
        r
        for r in records
        if (arguments.split == "all" or r["split"] == arguments.split)
        and (not arguments.program or r["program"] == arguments.program)
        and (not arguments.source or r["source"] == arguments.source)
        and (not arguments.kind or r["kind"] == arguments.kind)
    ]
    if arguments.limit:
        pictures = list(dict.fromkeys(r["img_filename"] for r in kept))[:: arguments.stride]
        wanted = set(pictures[: arguments.limit])
        kept = [r for r in kept if r["img_filename"] in wanted]
    return kept


def by_picture(records: Iterable[Record]) -> dict[str, list[Record]]:
    pictures: dict[str, list[Record]] = {}
    for record in records:
        pictures.setdefault(record["img_filename"], []).append(record)
    return pictures


def picture_path(folder: Path, name: str) -> Path:
    inside = folder / "images" / name
    return inside if inside.exists() else folder / name


# ---------------------------------------------------------------- the verdict


def boxes_at(record: Record, *names: str) -> list[Pixels]:
    return [Pixels.of(record[name]) for name in names if record.get(name)]


def alternatives_of(record: Record) -> list[Pixels]:
    return [Pixels.of(box) for box in record.get("alternatives") or []]


def boxes_to_hit(record: Record) -> list[Pixels]:
    """Where the centre of a right answer may lie."""
    boxes = boxes_at(record, "bbox")
    if record.get("element_type") in ("checkbox", "radio"):
        boxes += boxes_at(record, "control_bbox", "label_bbox", "alloc_bbox")
    elif record.get("element_type") not in ("text", "other"):
        boxes += boxes_at(record, "alloc_bbox")
    return boxes + alternatives_of(record)


def boxes_to_fit(record: Record) -> list[Pixels]:
    """The boxes of which one must be drawn right."""
    boxes = boxes_at(record, "bbox")
    if record.get("element_type") in ("checkbox", "radio"):
        boxes += boxes_at(record, "control_bbox", "alloc_bbox")
    elif record["kind"] in ("plain", "part"):
        boxes += boxes_at(record, "text_bbox", "alloc_bbox")
    return boxes + alternatives_of(record)


def judge(record: Record, prediction: Prediction | None, seconds: float) -> Outcome:
    hit, iou = False, 0.0
    if prediction and record["bbox"] is not None:
        hit = any(box.holds_centre_of(prediction.box) for box in boxes_to_hit(record))
        iou = max(box.iou(prediction.box) for box in boxes_to_fit(record))
    return Outcome(record=record, prediction=prediction, hit=hit, iou=iou, seconds=seconds)


# ---------------------------------------------------------------- the metrics


def share(count: int, total: int) -> float | None:
    return round(count / total, 4) if total else None


def grounding_metrics(outcomes: Sequence[Outcome]) -> Metrics:
    there = [o for o in outcomes if not o.absent]
    absent = [o for o in outcomes if o.absent]
    return {
        "n": len(there),
        "centre_hit": share(sum(o.hit for o in there), len(there)),
        "iou50": share(sum(o.iou >= 0.5 for o in there), len(there)),
        "abstained": share(sum(o.prediction is None for o in there), len(there)),
        "absent_n": len(absent),
        "absent_refused": share(sum(o.prediction is None for o in absent), len(absent)),
    }


def confidence_metrics(outcomes: Sequence[Outcome]) -> Metrics:
    """Is the confidence what it promises; answers to absent queries are wrong answers."""
    scored = [(o.confidence, o.hit) for o in outcomes if o.confidence is not None]
    present = sum(not o.absent for o in outcomes)
    threshold, right = coverage_at_risk(scored, RISK)
    return {
        "n": len(scored),
        "ece": expected_calibration_error(scored),
        "auroc": auroc(scored),
        "threshold_at_risk": threshold,
        "coverage_at_risk": share(right, present),
        "risk": RISK,
        "bins": reliability_bins(scored),
    }


def reliability_bins(scored: Sequence[tuple[float, bool]]) -> list[Metrics]:
    """Ten bins of equal width: how many, how confident, how often right."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, hit in scored:
        bins[min(BINS - 1, max(0, int(confidence * BINS)))].append((confidence, hit))
    return [
        {
            "from": index / BINS,
            "n": len(members),
            "confidence": round(statistics.fmean(c for c, _ in members), 4) if members else None,
            "accuracy": share(sum(h for _, h in members), len(members)),
        }
        for index, members in enumerate(bins)
    ]


def expected_calibration_error(scored: Sequence[tuple[float, bool]]) -> float | None:
    if not scored:
        return None
    filled = [b for b in reliability_bins(scored) if b["n"]]
    gap = sum(float(b["n"] * abs(b["confidence"] - b["accuracy"])) for b in filled)
    return round(gap / len(scored), 4)


def auroc(scored: Sequence[tuple[float, bool]]) -> float | None:
    """The chance that a right answer is more confident than a wrong one; ties count half."""
    right = [c for c, hit in scored if hit]
    wrong = [c for c, hit in scored if not hit]
    if not right or not wrong:
        return None
    ranked = sorted(scored)
    ranks: dict[float, float] = {}
    for position, (confidence, _) in enumerate(ranked):
        ranks.setdefault(confidence, position)
    counts = {c: sum(1 for _ in group) for c, group in grouped_by_confidence(ranked)}
    total = sum(ranks[c] + (counts[c] + 1) / 2 for c in right)
    area: float = (total - len(right) * (len(right) + 1) / 2) / (len(right) * len(wrong))
    return round(area, 4)


def grouped_by_confidence(
    scored: Sequence[tuple[float, bool]],
) -> list[tuple[float, list[bool]]]:
    groups: dict[float, list[bool]] = {}
    for confidence, hit in scored:
        groups.setdefault(confidence, []).append(hit)
    return list(groups.items())


def coverage_at_risk(scored: Sequence[tuple[float, bool]], risk: float) -> tuple[float | None, int]:
    """The lowest threshold with at most `risk` wrong from there up, and how many are right."""
    best: tuple[float | None, int] = (None, 0)
    right = seen = 0
    for confidence, hits in grouped_by_confidence(sorted(scored, reverse=True)):
        seen += len(hits)
        right += sum(hits)
        if seen - right <= risk * seen:
            best = (confidence, right)
    return best


def latency_metrics(outcomes: Sequence[Outcome]) -> Metrics:
    seconds = sorted({o.record["img_filename"]: o.seconds for o in outcomes}.values())
    if not seconds:
        return {"pictures": 0}
    return {
        "pictures": len(seconds),
        "mean_s": round(statistics.fmean(seconds), 3),
        "median_s": round(statistics.median(seconds), 3),
        "p90_s": round(seconds[int(0.9 * (len(seconds) - 1))], 3),
    }


def grouped(outcomes: Sequence[Outcome], key: Callable[[Record], Any]) -> dict[str, Metrics]:
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(str(key(outcome.record)), []).append(outcome)
    return {name: grounding_metrics(groups[name]) for name in sorted(groups)}


def report(outcomes: Sequence[Outcome]) -> Metrics:
    """Everything there is to say about a run, ready for JSON."""
    there = [o for o in outcomes if not o.absent]
    unique = [o for o in there if o.record.get("unique", True)]
    return {
        "overall": grounding_metrics(outcomes),
        "unique_only": grounding_metrics(unique),
        "split": grouped(outcomes, lambda r: r["split"]),
        "source": grouped(outcomes, lambda r: r["source"]),
        "kind": grouped(there, lambda r: r["kind"]),
        "element_type": grouped(there, lambda r: r.get("element_type")),
        "language": grouped(there, lambda r: r.get("language")),
        "theme": grouped(there, lambda r: r.get("theme")),
        "scale": grouped(there, lambda r: r.get("scale")),
        "program": grouped(outcomes, lambda r: r["program"]),
        "confidence": confidence_metrics(outcomes),
        "latency": latency_metrics(outcomes),
    }


# ----------------------------------------------------------------- the output


def percent(value: float | None) -> str:
    return "    -" if value is None else f"{100 * value:5.1f}"


def table(metrics: Metrics) -> str:
    """The report as lines of text."""
    lines = [f"{'':28}{'n':>6}{'hit%':>7}{'iou50%':>8}{'abst%':>7}{'absent':>8}{'refused%':>10}"]
    lines.append(table_row("overall", metrics["overall"]))
    lines.append(table_row("unique names only", metrics["unique_only"]))
    for group in (
        "split",
        "source",
        "kind",
        "element_type",
        "language",
        "theme",
        "scale",
        "program",
    ):
        lines.append(f"-- {group}")
        lines += [table_row(f"  {name}", row) for name, row in metrics[group].items()]
    confidence, latency = metrics["confidence"], metrics["latency"]
    lines.append(
        f"confidence: n {confidence['n']}  ECE {confidence['ece']}  AUROC {confidence['auroc']}  "
        f"<= {RISK:.0%} errors at >= {confidence['threshold_at_risk']}: "
        f"{percent(confidence['coverage_at_risk']).strip()}% of what is there"
    )
    lines.append("latency per picture: " + "  ".join(f"{k} {v}" for k, v in latency.items()))
    return "\n".join(lines)


def table_row(name: str, row: Metrics) -> str:
    return (
        f"{name[:28]:28}{row['n']:>6}{percent(row['centre_hit']):>7}{percent(row['iou50']):>8}"
        f"{percent(row['abstained']):>7}{row['absent_n']:>8}{percent(row['absent_refused']):>10}"
    )


def result_line(outcome: Outcome) -> Record:
    """An outcome as one JSON object."""
    prediction = outcome.prediction
    box = dataclasses.astuple(prediction.box) if prediction else None
    return {
        **outcome.record,
        "predicted": box,
        "confidence": outcome.confidence,
        "predicted_type": prediction.element_type if prediction else None,
        "hit": outcome.hit,
        "iou": round(outcome.iou, 4),
        "seconds": round(outcome.seconds, 3),
    }


def draw_reliability(confidence: Metrics, path: Path) -> None:
    """The reliability figure: how often right, against how confident."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    bins = [b for b in confidence["bins"] if b["n"]]
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(4.5, 5.5), height_ratios=(3, 1), sharex=True, layout="constrained"
    )
    above.plot([0, 1], [0, 1], "--", color="grey", linewidth=1)
    above.plot([b["confidence"] for b in bins], [b["accuracy"] for b in bins], "o-")
    above.set(ylabel="centre inside the element", xlim=(0, 1), ylim=(0, 1.02))
    above.set_title(f"n {confidence['n']}, ECE {confidence['ece']}, AUROC {confidence['auroc']}")
    below.bar([b["from"] + 0.5 / BINS for b in bins], [b["n"] for b in bins], width=0.9 / BINS)
    below.set(xlabel="confidence", ylabel="answers")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def draw_miss(outcome: Outcome, folder: Path, out: Path) -> None:
    """The picture with truth in green and the prediction in red."""
    import cv2

    record = outcome.record
    picture: Any = cv2.imread(str(picture_path(folder, record["img_filename"])))
    thick = max(2, picture.shape[1] // 500)
    for box in boxes_to_hit(record) if record["bbox"] else []:
        draw_box(picture, box, (0, 170, 0), thick)
    if outcome.prediction:
        draw_box(picture, outcome.prediction.box, (0, 0, 230), thick)
    shrink = min(1.0, 1400 / max(picture.shape[:2]))
    if shrink < 1:
        picture = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    query = re.sub(r"[^\w-]+", "_", record["instruction"])[:40]
    stem = Path(record["img_filename"]).stem
    cv2.imwrite(str(out / f"{record['kind']}__{query}__{stem}.png"), picture)


def draw_box(picture: Any, box: Pixels, colour: tuple[int, int, int], thick: int) -> None:
    import cv2

    corners = (int(box.left), int(box.top)), (int(box.right), int(box.bottom))
    cv2.rectangle(picture, *corners, colour, thick)


# -------------------------------------------------------------------- the run

worker_predictor: Predictor | None = None


def start_worker(name: str) -> None:
    global worker_predictor
    worker_predictor = make_predictor(name)


def score_picture(job: tuple[Path, list[Record]]) -> list[Outcome]:
    """All queries of one picture, in this process's predictor."""
    picture, records = job
    assert worker_predictor is not None
    started = time.perf_counter()
    answers = worker_predictor(picture, [r["instruction"] for r in records])
    seconds = time.perf_counter() - started
    if len(answers) != len(records):
        raise RuntimeError(f"{picture.name}: {len(records)} queries, {len(answers)} answers")
    return [judge(r, answer, seconds) for r, answer in zip(records, answers, strict=True)]


def score(folder: Path, records: list[Record], name: str, workers: int) -> list[Outcome]:
    """Every record judged, picture by picture."""
    pictures = by_picture(records)
    jobs = [(picture_path(folder, file), group) for file, group in pictures.items()]
    if workers <= 1:
        start_worker(name)
        return flattened(map(score_picture, jobs), len(jobs))
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers, start_worker, (name,)) as pool:
        return flattened(pool.imap(score_picture, jobs), len(jobs))


def flattened(groups: Iterable[list[Outcome]], total: int) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for done, group in enumerate(groups, 1):
        outcomes += group
        if sys.stderr.isatty() or done % 20 == 0 or done == total:
            print(f"\r{done}/{total} pictures", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return outcomes


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.score", description="Score a grounder."
    )
    made.add_argument("folder", type=Path, help="a dataset: desktop.json, web.json and images/")
    made.add_argument("--split", choices=("fit", "test", "all"), default="test")
    made.add_argument("--source", choices=("desktop", "web"))
    made.add_argument("--program")
    made.add_argument("--kind", help="widget, plain, field, part or absent")
    made.add_argument("--limit", type=int, default=0, help="at most so many pictures")
    made.add_argument(
        "--stride", type=int, default=1, help="with --limit: every so manieth picture"
    )
    made.add_argument("--grounder", default="embedded", help="a name that load_grounder knows")
    made.add_argument("--baseline", action="store_true", help="the best fuzzy OCR line instead")
    made.add_argument("--workers", type=int, default=1)
    made.add_argument("--out", type=Path, help="every outcome, one JSON object a line")
    made.add_argument("--json", type=Path, help="the metrics")
    made.add_argument("--figure", type=Path, help="the reliability figure (needs matplotlib)")
    made.add_argument("--show-misses", type=Path, help="a folder for pictures of the misses")
    return made


def write_outputs(
    outcomes: Sequence[Outcome], metrics: Metrics, arguments: argparse.Namespace
) -> None:
    if arguments.out:
        lines = [json.dumps(result_line(o), ensure_ascii=False) for o in outcomes]
        arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if arguments.json:
        text = json.dumps(metrics, ensure_ascii=False, indent=1)
        arguments.json.write_text(text + "\n", encoding="utf-8")
    if arguments.figure:
        draw_reliability(metrics["confidence"], arguments.figure)
    if arguments.show_misses:
        arguments.show_misses.mkdir(parents=True, exist_ok=True)
        for outcome in outcomes:
            if (outcome.prediction is not None) if outcome.absent else not outcome.hit:
                draw_miss(outcome, arguments.folder, arguments.show_misses)


def main() -> int:
    arguments = parser().parse_args()
    records = chosen(load_records(arguments.folder), arguments)
    if not records:
        print("no records match", file=sys.stderr)
        return 1
    name = "baseline" if arguments.baseline else arguments.grounder
    outcomes = score(arguments.folder, records, name, arguments.workers)
    metrics = report(outcomes)
    write_outputs(outcomes, metrics, arguments)
    print(table(metrics))
    return 0


if __name__ == "__main__":
    sys.exit(main())
