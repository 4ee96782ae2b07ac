"""What work costs in this process, as ratios of runs that stand close to each other in time.

A busy machine slows neighbours alike, so each ratio is taken within a round and the median of
all rounds is reported. ``wall`` is what a person waits; ``cpu`` adds up all threads, the idle
turns of an engine's thread pool included.
"""

from __future__ import annotations

import ctypes
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds that something took."""

    wall: float
    cpu: float


def cost(work: Callable[[], object]) -> Cost:
    """What one call of ``work`` takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


class Ratios:
    """Ratios by name, of pairs of costs from the same round."""

    def __init__(self) -> None:
        self._pairs: defaultdict[str, list[tuple[Cost, Cost]]] = defaultdict(list)

    def add(self, name: str, spent: Cost, base: Cost) -> None:
        """One more ratio, ``spent`` to ``base``."""
        self._pairs[name].append((spent, base))

    def medians(self) -> dict[str, dict[str, float]]:
        """The median ratio of each name, for what a person waits and for the processors."""
        return {
            name: {
                "wall": _median(spent.wall / base.wall for spent, base in pairs),
                "cpu": _median(spent.cpu / base.cpu for spent, base in pairs if base.cpu),
            }
            for name, pairs in self._pairs.items()
        }


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 4)


def resident() -> float:
    """Resident memory of this process, MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def growth(step: Callable[[int], object], steps: int) -> dict[str, Any]:
    """MiB after each fifth of the steps, and how much more is in use in the end than after the
    second, when what is bounded (remembered crops, buffers for each shape of input) is full.

    ``resident`` counts freed pages that the allocator keeps, ``in_use`` is without them.
    """
    kept, used = [], []
    for number in range(steps):
        step(number)
        if (number + 1) % max(steps // 5, 1) == 0:
            kept.append(round(resident(), 1))
            ctypes.CDLL("libc.so.6").malloc_trim(0)
            used.append(round(resident(), 1))
    grown = round(used[-1] - used[1], 1)
    return {"steps": steps, "resident": kept, "in_use": used, "growth": grown}
