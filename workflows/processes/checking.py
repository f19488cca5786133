"""Whether a process as written can be published: what engine, calendar, forms and roles say."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from workflows import engine, forms
from workflows.calendar import asking
from workflows.calendar.parsing import check as check_rule
from workflows.calendar.profiles import CODES
from workflows.engine import Description, Problem, StepInfo
from workflows.errors import Invalid
from workflows.forms import registers
from workflows.organisation.roles import ROLES
from workflows.processes import actions
from workflows.processes.packages import Package
from workflows.processes.starts import check_starts
from workflows.processes.windows import check_windows

# What an expression of a case may call.
GIVEN = (*asking.NAMES, "units_of_kind", "units_with", "register", "done_as")


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
    fields: set[str] = set()
    carriers: set[str] = set()
    wrong = list(_forms(package, fields, carriers))
    compiled, found = engine.examine(
        package.source,
        decisions=package.tables,
        known=fields if package.forms else None,
        functions=GIVEN,
    )
    # A diagram may run without saying who does a step; a process that is published may not.
    found = [replace(p, severity="error") if p.code == "step_without_role" else p for p in found]
    if compiled is not None:
        description = compiled.description
        found += engine.located_in(
            package.source,
            [
                *_references(description, package),
                *_carrying(description, carriers),
                *check_starts(description),
                *check_windows(description),
                *actions.problems(compiled),
            ],
        )
    return Checked(compiled, (*found, *wrong))


def check_draft(package: Package) -> Checked:
    """Check what may become the next version of a process: it must still be that process."""
    found = check(package)
    if found.compiled is None or found.compiled.description.key == package.key:
        return found
    process = found.compiled.description.process
    params = {"key": found.compiled.description.key, "wanted": package.key}
    other = Problem("error", "other_process", process, None, None, dict(params))
    located = engine.located_in(package.source, [other])
    return Checked(found.compiled, (*located, *found.problems))


def _references(description: Description, package: Package) -> Iterator[Problem]:
    for lane in description.lanes.values():
        for role in lane.roles:
            if role not in ROLES:
                yield _problem("unknown_role", lane.id, role=role)
    for role in (description.longer_time or "").split()[:1]:
        if role not in ROLES:
            yield _problem("unknown_role", description.process, role=role)
    for need in description.needs:
        kind, _, name = need.partition(":")
        if kind == "register" and name and name not in registers.names():
            yield _problem("unknown_register", description.process, register=name)
    for step in description.steps.values():
        yield from _step(step, description, package)


def _step(step: StepInfo, description: Description, package: Package) -> Iterator[Problem]:
    of_lane = description.lanes[step.lane].roles if step.lane else ()
    for role in step.roles:
        if role not in ROLES and role not in of_lane:
            yield _problem("unknown_role", step.element, role=role)
    if step.form is not None and step.form not in package.forms:
        yield _problem("unknown_form", step.element, form=step.form)
    for other in step.not_by:
        if other not in description.steps:
            yield _problem("unknown_step", step.element, step=other)
    for due in step.due:
        for mistake in check_rule(due.rule, milestones=CODES):
            code = mistake.code if mistake.code == "unknown_milestone" else "bad_deadline"
            yield _problem(code, step.element, rule=due.rule, mistake=mistake.code)


def _carrying(description: Description, carriers: set[str]) -> Iterator[Problem]:
    """Last time's answers stand beside a form when its step and the form itself both say so."""
    for step in description.steps.values():
        if step.form is not None and bool(step.carry) != (step.form in carriers):
            yield Problem(
                "warning",
                "nothing_to_carry" if step.carry else "carry_not_asked_for",
                step.element,
                None,
                None,
                {"form": step.form},
            )


@lru_cache(maxsize=300)  # while one draws, the same forms are asked again every second
def _form(content: bytes) -> forms.Form:
    return forms.read_form(content)


def _forms(package: Package, fields: set[str], carriers: set[str]) -> Iterator[Problem]:
    """What is wrong with the forms; the names they bring into a case are added to `fields`, those
    that carry answers over to `carriers`."""
    for name, content in package.forms.items():
        try:
            form = _form(content)
        except Invalid as bad:
            for problem in list(bad.problems):
                params = {**problem.params, "path": problem.path or "/", "cause": problem.code}
                line = _line(content.decode(errors="replace"), problem.path)
                yield Problem("error", "bad_form", name, None, line, params, f"{name}.json")
        else:
            fields |= {field.name for field in form.fields}
            carriers |= {name} if form.carry_over else set()
            for path, code, params in registers.problems(form):
                line = _line(content.decode(errors="replace"), path)
                yield Problem("error", code, name, None, line, params, f"{name}.json")


def _line(text: str, path: str) -> int:
    """The line of a JSON pointer, as far as its keys lead."""
    place = 0
    for key in path.split("/")[1:]:
        place = max(text.find(f'"{key}"', place), place)
    return text.count("\n", 0, place) + 1


def _problem(code: str, element: str, **params: object) -> Problem:
    return Problem("error", code, element, None, None, params)
