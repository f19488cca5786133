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
        "FARSTA",
        (("security_coordinator", "FARSTA"), ("infosec_coordinator", "FARSTA")),
    ),
    DemoPerson("chef@demo.test", "Johan Ek (demo)", "FARSTA", (("director", "FARSTA"),)),
    DemoPerson(
        "norra@demo.test",
        "Leila Haddad (demo)",
        "NORRA",
        (("security_coordinator", "NORRA"), ("security_coordinator", "SISAB")),
    ),
    DemoPerson("norra.chef@demo.test", "Sven Åkerlund (demo)", "NORRA", (("director", "NORRA"),)),
    DemoPerson("sisab.vd@demo.test", "Ingrid Öberg (demo)", "SISAB", (("director", "SISAB"),)),
    DemoPerson("central@demo.test", "Amir Nouri (demo)", CITY, (("central_security", CITY),)),
    DemoPerson("processer@demo.test", "Karin Wallin (demo)", CITY, (("process_owner", CITY),)),
    DemoPerson("revisor@demo.test", "Per Sundin (demo)", CITY, (("auditor", CITY),)),
    DemoPerson("admin@demo.test", "Elsa Nyström (demo)", CITY, (("administrator", CITY),)),
)
