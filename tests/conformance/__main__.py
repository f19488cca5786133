"""`python3 dev.py conformance [--json]`: hold the engine against diagrams of known behaviour."""

import argparse
import json
import sys

from tests.conformance.suites import DIFFERS, SHARED, SUITES, count


def main(words: list[str]) -> int:
    """Count the verdicts of each suite; 1 if any diagram was wrong, 2 if asked wrongly."""
    parser = argparse.ArgumentParser(prog="dev.py conformance", description=__doc__)
    parser.add_argument("--json", action="store_true", help="only the counts, as JSON")
    options = parser.parse_args(words)
    verdicts = {name: judge() for name, judge in SUITES.items()}
    counts = {name: count(found) for name, found in verdicts.items()}
    wrong = [f"{name}: {file}" for name, found in verdicts.items()
             for file, verdict in found.items() if verdict == "wrong"]  # fmt: skip
    lines = [json.dumps(counts)] if options.json else [*_table(counts), *_remarks(wrong)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if wrong else 0


def _table(counts: dict[str, dict[str, int]]) -> list[str]:
    columns = ("right", "refused", "incident", "wrong", "files")
    head = f"{'':10}" + "".join(f"{column:>10}" for column in columns)
    return [head] + [
        f"{name:10}" + "".join(f"{row[column]:10}" for column in columns)
        if row["files"]
        else f"{name:10} NOT RUN: there is no {SHARED / name}"
        for name, row in counts.items()
    ]


def _remarks(wrong: list[str]) -> list[str]:
    return [
        "",
        "right: runs as the standard says (public: as stock SpiffWorkflow runs it, which is wrong",
        *(f"  about {file}: {why})" for file, why in DIFFERS.items()),
        "refused: when checked, with element and line; incident: stops for all to see",
        *(f"WRONG {line}" for line in wrong),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
