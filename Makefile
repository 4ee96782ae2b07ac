# The whole project from a bare Debian or Ubuntu with python3 and make.

PYTHON ?= python3
PY := .venv/bin/python
TASK := 帮我填写用户名 abc@domain.com 并点击登录

.PHONY: help demo test soak check floors bench clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    set up, then print the plan for a sentence on a bundled screenshot"
	@echo "make test    set up with a display and programs to test on, then run the tests"
	@echo "make check   lint, format, types, wheel and documentation"
	@echo "make soak    the tests that take long"
	@echo "make floors  the tests with the oldest versions that pyproject.toml allows"
	@echo "make bench   collect screens of real programs and measure the grounder on them"
	@echo "make clean   remove what these made"

demo:
	@sh tools/system_packages.sh demo "$(PYTHON)"
	@sh tools/setup_venv.sh base "$(PYTHON)"
	@.venv/bin/qvl-agent plan "$(TASK)" --image examples/login.png

test:
	@sh tools/system_packages.sh test "$(PYTHON)"
	@sh tools/setup_venv.sh dev "$(PYTHON)"
	@$(PY) -m pytest -m "not soak"

soak:
	@sh tools/system_packages.sh test "$(PYTHON)"
	@sh tools/setup_venv.sh dev "$(PYTHON)"
	@$(PY) -m pytest -m soak

check:
	@sh tools/setup_venv.sh dev "$(PYTHON)"
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m pytest -q tests/test_packaging.py tests/test_docs.py

floors:
	@sh tools/system_packages.sh test "$(PYTHON)"
	@sh tools/test_floors.sh "$(PYTHON)"

bench:
	@sh tools/system_packages.sh bench "$(PYTHON)"
	@sh tools/setup_venv.sh bench "$(PYTHON)"
	@sh tools/bench.sh

clean:
	@rm -rf .venv .venv-floors build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
