"""What differs between two versions, in words and as marks on the picture of the newer one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webapp.context import roles_said
from webapp.format import language
from webapp.workshop_page import KINDS as TASK_KINDS
from webapp.workshop_page import POLICIES, SECRECY, rule_said
from workflows.engine.picture import Mark, picture
from workflows.errors import Invalid
from workflows.language import N_, Sentence, capital, translator
from workflows.processes.comparing import Difference, Fact, How, Where, differences
from workflows.processes.packages import Package
from workflows.processes.three_way import three_way

HOW = {
    How.ADDED: (N_("added"), "done", "#dcebd0"),
    How.REMOVED: (N_("removed"), "late", "#f3d9d2"),
    How.CHANGED: (N_("changed"), "soon", "#f3e6c4"),
    How.MOVED: (N_("moved in the picture"), "planned", "#e3e8ee"),
}
WHERE = {
    Where.DIAGRAM: N_("In the diagram"),
    Where.FORM: N_("In the forms"),
    Where.TABLE: N_("In the rule tables"),
    Where.TEST: N_("In the tests"),
}
KINDS = {
    "userTask": N_("step"), "task": N_("step"), "manualTask": N_("step"),
    "serviceTask": N_("action"), "sendTask": N_("sending"), "scriptTask": N_("script"),
    "businessRuleTask": N_("rule"), "receiveTask": N_("waiting"),
    "callActivity": N_("called process"),
    "subProcess": N_("part"), "transaction": N_("part"), "sequenceFlow": N_("arrow"),
    "lane": N_("lane"), "process": N_("process"), "participant": N_("process"),
    "message": N_("message"), "signal": N_("signal"), "error": N_("error"),
    "escalation": N_("escalation"), "startEvent": N_("start"), "endEvent": N_("end"),
    "boundaryEvent": N_("event at a step"), "intermediateCatchEvent": N_("waiting"),
    "intermediateThrowEvent": N_("sending"), "exclusiveGateway": N_("choice"),
    "parallelGateway": N_("branching"), "inclusiveGateway": N_("choice of several"),
    "eventBasedGateway": N_("waiting for one of several"), "textAnnotation": N_("note"),
    "form": N_("form"), "field": N_("field"), "table": N_("rule table"), "row": N_("row"),
    "test": N_("test"), "rule": N_("rule"), "column": N_("column"), "register": N_("register"),
}  # fmt: skip
FACTS = {
    "name": N_("name"), "name[en]": N_("name in English"), "due": N_("deadline"),
    "form": N_("form"), "role": N_("role"), "of": N_("unit"), "kind": N_("kind"),
    "notBy": N_("not by whoever did"), "carry": N_("last year’s answers"),
    "policy": N_("reminders"), "legal": N_("set by law"), "assignee": N_("person"),
    "secrecy": N_("secrecy"), "documentation": N_("guidance"), "lane": N_("lane"),
    "text[en]": N_("guidance in English"), "conditionExpression": N_("condition"),
    "sourceRef": N_("from"), "targetRef": N_("to"), "default": N_("default way"),
    "starts": N_("start"), "per": N_("one for each"), "owner": N_("owner"), "basis": N_("basis"),
    "label": N_("label"), "hint": N_("help"), "enum": N_("choices"), "title": N_("title"),
    "intro": N_("introduction"), "required": N_("must be answered"), "tier": N_("level"),
    "layout": N_("order and headings"), "rules": N_("rules"), "carry_over": N_("carried over"),
    "registers": N_("registers"), "type": N_("type"), "row": N_("row"),
    "hitPolicy": N_("hit policy"), "decision": N_("rule table"), "into": N_("result goes to"),
    "part": N_("part"), "heading": N_("heading"), "help": N_("help"), "order": N_("order"),
    "visible": N_("shown only when"), "holds": N_("what must be true"), "note": N_("note"),
    "message": N_("said when it is not"), "strength": N_("what it does"), "file": N_("content"),
    "fields": N_("about the fields"), "text": N_("expression or name"), "values": N_("values"),
    "attest": N_("to be confirmed"), "minLength": N_("at least"), "maxLength": N_("at most"),
    "minimum": N_("at least"), "maximum": N_("at most"), "minItems": N_("at least"),
    "maxItems": N_("at most"), "pattern": N_("pattern"), "readOnly": N_("only shown"),
}  # fmt: skip
VALUES: Mapping[str, Mapping[str, str]] = {
    "kind": TASK_KINDS,
    "policy": POLICIES,
    "secrecy": {one.value: said for one, said in SECRECY.items()},
}
LONG = 300  # characters of a text that is shown before and after
MARKED = ("sequenceFlow", "process", "message", "signal", "error", "escalation")


@dataclass(frozen=True, slots=True)
class Line:
    """One difference in words."""

    id: str
    kind: str
    name: str
    how: str
    state: str
    facts: tuple[Fact, ...]
    file: str
    is_drawn: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that differs, group by group, and the pictures."""

    groups: list[tuple[str, list[Line]]]
    new: str
    old: str
    count: int

    @property
    def has_moved_only(self) -> bool:
        return all(line.state == "planned" for _, lines in self.groups for line in lines)


def shown(old: Package, new: Package) -> Shown:
    """Lay two versions beside each other."""
    found = differences(old, new)
    groups = []
    for where, said in WHERE.items():
        if lines := [_line(one) for one in found if one.where is where]:
            groups.append((translator(language()).gettext(said), lines))
    removed = [one for one in found if one.how is How.REMOVED]
    return Shown(groups, _drawn(new, found), _drawn(old, removed) if removed else "", len(found))


@dataclass(frozen=True, slots=True)
class ThreeWays:
    """What each side has changed of what both began as; `apart` are pairs, ours and theirs."""

    apart: list[tuple[Line, Line]]
    groups: list[tuple[str, list[Line]]]
    ours: str
    theirs: str


def three_ways(base: Package, ours: Package, theirs: Package) -> ThreeWays:
    """Put the supplier's version beside the city's own, and both as marks on their pictures."""
    found = three_way(base, ours, theirs)
    words = translator(language())
    groups = (
        (N_("Only the supplier has changed"), found.theirs),
        (N_("Only you have changed"), found.ours),
        (N_("Both have changed alike"), found.alike),
    )
    return ThreeWays(
        [(_line(mine), _line(their)) for mine, their in found.apart],
        [(words.gettext(said), [_line(one) for one in rows]) for said, rows in groups if rows],
        _drawn(ours, (*found.ours, *(mine for mine, _ in found.apart))),
        _drawn(theirs, (*found.theirs, *(their for _, their in found.apart))),
    )


def _line(one: Difference) -> Line:
    word, state, _ = HOW[one.how]
    words = translator(language())
    return Line(
        one.id,
        kind_said(one.kind),
        one.names.get(language()) or one.names.get("sv") or one.id,
        words.gettext(word),
        state,
        tuple(_fact(fact) for fact in one.facts),
        one.file if one.file != one.id else "",
        one.where is Where.DIAGRAM,
    )


def _fact(one: Fact) -> Fact:
    return Fact(fact_said(one.name), value_said(one.name, one.old), value_said(one.name, one.new))


def kind_said(kind: str) -> str:
    """What a thing is."""
    return capital(translator(language()).gettext(KINDS.get(kind, kind)))


def fact_said(name: str) -> str:
    """What is said of a thing; a word of the file's own where there is no better."""
    tails = (name, name.rpartition(".")[2], name.rpartition(" ")[2])
    said = next((FACTS[tail] for tail in tails if tail in FACTS), None)
    return translator(language()).gettext(said) if said else name


def value_said(name: str, text: str) -> str:
    """A value as people say it, where the file has a word of its own for it."""
    words = translator(language())
    match name:
        case "role" if text:
            return roles_said(text.split())
        case "due" if said := rule_said(text):
            return f"{said} ({text})"
        case "kind" | "policy" | "secrecy" if text in (known := VALUES[name]):
            return words.gettext(known[text])
    return cut(text)


def cut(text: str) -> str:
    """As much of a text as is shown beside another, and a word for what holds."""
    if text == "true":
        return translator(language()).gettext(N_("yes"))
    return text if len(text) <= LONG else f"{text[:LONG]}…"


def _drawn(package: Package, found: Iterable[Difference]) -> str:
    """Draw a version with its differences marked; nothing if it cannot be drawn."""
    words = translator(language())
    marks = {
        one.id: Mark(HOW[one.how][2], words.gettext(HOW[one.how][0]))
        for one in found
        if one.where is Where.DIAGRAM and one.kind not in MARKED
    }
    try:
        title = Sentence(N_("The diagram with what differs marked")).said(language())
        return picture(package.source, marks, language=language(), title=title)
    except Invalid:
        return ""
