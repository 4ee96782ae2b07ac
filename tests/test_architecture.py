"""The package is built as docs/architecture.md says."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
MODULES = sorted((ROOT / "qvl_agent").rglob("*.py"))


def layers() -> dict[str, int]:
    """Module or package (without the leading ``qvl_agent.``) -> the number of its layer."""
    lines = re.findall(r"^(\d)\. (.+?):", PAGE, re.MULTILINE)
    return {
        name: int(number) for number, names in lines for name in re.findall(r"`([\w.]+)`", names)
    }


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT / "qvl_agent").with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def layer(module: str) -> int:
    """Of the longest listed name that holds ``module``."""
    parts = module.split(".")
    candidates = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next(layers()[name] for name in candidates if name in layers())


def imports_at_the_top(path: Path) -> Iterator[str]:
    """Modules of the package that importing ``path`` imports."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qvl_agent"):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                inside = (ROOT / full.replace(".", "/")).with_suffix(".py").exists()
                yield (full if inside else str(node.module)).removeprefix("qvl_agent").lstrip(".")


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_imports_only_its_own_layer_and_lower_ones(path: Path) -> None:
    if not (name := module_name(path)):
        return  # the package itself points at everything, lazily
    above = [used for used in imports_at_the_top(path) if used and layer(used) > layer(name)]
    assert above == []


def test_every_listed_module_exists() -> None:
    known = {module_name(path) for path in MODULES}
    assert [name for name in layers() if name not in known] == []


def test_only_the_screenshot_writes_files() -> None:
    writing = re.compile(
        r"\.write_(bytes|text)\(|\.open\(\"[wax]|open\([^)]*[\"'][wax]b?[\"']|imwrite"
    )
    found = {module_name(p) for p in MODULES if writing.search(p.read_text(encoding="utf-8"))}
    assert found == {"screenshot"}


def test_nothing_opens_a_connection() -> None:
    network = {"socket", "http", "urllib", "requests", "ssl", "ftplib", "smtplib", "asyncio"}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert network.isdisjoint(name.split(".")[0] for name in names), path


def test_no_group_is_repeated_possessively() -> None:
    # Before CPython 3.11.5 (Debian 12 has 3.11.2) (?:…)*+ matches wrongly or runs for ever when
    # the group itself can backtrack: python/cpython#106052. A class, such as \s*+, is safe.
    possessive = re.compile(r"\)(?:\*\+|\+\+|\?\+|\{[\d,]*\}\+)")
    found = [module_name(p) for p in MODULES if possessive.search(p.read_text(encoding="utf-8"))]
    assert found == [], "write (?>(?:…)*) or (?:…)* instead"


def test_the_tree_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("draw_tree", ROOT / "tools" / "draw_tree.py")
    assert spec
    assert spec.loader
    draw_tree = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(draw_tree)
    assert draw_tree.rewritten(PAGE) == PAGE, "run: python tools/draw_tree.py"
