"""Begin a case and carry it on: the two functions everything else calls."""

from collections.abc import Mapping
from typing import Any

from workflows.engine.diagrams import Compiled
from workflows.engine.evaluating import own
from workflows.engine.progress import Command, Complete, Facts, Fire, Progress
from workflows.engine.running import Run
from workflows.engine.state import State, read_state
from workflows.errors import Conflict, Refused


def begin(compiled: Compiled, data: Mapping[str, Any], facts: Facts) -> Progress:
    """Start a case with what is known from the beginning."""
    run = Run(compiled.plan, State(own(data)), facts)
    frame = run.open_frame(compiled.plan.main, None)
    for start in compiled.plan.scopes[compiled.plan.main].starts[:1]:
        run.push(start, frame)
    run.go()
    return run.progress()


def advance(compiled: Compiled, state: bytes, command: Command, facts: Facts) -> Progress:
    """Take one command and run until the case rests again.

    :raises Conflict: if what the command speaks of is no longer open
    :raises BrokenState: if the state cannot be read
    """
    run = Run(compiled.plan, read_state(state), facts)
    match command:
        case Complete(step_id, answers):
            token = run.state.tokens.get(int(step_id)) if step_id.isdigit() else None
            if token is None or token.mode != "task":
                raise Conflict("step_not_open")
            run.complete(token, answers)
        case Fire(wait_id):
            wait = run.state.waits.get(int(wait_id)) if wait_id.isdigit() else None
            if wait is None:
                raise Conflict("wait_not_open")
            run.fire(wait)
        case _:
            raise Refused("unknown_command")
    run.go()
    return run.progress()
