"""Grounders: from pixels to elements. `load_grounder` knows them by name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from qvl_agent.errors import UsageError
from qvl_agent.grounding.base import Grounder

GROUNDERS = {
    "embedded": "qvl_agent.grounding.embedded.grounder:EmbeddedGrounder",
}


def load_grounder(name: str = "embedded", **settings: Any) -> Grounder:
    """Build the grounder called ``name`` with its own ``settings``.

    Raises:
        UsageError: no grounder has that name.
    """
    if name not in GROUNDERS:
        known = ", ".join(GROUNDERS)
        raise UsageError(f"no grounder is called {name!r}", hint=f"known: {known}")
    module_name, class_name = GROUNDERS[name].split(":")
    grounder: Grounder = getattr(import_module(module_name), class_name)(**settings)
    return grounder
