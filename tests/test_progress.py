"""A line for people while they wait, and none when they do not."""

from __future__ import annotations

import io
import threading

import pytest

from qvl_agent.progress import Progress

SOON = 30  # seconds after which a test gives up waiting


class Stream(io.StringIO):
    """Remembers what was written and tells when ``awaited`` was."""

    def __init__(self, awaited: str, *, terminal: bool = False) -> None:
        super().__init__()
        self.seen = threading.Event()
        self._awaited = awaited
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def flush(self) -> None:
        if self._awaited in self.getvalue():
            self.seen.set()


def test_quick_work_is_not_announced() -> None:
    stream = Stream("reading")
    with Progress("reading", stream, patience=3_600):
        pass
    assert stream.getvalue() == ""


def test_long_work_is_announced_once_in_a_log() -> None:
    stream = Stream("reading")
    with Progress("reading", stream, patience=0):
        assert stream.seen.wait(SOON)
    assert stream.getvalue() == "qvl-agent: reading…\n"


def test_a_terminal_counts_and_is_wiped() -> None:
    stream = Stream(" s", terminal=True)
    with Progress("reading", stream, patience=0):
        assert stream.seen.wait(SOON)
    assert "reading… " in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_an_error_ends_it_and_goes_on() -> None:
    stream = Stream("reading")
    before = threading.active_count()
    with pytest.raises(LookupError), Progress("reading", stream, patience=3_600):
        raise LookupError
    assert threading.active_count() == before
    assert stream.getvalue() == ""


def test_a_closed_stream_does_not_stop_the_work() -> None:
    stream = Stream("")
    stream.close()
    with Progress("reading", stream, patience=0):
        worked = True
    assert worked
