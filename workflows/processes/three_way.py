"""The supplier's new version beside the city's own: what each has changed of what both began as."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.processes.comparing import Difference, How, differences
from workflows.processes.merging import merged_part
from workflows.processes.models import PartKind
from workflows.processes.packages import Package


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """What only one side changed, what both changed alike, and where they part: ours and theirs."""

    ours: tuple[Difference, ...]
    theirs: tuple[Difference, ...]
    alike: tuple[Difference, ...]
    apart: tuple[tuple[Difference, Difference], ...]


def three_way(base: Package, ours: Package, theirs: Package) -> ThreeWay:
    """Lay what both sides did to the same version beside each other."""
    mine = {_place(one): one for one in differences(base, ours)}
    found = {_place(one): one for one in differences(base, theirs)}
    both = mine.keys() & found.keys()
    alike = {place for place in both if mine[place] == found[place]}
    apart = {place for place in both - alike if _clash(mine[place], found[place])}
    return ThreeWay(
        tuple(one for place, one in mine.items() if place not in alike | apart),
        tuple(one for place, one in found.items() if place not in alike | apart),
        tuple(mine[place] for place in mine if place in alike),
        tuple((mine[place], found[place]) for place in mine if place in apart),
    )


def merged(base: Package, ours: Package, theirs: Package) -> Package:
    """Put the supplier's forms and tables together with the city's, ours where both have changed
    the same; of the diagram the supplier's is taken if the city has not changed it."""
    return Package(
        ours.key,
        theirs.source if ours.source == base.source else ours.source,
        _merged(PartKind.FORM, base.forms, ours.forms, theirs.forms),
        _merged(PartKind.TABLE, base.tables, ours.tables, theirs.tables),
        _merged(PartKind.TEST, base.tests, ours.tests, theirs.tests),
    )


def _merged(
    kind: PartKind,
    base: Mapping[str, bytes],
    ours: Mapping[str, bytes],
    theirs: Mapping[str, bytes],
) -> dict[str, bytes]:
    chosen = {}
    for name in {**ours, **theirs}:
        before, mine, other = base.get(name), ours.get(name), theirs.get(name)
        if before and mine and other:
            chosen[name] = merged_part(kind, before, mine, other, {})[0]
        elif content := other if mine == before else mine:
            chosen[name] = content
    return chosen


def _place(one: Difference) -> tuple[str, str, str]:
    return one.where, one.file, one.id


def _clash(ours: Difference, theirs: Difference) -> bool:
    """Two who change the same thing clash, unless they say something about different sides of it;
    where something lies on the paper, nobody minds."""
    if How.MOVED in (ours.how, theirs.how):
        return How.REMOVED in (ours.how, theirs.how)
    if ours.how is not How.CHANGED or theirs.how is not How.CHANGED:
        return True
    said = {fact.name: fact.new for fact in ours.facts}
    shared = [fact for fact in theirs.facts if fact.name in said]
    return any(said[fact.name] != fact.new for fact in shared) or not (ours.facts and theirs.facts)
