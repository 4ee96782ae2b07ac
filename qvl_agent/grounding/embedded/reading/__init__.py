"""Reading: pixels to lines of characters, fast, and again only where the pixels changed.

The data walks: `engine` (the OCR networks) → `ink` (which pixels are text) → `characters`
(which columns each character covers) → `splitting` (which characters belong together) →
`reader` (all of it, incrementally).
"""

from qvl_agent.grounding.embedded.reading.reader import Reader, Reading

__all__ = ["Reader", "Reading"]
