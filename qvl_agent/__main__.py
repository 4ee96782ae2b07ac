"""``python -m qvl_agent`` is ``qvl-agent``."""

from __future__ import annotations

import sys

from qvl_agent.cli import main

if __name__ == "__main__":
    sys.exit(main())
