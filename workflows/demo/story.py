"""What happens in the demo city besides the year's round: a short list, as it was told."""

from collections.abc import Iterator

from workflows.demo.moments import Scripted


def scripted(last: int) -> Iterator[Scripted]:
    """Say what happens and when."""
    yield from ()
