"""Whether a process as written can be published: what engine, calendar, forms and roles say."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from workflows import engine, forms
from workflows.calendar.parsing import check as check_rule
from workflows.calendar.profiles import CODES
from workflows.engine import Description, Problem, StepInfo
from workflows.errors import Invalid
from workflows.organisation.roles import ROLES
from workflows.processes.packages import Package


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check found; `compiled` is there unless the diagram itself was refused."""

    compiled: engine.Compiled | None
    problems: tuple[Problem, ...] = field(default=())

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")


def check(package: Package) -> Checked:
    """Check a process with all it is made of; never raises for what somebody wrote."""
    found = list(engine.check_diagram(package.source, decisions=package.tables))
    if any(problem.severity == "error" for problem in found):
        return Checked(None, tuple(found))
    compiled = engine.compile_diagram(package.source, decisions=package.tables)
    found += [*_references(compiled.description, package), *_forms(package)]
    return Checked(compiled, tuple(found))


def _references(description: Description, package: Package) -> Iterator[Problem]:
    for lane in description.lanes.values():
        for role in lane.roles:
            if role not in ROLES:
                yield _problem("unknown_role", lane.id, role=role)
    for step in description.steps.values():
        yield from _step(step, description, package)


def _step(step: StepInfo, description: Description, package: Package) -> Iterator[Problem]:
    if step.form is not None and step.form not in package.forms:
        yield _problem("unknown_form", step.element, form=step.form)
    if not step.roles and not step.assignee:
        yield _problem("step_without_lane", step.element)
    for other in step.not_by:
        if other not in description.steps:
            yield _problem("unknown_step", step.element, step=other)
    for due in step.due:
        for mistake in check_rule(due.rule, milestones=CODES):
            code = mistake.code if mistake.code == "unknown_milestone" else "bad_deadline"
            yield _problem(code, step.element, rule=due.rule, mistake=mistake.code)


def _forms(package: Package) -> Iterator[Problem]:
    for name, content in package.forms.items():
        try:
            forms.read_form(content)
        except Invalid as bad:
            for problem in list(bad.problems):
                yield _problem(problem.code, name, path=problem.path)


def _problem(code: str, element: str, **params: object) -> Problem:
    return Problem("error", code, element, None, None, params)
