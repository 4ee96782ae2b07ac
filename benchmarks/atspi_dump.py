"""Print the accessible tree of every program on this display as JSON.

Run it with the system Python that has PyGObject (``/usr/bin/python3`` on Debian): it needs only
the standard library and ``gi``.  One flat list of nodes in pre-order comes out; a node names its
parent by position.  Boxes are ``[x, y, width, height]`` in the toolkit's own screen units.

It does not know about pixels, stacking, scaling or what is worth asking for; ``desktop.py`` does.
"""

from __future__ import annotations

import json
import re
import sys
import time
from typing import Any

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402  (the version must be chosen first)

MAX_CHILDREN = 400
MAX_NODES = 4000
MAX_WORDS = 140
MAX_TEXT = 6000
TIME_LIMIT = 25.0
STATES = {
    "showing": Atspi.StateType.SHOWING,
    "visible": Atspi.StateType.VISIBLE,
    "enabled": Atspi.StateType.ENABLED,
    "sensitive": Atspi.StateType.SENSITIVE,
    "checked": Atspi.StateType.CHECKED,
    "pressed": Atspi.StateType.PRESSED,
    "checkable": Atspi.StateType.CHECKABLE,
    "focusable": Atspi.StateType.FOCUSABLE,
    "focused": Atspi.StateType.FOCUSED,
    "editable": Atspi.StateType.EDITABLE,
    "selected": Atspi.StateType.SELECTED,
    "expanded": Atspi.StateType.EXPANDED,
    "modal": Atspi.StateType.MODAL,
    "active": Atspi.StateType.ACTIVE,
    "manages_descendants": Atspi.StateType.MANAGES_DESCENDANTS,
}
RELATIONS = {
    Atspi.RelationType.LABELLED_BY: "labelled_by",
    Atspi.RelationType.LABEL_FOR: "label_for",
}
SKIPPED_WHEN_HIDDEN = {"table cell", "list item", "icon", "tree item"}
WIDE = r"\u3000-\u303f\uff00-\uffef\u4e00-\u9fff"
WORD = re.compile(rf"[{WIDE}]|[^\s{WIDE}]+")


class Dump:
    """The nodes seen so far; relations are resolved to positions at the end."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.positions: dict[str, int] = {}
        self.deadline = time.monotonic() + TIME_LIMIT
        self.complete = True

    def visit(self, item: Atspi.Accessible, parent: int, application: str) -> None:
        """Record *item* and everything below it."""
        if time.monotonic() > self.deadline or len(self.nodes) >= MAX_NODES:
            self.complete = False
            return
        try:
            node = describe(item)
        except GLib.Error:
            return
        if node["role"] in SKIPPED_WHEN_HIDDEN and "showing" not in node["states"]:
            return
        position = len(self.nodes)
        node.update(parent=parent, application=application)
        self.nodes.append(node)
        self.positions[key(item)] = position
        for child in children(item):
            self.visit(child, position, application)

    def result(self) -> dict[str, Any]:
        """The JSON document: nodes with relations as positions."""
        for node in self.nodes:
            relations = node["relations"]
            for name, targets in relations.items():
                relations[name] = [self.positions[t] for t in targets if t in self.positions]
        return {"complete": self.complete, "nodes": self.nodes}


def key(item: Atspi.Accessible) -> str:
    """A name for *item* that is the same whenever it is met again."""
    return f"{item.app.bus_name if item.app else ''}{item.path}"


def children(item: Atspi.Accessible) -> list[Atspi.Accessible]:
    """The children, at most ``MAX_CHILDREN``; an unanswered call gives none."""
    found = []
    try:
        count = item.get_child_count()
    except GLib.Error:
        return []
    for index in range(min(count, MAX_CHILDREN)):
        try:
            child = item.get_child_at_index(index)
        except GLib.Error:
            continue
        if child is not None:
            found.append(child)
    return found


def describe(item: Atspi.Accessible) -> dict[str, Any]:
    """Everything that is recorded about one object."""
    held = item.get_state_set()
    states = [name for name, state in STATES.items() if held.contains(state)]
    role = item.get_role_name()
    attributes = item.get_attributes() or {}
    node: dict[str, Any] = {
        "role": role,
        "name": item.get_name() or "",
        "description": item.get_description() or "",
        "states": states,
        "box": box(item),
        "relations": relations(item),
        "attributes": {k: v for k, v in attributes.items() if "placeholder" in k or k == "toolkit"},
        "password": role == "password text",
    }
    if "showing" in states:
        node.update(text_of(item, node["box"]))
    return node


def box(item: Atspi.Accessible) -> list[int] | None:
    """The extents on the screen, or None for an object without them."""
    component = item.get_component_iface()
    if component is None:
        return None
    area = component.get_extents(Atspi.CoordType.SCREEN)
    return [area.x, area.y, area.width, area.height]


def relations(item: Atspi.Accessible) -> dict[str, list[str]]:
    """The label relations, as keys of the objects they lead to."""
    found: dict[str, list[str]] = {}
    try:
        held = item.get_relation_set()
    except GLib.Error:
        return found
    for relation in held:
        name = RELATIONS.get(relation.get_relation_type())
        if name:
            count = relation.get_n_targets()
            found[name] = [key(relation.get_target(i)) for i in range(count)]
    return found


def text_of(item: Atspi.Accessible, area: list[int] | None) -> dict[str, Any]:
    """The content of a Text object and the extents of the words that are inside *area*."""
    try:
        text = item.get_text_iface()
        if text is None or area is None:
            return {}
        count = Atspi.Text.get_character_count(text)
        content = Atspi.Text.get_text(text, 0, min(count, MAX_TEXT))
        return {"text": content, "words": words(text, content, area)}
    except GLib.Error:
        return {}


def words(text: Atspi.Text, content: str, area: list[int]) -> list[dict[str, Any]]:
    """Words (for Chinese: characters) with their extents, those inside *area* only."""
    found = []
    seen_inside = False
    for match in WORD.finditer(content):
        span = Atspi.Text.get_range_extents(
            text, match.start(), match.end(), Atspi.CoordType.SCREEN
        )
        extents = [span.x, span.y, span.width, span.height]
        inside = span.width > 0 and area[1] - 2 <= span.y <= area[1] + area[3]
        if inside:
            seen_inside = True
            found.append({"start": match.start(), "end": match.end(), "box": extents})
        elif seen_inside and span.y > area[1] + area[3]:
            break
        if len(found) >= MAX_WORDS:
            break
    return found


def main() -> int:
    """Dump the desktop to standard output."""
    Atspi.init()
    Atspi.set_timeout(1500, 8000)
    dump = Dump()
    desktop = Atspi.get_desktop(0)
    for application in children(desktop):
        try:
            name = application.get_name() or ""
        except GLib.Error:
            continue
        dump.visit(application, -1, name)
    json.dump(dump.result(), sys.stdout, ensure_ascii=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
