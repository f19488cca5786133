"""Running the checks of the record from the command line, perhaps at night."""

import argparse
import json
from collections.abc import Sequence

from webapp import clock
from webapp.commands import FOUND_SOMETHING, GOOD
from webapp.commands.people import COMMAND
from webapp.settings import Settings
from workflows.canonical import instant_text
from workflows.database import opened
from workflows.language import Language, capital, moment, translator
from workflows.queries import checks
from workflows.queries.checked_decisions import Hit
from workflows.queries.checks import Answer


def run_checks(options: argparse.Namespace, settings: Settings) -> int:
    """Run the checks of the record: who approved their own work, what came late, what is missing.

    Exits with 1 when anything is found; that is a place to look, not a verdict.
    """
    language = Language(options.language)
    with opened(settings.database_url) as database, database.reading() as session:
        answers = checks.run(session, by=COMMAND, now=clock.now())
    if options.json:
        print(json.dumps([_plain(one, language) for one in answers], ensure_ascii=False, indent=2))
    else:
        _tell(answers, language)
    return FOUND_SOMETHING if any(one.hits for one in answers) else GOOD


def _tell(answers: Sequence[Answer], language: Language) -> None:
    for one in answers:
        more = "+" if one.is_cut else ""
        print(f"{len(one.hits):>5}{more} {translator(language).gettext(one.check.title)}")
        for hit in one.hits:
            when = moment(hit.at, language) if hit.at else ""
            step = hit.step.get(language) or hit.step.get("sv", "")
            told = (when, hit.unit, hit.about, step, capital(hit.said.said(language)), hit.who)
            print("       " + " · ".join(part for part in told if part))


def _plain(answer: Answer, language: Language) -> dict[str, object]:
    hits = [_hit(hit, language) for hit in answer.hits]
    return {"check": answer.check.name, "hits": hits, "is_cut": answer.is_cut}


def _hit(hit: Hit, language: Language) -> dict[str, object]:
    return {
        "at": instant_text(hit.at) if hit.at else None,
        "about": hit.about,
        "step": hit.step or None,
        "unit": hit.unit,
        "who": hit.who,
        "why": hit.why,
        "said": hit.said.said(language),
        "place": hit.place,
    }
