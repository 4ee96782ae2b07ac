"""A line on stderr while something takes longer than a second; silence when it does not.

On a terminal the line counts the seconds and is wiped at the end; elsewhere (a log, a pipe) it
is written once.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self, TextIO

PATIENCE = 1.0
_EVERY = 0.2
_WIPE_LINE = "\r\x1b[K"


class Progress:
    """Says ``doing`` on ``stream`` once the body of the with block took ``patience`` seconds."""

    def __init__(self, doing: str, stream: TextIO, *, patience: float = PATIENCE) -> None:
        self._doing = doing
        self._stream = stream
        self._patience = patience
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._finished.set()
        self._thread.join()

    def _watch(self) -> None:
        started = time.monotonic()
        if self._finished.wait(self._patience):
            return
        if not self._stream.isatty():
            self._write(f"qvl-agent: {self._doing}…\n")
            return
        while not self._finished.wait(_EVERY):
            elapsed = time.monotonic() - started
            self._write(f"{_WIPE_LINE}{self._doing}… {elapsed:.1f} s")
        self._write(_WIPE_LINE)

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # nobody reads it: no reason to stop the work
            self._finished.set()
