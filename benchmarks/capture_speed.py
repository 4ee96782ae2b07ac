"""How much `capture()` costs on top of a bare mss grab turned into an RGB array.

    python benchmarks/capture_speed.py [--rounds 300]

Needs a display; start one with ``Xvfb :99 -screen 0 1280x800x24``. The two are timed in turns
within one run, so that both see the same load, and their medians are compared. The bare grab
keeps its connection open and uses the fastest conversion there is, ``cv2.cvtColor`` (slicing
with numpy takes ten times as long). Which goes first changes at random from round to round,
because the second finds warmer caches. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable

import cv2
import mss
import numpy as np

import qvl_agent


def measure(rounds: int) -> dict[str, object]:
    """Medians in milliseconds and their ratio, for the whole desktop."""
    with mss.MSS() as bare:
        monitor = bare.monitors[0]

        def grab() -> object:
            shot = bare.grab(monitor)
            bgra = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
            return cv2.cvtColor(bgra, cv2.COLOR_BGRA2RGB)

        ways = {"bare_ms": grab, "capture_ms": qvl_agent.capture}
        medians = _interleaved_medians(ways, rounds)
    return {
        "size": [monitor["width"], monitor["height"]],
        "rounds": rounds,
        **{name: round(value, 4) for name, value in medians.items()},
        "ratio": round(medians["capture_ms"] / medians["bare_ms"], 4),
    }


def _interleaved_medians(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in ways}
    order = random.Random(0)
    for turn in range(rounds + 5):
        for name in order.sample(list(ways), len(ways)):
            started = time.perf_counter()
            ways[name]()
            if turn >= 5:  # the first few open connections and warm caches
                times[name].append(1e3 * (time.perf_counter() - started))
    return {name: statistics.median(values) for name, values in times.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=300)
    print(json.dumps(measure(parser.parse_args().rounds)))
