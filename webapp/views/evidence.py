"""Taking cases away with all that proves them."""

from contextlib import ExitStack

from flask import Blueprint, request, send_file
from flask.typing import ResponseReturnValue

from webapp import clock, traces
from webapp import evidence as packages
from webapp.auth import actor
from webapp.pages import numbers
from webapp.transactions import session

evidence = Blueprint("evidence", __name__, url_prefix="/evidence")


@evidence.get("/package.zip")
def package() -> ResponseReturnValue:
    """Give out the cases that the address names: `?case=7&case=9`."""
    return give(numbers(request.args.getlist("case")))


def give(case_ids: list[int]) -> ResponseReturnValue:
    """Give out a package of cases, and write down that it was made before it leaves."""
    by = actor()
    wanted = list(dict.fromkeys(case_ids))
    for case in packages.seen(session(), wanted, by=by):
        traces.leave_if_secret(case, by=by)
    with ExitStack() as stack:
        out, told = packages.evidence(session(), wanted, by=by, now=clock.now())
        stack.callback(out.close)
        traces.leave("exported", by=by, what=told)
        stack.pop_all()  # whoever gives it out closes it
    return send_file(out, "application/zip", as_attachment=True, download_name=str(told["what"]))
