"""Say in the reader's language what the check found, and why a case stopped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflows.calendar.names import mistake_said
from workflows.calendar.parsing import check as mistakes_in
from workflows.calendar.profiles import CODES
from workflows.engine import Problem
from workflows.language import N_, Language, Sentence
from workflows.processes.incident_texts import INCIDENTS, OTHER
from workflows.processes.part_texts import EXPRESSIONS, FORMS, MEND_THE_TABLE, TABLES
from workflows.processes.problem_texts import DIAGRAMS, EVENTS, Words


@dataclass(frozen=True, slots=True)
class Told:
    """What is wrong and how to mend it, to read."""

    what: str
    mend: str


def problem_told(problem: Problem, language: Language) -> Told:
    """Say what is wrong with a diagram, or with what belongs to it, and how to mend it."""
    params = {key: _shown(value) for key, value in problem.params.items()}
    params["cause"] = _cause(problem, params, language)
    if (event := params.get("event")) in EVENTS:
        params["event"] = Sentence(EVENTS[str(event)])
    return _told(_words(problem), params, language)


def incident_told(code: str, cause: str, keys: Sequence[str], language: Language) -> Told:
    """Say why a case stopped, which names it looked at, and how to go on."""
    told = _told(INCIDENTS.get(code, OTHER), {"code": code, "cause": cause}, language)
    if not keys:
        return told
    looked = Sentence(N_("It looked at: {keys}."), {"keys": ", ".join(keys)}).said(language)
    return Told(f"{told.what} {looked}", told.mend)


def _told(words: Words, params: Mapping[str, object], language: Language) -> Told:
    what = Sentence(words.what, params).said(language)
    if params.get("nearest"):
        what += " " + Sentence(N_("Did you mean “{nearest}”?"), params).said(language)
    return Told(what, Sentence(words.mend, params).said(language))


def _words(problem: Problem) -> Words:
    """A code of a rule table may mean something else in a diagram: the file tells them apart."""
    if problem.code in TABLES and (problem.file or problem.code not in DIAGRAMS):
        return Words(TABLES[problem.code], MEND_THE_TABLE)
    return DIAGRAMS[problem.code]


def _cause(problem: Problem, params: Mapping[str, object], language: Language) -> str:
    if problem.code in ("bad_deadline", "unknown_milestone"):
        found = mistakes_in(str(problem.params["rule"]), milestones=CODES)
        return "; ".join(mistake_said(one, language) for one in found)
    texts = FORMS if problem.code == "bad_form" else EXPRESSIONS
    code = str(problem.params.get("cause") or problem.params.get("mistake") or "syntax")
    if code in INCIDENTS and code not in texts:  # it reads well, but gives no value
        return Sentence(INCIDENTS[code].what, {"cause": params.get("text")}).said(language)
    return Sentence(texts.get(code, code), params).said(language)


def _shown(value: object) -> object:
    """An example is told column by column; who reads `{http://…}name` wants the name."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {one}" for key, one in value.items())
    if isinstance(value, str):
        return value.rpartition("}")[2] if value.startswith("{http") else value
    return value
