"""Importing the package does nothing, and its public names are these."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import qvl_agent

HEAVY = {
    "torch",
    "transformers",
    "mss",
    "cv2",
    "numpy",
    "PIL",
    "pyautogui",
    "pydantic",
    "rapidocr",
    "onnxruntime",
}
PUBLIC = {
    "Box",
    "CaptureError",
    "Element",
    "Grounder",
    "Grounding",
    "GroundingError",
    "ImageError",
    "InputError",
    "InstructionError",
    "LogicalBox",
    "LogicalPoint",
    "MissingDependencyError",
    "ParseError",
    "Plan",
    "PlanError",
    "Point",
    "PolicyError",
    "QueryError",
    "QvlAgentError",
    "Screenshot",
    "Size",
    "TargetNotFound",
    "UsageError",
    "__version__",
    "capture",
    "load_grounder",
    "plan",
    "screens",
    "windows",
}


def run(code: str, cwd: Path | None = None) -> str:
    """What a fresh interpreter prints."""
    path = str(Path(qvl_agent.__file__).parents[1])
    result = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {path!r})\n{code}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_importing_loads_nothing_heavy() -> None:
    loaded = run("import qvl_agent; print(*sys.modules)").split()
    assert not HEAVY & set(loaded)
    assert [name for name in loaded if name.startswith("qvl_agent.")] == []


def test_importing_opens_no_file_but_modules_and_no_socket() -> None:
    code = """
opened = []
def watch(event, arguments):
    if event == "open" and not str(arguments[0]).endswith((".py", ".pyc")):
        opened.append(arguments)
    if event.startswith(("socket.", "subprocess.", "os.mkdir", "ctypes.")):
        opened.append((event, arguments))
sys.addaudithook(watch)
sys.dont_write_bytecode = True
import qvl_agent
print(opened)
"""
    assert run(code).strip() == "[]"


def test_capture_does_not_need_what_the_model_and_the_mouse_need() -> None:
    code = "import qvl_agent; qvl_agent.capture, qvl_agent.Screenshot; print(*sys.modules)"
    loaded = set(run(code).split())
    assert not {"torch", "pyautogui", "mss", "cv2", "pydantic", "rapidocr"} & loaded


def test_the_public_names() -> None:
    assert set(qvl_agent.__all__) == PUBLIC
    assert len(qvl_agent.__all__) == len(PUBLIC)
    assert set(dir(qvl_agent)) >= PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(qvl_agent, name) is not None
    assert name == "__version__" or callable(getattr(qvl_agent, name))


def test_a_type_checker_sees_the_names_that_are_there() -> None:
    """The imports under TYPE_CHECKING and the table that works at run time say the same."""
    source = Path(qvl_agent.__file__).read_text()
    for name, home in {**qvl_agent._HOMES, **qvl_agent._CALLABLE_MODULES}.items():
        line = f"from qvl_agent.{home} import {name} as {name}\n"
        assert line in source, line
    assert source.count("    from qvl_agent.") == len(PUBLIC) - 1  # all but __version__


def test_unknown_names_are_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'captures'"):
        _ = qvl_agent.captures  # type: ignore[attr-defined]
    run("from qvl_agent import *; capture, plan, Screenshot")


IMPORTS = {
    "nothing": "",
    "attribute": "qvl_agent.{name}",
    "module": "import qvl_agent.{name}",
    "module as": "import qvl_agent.{name} as other",
    "from package": "from qvl_agent import {name}",
    "from module": "from qvl_agent.{name} import {thing}",
    "import_module": "import importlib; importlib.import_module('qvl_agent.{name}')",
    "implementation first": "import qvl_agent.{home}",
    "another public name": "qvl_agent.{public}",
    "star": "from qvl_agent import *",
}
CLASHES = {
    "capture": {"thing": "Monitor", "home": "display.local", "public": "screens"},
    "plan": {"thing": "Plan", "home": "planner", "public": "Plan"},
}
CHECK = """
import inspect, types
import qvl_agent.{name} as module
from qvl_agent.{name} import {thing} as thing
from qvl_agent import {name} as called
assert called is qvl_agent.{name} is module is sys.modules["qvl_agent.{name}"]
assert isinstance(module, types.ModuleType)
assert module.{thing} is thing
function = module._function()
assert inspect.isfunction(function) and function.__name__ == "{name}"
assert inspect.signature(qvl_agent.{name}) == inspect.signature(function)
sys.modules[function.__module__].{name} = lambda *a, **k: (a, k)
assert qvl_agent.{name}(1, two=2) == ((1,), {{"two": 2}})
assert called(3) == ((3,), {{}})
print("fine")
"""


@pytest.mark.parametrize("clash", CLASHES)
@pytest.mark.parametrize("first", IMPORTS)
def test_module_and_function_of_one_name_in_every_order(clash: str, first: str) -> None:
    names = {"name": clash, **CLASHES[clash]}
    steps = ["import qvl_agent", IMPORTS[first], CHECK]
    assert run("\n".join(steps).format(**names)).strip() == "fine"


def test_the_module_may_be_imported_before_the_package() -> None:
    for first in ("from qvl_agent.plan import Plan", "import qvl_agent.plan as other"):
        run(f"{first}; import qvl_agent; assert callable(qvl_agent.plan)")


def test_patching_the_module_reaches_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    from qvl_agent.testing import FakeScreen, card

    monkeypatch.setattr("qvl_agent.capture._this_desktop", lambda: FakeScreen(card(50, 40)))
    assert qvl_agent.capture().width == 50
