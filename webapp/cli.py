"""The `arshjul` command: everything an installation does outside the browser."""

import argparse
import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from webapp.commands import (
    FOUND_SOMETHING,
    USED_WRONGLY,
    auditing,
    calendar,
    content,
    people,
    records,
    rehearsing,
    reporting,
    reviewing,
    serving,
    trying,
    upkeep,
    years,
)
from webapp.errors_words import words
from webapp.report_files import KINDS
from webapp.settings import BadSetting, Settings, read
from workflows.engine import Problem
from workflows.errors import Refused
from workflows.follow_up.report import MILESTONES
from workflows.language import Language
from workflows.rehearsal.looking import MOST_DUE

Run = Callable[[argparse.Namespace, Settings], int]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = read(os.environ, data=options.data, port=getattr(options, "port", None))
        run: Run = options.run
        return run(options, settings)
    except BadSetting as bad:
        print(bad, file=sys.stderr)
        return USED_WRONGLY
    except Refused as refusal:
        _tell(refusal)
        return FOUND_SOMETHING
    except DBAPIError as fault:
        print(
            f"The database does not answer as it should ({type(fault.orig).__name__}). Is the"
            " address right, and has `arshjul migrate` been run?",
            file=sys.stderr,
        )
        return FOUND_SOMETHING


def _tell(refusal: Refused) -> None:
    """Say in words why nothing was done; every refusal has words for the pages as well."""
    told = words(refusal.code, 422, refusal.params, Language.EN)
    print(f"{told.what} ({refusal.code})", file=sys.stderr)
    for problem in getattr(refusal, "problems", ()):
        said = content.line_of(problem, Language.EN) if isinstance(problem, Problem) else problem
        print(f"  {said}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="arshjul", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Run) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.add_argument("--data", type=Path, help="the data folder (default: var)")
        command.set_defaults(run=run)
        return command

    _serving(add)
    add("migrate", serving.migrate)
    command = add("create-user", people.create_user)
    command.add_argument("email")
    command.add_argument("name")
    command.add_argument("--administrator", action="store_true")
    command = add("import", people.import_organisation)
    command.add_argument("files", type=Path, nargs="+", help="CSV or XLSX: units, people, roles")
    command.add_argument("--apply", action="store_true", help="change what the files say")
    command.add_argument("--json", action="store_true")
    _keeping(add)
    command = add("publish", content.publish)
    command.add_argument("path", type=Path, help="a folder with a diagram, or the diagram")
    command.add_argument("--language", choices=list(Language), default="en")
    command = add("check-diagram", content.check_diagrams)
    command.add_argument("files", type=Path, nargs="+")
    command.add_argument("--language", choices=list(Language), default="sv")
    command.add_argument("--json", action="store_true")
    command = add("check-processes", reviewing.check_processes)
    command.add_argument("--year", type=int, default=2027, help="try the deadlines in this year")
    command.add_argument("--walked", type=Path, help="a folder with the flows that tests took")
    command.add_argument("--json", action="store_true")
    _calendar(add)
    _rehearsing(add)
    _years(add)
    return parser


def _keeping(add: Callable[[str, Run], argparse.ArgumentParser]) -> None:
    command = add("backup", upkeep.backup)
    command.add_argument("file", type=Path)
    command.add_argument("--with-keys", action="store_true", help="also the keys: guard it well")
    command.add_argument("--to", type=Path, help="a public key to encrypt to")
    command = add("restore", upkeep.restore)
    command.add_argument("file", type=Path)
    command.add_argument("--key", type=Path, help="the private key of an encrypted backup")
    command.add_argument("--replace", action="store_true", help="what is there now goes")
    command = add("upgrade", upkeep.upgrade)
    command.add_argument("--backup", type=Path, help="where to put the backup taken first")
    command = add("switch-on", upkeep.switch_on)
    command.add_argument("process", nargs="?", help="its key, for instance rsa_annual")
    command = add("seal", records.seal)
    command.add_argument("--next-key", type=Path, help="from now on this key signs")
    command = add("verify", records.check)
    command.add_argument("--check", type=int, help=argparse.SUPPRESS)  # one that a page asked for
    command.add_argument("--anchor", type=Path, action="append", default=[], metavar="FILE")
    command.add_argument("--json", action="store_true")
    command = add("checks", auditing.run_checks)
    command.add_argument("--language", choices=list(Language), default="sv")
    command.add_argument("--json", action="store_true")
    _reporting(add)
    command = add("search-index", upkeep.search_index)
    command.add_argument("--rebuild", action="store_true", help="find out anew what can be found")
    add("check-migrations", upkeep.check_migrations)


def _reporting(add: Callable[[str, Run], argparse.ArgumentParser]) -> None:
    command = add("report", reporting.report)
    command.add_argument("--unit", required=True, metavar="CODE", help="a body’s code, or city")
    command.add_argument("--milestone", required=True, choices=MILESTONES)
    command.add_argument("--year", type=int, required=True, help="the year of the milestone")
    command.add_argument("--format", required=True, choices=list(KINDS))
    command.add_argument("--out", type=Path, required=True, metavar="FILE")
    command.add_argument(
        "--mapping", type=Path, help="how a CSV file is laid out (default: as is shipped)"
    )


def _serving(add: Callable[[str, Run], argparse.ArgumentParser]) -> None:
    for name, run in (("run", serving.run), ("serve", serving.serve)):
        command = add(name, run)
        command.add_argument("--port", type=int, default=8000)
        command.add_argument("--host", default="127.0.0.1", help="the address to listen on")
        if run is serving.run:
            command.add_argument("--empty", action="store_true", help="start without the demo")
    add("worker", serving.worker)
    command = add("demo", serving.demo)
    command.add_argument("--seed", type=int, default=serving.SEED, help="the same: the same city")
    command.add_argument("--until", type=date.fromisoformat, help="a day (default: now)")
    command.add_argument("--small", action="store_true", help="three bodies, some months")
    command.add_argument("--beside", action="store_true", help="beside a server that is used")


def _calendar(add: Callable[[str, Run], argparse.ArgumentParser]) -> None:
    command = add("explain", calendar.explain)
    command.add_argument("rule", help="for instance 'T2 - 10wd'")
    command.add_argument("--year", type=int, required=True)
    command.add_argument("--unit", help="by the calendar of this unit, by its code")
    command.add_argument("--opened", help="when the step opens: 2027-03-01T08:00")
    command.add_argument(
        "--field", action="append", default=[], metavar="NAME=VALUE", help="case.day=2027-04-14"
    )
    command.add_argument("--legal", action="store_true", help="the date is law's")
    command.add_argument("--language", choices=list(Language), default="sv")
    command.add_argument("--json", action="store_true")
    command = add("draft-year", calendar.draft_year)
    command.add_argument("year", type=int)
    command.add_argument("--unit", help="of this unit, by its code (default: the city)")
    command.add_argument("--language", choices=list(Language), default="sv")


def _years(add: Callable[[str, Run], argparse.ArgumentParser]) -> None:
    command = add("year", years.year)
    command.add_argument("step", choices=["status", "rehearse", "open", *years.STEPS])
    command.add_argument("year", type=int, help="the year that ends")
    command.add_argument("--unit", action="append", default=[], metavar="CODE", help="only it")
    command.add_argument("--to", action="append", default=[], metavar="CODE", help="its successors")
    command.add_argument("--on", type=date.fromisoformat, help="the last day of a body that ends")
    command.add_argument("--why", default="")
    command.add_argument("--language", choices=list(Language), default="sv")
    command.add_argument("--json", action="store_true")


def _rehearsing(add: Callable[[str, Run], argparse.ArgumentParser]) -> None:
    command = add("try-diagram", trying.try_diagram)
    command.add_argument("files", type=Path, nargs="+", help="diagrams, with what lies beside them")
    command.add_argument("--unit", default="FARSTA", help="a body of the demo, by its code")
    command.add_argument("--answers", type=Path, help="JSON: for each step, answers to prefer")
    again = add("rehearse", rehearsing.rehearse)
    again.add_argument("--unit", action="append", default=[], metavar="CODE", help="only this one")
    again.add_argument("--all", action="store_true", help="also what is shipped switched off")
    again.add_argument("--most", type=int, default=MOST_DUE, help="steps a week for one person")
    command.add_argument("--year", type=int, required=True)
    again.add_argument("year", type=int)
    for one in (command, again):
        one.add_argument("--seed", type=int, default=1, help="other answers")
        one.add_argument("--language", choices=list(Language), default="sv")
        one.add_argument("--json", action="store_true")


if __name__ == "__main__":
    sys.exit(main())
