#!/bin/sh
# Collects screens of real programs and pages with their truth (once), and scores the embedded
# grounder on the test set. The screens stay in benchmarks/data; FRESH=1 collects them again.
set -eu
python=.venv/bin/python
data=benchmarks/data

[ "${FRESH:-}" != 1 ] || rm -rf "$data"
[ -f "$data/desktop.json" ] || "$python" -m benchmarks.desktop --out "$data"
[ -f "$data/web.json" ] || "$python" -m benchmarks.web --out "$data"
"$python" -m benchmarks.score "$data" --split test --json "$data/metrics.json" \
    --figure docs/images/reliability.png
"$python" -m benchmarks.score "$data" --split test --baseline
