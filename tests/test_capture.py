"""Capture: which part of the desktop is meant, and a real X server that shows it."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qvl_agent
from qvl_agent.capture import Monitor, ScreenSource, Window, capture, screens, windows
from qvl_agent.display import local, x11
from qvl_agent.errors import (
    CaptureError,
    NoDisplayError,
    TargetNotFound,
    UsageError,
    WaylandError,
    WindowNotFoundError,
)
from qvl_agent.geometry import Box, LogicalBox, LogicalPoint, Point, Size
from qvl_agent.grounding.base import Element, Grounder
from qvl_agent.testing import FakeScreen, ScriptedGrounder, card


def window(title: str, *box: float, visible: bool = True) -> Window:
    return Window(title=title, box=LogicalBox(*(box or (0, 0, 100, 80))), visible=visible)


@pytest.fixture
def desk() -> FakeScreen:
    """A main screen of 640x480, and one with twice the pixels to the left, 40 units higher."""
    left = card(600, 400, left=-300, top=-40, scale=2)
    return FakeScreen(card(640, 480), left)


# Which part


def test_without_arguments_all_screens_come_together(desk: FakeScreen) -> None:
    shot = capture(source=desk)
    assert tuple(shot.logical_box) == (-300, -40, 640, 480)
    assert shot.size == Size(1880, 1040)
    assert shot.origin == LogicalPoint(-300, -40)
    assert not shot.rgb[:80, 600:].any(), "no monitor covers this corner"


def test_one_screen_comes_at_its_own_scale(desk: FakeScreen) -> None:
    assert [m.number for m in screens(source=desk)] == [1, 2]
    main, left = capture(screen=1, source=desk), capture(screen=2, source=desk)
    assert main.digest == card(640, 480).digest
    assert (left.size, left.scale, left.origin) == (Size(600, 400), 2, LogicalPoint(-300, -40))
    assert left.digest == card(600, 400).digest


@pytest.mark.parametrize("region", [(-10, 5, 20, 25), LogicalBox(-10, 5, 20, 25)])
def test_a_region_may_cross_monitors_and_be_negative(
    desk: FakeScreen, region: tuple[float, float, float, float] | LogicalBox
) -> None:
    shot = capture(region=region, source=desk)
    assert tuple(shot.logical_box) == (-10, 5, 20, 25)
    assert shot.size == Size(60, 40)
    left, main = card(600, 400), card(640, 480)
    assert (shot.rgb[0, 0] == left.rgb[90, 580]).all()
    assert (shot.rgb[20, 59] == main.rgb[15, 19]).all()


def test_a_region_grows_to_whole_units_and_stays_on_the_desktop(desk: FakeScreen) -> None:
    shot = capture(region=(0.5, 100.2, 9.1, 101), source=desk)
    assert tuple(shot.logical_box) == (0, 100, 10, 101)
    shot = capture(region=(600, 400, 9000, 9000), source=desk)
    assert tuple(shot.logical_box) == (600, 400, 640, 480)


@given(st.integers(-3000, 3000), st.integers(-3000, 3000), st.integers(1, 60), st.integers(1, 60))
def test_a_captured_pixel_is_the_one_at_its_logical_place(
    left: int, top: int, width: int, height: int
) -> None:
    whole = card(128, 96, left=left, top=top)
    region = (left + 30, top + 20, left + 30 + width, top + 20 + height)
    shot = capture(region=region, source=FakeScreen(whole))
    pixel = whole.viewport.to_pixel(shot.viewport.to_logical(Point(width - 0.5, height - 0.5)))
    assert (shot.rgb[-1, -1] == whole.rgb[int(pixel.y), int(pixel.x)]).all()


@pytest.mark.parametrize(
    ("region", "error"),
    [
        ((700, 0, 800, 10), CaptureError),
        ((640, 0, 800, 10), CaptureError),
        ((5, 5, 5, 9), UsageError),
        ((9, 5, 5, 9), UsageError),
        ((0, 0, float("nan"), 9), UsageError),
        ((0, 0, 9), UsageError),
        (("a", 0, 9, 9), UsageError),
        (7, UsageError),
    ],
)
def test_regions_that_cannot_be(desk: FakeScreen, region: object, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        capture(region=region, source=desk)  # type: ignore[arg-type]
    assert getattr(caught.value, "hint", "")
    assert desk.grabs == []


@pytest.mark.parametrize(
    ("number", "error"), [(0, UsageError), (-1, UsageError), (3, CaptureError)]
)
def test_screens_that_are_not_there(desk: FakeScreen, number: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"no screen {number}"):
        capture(screen=number, source=desk)


def test_one_part_at_a_time(desk: FakeScreen) -> None:
    with pytest.raises(UsageError, match=r"exclude each other"):
        capture(screen=1, window="x", source=desk)


# Windows by title


def titled(*found: Window) -> FakeScreen:
    return FakeScreen(card(640, 480), windows=found)


def test_an_exact_title_beats_a_part_of_another() -> None:
    desk = titled(window("Mail - Inbox"), window("Mail", 10, 20, 110, 70), window("mail"))
    assert tuple(capture(window="Mail", source=desk).logical_box) == (10, 20, 110, 70)


@pytest.mark.parametrize("title", ["设置", "系统", "SETTINGS", "settings 系统设置"])
def test_a_part_of_a_title_in_any_case_is_enough(title: str) -> None:
    desk = titled(window("Other"), window("Settings 系统设置", 5, 5, 55, 45))
    assert capture(window=title, source=desk).size == Size(50, 40)


def test_a_window_across_the_edge_is_cut_there() -> None:
    desk = titled(window("Wide", -50, 400, 100, 900))
    assert tuple(capture(window="Wide", source=desk).logical_box) == (0, 400, 100, 480)
    with pytest.raises(CaptureError, match=r"the window .* lies off the desktop"):
        capture(window="Far", source=titled(window("Far", 700, 0, 800, 10)))


def test_an_ambiguous_title_lists_the_windows() -> None:
    desk = titled(window("Notes 1"), window("Notes 2", 5, 6, 70, 80))
    with pytest.raises(CaptureError, match="2 windows") as caught:
        capture(window="notes", source=desk)
    assert "'Notes 1'" in caught.value.hint
    assert "'Notes 2' at (5, 6, 70, 80)" in caught.value.hint


def test_a_hidden_window_does_not_make_a_title_ambiguous() -> None:
    desk = titled(window("Notes", visible=False), window("Notes", 5, 6, 70, 80))
    assert capture(window="Notes", source=desk).size == Size(65, 74)
    with pytest.raises(WindowNotFoundError, match="minimised"):
        capture(window="Notes", source=titled(window("Notes", visible=False)))


def test_a_missing_window_names_the_nearest() -> None:
    desk = titled(window("Calculator"), window("Text Editor"), window("Hidden", visible=False))
    with pytest.raises(WindowNotFoundError, match="'Calculater'") as caught:
        capture(window="Calculater", source=desk)
    assert caught.value.hint == "open: 'Calculator'"
    with pytest.raises(WindowNotFoundError) as caught:
        capture(window="zzz", source=desk)
    assert caught.value.hint == "open: 'Calculator', 'Text Editor'"
    with pytest.raises(WindowNotFoundError, match="open"):
        capture(window="zzz", source=titled())
    with pytest.raises(UsageError, match="empty"):
        capture(window="  ", source=desk)


# The fakes that users test with


def test_the_fakes_follow_the_protocols(desk: FakeScreen) -> None:
    assert isinstance(desk, ScreenSource)
    assert isinstance(local.DESKTOP, ScreenSource)
    assert isinstance(ScriptedGrounder({}), Grounder)


def test_the_fake_screen_is_deterministic_and_can_change(desk: FakeScreen) -> None:
    assert capture(source=desk).digest == capture(source=desk).digest
    assert desk.grabs == [LogicalBox(-300, -40, 640, 480)] * 2
    desk.show(card(100, 100), windows=[window("New")])
    assert capture(source=desk).size == Size(100, 100)
    assert [w.title for w in windows(source=desk)] == ["New"]
    assert capture(source=FakeScreen(clock=lambda: 7.0)).captured_at == 7.0
    assert screens(source=FakeScreen())[0].primary


def test_the_scripted_grounder_follows_its_script() -> None:
    ok = Element(bbox=Box(50, 10, 90, 30), element_type="button", label="OK", confidence=0.9)
    other = Element(bbox=Box(5, 10, 45, 30), element_type="link", label="OK")
    grounder = ScriptedGrounder({"OK": [ok, other], "Cancel": []})
    shot = card()
    found = grounder.locate(shot, "OK")
    assert (found.bbox, found.confidence, found.query) == (ok.bbox, 0.9, "OK")
    assert found.alternatives == (other,)
    assert grounder.locate(shot, "OK", element_type="link").bbox == other.bbox
    assert grounder.detect(shot) == [other, ok]
    assert grounder.ground(shot, ["Cancel", "OK"])[0] is None
    with pytest.raises(TargetNotFound) as caught:
        grounder.locate(shot, "OKAY")
    assert caught.value.candidates == (ok,)
    assert grounder.asked == ["OK", "OK", "Cancel", "OK", "OKAY"]


# No screen to read


@pytest.fixture
def no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)


on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs X11")


@on_linux
def test_no_display(no_session: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for use in (capture, screens, windows):
        with pytest.raises(NoDisplayError, match="DISPLAY is not set") as caught:
            use()
        assert "Xvfb" in caught.value.hint
    for display in (":64123", "nonsense", "host.invalid:0", ""):
        monkeypatch.setenv("DISPLAY", display)
        with pytest.raises(NoDisplayError, match=r"DISPLAY is not set|cannot open"):
            capture()


@on_linux
@pytest.mark.parametrize(
    ("name", "value"), [("XDG_SESSION_TYPE", "wayland"), ("WAYLAND_DISPLAY", "wayland-0")]
)
def test_wayland(no_session: None, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    for display in ("", ":64123"):
        monkeypatch.setenv("DISPLAY", display)
        with pytest.raises(WaylandError, match="Wayland") as caught:
            capture()
        assert "Xorg" in caught.value.hint


def test_xwayland_would_answer_with_black(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(x11.Connection, "is_xwayland", lambda self: True)
    with pytest.raises(WaylandError):
        local.LocalDesktop().monitors()


def test_an_x_server_inside_a_wayland_session_can_be_read(
    display: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_SESSION_TYPE", "wayland")
    assert capture().size == Size(1280, 800)


def test_a_missing_library_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(x11.ctypes, "CDLL", missing)
    with pytest.raises(CaptureError, match="libxcb is not installed") as caught:
        x11.Connection(":0")
    assert "apt install" in caught.value.hint


# A real X server


def paint(colour: str) -> None:
    """Fills the screen of $DISPLAY."""
    if shutil.which("xsetroot") is None:
        pytest.skip("needs xsetroot (apt install x11-xserver-utils)")
    subprocess.run(["xsetroot", "-solid", colour], check=True)


def test_a_real_screen(display: str) -> None:
    before = time.time()
    shot = qvl_agent.capture()
    assert shot.size == Size(1280, 800)
    assert (shot.origin, shot.scale) == (LogicalPoint(0, 0), 1)
    assert shot.captured_at is not None
    assert before <= shot.captured_at <= time.time()
    (monitor,) = qvl_agent.screens()
    assert monitor == Monitor(
        number=1, box=LogicalBox(0, 0, 1280, 800), primary=True, name=monitor.name
    )


def test_colours_are_red_first_and_every_capture_is_fresh(display: str) -> None:
    for colour, rgb in (("#ff8001", (255, 128, 1)), ("#0180ff", (1, 128, 255))):
        paint(colour)
        shot = capture(region=(100, 50, 140, 70))
        assert shot.rgb.shape == (20, 40, 3)
        assert (shot.rgb == rgb).all()
        assert shot.rgb.flags.c_contiguous


def test_wiping_a_capture_zeroes_it(display: str) -> None:
    paint("#ffffff")
    with capture() as shot:
        view = shot.rgb
        assert (view == 255).all()
    assert not view.any()


def test_a_later_capture_does_not_change_an_earlier_one(display: str) -> None:
    paint("#ffffff")
    first = capture()
    paint("#000000")
    second = capture()
    assert (first.rgb == 255).all()
    assert not second.rgb.any()


def test_monitors_that_come_and_go_are_noticed(
    new_xvfb: Callable[..., contextmanager[str]], display: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("xrandr") is None:
        pytest.skip("needs xrandr (apt install x11-xserver-utils)")
    with new_xvfb("800x600") as server:
        monkeypatch.setenv("DISPLAY", server)
        assert capture().size == Size(800, 600)
        define = ["xrandr", "--setmonitor"]
        subprocess.run([*define, "left", "300/80x600/160+0+0", "screen"], check=True)
        wait_for(lambda: capture().size == Size(300, 600), "news of one monitor")
        subprocess.run([*define, "right", "500/130x600/160+300+0", "none"], check=True)
        wait_for(lambda: len(screens()) == 2, "news of two monitors")
        assert [tuple(m.box) for m in screens()] == [(0, 0, 300, 600), (300, 0, 800, 600)]
        right = capture(screen=2)
        assert (right.origin, right.size) == (LogicalPoint(300, 0), Size(500, 600))
    with pytest.raises(NoDisplayError, match="cannot open"):
        capture()
    monkeypatch.setenv("DISPLAY", display)
    assert capture().size == Size(1280, 800)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@on_linux
def test_threads_have_their_own_connections_and_close_them(display: str) -> None:
    paint("#123456")
    capture()
    digests: list[str] = []

    def look() -> None:
        digests.extend(capture().digest for _ in range(5))

    before = open_files()
    for _ in range(3):
        threads = [threading.Thread(target=look) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    gc.collect()
    assert len(digests) == 90
    assert len(set(digests)) == 1
    assert open_files() <= before


@on_linux
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_child_leaves_its_parents_connection_alone(display: str) -> None:
    digest = capture().digest
    child = os.fork()
    if child == 0:  # pragma: no cover - coverage does not follow forks
        same = capture().digest == digest
        local.DESKTOP._per_thread.session = None
        gc.collect()
        os._exit(0 if same else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    session = local.DESKTOP._per_thread.session
    assert capture().digest == digest
    assert local.DESKTOP._per_thread.session is session, "the parent had to connect again"


def test_mss_errors_become_ours(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from mss import ScreenShotError

    def fail(*_: object) -> None:
        raise ScreenShotError("no\npixels")

    desktop = local.LocalDesktop()
    box = desktop.monitors()[0].box
    monkeypatch.setattr(desktop._session()._mss, "grab", fail)
    with pytest.raises(CaptureError, match="cannot be read: no pixels") as caught:
        desktop.grab(box)
    assert isinstance(caught.value.__cause__, ScreenShotError)


# Real windows


@contextmanager
def program(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    if shutil.which(command[0]) is None:
        pytest.skip(f"needs {command[0]}")
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, stdin=quiet)
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within 30 s"
        time.sleep(0.05)


def shown(title: str) -> list[Window]:
    return [window for window in windows() if window.title == title and window.visible]


@contextmanager
def message_window(title: str) -> Iterator[None]:
    command = ["xmessage", "-title", title, "-geometry", "+150+120", "-bg", "#00ff00", "hello"]
    with program(*command):
        wait_for(lambda: shown(title), f"a window {title!r}")
        yield


@pytest.fixture
def desktop(
    new_xvfb: Callable[..., contextmanager[str]], display: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """An X server of its own: nothing is on it."""
    with new_xvfb("800x600") as server:
        monkeypatch.setenv("DISPLAY", server)
        yield server


def green_pixels(title: str) -> int:
    return int((capture(window=title).rgb == (0, 255, 0)).all(axis=2).sum())


def test_a_real_window_without_a_window_manager(desktop: str) -> None:
    assert windows() == []
    with message_window("Hello there"):
        (found,) = shown("Hello there")
        assert (found.box.left, found.box.top) == (150, 120)
        wait_for(lambda: green_pixels("hello"), "drawing")
        shot = capture(window="hello THERE")
        assert shot.origin == LogicalPoint(150, 120)
        assert shot.size == Size(int(found.box.width), int(found.box.height))
        assert np.mean((shot.rgb == (0, 255, 0)).all(axis=2)) > 0.3
    with pytest.raises(WindowNotFoundError):
        capture(window="Hello there")


def test_a_real_window_comes_with_its_frame(desktop: str) -> None:
    # The window comes first: openbox loses those that appear while it starts.
    with message_window("Framed"):
        (bare,) = shown("Framed")
        with program("openbox", "--sm-disable"):
            wait_for(
                lambda: any(w.box.height > bare.box.height for w in shown("Framed")), "a frame"
            )
            (framed,) = shown("Framed")
            assert framed.box.top >= 0
            assert framed.box.height - bare.box.height > 10
            with message_window("Second"):
                assert [w.title for w in windows()][:2] == ["Second", "Framed"]


def test_a_server_that_restarts_under_the_same_name_is_noticed(
    new_xvfb: Callable[..., contextmanager[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = []
    for size in ("640x480", "800x600"):
        with new_xvfb(size) as server:
            monkeypatch.setenv("DISPLAY", server)
            names.append(server)
            with message_window(size):
                assert [w.title for w in windows()] == [size]
                assert capture().size == Size(*map(int, size.split("x")))
    if len(set(names)) != 1:
        pytest.skip("needs the same display number twice")


def test_a_server_that_ends_in_between_is_an_error(
    new_xvfb: Callable[..., contextmanager[str]],
) -> None:
    with new_xvfb() as server:
        connection = x11.Connection(server)
        assert connection.windows() == []
        assert not connection.layout_changed()
    with pytest.raises(ConnectionError):
        connection.windows()
    assert connection.layout_changed()
    connection.close()
    connection.close()


def test_a_chinese_title(desktop: str) -> None:
    with program("zenity", "--entry", "--title=登录账户", "--text=用户名"):
        wait_for(lambda: shown("登录账户"), "a window")
        assert capture(window="登录").size.width > 20


# Nothing on the disk

NOTHING_WRITTEN = """
import sys
written = []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wxa+"):
        written.append(arguments[0])
sys.addaudithook(watch)
import qvl_agent
with qvl_agent.capture() as shot:
    data = shot.to_png()
    shot.digest, shot.crop(qvl_agent.Box(0, 0, 50, 50)), shot.resized(qvl_agent.Size(99, 99))
    shot.annotate(qvl_agent.Box(5, 5, 50, 50))
qvl_agent.Screenshot.from_bytes(data)
qvl_agent.windows(), qvl_agent.screens()
assert not written, written
"""


def test_capturing_writes_no_file(display: str, tmp_path: Path) -> None:
    places = {name: tmp_path / name for name in ("cwd", "home", "tmp")}
    for place in places.values():
        place.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "DISPLAY": display,
        "HOME": str(places["home"]),
        "TMPDIR": str(places["tmp"]),
        "PYTHONPATH": str(Path(qvl_agent.__file__).parents[1]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-c", NOTHING_WRITTEN]
    result = subprocess.run(
        command, cwd=places["cwd"], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert [path for path in tmp_path.rglob("*") if path not in places.values()] == []
