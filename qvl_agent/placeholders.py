"""``{{secret:NAME}}`` and ``{{parameter}}`` in a text: where they are, not what they stand for.

Two opening braces always begin a placeholder; closing braces alone are plain text. To type two
opening braces, hand them in as a parameter: a parameter's value is not read for placeholders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_PLACEHOLDER = re.compile(r"\{\{(?P<kind>secret:)?(?P<name>\w[\w.-]{0,63})\}\}")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One placeholder: what kind of value stands in for it at run time, and its name."""

    kind: Literal["secret", "parameter"]
    name: str


def find_placeholders(text: str) -> tuple[Placeholder, ...]:
    """Every placeholder of ``text``, in order.

    Raises:
        ValueError: two opening braces that begin no well-formed placeholder.
    """
    found, start = [], text.find("{{")
    while start >= 0:
        match = _PLACEHOLDER.match(text, start)
        if match is None:
            raise ValueError("a malformed placeholder: write {{secret:NAME}} or {{parameter}}")
        found.append(Placeholder("secret" if match["kind"] else "parameter", match["name"]))
        start = text.find("{{", match.end())
    return tuple(found)


def without_placeholders(text: str) -> str:
    """``text`` with every well-formed placeholder replaced by one white space."""
    return _PLACEHOLDER.sub(" ", text)
