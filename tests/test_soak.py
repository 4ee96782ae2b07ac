"""What takes long; `make soak` runs it."""

from __future__ import annotations

import pytest

# MiB that 300 looks may add to the 200 before, in which bounded caches fill.
FLAT = 10.0


@pytest.mark.soak
def test_memory_stays_flat_over_500_changing_screens() -> None:
    from benchmarks.changing_screens import screens
    from benchmarks.observe_speed import memory

    found = memory(screens(None, 6), 500)
    assert found["growth"] <= FLAT, found
