"""Key names: every spelling leads to one canonical name, and everything else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qvl_agent.actions.keys import (
    _ALIASES,
    MODIFIERS,
    NAMED_KEYS,
    normalise_key,
    parse_chord,
    spellings,
)
from qvl_agent.errors import UsageError


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("ctrl", "ctrl"),
        ("Control", "ctrl"),
        ("CTRL", "ctrl"),
        ("Return", "enter"),
        ("escape", "esc"),
        ("cmd", "super"),
        ("Windows key", "super"),
        ("Enter-key", "enter"),
        ("回车", "enter"),
        ("回车键", "enter"),
        ("空格键", "space"),
        ("向下键", "down"),
        ("Page Down", "page_down"),
        ("pgdn", "page_down"),
        ("page-up", "page_up"),
        ("F5", "f5"),
        ("f24", "f24"),
        ("S", "s"),
        ("Ｓ", "s"),
        ("é", "é"),
        ("+", "+"),
        ("plus", "+"),
        ("-", "-"),
        ("_", "_"),
        ("€", "€"),
        (" ", "space"),
        ("\t", "tab"),
        ("\n", "enter"),
        ("k", "k"),
        ("键", None),
        ("key", None),
        ("中", None),
        ("f25", None),
        ("f0", None),
        ("", None),
        ("ctrl+s", None),
        ("\x00", None),
        ("\u202e", None),
        ("😀", None),
        ("ss", None),
    ],
)
def test_a_name_leads_to_its_key_or_is_refused(name: str, canonical: str | None) -> None:
    if canonical is not None:
        assert normalise_key(name) == canonical
        return
    with pytest.raises(UsageError):
        normalise_key(name)


def test_the_hint_names_the_nearest_keys() -> None:
    with pytest.raises(UsageError) as raised:
        normalise_key("controll")
    assert raised.value.hint.startswith("nearest: ")
    assert "ctrl" in raised.value.hint


def test_a_long_name_is_not_repeated_in_the_message() -> None:
    with pytest.raises(UsageError) as raised:
        normalise_key("correct horse battery staple")
    assert "horse" not in str(raised.value)


def test_every_canonical_name_is_its_own_and_no_alias_is_ambiguous() -> None:
    aliases = [alias for names in _ALIASES.values() for alias in names]
    assert len(set(aliases)) == len(aliases)
    assert not set(aliases) & set(_ALIASES)
    assert set(NAMED_KEYS) >= MODIFIERS
    for key in NAMED_KEYS:
        assert [normalise_key(spelling) for spelling in spellings(key)] == [key] * len(
            spellings(key)
        )


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Ctrl+Shift+S", ("ctrl", "shift", "s")),
        ("ctrl + s", ("ctrl", "s")),
        ("ctrl++", ("ctrl", "+")),
        ("ctrl + +", ("ctrl", "+")),
        ("+", ("+",)),
        ("回车", ("enter",)),
        ("Ctrl+回车键", ("ctrl", "enter")),
        ("Page Down", ("page_down",)),
    ],
)
def test_a_chord_is_split_at_its_plus_signs(text: str, keys: tuple[str, ...]) -> None:
    assert parse_chord(text) == keys


@pytest.mark.parametrize("text", ["", "ctrl+", "ctrl+nonsense", "hello world"])
def test_a_chord_with_a_part_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_chord(text)


@given(st.text(max_size=30))
def test_any_name_gives_a_stable_key_or_a_usage_error(name: str) -> None:
    try:
        key = normalise_key(name)
    except UsageError:
        return
    assert normalise_key(key) == key
