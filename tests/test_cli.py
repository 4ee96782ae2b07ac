"""Every kind of bad input through the real command line: one line, a hint, exit code 2."""

from __future__ import annotations

import functools
import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from command_line import ROOT, assert_refused, messages, qvl_agent
from PIL import Image

from qvl_agent import __version__
from qvl_agent.cli import ELEMENT_TYPES, main
from qvl_agent.grounding import base

LOGIN = ROOT / "examples" / "login.png"
# Before the pixels are decoded nothing is larger than the libraries themselves.
SMALL = 400  # MB
WITH_ENGINE = 1_500  # MB
HEAVY = {"numpy", "pydantic", "cv2", "mss", "PIL", "onnxruntime", "rapidocr", "pyautogui", "torch"}

USERS_PLAN = {
    "task": "登录账户",
    "steps": [
        {
            "action": "locate_element",
            "element_type": "text_input",
            "label": "用户名",
            "bbox": [98, 195, 250, 220],
            "confidence": 0.96,
        }
    ],
    "metadata": {
        "model_version": "Qwen3-VL-8B-Instruct",
        "local_execution": True,
        "data_uploaded": False,
        "input_saved": False,
    },
}


def png(width: int, height: int, packed: bytes) -> bytes:
    """A PNG that says it has this size, whatever the ``packed`` pixels hold."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@functools.cache
def huge_png() -> bytes:
    """20,000 x 20,000 real pixels: 1.2 GB of zeroes, which pack into a few megabytes."""
    packer = zlib.compressobj(1)
    row = bytes(1 + 3 * 20_000)
    rows = [packer.compress(row) for _ in range(20_000)]
    return png(20_000, 20_000, b"".join(rows) + packer.flush())


def one_row(tmp_path: Path) -> bytes:
    path = tmp_path / "row.png"
    Image.new("RGB", (640, 1)).save(path)
    return path.read_bytes()


BAD_PICTURES = {
    "truncated": (lambda _: LOGIN.read_bytes()[:9_000], "PNG"),
    "eps": (lambda _: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n", "EPS"),
    "huge": (lambda _: huge_png(), "20000x20000"),
    "one row": (one_row, "640x1"),
    "empty": (lambda _: b"", "empty"),
    "text": (lambda _: b"hello", "not a PNG"),
    "no pixels": (lambda _: png(64, 64, zlib.compress(b"")), "PNG"),
}


@pytest.mark.parametrize("command", [["observe"], ["locate", "登录"], ["plan", "点击登录"]])
@pytest.mark.parametrize("kind", BAD_PICTURES)
def test_bad_pictures_are_refused_in_one_line_and_little_memory(
    tmp_path: Path, kind: str, command: list[str]
) -> None:
    make, word = BAD_PICTURES[kind]
    path = tmp_path / "picture.png"
    path.write_bytes(make(tmp_path))
    ran = qvl_agent(*command, "--image", path)
    assert_refused(ran, word, str(path))
    assert ran.peak < SMALL


def test_a_bad_picture_on_stdin_is_refused_too() -> None:
    assert_refused(qvl_agent("observe", "--image", "-", stdin=b"%!PS-Adobe-3.0"), "stdin", "EPS")


@pytest.mark.parametrize(
    ("path", "word"), [("/no/such.png", "no such file"), ("/", "directory"), ("a\0b", "a")]
)
def test_what_is_no_file_is_refused(
    path: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["observe", "--image", path]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert word in messages(err)[0]
    assert len(messages(err)) == 2


@pytest.mark.parametrize("query", ["", "   ", "\n\t", "长" * 10_000, "x " * 5_000])
def test_bad_queries_are_refused(query: str) -> None:
    ran = qvl_agent("locate", query, "--image", LOGIN)
    assert_refused(ran)
    assert ran.peak < WITH_ENGINE
    assert len(ran.err) < 1_000


@pytest.mark.parametrize("instruction", ["", "  ", "点击" * 5_000 + "登录", "make me a sandwich"])
def test_bad_instructions_are_refused(instruction: str) -> None:
    ran = qvl_agent("plan", instruction, "--image", LOGIN)
    assert_refused(ran)
    assert ran.peak < WITH_ENGINE
    assert len(ran.err) < 2_000


def changed(**changes: object) -> str:
    return json.dumps(USERS_PLAN | changes, ensure_ascii=False)


def step(**changes: object) -> str:
    return changed(steps=[USERS_PLAN["steps"][0] | changes])  # type: ignore[index]


BAD_PLANS = {
    "NaN": (step().replace("0.96", "NaN"), "NaN"),
    "infinity": (step().replace("0.96", "1e999"), "float"),
    "wrong type": (step(confidence="high"), "confidence"),
    "missing field": (json.dumps({"task": "x", "steps": []}), "metadata"),
    "duplicate key": (step().replace('"task"', '"task": "x", "task"', 1), "task"),
    "unknown field": (changed(extra=1), "extra"),
    "inverted box": (step(bbox=[9, 9, 1, 1]), "bbox"),
    "unknown action": (step(action="explode"), "explode"),
    "bidi": (changed(task="a\u202eb"), "202E"),
    "not JSON": ("{", "JSON"),
    "nested": ("[" * 100_000, "nested"),
    "empty": ("", "JSON"),
}


@pytest.mark.parametrize("kind", BAD_PLANS)
def test_bad_plans_are_refused(tmp_path: Path, kind: str) -> None:
    text, word = BAD_PLANS[kind]
    path = tmp_path / "plan.json"
    path.write_text(text, encoding="utf-8")
    ran = qvl_agent("lint", path)
    assert_refused(ran, word)
    assert ran.peak < SMALL


def test_a_plan_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(changed().encode("gb18030"))
    assert_refused(qvl_agent("lint", path), "UTF-8")


def test_the_users_own_plan_is_accepted_from_stdin() -> None:
    ran = qvl_agent("lint", "-", stdin=changed().encode())
    assert (ran.code, ran.messages) == (0, [])
    answer = json.loads(ran.out)
    assert answer["task"] == "登录账户"
    assert "unknown_capture" in {finding["code"] for finding in answer["findings"]}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["bogus"],
        ["locate"],
        ["observe", "--imag", "x"],
        ["observe", "--screen", "one"],
        ["observe", "--screen", "0"],
        ["observe", "--image", "x", "--screen"],
        ["observe", "--image", "x", "--window", "y"],
        ["observe", "--screen", "1", "--window", "y"],
        ["observe", "--region", "1", "2", "3"],
        ["observe", "--region", "0", "0", "nan", "1"],
        ["observe", "--image", str(LOGIN), "--region", "9", "9", "1", "1"],
        ["observe", "--image", str(LOGIN), "--region", "5000", "0", "5001", "1"],
        ["observe", "--image", str(LOGIN), "--overlay", "x.txt"],
        ["observe", "--image", str(LOGIN), "--grounder", "crystal-ball"],
        ["locate", "x", "--element-type", "teapot"],
        ["locate", "x", "--image", str(LOGIN), "--min-confidence", "2"],
        ["locate", "x", "--image", str(LOGIN), "--min-confidence", "nan"],
        ["lint"],
    ],
)
def test_bad_usage_is_refused(arguments: list[str]) -> None:
    assert_refused(qvl_agent(*arguments))


def test_an_argument_that_is_not_text_is_refused() -> None:
    assert_refused(qvl_agent("locate", b"\xff\xfe", LC_ALL="C.UTF-8"), "UTF-8")


def test_no_display_says_what_to_do() -> None:
    assert_refused(qvl_agent("observe"), "DISPLAY")


def test_an_error_line_cannot_move_the_cursor() -> None:
    ran = qvl_agent("observe", "--image", "/no/\x1b[2J\nqvl-agent: error: forged")
    assert_refused(ran)
    assert "\x1b" not in ran.err


def test_help_and_version_load_nothing_heavy() -> None:
    for flag, word in (("--help", "observe"), ("--version", __version__)):
        code = (
            "import sys\n"
            "from qvl_agent.cli import main\n"
            f"try: main([{flag!r}])\n"
            "except SystemExit as end: assert not end.code\n"
            f"print(sorted({HEAVY} & sys.modules.keys()))"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert ran.stdout.splitlines()[-1] == "[]"
        assert word in ran.stdout


def test_every_command_has_help() -> None:
    for command in ("observe", "locate", "plan", "lint"):
        ran = qvl_agent(command, "--help")
        assert (ran.code, ran.messages) == (0, [])
        assert "--no-upload" in ran.out
        assert "exit codes" in ran.out


def test_the_element_types_of_the_help_are_the_grounders() -> None:
    assert base.ELEMENT_TYPES == ELEMENT_TYPES
    shown = "".join(qvl_agent("locate", "--help").out.split())
    assert ",".join(base.ELEMENT_TYPES) in shown


def test_nobody_reading_is_no_error_message() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [sys.executable, "-m", "qvl_agent", "lint", "-"],
        input=changed().encode(),
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
        cwd=ROOT,
    )
    os.close(writing)
    assert (ran.returncode, messages(ran.stderr.decode())) == (141, [])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_an_error_of_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "qvl_agent", "lint", "-"],
            input=changed().encode(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            cwd=ROOT,
        )
    assert ran.returncode == 1
    assert messages(ran.stderr.decode())[0].startswith("qvl-agent: error: cannot write")
    assert b"Traceback" not in ran.stderr
