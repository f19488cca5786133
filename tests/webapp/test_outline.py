"""The diagram of a case in words, for who cannot see the picture."""

import re

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.operations import cases, publishing
from workflows.processes.rows import find


def test_every_element_stands_in_order_with_who_does_it_and_where_it_leads(
    session, city, client_for
):
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    alva = city.actor("Alva")
    case = cases.start(
        session, find(session, "letter"), city.units["FARSTA"], 2089, by=alva, now=NOON
    )
    session.commit()
    page = client_for("Alva").get(f"/cases/{case.id}").text
    told = page.split("Diagrammet i ord")[1].split("</details>")[0]
    lines = [text for text in re.sub(r"<[^>]+>", "\n", told).split("\n") if text.strip()]
    assert [line.strip() for line in lines] == [
        "Start",
        "Skriv brevet", "Samordnare", "Öppen", "tis 10 maj 2089",
        "Godkänn brevet", "Chef", "Kommande", "ons 18 maj 2089",
        "Godkänt?", "Ja: till ”Brevet skickat”", "Nej: till ”Skriv brevet”",
        "Brevet skickat",
    ]  # fmt: skip
