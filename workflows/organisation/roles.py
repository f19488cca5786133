"""The roles a lane may name and a person may hold."""

from dataclasses import dataclass

from workflows.language import N_


@dataclass(frozen=True, slots=True)
class Role:
    """A role; `is_guarded` ones see secret things or administer, and demand a second factor."""

    code: str
    name: str
    is_guarded: bool = False


ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role("security_coordinator", N_("security coordinator")),
        Role("infosec_coordinator", N_("information security coordinator")),
        Role("director", N_("director")),
        Role("unit_manager", N_("unit manager")),
        Role("employee", N_("employee")),
        Role("controller", N_("controller")),
        Role("registrar", N_("registrar")),
        Role("board_secretary", N_("board secretary")),
        Role("procurement_officer", N_("procurement officer")),
        Role("legal", N_("lawyer")),
        Role("dpo", N_("data protection officer")),
        Role("communicator", N_("communications officer")),
        Role("hr", N_("HR officer")),
        Role("safety_representative", N_("safety representative")),
        Role("exercise_lead", N_("exercise lead")),
        Role("evaluation_lead", N_("evaluation lead")),
        Role("observer", N_("observer")),
        Role("duty_officer", N_("duty officer")),
        Role("local_security_lead", N_("local head of protective security"), is_guarded=True),
        Role("protective_security_chief", N_("head of protective security"), is_guarded=True),
        Role("central_security", N_("central security function"), is_guarded=True),
        Role("city_director", N_("city director")),
        Role("council", N_("council")),
        Role("executive_board", N_("executive board")),
        Role("crisis_board", N_("crisis board")),
        Role("board", N_("board")),
        Role("central_crisis_mgmt", N_("central crisis management")),
        Role("security_council", N_("security council")),
        Role("city_insurer", N_("city insurer")),
        Role("fire_brigade", N_("fire brigade")),
        Role("process_owner", N_("process owner"), is_guarded=True),
        Role("auditor", N_("auditor"), is_guarded=True),
        Role("administrator", N_("administrator"), is_guarded=True),
    )
}
