"""What several test files share: a real X server without a screen."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

NewXvfb = Callable[..., "contextmanager[str]"]


@contextmanager
def _running_xvfb(size: str = "1280x800") -> Iterator[str]:
    """An X server of its own; gives its DISPLAY and stops it in the end."""
    if shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb (apt install xvfb)")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24"]
    server = subprocess.Popen(
        # Without -noreset a server forgets everything whenever its last client leaves.
        [*command, "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as numbers:
            number = numbers.readline().strip()  # empty if the server ended instead
        assert number, f"Xvfb did not start (exit status {server.poll()})"
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="session")
def new_xvfb() -> NewXvfb:
    """A context manager that starts an X server: ``with new_xvfb("640x480") as display``."""
    return _running_xvfb


@pytest.fixture(scope="session")
def xvfb() -> Iterator[str]:
    """The DISPLAY of one X server of 1280x800 for the whole session."""
    with _running_xvfb() as display:
        yield display


@pytest.fixture
def display(xvfb: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The environment of an X11 session on that server."""
    monkeypatch.setenv("DISPLAY", xvfb)
    monkeypatch.setenv("XDG_SESSION_TYPE", "x11")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return xvfb
