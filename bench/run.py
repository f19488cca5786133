"""Run benchmarks, one line per figure: `python3 dev.py bench [NAME] [--quick] [--json]`.

A benchmark is a module `bench/<name>.py` with `figures(quick: bool) -> Iterator[Figure]`.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib import import_module

from bench import Figure
from webapp import logs

BENCHMARKS = (
    "deadlines",
    "engine",
    "peers",
    "verbs",
    "http",
    "clock",
    "processes",
    "workshop",
    "editor",
    "hammer",
    "crash",
    "replan",
    "pages",
    "search",
    "record",
    "reports",
)


def main(arguments: list[str] | None = None) -> int:
    """Run what is named, or all; returns 1 if a figure misses its target."""
    os.environ["DURABLE_POSTGRES"] = "1"
    logs.configure()  # to standard error: figures alone go to standard output
    parser = argparse.ArgumentParser(prog="python3 dev.py bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="small sizes: does it run at all?")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - set(BENCHMARKS)):
        known = ", ".join(BENCHMARKS)
        parser.error(f"there is no benchmark called {', '.join(unknown)}; there are {known}")
    names = options.names or BENCHMARKS
    all_ok = True
    for figure in _figures(names, quick=options.quick):
        all_ok = all_ok and figure.ok
        line = json.dumps(asdict(figure), ensure_ascii=False) if options.json else told(figure)
        print(line, flush=True)
    return 0 if all_ok else 1


def _figures(names: Sequence[str], *, quick: bool) -> Iterator[Figure]:
    for name in names:
        yield from import_module(f"bench.{name}").figures(quick)


def told(figure: Figure) -> str:
    """Say a figure on one aligned line."""
    target = "" if figure.target is None else f"target {figure.target:,g}"
    verdict = "ok" if figure.ok else "MISSED"
    return f"{figure.name:<48} {figure.value:>12,.2f} {figure.unit:<12} {target:<16} {verdict}"


if __name__ == "__main__":
    sys.exit(main())
