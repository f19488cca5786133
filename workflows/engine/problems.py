"""What is wrong with a diagram, located: codes and parameters, the words live in the catalogs."""

from dataclasses import dataclass, field
from typing import Literal

from workflows.errors import Invalid


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend; an error keeps a diagram from being published, a warning does not."""

    severity: Literal["error", "warning"]
    code: str
    element: str | None = None
    name: str | None = None
    line: int | None = None
    params: dict[str, object] = field(default_factory=dict)
    file: str = ""  # another than the diagram: a rule table, or a process that is called


class Rejected(Invalid):
    """The file cannot be run or decided by; `problems` says where and why."""

    code = "diagram_rejected"
    problems: tuple[Problem, ...]

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("diagram_rejected", problems)


class Failure(Exception):
    """A step cannot be taken; becomes an error event if somebody listens, else an incident.

    `cause` is what was typed where it went wrong, or a name; never a sentence.
    """

    def __init__(self, code: str, cause: str = "", keys: tuple[str, ...] = ()) -> None:
        self.code = code
        self.cause = cause
        self.keys = keys
        super().__init__(code, cause)
