"""A desktop of its own for one run: X server, session bus, accessibility bus, window manager.

Everything that was started here ends with it. It does not know Wayland.

Needs Linux with Xvfb, xdotool, xwininfo, xsetroot, openbox/metacity/xfwm4, at-spi2-core and a
system Python with PyGObject; mss in the Python that runs this.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.home_directory import write_home
from benchmarks.programs import Variant

HERE = Path(__file__).resolve().parent
SYSTEM_PYTHON = "/usr/bin/python3"
LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")


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
