"""In which order what leads to what: each after all it leads to, and the ways that lead back."""

from collections.abc import Mapping, Sequence


def visited(
    nodes: Sequence[str], onwards: Mapping[str, Sequence[str]]
) -> tuple[list[str], set[tuple[str, str]]]:
    """Every node after all it leads to, and the ways that lead back; without recursion."""
    open_: set[str] = set()
    seen: set[str] = set()
    done: list[str] = []
    back: set[tuple[str, str]] = set()
    for first in nodes:
        stack = [] if first in seen else [(first, iter(onwards[first]))]
        seen.add(first)
        while stack:
            node, rest = stack[-1]
            open_.add(node)
            following = next(rest, None)
            if following is None:
                open_.discard(node)
                done.append(node)
                stack.pop()
            elif following in open_:
                back.add((node, following))
            elif following not in seen:
                seen.add(following)
                stack.append((following, iter(onwards[following])))
    return done, back
