"""The OCR networks: where text is (detector) and which characters it is (recogniser).

The one file that leans on rapidocr's internals: on the two PP-OCRv6 "small" networks that the
wheel of rapidocr 3.10 carries in its ``models`` folder, on the character list inside the
recogniser's metadata, and on how they want their input (BGR, scaled to -1..1; 48 px high lines;
one CTC step per 8 columns). The networks are run here directly: rapidocr's own pipeline pads
every line to 320 columns, turns crops around, prints, and downloads what it does not find.
Nothing here downloads, logs or writes; what is missing raises `MissingDependencyError`.
"""

from __future__ import annotations

import importlib.util
import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from qvl_agent.errors import MissingDependencyError

Pixels = NDArray[np.uint8]

DETECTOR_FILE = "PP-OCRv6_det_small.onnx"
RECOGNISER_FILE = "PP-OCRv6_rec_small.onnx"

DETECTOR_STRIDE = 32  # the network halves its input five times
LINE_HEIGHT = 48  # the recogniser's input height, px
STEP_COLUMNS = 8  # input columns per CTC step
WIDTH_BUCKET = 32  # lines are padded to a multiple of this, so a line's result is its own
MIN_LINE_WIDTH = 64  # narrower inputs are read worse
MAX_LINE_WIDTH = 3200  # wider crops are squeezed: bounds memory
BATCH_COLUMNS = 640  # input columns per call: bounds memory, shares the work among threads

TEXT_THRESHOLD = 0.3  # probability of a pixel to be text (rapidocr's setting)
BOX_THRESHOLD = 0.4  # mean probability of a box (rapidocr: 0.5, which misses short texts)
UNCLIP_RATIO = 1.6  # the network marks shrunken text; grow by area * ratio / perimeter
MIN_SIDE = 3  # px in the probability map
MAX_BOXES = 3000  # bounds the time a noise picture can take


@dataclass(frozen=True, slots=True)
class DetectedBox:
    """Where the detector sees text, in pixels of the picture it was given."""

    left: int
    top: int
    right: int
    bottom: int
    score: float


@dataclass(frozen=True, slots=True)
class CropChar:
    """One recognised character.

    Attributes:
        start, end: columns of the crop (0 to its width) that bound the CTC steps it was seen at.
        step: columns of the crop per CTC step, about a sixth of the crop's height.
    """

    text: str
    start: float
    end: float
    score: float
    step: float

    def moved(self, columns: int) -> CropChar:
        """The same in a crop that starts that many columns further left."""
        return replace(self, start=self.start + columns, end=self.end + columns)


def models_folder() -> Path:
    """The folder inside the installed rapidocr that holds the two networks."""
    spec = importlib.util.find_spec("rapidocr")
    places = list(spec.submodule_search_locations or []) if spec else []
    for place in places:
        folder = Path(place) / "models"
        if all((folder / name).is_file() for name in (DETECTOR_FILE, RECOGNISER_FILE)):
            return folder
    raise MissingDependencyError(
        "rapidocr with its PP-OCRv6 small models is not installed",
        hint="pip install 'rapidocr==3.10.*' brings them inside its wheel",
    )


def _session(path: Path, threads: int) -> Any:
    try:
        import onnxruntime  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingDependencyError(
            "onnxruntime is not installed", hint="pip install onnxruntime"
        ) from error
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # an arena keeps the largest screen's memory for ever
    # Threads may spin inside a run (1.3x faster on short lines) but not after it.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def default_threads() -> int:
    """Cores this process may use, at most 4: more did not help a single screen."""
    return max(
        1,
        min(
            4,
            len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count() or 1,
        ),
    )


class OcrEngine:
    """Both networks, loaded; calls are deterministic and may come from several threads."""

    def __init__(self, threads: int | None = None) -> None:
        folder = models_folder()
        self._threads = threads or default_threads()
        self._detector = _session(folder / DETECTOR_FILE, self._threads)
        # One thread per run and several runs at once: lines are small, and threads that wait
        # for each other inside each of them cost up to half of the time on a busy machine.
        self._recogniser = _session(folder / RECOGNISER_FILE, 1)
        characters = self._recogniser.get_modelmeta().custom_metadata_map["character"]
        self._alphabet = ["", *characters.splitlines(), " "]

    def detect(self, rgb: Pixels, scale: float = 1.0) -> list[DetectedBox]:
        """Boxes of text lines in ``rgb``; the network sees it resized by ``scale``."""
        height, width = rgb.shape[:2]
        tensor = _detector_input(rgb, scale)
        probability = self._detector.run(None, {"x": tensor})[0][0, 0]
        used = (max(1, round(width * scale)), max(1, round(height * scale)))
        return _boxes_of(
            probability[: used[1], : used[0]], width / used[0], height / used[1], width, height
        )

    def recognise(self, crops: Sequence[Pixels]) -> list[tuple[CropChar, ...]]:
        """The characters of each crop of one text line, from left to right."""
        inputs = [_line_input(crop) for crop in crops]
        batches = _batches([tensor.shape[2] for tensor in inputs])
        results: list[tuple[CropChar, ...]] = [()] * len(crops)

        def run(batch: list[int]) -> None:
            steps = self._recogniser.run(None, {"x": np.stack([inputs[i] for i in batch])})[0]
            best, scores = steps.argmax(axis=2), steps.max(axis=2)
            for row, index in enumerate(batch):
                results[index] = self._decode(best[row], scores[row], crops[index])

        if self._threads == 1 or len(batches) < 2:
            for batch in batches:
                run(batch)
            return results
        # A pool per call: threads that outlived it would be missing after a fork.
        with ThreadPoolExecutor(self._threads) as pool:
            for done in [pool.submit(run, batch) for batch in batches]:
                done.result()
        return results

    def _decode(
        self, best: NDArray[np.int64], scores: NDArray[np.float32], crop: Pixels
    ) -> tuple[CropChar, ...]:
        """Greedy CTC: runs of one symbol are one character, symbol 0 is none."""
        height, width = crop.shape[:2]
        per_step = STEP_COLUMNS * width / _line_width(height, width)
        edges = np.flatnonzero(np.diff(best)) + 1
        chars = []
        for start, end in zip([0, *edges], [*edges, len(best)], strict=True):
            if best[start] == 0 or start * per_step >= width:
                continue
            chars.append(
                CropChar(
                    self._alphabet[best[start]],
                    float(start * per_step),
                    float(min(end * per_step, width)),
                    float(scores[start:end].max()),
                    per_step,
                )
            )
        return tuple(chars)


def _detector_input(rgb: Pixels, scale: float) -> NDArray[np.float32]:
    """BGR in -1..1, NCHW; padded (not stretched) to the stride by repeating the edge."""
    height, width = rgb.shape[:2]
    if scale != 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        rgb = cv2.resize(
            rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        ).astype(np.uint8)
        height, width = rgb.shape[:2]
    down, right = -height % DETECTOR_STRIDE, -width % DETECTOR_STRIDE
    padded = cv2.copyMakeBorder(rgb, 0, down, 0, right, cv2.BORDER_REPLICATE)
    return cv2.dnn.blobFromImage(padded, 1 / 127.5, mean=(127.5, 127.5, 127.5), swapRB=True).astype(
        np.float32, copy=False
    )


def _boxes_of(
    probability: NDArray[np.float32], x_scale: float, y_scale: float, width: int, height: int
) -> list[DetectedBox]:
    mask = (probability > TEXT_THRESHOLD).astype(np.uint8)
    mask = cv2.dilate(mask, np.ones((2, 2), np.uint8)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes = []
    for label, (x, y, w, h, _) in enumerate(stats.tolist()[: MAX_BOXES + 1]):
        if label == 0 or min(w, h) < MIN_SIDE:
            continue
        inside = labels[y : y + h, x : x + w] == label
        score = float(probability[y : y + h, x : x + w][inside].mean())
        if score < BOX_THRESHOLD:
            continue
        grow = w * h * UNCLIP_RATIO / (2 * (w + h))
        box = DetectedBox(
            max(0, math.floor((x - grow) * x_scale)),
            max(0, math.floor((y - grow) * y_scale)),
            min(width, math.ceil((x + w + grow) * x_scale)),
            min(height, math.ceil((y + h + grow) * y_scale)),
            score,
        )
        boxes.append(box)
    return boxes


def _line_width(height: int, width: int) -> int:
    """Columns of the recogniser's input that a crop of this size fills."""
    return min(MAX_LINE_WIDTH, max(1, math.ceil(LINE_HEIGHT * width / height)))


def _line_input(crop: Pixels) -> NDArray[np.float32]:
    height, width = crop.shape[:2]
    columns = _line_width(height, width)
    method = cv2.INTER_AREA if height > LINE_HEIGHT else cv2.INTER_LINEAR
    resized = cv2.resize(crop, (columns, LINE_HEIGHT), interpolation=method)
    bucket = max(MIN_LINE_WIDTH, math.ceil(columns / WIDTH_BUCKET) * WIDTH_BUCKET)
    tensor = np.zeros((3, LINE_HEIGHT, bucket), np.float32)
    tensor[:, :, :columns] = resized[:, :, ::-1].transpose(2, 0, 1) / np.float32(127.5) - 1
    return tensor


def _batches(widths: Sequence[int]) -> list[list[int]]:
    """Crops of one width each, so that no line's result depends on its company; longest first,
    so that no thread is left with a long one at the end.
    """
    batches: list[list[int]] = []
    for index in sorted(range(len(widths)), key=lambda i: -widths[i]):
        last = batches[-1] if batches else []
        if (
            last
            and widths[last[0]] == widths[index]
            and ((len(last) + 1) * widths[index] <= BATCH_COLUMNS)
        ):
            last.append(index)
        else:
            batches.append([index])
    return batches
