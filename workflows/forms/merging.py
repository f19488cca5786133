"""Two drafts of one form that have gone apart: where they differ, and one draft made of both."""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from workflows.canonical import canonical_text, content_hash
from workflows.forms.carrying import own_name, same
from workflows.forms.collecting import case_rows
from workflows.forms.definition import Facts, Field, Form, Kind
from workflows.forms.posted import Raw
from workflows.forms.sheets import in_words
from workflows.forms.telling import Reader
from workflows.language import N_, Language, translator

WHY = N_("Why do you go on all the same?")
Answers = Mapping[str, object]


class Pick(StrEnum):
    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


@dataclass(frozen=True)
class Clash:
    """An answer or a whole row that is not the same in both drafts, and what is proposed."""

    name: str
    label: str
    mine: str
    theirs: str
    picks: tuple[Pick, ...]
    pick: Pick
    is_row: bool = False


@dataclass(frozen=True)
class Merged:
    """One draft of two, by what was picked or else proposed, and where the two differ."""

    raw: Raw = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)


def imprint(form: Form, answers: Answers) -> str:
    """Say in short what a draft holds, for the page to send back: what both began with when two
    drafts have gone apart, so that what somebody took away is told from what the other added."""
    return " ".join(f"{name}={told}" for name, told in _imprinted(form, answers))


def merge(
    form: Form,
    mine: Answers,
    theirs: Answers,
    facts: Facts,
    language: Language,
    picks: Mapping[str, str] | None = None,
    began: str = "",
) -> Merged:
    """Make one draft of two: what one has changed since they `began` (an imprint) is proposed; of
    what both have changed what only one of them holds, and of two long texts both.

    Where it is not known what both began with, nobody's text is left out unless it is so picked.
    """
    known = dict(part.partition("=")[::2] for part in began.split()) if began else None
    work = _Merging(form, facts, language, picks or {}, Merged(), known)
    for one in form.fields:
        if not one.read_only and one.kind is not Kind.UNKNOWN:
            work.field(one, mine, theirs)
    for name in dict.fromkeys(each for each in (*mine, *theirs) if each.startswith("why:")):
        work.reason(name, mine, theirs)
    if mine.get("attest"):  # whoever hands in says so themselves
        work.merged.raw["attest"] = mine["attest"]
    return work.merged


@dataclass(frozen=True)
class _Merging:
    form: Form
    facts: Facts
    language: Language
    picks: Mapping[str, str]
    merged: Merged
    began: Mapping[str, str] | None

    def field(self, one: Field, mine: Answers, theirs: Answers) -> None:
        raw = self.merged.raw
        match one.kind:
            case Kind.ROWS:
                if one.name in mine or one.name in theirs:
                    raw[one.name] = list(self.rows(one, mine.get(one.name), theirs.get(one.name)))
            case Kind.GROUP:
                here, there = _dict(mine.get(one.name)), _dict(theirs.get(one.name))
                if here or there:
                    before = f"{one.label[self.language]}: "
                    by = self.changed_by(one.name, _of_members(one, here), _of_members(one, there))
                    raw[one.name] = self.members(one, here, there, f"{one.name}-", before, by)
            case _:
                by = self.changed_by(
                    one.name, *(_print(_part(one, each)) for each in (mine, theirs))
                )
                raw |= self.answer(one, mine, theirs, one.name, "", by)

    def changed_by(self, name: str, mine: str, theirs: str) -> Pick | None:
        """Whose answer is another than the one both began with, if only one's is."""
        began = self.began.get(name, "") if self.began is not None else None
        if began is None or (mine == began) is (theirs == began):
            return None
        return Pick.THEIRS if mine == began else Pick.MINE

    def members(
        self,
        holder: Field,
        mine: Answers,
        theirs: Answers,
        prefix: str,
        before: str,
        by: Pick | None,
    ) -> Raw:
        """Merge the answers of a group or a row; what is no answer, such as its key, is mine."""
        made = {**theirs, **mine}
        for one in holder.typed:
            if one.kind is not Kind.UNKNOWN:
                made |= self.answer(one, mine, theirs, prefix + one.name, before, by)
        return made

    def answer(
        self, one: Field, mine: Answers, theirs: Answers, name: str, before: str, by: Pick | None
    ) -> Raw:
        both = (mine.get(one.name), theirs.get(one.name))
        told = [str(in_words(one, each, self.facts, self.language)) for each in (mine, theirs)]
        if same(one, *both, self.facts) and told[0] == told[1]:
            return _part(one, mine) or _part(one, theirs)
        picks: tuple[Pick, ...] = (Pick.MINE, Pick.THEIRS)
        can_join = one.kind in (Kind.TEXT, Kind.RICH, Kind.CHOICES) and all(both)
        if can_join:
            picks += (Pick.BOTH,)
        pick = self.picked(name, picks, by or _proposed(one, *told, can_join=can_join))
        label = before + one.label[self.language]
        self.merged.clashes.append(Clash(name, label, told[0], told[1], picks, pick))
        if pick is Pick.BOTH:
            return {one.name: _joined(one, *both)}
        return _part(one, mine if pick is Pick.MINE else theirs)

    def rows(self, one: Field, mine: object, theirs: object) -> Iterator[Raw]:
        reader = Reader(self.facts, self.language)
        held = {str(row.get(one.key)): row for row in case_rows(one, self.facts)}
        pairs = _pairs(self.form, one, _rows(mine), _rows(theirs))
        for index, (ours, other) in enumerate(pairs):
            name, row = f"{one.name}-{index}", ours or other or {}
            whole = {**held.get(str(row.get(one.key)), {}), **row} if one.fixed_rows else row
            label = reader.row_label(one, whole, index)
            mark = _row_mark(self.form, one, row)
            by = self.changed_by(mark, _of_members(one, ours), _of_members(one, other))
            if ours is not None and other is not None:
                yield self.members(one, ours, other, f"{name}-", f"{label}: ", by)
                continue
            said = self.brief(one, row)
            if not said:
                continue  # an empty row is nobody's text
            there = Pick.MINE if ours is not None else Pick.THEIRS
            picks = (Pick.MINE, Pick.THEIRS)
            pick = self.picked(name, picks, by or there)
            told = (said, "") if there is Pick.MINE else ("", said)
            self.merged.clashes.append(Clash(name, label, *told, picks, pick, is_row=True))
            if pick is there:
                yield dict(row)

    def brief(self, one: Field, row: Answers) -> str:
        told = (in_words(each, row, self.facts, self.language) for each in one.typed)
        return " · ".join(str(each) for each in told if each not in ("", None))

    def reason(self, name: str, mine: Answers, theirs: Answers) -> None:
        told = [str(each.get(name) or "") for each in (mine, theirs)]
        pick = Pick.MINE if told[0] else Pick.THEIRS
        if told[0] != told[1]:
            label = translator(self.language).gettext(WHY)
            pick = self.picked(name, picks := (Pick.MINE, Pick.THEIRS), pick)
            self.merged.clashes.append(Clash(name, label, told[0], told[1], picks, pick))
        self.merged.raw[name] = told[0] if pick is Pick.MINE else told[1]

    def picked(self, name: str, picks: Sequence[Pick], proposed: Pick) -> Pick:
        return next((each for each in picks if each == self.picks.get(name)), proposed)


def _imprinted(form: Form, answers: Answers) -> Iterator[tuple[str, str]]:
    for one in form.fields:
        if one.read_only or one.kind is Kind.UNKNOWN:
            continue
        if one.kind is Kind.ROWS:
            rows = _rows(answers.get(one.name))
            parts = [(_row_mark(form, one, row), _of_members(one, row)) for row in rows]
        elif one.kind is Kind.GROUP:
            parts = [(one.name, _of_members(one, _dict(answers.get(one.name))))]
        else:
            parts = [(one.name, _print(_part(one, answers)))]
        yield from (each for each in parts if each[1])


def _row_mark(form: Form, one: Field, row: Answers) -> str:
    return f"{one.name}:{_print({'': own_name(form, one, row)})}"


def _of_members(holder: Field, answers: Answers | None) -> str:
    return _print({one.name: answers.get(one.name) for one in holder.typed} if answers else {})


def _print(answers: Answers) -> str:
    """A short hash of answers; nothing of none, however nothing is written."""
    told = {name: each for name, each in answers.items() if each not in (None, "", [], {})}
    return content_hash(canonical_text(told))[:8] if told else ""


def _proposed(one: Field, mine: str, theirs: str, *, can_join: bool) -> Pick:
    """The one that holds the other; else of long texts and choices both, and of others mine."""
    if theirs.startswith(mine):
        return Pick.THEIRS
    is_long = can_join and one.kind is not Kind.TEXT
    return Pick.BOTH if is_long and not mine.startswith(theirs) else Pick.MINE


def _joined(one: Field, mine: object, theirs: object) -> object:
    if one.kind is Kind.CHOICES:
        several = [each if isinstance(each, list) else [] for each in (mine, theirs)]
        return list(dict.fromkeys(several[0] + several[1]))
    return f"{mine}\n\n{theirs}" if one.kind is Kind.RICH else f"{mine} / {theirs}"


def _part(one: Field, answers: Answers) -> Raw:
    """The answer to a field with the tick that it is not known."""
    names = (one.name, f"{one.name}_unknown") if one.may_be_unknown else (one.name,)
    return {name: answers[name] for name in names if name in answers}


def _pairs(
    form: Form, one: Field, mine: list[Raw], theirs: list[Raw]
) -> Iterator[tuple[Raw | None, Raw | None]]:
    """Rows of the same name beside each other, as mine stand; last those that only they have."""
    free: dict[str, deque[Raw]] = defaultdict(deque)
    for row in theirs:
        free[own_name(form, one, row)].append(row)
    for row in mine:
        found = free[own_name(form, one, row)]
        yield row, found.popleft() if found else None
    left = [id(row) for rows in free.values() for row in rows]
    yield from ((None, row) for row in theirs if id(row) in left)


def _rows(value: object) -> list[Raw]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _dict(value: object) -> Raw:
    return value if isinstance(value, dict) else {}
