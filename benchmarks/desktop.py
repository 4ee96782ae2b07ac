"""Ground truth from real desktop programs: start them under Xvfb, ask AT-SPI, take a picture.

Two halves that meet in files below ``OUT/raw``:

* *collect*: a private X server, session bus, accessibility bus and window manager per run; the
  program of ``programs.toml`` is started, steps are carried out (open a menu, press keys), and
  each screen is stored as a picture and a dump of the accessible tree;
* *label*: dumps become ScreenSpot-v2 style records.  A target is kept only when it is showing,
  inside every container that clips it, not covered by another window, and when OCR can read its
  name inside its box (or a person confirmed it in the ``[drawn]`` table of ``programs.toml``).

It does not know Wayland, Tk or Java programs, it cannot see text that a toolkit does not report,
and ``unique`` is only as good as what AT-SPI and OCR report together.

Needs Linux with Xvfb, xdotool, xwininfo, xsetroot, openbox/metacity/xfwm4, at-spi2-core and a
system Python with PyGObject; OpenCV, mss and rapidocr in the Python that runs this.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import difflib
import fnmatch
import functools
import itertools
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
import unicodedata
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

HERE = Path(__file__).resolve().parent
SYSTEM_PYTHON = "/usr/bin/python3"
LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
START_LIMIT = 30.0
Rect = tuple[float, float, float, float]  # x, y, width, height
Node = dict[str, Any]
Record = dict[str, Any]


# --------------------------------------------------------------------------- programs.toml


@dataclasses.dataclass(frozen=True, kw_only=True)
class Variant:
    """The surroundings of a run: screen, theme, language, window manager, scale."""

    name: str
    size: tuple[int, int] = (1280, 800)
    theme: str = "Adwaita"
    tone: str = "light"
    language: str = "en"
    manager: str = "openbox"
    scale: float = 1
    font: str = "Sans 10"
    backdrop: str = "#35506b"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """One program in one variant, with the screens to take: name -> steps."""

    program: str
    toolkit: str
    split: str
    variant: Variant
    command: tuple[str, ...]  # "{home}" stands for the home directory of the run
    screens: dict[str, str]
    also: tuple[tuple[str, ...], ...] = ()
    restless: int = 100

    @property
    def name(self) -> str:
        """The start of the names of this run's screens."""
        return f"{self.program}-{self.variant.name}"


def load_table() -> dict[str, Any]:
    """The content of ``programs.toml``."""
    return tomllib.loads((HERE / "programs.toml").read_text(encoding="utf-8"))


def load_runs(table: dict[str, Any]) -> list[Run]:
    """Every run of the table, in its order."""
    variants = {name: make_variant(name, row) for name, row in table["variant"].items()}
    return [
        Run(
            program=program["name"],
            toolkit=program["toolkit"],
            split=program["split"],
            variant=variants[run["variant"]],
            command=tuple(run.get("command", program.get("command", [program["name"]]))),
            screens=dict(run.get("screens", {"main": ""})),
            also=tuple(tuple(command) for command in run.get("also", [])),
            restless=program.get("restless", 100),
        )
        for program in table["program"]
        for run in program["run"]
    ]


def make_variant(name: str, row: dict[str, Any]) -> Variant:
    """A variant from its row."""
    values = dict(row)
    if "size" in values:
        values["size"] = tuple(values["size"])
    return Variant(name=name, **values)


# --------------------------------------------------------------------------- a private desktop


class Desktop:
    """An X server with buses and a window manager of its own; everything ends with it."""

    def __init__(self, variant: Variant) -> None:
        self.variant = variant
        self.top = Path(tempfile.mkdtemp(prefix="bench-"))
        self.home = self.top / "ada"
        self.token = uuid.uuid4().hex
        self.children: list[subprocess.Popen[bytes]] = []
        self.env = self._environment()

    def __enter__(self) -> Desktop:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        write_home(self.home, self.variant)
        self.env["DISPLAY"] = self._start_server()
        self.env["DBUS_SESSION_BUS_ADDRESS"] = self._start_bus()
        launcher = next(path for path in LAUNCHERS if Path(path).exists())
        self.spawn([launcher, "--launch-immediately"])
        manager = {
            "openbox": ["openbox"],
            "metacity": ["metacity", "--no-composite"],
            "xfwm4": ["xfwm4", "--compositor=off"],
        }[self.variant.manager]
        self.spawn(manager)
        self.call(["xsetroot", "-solid", self.variant.backdrop])
        width, height = self.variant.size
        self.call(["xdotool", "mousemove", str(width - 2), str(height - 2)])
        time.sleep(1.0)

    def _environment(self) -> dict[str, str]:
        """The variables of everything in this desktop."""
        variant = self.variant
        locale = "zh_CN.UTF-8" if variant.language == "zh" else "en_US.UTF-8"
        env = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "XDG_DATA_HOME": str(self.home / ".local/share"),
            "XDG_RUNTIME_DIR": str(self.home / ".run"),
            "LANG": locale,
            "LC_ALL": locale,
            "LANGUAGE": "zh_CN" if variant.language == "zh" else "en_US",
            "GTK_THEME": variant.theme,
            "GTK_MODULES": "gail:atk-bridge",
            "GSETTINGS_BACKEND": "memory",
            "QT_ACCESSIBILITY": "1",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "QVL_BENCH": self.token,
            "USER": "ada",
            "LOGNAME": "ada",
        }
        if variant.tone == "dark":
            env["QT_STYLE_OVERRIDE"] = "Adwaita-Dark"
        if variant.scale == 2:
            env.update(GDK_SCALE="2", QT_SCALE_FACTOR="2", XCURSOR_SIZE="48")
        elif variant.scale != 1:
            env.update(GDK_DPI_SCALE=str(variant.scale), QT_SCALE_FACTOR=str(variant.scale))
        return env

    def _start_server(self) -> str:
        """Start Xvfb on a free display and return its name."""
        reading, writing = os.pipe()
        width, height = self.variant.size
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24"]
        self.spawn([*command, "-dpi", "96", "-nolisten", "tcp", "-noreset"], pass_fds=(writing,))
        os.close(writing)
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        return f":{number}"

    def _start_bus(self) -> str:
        """Start a session bus and return its address."""
        command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
        bus = self.spawn(command, stdout=subprocess.PIPE)
        assert bus.stdout is not None
        return bus.stdout.readline().decode().strip()

    def spawn(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start something that lives as long as this desktop at most."""
        options.setdefault("stdout", subprocess.DEVNULL)
        child = subprocess.Popen(
            command,
            env=self.env,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **options,
        )
        self.children.append(child)
        return child

    def call(self, command: list[str], limit: float = 40.0) -> str:
        """Run a command on this desktop and return what it prints."""
        done = subprocess.run(
            command, env=self.env, capture_output=True, text=True, timeout=limit, check=False
        )
        return done.stdout

    def dump(self) -> dict[str, Any]:
        """The accessible tree right now."""
        out = self.call([SYSTEM_PYTHON, str(HERE / "atspi_dump.py")], limit=60)
        return json.loads(out) if out.startswith("{") else {"complete": False, "nodes": []}

    def windows(self) -> list[dict[str, Any]]:
        """Mapped windows below the root, topmost first, each with its descendants' boxes."""
        found: list[dict[str, Any]] = []
        line = re.compile(r"^(\s+)(0x[0-9a-f]+) .*?(\d+)x(\d+)\+-?\d+\+-?\d+\s+\+(-?\d+)\+(-?\d+)")
        depth = 0
        for text in self.call(["xwininfo", "-root", "-tree"]).splitlines():
            match = line.match(text)
            if not match:
                continue
            indent, ident = len(match[1]), match[2]
            width, height, x, y = (int(match[i]) for i in range(3, 7))
            depth = depth or indent
            if indent == depth:
                found.append({"id": ident, "box": [x, y, width, height], "inner": []})
            elif width > 40 and height > 20 and [x, y, width, height] not in found[-1]["inner"]:
                found[-1]["inner"].append([x, y, width, height])
        return [window for window in found if self._is_mapped(window)]

    def _is_mapped(self, window: dict[str, Any]) -> bool:
        if window["box"][2] <= 1 or window["box"][3] <= 1:
            return False
        stats = self.call(["xwininfo", "-id", window["id"], "-stats"])
        window["popup"] = "Override Redirect State: yes" in stats
        return "IsViewable" in stats and "InputOnly" not in stats

    def picture(self) -> np.ndarray:
        """The screen as BGR pixels."""
        import mss

        with mss.MSS(display=self.env["DISPLAY"]) as screen:
            shot = screen.grab(screen.monitors[0])
        return np.ascontiguousarray(np.asarray(shot)[:, :, :3])

    def still_picture(self, limit: float = 8.0) -> np.ndarray:
        """The screen once two looks in a row are alike (a blinking caret does not count)."""
        until = time.monotonic() + limit
        before = self.picture()
        while True:
            time.sleep(0.5)
            after = self.picture()
            changed = np.count_nonzero(np.any(before != after, axis=2))
            if changed < 100 or time.monotonic() > until:
                return after
            before = after

    def close(self) -> None:
        """End what was started here, and what that started."""
        for child in reversed(self.children):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
        for process in own_processes(self.token):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        for child in self.children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(5)
        shutil.rmtree(self.top, ignore_errors=True)


def own_processes(token: str) -> Iterator[int]:
    """Processes whose environment carries *token*: descendants that left their group."""
    mark = f"QVL_BENCH={token}".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    yield int(entry.name)


NOTES_EN = """Meeting notes, Tuesday

Ada will send the signed contract to the supplier before Friday.
Open questions: delivery date, payment terms, and the address of the warehouse.
Budget for the second quarter: 48,500 EUR
Call the printing office about the new labels.
"""
NOTES_ZH = """会议纪要

请在星期五之前把签好的合同寄给供应商。
待定事项：交货日期、付款方式和仓库地址。
第二季度预算：48,500 元
联系印刷厂确认新的标签样式。
"""


def write_home(home: Path, variant: Variant) -> None:
    """Fill an empty home directory: settings that keep pictures still, and some documents."""
    chinese = variant.language == "zh"
    for name in (".config/gtk-3.0", ".config/gtk-4.0", ".cache", ".local/share", ".run", "files"):
        (home / name).mkdir(parents=True)
    (home / ".run").chmod(0o700)
    settings = [
        "[Settings]",
        f"gtk-theme-name={variant.theme.split(':')[0]}",
        f"gtk-font-name={variant.font}",
        f"gtk-application-prefer-dark-theme={int(variant.tone == 'dark')}",
        "gtk-cursor-blink=false",
        "gtk-enable-animations=false",
        "gtk-icon-theme-name=Adwaita",
    ]
    for version in ("gtk-3.0", "gtk-4.0"):
        (home / ".config" / version / "settings.ini").write_text("\n".join(settings) + "\n")
    (home / "notes.txt").write_text(NOTES_ZH if chinese else NOTES_EN, encoding="utf-8")
    (home / "second.txt").write_text((NOTES_ZH if chinese else NOTES_EN)[:-20], encoding="utf-8")
    names = (
        ["合同.txt", "发票 2024.txt", "会议纪要.txt", "图片", "项目文档", "下载列表.csv"]
        if chinese
        else ["Contract.txt", "Invoice 2024.txt", "Minutes.txt", "Photos", "Projects", "orders.csv"]
    )
    for name in names:
        path = home / "files" / name
        path.write_text(NOTES_EN) if "." in name else path.mkdir()
    picture = np.full((360, 480, 3), (190, 160, 120), np.uint8)
    cv2.circle(picture, (300, 160), 90, (90, 200, 240), -1)
    cv2.imwrite(str(home / "files" / "sun.png"), picture)
    write_document(home / "files" / "letter.pdf")


def write_document(path: Path) -> None:
    """A one-page PDF with a heading and three lines."""
    lines = ["Delivery note 1042", "Two boxes of labels", "Weight: 14 kg", "Signed by Ada"]
    text = "BT /F1 18 Tf 72 740 Td " + " ".join(f"({t}) Tj 0 -30 Td" for t in lines) + " ET"
    font = "/Type /Font /Subtype /Type1 /BaseFont /Helvetica"
    fonts = f"/Resources << /Font << /F1 << {font} >> >> >>"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R {fonts} >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
    ]
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    start = body.index("xref\n")
    body += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    path.write_text(body)


# --------------------------------------------------------------------------- collect


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


# --------------------------------------------------------------------------- what can be seen

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


def contains(outer: Rect, inner: Rect, slack: float) -> bool:
    """Whether *inner* lies inside *outer*, give or take *slack*."""
    return (
        inner[0] >= outer[0] - slack
        and inner[1] >= outer[1] - slack
        and inner[0] + inner[2] <= outer[0] + outer[2] + slack
        and inner[1] + inner[3] <= outer[1] + outer[3] + slack
    )


def grid(box: Rect) -> Iterator[tuple[float, float]]:
    """Points spread over *box*, its corners included (2 pixels in)."""
    for i in range(5):
        for j in range(3):
            x = box[0] + 2 + (box[2] - 4) * i / 4
            yield x, box[1] + 2 + (box[3] - 4) * j / 2


def intersection(a: Rect, b: Rect) -> Rect:
    """The common part (width and height may be 0)."""
    left, top = max(a[0], b[0]), max(a[1], b[1])
    right, bottom = min(a[0] + a[2], b[0] + b[2]), min(a[1] + a[3], b[1] + b[3])
    return (left, top, max(0, right - left), max(0, bottom - top))


def overlap(a: Rect, b: Rect) -> float:
    """Intersection over union."""
    common = intersection(a, b)
    shared = common[2] * common[3]
    total = a[2] * a[3] + b[2] * b[3] - shared
    return shared / total if total > 0 else 0.0


def union(boxes: list[Rect]) -> Rect:
    """The smallest box around all."""
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, bottom = max(b[0] + b[2] for b in boxes), max(b[1] + b[3] for b in boxes)
    return (left, top, right - left, bottom - top)


# --------------------------------------------------------------------------- label: what to ask

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
CJK = re.compile(r"[\u4e00-\u9fff]")


class Reader:
    """OCR with a memory on disk; the page is read once, single boxes when the page is unclear.

    RapidOCR remembers the switches of its last call: every call here names all of them.
    """

    def __init__(self, screenshot: np.ndarray, memory: Path) -> None:
        self.screenshot = screenshot
        self.memory = memory
        known = json.loads(memory.read_text("utf-8")) if memory.exists() else {}
        self.crops: dict[str, list[tuple[str, Rect]]] = known.get("crops", {})
        page = known.get("page") or self._read(screenshot)
        self.page: list[tuple[str, Rect]] = [(text, as_rect(line)) for text, line in page]

    @staticmethod
    def _read(pixels: np.ndarray, longest: int | None = None) -> list[tuple[str, Rect]]:
        found = engine(longest)(pixels, use_det=True, use_cls=False, use_rec=True)
        if found.txts is None or getattr(found, "boxes", None) is None:
            return []
        corners = [np.asarray(quad) for quad in found.boxes]
        boxes = [as_rect([*quad.min(0), *(quad.max(0) - quad.min(0))]) for quad in corners]
        return list(zip(map(str, found.txts), boxes, strict=True))

    def crop(self, box: Rect, wanted: str = "") -> list[tuple[str, Rect]]:
        """Lines inside *box*, read from an enlarged copy of it alone.

        The cheap reading, of the box as one line, is enough when it says *wanted*.
        """
        name = ",".join(str(round(v)) for v in box)
        if name not in self.crops:
            self.crops[name] = self._read_crop(box, wanted)
        return [(text, as_rect(line)) for text, line in self.crops[name]]

    def _read_crop(self, box: Rect, wanted: str) -> list[tuple[str, Rect]]:
        pixels, left, top = cut(self.screenshot, box, 4)
        zoom = 2.0 if box[3] < 60 else 1.0
        edge = np.median(np.concatenate([pixels[0], pixels[-1]]), axis=0)
        large = cv2.resize(pixels, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
        whole = (float(left), float(top), float(pixels.shape[1]), float(pixels.shape[0]))
        if wanted and box[3] < 80:
            found = engine()(large, use_det=False, use_cls=False, use_rec=True)
            text = "".join(found.txts or ())
            if likeness(wanted, text) >= 0.75:
                return [(text, whole)]
        padded = cv2.copyMakeBorder(
            large, 30, 30, 30, 30, cv2.BORDER_CONSTANT, value=[float(v) for v in edge]
        )
        lines = [
            (text, (left + (x - 30) / zoom, top + (y - 30) / zoom, w / zoom, h / zoom))
            for text, (x, y, w, h) in self._read(padded, 1600)
        ]
        if lines:
            return lines
        found = engine()(large, use_det=False, use_cls=False, use_rec=True)
        return [(text, whole) for text in found.txts or () if text]

    def save(self) -> None:
        """Remember what was read."""
        document = {"page": self.page, "crops": self.crops}
        self.memory.write_text(json.dumps(document, ensure_ascii=False), "utf-8")


@functools.cache
def engine(longest: int | None = None) -> Any:
    """The OCR engine; *longest* is for small crops, which it would enlarge to 736 pixels."""
    import logging

    from rapidocr import RapidOCR

    settings: dict[str, Any] = {"EngineConfig.onnxruntime.intra_op_num_threads": 1}
    if longest:
        settings |= {"Det.limit_type": "max", "Det.limit_side_len": longest}
    made = RapidOCR(params=settings)
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return made


def cut(pixels: np.ndarray, box: Rect, margin: float = 0) -> tuple[np.ndarray, int, int]:
    """The pixels of *box* grown by *margin*, and where they start."""
    height, width = pixels.shape[:2]
    left, top = max(0, round(box[0] - margin)), max(0, round(box[1] - margin))
    right = min(width, round(box[0] + box[2] + margin))
    bottom = min(height, round(box[1] + box[3] + margin))
    return pixels[top:bottom, left:right], left, top


def plain(text: str) -> str:
    """Text as it is compared: no case, no width variants, no spaces or punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(c for c in folded if c.isalnum())
    return kept or "".join(folded.split())


def likeness(name: str, text: str) -> float:
    """How well *name* can be found in *text*: 1 when it is in there."""
    wanted, held = plain(name), plain(text)
    if not wanted or not held:
        return 0.0
    if wanted in held:
        return 1.0
    matcher = difflib.SequenceMatcher(None, wanted, held, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / len(wanted)


def reads_as(name: str, text: str) -> bool:
    """Whether *text*, as OCR read it, says *name* (a mnemonic may be missing)."""
    return max(likeness(name, text), likeness(spoken(name), text)) >= 0.75


def clean_name(text: str) -> str:
    """A name as drawn: one space between words, none around, no mnemonic marks."""
    return " ".join(text.replace("\u200b", "").replace("\ufffc", "").split())


def spoken(name: str) -> str:
    """The name as a person types it: without the mnemonic that Chinese menus append, 文件(F)."""
    return re.sub(r"\s*[(（][_&]?[A-Za-z0-9][)）](?=$|[\s:：.…]*$)", "", name) or name


def ink(pixels: np.ndarray, box: Rect) -> Rect | None:
    """Tight bounds of what differs from the most frequent colour inside *box*."""
    part, left, top = cut(pixels, box)
    if part.size == 0:
        return None
    codes = (part.astype(np.int32) // 4) @ np.array([1, 64, 4096])
    values, counts = np.unique(codes, return_counts=True)
    most = part[codes == values[counts.argmax()]].mean(axis=0)
    distance = np.abs(part - most).max(axis=2)
    threshold = max(10.0, 0.3 * float(distance.max()))
    rows, columns = np.nonzero(distance > threshold)
    if len(rows) < 3:
        return None
    width, height = columns.max() - columns.min() + 1, rows.max() - rows.min() + 1
    return (left + int(columns.min()), top + int(rows.min()), int(width), int(height))


def chunks(pixels: np.ndarray, box: Rect) -> list[Rect]:
    """The ink of *box* cut where a gap is wider than its line is high."""
    part, left, _ = cut(pixels, box)
    codes = (part.astype(np.int32) // 4) @ np.array([1, 64, 4096])
    values, counts = np.unique(codes, return_counts=True)
    most = part[codes == values[counts.argmax()]].mean(axis=0)
    columns = np.nonzero((np.abs(part - most).max(axis=2) > 10).any(axis=0))[0]
    if len(columns) == 0:
        return [box]
    cuts = np.nonzero(np.diff(columns) > max(8.0, 0.9 * box[3]))[0]
    starts = [columns[0], *(columns[i + 1] for i in cuts)]
    ends = [*(columns[i] for i in cuts), columns[-1]]
    rough = [
        (left + int(a), box[1], int(b - a + 1), box[3]) for a, b in zip(starts, ends, strict=True)
    ]
    return [ink(pixels, piece) or piece for piece in rough]


def has_border(pixels: np.ndarray, box: Rect) -> bool:
    """Whether at least three sides of *box* are visible edges (a line or the end of a fill)."""
    part, left, top = cut(pixels.astype(np.int16), box, 4)
    x, y = round(box[0]) - left, round(box[1]) - top
    right, bottom = x + round(box[2]), y + round(box[3])
    across = np.abs(np.diff(part, axis=1)).max(axis=2)
    down = np.abs(np.diff(part, axis=0)).max(axis=2)
    inset_y, inset_x = max(5, round(box[3] / 4)), max(5, round(box[2] / 5))

    def side(lines: np.ndarray, at: int) -> bool:
        near = lines[:, max(0, at - 4) : at + 4]
        return near.size > 0 and float(np.median(near, axis=0).max()) >= 5

    rows = across[y + inset_y : bottom - inset_y]
    columns = down[:, x + inset_x : right - inset_x].T
    if rows.size == 0 or columns.size == 0:
        return False
    return sum((side(rows, x), side(rows, right), side(columns, y), side(columns, bottom))) >= 3


# --------------------------------------------------------------------------- label: records


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
        self.random = random.Random(self.screen)  # noqa: S311  (sampling, no secret)
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


def same_place(a: Rect, b: Rect) -> bool:
    """Whether two boxes are about the same thing: one lies mostly inside the other."""
    common = intersection(a, b)
    smaller = min(a[2] * a[3], b[2] * b[3])
    return smaller > 0 and common[2] * common[3] >= 0.6 * smaller


def as_rect(values: Sequence[float]) -> Rect:
    """Four numbers as a box."""
    x, y, width, height = (float(value) for value in values)
    return (x, y, width, height)


def as_list(box: Rect) -> list[int]:
    """A box as it is written."""
    return [round(value) for value in box]


def add_absent(screens: list[dict[str, Any]], records: list[Record]) -> None:
    """Two queries per screen that name nothing on it, taken from other screens of its split."""
    for screen in screens:
        chooser = random.Random(f"absent {screen['screen']}")  # noqa: S311  (sampling)
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


COLOURS = {
    "widget": (0, 140, 0),
    "plain": (220, 60, 0),
    "field": (200, 0, 200),
    "part": (0, 0, 230),
    "icon": (0, 150, 220),
}


def read_picture(path: Path) -> np.ndarray:
    """The picture's BGR pixels."""
    pixels = cv2.imread(str(path))
    if pixels is None:
        raise FileNotFoundError(path)
    return pixels


def draw_overlay(out: Path, screen: str, records: list[Record], suffix: str = "") -> None:
    """The picture with every target on it, for the eye."""
    pixels = read_picture(out / "images" / f"{screen}.png")
    for record in records:
        colour = COLOURS.get(record["kind"], (0, 0, 0))
        x, y, width, height = record["bbox"]
        cv2.rectangle(pixels, (x, y), (x + width - 1, y + height - 1), colour, 1)
        if "text_bbox" in record:
            x, y, width, height = record["text_bbox"]
            cv2.rectangle(pixels, (x, y), (x + width - 1, y + height - 1), (0, 200, 255), 1)
        if "label_bbox" in record:
            lx, ly, lw, lh = record["label_bbox"]
            start, end = (lx + lw // 2, ly + lh // 2), (x + width // 2, y + height // 2)
            cv2.line(pixels, start, end, colour, 1)
    cv2.imwrite(str(out / "overlays" / f"{screen}{suffix}.png"), pixels)


def label(out: Path, table: dict[str, Any], overlays: bool) -> None:
    """Write every JSON document from what is stored below ``raw``."""
    splits = {program["name"]: program["split"] for program in table["program"]}
    wanted = {f"{run.name}-{name}" for run in load_runs(table) for name in run.screens}
    lists: dict[str, list[Record]] = {"desktop": [], "desktop_icons": [], "doubtful": []}
    screens = []
    dumps = [path for path in sorted((out / "raw").glob("*.json")) if path.stem in wanted]
    words = chinese_words(dumps)
    for stored in dumps:
        program = json.loads(stored.read_text("utf-8"))["program"]
        drawn = table.get("drawn", {})
        labeller = Labeller(out, stored, split=splits[program], drawn=drawn, words=words)
        labeller.work()
        lists["desktop"] += labeller.records
        lists["desktop_icons"] += labeller.icons
        lists["doubtful"] += labeller.doubtful
        screens.append(labeller.summary())
        if overlays:
            draw_overlay(out, labeller.screen, labeller.records + labeller.icons)
    add_absent(screens, lists["desktop"])
    for name, records in lists.items():
        write(out / f"{name}.json", records)
    write(out / "desktop_screens.json", screens)
    report(lists["desktop"], len(screens), len(lists["desktop_icons"]), len(lists["doubtful"]))


def chinese_words(dumps: list[Path]) -> frozenset[str]:
    """Short Chinese names anywhere in the dumps: good enough as a list of words."""
    nodes = (node for path in dumps for node in json.loads(path.read_text("utf-8"))["nodes"])
    names = {spoken(clean_name(node["name"])).rstrip(":：….") for node in nodes}
    return frozenset(name for name in names if re.fullmatch(r"[\u4e00-\u9fff]{2,4}", name))


def write(path: Path, content: Any) -> None:
    """Replace a JSON file in one move: others may be reading it."""
    fresh = path.with_suffix(".part")
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    fresh.replace(path)


def report(records: list[Record], screens: int, icons: int, doubtful: int) -> None:
    """The counts, for people."""
    print(f"{screens} screens, {len(records)} targets, {icons} icons, {doubtful} doubtful")
    for key in ("split", "kind", "element_type", "language", "theme", "scale", "program"):
        counts = Counter(str(record[key]) for record in records)
        print(f"  {key}: " + ", ".join(f"{name} {n}" for name, n in sorted(counts.items())))


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desktop", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--out", type=Path, default=HERE / "data", help="where to write")
    parser.add_argument("--programs", help="only these, separated by commas; globs match runs")
    parser.add_argument("--list", action="store_true", help="print the runs and stop")
    parser.add_argument("--reuse", action="store_true", help="label what is stored, start nothing")
    parser.add_argument("--overlays", action="store_true", help="draw the targets for the eye")
    options = parser.parse_args(arguments)
    table = load_table()
    runs = load_runs(table)
    if options.programs:
        patterns = options.programs.split(",")
        runs = [
            run
            for run in runs
            if any(run.program == p or fnmatch.fnmatch(run.name, p) for p in patterns)
        ]
    if options.list:
        for run in runs:
            print(f"{run.name:32} {run.toolkit:5} {run.split:5} {', '.join(run.screens)}")
        return 0
    for folder in ("images", "raw", "overlays"):
        (options.out / folder).mkdir(parents=True, exist_ok=True)
    problems = [] if options.reuse else collect_all(runs, options.out)
    label(options.out, table, options.overlays)
    for problem in problems:
        print(f"failed: {problem}", file=sys.stderr)
    return 1 if problems else 0


def collect_all(runs: list[Run], out: Path) -> list[str]:
    """Every run; a run that fails is reported and the next one starts."""
    problems = []
    for run in runs:
        started = time.monotonic()
        try:
            failed = collect(run, out)
        except Exception as problem:  # noqa: BLE001  (a program that does not start is a finding)
            failed = [f"{run.name}: {type(problem).__name__}: {problem}"]
        problems += failed
        took = time.monotonic() - started
        print(f"{run.name}: {took:.0f} s" + "".join(f"\n  {p}" for p in failed), file=sys.stderr)
    return problems


if __name__ == "__main__":
    sys.exit(main())
