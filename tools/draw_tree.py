"""Draws the annotated tree of the package in docs/architecture.md from the modules' docstrings.

python tools/draw_tree.py     rewrites the tree; a test fails while it is out of date
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "architecture.md"
START, END = "<!-- tree: tools/draw_tree.py -->\n```\n", "```\n<!-- end of tree -->"
WIDTH = 24


def drawn() -> str:
    """The tree: a line for each folder and module, with the first sentence of its docstring."""
    package = ROOT / "qvl_agent"
    return "qvl_agent/\n" + "".join(_lines(package, depth=1))


def rewritten(page: str) -> str:
    """``page`` with the tree in it brought up to date."""
    before, rest = page.split(START)
    after = rest.split(END)[1]
    return before + START + drawn() + END + after


def _lines(folder: Path, depth: int) -> list[str]:
    lines = []
    for path in sorted(folder.iterdir(), key=lambda path: (path.is_dir(), path.name)):
        if path.is_dir() and list(path.rglob("*.py")):
            lines.append(_line(f"{path.name}/", _summary(path / "__init__.py"), depth))
            lines += _lines(path, depth + 1)
        elif path.suffix == ".py" and (path.name != "__init__.py" or depth == 1):
            lines.append(_line(path.name, _summary(path), depth))
    return lines


def _line(name: str, summary: str, depth: int) -> str:
    return f"{'  ' * depth + name:{WIDTH}} {summary}".rstrip() + "\n"


def _summary(path: Path) -> str:
    if not path.exists():
        return ""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(docstring.split("\n\n")[0].split())
    return paragraph.split(". ")[0].rstrip(".")


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
