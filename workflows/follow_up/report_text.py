"""The security paragraph as it can be drafted from figures: each sentence says which it rests on.

A sentence is chosen by what a figure is: a number, none, missing, or too small to tell. Nothing is
said that no figure says.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workflows.follow_up.report import LONGEST_TEXT, Figure, Report, Row, State
from workflows.language import N_, Language, Sentence, counted

Figures = Mapping[str, Figure]
# What is said of the bodies themselves before the sums: of the analysis, and where there are gaps.
OF_ALL = {
    "rsa_decided": N_("The risk analysis of {decided} of {bodies} bodies is decided."),
    "risks": N_("Information on risks is missing from {gaps} bodies."),
    "exercises_held": N_("Information on exercises is missing from {gaps} bodies."),
}


@dataclass(frozen=True, slots=True)
class Drafted:
    """A sentence, and the figures that it tells."""

    sentence: Sentence
    keys: tuple[str, ...]


def drafted(report: Report) -> list[Drafted]:
    """Draft the paragraph, the weightiest first."""
    has = report.figures
    first = _bodies(report.bodies) if report.bodies else _analysis(has)
    parts = (_risks, _plans, _actions, _deviations, _exercises, _events, _duties, _protection,
             _work)  # fmt: skip
    return [*first, *(one for part in parts for one in part(has))]


def said(report: Report, language: Language = Language.SV) -> str:
    """The whole draft as text, no longer than may be sent."""
    text = ""
    for one in drafted(report):
        longer = f"{text} {one.sentence.said(language)}".strip()
        if len(longer) > LONGEST_TEXT:
            break
        text = longer
    return text


def _say(text: str, *keys: str, **params: object) -> Drafted:
    return Drafted(Sentence(text, params), keys)


def _known(has: Figures, key: str) -> int | None:
    one = has.get(key)
    return one.value if one is not None and one.state is State.KNOWN else None


def _is_missing(has: Figures, key: str) -> bool:
    return key in has and has[key].state is State.MISSING


def _bodies(bodies: Sequence[Row]) -> Iterator[Drafted]:
    """Say of the city who has delivered, and what is not known of some."""
    expected = [one for one in bodies if one["is_expected"]]
    params = {
        "sealed": sum(bool(one["sealed_at"]) for one in expected),
        "expected": len(expected),
    }
    yield _say(N_("{sealed} of {expected} bodies have an approved report."), **params)
    for key, text in OF_ALL.items():
        known = [one["figures"][key] for one in bodies if key in one["figures"]]
        gaps = sum(one["state"] == State.MISSING for one in known)
        if key == "rsa_decided":
            decided = sum(one["value"] or 0 for one in known)
            yield _say(text, key, decided=decided, bodies=len(known))
        elif 0 < gaps < len(known):  # what nobody knows is said of the sum
            yield _say(text, key, gaps=gaps)


def _analysis(has: Figures) -> Iterator[Drafted]:
    if _is_missing(has, "rsa_decided"):
        yield _say(N_("This year’s risk analysis has not begun."), "rsa_decided")
    elif (decided := _known(has, "rsa_decided")) is not None:
        yield _say(
            N_("This year’s risk analysis is decided.")
            if decided
            else N_("This year’s risk analysis is under way."),
            "rsa_decided",
        )


def _risks(has: Figures) -> Iterator[Drafted]:
    prominent = _known(has, "risks_prominent")
    if _is_missing(has, "risks_prominent"):
        yield _say(N_("There is no information on risks yet."), "risks_prominent")
    if prominent is None:
        return
    yield _say(
        N_("{prominent} of {risks} risks are prominent."),
        "risks_prominent",
        prominent=prominent,
        risks=has["risks_prominent"].of,
    )
    up, down = _known(has, "risks_up") or 0, _known(has, "risks_down") or 0
    if up or down:
        text = N_("Since the year began {up} have risen and {down} have fallen.")
        yield _say(text, "risks_up", "risks_down", up=up, down=down)


def _plans(has: Figures) -> Iterator[Drafted]:
    if (adopted := _known(has, "plans_adopted")) is not None:
        text = N_("{adopted} of {needed} continuity plans are adopted.")
        yield _say(text, "plans_adopted", adopted=adopted, needed=has["plans_adopted"].of)
    if unknown := _known(has, "outages_unknown"):
        yield Drafted(
            counted(
                unknown,
                "For one critical dependency nobody knows yet how long an outage would last.",
                "For {count} critical dependencies nobody knows yet how long an outage would last.",
            ),
            ("outages_unknown",),
        )


def _actions(has: Figures) -> Iterator[Drafted]:
    standing, done = _known(has, "actions_open"), _known(has, "actions_done")
    if standing is None or done is None:
        return
    if not standing and not done:
        yield _say(N_("There are no actions to report on."), "actions_open", "actions_done")
        return
    text = N_("{done} actions were done in the period and {open} are open.")
    yield _say(text, "actions_done", "actions_open", done=done, open=standing)
    late = _known(has, "actions_late")
    if late == 0 and standing:
        yield _say(N_("None of them is late."), "actions_late")
    elif late:
        yield Drafted(
            counted(late, "One of them is late.", "{count} of them are late."), ("actions_late",)
        )


def _deviations(has: Figures) -> Iterator[Drafted]:
    if found := _known(has, "deviations"):
        yield Drafted(
            counted(
                found,
                "One late action concerns a red risk.",
                "{count} late actions concern red risks.",
            ),
            ("deviations",),
        )
        text = N_("The cause and what is done about it have been given for {explained} of {count}.")
        explained = _known(has, "deviations_explained") or 0
        yield _say(text, "deviations_explained", explained=explained, count=found)


def _exercises(has: Figures) -> Iterator[Drafted]:
    if _is_missing(has, "exercises_held"):
        yield _say(N_("There is no exercise plan for the year."), "exercises_held")
    elif (held := _known(has, "exercises_held")) is not None:
        text = N_("{held} of the year’s {planned} exercises have been held.")
        yield _say(text, "exercises_held", held=held, planned=has["exercises_held"].of)
    if (met := _known(has, "exercise_goals_met")) is not None:
        text = N_("{met} of the {goals} goals of the exercises were met.")
        yield _say(text, "exercise_goals_met", met=met, goals=has["exercise_goals_met"].of)


def _events(has: Figures) -> Iterator[Drafted]:
    events = _known(has, "events")
    if events is None:
        return
    if not events:
        yield _say(N_("No events have been noted in the period."), "events")
        return
    serious = _known(has, "events_serious") or 0
    text = N_("{events} in the period, {serious} of them serious.")
    params = {
        "events": counted(events, "One event has been noted", "{count} events have been noted"),
        "serious": serious,
    }
    yield _say(text, "events", "events_serious", **params)
    if waiting := _known(has, "evaluations_open"):
        yield Drafted(
            counted(waiting, "One evaluation is under way.", "{count} evaluations are under way."),
            ("evaluations_open",),
        )


def _duties(has: Figures) -> Iterator[Drafted]:
    one = has.get("reports_in_time")
    if one is None or not one.of:
        return
    text = N_("{in_time} of {duties} reports that the law requires were sent in time.")
    yield _say(text, "reports_in_time", in_time=one.value, duties=one.of)


def _protection(has: Figures) -> Iterator[Drafted]:
    one = has.get("sua")
    if one is None or one.value == 0:
        return
    if one.state is State.FEW:
        yield _say(N_("Fewer than five security-protected procurements are under way."), "sua")
    elif one.value:
        text = N_("{count} security-protected procurements are under way.")
        yield _say(text, "sua", count=one.value)


def _work(has: Figures) -> Iterator[Drafted]:
    if late := _known(has, "steps_late"):
        text = N_("{late}, {explained} of them with a reason given.")
        explained = _known(has, "steps_explained") or 0
        params = {
            "late": counted(
                late, "One step of the work is late", "{count} steps of the work are late"
            ),
            "explained": explained,
        }
        yield _say(text, "steps_late", "steps_explained", **params)
    if lacking := _known(has, "roles_missing"):
        yield Drafted(
            counted(lacking, "One role has no holder.", "{count} roles have no holder."),
            ("roles_missing",),
        )
