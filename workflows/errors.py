"""What the domain may refuse; the web turns each kind into one status code and a page of words."""

from typing import Any


class Refused(Exception):
    """Nothing was changed. `code` names the reason; the words for it live in the templates."""

    code = "refused"

    def __init__(self, code: str = "", /, **params: object) -> None:
        self.code = code or type(self).code
        self.params = params
        super().__init__(self.code)


class NotFound(Refused):
    """It does not exist, or this person may not see it: the same answer."""

    code = "not_found"


class Forbidden(Refused):
    """This person may see the thing but may not do this to it."""

    code = "forbidden"


class Conflict(Refused):
    """Somebody else was faster, or it is too late."""

    code = "conflict"


class Invalid(Refused):
    """What was handed in does not hold; `problems` says what, field by field."""

    code = "invalid"

    def __init__(self, code: str = "", /, problems: Any = (), **params: object) -> None:
        super().__init__(code, **params)
        self.problems = problems
