"""Play the cases of a year side by side: who starts when, and what they send each other."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial
from heapq import heappop, heappush
from types import MappingProxyType
from typing import Any

from workflows import engine
from workflows.engine.simulating import Simulated
from workflows.errors import Invalid
from workflows.language import on
from workflows.organisation.models import UnitKind
from workflows.processes.actions import Starts
from workflows.rehearsal.answering import AS_USUAL, Manner, world_of
from workflows.rehearsal.cases import Case, Message, Year
from workflows.rehearsal.city import Body, City, Played
from workflows.rehearsal.registers import Registers
from workflows.rehearsal.starting import year_starts

Happening = Callable[[datetime], object]

NOTHING: Mapping[str, Any] = MappingProxyType({})
MOST_IN_A_CASE = 600  # things that happen: more is a round without end


def play(
    city: City,
    year: int,
    *,
    units: Collection[str] = (),
    manner: Manner = AS_USUAL,
    until: datetime | None = None,
    surely: bool = False,
) -> Year:
    """Play every process for a year, in these units or in all, until nothing happens any more or
    the clock stands still.

    People answer in their `manner`. Also what others would begin begins `surely`, when it is played
    alone.
    """
    played = _Play(city, year, frozenset(units), manner)
    return played.run(until=until, surely=surely)


class _Play:
    """A year under way: what happens next comes first, whichever case it is in."""

    def __init__(self, city: City, year: int, units: frozenset[str], manner: Manner) -> None:
        self.city, self.year, self.units, self.manner = city, Year(year), units, manner
        self.coming: list[tuple[datetime, int, Happening]] = []
        self.count = 0
        self.known: dict[tuple[str, int, int, str], Case] = {}
        self.kept: list[Message] = []
        self.waiting: list[tuple[Case, engine.Wait]] = []
        self.registers = Registers()

    def run(self, *, until: datetime | None, surely: bool) -> Year:
        seed = self.manner.seed
        for one in year_starts(self.city, self.year, self.units, seed, surely=surely):
            self.later(one.at, self._starter(one.process, one.body, one.occasion, one.by))
        while self.coming and (until is None or self.coming[0][0] <= until):
            at, _, happen = heappop(self.coming)
            happen(at)
        self.year.lost.update((one.sender.process.key, one.name) for one in self.kept)
        return self.year

    def later(self, at: datetime, happen: Happening) -> None:
        """Let something happen at a moment; what is planned first for it comes first."""
        self.count += 1
        heappush(self.coming, (at, self.count, happen))

    def _starter(
        self,
        process: Played,
        body: Body,
        occasion: str,
        by: str,
        year: int | None = None,
        data: Mapping[str, Any] = NOTHING,
    ) -> Happening:
        year = year or self.year.year
        return lambda now: self.begin(process, body, year, occasion, data, by=by, now=now)

    def begin(
        self,
        process: Played,
        body: Body,
        year: int,
        occasion: str,
        data: Mapping[str, Any],
        *,
        by: str,
        now: datetime,
        caller: tuple[Case, str] | None = None,
    ) -> bool:
        """Begin a case, unless there is one for the unit, year and occasion."""
        place = (process.key, body.id, year, occasion)
        if place in self.known or not body.stands_on(on(now)):
            return False
        number = sum(each[:3] == place[:3] for each in self.known) + 1
        key = f"{process.description.prefix}-{body.code}-{year}-{number}"
        case = Case(process, body, year, occasion, by, key, now, caller)
        self.known[place] = case
        self.year.cases.append(case)
        case.run = Simulated(process.runs, world_of(case, self, self.manner), most=MOST_IN_A_CASE)
        case.run.begin(data, now=now)
        self.after(case, now)
        return True

    def after(self, case: Case, now: datetime) -> None:
        """Plan what comes next in a case; one that has ended tells who called it."""
        at = case.run.next_at
        if at is not None:
            self.later(at, partial(self._go_on, case))
        elif case.run.progress.finished and case.caller is not None and not case.is_called_off:
            caller, call_id = case.caller
            progress = case.run.progress
            given: engine.Command = (
                engine.Failed(call_id, progress.error)
                if progress.error
                else engine.Done(call_id, progress.data)
            )
            self.later(now, partial(self._receive, caller, given, call_id))
            case.caller = None

    def _go_on(self, case: Case, now: datetime) -> None:
        if case.caller is not None and case.caller[1] not in case.caller[0].run.calls:
            case.is_called_off = True
            return
        if (at := case.run.next_at) is not None and at <= now:
            case.run.happen()
            self.after(case, now)

    def _receive(self, case: Case, command: engine.Command, key: str, now: datetime) -> bool:
        if case.run.progress.finished or not case.run.receive(command, key, now=now):
            return False
        self.after(case, now)
        return True

    # what goes between cases

    def starts(self, case: Case, wanted: Starts, now: datetime) -> None:
        """Start the cases an action asks for; of a process that does not run they are only kept.

        :raises Invalid: if there is no such unit
        """
        process = self.city.by_key.get(wanted.process)
        if process is None:
            self.year.lost[case.process.key, wanted.process] += 1
            return
        year = case.year if wanted.year is None else wanted.year
        for body in self._named(case, wanted.units):
            self.later(
                now, self._starter(process, body, wanted.occasion, "case", year, wanted.data)
            )

    def _named(self, case: Case, words: tuple[str, ...]) -> list[Body]:
        if not words:
            return [case.body]
        kinds = {kind.value for kind in UnitKind}
        codes = {word for word in words if word not in kinds}
        if unknown := codes - self.city.by_code.keys():
            raise Invalid("unknown_unit", units=sorted(unknown))
        return [
            body
            for body in self.city.bodies
            if (body.code in codes or body.kind.value in words)
            and (not self.units or body.code in self.units)
        ]

    def calls(self, case: Case, call: engine.Call, body: Body | None, now: datetime) -> None:
        """Begin a case that another calls, or tell that one it cannot be."""
        process = self.city.by_key.get(call.process)

        def begin(now: datetime) -> None:
            occasion = f"{case.key}/{call.id}"
            if process is None or body is None or not self.begin(
                process, body, case.year, occasion, call.data,
                by="case", now=now, caller=(case, call.id),
            ):  # fmt: skip
                code = "unknown_unit" if process else "process_not_published"
                self._receive(case, engine.Failed(call.id, code), call.id, now)

        self.later(now, begin)

    def sends(self, case: Case, thrown: engine.Thrown, now: datetime) -> None:
        """Bring a message to who waits for it, a signal to all, an escalation to the caller."""
        sent = Message(thrown.name, thrown.key or "", thrown.payload, case)
        if thrown.kind == "message":
            self.later(now, partial(self._deliver, sent))
        elif thrown.kind == "signal":
            listening = [one for one in self.waiting if self._hears(*one, "signal", sent)]
            for other, wait in listening:
                if other is not case:
                    self.later(now, partial(self._give, other, wait, sent))
            self._begin_with("signal", sent, case.key, now)
        elif case.caller is not None:
            caller, call_id = case.caller
            told = engine.Escalate(call_id, thrown.name)
            self.later(now, partial(self._escalate, caller, told))

    def _escalate(self, case: Case, told: engine.Escalate, now: datetime) -> None:
        if told.call_id in case.run.calls:
            case.run.tell(told, now=now)
            self.after(case, now)

    def listens(self, case: Case, wait: engine.Wait, now: datetime) -> None:
        """Note what a case waits for; a message may have come before."""
        self.waiting.append((case, wait))
        for one in self.kept:
            if self._hears(case, wait, "message", one):
                self.kept.remove(one)
                self.later(now, partial(self._deliver, one))
                return

    def _deliver(self, sent: Message, now: datetime) -> None:
        for case, wait in self.waiting:
            if self._hears(case, wait, "message", sent):
                self._give(case, wait, sent, now)
                return
        if not self._begin_with("message", sent, sent.key, now):
            self.kept.append(sent)

    def _hears(self, case: Case, wait: engine.Wait, kind: str, sent: Message) -> bool:
        return (
            wait.kind == kind
            and wait.rule == sent.name
            and (kind == "signal" or (wait.key or "") == sent.key)
            and wait.id in case.run.waits
            and not case.run.progress.finished
            and case.secrecy in sent.sender.secrecy.may_receive
        )

    def _give(self, case: Case, wait: engine.Wait, sent: Message, now: datetime) -> None:
        self._receive(case, engine.Deliver(wait.id, sent.payload), wait.id, now)
        self.waiting = [one for one in self.waiting if one[1].id in one[0].run.waits]

    def _begin_with(self, kind: str, sent: Message, occasion: str, now: datetime) -> bool:
        """Start the case that begins with what was sent: in the unit and year that names."""
        for process in self.city.processes:
            if (kind, sent.name) in process.description.begins_on:
                body = self.city.by_code.get(str(sent.payload.get("unit"))) or sent.sender.body
                named = sent.payload.get("year")
                year = named if isinstance(named, int) else sent.sender.year
                return self.begin(
                    process, body, year, occasion, sent.payload, by="message", now=now
                )
        return False
