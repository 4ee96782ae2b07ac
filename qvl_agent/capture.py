"""Screenshots of all screens, one screen, a region or a window, straight into RAM.

`capture` decides which part of the desktop is meant; a `ScreenSource` reads it. The usual
source is this machine's desktop through mss (`qvl_agent.display.local`); tests pass
`qvl_agent.testing.FakeScreen`. Nothing is written to disk and no helper program runs.

A window is captured as it lies on the screen: whatever covers it is in the picture too.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import reduce

from qvl_agent.display.base import Monitor, ScreenSource, Window
from qvl_agent.errors import CaptureError, UsageError, WindowNotFoundError
from qvl_agent.geometry import LogicalBox
from qvl_agent.screenshot import Screenshot

__all__ = ["Monitor", "ScreenSource", "Window", "capture", "screens", "windows"]

_TITLES_SHOWN = 5


def capture(
    *,
    screen: int | None = None,
    region: LogicalBox | tuple[float, float, float, float] | None = None,
    window: str | None = None,
    source: ScreenSource | None = None,
) -> Screenshot:
    """A screenshot of the desktop, or of one part of it.

    Args:
        screen: the number of one monitor, 1 for the first; see `screens`.
        region: left, top, right, bottom in the desktop's logical coordinates; may be negative.
            Its edges move outwards to whole units and inwards to the desktop.
        window: the title of a visible window: exactly, or else a part of it in any case.
        source: where to read from; this machine's desktop by default.

    Raises:
        UsageError: more than one part was asked for, or a part that cannot exist.
        CaptureError: no such screen, a region off the desktop, an ambiguous title; or the
            desktop cannot be read: `NoDisplayError`, `WaylandError`, `WindowNotFoundError`.
    """
    source = source or _this_desktop()
    if sum(part is not None for part in (screen, region, window)) > 1:
        raise UsageError("screen, region and window exclude each other", hint="ask for one of them")
    if screen is not None:
        return source.grab(_monitor(source.monitors(), screen).box)
    desktop = _desktop(source.monitors())
    if window is not None:
        return source.grab(_on_desktop(_window(source.windows(), window).box, desktop, "window"))
    if region is not None:
        return source.grab(_on_desktop(_as_box(region), desktop, "region"))
    return source.grab(desktop)


def screens(*, source: ScreenSource | None = None) -> list[Monitor]:
    """Every monitor, number 1 first.

    Raises:
        CaptureError: there is no screen to read.
    """
    return list((source or _this_desktop()).monitors())


def windows(*, source: ScreenSource | None = None) -> list[Window]:
    """Every window with a title, the topmost first; minimised and hidden ones too.

    Raises:
        CaptureError: there is no screen, or the platform cannot list windows.
    """
    return list((source or _this_desktop()).windows())


def _this_desktop() -> ScreenSource:
    from qvl_agent.display.local import DESKTOP

    return DESKTOP


def _desktop(monitors: Sequence[Monitor]) -> LogicalBox:
    return reduce(LogicalBox.union, (monitor.box for monitor in monitors))


def _monitor(monitors: Sequence[Monitor], number: int) -> Monitor:
    if number < 1:
        raise UsageError(f"there is no screen {number}", hint="the first screen is 1")
    for monitor in monitors:
        if monitor.number == number:
            return monitor
    known = ", ".join(str(monitor.number) for monitor in monitors)
    raise CaptureError(f"there is no screen {number}", hint=f"this desktop has: {known}")


def _as_box(region: LogicalBox | tuple[float, float, float, float]) -> LogicalBox:
    try:
        box = region if isinstance(region, LogicalBox) else LogicalBox(*region)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"not a region: {region!r}",
            hint="give left, top, right, bottom; right > left, bottom > top",
        ) from error
    if box.area <= 0:
        raise UsageError(f"an empty region: {_shown(box)}", hint="give right > left, bottom > top")
    return box


def _on_desktop(box: LogicalBox, desktop: LogicalBox, what: str) -> LogicalBox:
    """The part of ``box`` on the desktop, its edges moved outwards to whole units."""
    part = box.intersection(desktop)
    if part is None:
        raise CaptureError(
            f"the {what} {_shown(box)} lies off the desktop",
            hint=f"the desktop is {_shown(desktop)} (left, top, right, bottom)",
        )
    return part.outward()


def _window(candidates: Sequence[Window], title: str) -> Window:
    if not title.strip():
        raise UsageError("an empty window title", hint="give a part of the title")
    found = _by_title(candidates, title)
    visible = [window for window in found if window.visible]
    if len(visible) == 1:
        return visible[0]
    if visible:
        listed = "; ".join(f"{w.title!r} at {_shown(w.box)}" for w in visible[:_TITLES_SHOWN])
        raise CaptureError(
            f"{len(visible)} windows are called {title!r}",
            hint=f"give a longer title, or a region: {listed}",
        )
    if found:
        raise WindowNotFoundError(
            f"the window {found[0].title!r} is minimised, hidden or on another desktop",
            hint="bring it to the front first",
        )
    raise WindowNotFoundError(
        f"no window is called {title!r}", hint=_nearest_titles(candidates, title)
    )


def _by_title(candidates: Sequence[Window], title: str) -> list[Window]:
    """Windows with exactly this title, else in any case, else with it as a part."""
    wanted = title.casefold().strip()
    tests = (
        lambda name: name == title,
        lambda name: name.casefold().strip() == wanted,
        lambda name: wanted in name.casefold(),
    )
    for test in tests:
        found = [window for window in candidates if test(window.title)]
        if found:
            return found
    return []


def _nearest_titles(candidates: Sequence[Window], title: str) -> str:
    titles = {window.title.casefold(): window.title for window in candidates if window.visible}
    if not titles:
        return "no window with a title is open"
    near = get_close_matches(title.casefold(), titles, n=_TITLES_SHOWN, cutoff=0.3)
    return "open: " + ", ".join(repr(titles[name]) for name in near or list(titles)[:_TITLES_SHOWN])


def _shown(box: LogicalBox) -> str:
    return "({:g}, {:g}, {:g}, {:g})".format(*box)
