"""How long `observe` takes, as ratios within one run on the same pictures of 1280x800.

    python -m benchmarks.observe_speed [DATASET] [--pictures 6] [--rounds 3] [--memory [500]]

DATASET is a folder that benchmarks.desktop or benchmarks.web wrote; without one, the bundled
screenshot and drawn screens are used. All engines are loaded before. In each round:

* ``cold``, a picture never seen, against a plain ``rapidocr`` call: at most 1.0;
* ``same``, an equal picture again, against cold: at most 0.02;
* ``field``, text typed into one field, against cold: at most 0.25;
* ``dialog``, a dialogue of 400x200 px opened on top of that, against cold: at most 0.25;
* ``form``, a login form of 460x263 px with nine texts instead of it: no goal of its own.

With ``--memory`` it looks at changing screens instead, and says what the process grew by between
two fifths of them and all: nothing. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.changing_screens import SOME_FIELD, Pixels, screens, typed, with_dialog, with_form
from benchmarks.timing import Cost, Ratios, cost, growth
from qvl_agent.geometry import Box
from qvl_agent.grounding.base import Element
from qvl_agent.grounding.embedded.grounder import EmbeddedGrounder
from qvl_agent.screenshot import Screenshot

GOALS = {"cold": 1.0, "same": 0.02, "field": 0.25, "dialog": 0.25}
NARROWEST_FIELD = 80  # px: a value of several letters has room


def measure(pictures: dict[str, Pixels], rounds: int) -> dict[str, Any]:
    """Ratios over all pictures, and for each of them."""
    plain, grounder = plain_reading(), EmbeddedGrounder()
    every, each = Ratios(), {name: Ratios() for name in pictures}
    order = random.Random(0)
    for turn in range(rounds + 1):
        for name, rgb in pictures.items():
            for line, spent, base in _round(rgb, plain, grounder, turn, order):
                if turn:  # the first round warms caches
                    every.add(line, spent, base)
                    each[name].add(line, spent, base)
    return {
        "rounds": rounds,
        "goals": GOALS,
        "ratios": every.medians(),
        "pictures": {name: ratios.medians() for name, ratios in each.items()},
    }


def plain_reading() -> Callable[[Pixels], object]:
    """`RapidOCR()` as it comes, for BGR pixels."""
    from rapidocr import RapidOCR  # type: ignore[import-untyped,unused-ignore]

    logging.disable(logging.CRITICAL)
    return RapidOCR()


def _round(
    rgb: Pixels,
    plain: Callable[[Pixels], object],
    grounder: EmbeddedGrounder,
    turn: int,
    order: random.Random,
) -> list[tuple[str, Cost, Cost]]:
    """The lines of one picture, each with what it is compared to."""
    bgr = rgb[:, :, ::-1].copy()
    # Which goes first changes, because the second finds warmer caches.
    first = order.random() < 0.5
    read = cost(lambda: plain(bgr)) if first else None
    grounder.forget()
    cold = observed(grounder, rgb)
    field = some_field(grounder.detect(Screenshot.from_array(rgb)))
    same = observed(grounder, rgb)
    filled = typed(rgb, field, f"ada{turn}@domain.com")
    changed = observed(grounder, filled)
    opened = observed(grounder, with_dialog(filled))
    grounder.detect(Screenshot.from_array(filled))
    form = observed(grounder, with_form(filled))
    read = read or cost(lambda: plain(bgr))
    return [
        ("cold", cold, read),
        ("same", same, cold),
        ("field", changed, cold),
        ("dialog", opened, cold),
        ("form", form, cold),
    ]


def observed(grounder: EmbeddedGrounder, rgb: Pixels) -> Cost:
    """What it takes to see everything on a screenshot of its own."""
    shot = Screenshot.from_array(rgb)
    return cost(lambda: grounder.detect(shot))


def some_field(elements: list[Element]) -> Box:
    """A text field of the screen, wide enough to type into."""
    fields = (each.bbox for each in elements if each.element_type == "text_input")
    return next((box for box in fields if box.width >= NARROWEST_FIELD), SOME_FIELD)


def memory(pictures: dict[str, Pixels], steps: int) -> dict[str, Any]:
    """Resident memory over changing screens: values typed, and every fourth time another one."""
    grounder, draw = EmbeddedGrounder(), random.Random(0)
    pool = list(pictures.values())
    logging.disable(logging.CRITICAL)

    def look(number: int) -> None:
        rgb = pool[number // 4 % len(pool)]
        left, top = draw.randrange(0, 1000), draw.randrange(0, 760)
        place = Box(left, top, left + 200, top + 28)
        grounder.detect(Screenshot.from_array(typed(rgb, place, f"value {draw.random():.6f}")))

    return growth(look, steps)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.observe_speed", description=__doc__.splitlines()[0]
    )
    parser.add_argument("dataset", nargs="?", type=Path)
    parser.add_argument("--pictures", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", nargs="?", type=int, const=500, metavar="SCREENS")
    given = parser.parse_args()
    pictures = screens(given.dataset, given.pictures)
    found = memory(pictures, given.memory) if given.memory else measure(pictures, given.rounds)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
