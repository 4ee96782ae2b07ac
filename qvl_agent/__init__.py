"""Looks at the screen in memory, finds what you name, and writes a plan you can read first.

    import qvl_agent

    shot = qvl_agent.capture()
    grounder = qvl_agent.load_grounder("embedded")
    grounder.locate(shot, "登录")
    plan = qvl_agent.plan("fill Username with ada and click Login", shot, grounder)

Importing this package does nothing: every public name is loaded when it is first used
(PEP 562), so torch, mss, OpenCV and pyautogui stay out until they are needed.

``capture`` and ``plan`` each name a module and the function it is there for. Both uses work,
whatever was imported first: the module itself can be called (`_CallableModule`).
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import inspect

    from qvl_agent.capture import capture as capture
    from qvl_agent.capture import screens as screens
    from qvl_agent.capture import windows as windows
    from qvl_agent.errors import CaptureError as CaptureError
    from qvl_agent.errors import GroundingError as GroundingError
    from qvl_agent.errors import ImageError as ImageError
    from qvl_agent.errors import InputError as InputError
    from qvl_agent.errors import InstructionError as InstructionError
    from qvl_agent.errors import MissingDependencyError as MissingDependencyError
    from qvl_agent.errors import ParseError as ParseError
    from qvl_agent.errors import PlanError as PlanError
    from qvl_agent.errors import PolicyError as PolicyError
    from qvl_agent.errors import QueryError as QueryError
    from qvl_agent.errors import QvlAgentError as QvlAgentError
    from qvl_agent.errors import TargetNotFound as TargetNotFound
    from qvl_agent.errors import UsageError as UsageError
    from qvl_agent.geometry import Box as Box
    from qvl_agent.geometry import LogicalBox as LogicalBox
    from qvl_agent.geometry import LogicalPoint as LogicalPoint
    from qvl_agent.geometry import Point as Point
    from qvl_agent.geometry import Size as Size
    from qvl_agent.grounding import load_grounder as load_grounder
    from qvl_agent.grounding.base import Element as Element
    from qvl_agent.grounding.base import Grounder as Grounder
    from qvl_agent.grounding.base import Grounding as Grounding
    from qvl_agent.plan import Plan as Plan
    from qvl_agent.planner import plan as plan
    from qvl_agent.screenshot import Screenshot as Screenshot

__version__ = "0.1.0"

# Public name -> the module that defines it. Type checkers read the imports above instead.
_HOMES = {
    "Box": "geometry",
    "CaptureError": "errors",
    "Element": "grounding.base",
    "Grounder": "grounding.base",
    "Grounding": "grounding.base",
    "GroundingError": "errors",
    "ImageError": "errors",
    "InputError": "errors",
    "InstructionError": "errors",
    "LogicalBox": "geometry",
    "LogicalPoint": "geometry",
    "MissingDependencyError": "errors",
    "ParseError": "errors",
    "Plan": "plan",
    "PlanError": "errors",
    "Point": "geometry",
    "PolicyError": "errors",
    "QueryError": "errors",
    "QvlAgentError": "errors",
    "Screenshot": "screenshot",
    "Size": "geometry",
    "TargetNotFound": "errors",
    "UsageError": "errors",
    "load_grounder": "grounding",
    "screens": "capture",
    "windows": "capture",
}
# Modules that are called like a function of the same name -> where that function is.
_CALLABLE_MODULES = {"capture": "capture", "plan": "planner"}

__all__ = ["__version__", *_CALLABLE_MODULES, *_HOMES]  # noqa: PLE0604 - all of them are strings


if not TYPE_CHECKING:  # or every misspelt name would pass for one of type Any

    def __getattr__(name: str) -> Any:
        if name in _CALLABLE_MODULES:
            return import_module(f"{__name__}.{name}")
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _CallableModule(ModuleType):
    """A module that, when called, calls the one function it is named after."""

    def _function(self) -> Any:
        name = self.__name__.rpartition(".")[2]
        return getattr(import_module(f"{__name__}.{_CALLABLE_MODULES[name]}"), name)

    def __call__(self, *args: Any, **settings: Any) -> Any:
        return self._function()(*args, **settings)

    @property
    def __signature__(self) -> inspect.Signature:
        """What ``inspect.signature`` and a notebook's ``?`` show."""
        import inspect  # costs as much as all the rest of this file

        return inspect.signature(self._function())


class _Package(ModuleType):
    """This package, which makes modules callable at the moment they are bound to it.

    Python binds a submodule to its package after the first import, however that came about.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name in _CALLABLE_MODULES and type(value) is ModuleType:
            value.__class__ = _CallableModule
        super().__setattr__(name, value)


cast("Any", sys.modules[__name__]).__class__ = _Package
