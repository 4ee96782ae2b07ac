"""What a clause of an instruction says, before anybody looked at a screen.

A `Clause` is one reading of a stretch of the instruction. Its phrases are copied from there
character by character; nothing is normalised, so what is typed later is what was written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Intent = Literal[
    "fill",
    "type",
    "set",
    "select",
    "click",
    "open",
    "name",
    "double_click",
    "right_click",
    "hover",
    "drag",
    "check",
    "uncheck",
    "clear",
    "keys",
    "scroll",
    "wait",
    "wait_for",
    "assert",
    "locate",
    "framing",
    "unknown",
]
"""What the clause wants. ``fill`` ("fill Name with Ada"), ``type`` ("type Ada into Name") and
``set`` ("set Name to Ada") differ when the target is not a text field; ``open`` is a click on
something that opens, ``name`` one on a button that is only named ("…, then Login"); ``framing``
is politeness, ``unknown`` is not understood."""

INTENTS: tuple[Intent, ...] = get_args(Intent)
Direction = Literal["up", "down", "left", "right"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A stretch of the instruction: ``text`` without its quotation marks, and where it stands."""

    text: str
    start: int
    end: int
    quoted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One reading of ``instruction[start:end]``.

    Attributes:
        intent: what it wants.
        text: the clause as written.
        target: what it acts on, as a person named it; None acts where the focus is.
        value: what to type, or the option to choose.
        to: where a drag ends.
        chords: keys to press, one tuple for each press.
        direction, amount: of a scroll, in lines; ``amount`` None means as usual.
        seconds: of a wait; of wait_for and assert the timeout, None means as usual.
        times: how often a click is wanted.
        divided: False where nothing but the screen tells where the target ends.
        exact: True where the reading holds only if the target is the name of something on
            the screen (a bare "Login", or "密码123" after a fill).
        cost: how unusual the reading is; the least costly whole wins.
    """

    intent: Intent
    text: str
    start: int
    end: int
    target: Phrase | None = None
    value: Phrase | None = None
    to: Phrase | None = None
    chords: tuple[tuple[str, ...], ...] = ()
    direction: Direction | None = None
    amount: int | None = None
    seconds: float | None = None
    times: int = 1
    divided: bool = True
    exact: bool = False
    cost: float = 1.0

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """Every phrase it carries."""
        return tuple(p for p in (self.target, self.value, self.to) if p is not None)

    @property
    def targets(self) -> tuple[Phrase, ...]:
        """The phrases that name something on the screen."""
        return tuple(p for p in (self.target, self.to) if p is not None)
