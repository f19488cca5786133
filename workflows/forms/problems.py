"""Mistakes in a form definition, each with its place, and reading JSON while noting them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workflows.forms.definition import Words


@dataclass(frozen=True)
class Problem:
    """A mistake: `path` is a JSON pointer into the definition, `code` what is wrong."""

    path: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)


class Problems:
    """Reads values of the kind wanted and notes a problem when they are something else."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, path: str, code: str, /, **params: object) -> None:
        self.found.append(Problem(path, code, params))

    def mapping(
        self, value: object, path: str, allowed: Sequence[str] | None = None
    ) -> Mapping[str, object]:
        if not isinstance(value, dict):
            self.add(path, "missing" if value is None else "not_an_object")
            return {}
        for key in value:
            if allowed is not None and key not in allowed:
                self.add(f"{path}/{key}", "unknown_key", key=key)
        return value

    def objects(
        self, value: object, path: str, allowed: str
    ) -> Iterator[tuple[str, Mapping[str, object]]]:
        """Each object of a list, with its place; `allowed` names the keys it may have."""
        for index, item in enumerate(self._list(value, path)):
            yield f"{path}/{index}", self.mapping(item, f"{path}/{index}", allowed.split())

    def texts(self, value: object, path: str) -> list[tuple[str, str]]:
        """Each text of a list, with its place."""
        places = [(f"{path}/{index}", item) for index, item in enumerate(self._list(value, path))]
        return [(place, self.text(item, place)) for place, item in places]

    def text(self, value: object, path: str) -> str:
        if isinstance(value, str):
            return value
        self.add(path, "missing" if value is None else "not_text")
        return ""

    def words(self, value: object, path: str) -> Words:
        """A text that must be there in both languages."""
        source = self.mapping(value, path, ("sv", "en"))
        texts = {}
        for language in ("sv", "en"):
            text = source.get(language)
            texts[language] = text if isinstance(text, str) else ""
            if source and not texts[language].strip():
                self.add(f"{path}/{language}", "no_words", language=language)
        if value == {}:
            self.add(path, "missing")
        return Words(**texts)

    def maybe_words(self, value: object, path: str) -> Words | None:
        return None if value is None else self.words(value, path)

    def _list(self, value: object, path: str) -> list[object]:
        if isinstance(value, list):
            return value
        self.add(path, "missing" if value is None else "not_a_list")
        return []
