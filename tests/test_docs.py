"""The documentation holds: links resolve, commands exist, the first script runs."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import ROOT

from qvl_agent.cli import _parser
from qvl_agent.plan import Plan

READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("benchmarks/*.md")])
TARGETS = set(
    re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
)


def parts(page: Path) -> tuple[str, list[tuple[str, str]]]:
    """The prose of a page, and its fenced blocks: language and text."""
    prose, fenced = [], []
    language: str | None = None
    for line in page.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.startswith("```"):
            if language is None:
                language, inside = line[3:].strip(), []
            else:
                fenced.append((language, "".join(inside)))
                language = None
        else:
            (prose if language is None else inside).append(line)
    return "".join(prose), fenced


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return [text for name, text in parts(page)[1] if name == language]


def prose(page: Path) -> str:
    return parts(page)[0]


def anchors(page: Path) -> set[str]:
    """What a heading is called in a link, as code hosts make it from its text."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading).strip().lower() for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


def page_name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_links_resolve(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page_name(page)}: {link}"
        assert ROOT in target.parents, f"{page_name(page)}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{page_name(page)}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_commands_exist(page: Path) -> None:
    for line in "".join(blocks(page, "sh")).splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["make"]:
            assert {word for word in words[1:] if "=" not in word} <= TARGETS, line
        if words[:1] == ["qvl-agent"]:
            _parser().parse_args(words[1:])
    for target in re.findall(r"`make ([a-z]+)`", prose(page)):
        assert target in TARGETS


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_python_compiles(page: Path) -> None:
    for block in blocks(page, "python"):
        compile(block, page_name(page), "exec")


def test_the_first_script_runs() -> None:
    (script,) = blocks(READMES[0], "python")
    command = [sys.executable, "-c", script]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0].startswith("登录 Box(")
    assert any(line.startswith("type_text 用户名") for line in lines)
    assert any(line.startswith("click 登录") for line in lines)


@pytest.mark.parametrize("readme", READMES, ids=page_name)
def test_the_plan_that_is_shown_is_what_the_demo_prints(readme: Path) -> None:
    (shown,) = (Plan.from_json(block) for block in blocks(readme, "json"))
    task = re.search(
        r"^TASK := (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert task
    command = [sys.executable, "-m", "qvl_agent", "plan", task[1], "--image", "examples/login.png"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    real = Plan.from_json(ran.stdout)
    assert shown.task == real.task
    assert len(shown.steps) == len(real.steps)
    for ours, theirs in zip(shown.to_data()["steps"], real.to_data()["steps"], strict=True):
        for name in ("action", "element_type", "label", "text"):
            assert ours.get(name) == theirs.get(name)
        assert ours["bbox"] == pytest.approx(theirs["bbox"], abs=5)
        assert ours["confidence"] == pytest.approx(theirs["confidence"], abs=0.2)
    assert shown.metadata.model_version == real.metadata.model_version


def test_both_readmes_say_the_same() -> None:
    english, chinese = READMES
    for language in ("sh", "python", "json"):
        assert blocks(english, language) == blocks(chinese, language)
    headings = [
        re.findall(r"^#+ ", page.read_text(encoding="utf-8"), re.MULTILINE) for page in READMES
    ]
    assert headings[0] == headings[1]
    links = [
        {link for link in re.findall(r"\]\(([^)]+)\)", prose(page)) if "README" not in link}
        for page in READMES
    ]
    assert links[0] == links[1]


@pytest.mark.parametrize("readme", READMES, ids=page_name)
def test_the_small_tree_names_what_exists(readme: Path) -> None:
    (tree,) = [block for block in blocks(readme, "") if block.startswith("qvl_agent/")]
    for line in tree.splitlines():
        depth = len(line) - len(line.lstrip())
        names = re.match(r"\s*((?:[\w.]+(?:\.py|/)\s*)+)", line)
        assert names, line
        for name in names[1].split():
            folder = {0: ".", 2: "qvl_agent", 4: "qvl_agent/grounding"}[depth]
            assert (ROOT / folder / name).exists(), name


def test_the_published_schema_is_the_packages() -> None:
    published = json.loads((ROOT / "docs" / "plan.schema.json").read_text(encoding="utf-8"))
    assert published == Plan.json_schema()


def test_the_changelog_names_this_version() -> None:
    from qvl_agent import __version__

    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
