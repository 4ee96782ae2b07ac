"""What is built and what it asks for: wheel, source distribution, metadata, dependencies."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import cv2
import numpy as np
import pytest
from command_line import ROOT
from packaging.requirements import Requirement

import qvl_agent

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SOURCES = sorted((ROOT / "qvl_agent").rglob("*.py"))
BUILD = """
import sys
from setuptools import build_meta
print(getattr(build_meta, sys.argv[1])(sys.argv[2]))
"""
# Names under which packages are imported, where it is not their own.
IMPORTED_AS = {"cv2": "opencv-python", "PIL": "pillow", "pydantic_core": "pydantic"}
# rapidocr is there for the networks in its wheel; plans are carried out in a later version.
NEVER_IMPORTED = {"rapidocr", "pyautogui"}
# All that looking and planning may load.
LOOKING = """
annotated-types numpy onnxruntime opencv-python opencv-python-headless pillow pydantic
pydantic-core typing-extensions typing-inspection qvl-agent setuptools
"""


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[str]) -> set[str]:
    return {canonical(Requirement(line).name) for line in requirements}


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line.split("==") for line in lines if line and not line.startswith("#")]
    return dict(pinned)


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, so that building leaves nothing in the checkout."""
    pytest.importorskip("setuptools", minversion="77.0.3")
    copy = tmp_path_factory.mktemp("build") / "a folder with spaces"
    ignored = shutil.ignore_patterns(".*_cache", ".git", ".venv*", "__pycache__", "*.egg-info")
    shutil.copytree(ROOT, copy, ignore=ignored)
    shutil.rmtree(copy / "benchmarks" / "data", ignore_errors=True)
    return copy


def build(tree: Path, what: str, target: Path) -> Path:
    """Builds in ``tree`` with the setuptools that is installed here: no network."""
    command = [sys.executable, "-c", BUILD, what, str(target)]
    built = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return target / built.stdout.splitlines()[-1]


@pytest.fixture(scope="session")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tree, "build_wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def sdist(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tree, "build_sdist", tmp_path_factory.mktemp("sdist"))


def package_files() -> set[str]:
    """Every file of the package, but for what running it leaves behind."""
    files = (path for path in (ROOT / "qvl_agent").rglob("*") if path.is_file())
    return {str(file.relative_to(ROOT)) for file in files if "__pycache__" not in file.parts}


def in_wheel(wheel: Path) -> tuple[set[str], set[str]]:
    """Its files: those of the package, and those of the metadata without their folder."""
    with zipfile.ZipFile(wheel) as archive:
        files = archive.namelist()
    about = {file for file in files if file.split("/")[0].endswith(".dist-info")}
    return set(files) - about, {file.split("/", 1)[1] for file in about}


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    package, about = in_wheel(wheel)
    assert package == package_files()
    assert "qvl_agent/py.typed" in package
    assert {"METADATA", "RECORD", "entry_points.txt", "licenses/LICENSE"} <= about
    assert wheel.name == f"qvl_agent-{qvl_agent.__version__}-py3-none-any.whl"


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        folder = f"qvl_agent-{qvl_agent.__version__}.dist-info"
        text = archive.read(f"{folder}/METADATA").decode()
        scripts = archive.read(f"{folder}/entry_points.txt").decode()
        licence = archive.read(f"{folder}/licenses/LICENSE").decode()
    assert "\nName: qvl-agent\n" in text
    assert f"\nVersion: {qvl_agent.__version__}\n" in text
    assert "\nLicense-Expression: Apache-2.0\n" in text
    assert "\nRequires-Python: >=3.11\n" in text
    assert "qvl-agent = qvl_agent.cli:main" in scripts
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


def test_the_source_distribution_can_be_tested_and_built(sdist: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(sdist, tmp_path)
    (unpacked,) = tmp_path.iterdir()
    for name in ("Makefile", "constraints.txt", "tools/setup_venv.sh", "tests/test_cli.py"):
        assert (unpacked / name).is_file()
    assert (unpacked / "examples" / "login.png").read_bytes().startswith(b"\x89PNG")
    again = build(unpacked, "build_wheel", tmp_path)
    assert in_wheel(again)[0] == package_files()


def test_all_seven_packages_of_the_user_are_declared() -> None:
    base, extra = names(PROJECT["dependencies"]), names(PROJECT["optional-dependencies"]["qwen"])
    assert {"pydantic", "mss", "pyautogui", "opencv-python"} <= base
    assert extra == {"torch", "transformers", "accelerate"}


def imported() -> Iterator[tuple[str, Path]]:
    """The top-level name of every absolute import in the package."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((alias.name.split(".")[0], path) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.split(".")[0], path


def test_every_import_is_declared_and_every_declaration_imported() -> None:
    used = {
        canonical(IMPORTED_AS.get(name, name))
        for name, _ in imported()
        if name not in sys.stdlib_module_names and name != "qvl_agent"
    }
    declared = names(PROJECT["dependencies"])
    optional = names(PROJECT["optional-dependencies"]["qwen"])
    assert used <= declared | optional
    assert declared - used == NEVER_IMPORTED


def test_mouseinfo_and_pyscreeze_are_imported_nowhere() -> None:
    assert {"mouseinfo", "pyscreeze", "pymsgbox"}.isdisjoint(name for name, _ in imported())


def test_every_dependency_is_pinned() -> None:
    extras = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *(one for extra in extras.values() for one in extra)]
    assert names(lines) <= pins().keys()
    assert pins()["torch"] == "2.13.0"


def test_pins_satisfy_the_floors() -> None:
    extras = PROJECT["optional-dependencies"]
    for line in [*PROJECT["dependencies"], *(one for lines in extras.values() for one in lines)]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(pins()[canonical(requirement.name)]), line


def test_both_opencvs_are_one_version() -> None:
    assert pins()["opencv-python"] == pins()["opencv-python-headless"]
    installed = {metadata.version(f"opencv-python{tail}") for tail in ("", "-headless")}
    assert len(installed) == 1


def test_opencv_decodes() -> None:
    data = (ROOT / "examples" / "login.png").read_bytes()
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape == (600, 800, 3)


def needed(name: str, found: dict[str, str]) -> dict[str, str]:
    """``name`` and what it needs here, with the versions installed."""
    distribution = metadata.distribution(name)
    found[canonical(name)] = distribution.version
    for line in distribution.requires or []:
        requirement = Requirement(line)
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if wanted and canonical(requirement.name) not in found:
            needed(requirement.name, found)
    return found


def test_the_licence_table_covers_everything_that_is_installed() -> None:
    found: dict[str, str] = {}
    for name in names(PROJECT["dependencies"]):
        needed(name, found)
    assert found == {name: pins().get(name) for name in found}
    table = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert [name for name in pins() if f"| {name} | {pins()[name]} |" not in table] == []


def test_looking_and_planning_load_only_what_they_need() -> None:
    code = (
        "import sys\n"
        "from importlib import metadata\n"
        "from qvl_agent.cli import main\n"
        "assert main(['plan', '点击登录', '--image', 'examples/login.png']) == 0\n"
        "homes = metadata.packages_distributions()\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(*{home for name in loaded for home in homes.get(name, [])}, file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert '"action": "click"' in ran.stdout
    loaded = {canonical(name) for name in ran.stderr.splitlines()[-1].split()}
    assert loaded <= set(LOOKING.split())
    assert {"numpy", "onnxruntime", "pydantic"} <= loaded
