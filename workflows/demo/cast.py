"""The units and people of the demo."""

from dataclasses import dataclass

from workflows.organisation.models import UnitKind

PASSWORD = "årshjul demo 2027"  # noqa: S105 (printed for everybody who tries the demo)
CITY = "STAD"


@dataclass(frozen=True, slots=True)
class DemoUnit:
    code: str
    name: str
    kind: UnitKind


@dataclass(frozen=True, slots=True)
class DemoPerson:
    email: str
    name: str
    does: str  # for the list of demo sign-ins
    unit: str
    roles: tuple[tuple[str, str], ...]  # role, unit


UNITS = (
    DemoUnit(CITY, "Stockholms stad (demo)", UnitKind.CITY),
    DemoUnit("FARSTA", "Farsta stadsdelsnämnd", UnitKind.DISTRICT_BOARD),
    DemoUnit("NORRA", "Norra innerstadens stadsdelsnämnd", UnitKind.DISTRICT_BOARD),
    DemoUnit("SISAB", "Skolfastigheter i Stockholm AB", UnitKind.COMPANY),
)

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
        "processer@demo.test",
        "Karin Wallin (demo)",
        "owns the processes",
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
