"""The table ``programs.toml``: which programs run where, and which of their screens are taken."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


@dataclasses.dataclass(frozen=True, kw_only=True)
class Variant:
    """The surroundings of a run: screen, theme, language, window manager, scale."""

    name: str
    size: tuple[int, int] = (1280, 800)
    theme: str = "Adwaita"
    tone: str = "light"
    language: str = "en"
    manager: str = "openbox"
    scale: float = 1
    font: str = "Sans 10"
    backdrop: str = "#35506b"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """One program in one variant, with the screens to take: name -> steps."""

    program: str
    toolkit: str
    split: str
    variant: Variant
    command: tuple[str, ...]  # "{home}" stands for the home directory of the run
    screens: dict[str, str]
    also: tuple[tuple[str, ...], ...] = ()
    restless: int = 100

    @property
    def name(self) -> str:
        """The start of the names of this run's screens."""
        return f"{self.program}-{self.variant.name}"


def load_table() -> dict[str, Any]:
    """The content of ``programs.toml``."""
    return tomllib.loads((HERE / "programs.toml").read_text(encoding="utf-8"))


def load_runs(table: dict[str, Any]) -> list[Run]:
    """Every run of the table, in its order."""
    variants = {name: make_variant(name, row) for name, row in table["variant"].items()}
    return [
        Run(
            program=program["name"],
            toolkit=program["toolkit"],
            split=program["split"],
            variant=variants[run["variant"]],
            command=tuple(run.get("command", program.get("command", [program["name"]]))),
            screens=dict(run.get("screens", {"main": ""})),
            also=tuple(tuple(command) for command in run.get("also", [])),
            restless=program.get("restless", 100),
        )
        for program in table["program"]
        for run in program["run"]
    ]


def make_variant(name: str, row: dict[str, Any]) -> Variant:
    """A variant from its row."""
    values = dict(row)
    if "size" in values:
        values["size"] = tuple(values["size"])
    return Variant(name=name, **values)
