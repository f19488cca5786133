"""Plain Swedish that typical answers are written with: no names of persons, nothing secret."""

from random import Random

FUNCTIONS = (
    "Beredskapssamordnare",
    "Säkerhetssamordnare",
    "Enhetschef äldreomsorg",
    "Enhetschef förskola",
    "Kommunikatör",
    "Lokalansvarig",
    "It-samordnare",
    "HR-partner",
    "Avdelningschef social omsorg",
    "Upphandlingsansvarig",
)
SENTENCES = (
    "Arbetet följer rutinen och är klart i tid.",
    "Vi gick igenom underlaget tillsammans och är eniga.",
    "Rutinen är känd, men den behöver övas oftare.",
    "Samma bedömning som förra året, uppgifterna är kontrollerade.",
    "Verksamheten klarar ett dygn på egen hand och behöver sedan stöd.",
    "Kontaktlistan är uppdaterad och ligger i krispärmen.",
)
TITLES = {
    "risks": (
        "El borta i två dygn",
        "Dricksvattnet otjänligt i tre dygn",
        "Värmebölja i mer än en vecka",
        "It-angrepp mot journalsystemet",
        "Väpnat angrepp",
        "Stort personalbortfall vid smitta",
        "Brand i ett vård- och omsorgsboende",
        "Hot och våld mot personal",
        "Leverans av mat uteblir",
        "Översvämning vid skyfall",
        "Falska rykten om verksamheten",
        "Telefoni borta i ett dygn",
    ),
    "commitments": (
        "Hemtjänst",
        "Vård- och omsorgsboende",
        "Förskola",
        "Stöd till barn och unga",
        "Ekonomiskt bistånd",
        "Boende med särskild service",
        "Fritidsgårdar",
    ),
    "dependencies": (
        "Elnätet",
        "Dricksvatten",
        "Journalsystemet",
        "Trygghetslarm",
        "Måltidsleverantör",
        "Bemanningsföretag",
        "Mobiltelefoni",
        "Transporter",
    ),
    "actions": (
        "Skaffa reservkraft till två boenden",
        "Öva larmkedjan utan it-stöd",
        "Teckna avtal om nödvatten",
        "Skriva rutin för manuell journal",
        "Se över larmlistorna",
        "Utbilda chefer i krisledning",
        "Köpa in lager av skyddsutrustning",
        "Märka upp avstängningsventiler",
        "Ta fram reservplan för måltider",
        "Kontrollera skalskyddet",
    ),
    "items": (
        "Larmövning för krisledningen",
        "Seminarieövning om elavbrott",
        "Utbildning i stabsarbete",
        "Övning i evakuering av boende",
        "Utbildning för nya chefer",
    ),
    "goals": (
        "Krisledningen är samlad inom en timme",
        "Lägesbilden är klar inom två timmar",
        "Personalen vet var reservrutinerna finns",
        "Boende och anhöriga får besked samma dag",
    ),
    "criteria": (
        "Larmet gick enligt larmplanen",
        "Beslut skrevs ned med tid och skäl",
        "Information nådde berörda inom en timme",
        "Stöd till personalen fanns samma dag",
    ),
    "lesson": (
        "Larmlistan måste gås igenom varje kvartal",
        "Reservrutinen ska finnas på papper",
        "Loggen behöver en egen person",
        "Besked till anhöriga ska förberedas",
    ),
    "weakness": (
        "Oklart vem som ersätter chefen på kvällar",
        "Reservtelefonerna var inte laddade",
        "Reservrutinen saknas på två enheter",
        "Få har övat utan it-stöd",
    ),
    "strength": (
        "Krisledningen var samlad snabbt",
        "Personalen kände till rutinen",
        "Samarbetet med räddningstjänsten fungerade",
        "Loggen fördes från början",
    ),
    "gap": (
        "Övning utan it-stöd har inte hållits",
        "Nya chefer har inte utbildats",
        "Larmning på helger är inte prövad",
        "Samverkan med leverantörer är inte övad",
    ),
    "title": (
        "Strömavbrott på två boenden",
        "Nytt program för krisberedskap",
        "Vattenläcka i stadsdelshuset",
        "Riktlinje för hot och våld",
    ),
    "place": ("Stadsdelshuset", "Servicehuset vid torget", "Förskolan vid parken"),
    "by": FUNCTIONS,
    "to": ("Boende och anhöriga", "Personal på alla enheter", "Medier", "Leverantörer"),
    "supplier": ("Ramavtalad leverantör", "Fastighetsägaren", "Driftleverantören"),
    "sender": ("Kommunstyrelsen", "Länsstyrelsen", "Myndigheten för civilt försvar"),
    "function": FUNCTIONS,
    "responsible": FUNCTIONS,
    "owner": FUNCTIONS,
    "evaluator": FUNCTIONS,
    "contact": FUNCTIONS,
    "stop_word": ("Övning avbryts",),
    "indicator": ("Andel larmade inom 30 minuter", "Antal övade enheter", "Andel utbildade chefer"),
    "measure": ("Påskynda upphandlingen", "Byta ansvarig", "Dela upp åtgärden i två steg"),
    "cause": ("Upphandlingen tog längre tid", "Personal har saknats", "Rutinen var inte känd"),
    "name": (
        "Sjukhuset",
        "Räddningstjänsten",
        "Bostadsbolaget",
        "Vårdcentralen",
        "Frivilliga försvarsorganisationer",
    ),
    "page": ("12",),
    "indicators.name": (
        "Andel chefer som har övat krisledning",
        "Andel samhällsviktiga verksamheter med prövad kontinuitetsplan",
        "Andel larmade som svarar inom 30 minuter",
    ),
    "target": ("100 %", "80 %", "90 %"),
    "forecast": ("95 %", "75 %", "90 %"),
    "outcome_value": ("83 %", "60 %", "92 %"),
}


def phrase(path: str, number: int, random: Random) -> str:
    """Give a text for the field at `path`; in a list, each `number` gets another one."""
    top, _, column = path.rpartition(".")
    kind = next(
        (each for each in (path, top, column, column.rpartition("_")[2]) if each in TITLES), column
    )
    if top in TITLES and column not in ("title", "name", "what", "goal", "text"):
        kind = column
    if column.endswith(("_reference", "_number", "reference", "receipt", "paragraph")):
        return f"{random.randint(1, 40)}/{random.randint(100, 999)}-{number + 1}"
    several = TITLES.get(kind, SENTENCES)
    again, place = divmod(random.randrange(len(several)) if number < 0 else number, len(several))
    return f"{several[place]} ({again + 1})" if again else several[place]
