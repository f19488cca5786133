"""Which element of one version is which of another: by id, else by what it is and where it stands.

Only what can be told without doubt is mapped; the rest is for people to say.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from workflows.engine.diagrams import Compiled
from workflows.engine.plan import Node, Plan

MAIN = ""  # the process itself, whatever its id is
ROUND = " (round)"


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a case cannot follow, at one element of the version it is on, or of the new one:

    gone, other_kind, other_scope, two_in_one, way_gone, join_never_fires, or how a rule failed.
    """

    element: str
    code: str


class Change(NamedTuple):
    """Two versions and the mapping between them, as the functions here pass them on."""

    old: Plan
    new: Plan
    mapping: Mapping[str, str]

    def of(self, element: str) -> str:
        return self.mapping.get(element, element)

    def scope(self, scope: str) -> str:
        return self.new.main if scope == self.old.main else self.of(scope)


def element_of(name: str) -> str:
    """Give the element a stored state means by the name of its spec."""
    return name.removesuffix(ROUND).rstrip(" ")


def align(old: Compiled, new: Compiled) -> dict[str, str]:
    """Map the elements that have another id in the new version; what keeps its id is left out."""
    known = {
        key: key
        for key, node in old.plan.nodes.items()
        if key in new.plan.nodes and alike(node, new.plan.nodes[key])
    }
    found = known
    while found:
        taken = set(known.values())
        before = [node for key, node in old.plan.nodes.items() if key not in known]
        after = [node for key, node in new.plan.nodes.items() if key not in taken]
        found = next((pairs for pairs in _tries(old, new, known, before, after) if pairs), {})
        known |= found
    return {key: target for key, target in known.items() if key != target}


def candidates(old: Compiled, new: Compiled, element: str) -> list[str]:
    """List what an element of the old version could be in the new one, in reading order."""
    node = old.plan.nodes[element]
    found = {key for key, other in new.plan.nodes.items() if alike(node, other)}
    read = [part.element for part in new.description.parts if part.element in found]
    return read + sorted(found.difference(read))


def alike(old: Node, new: Node) -> bool:
    """Tell whether a token on one could stand on the other, wherever they lie."""
    return (old.kind, _rounds(old)) == (new.kind, _rounds(new))


def _rounds(node: Node) -> object:
    loop = node.loop  # what a round under way has been given, and owes
    return loop and (loop.kind, loop.item, loop.into is None)


Trait = Callable[[Node], Hashable]


def _tries(
    old: Compiled,
    new: Compiled,
    known: Mapping[str, str],
    before: list[Node],
    after: list[Node],
) -> Iterable[dict[str, str]]:
    """Compare by name and form, then by the neighbours on both sides, then on one."""
    there = {target: target for target in known.values()}
    for old_trait, new_trait in (
        (_said(old), _said(new)),
        (_around(old.plan, known), _around(new.plan, there)),
    ):
        yield _pairs(
            _by_trait(old.plan, known, before, old_trait),
            _by_trait(new.plan, there, after, new_trait),
        )


def _said(version: Compiled) -> Trait:
    names = {part.element: part.names.get("sv") for part in version.description.parts}
    return lambda node: names.get(node.id) or None


def _around(plan: Plan, known: Mapping[str, str]) -> Trait:
    ways_in: dict[str, set[str | None]] = defaultdict(set)
    for node in plan.nodes.values():
        for flow in node.outgoing:
            ways_in[flow.target].add(known.get(node.id))

    def around(node: Node) -> Hashable:
        ways_out = {known.get(flow.target) for flow in node.outgoing}
        hosts = {known.get(node.attached_to)} if node.attached_to else set()
        beside = (frozenset(ways_in[node.id]), frozenset(ways_out), frozenset(hosts))
        return beside if any(beside) and None not in frozenset().union(*beside) else None

    return around


def _by_trait(
    plan: Plan, known: Mapping[str, str], nodes: Iterable[Node], trait: Trait
) -> dict[Hashable, list[str]]:
    found: dict[Hashable, list[str]] = defaultdict(list)
    for node in nodes:
        seen = trait(node)
        scope = MAIN if node.scope == plan.main else known.get(node.scope)
        if seen is not None and scope is not None:
            found[node.kind, _rounds(node), scope, seen].append(node.id)
    return found


def _pairs(old: Mapping[Hashable, list[str]], new: Mapping[Hashable, list[str]]) -> dict[str, str]:
    return {
        here[0]: new[key][0]
        for key, here in old.items()
        if len(here) == 1 and len(new.get(key, ())) == 1
    }
