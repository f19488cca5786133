"""A process as files: a diagram with its forms and rule tables, read from the shipped folders."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workflows.canonical import canonical_text, content_hash
from workflows.processes.models import PartKind

_SHARED = re.compile(rb'form="(shared/[a-z_]+)"')


@dataclass(frozen=True, slots=True)
class Package:
    """Everything one version of a process is made of, as written."""

    key: str
    source: bytes
    forms: Mapping[str, bytes]  # yearly_review/check -> JSON
    tables: Mapping[str, bytes]  # file name -> DMN
    tests: Mapping[str, bytes] = field(default_factory=dict)  # name -> JSON

    @property
    def hash(self) -> str:
        """The same for the same content, whatever the machine or the day."""
        parts = {f"{kind}:{name}": content_hash(content) for kind, name, content in self.parts()}
        return content_hash(canonical_text({"source": content_hash(self.source), "parts": parts}))

    def parts(self) -> Iterator[tuple[PartKind, str, bytes]]:
        """The forms, the tables and the tests, by kind and name."""
        for name, content in sorted(self.forms.items()):
            yield PartKind.FORM, name, content
        for name, content in sorted(self.tables.items()):
            yield PartKind.TABLE, name, content
        for name, content in sorted(self.tests.items()):
            yield PartKind.TEST, name, content


def shipped(root: Path) -> list[Package]:
    """Read every process the product comes with, in the order of their names."""
    return [beside(diagram) for diagram in sorted((root / "bpmn").glob("*/*.bpmn"))]


def beside(diagram: Path) -> Package:
    """Read a diagram with the rule tables beside it, the forms of its folder's name, and those that
    several processes share and this one asks for."""
    folder, source = diagram.resolve().parent, diagram.read_bytes()
    forms = folder.parent.parent / "forms"
    shared = {name.decode() for name in _SHARED.findall(source)}
    paths = [*forms.glob(f"{folder.name}/*.json"), *forms.glob("shared/*.json")]
    return Package(
        key=diagram.stem,
        source=source,
        forms={
            name: path.read_bytes()
            for path in sorted(paths)
            if (name := f"{path.parent.name}/{path.stem}") in shared
            or path.parent.name == folder.name
        },
        tables={table.stem: table.read_bytes() for table in sorted(folder.glob("*.dmn"))},
    )
