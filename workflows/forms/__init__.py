"""Forms: read a definition, take what a browser posts, check it, and say what a page shows."""

from workflows.forms.answers import Answers, Errors, FieldError, Remark
from workflows.forms.checking import check
from workflows.forms.correcting import correction, understood
from workflows.forms.deciding import APPROVING, CHANGED, outcome, verdict_field
from workflows.forms.definition import Facts, Field, Form, Kind, Register, Strength, Words
from workflows.forms.filling import prefilled, view
from workflows.forms.marking import marked
from workflows.forms.merging import Clash, Merged, Pick, imprint, merge
from workflows.forms.posted import Posted, Raw, RowChange, read_posted
from workflows.forms.problems import Problem
from workflows.forms.reading import BadForm, read_form
from workflows.forms.rows import change_rows
from workflows.forms.telling import called, read_only
from workflows.forms.views import FieldView, FormView

__all__ = [
    "APPROVING",
    "CHANGED",
    "Answers",
    "BadForm",
    "Clash",
    "Errors",
    "Facts",
    "Field",
    "FieldError",
    "FieldView",
    "Form",
    "FormView",
    "Kind",
    "Merged",
    "Pick",
    "Posted",
    "Problem",
    "Raw",
    "Register",
    "Remark",
    "RowChange",
    "Strength",
    "Words",
    "called",
    "change_rows",
    "check",
    "correction",
    "imprint",
    "marked",
    "merge",
    "outcome",
    "prefilled",
    "read_form",
    "read_only",
    "read_posted",
    "understood",
    "verdict_field",
    "view",
]
