"""What an import would change: each row beside what is there, and those who are no longer in it.

Everything is compared as text, so that a preview can be shown, hashed and carried out as it stands.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from workflows.language import Language, translator
from workflows.organisation.import_files import Line, Row, RowProblem, Sheets
from workflows.organisation.models import UnitKind
from workflows.organisation.roles import ROLES
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

Holder = tuple[str, str]  # (address, "") or (role, unit code)


@dataclass(frozen=True, slots=True)
class Known:
    """Something that is there: its id, whether an import keeps it, and its fields as text."""

    id: int
    source: str
    cells: Row


@dataclass(frozen=True, slots=True)
class State:
    """The organisation as it is."""

    units: Mapping[str, Known]  # by code
    people: Mapping[str, Known]  # by address
    roles: tuple[Known, ...]
    today: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do: `add`, `change` or `close`; each field with the old and the new."""

    sheet: str
    deed: str
    label: str
    line: int
    fields: Mapping[str, tuple[str, str]]
    id: int | None = None


@dataclass(slots=True)
class Diff:
    """All that an import would do, and what is in the way of doing it."""

    changes: list[Change] = field(default_factory=list)
    unchanged: dict[str, int] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)

    def refuse(self, sheet: str, line: int, column: str, code: str, **params: object) -> None:
        self.problems.append(RowProblem(sheet, line, column, code, params))

    def of(self, sheet: str, deed: str) -> list[Change]:
        """List the changes of one kind."""
        return [each for each in self.changes if (each.sheet, each.deed) == (sheet, deed)]

    def compare(self, sheet: str, label: str, line: Line, known: Known | None, source: str) -> None:
        """Add what a row changes."""
        if known is None:
            fields = {name: ("", value) for name, value in line.cells.items() if value}
            self.changes.append(Change(sheet, "add", label, line.number, fields))
            return
        wanted = line.cells | {"source": source}
        fields = {
            name: (known.cells.get(name, ""), value)
            for name, value in wanted.items()
            if known.cells.get(name, "") != value
        }
        if fields:
            self.changes.append(Change(sheet, "change", label, line.number, fields, known.id))
        else:
            self.unchanged[sheet] = self.unchanged.get(sheet, 0) + 1


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
        _roles(sheets["roles"], state, codes, addresses, found, source)
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
    _days("units", line.number, cells, "valid_from", "valid_to", found)
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


def _roles(
    lines: list[Line],
    state: State,
    codes: set[str],
    addresses: Mapping[str, int | None],
    found: Diff,
    source: str,
) -> None:
    address_of = {person_id: address for address, person_id in addresses.items() if person_id}
    wanted: dict[tuple[Holder, str, str], list[Line]] = {}
    for line in lines:
        tidy = _role(line, codes, addresses, found)
        wanted.setdefault(_place(tidy.cells), []).append(tidy)
    there: dict[tuple[Holder, str, str], list[Known]] = {}
    for known in state.roles:
        cells = dict(known.cells)
        if cells["person"]:
            if int(cells["person"]) not in address_of:
                continue  # whoever leaves loses all roles anyhow
            cells["email"] = address_of[int(cells["person"])]
        there.setdefault(_place(cells), []).append(Known(known.id, known.source, cells))
    for place in [*wanted, *(place for place in there if place not in wanted)]:
        _holders(place, wanted.get(place, []), there.get(place, []), state, found, source)
    _rings(wanted, there, found)


def _role(line: Line, codes: set[str], addresses: Mapping[str, int | None], found: Diff) -> Line:
    cells = dict(line.cells)
    for column in ("role", "same_as_role"):
        if cells.get(column):
            role = _role_codes().get(cells[column].casefold())
            if role is None:
                found.refuse("roles", line.number, column, "unknown_role", value=cells[column])
            cells[column] = role or cells[column]
    for column in ("unit", "same_as_unit"):
        cells[column] = cells.get(column, "").upper()
        if cells[column] and cells[column] not in codes:
            found.refuse("roles", line.number, column, "unknown_unit", value=cells[column])
    for column in ("role", "unit"):
        if not cells[column]:
            found.refuse("roles", line.number, column, "missing")
    cells["email"] = cells.get("email", "").lower()
    cells.setdefault("same_as_role", "")
    shared = bool(cells["same_as_role"] and cells["same_as_unit"])
    if bool(cells["email"]) == shared:
        found.refuse("roles", line.number, "email", "one_holder")
    elif cells["email"] and cells["email"] not in addresses:
        found.refuse("roles", line.number, "email", "unknown_person", value=cells["email"])
    _days("roles", line.number, cells, "from", "to", found)
    return Line(line.number, cells)


def _holders(
    place: tuple[Holder, str, str],
    lines: list[Line],
    there: list[Known],
    state: State,
    found: Diff,
    source: str,
) -> None:
    """Pair the rows of one role of one holder in one unit with what is there."""
    holder, role, unit = place
    label = f"{' '.join(part for part in holder if part)}: {role}, {unit}"
    _overlaps(lines, found)
    left = list(there)
    pairs: list[tuple[Line, Known | None]] = []
    unmatched = []
    for line in lines:
        known = _same(line.cells, left, state.today)
        if known is None:
            unmatched.append(line)
        else:
            left.remove(known)
            pairs.append((line, known))
    going_on = [known for known in left if _goes_on(known, state.today)]
    pairs += [(line, going_on.pop(0) if going_on else None) for line in unmatched]
    for line, known in sorted(pairs, key=lambda pair: pair[0].number):
        cells = dict(line.cells)
        if known is not None and not cells.get("from"):
            cells.pop("from", None)  # the file does not say since when
        if known is not None:
            cells = {name: cells[name] for name in ("from", "to") if name in cells}
        found.compare("roles", label, Line(line.number, cells), known, source)
    for known in going_on:
        if known.source == source:
            found.changes.append(Change("roles", "close", label, 0, {}, known.id))


def _same(cells: Row, there: list[Known], today: str) -> Known | None:
    first, last = cells.get("from", ""), cells.get("to", "")
    if first:
        return next((known for known in there if known.cells["from"] == first), None)
    same_end = [known for known in there if known.cells["to"] == last]
    going_on = [known for known in there if _goes_on(known, today)]
    return next(iter([*(each for each in same_end if each in going_on or last), *going_on]), None)


def _goes_on(known: Known, today: str) -> bool:
    return not known.cells["to"] or known.cells["to"] >= today


def _overlaps(lines: list[Line], found: Diff) -> None:
    ordered = sorted(lines, key=lambda line: line.cells.get("from", ""))
    for one, other in pairwise(ordered):
        last = one.cells.get("to", "")
        if not last or other.cells.get("from", "") <= last:
            found.refuse("roles", other.number, "role", "role_twice", other=one.number)


def _rings(
    wanted: Mapping[tuple[Holder, str, str], list[Line]],
    there: Mapping[tuple[Holder, str, str], list[Known]],
    found: Diff,
) -> None:
    follows: dict[Holder, list[Holder]] = {}
    for holder, role, unit in [*wanted, *there]:
        if holder[1]:
            follows.setdefault((role, unit), []).append(holder)
    for (holder, role, unit), lines in wanted.items():
        if holder[1] and is_circle(follows, (role, unit)):
            found.refuse("roles", lines[0].number, "same_as_role", "ring")


def _place(cells: Row) -> tuple[Holder, str, str]:
    holder = (cells["email"], "") if cells.get("email") else (
        cells.get("same_as_role", ""), cells.get("same_as_unit", ""),
    )  # fmt: skip
    return holder, cells["role"], cells["unit"]


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


def _days(sheet: str, line: int, cells: Row, first: str, last: str, found: Diff) -> None:
    if cells.get(first) and cells.get(last) and cells[last] < cells[first]:
        found.refuse(sheet, line, last, "ends_before_it_begins")


def _role_codes() -> dict[str, str]:
    """Know each role by its code and by its name in either language."""
    say: list[Callable[[str], str]] = [translator(language).gettext for language in Language]
    return {
        name.casefold(): role.code
        for role in ROLES.values()
        for name in (role.code, *(words(role.name) for words in say))
    }


def text_of(day: date | None) -> str:
    """Write a day as the sheets do."""
    return day.isoformat() if day else ""
