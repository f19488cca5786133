"""What an import would change in who holds which role where and when."""

from collections.abc import Callable, Mapping
from itertools import pairwise

from workflows.language import Language, translator
from workflows.organisation.import_changes import Change, Diff, Known, State, refuse_days
from workflows.organisation.import_files import Line, Row
from workflows.organisation.roles import ROLES
from workflows.organisation.rows import is_circle

Holder = tuple[str, str]  # (address, "") or (role, unit code)


def compare_roles(
    lines: list[Line],
    state: State,
    codes: set[str],
    addresses: Mapping[str, int | None],
    found: Diff,
    source: str,
) -> None:
    """Compare roles; `addresses` are the ids of people by address, as they will be."""
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
    refuse_days("roles", line.number, cells, "from", "to", found)
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


def _role_codes() -> dict[str, str]:
    """Know each role by its code and by its name in either language."""
    say: list[Callable[[str], str]] = [translator(language).gettext for language in Language]
    return {
        name.casefold(): role.code
        for role in ROLES.values()
        for name in (role.code, *(words(role.name) for words in say))
    }
