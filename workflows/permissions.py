"""Who may do what: one table, read from top to bottom.

A predicate is tiny and takes the actor and the thing; the thing is loaded with what it asks. "May
not see" and "does not exist" are the same answer.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Any

from workflows.auditing.models import Sample
from workflows.cases.comments import Comment
from workflows.cases.models import Case
from workflows.documents.models import File
from workflows.errors import Forbidden, NotFound
from workflows.notices.models import Feed, FeedKind
from workflows.organisation.accounts import Passkey, SignIn
from workflows.organisation.actor import Actor, Held
from workflows.organisation.handing_over import RoleHandover
from workflows.organisation.mandates import Mandate
from workflows.organisation.models import Person, Unit, UnitKind
from workflows.processes.models import Process, Secrecy
from workflows.processes.workshop import Proposal
from workflows.registers.models import SECRET, Entry
from workflows.retention.models import Disposal
from workflows.tasks.extensions import Extension
from workflows.tasks.filters import SavedFilter
from workflows.tasks.models import DECIDING, Task

Rule = Callable[[Actor, Any], bool]


class Deed(StrEnum):
    # cases
    SEE_CASE = "see_case"
    START_CASE = "start_case"
    OPERATE_CASE = "operate_case"
    STEER_CASE = "steer_case"
    SEND_MESSAGE = "send_message"
    SEE_STANDSTILL = "see_standstill"
    SEE_CITY = "see_city"
    COMMENT = "comment"
    WITHDRAW_COMMENT = "withdraw_comment"
    # tasks
    SEE_TASK = "see_task"
    CLAIM = "claim"
    RELEASE = "release"
    DELEGATE = "delegate"
    RETURN = "return"
    REASSIGN = "reassign"
    BE_GIVEN = "be_given"
    SAVE_DRAFT = "save_draft"
    COMPLETE = "complete"
    PROMISE = "promise"
    SUGGEST = "suggest"
    SEE_HANDOVER = "see_handover"
    HAND_OVER_ROLE = "hand_over_role"
    READ_HANDOVER = "read_handover"
    NUDGE = "nudge"
    ASK_FOR_TIME = "ask_for_time"
    GIVE_TIME = "give_time"
    KEEP_FILTER = "keep_filter"
    # files and documents
    SEE_FILE = "see_file"
    ATTACH = "attach"
    REMOVE_FILE = "remove_file"
    MAKE_DOCUMENT = "make_document"
    KEEP_LIBRARY = "keep_library"
    READ_LIBRARY = "read_library"
    # the calendar
    CHANGE_CALENDAR = "change_calendar"
    CHOOSE_LEVEL = "choose_level"
    EXEMPT = "exempt"
    CARRY_OVER = "carry_over"
    CLOSE_YEAR = "close_year"
    # registers
    SEE_ENTRY = "see_entry"
    CHANGE_ENTRY = "change_entry"
    DECLASSIFY = "declassify"
    IMPORT_ENTRIES = "import_entries"
    # reports
    SEE_REPORT = "see_report"
    SEAL_REPORT = "seal_report"
    CORRECT_REPORT = "correct_report"
    # processes
    PUBLISH = "publish"
    SEE_PROCESSES = "see_processes"
    CHANGE_PROCESS = "change_process"
    REVIEW_PROCESS = "review_process"
    CLEAR_PROCESS = "clear_process"
    SET_UP_PROCESS = "set_up_process"
    MIGRATE = "migrate"
    REHEARSE = "rehearse"
    # the organisation
    SEE_ORGANISATION = "see_organisation"
    CHANGE_ORGANISATION = "change_organisation"
    SEE_PERSON = "see_person"
    # one's own account
    SIGN_IN = "sign_in"
    END_SIGN_IN = "end_sign_in"
    END_SIGN_INS = "end_sign_ins"
    CHANGE_ACCOUNT = "change_account"
    USE_PASSKEY = "use_passkey"
    REMOVE_FACTOR = "remove_factor"
    INVITE = "invite"
    SET_ABSENCE = "set_absence"
    READ_FEED = "read_feed"
    END_FEED = "end_feed"
    KEEP_OUTBOX = "keep_outbox"
    KEEP_DUE_WORK = "keep_due_work"
    # the record
    SEE_HISTORY = "see_history"
    SEAL = "seal"
    VERIFY = "verify"
    GIVE_MANDATE = "give_mandate"
    RUN_CHECKS = "run_checks"
    SEE_FLOWS = "see_flows"
    DRAW_SAMPLE = "draw_sample"
    SEE_SAMPLE = "see_sample"
    KEEP_SAMPLE = "keep_sample"
    KEEP_RETENTION = "keep_retention"
    APPROVE_DISPOSAL = "approve_disposal"
    PURGE = "purge"
    STATE = "state"  # write down how a case stands


def is_system(by: Actor, _thing: object) -> bool:
    return by.is_system


def is_anybody(_by: Actor, _thing: object) -> bool:
    return True


# cases


def is_open(_by: Actor, case: Case) -> bool:
    return case.secrecy is Secrecy.OPEN


def is_not_secret(_by: Actor, case: Case) -> bool:
    return case.secrecy is not Secrecy.SECRET


def is_secret(_by: Actor, case: Case) -> bool:
    return case.secrecy is Secrecy.SECRET


def belongs_to_its_unit(by: Actor, case: Case) -> bool:
    return by.belongs_to(case.unit_id, case.process_id)


def audits_it(by: Actor, case: Case) -> bool:
    is_secret = case.secrecy is Secrecy.SECRET
    return any(
        scope.covers(case.unit_id, case.process_id, case.year, is_secret=is_secret)
        for scope in by.scopes
    )


def does_not_only_audit(by: Actor, _thing: object) -> bool:
    """Who audits reads what there is, and adds nothing to it."""
    return not by.only_audits


def watches_the_city(by: Actor, _thing: object) -> bool:
    return by.holds_anywhere("central_security", "auditor")


def guards_secrets(by: Actor, _thing: object) -> bool:
    return by.holds_anywhere("protective_security_chief")


def coordinates_the_unit(by: Actor, unit: Unit) -> bool:
    return by.holds("security_coordinator", unit.id)


def directs_the_unit(by: Actor, unit: Unit) -> bool:
    return by.holds("director", unit.id)


def controls_the_unit(by: Actor, unit: Unit) -> bool:
    return by.holds("controller", unit.id)


def belongs_to_the_unit(by: Actor, unit: Unit) -> bool:
    return by.belongs_to(unit.id)


def sees_it(by: Actor, case: Case) -> bool:
    return may(by, Deed.SEE_CASE, case)


OPERATORS = ("central_security", "process_owner", "administrator", "protective_security_chief")


def operates(by: Actor, _thing: object) -> bool:
    return by.holds_anywhere(*OPERATORS)


def did_no_reviewed_work(by: Actor, case: Case) -> bool:
    """Four eyes: who did what others must review does not steer the case past them."""
    return not ({by.id, by.acting_for_id} - {None}) & case.barred


def operating(by: Actor, case: Case) -> Actor:
    """Say for whom `by` acts as an operator: for somebody absent, where only their role gives the
    right."""
    rights = [held for held in by.held if held.role in OPERATORS and held.reaches(None)]
    return _standing_in(by, rights, case.barred)


# tasks


def holds_its_role(by: Actor, task: Task) -> bool:
    return any(by.holds(role.role, role.unit_id, task.process_id) for role in task.roles)


def has_it(by: Actor, task: Task) -> bool:
    return task.assignee_id is not None and task.assignee_id == by.id


def is_free(_by: Actor, task: Task) -> bool:
    return task.assignee_id is None


def is_theirs_already(by: Actor, task: Task) -> bool:
    return task.assignee_id == by.id


def was_taken_over_from_them(by: Actor, task: Task) -> bool:
    """Somebody stood in for them and took it: it is theirs to take back."""
    return task.claimed_for_id is not None and task.claimed_for_id == by.id


def is_not_their_own_work(by: Actor, task: Task) -> bool:
    """Four eyes: nobody who did a barred step, nor whoever they did it for or acts for now."""
    return not ({by.id, by.acting_for_id} - {None}) & task.barred


def is_not_for_whom_it_is_barred(by: Actor, task: Task) -> bool:
    return by.acting_for_id is None or by.acting_for_id not in task.barred


def acts_for_whoever_has_it(by: Actor, task: Task) -> bool:
    return by.acting_for_id is not None and task.assignee_id == by.acting_for_id


def sees_its_case(by: Actor, task: Task) -> bool:
    return may(by, Deed.SEE_CASE, task.case)


def operates_its_case(by: Actor, task: Task) -> bool:
    return may(by, Deed.OPERATE_CASE, task.case)


LEADING = ("director", "unit_manager")


def leads_its_unit(by: Actor, task: Task) -> bool:
    return any(by.holds(role, task.unit_id) for role in LEADING)


def answers_for_its_unit(by: Actor, case: Case) -> bool:
    return any(by.holds(role, case.unit_id) for role in ("director", "security_coordinator"))


def holds_it_themselves(by: Actor, place: RoleHandover) -> bool:
    """The role that is handed on is theirs, or was."""
    return by.id is not None and place.from_id == by.id


def directs_where_it_is(by: Actor, place: RoleHandover) -> bool:
    return by.holds("director", place.unit_id)


def has_the_role(by: Actor, place: RoleHandover) -> bool:
    return by.holds(place.role, place.unit_id)


def is_left_to_them(by: Actor, place: RoleHandover) -> bool:
    return by.id is not None and place.to_id == by.id


def is_left_to_the_role(by: Actor, place: RoleHandover) -> bool:
    return place.to_id is None and place.from_id != by.id and has_the_role(by, place)


def is_for_nobody_s_role(_by: Actor, task: Task) -> bool:
    """It was given to a person that the case names, and to no role."""
    return not task.roles


def is_no_decision(_by: Actor, task: Task) -> bool:
    return task.kind not in DECIDING


def decides_on_it(by: Actor, asked: Extension) -> bool:
    unit_id = asked.decider_unit_id or asked.task.unit_id
    return by.holds(asked.decider, unit_id, asked.task.process_id)


def did_not_ask(by: Actor, asked: Extension) -> bool:
    return not ({by.id, by.acting_for_id} - {None}) & {asked.asked_by_id, asked.asked_for_id}


# files and documents


def sees_the_case_it_is_in(by: Actor, file: File) -> bool:
    return file.case is not None and may(by, Deed.SEE_CASE, file.case)


def sees_the_task_it_came_with(by: Actor, file: File) -> bool:
    return file.task is not None and may(by, Deed.SEE_TASK, file.task)


def is_in_the_library(_by: Actor, file: File) -> bool:
    return file.case_id is None


def sent_it(by: Actor, thing: File | Comment) -> bool:
    return by.id is not None and thing.by_id == by.id


def operates_the_case_it_is_in(by: Actor, thing: File | Comment) -> bool:
    return thing.case is not None and may(by, Deed.OPERATE_CASE, thing.case)


def keeps_the_library(by: Actor, _thing: object) -> bool:
    return by.holds_anywhere("central_security")


# the calendar


def is_the_city(_by: Actor, unit: Unit) -> bool:
    return unit.kind is UnitKind.CITY


def is_not_the_city(_by: Actor, unit: Unit) -> bool:
    return unit.kind is not UnitKind.CITY


def keeps_the_citys_calendar(by: Actor, _thing: object) -> bool:
    return by.holds_anywhere("central_security")


def keeps_its_calendar(by: Actor, unit: Unit) -> bool:
    return any(by.holds(role, unit.id) for role in ("security_coordinator", "board_secretary"))


def acting(by: Actor, task: Task) -> Actor:
    """Say for whom `by` acts: for whom they took it, for somebody absent whose task it is, or where
    only somebody absent gives the right; of several, for one who may do it themselves.
    """
    if task.assignee_id == by.id and task.claimed_for_id is not None:
        return replace(by, acting_for_id=task.claimed_for_id)
    places = {(one.role, one.unit_id) for one in task.roles}
    rights = [
        held
        for held in by.held
        if (not places or (held.role, held.unit_id) in places) and held.reaches(task.process_id)
    ]
    if task.assignee_id is not None and task.assignee_id in {held.via_id for held in rights}:
        return replace(by, acting_for_id=task.assignee_id)
    return _standing_in(by, rights if places else [], task.barred)


def _standing_in(by: Actor, rights: list[Held], barred: frozenset[int]) -> Actor:
    absent = sorted(held.via_id for held in rights if held.via_id is not None)
    if not absent or len(absent) < len(rights):
        return by
    allowed = [person_id for person_id in absent if person_id not in barred]
    return replace(by, acting_for_id=(allowed or absent)[0])


# registers


def is_an_open_entry(_by: Actor, entry: Entry) -> bool:
    """What is marked secret is not for all, however open the case that wrote it."""
    return entry.level is Secrecy.OPEN and entry.secrecy not in SECRET


def is_no_secret_entry(_by: Actor, entry: Entry) -> bool:
    return entry.level is not Secrecy.SECRET


def belongs_to_its_holder(by: Actor, entry: Entry) -> bool:
    return by.belongs_to(entry.unit_id, entry.process_id)


def audits_the_entry(by: Actor, entry: Entry) -> bool:
    is_secret = entry.level is Secrecy.SECRET
    return any(
        scope.covers(entry.unit_id, entry.process_id, entry.year, is_secret=is_secret)
        for scope in by.scopes
    )


def sees_the_entry(by: Actor, entry: Entry) -> bool:
    return may(by, Deed.SEE_ENTRY, entry)


ANSWERING = ("security_coordinator", "director", "unit_manager")


def answers_for_it(by: Actor, entry: Entry) -> bool:
    return any(by.holds(role, entry.unit_id, entry.process_id) for role in ANSWERING)


def owns_it(by: Actor, entry: Entry) -> bool:
    return by.id is not None and entry.owner_id == by.id


def keeping(by: Actor, entry: Entry) -> Actor:
    """Say for whom `by` acts on an entry: for somebody absent, where only they give the right."""
    rights = [
        held
        for held in by.held
        if held.role == "protective_security_chief"
        or (held.role in ANSWERING and held.unit_id == entry.unit_id)
    ]
    return _standing_in(by, [one for one in rights if one.reaches(entry.process_id)], frozenset())


def coordinates_its_unit(by: Actor, thing: Entry | Case) -> bool:
    return by.holds("security_coordinator", thing.unit_id)


def directs_the_citys_security(by: Actor, _thing: object) -> bool:
    return by.holds_anywhere("central_security")


def did_not_ask_to_lower_it(by: Actor, entry: Entry) -> bool:
    asked = entry.lowering or {}
    return not ({by.id, by.acting_for_id} - {None}) & {asked.get("by"), asked.get("for")}


# people


def administers(by: Actor, _thing: object) -> bool:
    return by.holds_anywhere("administrator")


def owns_processes(by: Actor, _thing: object) -> bool:
    return by.holds_anywhere("process_owner")


def may_publish_it(by: Actor, process: Process) -> bool:
    return not process.publishers or by.id in {one.person_id for one in process.publishers}


def may_publish_what_it_is_of(by: Actor, proposal: Proposal) -> bool:
    return owns_processes(by, proposal) and may_publish_it(by, proposal.process)


def made_nothing_of_it(by: Actor, proposal: Proposal) -> bool:
    """Four eyes: neither who changed or sent it, nor who only stands in for one of them."""
    deciding = ("process_owner", "protective_security_chief")
    for_whom = {held.via_id or by.id for held in by.held if held.role in deciding}
    return (
        by.id is not None and by.id not in proposal.makers and bool(for_whom - {*proposal.makers})
    )


def is_let_decide_alone(_by: Actor, proposal: Proposal) -> bool:
    return not proposal.process.four_eyes


def is_oneself(by: Actor, person: Person) -> bool:
    return by.id is not None and person.id == by.id


def works_here(_by: Actor, person: Person) -> bool:
    return person.closed_at is None


def directs_their_unit(by: Actor, person: Person) -> bool:
    return person.unit_id is not None and by.holds("director", person.unit_id)


def is_their_own(by: Actor, thing: SignIn | Passkey | Feed | SavedFilter) -> bool:
    return by.id is not None and thing.person_id == by.id


def is_of_their_own_dates(by: Actor, feed: Feed) -> bool:
    return feed.kind is FeedKind.PERSON and feed.person_id == by.id


def is_of_a_role_they_hold(by: Actor, feed: Feed) -> bool:
    return feed.kind is FeedKind.ROLE and by.holds(feed.role or "", feed.unit_id or 0)


def is_of_a_unit_they_belong_to(by: Actor, feed: Feed) -> bool:
    return feed.kind is FeedKind.UNIT and by.belongs_to(feed.unit_id or 0)


# the record


def reads_the_record(by: Actor, _thing: object) -> bool:
    return may(by, Deed.SEE_HISTORY, None)


def drew_it(by: Actor, sample: Sample) -> bool:
    return by.id is not None and sample.by_id == by.id


def is_shared(_by: Actor, sample: Sample) -> bool:
    return sample.shared_at is not None


def registers_documents(by: Actor, _thing: object) -> bool:
    return by.holds_anywhere("registrar")


def keeps_retention(by: Actor, _thing: object) -> bool:
    return may(by, Deed.KEEP_RETENTION, None)


def did_not_draw_it_up(by: Actor, disposal: Disposal) -> bool:
    """Four eyes: nor does who may only by standing in for whoever did."""
    keeping = ("administrator", "registrar", "protective_security_chief")
    for_whom = {held.via_id or by.id for held in by.held if held.role in keeping}
    return by.id not in (None, disposal.made_by_id) and bool(for_whom - {disposal.made_by_id})


# auditors


def has_a_mandate(by: Actor, _thing: object) -> bool:
    return bool(by.scopes)


def is_without_secrets(_by: Actor, mandate: Mandate) -> bool:
    return not mandate.sees_secret


# A deed is allowed when every rule of at least one row holds.
ALLOWED: dict[Deed, tuple[tuple[Rule, ...], ...]] = {
    Deed.SEE_CASE: (
        (is_system,),
        (is_open,),
        (is_not_secret, belongs_to_its_unit),
        (is_not_secret, watches_the_city),
        (guards_secrets,),
        (audits_it,),
    ),
    Deed.START_CASE: (
        (is_system,),
        (sees_it, coordinates_its_unit),
        (sees_it, directs_the_citys_security),
        (is_secret, guards_secrets),  # the others cannot even see it
    ),
    Deed.OPERATE_CASE: ((is_system,), (sees_it, operates)),
    Deed.STEER_CASE: ((is_system,), (sees_it, operates, did_no_reviewed_work)),
    Deed.SEND_MESSAGE: ((is_system,), (sees_it, operates, did_no_reviewed_work)),
    Deed.SEE_STANDSTILL: ((operates,),),
    Deed.SEE_CITY: ((is_system,), (watches_the_city,), (guards_secrets,)),
    Deed.COMMENT: ((is_system,), (is_not_secret, sees_it, does_not_only_audit)),
    Deed.WITHDRAW_COMMENT: ((is_system,), (sent_it,), (operates_the_case_it_is_in,)),
    Deed.SEE_TASK: ((sees_its_case,), (holds_its_role,), (has_it,)),
    Deed.CLAIM: (
        (holds_its_role, is_free, is_not_for_whom_it_is_barred),
        (holds_its_role, is_theirs_already),
        (holds_its_role, was_taken_over_from_them),
        (holds_its_role, acts_for_whoever_has_it, is_not_for_whom_it_is_barred),
        (
            is_for_nobody_s_role,
            sees_its_case,
            acts_for_whoever_has_it,
            is_not_for_whom_it_is_barred,
        ),
    ),
    Deed.RELEASE: ((has_it,),),
    Deed.DELEGATE: ((has_it,),),
    Deed.RETURN: ((has_it,),),
    Deed.REASSIGN: ((leads_its_unit,), (operates_its_case,)),
    Deed.SEE_HANDOVER: (
        (holds_it_themselves,),
        (has_the_role,),
        (is_left_to_them,),
        (directs_where_it_is,),
        (administers,),
    ),
    Deed.HAND_OVER_ROLE: ((holds_it_themselves,), (directs_where_it_is,), (administers,)),
    Deed.READ_HANDOVER: ((is_left_to_them,), (is_left_to_the_role,)),
    Deed.BE_GIVEN: (
        (holds_its_role, is_not_their_own_work),
        (sees_its_case, is_no_decision, is_not_their_own_work, does_not_only_audit),
    ),
    Deed.SAVE_DRAFT: ((has_it,), (holds_its_role, is_free)),
    Deed.COMPLETE: (
        (has_it, is_no_decision, is_not_their_own_work),
        (has_it, holds_its_role, is_not_their_own_work),
        (has_it, is_for_nobody_s_role, is_not_their_own_work),
        (holds_its_role, is_free, is_not_their_own_work),
    ),
    Deed.PROMISE: ((has_it,), (holds_its_role,)),
    Deed.SUGGEST: ((has_it,), (holds_its_role,)),
    Deed.NUDGE: ((sees_it, operates), (sees_it, answers_for_its_unit)),
    Deed.ASK_FOR_TIME: ((has_it,), (holds_its_role, is_free)),
    Deed.GIVE_TIME: ((decides_on_it, did_not_ask),),
    Deed.SEE_FILE: (
        (is_system,),
        (is_in_the_library,),
        (sees_the_case_it_is_in,),
        (sees_the_task_it_came_with,),
    ),
    Deed.ATTACH: ((is_system,), (sees_it, belongs_to_its_unit), (sees_it, operates)),
    Deed.REMOVE_FILE: ((is_system,), (sent_it,), (operates_the_case_it_is_in,)),
    Deed.MAKE_DOCUMENT: ((is_system,), (sees_it, belongs_to_its_unit), (sees_it, operates)),
    Deed.KEEP_LIBRARY: ((is_system,), (keeps_the_library,)),
    Deed.READ_LIBRARY: ((is_anybody,),),
    Deed.CHANGE_CALENDAR: (
        (is_system,),
        (is_the_city, keeps_the_citys_calendar),
        (is_not_the_city, keeps_its_calendar),
    ),
    Deed.SEE_ENTRY: (
        (is_system,),
        (is_an_open_entry,),
        (is_no_secret_entry, belongs_to_its_holder),
        (is_no_secret_entry, owns_it),
        (is_no_secret_entry, watches_the_city),
        (guards_secrets,),
        (audits_the_entry,),
    ),
    Deed.CHANGE_ENTRY: (
        (is_system,),
        (is_no_secret_entry, answers_for_it),
        (is_no_secret_entry, owns_it),
        (sees_the_entry, guards_secrets),
    ),
    Deed.DECLASSIFY: ((guards_secrets, did_not_ask_to_lower_it),),
    Deed.IMPORT_ENTRIES: (
        (is_system,),
        (is_no_secret_entry, coordinates_its_unit),
        (is_no_secret_entry, directs_the_citys_security),
        (guards_secrets,),
    ),
    Deed.CHOOSE_LEVEL: (
        (is_system,),
        (is_the_city, keeps_the_citys_calendar),
        (is_not_the_city, coordinates_the_unit),
        (is_not_the_city, directs_the_unit),
    ),
    Deed.EXEMPT: ((is_system,), (keeps_the_citys_calendar,)),
    Deed.CARRY_OVER: ((is_system,), (coordinates_the_unit,), (directs_the_citys_security,)),
    Deed.CLOSE_YEAR: ((is_system,), (directs_the_citys_security,)),
    Deed.SEE_REPORT: (
        (is_system,),
        (belongs_to_the_unit,),
        (watches_the_city,),
        (guards_secrets,),
    ),
    Deed.SEAL_REPORT: (
        (is_system,),
        (is_the_city, directs_the_citys_security),
        (is_not_the_city, directs_the_unit),
    ),
    Deed.CORRECT_REPORT: (
        (is_not_the_city, coordinates_the_unit),
        (is_not_the_city, controls_the_unit),
        (is_not_the_city, directs_the_unit),
    ),
    Deed.PUBLISH: ((is_system,), (owns_processes,)),
    Deed.SEE_PROCESSES: (
        (is_system,),
        (owns_processes,),
        (guards_secrets,),
        (administers,),
        (watches_the_city,),
    ),
    Deed.CHANGE_PROCESS: ((owns_processes, may_publish_it),),
    Deed.REVIEW_PROCESS: (
        (may_publish_what_it_is_of, made_nothing_of_it),
        (may_publish_what_it_is_of, is_let_decide_alone),
    ),
    Deed.CLEAR_PROCESS: ((guards_secrets, made_nothing_of_it),),
    Deed.SET_UP_PROCESS: ((administers,),),
    Deed.MIGRATE: ((is_system,), (owns_processes,)),
    Deed.REHEARSE: ((owns_processes,), (directs_the_citys_security,)),
    Deed.SEE_ORGANISATION: ((is_anybody,),),
    Deed.CHANGE_ORGANISATION: ((is_system,), (administers,)),
    Deed.SEE_PERSON: ((is_oneself,), (administers,)),
    Deed.SIGN_IN: ((is_oneself, works_here),),
    Deed.END_SIGN_IN: ((is_their_own,),),
    Deed.END_SIGN_INS: ((is_system,), (is_oneself,), (administers,)),
    Deed.CHANGE_ACCOUNT: ((is_oneself, works_here),),
    Deed.USE_PASSKEY: ((is_their_own,),),
    Deed.REMOVE_FACTOR: ((is_system,), (is_oneself,), (administers,)),
    Deed.INVITE: ((is_system, works_here), (administers, works_here)),
    Deed.SET_ABSENCE: (
        (is_oneself, works_here),
        (administers, works_here),
        (directs_their_unit, works_here),
    ),
    Deed.READ_FEED: (
        (is_of_their_own_dates,),
        (is_of_a_role_they_hold,),
        (is_of_a_unit_they_belong_to,),
    ),
    Deed.END_FEED: ((is_their_own,),),
    Deed.KEEP_FILTER: ((is_their_own,),),
    Deed.KEEP_OUTBOX: ((administers,),),
    Deed.KEEP_DUE_WORK: ((administers,),),
    Deed.SEE_HISTORY: ((administers,), (watches_the_city,), (guards_secrets,), (has_a_mandate,)),
    Deed.SEAL: ((is_system,),),
    Deed.VERIFY: ((administers,), (watches_the_city,), (guards_secrets,), (has_a_mandate,)),
    Deed.GIVE_MANDATE: ((is_without_secrets, administers), (guards_secrets,)),
    Deed.RUN_CHECKS: ((is_system,), (reads_the_record,)),
    Deed.SEE_FLOWS: ((is_system,), (reads_the_record,)),
    Deed.DRAW_SAMPLE: ((reads_the_record,),),
    Deed.SEE_SAMPLE: ((drew_it,), (reads_the_record, is_shared)),
    Deed.KEEP_SAMPLE: ((drew_it,),),
    Deed.KEEP_RETENTION: ((administers,), (registers_documents,), (guards_secrets,)),
    Deed.APPROVE_DISPOSAL: ((keeps_retention, did_not_draw_it_up),),
    Deed.PURGE: ((is_system,),),
    Deed.STATE: ((is_system,),),
}

# What must not even be known to exist by those who may not see it.
_SIGHT = {
    Deed.SEE_CASE,
    Deed.SEE_TASK,
    Deed.SEE_HANDOVER,
    Deed.SEE_FILE,
    Deed.SEE_PERSON,
    Deed.END_SIGN_IN,
    Deed.USE_PASSKEY,
    Deed.END_FEED,
    Deed.KEEP_FILTER,
    Deed.SEE_SAMPLE,
}


def may(by: Actor, deed: Deed, thing: object) -> bool:
    """Tell whether `by` may do `deed` to `thing`."""
    return any(all(rule(by, thing) for rule in row) for row in ALLOWED[deed])


def require(by: Actor, deed: Deed, thing: object) -> None:
    """Refuse unless `by` may do `deed`.

    :raises NotFound: if `by` may not even see the thing
    :raises Forbidden: if no row of the table allows it
    """
    if may(by, deed, thing):
        return
    raise NotFound() if deed in _SIGHT else Forbidden(f"may_not_{deed}")
