"""A diagram and a state in, the next state out; knows no database, no people, no web, no clock."""

from workflows.engine.cases import advance, begin
from workflows.engine.describing import Called, Description, Due, Lane, Part, StepInfo
from workflows.engine.diagrams import Compiled, check_diagram, compile_diagram, load
from workflows.engine.migrate import Misfit, migrate, misfits
from workflows.engine.problems import Problem, Rejected
from workflows.engine.progress import (
    Action,
    Call,
    Command,
    Complete,
    Correct,
    Deliver,
    Done,
    Escalate,
    Facts,
    Failed,
    Fire,
    Incident,
    MoveTo,
    Progress,
    Retry,
    Skip,
    Step,
    Thrown,
    Wait,
)
from workflows.engine.state import BrokenState

__all__ = [
    "Action",
    "BrokenState",
    "Call",
    "Called",
    "Command",
    "Compiled",
    "Complete",
    "Correct",
    "Deliver",
    "Description",
    "Done",
    "Due",
    "Escalate",
    "Facts",
    "Failed",
    "Fire",
    "Incident",
    "Lane",
    "Misfit",
    "MoveTo",
    "Part",
    "Problem",
    "Progress",
    "Rejected",
    "Retry",
    "Skip",
    "Step",
    "StepInfo",
    "Thrown",
    "Wait",
    "advance",
    "begin",
    "check_diagram",
    "compile_diagram",
    "load",
    "migrate",
    "misfits",
]
