"""What happens in the demo city besides the year's round: a short list, as it was told.

Deeds have their moment; `TOLD` is how some steps are answered, each by the first who come to it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.calendar.workdays import ClosedDays, add_workdays
from workflows.cases.models import Case
from workflows.demo.bodies import CITY, FEW
from workflows.demo.crew import one_of
from workflows.demo.moments import Scripted, at
from workflows.language import on
from workflows.operations import absences, cases, extensions, promises, publishing
from workflows.operations.absences import Cover
from workflows.organisation.models import Person, Unit
from workflows.permissions import Deed, acting, may
from workflows.processes import rows as processes
from workflows.processes.models import Process, Secrecy
from workflows.queries import cases as questions
from workflows.tasks.extensions import Extension
from workflows.tasks.models import Task, TaskRole

WATER = "Vattenavbrott"
PAY = "Lönesystemet"
CALM = {
    "people_hurt": "none", "security_protection": "no", "disclosed": "no", "work_injury": "no",
    "threat": "no", "rescue": False, "insured": "no",
}  # fmt: skip
HIT = ("FARSTA", "NORRA", "JARVA", "SODERM", "BROMMA", "SKARPN", "SOCN", "UTBN", "KULTN", "ALDN",
       "TRAFN", "SERVN")  # fmt: skip
CLOSED = ClosedDays()
MONTH, QUARTER = timedelta(days=30), timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Told:
    """How a step is answered in the cases of one process, in one body or in all of them, of one
    occasion or of any; `times` openings of the step are, the ones after that go as they usually do.
    """

    process: str
    element: str
    answers: Mapping[str, Any]
    unit: str = ""
    occasion: str = ""
    year: int = 0  # counted from this year
    times: int = 1


TOLD = (
    # A water main breaks at night; the city leads, and evaluates with the company.
    Told(
        "event_evaluation", "p4_event",
        {"what": "Huvudledningen för vatten brast och 30 000 hushåll stod utan vatten",
         "severity": "serious", "place": "Södra Stockholm", "supplier": None},
        occasion=WATER,
    ),
    Told(
        "event_evaluation", "p4_tri",
        CALM | {"level": "serious", "ckl": True, "local_crisis": True, "it_incident": "no",
                "users_affected": "yes", "personal_data": "none", "affects_others": False},
        occasion=WATER,
    ),
    Told(
        "event_evaluation", "p4_end_ev",
        {"level": "serious", "ckl": True, "local_crisis": True, "people_hurt": "none",
         "outage_too_long": "yes", "repeated": 1},
        occasion=WATER,
    ),
    # The supplier of the pay system is attacked: one event, many bodies.
    Told(
        "event_evaluation", "p4_event",
        {"what": "Leverantören av lönesystemet utsattes för ett angrepp",
         "severity": "serious", "supplier": "Lönebolaget AB (påhittat)"},
        occasion=PAY,
    ),
    Told(
        "event_evaluation", "p4_tri",
        CALM | {"level": "serious", "ckl": False, "local_crisis": False, "it_incident": "yes",
                "it_part": "ordinary", "users_affected": "no", "personal_data": "risk",
                "affects_others": True, "affected": [{"unit": code} for code in HIT]},
        unit=CITY, occasion=PAY,
    ),
    Told(
        "event_evaluation", "p4_tri",
        CALM | {"level": "disturbance", "ckl": False, "local_crisis": False,
                "it_incident": "no", "users_affected": "no", "personal_data": "risk",
                "affects_others": False},
    ),
    Told(
        "event_evaluation", "p4_end_ev",
        {"level": "disturbance", "ckl": False, "local_crisis": False, "people_hurt": "none",
         "outage_too_long": "no", "repeated": 1},
    ),
    # A purchase that lets somebody in from far away, through all gates.
    Told(
        "sua", "p3_need",
        {"remote_access": "yes", "access_information": "no", "access_activity": "no",
         "access_premises": "no", "subcontractors_likely": "no", "critical_supplier": "no"},
    ),
    Told("sua", "p3_psa", {"analysis_exists": True}),
    Told("sua", "p3_lvl", {"sua": "yes", "consultation": "no", "level": "2"}),
    Told("sua", "p3_lp", {"suitability": "suitable"}),
    Told("sua", "p3_award", {"subcontractors": False}),
    Told("sua", "p3_upd", {"still_suitable": True}),
    Told("sua", "p3_sign", {"sua_signed": True, "control_months": 6}),
    Told(
        "sua", "p3_ready",
        {"subcontractors_signed": True, "placed": True, "vetting_done": True,
         "training_done": True, "first_visit_done": True, "instruction_issued": True},
    ),
    Told("sua", "p3_ctrl", {"change_needed": False, "breach": False, "agreement_over": False},
         times=9),
    # The board asks for more before it approves.
    Told(
        "rsa_annual", "p1_board",
        {"outcome": "referred_back", "decision_text": "Ärendet återremitteras.",
         "board_points": [{"point": "Nämnden vill veta vad åtgärderna kostar år för år."}]},
        unit="NORRA", year=-1,
    ),
    # A large body may itself be covered by the law on protective security; most are not.
    Told("psa", "p6_relev", {"applies": "yes"}, unit="SVOA"),
    Told("psa", "p6_relev", {"applies": "unsure"}, unit="KS"),
    Told("psa", "p6_relev", {"applies": "no"}),
)  # fmt: skip


def is_left(row: Any, end: datetime) -> bool:
    """Tell whether an open task is left for whoever tries the demo, in the bodies they come to."""
    if row.code not in {body.code for body in FEW}:
        return False
    lately = QUARTER if (row.code, row.element) == ("FARSTA", "p11_check") else MONTH
    return bool(row.opened_at > end - lately)


_TOLD = {one.element: [each for each in TOLD if each.element == one.element] for one in TOLD}


def told_of(case: Case, element: str, year: int) -> Told | None:
    """Find how a step of a case is answered in the story; what names a body or occasion first."""
    for one in _TOLD.get(element, ()):
        if one.process != case.process.key:
            continue
        is_here = one.unit in ("", case.unit.code) and one.occasion in ("", case.occasion)
        if is_here and (not one.year or case.year == year + one.year):
            return one
    return None


def scripted(last: int) -> Iterator[Scripted]:
    """Say what happens and when, in the last year of the demo and the one before."""
    coordinator, event = "security_coordinator", "event_evaluation"
    yield at(last, 2, 2, 9), partial(_switch_on, "sua")
    yield at(last, 2, 2, 9, 10), partial(_switch_on, "psa")
    yield at(last, 2, 3, 10), partial(start, "sua", "SISAB", coordinator, "Inköp 14")
    for number, unit in enumerate(("SVOA", "KS", "FARSTA")):
        yield at(last, 2, 4, 9 + number), partial(start, "psa", unit, coordinator, "")
    yield at(last, 3, 13, 2, 40), partial(start, event, "SVOA", coordinator, WATER)
    yield at(last, 9, 4, 16, 10), partial(start, event, CITY, "central_security", PAY)
    yield at(last, 9, 7, 8, 30), _leave
    for number, unit in enumerate(("SODERM", "BROMMA", "UTBN")):
        yield at(last, 5, 4 + number, 11), partial(_ask, unit)
        yield at(last, 5, 4 + number, 13), partial(_give, unit)
    yield at(last, 10, 14, 9, 20), partial(_promise, "TRAFN")
    yield at(last, 11, 16, 9, 20), partial(_promise, "FARSTA")


def _switch_on(key: str, session: Session, now: datetime) -> None:
    process = processes.find(session, key)
    if process is not None and process.active_version is None:
        by = one_of(session, "process_owner", CITY, now)
        publishing.switch_on(session, process, by=by, now=now)


def start(key: str, unit: str, role: str, occasion: str, session: Session, now: datetime) -> None:
    """Let somebody with a role in a unit start a case, or who may if it is secret."""
    process = session.scalars(sa.select(Process).where(Process.key == key)).one()
    where = session.scalars(sa.select(Unit).where(Unit.code == unit)).one()
    guard = ("protective_security_chief", CITY)  # the only one who sees what is secret
    by = one_of(session, *(guard if process.secrecy is Secrecy.SECRET else (role, unit)), now)
    cases.start(session, process, where, on(now).year, occasion=occasion, by=by, now=now)


def _leave(session: Session, now: datetime) -> None:
    """The coordinator of Farsta goes on leave for three weeks, and says who stands in."""
    by = one_of(session, "security_coordinator", "FARSTA", now)
    deputy = one_of(session, "exercise_lead", "FARSTA", now)
    person = session.get_one(Person, by.id)
    day = on(now) + timedelta(days=7)
    covers = [Cover(deputy.id or 0)]
    absences.leave(session, person, day, day + timedelta(days=20), covers, by=by, now=now)


def _ask(unit: str, session: Session, now: datetime) -> None:
    """A coordinator asks for two weeks more for what is due next."""
    if (task := _next_of_coordinator(session, unit, now)) is not None and task.due_at is not None:
        by = one_of(session, "security_coordinator", unit, now)
        until = add_workdays(CLOSED, on(task.due_at), 10)
        extensions.ask(session, task, until, "Underlaget från enheterna dröjer.", by=by, now=now)


def _give(unit: str, session: Session, now: datetime) -> None:
    """Whoever decides gives the longer time that was asked for."""
    wanted = sa.select(Extension).where(Extension.decided_at.is_(None)).order_by(Extension.id)
    for asked in session.scalars(wanted):
        if asked.task.unit.code == unit and asked.task.closed_at is None:
            where = session.get_one(Unit, asked.decider_unit_id or asked.task.unit_id).code
            by = one_of(session, asked.decider, where, now)
            if may(by, Deed.GIVE_TIME, asked):
                extensions.decide(session, asked, give=True, answer="Rimligt.", by=by, now=now)


def _promise(unit: str, session: Session, now: datetime) -> None:
    """A coordinator says when something will be done, and why not before."""
    if (task := _next_of_coordinator(session, unit, now)) is not None:
        by = one_of(session, "security_coordinator", unit, now)
        until = max(add_workdays(CLOSED, on(now), 6), on(task.due_at) if task.due_at else date.min)
        promises.promise(session, task, until, "Sjukdom i gruppen.", by=by, now=now)


def _next_of_coordinator(session: Session, unit: str, now: datetime) -> Task | None:
    """Find the dated task a coordinator has to do next, if they have any."""
    wanted = (
        sa.select(Task.id)
        .join(TaskRole, TaskRole.task_id == Task.id)
        .join(Unit, Unit.id == TaskRole.unit_id)
        .where(
            Unit.code == unit,
            TaskRole.role == "security_coordinator",
            Task.closed_at.is_(None),
            Task.due_at.is_not(None),
            Task.is_legal.is_(False),
        )
        .order_by(Task.due_at, Task.id)
    )
    by = one_of(session, "security_coordinator", unit, now)
    for task_id in session.scalars(wanted):
        task = questions.task(session, task_id, by=by, to_change=True)
        if may(acting(by, task), Deed.ASK_FOR_TIME, task):
            return task
    return None
