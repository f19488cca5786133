"""Make answers to any form from its definition, at random."""

from datetime import date, timedelta
from random import Random

from workflows.forms import Answers, Facts, Field, Form, Kind, check

TRIES = 400
ONWARDS = ("approved", "accepted", "held", "done", "yes", "none", "current")  # how most answer
Row = dict[str, object]


def answered(form: Form, facts: Facts, random: Random) -> Row:
    """Answers that the form takes; what must be explained is explained."""
    for _ in range(TRIES):
        raw: Row = {
            one.name: value
            for one in form.fields
            if not one.read_only and (value := _value(one, facts, random)) is not None
        }
        raw |= {"attest": "true"} if form.attest else {}
        found = check(form, raw, facts)
        if not isinstance(found, Answers):
            raw |= {error.name: "Så är det." for error in found.errors if error.code == "justify"}
            found = check(form, raw, facts)
        if isinstance(found, Answers):
            return raw
    raise AssertionError(f"{TRIES} answers to “{form.title['sv']}”, none taken: {found.errors[:3]}")


def _value(one: Field, facts: Facts, random: Random) -> object:
    if not one.required and random.random() < 0.3:
        return None
    match one.kind:
        case Kind.ROWS if one.fixed_rows:
            held = facts.names.get(one.name)
            rows = held if isinstance(held, list) else []
            return [{one.key: row[one.key]} | _row(one, facts, random) for row in rows]
        case Kind.ROWS:
            return [_row(one, facts, random) for _ in range(random.randint(1, 2))]
        case Kind.GROUP:
            return _row(one, facts, random)
        case Kind.CHOICE:
            values = [each.value for each in one.options]
            onwards = [value for value in values if value in ONWARDS]
            return random.choice(onwards if onwards and random.random() < 0.6 else values)
        case Kind.CHOICES:
            return [random.choice(one.options).value]
        case Kind.REFERENCE:
            return random.choice(list(facts.among(one.reference)) or [None])
        case _:
            return _plain(one, facts, random)


def _row(one: Field, facts: Facts, random: Random) -> Row:
    return {
        each.name: value
        for each in one.fields
        if not (one.fixed_rows and (each.read_only or each.name == one.key))
        if (value := _value(each, facts, random)) is not None
    }


def _plain(one: Field, facts: Facts, random: Random) -> object:
    today = facts.names["today"]
    assert isinstance(today, date)
    match one.kind:
        case Kind.BOOLEAN:
            return random.random() < 0.5
        case Kind.TICK:
            return True
        case Kind.UNKNOWN:
            return None
        case Kind.INTEGER | Kind.NUMBER:
            return str(random.randint(1, 4))
        case Kind.DATE | Kind.INSTANT:
            # what has been lies a little back, what is to come a good way ahead
            days = random.choice((random.randint(-60, 0), random.randint(1, 300)))
            day = today + timedelta(days=days)
            return day.isoformat() if one.kind is Kind.DATE else f"{day} 12:00"
        case _:
            return f"Svar {random.randint(1, 9999)}"
