#!/bin/sh
# Makes .venv, or brings it up to date, with the package in it and what one make target needs.
# Does nothing when it did the same before: the key names all that the result depends on.
# usage: tools/setup_venv.sh base|dev|bench [PYTHON]
set -eu

what=${1:?usage: tools/setup_venv.sh base|dev|bench [PYTHON]}
python=${2:-python3}
case $what in
    base) target="." ;;
    dev) target=".[dev]" ;;
    bench) target=".[dev,bench]" ;;
    *) echo "no such set: $what" >&2; exit 2 ;;
esac

fail() { echo "qvl-agent: error: $1" >&2; echo "hint: $2" >&2; exit 2; }

command -v "$python" >/dev/null ||
    fail "there is no $python" "install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3"
about='import sys; print("%d.%d %s" % (sys.version_info[0], sys.version_info[1], sys.version_info >= (3, 11)))'
version=$("$python" -c "$about" 2>/dev/null) || version="no Python False"
case $version in
    *True) version=${version% *} ;;
    *) fail "$python is ${version% *}, and qvl-agent needs 3.11 or newer" "name a newer one: make PYTHON=python3.12" ;;
esac

key="$version $(pwd) $(cat pyproject.toml constraints.txt | cksum)"
stamp=.venv/.set-up-$what
[ "$(cat "$stamp" 2>/dev/null)" != "$key" ] || exit 0

# Another Python or another folder: scripts in .venv carry both, so it is made anew.
place="$version $(pwd)"
if [ "$(cat .venv/.place 2>/dev/null)" != "$place" ]; then
    rm -rf .venv
    "$python" -m venv .venv >/dev/null 2>&1 || {
        rm -rf .venv
        fail "$python cannot make a virtual environment" "sudo apt-get install python3-venv"
    }
    echo "$place" > .venv/.place
fi

echo "qvl-agent: installing $target into .venv (once)…" >&2
pip() { .venv/bin/python -m pip "$@" -qq --disable-pip-version-check --no-input -c constraints.txt; }
# Several packages come as sources that need setuptools: one copy of it, pinned, builds them all.
# Where another one needs another builder, the second try lets pip fetch it.
pip install setuptools && { pip install --no-build-isolation -e "$target" || pip install -e "$target"; } ||
    fail "pip could not install $target" "look at pip's own lines above; it needs a package index or a folder of wheels"
.venv/bin/python -c 'import cv2, numpy; cv2.imdecode(numpy.zeros(8, "uint8"), 1)' ||
    fail "OpenCV does not load" "sudo apt-get install libgl1 libglib2.0-0"
echo "$key" > "$stamp"
