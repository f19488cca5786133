"""What cases of the shipped processes may know, for the documents that are made from it."""

from functools import cache
from typing import Any

from tests.processes import test_rsa_annual as rsa
from tests.processes.walking import PACKAGES
from workflows.documents.source import Source
from workflows.forms import Facts, read_form

HIDDEN = "Reservkraften räcker i sex timmar"
RICH = "Vi fann **två** saker:\n\n- el\n- [vägledning](https://example.org/råd)\n\nRad ett\nrad två"
COUNTS = {"value": 15, "band": "red"}
DATA: dict[str, dict[str, Any]] = {
    "rsa_annual": {
        "method": "forsa",
        "changes": "Ny leverantör.",
        "commitments": [
            {"name": "Hemtjänst", "run": "own", "vital": True, "criticality": 4, "secrecy": "open"}
        ],
        "area_functions": [{"name": "Sjukhuset", "actor": "Regionen"}],
        "area_risks": [{"title": "Vattnet stiger", "place": "Ågesta"}],
        "risks": [
            {**rsa.POWER, **COUNTS, "secrecy": "open", "description": RICH},
            {**rsa.ATTACK, **COUNTS, "title": HIDDEN, "secrecy": "18:13", "description": "Hemligt"},
            {**rsa.ATTACK, **COUNTS, "title": "Obedömd risk", "secrecy": None},
        ],
        "vulnerabilities": [
            {"commitment": "Hemtjänst", "weakness": "Ingen reserv", "ability": "poor"}
        ],
        "dependencies": [{"what": "El", "commitment": "Hemtjänst", "kind": "power"}],
        "actions": [
            {"title": "Skaffa aggregat", "risk": HIDDEN, "secrecy": "open", "cost_1": 100000,
             "responsible": "Chefen", "due": "2028-05-31", "kind": "reduce_consequence"},
            {"title": "Öva strömavbrott", "risk": rsa.POWER["title"], "secrecy": "open",
             "responsible": "Samordnaren", "due": "2027-12-01", "kind": "reduce_likelihood"},
            {"title": "Ta emot risken", "kind": "accept", "reason": "Staden äger den"},
        ],
        "marking": ["18_13"],
        "report_proposal": "att godkänna analysen\natt skicka den till stadsledningskontoret",
        "report_summary": RICH,
        "report_reference": "FAR 2027/12",
        "message": "Ha vatten hemma.",
        "message_public": True,
        "union_cooperated": True,
    },
    "rsa_city": {
        **{f"heading_{n}": f"Text under rubrik {n}." for n in range(1, 8)},
        "city_risks": [{"title": "Solstorm", "category": "nature"}],
        "clusters": [{"theme": "El", "likelihood": 3, "consequence": 4}],
        "indicators": [{"indicator": "Övad ledning", "value": "Ja"}],
        "open_summary": "Staden är väl förberedd.",
        "report_proposal": "att anta analysen",
    },
    "exercise_plan": {
        "target_groups": ["board"],
        "gaps": [{"gap": "Larmvägen är oprövad", "priority": "1"}],
        "items": [{"title": "Larmövning", "kind": "exercise", "day": "2027-04-14"}],
        "findings": [{"lesson": "Öva oftare", "disposition": "planned"}],
    },
    "exercise": {
        "title": "Larmövning", "format": "alarm", "exercise_on": "2027-04-14",
        "purpose": "Pröva larmvägen.",
        "goals": [{"goal": "Alla nås", "indicator": "70 %", "met": "partly", "evidence": "Lista"}],
        "strengths": [{"strength": "Snabb start"}],
        "weaknesses": [{"weakness": "Gamla nummer"}],
        "lessons": [{"lesson": "Byt nummer", "public": True}],
        "actions": [{"title": "Uppdatera larmlistan", "responsible": "TiB", "due": "2027-06-30"}],
    },
    "event_evaluation": {
        "what": "Strömavbrott i Farsta", "questions": "Vad hände?", "summary": RICH,
        "criteria": [{"text": "Larma i tid", "met": "yes", "evidence": "Loggen"}],
        "lessons": [
            {"lesson": "Delas med alla", "public": True},
            {"lesson": "Bara för oss", "public": False},
        ],
        "proposals": "Köp aggregat.", "no_action": None,
        "actions": [{"title": "Köp aggregat", "responsible": "Chefen", "due": "2027-09-01"}],
    },
    "action_followup": {
        "security_paragraph": "Arbetet går **enligt plan**.",
        "actions": [
            {"title": "Skaffa aggregat", "colour": "red"}, {"title": "Öva", "colour": "green"},
            {"title": "Utan färg"},
        ],
        "deviations": [{"action": "Skaffa aggregat", "cause": "Dyrt", "help_from": "Staden"}],
        "indicators": [{"name": "Övade nämnder", "target": "10", "outcome_value": "8"}],
        "exercises_done": 3,
    },
    "consultation_reply": {
        "proposal": "att lämna yttrandet som svar", "summary": "Vi är för.",
        "office_views": "Bra förslag.", "own_text": "Vi tillstyrker.", "own_number": "FAR 2027/9",
    },
    "sua": {
        "registry_number": "FAR 2027/77", "title_neutral": "Upphandling A", "level": 2,
        "assessed_on": "2027-03-01", "assessment_reference": "FAR 2027/78",
        "signed_on": "2027-06-01", "supplier_name": "Hemliga Bolaget AB",
    },
}  # fmt: skip


@cache
def _forms(process: str) -> tuple[Any, ...]:
    return tuple(read_form(content) for _, content in sorted(PACKAGES[process].forms.items()))


def source(process: str, *, is_open: bool = False, **more: Any) -> Source:
    data = DATA[process] | more
    return Source(
        name=f"{process} 2027",
        unit="Farsta stadsdelsnämnd",
        process=process,
        forms=_forms(process),
        data=data,
        facts=Facts(names=data),
        marks={},
        is_open=is_open,
    )
