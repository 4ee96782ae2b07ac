"""Stored screens become ScreenSpot-v2 style records: names, fields, parts of lines, absent names.

It cannot see text that a toolkit does not report, and ``unique`` is only as good as what AT-SPI
and OCR report together.
"""

from __future__ import annotations

import difflib
import fnmatch
import itertools
import json
import random
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.boxes import Rect, as_list, contains, intersection, overlap, same_place, union
from benchmarks.drawn import chunks, has_border, ink, read_picture
from benchmarks.legible import CJK, Reader, clean_name, likeness, plain, reads_as, spoken
from benchmarks.visible import Node, View

Record = dict[str, Any]
TYPES = {
    "push button": "button",
    "button": "button",
    "toggle button": "button",
    "check box": "checkbox",
    "radio button": "radio",
    "combo box": "combo_box",
    "link": "link",
    "menu": "menu",
    "menu item": "menu_item",
    "check menu item": "menu_item",
    "radio menu item": "menu_item",
    "page tab": "tab",
    "table cell": "list_item",
    "tree item": "list_item",
    "list item": "list_item",
    "icon": "list_item",
    "table column header": "button",
    "column header": "button",
    "label": "text",
    "static": "text",
    "heading": "text",
    "status bar": "text",
}
BORDERED = {"push button", "button", "toggle button", "combo box", "page tab"}
FIELDS = {
    "text": "text_input",
    "entry": "text_input",
    "password text": "password_input",
    "spin button": "text_input",
    "combo box": "combo_box",
}
CHECKABLE = {"check box", "radio button", "toggle button", "check menu item", "radio menu item"}
LIMITS = {"list_item": 10, "menu_item": 14, "text": 12}
PER_SCREEN = 36
PARTS_PER_SCREEN = 6


class Labeller:
    """Turns one stored screen into records; nothing here is random but the seeded sampling."""

    def __init__(
        self,
        out: Path,
        stored: Path,
        *,
        split: str,
        drawn: dict[str, list[str]],
        words: frozenset[str],
    ) -> None:
        self.words = words
        self.dump = json.loads(stored.read_text("utf-8"))
        self.screen: str = self.dump["screen"]
        self.variant = self.dump["variant"]
        self.split = split
        self.view = View(self.dump)
        self.pixels = read_picture(out / "images" / f"{self.screen}.png")
        self.reader = Reader(self.pixels, stored.with_suffix(".ocr"))
        self.drawn = {
            name
            for pattern, names in drawn.items()
            if fnmatch.fnmatch(self.screen, pattern)
            for name in names
        }
        self.random = random.Random(self.screen)
        self.records: list[Record] = []
        self.icons: list[Record] = []
        self.doubtful: list[Record] = []
        self.names = self._visible_names()

    def work(self) -> None:
        """Fill the three lists."""
        labels = self._field_labels()
        used = {label["id"] for label, _ in labels.values() if label}
        used |= {position for position in labels if self._is_bare_box(self.view.nodes[position])}
        for node in self.view.nodes:
            if node["role"] not in TYPES or node["id"] in used or not self.view.seen(node):
                continue
            if node["role"] != "icon" or self.view.parent_role(node) == "layered pane":
                self._named(node)
        for position, (label, source) in labels.items():
            self._field(self.view.nodes[position], label, source)
        self.records = self._sample(self.records)
        self.records += self._parts()
        self.reader.save()

    # names ------------------------------------------------------------------

    def _name(self, node: Node) -> str:
        shown = node["name"] or (node.get("text", "") if TYPES.get(node["role"]) == "text" else "")
        return clean_name(shown)

    def _visible_names(self) -> list[tuple[str, Rect, int]]:
        """Everything with a name that can be seen at least in its middle, the same thing once."""
        found: list[tuple[str, Rect, int]] = []
        for node in self.view.nodes:
            name = self._name(node)
            if not name or node["role"] not in TYPES or not self.view.is_showing(node):
                continue
            box = self.view.box(node)
            middle = (box[0] + box[2] / 2 - 3, box[1] + box[3] / 2 - 3, 6, 6)
            if not (self.view.unclipped(node, middle) and self.view.uncovered(node, middle)):
                continue
            if not any(n == name and same_place(b, box) for n, b, _ in found):
                found.append((name, box, node["id"]))
        return found

    def _others(self, name: str, box: Rect) -> list[Rect]:
        """Boxes of other visible things with the same name, as AT-SPI and OCR report them."""
        wanted = plain(spoken(name))
        held = [b for n, b, _ in self.names if plain(spoken(n)) == wanted]
        held += [b for text, b in self.reader.page if plain(spoken(text)) == wanted]
        others: list[Rect] = []
        for candidate in held:
            if not any(same_place(candidate, known) for known in (box, *others)):
                others.append(candidate)
        return others

    def _named(self, node: Node) -> None:
        """A record for an object that shows its own name."""
        name = self._name(node)
        if not name or len(name) > 60 or self._wraps(node):
            return
        if self._repeats_ancestor(node, name):
            return
        box = self.view.box(node)
        text_box = self._text_box(node, name, box)
        if text_box is None and len(plain(name)) > 1 and self._looks_like_icon(node, box):
            self.icons.append(self._record(node, name, box, "icon", "icon"))
            return
        kind = "widget" if self._is_widget(node, box) else "plain"
        record = self._record(node, name, box, kind, "text")
        if text_box is None:
            self.doubtful.append(record)
            return
        record["text_bbox"] = as_list(text_box)
        self._tighten(node, record, text_box)
        self.records.append(record)

    @staticmethod
    def _wraps(node: Node) -> bool:
        """Whether the name stands on more than one line."""
        tops = [word["box"][1] for word in node.get("words", [])]
        jumps = bool(tops) and max(tops) - min(tops) > 8
        return "\n" in node["name"].strip() or (TYPES[node["role"]] == "text" and jumps)

    def _is_widget(self, node: Node, box: Rect) -> bool:
        """Whether the box is drawn; GTK reports for a tab the box of its label."""
        if node["role"] == "page tab" and self.dump["toolkit"].startswith("gtk"):
            return False
        return node["role"] in BORDERED and has_border(self.pixels, box)

    def _repeats_ancestor(self, node: Node, name: str) -> bool:
        """A label inside a button (or a cell in a row) that says the same."""
        return any(
            self._name(up) == name
            and up["role"] in TYPES
            and same_place(self.view.box(up), self.view.box(node))
            for up in self.view.ancestors(node)
        )

    def _looks_like_icon(self, node: Node, box: Rect) -> bool:
        """A small, nearly square button with something drawn on it that is not its name."""
        if node["role"] not in {*BORDERED, "check box"} - {"page tab", "combo box"}:
            return False
        inner = (box[0] + 4, box[1] + 4, box[2] - 8, box[3] - 8)
        silent = len(plain("".join(text for text, _ in self.reader.crop(box)))) < 2
        square = max(box[2:]) <= (2.2 if silent else 1.4) * min(box[2:])
        small = 20 <= max(box[2:]) / self.variant["scale"] <= 80
        return square and small and ink(self.pixels, inner) is not None

    def _text_box(self, node: Node, name: str, box: Rect) -> Rect | None:
        """Ink of the name inside *box*, or None when the name cannot be read there."""
        near = (box[0] - 4, box[1] - 4, box[2] + 8, box[3] + 8)
        lines = [
            (text, line)
            for text, line in self.reader.page
            if plain(text) == plain(name) and contains(near, line, 0)
        ]
        if not lines:
            lines = [(t, b) for t, b in self.reader.crop(box, name) if reads_as(name, t)]
        read = "".join(text for text, _ in self.reader.crop(box)) if not lines else ""
        eye = name in self.drawn
        if not (lines or eye or reads_as(name, read)):
            return None
        words = [self.view.pixels(word["box"]) for word in node.get("words", [])]
        if words and TYPES[node["role"]] == "text":
            region = union(words)
        elif lines:
            best = max(lines, key=lambda line: likeness(line[0], name))
            x, y, width, height = best[1]
            region = (x - 2, y - 2, width + 4, height + 4)
        else:
            region = (box[0] + 3, box[1] + 3, box[2] - 6, box[3] - 6)
        if node["role"] in BORDERED | {"table column header", "column header"}:
            box = (box[0] + 4, box[1] + 4, box[2] - 8, box[3] - 8)
        region = intersection(region, box)
        return self._narrowed(name, ink(self.pixels, region) or region)

    def _narrowed(self, name: str, box: Rect) -> Rect:
        """The piece between wide gaps that reads most like *name*: no accelerator, no arrow."""
        pieces = chunks(self.pixels, box)
        if len(pieces) < 2:
            return box
        scored = []
        for piece in pieces:
            read = plain("".join(text for text, _ in self.reader.crop(piece, name)))
            ratio = difflib.SequenceMatcher(None, plain(name), read, autojunk=False).ratio()
            scored.append((ratio, piece))
        best = max(scored, key=lambda pair: pair[0])
        return best[1] if best[0] > 0.85 else box

    def _tighten(self, node: Node, record: Record, text_box: Rect) -> None:
        """Where the allocation is much larger than what is drawn, keep what is drawn."""
        box = self.view.box(node)
        kind = record["element_type"]
        if kind == "text":
            drawn = text_box
        elif kind in {"checkbox", "radio"}:
            drawn = ink(self.pixels, box) or text_box
        else:
            return
        if box[2] * box[3] > 1.5 * drawn[2] * drawn[3]:
            record["bbox"], record["alloc_bbox"] = as_list(drawn), as_list(box)

    def _record(self, node: Node, name: str, box: Rect, kind: str, data_type: str) -> Record:
        """The fields that every record has."""
        states = node["states"]
        checked = None
        if node["role"] in CHECKABLE:
            checked = "checked" in states or "pressed" in states
        others = self._others(name, box)
        record: Record = {
            "img_filename": f"{self.screen}.png",
            "bbox": as_list(box),
            "instruction": spoken(name),
            "drawn": name,
            "data_type": data_type,
            "data_source": self.dump["toolkit"],
            "program": self.dump["program"],
            "split": self.split,
            "screen": self.screen,
            "kind": kind,
            "element_type": TYPES.get(node["role"], "other"),
            "enabled": "sensitive" in states or "enabled" in states,
            "checked": checked,
            "language": "zh" if CJK.search(name) else "en",
            "theme": self.variant["tone"],
            "theme_name": self.variant["theme"],
            "scale": self.variant["scale"],
            "role": node["role"],
            "truth_source": "atspi",
            "unique": not others,
        }
        if others:
            record["alternatives"] = [as_list(other) for other in others]
        return record

    # fields -----------------------------------------------------------------

    def _field_labels(self) -> dict[int, tuple[Node | None, str]]:
        """Fields that can be seen -> the label a person would name them by."""
        found: dict[int, tuple[Node | None, str]] = {}
        for node in self.view.nodes:
            if not self._is_field(node):
                continue
            label = self._related_label(node)
            if label:
                found[node["id"]] = (label, "relation")
            else:
                label = self._neighbour_label(node)
                if label:
                    found[node["id"]] = (label, "visual")
        return found

    def _is_bare_box(self, node: Node) -> bool:
        """A check box without a text of its own."""
        small = max(self.view.box(node)[2:]) <= 24 * self.variant["scale"]
        return bool(node["role"] == "check box" and small)

    def _is_field(self, node: Node) -> bool:
        if self._is_bare_box(node):
            return self.view.seen(node) and bool(self._name(node))
        if node["role"] not in FIELDS or not self.view.seen(node):
            return False
        box = self.view.box(node)
        tall = box[3] > 60 * self.variant["scale"]
        inner = self.view.inside(node, {"combo box", "spin button", "table", "tree table"})
        return not tall and inner is None and box[2] > 30

    def _related_label(self, node: Node) -> Node | None:
        """The label that AT-SPI relates to the field, if it can be seen and stands by it."""
        named = node["relations"].get("labelled_by", [])
        for label in self.view.nodes:
            related = label["id"] in named or node["id"] in label["relations"].get("label_for", [])
            if related and self._stands_by(label, node):
                return label
        return None

    def _stands_by(self, label: Node, node: Node) -> bool:
        """Whether a person would see the label and the field as a pair.

        Toolkits also relate headings to the first field below them, and the text of a check box
        to the number behind it: such a text names something else on the screen.
        """
        name = self._name(label)
        if not name or not self.view.seen(label):
            return False
        drawn, unit = self._label_ink(label), self.variant["scale"]
        limit = 600 * unit if name.endswith((":", "：")) else 100 * unit
        near = self._label_gap(drawn, self.view.box(node), unit, limit)
        return near is not None and not self._has_check_box(drawn)

    def _has_check_box(self, drawn: Rect) -> bool:
        """Whether a check box stands right before the text *drawn*."""
        before = (drawn[0] - 12 * self.variant["scale"], drawn[1], 4, drawn[3])
        return any(
            other["role"] in {"check box", "radio button"}
            and self.view.is_showing(other)
            and same_place(self.view.box(other), before)
            for other in self.view.nodes
        )

    def _neighbour_label(self, node: Node) -> Node | None:
        """The label to the left on the same row, else directly above and aligned."""
        box, unit = self.view.box(node), self.variant["scale"]
        best: tuple[float, Node] | None = None
        for label in self.view.nodes:
            if label["role"] != "label" or not self._name(label) or not self.view.seen(label):
                continue
            if label["relations"].get("label_for") or self.view.inside(
                label, BORDERED - {"page tab"}
            ):
                continue
            if self._name(label).startswith(("(", "（")) or not self._name(label)[0].isalpha():
                continue
            limit = 160 * unit if self._name(label).endswith((":", "：")) else 60 * unit
            near = self._label_gap(self._label_ink(label), box, unit, limit)
            if near is not None and (best is None or near < best[0]):
                best = (near, label)
        return best[1] if best else None

    def _label_ink(self, label: Node) -> Rect:
        words = [self.view.pixels(word["box"]) for word in label.get("words", [])]
        box = self.view.box(label)
        return union(words) if words else ink(self.pixels, box) or box

    @staticmethod
    def _label_gap(label: Rect, box: Rect, unit: float, limit: float) -> float | None:
        """How far a label is from the field it may belong to; None when it cannot."""
        middle = label[1] + label[3] / 2
        if box[1] <= middle <= box[1] + box[3]:
            gap = box[0] - (label[0] + label[2])
            return gap if -1 <= gap <= limit else None
        gap = box[1] - (label[1] + label[3])
        if -1 <= gap <= 14 * unit and abs(label[0] - box[0]) <= 12 * unit:
            return gap + 200 * unit
        return None

    def _field(self, node: Node, label: Node | None, source: str) -> None:
        """A record for a field that is found by its label."""
        if label is None:
            return
        name = self._name(label)
        if not name or len(name) > 50:
            return
        said = spoken(name)
        bare = said.rstrip(":： ").rstrip()
        record = self._record(node, name, self.view.box(node), "field", "text")
        record["instruction"] = said if self.random.random() < 0.5 else bare
        record["element_type"] = FIELDS.get(node["role"]) or TYPES[node["role"]]
        record["label_source"] = source
        label_box = self._label_ink(label)
        record["label_bbox"] = as_list(label_box)
        others = [b for b in self._others(name, label_box) if not same_place(b, label_box)]
        own = (self.view.box(label), self.view.box(node))
        others = [b for b in others if not any(same_place(b, place) for place in own)]
        record["unique"] = not others
        record.pop("alternatives", None)
        if others:
            record["alternatives"] = [as_list(other) for other in others]
        if node["role"] not in {"combo box", "check box"}:
            value = clean_name(node.get("text", ""))
            record["value"] = value
        readable = self._text_box(label, name, self.view.box(label))
        (self.records if readable else self.doubtful).append(record)

    # parts ------------------------------------------------------------------

    @property
    def _wordy_roles(self) -> set[str]:
        """Roles whose words have true extents; in Qt's editors they are some pixels too high."""
        editors = set() if self.dump["toolkit"].startswith("qt") else {"text"}
        return {"label", "static", "paragraph"} | editors

    def _parts(self) -> list[Record]:
        """Words and phrases inside longer lines, those that occur once on the screen."""
        found = []
        for node in self.view.nodes:
            wordy = node["role"] in self._wordy_roles and node.get("words")
            if wordy and self.view.is_showing(node):
                found += self._phrases(node)
        self.random.shuffle(found)
        chosen: list[Record] = []
        for node, phrase, box in found:
            if len(chosen) == PARTS_PER_SCREEN:
                break
            if any(overlap(box, tuple(r["bbox"])) > 0 for r in chosen):
                continue
            record = self._part(node, phrase, box)
            if record:
                chosen.append(record)
        return chosen

    def _phrases(self, node: Node) -> list[tuple[Node, str, Rect]]:
        """Candidates in one object: runs of whole words on one visual line."""
        content, found = node["text"], []
        lines: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for word in node["words"]:
            lines[word["box"][1]].append(word)
        for line in lines.values():
            texts = [content[w["start"] : w["end"]] for w in line]
            for start, length in self._runs(texts):
                run = line[start : start + length]
                phrase = content[run[0]["start"] : run[-1]["end"]]
                box = union([self.view.pixels(w["box"]) for w in run])
                found.append((node, phrase, box))
        return found

    def _runs(self, texts: list[str]) -> list[tuple[int, int]]:
        """(start, length) of phrases that are only part of the line *texts*."""
        whole = plain(spoken("".join(texts).rstrip(":：")))
        return [
            (position, length)
            for position in range(len(texts))
            for length in self._run_lengths(texts, position)
            if plain("".join(texts[position : position + length])) != whole
        ]

    def _run_lengths(self, texts: list[str], position: int) -> list[int]:
        """How many words make a phrase from *position* on; Chinese ones are known names."""
        if CJK.match(texts[position]):
            ahead = "".join(itertools.takewhile(CJK.match, texts[position : position + 5]))
            known = [n for n in range(2, len(ahead) + 1) if ahead[:n] in self.words]
            return known[-1:]
        if len(texts) < 3 or len(texts[position]) < 3 or not texts[position].isalnum():
            return []
        follows = texts[position + 1 : position + 2]
        two = follows and follows[0].isalnum() and not CJK.match(follows[0]) and len(texts) > 3
        return [1, 2] if two else [1]

    def _part(self, node: Node, phrase: str, box: Rect) -> Record | None:
        """A record for *phrase*, when it is visible, readable and found only once."""
        if not (self.view.unclipped(node, box) and self.view.uncovered(node, box)):
            return None
        if not contains(self.view.box(node), box, 2):
            return None
        pattern = re.escape(phrase) if CJK.search(phrase) else rf"\b{re.escape(phrase)}\b"
        held = [name for name, _, _ in self.names]
        held += [n.get("text", "") for n in self.view.nodes if n["role"] in {"text", "paragraph"}]
        read = " \n ".join(text for text, _ in self.reader.page)
        if sum(len(re.findall(pattern, text, re.IGNORECASE)) for text in held) != 1:
            return None
        if plain(read).count(plain(phrase)) != 1:
            return None
        lines = self.reader.crop(box, phrase)
        if likeness(phrase, "".join(text for text, _ in lines)) < 0.75:
            return None
        record = self._record(node, phrase, box, "part", "text")
        record["element_type"] = "text"
        tight = ink(self.pixels, box)
        if tight:
            record["text_bbox"] = as_list(tight)
        record["unique"] = True
        record.pop("alternatives", None)
        return record

    # the screen -------------------------------------------------------------

    def _sample(self, records: list[Record]) -> list[Record]:
        """At most ``PER_SCREEN``: fields first, then each element type in turn."""
        fields = [r for r in records if r["kind"] == "field"]
        groups: dict[str, list[Record]] = defaultdict(list)
        singles = 0
        rest = [r for r in records if r["kind"] != "field"]
        self.random.shuffle(rest)
        for record in rest:
            if len(record["instruction"]) < 2:
                singles += 1
                if singles > 8:
                    continue
            group = groups[record["element_type"]]
            if len(group) < LIMITS.get(record["element_type"], PER_SCREEN):
                group.append(record)
        chosen = fields[:PER_SCREEN]
        while len(chosen) < PER_SCREEN and any(groups.values()):
            for name in sorted(groups):
                if groups[name] and len(chosen) < PER_SCREEN:
                    chosen.append(groups[name].pop())
        return chosen

    def summary(self) -> dict[str, Any]:
        """What ``desktop_screens.json`` says about this screen."""
        strings = {name for name, _, _ in self.names} | {text for text, _ in self.reader.page}
        strings |= {clean_name(n.get("text", "")) for n in self.view.nodes if "words" in n}
        return {
            "screen": self.screen,
            "img_filename": f"{self.screen}.png",
            "program": self.dump["program"],
            "split": self.split,
            "language": self.variant["language"],
            "theme": self.variant["tone"],
            "theme_name": self.variant["theme"],
            "scale": self.variant["scale"],
            "data_source": self.dump["toolkit"],
            "strings": sorted(filter(None, strings)),
        }


def chinese_words(dumps: list[Path]) -> frozenset[str]:
    """Short Chinese names anywhere in the dumps: good enough as a list of words."""
    nodes = (node for path in dumps for node in json.loads(path.read_text("utf-8"))["nodes"])
    names = {spoken(clean_name(node["name"])).rstrip(":：….") for node in nodes}
    return frozenset(name for name in names if re.fullmatch(r"[\u4e00-\u9fff]{2,4}", name))


def add_absent(screens: list[dict[str, Any]], records: list[Record]) -> None:
    """Two queries per screen that name nothing on it, taken from other screens of its split."""
    for screen in screens:
        chooser = random.Random(f"absent {screen['screen']}")
        pool = sorted(
            {
                r["instruction"]
                for r in records
                if r["split"] == screen["split"]
                and r["program"] != screen["program"]
                and r["language"] == screen["language"]
                and r["kind"] != "part"
                and len(plain(r["instruction"])) >= (2 if r["language"] == "zh" else 4)
            }
        )
        chooser.shuffle(pool)
        far = (name for name in pool if is_absent(name, screen["strings"]))
        screen["absent"] = [
            {
                **{k: screen[k] for k in ("img_filename", "program", "split", "screen", "scale")},
                "bbox": None,
                "instruction": name,
                "data_type": "text",
                "data_source": screen["data_source"],
                "kind": "absent",
                "language": screen["language"],
                "theme": screen["theme"],
            }
            for _, name in zip(range(2), far, strict=False)
        ]


def is_absent(name: str, strings: list[str]) -> bool:
    """Whether nothing on the screen is similar to *name*, neither as a whole nor word by word."""
    wanted = plain(name)
    for text in strings:
        held = plain(text)
        if not held:
            continue
        if wanted in held or (len(held) > 2 and held in wanted):
            return False
        for piece in {held, *(plain(word) for word in text.split())}:
            if difflib.SequenceMatcher(None, wanted, piece).ratio() > 0.6:
                return False
    return True
