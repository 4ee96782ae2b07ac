"""The whole trip on a live screen: a real program, the command line, a plan that fits it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest
from command_line import qvl_agent

from qvl_agent import capture, windows
from qvl_agent.display.base import Window

TITLE = "账户登录"
PATIENCE = 60  # seconds before a program counts as not starting
FORM = [
    "yad",
    "--form",
    f"--title={TITLE}",
    "--width=460",
    "--borders=24",
    "--field=用户名：",
    "--field=密码：:H",
    "--field=记住我:CHK",
    "--button=取消:1",
    "--button=登录:0",
]


@pytest.fixture
def form(display: str) -> Iterator[Window]:
    """A login form of yad, open and drawn."""
    if shutil.which(FORM[0]) is None:
        pytest.skip(f"needs {FORM[0]} (apt install {FORM[0]})")
    process = subprocess.Popen(
        FORM,
        env=os.environ | {"LANG": "C.UTF-8", "GTK_THEME": "Adwaita"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield drawn()
    finally:
        process.kill()
        process.wait(10)


def drawn() -> Window:
    """The form's window, once two looks at it in a row are the same and not empty."""
    before, deadline = "", time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        time.sleep(0.2)
        found = [window for window in windows() if window.title == TITLE and window.visible]
        if not found:
            continue
        with capture(window=TITLE) as shot:
            digest, empty = shot.digest, len({*map(bytes, shot.rgb.reshape(-1, 3))}) < 10
        if digest == before and not empty:
            return found[0]
        before = digest
    pytest.fail(f"{FORM[0]} showed no window within {PATIENCE} s")


def test_from_a_real_screen_to_a_plan(form: Window, display: str) -> None:
    task = "填写用户名abc，密码为{{secret:PASSWORD}}，勾选记住我，然后点击登录"
    ran = qvl_agent("plan", task, DISPLAY=display, XDG_SESSION_TYPE="x11")
    assert ran.code == 0, ran.err
    plan = json.loads(ran.out)
    steps = [(step["action"], step["label"], step["element_type"]) for step in plan["steps"]]
    assert steps == [
        ("type_text", "用户名", "text_input"),
        ("type_text", "密码", "password_input"),
        ("set_checked", "记住我", "checkbox"),
        ("click", "登录", "button"),
    ]
    name, password, _, login = (step["bbox"] for step in plan["steps"])
    assert name[3] <= password[1] < password[3] <= login[1]  # one below the other
    assert name[2] - name[0] > 250  # the field, not its label
    window = form.box
    for left, top, right, bottom in (step["bbox"] for step in plan["steps"]):
        assert window.left <= left < right <= window.right
        assert window.top <= top < bottom <= window.bottom
    assert plan["metadata"]["screenshot"]["captured_at"]


def test_a_window_is_a_screen_of_its_own(form: Window, display: str) -> None:
    session = {"DISPLAY": display, "XDG_SESSION_TYPE": "x11"}
    whole = json.loads(qvl_agent("locate", "登录", "--element-type", "button", **session).out)
    part = json.loads(
        qvl_agent("locate", "登录", "--element-type", "button", "--window", TITLE, **session).out
    )
    left, top = part["metadata"]["screenshot"]["origin"]
    assert (left, top) == (form.box.left, form.box.top)
    moved = [part["bbox"][0] + left, part["bbox"][1] + top]
    assert moved == pytest.approx(whole["bbox"][:2], abs=4)
