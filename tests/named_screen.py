"""A grounder over a list of named elements, which finds what is called by its name.

Simpler than the embedded grounder and stricter: a name matches whole, but for case, marks, an
article and a word that says its type.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qvl_agent.errors import QueryError, TargetNotFound
from qvl_agent.geometry import Box
from qvl_agent.grounding.base import Element, ElementType, Grounding
from qvl_agent.screenshot import Screenshot

_MARKS = " .,:;!?*\"'“”‘’「」：，。？！"
_TYPE_AFTER = re.compile(
    r"[\s的]*(?:button|field|box|checkbox|check box|tab|menu|icon|link|drop-down|dropdown|list"
    r"|输入框|文本框|按钮|复选框|下拉框|下拉列表|选项卡|标签页|菜单|图标|链接|框)$"
)


class NamedScreen:
    """Elements in one column, 20 pixels high each; ``asked`` counts the looks."""

    model_version = "named"

    def __init__(self, *named: tuple[ElementType, str], confidence: float = 0.95) -> None:
        self.elements = [
            Element(bbox=Box(10, 22 * i, 210, 22 * i + 20), element_type=kind, label=label,
                    confidence=confidence)
            for i, (kind, label) in enumerate(named, start=1)
        ]  # fmt: skip
        self.asked = 0

    def detect(self, shot: Screenshot) -> list[Element]:
        self.asked += 1
        return list(self.elements)

    def ground(self, shot: Screenshot, queries: Sequence[str]) -> list[Grounding | None]:
        return [self._find(query, None) for query in queries]

    def locate(
        self, shot: Screenshot, query: str, *, element_type: ElementType | None = None
    ) -> Grounding:
        found = self._find(query, element_type)
        if found is None:
            raise TargetNotFound(f"no {query!r}", candidates=self.elements[:2])
        return found

    def _find(self, query: str, kind: ElementType | None) -> Grounding | None:
        self.asked += 1
        if not query.strip():
            raise QueryError("an empty query")
        names = {_name(query), _name(_TYPE_AFTER.sub("", _name(query)))}
        found = [
            e for e in self.elements
            if kind in (None, e.element_type) and _name(e.label) in names
        ]  # fmt: skip
        if not found:
            return None
        first, *others = found
        fields = {name: getattr(first, name) for name in Element.__dataclass_fields__}
        return Grounding(query=query, alternatives=tuple(others), **fields)


def _name(text: str) -> str:
    return re.sub(r"^the\s+", "", text.casefold()).strip(_MARKS)
