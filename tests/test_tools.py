"""The scripts behind the Makefile say in a line what stands in their way."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from command_line import ROOT


def run(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(ROOT / "tools" / script), *arguments],
        env=os.environ | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def fake_program(folder: Path, name: str, body: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("body", "word"),
    [("echo 3.9 False", "is 3.9, and qvl-agent needs 3.11"), ("exit 3", "is no Python")],
)
def test_an_old_python_is_refused_in_one_line(tmp_path: Path, body: str, word: str) -> None:
    ran = run("setup_venv.sh", "base", fake_program(tmp_path, "python", body))
    assert ran.returncode == 2
    assert word in ran.stderr.splitlines()[0]
    assert ran.stderr.splitlines()[1].startswith("hint: ")
    assert len(ran.stderr.splitlines()) == 2


def test_a_missing_python_is_named() -> None:
    ran = run("setup_venv.sh", "base", "python-of-nowhere")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "there is no python-of-nowhere" in ran.stderr


def test_where_nothing_can_be_installed_the_missing_is_named(tmp_path: Path) -> None:
    fake_program(tmp_path, "dpkg-query", "exit 1")
    fake_program(tmp_path, "id", "echo 1000")
    fake_program(tmp_path, "sudo", "exit 1")
    fake_program(tmp_path, "apt-get", "echo called >> called; exit 1")
    path = f"{tmp_path}:{os.environ['PATH']}"
    ran = run("system_packages.sh", "test", PATH=path)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "missing: libgl1 libglib2.0-0 xvfb" in ran.stderr
    assert "sudo apt-get install" in ran.stderr
    assert not (ROOT / "called").exists()


def test_a_failing_installation_is_no_end(tmp_path: Path) -> None:
    fake_program(tmp_path, "dpkg-query", "exit 1")
    fake_program(tmp_path, "id", "echo 0")
    log = tmp_path / "log"
    fake_program(tmp_path, "apt-get", f'echo "$@" >> {log}; exit 100')
    ran = run("system_packages.sh", "demo", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert ran.returncode == 0
    assert "could not install: libgl1 libglib2.0-0" in ran.stderr
    assert "install -y --no-install-recommends libgl1\n" in log.read_text(encoding="utf-8")


def test_elsewhere_than_on_debian_it_goes_on(tmp_path: Path) -> None:
    fake_program(tmp_path, "python3", "exit 0")
    ran = run("system_packages.sh", "demo", PATH=str(tmp_path))
    assert ran.returncode == 0
    assert "libgl1 libglib2.0-0" in ran.stderr


def test_an_unknown_goal_is_bad_usage() -> None:
    assert run("system_packages.sh", "everything").returncode == 2
    assert run("setup_venv.sh", "everything").returncode == 2
