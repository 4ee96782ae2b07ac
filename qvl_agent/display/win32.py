"""Windows: the window list through user32 and dwmapi.

Not tested: nobody has run this on Windows yet. mss itself declares the process aware of every
monitor's DPI, so sizes and places are physical pixels and one logical unit is one pixel.
"""

from __future__ import annotations

import ctypes
import sys

from qvl_agent.display.base import Window
from qvl_agent.errors import CaptureError
from qvl_agent.geometry import LogicalBox

_FRAME_BOUNDS = 9  # DWMWA_EXTENDED_FRAME_BOUNDS: the visible frame, without the drop shadow
_CLOAKED = 14  # DWMWA_CLOAKED: drawn nowhere, for example on another virtual desktop
_LAYOUT_METRICS = (76, 77, 78, 79, 80)  # the virtual screen's place and size, and its monitors


if sys.platform == "win32":
    from ctypes import wintypes

    def layout() -> tuple[int, ...]:
        """Changes when the virtual screen or the number of monitors does."""
        return tuple(ctypes.windll.user32.GetSystemMetrics(each) for each in _LAYOUT_METRICS)

    def windows() -> list[Window]:
        """Windows with a title, the topmost first."""
        found: list[Window] = []

        def visit(handle: int, _: int) -> bool:
            if title := _title(handle):
                found.append(Window(title=title, box=_box(handle), visible=_visible(handle)))
            return True  # go on to the next window

        callback = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.HWND, wintypes.LPARAM)(visit)
        ctypes.windll.user32.EnumWindows(callback, 0)
        return found

    def _title(handle: int) -> str:
        length = ctypes.windll.user32.GetWindowTextLengthW(handle)
        text = ctypes.create_unicode_buffer(length + 1)
        ctypes.windll.user32.GetWindowTextW(handle, text, length + 1)
        return text.value

    def _box(handle: int) -> LogicalBox:
        edges = wintypes.RECT()
        if not _attribute(handle, _FRAME_BOUNDS, edges):
            ctypes.windll.user32.GetWindowRect(handle, ctypes.byref(edges))
        return LogicalBox(edges.left, edges.top, edges.right, edges.bottom)

    def _visible(handle: int) -> bool:
        cloaked = wintypes.DWORD()
        _attribute(handle, _CLOAKED, cloaked)
        user32 = ctypes.windll.user32
        shown = user32.IsWindowVisible(handle) and not user32.IsIconic(handle)
        return bool(shown and not cloaked.value)

    def _attribute(handle: int, attribute: int, value: wintypes.RECT | wintypes.DWORD) -> bool:
        """Reads one attribute into ``value``; False where the window has none."""
        result = ctypes.windll.dwmapi.DwmGetWindowAttribute(
            handle, attribute, ctypes.byref(value), ctypes.sizeof(value)
        )
        return bool(result == 0)

else:

    def layout() -> tuple[int, ...]:
        """Changes when the virtual screen or the number of monitors does."""
        raise CaptureError("this is not Windows")

    def windows() -> list[Window]:
        """Windows with a title, the topmost first."""
        raise CaptureError("this is not Windows")
