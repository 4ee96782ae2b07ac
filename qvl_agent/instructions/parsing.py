"""From an instruction to its clauses: the cheapest way to read all of it.

The instruction is cut at every possible boundary (`pieces`); a clause may span several pieces
(`readings`); the parse is the cheapest path from the first piece to the last, so no word is
ever left out. What cannot be read costs more than any understood reading but less than
swallowing it into a neighbour's value: it surfaces as an error that names it.

Costs come from the words alone, and from `Evidence`, what a screen says of a reading. The work
is bounded: at most `MAX_PIECES` pieces, of which a clause spans at most `MAX_SPAN`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Protocol

from qvl_agent.errors import InstructionError
from qvl_agent.instructions import readings
from qvl_agent.instructions.clauses import Clause, Intent
from qvl_agent.instructions.forms import Segment
from qvl_agent.instructions.masking import mask
from qvl_agent.instructions.pieces import ORDER, Firmness, Gap, gaps, segments

MAX_LENGTH = 10_000
MAX_PIECES = 200
MAX_SPAN = 8
MAX_BLANKS = 60

UNKNOWN_COST = 15.0
CLEAR_COST = 1.5
DOUBTED = 4.5
"""How near another reading must come for the screen to be asked."""
INTRODUCTION_COST = 0.6
SWALLOWED_CLAUSE = 100.0
SWALLOWED_STOP = 40.0
SWALLOWED_PAIR = 25.0
_BLANKS = re.compile(rf"\s{{{MAX_BLANKS + 1}}}")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

UNDERSTOOD = (
    "fill, type, set, click, double-click, right-click, hover, drag, press keys, scroll, "
    "tick, untick, select, clear, open, wait, check that … is visible, find; "
    "填写 输入 设置 点击 双击 右击 悬停 拖动 按键 滚动 勾选 取消勾选 选择 清空 打开 等待 确认 定位"
)


class Evidence(Protocol):
    """What a screen says of a reading."""

    def cost(self, clause: Clause) -> float:
        """0.0 where everything it names is there, more where it is doubtful or missing."""


@dataclass(frozen=True, slots=True)
class Blind:
    """No screen: believes every name, or (``believing=False``) none that needs a screen."""

    believing: bool = False

    def cost(self, clause: Clause) -> float:
        return 40.0 if clause.exact and not self.believing else 0.0


@dataclass(frozen=True, slots=True)
class Edge:
    """One clause over the pieces from ``first`` to before ``beyond``."""

    clause: Clause
    first: int
    beyond: int
    after: Intent | None = None
    """The verb it leans on; None for a clause that stands by itself."""


@dataclass(slots=True)
class Lattice:
    """Every reading of an instruction that was considered."""

    instruction: str
    pieces: list[Segment]
    gaps: list[Gap]
    _own: dict[tuple[int, int], list[Clause]] = field(default_factory=dict)
    _after: dict[tuple[int, int, Intent], list[Clause]] = field(default_factory=dict)
    _looks: dict[int, tuple[bool, bool, bool]] = field(default_factory=dict)

    def best(self, evidence: Evidence) -> list[Clause]:
        """The cheapest clauses that cover every piece, framing left out."""
        count = len(self.pieces)
        paths: list[dict[Intent | None, tuple[float, _Path | None]]] = [
            {} for _ in range(count + 1)
        ]
        paths[0][None] = (0.0, None)
        for first in range(count):
            for verb, (cost, path) in paths[first].items():
                for edge in self.edges(first, verb):
                    reached = cost + edge.clause.cost + evidence.cost(edge.clause)
                    following = _verb_after(edge.clause, verb)
                    known = paths[edge.beyond].get(following)
                    if known is None or reached < known[0]:
                        paths[edge.beyond][following] = (reached, _Path(edge.clause, path))
        _, path = min(paths[count].values(), key=lambda reached: reached[0])
        return self._whole_unknowns(
            [clause for clause in _unrolled(path) if clause.intent != "framing"]
        )

    def _whole_unknowns(self, found: list[Clause]) -> list[Clause]:
        """With what is not understood in one piece, where only "and" or 跟 parted it."""
        joined: list[Clause] = []
        parted = {gap.start for gap in self.gaps if gap.firmness not in ("and", "glue")}
        for clause in found:
            last = joined[-1] if joined else None
            both = last is not None and last.intent == clause.intent == "unknown"
            if last and both and parted.isdisjoint(range(last.end, clause.start + 1)):
                text = self.instruction[last.start : clause.end]
                joined[-1] = replace(last, end=clause.end, text=text)
            else:
                joined.append(clause)
        return joined

    def edges(self, first: int, verb: Intent | None) -> list[Edge]:
        """Every clause that may begin with piece ``first`` after the verb ``verb``."""
        found: list[Edge] = []
        for beyond in range(first + 1, min(first + MAX_SPAN, len(self.pieces)) + 1):
            if beyond > first + 1 and self._ends_here(first, beyond - 1):
                break
            clauses = [*self._own_readings(first, beyond), *self._leaning(first, beyond, verb)]
            found += [Edge(clause, first, beyond) for clause in clauses]
        return found

    def plain(self, chosen: list[Clause]) -> bool:
        """Whether the words alone leave no doubt that ``chosen`` was meant."""
        return all(self._beyond_doubt(clause) for clause in chosen)

    def _beyond_doubt(self, clause: Clause) -> bool:
        if clause.cost > CLEAR_COST or not clause.divided or clause.exact:
            return False
        same_place = [
            other
            for found in self._own.values()
            for other in found
            if other.start == clause.start and other.end == clause.end
        ]
        return sum(other.cost < clause.cost + DOUBTED for other in same_place) == 1

    def _ends_here(self, first: int, index: int) -> bool:
        """Whether no clause from ``first`` can go on into the piece ``index``: a firm boundary,
        or a second clause of its own ("in Country, choose France" goes on into the first).
        """
        if self.gaps[index - 1].firmness in ("hard", "stop"):
            return True
        return sum(self._look(inside)[0] for inside in range(first + 1, index + 1)) > 1

    def readings(self) -> list[Clause]:
        """Every reading that may be part of the parse, whatever goes before it."""
        self.best(Blind(believing=True))
        return [
            c for found in (self._own, self._after) for clauses in found.values() for c in clauses
        ]

    def _segment(self, first: int, beyond: int) -> Segment:
        start, end = self.pieces[first], self.pieces[beyond - 1]
        return Segment(start.instruction, start.whole_mask, start.start, end.end)

    def _own_readings(self, first: int, beyond: int) -> list[Clause]:
        key = (first, beyond)
        if key not in self._own:
            self._own[key] = self._read(first, beyond)
        return self._own[key]

    def _read(self, first: int, beyond: int) -> list[Clause]:
        segment = self._segment(first, beyond)
        found = readings.own(segment)
        if beyond == first + 1:
            if readings.is_framing(segment):
                return [segment.clause("framing", cost=0.1)]
            if readings.may_be_framing(segment):
                found.append(segment.clause("framing", cost=4.5))
            if readings.introduces_a_form(segment):
                found.append(segment.trimmed().clause("framing", cost=INTRODUCTION_COST))
            found += readings.named(segment)
            whole = segment.trimmed()
            found.append(whole.clause("unknown", cost=UNKNOWN_COST))
        return self._charged(found, first, beyond)

    def _leaning(self, first: int, beyond: int, verb: Intent | None) -> list[Clause]:
        if verb is None:
            return []
        key = (first, beyond, verb)
        if key not in self._after:
            gap = self.gaps[first - 1] if first else None
            found = readings.after(
                self._segment(first, beyond),
                verb,
                firmly=gap is not None and not _weak(gap),
                new_sentence=gap is not None and gap.firmness in ("stop", "hard"),
            )
            self._after[key] = self._charged(found, first, beyond)
        return self._after[key]

    def _charged(self, found: list[Clause], first: int, beyond: int) -> list[Clause]:
        """With the price of the boundaries that their phrases run across."""
        if beyond == first + 1:
            return found
        priced = [_dearer(clause, self._swallowed(clause, first, beyond)) for clause in found]
        return [clause for clause in priced if clause.cost < SWALLOWED_STOP]

    def _swallowed(self, clause: Clause, first: int, beyond: int) -> float:
        price = 0.0
        for start, end, typed, led_on in _runs(clause):
            for index in range(first, beyond - 1):
                gap = self.gaps[index]
                if gap.start < gap.end and self._cuts(clause, gap):
                    price += SWALLOWED_CLAUSE
                elif start < max(gap.end, gap.start + 1) and gap.start < end:
                    price += self._price(index, led_on) if typed else self._name_price(index)
        return price

    def _cuts(self, clause: Clause, gap: Gap) -> bool:
        """Whether a phrase begins or ends with the word that parts two pieces ("and Email"); a
        Chinese one may be the beginning of a word, where a marker stands before it (和平).
        """
        if clause.divided and not self.instruction[gap.start : gap.end].isascii():
            return False
        return any(
            gap.start <= phrase.start < gap.end or gap.start < phrase.end <= gap.end
            for phrase in clause.phrases
        )

    def _price(self, index: int, led_on: bool) -> float:
        """What it costs a value to run on over the gap ``index``; ``led_on`` where the target
        comes only behind it ("type hello, world into Notes").
        """
        gap = self.gaps[index]
        is_clause, is_command, is_pair = self._look(index + 1)
        if gap.firmness == "glue":
            before = self.pieces[index].mask[-1:]
            if gap.end > gap.start:
                return SWALLOWED_PAIR
            if before.isascii() and is_clause:
                return SWALLOWED_CLAUSE
            return SWALLOWED_PAIR if is_pair else 6.0
        if is_clause:
            return SWALLOWED_CLAUSE
        if is_command or gap.firmness in ("hard", "stop", "then"):
            return SWALLOWED_STOP
        if is_pair:
            return SWALLOWED_PAIR
        if self._runs_on(index + 1, after_and=gap.firmness == "and"):
            return 4.0
        return 6.0 if led_on and gap.firmness in ("and", "comma") else SWALLOWED_STOP

    def _name_price(self, index: int) -> float:
        firmness: dict[Firmness, float] = {"and": 4.0, "also": 3.0, "comma": 6.0, "glue": 1.0}
        return firmness.get(self.gaps[index].firmness, SWALLOWED_STOP)

    def _runs_on(self, index: int, *, after_and: bool) -> bool:
        """Whether a piece goes on with the value before it: "…, Springfield", "salt and pepper"."""
        if self.gaps[index - 1].firmness not in ("comma", "and"):
            return False
        text = self.pieces[index].text.strip()
        if text[:1].isupper() or text[:1].isdigit() or text[:1] in "\"'“":
            return True
        return after_and and len(text.split()) == 1

    def _look(self, index: int) -> tuple[bool, bool, bool]:
        """Whether a piece is a clause, an unknown command, or a label with its value."""
        if index not in self._looks:
            piece = self.pieces[index]
            own = [c for c in readings.own(piece) if c.cost < 2.0 and not c.exact]
            pairs = [c for c in readings.after(piece, "fill") if not c.exact]
            self._looks[index] = (
                bool(own), readings.looks_like_a_command(piece), any(c.cost < 3.2 for c in pairs)
            )  # fmt: skip
        return self._looks[index]


@dataclass(frozen=True, slots=True)
class _Path:
    clause: Clause
    before: _Path | None


def lattice(instruction: str) -> Lattice:
    """The readings of ``instruction``.

    Raises:
        InstructionError: empty, too long, too many parts, forbidden characters, open quotes.
    """
    _validate(instruction)
    masked = mask(instruction)
    if _BLANKS.search(masked):
        raise InstructionError(
            f"the instruction has more than {MAX_BLANKS} blanks in a row",
            hint="take them out, or quote a value that has them",
        )
    found = gaps(instruction, masked)
    pieces = segments(instruction, masked, found)
    if len(pieces) > MAX_PIECES:
        raise InstructionError(
            f"the instruction has {len(pieces)} parts, more than {MAX_PIECES}",
            hint="give it in several instructions, or quote long values",
        )
    kept = [index for index, piece in enumerate(pieces) if piece.mask.strip(" ,.;:!?。、")]
    if not kept:
        raise InstructionError(
            "the instruction is empty", hint='say what to do, for example "click Save" or 点击保存'
        )
    between = [_joined(found[a:b]) for a, b in pairwise(kept)]
    return Lattice(instruction, [pieces[index] for index in kept], between)


def clauses(instruction: str, evidence: Evidence | None = None) -> list[Clause]:
    """The clauses of ``instruction``, in order.

    Raises:
        InstructionError: a clause is not understood; the message names it.
    """
    return understood(lattice(instruction).best(evidence or Blind()))


def understood(found: list[Clause]) -> list[Clause]:
    """``found``, when every clause of it is understood.

    Raises:
        InstructionError: one is not, or nothing was asked for.
    """
    unknown = [clause for clause in found if clause.intent == "unknown"]
    if unknown:
        raise not_understood(unknown[0])
    if not found:
        raise InstructionError(
            "the instruction asks for nothing", hint=f"understood are: {UNDERSTOOD}"
        )
    return found


def not_understood(clause: Clause) -> InstructionError:
    """The error that names a clause and lists what is understood."""
    shown = " ".join(clause.text.split())
    shown = shown if len(shown) <= 80 else shown[:79] + "…"
    return InstructionError(
        f"this clause is not understood: “{shown}”",
        hint=f"understood are: {UNDERSTOOD}; quote a value that contains such words",
    )


def _runs(clause: Clause) -> list[tuple[int, int, bool, bool]]:
    """Start and end of each stretch that must hold together, whether it is a value, and whether
    its target follows it. A label and a value that nothing divides are one stretch.
    """
    target, value = clause.target, clause.value
    if not clause.divided and target and value:
        return [(target.start, value.end, True, False)]
    led_on = target is not None and value is not None and target.start > value.end
    return [(p.start, p.end, p is value, led_on and p is value) for p in clause.phrases]


def _joined(run: list[Gap]) -> Gap:
    firmness = min((gap.firmness for gap in run), key=ORDER.index)
    return Gap(run[0].start, run[-1].end, firmness, any(gap.said_and for gap in run))


def _weak(gap: Gap) -> bool:
    """Whether it may join the items of a list: "and", 、, or "A, B and C"."""
    return gap.firmness == "and" or (gap.firmness == "comma" and gap.said_and)


def _dearer(clause: Clause, price: float) -> Clause:
    return replace(clause, cost=clause.cost + price) if price else clause


def _verb_after(clause: Clause, before: Intent | None) -> Intent | None:
    if clause.intent == "framing":
        return "fill" if clause.cost == INTRODUCTION_COST else before
    return None if clause.intent == "unknown" else clause.intent


def _unrolled(path: _Path | None) -> list[Clause]:
    found: list[Clause] = []
    while path is not None:
        found.append(path.clause)
        path = path.before
    return found[::-1]


def _validate(instruction: str) -> None:
    if not isinstance(instruction, str):
        raise InstructionError(
            f"an instruction is text, not {type(instruction).__name__}", hint="give a string"
        )
    if len(instruction) > MAX_LENGTH:
        raise InstructionError(
            f"the instruction has {len(instruction)} characters, more than {MAX_LENGTH}",
            hint="give it in several instructions",
        )
    for char in instruction:
        if char in _BIDI or (unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\r\t"):
            raise InstructionError(
                f"the instruction has a control character, U+{ord(char):04X}",
                hint="remove it; new lines and tabs are fine",
            )
