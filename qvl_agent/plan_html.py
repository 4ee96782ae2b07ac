"""A plan as an HTML table for a notebook. Every string of the plan is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from qvl_agent.geometry import Box
from qvl_agent.plan import CLAIMS, Metadata, Plan, StepBase
from qvl_agent.plan_steps import PlacedStep

MAX_ROWS = 200
_COLUMNS = ("", "action", "target", "details", "box", "confidence")


def as_table(plan: Plan) -> str:
    """The first `MAX_ROWS` steps as a table, with the task above and the claims below."""
    shown = plan.steps[:MAX_ROWS]
    rows = "".join(_row(_cells(index, step)) for index, step in enumerate(shown))
    left_out = len(plan.steps) - len(shown)
    more = f"<p>… and {left_out} more steps</p>" if left_out else ""
    head = _row(_COLUMNS, tag="th")
    return (
        f"<p><b>{escape(plan.task)}</b></p><table><thead>{head}</thead><tbody>{rows}</tbody>"
        f"</table>{more}<p>{escape(_provenance(plan.metadata))}</p>"
    )


def _row(cells: Iterable[str], tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _cells(index: int, step: StepBase) -> tuple[str, ...]:
    if not isinstance(step, PlacedStep) or step.label is None:
        return (str(index), step.action, "", _details(step), "", "")
    target = f"{step.label} ({step.element_type})" if step.element_type else step.label
    sure = "unknown" if step.confidence is None else f"{step.confidence:.2f}"
    box = "not seen yet" if step.bbox is None else _edges(step.bbox)
    return (str(index), step.action, target, _details(step), box, sure if step.bbox else "")


def _details(step: StepBase) -> str:
    """The action's own parameters, ambiguity and postcondition, in one line."""
    own = type(step).model_fields.keys() - PlacedStep.model_fields.keys()
    values = {name: getattr(step, name) for name in type(step).model_fields if name in own}
    parts = [f"{name}: {_plain(value)}" for name, value in values.items() if value is not None]
    if isinstance(step, PlacedStep) and step.alternatives:
        parts.append(f"ambiguous: {len(step.alternatives)} others")
    if step.expect is not None:
        parts += [f"expect {what}: {value}" for what, value in step.expect if value is not None]
    return "; ".join(parts)


def _plain(value: object) -> str:
    if isinstance(value, Box):
        return _edges(value)
    return "+".join(value) if isinstance(value, tuple) else str(value)


def _edges(box: Box) -> str:
    return ", ".join(f"{edge:g}" for edge in box)


def _provenance(metadata: Metadata) -> str:
    words = {None: "unverified", True: "yes", False: "no"}
    claims = [f"{claim}: {words[getattr(metadata, claim)]}" for claim in CLAIMS]
    return "; ".join([metadata.model_version, *claims])
