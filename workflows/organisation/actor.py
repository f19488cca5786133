"""Who is doing something right now, and with which roles; built at the edge, never changed."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Held:
    """A role held in a unit at this instant; `via_id` is the absent person one stands in for,
    perhaps in the tasks of one process only.
    """

    role: str
    unit_id: int
    via_id: int | None = None
    process_id: int | None = None

    def reaches(self, process_id: int | None) -> bool:
        """Tell whether it holds in a process; without one, whether it holds in everything."""
        return self.process_id in (None, process_id)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a mandate lets an auditor read; nothing named is everything."""

    unit_ids: frozenset[int] = frozenset()
    process_ids: frozenset[int] = frozenset()
    first_year: int | None = None
    last_year: int | None = None
    sees_secret: bool = False

    def covers(
        self, unit_id: int, process_id: int | None, year: int | None, *, is_secret: bool
    ) -> bool:
        """Tell whether it lets one read something of a unit, a process and a year."""
        return (
            (self.sees_secret or not is_secret)
            and (not self.unit_ids or unit_id in self.unit_ids)
            and (not self.process_ids or process_id in self.process_ids)
            and (self.first_year is None or (year is not None and year >= self.first_year))
            and (self.last_year is None or (year is not None and year <= self.last_year))
        )


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or the system itself, at one instant."""

    id: int | None
    name: str
    held: frozenset[Held] = field(default_factory=frozenset)
    acting_for_id: int | None = None
    language: str = "sv"
    scopes: tuple[Scope, ...] = ()  # what they may read as an auditor, by a mandate

    @classmethod
    def system(cls, name: str) -> "Actor":
        """Stand for the product itself: the clock, an upgrade, a command."""
        return cls(id=None, name=name)

    @property
    def is_system(self) -> bool:
        return self.id is None

    @property
    def audits(self) -> bool:
        """Tell whether they read as an auditor, whatever else they do."""
        return bool(self.scopes) or any(held.role == "auditor" for held in self.held)

    @property
    def only_audits(self) -> bool:
        """Tell whether an auditor is all they are: they read, and change nothing."""
        return self.audits and all(held.role == "auditor" for held in self.held)

    def holds(self, role: str, unit_id: int, process_id: int | None = None) -> bool:
        """Tell whether the actor holds `role` in exactly this unit, for tasks of a process."""
        wanted = (role, unit_id)
        return any(
            (held.role, held.unit_id) == wanted and held.reaches(process_id) for held in self.held
        )

    def holds_anywhere(self, *roles: str) -> bool:
        """Tell whether the actor holds any of `roles` in any unit."""
        return any(held.role in roles and held.reaches(None) for held in self.held)

    def belongs_to(self, unit_id: int, process_id: int | None = None) -> bool:
        """Tell whether the actor holds any role in the unit, for cases of a process."""
        return any(held.unit_id == unit_id and held.reaches(process_id) for held in self.held)
