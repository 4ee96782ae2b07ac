"""Take the screens of one run: start the program, carry out steps, store picture and dump."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.private_desktop import Desktop
from benchmarks.programs import Run
from benchmarks.visible import Node, View

START_LIMIT = 30.0


def collect(run: Run, out: Path) -> list[str]:
    """Take every screen of *run*; returns what went wrong, one line per screen."""
    problems = []
    with Desktop(run.variant) as desktop:
        for command in (*run.also, run.command):
            desktop.spawn([part.replace("{home}", str(desktop.home)) for part in command])
            wait_for_window(desktop)
        for name, steps in run.screens.items():
            screen = f"{run.name}-{name}"
            try:
                for step in filter(None, (part.strip() for part in steps.split(";"))):
                    carry_out(desktop, run.toolkit, step)
                store(desktop, run, screen, out)
            except Exception as problem:  # noqa: BLE001  (one bad screen must not end the rest)
                problems.append(f"{screen}: {type(problem).__name__}: {problem}")
    return problems


def wait_for_window(desktop: Desktop) -> None:
    """Wait until a program shows one more window than before and the screen is still."""
    until = time.monotonic() + START_LIMIT
    before = len(client_windows(desktop))
    while len(client_windows(desktop)) <= before:
        if time.monotonic() > until:
            raise RuntimeError("no window appeared")
        time.sleep(0.5)
    time.sleep(1.5)
    desktop.still_picture()


def client_windows(desktop: Desktop) -> list[dict[str, Any]]:
    """Windows that are large enough to be somebody's."""
    return [w for w in desktop.windows() if w["box"][2] > 60 and w["box"][3] > 40]


def store(desktop: Desktop, run: Run, screen: str, out: Path) -> None:
    """Write the picture and the dump of the current screen; both must agree on a still screen."""
    for _ in range(3):
        picture = desktop.still_picture(limit=8 if run.restless == 100 else 1)
        dump = desktop.dump()
        windows = desktop.windows()
        again = desktop.picture()
        if np.count_nonzero(np.any(picture != again, axis=2)) < run.restless:
            break
    else:
        raise RuntimeError("the screen does not keep still")
    showing = [node for node in dump["nodes"] if "showing" in node["states"]]
    if len(showing) < 3:
        raise RuntimeError(f"only {len(showing)} accessible objects are showing")
    if not dump["complete"]:
        print(f"  {screen}: the dump was cut short", file=sys.stderr)
    cv2.imwrite(str(out / "images" / f"{screen}.png"), picture)
    document = {
        "screen": screen,
        "program": run.program,
        "toolkit": run.toolkit,
        "variant": dataclasses.asdict(run.variant),
        "windows": windows,
        **dump,
    }
    path = out / "raw" / f"{screen}.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    path.with_suffix(".ocr").unlink(missing_ok=True)


def carry_out(desktop: Desktop, toolkit: str, step: str) -> None:
    """One step: ``menu N``, ``item N``, ``keys K``, ``type T``, ``push ROLE N``, ``wait S`` …"""
    verb, _, rest = step.partition(" ")
    if verb == "keys":
        desktop.call(["xdotool", "key", "--clearmodifiers", *rest.split()])
    elif verb == "type":
        desktop.call(["xdotool", "type", "--delay", "60", rest])
    elif verb == "wait":
        time.sleep(float(rest))
    elif verb == "point":
        x, y = (float(part) for part in rest.split())
        move_to(desktop, x * desktop.variant.size[0], y * desktop.variant.size[1])
    elif verb in {"menu", "item", "push", "rightclick"}:
        role, index = parse_target(verb, rest)
        click_node(desktop, toolkit, role, index, button=3 if verb == "rightclick" else 1)
    else:
        raise ValueError(f"unknown step {step!r}")
    time.sleep(0.8)


def parse_target(verb: str, rest: str) -> tuple[str, int]:
    """The role and the position that a clicking step names; ``push-button`` for two words."""
    if verb in {"menu", "item"}:
        return {"menu": "menubar", "item": "menu item"}[verb], int(rest)
    role, _, index = rest.partition(" ")
    return role.replace("-", " "), int(index or 0)


def click_node(desktop: Desktop, toolkit: str, role: str, index: int, *, button: int) -> None:
    """Click the *index*-th object of *role* that can be seen."""
    dump = {**desktop.dump(), "windows": desktop.windows(), "toolkit": toolkit}
    dump["variant"] = dataclasses.asdict(desktop.variant)
    view = View(dump)
    chosen = [n for n in view.nodes if view.seen(n) and role_matches(view, n, role)]
    if not -len(chosen) <= index < len(chosen):
        raise RuntimeError(f"there are {len(chosen)} of {role!r}, not {index}")
    x, y, width, height = view.box(chosen[index])
    move_to(desktop, x + width / 2, y + height / 2)
    desktop.call(["xdotool", "click", str(button)])


def role_matches(view: View, node: Node, role: str) -> bool:
    """Whether *node* plays *role*; ``menubar`` is a title in a menu bar."""
    if role == "menubar":
        return view.parent_role(node) == "menu bar" and node["role"] in {"menu", "menu item"}
    if role == "menu item":
        in_bar = view.parent_role(node) == "menu bar"
        return node["role"].endswith("menu item") and not in_bar and "sensitive" in node["states"]
    return str(node["role"]) == role


def move_to(desktop: Desktop, x: float, y: float) -> None:
    """Put the pointer there."""
    desktop.call(["xdotool", "mousemove", str(round(x)), str(round(y))])
    time.sleep(0.2)
