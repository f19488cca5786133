"""`python -m workflows.language extract | compile | check`: keep the catalogs whole."""

import sys

from workflows.language.catalogs import compiled, gather, read, update
from workflows.language.checking import problems
from workflows.language.translate import Language, catalog_path


def main(words: list[str]) -> int:
    """Do what the one word asks; 0 good, 1 found something wrong, 2 used wrongly."""
    match words:
        case ["extract"]:
            return _extract()
        case ["compile"]:
            return _compile()
        case ["check"]:
            return _check()
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2


def _extract() -> int:
    texts = gather()
    for language in Language:
        entries = update(language, texts).entries
        missing = sum(not all(entry.forms) for entry in entries.values())
        sys.stdout.write(f"{language}: {len(entries)} texts, {missing} not translated\n")
    return _compile()


def _compile() -> int:
    for language in Language:
        catalog_path(language, "mo").write_bytes(compiled(language, read(language).entries))
    return 0


def _check() -> int:
    found = list(problems())
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
