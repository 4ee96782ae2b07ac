"""What of an accessible tree can be seen: showing, unclipped by its containers, uncovered."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from benchmarks.boxes import Rect, contains, grid, overlap

Node = dict[str, Any]
WINDOW_ROLES = {"frame", "dialog", "window", "alert", "file chooser", "color chooser"}
MENU_ROLES = {"menu", "menu item", "check menu item", "radio menu item", "popup menu"}
NOT_CLIPPING = MENU_ROLES | {
    "menu bar",
    "application",
    "combo box",
    "page tab",
    "table cell",
    "filler",
}


class View:
    """One dump with its pixels' geometry: which object is where, and whether it can be seen."""

    def __init__(self, dump: dict[str, Any]) -> None:
        self.nodes: list[Node] = dump["nodes"]
        self.windows: list[dict[str, Any]] = dump["windows"]
        self.size: tuple[int, int] = tuple(dump["variant"]["size"])
        self.scale = dump["variant"]["scale"]
        for position, node in enumerate(self.nodes):
            node["id"] = position
        self.factor = self._factor(dump["toolkit"])

    def _factor(self, toolkit: str) -> float:
        """Picture pixels per unit of AT-SPI: logical units; GTK scales 1.5 by its fonts alone."""
        return float(self.scale) if toolkit.startswith("qt") or self.scale == 2 else 1

    def box(self, node: Node) -> Rect:
        """The object's box in picture pixels."""
        return self.pixels(node["box"]) if node["box"] else (0, 0, 0, 0)

    def pixels(self, box: list[int]) -> Rect:
        """A box of the dump in picture pixels."""
        x, y, width, height = (value * self.factor for value in box)
        return (x, y, width, height)

    def ancestors(self, node: Node) -> Iterator[Node]:
        """Parent, grandparent, … up to the application."""
        position = node["parent"]
        while position >= 0:
            yield self.nodes[position]
            position = self.nodes[position]["parent"]

    def parent_role(self, node: Node) -> str:
        """The role of the parent, or nothing."""
        return self.nodes[node["parent"]]["role"] if node["parent"] >= 0 else ""

    def inside(self, node: Node, roles: set[str]) -> Node | None:
        """The nearest ancestor with one of *roles*."""
        return next((up for up in self.ancestors(node) if up["role"] in roles), None)

    def seen(self, node: Node) -> bool:
        """Whether all of the object is on the screen for everyone to see."""
        box = self.box(node)
        return self.is_showing(node) and self.unclipped(node, box) and self.uncovered(node, box)

    @staticmethod
    def _shown(node: Node) -> bool:
        return "showing" in node["states"]

    def is_showing(self, node: Node) -> bool:
        """The state, up to the window."""
        if not node["box"] or not self._shown(node) or min(node["box"][2:]) < 4:
            return False
        for up in self.ancestors(node):
            if up["role"] in {"application", "desktop frame"}:
                break
            if not self._shown(up) and up["role"] not in MENU_ROLES | {"combo box"}:
                return False
        return True

    def unclipped(self, node: Node, box: Rect) -> bool:
        """Whether *box* is inside the screen and inside every container."""
        if not contains((0, 0, *self.size), box, 0):
            return False
        if node["role"] in MENU_ROLES:
            return True
        for up in self.ancestors(node):
            if up["role"] in MENU_ROLES:
                break
            outer = self.box(up)
            if up["role"] not in NOT_CLIPPING and outer[2] > 3 and outer[3] > 3:
                fits = contains(outer, box, 3 * self.factor)
                if not fits:
                    return False
        return True

    def uncovered(self, node: Node, box: Rect) -> bool:
        """Whether the topmost X window over all of *box* is the object's own."""
        tops = {self.window_at(x, y) for x, y in grid(box)}
        return len(tops) == 1 and next(iter(tops)) == self.window_of(node, box)

    def window_at(self, x: float, y: float) -> int | None:
        """The position of the topmost window at a point."""
        for position, window in enumerate(self.windows):
            left, top, width, height = window["box"]
            if left <= x < left + width and top <= y < top + height:
                return position
        return None

    def window_of(self, node: Node, box: Rect) -> int | None:
        """The position of the X window that should be showing *node*."""
        if node["role"] in MENU_ROLES and self.parent_role(node) != "menu bar":
            popups = [
                (window["box"][2] * window["box"][3], position)
                for position, window in enumerate(self.windows)
                if window.get("popup") and contains(tuple(window["box"]), box, 3)
            ]
            if popups:
                return min(popups)[1]
            return None
        holders = (self._frames.get(up["id"]) for up in (node, *self.ancestors(node)))
        return next((found for found in holders if found is not None), None)

    @functools.cached_property
    def _frames(self) -> dict[int, int]:
        """Accessible windows -> X windows, by the best overlap of any X window inside."""
        found = {}
        for node in self.nodes:
            if node["role"] in WINDOW_ROLES and self.is_showing(node):
                box = self.box(node)
                scored = [
                    (max(overlap(box, tuple(b)) for b in (window["box"], *window["inner"])), -i)
                    for i, window in enumerate(self.windows)
                ]
                best = max(scored, default=(0.0, 0))
                if best[0] > 0.9:
                    found[node["id"]] = -best[1]
        return found
