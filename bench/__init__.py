"""What is measured: `bench/<name>.py` gives figures, `python3 dev.py bench` prints them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number beside the target it was held against."""

    name: str
    value: float
    unit: str
    target: float | None = None  # nothing when it is only watched
    ok: bool = True
