"""Key names: one canonical name per key, and the many ways people write it.

A key is a key on a keyboard, not a character: "S" and "s" are the same key, and a capital letter
is ``shift`` with the letter. Pure tables; nothing here presses anything, and nothing here knows
which keys the keyboard at hand has.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence

from qvl_agent.errors import UsageError

MODIFIERS = frozenset({"ctrl", "alt", "alt_gr", "shift", "super"})

# canonical name -> other spellings; all lower case, with "_" for white space and "-"
_ALIASES: dict[str, tuple[str, ...]] = {
    "ctrl": ("control", "ctl", "控制"),
    "alt": ("option", "opt"),
    "alt_gr": ("altgr",),
    "shift": ("上档", "换挡"),
    "super": ("win", "windows", "meta", "cmd", "command", "徽标", "开始"),
    "enter": ("return", "回车", "确认", "换行"),
    "tab": ("tabulator", "制表", "制表符"),
    "esc": ("escape", "取消", "退出"),
    "space": ("spacebar", "space_bar", "空格"),
    "backspace": ("back_space", "退格"),
    "delete": ("del", "删除"),
    "insert": ("ins", "插入"),
    "home": ("行首",),
    "end": ("行尾",),
    "page_up": ("pageup", "pgup", "prior", "上一页", "上翻页", "向上翻页"),
    "page_down": ("pagedown", "pgdn", "pgdown", "next", "下一页", "下翻页", "向下翻页"),
    "up": ("arrow_up", "arrowup", "up_arrow", "上", "向上", "上箭头", "上方向"),
    "down": ("arrow_down", "arrowdown", "down_arrow", "下", "向下", "下箭头", "下方向"),
    "left": ("arrow_left", "arrowleft", "left_arrow", "左", "向左", "左箭头", "左方向"),
    "right": ("arrow_right", "arrowright", "right_arrow", "右", "向右", "右箭头", "右方向"),
    "caps_lock": ("capslock", "大写锁定", "大写"),
    "num_lock": ("numlock", "数字锁定"),
    "scroll_lock": ("scrolllock", "滚动锁定"),
    "print_screen": ("printscreen", "prtsc", "prtscr", "print", "截屏", "打印屏幕"),
    "pause": ("break", "暂停"),
    "menu": ("apps", "context_menu", "菜单"),
    "+": ("plus", "加号"),
    "-": ("minus", "hyphen", "dash", "减号"),
    "=": ("equals", "equal", "等号"),
    ",": ("comma", "逗号"),
    ".": ("period", "dot", "full_stop", "句号"),
    "/": ("slash", "斜杠"),
    "\\": ("backslash", "反斜杠"),
    ";": ("semicolon", "分号"),
    "'": ("quote", "apostrophe", "引号"),
    "`": ("backquote", "backtick", "grave", "反引号"),
    "[": ("left_bracket",),
    "]": ("right_bracket",),
}
_FUNCTION_KEYS = tuple(f"f{number}" for number in range(1, 25))

NAMED_KEYS: tuple[str, ...] = (*(name for name in _ALIASES if len(name) > 1), *_FUNCTION_KEYS)
_CANONICAL: dict[str, str] = {
    **{name: name for name in (*_ALIASES, *_FUNCTION_KEYS)},
    **{alias: name for name, aliases in _ALIASES.items() for alias in aliases},
}
_WHITE_SPACE_KEYS = {" ": "space", "\t": "tab", "\n": "enter", "\r": "enter"}
_CHORD_SPLIT = re.compile(r"(?<=[^+])\s*\+\s*(?=\S)")


def normalise_key(name: str) -> str:
    """The canonical name of the key that ``name`` means: "Control" -> "ctrl", "回车键" -> "enter".

    Raises:
        UsageError: no key has that name; the hint lists the nearest names.
    """
    if name in _WHITE_SPACE_KEYS:
        return _WHITE_SPACE_KEYS[name]
    spelled = _spelled(name)
    if spelled in _CANONICAL:
        return _CANONICAL[spelled]
    if _is_character_key(spelled):
        return spelled
    raise UsageError(f"no key is called {_quoted(name)}", hint=_nearest(spelled))


def parse_chord(text: str) -> tuple[str, ...]:
    """The keys that "Ctrl+Shift+S" or "ctrl + +" names, canonical, in the order written.

    Raises:
        UsageError: a part of it names no key.
    """
    parts = _CHORD_SPLIT.split(text.strip())
    return tuple(normalise_key(part) for part in parts)


def spellings(key: str) -> Sequence[str]:
    """Every way a canonical ``key`` may be written in an instruction, itself first."""
    return (key, *_ALIASES.get(key, ()))


def _spelled(name: str) -> str:
    """``name`` as the table spells it: half width, lower case, without "key" or "键" behind it."""
    folded = unicodedata.normalize("NFKC", name).strip().lower()
    if len(folded) > 1:
        folded = re.sub(r"(?<=.)(?:[\s_-]*key|\s*键)$", "", folded)
    if len(folded) > 1:
        folded = re.sub(r"[\s_-]+", "_", folded)
    return folded


def _is_character_key(spelled: str) -> bool:
    """True for one printable character that a keyboard can carry on a key of its own."""
    if len(spelled) != 1:
        return False
    wide = unicodedata.east_asian_width(spelled) in "WF"
    return unicodedata.category(spelled)[0] in "LNPS" and not wide


def _quoted(name: str) -> str:
    """``name`` for a message: shown when short and plain, so that no typed text leaks into logs."""
    return repr(name) if len(name) <= 20 and name.isprintable() else "that"


def _nearest(spelled: str) -> str:
    near = difflib.get_close_matches(spelled[:40], list(_CANONICAL), n=4, cutoff=0.5)
    if near:
        return "nearest: " + ", ".join(dict.fromkeys(_CANONICAL[name] for name in near))
    return "a single character, f1 to f24, or one of " + ", ".join(NAMED_KEYS[:24])
