"""Whether words of a step occur in an instruction: in English, in Chinese, or in both.

Compares letters and digits only, folded (full width, case, accents by NFKC). It knows no
synonyms and no translations: "Sign in" is not in "log in", and "登录" is not in "Login".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from qvl_agent.actions.keys import spellings

_WORD = re.compile(r"[^\W_]+")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
_POSITION_WORDS = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|next|previous"
    r"|above|below|under|beside|left|right|top|bottom|row|column|\d+(?:st|nd|rd|th))\b"
    r"|第.{1,4}[个行项列条页]|最后|倒数|上面|下面|上方|下方|左边|右边|左侧|右侧|旁边"
)
_LITTLE_WORDS = frozenset(
    {"a", "an", "and", "at", "by", "for", "from", "in", "into", "it", "of", "on", "or", "the"}
    | {"then", "this", "to", "with"}
)
_ENOUGH = 0.4  # of the words: a label may say more than the person who names it
_SHORT = 3  # letters up to which a word must stand by itself: "go" is not in "category"


def shares_words(part: str, instruction: str, *, all_of_them: bool = False) -> bool:
    """True when ``instruction`` contains ``part``, or enough of its words and character pairs.

    Args:
        part: a label, an option or a text; one without letters and digits is always shared.
        instruction: what the person asked for.
        all_of_them: some words are not enough; ``part`` must occur as it is, white space and
            punctuation apart.
    """
    if _occurs(part, instruction):
        return True
    if all_of_them:
        return False
    pieces, known = _pieces(part), _pieces(instruction)
    return bool(pieces) and len(pieces & known) >= _ENOUGH * len(pieces)


def names_keys(keys: Iterable[str], instruction: str) -> bool:
    """True when the instruction names every one of these canonical keys, in any spelling."""
    text = _fold(instruction)
    return all(any(_named(spelling, text) for spelling in spellings(key)) for key in keys)


def named_by_position(clause: str) -> bool:
    """True when the clause says where a thing is rather than what it is called."""
    return _POSITION_WORDS.search(_fold(clause)) is not None


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _squeezed(text: str) -> str:
    return "".join(_WORD.findall(_fold(text)))


def _occurs(part: str, instruction: str) -> bool:
    wanted = _squeezed(part)
    if wanted.isascii() and len(wanted) <= _SHORT:
        spoken, asked = _alphabetic_words(instruction), _alphabetic_words(part)
        return f" {' '.join(asked)} " in f" {' '.join(spoken)} " or not asked
    return wanted in _squeezed(instruction)


def _alphabetic_words(text: str) -> list[str]:
    return _WORD.findall(_WIDE.sub(" ", _fold(text)))


def _pieces(text: str) -> set[str]:
    """Words of alphabets, and pairs of neighbouring characters of scripts without spaces."""
    wide = _WIDE.findall(_fold(text))
    words = set(_alphabetic_words(text)) - _LITTLE_WORDS
    return words | {run[i : i + 2] for run in wide for i in range(max(1, len(run) - 1))}


def _named(spelling: str, text: str) -> bool:
    spelled = spelling.replace("_", "[ _-]?") if len(spelling) > 1 else re.escape(spelling)
    edge = r"[^\W_]" if spelling.isascii() and spelling.isalnum() else r"(?!)"
    return re.search(f"(?<!{edge}){spelled}(?!{edge})", text) is not None
