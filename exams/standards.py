"""What an edition asks of exams: parts by kind, pass marks, retakes, materials, lead time, staff (rules 3, 8).

The numbers stand in ``rules.toml`` beside this module; nothing here knows one by heart.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from exams.models import MaterialKind, Part

EXAMINATION = "examination"
MATERIALS = "materials"

Edition = RuleEdition | date


@dataclass(frozen=True)
class Subject:
    """One subject of the practical part (K1 to K4); ``points`` is its usual share, which differs by job type."""

    code: str
    name: str
    points: int


@dataclass(frozen=True)
class PartStandard:
    """How one part is examined: points out of ``total``, passed from ``pass_mark`` on. ``minutes`` is None where
    the edition names none; ``veto`` tells whether a veto item may end it."""

    total: Decimal
    pass_mark: Decimal
    minutes: int | None
    subjects: tuple[Subject, ...]
    veto: bool


@dataclass(frozen=True)
class MaterialStandard:
    """What an application of one kind must hold. ``later`` may be handed in until the hours proof is due;
    ``instead`` names, per kind of paper, those that stand in for it."""

    required: tuple[MaterialKind, ...]
    later: tuple[MaterialKind, ...]
    instead: dict[MaterialKind, tuple[MaterialKind, ...]]

    def missing(self, held: set[str]) -> list[MaterialKind]:
        """Papers that must be there at submission and are not."""
        return [kind for kind in self.required if not self._has(kind, held)]

    def missing_later(self, held: set[str]) -> list[MaterialKind]:
        """Papers that may follow after submission and are not there yet."""
        return [kind for kind in self.later if not self._has(kind, held)]

    @property
    def offered(self) -> tuple[MaterialKind, ...]:
        """Every kind of paper that the form offers, in order."""
        stand_ins = [kind for kinds in self.instead.values() for kind in kinds]
        return tuple(dict.fromkeys((*self.required, *self.later, *stand_ins)))

    def _has(self, kind: MaterialKind, held: set[str]) -> bool:
        return kind in held or any(other in held for other in self.instead.get(kind, ()))


@dataclass(frozen=True)
class PhotoStandard:
    """The size of a photo in pixels and kilobytes, and the types that are taken."""

    width: int
    height: int
    max_kilobytes: int
    media_types: tuple[str, ...]


def parts_for(kind: str, edition: Edition) -> tuple[Part, ...]:
    """The parts that an application of ``kind`` must pass, in order."""
    return tuple(Part(part) for part in lookup.values(EXAMINATION, "parts", edition)[kind])


def part_standard(part: str, edition: Edition) -> PartStandard:
    """How ``part`` is examined in ``edition``."""
    values = lookup.values(EXAMINATION, Part(part).value.lower(), edition)
    return PartStandard(
        total=Decimal(str(values["total"])),
        pass_mark=Decimal(str(values["pass"])),
        minutes=values.get("minutes"),
        subjects=tuple(Subject(**subject) for subject in values.get("subjects", ())),
        veto=values.get("veto", False),
    )


def retakes(edition: Edition) -> int:
    """How often somebody who failed or was absent may sit again without training anew."""
    return lookup.values(EXAMINATION, "retake", edition)["retakes"]


def valid_months(edition: Edition) -> int:
    """For how many months after the exam day a passed part stays valid."""
    return lookup.values(EXAMINATION, "part_validity", edition)["months"]


def lead_days(edition: Edition) -> int:
    """How many working days before its start a session must be announced."""
    return lookup.values(EXAMINATION, "announcement", edition)["lead_working_days"]


def staff_per_room(part: str, edition: Edition) -> int:
    """How many invigilators (theory) or examiners (practical) a room needs."""
    values = lookup.values(EXAMINATION, "room_staff", edition)
    return values["invigilators"] if part == Part.THEORY else values["examiners"]


def late_entry_minutes(edition: Edition) -> int:
    """How many minutes after the start nobody is let in any more."""
    return lookup.values(EXAMINATION, "late_entry", edition)["minutes"]


def photo_standard(edition: Edition) -> PhotoStandard:
    """What a photo must be like."""
    values = lookup.values(MATERIALS, "photo", edition)
    return PhotoStandard(values["width"], values["height"], values["max_kilobytes"], tuple(values["media_types"]))


def materials_for(kind: str, edition: Edition) -> MaterialStandard:
    """The papers of an application of ``kind``."""
    values = lookup.values(MATERIALS, kind, edition)
    return MaterialStandard(
        required=_kinds(values["required"]),
        later=_kinds(values.get("later", [])),
        instead={MaterialKind(one): _kinds(others) for one, others in values.get("instead", {}).items()},
    )


def _kinds(codes: list[str]) -> tuple[MaterialKind, ...]:
    return tuple(MaterialKind(code) for code in codes)
