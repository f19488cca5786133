"""What a form is asked with besides its case: what one may choose, last time, the level."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import Case, CaseState
from workflows.forms import Facts, Field, Form, Kind
from workflows.language import sort_key
from workflows.organisation.actor import Actor, Held
from workflows.organisation.models import Holding, Person, Unit
from workflows.permissions import Deed, may
from workflows.processes.models import Secrecy
from workflows.processes.rows import compiled
from workflows.queries import files
from workflows.queries.holdings import holders, stands_on
from workflows.registers import rows as registers
from workflows.registers.models import Entry, EntryState
from workflows.steering.levels import LEVELS, level_of
from workflows.steering.rows import calendar_of
from workflows.tasks.models import Task

Names = Mapping[str, str]
WATCHING = ("central_security", "auditor", "protective_security_chief")


def of_task(session: Session, form: Form, task: Task, seen: Facts) -> Facts:
    """Add to `seen` what the form of a task is asked with; last time's answers where its step
    carries them."""
    step = compiled(task.case.version).description.steps.get(task.element)
    if step is not None and step.carry == "previous" and form.carry_over:
        since, previous = _previous(session, form, task.case)
        seen = replace(seen, since=since, previous=previous)
    return of_case(session, form, task.case, seen)


def of_case(session: Session, form: Form, case: Case, seen: Facts) -> Facts:
    """Add to `seen` what any form of a case is asked with."""
    choices, known = dict(seen.choices), dict(seen.known)
    today = seen.names["today"]
    assert isinstance(today, date)  # noqa: S101 - `form_facts` made it
    for reference, pointed_at in _references(form, seen.names, seen.previous):
        if reference == "person":
            here = _people(session, case, today)
            named = _names_of(session, pointed_at - here.keys())
        elif reference == "unit":
            units = session.scalars(_UNITS).all()
            here = {unit.code: unit.name for unit in units if unit.stands_on(today)}
            named = {unit.code: unit.name for unit in units if unit.code not in here}
        else:
            here, named = _entries(session, case, reference.partition(".")[2], pointed_at)
        choices[reference], known[reference] = here, named
    if any(one.reference == "meeting" for one in form.fields):
        agenda = calendar_of(session, case.unit_id, case.year).agenda
        days = [one.on.isoformat() for one in agenda if one.on.year in (case.year, today.year)]
        choices["meeting"] = dict(zip(days, days, strict=True))
    level = level_of(session, case.process_id, case.unit_id) if _has_levels(form) else LEVELS[0]
    is_secret = case.secrecy is Secrecy.SECRET
    facts = replace(seen, choices=choices, known=known, tier=level, secret=is_secret)
    return files.known_to(session, form, case, facts)


def named(session: Session, forms: Iterable[Form], case: Case, seen: Facts) -> Facts:
    """Add to `seen` the names of what the answers to some forms of a case point at, for whoever
    only tells of them."""
    pointed_at: dict[str, set[str]] = {}
    for form in forms:
        for reference, found in _references(form, seen.names):
            pointed_at.setdefault(reference, set()).update(found)
        seen = files.known_to(session, form, case, seen)
    known = dict(seen.known)
    for reference, found in pointed_at.items():
        kind, _, register = reference.partition(".")
        if not found:
            continue
        if kind == "person":
            known[reference] = _names_of(session, found)
        elif kind == "unit":
            units = sa.select(Unit.code, Unit.name).where(Unit.code.in_(found))
            known[reference] = dict(session.execute(units).all())
        else:
            known[reference] = _names_in(session, case, register, found)
    return replace(seen, known=known)


def _has_levels(form: Form) -> bool:
    return any(one.tier != LEVELS[0] for top in form.fields for one in (top, *top.fields))


def _references(form: Form, *answers: Mapping[str, object]) -> Iterator[tuple[str, set[str]]]:
    """Each kind of thing outside the case that a form refers to, and what answers refer to now."""
    found: dict[str, set[str]] = {}
    for top in form.fields:
        for one in (top, *top.fields):
            # A free text with a reference is what was typed; the people are only suggested.
            if one.kind in (Kind.REFERENCE, Kind.TEXT) and one.reference.partition(".")[0] in (
                "person", "unit", "register",
            ):  # fmt: skip
                for names in answers:
                    found.setdefault(one.reference, set()).update(_held(top, one, names))
    yield from found.items()


def _held(top: Field, one: Field, names: Mapping[str, object]) -> Iterator[str]:
    holder = names if one is top else names.get(top.name)
    for row in holder if isinstance(holder, list) else [holder]:
        if isinstance(row, Mapping) and row.get(one.name) not in (None, ""):
            yield str(row[one.name])


def _people(session: Session, case: Case, today: date) -> Names:
    """Those near the case who may see it: with a role in its unit, right above or below it, or one
    that watches the city; where everybody sees it also those employed there."""
    above = case.unit.parent_id
    near = sorted({case.unit_id, above or case.unit_id, *_below(session, case.unit_id)})
    session.flush()
    connection = session.connection()
    held = connection.execute(_HELD_NEAR, {"near": near, "today": today}).all()
    roles: dict[int, set[Held]] = {}
    for place, ids in holders(session, [(role, unit_id) for role, unit_id in held], today).items():
        for person_id in ids:
            roles.setdefault(person_id, set()).add(Held(*place))
    found = session.scalars(_NEAR, {"near": near, "people": sorted(roles)})
    actors = [
        (each, Actor(each.id, each.name, frozenset(roles.get(each.id, ())))) for each in found
    ]
    return _told_apart(each for each, by in actors if may(by, Deed.SEE_CASE, case))


def _below(session: Session, unit_id: int) -> list[int]:
    """The units below one, however deep."""
    return list(session.connection().execute(_BELOW, {"unit_id": unit_id}).scalars())


def _names_of(session: Session, ids: Iterable[str]) -> Names:
    wanted = [int(each) for each in ids if each.isdecimal()]
    if not wanted:
        return {}
    return _told_apart(session.scalars(sa.select(Person).where(Person.id.in_(wanted))))


def _told_apart(people: Iterable[Person]) -> Names:
    """Names in Swedish order; two of the same name are told apart by their addresses."""
    found = sorted(people, key=lambda person: (person.sort_key, person.id))
    count: dict[str, int] = {}
    for person in found:
        count[person.name] = count.get(person.name, 0) + 1
    return {
        str(person.id): f"{person.name} ({person.email})" if count[person.name] > 1 else person.name
        for person in found
    }


def _entries(
    session: Session, case: Case, register: str, pointed_at: set[str]
) -> tuple[Names, Names]:
    here = registers.names_in(session, case, register)
    gone = pointed_at - here.keys()
    return here, _names_in(session, case, register, gone) if gone else {}


def _names_in(session: Session, case: Case, register: str, identities: set[str]) -> Names:
    wanted = sa.select(Entry.identity, Entry.name).where(
        Entry.register == register,
        Entry.unit_id == case.unit_id,
        Entry.identity.in_(identities),
        Entry.state != EntryState.PROPOSED,
    )
    return dict(session.execute(wanted.order_by(Entry.id)).all())


def _previous(session: Session, form: Form, case: Case) -> tuple[str, Mapping[str, object]]:
    """The answers of the newest case before this one, and which time that was; lists that no case
    answered are those that were read into the registers."""
    which = {name: getattr(case, name) for name in ("id", "process_id", "unit_id", "opened_at")}
    which |= {"year": case.year, "levels": case.secrecy.may_know}
    session.flush()
    named = {f"of_{name}": value for name, value in which.items()}
    found = session.connection().execute(_BEFORE, named).first()
    since = f"{found.year} {found.occasion}".strip() if found else ""
    previous = {name: found.data.get(name) for name in form.carry_over} if found else {}
    for into in form.registers:
        if into.field in form.carry_over and not previous.get(into.field):
            standing = registers.standing(
                session, into.register, unit_id=case.unit_id, level=case.secrecy
            )
            read = [entry for entry in standing if _decided_for(entry) < case.year]
            previous[into.field] = [
                {each.name: entry.data.get(into.column(each.name)) for each in form.columns(into)}
                for entry in sorted(read, key=lambda entry: sort_key(entry.name))
            ]
            since = since or str(max(map(_decided_for, read), default=case.year - 1))
    return since, previous


def _decided_for(entry: Entry) -> int:
    """The last year an entry was decided for; what was only carried over was not."""
    return entry.confirmed_year or entry.year


# Built once: every form that names people or units asks for these.
_UNITS = sa.select(Unit).order_by(Unit.sort_key, Unit.id)
_near: sa.BindParameter[int] = sa.bindparam("near", expanding=True)
_HELD_NEAR = (
    sa.select(Holding.role, Holding.unit_id)
    .where(
        sa.or_(Holding.unit_id.in_(_near), Holding.role.in_(WATCHING)),
        stands_on(sa.bindparam("today", type_=sa.Date())),
    )
    .distinct()
)
_NEAR = sa.select(Person).where(
    sa.or_(Person.id.in_(sa.bindparam("people", expanding=True)), Person.unit_id.in_(_near)),
    Person.closed_at.is_(None),
)
_below_one = sa.select(Unit.id).where(Unit.parent_id == sa.bindparam("unit_id")).cte(recursive=True)
_below_all = _below_one.union(sa.select(Unit.id).where(Unit.parent_id == _below_one.c.id))
_BELOW = sa.select(_below_all.c.id)
_BEFORE = (
    sa.select(Case.year, Case.occasion, Case.data)
    .where(
        Case.process_id == sa.bindparam("of_process_id"),
        Case.unit_id == sa.bindparam("of_unit_id"),
        Case.id != sa.bindparam("of_id"),
        Case.state != CaseState.CANCELLED,
        Case.secrecy.in_(sa.bindparam("of_levels", expanding=True)),
        sa.or_(
            Case.year < sa.bindparam("of_year"),
            sa.and_(
                Case.year == sa.bindparam("of_year"), Case.opened_at < sa.bindparam("of_opened_at")
            ),
        ),
    )
    .order_by(Case.year.desc(), Case.opened_at.desc(), Case.id.desc())
    .limit(1)
)
