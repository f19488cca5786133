"""The public bodies of the demo city, by their public names; all else in the demo is invented."""

from dataclasses import dataclass
from datetime import date

from workflows.organisation.models import UnitKind

CITY = "STAD"


@dataclass(frozen=True, slots=True)
class Body:
    """A unit; `is_large` ones are played in full depth, by people with a role or two each."""

    code: str
    name: str
    kind: UnitKind
    is_large: bool = False
    begun: date | None = None
    ended: date | None = None
    successor: str | None = None

    @property
    def has_area(self) -> bool:
        return self.kind is UnitKind.DISTRICT_BOARD


def _district(code: str, name: str, *, is_large: bool = False, begun: date | None = None) -> Body:
    name = f"{name} stadsdelsnämnd"
    return Body(code, name, UnitKind.DISTRICT_BOARD, is_large=is_large, begun=begun)


def _merged(code: str, name: str, successor: str) -> Body:
    name = f"{name} stadsdelsnämnd"
    return Body(code, name, UnitKind.DISTRICT_BOARD, ended=MERGED_ON, successor=successor)


def _board(code: str, name: str, *, is_large: bool = False) -> Body:
    return Body(code, name, UnitKind.BOARD, is_large=is_large)


def _company(code: str, name: str, *, is_large: bool = False) -> Body:
    return Body(code, name, UnitKind.COMPANY, is_large=is_large)


MERGED_ON = date(2023, 6, 30)
NEW_ON = date(2023, 7, 1)

THE_CITY = Body(CITY, "Stockholms stad (demo)", UnitKind.CITY)
# The three that the first steps of README and the tests walk in.
FEW = (
    _district("FARSTA", "Farsta", is_large=True),
    _district("NORRA", "Norra innerstadens", is_large=True, begun=NEW_ON),
    _company("SISAB", "Skolfastigheter i Stockholm AB", is_large=True),
)
OTHERS = (
    _board("KS", "Kommunstyrelsen", is_large=True),
    _district("BROMMA", "Bromma"),
    _district("EAV", "Enskede-Årsta-Vantörs"),
    _district("HAGALV", "Hägersten-Älvsjö"),
    _district("HASVAL", "Hässelby-Vällingby"),
    _district("JARVA", "Järva", is_large=True, begun=NEW_ON),
    _district("KUNGSH", "Kungsholmens"),
    _district("SKARPN", "Skarpnäcks"),
    _district("SKARH", "Skärholmens"),
    _district("SODERM", "Södermalms", is_large=True),
    _merged("NORRM", "Norrmalms", "NORRA"),
    _merged("OSTERM", "Östermalms", "NORRA"),
    _merged("RINKEBY", "Rinkeby-Kista", "JARVA"),
    _merged("SPANGA", "Spånga-Tensta", "JARVA"),
    _board("ARBN", "Arbetsmarknadsnämnden"),
    _board("AVFN", "Avfallsnämnden"),
    _board("EXPLN", "Exploateringsnämnden"),
    _board("FASTN", "Fastighetsnämnden"),
    _board("FORSKN", "Förskolenämnden"),
    _board("IDRN", "Idrottsnämnden"),
    _board("KULTN", "Kulturnämnden"),
    _board("KYRKN", "Kyrkogårdsnämnden"),
    _board("MHN", "Miljö- och hälsoskyddsnämnden"),
    _board("SERVN", "Servicenämnden"),
    _board("SOCN", "Socialnämnden"),
    _board("SBN", "Stadsbyggnadsnämnden"),
    _board("TRAFN", "Trafiknämnden"),
    _board("UTBN", "Utbildningsnämnden", is_large=True),
    _board("VALN", "Valnämnden"),
    _board("ALDN", "Äldrenämnden"),
    _board("OFN", "Överförmyndarnämnden"),
    _company("STADSHUS", "Stockholms Stadshus AB"),
    _company("SVEBO", "AB Svenska Bostäder"),
    _company("FAMBO", "AB Familjebostäder"),
    _company("STHEM", "AB Stockholmshem"),
    _company("BOFORM", "Stockholms Stads Bostadsförmedling AB"),
    _company("MICASA", "Micasa Fastigheter i Stockholm AB"),
    _company("SVOA", "Stockholm Vatten och Avfall AB", is_large=True),
    _company("HAMNAR", "Stockholms Hamn AB"),
    _company("STOKAB", "AB Stokab"),
    _company("PARK", "Stockholms Stads Parkerings AB"),
    _company("TEATER", "Stockholms Stadsteater AB"),
    _company("GLOBE", "Stockholm Globe Arena Fastigheter AB"),
    _company("STERIK", "S:t Erik Försäkrings AB"),
    _company("MARKUTV", "S:t Erik Markutveckling AB"),
    _company("SBR", "Stockholm Business Region AB"),
)
# Those that tried the product for a year before the others came.
FIRST = FEW + tuple(body for body in OTHERS if body.is_large)
LATER = tuple(body for body in OTHERS if not body.is_large)
