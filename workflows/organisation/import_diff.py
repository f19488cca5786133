"""What an import would change: each row beside what is there, and those who are no longer in it."""

from collections.abc import Iterable

from workflows.language import Language
from workflows.organisation.import_changes import Change, Diff, Known, State, refuse_days
from workflows.organisation.import_files import Line, Sheets
from workflows.organisation.import_roles import compare_roles
from workflows.organisation.models import UnitKind
from workflows.organisation.rows import is_circle
from workflows.organisation.writing import email_of, wrong_code, wrong_name

KINDS = {
    "stad": UnitKind.CITY, "kommun": UnitKind.CITY, "nämnd": UnitKind.BOARD,
    "facknämnd": UnitKind.BOARD, "stadsdelsnämnd": UnitKind.DISTRICT_BOARD,
    "district board": UnitKind.DISTRICT_BOARD, "bolag": UnitKind.COMPANY,
    "förvaltning": UnitKind.OFFICE, "kontor": UnitKind.OFFICE, "enhet": UnitKind.SECTION,
    "avdelning": UnitKind.SECTION, **{kind.value: kind for kind in UnitKind},
}  # fmt: skip
YES, NO = (
    ("yes", "ja", "j", "x", "1", "true", "sant"),
    ("no", "nej", "n", "0", "false", "falskt", ""),
)


def diff(sheets: Sheets, state: State, *, source: str) -> Diff:
    """Compare the sheets of an import with what is there."""
    found = Diff()
    if "units" in sheets:
        _units(sheets["units"], state, found, source)
    codes = set(state.units) | {line.cells["code"].upper() for line in sheets.get("units", ())}
    addresses: dict[str, int | None] = {
        address: known.id for address, known in state.people.items() if not known.cells["left"]
    }
    if "people" in sheets:
        addresses = _people(sheets["people"], state, codes, found, source)
    if "roles" in sheets:
        compare_roles(sheets["roles"], state, codes, addresses, found, source)
    return found


def _units(lines: list[Line], state: State, found: Diff, source: str) -> None:
    tidy = _once("units", "code", [_unit(line, found) for line in lines], found)
    codes = set(state.units) | set(tidy)
    parents = {code: [known.cells["parent"]] for code, known in state.units.items()}
    for code, line in tidy.items():
        for column in ("parent", "successor"):
            if (other := line.cells.get(column)) and other not in codes:
                found.refuse("units", line.number, column, "unknown_unit", value=other)
        if "parent" in line.cells:
            parents[code] = [line.cells["parent"]]
    for code, line in tidy.items():
        if is_circle(parents, code):
            found.refuse("units", line.number, "parent", "under_itself")
        found.compare("units", code, line, state.units.get(code), source)
    for code, known in state.units.items():
        has_ended = known.cells["valid_to"] and known.cells["valid_to"] < state.today
        if code not in tidy and known.source == source and not has_ended:
            found.changes.append(Change("units", "close", code, 0, {}, known.id))


def _unit(line: Line, found: Diff) -> Line:
    cells = dict(line.cells)
    for name in ("code", "parent", "successor"):
        if name in cells:
            cells[name] = cells[name].upper()
    for wrong in (*wrong_code(cells["code"]), *wrong_name(cells["name"])):
        found.refuse("units", line.number, wrong.field, wrong.code)
    kind = KINDS.get(cells["kind"].casefold())
    if kind is None:
        found.refuse("units", line.number, "kind", "unknown_kind", value=cells["kind"])
    cells["kind"] = kind.value if kind else ""
    if "has_geographic_area" in cells:
        said = cells["has_geographic_area"].casefold()
        if said not in YES + NO:
            found.refuse("units", line.number, "has_geographic_area", "not_yes_or_no")
        cells["has_geographic_area"] = "yes" if said in YES else ""
    refuse_days("units", line.number, cells, "valid_from", "valid_to", found)
    return Line(line.number, cells)


def _people(
    lines: list[Line], state: State, codes: set[str], found: Diff, source: str
) -> dict[str, int | None]:
    """Compare people; returns the ids by address as they will be, None for those to be added."""
    tidy = _once("people", "email", [_person(line, codes, found) for line in lines], found)
    _once("people", "external_id", list(tidy.values()), found)
    by_external = {
        known.cells["external_id"]: known
        for known in state.people.values()
        if known.cells["external_id"]
    }
    addresses: dict[str, int | None] = {}
    here: set[int] = set()
    for address, line in tidy.items():
        same_address = state.people.get(address)
        known = by_external.get(line.cells.get("external_id", ""), same_address)
        if known is not None and same_address is not None and known.id != same_address.id:
            found.refuse("people", line.number, "email", "email_taken")
        found.compare("people", address, _coming_back(line, known), known, source)
        addresses[address] = known.id if known else None
        if known:
            here.add(known.id)
    for address, known in state.people.items():
        if known.id in here:
            continue
        if known.source == source:
            if not known.cells["left"]:
                found.changes.append(Change("people", "close", address, 0, {}, known.id))
        elif not known.cells["left"]:
            addresses.setdefault(address, known.id)
    return addresses


def _coming_back(line: Line, known: Known | None) -> Line:
    return Line(line.number, line.cells | {"left": ""}) if known else line


def _person(line: Line, codes: set[str], found: Diff) -> Line:
    cells = dict(line.cells)
    address = email_of(cells["email"])
    if not address:
        found.refuse("people", line.number, "email", "not_an_email", value=cells["email"])
    cells["email"] = address or cells["email"].lower()
    for wrong in wrong_name(cells["name"]):
        found.refuse("people", line.number, wrong.field, wrong.code)
    if "unit" in cells:
        cells["unit"] = cells["unit"].upper()
        if cells["unit"] and cells["unit"] not in codes:
            found.refuse("people", line.number, "unit", "unknown_unit", value=cells["unit"])
    if "language" in cells:
        said = {"svenska": "sv", "engelska": "en", "swedish": "sv", "english": "en"}
        cells["language"] = (
            said.get(cells["language"].casefold(), cells["language"].lower()) or "sv"
        )
        if cells["language"] not in set(Language):
            found.refuse("people", line.number, "language", "unknown_language")
    return Line(line.number, cells)


def _once(sheet: str, column: str, lines: Iterable[Line], found: Diff) -> dict[str, Line]:
    """Index rows by a column in which no text may come twice."""
    by_text: dict[str, Line] = {}
    for line in lines:
        text = line.cells.get(column, "")
        if text and text in by_text:
            found.refuse(sheet, line.number, column, "row_twice", other=by_text[text].number)
        elif text:
            by_text[text] = line
    return by_text
