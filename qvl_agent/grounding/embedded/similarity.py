"""How well the words of a query agree with text that an OCR engine read.

Knows what OCR gets wrong (blanks, look-alike glyphs, punctuation, width) and forgives it;
everything else counts as a different word: digits must be equal, a query inside a longer word
("Save" in "Saved") is hardly a match, one at word boundaries in a longer line is a good one.
Knows no meaning: "sign in" and "log in" are as different as any two words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

LEAST = 0.5  # similarities below are not worth reporting
_MAX_FUZZY = 120  # characters; longer texts are only compared exactly

_PUNCTUATION = str.maketrans({
    "‘": "'", "’": "'", "“": '"', "”": '"', "「": '"', "」": '"', "『": '"', "』": '"',
    "`": "'", "´": "'", "′": "'", "″": '"', "—": "-", "–": "-", "‐": "-", "‑": "-", "‒": "-",
    "−": "-", "―": "-", "。": ".", "、": ",", "【": "[", "】": "]", "《": "<", "》": ">",
    "〈": "<", "〉": ">", "·": "•", "∙": "•", "●": "•", "・": "•", "⋯": "…",
    "‹": "<", "›": ">", "¦": "|", "丨": "|",
})  # fmt: skip
_LOOKALIKES = (
    "lIi1|ıí", "oO0°", "sS5$", "bB8", "zZ2", "gq9", "xX×✕✖", "-一", "v∨", "cC(",
    "uUμ", "已己巳", "未末", "人入", "日曰", "土士", "干千", "大太犬", "天夭", "间问",
    "王玉主", "贝见", "历厉", "侯候", "帐账", "戊戌戍", "治冶", "析折", "洒酒", "拔拨",
    "晴睛", "竟竞", "鸟乌", "兔免", "辨辩", "即既", "白自", "口囗", "夕タ", "力カ", "工エ",
    "二ニ", "八ハ", "卜ト",
)  # fmt: skip
_CLASS = {char: f"{group[0]}" for group in _LOOKALIKES for char in group}
_DIGRAPHS = (("rn", "m"), ("cl", "d"), ("vv", "w"), ("nn", "m"), ("li", "h"), ("ii", "u"))

# What one difference costs, in wrong letters.
_DECORATED, _SAME_CLASS, _DIGRAPH, _MARK, _SEAM = 0.01, 0.15, 0.3, 0.3, 0.3
_DOUBLED, _LETTER, _GLYPH, _DIGIT = 0.6, 1.0, 2.0, 8.0

_MNEMONIC = r"[(（]_?[A-Za-z0-9][)）]"
_DECORATION = (
    re.compile(rf"\s*{_MNEMONIC}\s*(?=$|[.…:：])"),
    re.compile(r"[\s:：*＊…\.。,，;；]+$"),
    re.compile(r"^[\s*＊•·●▸▾▶▼►◄☰✓✔+\-–>»]+(?=\w)"),
    re.compile(r"\s*[>»›▸▾▶▼►⌄∨ˇ]+$"),
    re.compile(r"^[\"“「『《'‘]+(?=\w)"),
    re.compile(r"[\"”」』》'’]+$"),
)
_SHORTCUT = re.compile(
    r"\s*(?:(?:Shift|Ctrl|Alt|Super|Meta|Cmd|Strg|Control|⌘|⇧|⌥|\^)\s*\+?\s*)+"
    r"(?:[A-Za-z0-9]|F\d{1,2}|[+\-=,./\\;'`]|Del|Delete|Home|End|Left|Right|Up|Down|Page ?Up"
    r"|Page ?Down|Enter|Return|Space|Tab|Esc|Escape|Insert|Backspace)?$|\s+F\d{1,2}$",
    re.IGNORECASE,
)
_COUNT = re.compile(r"\s*[(（\[]\d+\+?[)）\]]$")


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    """What is left of one character when width, accents and drawing variants do not matter."""
    if char.isspace() or unicodedata.category(char) in ("Cf", "Mn", "Me"):
        return ""
    plain = unicodedata.normalize("NFKC", char.translate(_PUNCTUATION)).translate(_PUNCTUATION)
    if char in "…⋯":
        plain = "..."
    if len(plain) == 1 and "LATIN" in unicodedata.name(plain, ""):
        plain = unicodedata.normalize("NFD", plain)[0]
    return plain.replace(" ", "")


def is_cjk(char: str) -> bool:
    """Whether words of this script are written without blanks."""
    return "\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or char >= "\U00020000"


@lru_cache(maxsize=4096)
def _class(char: str) -> str:
    return _CLASS.get(char) or _CLASS.get(char.lower()) or char.lower()


@dataclass(frozen=True, slots=True)
class Folded:
    """A text without what OCR and people do not agree on.

    Attributes:
        raw: the text as it was.
        cased: folded characters without blanks, in their case.
        chars: the same in lower case.
        classes: the same with look-alikes made one ("l" for l, I, 1).
        origin: for each folded character its index in ``raw``.
        core: start and end, in folded characters, of the text without decoration (mnemonic,
            colon, ellipsis, shortcut, count badge).
    """

    raw: str
    cased: str
    chars: str
    classes: str
    origin: tuple[int, ...]
    core: tuple[int, int]

    def __len__(self) -> int:
        return len(self.chars)


def fold(text: str) -> Folded:
    """The folded form of ``text``."""
    cased: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        for piece in _fold_char(char):
            cased.append(piece)
            origin.append(index)
    lowered = [c.lower() if len(c.lower()) == 1 else c for c in cased]
    core = _core(text, origin)
    classes = "".join(_class(c) for c in cased)
    return Folded(text, "".join(cased), "".join(lowered), classes, tuple(origin), core)


def _core(text: str, origin: list[int]) -> tuple[int, int]:
    """Where the undecorated text starts and ends, in folded characters."""
    start, end = 0, len(text)
    for pattern in (_COUNT, _SHORTCUT, *_DECORATION, _COUNT):
        found = pattern.search(text[start:end])
        if not found or found.end() - found.start() >= len(text[start:end].strip()):
            continue
        if found.start() == 0 and found.end() < end - start:
            start += found.end()
        elif any(c.isalnum() for c in text[start : start + found.start()]):
            if text[start + found.end() : end].strip(".… :："):
                continue
            end = start + found.start()
    inside = [i for i, raw in enumerate(origin) if start <= raw < end]
    return (inside[0], inside[-1] + 1) if inside else (0, len(origin))


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMatch:
    """Where and how well a query's text was found in a source text.

    Attributes:
        start, end: the found part, in characters of the source's raw text.
        similarity: 0 to 1, how sure it is the same text, before what stands around it counts.
        share: found part over the whole undecorated text, 0 to 1.
        cost: what the difference costs, 0 for none, 1 for a wrong letter.
        worst: the share of the worst word of the query that is wrong, 0 to 1.
        exact: the same characters, case included, and nothing else.
        same_case: the same case throughout.
        whole: nothing but decoration stands around the found part.
        bounded: it starts and ends where words do.
    """

    start: int
    end: int
    similarity: float
    share: float
    cost: float
    worst: float
    exact: bool
    same_case: bool
    whole: bool
    bounded: bool

    @property
    def strength(self) -> float:
        """One number to rank by: a part counts less than a whole, the smaller the less."""
        factor = 1.0 if self.whole else 0.78 + 0.14 * self.share
        return self.similarity * factor * (1.0 if self.same_case else 0.995)


def compare(query: Folded, source: Folded, *, fuzzy: bool = True) -> TextMatch | None:
    """The best place of ``query`` in ``source``; None where it is not there."""
    if not query.chars or not source.chars:
        return None
    if query.chars == source.chars:
        return _match(query, source, 0, len(source), 0.0, 0.0)
    if _cores_agree(query, source):
        return _match(query, source, *source.core, _DECORATED, 0.0)
    found = _best(_occurrences(query, source))
    if found is None or found.similarity < 0.9:
        found = _best([m for m in (found, _core_occurrence(query, source)) if m])
    if fuzzy and (found is None or found.similarity < 0.85) and _worth_aligning(query, source):
        found = _best([m for m in (found, _aligned(query, source)) if m])
    return found if found and found.similarity >= LEAST else None


def _cores_agree(query: Folded, source: Folded) -> bool:
    """The same text but for decoration that only one of them has."""
    decorated = query.core != (0, len(query)), source.core != (0, len(source))
    if decorated == (False, False):
        return False
    if all(decorated):
        outer = [t.classes[: t.core[0]] + t.classes[t.core[1] :] for t in (query, source)]
        if any(c.isalnum() for text in outer for c in text):
            return False
    return query.chars[slice(*query.core)] == source.chars[slice(*source.core)]


def _core_occurrence(query: Folded, source: Folded) -> TextMatch | None:
    """The query without its decoration inside the source ("文件(F)" in "文件 编辑")."""
    start, end = query.core
    if (start, end) == (0, len(query)):
        return None
    if any(c.isdigit() for c in query.chars[:start] + query.chars[end:]):
        return None
    core = Folded(
        query.raw, query.cased[start:end], query.chars[start:end], query.classes[start:end],
        query.origin[start:end], (0, end - start),
    )  # fmt: skip
    found = _best(_occurrences(core, source))
    return found and _weakened(found, 0.9)


def _weakened(match: TextMatch, factor: float) -> TextMatch:
    return replace(match, similarity=match.similarity * factor, exact=False)


def _best(matches: list[TextMatch] | Iterator[TextMatch]) -> TextMatch | None:
    return max(matches, key=lambda m: (m.strength, -m.start), default=None)


def _occurrences(query: Folded, source: Folded) -> Iterator[TextMatch]:
    """Every place where the source reads as the query, look-alikes allowed."""
    at, seen = source.classes.find(query.classes), 0
    while at >= 0 and seen < 16:
        end = at + len(query)
        cost = _lookalike_cost(query.chars, source.chars[at:end])
        if cost is not None:
            yield _match(query, source, at, end, cost, cost / len(query))
        at, seen = source.classes.find(query.classes, at + 1), seen + 1


def _lookalike_cost(query: str, found: str) -> float | None:
    cost = 0.0
    for a, b in zip(query, found, strict=True):
        if a != b:
            cost += _substitution(a, b)
    return cost if cost < _DIGIT else None


@lru_cache(maxsize=65536)
def _substitution(a: str, b: str) -> float:
    """What reading ``b`` for ``a`` costs."""
    if a == b:
        return 0.0
    if _class(a) == _class(b):
        return _SAME_CLASS if not (is_cjk(a) and is_cjk(b)) else 0.4
    if a.isdigit() or b.isdigit():
        return _DIGIT
    if is_cjk(a) or is_cjk(b):
        return _GLYPH
    return _LETTER


@lru_cache(maxsize=4096)
def _gap(char: str, before: str) -> float:
    """What one character too many or too few costs."""
    if char.isdigit():
        return _DIGIT
    if not char.isalnum():
        return _MARK
    if is_cjk(char):
        return _GLYPH
    return _DOUBLED if char == before else _LETTER


def _match(
    query: Folded, source: Folded, start: int, end: int, cost: float, worst: float
) -> TextMatch:
    """The match of the folded part ``start:end``; what is left of cut words adds to the cost."""
    left, right = _rest_of_word(source, start, -1), _rest_of_word(source, end, 1)
    bounded = not (left or right)
    extra = _extension_cost(query, source, start, end, left, right)
    total = cost + extra
    length = max(len(query), end - start) + (left + right if extra else 0)
    worst = max(worst, min(1.0, extra / length))
    core_start, core_end = source.core
    whole = start <= core_start and end >= core_end
    covered = max(1, min(end, core_end) - max(start, core_start))
    same_case = query.cased[slice(*query.core)] in source.cased[start:end] or (
        source.cased[start:end] in query.cased
    )
    similarity = _similarity(total, worst, length)
    if not whole and sum(1 for c in query.chars if c.isalnum()) < 2:
        similarity *= 0.6
    return TextMatch(
        start=source.origin[start],
        end=source.origin[end - 1] + 1,
        similarity=similarity,
        share=min(1.0, covered / max(1, core_end - core_start)),
        cost=total,
        worst=worst,
        exact=query.raw.strip() == source.raw.strip(),
        same_case=same_case,
        whole=whole,
        bounded=bounded,
    )


def _similarity(cost: float, worst: float, length: int) -> float:
    """0 to 1: the same edits say more about a short text, and more when they hit one word."""
    if cost <= 0:
        return 1.0
    spread = 1.0 - cost / length * (1.0 + 3.0 / length)
    return max(0.0, min(spread, 1.0 - 0.8 * worst) if worst > 0.2 else spread)


def _extension_cost(
    query: Folded, source: Folded, start: int, end: int, left: int, right: int
) -> float:
    """The letters of cut words: full price, but cheap where OCR ate a blank of the query."""
    letters = source.chars[start - left : start] + source.chars[end : end + right]
    if any(c.isdigit() for c in letters):
        return _DIGIT
    eaten = _blanks(query, 0, len(query)) > _blanks(source, start, end)
    seams = _is_seam(source, start - 1, start) + _is_seam(source, end - 1, end)
    return (0.25 if eaten and len(query) >= 8 else 1.0) * len(letters) + _SEAM * seams


def _blanks(text: Folded, start: int, end: int) -> int:
    return sum(text.origin[i + 1] - text.origin[i] > 1 for i in range(start, end - 1))


def _rest_of_word(source: Folded, at: int, step: int) -> int:
    """How many characters of a cut word lie beyond position ``at`` in direction ``step``."""
    count = 0
    while True:
        edge = at + count * step
        before, after = edge - 1, edge
        if before < 0 or after >= len(source) or _is_boundary(source, before, after):
            return count
        count += 1


def _is_boundary(source: Folded, before: int, after: int) -> bool:
    """Whether a word may end at folded index ``before`` and another start at ``after``."""
    a, b = source.cased[before], source.cased[after]
    if source.origin[after] - source.origin[before] > 1:
        return True
    if not (a.isalnum() and b.isalnum()):
        return not (_joins(source, before) or _joins(source, after))
    if is_cjk(a) or is_cjk(b) or a.isdigit() != b.isdigit():
        return True
    return a.islower() and b.isupper()


def _joins(source: Folded, at: int) -> bool:
    """Whether a mark holds one word together: "1.5", "3,000", "12:30", "don't", "C++"."""
    mark = source.cased[at]
    if mark in "+#%":
        return at > 0 and source.origin[at] - source.origin[at - 1] == 1
    around = source.cased[max(at - 1, 0) : at] + source.cased[at + 1 : at + 2]
    if len(around) < 2 or source.origin[at + 1] - source.origin[at - 1] > 2:
        return False
    return (mark in ".,:/-" and around.isdigit()) or (mark == "'" and around.isalpha())


def _is_seam(source: Folded, before: int, after: int) -> bool:
    """A place where a word may end, but seldom does: "e-mail", "v2", "index.html"."""
    if before < 0 or after >= len(source) or source.origin[after] - source.origin[before] > 1:
        return False
    a, b = source.cased[before], source.cased[after]
    if a.isalnum() and b.isalnum():
        return a.isdigit() != b.isdigit() and not (is_cjk(a) or is_cjk(b))
    mark, at, step = (b, after, 1) if a.isalnum() else (a, before, -1)
    beyond = source.cased[at + step : at + step + 1] if at + step >= 0 else ""
    return mark in ".,-_/@:&" and beyond.isalnum() and not is_cjk(beyond)


def _worth_aligning(query: Folded, source: Folded) -> bool:
    size = len(query)
    if size < 4 or size > _MAX_FUZZY or len(source) > 4 * _MAX_FUZZY or len(source) < size * 0.6:
        return False
    shared = _bigrams(query.classes) & _bigrams(source.classes)
    return len(shared) >= 0.5 * (size - 1)


def _bigrams(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _aligned(query: Folded, source: Folded) -> TextMatch | None:
    """The cheapest alignment of the query with some part of the source."""
    edits = _alignment(query.chars, source.chars)
    if edits is None:
        return None
    start, end, costs = edits
    if end <= start:
        return None
    return _match(query, source, start, end, sum(costs), _worst_word(query, costs))


def _worst_word(query: Folded, costs: list[float]) -> float:
    """The highest share of wrong characters in any one word of the query."""
    shares: dict[int, list[float]] = {}
    word = 0
    for index, cost in enumerate(costs):
        if index and query.origin[index] - query.origin[index - 1] > 1:
            word += 1
        shares.setdefault(word, []).append(cost)
    return max(min(1.0, sum(c) / len(c)) for c in shares.values())


def _alignment(query: str, source: str) -> tuple[int, int, list[float]] | None:
    """Start and end in ``source`` and, for each character of ``query``, what its edits cost.

    A dynamic program over both texts whose start and end in the source are free.
    """
    rows, columns = len(query), len(source)
    most = (1.0 - LEAST) * rows / (1.0 + 3.0 / rows)
    table = [[0.0] * (columns + 1)]
    moves: list[list[tuple[int, int]]] = [[(0, 0)] * (columns + 1)]
    for i in range(1, rows + 1):
        row = [table[i - 1][0] + _gap(query[i - 1], query[i - 2 : i - 1])]
        came = [(1, 0)]
        for j in range(1, columns + 1):
            cost, move = _cheapest(query, source, i, j, table, row)
            row.append(cost)
            came.append(move)
        table.append(row)
        moves.append(came)
        if min(row) > most:
            return None
    last = table[rows]
    end = min(range(columns + 1), key=lambda j: (last[j], j))
    return _traced(table, moves, end)


def _cheapest(
    query: str, source: str, i: int, j: int, table: list[list[float]], row: list[float]
) -> tuple[float, tuple[int, int]]:
    a, b = query[i - 1], source[j - 1]
    best = table[i - 1][j - 1] + (0.0 if a == b else _substitution(a, b))
    if best == 0.0:
        return best, (1, 1)
    move = (1, 1)
    dropped = table[i - 1][j] + _gap(a, query[i - 2] if i > 1 else "")
    if dropped < best:
        best, move = dropped, (1, 0)
    added = row[j - 1] + _gap(b, source[j - 2] if j > 1 else "")
    if added < best:
        best, move = added, (0, 1)
    for two, one in _DIGRAPHS:
        if b == one and query[i - 2 : i] == two and table[i - 2][j - 1] + _DIGRAPH < best:
            best, move = table[i - 2][j - 1] + _DIGRAPH, (2, 1)
        if a == one and source[j - 2 : j] == two and table[i - 1][j - 2] + _DIGRAPH < best:
            best, move = table[i - 1][j - 2] + _DIGRAPH, (1, 2)
    return best, move


def _traced(
    table: list[list[float]], moves: list[list[tuple[int, int]]], end: int
) -> tuple[int, int, list[float]]:
    i, j = len(table) - 1, end
    costs = [0.0] * i
    while i > 0:
        di, dj = moves[i][j]
        paid = table[i][j] - table[i - di][j - dj]
        costs[max(0, i - 1)] += paid
        i, j = i - di, j - dj
    return j, end, costs
