"""The desktop this process runs on, read through mss into RAM. The one place that imports mss.

Every thread gets its own connection, opened at its first capture, closed when it ends, opened
anew after a fork, when DISPLAY changes and when monitors are plugged or moved.

What it does not know: on macOS a process without the Screen Recording permission is given a
picture of the wallpaper, not an error. On X11 the server keeps the last capture in a piece of
shared memory until the next one or until the thread ends; ``Screenshot.wipe`` does not reach it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import cv2
import mss
import numpy as np
from mss.exception import ScreenShotError

from qvl_agent.display import win32, x11
from qvl_agent.display.base import Monitor, Window
from qvl_agent.errors import CaptureError, NoDisplayError, WaylandError
from qvl_agent.geometry import LogicalBox, LogicalPoint, Viewport
from qvl_agent.screenshot import Pixels, Screenshot

_WINDOWS = sys.platform in ("win32", "cygwin")
_MACOS = sys.platform == "darwin"
_PROBE = 8  # logical units: enough to see how many pixels make one


class LocalDesktop:
    """The `ScreenSource` for this machine; safe to use from several threads at once."""

    def __init__(self) -> None:
        self._per_thread = threading.local()

    def monitors(self) -> Sequence[Monitor]:
        return self._current_session().monitors

    def windows(self) -> Sequence[Window]:
        return self._current_session().windows()

    def grab(self, region: LogicalBox) -> Screenshot:
        return self._session().grab(region)

    def _session(self) -> _Session:
        """This thread's connection, a new one if there is none that it may use."""
        session: _Session | None = getattr(self._per_thread, "session", None)
        if session is None or not session.is_ours():
            self._per_thread.session = None  # closes the old one before the new one opens
            session = self._per_thread.session = _Session()
        return session

    def _current_session(self) -> _Session:
        """The same, but a new one also if monitors changed or the server is gone."""
        session = self._session()
        if session.has_current_layout():
            return session
        self._per_thread.session = None
        return self._session()


DESKTOP = LocalDesktop()


def _connect(display: str) -> x11.Connection:
    """A connection to the X server that DISPLAY names, if it is one that shows its pixels."""
    wayland = os.environ.get("XDG_SESSION_TYPE") == "wayland" or "WAYLAND_DISPLAY" in os.environ
    if not display:
        raise _wayland() if wayland else _no_display("DISPLAY is not set: there is no screen")
    try:
        connection = x11.Connection(display)
    except ConnectionError as error:
        problem = _wayland() if wayland else _no_display(f"cannot open the display {display!r}")
        raise problem from error
    if connection.is_xwayland():  # it would answer, with black pictures
        connection.close()
        raise _wayland()
    return connection


def _wayland() -> WaylandError:
    return WaylandError(
        "this session runs on Wayland, which does not let programs read the screen",
        hint="log in to an X11 (Xorg) session, or give a picture instead of the screen",
    )


def _no_display(message: str) -> NoDisplayError:
    return NoDisplayError(
        message,
        hint="run inside a desktop session, or start a virtual screen: "
        "Xvfb :99 -screen 0 1280x800x24 & export DISPLAY=:99",
    )


@contextmanager
def _translated() -> Iterator[None]:
    """What mss raises, as errors of ours."""
    try:
        yield
    except (ScreenShotError, OSError) as error:
        reason = " ".join(str(error).split())
        raise CaptureError(
            f"the screen cannot be read: {reason}",
            hint="try again; on macOS allow Screen Recording in Privacy & Security",
        ) from error


class _Session:
    """One thread's connection to the desktop as it was when it opened."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._display = os.environ.get("DISPLAY", "")
        self._x11 = _connect(self._display) if not (_WINDOWS or _MACOS) else None
        self._metrics = win32.layout() if _WINDOWS else ()
        with _translated():
            self._mss = mss.MSS()
            weakref.finalize(self, _close, self._pid, self._mss, self._x11)
            self.monitors = self._read_monitors()

    def is_ours(self) -> bool:
        """False after a fork, and when DISPLAY names another server now."""
        return self._pid == os.getpid() and self._display == os.environ.get("DISPLAY", "")

    def has_current_layout(self) -> bool:
        """False when ``monitors`` may no longer hold."""
        if self._x11:
            return not self._x11.layout_changed()
        # macOS has no cheap way to tell, and connecting anew costs little there.
        return _WINDOWS and self._metrics == win32.layout()

    def windows(self) -> list[Window]:
        if self._x11:
            with _translated():
                return self._x11.windows()
        if _WINDOWS:
            return win32.windows()
        raise CaptureError(
            "windows cannot be listed on macOS yet",
            hint="capture a region or a whole screen instead",
        )

    def grab(self, region: LogicalBox) -> Screenshot:
        captured_at = time.time()
        pixels = self._read(region)
        scale_x, scale_y = pixels.shape[1] / region.width, pixels.shape[0] / region.height
        viewport = Viewport(LogicalPoint(region.left, region.top), scale_x, scale_y)
        return Screenshot(pixels, viewport=viewport, captured_at=captured_at)

    def _read(self, region: LogicalBox) -> Pixels:
        left, top, right, bottom = (int(edge) for edge in region)
        with _translated():
            shot = self._mss.grab(
                {"left": left, "top": top, "width": right - left, "height": bottom - top}
            )
        bgra = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
        return cast("Pixels", cv2.cvtColor(bgra, cv2.COLOR_BGRA2RGB))

    def _read_monitors(self) -> list[Monitor]:
        everything, *single = self._mss.monitors
        found = single or [everything]  # a server without RandR reports the whole screen only
        primary = next((i for i, each in enumerate(found) if each.get("is_primary")), 0)
        boxes = [
            LogicalBox(m["left"], m["top"], m["left"] + m["width"], m["top"] + m["height"])
            for m in found
        ]
        return [
            Monitor(
                number=index + 1,
                box=box,
                scale=self._scale(box),
                primary=index == primary,
                name=str(found[index].get("name") or found[index].get("output") or ""),
            )
            for index, box in enumerate(boxes)
        ]

    def _scale(self, box: LogicalBox) -> float:
        if not _MACOS:
            return 1.0
        corner = LogicalBox(box.left, box.top, box.left + _PROBE, box.top + _PROBE)
        return float(self._read(corner).shape[1]) / _PROBE


def _close(pid: int, capturer: mss.MSS, connection: x11.Connection | None) -> None:
    # A forked child shares the sockets: closing them there would cut the parent off.
    if pid == os.getpid():
        capturer.close()
        if connection:
            connection.close()
