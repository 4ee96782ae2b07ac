"""The grammar of instructions: text in, clauses out; it never looks at a screen.

`clauses` reads an instruction on the words alone. `lattice` keeps every reading, for a caller
that knows what is on the screen (`qvl_agent.planner`). What it does not know: which of several
readings a person meant where only the screen can tell, and any language but English and Chinese.
"""

from qvl_agent.instructions.clauses import Clause, Intent, Phrase
from qvl_agent.instructions.parsing import (
    MAX_LENGTH,
    UNDERSTOOD,
    Blind,
    Evidence,
    Lattice,
    clauses,
    lattice,
    not_understood,
    understood,
)

__all__ = [
    "MAX_LENGTH",
    "UNDERSTOOD",
    "Blind",
    "Clause",
    "Evidence",
    "Intent",
    "Lattice",
    "Phrase",
    "clauses",
    "lattice",
    "not_understood",
    "understood",
]
