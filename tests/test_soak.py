"""What takes long; `make soak` runs it."""

from __future__ import annotations

import pytest

# MiB that 400 looks may add to the 100 before: allocators keep a few pages.
FLAT = 16.0


@pytest.mark.soak
def test_memory_stays_flat_over_500_changing_screens() -> None:
    from benchmarks.changing_screens import screens
    from benchmarks.observe_speed import memory

    found = memory(screens(None, 6), 500)
    assert found["growth"] <= FLAT, found
