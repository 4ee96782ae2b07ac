"""Runs the real command line in a process of its own, and measures the memory it took."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
WAITING = re.compile("qvl-agent: reading the (screen|plan)…")


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What one run left behind; ``peak`` is its largest resident size, in MB."""

    code: int
    out: str
    err: str
    peak: float

    @property
    def messages(self) -> list[str]:
        return messages(self.err)


def messages(err: str) -> list[str]:
    """The lines on stderr, without the one that only a slow machine sees."""
    return [line for line in err.splitlines() if not WAITING.fullmatch(line)]


def qvl_agent(*arguments: str | bytes | Path, stdin: bytes = b"", **environment: str) -> Ran:
    """``qvl-agent`` with these arguments, in an empty environment but for ``environment``."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "qvl_agent", *arguments],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=err,
            cwd=ROOT,
            env=kept | environment,
        )
        assert process.stdin
        with process.stdin as pipe:
            pipe.write(stdin)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Ran(
            code=process.returncode,
            out=out.read().decode(),
            err=err.read().decode(),
            peak=usage.ru_maxrss / 1024,
        )


def assert_refused(ran: Ran, *words: str) -> None:
    """Exit code 2, one error line with all of ``words``, one hint, and nothing else."""
    assert ran.code == 2, ran.err
    lines = ran.messages
    assert len(lines) == 2, ran.err
    assert lines[0].startswith("qvl-agent: error: ")
    assert lines[1].startswith("hint: ")
    assert all(word in lines[0] for word in words), lines[0]
    assert ran.out == ""
