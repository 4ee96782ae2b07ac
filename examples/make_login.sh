#!/bin/sh
# Makes examples/login.png: a login form of the real program yad, as a window manager shows it.
# Needs: xvfb, xauth, openbox, x11-xserver-utils, yad, fonts-noto-cjk, and qvl-agent in .venv (make demo installs it).
set -eu
cd "$(dirname "$0")"
python="$(cd .. && pwd)/.venv/bin/python"

# A display of its own, and everything started on it ends with this script.
exec xvfb-run --auto-servernum --server-args="-screen 0 800x600x24" sh -eu -c '
    export LANG=C.UTF-8 GTK_THEME=Adwaita
    openbox 2>/dev/null & manager=$!
    sleep 1
    xsetroot -solid "#3b6ea5"
    yad --form --title="账户登录" --width=460 --center --borders=24 \
        --text="<big><b>欢迎登录</b></big>\n请输入您的账户信息" \
        --field="用户名：" "" --field="密码：:H" "" --field="记住我:CHK" FALSE \
        --button="取消:1" --button="登录:0" & form=$!
    sleep 3
    "$1" -c "import qvl_agent; qvl_agent.capture().save(\"login.png\")"
    kill "$form" "$manager"
' sh "$python"
