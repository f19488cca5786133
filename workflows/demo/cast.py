"""The invented people of the demo: those one may sign in as, and everybody else in the bodies."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random

from workflows.demo.bodies import CITY, Body

PASSWORD = "årshjul demo 2027"  # noqa: S105 (printed for everybody who tries the demo)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    email: str
    name: str
    does: str  # for the list of demo sign-ins
    unit: str
    roles: tuple[tuple[str, str], ...]  # role, unit


# Those the sign-in page offers.
PEOPLE = (
    DemoPerson(
        "samordnare@demo.test",
        "Maja Lindqvist (demo)",
        "coordinator in Farsta",
        "FARSTA",
        (("security_coordinator", "FARSTA"), ("infosec_coordinator", "FARSTA")),
    ),
    DemoPerson(
        "chef@demo.test",
        "Johan Ek (demo)",
        "director in Farsta",
        "FARSTA",
        (("director", "FARSTA"),),
    ),
    DemoPerson(
        "sekreterare@demo.test",
        "Gunilla Ståhl (demo)",
        "secretary of the board of Farsta",
        "FARSTA",
        (("board_secretary", "FARSTA"), ("registrar", "FARSTA")),
    ),
    DemoPerson(
        "norra@demo.test",
        "Leila Haddad (demo)",
        "coordinator in two bodies",
        "NORRA",
        (("security_coordinator", "NORRA"), ("security_coordinator", "SISAB")),
    ),
    DemoPerson(
        "norra.chef@demo.test",
        "Sven Åkerlund (demo)",
        "director in Norra innerstaden",
        "NORRA",
        (("director", "NORRA"),),
    ),
    DemoPerson(
        "sisab.vd@demo.test",
        "Ingrid Öberg (demo)",
        "director of a company",
        "SISAB",
        (("director", "SISAB"),),
    ),
    DemoPerson(
        "central@demo.test",
        "Amir Nouri (demo)",
        "watches the whole city",
        CITY,
        (("central_security", CITY),),
    ),
    DemoPerson(
        "sakerhetsskydd@demo.test",
        "Helena Brandt (demo)",
        "head of protective security",
        CITY,
        (("protective_security_chief", CITY),),
    ),
    DemoPerson(
        "processer@demo.test",
        "Karin Wallin (demo)",
        "owns the processes",
        CITY,
        (("process_owner", CITY),),
    ),
    DemoPerson(
        "granskare@demo.test",
        "Olle Dahl (demo)",
        "reviews what is changed in the processes",
        CITY,
        (("process_owner", CITY),),
    ),
    DemoPerson(
        "revisor@demo.test",
        "Per Sundin (demo)",
        "auditor: reads everything",
        CITY,
        (("auditor", CITY),),
    ),
    DemoPerson(
        "admin@demo.test", "Elsa Nyström (demo)", "administrator", CITY, (("administrator", CITY),)
    ),
)

# Who works in a body, and what each of them is. Where a body is small, one is many things.
LARGE = {
    "samordnare": ("security_coordinator", "infosec_coordinator"),
    "chef": ("director",),
    "enhetschef": ("unit_manager",),
    "avdelningschef": ("unit_manager",),
    "sekreterare": ("board_secretary", "registrar"),
    "controller": ("controller", "evaluation_lead", "procurement_officer"),
    "beredskap": ("exercise_lead", "duty_officer", "local_security_lead"),
    "personal": ("hr", "communicator"),
    "ombud": ("safety_representative", "employee", "observer"),
}
SMALL = {
    "samordnare": (
        "security_coordinator",
        "infosec_coordinator",
        "unit_manager",
        "exercise_lead",
        "duty_officer",
    ),
    "chef": ("director",),
    "stab": (
        "board_secretary",
        "registrar",
        "controller",
        "evaluation_lead",
        "local_security_lead",
        "procurement_officer",
        "safety_representative",
        "communicator",
        "hr",
    ),
}
FOR_ALL = ("legal", "dpo")  # what the city does for every body
# In the city as a whole, over the bodies.
CENTRAL = {
    "stadsdirektor": ("city_director", "director"),
    "stadssamordnare": ("security_coordinator", "evaluation_lead", "exercise_lead"),
    "tib": ("duty_officer", "central_crisis_mgmt"),
    "kommunikation": ("communicator", "hr"),
    "stadssekreterare": ("board_secretary", "registrar", "controller"),
    "stadsjurist": ("legal", "dpo", "infosec_coordinator"),
    "inkop": ("procurement_officer", "local_security_lead"),
    "sakerhetsrad": ("security_council", "unit_manager", "safety_representative"),
}
# Bodies where somebody from PEOPLE already is one of these.
COVERED = {"FARSTA"}  # whose coordinator keeps information secure as well
TAKEN = {("FARSTA", "samordnare"), ("FARSTA", "chef"), ("FARSTA", "sekreterare"),
         ("NORRA", "samordnare"), ("NORRA", "chef"), ("SISAB", "samordnare"),
         ("SISAB", "chef")}  # fmt: skip

FIRST = (
    "Agnes", "Ali", "Anders", "Anna", "Astrid", "Birgitta", "Björn", "Carl", "Cecilia", "Daniel",
    "David", "Ebba", "Elif", "Emil", "Erik", "Eva", "Fatima", "Fredrik", "Greta", "Gustav",
    "Hanna", "Hassan", "Henrik", "Ida", "Isak", "Jenny", "Jonas", "Josef", "Julia", "Kerstin",
    "Lars", "Lina", "Magnus", "Malin", "Maria", "Mikael", "Mona", "Nadia", "Niklas", "Nora",
    "Olle", "Omar", "Oskar", "Petra", "Rebecka", "Robert", "Sara", "Simon", "Sofia", "Stina",
    "Sussie", "Tariq", "Tilda", "Tomas", "Ulla", "Vera", "Viktor", "Yasmin", "Åsa", "Örjan",
)  # fmt: skip
LAST = (
    "Ahlström", "Alm", "Andersson", "Arvidsson", "Axelsson", "Berg", "Bergman", "Björk", "Blom",
    "Boström", "Dahl", "Ekström", "Engström", "Eriksson", "Forsberg", "Fransson", "Gustafsson",
    "Hansson", "Hedlund", "Holm", "Håkansson", "Ibrahim", "Isaksson", "Jansson", "Johansson",
    "Karlsson", "Kaya", "Larsson", "Lind", "Lundgren", "Magnusson", "Mohamed", "Månsson",
    "Nilsson", "Norberg", "Nyberg", "Olsson", "Persson", "Pettersson", "Sandberg", "Sjöberg",
    "Strand", "Svensson", "Söderberg", "Viklund", "Wikström", "Yilmaz", "Åberg", "Öhman", "Östlund",
)  # fmt: skip


def colleagues(bodies: Iterable[Body], seed: int) -> Iterator[DemoPerson]:
    """Invent everybody else: those of the city, then body by body; no name comes twice."""
    names = [f"{first} {last} (demo)" for first in FIRST for last in LAST]
    Random(seed).shuffle(names)  # noqa: S311
    known = {person.name for person in PEOPLE}
    fresh = (name for name in names if name not in known)
    for desk, roles in CENTRAL.items():
        yield _person(desk, next(fresh), CITY, roles)
    for body in bodies:
        if body.ended is not None:
            continue
        for desk, roles in (LARGE if body.is_large else SMALL).items():
            person = _person(f"{body.code}.{desk}", next(fresh), body.code, roles)
            if (body.code, desk) not in TAKEN:
                yield person
            elif desk == "samordnare" and body.code not in COVERED:
                yield replace(person, roles=(("infosec_coordinator", body.code),))


def _person(desk: str, name: str, unit: str, roles: tuple[str, ...]) -> DemoPerson:
    held = tuple((role, unit) for role in roles)
    return DemoPerson(f"{desk.lower()}@demo.test", name, "", unit, held)
