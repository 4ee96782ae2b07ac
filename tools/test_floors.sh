#!/bin/sh
# Runs the tests with the oldest versions of the base install that pyproject.toml allows.
# usage: tools/test_floors.sh [PYTHON]
set -eu
python=${1:-python3}
venv=.venv-floors

"$python" -m venv --clear "$venv"
"$venv/bin/python" - > "$venv/floors.txt" <<'PYTHON'
import re
import tomllib

with open("pyproject.toml", "rb") as file:
    wanted = tomllib.load(file)["project"]["dependencies"]
for line in wanted:
    print(re.sub(r">=", "==", line))
print("opencv-python-headless" + next(one for one in wanted if "opencv" in one)[13:].replace(">=", "=="))
PYTHON
pip() { "$venv/bin/python" -m pip "$@" -qq --disable-pip-version-check --no-input; }
pip install -c constraints.txt setuptools
pip install --no-build-isolation -r "$venv/floors.txt" -e ".[dev]"
"$venv/bin/python" -m pytest -m "not soak" -p no:cacheprovider \
    --deselect tests/test_packaging.py::test_the_licence_table_covers_everything_that_is_installed
