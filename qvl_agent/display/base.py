"""What a source of screens is: monitors, windows, and the pixels of a region.

Everything here is in the desktop's logical coordinates, the ones pointers use. How many pixels
make one logical unit depends on the platform:

* X11: one, always. A desktop "scaled by 200 %" draws larger in the same coordinates.
* Windows: one, because this process declares itself aware of every monitor's DPI.
* macOS: two on a Retina display, one elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from qvl_agent.geometry import LogicalBox
from qvl_agent.screenshot import Screenshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """One monitor.

    Attributes:
        number: 1 for the first; what ``capture(screen=…)`` takes.
        box: its place on the desktop, in logical coordinates; left and top may be negative.
        scale: pixels per logical unit.
        primary: True for the main one; where the platform names none, the first.
        name: what the platform calls it; "" if nothing.
    """

    number: int
    box: LogicalBox
    scale: float = 1.0
    primary: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One window of a program.

    Attributes:
        title: as the title bar shows it.
        box: its place on the desktop, frame included and shadow not, in logical coordinates;
            parts of it may lie off the desktop.
        visible: False when minimised, hidden or on another virtual desktop. A visible window
            may still be covered by another.
    """

    title: str
    box: LogicalBox
    visible: bool = True


@runtime_checkable
class ScreenSource(Protocol):
    """Where screenshots come from; `qvl_agent.testing.FakeScreen` is one without a screen."""

    def monitors(self) -> Sequence[Monitor]:
        """Every monitor, number 1 first; never empty.

        Raises:
            CaptureError: there is no screen to read; says what to do.
        """

    def windows(self) -> Sequence[Window]:
        """Every window with a title, the topmost first.

        Raises:
            CaptureError: the platform cannot list windows.
        """

    def grab(self, region: LogicalBox) -> Screenshot:
        """The pixels of ``region``, whose edges are whole numbers inside the desktop.

        Raises:
            CaptureError: the screen cannot be read.
        """
