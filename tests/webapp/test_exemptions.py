"""The page on which the city says where a process starts by itself."""

from dataclasses import replace

import pytest

from tests.cast import NOON, SYSTEM
from tests.packages import letter
from workflows.operations import publishing
from workflows.operations.exemptions import set_exempt
from workflows.processes.rows import find
from workflows.steering.exemptions import exempt, exempt_from

PAGE = "/processes/letter/starts"


@pytest.fixture
def process(session):
    said = 'arshjul:starts="T1 + 1wd" arshjul:per="district_board"'
    package = letter()
    source = package.source.decode().replace('arshjul:colour="slate"', said)
    package = replace(package, source=source.encode())
    publishing.publish(session, package, by=SYSTEM, now=NOON)
    session.commit()
    return find(session, "letter")


def test_the_city_leaves_a_body_out_and_takes_it_in_again(process, session, city, client_for):
    disa = client_for("Disa")
    farsta, bromma, itself = (city.units[code].id for code in ("FARSTA", "BROMMA", "STAD"))
    set_exempt(session, process, [city.units["STAD"]], why="Väntar.", by=SYSTEM, now=NOON)
    session.commit()
    page = disa.get(PAGE).get_data(as_text=True)
    assert page.count(" checked") == 2
    assert f'value="{itself}"' not in page  # it is not meant for a city
    refused = disa.post(PAGE, {"unit": [bromma]})
    assert refused.status_code == 422
    assert disa.post(PAGE, {"unit": [bromma], "why": "Börjar 2028."}).status_code == 302
    assert exempt_from(session, process.id) == {farsta, itself}
    session.commit()
    shown = disa.get("/processes/letter").get_data(as_text=True)
    assert "utom hos 2 nämnder och bolag" in shown
    assert disa.get(PAGE).get_data(as_text=True).count(" checked") == 1
    disa.post(PAGE, {"unit": [bromma, farsta], "why": "Kommer i gång ändå."})
    assert exempt(session) == {(process.id, itself)}


@pytest.mark.parametrize("name", ["Alva", "Egil", "Hedda"])
def test_nobody_else_says_where_a_process_starts(process, client_for, name):
    client = client_for(name)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"why": "Nej."}).status_code == 403
